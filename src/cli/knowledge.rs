//! `sportello knowledge`.
use std::io::{self, BufWriter};
use std::path::PathBuf;

use clap::{Args, Subcommand};
use knowledge_base::Lang;

use super::Place;
use crate::kernel::telemetry;
use crate::knowledge::classified;
use crate::knowledge::collections::{Collection, CollectionError, Mode};
use crate::knowledge::rebuild::{Rebuilt, rebuild};

/// Manage the knowledge base, and measure how well it finds.
#[derive(Debug, Subcommand)]
pub enum Knowledge {
    /// Make the search index of the sheets again from the database.
    Rebuild(Place),
    /// Put the texts of a file into a collection, to measure searches on them. Needs no other set-up.
    Import(Import),
    /// Answer the queries of a file from a collection and print a TREC run.
    Run(Run),
    /// Guess the labels of texts from texts that people labelled, as for tickets, and say how often that is right.
    ClassifyRun(ClassifyRun),
}

/// A collection of texts that stands beside the sheets.
#[derive(Debug, Args)]
struct Which {
    /// Data directory; made if missing.
    #[arg(long, env = "SPORTELLO_DATA", default_value = "data")]
    data: PathBuf,
    /// Name of the collection. One data directory may have several.
    #[arg(long, value_name = "NAME")]
    collection: String,
}

#[derive(Debug, Args)]
pub struct Import {
    #[command(flatten)]
    which: Which,
    /// Delete the documents that the file does not have.
    #[arg(long)]
    delete_absent: bool,
    /// JSON lines with id and text, and title and lang (it or en; it when absent) where known. A document with a
    /// known id takes its place.
    #[arg(value_name = "CORPUS.jsonl")]
    file: PathBuf,
}

#[derive(Debug, Args)]
pub struct Run {
    #[command(flatten)]
    which: Which,
    /// JSON lines with id and text, and subject and lang where known.
    #[arg(long, value_name = "QUERIES.jsonl")]
    queries: PathBuf,
    /// The most documents of a query.
    #[arg(long, default_value_t = 10)]
    depth: usize,
    /// How queries are read.
    #[arg(long, value_enum, default_value_t = Mode::Suggest)]
    mode: Mode,
}

#[derive(Debug, Args)]
pub struct ClassifyRun {
    /// Texts to learn from: lines of id, label and text, parted by tabs.
    #[arg(long, value_name = "LABELS.tsv")]
    learn: PathBuf,
    /// Language of the texts, it or en.
    #[arg(long, default_value = "it")]
    lang: String,
    /// Texts whose labels are guessed, in the same form.
    #[arg(value_name = "LABELS.tsv")]
    file: PathBuf,
}

impl Knowledge {
    /// Runs the command.
    ///
    /// # Errors
    /// When files, database or index folder cannot be read or written.
    pub async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Rebuild(place) => again(&place).await,
            Self::Import(import) => tokio::task::spawn_blocking(move || import.run()).await?,
            Self::Run(run) => tokio::task::spawn_blocking(move || run.run()).await?,
            Self::ClassifyRun(run) => tokio::task::spawn_blocking(move || run.run()).await?,
        }
    }
}

async fn again(place: &Place) -> anyhow::Result<()> {
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

impl Import {
    fn run(self) -> anyhow::Result<()> {
        let collection = Collection::new(&self.which.data, &self.which.collection)?;
        let done = collection.import(&self.file, self.delete_absent)?;
        println!(
            "{} added, {} replaced, {} deleted; the collection «{}» has {} documents.",
            done.added, done.replaced, done.deleted, self.which.collection, done.documents
        );
        Ok(())
    }
}

impl Run {
    fn run(self) -> anyhow::Result<()> {
        let collection = Collection::new(&self.which.data, &self.which.collection)?;
        let mut output = BufWriter::new(io::stdout().lock());
        let times = match collection.run(&self.queries, self.depth, self.mode, &mut output) {
            // Whoever reads the run has seen enough of it.
            Err(CollectionError::Output(e)) if e.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
            done => done?,
        };
        let ms = |time: std::time::Duration| time.as_secs_f64() * 1000.0;
        eprintln!(
            "{} queries; half took at most {:.2} ms each, 99 of 100 at most {:.2} ms",
            times.queries,
            ms(times.median),
            ms(times.slowest)
        );
        Ok(())
    }
}

impl ClassifyRun {
    fn run(self) -> anyhow::Result<()> {
        let lang = Lang::from_code(&self.lang).ok_or_else(|| anyhow::anyhow!("the language is it or en"))?;
        let mut output = BufWriter::new(io::stdout().lock());
        let found = classified::run(&self.learn, &self.file, lang, &mut output)?;
        eprintln!(
            "{} texts; right {:.3}, among the first three {:.3}, macro-F1 {:.3}",
            found.texts, found.first, found.among_three, found.macro_f1
        );
        Ok(())
    }
}
