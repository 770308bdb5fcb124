//! Contacts through `POST /api/v1/contacts`, beside the database alone.
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use clap::Args;
use serde_json::json;

use crate::kernel::codes::random_token;

use super::{On, Trial, client, cpu_seconds, quantile, store};

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

/// About the length of a citizen's mail.
const TEXT: &str = "Buongiorno, scrivo perché da circa due settimane il lampione davanti al civico 14 di via Roma resta spento \
    e la sera il marciapiede è buio; abbiamo già avvisato il vicino comando ma nessuno ci ha saputo dire a chi spetti \
    l'intervento. Potete dirmi se la segnalazione va fatta a voi o alla società che gestisce la rete, e in quanto tempo \
    di solito si interviene? Resto a disposizione per ogni chiarimento al numero che trovate nel modulo. Grazie, cordiali saluti.";

struct Measured {
    per_second: f64,
    p50: f64,
    p99: f64,
    cpu_per_contact: f64,
}

impl IntakeBench {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        println!("durable contacts a second through the API (raw, person, identifier, ticket, contact, event each)");
        println!(
            "{:<12}{:>8}{:>12}{:>10}{:>10}{:>14}{:>16}{:>8}",
            "database", "clients", "contacts/s", "p50 ms", "p99 ms", "CPU ms each", "database alone", "ratio"
        );
        for (name, url) in self.on.databases() {
            for &clients in &self.clients {
                let trial = Trial::start(url.as_deref()).await?;
                let measured = self.through_api(&trial, clients).await?;
                let alone = match &url {
                    None => Some(
                        store::sqlite_alone(
                            &trial.kernel.config.path("alone.db"),
                            clients,
                            Duration::from_secs(self.seconds),
                            TEXT,
                        )
                        .await?,
                    ),
                    Some(url) => self.pgbench(&trial, url, clients).await?,
                };
                trial.end().await?;
                let (beside, ratio) = alone.map_or_else(
                    || ("no pgbench".to_owned(), String::new()),
                    |a| (format!("{a:.0}/s"), format!("{:.2}", measured.per_second / a)),
                );
                println!(
                    "{name:<12}{clients:>8}{:>12.0}{:>10.2}{:>10.2}{:>14.3}{beside:>16}{ratio:>8}",
                    measured.per_second, measured.p50, measured.p99, measured.cpu_per_contact
                );
            }
        }
        println!(
            "SQLite alone: the same statements on one connection, one commit for as many contacts as there are clients."
        );
        println!("PostgreSQL alone: pgbench with the same statements in one transaction, prepared, as many clients.");
        println!("CPU: of server and clients together, which share this process.");
        Ok(())
    }

    async fn through_api(&self, trial: &Trial, clients: usize) -> anyhow::Result<Measured> {
        let http = client()?;
        let until = Instant::now() + Duration::from_secs(self.seconds);
        let number = Arc::new(AtomicU64::new(0));
        let cpu = cpu_seconds();
        let started = Instant::now();
        // A database that is measured again must not have seen these contacts before.
        let run = random_token();
        let mut tasks = Vec::new();
        for _ in 0..clients {
            let (http, number, run) = (http.clone(), number.clone(), run.clone());
            let (url, token) = (format!("{}/api/v1/contacts", trial.base), trial.token.clone());
            tasks.push(tokio::spawn(async move {
                let mut times = Vec::new();
                while Instant::now() < until {
                    let n = number.fetch_add(1, Ordering::Relaxed);
                    let body = json!({
                        "channel": "email", "account": "bench", "external_id": format!("{run}-{n}"),
                        "from": format!("cittadino{n}@{run}.example"), "subject": "Lampione spento", "text": TEXT,
                    });
                    let sent = Instant::now();
                    let answer = http.post(&url).bearer_auth(&token).json(&body).send().await?;
                    anyhow::ensure!(answer.status() == 201, "the API answered {}", answer.status());
                    drop(answer.bytes().await?);
                    times.push(sent.elapsed());
                }
                Ok(times)
            }));
        }
        let mut times = Vec::new();
        for task in tasks {
            times.extend(task.await??);
        }
        let elapsed = started.elapsed().as_secs_f64();
        let used = cpu_seconds() - cpu;
        times.sort_unstable();
        #[expect(clippy::cast_precision_loss, reason = "a count of requests")]
        let count = times.len() as f64;
        Ok(Measured {
            per_second: count / elapsed,
            p50: quantile(&times, 0.5),
            p99: quantile(&times, 0.99),
            cpu_per_contact: used * 1000.0 / count,
        })
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
