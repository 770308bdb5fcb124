//! The conversation with a caller through a provider like Twilio: welcome, menu, waiting, ringing, message.
use channels::HookAnswer;
use channels::phone::request::{Places, VoiceAsk, VoiceStep};
use channels::phone::twiml::{Response, Verb, Words};
use channels::phone::voice::Status;
use channels::phone::{CallEvent, EventKind};

use super::route::{Asked, Goes, queue_of};
use super::{PhoneError, Telephony, record};
use crate::kernel::config::PhoneQueue;
use crate::kernel::language::Language;

/// How often the menu is said.
const TIMES: usize = 2;
/// Longest message.
const MESSAGE_SECONDS: u32 = 180;

/// What a caller is told next, with the addresses that lead on.
struct Talk<'a> {
    telephony: &'a Telephony,
    hooks: String,
    ask: VoiceAsk,
    language: Language,
}

/// Answers a form.
///
/// # Errors
/// When the database refuses.
pub async fn answer(
    telephony: &Telephony,
    account: &str,
    ask: VoiceAsk,
    places: &Places,
) -> Result<HookAnswer, PhoneError> {
    let config = &telephony.kernel().config;
    let queue = queue_of(&config.phone, &asked(&ask, places));
    let language = Language::from_tag(&queue.language).or_else(|| Language::from_tag(&config.desk.language));
    let hooks = config.link(&format!("/hooks/{account}"));
    let talk = Talk { telephony, hooks, language: language.unwrap_or(Language::Italian), ask };
    let response = match talk.ask.step {
        VoiceStep::Start => talk.welcome(account, places).await?,
        VoiceStep::Menu => talk.chosen(account, places).await?,
        VoiceStep::Dialled if talk.ask.told.dialled == Some(Status::Completed) => Response::new([Verb::Hangup]),
        VoiceStep::Queue | VoiceStep::Dialled => talk.next(account, places, Vec::new()).await?,
        VoiceStep::Recorded => Response::farewell(talk.say("phone-say-recorded")),
    };
    Ok(HookAnswer { media_type: Response::MEDIA_TYPE, body: response.to_xml() })
}

fn asked<'a>(ask: &'a VoiceAsk, places: &Places) -> Asked<'a> {
    Asked {
        called: ask.told.parties.to.as_deref().unwrap_or_default(),
        queue: &ask.queue,
        round: ask.round,
        tried: &ask.tried,
        overflow: !places.overflow.is_empty(),
        // The provider records by itself.
        voicemail: true,
    }
}

