//! Telephone exchanges that tell of calls the way they tell a Zammad help desk (`newCall`, `answer`, `hangup`):
//! many can, and only the address they call has to be changed. The address holds a secret.

use jiff::Timestamp;
use serde_json::Value;

use super::event::{CallEvent, Cause, Direction, EventKind, Parties, Reached, clean, number};
use crate::pairs::Pairs;
use crate::secret::same;
use crate::twilio::has_form;
use crate::{HookRefusal, HookRequest, Secret};

/// Largest request that is read.
pub const MOST_BYTES: usize = 16 << 10;

/// Whether the secret follows the account's own address.
pub(super) fn knows_secret(request: &HookRequest, secret: &Secret) -> bool {
    !secret.is_empty() && same(&request.path, secret.expose())
}

/// Verifies and reads what the exchange tells. The secret is what follows the account's own address.
///
/// # Errors
/// [`HookRefusal::Forbidden`] without the right secret, [`HookRefusal::Malformed`] when it cannot be read.
pub fn event(request: &HookRequest, secret: &Secret) -> Result<CallEvent, HookRefusal> {
    if !knows_secret(request, secret) {
        return Err(HookRefusal::Forbidden);
    }
    if request.body.len() > MOST_BYTES {
        return Err(malformed("too long"));
    }
    let pairs = pairs(request)?;
    let told = |name: &str| pairs.given(name).as_deref().and_then(clean);
    let call = told("callId").ok_or_else(|| malformed("no callId"))?;
    let direction = match told("direction").as_deref() {
        Some("in") => Some(Direction::In),
        Some("out") => Some(Direction::Out),
        _ => None,
    };
    let agent = told("user").or_else(|| told("user[]")).or_else(|| told("answeringNumber"));
    let (id, kind) = match told("event").as_deref() {
        // A new call in a queue is told as one event: the queue then stands in it.
        Some("newCall") => match told("queue") {
            Some(queue) => (format!("queued:{queue}"), EventKind::Queued { queue }),
            None => ("offered".to_owned(), EventKind::Offered),
        },
        Some("answer") => {
            let id = format!("answered:{}", agent.as_deref().unwrap_or_default());
            (id, EventKind::Answered { reached: Reached::Person, agent })
        }
        Some("hangup") => ("ended".to_owned(), ended(told("cause").as_deref())),
        _ => return Err(malformed("neither newCall nor answer nor hangup")),
    };
    let party = |name: &str| told(name).as_deref().and_then(number);
    let parties = Parties { direction, from: party("from"), from_name: None, to: party("to") };
    Ok(CallEvent { at: at(&pairs).unwrap_or(request.now), id, call, kind, parties })
}

/// What the exchange calls the end, in our words. Without a cause nothing is known but that it is over.
fn ended(cause: Option<&str>) -> EventKind {
    let (cause, reached) = match cause {
        Some("normalClearing") => (Cause::Completed, None),
        Some("busy") => (Cause::Busy, None),
        Some("cancel") => (Cause::Cancelled, None),
        Some("noAnswer") => (Cause::NoAnswer, None),
        Some("congestion") => (Cause::Failed, None),
        Some("notFound") => (Cause::Unreachable, None),
        // It goes on at another telephone, under another name.
        Some("forwarded") => (Cause::NoAnswer, None),
        _ => (Cause::Lost, None),
    };
    EventKind::Ended { cause, by: None, reached, seconds: None }
}

/// The time of the event, which few exchanges tell.
fn at(pairs: &Pairs) -> Option<Timestamp> {
    pairs.given("timestamp")?.trim().parse().ok()
}

fn pairs(request: &HookRequest) -> Result<Pairs, HookRefusal> {
    if has_form(request) {
        return Ok(Pairs::parse(&request.body));
    }
    let members = match serde_json::from_slice(&request.body) {
        Ok(Value::Object(members)) => members,
        _ => return Err(malformed("neither a form nor a JSON object")),
    };
    let text = |value: Value| match value {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        // Exchanges with several agents on one telephone send their names as a list.
        Value::Array(items) => items.into_iter().find_map(|item| item.as_str().map(str::to_owned)),
        _ => None,
    };
    let pair = |(name, value)| text(value).map(|text| (name, text.into_bytes()));
    Ok(Pairs(members.into_iter().filter_map(pair).collect()))
}

