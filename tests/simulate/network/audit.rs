//! Counts again, from the log and the raw rows alone, that each rule of a ticket's life holds. It shares no code with what it
//! looks at, and every finding names the rule, the ticket and the event that broke it.
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;

use serde_json::Value;

use super::ledger::{Clock, Closure, Event, Ledger};
use super::play::{Diary, Meant};
use super::terms;

/// Something that may not be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Name of the check.
    pub check: &'static str,
    pub ticket: String,
    pub event: Option<i64>,
    pub what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let event = self.event.map(|id| format!(", event {id}")).unwrap_or_default();
        write!(f, "{}: ticket {}{event}: {}", self.check, self.ticket, self.what)
    }
}

/// A check by name.
pub type Check = (&'static str, fn(&Ledger, &Diary) -> Vec<Finding>);

/// All checks; the first ten are the rules in their order.
pub const CHECKS: [Check; 12] = [
    ("1 what was delivered is stored, belongs to a ticket and is seen", delivered),
    ("2 one owner at each instant, moved with actor and reason", one_owner),
    ("3 the owner answers, and knowledge stops no clock", who_answers),
    ("4 back offices receive from their scope or an entry point", scopes),
    ("5 what is internal reaches no citizen", internal),
    ("6 the figures are what the log says", figures),
    ("7 clocks follow their calendars and never turn back", clocks),
    ("8 each change has its version", versions),
    ("9 automatic mail moves nothing and is not answered", automatic),
    ("10 who writes lands where they take part", threads),
    ("no leg is lost", legs),
    ("nothing open is without an owner", owners),
];

fn finding(
    check: usize,
    ledger: &Ledger,
    ticket: Option<i64>,
    event: Option<&Event>,
    what: impl Into<String>,
) -> Finding {
    Finding {
        check: CHECKS[check - 1].0,
        ticket: ticket.map(|t| ledger.code(t)).unwrap_or_default(),
        event: event.map(|e| e.id),
        what: what.into(),
    }
}

fn state<'v>(data: &'v Value, side: &str) -> Option<&'v str> {
    data[side]["state"].as_str()
}

fn unit(data: &Value, side: &str) -> Option<i64> {
    data[side]["unit"].as_i64()
}

/// Rule 1.
fn delivered(ledger: &Ledger, diary: &Diary) -> Vec<Finding> {
    let mut found = Vec::new();
    let stored: HashMap<(&str, &str), &super::ledger::Raw> =
        ledger.raws.iter().map(|r| ((r.account.as_str(), r.name.as_str()), r)).collect();
    for (account, name) in &diary.delivered {
        if !stored.contains_key(&(account.as_str(), name.as_str())) {
            found.push(finding(1, ledger, None, None, format!("{account} {name} was delivered and is not stored")));
        }
    }
    let mut contacts: HashMap<i64, usize> = HashMap::new();
    for contact in ledger.contacts.values() {
        contact.raw.into_iter().for_each(|raw| *contacts.entry(raw).or_default() += 1);
    }
    for raw in &ledger.raws {
        let name = format!("{} {}", raw.account, raw.name);
        match raw.state.as_str() {
            "quarantined" => {}
            // Reports move the message they are about.
            "done" if raw.name.starts_with("r.") => {}
            "done" => {
                let contact = raw.contact.and_then(|c| ledger.contacts.get(&c));
                match contact {
                    None => found.push(finding(1, ledger, None, None, format!("{name} was read and has no contact"))),
                    Some(contact) if !ledger.tickets.contains_key(&contact.ticket) => {
                        found.push(finding(1, ledger, None, None, format!("{name} has a contact without a ticket")));
                    }
                    Some(_) => {}
                }
                if contacts.get(&raw.id).is_some_and(|n| *n > 1) {
                    let ticket = contact.map(|c| c.ticket);
                    found.push(finding(1, ledger, ticket, None, format!("{name} became several contacts")));
                }
            }
            other => found.push(finding(1, ledger, None, None, format!("{name} is still {other}"))),
        }
    }
    let told: HashSet<i64> = ledger.events.iter().filter_map(|e| e.data["contact"].as_i64()).collect();
    for contact in ledger.contacts.values().filter(|c| c.direction == "in") {
        let ticket = ledger.tickets.get(&contact.ticket);
        let shown = ticket.is_some_and(|t| t.merged_into.is_none_or(|into| ledger.tickets.contains_key(&into)));
        if !shown || !told.contains(&contact.id) {
            let what = format!("contact {} is on no ticket that anybody sees, or no event tells of it", contact.id);
            found.push(finding(1, ledger, Some(contact.ticket), None, what));
        }
    }
    found
}

