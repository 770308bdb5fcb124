//! What the composer starts with: a draft, and whom an answer goes to.
use channels::ChannelKind;

use crate::kernel::Kernel;
use crate::kernel::database::{Conn, StoreError};
use crate::kernel::language::Language;
use crate::kernel::page::Page;
use crate::kernel::permissions::Principal;
use crate::kernel::problem::Problem;
use crate::kernel::time::Instant;
use crate::outbox::SenderAccount;
use crate::outbox::wording::{self, Carrier, Part};
use crate::tickets::drafts;
use crate::tickets::pages::words;
use crate::tickets::store::{ContactRow, ReachedRow, StoredFile};
use crate::tickets::view::TicketView;

/// A file that a refused form had brought.
#[derive(Debug)]
pub struct Kept {
    pub word: String,
    pub name: String,
    pub size: String,
}

/// What the composer shows.
#[derive(Debug, Default)]
pub struct Composer {
    /// `reply` or `note`.
    pub kind: String,
    pub reply: String,
    pub note: String,
    pub sheet: String,
    /// `email`, `phone`, `counter` or `account:<name>`; empty for what suits the ticket best.
    pub way: String,
    /// What a refused form had as the address for an account.
    pub to: String,
    /// `stay`, `wait`, `resolve` or `close`.
    pub then: String,
    pub outcome: String,
    pub files: Vec<StoredFile>,
}

/// The composer with the drafts of a user.
///
/// # Errors
/// When the database cannot be read.
pub async fn from_drafts(kernel: &Kernel, who: &Principal, ticket: i64) -> Result<Composer, Problem> {
    let mut composer = Composer::default();
    let mut newest = Instant(i64::MIN);
    for draft in drafts::read(kernel, who, ticket).await? {
        if draft.updated_at > newest {
            newest = draft.updated_at;
            composer.kind.clone_from(&draft.kind);
        }
        match draft.kind.as_str() {
            "note" => composer.note = draft.body,
            _ => composer.reply = draft.body,
        }
    }
    Ok(composer)
}

/// Where an answer by mail would go: the address of the last message, else the person's.
pub fn mail_address(view: &TicketView, last: Option<&ContactRow>) -> String {
    last.and_then(|l| crate::people::Identifier::email(&l.from_address).ok())
        .map(|i| i.raw)
        .or_else(|| view.person.as_ref().and_then(|p| p.first("email")).map(str::to_owned))
        .unwrap_or_default()
}

/// A channel account by which the answer may leave.
#[derive(Debug)]
pub struct AccountWay {
    /// Name of the account, in field names and ids.
    pub name: String,
    pub label: String,
    pub hint: String,
    /// `tel`, `email`, or `postal` for a letter.
    pub kind: &'static str,
    /// Number or address, filled in when one is known.
    pub to: String,
    pub checked: bool,
    /// Whether the length of the text matters.
    pub counted: bool,
    pub around: AroundText,
}

/// What stands around an answer on its way, in the language of whoever is answered.
#[derive(Debug, Clone, Default)]
pub struct AroundText {
    /// What the composer begins with when a sheet is put into it.
    pub greeting: String,
    /// What is added below when it leaves.
    pub signature: String,
}

impl AroundText {
    /// The texts of a carrier.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn read(
        conn: &mut Conn,
        carrier: Carrier,
        language: Language,
        values: &[(&str, String)],
    ) -> Result<Self, StoreError> {
        let name = values.iter().find(|(n, _)| *n == "name").map(|(_, v)| v.clone()).unwrap_or_default();
        Ok(Self {
            greeting: wording::salutation(conn, carrier, language, &name).await?,
            signature: wording::text(conn, Part::Signature, carrier, language, values).await?,
        })
    }
}

/// The accounts by which this ticket can be answered, with the addresses that are known.
pub fn account_ways(
    page: &Page,
    senders: &[SenderAccount],
    composer: &Composer,
    known: &Known<'_>,
    around: &[(Carrier, AroundText)],
) -> Vec<AccountWay> {
    let way = |sender: &SenderAccount| {
        let checked = composer.way == format!("account:{}", sender.name);
        let channel = sender.kind.as_str();
        AccountWay {
            label: page.t2("desk-way-account", "channel", words::channel(page, channel), "account", &sender.name),
            hint: hint(page, sender),
            kind: match sender.kind {
                ChannelKind::Letter => "postal",
                ChannelKind::Email | ChannelKind::Pec => "email",
                _ => "tel",
            },
            to: if checked && !composer.to.is_empty() { composer.to.clone() } else { known.address(sender.kind) },
            counted: sender.kind == ChannelKind::Sms,
            around: Carrier::of(sender.kind)
                .and_then(|c| around.iter().find(|(carrier, _)| *carrier == c))
                .map(|(_, text)| text.clone())
                .unwrap_or_default(),
            checked,
            name: sender.name.clone(),
        }
    };
    senders.iter().map(way).collect()
}

/// What to know before writing by an account, its limits among it.
fn hint(page: &Page, sender: &SenderAccount) -> String {
    let key = format!("desk-way-hint-{}", sender.kind.as_str());
    let limits = &sender.limits;
    let limit = match sender.kind {
        ChannelKind::Sms => limits.segments,
        ChannelKind::Pec => limits.megabytes,
        ChannelKind::Fax => limits.pages,
        _ => None,
    };
    page.t1(&key, "most", limit.unwrap_or_default())
}

/// What is known of how a citizen can be reached.
#[derive(Debug)]
pub struct Known<'a> {
    pub view: &'a TicketView,
    pub last: Option<&'a ContactRow>,
    /// The last contact by each channel, whatever the ticket.
    pub reached: &'a [ReachedRow],
}

impl Known<'_> {
    /// The address the citizen used last on a channel, else one the person has.
    fn address(&self, kind: ChannelKind) -> String {
        if let Some(last) = self.last.filter(|l| l.channel == kind.as_str() && !l.from_address.is_empty()) {
            return on_envelope(kind, &last.from_name, &last.from_address);
        }
        let reached = self.reached.iter().find(|r| r.channel == kind.as_str());
        if let Some(row) = reached {
            // What we sent bears its lines already; who wrote has a name and an address.
            return match row.direction.as_str() {
                "out" => row.to_address.clone(),
                _ => on_envelope(kind, &row.from_name, &row.from_address),
            };
        }
        let person = self.view.person.as_ref();
        let first = |identifier: &str| person.and_then(|p| p.first(identifier)).map(str::to_owned);
        match kind {
            ChannelKind::Sms => first("phone"),
            ChannelKind::Email => first("email"),
            ChannelKind::Letter => person.map(|p| p.person.name.clone()),
            _ => None,
        }
        .unwrap_or_default()
    }
}

/// A letter is addressed in lines: the name, then the address.
fn on_envelope(kind: ChannelKind, name: &str, address: &str) -> String {
    match kind {
        ChannelKind::Letter if !name.is_empty() => format!("{name}\n{address}"),
        _ => address.to_owned(),
    }
}
