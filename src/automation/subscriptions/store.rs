//! SQL of subscriptions and their deliveries.
use sqlx::FromRow;

use super::model::Subscription;
use crate::kernel::database::{Conn, StoreError, Tx};
use crate::kernel::time::Instant;
use crate::on;

macro_rules! subscription_sql {
    ($rest:literal) => {
        concat!(
            "SELECT id, name, url, secret, kinds, category, unit, shows, enabled, failing_since, suspended_at, last_error,
                    version, created_at FROM event_subscriptions ",
            $rest
        )
    };
}

/// All subscriptions, by name.
pub async fn all(conn: &mut Conn) -> Result<Vec<Subscription>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Subscription>(subscription_sql!("ORDER BY name")).fetch_all(c).await)?)
}

/// A subscription by name.
pub async fn by_name(conn: &mut Conn, name: &str) -> Result<Option<Subscription>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Subscription>(subscription_sql!("WHERE name = $1"))
        .bind(name).fetch_optional(c).await)?)
}

/// A subscription by row id.
pub async fn by_id(conn: &mut Conn, id: i64) -> Result<Option<Subscription>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Subscription>(subscription_sql!("WHERE id = $1"))
        .bind(id).fetch_optional(c).await)?)
}

/// Stores a new subscription; `None` when the name is taken.
pub async fn insert(tx: &mut Tx, s: &Subscription, now: Instant) -> Result<Option<i64>, StoreError> {
    Ok(on!(tx, c => sqlx::query_scalar::<_, i64>(
        "INSERT INTO event_subscriptions (name, url, secret, kinds, category, unit, shows, enabled, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING RETURNING id")
        .bind(&s.name).bind(&s.url).bind(&s.secret).bind(&s.kinds).bind(&s.category).bind(&s.unit).bind(&s.shows)
        .bind(s.enabled).bind(now).fetch_optional(c).await)?)
}

/// Changes a subscription made on a version, and takes it out of suspension; `false` when another version is there.
pub async fn update(tx: &mut Tx, s: &Subscription) -> Result<bool, StoreError> {
    let rows = on!(tx, c => sqlx::query(
        "UPDATE event_subscriptions SET url = $3, secret = $4, kinds = $5, category = $6, unit = $7, shows = $8,
            enabled = $9, failing_since = NULL, suspended_at = NULL, last_error = '', version = version + 1
         WHERE id = $1 AND version = $2")
        .bind(s.id).bind(s.version).bind(&s.url).bind(&s.secret).bind(&s.kinds).bind(&s.category).bind(&s.unit)
        .bind(&s.shows).bind(s.enabled).execute(c).await?.rows_affected());
    Ok(rows == 1)
}

/// How many subscriptions are suspended.
pub async fn suspended(conn: &mut Conn) -> Result<i64, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>(
        "SELECT COUNT(*) FROM event_subscriptions WHERE suspended_at IS NOT NULL AND enabled").fetch_one(c).await)?)
}

/// What of a ticket a delivery may tell.
#[derive(Debug, Clone, FromRow)]
pub struct TicketRow {
    pub code: String,
    pub state: String,
    pub subject: String,
    pub channel: String,
    pub person_id: Option<i64>,
    pub category: Option<String>,
    pub owner: String,
}

/// A ticket by row id.
pub async fn ticket(conn: &mut Conn, id: i64) -> Result<Option<TicketRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, TicketRow>(
        "SELECT t.code, t.state, t.subject, t.channel, t.person_id, k.slug AS category, u.slug AS owner
         FROM tickets t JOIN units u ON u.id = t.owner_unit_id LEFT JOIN categories k ON k.id = t.category_id
         WHERE t.id = $1").bind(id).fetch_optional(c).await)?)
}

/// Slug of a unit.
pub async fn unit_slug(conn: &mut Conn, id: i64) -> Result<Option<String>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, String>("SELECT slug FROM units WHERE id = $1")
        .bind(id).fetch_optional(c).await)?)
}

/// The words of a contact of a ticket that is no internal note.
pub async fn contact_text(conn: &mut Conn, ticket: i64, contact: i64) -> Result<Option<String>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, String>(
        "SELECT body FROM contacts WHERE id = $1 AND ticket_id = $2 AND direction <> 'note'")
        .bind(contact).bind(ticket).fetch_optional(c).await)?)
}

/// Writes a delivery, once for each event.
pub async fn insert_delivery(
    tx: &mut Tx,
    subscription: i64,
    event: i64,
    kind: &str,
    payload: &str,
    now: Instant,
) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "INSERT INTO event_deliveries (subscription_id, event_id, kind, payload, state, run_at, created_at)
         VALUES ($1, $2, $3, $4, 'pending', $5, $5) ON CONFLICT DO NOTHING")
        .bind(subscription).bind(event).bind(kind).bind(payload).bind(now).execute(c).await.map(drop))?;
    Ok(())
}

/// A delivery as stored.
#[derive(Debug, Clone, FromRow)]
pub struct Delivery {
    pub id: i64,
    pub subscription_id: i64,
    pub kind: String,
    pub payload: String,
    pub state: String,
    pub attempts: i64,
    pub status: i64,
    pub words: String,
    pub millis: i64,
    pub created_at: Instant,
    pub settled_at: Option<Instant>,
}

macro_rules! columns {
    () => {
        "id, subscription_id, kind, payload, state, attempts, status, words, millis, created_at, settled_at"
    };
}

