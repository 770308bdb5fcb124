//! A SIP edge: Kamailio with the very configuration that is shipped in `docs/channels`.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::process::{Server, free_port, open_directory, program, write};

/// A running edge.
#[derive(Debug)]
pub struct Kamailio {
    dir: TempDir,
    server: Option<Server>,
    port: u16,
    hooks: String,
    secret: String,
    config: PathBuf,
}

/// A file of `docs/channels`.
pub(crate) fn shipped(name: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/channels")).join(name)
}

impl Kamailio {
    /// Starts an edge that asks at `hooks` and signs with `secret`.
    ///
    /// # Panics
    /// When it is not installed or does not start.
    #[must_use]
    pub fn start(hooks: &str, secret: &str) -> Self {
        Self::start_changed(hooks, secret, &[])
    }

    /// The same with words of the configuration replaced by others, each where it first stands: to measure.
    ///
    /// # Panics
    /// As [`Kamailio::start`], and when the configuration does not have the words.
    #[must_use]
    pub fn start_changed(hooks: &str, secret: &str, changes: &[(&str, &str)]) -> Self {
        for module in ["jansson", "http_client", "crypto", "mqueue"] {
            let file = format!("/usr/lib/{}-linux-gnu/kamailio/modules/{module}.so", std::env::consts::ARCH);
            program(&[&file], "kamailio-{extra,json,tls,utils}-modules");
        }
        let (hooks, secret) = (hooks.to_owned(), secret.to_owned());
        let dir = open_directory();
        let mut config = shipped("kamailio.cfg");
        if !changes.is_empty() {
            let mut text = std::fs::read_to_string(&config).unwrap_or_else(|e| panic!("{}: {e}", config.display()));
            for (from, to) in changes {
                assert!(text.contains(from), "the configuration has no {from:?}");
                text = text.replacen(from, to, 1);
            }
            config = dir.path().join("kamailio.cfg");
            write(&config, text);
        }
        let mut edge = Self { dir, server: None, port: free_port(), hooks, secret, config };
        edge.resume();
        edge
    }

    /// Port of SIP, UDP and TCP, on 127.0.0.1.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Ends it at once, as a failing machine would.
    pub fn kill(&mut self) {
        if let Some(mut server) = self.server.take() {
            server.kill();
        }
    }

    /// Brings it up again on the same port.
    ///
    /// # Panics
    /// When it does not start.
    pub fn resume(&mut self) {
        let log = self.dir.path().join("log");
        let mut command = Command::new(program(&["/usr/sbin/kamailio"], "kamailio"));
        command.args(["-DD", "-E", "-m", "512", "-M", "16"]).arg("-f").arg(&self.config);
        command.arg("-Y").arg(self.dir.path());
        for transport in ["udp", "tcp"] {
            command.args(["-l", &format!("{transport}:127.0.0.1:{}", self.port)]);
        }
        let values = [("HOOKS", self.hooks.as_str()), ("SECRET", &self.secret), ("DOMAIN", "cc.test")];
        for (name, value) in values {
            command.args(["--substdef", &format!("!SPORTELLO_{name}!{value}!g")]);
        }
        let mut server = Server::start(&mut command, &log, self.dir.path());
        server.wait_for(self.port, &log);
        self.server = Some(server);
    }

    /// What it wrote.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("log")).unwrap_or_default()
    }
}
