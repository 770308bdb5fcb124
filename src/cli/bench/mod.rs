//! `sportello bench`: how fast this machine is, each figure beside what the database itself reaches with the
//! same rows and commits in the same run. Nothing here touches an installation: all data is temporary.
mod apart;
mod archive;
mod calls;
mod clients;
mod desk;
mod intake;
mod memory;
mod store;

use std::sync::Arc;
use std::time::Duration;

use clap::{Args, Subcommand};

use crate::http::{Background, Server, Services};
use crate::identity;
use crate::kernel::Kernel;
use crate::kernel::config::{Config, Secret};
use crate::kernel::events::Actor;
use crate::kernel::language::Language;
use crate::kernel::permissions::Role;
use crate::kernel::time::Clock;

/// What to measure.
#[derive(Debug, Subcommand)]
pub enum Bench {
    /// Contacts a second through the API, durable.
    Intake(intake::IntakeBench),
    /// The clients of `intake`, which starts them itself.
    #[command(hide = true)]
    Clients(clients::Clients),
    /// Fills an installation with tickets, for `desk`, which starts it itself.
    #[command(hide = true)]
    Archive(archive::Archive),
    /// Time of a queue, of a ticket's page and of a search, with few and with many tickets.
    Desk(desk::DeskBench),
    /// Memory of the server as contacts come in.
    Memory(memory::MemoryBench),
    /// Time until a call is told where it goes, and until it is on its agent's screen.
    Calls(calls::CallsBench),
}

/// On which databases.
#[derive(Debug, Clone, Args)]
pub struct On {
    /// An EMPTY PostgreSQL database to measure on as well; it is filled and left as it is.
    #[arg(long)]
    pub postgres: Option<String>,
    /// Leave SQLite out.
    #[arg(long)]
    pub no_sqlite: bool,
}

impl Bench {
    /// Runs the measurement and prints its table.
    ///
    /// # Errors
    /// When the temporary installation cannot be started.
    pub async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Intake(bench) => bench.run().await,
            Self::Clients(clients) => clients.run().await,
            Self::Archive(archive) => archive.run().await,
            Self::Desk(bench) => bench.run().await,
            Self::Memory(bench) => bench.run().await,
            Self::Calls(bench) => bench.run().await,
        }
    }
}

impl On {
    /// Name and URL of each database to measure on; no URL is SQLite.
    fn databases(&self) -> Vec<(&'static str, Option<String>)> {
        let mut all = Vec::new();
        if !self.no_sqlite {
            all.push(("SQLite", None));
        }
        if let Some(url) = &self.postgres {
            all.push(("PostgreSQL", Some(url.clone())));
        }
        all
    }
}

/// A temporary installation, and the server while it runs.
struct Trial {
    config: Config,
    kernel: Kernel,
    server: Option<(Server, Background)>,
    /// Where the server listens.
    base: String,
    token: String,
}

impl Trial {
    /// An installation that does not serve yet.
    async fn open(url: Option<&str>) -> anyhow::Result<Self> {
        Self::open_with(url, |_| {}).await
    }

    /// The same with a configuration changed before the start.
    async fn open_with(url: Option<&str>, change: impl FnOnce(&mut Config)) -> anyhow::Result<Self> {
        let data = std::env::temp_dir().join(format!("sportello-bench-{}", crate::kernel::codes::random_token()));
        let mut config = Config { data, ..Config::default() };
        config.database.url = url.map(Secret::new);
        config.database.connections = 40;
        change(&mut config);
        let kernel = Kernel::open(config.clone(), Clock::system()).await?;
        store::organisation(&kernel).await?;
        let token = identity::create_token(&kernel, Actor::System, "bench", Role::Integration, None).await?.secret;
        Ok(Self { config, kernel, server: None, base: String::new(), token })
    }

    async fn start(url: Option<&str>) -> anyhow::Result<Self> {
        let mut trial = Self::open(url).await?;
        trial.serve()?;
        Ok(trial)
    }

    fn serve(&mut self) -> anyhow::Result<()> {
        let services = Services::new(self.kernel.clone());
        let mut background = Background::new();
        services.start(&mut background);
        let server = Server::start(&services, std::net::TcpListener::bind("127.0.0.1:0")?)?;
        self.base = format!("http://{}", server.address);
        self.server = Some((server, background));
        Ok(())
    }

    /// Stops the server, if it runs, and leaves the database.
    async fn stop(&mut self) -> anyhow::Result<()> {
        match self.server.take() {
            Some((server, background)) => server.stop(background).await?,
            None => self.kernel.db.close().await,
        }
        Ok(())
    }

    /// The cookie of an agent of the entry unit who signed in.
    async fn agent_cookie(&self) -> anyhow::Result<String> {
        let password = identity::Password::random();
        let user = identity::NewUser {
            login: "agente@bench.example".to_owned(),
            name: "Agente di prova".to_owned(),
            role: Role::Agent,
            language: Language::Italian,
            units: vec![self.kernel.config.desk.entry_unit.clone()],
            password: password.clone(),
        };
        identity::add_user(&self.kernel, Actor::System, user).await?;
        let limits = identity::SignInLimits::default();
        let opened =
            identity::sign_in(&self.kernel, &limits, "bench", "agente@bench.example", password.reveal()).await?;
        Ok(format!("{}={}", identity::SESSION_COOKIE, opened.token))
    }

    async fn end(mut self) -> anyhow::Result<()> {
        self.stop().await?;
        std::fs::remove_dir_all(&self.config.data)
            .or_else(|e| if e.kind() == std::io::ErrorKind::NotFound { Ok(()) } else { Err(e) })?;
        Ok(())
    }
}

/// Quantiles of durations, in milliseconds.
fn quantile(sorted: &[Duration], share: f64) -> f64 {
    if sorted.is_empty() {
        return 0.0;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "an index"
    )]
    let place = ((sorted.len() - 1) as f64 * share).round() as usize;
    sorted[place].as_secs_f64() * 1000.0
}

/// A line of what the system says of this process' memory (`VmRSS`, `RssAnon`), in MiB.
fn memory_mib(line: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix(line)?.strip_prefix(':'));
    line.and_then(|l| l.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) / 1024
}

/// CPU seconds this process has used so far.
fn cpu_seconds() -> f64 {
    super::processor::seconds("self")
}

/// A client that keeps its connections, as an integrator's would.
fn client() -> anyhow::Result<Arc<reqwest::Client>> {
    Ok(Arc::new(reqwest::Client::builder().pool_max_idle_per_host(64).build()?))
}
