//! From a message that was read to a contact: who wrote it, which words are new, what may say where it belongs.
use channels::email::automatic::is_robot;
use channels::{Attachment, AutomaticReason, ChannelKind, CodeEvidence, FileNote, Inbound, Placement};
use sha2::{Digest, Sha256};

use crate::intake::store::RawRow;
use crate::intake::{Incoming, IntakeError, RawSource, ThreadHints, files};
use crate::kernel::Kernel;
use crate::kernel::codes::TrackingCode;
use crate::kernel::events::Actor;
use crate::kernel::language::Language;
use crate::network::ways::codes::protocol_number;
use crate::outbox::MailAddresses;
use crate::people::{Evidence, Identifier};
use crate::tickets;
use crate::tickets::files::Note;
use crate::tickets::store::StoredFile;
use crate::tickets::{Channel, RequestKind};

/// The contact of a message that came in these raw items; its files are stored on the way.
///
/// # Errors
/// When the blob store refuses a file.
pub async fn incoming(
    kernel: &Kernel,
    addresses: &MailAddresses,
    raw: &RawRow,
    inbound: Inbound,
    source: RawSource,
    headers_only: bool,
    owner_unit_id: i64,
) -> Result<Incoming, IntakeError> {
    let mut thread = hints(addresses, &inbound);
    if inbound.channel == ChannelKind::Voicemail
        && let Some(number) = inbound.from.as_ref().and_then(|from| Identifier::phone(&from.address).ok())
    {
        // Who speaks after we called back in vain goes on with what they wanted then.
        let mut conn = kernel.db.read().await?;
        thread.proven = tickets::store::not_reached(&mut conn, &number.value).await?.map(|code| (code, None));
    }
    let mut stored = Vec::with_capacity(inbound.attachments.len());
    for file in &inbound.attachments {
        stored.push(store_file(kernel, file).await?);
    }
    let default_language = Language::from_tag(&kernel.config.desk.language).unwrap_or(Language::Italian);
    // Robots that pass on what a person wrote in a form name that person in Reply-To. For everybody else From
    // counts: it is the address whose owner an answer may tell about earlier requests.
    let sender = match (&inbound.from, &inbound.reply_to) {
        (Some(from), Some(person)) if is_robot(&from.address) => Some(person),
        (None, Some(person)) => Some(person),
        (from, _) => from.as_ref(),
    };
    let from_address = sender.map(|a| clean(&a.address)).unwrap_or_default();
    let (mut text, mut quoted) = (clean(&inbound.reply_text), clean(&inbound.quoted));
    if text.trim().is_empty() && !quoted.trim().is_empty() {
        // Passed on without a word: what is quoted is what they have to say.
        (text, quoted) = (clean(&inbound.text), String::new());
    }
    if headers_only {
        let megabytes = raw.size / (1 << 20);
        text = default_language
            .text_with("mail-too-large", &[("megabytes", megabytes.to_string()), ("mailbox", raw.account.clone())]);
    }
    if text.trim().is_empty() && !stored.is_empty() {
        // A recording or a page that no program could read: the list must say what it is.
        let key = match inbound.channel {
            ChannelKind::Voicemail => "arrived-voicemail",
            ChannelKind::Fax => "arrived-fax",
            ChannelKind::Letter => "arrived-letter",
            _ => "arrived-files",
        };
        text = default_language.text_with(key, &[("from", from_address.clone())]);
    }
    let language = guess_language(&text).unwrap_or(default_language);
    Ok(Incoming {
        channel: channel(inbound.channel),
        raw: source,
        evidence: Evidence::Vouched,
        notices: notices(&inbound),
        paper: inbound.paper.clone().filter(|_| inbound.channel == ChannelKind::Letter),
        identifiers: if from_address.is_empty() { Vec::new() } else { vec![Identifier::guess(&from_address)] },
        name: sender.and_then(|a| a.name.as_deref()).map(clean).unwrap_or_default(),
        from_address,
        to_address: inbound.to.iter().map(|a| clean(&a.address)).collect::<Vec<_>>().join(", "),
        subject: clean(&inbound.topic),
        text,
        quoted,
        html: inbound.html.as_deref().map(clean),
        files: stored,
        automatic: inbound.automatic.map(|reason| reason.as_str().to_owned()),
        message_id: Some(clean(&inbound.message_id)),
        dedupe_key: Some(dedupe_key(&inbound, &raw.account)),
        thread,
        kind: RequestKind::Information,
        answered: None,
        sheet: None,
        category_id: None,
        owner_unit_id,
        forwards: false,
        registered_by: None,
        language: language.as_str().to_owned(),
        happened_at: raw.received_at,
        actor: Actor::Citizen,
    })
}

async fn store_file(kernel: &Kernel, file: &Attachment) -> Result<StoredFile, IntakeError> {
    let inline = file.placement == Placement::Inline;
    let content_id = file.content_id.as_deref().map(clean);
    let media_type = clean(&file.media_type);
    let stored = files::store(kernel, &file.name, &media_type, file.bytes.clone(), content_id, inline).await?;
    let note = file.note.as_ref().map(|note| match note {
        FileNote::Signed => Note::Signed,
        FileNote::TakenFrom(name) => Note::TakenFrom(files::safe_name(name)),
        FileNote::Unreadable => Note::Unreadable,
    });
    Ok(StoredFile { note: note.map(|n| n.to_text()).unwrap_or_default(), ..stored })
}

/// What the person who reads the contact should know of how it came.
fn notices(inbound: &Inbound) -> String {
    let certified = inbound.certified.as_ref().filter(|c| c.signature.is_verified()).map(|_| "certified");
    let noticed = inbound.notices.iter().map(|notice| notice.as_str());
    let mut names: Vec<&str> = certified.into_iter().chain(noticed).collect();
    names.dedup();
    names.join(" ")
}

