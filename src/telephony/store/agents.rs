//! SQL of agents' telephones and what they did.
use crate::kernel::database::{Conn, StoreError, Tx};
use crate::kernel::time::Instant;
use crate::on;
use crate::telephony::model::AgentRow;

macro_rules! agent_sql {
    ($rest:literal) => {
        concat!(
            "SELECT a.user_id, u.name, u.login, a.extension, a.address, a.post, COALESCE(d.skills, '') AS skills,
                    COALESCE(d.languages, '') AS languages, a.state, a.since, a.reason, a.wrap_until
             FROM phone_agents a JOIN users u ON u.id = a.user_id LEFT JOIN desk_agents d ON d.user_id = a.user_id ",
            $rest
        )
    };
}

/// The telephones of agents who may still sign in, by name.
pub async fn agents(conn: &mut Conn) -> Result<Vec<AgentRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, AgentRow>(
        agent_sql!("WHERE u.disabled_at IS NULL ORDER BY u.name, a.user_id LIMIT 2000")).fetch_all(c).await)?)
}

/// The telephone of a user.
pub async fn agent(conn: &mut Conn, user: i64) -> Result<Option<AgentRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, AgentRow>(agent_sql!("WHERE a.user_id = $1"))
        .bind(user).fetch_optional(c).await)?)
}

/// The telephone of an extension.
pub async fn agent_by_extension(conn: &mut Conn, extension: &str) -> Result<Option<AgentRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, AgentRow>(agent_sql!("WHERE a.extension = $1"))
        .bind(extension).fetch_optional(c).await)?)
}

/// Saves a telephone whole. What its agent can is kept where tickets find it, too.
pub async fn save_agent(tx: &mut Tx, a: &AgentRow) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "INSERT INTO phone_agents (user_id, extension, address, post, state, since, reason, wrap_until)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (user_id) DO UPDATE SET extension = excluded.extension, address = excluded.address,
            post = excluded.post, state = excluded.state, since = excluded.since, reason = excluded.reason,
            wrap_until = excluded.wrap_until")
        .bind(a.user_id).bind(&a.extension).bind(&a.address).bind(&a.post)
        .bind(&a.state).bind(a.since).bind(&a.reason).bind(a.wrap_until).execute(c).await.map(drop))?;
    on!(tx, c => sqlx::query(
        "INSERT INTO desk_agents (user_id, skills, languages) VALUES ($1, $2, $3)
         ON CONFLICT (user_id) DO UPDATE SET skills = excluded.skills, languages = excluded.languages")
        .bind(a.user_id).bind(&a.skills).bind(&a.languages).execute(c).await.map(drop))?;
    Ok(())
}

/// An agent's call is over: they are idle from now on, or finish what it left to do until an instant.
pub async fn agent_idle(
    tx: &mut Tx,
    extension: &str,
    wrap_until: Option<Instant>,
    now: Instant,
) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("UPDATE phone_agents SET since = $2, wrap_until = $3 WHERE extension = $1")
        .bind(extension).bind(now).bind(wrap_until).execute(c).await.map(drop))?;
    Ok(())
}

/// Agents whose time after a call is over.
pub async fn wrapped_until(conn: &mut Conn, now: Instant) -> Result<Vec<i64>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>(
        "SELECT user_id FROM phone_agents WHERE wrap_until IS NOT NULL AND wrap_until <= $1 ORDER BY user_id LIMIT 500")
        .bind(now).fetch_all(c).await)?)
}

/// Ends the time after a call, if it is over; `false` when somebody changed it meanwhile.
pub async fn end_wrap(tx: &mut Tx, user: i64, now: Instant) -> Result<bool, StoreError> {
    let rows = on!(tx, c => sqlx::query(
        "UPDATE phone_agents SET since = wrap_until, wrap_until = NULL WHERE user_id = $1 AND wrap_until <= $2")
        .bind(user).bind(now).execute(c).await?.rows_affected());
    Ok(rows == 1)
}

/// Row ids of the users of some extensions.
pub async fn users_of(conn: &mut Conn, extensions: &[&str]) -> Result<Vec<i64>, StoreError> {
    let mut users = Vec::new();
    for extension in extensions.iter().filter(|e| !e.is_empty()) {
        users.extend(on!(conn, c => sqlx::query_scalar::<_, i64>(
            "SELECT user_id FROM phone_agents WHERE extension = $1").bind(*extension).fetch_optional(c).await)?);
    }
    users.sort_unstable();
    users.dedup();
    Ok(users)
}

/// Writes down from when on an agent is in a state.
pub async fn insert_state(tx: &mut Tx, user: i64, state: &str, reason: &str, at: Instant) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("INSERT INTO phone_states (user_id, state, reason, at) VALUES ($1, $2, $3, $4)")
        .bind(user).bind(state).bind(reason).bind(at).execute(c).await.map(drop))?;
    Ok(())
}

/// The states of an agent, the newest first: state, reason, from when on.
pub async fn states(conn: &mut Conn, user: i64, limit: i64) -> Result<Vec<(String, String, Instant)>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, (String, String, Instant)>(
        "SELECT state, reason, at FROM phone_states WHERE user_id = $1 ORDER BY id DESC LIMIT $2")
        .bind(user).bind(limit).fetch_all(c).await)?)
}
