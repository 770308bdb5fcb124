//! Rules of giving tickets out, without I/O.
use std::collections::{BTreeMap, BTreeSet};

use crate::kernel::names::{read_stored, stored_enum};
use crate::kernel::time::Instant;
use crate::routing::model::Segment;
use crate::tickets::Channel;

stored_enum! {
    /// How the tickets of a unit find who works on them.
    Policy {
        /// Agents choose from the list.
        Manual = "manual",
        /// Agents ask for the next one; the list offers no choice.
        Pull = "pull",
        /// The next one is given to whoever is ready and has most room.
        Push = "push",
    }
}

stored_enum! {
    /// What comes first.
    Priority {
        Urgent = "urgent",
        High = "high",
        Normal = "normal",
        Low = "low",
    }
}

stored_enum! {
    /// Why a ticket has its priority.
    PriorityReason {
        /// Nothing speaks for another one.
        Ordinary = "ordinary",
        /// Its category says so.
        Category = "category",
        /// The citizen is somebody to be looked after first.
        Segment = "segment",
        /// Somebody said that there is an emergency.
        Emergency = "emergency",
        /// Somebody chose it.
        Manual = "manual",
    }
}

read_stored!(Policy, Priority, PriorityReason);

impl Priority {
    /// Its place in the order of work: the smallest comes first.
    pub const fn rank(self) -> i64 {
        match self {
            Self::Urgent => 1,
            Self::High => 2,
            Self::Normal => 3,
            Self::Low => 4,
        }
    }

    /// Reads the stored place; what it cannot read is normal.
    pub fn from_rank(rank: i64) -> Self {
        Self::ALL.iter().copied().find(|p| p.rank() == rank).unwrap_or(Self::Normal)
    }
}

impl PriorityReason {
    /// Whether a person decided: what follows from categories and citizens leaves it alone.
    pub const fn is_chosen(self) -> bool {
        matches!(self, Self::Emergency | Self::Manual)
    }
}

/// The priority that follows from the category and the citizen: the more pressing of the two.
pub fn automatic(category: Option<Priority>, segment: &str) -> (Priority, PriorityReason) {
    let own = category.map_or((Priority::Normal, PriorityReason::Ordinary), |p| (p, PriorityReason::Category));
    if segment == Segment::Fragile.as_str() && own.0.rank() > Priority::High.rank() {
        return (Priority::High, PriorityReason::Segment);
    }
    own
}

/// Most that an agent may be made to hold.
pub const MOST: i64 = 500;
/// Heaviest a ticket may be.
pub const HEAVIEST: i64 = 20;

/// How a unit gives its tickets out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitPolicy {
    pub policy: Policy,
    pub capacity: i64,
    pub skills: Vec<String>,
    /// What a ticket weighs by channel; 1 where it says nothing.
    pub weights: BTreeMap<Channel, i64>,
    /// At which level it handles requests (004-19), 1 to 4; `None`: as the kind of the unit says.
    pub level: Option<i64>,
}

impl Default for UnitPolicy {
    fn default() -> Self {
        Self { policy: Policy::Manual, capacity: 25, skills: Vec::new(), weights: BTreeMap::new(), level: None }
    }
}

impl UnitPolicy {
    /// What a ticket of a channel weighs.
    pub fn weight(&self, channel: Channel) -> i64 {
        self.weights.get(&channel).copied().unwrap_or(1)
    }
}

/// The policies of all units that have one.
#[derive(Debug, Clone, Default)]
pub struct Policies(pub BTreeMap<i64, UnitPolicy>);

impl Policies {
    /// How a unit gives its tickets out.
    pub fn of(&self, unit: i64) -> UnitPolicy {
        self.0.get(&unit).cloned().unwrap_or_default()
    }

    /// What open tickets weigh together: unit, channel and how many.
    pub fn load(&self, held: &[(i64, Channel, i64)]) -> i64 {
        held.iter().map(|(unit, channel, n)| n * self.0.get(unit).map_or(1, |policy| policy.weight(*channel))).sum()
    }
}

/// What an agent can, and whether they take what is given out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeskAgent {
    pub user_id: i64,
    /// Lower case.
    pub skills: Vec<String>,
    /// Empty: all, as on the telephone.
    pub languages: Vec<String>,
    /// Empty: all.
    pub channels: Vec<Channel>,
    /// `None`: that of the unit.
    pub capacity: Option<i64>,
    pub ready_since: Option<Instant>,
    pub given_at: Option<Instant>,
}

