//! The server at rest: what it asks the database over and over must not cost more as the archive grows.
use std::collections::BTreeSet;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Row};

/// Tables that grow with every contact.
const GROWING: [&str; 9] =
    ["attachments", "calls", "call_events", "contacts", "events", "outbox", "persons", "raw_items", "tickets"];

/// The texts of all statements that a server without any request runs, from its own log.
fn asked_at_rest(data: &std::path::Path) -> BTreeSet<String> {
    let log = data.join("log");
    std::fs::create_dir_all(data).unwrap();
    let mut server = Command::new(env!("CARGO_BIN_EXE_sportello"))
        .args(["serve", "--listen", &format!("127.0.0.1:{}", peers::free_port()), "--data"])
        .arg(data)
        .env_remove("DATABASE_URL")
        .env("SPORTELLO__LOG__FORMAT", "json")
        .env("SPORTELLO__LOG__FILTER", "sqlx::query=debug")
        .stdin(Stdio::null())
        .stderr(std::fs::File::create(&log).unwrap())
        .spawn()
        .unwrap();
    // Gauges are measured every few seconds; the rest asks at least once a second.
    std::thread::sleep(Duration::from_secs(12));
    assert!(Command::new("kill").args(["-TERM", &server.id().to_string()]).status().unwrap().success());
    assert!(server.wait().unwrap().success());
    let log = std::fs::read_to_string(log).unwrap();
    let texts = log.lines().filter_map(|line| {
        let line: Value = serde_json::from_str(line).ok()?;
        // What is short stands in the summary.
        let whole = ["db.statement", "summary"].map(|name| line[name].as_str().unwrap_or_default().trim().to_owned());
        whole.into_iter().find(|text| !text.is_empty())
    });
    texts.filter(|text| text.starts_with("SELECT")).collect()
}

/// Whether a step of a plan walks through all rows of a table that grows, be it by an index of all its rows.
fn walks(step: &str, partial: &BTreeSet<String>) -> bool {
    let mut words = step.split_whitespace();
    if words.next() != Some("SCAN") || !words.next().is_some_and(|table| GROWING.contains(&table)) {
        return false;
    }
    !words.any(|word| partial.contains(word))
}

/// A statement that takes the last rows of a table stops after them, however many there are.
fn stops_early(text: &str) -> bool {
    text.split_once("ORDER BY id DESC LIMIT").is_some_and(|(before, _)| !before.contains("WHERE"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_is_asked_at_rest_walks_through_a_table_that_grows() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().to_owned();
    let asked = tokio::task::spawn_blocking(move || asked_at_rest(&data)).await.unwrap();
    assert!(asked.len() > 10, "the log says what is asked: {asked:?}");
    let file = SqliteConnectOptions::new().filename(dir.path().join("sportello.db")).read_only(true);
    let mut conn = file.connect().await.unwrap();
    let partial =
        sqlx::query_scalar::<_, String>("SELECT name FROM sqlite_master WHERE type = 'index' AND sql LIKE '% WHERE %'");
    let partial: BTreeSet<String> = partial.fetch_all(&mut conn).await.unwrap().into_iter().collect();
    let mut walking = Vec::new();
    for text in asked.iter().filter(|text| !stops_early(text)) {
        let plan =
            sqlx::query(sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {text}"))).fetch_all(&mut conn).await.unwrap();
        for step in plan {
            let step: String = step.get("detail");
            if walks(&step, &partial) {
                walking.push(format!("{step}: {text}"));
            }
        }
    }
    assert!(walking.is_empty(), "{walking:#?}");
}
