//! SQL of legs and their tokens.
pub mod referents;

use std::collections::BTreeSet;

use sqlx::{AssertSqlSafe, FromRow};

use super::model::{Leg, LegKind, LegState};
use super::rules::DirectWords;
use crate::kernel::database::{Conn, StoreError, Tx};
use crate::kernel::time::Instant;
use crate::on;
use crate::tickets::store::{AttachmentRow, ContactRow, contact_sql};

/// Whether somebody reads what comes to a unit: an account that belongs to it or to one above it, or an operative
/// referent of either who can be told.
pub async fn has_referent(conn: &mut Conn, unit: i64, now: Instant) -> Result<bool, StoreError> {
    let found = on!(conn, c => sqlx::query_scalar::<_, i64>(
        "WITH RECURSIVE above (id, parent_id) AS (
            SELECT id, parent_id FROM units WHERE id = $1
            UNION
            SELECT u.id, u.parent_id FROM units u JOIN above a ON u.id = a.parent_id)
         SELECT a.id FROM above a
         WHERE EXISTS (SELECT 1 FROM user_units uu JOIN users s ON s.id = uu.user_id
                       WHERE uu.unit_id = a.id AND s.disabled_at IS NULL)
            OR EXISTS (SELECT 1 FROM referents r LEFT JOIN users s ON s.id = r.user_id
                       WHERE r.unit_id = a.id AND r.rank = 'operative' AND r.valid_from <= $2
                         AND (r.valid_to IS NULL OR r.valid_to > $2)
                         AND (r.email <> '' OR (s.id IS NOT NULL AND s.disabled_at IS NULL)))
         LIMIT 1").bind(unit).bind(now).fetch_optional(c).await)?;
    Ok(found.is_some())
}

macro_rules! leg_sql {
    ($rest:literal) => {
        concat!(
            "SELECT id, ticket_id, number, unit_id, kind, external, question, state, version, sent_by, sent_at,
                    answered_at, answer, reason, external_code, seen_at, accepted_at, accepted_by, referent_id, asked_at,
                    asks, asking_id, works_planned_at, works_done_at, suggested_unit_id, follows_id, keeps_informed,
                    refuse_until, due_at, reminders, remind_at FROM legs ",
            $rest
        )
    };
}

/// A leg by row id.
pub async fn leg(conn: &mut Conn, id: i64) -> Result<Option<Leg>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Leg>(leg_sql!("WHERE id = $1")).bind(id).fetch_optional(c).await)?)
}

/// A leg by ticket and number.
pub async fn leg_by_number(conn: &mut Conn, ticket: i64, number: i64) -> Result<Option<Leg>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Leg>(leg_sql!("WHERE ticket_id = $1 AND number = $2"))
        .bind(ticket).bind(number).fetch_optional(c).await)?)
}

/// The legs of a ticket, in the order they were sent.
pub async fn legs(conn: &mut Conn, ticket: i64) -> Result<Vec<Leg>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Leg>(leg_sql!("WHERE ticket_id = $1 ORDER BY number"))
        .bind(ticket).fetch_all(c).await)?)
}

/// The number the next leg of a ticket gets; the ticket must be locked.
pub async fn next_number(tx: &mut Tx, ticket: i64) -> Result<i64, StoreError> {
    Ok(on!(tx, c => sqlx::query_scalar::<_, i64>("SELECT COALESCE(MAX(number), 0) + 1 FROM legs WHERE ticket_id = $1")
        .bind(ticket).fetch_one(c).await)?)
}

/// A leg about to be sent.
#[derive(Debug, Clone)]
pub struct NewLeg {
    pub ticket_id: i64,
    pub number: i64,
    /// The unit that owns the ticket now.
    pub sender_unit_id: i64,
    pub unit_id: i64,
    pub kind: LegKind,
    pub external: bool,
    pub question: String,
    pub sent_by: Option<i64>,
    pub sent_at: Instant,
    /// The refused leg that it follows.
    pub follows_id: Option<i64>,
    pub refuse_until: Option<Instant>,
    pub due_at: Option<Instant>,
    pub remind_at: Option<Instant>,
}

