//! The program itself: its commands, and its end when asked to stop.
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use peers::{Postgres, free_port};

use crate::support::*;

/// An installation in a directory of its own.
struct Program {
    dir: tempfile::TempDir,
    database: Option<String>,
}

impl Program {
    fn new(engine: Engine) -> Self {
        let database = (engine == Engine::Postgres).then(|| Postgres::start().fresh_database());
        Self { dir: tempfile::tempdir().unwrap(), database }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sportello"));
        command.args(arguments).arg("--data").arg(self.dir.path()).stdin(Stdio::null());
        command.env_remove("DATABASE_URL").env("SPORTELLO_PASSWORD", PASSWORD);
        if let Some(url) = &self.database {
            command.env("DATABASE_URL", url);
        }
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Starts the server; its address and process.
    fn serve(&self) -> (String, Child) {
        let listen = format!("127.0.0.1:{}", free_port());
        let mut child = self.command(&["serve", "--listen", &listen]).stderr(Stdio::piped()).spawn().unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        while !line.contains("listening on") {
            line.clear();
            assert!(log.read_line(&mut line).unwrap() > 0, "the server ended");
        }
        // The pipe is read to its end, or the server would wait for room in it.
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        (format!("http://{listen}"), child)
    }
}

fn text(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn end(child: &mut Child) -> Duration {
    let asked = Instant::now();
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    let status = child.wait().unwrap();
    assert!(status.success(), "{status}");
    asked.elapsed()
}

async fn sign_in(url: &str) -> reqwest::Response {
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let body = serde_urlencoded::to_string([("login", "anna@example.it"), ("password", PASSWORD)]).unwrap();
    let request = client.post(format!("{url}/accesso")).body(body);
    request.header("content-type", "application/x-www-form-urlencoded").send().await.unwrap()
}

/// A sign-in whose head is sent and taken, and whose body is not yet.
struct HalfSent {
    stream: TcpStream,
    body: String,
}

impl HalfSent {
    fn begin(address: &str) -> Self {
        let body = serde_urlencoded::to_string([("login", "anna@example.it"), ("password", PASSWORD)]).unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let head = format!(
            "POST /accesso HTTP/1.1\r\nHost: {address}\r\nExpect: 100-continue\r\nConnection: close\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        let mut go_on = [0; 25];
        stream.read_exact(&mut go_on).unwrap();
        assert!(go_on.starts_with(b"HTTP/1.1 100"), "{go_on:?}");
        Self { stream, body }
    }

    fn finish(&mut self) -> String {
        self.stream.write_all(self.body.as_bytes()).unwrap();
        let mut answer = String::new();
        self.stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

async fn a_stop_lets_requests_end(engine: Engine) {
    drop(rustls::crypto::ring::default_provider().install_default());
    let program = Program::new(engine);
    text(&program.run(&["user", "add", "--login", "anna@example.it", "--name", "Anna", "--role", "agent"]));
    let (url, mut child) = program.serve();
    let signed = sign_in(&url).await;
    let cookie = signed.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let client = reqwest::Client::new();
    let mut live = client
        .get(format!("{url}/scrivania/diretta"))
        .header("cookie", cookie)
        .send()
        .await
        .unwrap()
        .error_for_status()
        .unwrap();
    live.chunk().await.unwrap();

    // One caller has a request half sent, another an idle connection, when the stop comes.
    let address = url.trim_start_matches("http://").to_owned();
    let mut idle = TcpStream::connect(&address).unwrap();
    idle.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut slow = HalfSent::begin(&address);
    let finish = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(500));
        slow.finish()
    });
    let took = tokio::task::spawn_blocking(move || end(&mut child)).await.unwrap();
    assert!(took < Duration::from_secs(10), "{took:?}");
    assert!(took > Duration::from_millis(400), "it did not wait: {took:?}");
    let answer = finish.join().unwrap();
    assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
    drop(idle);
    while let Ok(Some(_)) = live.chunk().await {}
    let listed = text(&program.run(&["user", "list"]));
    assert!(listed.contains("anna@example.it\tagent\tAnna\tactive"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_lets_requests_end_on_sqlite() {
    a_stop_lets_requests_end(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_lets_requests_end_on_postgresql() {
    a_stop_lets_requests_end(Engine::Postgres).await;
}

#[test]
fn a_token_made_by_command_is_the_last_line() {
    let program = Program::new(Engine::Sqlite);
    let printed = text(&program.run(&["token", "create", "--role", "integration", "--name", "site", "--days", "30"]));
    let secret = printed.lines().last().unwrap();
    assert!(secret.starts_with("sportello_") && secret.len() > 40);
    let listed = text(&program.run(&["token", "list"]));
    assert!(listed.contains("integration\tsite\tvalid until") && !listed.contains(secret));
    text(&program.run(&["token", "revoke", "1"]));
    assert!(text(&program.run(&["token", "list"])).contains("revoked"));
}

#[test]
fn doctor_says_what_is_wrong_in_a_sentence() {
    let program = Program::new(Engine::Sqlite);
    text(&program.run(&["migrate"]));
    text(&program.run(&["user", "add", "--login", "anna@example.it", "--name", "Anna", "--role", "admin"]));
    let healthy = program.run(&["doctor"]);
    let said = String::from_utf8_lossy(&healthy.stdout).into_owned();
    assert!(said.contains("ok     database: SQLite can be written"), "{said}");

    std::fs::set_permissions(
        program.dir.path().join("secret.key"),
        std::os::unix::fs::PermissionsExt::from_mode(0o644),
    )
    .unwrap();
    let open = program.run(&["doctor"]);
    assert_eq!(open.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&open.stdout).contains("can be read by other users"));

    std::fs::write(program.dir.path().join("sportello.toml"), "[server]\nlistenn = 'x'\n").unwrap();
    let broken = program.run(&["doctor"]);
    assert_eq!(broken.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&broken.stdout).contains("listenn"));
}

#[test]
fn doctor_names_a_database_that_cannot_be_reached() {
    let mut program = Program::new(Engine::Sqlite);
    program.database = Some(format!("postgres://nobody@127.0.0.1:{}/nothing", free_port()));
    let output = program.run(&["doctor"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stdout).contains("the PostgreSQL server cannot be reached"));
}
