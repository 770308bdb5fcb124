//! An exchange's side of a call, as it tells a Zammad: it rings its own telephones and only tells of it.
use serde_json::{Value, json};

use super::phone::{Caller, Switch};
use super::wire::Request;

/// One call from beginning to end.
pub async fn call(switch: &Switch, mut caller: Caller) {
    tell(switch, &caller, "newCall", json!({})).await;
    let cause = if switch.answers(&mut caller) {
        switch.pass(&mut caller, 2..15).await;
        let agent = switch.agent(&mut caller);
        tell(switch, &caller, "answer", json!({ "user": [agent], "answeringNumber": agent })).await;
        switch.pass(&mut caller, 40..420).await;
        "normalClearing"
    } else if switch.is_patient(&mut caller) {
        switch.pass(&mut caller, 25..60).await;
        "noAnswer"
    } else {
        switch.pass(&mut caller, 3..20).await;
        "cancel"
    };
    tell(switch, &caller, "hangup", json!({ "cause": cause })).await;
}

async fn tell(switch: &Switch, caller: &Caller, event: &str, more: Value) {
    let mut body = json!({ "event": event, "callId": caller.call, "from": caller.from, "to": caller.to,
        "direction": "in" });
    for (name, value) in more.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    let hooks = &switch.phone.hooks;
    let url = format!("{}/{}", hooks.address(), hooks.secret.expose());
    let headers = [("content-type", "application/json")];
    switch.wire.post(Request { url: &url, headers: &headers, body: body.to_string().into_bytes() }).await;
}