impl Talk<'_> {
    fn say(&self, key: &str) -> Words {
        let agency = self.telephony.kernel().agency_name();
        let language = if self.language == Language::Italian { "it-IT" } else { "en-GB" };
        Words { text: self.language.text_with(key, &[("agency", agency)]), language: language.to_owned() }
    }

    /// Our hook `path` with what the next form must tell again.
    fn hook(&self, path: &str, state: &[(&str, String)]) -> String {
        let state: Vec<_> = state.iter().filter(|(_, value)| !value.is_empty()).collect();
        let query = serde_urlencoded::to_string(state).unwrap_or_default();
        if query.is_empty() { format!("{}/{path}", self.hooks) } else { format!("{}/{path}?{query}", self.hooks) }
    }

    async fn welcome(&self, account: &str, places: &Places) -> Result<Response, PhoneError> {
        let telephony = self.telephony;
        let now = telephony.kernel().now();
        let entries: Vec<&PhoneQueue> =
            telephony.kernel().config.phone.queues.iter().filter(|q| !q.key.is_empty()).collect();
        if !telephony.hours().is_open(now) || entries.len() < 2 {
            return self.next(account, places, vec![Verb::Say(self.say("phone-say-welcome"))]).await;
        }
        let mut menu = self.say("phone-say-welcome");
        for queue in entries {
            let english = self.language == Language::English && !queue.label_en.is_empty();
            let label = if english { &queue.label_en } else { &queue.label };
            let label = if label.is_empty() { &queue.name } else { label };
            menu.text.push(' ');
            let words = [("label", label.clone()), ("key", queue.key.clone())];
            menu.text.push_str(&self.language.text_with("phone-say-menu", &words));
        }
        let otherwise = Verb::Redirect { url: self.hook("queue", &[]) };
        Ok(Response::menu(&menu, &self.hook("menu", &[]), TIMES, [otherwise]))
    }

    async fn chosen(&self, account: &str, places: &Places) -> Result<Response, PhoneError> {
        let digits = self.ask.told.digits.as_deref().unwrap_or_default();
        let queues = &self.telephony.kernel().config.phone.queues;
        let Some(queue) = queues.iter().find(|q| !q.key.is_empty() && q.key == digits) else {
            let again = Verb::Redirect { url: self.hook("voice", &[]) };
            return Ok(Response::new([Verb::Say(self.say("phone-say-no-choice")), again]));
        };
        let ask = VoiceAsk { queue: queue.name.clone(), ..self.ask.clone() };
        let language = Language::from_tag(&queue.language).unwrap_or(self.language);
        let chosen = Talk { telephony: self.telephony, hooks: self.hooks.clone(), ask, language };
        chosen.next(account, places, Vec::new()).await
    }

    /// Rings, waits, or takes a message, after these first words.
    async fn next(&self, account: &str, places: &Places, mut verbs: Vec<Verb>) -> Result<Response, PhoneError> {
        let rules = &self.telephony.kernel().config.phone;
        let decision = self.telephony.decide(&asked(&self.ask, places)).await?;
        let (queue, round) = (decision.queue.name, self.ask.round);
        let state =
            |round: u32, tried: String| [("queue", queue.clone()), ("round", round.to_string()), ("tried", tried)];
        match decision.goes.into_iter().next().unwrap_or(Goes::Closed) {
            Goes::Ring { extension, address } => {
                let tried = self.ask.tried.iter().chain([&extension]).cloned().collect::<Vec<_>>().join(",");
                let mut after = state(round, tried).to_vec();
                after.push(("agent", extension.clone()));
                // The form after the dial tells for how long they talked; nothing tells that it rings.
                let kind = EventKind::Ringing { agent: Some(extension.clone()) };
                self.tell(account, format!("ringing:{extension}:{round}"), kind).await?;
                let action = self.hook("dialled", &after);
                verbs.push(Verb::Dial { targets: vec![address], seconds: rules.ring_seconds, action, record: false });
            }
            Goes::Overflow => {
                let action = self.hook(
                    "dialled",
                    &[("queue", queue.clone()), ("round", u32::MAX.to_string()), ("agent", "overflow".into())],
                );
                let seconds = rules.ring_seconds.saturating_mul(3);
                // What did not answer once is not rung again: the answering machine comes next.
                let again = self.ask.round == u32::MAX;
                if again {
                    self.message(&mut verbs);
                } else {
                    verbs.push(Verb::Dial { targets: vec![places.overflow.clone()], seconds, action, record: false });
                }
            }
            Goes::Wait => {
                self.tell(account, format!("queued:{queue}"), EventKind::Queued { queue: queue.clone() }).await?;
                // Nobody's tries count in the next round.
                let again = self.hook("queue", &state(round.saturating_add(1), String::new()));
                let (say, seconds) = (self.say("phone-say-wait"), rules.queue_seconds);
                // A menu without choices is a pause that the caller hears.
                verbs.push(Verb::Gather { say, digits: 1, seconds, action: again.clone() });
                verbs.push(Verb::Redirect { url: again });
            }
            Goes::Voicemail => self.message(&mut verbs),
            Goes::Closed => {
                verbs.push(Verb::Say(self.say("phone-say-closed")));
                verbs.push(Verb::Hangup);
            }
        }
        Ok(Response::new(verbs))
    }

    fn message(&self, verbs: &mut Vec<Verb>) {
        let telephony = self.telephony;
        let open = telephony.hours().is_open(telephony.kernel().now());
        verbs.push(Verb::Say(self.say(if open { "phone-say-message" } else { "phone-say-message-closed" })));
        let state = [("reached", "voicemail".to_owned())];
        let (action, ready) = (self.hook("recorded", &state), self.hook("recording", &[]));
        verbs.push(Verb::Record { action, ready, most_seconds: MESSAGE_SECONDS });
    }

    /// Stores what happens by our own answer.
    async fn tell(&self, account: &str, id: String, kind: EventKind) -> Result<(), PhoneError> {
        let told = &self.ask.told;
        let event = CallEvent { at: self.ask.at, id, call: told.call.clone(), kind, parties: told.parties.clone() };
        Ok(record::record(self.telephony.kernel(), account, vec![event], &[]).await?)
    }
}
