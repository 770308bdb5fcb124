//! The event feed. A use case changes its rows and appends its events in one transaction; history, live
//! updates, statistics and indexes are readers of this one feed, each with its own saved position.
//!
//! On PostgreSQL commits land out of order, so an event keeps its transaction id and a reader takes, in the
//! order (transaction, id), only events of transactions that every later snapshot must see. On SQLite there
//! is one writer: the transaction id is 0 and the row id alone orders.
use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::FromRow;
use tokio_util::sync::CancellationToken;

use super::database::{Conn, Db, Rows, StoreError, Tx};
use super::live::{Pace, Wake};
use super::time::Instant;
use crate::on;

/// Who did something, as written in the feed: never a name or an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// Sportello itself: acknowledgements, rules, clocks.
    System,
    /// A signed-in user, by row id.
    User(i64),
    /// A citizen, through any channel.
    Citizen,
    /// A referent on a token page or by mail, by row id of the leg.
    Leg(i64),
    /// A program with an API token, by row id of the token.
    Token(i64),
    /// A rule of automation, by row id of its run.
    Rule(i64),
}

impl Actor {
    /// The stored form: `system`, `citizen`, `user:12`, `leg:3`, `token:4`, `rule:5`.
    pub fn to_text(&self) -> String {
        match self {
            Self::System => "system".to_owned(),
            Self::Citizen => "citizen".to_owned(),
            Self::User(id) => format!("user:{id}"),
            Self::Leg(id) => format!("leg:{id}"),
            Self::Token(id) => format!("token:{id}"),
            Self::Rule(id) => format!("rule:{id}"),
        }
    }

    /// Reads the stored form; what it cannot read is the system's.
    pub fn from_text(text: &str) -> Self {
        let with_id = |make: fn(i64) -> Self, id: &str| id.parse().map_or(Self::System, make);
        match text.split_once(':') {
            Some(("user", id)) => with_id(Self::User, id),
            Some(("leg", id)) => with_id(Self::Leg, id),
            Some(("token", id)) => with_id(Self::Token, id),
            Some(("rule", id)) => with_id(Self::Rule, id),
            _ if text == "citizen" => Self::Citizen,
            _ => Self::System,
        }
    }
}

/// An event about to be appended. `data` holds ids, codes and states: no personal data.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// Dotted name, such as `ticket.opened`; names never change once released.
    pub kind: &'static str,
    /// The ticket it belongs to, if any.
    pub ticket: Option<i64>,
    /// Who caused it.
    pub actor: Actor,
    /// What readers need, as JSON.
    pub data: Value,
}

/// An event as read from the feed.
#[derive(Debug, Clone, FromRow)]
pub struct Event {
    pub id: i64,
    pub txid: i64,
    pub at: Instant,
    pub kind: String,
    #[sqlx(rename = "ticket_id")]
    pub ticket: Option<i64>,
    pub actor: String,
    /// JSON text; see [`Event::data`].
    #[sqlx(rename = "data")]
    pub raw: String,
}

impl Event {
    /// The payload; `null` when it is not JSON, which only another program could have written.
    pub fn data(&self) -> Value {
        serde_json::from_str(&self.raw).unwrap_or(Value::Null)
    }

    /// The payload as a type; `None` when it is of another shape.
    pub fn payload<T: for<'a> Deserialize<'a>>(&self) -> Option<T> {
        serde_json::from_str(&self.raw).ok()
    }

    /// Where a reader stands after this event.
    pub fn position(&self) -> Position {
        Position { txid: self.txid, id: self.id }
    }
}

/// How far a reader has read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, FromRow)]
pub struct Position {
    pub txid: i64,
    pub id: i64,
}

/// Appends events to the feed, in the transaction of the change they tell.
///
/// # Errors
/// When the database refuses.
pub async fn append(tx: &mut Tx, at: Instant, events: &[NewEvent]) -> Result<(), StoreError> {
    rows(at, events).insert(tx).await
}

/// Events as rows of the feed, for a change that is stored as rows.
pub fn rows(at: Instant, events: &[NewEvent]) -> Rows {
    let mut rows = Rows::of("events", &["at", "kind", "ticket_id", "actor", "data"]);
    for event in events {
        let (actor, data) = (event.actor.to_text(), event.data.to_string());
        rows.push([at.into(), event.kind.into(), event.ticket.into(), actor.into(), data.into()]);
    }
    rows
}

/// The events after `position` that no reader can have missed, oldest first, at most `limit`.
///
/// # Errors
/// When the database cannot be read.
pub async fn after(conn: &mut Conn, position: Position, limit: i64) -> Result<Vec<Event>, StoreError> {
    let sql = conn.pick(
        // One writer: the row id alone orders, and SQLite seeks by it where a pair would make it scan.
        "SELECT id, txid, at, kind, ticket_id, actor, data FROM events
         WHERE id > $2 AND txid >= $1 ORDER BY id LIMIT $3",
        "SELECT id, txid, at, kind, ticket_id, actor, data FROM events
         WHERE (txid, id) > ($1, $2) AND txid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
         ORDER BY txid, id LIMIT $3",
    );
    Ok(on!(conn, c => sqlx::query_as::<_, Event>(sql)
        .bind(position.txid).bind(position.id).bind(limit).fetch_all(c).await)?)
}

