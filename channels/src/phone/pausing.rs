//! Pauses in recordings at Twilio, or a provider with the same interface.

use std::time::Duration;

use super::line::{LineError, Wish};
use crate::twilio::rest::{Answer, Rest};

/// Somebody with a card in their hand waits for it.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often a provider that cannot be reached, or is at fault itself, is told.
const TIMES: usize = 2;

/// Tells the provider what is wished of the recording that goes on in a call.
pub(super) async fn record(rest: Rest<'_>, call: &str, wish: Wish, skips: bool) -> Result<(), LineError> {
    if call.is_empty() || !call.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err(LineError::NotRecorded);
    }
    let path = format!("/Calls/{call}/Recordings/Twilio.CURRENT.json");
    let mut pairs = vec![("Status", state(wish))];
    if wish == Wish::Pause {
        pairs.push(("PauseBehavior", if skips { "skip" } else { "silence" }));
    }
    let mut told = rest.post(&path, &pairs, PATIENCE).await;
    for _ in 1..TIMES {
        if told.as_ref().is_ok_and(|answer| answer.status < 500) {
            break;
        }
        told = rest.post(&path, &pairs, PATIENCE).await;
    }
    let answer = told.map_err(LineError::Refused)?;
    if answer.is_done() || is_so(rest, call, wish).await {
        return Ok(());
    }
    Err(refusal(&answer))
}

const fn state(wish: Wish) -> &'static str {
    match wish {
        Wish::Pause => "paused",
        Wish::Resume => "in-progress",
    }
}

/// Whether the recording is as it is wished already: providers refuse to pause what is paused.
async fn is_so(rest: Rest<'_>, call: &str, wish: Wish) -> bool {
    let Ok(answer) = rest.get(&format!("/Calls/{call}/Recordings.json"), PATIENCE).await else { return false };
    let states: Vec<&str> =
        answer.body["recordings"].as_array().into_iter().flatten().filter_map(|r| r["status"].as_str()).collect();
    // Those of other talks of the call are over.
    let mut live = states.into_iter().filter(|state| matches!(*state, "paused" | "in-progress")).peekable();
    live.peek().is_some() && live.all(|found| found == state(wish))
}

fn refusal(answer: &Answer) -> LineError {
    // 21220: the call is not going on.
    match (answer.status, answer.body["code"].as_u64()) {
        (404, _) | (_, Some(21220)) => LineError::NotRecorded,
        _ => LineError::Refused(answer.refusal()),
    }
}
