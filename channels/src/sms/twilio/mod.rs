//! Text messages through Twilio, or a provider whose interface is the same: its REST page out, signed requests in.

mod asking;
mod reading;

use std::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use self::reading::{name, pairs};
use super::request::{MOST_BYTES, StoredRequest};
use super::settings::{
    CA_FILE, COUNTRY, Common, MAX_SEGMENTS, SENDER, encode_id, extra_ca, limits, needed, needed_secret, text, transient,
};
use crate::twilio::{has_signature, is_signed};
use crate::{
    Account, ChannelKind, Context, Deliver, DeliveryError, Driver, Fate, Field, FieldKind, Held, Hook, HookAccepted,
    HookAnswer, HookRefusal, HookRequest, Outgoing, OutgoingLimits, RawContent, RawItem, Refusal, Secret, Sent,
    Settings, Unreported, WrongSetting, http,
};

const URL: Field = Field::optional("url", FieldKind::Text, "https://api.twilio.com");
const ACCOUNT: Field = Field::required("account_sid", FieldKind::Text);
const TOKEN: Field = Field::required("auth_token", FieldKind::Secret);
const SERVICE: Field = Field::optional("messaging_service", FieldKind::Text, "");

/// Faults of our account or our own number: the next attempt may find them mended.
const NOT_THE_MESSAGE: &[u64] = &[20003, 20005, 20429, 21212, 21603, 21606, 21611, 21659, 21660, 21701, 21705];

/// Opens accounts at Twilio.
#[derive(Debug, Clone, Copy)]
pub struct Twilio;

impl Driver for Twilio {
    fn name(&self) -> &'static str {
        "sms_twilio"
    }

    fn kind(&self) -> ChannelKind {
        ChannelKind::Sms
    }

    fn fields(&self) -> &'static [Field] {
        &[ACCOUNT, TOKEN, SENDER, SERVICE, URL, COUNTRY, MAX_SEGMENTS, CA_FILE]
    }

    fn limits(&self, settings: &Settings) -> OutgoingLimits {
        limits(settings)
    }

    fn open(&self, settings: &Settings, context: &Context) -> Result<Account, WrongSetting> {
        let url = text(settings, &URL).trim_end_matches('/').to_owned();
        if reqwest::Url::parse(&url).is_err() || !url.starts_with("http") || url.contains('?') {
            return Err(WrongSetting::new(URL.name, "not an address such as https://api.twilio.com"));
        }
        let account = needed(settings, &ACCOUNT)?.to_owned();
        if !account.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(WrongSetting::new(ACCOUNT.name, "not an identifier of letters and digits"));
        }
        let common = Common::read(settings, context)?;
        let service = settings.text(SERVICE.name).to_owned();
        if service.is_empty() && common.sender.is_empty() {
            return Err(WrongSetting::new(SENDER.name, "neither a sender nor a messaging service is given"));
        }
        let client = http::client(extra_ca(settings)?.as_deref());
        let client = Arc::new(Client {
            url: format!("{url}/2010-04-01/Accounts/{account}"),
            base: url,
            account,
            token: needed_secret(settings, &TOKEN)?,
            service,
            hook_url: context.hook_url.clone(),
            common,
            client: client.map_err(|why| WrongSetting::new(CA_FILE.name, why))?,
        });
        Ok(Account { normaliser: client.clone(), receiver: None, sender: Some(client.clone()), hook: Some(client) })
    }
}

struct Client {
    /// Address of the provider.
    base: String,
    /// That of the account.
    url: String,
    account: String,
    token: Secret,
    service: String,
    hook_url: String,
    common: Common,
    client: reqwest::Client,
}

impl Client {
    async fn ask(&self, request: reqwest::RequestBuilder) -> Result<(u16, String), DeliveryError> {
        let request = request.basic_auth(&self.account, Some(self.token.expose()));
        let answer = async { http::read(request.send().await?).await };
        answer.await.map_err(|e| transient(http::explain(e)))
    }
}

#[async_trait]
impl Deliver<Outgoing> for Client {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Sms
    }

    async fn deliver(&self, message: &Outgoing) -> Result<Sent, DeliveryError> {
        let (recipient, prepared) = self.common.prepare(message)?;
        let callback = format!("{}/status?id={}", self.hook_url, encode_id(&message.id));
        let mut pairs = vec![("To", recipient.as_str()), ("Body", &prepared.text), ("StatusCallback", &callback)];
        pairs.push(if self.service.is_empty() {
            ("From", &self.common.sender)
        } else {
            ("MessagingServiceSid", &self.service)
        });
        let pair = |(name, value): &(&str, &str)| format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC));
        let request = self
            .client
            .post(format!("{}/Messages.json", self.url))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(pairs.iter().map(pair).collect::<Vec<_>>().join("&"));
        let (status, body) = self.ask(request).await?;
        let answer: Value = serde_json::from_str(&body).unwrap_or_default();
        if (200..300).contains(&status) {
            // An answer without an id is not Twilio's: who knows whether the message went.
            let id = answer["sid"].as_str().ok_or_else(|| transient(format!("{status} without an id: {body}")))?;
            let state = answer["status"].as_str().unwrap_or_default();
            let response = format!("{status} {state}");
            return Ok(Sent { provider_id: Some(id.to_owned()), response, printable: None });
        }
        let code = answer["code"].as_u64();
        let said = answer["message"].as_str().map_or(body.as_str(), |message| message);
        let text = code.map_or_else(|| said.to_owned(), |code| format!("{code} {said}"));
        let refusal = Refusal { code: Some(status), status: None, text };
        if status == 400 && code.is_some_and(|code| !NOT_THE_MESSAGE.contains(&code)) {
            Err(DeliveryError::Permanent(refusal))
        } else {
            Err(DeliveryError::Transient(refusal))
        }
    }

    async fn check(&self) -> Result<String, String> {
        let request = self.client.get(format!("{}.json", self.url));
        let (status, _) = self.ask(request).await.map_err(|e| format!("Twilio cannot be reached: {e}"))?;
        match status {
            200 => Ok("Twilio answers and knows the account".to_owned()),
            401 | 403 | 404 => Err(format!("Twilio refuses the account or its token: {status}")),
            _ => Err(format!("Twilio answers {status}")),
        }
    }

    async fn fates(&self, sent: &[Unreported]) -> Result<Option<Vec<Fate>>, String> {
        self.fates_of(sent).await.map(Some)
    }
}

