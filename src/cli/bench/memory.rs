//! Memory of the server as contacts come in: it must not grow with what is stored.
use clap::Args;

use super::{On, Trial, clients, memory_mib};

/// `sportello bench memory`
#[derive(Debug, Args)]
pub struct MemoryBench {
    #[command(flatten)]
    on: On,
    /// Contacts after which memory is looked at, separated by commas, in order.
    #[arg(long, default_value = "1000,10000,100000", value_delimiter = ',')]
    contacts: Vec<u64>,
    /// Clients at once.
    #[arg(long, default_value_t = 16)]
    clients: usize,
}

/// Seconds for which the clients run between two looks at how many contacts there are.
const ROUND: u64 = 2;

impl MemoryBench {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        println!("memory of the server, with its search indexes and readers, after so many contacts");
        println!("{:<12}{:>12}{:>14}{:>10}{:>14}", "database", "contacts", "resident MiB", "own MiB", "contacts/s");
        for (name, url) in self.on.databases() {
            let trial = Trial::start(url.as_deref()).await?;
            let (mut sent, mut seconds) = (0, 0.0);
            for &mark in &self.contacts {
                while sent < mark {
                    let seen = clients::send(&trial.base, &trial.token, ROUND, self.clients).await?;
                    anyhow::ensure!(seen.contacts > 0, "the server takes nothing in");
                    sent += seen.contacts;
                    seconds += seen.seconds;
                }
                #[expect(clippy::cast_precision_loss, reason = "a count of requests")]
                let per_second = sent as f64 / seconds;
                let (resident, own) = (memory_mib("VmRSS"), memory_mib("RssAnon"));
                println!("{name:<12}{sent:>12}{resident:>14}{own:>10}{per_second:>14.0}");
            }
            trial.end().await?;
        }
        println!(
            "Own: without the files it reads through memory, such as indexes, which the system takes back at need."
        );
        Ok(())
    }
}