/// A new leg in state sent; answers its row id.
pub async fn insert_leg(tx: &mut Tx, n: &NewLeg) -> Result<i64, StoreError> {
    Ok(on!(tx, c => sqlx::query_scalar::<_, i64>(
        "INSERT INTO legs (ticket_id, number, unit_id, kind, external, question, state, sent_by, sent_at, follows_id,
                           refuse_until, due_at, remind_at, sender_unit_id)
         VALUES ($1, $2, $3, $4, $5, $6, 'sent', $7, $8, $9, $10, $11, $12, $13) RETURNING id")
        .bind(n.ticket_id).bind(n.number).bind(n.unit_id).bind(n.kind.as_str()).bind(n.external).bind(&n.question)
        .bind(n.sent_by).bind(n.sent_at).bind(n.follows_id).bind(n.refuse_until).bind(n.due_at).bind(n.remind_at)
        .bind(n.sender_unit_id).fetch_one(c).await)?)
}

/// Saves what changes of a leg, with its next version.
pub async fn update_leg(tx: &mut Tx, leg: &Leg) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "UPDATE legs SET state = $2, answered_at = $3, answer = $4, reason = $5, external_code = $6, accepted_at = $7,
                accepted_by = $8, referent_id = $9, asked_at = $10, asks = $11, asking_id = $12, works_planned_at = $13,
                works_done_at = $14, suggested_unit_id = $15, keeps_informed = $16, due_at = $17, reminders = $18,
                remind_at = $19, version = version + 1
         WHERE id = $1")
        .bind(leg.id).bind(leg.state.as_str()).bind(leg.answered_at).bind(&leg.answer).bind(&leg.reason)
        .bind(&leg.external_code).bind(leg.accepted_at).bind(&leg.accepted_by).bind(leg.referent_id).bind(leg.asked_at)
        .bind(&leg.asks).bind(leg.asking_id).bind(leg.works_planned_at).bind(leg.works_done_at)
        .bind(leg.suggested_unit_id).bind(leg.keeps_informed).bind(leg.due_at).bind(leg.reminders).bind(leg.remind_at)
        .execute(c).await.map(drop))?;
    Ok(())
}

/// Notes when a leg was first seen; `false` when it was seen before.
pub async fn mark_seen(tx: &mut Tx, leg: i64, now: Instant) -> Result<bool, StoreError> {
    let rows = on!(tx, c => sqlx::query("UPDATE legs SET seen_at = $2 WHERE id = $1 AND seen_at IS NULL")
        .bind(leg).bind(now).execute(c).await?.rows_affected());
    Ok(rows == 1)
}

/// The code of a ticket.
pub async fn ticket_code(conn: &mut Conn, ticket: i64) -> Result<Option<String>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, String>("SELECT code FROM tickets WHERE id = $1")
        .bind(ticket).fetch_optional(c).await)?)
}

/// A token as stored.
#[derive(Debug, Clone, FromRow)]
pub struct TokenRow {
    pub leg_id: i64,
    pub expires_at: Instant,
    pub revoked_at: Option<Instant>,
}

/// Keeps the hash of a token.
pub async fn insert_token(tx: &mut Tx, hash: &str, leg: i64, now: Instant, expires: Instant) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("INSERT INTO leg_tokens (token_hash, leg_id, created_at, expires_at) VALUES ($1, $2, $3, $4)")
        .bind(hash).bind(leg).bind(now).bind(expires).execute(c).await.map(drop))?;
    Ok(())
}

/// A token by hash.
pub async fn token(conn: &mut Conn, hash: &str) -> Result<Option<TokenRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, TokenRow>(
        "SELECT leg_id, expires_at, revoked_at FROM leg_tokens WHERE token_hash = $1")
        .bind(hash).fetch_optional(c).await)?)
}

