//! SQL of letters to be printed and posted.
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use utoipa::ToSchema;

use crate::kernel::database::{Conn, StoreError, Tx};
use crate::kernel::time::Instant;
use crate::on;

/// Which letters a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Shelf {
    /// Not printed yet, the oldest first.
    #[default]
    Print,
    /// Printed and not posted, the oldest first.
    Post,
    /// Posted, the newest first.
    Posted,
}

impl Shelf {
    /// Every list, in the order of the tabs.
    pub const ALL: [Self; 3] = [Self::Print, Self::Post, Self::Posted];

    /// The name in addresses and message keys.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Print => "print",
            Self::Post => "post",
            Self::Posted => "posted",
        }
    }
}

/// A letter that goes out.
#[derive(Debug, Clone, FromRow)]
pub struct Printing {
    /// Row id in the outbox.
    pub id: i64,
    /// `queued` until it is posted, then `sent`; `cancelled` when it was withdrawn.
    pub state: String,
    pub recipient: String,
    /// JSON of the message, which has the address.
    pub payload: String,
    /// Code of the ticket; empty without one.
    pub code: String,
    pub blob: String,
    /// Pages.
    pub sheets: i64,
    pub queued_at: Instant,
    pub printed_at: Option<Instant>,
    pub times: i64,
    pub posted_at: Option<Instant>,
    pub posted_by: String,
    pub tracking: String,
}

impl Printing {
    /// Postal address, a line each.
    pub fn address(&self) -> String {
        let payload: serde_json::Value = serde_json::from_str(&self.payload).unwrap_or_default();
        payload["recipient_address"].as_str().unwrap_or_default().to_owned()
    }
}

macro_rules! printing_sql {
    ($rest:literal) => {
        concat!(
            "SELECT o.id, o.state, o.recipient, o.payload, COALESCE(t.code, '') AS code, p.blob, p.sheets, p.queued_at,
                    p.printed_at, p.times, p.posted_at, COALESCE(u.name, '') AS posted_by, p.tracking
             FROM printings p JOIN outbox o ON o.id = p.outbox_id LEFT JOIN tickets t ON t.id = o.ticket_id
             LEFT JOIN users u ON u.id = p.posted_by ",
            $rest
        )
    };
}

/// Keeps the pages of a letter that waits from now on.
pub async fn insert(
    tx: &mut Tx,
    outbox: i64,
    blob: &str,
    sheets: i64,
    printed: Option<Instant>,
    now: Instant,
) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "INSERT INTO printings (outbox_id, blob, sheets, queued_at, printed_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (outbox_id) DO UPDATE SET blob = excluded.blob, sheets = excluded.sheets,
            queued_at = excluded.queued_at, printed_at = excluded.printed_at")
        .bind(outbox).bind(blob).bind(sheets).bind(now).bind(printed).execute(c).await.map(drop))?;
    Ok(())
}

/// Letters of a list.
pub async fn list(conn: &mut Conn, shelf: Shelf, limit: i64) -> Result<Vec<Printing>, StoreError> {
    let sql = match shelf {
        Shelf::Print => {
            printing_sql!(
                "WHERE o.state = 'queued' AND p.posted_at IS NULL AND p.printed_at IS NULL ORDER BY o.id LIMIT $1"
            )
        }
        Shelf::Post => printing_sql!(
            "WHERE o.state = 'queued' AND p.posted_at IS NULL AND p.printed_at IS NOT NULL ORDER BY o.id LIMIT $1"
        ),
        Shelf::Posted => {
            printing_sql!("WHERE p.posted_at IS NOT NULL ORDER BY p.posted_at DESC, o.id DESC LIMIT $1")
        }
    };
    Ok(on!(conn, c => sqlx::query_as::<_, Printing>(sql).bind(limit).fetch_all(c).await)?)
}

/// How many wait to be printed, how many to be posted, and how many of both since before an instant.
pub async fn counts(conn: &mut Conn, before: Instant) -> Result<(i64, i64, i64), StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, (i64, i64, i64)>(
        "SELECT COUNT(CASE WHEN p.printed_at IS NULL THEN 1 END), COUNT(CASE WHEN p.printed_at IS NOT NULL THEN 1 END),
                COUNT(CASE WHEN p.queued_at < $1 THEN 1 END)
         FROM printings p JOIN outbox o ON o.id = p.outbox_id WHERE p.posted_at IS NULL AND o.state = 'queued'")
        .bind(before).fetch_one(c).await)?)
}

/// A letter by its row id in the outbox.
pub async fn by_id(conn: &mut Conn, id: i64) -> Result<Option<Printing>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Printing>(printing_sql!("WHERE o.id = $1"))
        .bind(id).fetch_optional(c).await)?)
}

/// Notes when a letter was taken to the printer, or puts it back among those to be printed.
pub async fn set_printed(tx: &mut Tx, id: i64, at: Option<Instant>) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("UPDATE printings SET printed_at = $2, times = times + $3 WHERE outbox_id = $1")
        .bind(id).bind(at).bind(i64::from(at.is_some())).execute(c).await.map(drop))?;
    Ok(())
}

/// Notes that a letter was posted, and moves its row; `false` when it does not wait.
pub async fn posted(
    tx: &mut Tx,
    id: i64,
    user: Option<i64>,
    tracking: &str,
    note: &str,
    now: Instant,
) -> Result<bool, StoreError> {
    let rows = on!(tx, c => sqlx::query(
        "UPDATE outbox SET state = 'sent', settled_at = $2, provider_note = $3 WHERE id = $1 AND state = 'queued'")
        .bind(id).bind(now).bind(note).execute(c).await?.rows_affected());
    if rows != 1 {
        return Ok(false);
    }
    on!(tx, c => sqlx::query(
        "UPDATE printings SET posted_at = $2, posted_by = $3, tracking = $4, printed_at = COALESCE(printed_at, $2)
         WHERE outbox_id = $1")
        .bind(id).bind(now).bind(user).bind(tracking).execute(c).await.map(drop))?;
    Ok(true)
}
