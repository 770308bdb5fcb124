//! Contacts through `POST /api/v1/contacts`, beside the database alone.
use std::process::Command;
use std::time::Duration;

use clap::Args;

use super::clients::{self, TEXT};
use super::{On, Trial, cpu_seconds, store};

/// `sportello bench intake`
#[derive(Debug, Args)]
pub struct IntakeBench {
    #[command(flatten)]
    on: On,
    /// Seconds of each measurement.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Clients at once, separated by commas.
    #[arg(long, default_value = "1,8,32", value_delimiter = ',')]
    clients: Vec<usize>,
}

impl IntakeBench {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        println!("durable contacts a second through the API (raw, person, identifier, ticket, contact, event each)");
        println!(
            "{:<12}{:>8}{:>12}{:>9}{:>9}{:>15}{:>16}{:>16}{:>8}",
            "database",
            "clients",
            "contacts/s",
            "p50 ms",
            "p99 ms",
            "server CPU ms",
            "clients CPU ms",
            "database alone",
            "ratio"
        );
        let span = Duration::from_secs(self.seconds);
        for (name, url) in self.on.databases() {
            for &clients in &self.clients {
                let mut trial = Trial::start(url.as_deref()).await?;
                let cpu = cpu_seconds();
                let seen = clients::send(&trial.base, &trial.token, self.seconds, clients).await?;
                let server_cpu = cpu_seconds() - cpu;
                // Its readers would read what the database alone writes, and hold it up.
                trial.stop().await?;
                let alone = match &url {
                    None => {
                        Some(store::sqlite_alone(&trial.kernel.config.path("alone.db"), clients, span, TEXT).await?)
                    }
                    Some(url) => self.pgbench(&trial, url, clients).await?,
                };
                trial.end().await?;
                #[expect(clippy::cast_precision_loss, reason = "a count of requests")]
                let contacts = seen.contacts as f64;
                let per_second = contacts / seen.seconds;
                let (beside, ratio) = alone.map_or_else(
                    || ("no pgbench".to_owned(), String::new()),
                    |a| (format!("{a:.0}/s"), format!("{:.2}", per_second / a)),
                );
                println!(
                    "{name:<12}{clients:>8}{per_second:>12.0}{:>9.2}{:>9.2}{:>15.3}{:>16.3}{beside:>16}{ratio:>8}",
                    seen.p50_ms,
                    seen.p99_ms,
                    server_cpu * 1000.0 / contacts,
                    seen.cpu_seconds * 1000.0 / contacts,
                );
            }
        }
        println!(
            "SQLite alone: the same statements on one connection, one commit for as many contacts as there are clients."
        );
        println!("PostgreSQL alone: pgbench with the same statements in one transaction, prepared, as many clients.");
        println!("CPU: each contact's share of the server's process and of the clients', without PostgreSQL's own.");
        Ok(())
    }

    /// Transactions a second of `pgbench` with the same statements; `None` where it is not installed.
    async fn pgbench(&self, trial: &Trial, url: &str, clients: usize) -> anyhow::Result<Option<f64>> {
        let script = trial.kernel.config.path("contact.sql");
        std::fs::write(&script, store::pgbench_script(TEXT))?;
        let mut command = Command::new("pgbench");
        command
            .args([
                "-n",
                "-M",
                "prepared",
                "-c",
                &clients.to_string(),
                "-j",
                "2",
                "-T",
                &self.seconds.to_string(),
                "-f",
            ])
            .arg(&script)
            .arg(url);
        let output = match tokio::task::spawn_blocking(move || command.output()).await? {
            Ok(output) => output,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(e.into()),
        };
        let text = String::from_utf8_lossy(&output.stdout);
        let tps = text.lines().find_map(|l| l.strip_prefix("tps = ")?.split_whitespace().next()?.parse().ok());
        anyhow::ensure!(tps.is_some(), "pgbench said: {}", String::from_utf8_lossy(&output.stderr));
        Ok(tps)
    }
}