/// Where the feed ends now, for readers that only want what comes next.
///
/// # Errors
/// When the database cannot be read.
pub async fn end(conn: &mut Conn) -> Result<Position, StoreError> {
    let sql = conn.pick(
        "SELECT txid, id FROM events ORDER BY id DESC LIMIT 1",
        "SELECT txid, id FROM events
         WHERE txid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
         ORDER BY txid DESC, id DESC LIMIT 1",
    );
    let last = on!(conn, c => sqlx::query_as::<_, Position>(sql).fetch_optional(c).await)?;
    Ok(last.unwrap_or_default())
}

/// The events of one ticket, oldest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_ticket(conn: &mut Conn, ticket: i64) -> Result<Vec<Event>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Event>(
        "SELECT id, txid, at, kind, ticket_id, actor, data FROM events WHERE ticket_id = $1 ORDER BY id LIMIT 2000")
        .bind(ticket).fetch_all(c).await)?)
}

/// A reader whose work lands in the database: its rows and its position move in one transaction, so each
/// event counts exactly once however many nodes run it.
#[async_trait]
pub trait Reader: Send + Sync + 'static {
    /// The name its position is saved under.
    fn name(&self) -> &'static str;

    /// Applies a batch.
    async fn apply(&self, tx: &mut Tx, events: &[Event]) -> Result<(), StoreError>;
}

const BATCH: i64 = 1000;
/// How long a woken reader waits for the rest of a burst of commits, to read it as one batch, and how far apart it
/// reads while bursts do not end.
const BURST: Duration = Duration::from_millis(30);
const DISTANCE: Duration = Duration::from_millis(150);

/// When a woken reader of the feed looks at it.
pub const fn pace() -> Pace {
    Pace::new(BURST, DISTANCE)
}

/// Reads one batch for `reader`; answers how many events it applied.
///
/// # Errors
/// When the database refuses; the position is then unchanged.
pub async fn step(db: &Db, reader: std::sync::Arc<dyn Reader>) -> Result<usize, StoreError> {
    let name = reader.name();
    let mut conn = db.read().await?;
    let known = saved(&mut conn, name).await?;
    if after(&mut conn, known.unwrap_or_default(), 1).await?.is_empty() {
        return Ok(0);
    }
    drop(conn);
    db.write_derived(move |tx| {
        Box::pin(async move {
            // The locked row is what keeps two nodes from applying the same batch.
            let sql = tx.pick(
                "SELECT txid, id FROM feed_positions WHERE reader = $1",
                "SELECT txid, id FROM feed_positions WHERE reader = $1 FOR UPDATE",
            );
            on!(tx, c => sqlx::query("INSERT INTO feed_positions (reader, txid, id) VALUES ($1, 0, 0) ON CONFLICT DO NOTHING")
                .bind(name).execute(c).await.map(drop))?;
            let position = on!(tx, c => sqlx::query_as::<_, Position>(sql).bind(name).fetch_one(c).await)?;
            let events = after(tx, position, BATCH).await?;
            let Some(last) = events.last() else { return Ok(0) };
            reader.apply(tx, &events).await?;
            let position = last.position();
            on!(tx, c => sqlx::query("UPDATE feed_positions SET txid = $2, id = $3 WHERE reader = $1")
                .bind(name).bind(position.txid).bind(position.id).execute(c).await.map(drop))?;
            Ok(events.len())
        })
    })
    .await
}

async fn saved(conn: &mut Conn, reader: &str) -> Result<Option<Position>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Position>("SELECT txid, id FROM feed_positions WHERE reader = $1")
        .bind(reader).fetch_optional(c).await)?)
}

/// For each reader that has started, when the oldest event happened that it has not read; `None` when it has
/// read all.
///
/// # Errors
/// When the database cannot be read.
pub async fn lags(conn: &mut Conn) -> Result<Vec<(String, Option<Instant>)>, StoreError> {
    let sql = conn.pick(
        "SELECT p.reader, (SELECT e.at FROM events e WHERE e.id > p.id ORDER BY e.id LIMIT 1)
         FROM feed_positions p ORDER BY p.reader",
        "SELECT p.reader,
                (SELECT e.at FROM events e WHERE (e.txid, e.id) > (p.txid, p.id) ORDER BY e.txid, e.id LIMIT 1)
         FROM feed_positions p ORDER BY p.reader",
    );
    Ok(on!(conn, c => sqlx::query_as::<_, (String, Option<Instant>)>(sql).fetch_all(c).await)?)
}

/// Runs a reader until `stop`: woken by commits, with a slow poll beneath.
pub async fn run(db: Db, wake: Wake, reader: std::sync::Arc<dyn Reader>, stop: CancellationToken) {
    let mut pace = pace();
    loop {
        let woken = wake.next();
        match step(&db, reader.clone()).await {
            Ok(0) => {
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = woken => pace.rest().await,
                    () = tokio::time::sleep(Duration::from_secs(1)) => {}
                }
            }
            Ok(_) => {}
            Err(e) => {
                tracing::warn!(reader = reader.name(), "feed reader {} stopped for a while: {e}", reader.name());
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = tokio::time::sleep(Duration::from_secs(2)) => {}
                }
            }
        }
        if stop.is_cancelled() {
            return;
        }
    }
}
