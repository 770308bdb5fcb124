//! What people looked for and read in the demo's three months, through the same counters as on a running server.
use jiff::SignedDuration;
use serde::Deserialize;

use crate::kernel::Kernel;
use crate::kernel::language::Language;
use crate::kernel::time::Clock;
use crate::knowledge::KnowledgeIndex;
use crate::knowledge::gaps::{Side, observed};
use crate::tickets;

/// `searches.toml`
#[derive(Debug, Deserialize)]
struct Searches {
    search: Vec<Search>,
}

#[derive(Debug, Deserialize)]
struct Search {
    words: String,
    /// Code of the sheet that was found and mostly read.
    sheet: Option<String>,
    portal: usize,
    desk: usize,
}

/// Of those who find a sheet, two of three read it.
const READ: usize = 3;

/// Writes the searches, spread over the days before now.
///
/// # Errors
/// When the database refuses or the file names a sheet that there is not.
pub async fn write(kernel: &Kernel, days: i64) -> anyhow::Result<()> {
    let file: Searches = super::data::read("searches.toml")?;
    let index = KnowledgeIndex::new(kernel);
    let mut number: i64 = 0;
    for search in &file.search {
        let mut conn = kernel.db.read().await?;
        let sheet = match &search.sheet {
            Some(code) => tickets::store::used_sheet(&mut conn, code).await?.map(|s| s.id),
            None => None,
        };
        drop(conn);
        anyhow::ensure!(search.sheet.is_some() == sheet.is_some(), "no sheet for the search {:?}", search.words);
        for (side, times) in [(Side::Portal, search.portal), (Side::Desk, search.desk)] {
            for time in 0..times {
                // Steps that share no divisor with the days spread them without chance.
                number += 37;
                let ago = SignedDuration::from_hours(number % days * 24 + number % 7);
                let mut then = kernel.clone();
                then.clock = Clock::manual(kernel.now().minus(ago));
                index.observed.searched(&then, side, &search.words, Language::Italian, sheet, true);
                if let Some(sheet) = sheet.filter(|_| time % READ != 0) {
                    index.observed.opened(&then, sheet, side, None);
                }
            }
        }
    }
    observed::write(kernel, &index, true).await?;
    Ok(())
}

/// An agent has a sheet beside a ticket and reads it.
///
/// # Errors
/// When the database cannot be read.
pub async fn read_for(kernel: &Kernel, index: &KnowledgeIndex, ticket: &str, sheet: &str) -> anyhow::Result<()> {
    let mut conn = kernel.db.read().await?;
    let found = tickets::store::used_sheet(&mut conn, sheet).await?;
    let ticket = tickets::store::by_code(&mut conn, ticket).await?;
    if let (Some(sheet), Some(ticket)) = (found, ticket) {
        index.observed.proposed(kernel, &ticket, [sheet.id]);
        index.observed.opened(kernel, sheet.id, Side::Desk, Some(ticket.id));
    }
    Ok(())
}
