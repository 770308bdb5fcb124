//! `sportello knowledge sheets`.
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Subcommand;

use super::{Place, operator};
use crate::kernel::telemetry;
use crate::knowledge::transfer::import::{Into, Run, import};
use crate::knowledge::transfer::{Entry, FileKind, Format, export};

/// Sheets in files.
#[derive(Debug, Subcommand)]
pub enum Sheets {
    /// Import sheets from .csv, .jsonl, .md and .zip files, or from folders of .md files; nothing is written when one
    /// line is wrong.
    Import {
        #[command(flatten)]
        place: Place,
        /// Only say what would be done.
        #[arg(long)]
        dry_run: bool,
        /// Write drafts to be validated, instead of publishing.
        #[arg(long)]
        drafts: bool,
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Export the sheets in force: a .csv, .jsonl or .zip file, or a folder with a Markdown file each.
    Export {
        #[command(flatten)]
        place: Place,
        to: PathBuf,
    },
}

impl Sheets {
    /// Runs the command.
    ///
    /// # Errors
    /// When files or database cannot be read or written, or what is imported is wrong.
    pub async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Import { place, dry_run, drafts, files } => {
                let entries = files.iter().map(|file| read(file)).collect::<anyhow::Result<Vec<_>>>()?;
                let (into, run) =
                    (if drafts { Into::Drafts } else { Into::Published }, if dry_run { Run::Dry } else { Run::Real });
                telemetry::start(&place.load()?.log);
                let kernel = place.open().await?;
                let report = import(&kernel, &operator(), entries.concat(), into, run).await;
                kernel.db.close().await;
                let report = report?;
                for fault in &report.faults {
                    let at = if fault.file.is_empty() { String::new() } else { format!("{} ", fault.file) };
                    println!("{at}line {}: {} {}: {}", fault.line, fault.code, fault.field, fault.wrong);
                }
                if !report.faults.is_empty() {
                    bail!("nothing was imported: {} things are wrong", report.faults.len());
                }
                let done = if report.done { "Imported" } else { "Would import" };
                println!(
                    "{done}: {} new, {} changed, {} as they are in force already.",
                    report.created, report.changed, report.unchanged
                );
                Ok(())
            }
            Self::Export { place, to } => {
                telemetry::start(&place.load()?.log);
                let kernel = place.open().await?;
                let sheets = export::all(&kernel).await;
                kernel.db.close().await;
                let sheets = sheets?;
                match FileKind::of_name(&to.to_string_lossy()) {
                    Some(kind) => write(&to, &kind.write(&sheets)?)?,
                    None => {
                        std::fs::create_dir_all(&to).with_context(|| format!("cannot make {}", to.display()))?;
                        for sheet in &sheets {
                            let file = to.join(format!("{}.md", sheet.code.as_str()));
                            write(&file, Format::Markdown.write(std::slice::from_ref(sheet)).as_bytes())?;
                        }
                    }
                }
                println!("Exported {} sheets to {}.", sheets.len(), to.display());
                Ok(())
            }
        }
    }
}

fn write(file: &Path, content: &[u8]) -> anyhow::Result<()> {
    std::fs::write(file, content).with_context(|| format!("cannot write {}", file.display()))
}

fn read(path: &Path) -> anyhow::Result<Vec<Entry>> {
    if path.is_dir() {
        let mut files: Vec<PathBuf> = std::fs::read_dir(path)?.filter_map(|e| e.ok().map(|e| e.path())).collect();
        files.retain(|file| Format::of_name(&file.to_string_lossy()) == Some(Format::Markdown));
        files.sort();
        let read = files.iter().map(|file| read(file)).collect::<anyhow::Result<Vec<_>>>()?;
        return Ok(read.concat());
    }
    let name = path.display().to_string();
    let kind = FileKind::of_name(&name).with_context(|| format!("{name} is not a .csv, .jsonl, .md or .zip file"))?;
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {name}"))?;
    Ok(kind.read(&bytes, &name))
}
