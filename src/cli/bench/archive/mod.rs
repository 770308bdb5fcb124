//! An archive as years of work leave it: persons with several tickets each, questions and answers, events of
//! all that happened. Readers of the feed then make of it what they make of any history.
mod store;

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::Trial;
use crate::kernel::Kernel;
use crate::kernel::codes::TrackingCode;
use crate::kernel::config::{Config, Secret};
use crate::kernel::database::StoreError;
use crate::kernel::events;
use crate::kernel::time::Clock;

/// Tickets in work, whatever the archive's size; they are the youngest.
const IN_WORK: i64 = 4000;
/// Tickets of one transaction.
const PIECE: i64 = 25_000;

/// `sportello bench archive`
#[derive(Debug, Args)]
pub struct Archive {
    #[arg(long)]
    data: PathBuf,
    #[arg(long, env = DATABASE, hide_env_values = true)]
    database: Option<String>,
    #[arg(long)]
    from: i64,
    #[arg(long)]
    to: i64,
}

/// Where the database's URL comes from: arguments are seen by everybody on the machine.
const DATABASE: &str = "SPORTELLO_BENCH_DATABASE";

impl Archive {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let mut config = Config { data: self.data, ..Config::default() };
        config.database.url = self.database.map(Secret::new);
        let kernel = Kernel::open(config, Clock::system()).await?;
        fill(&kernel, self.from, self.to).await?;
        kernel.db.close().await;
        Ok(())
    }
}

/// Fills an installation from a process of its own, so that its memory is not counted as the server's.
pub async fn fill_apart(trial: &Trial, from: i64, to: i64) -> anyhow::Result<()> {
    let mut command = tokio::process::Command::new(std::env::current_exe()?);
    command.args(["bench", "archive", "--from", &from.to_string(), "--to", &to.to_string(), "--data"]);
    command.arg(&trial.config.data).env_remove(DATABASE);
    if let Some(url) = &trial.config.database.url {
        command.env(DATABASE, url.reveal());
    }
    anyhow::ensure!(command.status().await?.success(), "the archive was not filled");
    Ok(())
}

/// Adds the tickets numbered from `from` to `to`; the higher the number, the longer ago.
///
/// # Errors
/// When the database refuses.
async fn fill(kernel: &Kernel, from: i64, to: i64) -> Result<(), StoreError> {
    let now = kernel.now();
    let mut start = from;
    while start < to {
        let end = (start + PIECE).min(to);
        let codes: Vec<String> = (start..end).map(code).collect();
        let codes = serde_json::Value::from(codes).to_string();
        let piece = store::Piece { first: start, codes, in_work: IN_WORK, now };
        kernel.db.write(move |tx| Box::pin(async move { store::add(tx, &piece).await })).await?;
        start = end;
    }
    kernel.db.write(|tx| Box::pin(async move { store::settle(tx).await })).await
}

/// The code of the ticket numbered `n`: as random to look at as real ones, and another for each.
pub fn code(n: i64) -> String {
    TrackingCode::from_bits(n.unsigned_abs().wrapping_mul(0x9E37_79B9_7F4A_7C15)).as_str().to_owned()
}

/// Waits until all readers of the feed have read what was added.
///
/// # Errors
/// When the database cannot be read.
pub async fn wait_for_readers(kernel: &Kernel, readers: usize) -> Result<(), StoreError> {
    loop {
        let mut conn = kernel.db.read().await?;
        let lags = events::lags(&mut conn).await?;
        drop(conn);
        if lags.len() >= readers && lags.iter().all(|(_, lag)| lag.is_none()) {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
