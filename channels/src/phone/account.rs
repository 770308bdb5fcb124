//! The accounts by which calls come: each verifies what it is told and reads it; whoever holds the calls answers.

use std::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use jiff::Timestamp;

use super::asking;
use super::cti;
use super::edge::{self, Question};
use super::event::{CallEvent, EventKind, Reached, clean};
use super::guard::Guard;
use super::line::{Line, LineError, Recorder, Wish};
use super::pausing;
use super::request::{Ask, CallRequest, Places, VoiceAsk, VoiceStep};
use super::voice::{self, Told};
use super::voicemail::twilio::Callback;
use super::voicemail::{self, Machine, Recordings};
use crate::pairs::Pairs;
use crate::twilio::{has_signature, is_signed};
use crate::{
    Account, ChannelKind, Context, Driver, Field, FieldKind, Held, Hook, HookAccepted, HookRefusal, HookRequest,
    Secret, Settings, WrongSetting,
};

const SECRET: Field = Field::required("secret", FieldKind::Secret);
const BASIC: Field = Field::optional("basic", FieldKind::Flag, "false");
const VOICEMAIL: Field = Field::optional("voicemail", FieldKind::Text, "");
const CLOSED: Field = Field::optional("closed", FieldKind::Text, "");
const MEDIA: Field = Field::optional("media", FieldKind::Text, "");
/// Whether talks are recorded: by the provider, or by the exchange that is told so.
const RECORDS: Field = Field::optional("records", FieldKind::Flag, "false");
const OVERFLOW: Field = Field::optional("overflow", FieldKind::Text, "");
/// What a recording that is paused holds of that time: silence of the same length, or nothing.
const PAUSES: Field = Field::optional("pauses", FieldKind::Choice(&["silence", "skip"]), "silence");

fn account(hook: Arc<dyn Hook>) -> Account {
    Account { normaliser: Arc::new(Recordings), receiver: None, sender: None, hook: Some(hook) }
}

fn secret(settings: &Settings) -> Result<Secret, WrongSetting> {
    let secret = settings.secret(SECRET.name);
    if secret.is_empty() { Err(WrongSetting::new(SECRET.name, "there is no secret")) } else { Ok(secret) }
}

/// A SIP address in a setting; empty when there is none.
fn place(settings: &Settings, field: &Field) -> Result<String, WrongSetting> {
    let text = settings.text(field.name);
    let plain = !text.contains([' ', '<', '>', '"']);
    if text.is_empty() || (plain && (text.starts_with("sip:") || text.starts_with("sips:"))) {
        return Ok(text.to_owned());
    }
    Err(WrongSetting::new(field.name, "not an address such as sip:name@192.0.2.1"))
}

fn accepted(call: CallRequest) -> HookAccepted {
    HookAccepted { call: Some(call), ..HookAccepted::default() }
}

/// Opens SIP edges that ask where calls go, with the answering machine behind them.
#[derive(Debug, Clone, Copy)]
pub struct SipEdge;

impl Driver for SipEdge {
    fn name(&self) -> &'static str {
        "phone_sip"
    }

    fn kind(&self) -> ChannelKind {
        ChannelKind::Phone
    }

    fn sends(&self) -> bool {
        false
    }

    fn fields(&self) -> &'static [Field] {
        &[SECRET, BASIC, VOICEMAIL, CLOSED, MEDIA, OVERFLOW, RECORDS]
    }

    fn open(&self, settings: &Settings, _context: &Context) -> Result<Account, WrongSetting> {
        let secret = secret(settings)?;
        let basic = settings.flag(BASIC.name);
        let guard = if basic { Guard::signed_or_basic(secret) } else { Guard::signed(secret) };
        let places = Places {
            voicemail: place(settings, &VOICEMAIL)?,
            closed: place(settings, &CLOSED)?,
            media: place(settings, &MEDIA)?,
            overflow: place(settings, &OVERFLOW)?,
            records: settings.flag(RECORDS.name),
        };
        Ok(account(Arc::new(Edge { machine: Machine { guard: guard.clone() }, guard, places })))
    }
}

struct Edge {
    guard: Guard,
    places: Places,
    machine: Machine,
}

#[async_trait]
impl Hook for Edge {
    fn limit(&self) -> usize {
        voicemail::MOST_BYTES
    }

    async fn accept(&self, request: &HookRequest) -> Result<HookAccepted, HookRefusal> {
        match request.path.as_str() {
            "route" => {
                self.guard.check(request)?;
                let question = Question::parse(&request.body)?;
                let events = vec![question.event()];
                let ask = Some(Ask::Edge(Box::new(question), self.places.clone()));
                Ok(accepted(CallRequest { events, ask, sounds: Vec::new() }))
            }
            "event" => {
                self.guard.check(request)?;
                Ok(accepted(CallRequest::told(vec![edge::event(&request.body)?])))
            }
            _ => self.machine.accept(request).await,
        }
    }

    fn line(&self) -> Option<&dyn Line> {
        Some(self)
    }
}

#[async_trait]
impl Line for Edge {
    fn recorder(&self) -> Recorder {
        if self.places.records { Recorder::Exchange } else { Recorder::None }
    }

    /// The edge carries no sound, and the exchange behind it takes no wishes.
    async fn record(&self, _call: &str, _wish: Wish) -> Result<(), LineError> {
        Err(LineError::Refused("the exchange is told nothing".to_owned()))
    }
}

/// Opens accounts at Twilio, or a provider with the same interface, whose calls we answer.
#[derive(Debug, Clone, Copy)]
pub struct TwilioVoice;

