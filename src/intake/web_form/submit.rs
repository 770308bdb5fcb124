//! From an accepted form to a contact.
use bytes::Bytes;

use crate::classification::store::Answered;
use crate::intake::incoming::RawSource;
use crate::intake::{Incoming, Intake, IntakeError, TakenIn, ThreadHints, store as raw_store};
use crate::kernel::blobs::digest;
use crate::kernel::events::Actor;
use crate::kernel::language::Language;
use crate::people::{Evidence, Identifier};
use crate::tickets::store::{StoredFile, UsedSheet};
use crate::tickets::{Channel, RequestKind};

/// Who wrote a form.
#[derive(Debug, Clone, Default)]
pub enum Writer {
    #[default]
    Citizen,
    /// An agent, together with the citizen, who stands by or is on the telephone.
    Agent { channel: Channel, user: Option<i64>, actor: Actor, unit: i64 },
}

/// What to know of a contact that an agent wrote down with the citizen.
pub const ASSISTED: &str = "assisted";

/// The same of one whose writer wants notices by text message.
pub const SMS_ASKED: &str = "sms_asked";

/// What a form hands to intake.
#[derive(Debug)]
pub struct Submission {
    /// `web`, `web-track` or `public-api`.
    pub account: &'static str,
    pub external_id: String,
    /// The request as it came, for the record.
    pub raw: Bytes,
    pub kind: RequestKind,
    pub category_id: Option<i64>,
    /// What the category asked for, and the answers.
    pub answered: Option<Answered>,
    /// The sheet from which it was written.
    pub sheet: Option<UsedSheet>,
    /// Empty: made from the text.
    pub subject: String,
    pub text: String,
    pub name: String,
    pub identifiers: Vec<Identifier>,
    /// Where answers go.
    pub from_address: String,
    pub files: Vec<StoredFile>,
    pub language: Language,
    /// Tracking code of a ticket that the sender proved to be theirs.
    pub proven: Option<String>,
    /// Why nobody needs to look at it, if so.
    pub automatic: Option<String>,
    pub writer: Writer,
    /// Whether they want notices by text message.
    pub sms_notices: bool,
}

/// The name of a form's request: its stamp and what it says. The same form sent twice is one request; the
/// form changed and sent again after "back" is another, and not lost.
pub fn external_id(form: &str, parts: &[&str], files: &[StoredFile]) -> String {
    let mut all = Vec::new();
    for part in parts.iter().copied().chain(files.iter().map(|f| f.blob.as_str())) {
        all.extend_from_slice(part.as_bytes());
        all.push(0);
    }
    format!("{form}-{}", &digest(&all)[..16])
}

/// Takes a submission in.
///
/// # Errors
/// When a store refuses; nothing was taken in then.
pub async fn submit(intake: &Intake, new: Submission) -> Result<TakenIn, IntakeError> {
    let kernel = intake.kernel();
    let size = i64::try_from(new.raw.len()).unwrap_or(i64::MAX);
    let (body, blob) = if new.raw.len() <= raw_store::INLINE_BYTES {
        (Some(new.raw.to_vec()), None)
    } else {
        (None, Some(kernel.blobs.put(new.raw).await?))
    };
    let entry = intake.unit(&kernel.config.desk.entry_unit).await?;
    let (channel, evidence, notices, registered_by, owner_unit_id, actor) = match new.writer {
        Writer::Citizen => (Channel::Web, Evidence::Typed, String::new(), None, entry, Actor::Citizen),
        Writer::Agent { channel, user, actor, unit } => {
            (channel, Evidence::Vouched, ASSISTED.to_owned(), user, unit, actor)
        }
    };
    let asked = if new.sms_notices { SMS_ASKED } else { "" };
    let notices = format!("{notices} {asked}").trim().to_owned();
    let incoming = Incoming {
        channel,
        raw: RawSource::Fresh { account: new.account.to_owned(), external_id: new.external_id, body, blob, size },
        identifiers: new.identifiers,
        evidence,
        notices,
        paper: None,
        name: new.name,
        from_address: new.from_address,
        to_address: String::new(),
        subject: new.subject,
        text: new.text,
        quoted: String::new(),
        html: None,
        files: new.files,
        automatic: new.automatic,
        message_id: None,
        dedupe_key: None,
        thread: ThreadHints { proven: new.proven.map(|code| (code, None)), ..ThreadHints::default() },
        kind: new.kind,
        category_id: new.category_id,
        answered: new.answered,
        sheet: new.sheet,
        owner_unit_id,
        forwards: true,
        registered_by,
        language: new.language.as_str().to_owned(),
        happened_at: kernel.now(),
        actor,
    };
    intake.take_in(incoming).await
}