/// Rule 2.
fn one_owner(ledger: &Ledger, _: &Diary) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut now: HashMap<i64, Value> = HashMap::new();
    for event in &ledger.events {
        let (Some(ticket), true) = (event.ticket, event.data["to"].is_object()) else { continue };
        let (from, to) = (&event.data["from"], &event.data["to"]);
        let Some(owner) = unit(&event.data, "to").filter(|u| ledger.slugs.contains_key(u)) else {
            found.push(finding(2, ledger, Some(ticket), Some(event), "it has no owner"));
            continue;
        };
        match now.get(&ticket) {
            None if event.kind == "ticket.opened" => {}
            None => {
                found.push(finding(2, ledger, Some(ticket), Some(event), "its history does not begin with its opening"))
            }
            Some(before) => {
                if before != from {
                    let what = format!("{} begins at {from}, and it was at {before}", event.kind);
                    found.push(finding(2, ledger, Some(ticket), Some(event), what));
                }
                if before["unit"].as_i64() != Some(owner) {
                    let by_name =
                        matches!(event.kind.as_str(), "ticket.handed_over" | "ticket.taken_over" | "ticket.given_back");
                    let note = event.data["contact"].as_i64().and_then(|id| ledger.contacts.get(&id));
                    let reason = note.is_some_and(|n| n.direction == "note" && n.has_text && n.ticket == ticket);
                    if !by_name {
                        let what = format!("{} moves the owner to {}", event.kind, ledger.slugs[&owner]);
                        found.push(finding(2, ledger, Some(ticket), Some(event), what));
                    } else if !reason || event.actor.is_empty() {
                        found.push(finding(
                            2,
                            ledger,
                            Some(ticket),
                            Some(event),
                            "the owner moves without actor or reason",
                        ));
                    }
                }
            }
        }
        now.insert(ticket, to.clone());
    }
    for ticket in ledger.tickets.values() {
        let last = now.get(&ticket.id);
        let same =
            last.is_some_and(|to| to["unit"].as_i64() == Some(ticket.owner) && to["state"] == ticket.state.as_str());
        if !same {
            let what = format!("it is {} at unit {}, and the log ends with {last:?}", ticket.state, ticket.owner);
            found.push(finding(2, ledger, Some(ticket.id), None, what));
        }
    }
    found
}

