//! What is to be done on sheets: drafts, what waits for validation, reviews, translations.
use sqlx::FromRow;

use crate::kernel::database::{Conn, StoreError};
use crate::kernel::names::stored_enum;
use crate::kernel::time::Instant;
use crate::on;

stored_enum! {
    /// A list of work.
    Worklist {
        /// Being written, or sent back.
        Drafts = "drafts",
        /// Submitted.
        ToValidate = "to_validate",
        /// To come into force on a day.
        Scheduled = "scheduled",
        /// In use past their review day.
        ToReview = "to_review",
        /// In use, and called wrong or out of date by agents.
        Reported = "reported",
        /// In use with a translation older than the original.
        Outdated = "outdated",
        /// Out of use.
        Retired = "retired",
    }
}

/// A sheet in a list of work.
#[derive(Debug, Clone, FromRow)]
pub struct WorkRow {
    pub id: i64,
    pub code: String,
    pub number: i64,
    pub version: i64,
    pub unit_id: Option<i64>,
    pub unit: String,
    pub referent_id: Option<i64>,
    pub review_on: String,
    /// Whether that day is past.
    pub overdue: bool,
    pub retired_at: Option<Instant>,
    /// State of its draft; empty without one.
    pub draft: String,
    /// Who wrote the draft.
    pub author: String,
    /// Why the draft was sent back.
    pub reason: String,
    pub publish_at: Option<Instant>,
}

macro_rules! work_sql {
    ($which:literal) => {
        concat!(
            "SELECT s.id, s.code, COALESCE(s.number, 0) AS number, s.version, s.unit_id, COALESCE(u.name, '') AS unit,
                s.referent_id, s.review_on, (s.review_on <> '' AND s.review_on <= $2) AS overdue, s.retired_at, COALESCE(d.state, '') AS draft,
                COALESCE(d.author, '') AS author, COALESCE(d.reason, '') AS reason, d.publish_at
             FROM sheets s LEFT JOIN sheet_drafts d ON d.sheet_id = s.id LEFT JOIN units u ON u.id = s.unit_id
             WHERE s.code > $1 AND ",
            $which,
            " ORDER BY s.code LIMIT $3"
        )
    };
}

/// The sheets of a list after a code, by code; today is `YYYY-MM-DD`.
///
/// # Errors
/// When the database cannot be read.
pub async fn work(
    conn: &mut Conn,
    list: Worklist,
    after: &str,
    today: &str,
    limit: i64,
) -> Result<Vec<WorkRow>, StoreError> {
    let sql = match list {
        Worklist::Drafts => work_sql!("d.state IN ('draft', 'returned')"),
        Worklist::ToValidate => work_sql!("d.state = 'submitted'"),
        Worklist::Scheduled => work_sql!("d.state = 'scheduled'"),
        Worklist::ToReview => {
            work_sql!("s.review_on <> '' AND s.review_on <= $2 AND s.retired_at IS NULL AND s.version > 0")
        }
        Worklist::Outdated => work_sql!(
            "s.retired_at IS NULL AND s.version > 0 AND EXISTS (
                SELECT 1 FROM sheet_texts o JOIN sheet_texts t ON t.sheet_id = o.sheet_id AND t.lang <> o.lang
                WHERE o.sheet_id = s.id AND o.lang = 'it' AND t.as_of < o.as_of)"
        ),
        Worklist::Reported => work_sql!(
            "s.retired_at IS NULL AND s.version > 0 AND EXISTS (
                SELECT 1 FROM sheet_feedback f WHERE f.sheet_id = s.id AND f.source = 'agent'
                  AND f.reason = 'out_of_date' AND f.settled_at IS NULL)"
        ),
        Worklist::Retired => work_sql!("s.retired_at IS NOT NULL AND s.version > 0"),
    };
    Ok(on!(conn, c => sqlx::query_as::<_, WorkRow>(sql).bind(after).bind(today).bind(limit).fetch_all(c).await)?)
}
