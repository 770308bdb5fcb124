use super::store::{self, OutboxRow};
use super::worker::event;
use crate::kernel::database::{StoreError, Tx};
use crate::kernel::events::{self, Actor};
use crate::kernel::time::Instant;

/// What a receiving system says about a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reported {
    /// It will not arrive.
    Failed,
    /// It has not arrived yet.
    Delayed,
    /// It arrived, or was passed on.
    Delivered,
}

/// A report about a message that we sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Row id, proven by the address the report came to.
    pub outbox: Option<i64>,
    /// Message-ID of the message, without angle brackets.
    pub message_id: Option<String>,
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
pub async fn receive_report(tx: &mut Tx, report: &Report, now: Instant) -> Result<bool, StoreError> {
    let Some(id) = find(tx, report).await? else { return Ok(false) };
    let Some(row) = store::lock(tx, id).await? else { return Ok(false) };
    let (state, words, kind) = match (report.reported, row.state.as_str()) {
        // A failure counts whatever came before: a relay may have said "delivered" too early.
        (Reported::Failed, "pending" | "sent" | "delivered") => ("failed", report.words.as_str(), "outbox.bounced"),
        (Reported::Delayed, "sent") => ("sent", report.words.as_str(), "outbox.delayed"),
        (Reported::Delivered, "sent") => ("delivered", "", "outbox.delivered"),
        // Said before, or about a message that a person gave up.
        _ => return Ok(true),
    };
    store::set_reported(tx, row.id, state, words, now).await?;
    events::append(tx, now, &[event(&row, kind, Actor::System)]).await?;
    Ok(true)
}

/// The row by its bounce address, else by Message-ID; after a resending the recipient decides, then the newest.
async fn find(tx: &mut Tx, report: &Report) -> Result<Option<i64>, StoreError> {
    if let Some(id) = report.outbox {
        return Ok(Some(id));
    }
    let Some(message_id) = &report.message_id else { return Ok(None) };
    let rows = store::by_message_id(tx, message_id).await?;
    let same = |row: &&OutboxRow| report.recipient.as_ref().is_some_and(|r| r.eq_ignore_ascii_case(&row.recipient));
    Ok(rows.iter().find(same).or(rows.first()).map(|row| row.id))
}