/// Revokes all tokens of a leg.
pub async fn revoke_tokens(tx: &mut Tx, leg: i64, now: Instant) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("UPDATE leg_tokens SET revoked_at = $2 WHERE leg_id = $1 AND revoked_at IS NULL")
        .bind(leg).bind(now).execute(c).await.map(drop))?;
    Ok(())
}

/// How many tokens a leg has had: numbers the mails that carry them.
pub async fn count_tokens(tx: &mut Tx, leg: i64) -> Result<i64, StoreError> {
    Ok(on!(tx, c => sqlx::query_scalar::<_, i64>("SELECT COUNT(*) FROM leg_tokens WHERE leg_id = $1")
        .bind(leg).fetch_one(c).await)?)
}

/// The citizen's first contact: the request itself, wherever it lies after a merge.
pub async fn request(conn: &mut Conn, ticket: i64) -> Result<Option<ContactRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, ContactRow>(
        contact_sql!(
            "WHERE ((ticket_id = $1 AND via_id IS NULL) OR via_id = $1) AND direction = 'in' AND leg_id IS NULL
             ORDER BY id LIMIT 1"))
        .bind(ticket).fetch_optional(c).await)?)
}

/// What units wrote about the legs of a ticket, oldest first.
pub async fn messages(conn: &mut Conn, ticket: i64) -> Result<Vec<ContactRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, ContactRow>(
        contact_sql!("WHERE leg_id IN (SELECT id FROM legs WHERE ticket_id = $1) ORDER BY id LIMIT 500"))
        .bind(ticket).fetch_all(c).await)?)
}

/// The files of a ticket's leg messages.
pub async fn message_files(conn: &mut Conn, ticket: i64) -> Result<Vec<AttachmentRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, AttachmentRow>(
        "SELECT a.id, a.contact_id, a.name, a.media_type, a.size, a.blob, a.content_id, a.inline, a.note
         FROM attachments a JOIN contacts k ON k.id = a.contact_id
         WHERE k.leg_id IN (SELECT id FROM legs WHERE ticket_id = $1) ORDER BY a.contact_id, a.position LIMIT 500")
        .bind(ticket).fetch_all(c).await)?)
}

/// The files of one contact.
pub async fn files_of(conn: &mut Conn, contact: i64) -> Result<Vec<AttachmentRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, AttachmentRow>(
        "SELECT id, contact_id, name, media_type, size, blob, content_id, inline, note FROM attachments
         WHERE contact_id = $1 ORDER BY position").bind(contact).fetch_all(c).await)?)
}

/// A leg in a referent's list.
#[derive(Debug, Clone, FromRow)]
pub struct ListedLeg {
    pub id: i64,
    pub code: String,
    pub number: i64,
    pub subject: String,
    pub unit_id: i64,
    #[sqlx(try_from = "String")]
    pub kind: LegKind,
    #[sqlx(try_from = "String")]
    pub state: LegState,
    pub sent_at: Instant,
}

/// The legs of some units after a place: those to answer first, oldest first; with `open` false those that
/// are over, newest first.
pub async fn listed(
    conn: &mut Conn,
    units: &BTreeSet<i64>,
    open: bool,
    after: (Instant, i64),
    limit: i64,
) -> Result<Vec<ListedLeg>, StoreError> {
    if units.is_empty() {
        return Ok(Vec::new());
    }
    let ids = units.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
    let (state, order) = if open {
        ("IN ('sent', 'accepted', 'asked') AND (l.sent_at, l.id) > ($1, $2)", "l.sent_at, l.id")
    } else {
        ("IN ('answered', 'returned', 'withdrawn') AND (l.sent_at, l.id) < ($1, $2)", "l.sent_at DESC, l.id DESC")
    };
    // The engines have no list parameter in common; the ids are numbers of ours.
    let sql = format!(
        "SELECT l.id, t.code, l.number, t.subject, l.unit_id, l.kind, l.state, l.sent_at
         FROM legs l JOIN tickets t ON t.id = l.ticket_id
         WHERE l.unit_id IN ({ids}) AND l.state {state} ORDER BY {order} LIMIT $3"
    );
    Ok(on!(conn, c => sqlx::query_as::<_, ListedLeg>(AssertSqlSafe(sql.clone()))
        .bind(after.0).bind(after.1).bind(limit).fetch_all(c).await)?)
}

