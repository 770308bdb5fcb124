//! The server as a process of its own, so that what is counted as its own is nobody else's.
use std::process::Stdio;
use std::time::Duration;

use anyhow::Context;
use tokio::process::{Child, Command};

use crate::cli::processor;
use crate::kernel::config::Config;

/// A server that runs until it is stopped, or until this is dropped.
pub struct Apart {
    child: Child,
    /// Where it listens.
    pub base: String,
}

/// Memory of a process, in MiB.
#[derive(Debug, Clone, Copy)]
pub struct Memory {
    /// Its own.
    pub own: u64,
    /// Pages of mapped files, program and indexes: the system takes them back when it needs them.
    pub mapped: u64,
}

impl Apart {
    /// Serves an installation, whose database is migrated already.
    ///
    /// # Errors
    /// When the program does not start or does not answer.
    pub async fn serve(config: &Config) -> anyhow::Result<Self> {
        // Free a moment ago; nobody else on the machine takes ports in numbers while it is measured.
        let listen = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["serve", "--listen", &listen, "--data"]).arg(&config.data);
        command
            .env("SPORTELLO__LOG__FILTER", "warn")
            .env_remove("DATABASE_URL")
            .stdin(Stdio::null())
            .kill_on_drop(true);
        if let Some(url) = &config.database.url {
            command.env("DATABASE_URL", url.reveal());
        }
        let mut server = Self { child: command.spawn()?, base: format!("http://{listen}") };
        let http = super::client()?;
        loop {
            if let Some(status) = server.child.try_wait()? {
                anyhow::bail!("the server ended: {status}");
            }
            if http.get(format!("{}/healthz", server.base)).send().await.is_ok_and(|answer| answer.status() == 200) {
                return Ok(server);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    fn process(&self) -> String {
        self.child.id().map_or_else(String::new, |id| id.to_string())
    }

    /// CPU seconds it has used so far.
    pub fn cpu_seconds(&self) -> f64 {
        processor::seconds(&self.process())
    }

    /// Memory it holds now.
    pub fn memory(&self) -> Memory {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process())).unwrap_or_default();
        let mib = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) / 1024
        };
        Memory { own: mib("RssAnon:"), mapped: mib("RssFile:") }
    }

    /// Asks it to stop, and waits until it did.
    ///
    /// # Errors
    /// When it cannot be asked, or says that something went wrong.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        let asked = Command::new("kill").args(["-TERM", &self.process()]).status().await.context("no kill")?;
        anyhow::ensure!(asked.success(), "the server cannot be asked to stop");
        anyhow::ensure!(self.child.wait().await?.success(), "the server stopped with an error");
        Ok(())
    }
}
