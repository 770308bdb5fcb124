//! Asking a service by one GET, only where the administration may call (`channels::guard`).
use std::time::Duration;

use channels::calls::{Call, CallError};
use reqwest::Url;

use super::model::{Answer, Failure, Piece, Source, Values};
use crate::kernel::Kernel;
use crate::kernel::references;
use crate::network::ways::Calls;

/// Longest answer that is read, in bytes.
const LONGEST: usize = 1024 * 1024;

/// A value as one segment of a path or one value of a query: nothing of it can be more than that.
fn encoded(value: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'~');
    value.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

/// Asks.
pub async fn look(kernel: &Kernel, calls: &Calls, source: &Source, values: &Values, patience: Duration) -> Answer {
    let Some(url) = address(source, values) else { return Answer::Failed(Failure::Unset) };
    let Ok(caller) = calls.caller(kernel).await else { return Answer::Failed(Failure::Unset) };
    let mut call = Call::get(url, LONGEST);
    call.patience = Some(patience);
    call.headers.push(("accept".to_owned(), "application/json".to_owned()));
    if !source.secret.is_empty() {
        match references::fetch(&kernel.config, &source.secret) {
            Ok(secret) => call.headers.push((source.header.clone(), secret.reveal().to_owned())),
            Err(_) => return Answer::Failed(Failure::Unset),
        }
    }
    match caller.call(call).await {
        Err(CallError::Silent(_)) => Answer::Failed(Failure::Silent),
        Err(CallError::Refused(_)) => Answer::Failed(Failure::Refused),
        Ok(answer) if answer.is_good() => {
            let rows = serde_json::from_slice(&answer.body).ok().and_then(|json| source.rows(&json));
            rows.map_or(Answer::Failed(Failure::Unreadable), Answer::Rows)
        }
        // Services say so of whom they do not know.
        Ok(answer) if answer.status == 404 => Answer::Rows(Vec::new()),
        Ok(answer) if answer.status >= 500 => Answer::Failed(Failure::Silent),
        Ok(_) => Answer::Failed(Failure::Refused),
    }
}

fn address(source: &Source, values: &Values) -> Option<Url> {
    let mut text = String::new();
    for piece in source.pieces()? {
        match piece {
            Piece::Text(part) => text.push_str(&part),
            Piece::Value(name) => text.push_str(&encoded(values.get(&name)?)),
        }
    }
    Url::parse(&text).ok()
}
