//! PostgreSQL from the Debian package, in a directory of its own.

use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

use tempfile::TempDir;

use crate::process::{Server, command_as, free_port, give, is_root, open_directory, run, write};

const USER: &str = "sportello";
const PASSWORD: &str = "sportello";

/// Whether a commit is on the disk when it returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// As in production: for benches and for tests that kill the server.
    Durable,
    /// Nothing waits for the disk: for everything else.
    Fast,
}

/// A running server, or the one named by `SPORTELLO_TEST_PG_URL`.
#[derive(Debug)]
pub struct Postgres {
    server: Option<(Server, TempDir)>,
    base: String,
    psql: PathBuf,
}

static SHARED: LazyLock<Postgres> = LazyLock::new(|| match std::env::var("SPORTELLO_TEST_PG_URL") {
    Ok(url) if !url.is_empty() => Postgres { server: None, base: base_of(&url), psql: binary("psql") },
    _ => Postgres::alone(Durability::Fast),
});
static NEXT: AtomicU32 = AtomicU32::new(0);

impl Postgres {
    /// The server of this process: started by the first caller, stopped when the process ends. When
    /// `SPORTELLO_TEST_PG_URL` names a server (`postgres://user:password@host:port`), that one is used.
    ///
    /// # Panics
    /// When PostgreSQL is not installed or does not start.
    #[must_use]
    pub fn start() -> &'static Self {
        &SHARED
    }

    /// A server of one's own.
    ///
    /// # Panics
    /// When PostgreSQL is not installed or does not start.
    #[must_use]
    pub fn alone(durability: Durability) -> Self {
        let dir = open_directory();
        let (data, log, secret) = (dir.path().join("data"), dir.path().join("log"), dir.path().join("password"));
        write(&secret, PASSWORD);
        write(&log, "");
        give(dir.path(), "postgres");
        let mut init = command_as("postgres", &binary("initdb"));
        init.arg("-D").arg(&data).args([
            "-U",
            USER,
            "-A",
            "scram-sha-256",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        ]);
        run(init.arg("--pwfile").arg(&secret).current_dir(dir.path()));
        let port = free_port();
        let mut command = command_as("postgres", &binary("postgres"));
        command.arg("-D").arg(&data).current_dir(dir.path()).args(["-p", &port.to_string()]);
        let socket = format!("unix_socket_directories={}", dir.path().display());
        let fixed =
            ["listen_addresses=127.0.0.1", &socket, "shared_buffers=128MB", "max_connections=200", "timezone=UTC"];
        let durable: &[&str] = match durability {
            Durability::Durable => &["fsync=on", "synchronous_commit=on"],
            Durability::Fast => &["fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off"],
        };
        for setting in fixed.iter().chain(durable) {
            command.args(["-c", setting]);
        }
        let mut server = Server::start(&mut command, &log, dir.path());
        server.wait_for(port, &log);
        let postgres = Self {
            server: Some((server, dir)),
            base: format!("postgres://{USER}:{PASSWORD}@127.0.0.1:{port}"),
            psql: binary("psql"),
        };
        postgres.wait_until_ready();
        postgres
    }

    /// A new empty database; its URL. Databases of one server do not see each other.
    ///
    /// # Panics
    /// When the server refuses.
    #[must_use]
    pub fn fresh_database(&self) -> String {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("t{}_{number}_{:08x}", std::process::id(), unique());
        self.sql("postgres", &format!("CREATE DATABASE {name} TEMPLATE template0 STRATEGY wal_log"));
        format!("{}/{name}", self.base)
    }

    /// URL of the server, without a database.
    #[must_use]
    pub fn server_url(&self) -> &str {
        &self.base
    }

    /// Runs one statement and gives back what `psql` prints, without headings.
    ///
    /// # Panics
    /// When it fails.
    pub fn sql(&self, database: &str, statement: &str) -> String {
        let output = run(&mut self.query(database, statement));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// Ends the server at once, as a power failure would.
    ///
    /// # Panics
    /// When the server is not ours.
    pub fn kill(&mut self) {
        let (server, _) = self.server.as_mut().unwrap_or_else(|| panic!("the server is not ours to kill"));
        server.kill();
    }

    fn query(&self, database: &str, statement: &str) -> Command {
        let mut psql = Command::new(&self.psql);
        psql.args(["-XAtq", "-v", "ON_ERROR_STOP=1", "-d", &format!("{}/{database}", self.base), "-c", statement]);
        psql
    }

    fn wait_until_ready(&self) {
        for _ in 0..300 {
            if self.query("postgres", "SELECT 1").output().is_ok_and(|o| o.status.success()) {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        run(&mut self.query("postgres", "SELECT 1"));
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if let Some((server, _)) = &mut self.server {
            server.stop("-QUIT");
        }
    }
}

fn base_of(url: &str) -> String {
    let after_scheme = url.find("://").map_or(0, |i| i + 3);
    let end = url[after_scheme..].find('/').map_or(url.len(), |i| after_scheme + i);
    url[..end].to_owned()
}

#[expect(clippy::disallowed_methods, reason = "a name that no other run took, not a time")]
fn unique() -> u32 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |d| d.subsec_nanos())
}

/// A program of the newest installed version.
fn binary(name: &str) -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions
        .filter_map(|v| Some((v.file_name().to_str()?.parse::<u32>().ok()?, v.path())))
        .filter(|(_, path)| path.join("bin").join(name).exists())
        .max();
    let (_, path) =
        newest.unwrap_or_else(|| panic!("PostgreSQL is missing: install it with `apt-get install postgresql`"));
    if is_root() && !std::fs::read_to_string("/etc/passwd").is_ok_and(|p| p.contains("\npostgres:")) {
        panic!("the user postgres is missing: install it with `apt-get install postgresql`");
    }
    path.join("bin").join(name)
}
