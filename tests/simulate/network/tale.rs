//! What happens in the year, decided before anything is written: the same seed and size give the same steps.
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use sportello::cli::demo::calendar::{DAY, OpeningHours};
use sportello::cli::demo::citizens::{Citizen, Registry};
use sportello::cli::demo::data::{DemoData, Scenario};
use sportello::cli::demo::year::{CENTRE, DESK, Mix, Request, closed_in_front_of};
use sportello::kernel::time::Instant;
use sportello::tickets::{Channel, Outcome};

/// Requests of a whole year.
pub const REQUESTS: u64 = 25_000;
/// Closed at the front office, of ten thousand.
pub const FRONT: u64 = 8_425;
/// Requests of the classes; the others come to the town's own desk.
const OF_CLASSES: u64 = 23_549;
const RETURNING: f64 = 0.25;
/// Who is asked though it is not theirs, and says so.
const WRONG: [&str; 2] = ["segreteria", "urp"];

/// The requests of a year of this size.
pub fn mix(scale: u64, seed: u64) -> Mix {
    Mix { scale, seed, town: REQUESTS - OF_CLASSES, front: [FRONT, FRONT] }
}

/// How a unit speaks about its leg.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    Portal,
    Mail,
    TokenPage,
}

/// What becomes of a ticket with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    Wait,
    Close,
    Resolve,
}

/// One thing that is done about a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    Arrive,
    /// The same again, from another address: a ticket of its own.
    Twin,
    MergeTwin,
    PartTwin,
    /// The citizen writes again.
    Words(&'static str),
    /// The citizen's program answers our answer.
    OutOfOffice,
    /// Somebody else quotes the code, and gets a ticket of their own; the desk merges it.
    Stranger,
    MergeStranger,
    Take,
    Classify,
    Note,
    /// A colleague writes while the agent looks at an older version.
    Stale,
    Answer(After),
    /// The citizen writes at the moment in which the agent closes; whoever was second, it ends closed.
    Race,
    /// Nothing is said any more: it ends as it is.
    Close(Outcome),
    /// The citizen's own address turns out to be somebody's who is known already.
    MergePersons,
    PartPersons,
    Refer {
        to: String,
        kind: &'static str,
    },
    Accept(By),
    Progress(By),
    LegAnswer(By),
    /// The unit refuses within its days and names whose it is.
    Refuse {
        right: String,
    },
    /// It tries to after its days; the front office gives it back for it.
    RefuseLate {
        right: String,
    },
    Follow,
    AskOffice,
    Inform,
    AskCitizen,
    Approve,
    WorksPlanned,
    WorksDone(By),
    Recall,
    HandOver(&'static str),
    TakeOver,
    GiveBack,
    /// Below the ticket of this story.
    Gather(usize),
    AnswerAll,
    /// Mail that no person wrote, and that belongs to nothing.
    Newsletter,
    /// Bytes that nobody can read.
    Garbage,
}

impl Act {
    /// Whether it comes by mail: it is stored as bytes and read.
    pub fn is_mail(&self, channel: Channel) -> bool {
        match self {
            Self::Arrive => channel == Channel::Email,
            Self::Twin
            | Self::Words(_)
            | Self::OutOfOffice
            | Self::Stranger
            | Self::Newsletter
            | Self::Garbage
            | Self::LegAnswer(By::Mail) => true,
            _ => false,
        }
    }
}

/// An act with its instant.
#[derive(Debug, Clone)]
pub struct Planned {
    pub at: Instant,
    pub story: usize,
    pub act: Act,
}

/// A request before it exists.
#[derive(Debug)]
pub struct Story<'a> {
    pub scenario: &'a Scenario,
    pub citizen: usize,
    pub channel: Channel,
    /// Slug of the unit that owns it first.
    pub unit: &'static str,
    /// Place in the list of users.
    pub agent: usize,
    pub not_competent: bool,
    /// It is among the 25,000, and closed when the year ends.
    pub counts: bool,
    pub front: bool,
    /// It was asked of a unit of another body.
    pub outside: bool,
    /// Drives what chance decides while it is carried out.
    pub seed: u64,
}

