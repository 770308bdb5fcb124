//! Messages left on the answering machine: a channel of its own, whose only content is a recording.
//!
//! The machine posts each recording to `…/recording`, proved as in [`crate::phone::guard`]: the sound alone with what it
//! knows in the query (`call_id`, `from`, `to`, `at`), or a form with files (`multipart/form-data`) whose fields
//! have the same names and whose file is `recording`. Twilio tells of its recordings in its own way ([`twilio`]).

pub mod twilio;

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use jiff::Timestamp;
use mail_parser::{MessageParser, MimeHeaders};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::pairs::Pairs;
use crate::phone::event::{CallEvent, Direction, EventKind, Parties, clean, number};
use crate::phone::guard::Guard;
use crate::phone::request::{CallRequest, Sound};
use crate::phone::wav::Wav;
use crate::{
    Account, Address, Attachment, ChannelKind, Context, Driver, Field, FieldKind, Hook, HookAccepted, HookRefusal,
    HookRequest, Inbound, Normalise, Placement, RawContent, RawItem, Rejected, Settings, WrongSetting,
};

/// Largest recording that is taken: an hour of a telephone's sound as MP3, a quarter of one as WAV.
pub const MOST_BYTES: usize = 16 << 20;

const SECRET: Field = Field::required("secret", FieldKind::Secret);
const BASIC: Field = Field::optional("basic", FieldKind::Flag, "false");

/// Opens answering machines.
#[derive(Debug, Clone, Copy)]
pub struct Voicemail;

impl Driver for Voicemail {
    fn name(&self) -> &'static str {
        "voicemail"
    }

    fn kind(&self) -> ChannelKind {
        ChannelKind::Voicemail
    }

    fn sends(&self) -> bool {
        false
    }

    fn fields(&self) -> &'static [Field] {
        &[SECRET, BASIC]
    }

    fn open(&self, settings: &Settings, _context: &Context) -> Result<Account, WrongSetting> {
        let secret = settings.secret(SECRET.name);
        if secret.is_empty() {
            return Err(WrongSetting::new(SECRET.name, "there is no secret"));
        }
        let basic = settings.flag(BASIC.name);
        let guard = if basic { Guard::signed_or_basic(secret) } else { Guard::signed(secret) };
        Ok(Account {
            normaliser: Arc::new(Recordings),
            receiver: None,
            sender: None,
            hook: Some(Arc::new(Machine { guard })),
        })
    }
}

pub(super) struct Machine {
    pub(super) guard: Guard,
}

#[async_trait]
impl Hook for Machine {
    fn limit(&self) -> usize {
        MOST_BYTES
    }

    async fn accept(&self, request: &HookRequest) -> Result<HookAccepted, HookRefusal> {
        if request.path != "recording" {
            return Err(HookRefusal::NotFound);
        }
        self.guard.check(request)?;
        if request.body.len() > MOST_BYTES {
            return Err(HookRefusal::Malformed("too long".to_owned()));
        }
        let message = Message::of(request)?;
        if Pairs::parse(request.query.as_bytes()).given("kind").as_deref() == Some("talk") {
            let (events, sounds) = (vec![message.event_of(false)], vec![message.sound()]);
            return Ok(HookAccepted {
                call: Some(CallRequest { events, ask: None, sounds }),
                ..HookAccepted::default()
            });
        }
        let item = RawItem {
            external_ref: message.facts.call.clone(),
            received_at: Some(request.now),
            content: RawContent::Whole(message.to_bytes()),
        };
        let call = Some(CallRequest::told(vec![message.event()]));
        Ok(HookAccepted { items: vec![item], call, ..HookAccepted::default() })
    }
}

/// Reads messages as they are stored, whoever recorded them.
#[derive(Debug, Clone, Copy)]
pub struct Recordings;

impl Normalise for Recordings {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Voicemail
    }

    fn normalise(&self, raw: &[u8]) -> Result<Inbound, Rejected> {
        Ok(Message::parse(raw)?.inbound(raw))
    }
}

/// What a machine knows of a message: the first line of the raw item, which the sound follows.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Facts {
    /// The call in which it was left.
    pub call: String,
    /// The recording's own name; without one, the call names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recording: Option<String>,
    /// Number of the caller; `None` when withheld.
    #[serde(default)]
    pub from: Option<String>,
    /// Number that was called.
    #[serde(default)]
    pub to: Option<String>,
    /// When it was left.
    pub at: Timestamp,
    /// How long it is, as told.
    #[serde(default)]
    pub seconds: Option<u32>,
    /// Media type of the sound.
    pub media_type: String,
    /// Where the sound is, when it could not be fetched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// A message as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// What is known of it.
    pub facts: Facts,
    /// The sound as it came.
    pub sound: Bytes,
}