/// Rule 3.
fn who_answers(ledger: &Ledger, _: &Diary) -> Vec<Finding> {
    let mut found = Vec::new();
    let desk = |user: i64| ledger.roles.get(&user).is_some_and(|role| role != "referent");
    let mut written: HashMap<i64, &str> = HashMap::new();
    for message in &ledger.messages {
        written.extend(message.contact.map(|c| (c, message.purpose.as_str())));
    }
    let mut actors: HashMap<i64, &Event> = HashMap::new();
    for event in &ledger.events {
        if let Some(contact) = event.data["contact"].as_i64() {
            actors.entry(contact).or_insert(event);
        }
    }
    for contact in ledger.contacts.values().filter(|c| c.direction == "out" && c.leg.is_none()) {
        let event = actors.get(&contact.id).copied();
        // A day of works, in words of the platform alone, is a notice and no answer (004-24).
        if contact.author.is_none() && event.is_some_and(|e| e.kind == "citizen.told") {
            continue;
        }
        let competent = |leg: i64| ledger.legs.get(&leg).is_some_and(|l| l.kind == "competence");
        let own = match (contact.author, event.map(|e| e.actor.as_str())) {
            (Some(author), _) if desk(author) => true,
            (_, Some(actor)) => match actor.split_once(':') {
                Some(("leg", leg)) => leg.parse().is_ok_and(competent),
                Some(("user", user)) => user.parse().is_ok_and(desk),
                _ => written.get(&contact.id).is_none_or(|purpose| *purpose != "reply"),
            },
            (None, None) => written.get(&contact.id).is_none_or(|purpose| *purpose != "reply"),
            _ => false,
        };
        if !own {
            let what = format!("contact {} answers the citizen and is of nobody who may", contact.id);
            found.push(finding(3, ledger, Some(contact.ticket), event, what));
        }
    }
    let pauses: HashSet<(i64, i64)> = ledger.pauses.iter().copied().collect();
    let mut at: HashMap<(i64, i64), usize> = HashMap::new();
    for event in &ledger.events {
        event.ticket.into_iter().for_each(|t| *at.entry((t, event.at)).or_default() += 1);
    }
    for event in ledger.events.iter().filter(|e| e.kind == "leg.sent" && e.data["leg_kind"] == "knowledge") {
        let Some(ticket) = event.ticket else { continue };
        if state(&event.data, "from") != state(&event.data, "to") {
            found.push(finding(3, ledger, Some(ticket), Some(event), "a leg for knowledge moved the ticket"));
        }
        if pauses.contains(&(ticket, event.at)) && at.get(&(ticket, event.at)) == Some(&1) {
            found.push(finding(3, ledger, Some(ticket), Some(event), "a leg for knowledge stopped a clock"));
        }
    }
    let informed: HashSet<i64> = ledger.legs.values().filter(|l| l.kind == "knowledge").map(|l| l.id).collect();
    for clock in ledger.clocks.iter().filter(|c| informed.contains(&c.leg)) {
        found.push(finding(3, ledger, Some(clock.ticket), None, "a leg for knowledge has a clock"));
    }
    found
}

/// Rule 4.
fn scopes(ledger: &Ledger, _: &Diary) -> Vec<Finding> {
    let mut found = Vec::new();
    for event in ledger.events.iter().filter(|e| e.kind == "leg.sent") {
        let (owner, to) = (unit(&event.data, "to"), event.data["unit"].as_i64());
        let at = |unit: Option<i64>| unit.and_then(|u| ledger.unit_at(u, event.at));
        let allowed = match (at(owner), at(to)) {
            (Some(owner), Some(to)) => {
                to.kind != "back_office" || owner.kind == "entry_point" || owner.scope == to.scope
            }
            _ => false,
        };
        if !allowed {
            let name = |u: Option<i64>| u.and_then(|u| ledger.slugs.get(&u)).cloned().unwrap_or_default();
            let what = format!("{} received from {}", name(to), name(owner));
            found.push(finding(4, ledger, event.ticket, Some(event), what));
        }
    }
    found
}

/// Rule 5.
fn internal(ledger: &Ledger, _: &Diary) -> Vec<Finding> {
    let mut found = Vec::new();
    for contact in ledger.contacts.values() {
        if contact.public && (contact.direction == "note" || contact.leg.is_some() || contact.secret) {
            let what = format!("contact {} is internal, and its citizen may read it", contact.id);
            found.push(finding(5, ledger, Some(contact.ticket), None, what));
        }
    }
    let mut senders: HashMap<i64, HashSet<&str>> = HashMap::new();
    for contact in ledger.contacts.values().filter(|c| c.direction == "in" && c.leg.is_none()) {
        senders.entry(contact.ticket).or_default().insert(contact.from.as_str());
    }
    for message in &ledger.messages {
        if !matches!(message.purpose.as_str(), "reply" | "acknowledgement") || message.leg.is_some() {
            continue;
        }
        if message.secret {
            let what = format!("message {} takes internal words to a citizen", message.id);
            found.push(finding(5, ledger, message.ticket, None, what));
        }
        let person = message.ticket.and_then(|t| ledger.tickets.get(&t)).and_then(|t| t.person);
        let known = person.and_then(|p| ledger.identifiers.get(&p)).is_some_and(|all| all.contains(&message.recipient));
        let wrote =
            message.ticket.and_then(|t| senders.get(&t)).is_some_and(|all| all.contains(message.recipient.as_str()));
        if !known && !wrote && !all_of(ledger, message.ticket, &senders, &message.recipient) {
            let what = format!("message {} goes to somebody who has no part in it", message.id);
            found.push(finding(5, ledger, message.ticket, None, what));
        }
    }
    found
}

