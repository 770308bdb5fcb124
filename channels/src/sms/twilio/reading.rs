//! From a stored request of Twilio to a message or a report.

use serde_json::Value;

use super::Client;
use crate::sms::incoming::{Incoming, Reported};
use crate::sms::request::{Pairs, StoredRequest};
use crate::sms::settings::decode_id;
use crate::{Action, ChannelKind, Inbound, Keyword, Normalise, Rejected};

/// The pairs of a request, whether it came as a form or as a flat JSON object.
pub(super) fn pairs(stored: &StoredRequest) -> Pairs {
    let mut pairs = stored.pairs();
    if !stored.has_form()
        && let Ok(Value::Object(members)) = serde_json::from_slice(&stored.body)
    {
        pairs.0.extend(members.into_iter().map(|(name, value)| match value {
            Value::String(text) => (name, text.into_bytes()),
            other => (name, other.to_string().into_bytes()),
        }));
    }
    pairs
}

/// Twilio's own id; with the state when it is a report, of which each message has several.
pub(super) fn name(stored: &StoredRequest, pairs: &Pairs) -> Option<String> {
    let sid = pairs.given("MessageSid").or_else(|| pairs.given("SmsSid"))?;
    Some(if stored.path == "status" { format!("{sid}:{}", state(pairs)) } else { sid })
}

fn state(pairs: &Pairs) -> String {
    pairs.given("MessageStatus").or_else(|| pairs.given("SmsStatus")).unwrap_or_default()
}

impl Normalise for Client {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Sms
    }

    fn normalise(&self, raw: &[u8]) -> Result<Inbound, Rejected> {
        let stored = StoredRequest::parse(raw)?;
        let pairs = pairs(&stored);
        let id = name(&stored, &pairs).ok_or_else(|| Rejected::Malformed("no MessageSid".to_owned()))?;
        match stored.path.as_str() {
            "in" => Ok(self.text(raw, id, &pairs)),
            "status" => self.report(raw, id, &pairs),
            other => Err(Rejected::Malformed(format!("Twilio has no request {other:?}"))),
        }
    }
}

impl Client {
    fn text(&self, raw: &[u8], id: String, pairs: &Pairs) -> Inbound {
        let mut text = pairs.text("Body");
        // Pictures stay at the provider: whoever reads the message can open them there.
        let media = pairs.0.iter().filter(|(name, _)| name.starts_with("MediaUrl"));
        for (_, url) in media {
            text.push('\n');
            text.push_str(&String::from_utf8_lossy(url));
        }
        let incoming =
            Incoming { id, from: &pairs.text("From"), to: &pairs.text("To"), text, sent_at: None, part: None };
        let mut message = incoming.into_message(raw, &self.common.numbers);
        // The provider may know more words than we do.
        let known = pairs.text("OptOutType").to_lowercase().parse::<Keyword>().ok();
        message.keyword = known.or(message.keyword);
        message
    }

    fn report(&self, raw: &[u8], id: String, pairs: &Pairs) -> Result<Inbound, Rejected> {
        let state = state(pairs);
        let action = match state.as_str() {
            "delivered" | "read" => Action::Delivered,
            "undelivered" | "failed" | "canceled" => Action::Failed,
            "sent" => Action::Relayed,
            "queued" | "accepted" | "scheduled" | "sending" => Action::Delayed,
            _ => return Err(Rejected::Malformed("a report of Twilio without a known state".to_owned())),
        };
        let reported = Reported {
            id,
            own_id: pairs.given("id").and_then(|id| decode_id(&id)),
            provider_ids: pairs.given("MessageSid").or_else(|| pairs.given("SmsSid")).into_iter().collect(),
            recipient: &pairs.text("To"),
            action,
            name: state,
            why: pairs.given("ErrorCode").filter(|code| code != "0"),
            at: None,
        };
        Ok(reported.into_message(raw, &self.common.numbers))
    }
}