/// Names that a leg's views show.
#[derive(Debug, Clone, FromRow)]
pub struct LegNames {
    pub leg_id: i64,
    pub unit: String,
    pub unit_en: String,
    pub agency: String,
    /// Empty when a program sent it.
    pub sender: String,
    /// The referent it was given to; may be empty.
    pub referent: String,
    /// The unit that a refusal suggests; may be empty.
    pub suggested: String,
}

/// The names around the legs of a ticket, in the order they were sent.
pub async fn leg_names(conn: &mut Conn, ticket: i64) -> Result<Vec<LegNames>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, LegNames>(
        // What is over keeps the name its unit had when it was sent.
        "SELECT l.id AS leg_id, COALESCE(v.name, u.name) AS unit, COALESCE(v.name_en, u.name_en) AS unit_en,
                a.name AS agency, COALESCE(s.name, '') AS sender,
                COALESCE(r.name, '') AS referent, COALESCE(g.name, '') AS suggested
         FROM legs l JOIN units u ON u.id = l.unit_id
         LEFT JOIN unit_versions v ON v.unit_id = l.unit_id AND l.state NOT IN ('sent', 'accepted', 'asked')
            AND v.from_at = (SELECT MAX(w.from_at) FROM unit_versions w WHERE w.unit_id = l.unit_id AND w.from_at <= l.sent_at)
         JOIN agencies a ON a.id = COALESCE(v.agency_id, u.agency_id)
         LEFT JOIN users s ON s.id = l.sent_by LEFT JOIN referents r ON r.id = l.referent_id
         LEFT JOIN units g ON g.id = l.suggested_unit_id WHERE l.ticket_id = $1 ORDER BY l.number")
        .bind(ticket).fetch_all(c).await)?)
}

/// The rules that were changed, by name.
pub async fn rules(conn: &mut Conn) -> Result<Vec<(String, i64)>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, (String, i64)>("SELECT name, value FROM leg_rules ORDER BY name")
        .fetch_all(c).await)?)
}

/// Changes a rule.
pub async fn set_rule(tx: &mut Tx, name: &str, value: i64, by: Option<i64>, now: Instant) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "INSERT INTO leg_rules (name, value, changed_at, changed_by) VALUES ($1, $2, $3, $4)
         ON CONFLICT (name) DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at,
            changed_by = excluded.changed_by")
        .bind(name).bind(value).bind(now).bind(by).execute(c).await.map(drop))?;
    Ok(())
}

/// What a competent unit may say to citizens about a category.
pub async fn direct_words(conn: &mut Conn, category: i64) -> Result<DirectWords, StoreError> {
    let found = on!(conn, c => sqlx::query_as::<_, DirectWords>(
        "SELECT answers, asks FROM category_direct_words WHERE category_id = $1")
        .bind(category).fetch_optional(c).await)?;
    Ok(found.unwrap_or_default())
}

