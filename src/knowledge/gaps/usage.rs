//! The figures of each sheet in a period.
use std::collections::HashMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::estimate::{Closed, real};
use super::{Days, store};
use crate::kernel::Kernel;
use crate::kernel::database::StoreError;
use crate::kernel::language::Language;

/// What became of a sheet.
#[derive(Debug, Clone, Default, PartialEq, Serialize, ToSchema)]
pub struct SheetUsage {
    /// Code of the sheet.
    pub sheet: String,
    pub title: String,
    /// How often agents saw it among others: once a ticket, and once a search.
    pub shown_to_agents: i64,
    /// How often citizens found it.
    pub shown_to_citizens: i64,
    pub opened_by_agents: i64,
    pub opened_by_citizens: i64,
    /// Tickets answered or closed with it.
    pub used: i64,
    /// Tickets closed with it and not reopened since.
    pub closed: i64,
    /// Of these, closed at the front office (strict).
    pub closed_front_office: i64,
    /// Tickets that went to an office after it was read or used.
    pub escalated: i64,
    /// Tickets that went to an office after it was only proposed.
    pub passed_over: i64,
    /// Ratings by citizens.
    pub ratings: i64,
    /// The mean of their stars, 1 to 5; `null` without ratings.
    pub stars: Option<f64>,
    /// Agents whom it helped.
    pub found_useful: i64,
    /// Agents who found it wrong or out of date.
    pub found_wrong: i64,
}

/// The figures of all sheets in use, by code; a sheet that nobody saw has zeros.
///
/// # Errors
/// When the database cannot be read.
pub async fn usage(kernel: &Kernel, days: Days, language: Language) -> Result<Vec<SheetUsage>, StoreError> {
    let from = days.from(kernel);
    let mut conn = kernel.db.read().await?;
    let seen = store::sheet_sums(&mut conn, &from).await?;
    let closings = store::answered_sums(&mut conn, &from).await?;
    let said = store::said_sums(&mut conn, days.since(kernel)).await?;
    let sheets = store::sheet_titles(&mut conn, language).await?;
    drop(conn);
    let seen: HashMap<i64, store::SheetSum> = seen.into_iter().map(|s| (s.sheet_id, s)).collect();
    let said: HashMap<i64, store::SaidSum> = said.into_iter().map(|s| (s.sheet_id, s)).collect();
    let mut closed: HashMap<i64, Closed> = HashMap::new();
    for sum in &closings {
        let all = closed.entry(sum.sheet_id).or_default();
        *all = all.and(sum.counts());
    }
    let of = |(id, sheet, title, ..): (i64, String, String, Option<i64>, Option<i64>, String)| {
        let seen = seen.get(&id).cloned().unwrap_or_default();
        let closed = closed.get(&id).copied().unwrap_or_default();
        let said = said.get(&id).cloned().unwrap_or_default();
        SheetUsage {
            sheet,
            title,
            shown_to_agents: seen.shown_desk,
            shown_to_citizens: seen.shown_portal,
            opened_by_agents: seen.opened_desk,
            opened_by_citizens: seen.opened_portal,
            used: seen.used,
            closed: closed.all,
            closed_front_office: closed.front,
            escalated: seen.escalated,
            passed_over: seen.passed,
            ratings: said.ratings,
            stars: (said.ratings > 0).then(|| real(said.stars) / real(said.ratings)),
            found_useful: said.useful,
            found_wrong: said.wrong,
        }
    };
    Ok(sheets.into_iter().map(of).collect())
}