/// Whether somebody wrote on a ticket that was merged into this one, or from it.
fn all_of(ledger: &Ledger, ticket: Option<i64>, senders: &HashMap<i64, HashSet<&str>>, who: &str) -> bool {
    let Some(ticket) = ticket else { return false };
    let into = ledger.tickets.get(&ticket).and_then(|t| t.merged_into);
    let has = |id: i64| senders.get(&id).is_some_and(|all| all.contains(who));
    let person = |id: i64| {
        let person = ledger.tickets.get(&id).and_then(|t| t.person);
        person.and_then(|p| ledger.identifiers.get(&p)).is_some_and(|all| all.iter().any(|i| i == who))
    };
    into.is_some_and(|id| has(id) || person(id))
}

/// How each ticket is closed, counted from the log alone.
pub fn closed(ledger: &Ledger) -> BTreeMap<i64, Closure> {
    #[derive(Default, Clone)]
    struct Seen {
        channel: String,
        category: i64,
        decisive: i64,
        external: i64,
        closed: Option<Closure>,
        before_merge: Option<Closure>,
    }
    let zone = jiff::tz::TimeZone::get("Europe/Rome").unwrap();
    let mut seen: HashMap<i64, Seen> = HashMap::new();
    for event in &ledger.events {
        let Some(ticket) = event.ticket else { continue };
        let data = &event.data;
        match event.kind.as_str() {
            "ticket.opened" => {
                let of = seen.entry(ticket).or_default();
                of.channel = data["channel"].as_str().unwrap_or_default().to_owned();
                of.category = data["category"].as_i64().unwrap_or(0);
            }
            "ticket.classified" => seen.entry(ticket).or_default().category = data["category"].as_i64().unwrap_or(0),
            "leg.sent" if data["leg_kind"] != "knowledge" => {
                let external = data["unit"].as_i64().and_then(|u| ledger.unit_at(u, event.at)).is_some_and(|u| !u.own);
                let of = seen.entry(ticket).or_default();
                of.decisive += 1;
                of.external += i64::from(external);
            }
            "ticket.absorbed" | "ticket.gave_back" => {
                let other = data["from_ticket"].as_i64().and_then(|id| seen.get(&id)).cloned().unwrap_or_default();
                let sign = if event.kind == "ticket.absorbed" { 1 } else { -1 };
                let of = seen.entry(ticket).or_default();
                of.decisive += sign * other.decisive;
                of.external += sign * other.external;
            }
            "ticket.merged" => {
                let of = seen.entry(ticket).or_default();
                of.before_merge = of.closed.take();
            }
            "ticket.unmerged" => {
                let of = seen.entry(ticket).or_default();
                of.closed = of.before_merge.take();
            }
            "ticket.closed" => {
                let above = ledger.parents.iter().find(|(child, _, from, until)| {
                    *child == ticket && *from <= event.at && until.is_none_or(|u| u > event.at)
                });
                let above = above.and_then(|(_, parent, ..)| seen.get(parent)).cloned().unwrap_or_default();
                let of = seen.entry(ticket).or_default();
                let day =
                    jiff::Timestamp::from_microsecond(event.at).unwrap().to_zoned(zone.clone()).date().to_string();
                of.closed = Some(Closure {
                    day,
                    channel: of.channel.clone(),
                    category: of.category,
                    unit: unit(data, "to").unwrap_or(0),
                    strict: of.decisive == 0 && above.decisive == 0,
                    wide: of.external == 0 && above.external == 0,
                });
            }
            _ if state(data, "from") == Some("closed") && state(data, "to").is_some_and(|s| s != "closed") => {
                seen.entry(ticket).or_default().closed = None;
            }
            _ => {}
        }
    }
    seen.into_iter().filter_map(|(ticket, of)| Some((ticket, of.closed?))).collect()
}

