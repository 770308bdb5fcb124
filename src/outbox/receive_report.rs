use super::store::{self, OutboxRow};
use super::worker::event;
use crate::kernel::database::{StoreError, Tx};
use crate::kernel::events::{self, Actor};
use crate::kernel::time::Instant;

/// What a receiving system says about a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reported {
    /// Something about its way, without consequence for us.
    #[default]
    Noted,
    /// It will not arrive.
    Failed,
    /// It has not arrived yet.
    Delayed,
    /// It arrived, or was passed on.
    Delivered,
}

/// A receipt that is kept for its legal value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// What the provider calls it (`avvenuta-consegna`).
    pub name: String,
    /// When it happened, by the provider's clock.
    pub at: Option<Instant>,
}

/// A report about a message that we sent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Row id, proven by the address the report came to.
    pub outbox: Option<i64>,
    /// Message-ID of the message, without angle brackets.
    pub message_id: Option<String>,
    /// Ids that a provider signed for it: from now on they stand for it too.
    pub known_as: Vec<String>,
    /// The lane that sent it, and the ids under which its provider may know it.
    pub lane: String,
    pub provider_ids: Vec<String>,
    /// When it is a legal receipt.
    pub receipt: Option<Receipt>,
    /// The recipient it speaks of.
    pub recipient: Option<String>,
    pub reported: Reported,
    /// The receiving system's words.
    pub words: String,
}

/// Moves the row a report is about; `false` when it is about nothing of ours. The ticket shows it, and neither
/// its state nor its owner changes.
///
/// # Errors
/// When the database refuses.
pub async fn receive_report(tx: &mut Tx, report: &Report, raw: i64, now: Instant) -> Result<bool, StoreError> {
    let Some(id) = find(tx, report).await? else { return Ok(false) };
    let Some(row) = store::lock(tx, id).await? else { return Ok(false) };
    if let Some(receipt) = &report.receipt {
        // Two copies of a receipt are one: the ledger does not depend on how often and in which order they come.
        let at = receipt.at.unwrap_or(now);
        store::insert_receipt(tx, row.id, &receipt.name, at, &report.words, raw).await?;
    }
    let (state, words, kind) = match (report.reported, row.state.as_str()) {
        // A failure counts whatever came before: a relay may have said "delivered" too early.
        (Reported::Failed, "pending" | "sent" | "delivered") => ("failed", report.words.as_str(), "outbox.bounced"),
        (Reported::Delayed, "sent") => ("sent", report.words.as_str(), "outbox.delayed"),
        // It may arrive before the provider's answer to the sending was written down.
        (Reported::Delivered, "sent" | "pending") => ("delivered", "", "outbox.delivered"),
        // Said before, or about a message that a person gave up.
        _ => return Ok(true),
    };
    store::set_reported(tx, row.id, state, words, now).await?;
    events::append(tx, now, &[event(&row, kind, Actor::System)]).await?;
    Ok(true)
}

/// The row by its bounce address or our own name for it, else by the provider's id, else by Message-ID; after a resending the recipient decides, then the newest.
async fn find(tx: &mut Tx, report: &Report) -> Result<Option<i64>, StoreError> {
    if let Some(id) = report.outbox {
        return Ok(Some(id));
    }
    for provider_id in &report.provider_ids {
        if let Some(id) = store::by_provider_id(tx, &report.lane, provider_id).await? {
            return Ok(Some(id));
        }
    }
    let Some(message_id) = &report.message_id else { return Ok(None) };
    let rows = store::by_message_id(tx, message_id).await?;
    let same = |row: &&OutboxRow| report.recipient.as_ref().is_some_and(|r| r.eq_ignore_ascii_case(&row.recipient));
    Ok(rows.iter().find(same).or(rows.first()).map(|row| row.id))
}
