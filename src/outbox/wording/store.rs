//! SQL of the texts around answers.
use sqlx::FromRow;

use crate::kernel::database::{Conn, StoreError, Tx};
use crate::kernel::time::Instant;
use crate::on;

/// A change of a text.
#[derive(Debug, Clone, FromRow)]
pub struct WordingRow {
    pub id: i64,
    /// None: the built-in text again.
    pub text: Option<String>,
    /// Name of who made it; none for a program.
    pub author: Option<String>,
    pub at: Instant,
}

macro_rules! wording_sql {
    ($rest:literal) => {
        concat!(
            "SELECT w.id, w.text, u.name AS author, w.at FROM wordings w LEFT JOIN users u ON u.id = w.user_id
                 WHERE w.part = $1 AND w.channel = $2 AND w.lang = $3 ORDER BY w.id DESC LIMIT ",
            $rest
        )
    };
}

/// What holds of a text; none when it was never changed.
pub async fn latest(conn: &mut Conn, part: &str, channel: &str, lang: &str) -> Result<Option<WordingRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, WordingRow>(wording_sql!("1"))
        .bind(part).bind(channel).bind(lang).fetch_optional(c).await)?)
}

/// The latest changes of a text, newest first.
pub async fn history(conn: &mut Conn, part: &str, channel: &str, lang: &str) -> Result<Vec<WordingRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, WordingRow>(wording_sql!("20"))
        .bind(part).bind(channel).bind(lang).fetch_all(c).await)?)
}

/// Writes a change down.
pub async fn insert(
    tx: &mut Tx,
    place: [&str; 3],
    text: Option<&str>,
    user: Option<i64>,
    now: Instant,
) -> Result<(), StoreError> {
    let [part, channel, lang] = place;
    on!(tx, c => sqlx::query("INSERT INTO wordings (part, channel, lang, text, user_id, at) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(part).bind(channel).bind(lang).bind(text).bind(user).bind(now).execute(c).await.map(drop))?;
    Ok(())
}
