//! The legal receipts of a message.
use channels::Action;
use sqlx::FromRow;

use crate::kernel::database::{Conn, StoreError, Tx};
use crate::kernel::time::Instant;
use crate::on;

/// A legal receipt of a message.
#[derive(Debug, Clone, FromRow)]
pub struct ReceiptRow {
    pub outbox_id: i64,
    /// What the provider calls it.
    pub name: String,
    /// By the provider's clock.
    pub at: Instant,
    pub words: String,
    pub raw_id: i64,
    /// Stored name of an [`Action`].
    pub action: String,
}

/// A receipt to be kept.
#[derive(Debug, Clone, Copy)]
pub struct NewReceipt<'a> {
    pub outbox: i64,
    pub name: &'a str,
    pub at: Instant,
    pub action: Action,
    pub words: &'a str,
    pub raw: i64,
}

/// Adds a receipt to those of a message; `false` for a copy of one that is there. Of two that have name and date in
/// common the one that says worse stays, so that the order in which they come does not count.
pub async fn insert_receipt(tx: &mut Tx, new: &NewReceipt<'_>) -> Result<bool, StoreError> {
    let rows = on!(tx, c => sqlx::query(
        "INSERT INTO receipts (outbox_id, name, at, action, words, raw_id) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (outbox_id, name, at) DO UPDATE
            SET action = excluded.action, words = excluded.words, raw_id = excluded.raw_id
            WHERE (excluded.action, excluded.words) > (receipts.action, receipts.words)")
        .bind(new.outbox).bind(new.name).bind(new.at).bind(new.action.as_str()).bind(new.words).bind(new.raw)
        .execute(c).await?.rows_affected());
    Ok(rows > 0)
}

/// What is sent again has receipts of its own: those of the first sending say nothing about the second.
pub(super) async fn begin_again(tx: &mut Tx, outbox: i64) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("UPDATE receipts SET earlier_sending = TRUE WHERE outbox_id = $1")
        .bind(outbox).execute(c).await.map(drop))?;
    Ok(())
}

/// The receipts of the last sending of a message.
pub async fn receipts_counted(conn: &mut Conn, outbox: i64) -> Result<Vec<ReceiptRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, ReceiptRow>(
        "SELECT outbox_id, name, at, words, raw_id, action FROM receipts
         WHERE outbox_id = $1 AND NOT earlier_sending ORDER BY at, id LIMIT 1000")
        .bind(outbox).fetch_all(c).await)?)
}

/// The receipts of all messages of a ticket, in the order of the providers' clocks.
pub async fn receipts_of_ticket(conn: &mut Conn, ticket: i64) -> Result<Vec<ReceiptRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, ReceiptRow>(
        "SELECT r.outbox_id, r.name, r.at, r.words, r.raw_id, r.action FROM receipts r JOIN outbox o ON o.id = r.outbox_id
         WHERE o.ticket_id = $1 ORDER BY r.at, r.id LIMIT 1000")
        .bind(ticket).fetch_all(c).await)?)
}