/// Changes it for a category; `false` when there is none with this slug.
pub async fn set_direct_words(tx: &mut Tx, category: &str, words: DirectWords) -> Result<bool, StoreError> {
    let rows = on!(tx, c => sqlx::query(
        "INSERT INTO category_direct_words (category_id, answers, asks) SELECT id, $2, $3 FROM categories WHERE slug = $1
         ON CONFLICT (category_id) DO UPDATE SET answers = excluded.answers, asks = excluded.asks")
        .bind(category).bind(words.answers).bind(words.asks).execute(c).await?.rows_affected());
    Ok(rows == 1)
}

/// A category and what its competent unit may say to citizens.
#[derive(Debug, Clone, FromRow)]
pub struct CategoryWords {
    pub slug: String,
    pub name: String,
    pub name_en: String,
    pub answers: bool,
    pub asks: bool,
}

/// The categories that are in use, in their order, with what their competent units may say to citizens.
pub async fn category_words(conn: &mut Conn) -> Result<Vec<CategoryWords>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, CategoryWords>(
        "SELECT k.slug, k.name, k.name_en, COALESCE(d.answers, FALSE) AS answers, COALESCE(d.asks, FALSE) AS asks
         FROM categories k LEFT JOIN category_direct_words d ON d.category_id = k.id
         WHERE k.retired_at IS NULL ORDER BY k.slug").fetch_all(c).await)?)
}

/// Notes that a contact was passed on to a leg's unit; `false` when it was before.
pub async fn insert_update(tx: &mut Tx, leg: i64, contact: i64, now: Instant) -> Result<bool, StoreError> {
    let rows = on!(tx, c => sqlx::query(
        "INSERT INTO leg_updates (leg_id, contact_id, told_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
        .bind(leg).bind(contact).bind(now).execute(c).await?.rows_affected());
    Ok(rows == 1)
}

/// What the citizen wrote since a leg was sent, as far as it was passed on, oldest first.
pub async fn updates(conn: &mut Conn, leg: i64) -> Result<Vec<ContactRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, ContactRow>(
        contact_sql!("WHERE id IN (SELECT contact_id FROM leg_updates WHERE leg_id = $1) ORDER BY id LIMIT 500"))
        .bind(leg).fetch_all(c).await)?)
}

/// Legs that wait at a unit, oldest first: row id, and the category of their ticket (0: none).
pub async fn waiting_at(conn: &mut Conn, unit: i64, limit: i64) -> Result<Vec<(i64, i64)>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, (i64, i64)>(
        "SELECT l.id, COALESCE(t.category_id, 0) FROM legs l JOIN tickets t ON t.id = l.ticket_id
         WHERE l.unit_id = $1 AND l.state IN ('sent', 'accepted', 'asked') ORDER BY l.sent_at, l.id LIMIT $2")
        .bind(unit).bind(limit).fetch_all(c).await)?)
}

/// Row ids of the open legs that were given to a referent, oldest first.
pub async fn given_to(conn: &mut Conn, referent: i64) -> Result<Vec<i64>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>(
        "SELECT id FROM legs WHERE referent_id = $1 AND state IN ('sent', 'accepted', 'asked') ORDER BY sent_at, id")
        .bind(referent).fetch_all(c).await)?)
}

/// Gives a leg to another unit.
pub async fn move_leg(tx: &mut Tx, leg: i64, unit: i64) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("UPDATE legs SET unit_id = $2, version = version + 1 WHERE id = $1")
        .bind(leg).bind(unit).execute(c).await.map(drop))?;
    Ok(())
}

/// How much hangs on a unit now: open tickets, waiting legs, categories, sheets, users.
pub async fn hangs_on(conn: &mut Conn, unit: i64) -> Result<(i64, i64, i64, i64, i64), StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, (i64, i64, i64, i64, i64)>(
        "SELECT (SELECT COUNT(*) FROM tickets WHERE owner_unit_id = $1
                   AND state IN ('new', 'open', 'waiting_citizen', 'referred', 'resolved')),
                (SELECT COUNT(*) FROM legs WHERE unit_id = $1 AND state IN ('sent', 'accepted', 'asked')),
                (SELECT COUNT(*) FROM categories WHERE unit_id = $1),
                (SELECT COUNT(*) FROM sheets WHERE unit_id = $1),
                (SELECT COUNT(*) FROM user_units WHERE unit_id = $1)")
        .bind(unit).fetch_one(c).await)?)
}

/// The categories that a unit is competent for, that are in use: slug and name.
pub async fn categories_of(conn: &mut Conn, unit: i64) -> Result<Vec<(String, String)>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, (String, String)>(
        "SELECT slug, name FROM categories WHERE unit_id = $1 AND retired_at IS NULL ORDER BY slug LIMIT 500")
        .bind(unit).fetch_all(c).await)?)
}