impl Message {
    /// A recording that somebody brought in a file; `None` when it is no sound that browsers play. The same sound
    /// from the same number is the same message, however often it is brought.
    #[must_use]
    pub fn brought(sound: Bytes, from: Option<&str>, to: Option<&str>, at: Timestamp) -> Option<Self> {
        let media_type = media_type_of(&sound, "")?;
        let from = from.and_then(number);
        let mut hash = Sha256::new();
        hash.update(from.as_deref().unwrap_or_default());
        hash.update([0]);
        hash.update(&sound);
        let facts = Facts {
            call: format!("file:{}", data_encoding::HEXLOWER.encode(&hash.finalize())),
            recording: None,
            from,
            to: to.and_then(number),
            at,
            seconds: None,
            media_type: media_type.to_owned(),
            url: None,
        };
        Some(Self { facts, sound })
    }

    fn of(request: &HookRequest) -> Result<Self, HookRefusal> {
        let media_type = request.header("content-type").unwrap_or_default();
        let mut pairs = Pairs::parse(request.query.as_bytes());
        let (sound, declared) = if media_type.to_ascii_lowercase().starts_with("multipart/form-data") {
            from_form(media_type, &request.body, &mut pairs)?
        } else {
            (request.body.clone(), media_type.to_owned())
        };
        let malformed = |why: &str| HookRefusal::Malformed(why.to_owned());
        let media_type = media_type_of(&sound, &declared).ok_or_else(|| malformed("not a recording"))?;
        let told = |name: &str| pairs.given(name).as_deref().and_then(clean);
        let at = told("at").and_then(|at| Timestamp::from_second(at.parse().ok()?).ok());
        let facts = Facts {
            call: told("call_id").ok_or_else(|| malformed("no call_id"))?,
            recording: None,
            url: None,
            from: told("from").as_deref().and_then(number),
            to: told("to").as_deref().and_then(number),
            at: at.unwrap_or(request.now),
            seconds: told("seconds").and_then(|seconds| seconds.parse().ok()),
            media_type: media_type.to_owned(),
        };
        Ok(Self { facts, sound })
    }

    /// The raw item of a message.
    #[must_use]
    pub fn to_bytes(&self) -> Bytes {
        // Plain text and numbers always serialise.
        let mut raw = serde_json::to_vec(&self.facts).unwrap_or_default();
        raw.push(b'\n');
        raw.extend_from_slice(&self.sound);
        raw.into()
    }

    /// Reads a stored message.
    ///
    /// # Errors
    /// When it is not one.
    pub fn parse(raw: &[u8]) -> Result<Self, Rejected> {
        let limit = MOST_BYTES + 4096;
        if raw.is_empty() {
            return Err(Rejected::Empty);
        }
        if raw.len() > limit {
            return Err(Rejected::TooLarge { size: raw.len(), limit });
        }
        let end = raw.iter().position(|b| *b == b'\n').ok_or_else(|| Rejected::Malformed("no sound".to_owned()))?;
        let facts: Facts = serde_json::from_slice(&raw[..end]).map_err(|e| Rejected::Malformed(e.to_string()))?;
        if facts.call.is_empty() {
            return Err(Rejected::Malformed("no call".to_owned()));
        }
        Ok(Self { facts, sound: Bytes::copy_from_slice(&raw[end + 1..]) })
    }

    /// How long it plays: by its own header, else as told.
    #[must_use]
    pub fn seconds(&self) -> Option<u32> {
        Wav::read(&self.sound).map(|wav| wav.seconds()).or(self.facts.seconds)
    }

    /// What it tells of the call in which it was left.
    #[must_use]
    pub fn event(&self) -> CallEvent {
        self.event_of(true)
    }

    /// The same for the recording of a talk.
    fn sound(&self) -> Sound {
        let facts = &self.facts;
        Sound {
            call: facts.call.clone(),
            name: facts.recording.as_ref().unwrap_or(&facts.call).clone(),
            seconds: self.seconds(),
            media_type: facts.media_type.clone(),
            bytes: self.sound.clone(),
            url: facts.url.clone().unwrap_or_default(),
        }
    }

