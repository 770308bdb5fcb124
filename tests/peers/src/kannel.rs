//! A text message gateway: Kannel from the Debian packages, with its own fake SMSC behind it.

use std::io::{BufRead, BufReader, BufWriter, Write};
use std::net::TcpStream;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::process::{Server, free_port, open_directory, program, write};

/// A running gateway.
#[derive(Debug)]
pub struct Kannel {
    dir: TempDir,
    bearerbox: Option<Server>,
    smsbox: Option<Server>,
    /// The network behind it: keeps one connection, writes what it is given into its log.
    network: Option<Server>,
    ports: [u16; 4],
}

/// The network's end of a gateway's line, for many texts at once: the protocol of Kannel's fake SMSC.
#[derive(Debug)]
pub struct Network {
    line: TcpStream,
    given: Arc<AtomicUsize>,
}

impl Network {
    fn call(port: u16) -> Self {
        let line = TcpStream::connect(("127.0.0.1", port)).unwrap_or_else(|e| panic!("the gateway hangs up: {e}"));
        let heard = line.try_clone().unwrap_or_else(|e| panic!("no second handle: {e}"));
        let given = Arc::new(AtomicUsize::new(0));
        let counted = given.clone();
        // It ends with the line.
        std::thread::spawn(move || {
            for line in BufReader::new(heard).split(b'\n') {
                match line {
                    Ok(line) if !line.is_empty() => drop(counted.fetch_add(1, Ordering::Relaxed)),
                    Ok(_) => {}
                    Err(_) => return,
                }
            }
        });
        Self { line, given }
    }

    /// Brings texts in ASCII, each with its sender, as fast as the gateway takes them.
    ///
    /// # Panics
    /// When the gateway hangs up.
    pub fn bring<'a>(&self, to: &str, texts: impl IntoIterator<Item = (&'a str, &'a str)>) {
        let mut line = BufWriter::new(&self.line);
        for (from, text) in texts {
            writeln!(line, "{from} {to} text {text}").unwrap_or_else(|e| panic!("the gateway hangs up: {e}"));
        }
        line.flush().unwrap_or_else(|e| panic!("the gateway hangs up: {e}"));
    }

    /// How many messages it was given to deliver.
    #[must_use]
    pub fn given(&self) -> usize {
        self.given.load(Ordering::Relaxed)
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        let _gone = self.line.shutdown(std::net::Shutdown::Both);
    }
}

impl Kannel {
    /// Starts a gateway. `service` is the line of its `sms-service` that says whom to call with a citizen's text:
    /// `get-url = "…"` or `post-url = "…"`.
    ///
    /// # Panics
    /// When Kannel is not installed or does not start.
    #[must_use]
    pub fn start(service: &str) -> Self {
        let dir = open_directory();
        let ports = [free_port(), free_port(), free_port(), free_port()];
        let names = ["@ADMIN@", "@SMSBOX@", "@FAKE@", "@SENDSMS@"];
        let mut config = include_str!("kannel.conf").replace("@SERVICE@", service);
        config = config.replace("@DIR@", &dir.path().to_string_lossy());
        for (name, port) in names.iter().zip(ports) {
            config = config.replace(name, &port.to_string());
        }
        write(&dir.path().join("kannel.conf"), config);
        std::fs::create_dir(dir.path().join("spool")).unwrap_or_else(|e| panic!("no spool: {e}"));
        let mut kannel = Self { dir, bearerbox: None, smsbox: None, network: None, ports };
        kannel.resume();
        kannel
    }

    /// The address of its page for sending.
    #[must_use]
    pub fn sendsms(&self) -> String {
        format!("http://127.0.0.1:{}/cgi-bin/sendsms", self.ports[3])
    }

    /// The address of its status page.
    #[must_use]
    pub fn status(&self) -> String {
        format!("http://127.0.0.1:{}/status.xml", self.ports[0])
    }