/// Whether a delivery is due of a subscription that works.
pub async fn any_due(conn: &mut Conn, now: Instant) -> Result<bool, StoreError> {
    let found = on!(conn, c => sqlx::query_scalar::<_, i64>(
        "SELECT d.id FROM event_deliveries d JOIN event_subscriptions s ON s.id = d.subscription_id
         WHERE d.state = 'pending' AND d.run_at <= $1 AND (d.leased_until IS NULL OR d.leased_until < $1)
           AND s.enabled AND s.suspended_at IS NULL ORDER BY d.run_at, d.id LIMIT 1")
        .bind(now).fetch_optional(c).await)?;
    Ok(found.is_some())
}

/// Takes due deliveries for `holder` until an instant and counts the attempt.
pub async fn lease(
    tx: &mut Tx,
    holder: &str,
    now: Instant,
    until: Instant,
    limit: i64,
) -> Result<Vec<Delivery>, StoreError> {
    let sql = tx.pick(
        concat!(
            "UPDATE event_deliveries SET leased_by = $1, leased_until = $2, attempts = attempts + 1 WHERE id IN (
               SELECT d.id FROM event_deliveries d JOIN event_subscriptions s ON s.id = d.subscription_id
               WHERE d.state = 'pending' AND d.run_at <= $3 AND (d.leased_until IS NULL OR d.leased_until < $3)
                 AND s.enabled AND s.suspended_at IS NULL ORDER BY d.run_at, d.id LIMIT $4) RETURNING ",
            columns!()
        ),
        concat!(
            "UPDATE event_deliveries SET leased_by = $1, leased_until = $2, attempts = attempts + 1 WHERE id IN (
               SELECT d.id FROM event_deliveries d JOIN event_subscriptions s ON s.id = d.subscription_id
               WHERE d.state = 'pending' AND d.run_at <= $3 AND (d.leased_until IS NULL OR d.leased_until < $3)
                 AND s.enabled AND s.suspended_at IS NULL ORDER BY d.run_at, d.id LIMIT $4
               FOR UPDATE OF d SKIP LOCKED) RETURNING ",
            columns!()
        ),
    );
    let mut rows = on!(tx, c => sqlx::query_as::<_, Delivery>(sql)
        .bind(holder).bind(until).bind(now).bind(limit).fetch_all(c).await)?;
    rows.sort_by_key(|row| row.id);
    Ok(rows)
}

/// What is written after an attempt.
#[derive(Debug, Clone)]
pub struct Settled {
    pub state: &'static str,
    pub status: i64,
    pub words: String,
    pub millis: i64,
    /// When it is tried again.
    pub run_at: Instant,
    pub now: Instant,
}

/// Writes the outcome of an attempt; `false` when the delivery is no longer in its hands.
pub async fn settle(tx: &mut Tx, row: &Delivery, holder: &str, s: &Settled) -> Result<bool, StoreError> {
    let rows = on!(tx, c => sqlx::query(
        "UPDATE event_deliveries SET state = $4, status = $5, words = $6, millis = $7, run_at = $8, leased_by = NULL,
            leased_until = NULL, settled_at = CASE WHEN $4 = 'pending' THEN NULL ELSE $9 END
         WHERE id = $1 AND leased_by = $2 AND attempts = $3 AND state = 'pending'")
        .bind(row.id).bind(holder).bind(row.attempts).bind(s.state).bind(s.status).bind(&s.words).bind(s.millis)
        .bind(s.run_at).bind(s.now).execute(c).await?.rows_affected());
    Ok(rows == 1)
}

/// Notes that a subscription took something.
pub async fn taken(tx: &mut Tx, id: i64) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "UPDATE event_subscriptions SET failing_since = NULL, last_error = ''
         WHERE id = $1 AND (failing_since IS NOT NULL OR last_error <> '')").bind(id).execute(c).await.map(drop))?;
    Ok(())
}

/// Notes that it did not, and suspends it when that has gone on since before an instant; answers whether it did now.
pub async fn not_taken(tx: &mut Tx, id: i64, words: &str, now: Instant, since: Instant) -> Result<bool, StoreError> {
    on!(tx, c => sqlx::query(
        "UPDATE event_subscriptions SET failing_since = COALESCE(failing_since, $2), last_error = $3 WHERE id = $1")
        .bind(id).bind(now).bind(words).execute(c).await.map(drop))?;
    let rows = on!(tx, c => sqlx::query(
        "UPDATE event_subscriptions SET suspended_at = $2 WHERE id = $1 AND suspended_at IS NULL AND failing_since < $3")
        .bind(id).bind(now).bind(since).execute(c).await?.rows_affected());
    Ok(rows == 1)
}

/// Makes a delivery due once more; `false` when there is none, or somebody has it in hand.
pub async fn again(tx: &mut Tx, id: i64, now: Instant) -> Result<bool, StoreError> {
    let rows = on!(tx, c => sqlx::query(
        "UPDATE event_deliveries SET state = 'pending', attempts = 0, run_at = $2, settled_at = NULL
         WHERE id = $1 AND (leased_until IS NULL OR leased_until < $2)")
        .bind(id).bind(now).execute(c).await?.rows_affected());
    Ok(rows == 1)
}

/// The latest deliveries of a subscription, newest first.
pub async fn deliveries(conn: &mut Conn, subscription: i64, limit: i64) -> Result<Vec<Delivery>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Delivery>(
        concat!("SELECT ", columns!(), " FROM event_deliveries WHERE subscription_id = $1 ORDER BY id DESC LIMIT $2"))
        .bind(subscription).bind(limit).fetch_all(c).await)?)
}