/// The channel of a ticket for a channel of messages.
const fn channel(kind: ChannelKind) -> Channel {
    match kind {
        ChannelKind::Phone => Channel::Phone,
        ChannelKind::Voicemail => Channel::Voicemail,
        ChannelKind::Email => Channel::Email,
        ChannelKind::Pec => Channel::Pec,
        ChannelKind::Sms => Channel::Sms,
        ChannelKind::Fax => Channel::Fax,
        ChannelKind::Letter => Channel::Letter,
        ChannelKind::WebForm => Channel::Web,
        ChannelKind::Counter => Channel::Counter,
    }
}

/// One name for the same mail in however many mailboxes it came, and for another mail another name, even when
/// a broken program gives both one Message-ID. Elsewhere an account names its own messages.
fn dedupe_key(inbound: &Inbound, account: &str) -> String {
    if !matches!(inbound.channel, ChannelKind::Email | ChannelKind::Pec) {
        return format!("{}:{account}:{}", inbound.channel, clean(&inbound.external_id));
    }
    let from = inbound.from.as_ref().map(|a| a.address.to_lowercase()).unwrap_or_default();
    let sent = inbound.sent_at.map(|at| at.as_second().to_string()).unwrap_or_default();
    let mut hash = Sha256::new();
    for part in [&inbound.message_id, &from, &sent, &inbound.content_digest] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    format!("mail:{}", data_encoding::HEXLOWER.encode(&hash.finalize()))
}

/// Codes of one subject that are looked up: more than anybody writes, fewer than would burden the database.
const SUBJECT_CODES: usize = 8;

fn hints(addresses: &MailAddresses, inbound: &Inbound) -> ThreadHints {
    let mut message_ids: Vec<String> = inbound.thread_ids().into_iter().map(clean).collect();
    if inbound.automatic == Some(AutomaticReason::OwnLoop) {
        // Our own mail that came back belongs where it was sent from.
        message_ids.push(clean(&inbound.message_id));
    }
    let codes =
        inbound.subject_codes.iter().filter_map(|found| TrackingCode::parse(&found.code).ok()).take(SUBJECT_CODES);
    // The symbol stands only on paper that we printed.
    let printed = inbound.paper.iter().flat_map(|paper| &paper.codes);
    let printed = printed.filter(|found| found.evidence == CodeEvidence::Symbol).find_map(|found| {
        let code = TrackingCode::parse(&found.code.code).ok()?;
        Some((code.as_str().to_owned(), found.code.leg.map(i64::from)))
    });
    ThreadHints {
        proven: inbound.tokens.iter().find_map(|token| addresses.read_token(token)).or(printed),
        message_ids,
        aliases: aliases(inbound),
        conversation: inbound.thread_index.as_ref().map(|index| format!("conversation:{index}")),
        subject_codes: codes.map(|code| code.as_str().to_owned()).collect(),
        subject_leg: inbound.subject_codes.iter().find_map(|found| found.leg).map(i64::from),
        protocol: protocol(inbound),
    }
}

/// The number that a body's register gave certified mail: in its signature file, else in its subject.
fn protocol(inbound: &Inbound) -> Option<String> {
    let name = |a: &&channels::Attachment| a.name.to_ascii_lowercase().ends_with("segnatura.xml");
    let filed = inbound.attachments.iter().find(name).and_then(|a| channels::pec::registration_number(&a.bytes));
    filed.or_else(|| protocol_number(&inbound.subject)).map(clean)
}

/// Ids that a provider whose signature holds gives a message: whoever answers may quote its envelope.
fn aliases(inbound: &Inbound) -> Vec<String> {
    let envelope = inbound.certified.as_ref().filter(|c| c.signature.is_verified()).map(|c| c.envelope_id.clone());
    let ids = super::reports::signed_ids(inbound).into_iter().chain(envelope);
    ids.map(clean).filter(|id| *id != inbound.message_id).collect()
}

/// PostgreSQL cannot store this character in a text.
pub fn clean(text: impl AsRef<str>) -> String {
    text.as_ref().replace('\0', "")
}

/// Words that are frequent in one of our languages and none in the other.
const ITALIAN: &[&str] = &[
    "il",
    "lo",
    "la",
    "gli",
    "di",
    "che",
    "per",
    "del",
    "della",
    "con",
    "sono",
    "buongiorno",
    "salve",
    "grazie",
    "vorrei",
    "una",
    "è",
    "non",
    "mi",
    "saluti",
    "cordiali",
    "ho",
    "questo",
];
const ENGLISH: &[&str] = &[
    "the", "and", "is", "are", "to", "of", "you", "my", "please", "thank", "thanks", "hello", "dear", "would", "have",
    "with", "this", "not", "regards", "for", "can",
];

/// The language of a text, when its frequent words say so.
fn guess_language(text: &str) -> Option<Language> {
    let (mut italian, mut english) = (0, 0);
    for word in text.split(|c: char| !c.is_alphabetic()).filter(|w| !w.is_empty()).take(300) {
        let word = word.to_lowercase();
        italian += i32::from(ITALIAN.contains(&word.as_str()));
        english += i32::from(ENGLISH.contains(&word.as_str()));
    }
    match italian - english {
        2.. => Some(Language::Italian),
        ..=-2 => Some(Language::English),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_told_by_frequent_words_and_left_open_otherwise() {
        let italian = "Buongiorno, vorrei sapere gli orari dell'ufficio. Grazie e cordiali saluti";
        assert_eq!(guess_language(italian), Some(Language::Italian));
        assert_eq!(guess_language("Hello, can you please tell me the opening hours?"), Some(Language::English));
        assert_eq!(guess_language("Carta d'identita"), None);
    }
}
