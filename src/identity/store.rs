//! SQL of users, sessions and tokens.
use std::collections::BTreeSet;

use sqlx::FromRow;

use super::model::{ChosenBy, Credentials, Failure, SessionRow, Token, User};
use crate::kernel::database::{Conn, StoreError, Tx};
use crate::kernel::permissions::Role;
use crate::kernel::time::Instant;
use crate::on;

#[derive(FromRow)]
struct UserRow {
    id: i64,
    login: String,
    name: String,
    role: String,
    language: String,
    locked_until: Option<Instant>,
    disabled_at: Option<Instant>,
}

impl TryFrom<UserRow> for User {
    type Error = StoreError;

    fn try_from(row: UserRow) -> Result<Self, StoreError> {
        let role = role(&row.role, "users")?;
        let UserRow { id, login, name, language, locked_until, disabled_at, .. } = row;
        Ok(Self { id, login, name, role, language, locked_until, disabled_at })
    }
}

#[derive(FromRow)]
struct TokenRow {
    id: i64,
    name: String,
    role: String,
    unit_id: Option<i64>,
    created_at: Instant,
    expires_at: Option<Instant>,
    revoked_at: Option<Instant>,
}

impl TryFrom<TokenRow> for Token {
    type Error = StoreError;

    fn try_from(row: TokenRow) -> Result<Self, StoreError> {
        let role = role(&row.role, "api_tokens")?;
        let TokenRow { id, name, unit_id, created_at, expires_at, revoked_at, .. } = row;
        Ok(Self { id, name, role, unit_id, created_at, expires_at, revoked_at })
    }
}

/// Reads a stored role.
pub fn role(text: &str, table: &'static str) -> Result<Role, StoreError> {
    Role::from_text(text).ok_or(StoreError::Inconsistent { table, column: "role" })
}

/// What a new user's row holds.
pub struct UserToInsert<'a> {
    pub login: &'a str,
    pub name: &'a str,
    pub password_hash: &'a str,
    pub chosen_by: ChosenBy,
    pub role: Role,
    pub language: &'a str,
    pub created_at: Instant,
}

pub async fn insert_user(tx: &mut Tx, user: &UserToInsert<'_>) -> Result<i64, StoreError> {
    Ok(on!(tx, c => sqlx::query_scalar::<_, i64>(
        "INSERT INTO users (login, name, password_hash, role, language, created_at, password_given)
         VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id")
        .bind(user.login).bind(user.name).bind(user.password_hash).bind(user.role.as_str())
        .bind(user.language).bind(user.created_at).bind(user.chosen_by == ChosenBy::Administrator)
        .fetch_one(c).await)?)
}

/// Puts a user into a unit by its slug; `false` when there is no such unit.
pub async fn join_unit(tx: &mut Tx, user: i64, slug: &str) -> Result<bool, StoreError> {
    let rows = on!(tx, c => sqlx::query(
        "INSERT INTO user_units (user_id, unit_id) SELECT $1, id FROM units WHERE slug = $2
         ON CONFLICT DO NOTHING")
        .bind(user).bind(slug).execute(c).await?.rows_affected());
    Ok(rows == 1)
}

pub async fn users(conn: &mut Conn) -> Result<Vec<User>, StoreError> {
    let rows = on!(conn, c => sqlx::query_as::<_, UserRow>(
        "SELECT id, login, name, role, language, locked_until, disabled_at FROM users ORDER BY login")
        .fetch_all(c).await)?;
    rows.into_iter().map(User::try_from).collect()
}

/// A unit as lists name it.
#[derive(FromRow)]
pub struct UnitName {
    pub slug: String,
    pub name: String,
    pub name_en: String,
}

/// The units that exist now, by name.
pub async fn units(conn: &mut Conn, now: Instant) -> Result<Vec<UnitName>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, UnitName>(
        "SELECT slug, name, name_en FROM units
         WHERE valid_from <= $1 AND (valid_to IS NULL OR valid_to > $1) ORDER BY name, id")
        .bind(now).fetch_all(c).await)?)
}

