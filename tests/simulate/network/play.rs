//! Carries the year out through the use cases that serve people, on a clock moved by hand.
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use channels::ChannelKind;
use futures_util::future::join_all;
use sportello::cli::demo::year::{CENTRE, DESK};
use sportello::intake::reading::{OpenAccount, read_all, store};
use sportello::intake::{Incoming, Intake, RawSource, TakenIn, ThreadHints, mail};
use sportello::kernel::Kernel;
use sportello::kernel::codes;
use sportello::kernel::events::Actor;
use sportello::kernel::permissions::{Principal, Role};
use sportello::network::accept::accept;
use sportello::network::answer::{self, Meaning, Written};
use sportello::network::ask::{Question, approve, ask};
use sportello::network::follow::follow;
use sportello::network::inform::inform;
use sportello::network::model::Asked;
use sportello::network::refer::{Referral, refer};
use sportello::network::return_leg::{NotOurs, return_leg};
use sportello::network::withdraw::withdraw;
use sportello::network::works::{Stage, Works, tell_works};
use sportello::network::{Door, LegError, LegKind, tokens};
use sportello::people::{Evidence, Identifier};
use sportello::tickets::classify::{Classification, classify};
use sportello::tickets::close::{Closing, close};
use sportello::tickets::hand_over::{hand_over, take_over};
use sportello::tickets::incidents::{self, Gathering, IncidentRefusal, Next, SharedAnswer};
use sportello::tickets::merging::{self, Merge};
use sportello::tickets::reply::{Reply, Then, Way, reply};
use sportello::tickets::takeovers::give_back;
use sportello::tickets::{Channel, Outcome, RequestKind, TicketError, assign, drafts, note, persons};

use super::post::{Letter, chance, item};
use super::tale::{Act, After, By, Planned, Story, Year};
use super::world::World;
use crate::support::*;

/// What only the desk and the units may read: it stands in every note and every question.
pub const SECRET: &str = "RISERVATO-ALL-UFFICIO";
/// Mail to the town's contact centre, and to its own desk.
pub const ACCOUNTS: [(&str, &str); 2] = [("urp", CENTRE), ("municipio", DESK)];

/// What was handed over and where it was meant to go, apart from what the program wrote down.
#[derive(Debug, Default)]
pub struct Diary {
    /// Account and name of everything that the outside world believes delivered.
    pub delivered: Vec<(String, String)>,
    /// Story of what was handed over; `None` for what belongs to none.
    pub meant: HashMap<(String, String), Meant>,
    /// Code of each story's ticket.
    pub home: HashMap<usize, String>,
    pub stale_refused: usize,
    pub late_refused: usize,
}

/// Where something belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meant {
    /// To a ticket of its own.
    Alone,
    /// To the ticket of a story.
    Story(usize),
    /// To a new ticket that goes on for the story's.
    GoesOn,
}

/// What is known of a story while it is carried out.
#[derive(Debug, Clone, Default)]
pub struct Progress {
    pub code: String,
    pub twin: String,
    pub stranger: String,
    /// Row id and number.
    leg: (i64, i64),
    refused: i64,
    first_mail: Option<String>,
    persons: Option<(i64, i64)>,
}

/// Carries a year out.
pub struct Player<'a> {
    pub t: &'a TestApp,
    pub world: &'a World,
    pub year: &'a Year<'a>,
    pub intake: Intake,
    pub diary: Diary,
    pub progress: Vec<Progress>,
    /// What was refused though it was planned, and the stories that ended with it.
    pub refused: Vec<String>,
    ended: HashSet<usize>,
    done: usize,
}

/// What an act changed of what is known.
#[derive(Debug, Default)]
struct Done {
    progress: Progress,
    delivered: Vec<(String, String, Meant)>,
    stale: bool,
    late: bool,
    refused: Option<String>,
}

