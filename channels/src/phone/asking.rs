//! What Twilio, or a provider with the same interface, says of calls when it is asked.

use std::ops::Range;

use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::event::{CallEvent, Direction, EventKind, Parties, Reached, number};
use super::voice::Status;
use crate::Held;
use crate::twilio::rest::{Answer, PAGE, PATIENCE, Rest, days, time};

/// Calls asked about at the same time.
const TOGETHER: usize = 8;

/// The calls of citizens that began in a span of time and are over, each at its end.
pub(super) async fn received(rest: Rest<'_>, span: &Range<Timestamp>) -> Result<Vec<Held>, String> {
    let [from, to] = days(span);
    let pairs = [("StartTime>", from.as_str()), ("StartTime<", &to), PAGE];
    let all = rest.list("/Calls.json", &pairs, "calls", PATIENCE).await?;
    let held = |entry: &Value| {
        let began = time(&entry["start_time"])?;
        let ours = is_citizens(entry) && span.contains(&began) && status(entry)?.cause().is_some();
        let external_ref = entry["sid"].as_str()?.to_owned();
        ours.then(|| Held { external_ref, received_at: Some(ended(entry).unwrap_or(began)), obtainable: true })
    };
    Ok(all.iter().filter_map(held).collect())
}

/// What should have been told of calls: that they came, who answered as far as it is known, that they ended.
pub(super) async fn told_of(rest: Rest<'_>, calls: &[String]) -> Result<Vec<CallEvent>, String> {
    let told = stream::iter(calls.to_vec()).map(|call| async move { one(rest, &call).await }).buffered(TOGETHER);
    Ok(told.try_collect::<Vec<_>>().await?.concat())
}

async fn one(rest: Rest<'_>, call: &str) -> Result<Vec<CallEvent>, String> {
    if call.is_empty() || !call.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Ok(Vec::new());
    }
    let entry = match rest.get(&format!("/Calls/{call}.json"), PATIENCE).await? {
        Answer { status: 404, .. } => return Ok(Vec::new()),
        answer if answer.is_done() => answer.body,
        answer => return Err(answer.refusal()),
    };
    let Some(began) = time(&entry["start_time"]).or_else(|| time(&entry["date_created"])) else {
        return Ok(Vec::new());
    };
    let party = |field: &str| entry[field].as_str().and_then(number);
    let direction = if is_citizens(&entry) { Direction::In } else { Direction::Out };
    let parties = Parties { direction: Some(direction), from: party("from"), from_name: None, to: party("to") };
    let event = |id: String, at: Timestamp, kind: EventKind, parties: Parties| CallEvent {
        at,
        id,
        call: call.to_owned(),
        kind,
        parties,
    };
    // Under the names that the forms would have given them: told later, they are the same.
    let mut events = vec![event("offered".to_owned(), began, EventKind::Offered, parties.clone())];
    let legs = rest.list("/Calls.json", &[("ParentCallSid", call), PAGE], "calls", PATIENCE).await?;
    for leg in legs.iter().filter(|leg| status(leg) == Some(Status::Completed)) {
        if let (Some(sid), Some(end)) = (leg["sid"].as_str(), ended(leg)) {
            let lasted = SignedDuration::from_secs(seconds(leg).unwrap_or(0).into());
            let kind = EventKind::Answered { reached: Reached::Person, agent: None };
            let at = end.checked_sub(lasted).unwrap_or(end);
            events.push(event(format!("answered:{sid}"), at, kind, Parties::default()));
        }
    }
    if let Some(cause) = status(&entry).and_then(Status::cause) {
        // What reached us was answered by our own texts first: only a leg tells of a person.
        let reached = (direction == Direction::In).then_some(Reached::Menu);
        let kind = EventKind::Ended { cause, by: None, reached, seconds: seconds(&entry) };
        events.push(event("ended".to_owned(), ended(&entry).unwrap_or(began), kind, parties));
    }
    Ok(events)
}

/// Whether a citizen called, and it is not an agent's leg.
fn is_citizens(entry: &Value) -> bool {
    entry["direction"] == "inbound" && entry["parent_call_sid"].as_str().unwrap_or_default().is_empty()
}

fn status(entry: &Value) -> Option<Status> {
    Status::of(entry["status"].as_str()?)
}

fn ended(entry: &Value) -> Option<Timestamp> {
    time(&entry["end_time"])
}

/// Providers write numbers as texts.
fn seconds(entry: &Value) -> Option<u32> {
    let duration = &entry["duration"];
    duration.as_str().and_then(|text| text.parse().ok()).or_else(|| u32::try_from(duration.as_u64()?).ok())
}
