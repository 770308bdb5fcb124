//! `sportello simulate fax`: pages as a HylaFAX server receives them, through its hook command or its spool.
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Context;
use channels::Secret;
use channels::paper::Programs;
use channels::simulate::pages::{Coding, Written, fax};
use clap::{Args, ValueEnum};

use super::drive::{drive, finish};
use super::options::{Traffic, parse_secret, writable};
use super::tally::Tally;
use super::wire::{Request, Wire};
use super::words::Town;

/// Citizens send faxes.
#[derive(Debug, Clone, Args)]
pub struct Fax {
    #[command(flatten)]
    traffic: Traffic,
    /// Public address of the installation.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    url: String,
    /// Name of the account, with --secret: faxes come by its hook.
    #[arg(long, required_unless_present = "spool", requires = "secret")]
    account: Option<String>,
    /// Its secret: `env:NAME` or `file:PATH`.
    #[arg(long, value_parser = parse_secret)]
    secret: Option<Secret>,
    /// The watched folder `recvq`: faxes are left there, as by a server that could not call.
    #[arg(long, conflicts_with = "account")]
    spool: Option<PathBuf>,
    /// How pages are coded.
    #[arg(long, value_enum, default_value_t = Coded::Both)]
    coding: Coded,
    /// Share of transmissions that break off: half of the file arrives.
    #[arg(long, default_value_t = 0.02)]
    broken: f64,
}

/// How pages are coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Coded {
    /// T.4 in one dimension.
    G3,
    /// T.6.
    G4,
    /// One after the other.
    Both,
}

impl Fax {
    /// Sends faxes until there are no more. Drawing a page takes longer than sending it.
    ///
    /// # Errors
    /// When the spool cannot be written to.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let tally = Arc::new(Tally::default());
        let (town, wire) = (Arc::new(Town::new(&self.traffic)?), Wire::new(&tally)?);
        if let Some(spool) = &self.spool {
            writable(spool).await?;
        }
        let (traffic, machine) = (self.traffic.clone(), Arc::new(self));
        let run = wire.now();
        drive(&traffic, &tally, |number| {
            let (machine, town, wire) = (Arc::clone(&machine), Arc::clone(&town), wire.clone());
            async move {
                if let Err(e) = machine.transmit(&town, &wire, run, number).await {
                    wire.tally().refused(format_args!("{e:#}"));
                }
            }
        })
        .await;
        finish(&traffic, &tally)
    }

    async fn transmit(&self, town: &Arc<Town>, wire: &Wire, run: i64, number: u64) -> anyhow::Result<()> {
        let (coding, at) = (self.coding(number), wire.clock().now().timestamp());
        let drawing = Arc::clone(town);
        let drawn = tokio::task::spawn_blocking(move || {
            let citizen = drawing.citizen(number);
            let wish = drawing.wish(number, &citizen.name);
            let (to, name) = ("Comune di Valdoria\nPiazza del Municipio 1", citizen.name.as_str());
            fax(&Written { name, to, subject: &wish.subject, text: &wish.text, at }, coding, &Programs::default())
        });
        let mut tiff = drawn.await??;
        let broken = rand::RngExt::random_bool(&mut town.chance(number ^ 0xfa), self.broken.clamp(0.0, 1.0));
        if broken {
            tiff.truncate(tiff.len() / 2);
        }
        let name = format!("fax{run}{number:05}.tif");
        let Some(account) = &self.account else {
            return leave(self.spool.as_deref().context("neither account nor spool")?, &name, &tiff, wire).await;
        };
        let caller = town.citizen(number).phone;
        let facts = [
            ("file", name.as_str()),
            ("device", "ttyS0"),
            ("comm", &number.to_string()),
            ("caller", &caller),
            ("name", ""),
            ("error", if broken { "No carrier detected" } else { "" }),
        ];
        let url =
            format!("{}/hooks/{account}/in?{}", self.url.trim_end_matches('/'), serde_urlencoded::to_string(facts)?);
        let bearer = format!("Bearer {}", self.secret.as_ref().map_or("", |secret| secret.expose()));
        let headers = [("authorization", bearer.as_str()), ("content-type", "image/tiff")];
        wire.post(Request { url: &url, headers: &headers, body: tiff }).await;
        Ok(())
    }

    const fn coding(&self, number: u64) -> Coding {
        match self.coding {
            Coded::G3 => Coding::G3,
            Coded::G4 => Coding::G4,
            Coded::Both if number.is_multiple_of(2) => Coding::G4,
            Coded::Both => Coding::G3,
        }
    }
}

/// Leaves a file whole: under another name first, as nobody must see half of it.
pub async fn leave(folder: &Path, name: &str, bytes: &[u8], wire: &Wire) -> anyhow::Result<()> {
    let began = Instant::now();
    let (partial, whole) = (folder.join(format!(".{name}.part")), folder.join(name));
    tokio::fs::write(&partial, bytes).await.with_context(|| format!("cannot write {}", partial.display()))?;
    tokio::fs::rename(&partial, &whole).await.with_context(|| format!("cannot write {}", whole.display()))?;
    wire.tally().accepted(began.elapsed());
    Ok(())
}