impl DeskAgent {
    /// Whether they hold all skills that are asked for.
    pub fn has_all<'a>(&self, skills: impl IntoIterator<Item = &'a String>) -> bool {
        skills.into_iter().all(|skill| self.skills.contains(skill))
    }

    /// Whether they speak a language; Italian everybody does.
    pub fn speaks(&self, language: &str) -> bool {
        language == "it" || self.languages.is_empty() || self.languages.iter().any(|l| l == language)
    }

    /// Whether they answer on a channel.
    pub fn answers_on(&self, channel: Channel) -> bool {
        self.channels.is_empty() || self.channels.contains(&channel)
    }

    /// How much they hold at once for a unit.
    pub fn capacity_for(&self, policy: &UnitPolicy) -> i64 {
        self.capacity.unwrap_or(policy.capacity)
    }
}

/// What categories ask of who works on their tickets, those above included.
#[derive(Debug, Clone, Default)]
pub struct Requirements {
    pub skills: BTreeMap<i64, BTreeSet<String>>,
}

impl Requirements {
    /// The categories whose tickets an agent may not get.
    pub fn barred(&self, agent: &DeskAgent) -> Vec<i64> {
        self.skills.iter().filter(|(_, skills)| !agent.has_all(*skills)).map(|(id, _)| *id).collect()
    }
}

/// A ticket that nobody has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting<'a> {
    pub channel: Channel,
    pub category: Option<i64>,
    pub language: &'a str,
}

/// An agent to whom something may be given, with what they hold.
#[derive(Debug, Clone)]
pub struct Candidate {
    pub agent: DeskAgent,
    pub load: i64,
    pub barred: Vec<i64>,
}

impl Candidate {
    /// Whether they may get a ticket of a unit.
    fn fits(&self, ticket: Waiting<'_>, policy: &UnitPolicy) -> bool {
        self.load < self.agent.capacity_for(policy)
            && ticket.category.is_none_or(|id| !self.barred.contains(&id))
            && self.agent.speaks(ticket.language)
            && self.agent.answers_on(ticket.channel)
    }
}

/// Who gets a ticket: of those who may, who holds the smallest part of what they can; of equals, who was given
/// something longest ago.
pub fn choose(candidates: &[Candidate], ticket: Waiting<'_>, policy: &UnitPolicy) -> Option<usize> {
    let fitting = candidates.iter().enumerate().filter(|(_, c)| c.fits(ticket, policy));
    // Parts are compared crosswise: a/b < c/d when a·d < c·b.
    let part = |c: &Candidate| (c.load, c.agent.capacity_for(policy).max(1));
    fitting
        .min_by(|(_, a), (_, b)| {
            let ((load_a, most_a), (load_b, most_b)) = (part(a), part(b));
            let last = |c: &Candidate| (c.agent.given_at, c.agent.user_id);
            (load_a * most_b).cmp(&(load_b * most_a)).then_with(|| last(a).cmp(&last(b)))
        })
        .map(|(place, _)| place)
}

/// An absence of an agent.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct AgentAbsence {
    pub id: i64,
    pub user_id: i64,
    pub from_at: Instant,
    pub to_at: Instant,
    pub substitute_id: Option<i64>,
    pub reason: String,
}

/// Who is away at one instant, and who stands in.
#[derive(Debug, Clone, Default)]
pub struct Away(BTreeMap<i64, Option<i64>>);

impl Away {
    /// From the absences of one instant. Of two at once, the one that names somebody counts.
    pub fn new(absences: &[AgentAbsence]) -> Self {
        let mut away: BTreeMap<i64, Option<i64>> = BTreeMap::new();
        for absence in absences {
            let substitute = away.entry(absence.user_id).or_default();
            *substitute = substitute.or(absence.substitute_id);
        }
        Self(away)
    }

    /// Whether somebody is away.
    pub fn has(&self, user: i64) -> bool {
        self.0.contains_key(&user)
    }

    /// Who has the work of somebody who is away: the substitute, or theirs; `None` when the chain ends or turns
    /// in a circle, or whoever it leads to does not work here any more.
    pub fn stands_in(&self, user: i64, works: &BTreeSet<i64>) -> Option<i64> {
        let mut seen = BTreeSet::new();
        let mut place = user;
        while seen.insert(place) {
            match self.0.get(&place) {
                None => return works.contains(&place).then_some(place),
                Some(substitute) => place = (*substitute)?,
            }
        }
        None
    }
}

