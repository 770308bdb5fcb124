//! The SQL of feedback on sheets.
use super::model::NewFeedback;
use crate::kernel::database::{StoreError, Tx};
use crate::on;

/// Keeps one feedback and counts it; answers its row id.
///
/// # Errors
/// When the database refuses.
pub async fn add(tx: &mut Tx, new: &NewFeedback) -> Result<i64, StoreError> {
    let id = on!(tx, c => sqlx::query_scalar::<_, i64>(
        "INSERT INTO sheet_feedback (sheet_id, version, lang, source, rate, reason, comment, at, user_id, ticket_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id")
        .bind(new.sheet).bind(new.version).bind(new.language.as_str()).bind(new.source.as_str()).bind(new.rate)
        .bind(new.reason).bind(&new.comment).bind(new.at).bind(new.user).bind(new.ticket)
        .fetch_one(c).await)?;
    on!(tx, c => sqlx::query(
        "INSERT INTO sheet_feedback_counts (sheet_id, version, lang, source, rate, reason, n)
         VALUES ($1, $2, $3, $4, $5, $6, 1)
         ON CONFLICT (sheet_id, version, lang, source, rate, reason)
         DO UPDATE SET n = sheet_feedback_counts.n + 1")
        .bind(new.sheet).bind(new.version).bind(new.language.as_str()).bind(new.source.as_str())
        .bind(new.rate.unwrap_or(0)).bind(new.reason)
        .execute(c).await.map(drop))?;
    Ok(id)
}