impl<'a> Player<'a> {
    pub fn new(t: &'a TestApp, world: &'a World, year: &'a Year<'a>) -> Self {
        let intake = Intake::new(&t.kernel);
        let normaliser = Arc::new(mail::normaliser(&t.kernel));
        for (account, unit) in ACCOUNTS {
            let open = OpenAccount { normaliser: normaliser.clone(), unit: Some(unit.to_owned()) };
            intake.accounts().open(account, open);
        }
        let progress = vec![Progress::default(); year.stories.len()];
        Self {
            t,
            world,
            year,
            intake,
            diary: Diary::default(),
            progress,
            refused: Vec::new(),
            ended: HashSet::new(),
            done: 0,
        }
    }

    fn kernel(&self) -> &Kernel {
        &self.t.kernel
    }

    /// Does what belongs together: the first act of each story, then the second ones.
    pub async fn play(&mut self, steps: &[Planned]) {
        let mut left: Vec<(usize, &Planned)> = (self.done..).zip(steps).collect();
        self.done += steps.len();
        while !left.is_empty() {
            let (mut wave, mut later, mut busy) = (Vec::new(), Vec::new(), HashSet::new());
            for (number, step) in left {
                if self.ended.contains(&step.story) {
                    continue;
                }
                let mut touches = vec![step.story];
                if let Act::Gather(above) = step.act {
                    touches.push(above);
                }
                // An act of a story that waits makes all later ones of it wait.
                if touches.iter().any(|s| busy.contains(s)) {
                    later.push((number, step));
                } else {
                    wave.push((number, step));
                }
                busy.extend(touches);
            }
            let Some(at) = wave.iter().map(|(_, s)| s.at).max() else { return };
            let at = at.max(self.t.clock.now());
            self.t.clock.set(at);
            let channel = |s: &Planned| self.year.stories[s.story].channel;
            let (mails, acts): (Vec<_>, Vec<_>) = wave.into_iter().partition(|(_, s)| s.act.is_mail(channel(s)));
            self.receive(&mails).await;
            let all = join_all(acts.iter().map(|(number, step)| self.act(*number, step))).await;
            for ((_, step), done) in acts.iter().zip(all) {
                self.progress[step.story] = done.progress;
                if let Some(refused) = done.refused {
                    self.ended.insert(step.story);
                    self.refused.push(refused);
                }
                for (account, name, meant) in done.delivered {
                    self.diary.meant.insert((account.clone(), name.clone()), meant);
                    self.diary.delivered.push((account, name));
                }
                self.diary.stale_refused += usize::from(done.stale);
                self.diary.late_refused += usize::from(done.late);
            }
            left = later;
        }
    }

    /// Mail: stored as bytes, some of it twice and by two mailboxes, then read.
    async fn receive(&mut self, mails: &[(usize, &Planned)]) {
        if mails.is_empty() {
            return;
        }
        let mut items: HashMap<&str, Vec<channels::RawItem>> = HashMap::new();
        let mut names: Vec<(String, &Planned)> = Vec::new();
        for (number, step) in mails {
            let story = &self.year.stories[step.story];
            let account = if story.unit == DESK { "municipio" } else { "urp" };
            let name = format!("1.{number}");
            let (bytes, meant) = self.letter(*number, step, story).await;
            let luck = chance(story.seed, *number as u64);
            let own = items.entry(account).or_default();
            own.push(item(&name, bytes.clone()));
            if luck.is_multiple_of(8) {
                own.push(item(&name, bytes.clone()));
            }
            if luck % 16 == 1 && step.act == Act::Arrive {
                // The citizen wrote to both addresses.
                let other = if account == "urp" { "municipio" } else { "urp" };
                items.entry(other).or_default().push(item(&format!("2.{number}"), bytes));
                self.diary.delivered.push((other.to_owned(), format!("2.{number}")));
            }
            self.diary.delivered.push((account.to_owned(), name.clone()));
            if let Some(meant) = meant {
                self.diary.meant.insert((account.to_owned(), name.clone()), meant);
            }
            if step.act == Act::Arrive {
                self.progress[step.story].first_mail = Some(message_id(*number));
            }
            names.push((name, *step));
        }
        for (account, _) in ACCOUNTS {
            let Some(items) = items.remove(account) else { continue };
            store(self.kernel(), ChannelKind::Email, account, items).await.unwrap();
        }
        read_all(&self.intake, ChannelKind::Email).await.unwrap();
        let opened: Vec<&(String, &Planned)> =
            names.iter().filter(|(_, s)| matches!(s.act, Act::Arrive | Act::Twin | Act::Stranger)).collect();
        if opened.is_empty() {
            return;
        }
        let list: Vec<String> = opened.iter().map(|(name, _)| format!("'{name}'")).collect();
        let sql = format!(
            "SELECT r.external_id || ' ' || t.code FROM raw_items r JOIN contacts c ON c.id = r.contact_id \
             JOIN tickets t ON t.id = c.ticket_id WHERE r.account IN ('urp', 'municipio') AND r.external_id IN ({})",
            list.join(", ")
        );
        let found: HashMap<String, String> = self
            .t
            .texts(&sql)
            .await
            .into_iter()
            .filter_map(|row| row.split_once(' ').map(|(name, code)| (name.to_owned(), code.to_owned())))
            .collect();
        for (name, step) in opened {
            let Some(code) = found.get(name).cloned() else {
                self.ended.insert(step.story);
                self.refused.push(format!("mail {name} of {step:?} was not taken in"));
                continue;
            };
            let progress = &mut self.progress[step.story];
            match step.act {
                Act::Twin => progress.twin = code,
                Act::Stranger => progress.stranger = code,
                _ => progress.code = code,
            }
        }
    }

