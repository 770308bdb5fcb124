//! What is known of a ticket, as rules look at it.
use super::conditions::Facts;
use super::store::FactsRow;
use crate::kernel::database::{Conn, StoreError};
use crate::routing;
use crate::routing::areas::{Area, locate};

/// The areas that texts are looked up in; none where no rule asks.
#[derive(Debug, Default)]
pub struct Places(Vec<Area>);

impl Places {
    /// Reads them where they are asked for.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn read(conn: &mut Conn, asked: bool) -> Result<Self, StoreError> {
        let found = if asked { routing::store::areas(conn).await? } else { Vec::new() };
        Ok(Self(found.into_iter().map(Area::of).collect()))
    }
}

/// The facts of a stored ticket.
///
/// # Errors
/// When its answers are no answers.
pub fn facts_of(row: FactsRow, places: &Places) -> Result<Facts, StoreError> {
    let wrong = StoreError::Inconsistent { table: "ticket_answers", column: "answers" };
    let answers = row.answers.as_deref().map(serde_json::from_str).transpose().map_err(|_| wrong)?;
    let text = row.text.unwrap_or_default();
    let areas = if places.0.is_empty() {
        Default::default()
    } else {
        locate(&places.0, &format!("{}\n{text}\n{}", row.subject, row.answers.as_deref().unwrap_or_default()))
    };
    Ok(Facts {
        category: row.category.unwrap_or_default(),
        channel: row.channel,
        kind: row.kind,
        language: row.language,
        unit: row.unit,
        leg_unit: row.leg_unit.unwrap_or_default(),
        areas,
        segment: row.segment.unwrap_or_default(),
        state: row.state,
        answers: answers.unwrap_or_default(),
        subject: row.subject,
        text,
        opened_at: row.opened_at,
        assigned: row.assignee.is_some(),
    })
}
