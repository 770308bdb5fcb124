//! The conversation with a caller through a provider like Twilio: welcome, menu, waiting, ringing, message.
use channels::HookAnswer;
use channels::phone::request::{Places, VoiceAsk, VoiceStep};
use channels::phone::twiml::{Response, Verb, Words};
use channels::phone::voice::Status;
use channels::phone::{CallEvent, EventKind};

use super::model::{CallRow, Presence};
use super::route::{Asked, Goes, queue_of, serves};
use super::{PhoneError, Telephony, record};
use crate::kernel::config::{Phone, PhoneInformation};
use crate::kernel::emergency::{InForce, Said};
use crate::kernel::language::Language;
use crate::knowledge::model::{SheetCode, SheetText};
use crate::knowledge::{sheets, spoken};

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
    // What the caller chose, else what the queue speaks.
    let language = Language::from_tag(&ask.language).or_else(|| Language::from_tag(&queue.language));
    let language = language.or_else(|| Language::from_tag(&config.desk.language));
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
        call: &ask.told.call,
        language: &ask.language,
        called: ask.told.parties.to.as_deref().unwrap_or_default(),
        queue: &ask.queue,
        round: ask.round,
        tried: &ask.tried,
        overflow: !places.overflow.is_empty(),
        // The provider records by itself.
        voicemail: true,
    }
}

fn words(language: Language, text: String) -> Words {
    let voice = if language == Language::Italian { "it-IT" } else { "en-GB" };
    Words { text, language: voice.to_owned() }
}

/// The place of a call among those that wait in its queue, from 1. A call that the board does not know yet is the
/// last.
fn place(calls: &[CallRow], call: &str, queue: &str, rules: &Phone) -> i64 {
    let waits = |c: &&CallRow| {
        let asked = Asked { called: &c.called, queue: &c.queue, ..Asked::default() };
        c.stage == "waiting" && !c.is_ours() && queue_of(rules, &asked).name == queue
    };
    let mut waiting: Vec<&CallRow> = calls.iter().filter(waits).collect();
    waiting.sort_by_key(|c| (c.started_at, c.id));
    let before = waiting.iter().position(|c| c.call == call).unwrap_or(waiting.len());
    i64::try_from(before).unwrap_or(i64::MAX - 1) + 1
}