    async fn letter(&self, number: usize, step: &Planned, story: &Story<'_>) -> (Vec<u8>, Option<Meant>) {
        let citizen = &self.year.citizens[story.citizen];
        let progress = &self.progress[step.story];
        let addresses = self.intake.addresses();
        let office = self.kernel().config.mail.smtp.as_ref().map(|s| s.from.clone()).unwrap_or_default();
        let mut letter = Letter {
            from: citizen.email.clone(),
            to: office.clone(),
            subject: story.scenario.subject.clone(),
            text: story.scenario.text.clone(),
            message_id: message_id(number),
            ..Letter::default()
        };
        let meant = match &step.act {
            Act::Arrive => Meant::Alone,
            Act::Twin => {
                letter.from = format!("altro.{}", citizen.email);
                Meant::Alone
            }
            Act::Newsletter => {
                letter.from = "notiziario@editore.example".to_owned();
                (letter.subject, letter.text) = ("Il notiziario".to_owned(), "Le novità del mese.".to_owned());
                letter.automatic = true;
                Meant::Alone
            }
            Act::Garbage => return (b"\0\x01\xff".to_vec(), None),
            Act::Stranger => {
                letter.from = format!("vicino.{}", citizen.email);
                letter.subject = format!("Re: {} [{}]", story.scenario.subject, codes::grouped(&progress.code));
                "Anch'io aspetto notizie di questa richiesta.".clone_into(&mut letter.text);
                Meant::Alone
            }
            Act::OutOfOffice => {
                letter.automatic = true;
                letter.to = addresses.for_ticket(&progress.code).unwrap();
                (letter.subject, letter.text) = ("Fuori sede".to_owned(), "Sono in ferie fino a lunedì.".to_owned());
                Meant::Story(step.story)
            }
            Act::Words(words) => {
                (*words).clone_into(&mut letter.text);
                letter.subject = format!("Re: {}", story.scenario.subject);
                match chance(story.seed, number as u64) % 3 {
                    0 => letter.subject = format!("{} [{}]", letter.subject, codes::grouped(&progress.code)),
                    1 if progress.first_mail.is_some() => letter.in_reply_to.clone_from(&progress.first_mail),
                    _ => letter.to = addresses.for_ticket(&progress.code).unwrap(),
                }
                if words.starts_with("Torno a scrivervi") { Meant::GoesOn } else { Meant::Story(step.story) }
            }
            Act::LegAnswer(_) => {
                let (_, leg) = progress.leg;
                letter.from = format!("ufficio.{}@unita.example", progress.leg.0);
                letter.to = addresses.for_leg(&progress.code, leg).unwrap();
                letter.subject = "Risposta".to_owned();
                letter.text = format!("Abbiamo verificato e provveduto. {SECRET}");
                Meant::Story(step.story)
            }
            other => unreachable!("{other:?} is no mail"),
        };
        (letter.bytes(), Some(meant))
    }

