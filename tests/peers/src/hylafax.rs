//! A fax server: HylaFAX from the Debian packages, with a spool of its own and no modem.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::process::{Server, command_as, free_port, give, open_directory, program, run, write};

/// The user that HylaFAX works as.
const USER: &str = "uucp";

/// A running fax server: it takes jobs and calls its scripts. Needs root, as HylaFAX does.
#[derive(Debug)]
pub struct HylaFax {
    dir: TempDir,
    _queue: Server,
    protocol: Option<Server>,
    port: u16,
}

impl HylaFax {
    /// Starts a server whose scripts, as its documentation names them, are these.
    ///
    /// # Panics
    /// When HylaFAX is not installed or does not start.
    #[must_use]
    pub fn start(dispatch: &str, notify: &str) -> Self {
        let queue = program(&["/usr/sbin/faxq"], "hylafax-server");
        let dir = open_directory();
        let spool = dir.path().join("spool");
        run(Command::new("cp").arg("-a").arg("/var/spool/hylafax").arg(&spool));
        run(Command::new("cp").arg("-aL").arg("/etc/hylafax/.").arg(spool.join("etc")));
        let cache = std::fs::read_to_string(spool.join("etc/setup.cache")).unwrap_or_default();
        let cache: Vec<&str> =
            cache.lines().filter(|l| !l.starts_with("SENDMAIL=") && !l.starts_with("SPOOL=")).collect();
        let cache = format!("{}\nSENDMAIL='/bin/true'\nSPOOL='{}'\n", cache.join("\n"), spool.display());
        run(Command::new("chmod").arg("u+w").arg(spool.join("etc/setup.cache")));
        write(&spool.join("etc/setup.cache"), cache);
        write(&spool.join("etc/hosts.hfaxd"), "localhost:21::\n127.0.0.1:21::\n");
        write(&spool.join("etc/config"), "NotifyCmd: etc/sportello-notify\n");
        write(&spool.join("etc/FaxDispatch"), dispatch);
        write(&spool.join("etc/sportello-notify"), notify);
        run(Command::new("chmod").arg("755").arg(spool.join("etc/sportello-notify")));
        give(&spool, USER);
        run(Command::new("chmod").arg("600").arg(spool.join("etc/hosts.hfaxd")));
        let port = free_port();
        let log = dir.path().join("log");
        let queue = Server::start(Command::new(queue).arg("-D").arg("-q").arg(&spool), &log, dir.path());
        let mut server = Self { dir, _queue: queue, protocol: None, port };
        server.resume();
        server
    }

    /// Ends what speaks the client protocol at once; the queue goes on.
    pub fn stop(&mut self) {
        if let Some(mut protocol) = self.protocol.take() {
            protocol.kill();
        }
    }

    /// Starts it again on the same port.
    ///
    /// # Panics
    /// When it does not start.
    pub fn resume(&mut self) {
        let log = self.dir.path().join("log");
        let mut command = Command::new(program(&["/usr/sbin/hfaxd"], "hylafax-server"));
        command.args(["-d", "-l", "127.0.0.1", "-i", &self.port.to_string(), "-q"]).arg(self.spool());
        let mut protocol = Server::start(&mut command, &log, self.dir.path());
        protocol.wait_for(self.port, &log);
        self.protocol = Some(protocol);
    }

    /// The jobs that the queue holds or held, by tag: what is in their queue files.
    #[must_use]
    pub fn jobs(&self, tag: &str) -> usize {
        let line = format!("jobtag:{tag}");
        let of = |queue: &str| std::fs::read_dir(self.spool().join(queue)).into_iter().flatten().flatten();
        let files = ["sendq", "doneq"].into_iter().flat_map(of);
        let texts = files.filter_map(|file| std::fs::read_to_string(file.path()).ok());
        texts.filter(|text| text.lines().any(|l| l == line)).count()
    }

    /// Where the scripts call, and with which secret.
    pub fn call(&self, url: &str, secret: &str) {
        write(&self.spool().join("etc/sportello.url"), url);
        write(&self.spool().join("etc/sportello.header"), format!("Authorization: Bearer {secret}\n"));
        give(&self.spool().join("etc"), USER);
    }

    /// Port of the client protocol.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The spool folder.
    #[must_use]
    pub fn spool(&self) -> PathBuf {
        self.dir.path().join("spool")
    }

    /// What the scripts logged.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.spool().join("log/sportello.log")).unwrap_or_default()
    }

    /// Does what the modem's program does with a fax that came: puts it into the folder and calls the script.
    pub fn receive(&self, name: &str, tiff: &[u8], error: &str, caller: &[&str]) {
        let file = Path::new("recvq").join(name);
        write(&self.spool().join(&file), tiff);
        give(&self.spool().join(&file), USER);
        run(self.script("bin/faxrcvd").arg(&file).args(["ttyS0", "000000002", error]).args(caller));
    }

    /// Calls the notify script for a job as the queue does.
    pub fn notify(&self, queue_file: &Path, why: &str) {
        run(self.script("etc/sportello-notify").arg(queue_file).args([why, "0:42"]));
    }

    fn script(&self, script: &str) -> Command {
        let mut command = command_as(USER, &self.spool().join(script));
        command.current_dir(self.spool());
        command
    }

    /// Takes a job out of the queue in the name of the user who put it there.
    pub fn remove(&self, job: &str, user: &str) {
        let faxrm = program(&["/usr/bin/faxrm"], "hylafax-client");
        run(Command::new(faxrm).env("FAXUSER", user).args(["-h", &format!("127.0.0.1:{}", self.port), job]));
    }
}
