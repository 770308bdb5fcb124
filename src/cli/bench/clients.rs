//! The clients of `bench intake`, in a process of their own: what they use is then not counted as the server's.
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context;
use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::kernel::codes::random_token;

use super::{cpu_seconds, quantile};

/// About the length of a citizen's mail.
pub const TEXT: &str = "Buongiorno, scrivo perché da circa due settimane il lampione davanti al civico 14 di via Roma resta spento \
    e la sera il marciapiede è buio; abbiamo già avvisato il vicino comando ma nessuno ci ha saputo dire a chi spetti \
    l'intervento. Potete dirmi se la segnalazione va fatta a voi o alla società che gestisce la rete, e in quanto tempo \
    di solito si interviene? Resto a disposizione per ogni chiarimento al numero che trovate nel modulo. Grazie, cordiali saluti.";

/// `sportello bench clients`
#[derive(Debug, Args)]
pub struct Clients {
    /// Base URL of the server.
    #[arg(long)]
    server: String,
    #[arg(long, env = TOKEN, hide_env_values = true)]
    token: String,
    #[arg(long)]
    seconds: u64,
    /// How many at once; each sends its next contact when the last is acknowledged.
    #[arg(long)]
    clients: usize,
}

/// Where the token comes from: arguments are seen by everybody on the machine.
const TOKEN: &str = "SPORTELLO_BENCH_TOKEN";

/// What the clients saw.
#[derive(Debug, Serialize, Deserialize)]
pub struct Seen {
    /// Contacts acknowledged.
    pub contacts: u64,
    pub seconds: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
    /// CPU the clients used.
    pub cpu_seconds: f64,
}

/// Runs clients against a server and answers what they saw.
pub async fn send(server: &str, token: &str, seconds: u64, clients: usize) -> anyhow::Result<Seen> {
    let output = tokio::process::Command::new(std::env::current_exe()?)
        .args(["bench", "clients", "--server", server])
        .args(["--seconds", &seconds.to_string(), "--clients", &clients.to_string()])
        .env(TOKEN, token)
        .stderr(Stdio::inherit())
        .output()
        .await?;
    serde_json::from_slice(&output.stdout).context("the clients did not finish")
}

impl Clients {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let http = reqwest::Client::builder().pool_max_idle_per_host(self.clients).build()?;
        // A database that is measured again must not have seen these contacts before.
        let run = random_token();
        let number = Arc::new(AtomicU64::new(0));
        let (cpu, started) = (cpu_seconds(), Instant::now());
        let until = started + Duration::from_secs(self.seconds);
        let mut tasks = Vec::new();
        for _ in 0..self.clients {
            let (http, number, run) = (http.clone(), number.clone(), run.clone());
            let (url, token) = (format!("{}/api/v1/contacts", self.server), self.token.clone());
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
        let seconds = started.elapsed().as_secs_f64();
        times.sort_unstable();
        let seen = Seen {
            contacts: times.len() as u64,
            seconds,
            p50_ms: quantile(&times, 0.5),
            p99_ms: quantile(&times, 0.99),
            cpu_seconds: cpu_seconds() - cpu,
        };
        println!("{}", serde_json::to_string(&seen)?);
        Ok(())
    }
}
