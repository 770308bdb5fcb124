//! Requests to the installation, each counted with how it was answered.
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::tally::Tally;
use crate::kernel::time::Clock;

/// A client that keeps its connections, as an exchange or a gateway does.
#[derive(Debug, Clone)]
pub struct Wire {
    client: reqwest::Client,
    tally: Arc<Tally>,
    clock: Clock,
}

/// A request to be sent.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    pub url: &'a str,
    pub headers: &'a [(&'a str, &'a str)],
    pub body: Vec<u8>,
}

impl Wire {
    pub fn new(tally: &Arc<Tally>) -> anyhow::Result<Self> {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(30))
            .pool_max_idle_per_host(64);
        Ok(Self { client: client.build()?, tally: Arc::clone(tally), clock: Clock::system() })
    }

    /// Seconds since 1970.
    pub fn now(&self) -> i64 {
        self.clock.now().timestamp().as_second()
    }

    /// The same with microseconds, as an edge writes them.
    pub fn precise(&self) -> String {
        let micros = self.clock.now().timestamp().as_microsecond();
        format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000)
    }

    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Sends; the answer's body when it was taken.
    pub async fn post(&self, request: Request<'_>) -> Option<String> {
        let mut sending = self.client.post(request.url).body(request.body);
        for (name, value) in request.headers {
            sending = sending.header(*name, *value);
        }
        self.send(sending).await
    }

    /// Calls an address, as gateways call that of a report.
    pub async fn get(&self, url: &str) -> Option<String> {
        self.send(self.client.get(url)).await
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Option<String> {
        let began = Instant::now();
        let answered = async {
            let answer = request.send().await?;
            let status = answer.status();
            Ok::<_, reqwest::Error>((status, answer.text().await?))
        };
        match answered.await {
            Ok((status, body)) if status.is_success() => {
                self.tally.accepted(began.elapsed());
                Some(body)
            }
            Ok((status, body)) => {
                self.tally.refused(format_args!("{status} {}", body.trim()));
                None
            }
            // The address holds secrets of the hook.
            Err(e) => {
                self.tally.refused(e.without_url());
                None
            }
        }
    }
}
