//! A SIP edge's side of a call: it asks where the call goes, follows the plan, and tells what happens.
use channels::phone::guard::signed_query;
use channels::simulate::tone;
use serde_json::{Value, json};

use super::phone::{Caller, Switch};
use super::wire::Request;

/// How often a caller may be told to wait.
const ROUNDS: u32 = 60;

/// What became of a step.
enum After {
    /// The next step of the plan.
    Next,
    /// The plan must be asked for again.
    AskAgain,
    Over,
}

/// One call from beginning to end.
pub async fn call(switch: &Switch, mut caller: Caller) {
    for round in 0..ROUNDS {
        let mut question = about(switch, &caller);
        question["round"] = json!(round);
        question["source"] = json!("192.0.2.9:5060");
        let Some(plan) = send(switch, "route", &question).await else { return };
        let plan: Value = serde_json::from_str(&plan).unwrap_or_default();
        let steps = plan["steps"].as_array().cloned().unwrap_or_default();
        let mut after = After::Next;
        for (step, place) in steps.iter().zip(0..) {
            after = follow(switch, &mut caller, step, round, place).await;
            if !matches!(after, After::Next) {
                break;
            }
        }
        match after {
            After::Over => return,
            After::AskAgain => {}
            After::Next => return end(switch, &caller, json!({ "cause": "no_answer" })).await,
        }
    }
    end(switch, &caller, json!({ "cause": "cancelled", "by": "caller" })).await;
}

async fn follow(switch: &Switch, caller: &mut Caller, step: &Value, round: u32, place: u32) -> After {
    match step["action"].as_str().unwrap_or_default() {
        "ring" => ring(switch, caller, step, &format!("{round}:{place}")).await,
        "queue" => {
            let queue = json!({ "queue": step["queue"] });
            tell(switch, caller, "queued", &format!("queued:{round}"), queue).await;
            if round > 0 && !switch.is_patient(caller) {
                switch.pass(caller, 1..9).await;
                end(switch, caller, json!({ "cause": "cancelled", "by": "caller" })).await;
                return After::Over;
            }
            let seconds = step["seconds"].as_u64().unwrap_or(10).max(1);
            switch.pass(caller, seconds..seconds + 1).await;
            After::AskAgain
        }
        "voicemail" => {
            tell(switch, caller, "answered", "answered:voicemail", json!({ "reached": "voicemail" })).await;
            let speaks = switch.is_patient(caller);
            if speaks {
                switch.pass(caller, 8..40).await;
                record(switch, caller).await;
            }
            end(switch, caller, json!({ "cause": "completed", "by": "caller", "reached": "voicemail" })).await;
            After::Over
        }
        "closed" => {
            tell(switch, caller, "answered", "answered:closed", json!({ "reached": "closed" })).await;
            switch.pass(caller, 4..12).await;
            end(switch, caller, json!({ "cause": "completed", "by": "callee", "reached": "closed" })).await;
            After::Over
        }
        _ => {
            end(switch, caller, json!({ "cause": "rejected", "code": step["code"] })).await;
            After::Over
        }
    }
}

async fn ring(switch: &Switch, caller: &mut Caller, step: &Value, place: &str) -> After {
    let agent = &step["agent"];
    tell(switch, caller, "ringing", &format!("ringing:{place}"), json!({ "agent": agent })).await;
    if switch.answers(caller) {
        switch.pass(caller, 2..12).await;
        tell(switch, caller, "answered", &format!("answered:{place}"), json!({ "agent": agent, "reached": "person" }))
            .await;
        let talked = switch.pass(caller, 40..420).await;
        let by = if caller.seed.is_multiple_of(3) { "callee" } else { "caller" };
        end(
            switch,
            caller,
            json!({ "cause": "completed", "by": by, "reached": "person", "seconds": talked.as_secs() }),
        )
        .await;
        return After::Over;
    }
    if switch.is_patient(caller) {
        let seconds = step["seconds"].as_u64().unwrap_or(20).max(1);
        switch.pass(caller, seconds..seconds + 1).await;
        tell(switch, caller, "declined", &format!("declined:{place}"), json!({ "agent": agent, "code": 480 })).await;
        return After::Next;
    }
    switch.pass(caller, 5..15).await;
    end(switch, caller, json!({ "cause": "cancelled", "by": "caller" })).await;
    After::Over
}

fn about(switch: &Switch, caller: &Caller) -> Value {
    json!({ "call_id": caller.call, "at": switch.wire.precise(), "from": caller.from, "from_name": caller.name,
        "to": caller.to })
}

async fn tell(switch: &Switch, caller: &Caller, event: &str, id: &str, more: Value) {
    let mut body = about(switch, caller);
    body["event"] = json!(event);
    body["id"] = json!(id);
    for (name, value) in more.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    send(switch, "event", &body).await;
}

async fn end(switch: &Switch, caller: &Caller, how: Value) {
    tell(switch, caller, "ended", "ended", how).await;
}

async fn send(switch: &Switch, path: &str, body: &Value) -> Option<String> {
    post(switch, path, "", "application/json", body.to_string().into_bytes()).await
}

/// Leaves a message on the machine behind the edge.
async fn record(switch: &Switch, caller: &Caller) {
    let seconds = u32::try_from(3 + caller.seed % 5).unwrap_or(3);
    let about = [("call_id", caller.call.as_str()), ("from", &caller.from), ("to", &caller.to)];
    let Ok(query) = serde_urlencoded::to_string(about) else { return };
    post(switch, "recording", &format!("&{query}"), "audio/wav", tone(seconds, caller.seed)).await;
}

async fn post(switch: &Switch, path: &str, query: &str, media_type: &str, body: Vec<u8>) -> Option<String> {
    let hooks = &switch.phone.hooks;
    let query = format!("t={}{query}", switch.wire.now());
    let url = format!("{}/{path}?{}", hooks.address(), signed_query(&hooks.secret, path, &query, &body));
    switch.wire.post(Request { url: &url, headers: &[("content-type", media_type)], body }).await
}
