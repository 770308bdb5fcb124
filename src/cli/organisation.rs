//! `sportello organisation`.
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Subcommand;

use super::{Place, operator};
use crate::kernel::language::Language;
use crate::kernel::telemetry;
use crate::network::reorganise::transfer::{Run, export, import};

/// The organisation in a file.
#[derive(Debug, Subcommand)]
pub enum Organisation {
    /// Import agencies, units, sites and referents from a .csv file; nothing is written when one line is wrong, and
    /// nothing is ever deleted.
    Import {
        #[command(flatten)]
        place: Place,
        /// Only say what would be done.
        #[arg(long)]
        dry_run: bool,
        /// Why units change; written in their history.
        #[arg(long, default_value = "")]
        reason: String,
        file: PathBuf,
    },
    /// Export agencies, units, sites and referents to a .csv file.
    Export {
        #[command(flatten)]
        place: Place,
        to: PathBuf,
    },
}

impl Organisation {
    /// Runs the command.
    ///
    /// # Errors
    /// When file or database cannot be read or written, or what is imported is wrong.
    pub async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Import { place, dry_run, reason, file } => {
                let bytes = std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
                let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
                let reason = if reason.trim().is_empty() {
                    Language::Italian.text_with("org-file-reason-none", &[("file", name)])
                } else {
                    reason
                };
                telemetry::start(&place.load()?.log);
                let kernel = place.open().await?;
                let run = if dry_run { Run::Dry } else { Run::Real };
                let report = import(&kernel, &operator(), &bytes, &reason, run).await;
                kernel.db.close().await;
                let report = report?;
                for fault in &report.faults {
                    println!("line {}: {}: {}", fault.line, fault.column, fault.wrong);
                }
                if !report.faults.is_empty() {
                    bail!("nothing was imported: {} things are wrong", report.faults.len());
                }
                for step in &report.steps {
                    let what = if step.differences.is_empty() { "new" } else { "changed" };
                    println!("line {}: {what} {} {}", step.line, step.record.as_str(), step.name);
                    for d in &step.differences {
                        println!("  {}: {:?} -> {:?}", d.column, d.before, d.after);
                    }
                }
                let done = if report.done { "Imported" } else { "Would import" };
                let (created, changed, unchanged) = (report.created, report.changed, report.unchanged);
                println!("{done}: {created} new, {changed} changed, {unchanged} as they are already.");
                Ok(())
            }
            Self::Export { place, to } => {
                telemetry::start(&place.load()?.log);
                let kernel = place.open().await?;
                let text = export(&kernel, &operator()).await;
                kernel.db.close().await;
                std::fs::write(&to, text?).with_context(|| format!("cannot write {}", to.display()))?;
                println!("Exported the organisation to {}.", to.display());
                Ok(())
            }
        }
    }
}