impl Story<'_> {
    /// An agent writes it down while the citizen speaks.
    pub const fn is_registered(&self) -> bool {
        matches!(self.channel, Channel::Phone | Channel::Counter | Channel::Letter)
    }
}

/// All that happens, in the order of time.
pub struct Year<'a> {
    pub citizens: Vec<Citizen>,
    pub stories: Vec<Story<'a>>,
    pub steps: Vec<Planned>,
}

struct Teller<'h> {
    hours: &'h OpeningHours,
    rng: StdRng,
    cursor: i64,
    story: usize,
    steps: Vec<Planned>,
}

impl Teller<'_> {
    /// In opening hours, so many open seconds later.
    fn work(&mut self, gap: std::ops::Range<i64>, act: Act) {
        self.cursor += self.rng.random_range(gap);
        let at = self.hours.instant(self.cursor);
        self.steps.push(Planned { at, story: self.story, act });
    }

    /// At any hour: evenings and nights too.
    fn outside(&mut self, gap: std::ops::Range<i64>, act: Act) {
        self.cursor += self.rng.random_range(gap);
        let late = self.rng.random_range(900..8 * 3600);
        let evening = if self.rng.random_bool(0.3) { self.hours.after_closing(self.cursor, late) } else { None };
        let at = match evening {
            Some((at, next)) => {
                self.cursor = next + self.rng.random_range(60..900);
                at
            }
            None => self.hours.instant(self.cursor),
        };
        self.steps.push(Planned { at, story: self.story, act });
    }

    fn by(&mut self) -> By {
        [By::Portal, By::Mail, By::TokenPage].choose(&mut self.rng).copied().unwrap_or(By::Portal)
    }

    fn begin(&mut self, story: &Story<'_>, days: i64) {
        let room = (self.hours.total() - days * DAY).max(DAY);
        self.cursor = self.rng.random_range(0..room);
        self.arrive(story);
    }

    fn arrive(&mut self, story: &Story<'_>) {
        if story.is_registered() {
            self.work(0..60, Act::Arrive);
        } else {
            self.outside(0..60, Act::Arrive);
            self.work(600..DAY / 2, Act::Take);
        }
        // An agent who writes it down says what it is about; others must read it first.
        if !story.is_registered() {
            self.work(20..120, Act::Classify);
        }
    }

    fn close(&mut self) {
        self.work(120..1800, Act::Answer(After::Close));
    }

    fn front(&mut self, story: &Story<'_>) {
        self.begin(story, 14);
        match self.rng.random_range(0..1000) {
            0..40 => {
                self.close();
                self.outside(
                    3600..2 * DAY,
                    Act::Words("Grazie, ma non è ancora chiaro: quando sarà pronto il documento?"),
                );
                self.close();
            }
            40..80 => {
                self.close();
                self.outside(3600..2 * DAY, Act::Words("Grazie mille!"));
            }
            80..130 => {
                self.work(300..3600, Act::Answer(After::Wait));
                self.outside(3600..4 * DAY, Act::Words("Ecco quello che mancava: la via è quella del municipio."));
                self.close();
            }
            130..160 => {
                self.work(300..3600, Act::HandOver("sportello-borgo"));
                self.close();
            }
            160..190 => {
                self.work(300..3600, Act::TakeOver);
                if self.rng.random_bool(0.5) {
                    self.work(300..3600, Act::GiveBack);
                }
                self.close();
            }
            190..280 => self.work(120..1800, Act::Answer(After::Resolve)),
            280..320 => {
                let unit = if story.unit == DESK { "urp" } else { "protezione-civile" };
                self.work(120..900, Act::Refer { to: unit.to_owned(), kind: "knowledge" });
                self.close();
            }
            320..350 => {
                self.outside(60..3600, Act::Twin);
                self.work(300..3600, Act::MergeTwin);
                if self.rng.random_bool(0.4) {
                    self.work(600..3600, Act::PartTwin);
                    self.work(600..3600, Act::MergeTwin);
                }
                self.close();
            }
            350..370 => {
                self.outside(60..3600, Act::Stranger);
                self.work(300..3600, Act::MergeStranger);
                self.close();
            }
            370..400 => {
                self.work(60..900, Act::Stale);
                self.close();
            }
            400..425 => {
                self.close();
                self.outside(60..300, Act::OutOfOffice);
            }
            425..435 => {
                self.work(60..900, Act::MergePersons);
                if self.rng.random_bool(0.5) {
                    self.work(600..3600, Act::PartPersons);
                }
                self.close();
            }
            435..455 => {
                self.outside(3600..DAY, Act::Words("Lasciate stare: ho trovato da solo, la richiesta è ritirata."));
                self.work(300..3600, Act::Close(Outcome::Withdrawn));
            }
            455..480 => self.work(120..1800, Act::Race),
            480..510 => {
                self.work(60..900, Act::Note);
                self.close();
            }
            _ => self.close(),
        }
    }

    fn referred(&mut self, story: &Story<'_>, to: String, kind: &'static str) {
        self.begin(story, 40);
        let by = self.by();
        let wrong = WRONG.iter().find(|unit| **unit != to).copied().unwrap_or(WRONG[0]).to_owned();
        let refer = |to: &str| Act::Refer { to: to.to_owned(), kind };
        let dice = self.rng.random_range(0..1000);
        match dice {
            0..80 => {
                self.work(120..1800, refer(&wrong));
                self.work(DAY / 10..DAY * 9 / 10, Act::Refuse { right: to });
                self.work(300..3600, Act::Follow);
            }
            80..130 => {
                self.work(120..1800, refer(&wrong));
                self.work(5 * DAY..7 * DAY, Act::RefuseLate { right: to });
                self.work(300..3600, Act::Follow);
            }
            130..180 => {
                self.work(120..1800, refer(&wrong));
                self.work(DAY / 4..DAY, Act::Recall);
                self.work(300..3600, refer(&to));
            }
            180..230 => {
                // A wrong answer: it is asked again.
                self.work(120..1800, refer(&to));
                self.work(DAY..3 * DAY, Act::LegAnswer(by));
                self.work(300..DAY, refer(&to));
            }
            _ => self.work(120..1800, refer(&to)),
        }
        match dice {
            230..380 => {
                // Who is slow is reminded, then told on.
                self.work(16 * DAY..25 * DAY, Act::LegAnswer(by));
            }
            380..440 => {
                self.work(DAY / 4..DAY, Act::AskOffice);
                self.work(300..DAY, Act::Inform);
                self.work(DAY..4 * DAY, Act::LegAnswer(by));
            }
            440..500 if kind == "competence" => {
                self.work(DAY / 4..DAY, Act::AskCitizen);
                self.work(300..DAY, Act::Approve);
                self.outside(DAY / 2..3 * DAY, Act::Words("Ecco il dato che manca: il numero civico è il dodici."));
                self.work(2 * DAY..4 * DAY, Act::LegAnswer(by));
            }
            500..560 if kind == "competence" => {
                self.work(DAY / 4..DAY, Act::WorksPlanned);
                self.work(DAY..6 * DAY, Act::WorksDone(by));
            }
            560..620 => {
                // The citizen was answered before the unit was.
                self.work(DAY..2 * DAY, Act::Answer(After::Close));
                self.work(DAY..4 * DAY, Act::LegAnswer(by));
            }
            620..700 => {
                self.work(DAY / 4..DAY, Act::Accept(if by == By::Mail { By::Portal } else { by }));
                self.outside(DAY / 4..DAY, Act::Words("Aggiungo che il guasto c'è da tre giorni."));
                self.work(DAY..4 * DAY, Act::LegAnswer(by));
            }
            _ => {
                let page = if by == By::Mail { By::TokenPage } else { by };
                if self.rng.random_bool(0.5) {
                    self.work(DAY / 4..DAY, Act::Accept(page));
                }
                if self.rng.random_bool(0.2) {
                    self.work(DAY / 4..DAY, Act::Progress(page));
                }
                self.work(DAY / 3..8 * DAY, Act::LegAnswer(by));
            }
        }
        self.close();
    }

    /// What is still going on when the year ends.
    fn pending(&mut self, story: &Story<'_>, to: String) {
        self.cursor = self.hours.total() - self.rng.random_range(DAY..6 * DAY);
        self.arrive(story);
        let end = self.hours.total() - 3600;
        let left = |t: &Self| 60..(end - t.cursor).max(120);
        match self.rng.random_range(0..5) {
            0 => {}
            1 => {
                let gap = left(self);
                self.work(gap, Act::Answer(After::Wait));
            }
            2 => self.work(60..600, Act::Refer { to, kind: "competence" }),
            3 => {
                self.work(60..600, Act::Refer { to, kind: "inquiry" });
                self.work(60..600, Act::AskOffice);
            }
            _ => self.work(60..600, Act::Note),
        }
    }
}