    fn event_of(&self, voicemail: bool) -> CallEvent {
        let facts = &self.facts;
        let parties =
            Parties { direction: Some(Direction::In), from: facts.from.clone(), from_name: None, to: facts.to.clone() };
        let recording = facts.recording.as_ref().unwrap_or(&facts.call).clone();
        let own = if voicemail { "voicemail" } else { "talk" };
        let id = facts.recording.as_ref().map_or_else(|| own.to_owned(), |id| format!("recorded:{id}"));
        let kind = EventKind::Recorded { recording, seconds: self.seconds(), voicemail };
        CallEvent { at: facts.at, id, call: facts.call.clone(), kind, parties }
    }

    fn inbound(self, raw: &[u8]) -> Inbound {
        let Facts { call, recording, from, to, at, media_type, url, .. } = self.facts;
        let party = |number: String| Address { name: None, address: number };
        let id = recording.map_or_else(|| call.clone(), |recording| format!("{call}:{recording}"));
        let mut message = Inbound::new(ChannelKind::Voicemail, id, raw);
        message.from = from.map(party);
        message.to = to.map(party).into_iter().collect();
        message.sent_at = Some(at);
        if let Some(url) = url {
            message.text = url;
            return message;
        }
        let extension = extension(&media_type);
        message.attachments = vec![Attachment {
            name: format!("{}.{extension}", at.strftime("%Y%m%dT%H%M%SZ")),
            media_type,
            bytes: self.sound,
            content_id: None,
            placement: Placement::Attached,
            note: None,
        }];
        message
    }
}

/// How files of a sound end.
fn extension(media_type: &str) -> &'static str {
    match media_type {
        "audio/wav" => "wav",
        "audio/ogg" => "ogg",
        "audio/mp4" => "m4a",
        "audio/flac" => "flac",
        _ => "mp3",
    }
}

/// What the sound is by its first bytes, whatever is declared; `None` when it is none that browsers play: WAV, MP3,
/// OGG, M4A, FLAC.
#[must_use]
pub fn media_type_of(sound: &[u8], declared: &str) -> Option<&'static str> {
    let is_mp3 = sound.starts_with(b"ID3") || matches!(sound, [0xff, second, ..] if second & 0xe6 == 0xe2);
    match sound {
        _ if sound.starts_with(b"OggS") => Some("audio/ogg"),
        _ if sound.starts_with(b"fLaC") => Some("audio/flac"),
        // Of the files in this container only those that say they hold sound: a film is no message.
        _ if sound.get(4..8) == Some(b"ftyp") && sound.get(8..11) == Some(b"M4A") => Some("audio/mp4"),
        _ if sound.starts_with(b"RIFF") && sound.get(8..12) == Some(b"WAVE") => Some("audio/wav"),
        _ if is_mp3 && !declared.to_ascii_lowercase().contains("wav") => Some("audio/mpeg"),
        _ => None,
    }
}

