//! Messages recorded by Twilio, or a provider with the same interface: its callback (`…/recording`) tells of one,
//! the sound is fetched from the provider before the callback is answered.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

use super::{Facts, MOST_BYTES, Message, Recordings, media_type_of};
use crate::phone::request::CallRequest;
use crate::phone::voice::{self, Told};
use crate::twilio::rest::Rest;
use crate::twilio::{has_signature, is_signed};
use crate::{
    Account, ChannelKind, Context, Driver, Field, FieldKind, Hook, HookAccepted, HookRefusal, HookRequest, RawContent,
    RawItem, Secret, Settings, WrongSetting, http,
};

const URL: Field = Field::optional("url", FieldKind::Text, "https://api.twilio.com");
const ACCOUNT: Field = Field::required("account_sid", FieldKind::Text);
/// Pauses before the sound is asked for again: well within the time that the provider waits for our answer.
const RETRIES: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(2)];

const TOKEN: Field = Field::required("auth_token", FieldKind::Secret);

/// Opens answering machines at Twilio.
#[derive(Debug, Clone, Copy)]
pub struct TwilioVoicemail;

impl Driver for TwilioVoicemail {
    fn name(&self) -> &'static str {
        "voicemail_twilio"
    }

    fn kind(&self) -> ChannelKind {
        ChannelKind::Voicemail
    }

    fn sends(&self) -> bool {
        false
    }

    fn fields(&self) -> &'static [Field] {
        &[ACCOUNT, TOKEN, URL]
    }

    fn open(&self, settings: &Settings, _context: &Context) -> Result<Account, WrongSetting> {
        Ok(Account {
            normaliser: Arc::new(Recordings),
            receiver: None,
            sender: None,
            hook: Some(Arc::new(Callback::open(settings)?)),
        })
    }
}

/// Fetches the recordings of an account of the provider.
pub(in crate::phone) struct Callback {
    base: reqwest::Url,
    account: String,
    pub(in crate::phone) token: Secret,
    client: reqwest::Client,
}

impl Callback {
    /// The settings that every account at the provider has.
    pub(in crate::phone) const FIELDS: [Field; 3] = [ACCOUNT, TOKEN, URL];

    /// Opens an account of the provider.
    pub(in crate::phone) fn open(settings: &Settings) -> Result<Self, WrongSetting> {
        let url = settings.given(URL.name).unwrap_or(URL.default);
        let base = reqwest::Url::parse(url).ok().filter(|url| matches!(url.scheme(), "https" | "http"));
        let base = base.ok_or_else(|| WrongSetting::new(URL.name, "not an address such as https://api.twilio.com"))?;
        let account = settings.given(ACCOUNT.name).unwrap_or_default().to_owned();
        if account.is_empty() || !account.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(WrongSetting::new(ACCOUNT.name, "not an identifier of letters and digits"));
        }
        let token = settings.secret(TOKEN.name);
        if token.is_empty() {
            return Err(WrongSetting::new(TOKEN.name, "there is no secret"));
        }
        let client = http::client(None).map_err(|why| WrongSetting::new(URL.name, why))?;
        Ok(Self { base, account, token, client })
    }
}

#[async_trait]
impl Hook for Callback {
    fn limit(&self) -> usize {
        voice::MOST_BYTES
    }

    fn admits(&self, head: &HookRequest) -> bool {
        has_signature(head)
    }

    fn kept(&self, request: &HookRequest) -> Bytes {
        // Its proof is a header.
        request.with_address()
    }

    async fn accept(&self, request: &HookRequest) -> Result<HookAccepted, HookRefusal> {
        if request.path != "recording" {
            return Err(HookRefusal::NotFound);
        }
        self.take(request).await
    }
}

