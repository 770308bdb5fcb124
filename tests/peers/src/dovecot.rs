//! A mailbox server: Dovecot from the Debian packages, with IMAP, IMAPS and LMTP.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

use crate::process::{Server, certificate, free_port, give, is_root, open_directory, program, run, write};

/// The domain of every test mailbox.
const DOMAIN: &str = "cc.test";

/// A mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// `name@cc.test`: address and user name.
    pub address: String,
    /// Password.
    pub password: String,
}

/// A running server; its mailboxes live as long as this value.
#[derive(Debug)]
pub struct Dovecot {
    dir: TempDir,
    server: Option<Server>,
    accounts: Vec<Account>,
    imap: u16,
    imaps: u16,
    lmtp: u16,
}

impl Dovecot {
    /// Starts a server with a mailbox for each name: `["urp"]` gives `urp@cc.test`.
    ///
    /// # Panics
    /// When Dovecot is not installed or does not start.
    #[must_use]
    pub fn start(names: &[&str]) -> Self {
        let dir = open_directory();
        let accounts: Vec<Account> = names
            .iter()
            .map(|n| Account { address: format!("{n}@{DOMAIN}"), password: format!("password-of-{n}") })
            .collect();
        let mut dovecot =
            Self { server: None, accounts, imap: free_port(), imaps: free_port(), lmtp: free_port(), dir };
        dovecot.configure();
        dovecot.resume();
        dovecot
    }

    /// Port of IMAP with STARTTLS.
    #[must_use]
    pub const fn imap_port(&self) -> u16 {
        self.imap
    }

    /// Port of IMAP over TLS.
    #[must_use]
    pub const fn imaps_port(&self) -> u16 {
        self.imaps
    }

    /// Port of LMTP.
    #[must_use]
    pub const fn lmtp_port(&self) -> u16 {
        self.lmtp
    }