/// Takes the file out of a form and adds its fields to `pairs`.
fn from_form(media_type: &str, body: &Bytes, pairs: &mut Pairs) -> Result<(Bytes, String), HookRefusal> {
    let malformed = |why: &str| HookRefusal::Malformed(why.to_owned());
    if media_type.chars().any(char::is_control) {
        return Err(malformed("no such media type"));
    }
    // A form with files is a MIME message without its first header.
    let mut mime = format!("Content-Type: {media_type}\r\n\r\n").into_bytes();
    mime.extend_from_slice(body);
    let form = MessageParser::default().parse(&mime).ok_or_else(|| malformed("not a form"))?;
    let mut file = None;
    for part in form.parts.iter().skip(1).take(32) {
        let Some(disposition) = part.content_disposition() else { continue };
        let name = disposition.attribute("name").unwrap_or_default();
        if name == "recording" && file.is_none() {
            let declared = part.content_type().map_or_else(String::new, |t| {
                t.subtype().map_or_else(String::new, |subtype| format!("{}/{subtype}", t.ctype()))
            });
            file = Some((Bytes::copy_from_slice(part.contents()), declared));
        } else {
            pairs.0.push((name.to_owned(), part.contents().trim_ascii().to_vec()));
        }
    }
    file.ok_or_else(|| malformed("no field called recording"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::conformance::check;
    use crate::phone::guard::tests::{NOW, SECRET as KEY, request};
    use crate::phone::wav::tests::silence;
    use crate::phone::{Outcome, fold};

    fn open() -> Account {
        let secrets = BTreeMap::from([("secret".to_owned(), KEY.into())]);
        Voicemail.open(&Settings::new(BTreeMap::new(), secrets), &Context::default()).unwrap()
    }

    async fn taken(request: &HookRequest) -> Result<Bytes, HookRefusal> {
        let hook = open().hook.unwrap();
        let accepted = hook.accept(request).await?;
        assert_eq!(accepted.items.len(), 1);
        match accepted.items[0].content.clone() {
            RawContent::Whole(bytes) => Ok(bytes),
            other => panic!("{other:?}"),
        }
    }

    const QUERY: &str = "&call_id=1-2%40h&from=sip%3A%2B393331%40h&to=800123";

    #[tokio::test]
    async fn a_recording_becomes_a_message_with_its_sound() {
        let sound = silence(3);
        let raw = taken(&request("recording", QUERY, "audio/wav", &sound)).await.unwrap();
        let message = check(open().normaliser.as_ref(), "voicemail", &raw).unwrap().unwrap();
        assert_eq!((message.channel, message.external_id.as_str()), (ChannelKind::Voicemail, "1-2@h"));
        assert_eq!(message.from.map(|a| a.address).as_deref(), Some("+393331"));
        assert_eq!((message.text.as_str(), message.subject.as_str()), ("", ""), "words belong to the catalogues");
        assert_eq!(message.attachments.len(), 1);
        assert_eq!(
            (message.attachments[0].name.as_str(), &message.attachments[0].bytes[..]),
            ("20251124T160000Z.wav", &sound[..])
        );
        let event = Message::parse(&raw).unwrap().event();
        let call = fold([event]).unwrap();
        assert_eq!(
            (call.id.as_str(), call.outcome, call.recordings[0].seconds),
            ("1-2@h", Some(Outcome::Voicemail), Some(3))
        );
    }

    #[tokio::test]
    async fn a_form_brings_the_same_message() {
        let sound = silence(1);
        let mut body = b"--XX\r\nContent-Disposition: form-data; name=\"call_id\"\r\n\r\n1-2@h\r\n--XX\r\n\
            Content-Disposition: form-data; name=\"from\"\r\n\r\nanonymous\r\n--XX\r\n\
            Content-Disposition: form-data; name=\"recording\"; filename=\"a.wav\"\r\nContent-Type: audio/wav\r\n\r\n"
            .to_vec();
        body.extend(&sound);
        body.extend(b"\r\n--XX--\r\n");
        let raw = taken(&request("recording", "", "multipart/form-data; boundary=XX", &body)).await.unwrap();
        let message = Message::parse(&raw).unwrap();
        assert_eq!((message.facts.call.as_str(), message.facts.from.as_deref()), ("1-2@h", None));
        assert_eq!(message.sound.len(), sound.len());
        assert_eq!(&message.sound[..], &sound[..]);
        assert_eq!((message.facts.at.as_second(), message.seconds()), (NOW, Some(1)));
    }

    #[tokio::test]
    async fn what_is_not_signed_or_not_a_recording_is_refused() {
        let sound = silence(1);
        let good = request("recording", QUERY, "audio/wav", &sound);
        let bare = HookRequest { query: QUERY.trim_start_matches('&').into(), ..good.clone() };
        assert_eq!(taken(&bare).await, Err(HookRefusal::Forbidden));
        assert_eq!(taken(&HookRequest { path: "x".into(), ..good }).await, Err(HookRefusal::NotFound));
        for (query, media_type, body) in [
            (QUERY, "audio/wav", &b"<html>"[..]),
            ("", "audio/wav", &sound[..]),
            (QUERY, "multipart/form-data; boundary=XX", &b"--XX--"[..]),
            (QUERY, "multipart/form-data", &b"x"[..]),
        ] {
            let refused = taken(&request("recording", query, media_type, body)).await;
            assert!(matches!(refused, Err(HookRefusal::Malformed(_))), "{query} {media_type} {refused:?}");
        }
        assert!(taken(&request("recording", QUERY, "audio/mpeg", b"ID3\x04\0")).await.is_ok());
        assert!(Voicemail.open(&Settings::default(), &Context::default()).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(body in prop::collection::vec(any::<u8>(), 0..300), text in ".{0,80}") {
            let media_types = ["audio/wav", "multipart/form-data; boundary=X", &format!("multipart/form-data; boundary={text}")];
            for media_type in media_types {
                let mut form = b"--X\r\nContent-Disposition: form-data; name=recording\r\n\r\n".to_vec();
                form.extend(&body);
                for bytes in [&body, &form] {
                    let request = request("recording", QUERY, media_type, bytes);
                    if let Ok(message) = Message::of(&request) {
                        prop_assert!(message.sound.len() <= bytes.len());
                        prop_assert_eq!(Message::parse(&message.to_bytes()), Ok(message));
                    }
                }
            }
            let _either = Message::parse(&body);
            let _either = Message::parse(text.as_bytes());
        }
    }
}
