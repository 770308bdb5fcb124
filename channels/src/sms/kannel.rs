//! Text messages through Kannel: its `sendsms` page out; in, the address that its `sms-service` calls; delivery
//! reports by the `dlr-url` that goes with every message. How it stands itself, and what it counted, is on its status
//! page ([`status`]).

mod status;

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::incoming::{Incoming, Reported, decode};
use super::request::{MOST_BYTES, Pairs, StoredRequest, without};
use super::segments::Encoding;
use super::settings::{
    CA_FILE, COUNTRY, Common, MAX_SEGMENTS, SENDER, decode_id, encode_id, extra_ca, limits, needed, needed_secret,
    seal, transient,
};
use super::surrogates::{decode_part, decode_part_plain};
use super::udh;
use crate::secret::same;
use crate::{
    Account, Action, ChannelKind, Context, Deliver, DeliveryError, Driver, Field, FieldKind, Hook, HookAccepted,
    HookRefusal, HookRequest, Inbound, Normalise, Notice, Outgoing, OutgoingLimits, RawContent, RawItem, Refusal,
    Rejected, Secret, Sent, Settings, Standing, WrongSetting, http,
};

const URL: Field = Field::required("url", FieldKind::Text);
const USER: Field = Field::required("user", FieldKind::Text);
const PASSWORD: Field = Field::required("password", FieldKind::Secret);
const HOOK_PASSWORD: Field = Field::required("hook_password", FieldKind::Secret);
const SMSC: Field = Field::optional("smsc", FieldKind::Text, "");
/// Its status page, as XML, and the password for it.
const STATUS_URL: Field = Field::optional("status_url", FieldKind::Text, "");
const STATUS_PASSWORD: Field = Field::optional("status_password", FieldKind::Secret, "");

/// Name of the pair that holds the hook's password.
pub(crate) const KEY: &str = "key";

/// What our names of its reports begin with.
const REPORT: &str = "dlr:";

/// Everything that Kannel can tell of a message: delivered, failed, buffered, taken by the SMSC, refused by it.
const DLR_MASK: &str = "31";

/// Opens accounts at a Kannel gateway.
#[derive(Debug, Clone, Copy)]
pub struct Kannel;

impl Driver for Kannel {
    fn name(&self) -> &'static str {
        "sms_kannel"
    }

    fn kind(&self) -> ChannelKind {
        ChannelKind::Sms
    }

    fn fields(&self) -> &'static [Field] {
        &[URL, USER, PASSWORD, SENDER, HOOK_PASSWORD, SMSC, COUNTRY, MAX_SEGMENTS, STATUS_URL, STATUS_PASSWORD, CA_FILE]
    }

    fn limits(&self, settings: &Settings) -> OutgoingLimits {
        limits(settings)
    }

    fn open(&self, settings: &Settings, context: &Context) -> Result<Account, WrongSetting> {
        let url = needed(settings, &URL)?.trim_end_matches('?').to_owned();
        if reqwest::Url::parse(&url).is_err() || !url.starts_with("http") || url.contains('?') {
            return Err(WrongSetting::new(URL.name, "not an address such as https://host:13013/cgi-bin/sendsms"));
        }
        let status_url = settings.text(STATUS_URL.name).to_owned();
        if !status_url.is_empty() && (!status_url.starts_with("http") || status_url.contains('?')) {
            return Err(WrongSetting::new(STATUS_URL.name, "not an address such as http://host:13000/status.xml"));
        }
        let client = http::client(extra_ca(settings)?.as_deref());
        let gateway = Arc::new(Gateway {
            status_url,
            status_password: settings.secret(STATUS_PASSWORD.name),
            url,
            user: needed(settings, &USER)?.to_owned(),
            password: needed_secret(settings, &PASSWORD)?,
            hook_password: needed_secret(settings, &HOOK_PASSWORD)?,
            smsc: settings.text(SMSC.name).to_owned(),
            hook_url: context.hook_url.clone(),
            common: Common::read(settings, context)?,
            client: client.map_err(|why| WrongSetting::new(CA_FILE.name, why))?,
        });
        Ok(Account { normaliser: gateway.clone(), receiver: None, sender: Some(gateway.clone()), hook: Some(gateway) })
    }
}

struct Gateway {
    url: String,
    user: String,
    password: Secret,
    hook_password: Secret,
    smsc: String,
    /// Empty: it is not asked.
    status_url: String,
    status_password: Secret,
    hook_url: String,
    common: Common,
    client: reqwest::Client,
}

