use super::sender::{address, sender_on, subject};
use super::{QuarantineError, RIGHT, download, original};
use crate::intake::{Incoming, Intake, RawSource, TakenIn, ThreadHints, files};
use crate::kernel::language::Language;
use crate::kernel::permissions::Principal;
use crate::people::{Evidence, Identifier};
use crate::tickets::{Channel, RequestKind};

/// Opens a ticket for an item that no program can read, with its bytes as an attachment, in the hands of the
/// caller. Nobody is told: whether an answer is due is for that person to see. Answers the ticket's code.
///
/// # Errors
/// When the caller may not, or the item is not in quarantine.
pub async fn make_ticket(intake: &Intake, who: &Principal, id: i64) -> Result<String, QuarantineError> {
    who.require(RIGHT)?;
    let kernel = intake.kernel();
    let (raw, bytes) = download(kernel, who, id).await?;
    if raw.state != "quarantined" {
        return Err(QuarantineError::Gone);
    }
    let language = Language::from_tag(&kernel.config.desk.language).unwrap_or(Language::Italian);
    let from = sender_on(&raw.channel, &bytes);
    let (from_address, title) = match raw.channel.as_str() {
        "email" | "pec" => (address(&from).unwrap_or_default(), subject(&bytes)),
        // A number, or the address of a gateway's mail.
        _ => (address(&from).unwrap_or(from), String::new()),
    };
    let file = original(&raw, bytes);
    let name = if file.media_type == "message/rfc822" { "original.eml".to_owned() } else { file.name };
    let attached = files::store(kernel, &name, file.media_type, file.bytes, None, false).await?;
    let incoming = Incoming {
        channel: Channel::from_text(&raw.channel).unwrap_or(Channel::Email),
        raw: RawSource::Stored(raw.id),
        evidence: Evidence::Vouched,
        notices: String::new(),
        paper: None,
        identifiers: if from_address.is_empty() { Vec::new() } else { vec![Identifier::guess(&from_address)] },
        name: String::new(),
        from_address,
        to_address: String::new(),
        subject: if title.is_empty() { language.text("quarantine-ticket-subject") } else { title },
        text: language.text("quarantine-ticket-text"),
        quoted: String::new(),
        html: None,
        files: vec![attached],
        automatic: Some("quarantine".to_owned()),
        message_id: None,
        dedupe_key: None,
        thread: ThreadHints::default(),
        kind: RequestKind::Information,
        answered: None,
        sheet: None,
        category_id: None,
        owner_unit_id: intake.unit(&kernel.config.desk.entry_unit).await?,
        forwards: false,
        registered_by: who.user_id,
        language: language.as_str().to_owned(),
        happened_at: raw.received_at,
        actor: who.actor.clone(),
    };
    match intake.take_in(incoming).await? {
        TakenIn::Opened { code, .. }
        | TakenIn::Added { code, .. }
        | TakenIn::Seen { code, .. }
        | TakenIn::ForLeg { code, .. } => Ok(code),
    }
}