/// Words parted by blanks, commas or semicolons, in lower case, each once.
pub fn words(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for word in text.split([' ', ',', ';', '\n']).map(|w| w.trim().to_lowercase()).filter(|w| !w.is_empty()) {
        if !found.contains(&word) {
            found.push(word);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn candidate(user_id: i64, load: i64, capacity: i64, given: i64) -> Candidate {
        let agent =
            DeskAgent { user_id, capacity: Some(capacity), given_at: Some(Instant(given)), ..DeskAgent::default() };
        Candidate { agent, load, barred: Vec::new() }
    }

    const MAIL: Waiting<'static> = Waiting { channel: Channel::Email, category: Some(7), language: "it" };

    #[test]
    fn who_holds_the_smallest_part_gets_the_next_and_of_equals_who_waited_longest() {
        let policy = UnitPolicy::default();
        let all = [candidate(1, 5, 10, 1), candidate(2, 3, 5, 1), candidate(3, 4, 10, 9), candidate(4, 2, 5, 3)];
        assert_eq!(choose(&all, MAIL, &policy), Some(3), "2 of 5 and 4 of 10 are equal; the fourth waited longer");
        assert_eq!(choose(&[candidate(1, 10, 10, 1)], MAIL, &policy), None);
    }

    #[test]
    fn who_lacks_skill_language_or_channel_gets_nothing() {
        let policy = UnitPolicy::default();
        let one = candidate(1, 0, 5, 0);
        let barred = Candidate { barred: vec![7], ..one.clone() };
        let german = DeskAgent { languages: vec!["de".to_owned()], ..one.agent.clone() };
        let phone = DeskAgent { channels: vec![Channel::Phone], ..one.agent.clone() };
        assert_eq!(choose(&[barred], MAIL, &policy), None);
        let french = Waiting { language: "fr", ..MAIL };
        assert_eq!(choose(&[Candidate { agent: german.clone(), ..one.clone() }], french, &policy), None);
        assert_eq!(
            choose(&[Candidate { agent: german, ..one.clone() }], MAIL, &policy),
            Some(0),
            "Italian everybody does"
        );
        assert_eq!(choose(&[Candidate { agent: phone, ..one }], MAIL, &policy), None);
    }

    #[test]
    fn a_fragile_citizen_comes_before_others_and_never_behind_the_category() {
        const FRAGILE: &str = "fragile";
        use Priority::{High, Low, Normal, Urgent};
        assert_eq!(automatic(None, FRAGILE), (High, PriorityReason::Segment));
        assert_eq!(automatic(Some(Low), FRAGILE), (High, PriorityReason::Segment));
        assert_eq!(automatic(Some(Urgent), FRAGILE), (Urgent, PriorityReason::Category));
        assert_eq!(automatic(Some(Low), ""), (Low, PriorityReason::Category));
        assert_eq!(automatic(None, ""), (Normal, PriorityReason::Ordinary));
    }

    #[test]
    fn substitutes_of_substitutes_stand_in_until_somebody_is_there() {
        let absence = |user_id, substitute_id| AgentAbsence {
            id: user_id,
            user_id,
            from_at: Instant(0),
            to_at: Instant(9),
            substitute_id,
            reason: String::new(),
        };
        let works: BTreeSet<i64> = [1, 2, 3].into();
        let chain = Away::new(&[absence(1, Some(2)), absence(2, Some(3))]);
        assert_eq!(chain.stands_in(1, &works), Some(3));
        let circle = Away::new(&[absence(1, Some(2)), absence(2, Some(1))]);
        assert_eq!(circle.stands_in(1, &works), None);
        assert_eq!(Away::new(&[absence(1, Some(9))]).stands_in(1, &works), None, "who left stands in for nobody");
    }

    proptest! {
        #[test]
        fn nobody_is_given_more_than_they_hold(
            agents in proptest::collection::vec((0i64..8, 1i64..8, 0i64..5), 0..8),
        ) {
            let all: Vec<_> =
                agents.iter().zip(1..).map(|(&(load, most, given), id)| candidate(id, load, most, given)).collect();
            match choose(&all, MAIL, &UnitPolicy::default()) {
                Some(place) => prop_assert!(all[place].load < all[place].agent.capacity.unwrap()),
                None => prop_assert!(all.iter().all(|c| c.load >= c.agent.capacity.unwrap())),
            }
        }
    }
}
