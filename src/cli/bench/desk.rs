//! The pages agents look at all day, with few and with many tickets.
use std::time::Instant;

use clap::Args;

use super::{On, Trial, client, quantile, store};

/// `sportello bench desk`
#[derive(Debug, Args)]
pub struct DeskBench {
    #[command(flatten)]
    on: On,
    /// Numbers of tickets to measure at, growing, separated by commas.
    #[arg(long, default_value = "10000,1000000", value_delimiter = ',')]
    tickets: Vec<i64>,
    /// Requests of each page.
    #[arg(long, default_value_t = 300)]
    requests: usize,
}

impl DeskBench {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        println!(
            "{:<12}{:>10}{:>16}{:>10}{:>10}{:>18}",
            "database", "tickets", "page", "p50 ms", "p99 ms", "ratio to first"
        );
        for (name, url) in self.on.databases() {
            let trial = Trial::start(url.as_deref()).await?;
            let cookie = trial.agent_cookie().await?;
            let http = client()?;
            let mut first: Vec<f64> = Vec::new();
            let mut filled = 0;
            for &tickets in &self.tickets {
                // About four thousand tickets are in work whatever the archive's size.
                store::fill(&trial.kernel, filled, tickets, (tickets / 2000).max(4)).await?;
                store::analyze(&trial.kernel).await?;
                filled = tickets;
                let codes = store::some_codes(&trial.kernel, 200).await?;
                let queue = vec!["/scrivania/coda/nuove".to_owned(), "/scrivania/coda/struttura".to_owned()];
                let pages: Vec<String> = codes.iter().map(|c| format!("/scrivania/pratiche/{c}")).collect();
                for (place, (page, paths)) in [("queue", queue), ("ticket", pages)].into_iter().enumerate() {
                    let mut times = Vec::with_capacity(self.requests);
                    for n in 0..self.requests + 20 {
                        let path = &paths[n % paths.len()];
                        let sent = Instant::now();
                        let answer = http.get(format!("{}{path}", trial.base)).header("cookie", &cookie).send().await?;
                        anyhow::ensure!(answer.status() == 200, "{path} answered {}", answer.status());
                        drop(answer.bytes().await?);
                        if n >= 20 {
                            times.push(sent.elapsed());
                        }
                    }
                    times.sort_unstable();
                    let p99 = quantile(&times, 0.99);
                    if first.len() <= place {
                        first.push(p99);
                    }
                    let ratio = p99 / first[place];
                    println!(
                        "{name:<12}{tickets:>10}{page:>16}{:>10.2}{p99:>10.2}{ratio:>18.2}",
                        quantile(&times, 0.5)
                    );
                }
            }
            trial.end().await?;
        }
        Ok(())
    }
}
