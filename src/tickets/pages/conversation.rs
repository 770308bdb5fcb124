//! The contacts of a ticket as its page shows them.
use super::names::Names;
use super::words;
use crate::kernel::codes;
use crate::kernel::page::Page;
use crate::outbox::store::{OutboxRow, ReceiptRow};
use crate::registry::RegistrationRow;
use crate::tickets::files::Note;
use crate::tickets::view::{ContactView, TicketView};

/// One contact.
#[derive(Debug)]
pub struct Bubble {
    pub id: i64,
    /// `in`, `out` or `note`.
    pub kind: &'static str,
    pub icon: &'static str,
    pub who: String,
    pub channel: String,
    pub at: String,
    pub when: String,
    /// The sender's own HTML, sanitised at intake; empty when the text below is all there is.
    pub html: String,
    /// The text as paragraphs of lines.
    pub text: Vec<Vec<String>>,
    /// The history quoted below.
    pub quoted: Vec<Vec<String>>,
    pub files: Vec<File>,
    /// Whether it was a call: the telephone may have its recording.
    pub called: bool,
    /// Whether it looks automatic.
    pub automatic: bool,
    /// Whether it belongs to a referral leg: no citizen sees it.
    pub leg: bool,
    pub sent: Option<Sent>,
    /// What to know of how it was read: tone and text.
    pub notices: Vec<(&'static str, String)>,
    /// Address of the raw original, empty when there is none.
    pub original: String,
    /// Code of the ticket it came from, grouped; empty when it was always here.
    pub origin: String,
    /// Page and text of its registration; `None` when it has none.
    pub registered: Option<(String, String)>,
    /// Where it can be registered; empty when it is, or is no document.
    pub register: String,
}

/// An attachment.
#[derive(Debug)]
pub struct File {
    pub href: String,
    pub name: String,
    pub size: String,
    /// Shown as a picture right here.
    pub picture: bool,
    /// Played right here.
    pub sound: bool,
    /// Opens in the browser rather than being saved.
    pub opens: bool,
    /// What to know of it; empty for most.
    pub note: String,
}

/// What became of an outgoing message.
#[derive(Debug)]
pub struct Sent {
    /// Row id in the outbox.
    pub id: i64,
    /// Given up: somebody must send it again.
    pub failed: bool,
    /// `plain`, `good`, `warn` or `bad`.
    pub tone: &'static str,
    pub label: String,
    pub to: String,
    /// What the receiving server said, empty when nothing.
    pub said: String,
    /// Legal receipts, in the order of their providers' clocks.
    pub receipts: Vec<Receipt>,
}

/// A receipt with legal value.
#[derive(Debug)]
pub struct Receipt {
    pub label: String,
    pub at: String,
    pub when: String,
    pub words: String,
}

/// Types a browser shows without running anything in them.
pub fn opens_inline(media_type: &str) -> bool {
    is_picture(media_type) || is_sound(media_type) || matches!(media_type, "application/pdf" | "text/plain")
}

fn is_sound(media_type: &str) -> bool {
    matches!(media_type, "audio/wav" | "audio/mpeg" | "audio/ogg" | "audio/mp4" | "audio/flac")
}

fn is_picture(media_type: &str) -> bool {
    matches!(media_type, "image/jpeg" | "image/png" | "image/gif" | "image/webp" | "image/avif")
}

/// The contacts of a page, oldest first.
pub fn bubbles(page: &Page, names: &Names, view: &TicketView) -> Vec<Bubble> {
    let citizen = view.person.as_ref().map(|p| p.display_name()).unwrap_or_default();
    view.contacts.iter().map(|c| bubble(page, names, c, &citizen)).collect()
}

fn bubble(page: &Page, names: &Names, view: &ContactView, citizen: &str) -> Bubble {
    let contact = &view.contact;
    let kind = match contact.direction.as_str() {
        "in" => "in",
        "out" => "out",
        _ => "note",
    };
    let who = match (kind, contact.author_id) {
        ("in", _) if !contact.from_name.is_empty() => contact.from_name.clone(),
        ("in", _) if !contact.from_address.is_empty() && citizen.is_empty() => contact.from_address.clone(),
        ("in", _) => citizen.to_owned(),
        (_, Some(author)) => names.user(author),
        (_, None) => page.t("desk-by-system"),
    };
    let html = contact.html.clone().filter(|html| !html.trim().is_empty()).unwrap_or_default();
    let text = if html.is_empty() { words::paragraphs(&contact.body) } else { Vec::new() };
    // Pictures inside the text are shown there.
    let inside =
        |a: &crate::tickets::store::AttachmentRow| a.inline && html.contains(&format!("/scrivania/allegati/{}", a.id));
    let files = view
        .attachments
        .iter()
        .filter(|a| !inside(a))
        .map(|a| File {
            href: format!("/scrivania/allegati/{}", a.id),
            name: a.name.clone(),
            size: words::size(page, a.size),
            picture: is_picture(&a.media_type),
            sound: is_sound(&a.media_type),
            opens: opens_inline(&a.media_type),
            note: Note::words(page, &a.note),
        })
        .collect();
    // What is spoken leaves no document.
    let spoken = matches!(contact.channel.as_str(), "phone" | "voicemail" | "sms");
    let document = kind != "note" && contact.leg_id.is_none() && !spoken;
    Bubble {
        id: contact.id,
        kind,
        icon: words::channel_icon(&contact.channel),
        who,
        channel: words::channel(page, &contact.channel),
        at: contact.happened_at.rfc3339(),
        when: words::moment(page, &contact.happened_at),
        html,
        text,
        quoted: words::paragraphs(&contact.quoted),
        files,
        called: contact.channel == "phone" && contact.raw_id.is_some(),
        automatic: contact.automatic.is_some(),
        leg: contact.leg_id.is_some(),
        sent: view.sent.as_ref().map(|o| Sent { receipts: receipts(page, &view.receipts), ..sent(page, o) }),
        notices: contact.notices.split_whitespace().map(|name| notice(page, name)).collect(),
        registered: view.registration.as_ref().map(|r| registered(page, r)),
        register: if document && view.registration.is_none() {
            format!("/scrivania/contatti/{}/protocolla", contact.id)
        } else {
            String::new()
        },
        origin: view.origin.as_deref().map(codes::grouped).unwrap_or_default(),
        original: contact.raw_id.map(|_| format!("/scrivania/contatti/{}/originale", contact.id)).unwrap_or_default(),
    }
}

/// The sending state of a message.
pub fn sent(page: &Page, row: &OutboxRow) -> Sent {
    let (tone, key) = match row.state.as_str() {
        "pending" if row.attempts > 0 => ("warn", "desk-sent-retrying"),
        "pending" => ("plain", "desk-sent-pending"),
        "queued" => ("warn", "desk-sent-queued"),
        "sent" => ("good", "desk-sent-sent"),
        "delivered" => ("good", "desk-sent-delivered"),
        "cancelled" => ("plain", "desk-sent-cancelled"),
        _ => ("bad", "desk-sent-failed"),
    };
    let said = if row.last_error.is_empty() || matches!(row.state.as_str(), "sent" | "delivered") {
        &row.provider_note
    } else {
        &row.last_error
    };
    Sent {
        id: row.id,
        // Another system has no second address: it is tried again from the list of what leaves.
        failed: row.state == "failed" && !row.lane.starts_with("way:"),
        tone,
        label: page.t(key),
        to: row.recipient.clone(),
        said: said.clone(),
        receipts: Vec::new(),
    }
}

/// The receipts whose names have a text of their own.
const RECEIPTS: [&str; 7] = [
    "accettazione",
    "non-accettazione",
    "presa-in-carico",
    "avvenuta-consegna",
    "preavviso-errore-consegna",
    "errore-consegna",
    "rilevazione-virus",
];

pub(super) fn receipts(page: &Page, rows: &[ReceiptRow]) -> Vec<Receipt> {
    let receipt = |row: &ReceiptRow| Receipt {
        label: if RECEIPTS.contains(&row.name.as_str()) {
            page.t(&format!("receipt-{}", row.name))
        } else {
            row.name.clone()
        },
        at: row.at.rfc3339(),
        when: page.datetime(&row.at),
        words: row.words.clone(),
    };
    rows.iter().map(receipt).collect()
}

fn registered(page: &Page, row: &RegistrationRow) -> (String, String) {
    let number = format!("{}/{}", row.number, row.year);
    let text = page.t2("registry-tag", "number", number, "day", row.written_day());
    (format!("/scrivania/protocollo/{}", row.id), text)
}

fn notice(page: &Page, name: &str) -> (&'static str, String) {
    let tone = match name {
        "certified" => "good",
        "signature_unverified" | "not_certified" => "warn",
        _ => "plain",
    };
    (tone, page.t(&format!("contact-notice-{}", name.replace('_', "-"))))
}
