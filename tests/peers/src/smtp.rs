//! A submission server: python3-aiosmtpd from the Debian package, with STARTTLS and a password.

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::json;
use tempfile::TempDir;

use crate::dovecot::Dovecot;
use crate::process::{Server, free_port, open_directory, program, run, write};

const USER: &str = "sportello";
const PASSWORD: &str = "password-of-submission";

/// A running server. `bounce@…` is refused for good, `defer@…` for now. Addresses of Dovecot's domain reach its
/// mailboxes; all others are captured.
#[derive(Debug)]
pub struct Smtp {
    dir: TempDir,
    server: Option<Server>,
    port: u16,
}

/// A message captured by the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Captured {
    /// Envelope sender; empty when null.
    pub from: String,
    /// Envelope recipient.
    pub to: String,
    /// The message as it came.
    pub raw: Vec<u8>,
}

impl Captured {
    /// The message as text, for looking into it.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.raw).into_owned()
    }
}

impl Smtp {
    /// Starts a server, with the certificate of `dovecot`; its domain goes to its mailboxes.
    ///
    /// # Panics
    /// When the server is not installed or does not start.
    #[must_use]
    pub fn start(dovecot: &Dovecot) -> Self {
        let python = program(&["/usr/bin/python3"], "python3");
        let known = Command::new(&python).args(["-c", "import aiosmtpd"]).output().is_ok_and(|o| o.status.success());
        assert!(known, "aiosmtpd is missing: install it with `apt-get install python3-aiosmtpd`");
        let dir = open_directory();
        let captured = dir.path().join("captured");
        std::fs::create_dir(&captured).unwrap_or_else(|e| panic!("{}: {e}", captured.display()));
        run(Command::new("cp").arg(dovecot.cert_path()).arg(dovecot.key_path()).arg(dir.path()));
        let port = free_port();
        let config = json!({
            "port": port, "lmtp": dovecot.lmtp_port(), "domain": dovecot.domain(), "captured": captured,
            "user": USER, "password": PASSWORD,
            "cert": dir.path().join("cert.pem"), "key": dir.path().join("key.pem"),
        });
        write(&dir.path().join("config.json"), config.to_string());
        write(&dir.path().join("submission.py"), include_str!("submission.py"));
        let mut smtp = Self { dir, server: None, port };
        smtp.resume();
        smtp
    }

    /// Port of submission with STARTTLS.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The account to send with.
    #[must_use]
    pub const fn user(&self) -> &'static str {
        USER
    }

    /// Its password.
    #[must_use]
    pub const fn password(&self) -> &'static str {
        PASSWORD
    }

    /// The certificate of the server, in PEM.
    ///
    /// # Panics
    /// When it cannot be read.
    #[must_use]
    pub fn cert_pem(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("cert.pem"))
            .unwrap_or_else(|e| panic!("the certificate is gone: {e}"))
    }

    /// Where captured messages are written: one `.eml` file each, whose first line is `{"from":…,"to":…}`.
    #[must_use]
    pub fn captured_dir(&self) -> PathBuf {
        self.dir.path().join("captured")
    }

    /// What was captured so far, oldest first.
    ///
    /// # Panics
    /// When the directory cannot be read.
    #[must_use]
    pub fn captured(&self) -> Vec<Captured> {
        let entries = std::fs::read_dir(self.captured_dir()).unwrap_or_else(|e| panic!("no captured mail: {e}"));
        let mut files: Vec<_> = entries
            .flatten()
            .filter(|e| e.path().extension().is_some_and(|x| x == "eml"))
            .map(|e| (e.metadata().and_then(|m| m.modified()).ok(), e.path()))
            .collect();
        files.sort();
        files.into_iter().map(|(_, path)| read(&path)).collect()
    }

    /// Waits until a message for `recipient` is captured.
    ///
    /// # Panics
    /// When none comes within twenty seconds.
    #[must_use]
    pub fn wait_for(&self, recipient: &str) -> Captured {
        let start = Instant::now();
        loop {
            let found = self.captured().into_iter().rfind(|m| m.to.eq_ignore_ascii_case(recipient));
            if let Some(message) = found {
                return message;
            }
            assert!(start.elapsed() < Duration::from_secs(120), "no mail for {recipient}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Takes the server down.
    pub fn stop(&mut self) {
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
        let mut command = Command::new("/usr/bin/python3");
        command.arg(self.dir.path().join("submission.py")).arg(self.dir.path().join("config.json"));
        let mut server = Server::start(&mut command, &log, self.dir.path());
        server.wait_for(self.port, &log);
        self.server = Some(server);
    }
}

fn read(path: &std::path::Path) -> Captured {
    let bytes = std::fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let end = bytes.iter().position(|b| *b == b'\n').unwrap_or(bytes.len());
    let head: serde_json::Value = serde_json::from_slice(&bytes[..end]).unwrap_or_default();
    let text = |name: &str| head[name].as_str().unwrap_or_default().to_owned();
    Captured { from: text("from"), to: text("to"), raw: bytes.get(end + 1..).unwrap_or_default().to_vec() }
}
