//! A provider's side of a call, like Twilio's: it sends forms and does what the markup in the answers says.
use channels::twilio::signature;

use super::phone::{Caller, Switch};
use super::wire::Request;

/// Answers that a call follows at most.
const MOST_STEPS: usize = 60;

/// What an answer says that the call does next, as far as a caller can tell.
#[derive(Debug, PartialEq, Eq)]
enum Next {
    /// Rings telephones.
    Dial(Dial),
    /// Takes a message: the form after it, and the one when the sound is ready.
    Record(String, String),
    /// A menu.
    Menu(String),
    /// Goes on there.
    Redirect(String),
    Hangup,
}

/// Telephones to be rung, and where what becomes of it is told.
#[derive(Debug, PartialEq, Eq)]
struct Dial {
    /// The form after it.
    action: String,
    /// That somebody answered.
    answered: String,
    /// That the recording of the talk is ready; empty: it is not recorded.
    record: String,
}

/// One call from beginning to end.
pub async fn call(switch: &Switch, mut caller: Caller) {
    let mut next =
        form(switch, &caller, &format!("{}/voice", switch.phone.hooks.address()), &[("CallStatus", "ringing")]).await;
    for _ in 0..MOST_STEPS {
        let Some(answer) = next.take() else { break };
        let live = ("CallStatus", "in-progress");
        next = match read(&answer) {
            Next::Hangup => break,
            Next::Redirect(url) => form(switch, &caller, &url, &[live]).await,
            Next::Menu(url) => {
                switch.pass(&mut caller, 3..10).await;
                if !switch.is_patient(&mut caller) {
                    break;
                }
                form(switch, &caller, &url, &[live, ("Digits", "1")]).await
            }
            Next::Dial(dial) if switch.answers(&mut caller) => talk(switch, &mut caller, &dial).await,
            Next::Dial(dial) => {
                switch.pass(&mut caller, 15..25).await;
                form(switch, &caller, &dial.action, &[live, ("DialCallStatus", "no-answer")]).await
            }
            Next::Record(url, ready) => {
                let Some(listen) = switch.phone.listen.as_deref().filter(|_| switch.is_patient(&mut caller)) else {
                    break;
                };
                let seconds = switch.pass(&mut caller, 5..40).await.as_secs().max(1).to_string();
                recorded(switch, &caller, listen, &ready, &seconds).await;
                form(switch, &caller, &url, &[live]).await
            }
        };
    }
    form(switch, &caller, &format!("{}/status", switch.phone.hooks.address()), &[("CallStatus", "completed")]).await;
}

/// Somebody answers and talks.
async fn talk(switch: &Switch, caller: &mut Caller, dial: &Dial) -> Option<String> {
    switch.pass(caller, 3..15).await;
    if !dial.answered.is_empty() {
        let (leg, call) = (sid("CB", caller), sid("CA", caller));
        let fields = [("CallSid", leg.as_str()), ("ParentCallSid", &call), ("CallStatus", "in-progress")];
        send(switch, &dial.answered, &fields).await;
    }
    let talked = switch.pass(caller, 40..420).await.as_secs().max(1).to_string();
    let over = [("CallStatus", "in-progress"), ("DialCallStatus", "completed"), ("DialCallDuration", &talked)];
    let next = form(switch, caller, &dial.action, &over).await;
    if let Some(listen) = switch.phone.listen.as_deref().filter(|_| !dial.record.is_empty()) {
        recorded(switch, caller, listen, &dial.record, &talked).await;
    }
    next
}

/// A recording is ready to be fetched.
async fn recorded(switch: &Switch, caller: &Caller, listen: &str, ready: &str, seconds: &str) {
    let id = sid("RE", caller);
    let sound = format!("http://{listen}/Recordings/{id}");
    let fields = [
        ("CallStatus", "in-progress"),
        ("RecordingSid", &id),
        ("RecordingUrl", &sound),
        ("RecordingDuration", seconds),
        ("RecordingStatus", "completed"),
    ];
    form(switch, caller, ready, &fields).await;
}

/// Name of something of a call, of letters and digits as the provider's.
fn sid(kind: &str, caller: &Caller) -> String {
    format!("{kind}{}", caller.call.replace('-', ""))
}

/// A form about the citizen's call.
async fn form(switch: &Switch, caller: &Caller, url: &str, more: &[(&str, &str)]) -> Option<String> {
    let call = sid("CA", caller);
    let mut fields = vec![
        ("CallSid", call.as_str()),
        ("From", &caller.from),
        ("To", &caller.to),
        ("CallerName", &caller.name),
        ("Direction", "inbound"),
    ];
    fields.extend(more);
    send(switch, url, &fields).await
}

async fn send(switch: &Switch, url: &str, fields: &[(&str, &str)]) -> Option<String> {
    let body = serde_urlencoded::to_string(fields).ok()?;
    let signed = signature(&switch.phone.hooks.secret, url, &body);
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("x-twilio-signature", signed.as_str())];
    switch.wire.post(Request { url, headers: &headers, body: body.into_bytes() }).await
}

/// The first verb that leads on.
fn read(answer: &str) -> Next {
    let verbs = ["<Dial", "<Record", "<Gather", "<Redirect", "<Hangup"];
    let first = verbs.iter().filter_map(|verb| answer.find(verb).map(|at| (at, *verb))).min();
    let Some((at, verb)) = first else { return Next::Hangup };
    let rest = &answer[at..];
    let attribute = |name: &str| {
        let start = rest.find(&format!(" {name}=\"")).map(|at| at + name.len() + 3);
        let value = start.and_then(|start| rest[start..].split('"').next());
        value.unwrap_or_default().replace("&amp;", "&")
    };
    match verb {
        "<Dial" => Next::Dial(Dial {
            action: attribute("action"),
            answered: attribute("statusCallback"),
            record: attribute("recordingStatusCallback"),
        }),
        "<Record" => Next::Record(attribute("action"), attribute("recordingStatusCallback")),
        "<Gather" => Next::Menu(attribute("action")),
        "<Redirect" => {
            let url = rest.split_once('>').and_then(|(_, rest)| rest.split_once('<')).map_or("", |(url, _)| url);
            Next::Redirect(url.trim().replace("&amp;", "&"))
        }
        _ => Next::Hangup,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_verb_of_an_answer_leads_on() {
        let markup = "<Response><Say>Resti</Say><Dial timeout=\"20\" action=\"https://h/d?a=1&amp;b=2\" \
            recordingStatusCallback=\"https://h/t\"><Sip statusCallback=\"https://h/s\">sip:7@h</Sip></Dial></Response>";
        let dial =
            Dial { action: "https://h/d?a=1&b=2".into(), answered: "https://h/s".into(), record: "https://h/t".into() };
        assert_eq!(read(markup), Next::Dial(dial));
        let plain = "<Response><Dial action=\"https://h/d\"><Number>+39085</Number></Dial></Response>";
        assert!(
            matches!(read(plain), Next::Dial(Dial { answered, record, .. }) if answered.is_empty() && record.is_empty())
        );
        let redirect = "<Response><Redirect method=\"POST\">https://h/q?x=1&amp;y=2</Redirect></Response>";
        assert_eq!(read(redirect), Next::Redirect("https://h/q?x=1&y=2".to_owned()));
        assert_eq!(read("<Response/>"), Next::Hangup);
    }
}
