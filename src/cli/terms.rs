//! `sportello terms rebuild`: clocks are made again from the event feed.
use std::sync::Arc;

use clap::Subcommand;

use super::Place;
use crate::kernel::events;
use crate::kernel::telemetry;
use crate::protocols::{self, Follower};

/// Terms of tickets and legs.
#[derive(Debug, Subcommand)]
pub enum Terms {
    /// Delete all clocks and make them again from the event feed.
    Rebuild(Place),
}

impl Terms {
    /// Runs the command.
    ///
    /// # Errors
    /// When the database cannot be read or written.
    pub async fn run(self) -> anyhow::Result<()> {
        let Self::Rebuild(place) = self;
        telemetry::start(&place.load()?.log);
        let kernel = place.open().await?;
        let forget = kernel.db.write(|tx| Box::pin(protocols::rebuild(tx)));
        forget.await?;
        let reader = Arc::new(Follower::new(kernel.config.zone()));
        let mut read = 0;
        loop {
            match events::step(&kernel.db, reader.clone()).await? {
                0 => break,
                n => read += n,
            }
        }
        println!("The clocks were made again from {read} events.");
        kernel.db.close().await;
        Ok(())
    }
}
