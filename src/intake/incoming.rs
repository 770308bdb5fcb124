use crate::kernel::events::Actor;
use crate::kernel::time::Instant;
use crate::people::{Evidence, Identifier};
use crate::tickets::store::StoredFile;
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
    /// Why it looks automatic, if it does.
    pub automatic: Option<String>,
    /// Message-ID without angle brackets.
    pub message_id: Option<String>,
    /// Names one touch over several accounts; `None` when the raw item's name is enough.
    pub dedupe_key: Option<String>,
    pub thread: ThreadHints,
    pub kind: RequestKind,
    pub category_id: Option<i64>,
    pub owner_unit_id: i64,
    /// Agent who registers it on behalf of somebody; the ticket is then theirs.
    pub registered_by: Option<i64>,
    pub language: String,
    pub happened_at: Instant,
    pub actor: Actor,
}

/// Where the raw bytes are.
#[derive(Debug, Clone)]
pub enum RawSource {
    /// Stored before by a receiver; this is its row.
    Stored(i64),
    /// To be stored with the contact, in one transaction.
    Fresh { account: String, external_id: String, body: Option<Vec<u8>>, blob: Option<String>, size: i64 },
}

/// What may say which ticket a contact belongs to, in the order in which it counts (I13).
#[derive(Debug, Clone, Default)]
pub struct ThreadHints {
    /// Tracking code and leg number from an address token or a signed link that was verified.
    pub proven: Option<(String, Option<i64>)>,
    /// Message-IDs it answers, best first.
    pub message_ids: Vec<String>,
    /// Name of the conversation in the sender's own system, as an id that counts like a foreign Message-ID.
    pub conversation: Option<String>,
    /// Codes in the subject: they count only for participants (C9).
    pub subject_codes: Vec<String>,
}