    /// Does it; a story whose act is refused ends there, and is told of at the end.
    async fn act(&self, number: usize, step: &Planned) -> Done {
        let mut done = Done { progress: self.progress[step.story].clone(), ..Done::default() };
        if let Err(e) = self.perform(number, step, &mut done).await {
            let story = &self.year.stories[step.story];
            let (category, code, at) = (&story.scenario.category, &done.progress.code, step.at.rfc3339());
            let acts: Vec<&Act> = self.year.steps.iter().filter(|s| s.story == step.story).map(|s| &s.act).collect();
            done.refused = Some(format!(
                "{:?} of story {} ({category}, {:?}, {code}) at {at}: {e:#}; of {acts:?}",
                step.act, step.story, story.channel
            ));
        }
        done
    }

    async fn perform(&self, number: usize, step: &Planned, done: &mut Done) -> anyhow::Result<()> {
        let k = self.kernel();
        let story = &self.year.stories[step.story];
        let who = self.world.known.people[story.agent].as_ref().unwrap();
        let code = done.progress.code.clone();
        let code = code.as_str();
        let today = step.at.zoned(&k.config.zone()).date();
        match &step.act {
            Act::Arrive => {
                let incoming = self.incoming(number, story, who);
                let twice = chance(story.seed, 7).is_multiple_of(8);
                let taken = if twice {
                    // The same at the same moment, and again.
                    let (one, two) = futures_util::future::join(
                        self.intake.take_in(incoming.clone()),
                        self.intake.take_in(incoming.clone()),
                    )
                    .await;
                    let again = self.intake.take_in(incoming).await?;
                    let (one, two) = (one?, two?);
                    anyhow::ensure!(matches!(again, TakenIn::Seen { .. }), "a third time is {again:?}");
                    anyhow::ensure!(
                        one.code() == two.code() && two.code() == again.code(),
                        "it became several tickets"
                    );
                    again
                } else {
                    self.intake.take_in(incoming).await?
                };
                taken.code().clone_into(&mut done.progress.code);
                done.delivered.push((account_of(story.channel).to_owned(), number.to_string(), Meant::Alone));
            }
            Act::Take => drop(assign::take(k, who, code, None).await?),
            Act::Classify => {
                let to =
                    Classification { category: Some(story.scenario.category.clone()), ..Classification::default() };
                classify(k, who, code, None, to).await?;
            }
            Act::Note => drop(note::note(k, who, code, &format!("Da sentire il collega. {SECRET}"), Vec::new()).await?),
            Act::Stale => {
                let seen = self.t.number(&format!("SELECT version FROM tickets WHERE code = '{code}'")).await;
                let words = format!("Una bozza che resta {number}");
                drafts::save(k, who, code, "reply", &words).await?;
                note::note(k, self.colleague(story), code, &format!("Nel frattempo. {SECRET}"), Vec::new()).await?;
                let to = Classification { kind: Some(RequestKind::Complaint), ..Classification::default() };
                match classify(k, who, code, Some(seen), to).await {
                    Err(TicketError::Stale { current, what, .. }) => {
                        anyhow::ensure!(current == seen + 1 && !what.is_empty(), "stale says {current}, {what}");
                    }
                    other => anyhow::bail!("a stale change was {other:?}"),
                }
                let kept = self.t.texts(&format!("SELECT body FROM drafts WHERE body = '{words}'")).await;
                anyhow::ensure!(kept.len() == 1, "the draft is gone");
                done.stale = true;
            }
            Act::Answer(after) => self.answer(story, who, code, *after).await?,
            Act::Race => {
                let mut words = self.incoming(number, story, who);
                let account = "moduli".to_owned();
                words.raw =
                    RawSource::Fresh { account, external_id: number.to_string(), body: None, blob: None, size: 0 };
                (words.channel, words.registered_by, words.actor) = (Channel::Web, None, Actor::Citizen);
                (words.message_id, words.category_id) = (None, None);
                "Aggiungo una cosa, mentre mi rispondete.".clone_into(&mut words.text);
                words.thread.proven = Some((code.to_owned(), None));
                let closing = self.answer(story, who, code, After::Close);
                let (closed, came) = futures_util::future::join(closing, self.intake.take_in(words)).await;
                closed?;
                anyhow::ensure!(came?.code() == code, "the words went elsewhere");
                done.delivered.push(("moduli".to_owned(), number.to_string(), Meant::Story(step.story)));
                let state = self.t.texts(&format!("SELECT state FROM tickets WHERE code = '{code}'")).await;
                if state != ["closed"] {
                    self.answer(story, who, code, After::Close).await?;
                }
            }
            Act::Close(outcome) => {
                close(k, who, code, None, Closing { outcome: *outcome, sheet: None }).await?;
            }
            Act::MergeTwin | Act::MergeStranger => {
                let other = if step.act == Act::MergeTwin { &done.progress.twin } else { &done.progress.stranger };
                let how =
                    Merge { into: code.to_owned(), reason: format!("È la stessa. {SECRET}"), ..Merge::default() };
                merging::merge(k, who, other, how).await?;
            }
            Act::PartTwin => drop(merging::unmerge(k, who, &done.progress.twin, None, "Era un'altra").await?),
            Act::MergePersons => {
                let own = self.t.number(&format!("SELECT person_id FROM tickets WHERE code = '{code}'")).await;
                let earlier =
                    format!("SELECT MAX(p.id) FROM persons p WHERE p.id < {own} AND p.merged_into_id IS NULL");
                if let Some(other) = self.t.number_or_none(&earlier).await {
                    // Two stories at once may choose the same one.
                    if persons::merge(k, who, own, other).await.is_ok() {
                        done.progress.persons = Some((own, other));
                    }
                }
            }
            Act::PartPersons => {
                if let Some((own, _)) = done.progress.persons {
                    drop(persons::part(k, who, own).await);
                }
            }
            Act::Refer { to, kind } => {
                let unit = World::heir(to, today).to_owned();
                let kind = LegKind::from_text(kind).unwrap();
                let referral = Referral { unit, kind, question: format!("A che punto è? {SECRET}") };
                let (_, leg) = refer(k, who, code, None, referral).await?;
                done.progress.leg = (leg.id, leg.number);
            }
            Act::Accept(by) => drop(accept(k, &self.door(code, done, *by).await, "Ugo Bassi").await?),
            Act::Progress(by) => self.unit_writes(code, done, *by, Meaning::Progress).await?,
            Act::LegAnswer(by) => self.unit_writes(code, done, *by, Meaning::Answer).await?,
            Act::Refuse { right } => {
                let door = self.door(code, done, By::Portal).await;
                return_leg(k, &door, self.not_ours(right, today)).await?;
            }
            Act::RefuseLate { right } => {
                let door = self.door(code, done, By::Portal).await;
                match return_leg(k, &door, self.not_ours(right, today)).await {
                    Err(LegError::RefuseLate { .. }) => {}
                    other => anyhow::bail!("a refusal after its days was {other:?}"),
                }
                return_leg(k, &Door::account(who, code, done.progress.leg.1), self.not_ours(right, today)).await?;
                done.late = true;
            }
            Act::Follow => {
                let (_, leg) = follow(k, who, code, done.progress.leg.1, None).await?;
                done.progress.refused = done.progress.leg.1;
                done.progress.leg = (leg.id, leg.number);
            }
            Act::AskOffice | Act::AskCitizen => {
                let of = if step.act == Act::AskOffice { Asked::Office } else { Asked::Citizen };
                let text = format!(
                    "Serve il numero civico{}",
                    if of == Asked::Office { format!(" {SECRET}") } else { ".".to_owned() }
                );
                let question = Question { text, of, signed: "Ugo Bassi".to_owned(), key: String::new() };
                ask(k, &self.door(code, done, By::TokenPage).await, question).await?;
            }
            Act::Inform => {
                drop(inform(k, who, code, done.progress.leg.1, None, &format!("Al civico 12. {SECRET}")).await?)
            }
            Act::Approve => drop(approve(k, who, code, done.progress.leg.1, None, "").await?),
            Act::WorksPlanned => {
                let stage = Stage::Planned(k.now().plus(SignedDuration::from_hours(72)));
                tell_works(k, &self.door(code, done, By::Portal).await, works(stage)).await?;
            }
            Act::WorksDone(by) => {
                tell_works(k, &self.door(code, done, *by).await, works(Stage::Done)).await?;
            }
            Act::Recall => drop(withdraw(k, who, code, done.progress.leg.1, None, "Non serve più").await?),
            Act::HandOver(unit) => {
                let unit = World::heir(unit, today);
                if unit != story.unit {
                    hand_over(k, self.supervisor(), code, None, unit, "Tocca allo sportello del borgo").await?;
                }
            }
            Act::TakeOver => {
                take_over(k, self.supervisor(), code, None, "sportello", "Serve un livello più alto").await?;
            }
            Act::GiveBack => drop(give_back(k, self.supervisor(), code, None, "Torna a loro").await?),
            Act::Gather(above) => {
                let below = self.progress[*above].code.clone();
                incidents::attach(k, who, code, Gathering { below, ..Gathering::default() }).await?;
            }
            Act::AnswerAll => {
                let answer = SharedAnswer {
                    text: "La scossa è stata registrata; non risultano danni alla rete.".to_owned(),
                    next: Next::Close,
                    outcome: Outcome::Answered,
                    sheet: String::new(),
                };
                match incidents::answer_all(k, who, code, None, answer).await {
                    Ok(_) => drop(incidents::deliver(k).await?),
                    // The only report of its kind.
                    Err(TicketError::Incident(IncidentRefusal::NothingBelow)) => {
                        self.answer(story, who, code, After::Close).await?;
                    }
                    Err(e) => return Err(e.into()),
                }
            }
            Act::Twin | Act::Words(_) | Act::OutOfOffice | Act::Stranger | Act::Newsletter | Act::Garbage => {
                unreachable!("mail is received")
            }
        }
        Ok(())
    }