impl Driver for TwilioVoice {
    fn name(&self) -> &'static str {
        "phone_twilio"
    }

    fn kind(&self) -> ChannelKind {
        ChannelKind::Phone
    }

    fn sends(&self) -> bool {
        false
    }

    fn fields(&self) -> &'static [Field] {
        &const { [Callback::FIELDS[0], Callback::FIELDS[1], Callback::FIELDS[2], OVERFLOW, RECORDS, PAUSES] }
    }

    fn open(&self, settings: &Settings, _context: &Context) -> Result<Account, WrongSetting> {
        let places = Places {
            overflow: settings.text(OVERFLOW.name).to_owned(),
            records: settings.flag(RECORDS.name),
            ..Places::default()
        };
        let skips = settings.text(PAUSES.name) == "skip";
        Ok(account(Arc::new(Calls { recordings: Callback::open(settings)?, places, skips })))
    }
}

struct Calls {
    recordings: Callback,
    places: Places,
    /// Whether pauses are left out of recordings.
    skips: bool,
}

#[async_trait]
impl Hook for Calls {
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
        let step = match request.path.as_str() {
            "recording" => return self.recordings.accept(request).await,
            "talk" => return self.recordings.talk(request).await,
            "status" => None,
            "" | "voice" => Some(VoiceStep::Start),
            "menu" => Some(VoiceStep::Menu),
            "queue" => Some(VoiceStep::Queue),
            "dialled" => Some(VoiceStep::Dialled),
            "recorded" => Some(VoiceStep::Recorded),
            _ => return Err(HookRefusal::NotFound),
        };
        if !is_signed(request, &self.recordings.token) {
            return Err(HookRefusal::Forbidden);
        }
        let told = voice::read(request)?;
        let state = Pairs::parse(request.query.as_bytes());
        let given = |name: &str| state.given(name).as_deref().and_then(clean).unwrap_or_default();
        let reached = given("reached").parse::<Reached>().ok();
        let (agent, round) = (given("agent"), given("round").parse().unwrap_or(0));
        let mut events = told.events(reached, Some(agent.as_str()).filter(|a| !a.is_empty()));
        events.extend(declined(&told, &agent, round));
        let ask = step.map(|step| {
            let tried = given("tried").split(',').filter(|t| !t.is_empty()).map(str::to_owned).collect();
            let ask =
                VoiceAsk { told, at: request.now, step, queue: given("queue"), round, tried, language: given("lang") };
            Ask::Voice(Box::new(ask), self.places.clone())
        });
        Ok(accepted(CallRequest { events, ask, sounds: Vec::new() }))
    }

    fn line(&self) -> Option<&dyn Line> {
        Some(self)
    }

    async fn held(&self, span: &Range<Timestamp>) -> Result<Option<Vec<Held>>, String> {
        asking::received(self.recordings.rest(), span).await.map(Some)
    }

    async fn told_of(&self, calls: &[String]) -> Result<Vec<CallEvent>, String> {
        asking::told_of(self.recordings.rest(), calls).await
    }
}

#[async_trait]
impl Line for Calls {
    fn recorder(&self) -> Recorder {
        if self.places.records { Recorder::Provider } else { Recorder::None }
    }

    async fn record(&self, call: &str, wish: Wish) -> Result<(), LineError> {
        pausing::record(self.recordings.rest(), call, wish, self.skips).await
    }
}

/// The form after a dial says that the agent did not answer.
fn declined(told: &Told, agent: &str, round: u32) -> Option<CallEvent> {
    let cause = told.dialled.filter(|status| *status != voice::Status::Completed)?.cause()?;
    Some(CallEvent {
        at: told.at,
        id: format!("declined:{agent}:{round}"),
        call: told.call.clone(),
        kind: EventKind::Declined { agent: clean(agent), cause },
        parties: told.parties.clone(),
    })
}

/// Opens telephone exchanges that tell of calls as they tell a Zammad.
#[derive(Debug, Clone, Copy)]
pub struct Cti;

impl Driver for Cti {
    fn name(&self) -> &'static str {
        "phone_cti"
    }

    fn kind(&self) -> ChannelKind {
        ChannelKind::Phone
    }

    fn sends(&self) -> bool {
        false
    }

    fn fields(&self) -> &'static [Field] {
        &[SECRET]
    }

    fn open(&self, settings: &Settings, context: &Context) -> Result<Account, WrongSetting> {
        Ok(account(Arc::new(Exchange { secret: secret(settings)?, name: context.account.clone() })))
    }
}

struct Exchange {
    secret: Secret,
    name: String,
}

#[async_trait]
impl Hook for Exchange {
    fn limit(&self) -> usize {
        cti::MOST_BYTES
    }

    fn admits(&self, head: &HookRequest) -> bool {
        cti::knows_secret(head, &self.secret)
    }

    async fn accept(&self, request: &HookRequest) -> Result<HookAccepted, HookRefusal> {
        let mut event = cti::event(request, &self.secret)?;
        // Exchanges number their calls; two of them may use the same number.
        event.call = format!("{}:{}", self.name, event.call);
        Ok(accepted(CallRequest::told(vec![event])))
    }
}

#[cfg(test)]
mod tests {
    use crate::{ChannelKind, drivers};

    #[test]
    fn nothing_that_is_written_leaves_by_telephone() {
        let speaks = |kind| matches!(kind, ChannelKind::Phone | ChannelKind::Voicemail);
        let spoken: Vec<_> = drivers().iter().filter(|driver| speaks(driver.kind())).collect();
        assert!(spoken.len() >= 5 && spoken.iter().all(|driver| !driver.sends()));
    }
}