/// Rule 6, the rows behind every figure; pages, exports and lists are compared by whoever has a browser.
fn figures(ledger: &Ledger, _: &Diary) -> Vec<Finding> {
    let counted = closed(ledger);
    let tickets: HashSet<i64> = counted.keys().chain(ledger.closures.keys()).copied().collect();
    let differ = tickets.into_iter().filter(|t| counted.get(t) != ledger.closures.get(t));
    differ
        .map(|t| {
            let what = format!("the log says {:?}, the figures {:?}", counted.get(&t), ledger.closures.get(&t));
            finding(6, ledger, Some(t), None, what)
        })
        .collect()
}

/// Rule 7.
fn clocks(ledger: &Ledger, _: &Diary) -> Vec<Finding> {
    let mut found = Vec::new();
    let named: HashMap<(i64, i64, &str, i64), &Clock> =
        ledger.clocks.iter().map(|c| ((c.ticket, c.leg, c.phase.as_str(), c.round), c)).collect();
    let mut corrected: HashSet<(i64, i64, String, i64)> = HashSet::new();
    let name = |event: &Event| {
        let clock = &event.data["clock"];
        Some((event.ticket?, clock["leg"].as_i64()?, clock["phase"].as_str()?.to_owned(), clock["round"].as_i64()?))
    };
    corrected.extend(ledger.events.iter().filter(|e| e.kind == "clock.corrected").filter_map(name));
    for event in ledger.events.iter().filter(|e| e.kind == "clock.missed") {
        let Some(key) = name(event) else { continue };
        let clock = named.get(&(key.0, key.1, key.2.as_str(), key.3));
        if clock.is_none_or(|c| c.state != "missed") && !corrected.contains(&key) {
            let what = format!("the {} that was missed is {:?} now", key.2, clock.map(|c| c.state.as_str()));
            found.push(finding(7, ledger, event.ticket, Some(event), what));
        }
    }
    let grace = 86_400_000_000;
    for clock in &ledger.clocks {
        let (due, ended) = (clock.due_at.or(clock.missed_at), clock.ended_at);
        let fits = match clock.state.as_str() {
            "met" => due.zip(ended).is_none_or(|(due, ended)| ended <= due),
            "missed" => {
                due.is_some_and(|due| due < ledger.now) && due.zip(ended).is_none_or(|(due, ended)| ended > due)
            }
            "running" => due.is_some_and(|due| due > ledger.now - grace),
            _ => true,
        };
        let key = (clock.ticket, clock.leg, clock.phase.clone(), clock.round);
        if !fits && !corrected.contains(&key) {
            let what = format!("the {} is {}, due {due:?}, ended {ended:?}", clock.phase, clock.state);
            found.push(finding(7, ledger, Some(clock.ticket), None, what));
        }
    }
    // What stood still or was moved follows from acts; all others from their calendar alone.
    let straight = ledger.clocks.iter().filter(|c| !c.bent && c.state != "cancelled");
    for (_, clock) in straight.enumerate().filter(|(place, clock)| terms::is_counted(*place, clock)) {
        let (Some(due), Some(body)) = (clock.due_at.or(clock.missed_at), ledger.calendars.get(&clock.calendar)) else {
            continue;
        };
        let own = terms::due(body, clock);
        let off = own.map(|own| (own - due).abs());
        if off.is_none_or(|off| off > terms::PRECISION) {
            let at = |us: i64| jiff::Timestamp::from_microsecond(us).unwrap().to_string();
            let what = format!(
                "the {} from {} is due {}, and by its calendar {:?}",
                clock.phase,
                at(clock.started_at),
                at(due),
                own.map(at)
            );
            found.push(finding(7, ledger, Some(clock.ticket), None, what));
        }
    }
    found
}