impl Talk<'_> {
    fn say(&self, key: &str) -> Words {
        self.say_with(self.language, key, &[])
    }

    /// What the emergency in force says here, else an ordinary text.
    fn say_or(&self, said: impl FnOnce(&InForce) -> &Said, key: &str) -> Words {
        let now = self.telephony.kernel().emergency.get();
        let own = now.as_deref().and_then(|now| said(now).text(self.language));
        own.map_or_else(|| self.say(key), |own| words(self.language, own.to_owned()))
    }

    fn say_with(&self, language: Language, key: &str, values: &[(&str, String)]) -> Words {
        let mut values = values.to_vec();
        values.push(("agency", self.telephony.kernel().agency_name()));
        words(language, language.text_with(key, &values))
    }

    fn rules(&self) -> &Phone {
        &self.telephony.kernel().config.phone
    }

    /// Our hook `path` with what the next form must tell again.
    fn hook(&self, path: &str, state: &[(&str, String)]) -> String {
        let chosen = ("lang", self.ask.language.clone());
        let state: Vec<_> = state.iter().chain([&chosen]).filter(|(_, value)| !value.is_empty()).collect();
        let query = serde_urlencoded::to_string(state).unwrap_or_default();
        if query.is_empty() { format!("{}/{path}", self.hooks) } else { format!("{}/{path}?{query}", self.hooks) }
    }

    async fn welcome(&self, account: &str, places: &Places) -> Result<Response, PhoneError> {
        let telephony = self.telephony;
        let open = telephony.hours().is_open(telephony.kernel().now());
        let mut said = vec![self.say_or(|now| &now.welcome, "phone-say-welcome")];
        if open && places.records {
            // Before anybody talks: who does not want it can hang up.
            said.push(self.say("phone-say-recorded-talk"));
        }
        let entries = self.entries(open).await?;
        // At night nobody is at the other end of a queue; what is read out is there all the same.
        let enough = if open { entries.len() >= 2 } else { !self.rules().information.is_empty() };
        if !enough {
            return self.next(account, places, said.into_iter().map(Verb::Say).collect()).await;
        }
        said.extend(entries);
        let otherwise = Verb::Redirect { url: self.hook("queue", &[]) };
        Ok(Response::menu(&said, &self.hook("menu", &[]), TIMES, [otherwise]))
    }

    /// What the menu offers, an entry each.
    async fn entries(&self, open: bool) -> Result<Vec<Words>, PhoneError> {
        let rules = self.rules();
        let mut entries = Vec::new();
        for queue in rules.queues.iter().filter(|q| open && !q.key.is_empty()) {
            let label = self.label(&queue.label, &queue.label_en, &queue.name);
            let values = [("label", label), ("key", queue.key.clone())];
            entries.push(self.say_with(self.language, "phone-say-menu", &values));
        }
        for sheet in rules.information.iter().filter(|i| !i.key.is_empty()) {
            let Some(text) = self.sheet(sheet).await? else { continue };
            let label = self.label(&sheet.label, &sheet.label_en, &text.title);
            let values = [("label", label), ("key", sheet.key.clone())];
            entries.push(self.say_with(self.language, "phone-say-info", &values));
        }
        if !rules.voicemail_key.is_empty() {
            let key = [("key", rules.voicemail_key.clone())];
            entries.push(self.say_with(self.language, "phone-say-voicemail", &key));
        }
        if !rules.english_key.is_empty() && self.language != Language::English {
            // For those who understood nothing so far.
            let key = [("key", rules.english_key.clone())];
            entries.push(self.say_with(Language::English, "phone-say-english", &key));
        }
        Ok(entries)
    }

    fn label(&self, italian: &str, english: &str, otherwise: &str) -> String {
        let own = if self.language == Language::English && !english.is_empty() { english } else { italian };
        if own.is_empty() { otherwise.to_owned() } else { own.to_owned() }
    }

    /// The text of a sheet that the menu reads out, if citizens may read it.
    async fn sheet(&self, information: &PhoneInformation) -> Result<Option<SheetText>, PhoneError> {
        let Some(code) = SheetCode::parse(&information.sheet) else { return Ok(None) };
        let sheet = sheets::public_by_code(self.telephony.kernel(), &code).await?;
        Ok(sheet.and_then(|sheet| sheet.text_in(self.language).cloned()))
    }

    async fn chosen(&self, account: &str, places: &Places) -> Result<Response, PhoneError> {
        let digits = self.ask.told.digits.as_deref().unwrap_or_default();
        let rules = self.rules();
        let pressed = |key: &str| !key.is_empty() && key == digits;
        if pressed(&rules.voicemail_key) {
            let mut verbs = Vec::new();
            self.message(&mut verbs);
            return Ok(Response::new(verbs));
        }
        if pressed(&rules.english_key) {
            let ask = VoiceAsk { language: Language::English.as_str().to_owned(), ..self.ask.clone() };
            let language = Language::English;
            let english = Talk { telephony: self.telephony, hooks: self.hooks.clone(), ask, language };
            return english.welcome(account, places).await;
        }
        if let Some(information) = rules.information.iter().find(|i| pressed(&i.key)) {
            return self.read_out(information).await;
        }
        let Some(queue) = rules.queues.iter().find(|q| pressed(&q.key)) else {
            let again = Verb::Redirect { url: self.hook("voice", &[]) };
            return Ok(Response::new([Verb::Say(self.say("phone-say-no-choice")), again]));
        };
        let ask = VoiceAsk { queue: queue.name.clone(), ..self.ask.clone() };
        let spoken = Language::from_tag(&queue.language).unwrap_or(self.language);
        let language = Language::from_tag(&self.ask.language).unwrap_or(spoken);
        let chosen = Talk { telephony: self.telephony, hooks: self.hooks.clone(), ask, language };
        chosen.next(account, places, Vec::new()).await
    }

    /// Reads a sheet, again if its key is pressed again, and goes back to the menu.
    async fn read_out(&self, information: &PhoneInformation) -> Result<Response, PhoneError> {
        let back = Verb::Redirect { url: self.hook("voice", &[]) };
        let Some(text) = self.sheet(information).await? else {
            return Ok(Response::new([Verb::Say(self.say("phone-say-info-none")), back]));
        };
        let said = words(text.language, format!("{}. {}", text.title, spoken(&text)));
        let key = [("key", information.key.clone())];
        let again = self.say_with(self.language, "phone-say-info-again", &key);
        let action = self.hook("menu", &[]);
        // Keys count while it is read: nobody has to hear it to its end.
        let gather = Verb::Gather { say: vec![said, again], digits: 1, seconds: 6, action };
        Ok(Response::new([gather, back]))
    }

    /// What somebody who waits is told, every third time also their place and how long it may take.
    async fn patience(&self, queue: &str) -> Result<Vec<Words>, PhoneError> {
        let mut said = vec![self.say("phone-say-wait")];
        if !self.ask.round.is_multiple_of(3) {
            return Ok(said);
        }
        let (board, rules) = (self.telephony.board().await?, self.rules());
        let place = place(&board.calls, &self.ask.told.call, queue, rules);
        let values = [("n", place.to_string()), ("before", (place - 1).to_string())];
        said.push(self.say_with(self.language, "phone-say-place", &values));
        let decided = queue_of(rules, &Asked { queue, ..Asked::default() });
        let on_duty = board.agents.iter().filter(|a| a.state == Presence::Ready && serves(a, &decided)).count();
        let minutes = board.talk_seconds.map(|talk| {
            let each = talk + i64::from(rules.wrap_seconds);
            let agents = i64::try_from(on_duty.max(1)).unwrap_or(1);
            (place * each / agents + 59) / 60
        });
        if let Some(minutes) = minutes.filter(|m| *m > 0) {
            said.push(self.say_with(self.language, "phone-say-wait-minutes", &[("n", minutes.to_string())]));
        }
        if !rules.voicemail_key.is_empty() {
            let key = [("key", rules.voicemail_key.clone())];
            said.push(self.say_with(self.language, "phone-say-voicemail", &key));
        }
        Ok(said)
    }

    /// Rings, waits, or takes a message, after these first words.
    async fn next(&self, account: &str, places: &Places, mut verbs: Vec<Verb>) -> Result<Response, PhoneError> {
        let rules = self.rules();
        let digits = self.ask.told.digits.as_deref().unwrap_or_default();
        if self.ask.step == VoiceStep::Queue && !digits.is_empty() && digits == rules.voicemail_key {
            // Tired of waiting.
            self.message(&mut verbs);
            return Ok(Response::new(verbs));
        }
        let record = if places.records { self.hook("talk", &[]) } else { String::new() };
        let decision = self.telephony.decide(&asked(&self.ask, places)).await?;
        let (queue, round) = (decision.queue.name, self.ask.round);
        let state =
            |round: u32, tried: String| [("queue", queue.clone()), ("round", round.to_string()), ("tried", tried)];
        match decision.goes.into_iter().next().unwrap_or(Goes::Closed) {
            Goes::Ring { extension, address } => {
                let tried = self.ask.tried.iter().chain([&extension]).cloned().collect::<Vec<_>>().join(",");
                let mut after = state(round, tried).to_vec();
                after.push(("agent", extension.clone()));
                // The provider tells of the answer and, after the dial, for how long they talked; nothing tells that it rings.
                let kind = EventKind::Ringing { agent: Some(extension.clone()) };
                self.tell(account, format!("ringing:{extension}:{round}"), kind).await?;
                let action = self.hook("dialled", &after);
                let answered = self.hook("status", &[("agent", extension)]);
                let seconds = rules.ring_seconds;
                verbs.push(Verb::Dial { targets: vec![address], seconds, action, record, answered });
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
                    let answered = self.hook("status", &[("agent", "overflow".to_owned())]);
                    verbs.push(Verb::Dial {
                        targets: vec![places.overflow.clone()],
                        seconds,
                        action,
                        record,
                        answered,
                    });
                }
            }
            Goes::Wait => {
                self.tell(account, format!("queued:{queue}"), EventKind::Queued { queue: queue.clone() }).await?;
                // Nobody's tries count in the next round.
                let again = self.hook("queue", &state(round.saturating_add(1), String::new()));
                let (say, seconds) = (self.patience(&queue).await?, rules.queue_seconds);
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
        let ordinary = if open { "phone-say-message" } else { "phone-say-message-closed" };
        verbs.push(Verb::Say(self.say_or(|now| &now.message, ordinary)));
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
