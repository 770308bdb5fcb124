//! `sportello simulate letters`: the post of a day, scanned into the watched folder.
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use channels::paper::Programs;
use channels::simulate::pages::{Written, scan};
use clap::Args;

use super::drive::{drive, finish};
use super::fax::leave;
use super::options::{Traffic, writable};
use super::tally::Tally;
use super::wire::Wire;
use super::words::{Town, Wish};
use crate::cli::demo::citizens::Citizen;

/// Citizens send letters, which somebody scans.
#[derive(Debug, Clone, Args)]
pub struct Letters {
    #[command(flatten)]
    traffic: Traffic,
    /// The watched folder.
    #[arg(long)]
    folder: PathBuf,
    /// Letters scanned in one go, with a separator sheet before each; rate and count are of batches.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=50))]
    batch: u64,
}

impl Letters {
    /// Leaves batches until there are no more.
    ///
    /// # Errors
    /// When the folder cannot be written to.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let tally = Arc::new(Tally::default());
        let (town, wire) = (Arc::new(Town::new(&self.traffic)?), Wire::new(&tally)?);
        writable(&self.folder).await?;
        let (folder, batch, run) = (self.folder, self.batch, wire.now());
        drive(&self.traffic, &tally, |number| {
            let (town, wire, folder) = (Arc::clone(&town), wire.clone(), folder.clone());
            async move {
                let at = wire.clock().now().timestamp();
                let scanned = tokio::task::spawn_blocking(move || {
                    let of = |n| {
                        let citizen = town.citizen(n);
                        let wish = town.wish(n, &citizen.name);
                        (citizen, wish)
                    };
                    let letters: Vec<(Citizen, Wish)> = (number * batch..(number + 1) * batch).map(of).collect();
                    let to = "Comune di Valdoria\nPiazza del Municipio 1\n00000 Valdoria";
                    let pages = letters.iter().map(|(citizen, wish)| Written {
                        name: &citizen.name,
                        to,
                        subject: &wish.subject,
                        text: &wish.text,
                        at,
                    });
                    scan(&pages.collect::<Vec<_>>(), number, &Programs::default())
                });
                let left = async {
                    let pdf = scanned.await??;
                    leave(&folder, &format!("posta-{run}-{number:05}.pdf"), &pdf, &wire).await
                };
                if let Err(e) = left.await {
                    wire.tally().refused(format_args!("{e:#}"));
                }
            }
        })
        .await;
        finish(&self.traffic, &tally)
    }
}
