//! The command line. Each command reads the configuration, opens what it needs, and says in plain words what
//! went wrong.
mod bench;
pub mod demo;
mod doctor;
mod emergency;
mod knowledge;
mod organisation;
pub mod processor;
mod serve;
mod sheets;
pub mod simulate;
mod terms;
mod token;
mod user;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::kernel::config::Config;
use crate::kernel::events::Actor;
use crate::kernel::permissions::{Principal, Role};
use crate::kernel::time::Clock;
use crate::kernel::{Kernel, telemetry};

/// Sportello: every contact of a citizen becomes a ticket in one database.
#[derive(Debug, Parser)]
#[command(name = "sportello", version, about)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start the server.
    Serve(serve::Serve),
    /// Load the demo agency into an empty installation, and print its logins.
    Demo(demo::Demo),
    /// Bring the database schema up to date, and stop.
    Migrate(Place),
    /// Look after terms.
    #[command(subcommand)]
    Terms(terms::Terms),
    /// Bring a prepared emergency plan into force, and end it.
    #[command(subcommand)]
    Emergency(emergency::Emergency),
    /// Manage the accounts of people.
    #[command(subcommand)]
    User(user::User),
    /// Manage the tokens of programs.
    #[command(subcommand)]
    Token(token::Token),
    /// Manage the knowledge base.
    #[command(subcommand)]
    Knowledge(knowledge::Knowledge),
    /// Bring the organisation in and take it out as a table.
    #[command(subcommand)]
    Organisation(organisation::Organisation),
    /// Measure how fast this machine is, on temporary data.
    #[command(subcommand)]
    Bench(bench::Bench),
    /// Play the outside world of a channel against a running installation.
    #[command(subcommand)]
    Simulate(Box<simulate::Simulate>),
    /// Check each configured component and say what is wrong.
    Doctor(Place),
}

/// Where an installation is.
#[derive(Debug, Clone, Args)]
pub struct Place {
    /// Directory of database, attachments and keys.
    #[arg(long, env = "SPORTELLO_DATA", default_value = "data")]
    pub data: PathBuf,
    /// Configuration file; `sportello.toml` in the data directory when absent.
    #[arg(long, env = "SPORTELLO_CONFIG")]
    pub config: Option<PathBuf>,
}

impl Place {
    /// The configuration of this installation.
    ///
    /// # Errors
    /// Names the file or variable at fault.
    pub fn load(&self) -> anyhow::Result<Config> {
        Config::load(&self.data, self.config.as_deref())
    }

    /// Opens this installation for a command that ends by itself.
    ///
    /// # Errors
    /// Says which component could not be opened.
    pub async fn open(&self) -> anyhow::Result<Kernel> {
        Kernel::open(self.load()?, Clock::system()).await
    }
}

/// Whoever runs commands on the machine administers the installation.
fn operator() -> Principal {
    Principal {
        actor: Actor::System,
        role: Role::Admin,
        user_id: None,
        name: String::new(),
        language: "it".to_owned(),
        units: std::collections::BTreeSet::new(),
    }
}

/// Runs a command to its end. What it prints for programs goes to standard output, logs and errors to
/// standard error.
pub fn run(arguments: Arguments) -> ExitCode {
    // A second installation of the provider means that the embedding program chose one already.
    drop(rustls::crypto::ring::default_provider().install_default());
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(e) => {
            eprintln!("error: cannot start: {e}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(execute(arguments.command)) {
        Ok(code) => code,
        Err(e) => {
            eprintln!("error: {e:#}");
            ExitCode::FAILURE
        }
    }
}

async fn execute(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Serve(serve) => serve.run().await?,
        Command::Migrate(place) => {
            let config = place.load()?;
            telemetry::start(&config.log);
            Kernel::open(config, Clock::system()).await?.db.close().await;
            println!("the database schema is up to date");
        }
        Command::Demo(demo) => demo::run(&demo).await?,
        Command::Terms(terms) => terms.run().await?,
        Command::Emergency(emergency) => emergency.run().await?,
        Command::User(user) => user.run().await?,
        Command::Token(token) => token.run().await?,
        Command::Knowledge(knowledge) => knowledge.run().await?,
        Command::Organisation(organisation) => organisation.run().await?,
        Command::Bench(bench) => bench.run().await?,
        Command::Simulate(simulate) => return simulate.run().await,
        Command::Doctor(place) => return doctor::run(&place).await,
    }
    Ok(ExitCode::SUCCESS)
}
