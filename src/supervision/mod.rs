//! Figures for supervisors. The front-office closure rate has two definitions: strict, closed without any
//! competence or inquiry leg; wide, closed without a leg to another agency. A ticket counts on the day it was
//! closed, as it was then, and stops counting when it is reopened (D6, C25).
//!
//! One table of closures, kept by a reader of the event feed, is behind the page, the export, the API and the
//! lists; [`recount`] computes the same from the log alone.
pub mod api;
mod chart;
mod closures;
mod export;
mod figures;
pub mod flows;
pub mod pages;
mod recount;
mod store;
pub mod stuck;

pub use closures::Closures;
pub use figures::{Classes, Dimension, Figures, Period, PeriodError, Row, Which, closure_rate};
pub use recount::recount;

/// Forgets the figures; their reader then counts again from the beginning of the feed.
///
/// # Errors
/// When the database refuses.
pub async fn rebuild(tx: &mut crate::kernel::database::Tx) -> Result<(), crate::kernel::database::StoreError> {
    store::clear(tx).await
}