    async fn answer(&self, story: &Story<'_>, who: &Principal, code: &str, after: After) -> anyhow::Result<()> {
        let outcome = if story.not_competent { Outcome::NotCompetent } else { Outcome::Answered };
        let closing = Closing { outcome, sheet: story.scenario.sheet.clone() };
        let then = match after {
            After::Wait => Then::Wait,
            After::Close => Then::Close(closing),
            After::Resolve => Then::Resolve(closing),
        };
        let spoken = match story.channel {
            Channel::Counter => Some(Channel::Counter),
            Channel::Phone if after == After::Close => Some(Channel::Phone),
            _ => None,
        };
        let way = spoken.map_or(Way::Email, Way::Spoken);
        let text = story.scenario.reply.clone().unwrap_or_else(|| "Ecco la risposta.".to_owned());
        let answer = Reply { text, sheet: story.scenario.sheet.clone(), files: Vec::new(), way, then };
        reply(self.kernel(), who, code, None, answer).await?;
        Ok(())
    }

    fn colleague(&self, story: &Story<'_>) -> &Principal {
        let mut agents = self.world.known.people.iter().flatten().filter(|p| p.role == Role::Agent);
        let own = self.world.known.people[story.agent].as_ref().and_then(|p| p.user_id);
        agents.find(|p| p.user_id != own).unwrap()
    }