/// An answer in TwiML that asks for nothing.
const NOTHING: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response/>";

#[async_trait]
impl Hook for Client {
    fn limit(&self) -> usize {
        MOST_BYTES
    }

    fn admits(&self, head: &HookRequest) -> bool {
        has_signature(head)
    }

    fn kept(&self, request: &HookRequest) -> Bytes {
        // Its proof is a header.
        request.with_address()
    }

    async fn accept(&self, request: &HookRequest) -> Result<HookAccepted, HookRefusal> {
        if !matches!(request.path.as_str(), "in" | "status") {
            return Err(HookRefusal::NotFound);
        }
        if !is_signed(request, &self.token) {
            return Err(HookRefusal::Forbidden);
        }
        let stored = StoredRequest::of(request, "bodySHA256")?;
        let external_ref =
            name(&stored, &pairs(&stored)).ok_or_else(|| HookRefusal::Malformed("no MessageSid".to_owned()))?;
        let content = RawContent::Whole(stored.to_bytes());
        Ok(HookAccepted {
            items: vec![RawItem { external_ref, received_at: Some(request.now), content }],
            answer: HookAnswer { media_type: "text/xml; charset=utf-8", body: NOTHING.to_owned() },
            ..HookAccepted::default()
        })
    }

    async fn held(&self, span: &Range<Timestamp>) -> Result<Option<Vec<Held>>, String> {
        self.received(span).await.map(Some)
    }

    async fn again(&self, names: &[String]) -> Result<Vec<RawItem>, String> {
        self.fetch(names).await
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::conformance::check;
    use crate::{Action, Keyword};
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    pub(crate) const TOKEN: &str = "12345678901234567890123456789012";

    fn open() -> Account {
        let values = [("account_sid", "AC1"), ("sender", "+39800123")].map(|(n, v)| (n.to_owned(), v.to_owned()));
        let secrets = BTreeMap::from([("auth_token".to_owned(), TOKEN.into())]);
        Twilio.open(&Settings::new(values.into(), secrets), &Context::default()).unwrap()
    }

    fn stored(path: &str, query: &str, form: &str) -> Vec<u8> {
        let media_type = "application/x-www-form-urlencoded".to_owned();
        let body = form.to_owned().into();
        StoredRequest { path: path.into(), query: query.into(), media_type, body }.to_bytes().to_vec()
    }

    #[test]
    fn a_text_is_read_with_its_pictures_and_its_word() {
        let raw = stored(
            "in",
            "",
            "MessageSid=SM1&From=%2B393331234567&To=%2B39800123&Body=Segnalo+una+buca&NumMedia=1\
             &MediaUrl0=https%3A%2F%2Fm.example%2F1",
        );
        let message = check(open().normaliser.as_ref(), "twilio", &raw).unwrap().unwrap();
        assert_eq!(message.external_id, "SM1");
        assert_eq!(message.from.unwrap().address, "+393331234567");
        assert_eq!(message.text, "Segnalo una buca\nhttps://m.example/1");
        let raw = stored("in", "", "MessageSid=SM2&From=%2B393331234567&Body=Nope&OptOutType=STOP");
        assert_eq!(open().normaliser.normalise(&raw).unwrap().keyword, Some(Keyword::Stop));
    }

    #[test]
    fn each_state_of_a_message_is_a_report_of_its_own() {
        let id = encode_id("outbox-7");
        let read = |state: &str| {
            let form = format!("MessageSid=SM1&To=%2B393331234567&MessageStatus={state}&ErrorCode=30003");
            check(open().normaliser.as_ref(), state, &stored("status", &format!("id={id}"), &form)).unwrap()
        };
        let message = read("undelivered").unwrap();
        assert_eq!(message.external_id, "SM1:undelivered");
        let report = message.report.unwrap();
        assert_eq!((report.own_id.as_deref(), report.provider_ids), (Some("outbox-7"), vec!["SM1".to_owned()]));
        assert_eq!(report.recipients[0].action, Action::Failed);
        assert_eq!(report.recipients[0].diagnostic.as_deref(), Some("30003"));
        assert_eq!(read("sent").unwrap().report.unwrap().recipients[0].action, Action::Relayed);
        assert_eq!(read("dreaming"), None);
    }

    proptest! {
        #[test]
        fn any_request_is_read_or_refused(
            path in prop_oneof![Just("in"), Just("status"), Just("x")], query in "[ -~]{0,60}", form in ".{0,200}",
        ) {
            let raw = stored(path, &query, &form);
            prop_assert!(check(open().normaliser.as_ref(), "any", &raw).is_ok());
        }
    }
}