impl Gateway {
    async fn ask(&self, pairs: &[(&str, &str)]) -> Result<(u16, String), DeliveryError> {
        let account = [("username", self.user.as_str()), ("password", self.password.expose())];
        let pair = |(name, value): &(&str, &str)| format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC));
        let query: Vec<String> = account.iter().chain(pairs).map(pair).collect();
        let request = self.client.get(format!("{}?{}", self.url, query.join("&")));
        let answer = async { http::read(request.send().await?).await };
        answer.await.map_err(|e| transient(http::explain(e)))
    }

    /// Where Kannel reports what becomes of a message; `%…` is for Kannel to fill in.
    fn dlr_url(&self, own_id: &str) -> String {
        let id = encode_id(own_id);
        let seal = seal(&self.hook_password, &id);
        format!("{}/dlr?id={id}&seal={seal}&status=%d&to=%p&ref=%F&answer=%A&at=%T", self.hook_url)
    }

    /// Whether the request carries the password, in its query or as Basic authentication.
    /// Whether a report bears what we wrote into its address.
    fn knows_seal(&self, request: &HookRequest) -> bool {
        let query = Pairs::parse(request.query.as_bytes());
        same(&query.text("seal"), &seal(&self.hook_password, &query.text("id")))
    }

    fn knows_password(&self, request: &HookRequest) -> bool {
        let given = Pairs::parse(request.query.as_bytes()).given(KEY).or_else(|| {
            let encoded = request.header("authorization")?.strip_prefix("Basic ")?;
            let pair = String::from_utf8(data_encoding::BASE64.decode(encoded.trim().as_bytes()).ok()?).ok()?;
            pair.split_once(':').map(|(_, password)| password.to_owned())
        });
        given.is_some_and(|given| same(&given, self.hook_password.expose()))
    }
}

#[async_trait]
impl Deliver<Outgoing> for Gateway {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Sms
    }

    fn at_once(&self) -> usize {
        32
    }

    async fn deliver(&self, message: &Outgoing) -> Result<Sent, DeliveryError> {
        let (recipient, prepared) = self.common.prepare(message)?;
        let coding = match prepared.encoding {
            Encoding::Gsm7 => "0",
            Encoding::Ucs2 => "2",
        };
        let dlr_url = self.dlr_url(&message.id);
        let mut pairs = vec![
            ("to", recipient.as_str()),
            ("text", &prepared.text),
            ("charset", "UTF-8"),
            ("coding", coding),
            ("dlr-mask", DLR_MASK),
            ("dlr-url", &dlr_url),
        ];
        pairs.extend(
            [("from", self.common.sender.as_str()), ("smsc", &self.smsc)].iter().filter(|(_, v)| !v.is_empty()),
        );
        let (status, text) = self.ask(&pairs).await?;
        let refusal = Refusal { code: Some(status), status: None, text };
        match status {
            200..=299 => Ok(Sent { provider_id: None, response: refusal.to_string(), printable: None }),
            // The message itself is not as it should be. What concerns the account (401, 403) is not its fault.
            400 | 413 | 414 => Err(DeliveryError::Permanent(refusal)),
            _ => Err(DeliveryError::Transient(refusal)),
        }
    }

    async fn check(&self) -> Result<String, String> {
        // Without a recipient nothing is sent, yet the account is looked at first.
        let (status, text) = self.ask(&[]).await.map_err(|e| format!("Kannel cannot be reached: {e}"))?;
        match status {
            400 => Ok("Kannel answers and knows the account".to_owned()),
            401 | 403 => Err(format!("Kannel refuses the account or its password: {status} {text}")),
            _ => Err(format!("Kannel answers {status} {text}")),
        }
    }
}

#[async_trait]
impl Hook for Gateway {
    fn limit(&self) -> usize {
        MOST_BYTES
    }

    fn admits(&self, head: &HookRequest) -> bool {
        match head.path.as_str() {
            "in" => self.knows_password(head),
            "dlr" => self.knows_seal(head),
            _ => true,
        }
    }

    fn kept(&self, request: &HookRequest) -> Bytes {
        let query = without(&without(&request.query, KEY), "seal");
        HookRequest { query, ..request.clone() }.with_address()
    }

    async fn accept(&self, request: &HookRequest) -> Result<HookAccepted, HookRefusal> {
        let (stored, external_ref) = match request.path.as_str() {
            "in" if self.knows_password(request) => {
                let stored = StoredRequest::of(request, KEY)?;
                let id = text_id(&stored);
                (stored, id)
            }
            "dlr" if self.knows_seal(request) => {
                let query = Pairs::parse(request.query.as_bytes());
                let stored = StoredRequest::of(request, "seal")?;
                let id = report_id(&query);
                (stored, id)
            }
            "in" | "dlr" => return Err(HookRefusal::Forbidden),
            _ => return Err(HookRefusal::NotFound),
        };
        let content = RawContent::Whole(stored.to_bytes());
        // Kannel sends the body of the answer to the citizen: there must be none.
        let items = vec![RawItem { external_ref, received_at: Some(request.now), content }];
        Ok(HookAccepted { items, ..HookAccepted::default() })
    }