    fn supervisor(&self) -> &Principal {
        self.world.known.people.iter().flatten().find(|p| p.role == Role::Supervisor).unwrap()
    }

    fn not_ours(&self, right: &str, today: jiff::civil::Date) -> NotOurs {
        let suggests = World::heir(right, today).to_owned();
        NotOurs { reason: format!("Non è nostra. {SECRET}"), suggests, ..NotOurs::default() }
    }

    /// By what somebody of the unit comes to the leg.
    async fn door(&self, code: &str, done: &Done, by: By) -> Door {
        let (leg, number) = done.progress.leg;
        if by != By::Portal {
            let now = self.kernel().now();
            let issued =
                self.kernel().db.write(move |tx| Box::pin(async move { tokens::issue(tx, leg, 30, now).await }));
            return Door::token(&issued.await.unwrap().0);
        }
        let unit = self.t.number(&format!("SELECT unit_id FROM legs WHERE id = {leg}")).await;
        let referent = self.world.known.people.iter().flatten().find(|p| p.role == Role::Referent).unwrap();
        // Whoever has an account of that unit today.
        let who = Principal { units: [unit].into(), ..referent.clone() };
        Door::account(&who, code, number)
    }

    async fn unit_writes(&self, code: &str, done: &Done, by: By, meaning: Meaning) -> anyhow::Result<()> {
        let written = Written {
            text: format!("Abbiamo verificato e provveduto. {SECRET}"),
            external_code: format!("EXT/{}", done.progress.leg.0),
            signed: "Ugo Bassi".to_owned(),
            key: format!("{:?}-{}", meaning, done.progress.leg.0),
            meaning,
            ..Written::default()
        };
        let door = self.door(code, done, by).await;
        answer::write(self.kernel(), &door, written.clone()).await?;
        if done.progress.leg.0 % 5 == 0 {
            // A double click.
            let again = answer::write(self.kernel(), &door, written).await?;
            anyhow::ensure!(again.contact.is_none(), "the same form sent twice was stored twice");
        }
        Ok(())
    }