#[derive(FromRow)]
struct Membership {
    user_id: i64,
    #[sqlx(flatten)]
    unit: UnitName,
}

/// Which users belong to which units.
pub async fn memberships(conn: &mut Conn) -> Result<Vec<(i64, UnitName)>, StoreError> {
    let rows = on!(conn, c => sqlx::query_as::<_, Membership>(
        "SELECT m.user_id, u.slug, u.name, u.name_en FROM user_units m JOIN units u ON u.id = m.unit_id
         ORDER BY m.user_id, u.name").fetch_all(c).await)?;
    Ok(rows.into_iter().map(|row| (row.user_id, row.unit)).collect())
}

pub async fn login(conn: &mut Conn, user: i64) -> Result<Option<String>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, String>("SELECT login FROM users WHERE id = $1")
        .bind(user).fetch_optional(c).await)?)
}

/// Forgets failures and lock; `false` when there is no such user.
pub async fn unlock(tx: &mut Tx, user: i64) -> Result<bool, StoreError> {
    let rows = on!(tx, c => sqlx::query("UPDATE users SET failures = 0, locked_until = NULL WHERE id = $1")
        .bind(user).execute(c).await?.rows_affected());
    Ok(rows == 1)
}

pub async fn user_id(conn: &mut Conn, login: &str) -> Result<Option<i64>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>("SELECT id FROM users WHERE login = $1")
        .bind(login).fetch_optional(c).await)?)
}

pub async fn credentials(conn: &mut Conn, login: &str) -> Result<Option<Credentials>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Credentials>(
        "SELECT id, password_hash, locked_until, disabled_at FROM users WHERE login = $1")
        .bind(login).fetch_optional(c).await)?)
}

pub async fn credentials_of(conn: &mut Conn, user: i64) -> Result<Option<Credentials>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Credentials>(
        "SELECT id, password_hash, locked_until, disabled_at FROM users WHERE id = $1")
        .bind(user).fetch_optional(c).await)?)
}