    /// The domain of every mailbox.
    #[must_use]
    pub const fn domain(&self) -> &'static str {
        DOMAIN
    }

    /// The mailboxes, in the order asked for.
    #[must_use]
    pub fn accounts(&self) -> &[Account] {
        &self.accounts
    }

    /// The certificate of the server, valid for `localhost` and 127.0.0.1, in PEM: its own authority.
    #[must_use]
    pub fn cert_path(&self) -> PathBuf {
        self.dir.path().join("cert.pem")
    }

    /// The text of the certificate.
    ///
    /// # Panics
    /// When it cannot be read.
    #[must_use]
    pub fn cert_pem(&self) -> String {
        std::fs::read_to_string(self.cert_path()).unwrap_or_else(|e| panic!("the certificate is gone: {e}"))
    }

    /// The private key of the certificate.
    #[must_use]
    pub fn key_path(&self) -> PathBuf {
        self.dir.path().join("key.pem")
    }

    /// What the server wrote in its log.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("dovecot.log")).unwrap_or_default()
    }

    /// Puts a message in the inbox of `address` (a `+token` is kept for the headers and ignored for the mailbox).
    ///
    /// # Panics
    /// When the server refuses it.
    pub fn deliver(&self, address: &str, raw: &[u8]) {
        self.deliver_many(address, [raw]);
    }

    /// Puts messages in the inbox of `address` over one connection.
    ///
    /// # Panics
    /// When the server refuses one.
    pub fn deliver_many<'a>(&self, address: &str, messages: impl IntoIterator<Item = &'a [u8]>) {
        let mut lmtp = Lmtp::connect(self.lmtp);
        for raw in messages {
            lmtp.send(address, raw);
        }
    }

    /// Ends the server at once. The mailboxes stay.
    pub fn stop(&mut self) {
        if let Some(mut server) = self.server.take() {
            server.kill();
        }
    }

    /// Starts the server again on the same ports, with the same mailboxes.
    ///
    /// # Panics
    /// When it does not start.
    pub fn resume(&mut self) {
        let dovecot = program(&["/usr/sbin/dovecot"], "dovecot-imapd dovecot-lmtpd");
        let log = self.dir.path().join("start.log");
        let _left_by_a_killed_server = std::fs::remove_dir_all(self.dir.path().join("run"));
        let mut server =
            Server::start(Command::new(dovecot).arg("-F").arg("-c").arg(self.conf()), &log, self.dir.path());
        server.wait_for(self.imaps, &log);
        server.wait_for(self.lmtp, &log);
        self.server = Some(server);
    }

    /// Replaces the inbox of `address` by an empty one with another UIDVALIDITY.
    ///
    /// # Panics
    /// When the mailbox cannot be removed.
    pub fn recreate_mailbox(&self, address: &str) {
        let name = address.split('@').next().unwrap_or_default();
        let path = self.dir.path().join("vmail").join(DOMAIN).join(name);
        if path.exists() {
            std::fs::remove_dir_all(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        }
        // UIDVALIDITY comes from the clock in seconds.
        std::thread::sleep(Duration::from_millis(1100));
    }

    /// Marks everything in the inbox of `address` as read, as a colleague with another program would.
    ///
    /// # Panics
    /// When Dovecot refuses.
    pub fn mark_all_read(&self, address: &str) {
        self.doveadm(&["flags", "add", "-u", address, "\\Seen", "mailbox", "INBOX", "ALL"]);
    }

    /// Runs `doveadm` on this server and gives back what it prints.
    ///
    /// # Panics
    /// When it fails.
    pub fn doveadm(&self, args: &[&str]) -> String {
        let doveadm = program(&["/usr/bin/doveadm"], "dovecot-core");
        let output = run(Command::new(doveadm).arg("-c").arg(self.conf()).args(args));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    fn conf(&self) -> PathBuf {
        self.dir.path().join("dovecot.conf")
    }

    fn configure(&self) {
        let dir = self.dir.path();
        certificate(dir);
        let lines = |a: &Account| format!("{}:{{PLAIN}}{}::::::\n", a.address, a.password);
        write(&dir.join("passwd"), self.accounts.iter().map(lines).collect::<String>());
        std::fs::create_dir_all(dir.join("vmail")).unwrap_or_else(|e| panic!("no mail directory: {e}"));
        let owner = owner();
        give(&dir.join("vmail"), &owner);
        let text = include_str!("dovecot.conf")
            .replace("@DIR@", &dir.display().to_string())
            .replace("@USER@", &owner)
            .replace("@IMAP@", &self.imap.to_string())
            .replace("@IMAPS@", &self.imaps.to_string())
            .replace("@LMTP@", &self.lmtp.to_string());
        write(&self.conf(), text);
    }
}

impl Drop for Dovecot {
    fn drop(&mut self) {
        if let Some(mut server) = self.server.take() {
            server.stop("-TERM");
        }
    }
}

/// The user that owns the mailboxes: any that is not root will do.
fn owner() -> String {
    if is_root() {
        return "nobody".to_owned();
    }
    std::env::var("USER").unwrap_or_else(|_| "nobody".to_owned())
}

struct Lmtp {
    reader: BufReader<TcpStream>,
    writer: TcpStream,
}

impl Lmtp {
    fn connect(port: u16) -> Self {
        let writer = TcpStream::connect(("127.0.0.1", port)).unwrap_or_else(|e| panic!("LMTP does not answer: {e}"));
        let reader = BufReader::new(writer.try_clone().unwrap_or_else(|e| panic!("no second handle: {e}")));
        let mut lmtp = Self { reader, writer };
        lmtp.expect("220");
        lmtp.say("LHLO test", "250");
        lmtp
    }

    fn send(&mut self, address: &str, raw: &[u8]) {
        self.say("MAIL FROM:<sender@example.org>", "250");
        self.say(&format!("RCPT TO:<{address}>"), "250");
        self.say("DATA", "354");
        let mut data = Vec::with_capacity(raw.len() + 100);
        for line in raw.split(|b| *b == b'\n') {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line.starts_with(b".") {
                data.push(b'.');
            }
            data.extend_from_slice(line);
            data.extend_from_slice(b"\r\n");
        }
        data.extend_from_slice(b".\r\n");
        self.writer.write_all(&data).unwrap_or_else(|e| panic!("LMTP went away: {e}"));
        self.expect("250");
    }

    fn say(&mut self, line: &str, answer: &str) {
        self.writer.write_all(format!("{line}\r\n").as_bytes()).unwrap_or_else(|e| panic!("LMTP went away: {e}"));
        self.expect(answer);
    }

    fn expect(&mut self, code: &str) {
        loop {
            let mut line = String::new();
            self.reader.read_line(&mut line).unwrap_or_else(|e| panic!("LMTP went away: {e}"));
            assert!(line.starts_with(code), "LMTP says {line:?} instead of {code}");
            if line.as_bytes().get(3) != Some(&b'-') {
                return;
            }
        }
    }
}
