//! Another body's Open311 endpoint, in Python, written from the specification alone.

use std::process::Command;

use tempfile::TempDir;

use crate::process::{Server, free_port, open_directory, program, write};

/// The key that the endpoint asks for.
const KEY: &str = "key-of-open311";

/// A running endpoint; it stops on drop. What a test tells it goes to `<url>/control/…`, see `open311.py`.
#[derive(Debug)]
pub struct Open311 {
    _server: Server,
    _dir: TempDir,
    port: u16,
}

impl Open311 {
    /// Starts an endpoint without requests; what is made of them is dated `now` (RFC 3339).
    ///
    /// # Panics
    /// When Python is not installed or the endpoint does not start.
    #[must_use]
    pub fn start(now: &str) -> Self {
        let python = program(&["/usr/bin/python3"], "python3");
        let (dir, port) = (open_directory(), free_port());
        let (script, log) = (dir.path().join("open311.py"), dir.path().join("log"));
        write(&script, include_str!("open311.py"));
        let mut command = Command::new(python);
        command.arg(&script).arg(port.to_string()).arg(KEY).arg(now);
        let mut server = Server::start(&mut command, &log, dir.path());
        server.wait_for(port, &log);
        Self { _server: server, _dir: dir, port }
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The key that it asks for.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        KEY
    }
}