/// Counts a failed sign-in; the one that reaches `limit` locks until `until`. A lock that ended counts afresh.
pub async fn count_failure(
    tx: &mut Tx,
    user: i64,
    now: Instant,
    limit: i64,
    until: Instant,
) -> Result<Failure, StoreError> {
    let failures = on!(tx, c => sqlx::query_scalar::<_, i64>(
        "UPDATE users
         SET failures = CASE WHEN locked_until <= $2 THEN 1 ELSE failures + 1 END,
             locked_until = CASE WHEN locked_until <= $2 THEN NULL ELSE locked_until END
         WHERE id = $1
         RETURNING failures")
        .bind(user).bind(now).fetch_one(c).await)?;
    if failures < limit {
        return Ok(Failure::Counted);
    }
    let locked = on!(tx, c => sqlx::query(
        "UPDATE users SET locked_until = $2 WHERE id = $1 AND locked_until IS NULL")
        .bind(user).bind(until).execute(c).await?.rows_affected());
    Ok(if locked == 1 { Failure::Locked } else { Failure::Counted })
}

/// Forgets failures at a right password; `false` when the account was locked or disabled meanwhile.
pub async fn admit(tx: &mut Tx, user: i64, now: Instant) -> Result<bool, StoreError> {
    let rows = on!(tx, c => sqlx::query(
        "UPDATE users SET failures = 0, locked_until = NULL
         WHERE id = $1 AND disabled_at IS NULL AND (locked_until IS NULL OR locked_until <= $2)")
        .bind(user).bind(now).execute(c).await?.rows_affected());
    Ok(rows == 1)
}

pub async fn set_password(tx: &mut Tx, user: i64, hash: &str, chosen_by: ChosenBy) -> Result<(), StoreError> {
    Ok(on!(tx, c => sqlx::query(
        "UPDATE users SET password_hash = $2, failures = 0, locked_until = NULL, password_given = $3 WHERE id = $1")
        .bind(user).bind(hash).bind(chosen_by == ChosenBy::Administrator).execute(c).await.map(drop))?)
}

pub async fn set_language(tx: &mut Tx, user: i64, language: &str) -> Result<(), StoreError> {
    Ok(on!(tx, c => sqlx::query("UPDATE users SET language = $2 WHERE id = $1")
        .bind(user).bind(language).execute(c).await.map(drop))?)
}

/// Disables an account; `false` when it already was.
pub async fn disable(tx: &mut Tx, user: i64, now: Instant) -> Result<bool, StoreError> {
    let rows = on!(tx, c => sqlx::query("UPDATE users SET disabled_at = $2 WHERE id = $1 AND disabled_at IS NULL")
        .bind(user).bind(now).execute(c).await?.rows_affected());
    Ok(rows == 1)
}

/// The units of a user with all units below them.
pub async fn units_of(conn: &mut Conn, user: i64) -> Result<BTreeSet<i64>, StoreError> {
    let ids = on!(conn, c => sqlx::query_scalar::<_, i64>(
        "WITH RECURSIVE mine (id) AS (
             SELECT unit_id FROM user_units WHERE user_id = $1
             UNION
             SELECT u.id FROM units u JOIN mine m ON u.parent_id = m.id
         )
         SELECT id FROM mine")
        .bind(user).fetch_all(c).await)?;
    Ok(ids.into_iter().collect())
}

/// What a new session's row holds.
pub struct SessionToInsert<'a> {
    pub token_hash: &'a str,
    pub user: i64,
    pub csrf: &'a str,
    pub now: Instant,
    pub expires_at: Instant,
}

pub async fn insert_session(tx: &mut Tx, session: &SessionToInsert<'_>) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("DELETE FROM sessions WHERE expires_at <= $1")
        .bind(session.now).execute(c).await.map(drop))?;
    Ok(on!(tx, c => sqlx::query(
        "INSERT INTO sessions (token_hash, user_id, csrf, created_at, seen_at, expires_at)
         VALUES ($1, $2, $3, $4, $4, $5)")
        .bind(session.token_hash).bind(session.user).bind(session.csrf).bind(session.now).bind(session.expires_at)
        .execute(c).await.map(drop))?)
}

pub async fn session(conn: &mut Conn, token_hash: &str, now: Instant) -> Result<Option<SessionRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, SessionRow>(
        "SELECT s.csrf, s.seen_at, u.id AS user_id, u.name, u.role, u.language, u.password_given
         FROM sessions s JOIN users u ON u.id = s.user_id
         WHERE s.token_hash = $1 AND s.expires_at > $2 AND u.disabled_at IS NULL")
        .bind(token_hash).bind(now).fetch_optional(c).await)?)
}

pub async fn touch_session(tx: &mut Tx, token_hash: &str, now: Instant, expires_at: Instant) -> Result<(), StoreError> {
    Ok(on!(tx, c => sqlx::query("UPDATE sessions SET seen_at = $2, expires_at = $3 WHERE token_hash = $1")
        .bind(token_hash).bind(now).bind(expires_at).execute(c).await.map(drop))?)
}

/// Ends a session; the user whose it was, if it was open.
pub async fn delete_session(tx: &mut Tx, token_hash: &str) -> Result<Option<i64>, StoreError> {
    Ok(on!(tx, c => sqlx::query_scalar::<_, i64>("DELETE FROM sessions WHERE token_hash = $1 RETURNING user_id")
        .bind(token_hash).fetch_optional(c).await)?)
}

