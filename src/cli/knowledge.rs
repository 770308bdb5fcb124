//! `sportello knowledge`.
use clap::Subcommand;

use super::Place;
use crate::kernel::telemetry;
use crate::knowledge::rebuild::{Rebuilt, rebuild};

/// Manage the knowledge base.
#[derive(Debug, Subcommand)]
pub enum Knowledge {
    /// Make the search index of the sheets again from the database.
    Rebuild(Place),
}

impl Knowledge {
    /// Runs the command.
    ///
    /// # Errors
    /// When the database or the index folder cannot be written.
    pub async fn run(self) -> anyhow::Result<()> {
        let Self::Rebuild(place) = self;
        telemetry::start(&place.load()?.log);
        let kernel = place.open().await?;
        match rebuild(&kernel).await? {
            Rebuilt::Here { documents } => println!("The index was made again with {documents} texts."),
            Rebuilt::Asked => {
                println!("A running server holds the index; it was asked to make it again and does so now.")
            }
        }
        kernel.db.close().await;
        Ok(())
    }
}