impl Callback {
    /// What the account can be asked.
    pub(in crate::phone) fn rest(&self) -> Rest<'_> {
        Rest { base: self.base.as_str(), account: &self.account, token: &self.token, client: &self.client }
    }

    /// The recording of a talk is ready.
    pub(in crate::phone) async fn talk(&self, request: &HookRequest) -> Result<HookAccepted, HookRefusal> {
        self.take(request).await
    }

    async fn take(&self, request: &HookRequest) -> Result<HookAccepted, HookRefusal> {
        if !is_signed(request, &self.token) {
            return Err(HookRefusal::Forbidden);
        }
        let told = voice::read(request)?;
        let Some(recording) = &told.recording else {
            // Callbacks tell of recordings that began, too.
            return Ok(HookAccepted::default());
        };
        let address = self.at_provider(&recording.url);
        let address = address.ok_or_else(|| HookRefusal::Malformed("the recording lies elsewhere".to_owned()))?;
        // A sound that cannot be fetched now stays at the provider: the message says where.
        let sound = self.fetch_patiently(address).await.unwrap_or_else(|why| {
            tracing::warn!(recording = recording.id, why, "a recording cannot be fetched from the provider");
            Bytes::new()
        });
        let external_ref = format!("{}:{}", told.call, recording.id);
        let message = message(&told, sound);
        if request.path == "talk" {
            let (events, sounds) = (vec![message.event_of(false)], vec![message.sound()]);
            return Ok(HookAccepted {
                call: Some(CallRequest { events, ask: None, sounds }),
                ..HookAccepted::default()
            });
        }
        let call = Some(CallRequest::told(vec![message.event()]));
        let content = RawContent::Whole(message.to_bytes());
        let items = vec![RawItem { external_ref, received_at: Some(request.now), content }];
        Ok(HookAccepted { items, call, ..HookAccepted::default() })
    }

    /// The address of a recording, if it lies where the account does: our password goes nowhere else.
    fn at_provider(&self, url: &str) -> Option<reqwest::Url> {
        let mut url = reqwest::Url::parse(url).ok()?;
        let plain = url.username().is_empty() && url.password().is_none() && url.query().is_none();
        let path = format!("{}.wav", url.path().trim_end_matches(".wav"));
        url.set_path(&path);
        (plain && url.origin() == self.base.origin()).then_some(url)
    }

    /// The callback may come a moment before the sound can be fetched.
    async fn fetch_patiently(&self, address: reqwest::Url) -> Result<Bytes, String> {
        let mut fetched = self.fetch(address.clone()).await;
        for pause in RETRIES {
            if fetched.is_ok() {
                break;
            }
            tokio::time::sleep(pause).await;
            fetched = self.fetch(address.clone()).await;
        }
        fetched
    }

    async fn fetch(&self, address: reqwest::Url) -> Result<Bytes, String> {
        let request = self.client.get(address).basic_auth(&self.account, Some(self.token.expose()));
        let mut answer = request.send().await.map_err(http::explain)?;
        if !answer.status().is_success() {
            let (status, said) = http::read(answer).await.map_err(http::explain)?;
            return Err(format!("{status} {said}"));
        }
        let mut sound = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(http::explain)? {
            sound.extend_from_slice(&chunk);
            if sound.len() > MOST_BYTES {
                return Err("it is too long".to_owned());
            }
        }
        media_type_of(&sound, "").ok_or("it is no sound")?;
        Ok(sound.into())
    }
}

