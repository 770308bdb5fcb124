//! SQL of duplicates.
use crate::kernel::database::{Conn, StoreError};
use crate::on;

/// Row ids of the latest tickets of a person that are in work.
pub async fn in_work_of(conn: &mut Conn, person: i64, limit: i64) -> Result<Vec<i64>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>(
        "SELECT id FROM tickets WHERE person_id = $1 AND state NOT IN ('resolved', 'closed')
         ORDER BY opened_at DESC LIMIT $2")
        .bind(person).bind(limit).fetch_all(c).await)?)
}