/// Lays the year out.
pub fn tell<'a>(data: &'a DemoData, requests: &'a [Request], hours: &OpeningHours, seed: u64) -> Year<'a> {
    let mut rng = StdRng::seed_from_u64(seed + 1);
    let mut registry = Registry::new(&data.names);
    let mut stories = Vec::with_capacity(requests.len());
    let users = &data.organisation.users;
    let at = |unit: &str| -> Vec<usize> {
        let here = users.iter().enumerate().filter(|(_, u)| u.role == "agent" && u.units.iter().any(|own| own == unit));
        here.map(|(place, _)| place).collect()
    };
    let (centre, desk) = (at(CENTRE), at(DESK));
    let not_competent = |slug: &str| data.organisation.categories.iter().any(|c| c.slug == slug && c.not_competent);
    let mut teller = Teller { hours, rng: StdRng::seed_from_u64(seed + 2), cursor: 0, story: 0, steps: Vec::new() };
    let mut incident: Option<(usize, Vec<usize>)> = None;
    let per_incident = 12;
    let mut make = |request: &'a Request, counts: bool, registry: &mut Registry<'a>| {
        let known = registry.citizens.len();
        let citizen = if known > 0 && rng.random_bool(RETURNING) {
            rng.random_range(0..known)
        } else {
            let place = registry.add(None, &mut rng);
            registry.citizens[place].phone = format!("+39 399 {place:07}");
            place
        };
        let scenario = &request.scenario;
        let unit = if scenario.category.starts_with("dpc/") { CENTRE } else { DESK };
        let agents = if unit == CENTRE { &centre } else { &desk };
        Story {
            scenario,
            citizen,
            channel: Channel::from_text(&scenario.channel).unwrap(),
            unit,
            agent: *agents.choose(&mut rng).unwrap(),
            not_competent: not_competent(&scenario.category),
            counts,
            front: request.ends_in_front(),
            outside: scenario.refer.as_ref().is_some_and(|leg| data.organisation.is_external(&leg.unit)),
            seed: rng.random(),
        }
    };
    for request in requests {
        let story = make(request, true, &mut registry);
        teller.story = stories.len();
        let seismic = story.scenario.category == "dpc/eventi-sismici" && story.front;
        match (story.front, story.scenario.refer.as_ref()) {
            (true, _) if seismic && incident.as_ref().is_some_and(|(_, below)| below.len() < per_incident) => {
                // One more report of the same shake, gathered below the first.
                let (above, below) = incident.as_mut().unwrap();
                let began = teller.steps.iter().find(|s| s.story == *above).map(|s| s.at).unwrap();
                teller.cursor = open_second(hours, began) + teller.rng.random_range(60..3600);
                teller.work(0..60, Act::Arrive);
                if !story.is_registered() {
                    teller.work(600..1200, Act::Classify);
                }
                teller.cursor = open_second(hours, began) + DAY;
                let above = *above;
                below.push(teller.story);
                teller.work(0..1800, Act::Gather(above));
            }
            (true, _) if seismic && incident.is_none() => {
                teller.begin(&story, 14);
                let gathered = open_second(hours, teller.steps.last().unwrap().at).max(teller.cursor);
                let began = teller.steps.iter().find(|s| s.story == teller.story).map(|s| s.at).unwrap();
                teller.cursor = gathered.max(open_second(hours, began) + DAY + 3600);
                teller.work(1800..3600, Act::AnswerAll);
                incident = Some((teller.story, Vec::new()));
            }
            (true, _) => teller.front(&story),
            (false, Some(leg)) => {
                let kind = if leg.kind == "inquiry" { "inquiry" } else { "competence" };
                teller.referred(&story, leg.unit.clone(), kind);
            }
            (false, None) => unreachable!("a request that is referred says to whom"),
        }
        stories.push(story);
        if stories.len() % 2_000 == 0 {
            incident = None;
        }
    }
    // On the nights on which clocks change, and on the patron saint's day, citizens write too.
    for night in [
        "2026-03-29T00:40:00Z",
        "2026-03-29T01:20:00Z",
        "2026-10-25T00:20:00Z",
        "2026-10-25T01:20:00Z",
        "2026-06-01T09:00:00Z",
    ] {
        let at = Instant::parse(night).unwrap();
        let plain = |s: &Story<'_>| s.front && !s.is_registered() && s.counts;
        let mut moved = stories.iter().enumerate().filter(|(_, s)| plain(s)).map(|(place, _)| place);
        let taken = |place: usize, steps: &[Planned]| {
            let own: Vec<&Planned> = steps.iter().filter(|s| s.story == place).collect();
            own.len() == 4
                && own[3].act == Act::Answer(After::Close)
                && !["2026-03-29", "2026-10-25", "2026-06-01"].iter().any(|d| own[0].at.rfc3339().starts_with(d))
        };
        let Some(place) = moved.find(|place| taken(*place, &teller.steps)) else { continue };
        let mut cursor = open_second(hours, at);
        for (n, step) in teller.steps.iter_mut().filter(|s| s.story == place).enumerate() {
            cursor += i64::from(n > 0) * 1200;
            step.at = if n == 0 { at } else { hours.instant(cursor) };
        }
    }
    let extra = requests.len() / 100 + 6;
    for n in 0..extra {
        let request = &requests[(n * 97) % requests.len()];
        let story = make(request, false, &mut registry);
        teller.story = stories.len();
        let external = story.unit == CENTRE;
        teller.pending(&story, if external { "arpc-sala-operativa" } else { "lavori-pubblici" }.to_owned());
        stories.push(story);
    }
    // Late words on what was closed long ago, in the last days: they open a ticket that goes on.
    let last_days = hours.total() - 2 * DAY;
    let old: Vec<usize> = stories
        .iter()
        .enumerate()
        .filter(|(_, s)| s.counts && s.front && s.channel == Channel::Email)
        .map(|(place, _)| place)
        .filter(|place| {
            let last = teller.steps.iter().rev().find(|s| s.story == *place).map_or(0, |s| open_second(hours, s.at));
            last < hours.total() - 50 * DAY
        })
        .take(3 + requests.len() / 500)
        .collect();
    for place in old {
        teller.story = place;
        teller.cursor = last_days;
        teller.outside(0..DAY, Act::Words("Torno a scrivervi: il problema dell'anno scorso si è ripresentato uguale."));
    }
    for n in 0..(4 + requests.len() / 1000) {
        teller.story = n % stories.len();
        teller.cursor = teller.rng.random_range(hours.total() / 2..hours.total() - DAY);
        teller.outside(0..60, if n % 4 == 3 { Act::Garbage } else { Act::Newsletter });
    }
    let mut steps = teller.steps;
    steps.sort_by_key(|s| s.at);
    Year { citizens: registry.citizens, stories, steps }
}

/// The first open second that is not before an instant.
fn open_second(hours: &OpeningHours, at: Instant) -> i64 {
    let (mut low, mut high) = (0, hours.total());
    while low < high {
        let middle = low.midpoint(high);
        if hours.instant(middle) < at { low = middle + 1 } else { high = middle }
    }
    low
}

/// What was put in: counted requests, and those that end at the front office.
pub fn put_in(year: &Year<'_>) -> (u64, u64) {
    let counted = year.stories.iter().filter(|s| s.counts);
    (counted.clone().count() as u64, counted.filter(|s| s.front).count() as u64)
}

/// Of a year of this size, how many are wanted to end at the front office.
pub fn wanted(data: &DemoData, scale: u64, seed: u64) -> u64 {
    closed_in_front_of(data, mix(scale, seed)).iter().map(|(_, front)| front).sum()
}
