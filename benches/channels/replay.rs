//! Requests prepared beforehand, sent by a process of its own: what it uses is not counted as the server's.
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::place::quantile;

/// The word by which this program is told to send.
pub const WORD: &str = "replay";
/// Requests under way at the same time.
pub const AT_ONCE: usize = 8;

/// A request to be posted.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Post {
    /// Whole address.
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// What the sender saw.
#[derive(Debug, Serialize, Deserialize)]
pub struct Seen {
    pub seconds: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
}

/// Sends all, and waits for it.
pub async fn send(posts: &[Post]) -> Seen {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), serde_json::to_vec(posts).unwrap()).unwrap();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.arg(WORD).arg(file.path()).stderr(Stdio::inherit());
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Sends what is in a file; prints what was seen.
pub fn run(file: &Path) {
    drop(rustls::crypto::ring::default_provider().install_default());
    let posts: Arc<Vec<Post>> = Arc::new(serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let seen = runtime.block_on(async {
        let http = reqwest::Client::builder().pool_max_idle_per_host(AT_ONCE).build().unwrap();
        let (next, begun) = (Arc::new(AtomicUsize::new(0)), Instant::now());
        let tasks: Vec<_> =
            (0..AT_ONCE).map(|_| tokio::spawn(post(http.clone(), posts.clone(), next.clone()))).collect();
        let mut times = Vec::new();
        for task in tasks {
            times.extend(task.await.unwrap());
        }
        times.sort_unstable();
        let seconds = begun.elapsed().as_secs_f64();
        Seen { seconds, p50_ms: quantile(&times, 0.5), p99_ms: quantile(&times, 0.99) }
    });
    println!("{}", serde_json::to_string(&seen).unwrap());
}

async fn post(http: reqwest::Client, posts: Arc<Vec<Post>>, next: Arc<AtomicUsize>) -> Vec<Duration> {
    let mut times = Vec::new();
    while let Some(post) = posts.get(next.fetch_add(1, Ordering::Relaxed)) {
        let mut request = http.post(&post.url).body(post.body.clone());
        for (name, value) in &post.headers {
            request = request.header(name, value);
        }
        let sent = Instant::now();
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_success(), "the hook answers {}", answer.status());
        answer.bytes().await.unwrap();
        times.push(sent.elapsed());
    }
    times
}
