//! `sportello simulate letters`: the post of a day, scanned into the watched folder or handed over by a program.
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use channels::Secret;
use channels::paper::Programs;
use channels::simulate::pages::{Scanned, Written, scans};
use clap::{Args, ValueEnum};

use super::drive::{drive, finish};
use super::fax::leave;
use super::options::{Traffic, parse_secret, writable};
use super::tally::Tally;
use super::wire::{Request, Wire};
use super::words::{Town, Wish};
use crate::cli::demo::citizens::Citizen;

/// Citizens send letters, which somebody scans.
#[derive(Debug, Clone, Args)]
pub struct Letters {
    #[command(flatten)]
    traffic: Traffic,
    /// The watched folder.
    #[arg(long, required_unless_present = "token")]
    folder: Option<PathBuf>,
    /// Letters scanned in one go, with a separator sheet before each; rate and count are of batches.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=50))]
    batch: u64,
    /// What the scanner writes.
    #[arg(long, value_enum, default_value_t = Format::Pdf)]
    format: Format,
    /// Hands batches over by the API instead, with the token of an integration (`env:NAME`, `file:PATH`).
    #[arg(long, value_parser = parse_secret, conflicts_with = "folder", requires = "account")]
    token: Option<Secret>,
    /// With --token, name of the account that reads scans.
    #[arg(long)]
    account: Option<String>,
    /// With --token, public address of the installation.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    url: String,
}

/// What the scanner writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A file for a batch.
    Pdf,
    /// A file for a batch, a picture to a page.
    Tiff,
    /// A file for each page, without separator sheets.
    Jpeg,
    /// One after the other.
    Mixed,
}

/// Where files go.
enum Place {
    Folder(PathBuf),
    /// Address of the API and its token.
    Api(String, Secret),
}

impl Letters {
    /// Scans batches until there are no more.
    ///
    /// # Errors
    /// When the folder cannot be written to.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let tally = Arc::new(Tally::default());
        let (town, wire) = (Arc::new(Town::new(&self.traffic)?), Wire::new(&tally)?);
        let place = match (self.folder, self.token) {
            (_, Some(token)) => {
                let query = serde_urlencoded::to_string([("account", self.account.unwrap_or_default())])?;
                Place::Api(format!("{}/api/v1/scans?{query}", self.url.trim_end_matches('/')), token)
            }
            (folder, None) => {
                let folder = folder.unwrap_or_default();
                writable(&folder).await?;
                Place::Folder(folder)
            }
        };
        let (place, batch, format, run) = (Arc::new(place), self.batch, self.format, wire.now());
        drive(&self.traffic, &tally, |number| {
            let (town, wire, place) = (Arc::clone(&town), wire.clone(), Arc::clone(&place));
            async move {
                let at = wire.clock().now().timestamp();
                let scanned = tokio::task::spawn_blocking(move || draw(&town, batch, number, format.of(number), at));
                let brought = async {
                    for (n, (ending, file)) in (1..).zip(scanned.await??) {
                        place.bring(&format!("posta-{run}-{number:05}-{n}.{ending}"), file, &wire).await?;
                    }
                    anyhow::Ok(())
                };
                if let Err(e) = brought.await {
                    wire.tally().refused(format_args!("{e:#}"));
                }
            }
        })
        .await;
        finish(&self.traffic, &tally)
    }
}

impl Format {
    const fn of(self, number: u64) -> Scanned {
        match self {
            Self::Pdf => Scanned::Pdf,
            Self::Tiff => Scanned::Tiff,
            Self::Jpeg => Scanned::Jpeg,
            Self::Mixed => match number % 3 {
                0 => Scanned::Pdf,
                1 => Scanned::Tiff,
                _ => Scanned::Jpeg,
            },
        }
    }
}

impl Place {
    async fn bring(&self, name: &str, file: Vec<u8>, wire: &Wire) -> anyhow::Result<()> {
        match self {
            Self::Folder(folder) => leave(folder, name, &file, wire).await?,
            Self::Api(address, token) => {
                let url = format!("{address}&{}", serde_urlencoded::to_string([("file", name)])?);
                let bearer = format!("Bearer {}", token.expose());
                let headers = [("authorization", bearer.as_str()), ("content-type", "application/octet-stream")];
                // A refusal is counted where it is heard.
                wire.post(Request { url: &url, headers: &headers, body: file }).await;
            }
        }
        Ok(())
    }
}

/// The files of a batch.
fn draw(
    town: &Town,
    batch: u64,
    number: u64,
    form: Scanned,
    at: jiff::Timestamp,
) -> anyhow::Result<Vec<(&'static str, Vec<u8>)>> {
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
    Ok(scans(&pages.collect::<Vec<_>>(), number, form, &Programs::default())?)
}