    fn incoming(&self, number: usize, story: &Story<'_>, who: &Principal) -> Incoming {
        let citizen = &self.year.citizens[story.citizen];
        let registered = story.is_registered();
        let (known, category) = (&self.world.known, &story.scenario.category);
        let mut identifiers = citizen.identifiers();
        let mailed = matches!(story.channel, Channel::Web | Channel::Pec | Channel::Email);
        let from = if mailed { &citizen.email } else { &citizen.phone };
        identifiers.sort_by_key(|i: &Identifier| i.raw != *from);
        let text = &story.scenario.text;
        Incoming {
            channel: story.channel,
            raw: RawSource::Fresh {
                account: account_of(story.channel).to_owned(),
                external_id: number.to_string(),
                body: Some(text.as_bytes().to_vec()),
                blob: None,
                size: i64::try_from(text.len()).unwrap(),
            },
            identifiers,
            evidence: if story.channel == Channel::Web { Evidence::Typed } else { Evidence::Vouched },
            notices: String::new(),
            paper: None,
            name: citizen.name.clone(),
            from_address: from.clone(),
            to_address: String::new(),
            subject: story.scenario.subject.clone(),
            text: text.clone(),
            quoted: String::new(),
            html: None,
            files: Vec::new(),
            automatic: None,
            message_id: (story.channel == Channel::Pec).then(|| message_id(number)),
            dedupe_key: None,
            thread: ThreadHints::default(),
            kind: RequestKind::Information,
            answered: None,
            sheet: None,
            category_id: registered.then(|| known.categories[category]),
            owner_unit_id: known.units[story.unit],
            forwards: false,
            registered_by: who.user_id.filter(|_| registered),
            language: story.scenario.language.clone(),
            happened_at: self.kernel().now(),
            actor: if registered { who.actor.clone() } else { Actor::Citizen },
        }
    }
}

fn works(stage: Stage) -> Works {
    let text = format!("Ripristino del tratto. {SECRET}");
    Works { text, signed: "Ugo Bassi".to_owned(), files: Vec::new(), key: String::new(), stage }
}

/// The name under which what comes by a channel is handed over.
fn account_of(channel: Channel) -> &'static str {
    match channel {
        Channel::Email => "urp",
        other => other.as_str(),
    }
}

fn message_id(number: usize) -> String {
    format!("anno.{number}@posta.example")
}