/// The message of which a form tells.
fn message(told: &Told, sound: Bytes) -> Message {
    let recording = told.recording.as_ref();
    let facts = Facts {
        call: told.call.clone(),
        recording: recording.map(|r| r.id.clone()),
        from: told.parties.from.clone(),
        to: told.parties.to.clone(),
        at: told.at,
        seconds: recording.and_then(|r| r.seconds),
        media_type: media_type_of(&sound, "").unwrap_or_default().to_owned(),
        url: recording.filter(|_| sound.is_empty()).map(|r| r.url.clone()),
    };
    Message { facts, sound }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;
    use crate::conformance::check;
    use crate::phone::wav::tests::silence;
    use crate::phone::{Outcome, fold};
    use crate::twilio::tests::{TOKEN as KEY, signed_form};

    /// A provider that gives a recording to who knows the password.
    async fn provider() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut head = vec![0; 4096];
                let n = stream.read(&mut head).await.unwrap_or(0);
                let head = String::from_utf8_lossy(&head[..n]).to_lowercase();
                let password = data_encoding::BASE64.encode(format!("AC1:{KEY}").as_bytes()).to_lowercase();
                let allowed = head.starts_with("get /recordings/re1.wav ") && head.contains(&password);
                let (status, body) = if allowed { ("200 OK", silence(2)) } else { ("404 Not Found", Vec::new()) };
                let answer =
                    format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
                let _gone = stream.write_all(&[answer.as_bytes(), &body].concat()).await;
            }
        });
        address
    }

    fn open(url: &str) -> Account {
        let values = BTreeMap::from([("url".to_owned(), url.to_owned()), ("account_sid".to_owned(), "AC1".to_owned())]);
        let secrets = BTreeMap::from([("auth_token".to_owned(), KEY.into())]);
        TwilioVoicemail.open(&Settings::new(values, secrets), &Context::default()).unwrap()
    }

    fn callback(recording: &str) -> HookRequest {
        let recording = percent_encoding::utf8_percent_encode(recording, percent_encoding::NON_ALPHANUMERIC);
        let form = format!("CallSid=CA1&RecordingSid=RE1&RecordingDuration=2&From=%2B393331&RecordingUrl={recording}");
        signed_form("https://cc.example.gov.it/hooks/segreteria/recording", "recording", &form)
    }

    async fn taken(account: &Account, request: &HookRequest) -> Result<Bytes, HookRefusal> {
        let items = account.hook.as_ref().unwrap().accept(request).await?.items;
        assert_eq!(items[0].external_ref, "CA1:RE1");
        match &items[0].content {
            RawContent::Whole(raw) => Ok(raw.clone()),
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn the_sound_is_fetched_from_the_provider_with_the_password() {
        let url = provider().await;
        let account = open(&url);
        let raw = taken(&account, &callback(&format!("{url}/Recordings/RE1"))).await.unwrap();
        let message = check(account.normaliser.as_ref(), "twilio", &raw).unwrap().unwrap();
        assert_eq!((message.external_id.as_str(), message.text.as_str()), ("CA1:RE1", ""));
        assert_eq!(&message.attachments[0].bytes[..], &silence(2)[..]);
        let call = fold([Message::parse(&raw).unwrap().event()]).unwrap();
        assert_eq!((call.id.as_str(), call.outcome), ("CA1", Some(Outcome::Voicemail)));
    }

    #[tokio::test]
    async fn a_message_whose_sound_cannot_be_fetched_is_not_lost() {
        let url = provider().await;
        let account = open(&url);
        let elsewhere = format!("{url}/Recordings/RE2");
        let raw = taken(&account, &callback(&elsewhere)).await.unwrap();
        let message = check(account.normaliser.as_ref(), "twilio", &raw).unwrap().unwrap();
        assert_eq!((message.text, message.attachments.len()), (elsewhere, 0));
        assert_eq!(Message::parse(&raw).unwrap().seconds(), Some(2));
    }

    #[tokio::test]
    async fn the_password_goes_to_the_provider_only() {
        let url = provider().await;
        let account = open(&url);
        for address in
            ["https://example.org/RE1", "http://127.0.0.1:1/RE1", "file:///etc/passwd", "RE1", &format!("{}x/RE1", url)]
        {
            let refused = taken(&account, &callback(address)).await;
            assert!(matches!(refused, Err(HookRefusal::Malformed(_))), "{address}: {refused:?}");
        }
        let unsigned = HookRequest { headers: vec![], ..callback(&url) };
        assert_eq!(taken(&account, &unsigned).await, Err(HookRefusal::Forbidden));
    }
}