fn malformed(why: &str) -> HookRefusal {
    HookRefusal::Malformed(why.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phone::{Outcome, fold};
    use proptest::prelude::*;

    const SECRET: &str = "kR7vQ0";

    fn request(media_type: &str, body: &str, second: i64) -> HookRequest {
        HookRequest {
            method: "POST".into(),
            url: format!("https://cc.example.gov.it/hooks/centralino/{SECRET}"),
            path: SECRET.into(),
            query: String::new(),
            headers: vec![("content-type".into(), media_type.into())],
            body: body.to_owned().into_bytes().into(),
            now: Timestamp::from_second(1_764_000_000 + second).unwrap_or_default(),
        }
    }

    fn json(body: &str, second: i64) -> CallEvent {
        event(&request("application/json", body, second), &SECRET.into()).unwrap()
    }

    #[test]
    fn a_call_told_in_forms_and_json_is_one_call() {
        let new = "event=newCall&from=%2B393331234567&to=085123&direction=in&callId=c1&user%5B%5D=Anna";
        let new = event(&request("application/x-www-form-urlencoded", new, 0), &SECRET.into()).unwrap();
        let answer = json(r#"{"event":"answer","callId":"c1","user":["Anna"],"direction":"in"}"#, 7);
        let hangup = json(r#"{"event":"hangup","callId":"c1","cause":"normalClearing","from":"anonymous"}"#, 67);
        let call = fold([hangup, answer, new]).unwrap();
        assert_eq!((call.from.as_deref(), call.agent()), (Some("+393331234567"), Some("Anna")));
        assert_eq!((call.outcome, call.wait_seconds, call.talk_seconds), (Some(Outcome::Answered), Some(7), Some(60)));
    }

    #[test]
    fn the_cause_says_what_became_of_an_unanswered_call() {
        for (cause, outcome) in [
            ("busy", Outcome::Busy),
            ("cancel", Outcome::Abandoned),
            ("noAnswer", Outcome::Missed),
            ("notFound", Outcome::Missed),
            ("congestion", Outcome::Failed),
            ("unheardOf", Outcome::Missed),
        ] {
            let new = json(r#"{"event":"newCall","callId":"c1","queue":"urp"}"#, 0);
            let hangup = json(&format!(r#"{{"event":"hangup","callId":"c1","cause":"{cause}"}}"#), 5);
            let call = fold([new, hangup]).unwrap();
            assert_eq!((call.outcome, call.queue.as_deref()), (Some(outcome), Some("urp")), "{cause}");
        }
    }

    #[test]
    fn the_address_must_hold_the_secret() {
        let good = request("application/json", r#"{"event":"newCall","callId":"c1"}"#, 0);
        assert!(event(&good, &SECRET.into()).is_ok());
        for path in ["", "kR7vQ", "kR7vQ00", "KR7VQ0"] {
            let bad = HookRequest { path: path.into(), ..good.clone() };
            assert_eq!(event(&bad, &SECRET.into()), Err(HookRefusal::Forbidden), "{path}");
            assert_eq!(event(&bad, &Secret::default()), Err(HookRefusal::Forbidden));
        }
    }

    proptest! {
        #[test]
        fn any_body_is_read_or_refused(body in ".{0,200}", text in ".{0,60}") {
            for media_type in ["application/json", "application/x-www-form-urlencoded"] {
                let _either = event(&request(media_type, &body, 0), &SECRET.into());
            }
            let body = serde_json::json!({"event": "answer", "callId": text, "user": [text], "timestamp": text});
            let _either = event(&request("application/json", &body.to_string(), 0), &SECRET.into());
        }
    }
}
