//! `sportello knowledge sheets`.
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Subcommand;

use super::{Place, operator};
use crate::kernel::telemetry;
use crate::knowledge::transfer::attached::{self, Forms};
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
    /// Export the sheets in force: a .csv, .jsonl or .zip file, or a folder with a Markdown file each. Archive and
    /// folder have the attached forms too.
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
                let forms = Forms::of(&kernel, &sheets).await?;
                match FileKind::of_name(&to.to_string_lossy()) {
                    Some(kind) => write(&to, &kind.write(&sheets, &forms)?)?,
                    None => {
                        std::fs::create_dir_all(&to).with_context(|| format!("cannot make {}", to.display()))?;
                        for sheet in &sheets {
                            let file = to.join(format!("{}.md", sheet.code.as_str()));
                            write(&file, Format::Markdown.write(std::slice::from_ref(sheet)).as_bytes())?;
                            for (path, form) in attached::paths(sheet) {
                                let Some(bytes) = forms.get(form) else { continue };
                                let file = to.join(path);
                                std::fs::create_dir_all(file.parent().unwrap_or(&to))?;
                                write(&file, bytes)?;
                            }
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

/// The files of the folder of forms, which has a folder for each sheet.
fn forms(folder: &Path) -> anyhow::Result<Forms> {
    let mut forms = Forms::default();
    if folder.is_dir() {
        for of_sheet in std::fs::read_dir(folder)? {
            let of_sheet = of_sheet?.path();
            if !of_sheet.is_dir() {
                continue;
            }
            for file in std::fs::read_dir(of_sheet)? {
                let file = file?.path();
                let bytes = std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
                forms.add(bytes.into());
            }
        }
    }
    Ok(forms)
}

fn read(path: &Path) -> anyhow::Result<Vec<Entry>> {
    if path.is_dir() {
        let mut files: Vec<PathBuf> = std::fs::read_dir(path)?.filter_map(|e| e.ok().map(|e| e.path())).collect();
        files.retain(|file| Format::of_name(&file.to_string_lossy()) == Some(Format::Markdown));
        files.sort();
        let mut read = files.iter().map(|file| read(file)).collect::<anyhow::Result<Vec<_>>>()?.concat();
        forms(&path.join(attached::FOLDER))?.give(&mut read);
        return Ok(read);
    }
    let name = path.display().to_string();
    let kind = FileKind::of_name(&name).with_context(|| format!("{name} is not a .csv, .jsonl, .md or .zip file"))?;
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {name}"))?;
    Ok(kind.read(&bytes, &name))
}