/// Rule 8.
fn versions(ledger: &Ledger, _: &Diary) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut last: HashMap<i64, i64> = HashMap::new();
    for event in &ledger.events {
        let (Some(ticket), Some(version)) = (event.ticket, event.data["version"].as_i64()) else { continue };
        let before = last.insert(ticket, version).unwrap_or(0);
        if version != before + 1 {
            let what = format!("{} made version {version} of version {before}", event.kind);
            found.push(finding(8, ledger, Some(ticket), Some(event), what));
        }
    }
    for ticket in ledger.tickets.values() {
        if last.get(&ticket.id) != Some(&ticket.version) {
            let what = format!("it has version {}, and the log {:?}", ticket.version, last.get(&ticket.id));
            found.push(finding(8, ledger, Some(ticket.id), None, what));
        }
    }
    found
}

/// Rule 9.
fn automatic(ledger: &Ledger, _: &Diary) -> Vec<Finding> {
    let mut found = Vec::new();
    let automatic: HashSet<i64> = ledger.contacts.values().filter(|c| c.automatic).map(|c| c.id).collect();
    for event in &ledger.events {
        let Some(contact) = event.data["contact"].as_i64().filter(|c| automatic.contains(c)) else { continue };
        if event.data["from"].is_object() && event.data["from"] != event.data["to"] {
            let what = format!("{} moves it for automatic mail {contact}", event.kind);
            found.push(finding(9, ledger, event.ticket, Some(event), what));
        }
    }
    let mut answered: HashMap<i64, Vec<i64>> = HashMap::new();
    for message in ledger.messages.iter().filter(|m| m.purpose == "acknowledgement") {
        message.ticket.into_iter().for_each(|t| answered.entry(t).or_default().push(message.created_at));
    }
    for contact in ledger.contacts.values().filter(|c| c.automatic) {
        if answered.get(&contact.ticket).is_some_and(|all| all.contains(&contact.created_at)) {
            let what = format!("automatic mail {} was answered", contact.id);
            found.push(finding(9, ledger, Some(contact.ticket), None, what));
        }
    }
    found
}

/// Rule 10: where the outside world meant things to go, and where nobody without a part in a ticket ends.
fn threads(ledger: &Ledger, diary: &Diary) -> Vec<Finding> {
    let mut found = Vec::new();
    let raws: HashMap<(&str, &str), &super::ledger::Raw> =
        ledger.raws.iter().map(|r| ((r.account.as_str(), r.name.as_str()), r)).collect();
    let mut opened: HashMap<i64, i64> = HashMap::new();
    for event in ledger.events.iter().filter(|e| e.kind == "ticket.opened") {
        if let (Some(ticket), Some(contact)) = (event.ticket, event.data["contact"].as_i64()) {
            opened.insert(contact, ticket);
        }
    }
    // The ticket of a story is the one that its first contact opened.
    let home = |ticket: i64| ledger.tickets.get(&ticket).and_then(|t| t.merged_into).unwrap_or(ticket);
    for ((account, name), meant) in &diary.meant {
        let Some(contact) = raws.get(&(account.as_str(), name.as_str())).and_then(|r| r.contact) else { continue };
        let Some(row) = ledger.contacts.get(&contact) else { continue };
        let goes_on = |t: i64| ledger.links.iter().any(|(a, _, kind)| *a == t && kind == "continues");
        let fits = match meant {
            Meant::Alone => opened.contains_key(&contact),
            Meant::GoesOn => opened.get(&contact).is_some_and(|t| goes_on(*t)),
            Meant::Story(story) => diary
                .home
                .get(story)
                .is_some_and(|code| ledger.code(row.ticket) == *code || ledger.code(home(row.ticket)) == *code),
        };
        if !fits {
            let what = format!("{account} {name}, contact {contact}, was meant for {meant:?}");
            found.push(finding(10, ledger, Some(row.ticket), None, what));
        }
    }
    // Nobody is on a ticket in which they have no part.
    let mut parts: HashMap<i64, HashSet<&str>> = HashMap::new();
    for contact in ledger.contacts.values().filter(|c| c.direction == "in" && c.leg.is_none() && c.from.contains('@')) {
        if opened.contains_key(&contact.id) {
            parts.entry(contact.ticket).or_default().insert(&contact.from);
        }
    }
    for contact in ledger.contacts.values().filter(|c| c.direction == "in" && c.leg.is_none() && c.from.contains('@')) {
        let person = ledger.tickets.get(&contact.ticket).and_then(|t| t.person);
        let known = person.and_then(|p| ledger.identifiers.get(&p)).is_some_and(|all| all.contains(&contact.from));
        if !known && !parts.get(&contact.ticket).is_some_and(|all| all.contains(contact.from.as_str())) {
            found.push(finding(
                10,
                ledger,
                Some(contact.ticket),
                None,
                format!("contact {} is of a stranger", contact.id),
            ));
        }
    }
    found
}

