//! Starting and stopping servers: ports, users, process groups, waiting until they answer.

use std::hash::{BuildHasher, RandomState};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Ports that the system does not give to outgoing connections, so that a server can come back to its own.
const PORTS: std::ops::Range<u16> = 12_000..32_000;

/// A port that nobody listens on, kept from the other tests of this machine while this process lives.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn free_port() -> u16 {
    let mut random = RandomState::new().hash_one(std::process::id());
    for _ in 0..10_000 {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let port = PORTS.start + ((random >> 33) % u64::from(PORTS.end - PORTS.start)) as u16;
        if claim(port) && TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
    panic!("no free port between {} and {}", PORTS.start, PORTS.end)
}

/// Writes our process into the file of a port, unless a living one is there.
fn claim(port: u16) -> bool {
    let claims = std::env::temp_dir().join("sportello-test-ports");
    let _exists = std::fs::create_dir_all(&claims);
    let file = claims.join(port.to_string());
    if let Ok(holder) = std::fs::read_to_string(&file) {
        if holder.is_empty() || Path::new("/proc").join(holder).exists() {
            return false;
        }
        let _taken_by_another = std::fs::remove_file(&file);
    }
    let made = std::fs::OpenOptions::new().write(true).create_new(true).open(&file);
    made.and_then(|mut f| std::io::Write::write_all(&mut f, std::process::id().to_string().as_bytes())).is_ok()
}

/// The program at one of `places`.
pub(crate) fn program(places: &[&str], package: &str) -> PathBuf {
    let found = places.iter().map(PathBuf::from).find(|p| p.exists());
    found.unwrap_or_else(|| panic!("{} is missing: install it with `apt-get install {package}`", places[0]))
}

/// Runs a command to its end.
pub(crate) fn run(command: &mut Command) -> Output {
    let output = command.stdin(Stdio::null()).output();
    let output = output.unwrap_or_else(|e| panic!("{command:?} does not start: {e}"));
    assert!(output.status.success(), "{command:?} failed: {}", String::from_utf8_lossy(&output.stderr));
    output
}

/// A command run as another user when we are root, as ourselves otherwise.
pub(crate) fn command_as(user: &str, program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid", user, "--regid", user, "--init-groups", "--reset-env"]).arg(program);
    command
}

pub(crate) fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|m| m.uid() == 0)
}

/// Gives a path to a user, when we are root.
pub(crate) fn give(path: &Path, user: &str) {
    if is_root() {
        run(Command::new("chown").arg("-R").arg(format!("{user}:")).arg(path));
    }
}

/// A directory of its own that every user may enter.
pub(crate) fn open_directory() -> tempfile::TempDir {
    let dir = tempfile::Builder::new().prefix("sportello-peer-").tempdir();
    let dir = dir.unwrap_or_else(|e| panic!("no temporary directory: {e}"));
    std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o755))
        .unwrap_or_else(|e| panic!("{}: {e}", dir.path().display()));
    dir
}

pub(crate) fn write(path: &Path, content: impl AsRef<[u8]>) {
    std::fs::write(path, content).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
}

/// `cert.pem` and `key.pem`: a certificate of its own that rustls accepts: not an authority, with the names of this machine.
pub(crate) fn certificate(dir: &Path) {
    let openssl = program(&["/usr/bin/openssl"], "openssl");
    let mut command = Command::new(openssl);
    command.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "3650"]);
    command.args(["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]);
    command.args(["-addext", "basicConstraints=critical,CA:FALSE"]);
    run(command.arg("-keyout").arg(dir.join("key.pem")).arg("-out").arg(dir.join("cert.pem")));
}

/// A server in a process group of its own, killed with all its children when dropped. Should this process end
/// without dropping it, a watcher kills it and removes its directory.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    watcher: Child,
}

impl Server {
    /// Starts it with both outputs in `log`; `home` is removed if this process dies first.
    pub(crate) fn start(command: &mut Command, log: &Path, home: &Path) -> Self {
        let open = || {
            let file = std::fs::OpenOptions::new().create(true).append(true).open(log);
            file.unwrap_or_else(|e| panic!("{}: {e}", log.display()))
        };
        let child = command.process_group(0).stdin(Stdio::null()).stdout(open()).stderr(open()).spawn();
        let child = child.unwrap_or_else(|e| panic!("{command:?} does not start: {e}"));
        // Its input is a pipe that we never write to: it ends when we do.
        let mut watcher = Command::new("sh");
        watcher.args(["-c", "read -r never; kill -s KILL -- \"-$1\"; sleep 0.2; rm -rf -- \"$2\"", "watcher"]);
        watcher.arg(child.id().to_string()).arg(home).process_group(0);
        let watcher = watcher.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        Self { child, watcher: watcher.unwrap_or_else(|e| panic!("sh does not start: {e}")) }
    }

    /// Waits until something listens on `port`.
    pub(crate) fn wait_for(&mut self, port: u16, log: &Path) {
        let start = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let ended = self.child.try_wait().is_ok_and(|s| s.is_some());
            if ended || start.elapsed() > Duration::from_secs(90) {
                let said = std::fs::read_to_string(log).unwrap_or_default();
                panic!("nothing answers on port {port}; the server said: {said}");
            }
            sleep(Duration::from_millis(20));
        }
    }

    /// Ends the whole group at once and waits for it.
    pub(crate) fn kill(&mut self) {
        signal(&self.child, "-KILL");
        let _already_gone = self.child.wait();
        let _already_ended = self.watcher.kill();
        let _collected = self.watcher.wait();
    }

    /// Asks it to end with a signal, and kills it if it does not within some seconds.
    pub(crate) fn stop(&mut self, with: &str) {
        let _gone = Command::new("kill").args([with, &self.child.id().to_string()]).stderr(Stdio::null()).status();
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(5) {
            if self.child.try_wait().is_ok_and(|s| s.is_some()) {
                break;
            }
            sleep(Duration::from_millis(20));
        }
        self.kill();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

fn signal(child: &Child, signal: &str) {
    let group = format!("-{}", child.id());
    let _gone = Command::new("kill").args([signal, "--", &group]).stderr(Stdio::null()).status();
}