    /// The password for it.
    #[must_use]
    pub const fn status_password(&self) -> &'static str {
        "st"
    }

    /// The account to send with.
    #[must_use]
    pub const fn user(&self) -> &'static str {
        "sportello"
    }

    /// Its password.
    #[must_use]
    pub const fn password(&self) -> &'static str {
        "password-of-sendsms"
    }

    /// Brings one text from a citizen through the network. `kind` is `text`, or `ucs2` with each byte of UTF-16
    /// written as in an address.
    ///
    /// # Panics
    /// When the network does not start.
    pub fn receive(&mut self, from: &str, to: &str, kind: &str, text: &str) {
        // One connection at a time: the last one leaves so that the network can call again.
        self.network = None;
        self.network = Some(self.call(&["-m", "1", &format!("{from} {to} {kind} {text}")]));
    }

    /// Connects the network, which takes what is sent and says that it was delivered.
    ///
    /// # Panics
    /// When it does not start.
    pub fn connect_network(&mut self) {
        self.network = None;
        self.network = Some(self.call(&["-m", "0", "+39 800 text none"]));
    }

    /// Takes the place of the network.
    ///
    /// # Panics
    /// When the gateway does not answer.
    #[must_use]
    pub fn network(&mut self) -> Network {
        self.network = None;
        Network::call(self.ports[2])
    }

    /// What the network was given to deliver, as it wrote it down.
    #[must_use]
    pub fn delivered(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("fakesmsc.log")).unwrap_or_default()
    }

    /// Waits until the network was given something.
    ///
    /// # Panics
    /// When it is not within thirty seconds.
    pub fn wait_until_delivered(&self, part: &str) -> String {
        let start = Instant::now();
        loop {
            let log = self.delivered();
            if log.contains(part) {
                return log;
            }
            assert!(start.elapsed() < Duration::from_secs(120), "never {part:?} in: {log}\n{}", self.log());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// The end of the gateway's log.
    #[must_use]
    pub fn log(&self) -> String {
        let log = std::fs::read_to_string(self.dir.path().join("smsbox.log")).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(30)..].join("\n")
    }

    /// Kills the half of the gateway that calls us: what comes waits in the store of the other half.
    pub fn stop_calling(&mut self) {
        self.smsbox = None;
    }

    /// Waits until the store holds a text that nobody was called for yet.
    ///
    /// # Panics
    /// When it does not within thirty seconds.
    pub fn wait_until_stored(&self) {
        let start = Instant::now();
        let holds = |dir: std::path::PathBuf| std::fs::read_dir(dir).is_ok_and(|mut d| d.next().is_some());
        let any = || std::fs::read_dir(self.dir.path().join("spool")).map(|d| d.flatten().any(|e| holds(e.path())));
        while !any().unwrap_or(false) {
            assert!(start.elapsed() < Duration::from_secs(120), "nothing is stored");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Kills the gateway; what it had stored stays.
    pub fn stop(&mut self) {
        self.network = None;
        self.smsbox = None;
        self.bearerbox = None;
    }

    /// Brings it up again on the same ports.
    ///
    /// # Panics
    /// When it does not start.
    pub fn resume(&mut self) {
        let [_, smsbox_port, _, sendsms_port] = self.ports;
        self.bearerbox = Some(self.start_box("/usr/sbin/bearerbox", smsbox_port));
        self.smsbox = Some(self.start_box("/usr/sbin/smsbox", sendsms_port));
    }

    fn start_box(&self, path: &str, port: u16) -> Server {
        let log = self.dir.path().join("boxes.out");
        let mut command = Command::new(program(&[path], "kannel"));
        command.args(["-v", "4"]).arg(self.dir.path().join("kannel.conf"));
        let mut server = Server::start(&mut command, &log, self.dir.path());
        server.wait_for(port, &log);
        server
    }

    fn call(&self, arguments: &[&str]) -> Server {
        let fakesmsc = program(&["/usr/lib/kannel/test/fakesmsc"], "kannel-extras");
        let mut command = Command::new(fakesmsc);
        command.args(["-H", "127.0.0.1", "-r", &self.ports[2].to_string(), "-i", "0.05"]).args(arguments);
        Server::start(&mut command, &self.dir.path().join("fakesmsc.log"), self.dir.path())
    }
}