/// Each leg sent is answered, refused and sent on, recalled, or waits where people see it.
fn legs(ledger: &Ledger, _: &Diary) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut told: HashMap<i64, Vec<&Event>> = HashMap::new();
    for event in ledger.events.iter().filter(|e| e.kind.starts_with("leg.")) {
        event.data["leg"].as_i64().into_iter().for_each(|leg| told.entry(leg).or_default().push(event));
    }
    for leg in ledger.legs.values() {
        let events = told.remove(&leg.id).unwrap_or_default();
        let has = |kinds: &[&str]| events.iter().any(|e| kinds.contains(&e.kind.as_str()));
        let ticket = ledger.tickets.get(&leg.ticket);
        let open = ticket.is_some_and(|t| !matches!(t.state.as_str(), "closed" | "resolved"));
        let ended = ledger.ended.get(&leg.unit).is_some_and(|end| *end <= ledger.now);
        let lost = match leg.state.as_str() {
            "answered" if !has(&["leg.answered", "leg.works_done"]) => Some("it is answered, and no event says so"),
            "returned" if !has(&["leg.refused"]) => Some("it was refused, and no event says so"),
            "returned" => {
                let followed = ledger
                    .legs
                    .values()
                    .any(|l| l.ticket == leg.ticket && (l.follows == Some(leg.id) || l.number > leg.number));
                (!followed && !open).then_some("it was refused, and nobody was asked in its place")
            }
            "withdrawn" if !has(&["leg.recalled"]) => Some("it was recalled, and no event says so"),
            "sent" | "accepted" | "asked" if leg.kind != "knowledge" && !open => {
                Some("it waits at a ticket that is over")
            }
            "sent" | "accepted" | "asked" if leg.kind != "knowledge" && ended => {
                Some("it waits at a unit that is no more")
            }
            "sent" | "accepted" | "asked" | "answered" | "withdrawn" => None,
            _ => Some("it is in no state"),
        };
        if !has(&["leg.sent"]) {
            found.push(finding(11, ledger, Some(leg.ticket), None, format!("leg {} was never sent", leg.number)));
        }
        if let Some(lost) = lost {
            let what = format!("leg {} at {}: {lost}", leg.number, ledger.slugs.get(&leg.unit).map_or("", |s| s));
            found.push(finding(11, ledger, Some(leg.ticket), events.last().copied(), what));
        }
    }
    for (leg, events) in told {
        let event = events.first().copied();
        found.push(finding(
            11,
            ledger,
            event.and_then(|e| e.ticket),
            event,
            format!("leg {leg} is in the log and nowhere else"),
        ));
    }
    found
}

/// Nothing open is at a unit that is no more, or at none.
fn owners(ledger: &Ledger, _: &Diary) -> Vec<Finding> {
    let open = ledger.tickets.values().filter(|t| t.state != "closed" && t.merged_into.is_none());
    let gone = open.filter(|t| {
        !ledger.slugs.contains_key(&t.owner) || ledger.ended.get(&t.owner).is_some_and(|end| *end <= ledger.now)
    });
    gone.map(|t| finding(12, ledger, Some(t.id), None, format!("it is {} at a unit that is no more", t.state)))
        .collect()
}
