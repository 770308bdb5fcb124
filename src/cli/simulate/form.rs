//! `sportello simulate form` and `counter`: requests through the public form for programs, and contacts that a
//! counter's own program hands over.
use std::process::ExitCode;
use std::sync::Arc;

use channels::Secret;
use clap::Args;
use serde_json::json;

use super::drive::{drive, finish};
use super::options::{Traffic, parse_secret};
use super::tally::Tally;
use super::wire::{Request, Wire};
use super::words::Town;

/// Citizens fill in the form.
#[derive(Debug, Clone, Args)]
pub struct Form {
    #[command(flatten)]
    traffic: Traffic,
    /// Public address of the installation.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    url: String,
    /// Token of a program, by reference (`env:NAME`, `file:PATH`): without one, the limit for strangers holds.
    #[arg(long, value_parser = parse_secret)]
    token: Option<Secret>,
    /// Choose no category: for an installation that has not those of the demo.
    #[arg(long)]
    no_category: bool,
}

/// Citizens come to a counter that has a program of its own.
#[derive(Debug, Clone, Args)]
pub struct Counter {
    #[command(flatten)]
    traffic: Traffic,
    /// Public address of the installation.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    url: String,
    /// Token of an integration, by reference (`env:NAME`, `file:PATH`).
    #[arg(long, value_parser = parse_secret)]
    token: Secret,
}

impl Form {
    /// Sends requests until there are no more.
    ///
    /// # Errors
    /// When the embedded files cannot be read.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let url = format!("{}/api/v1/public/requests", self.url.trim_end_matches('/'));
        let without = self.no_category;
        post(&self.traffic, url, self.token, move |town, number| {
            let citizen = town.citizen(number);
            let wish = town.wish(number, &citizen.name);
            let kind = if number.is_multiple_of(4) { "report" } else { "information" };
            let category = Some(wish.category).filter(|_| !without);
            json!({ "kind": kind, "category": category, "text": wish.text, "name": citizen.name,
                "email": citizen.email, "phone": citizen.phone, "privacy_accepted": true })
        })
        .await
    }
}

impl Counter {
    /// Hands contacts over until there are no more.
    ///
    /// # Errors
    /// When the embedded files cannot be read.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let url = format!("{}/api/v1/contacts", self.url.trim_end_matches('/'));
        let run = crate::kernel::codes::random_token();
        post(&self.traffic, url, Some(self.token), move |town, number| {
            let citizen = town.citizen(number);
            let wish = town.wish(number, &citizen.name);
            json!({ "channel": "counter", "account": "simulator", "external_id": format!("{run}-{number}"),
                "from": citizen.phone, "subject": wish.subject, "text": wish.short })
        })
        .await
    }
}

async fn post(
    traffic: &Traffic,
    url: String,
    token: Option<Secret>,
    body: impl Fn(&Town, u64) -> serde_json::Value + Send + Sync + 'static,
) -> anyhow::Result<ExitCode> {
    let tally = Arc::new(Tally::default());
    let shared = Arc::new((Town::new(traffic)?, Wire::new(&tally)?, url, token, body));
    drive(traffic, &tally, |number| {
        let shared = Arc::clone(&shared);
        async move {
            let (town, wire, url, token, body) = &*shared;
            let bearer = token.as_ref().map(|token| format!("Bearer {}", token.expose()));
            let mut headers = vec![("content-type", "application/json")];
            headers.extend(bearer.as_deref().map(|bearer| ("authorization", bearer)));
            let body = body(town, number).to_string().into_bytes();
            wire.post(Request { url, headers: &headers, body }).await;
        }
    })
    .await;
    finish(traffic, &tally)
}