    fn counts(&self) -> bool {
        !self.status_url.is_empty()
    }

    fn report_prefix(&self) -> &'static str {
        REPORT
    }

    async fn standing(&self) -> Result<Option<Standing>, String> {
        if self.status_url.is_empty() {
            return Ok(None);
        }
        let password = utf8_percent_encode(self.status_password.expose(), NON_ALPHANUMERIC);
        let request = self.client.get(format!("{}?password={password}", self.status_url));
        let answer = async { http::read(request.send().await?).await };
        let (status, page) = answer.await.map_err(http::explain)?;
        if status != 200 {
            return Err(format!("the status page answers {status}"));
        }
        status::read(&page, &self.smsc).map(Some)
    }
}

/// Kannel's own id of a text, the same however often it calls; without one, the digest of what it said.
fn text_id(stored: &StoredRequest) -> String {
    stored.pairs().given("id").unwrap_or_else(|| Inbound::new(ChannelKind::Sms, "", &stored.to_bytes()).digest)
}

fn report_id(pairs: &Pairs) -> String {
    format!("{REPORT}{}:{}:{}", pairs.text("id"), pairs.text("status"), pairs.text("ref"))
}

impl Normalise for Gateway {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Sms
    }

    fn normalise(&self, raw: &[u8]) -> Result<Inbound, Rejected> {
        let stored = StoredRequest::parse(raw)?;
        let pairs = stored.pairs();
        match stored.path.as_str() {
            "in" => Ok(self.text(raw, &stored, &pairs)),
            "dlr" => self.report(raw, &pairs),
            other => Err(Rejected::Malformed(format!("Kannel has no request {other:?}"))),
        }
    }
}

impl Gateway {
    fn text(&self, raw: &[u8], stored: &StoredRequest, pairs: &Pairs) -> Inbound {
        let bytes = match pairs.bytes("text") {
            Some(text) => text,
            None if stored.has_form() => &[],
            None => &stored.body,
        };
        let wide = pairs.text("coding") == "2";
        let named = pairs.given("charset").or_else(|| stored.charset().map(str::to_owned));
        let charset = named.or_else(|| wide.then(|| "UTF-16BE".to_owned()));
        let concatenation =
            pairs.bytes("udh").and_then(|header| header.split_first()).and_then(|(_, h)| udh::concatenation(h));
        let in_utf16 = charset.as_deref().is_some_and(|c| c.to_ascii_uppercase().starts_with("UTF-16"));
        let (text, part) = match concatenation {
            Some(place) if in_utf16 => decode_part(bytes, place),
            Some(place) => decode_part_plain(decode(bytes, charset.as_deref()), place),
            None => (decode(bytes, charset.as_deref()), None),
        };
        let incoming = Incoming {
            id: text_id(stored),
            from: &pairs.text("from"),
            to: &pairs.text("to"),
            text,
            sent_at: seconds(pairs),
            part,
        };
        let mut message = incoming.into_message(raw, &self.common.numbers);
        if pairs.given("id").is_none() {
            message.notices.push(Notice::MessageIdSynthesised);
        }
        message
    }

    fn report(&self, raw: &[u8], pairs: &Pairs) -> Result<Inbound, Rejected> {
        let malformed = |what: &str| Rejected::Malformed(format!("a report of Kannel without {what}"));
        let own_id = decode_id(&pairs.text("id")).ok_or_else(|| malformed("our id"))?;
        let (action, name) = match pairs.text("status").as_str() {
            "1" => (Action::Delivered, "delivered"),
            "2" => (Action::Failed, "failed"),
            "4" => (Action::Delayed, "buffered"),
            "8" => (Action::Relayed, "accepted"),
            "16" => (Action::Failed, "rejected"),
            "32" => (Action::Relayed, "intermediate"),
            _ => return Err(malformed("a status")),
        };
        let reported = Reported {
            id: report_id(pairs),
            own_id: Some(own_id),
            provider_ids: pairs.given("ref").into_iter().collect(),
            recipient: &pairs.text("to"),
            action,
            name: name.to_owned(),
            why: pairs.given("answer"),
            at: seconds(pairs),
        };
        Ok(reported.into_message(raw, &self.common.numbers))
    }
}

fn seconds(pairs: &Pairs) -> Option<Timestamp> {
    Timestamp::from_second(pairs.text("at").parse().ok()?).ok()
}
