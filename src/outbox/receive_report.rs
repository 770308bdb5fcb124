use channels::pec::{Entry, State, ledger};
use channels::{Action, DeliveryReport, RecipientReport, ReportKind};

use super::store::{self, NewReceipt, OutboxRow, ReceiptRow};
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
    /// What it says of the recipient.
    pub action: Action,
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
    let mut receipts = store::receipts_counted(tx, row.id).await?;
    if let Some(receipt) = &report.receipt {
        if !keep(tx, &row, &receipts, receipt, &report.words, raw, now).await? {
            return Ok(true);
        }
        receipts = store::receipts_counted(tx, row.id).await?;
    }
    let told = match told_by_receipts(&row, &receipts) {
        // Nothing prevails over a legal delivery, and a receipt counts only together with the others.
        Some(entry) if entry.state == State::Delivered || report.receipt.is_some() => by_ledger(entry, &row),
        _ => by_report(report, &row),
    };
    let Some(told) = told.filter(|t| t.news || t.state != row.state || t.words != row.last_error) else {
        return Ok(true);
    };
    store::set_reported(tx, row.id, told.state, &told.words, now).await?;
    // Better words for what is known already are no event.
    if told.state != row.state || told.event == DELAYED {
        events::append(tx, now, &[event(&row, told.event, Actor::System)]).await?;
    }
    Ok(true)
}

const DELAYED: &str = "outbox.delayed";

/// Where a row is to stand.
struct Told {
    state: &'static str,
    words: String,
    event: &'static str,
    /// Whether it counts although state and words are what they were: copies were left out before.
    news: bool,
}

impl Told {
    const fn new(state: &'static str, words: String, event: &'static str) -> Self {
        Self { state, words, event, news: false }
    }
}

/// Keeps a receipt; `false` for a copy of one that is kept. Without a date of its own, what it says tells copies.
async fn keep(
    tx: &mut Tx,
    row: &OutboxRow,
    kept: &[ReceiptRow],
    receipt: &Receipt,
    words: &str,
    raw: i64,
    now: Instant,
) -> Result<bool, StoreError> {
    let same = |r: &ReceiptRow| r.name == receipt.name && r.action == receipt.action.as_str() && r.words == words;
    if receipt.at.is_none() && kept.iter().any(same) {
        return Ok(false);
    }
    let at = receipt.at.unwrap_or(now);
    let new = NewReceipt { outbox: row.id, name: &receipt.name, at, action: receipt.action, words, raw };
    store::insert_receipt(tx, &new).await
}

/// Where the receipts of a certified message, all together, say that it stands; `None` when there are none, or
/// only reports of other channels.
fn told_by_receipts(row: &OutboxRow, receipts: &[ReceiptRow]) -> Option<Entry> {
    let report = |receipt: &ReceiptRow| DeliveryReport {
        name: receipt.name.clone(),
        at: Some(receipt.at.timestamp()),
        // One row has one recipient: whatever address the provider writes, it speaks of this one.
        recipients: vec![RecipientReport {
            recipient: row.recipient.clone(),
            original_recipient: None,
            action: receipt.action.parse().unwrap_or(Action::Delayed),
            status: None,
            diagnostic: Some(receipt.words.clone()).filter(|w| !w.is_empty()),
            remote_mta: None,
        }],
        ..DeliveryReport::new(ReportKind::Receipt)
    };
    let reports: Vec<DeliveryReport> = receipts.iter().map(report).collect();
    ledger(&reports).into_values().next()
}

fn by_ledger(entry: Entry, row: &OutboxRow) -> Option<Told> {
    let words = entry.reason.unwrap_or_default();
    match (entry.state, row.state.as_str()) {
        // A person gave the message up.
        (_, "cancelled" | "queued") => None,
        (State::Delivered, _) => Some(Told::new("delivered", String::new(), "outbox.delivered")),
        (State::Failed | State::Refused | State::Infected, _) => Some(Told::new("failed", words, "outbox.bounced")),
        (State::Warning, "sent") => Some(Told::new("sent", words, DELAYED)),
        // A provider took charge: nothing is known of the recipient yet.
        (State::Warning | State::Accepted | State::AcceptedOnly, _) => None,
    }
}

fn by_report(report: &Report, row: &OutboxRow) -> Option<Told> {
    let words = report.words.clone();
    match (report.reported, row.state.as_str()) {
        // A failure counts whatever came before: a relay may have said "delivered" too early.
        (Reported::Failed, "pending" | "sent" | "delivered") => Some(Told::new("failed", words, "outbox.bounced")),
        (Reported::Delayed, "sent") => {
            Some(Told { news: report.receipt.is_some(), ..Told::new("sent", words, DELAYED) })
        }
        // It may arrive before the provider's answer to the sending was written down.
        (Reported::Delivered, "sent" | "pending") => Some(Told::new("delivered", String::new(), "outbox.delivered")),
        // Said before, or about a message that a person gave up.
        _ => None,
    }
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
