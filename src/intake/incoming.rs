use crate::classification::store::Answered;
use crate::kernel::events::Actor;
use crate::kernel::time::Instant;
use crate::people::{Evidence, Identifier};
use crate::tickets::store::{StoredFile, UsedSheet};
use crate::tickets::{Channel, RequestKind};

/// One contact from outside, whatever the channel, parsed and with its files stored.
#[derive(Debug, Clone)]
pub struct Incoming {
    pub channel: Channel,
    pub raw: RawSource,
    /// How the sender can be recognised, the best first.
    pub identifiers: Vec<Identifier>,
    /// What stands behind them.
    pub evidence: Evidence,
    pub name: String,
    pub from_address: String,
    pub to_address: String,
    pub subject: String,
    pub text: String,
    /// History quoted below the text.
    pub quoted: String,
    /// Sanitised HTML; `cid:` pictures are rewritten to attachment addresses by [`super::Intake::take_in`].
    pub html: Option<String>,
    pub files: Vec<StoredFile>,
    /// What to know of how it was read: names separated by spaces.
    pub notices: String,
    /// What was found on its pages, if it is a scanned letter.
    pub paper: Option<channels::Paper>,
    /// Why it looks automatic, if it does.
    pub automatic: Option<String>,
    /// Message-ID without angle brackets.
    pub message_id: Option<String>,
    /// Names one touch over several accounts; `None` when the raw item's name is enough.
    pub dedupe_key: Option<String>,
    pub thread: ThreadHints,
    pub kind: RequestKind,
    pub category_id: Option<i64>,
    /// What the category asked for, and the answers.
    pub answered: Option<Answered>,
    /// The sheet from which it was written, as it was then.
    pub sheet: Option<UsedSheet>,
    pub owner_unit_id: i64,
    /// Whether a new ticket may go on to the competent unit at once: requests of the web form.
    pub forwards: bool,
    /// Agent who registers it on behalf of somebody; the ticket is then theirs.
    pub registered_by: Option<i64>,
    pub language: String,
    pub happened_at: Instant,
    pub actor: Actor,
}

impl Incoming {
    /// Whether it can share its statements with others: it opens a ticket whatever else comes in, and all that
    /// could tie it to another contact of the same moment is its one identifier.
    pub fn is_plain(&self) -> bool {
        matches!(self.raw, RawSource::Fresh { .. })
            && self.thread == ThreadHints::default()
            && self.identifiers.len() <= 1
            && self.files.is_empty()
            && self.message_id.is_none()
            && self.dedupe_key.is_none()
            && self.answered.is_none()
            && self.sheet.is_none()
    }
}

/// Where the raw bytes are.
#[derive(Debug, Clone)]
pub enum RawSource {
    /// Stored before by a receiver; this is its row.
    Stored(i64),
    /// As [`RawSource::Stored`], but more contacts of the same row follow.
    OneOfMany(i64),
    /// Several rows that together are one contact; never empty.
    Joined(Vec<i64>),
    /// To be stored with the contact, in one transaction.
    Fresh { account: String, external_id: String, body: Option<Vec<u8>>, blob: Option<String>, size: i64 },
}

impl RawSource {
    /// Account and name under which it is stored with its contact, if it is.
    pub fn name(&self) -> Option<(&str, &str)> {
        match self {
            Self::Fresh { account, external_id, .. } => Some((account, external_id)),
            Self::Stored(_) | Self::OneOfMany(_) | Self::Joined(_) => None,
        }
    }

    /// The stored rows that are done once the contact exists.
    pub fn stored(&self) -> &[i64] {
        match self {
            Self::Stored(id) => std::slice::from_ref(id),
            Self::Joined(ids) => ids,
            Self::OneOfMany(_) | Self::Fresh { .. } => &[],
        }
    }
}

/// What may say which ticket a contact belongs to, in the order in which it counts (I13).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ThreadHints {
    /// Tracking code and leg number from an address token or a signed link that was verified.
    pub proven: Option<(String, Option<i64>)>,
    /// Message-IDs it answers, best first.
    pub message_ids: Vec<String>,
    /// Name of the conversation in the sender's own system, as an id that counts like a foreign Message-ID.
    pub conversation: Option<String>,
    /// Further ids under which it is known: those that providers of certified mail give it.
    pub aliases: Vec<String>,
    /// Codes in the subject: they count only for participants (C9).
    pub subject_codes: Vec<String>,
    /// Number of the leg that stands behind the first of them.
    pub subject_leg: Option<i64>,
    /// The sender's own number for it, as their register gives it (`segnatura.xml`).
    pub protocol: Option<String>,
}