/// Ends all sessions of a user but the one kept; how many ended.
pub async fn delete_sessions(tx: &mut Tx, user: i64, keep: Option<&str>) -> Result<u64, StoreError> {
    Ok(on!(tx, c => sqlx::query("DELETE FROM sessions WHERE user_id = $1 AND token_hash <> $2")
        .bind(user).bind(keep.unwrap_or_default()).execute(c).await?.rows_affected()))
}

/// What a new token's row holds.
pub struct TokenToInsert<'a> {
    pub token_hash: &'a str,
    pub name: &'a str,
    pub role: Role,
    pub unit: Option<i64>,
    pub created_at: Instant,
    pub expires_at: Option<Instant>,
}

pub async fn insert_token(tx: &mut Tx, token: &TokenToInsert<'_>) -> Result<i64, StoreError> {
    Ok(on!(tx, c => sqlx::query_scalar::<_, i64>(
        "INSERT INTO api_tokens (token_hash, name, role, created_at, expires_at, unit_id)
         VALUES ($1, $2, $3, $4, $5, $6) RETURNING id")
        .bind(token.token_hash).bind(token.name).bind(token.role.as_str()).bind(token.created_at).bind(token.expires_at)
        .bind(token.unit)
        .fetch_one(c).await)?)
}

/// The token with this hash if it is neither revoked nor expired.
pub async fn token(conn: &mut Conn, token_hash: &str, now: Instant) -> Result<Option<Token>, StoreError> {
    let row = on!(conn, c => sqlx::query_as::<_, TokenRow>(
        "SELECT id, name, role, unit_id, created_at, expires_at, revoked_at FROM api_tokens
         WHERE token_hash = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)")
        .bind(token_hash).bind(now).fetch_optional(c).await)?;
    row.map(Token::try_from).transpose()
}

pub async fn tokens(conn: &mut Conn) -> Result<Vec<Token>, StoreError> {
    let rows = on!(conn, c => sqlx::query_as::<_, TokenRow>(
        "SELECT id, name, role, unit_id, created_at, expires_at, revoked_at FROM api_tokens ORDER BY id DESC LIMIT 500")
        .fetch_all(c).await)?;
    rows.into_iter().map(Token::try_from).collect()
}

/// A unit and those below it.
pub async fn units_below(conn: &mut Conn, unit: i64) -> Result<BTreeSet<i64>, StoreError> {
    let ids = on!(conn, c => sqlx::query_scalar::<_, i64>(
        "WITH RECURSIVE mine (id) AS (
             SELECT id FROM units WHERE id = $1
             UNION
             SELECT u.id FROM units u JOIN mine m ON u.parent_id = m.id
         )
         SELECT id FROM mine")
        .bind(unit).fetch_all(c).await)?;
    Ok(ids.into_iter().collect())
}

/// Revokes a token; `false` when there is none, or it was revoked before.
pub async fn revoke_token(tx: &mut Tx, id: i64, now: Instant) -> Result<bool, StoreError> {
    let rows = on!(tx, c => sqlx::query("UPDATE api_tokens SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL")
        .bind(id).bind(now).execute(c).await?.rows_affected());
    Ok(rows == 1)
}

/// Whether anybody belongs to a unit.
pub async fn has_users(conn: &mut Conn, unit: i64) -> Result<bool, StoreError> {
    let found = on!(conn, c => sqlx::query_scalar::<_, i64>("SELECT user_id FROM user_units WHERE unit_id = $1 LIMIT 1")
        .bind(unit).fetch_optional(c).await)?;
    Ok(found.is_some())
}

/// Whoever belongs to a unit belongs to another one from now on.
pub async fn move_users(tx: &mut Tx, from: i64, to: i64) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "INSERT INTO user_units (user_id, unit_id) SELECT user_id, $2 FROM user_units WHERE unit_id = $1
         ON CONFLICT DO NOTHING").bind(from).bind(to).execute(c).await.map(drop))?;
    on!(tx, c => sqlx::query("DELETE FROM user_units WHERE unit_id = $1").bind(from).execute(c).await.map(drop))?;
    Ok(())
}
