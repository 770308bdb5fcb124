//! An SMSC that speaks SMPP 3.4: a program on the npm package `smpp`.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::process::{Server, certificate, free_port, open_directory};

const PASSWORD: &str = "smpppw";

/// A running SMSC. Numbers that end in `000` cannot be reached: its receipts say so. Its answers have ids in
/// hexadecimal, its receipts in decimal. What nobody acknowledged is delivered again, also after a restart.
#[derive(Debug)]
pub struct Smsc {
    dir: TempDir,
    server: Option<Server>,
    smpp: u16,
    http: u16,
    tls: bool,
}

impl Smsc {
    /// Starts one.
    ///
    /// # Panics
    /// When Node or its package is not installed, or it does not start.
    #[must_use]
    pub fn start() -> Self {
        let mut smsc = Self::new();
        smsc.resume();
        smsc
    }

    /// Starts one that speaks only over TLS.
    ///
    /// # Panics
    /// As [`Smsc::start`].
    #[must_use]
    pub fn start_with_tls() -> Self {
        let mut smsc = Self { tls: true, ..Self::new() };
        certificate(smsc.dir.path());
        smsc.resume();
        smsc
    }

    fn new() -> Self {
        Self { dir: open_directory(), server: None, smpp: free_port(), http: free_port(), tls: false }
    }

    /// The certificate of one with TLS, valid for `localhost`.
    #[must_use]
    pub fn cert_path(&self) -> PathBuf {
        self.dir.path().join("cert.pem")
    }

    /// Port of SMPP.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.smpp
    }

    /// Port on this machine where it is told over HTTP what to do: `/deliver`, `/moods`, `/cut`.
    #[must_use]
    pub const fn control_port(&self) -> u16 {
        self.http
    }

    /// The password of every system id.
    #[must_use]
    pub const fn password(&self) -> &'static str {
        PASSWORD
    }

    /// Delivers a text from a citizen, with these fields of `deliver_sm` and these bytes.
    pub fn deliver(&self, from: &str, to: &str, data_coding: u8, esm_class: u8, text: &[u8]) {
        let hex: String = text.iter().map(|b| format!("{b:02x}")).collect();
        let pdu = json!({
            "source_addr_ton": 1, "source_addr_npi": 1, "source_addr": from.trim_start_matches('+'),
            "destination_addr": to, "data_coding": data_coding, "esm_class": esm_class,
        });
        self.ask("/deliver", &json!({ "hex": hex, "pdu": pdu }));
    }

    /// Makes it answer the next submissions with these statuses.
    pub fn answer_with(&self, statuses: &[u32]) {
        self.ask("/moods", &json!({ "statuses": statuses }));
    }

    /// Makes it cut the connection on the next acknowledgements, as if they had never arrived.
    pub fn lose_acknowledgements(&self, count: u32) {
        self.ask("/moods", &json!({ "cutBeforeAck": count }));
    }

    /// Cuts every connection.
    pub fn cut(&self) {
        self.ask("/cut", &json!({}));
    }

    /// What it has: `submitted`, `undelivered`, `acknowledged`, `receivers`, `enquired`.
    #[must_use]
    pub fn state(&self) -> Value {
        self.ask("/moods", &json!({}))
    }

    /// Waits until its state is as asked for.
    ///
    /// # Panics
    /// When it is not within thirty seconds.
    pub fn wait_until(&self, what: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        let start = Instant::now();
        loop {
            let state = self.state();
            if is_so(&state) {
                return state;
            }
            assert!(start.elapsed() < Duration::from_secs(120), "never {what}: {state}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Kills it.
    pub fn stop(&mut self) {
        if let Some(mut server) = self.server.take() {
            server.kill();
        }
    }

    /// Brings it up again on the same ports.
    ///
    /// # Panics
    /// When it does not start.
    pub fn resume(&mut self) {
        let home = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("smsc");
        assert!(
            home.join("node_modules/smpp").exists(),
            "the package smpp is missing: run `npm ci` in tests/peers/smsc"
        );
        let log = self.dir.path().join("log");
        let mut command = Command::new("node");
        command.arg(home.join("smsc.mjs")).args([self.smpp.to_string(), self.http.to_string()]);
        command.arg(self.dir.path().join("store.json")).arg(PASSWORD);
        if self.tls {
            command.arg(self.cert_path()).arg(self.dir.path().join("key.pem"));
        }
        let mut server = Server::start(&mut command, &log, self.dir.path());
        server.wait_for(self.smpp, &log);
        server.wait_for(self.http, &log);
        self.server = Some(server);
    }

    fn ask(&self, path: &str, body: &Value) -> Value {
        let body = body.to_string();
        let mut answer = String::new();
        let exchange = TcpStream::connect(("127.0.0.1", self.http)).and_then(|mut stream| {
            let length = body.len();
            write!(stream, "POST {path} HTTP/1.0\r\nContent-Length: {length}\r\n\r\n{body}")?;
            stream.read_to_string(&mut answer)
        });
        exchange.unwrap_or_else(|e| panic!("the SMSC does not answer: {e}"));
        let json = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        serde_json::from_str(json).unwrap_or_else(|e| panic!("the SMSC answers {answer:?}: {e}"))
    }
}
