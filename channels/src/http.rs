//! The client for providers that are spoken to over HTTP.

use std::time::Duration;

use crate::email::tls;

/// A provider that says nothing for this long has not taken the message.
const PATIENCE: Duration = Duration::from_secs(30);

/// Longest answer that is read.
const LONGEST_ANSWER: usize = 64 << 10;

/// A client on our own TLS that follows no redirect: a message goes where the settings say or nowhere.
pub(crate) fn client(extra_ca_pem: Option<&str>) -> Result<reqwest::Client, String> {
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls::config(extra_ca_pem)?)
        .redirect(reqwest::redirect::Policy::none())
        .timeout(PATIENCE)
        .connect_timeout(Duration::from_secs(10))
        .user_agent(concat!("Sportello/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|e| e.to_string())
}

/// The status of an answer and its text, as much of it as an operator would read.
pub(crate) async fn read(mut answer: reqwest::Response) -> Result<(u16, String), reqwest::Error> {
    let status = answer.status().as_u16();
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        body.extend_from_slice(&chunk[..chunk.len().min(LONGEST_ANSWER - body.len())]);
        if body.len() == LONGEST_ANSWER {
            break;
        }
    }
    Ok((status, String::from_utf8_lossy(&body).trim().to_owned()))
}

/// What went wrong on the way, without the address: it may hold a password.
pub(crate) fn explain(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut next = std::error::Error::source(&error);
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text
}
