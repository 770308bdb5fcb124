//! The pages agents look at all day, with few and with many tickets.
use std::time::{Duration, Instant};

use clap::Args;

use super::apart::Apart;
use super::{On, Trial, archive, client, quantile};

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

/// Readers of the feed that save their position in the database.
const READERS: usize = 2;

/// What agents type: words of few and of many tickets, a street, an address.
const SEARCHES: [&str; 6] = [
    "lampione+spento",
    "residenza+famiglia",
    "rifiuti+via+Mazzini",
    "canile",
    "pratica+interna+1234",
    "cittadino77@posta.example",
];

/// A page, by the paths it is asked for under.
struct Asked {
    name: &'static str,
    paths: Vec<String>,
}

/// How long a page took, in milliseconds: median, 99th centile, and CPU of the server, which other work on the
/// machine does not stretch.
#[derive(Clone, Copy)]
struct Time {
    p50: f64,
    p99: f64,
    cpu: f64,
}

/// Waits until the server is at rest: the merges and checkpoints that follow the filling are not what pages cost.
async fn at_rest(server: &Apart) -> anyhow::Result<()> {
    let until = Instant::now() + Duration::from_secs(120);
    while Instant::now() < until {
        let before = server.cpu_seconds();
        tokio::time::sleep(Duration::from_secs(2)).await;
        if server.cpu_seconds() - before < 0.1 {
            return Ok(());
        }
    }
    anyhow::bail!("the server did not come to rest within two minutes")
}

impl DeskBench {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        println!(
            "{:<12}{:>10}{:>9}{:>10}{:>10}{:>10}{:>14}{:>14}",
            "database", "tickets", "page", "p50 ms", "p99 ms", "CPU ms", "p99 to first", "CPU to first"
        );
        for (name, url) in self.on.databases() {
            let trial = Trial::open(url.as_deref()).await?;
            let cookie = trial.agent_cookie().await?;
            let mut first: Vec<Time> = Vec::new();
            let mut filled = 0;
            for &tickets in &self.tickets {
                let started = Instant::now();
                archive::fill_apart(&trial, filled, tickets).await?;
                let written = started.elapsed();
                filled = tickets;
                let server = Apart::serve(&trial.config).await?;
                self.wait_until_found(&server, &cookie, tickets).await?;
                archive::wait_for_readers(&trial.kernel, READERS).await?;
                let read = started.elapsed() - written;
                at_rest(&server).await?;
                for (place, page) in pages(tickets).iter().enumerate() {
                    let time = self.measure(&server, &cookie, page).await?;
                    if first.len() <= place {
                        first.push(time);
                    }
                    println!(
                        "{name:<12}{tickets:>10}{:>9}{:>10.2}{:>10.2}{:>10.2}{:>14.2}{:>14.2}",
                        page.name,
                        time.p50,
                        time.p99,
                        time.cpu,
                        time.p99 / first[place].p99,
                        time.cpu / first[place].cpu,
                    );
                }
                let memory = server.memory();
                println!(
                    "{name:<12}{tickets:>10} filled in {:.0} s, read by indexes and counts in {:.0} s more; \
                     {} MiB resident, and {} of mapped files",
                    written.as_secs_f64(),
                    read.as_secs_f64(),
                    memory.own,
                    memory.mapped
                );
                server.stop().await?;
            }
            trial.end().await?;
        }
        Ok(())
    }

    /// Waits until the oldest ticket is found by its text: the index is then whole.
    async fn wait_until_found(&self, server: &Apart, cookie: &str, tickets: i64) -> anyhow::Result<()> {
        let (http, code) = (client()?, archive::code(tickets - 1));
        let url = format!("{}/scrivania/cerca?q=pratica+interna+{}", server.base, tickets - 1);
        loop {
            let page = http.get(&url).header("cookie", cookie).send().await?.text().await?;
            if page.contains(&code) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }

    async fn measure(&self, server: &Apart, cookie: &str, page: &Asked) -> anyhow::Result<Time> {
        const WARM_UP: usize = 20;
        let http = client()?;
        let mut times = Vec::with_capacity(self.requests);
        let mut cpu = server.cpu_seconds();
        for n in 0..self.requests + WARM_UP {
            if n == WARM_UP {
                cpu = server.cpu_seconds();
            }
            let path = &page.paths[n % page.paths.len()];
            let sent = Instant::now();
            let answer = http.get(format!("{}{path}", server.base)).header("cookie", cookie).send().await?;
            anyhow::ensure!(answer.status() == 200, "{path} answered {}", answer.status());
            drop(answer.bytes().await?);
            if n >= WARM_UP {
                times.push(sent.elapsed());
            }
        }
        times.sort_unstable();
        #[expect(clippy::cast_precision_loss, reason = "a count of requests")]
        let cpu = (server.cpu_seconds() - cpu) * 1000.0 / self.requests as f64;
        Ok(Time { p50: quantile(&times, 0.5), p99: quantile(&times, 0.99), cpu })
    }
}

fn pages(tickets: i64) -> [Asked; 3] {
    let queue = ["/scrivania/coda/nuove", "/scrivania/coda/struttura"].map(str::to_owned).to_vec();
    // From all over the archive, so that most are in no cache.
    let ticket = (0..500).map(|n| format!("/scrivania/pratiche/{}", archive::code(n * 7919 % tickets))).collect();
    let search = SEARCHES.iter().map(|q| format!("/scrivania/cerca?q={q}")).collect();
    [
        Asked { name: "queue", paths: queue },
        Asked { name: "ticket", paths: ticket },
        Asked { name: "search", paths: search },
    ]
}
