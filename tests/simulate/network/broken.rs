//! The auditor can fail: of a history that holds, each rule is broken on purpose, and the check of that rule says so and names the ticket.
use serde_json::json;

use super::audit::{CHECKS, Finding};
use super::ledger::{Contact, Ledger};
use super::play::{Diary, Meant};

/// Breaks a history, and must be found by the check of that number with this word.
fn breaks(ledger: &Ledger, diary: &Diary, check: usize, word: &str, how: impl FnOnce(&mut Ledger) -> Option<i64>) {
    let mut broken = ledger.clone();
    let ticket = how(&mut broken);
    let (name, run) = CHECKS[check - 1];
    let found: Vec<Finding> = run(&broken, diary);
    let code = ticket.map(|t| ledger.code(t)).unwrap_or_default();
    let hit = found.iter().find(|f| f.check == name && f.what.contains(word) && (code.is_empty() || f.ticket == code));
    assert!(hit.is_some(), "{name} does not see {word:?} on {code}: {found:?}");
    let text = hit.unwrap().to_string();
    assert!(text.contains(name) && text.contains(&code), "{text}");
}

/// The contact that an event of a kind tells of, where a check of these contacts holds.
fn told(ledger: &Ledger, kind: &str, fits: impl Fn(&Contact) -> bool) -> i64 {
    let events = ledger.events.iter().filter(|e| e.kind == kind);
    let contacts =
        events.filter_map(|e| e.data["contact"].as_i64()).filter(|c| ledger.contacts.get(c).is_some_and(&fits));
    contacts.last().unwrap_or_else(|| panic!("no {kind}"))
}

fn event(ledger: &Ledger, fits: impl Fn(&super::ledger::Event) -> bool) -> usize {
    ledger.events.iter().position(fits).unwrap()
}

/// Breaks every rule.
pub fn each_check_can_fail(ledger: &Ledger, diary: &Diary) {
    breaks(ledger, diary, 1, "is not stored", |l| {
        let (account, name) = diary.delivered[diary.delivered.len() / 2].clone();
        l.raws.retain(|r| (&r.account, &r.name) != (&account, &name));
        None
    });
    breaks(ledger, diary, 1, "is still stored", |l| {
        l.raws[3].state = "stored".to_owned();
        None
    });
    breaks(ledger, diary, 1, "several contacts", |l| {
        let contact = l.contacts.values().find(|c| c.raw.is_some() && c.direction == "in").unwrap().clone();
        let id = l.contacts.keys().max().unwrap() + 1;
        l.contacts.insert(id, Contact { id, ..contact.clone() });
        let raw = l.raws.iter_mut().find(|r| Some(r.id) == contact.raw).unwrap();
        raw.contact = Some(contact.id);
        Some(contact.ticket)
    });
    breaks(ledger, diary, 1, "no event tells", |l| {
        let contact = told(l, "contact.received", |c| c.direction == "in");
        l.events.retain(|e| e.data["contact"].as_i64() != Some(contact));
        Some(l.contacts[&contact].ticket)
    });

    breaks(ledger, diary, 2, "without actor or reason", |l| {
        let place = event(l, |e| e.kind == "ticket.taken_over");
        let note = l.events[place].data["contact"].as_i64().unwrap();
        l.contacts.remove(&note);
        l.events[place].ticket
    });
    breaks(ledger, diary, 2, "moves the owner", |l| {
        let place = event(l, |e| e.kind == "ticket.handed_over");
        l.events[place].kind = "ticket.classified".to_owned();
        l.events[place].ticket
    });
    breaks(ledger, diary, 2, "and it was at", |l| {
        let place = event(l, |e| e.kind == "ticket.taken");
        l.events[place].data["from"]["unit"] = json!(1_000);
        l.events[place].ticket
    });
    breaks(ledger, diary, 2, "the log ends with", |l| {
        let ticket = l.tickets.values_mut().next().unwrap();
        ticket.owner += 1;
        Some(ticket.id)
    });

    breaks(ledger, diary, 3, "of nobody who may", |l| {
        let contact =
            l.contacts.values().find(|c| c.direction == "out" && c.leg.is_none() && c.author.is_some()).unwrap().id;
        let (referent, _) = l.roles.iter().find(|(_, role)| *role == "referent").unwrap();
        let referent = *referent;
        for event in l.events.iter_mut().filter(|e| e.data["contact"].as_i64() == Some(contact)) {
            event.actor = format!("user:{referent}");
        }
        l.contacts.get_mut(&contact).unwrap().author = Some(referent);
        Some(l.contacts[&contact].ticket)
    });
    breaks(ledger, diary, 3, "knowledge moved", |l| {
        let place = event(l, |e| e.kind == "leg.sent" && e.data["leg_kind"] == "knowledge");
        l.events[place].data["to"]["state"] = json!("referred");
        l.events[place].ticket
    });
    breaks(ledger, diary, 3, "stopped a clock", |l| {
        let of = |e: &super::ledger::Event| e.kind == "leg.sent" && e.data["leg_kind"] == "knowledge";
        let (ticket, at) = l.events.iter().find(|e| of(e)).map(|e| (e.ticket.unwrap(), e.at)).unwrap();
        l.events.retain(|e| of(e) || e.ticket != Some(ticket) || e.at != at);
        l.pauses.push((ticket, at));
        Some(ticket)
    });

    breaks(ledger, diary, 4, "received from", |l| {
        let place = event(l, |e| {
            e.kind == "leg.sent"
                && e.data["unit"].as_i64().and_then(|u| ledger.unit_at(u, e.at)).is_some_and(|u| !u.own)
        });
        let owner = l.events[place].data["to"]["unit"].as_i64().unwrap();
        l.units.iter_mut().filter(|v| v.unit == owner).for_each(|v| v.kind = "collection_point".to_owned());
        l.events[place].ticket
    });

    breaks(ledger, diary, 5, "its citizen may read it", |l| {
        let note = l.contacts.values_mut().find(|c| c.direction == "note").unwrap();
        note.public = true;
        Some(note.ticket)
    });
    breaks(ledger, diary, 5, "internal words", |l| {
        let message = l.messages.iter_mut().find(|m| m.purpose == "reply" && m.leg.is_none()).unwrap();
        message.secret = true;
        message.ticket
    });
    breaks(ledger, diary, 5, "no part in it", |l| {
        let message = l.messages.iter_mut().find(|m| m.purpose == "reply" && m.leg.is_none()).unwrap();
        message.recipient = "altri@posta.example".to_owned();
        message.ticket
    });

    breaks(ledger, diary, 6, "the log says", |l| {
        let (ticket, closure) = l.closures.iter_mut().next().unwrap();
        closure.strict = !closure.strict;
        Some(*ticket)
    });
    breaks(ledger, diary, 6, "the log says None", |l| {
        let ticket = *l.closures.keys().next().unwrap();
        l.events.retain(|e| e.ticket != Some(ticket) || e.kind != "ticket.closed");
        Some(ticket)
    });

    breaks(ledger, diary, 7, "that was missed", |l| {
        let place = event(l, |e| e.kind == "clock.missed");
        let (ticket, named) = (l.events[place].ticket, l.events[place].data["clock"].clone());
        let clock = l.clocks.iter_mut().find(|c| {
            Some(c.ticket) == ticket
                && c.leg == named["leg"]
                && c.phase == named["phase"].as_str().unwrap()
                && c.round == named["round"]
        });
        clock.unwrap().state = "met".to_owned();
        ticket
    });
    breaks(ledger, diary, 7, "by its calendar", |l| {
        let clock = l.clocks.iter_mut().find(|c| !c.bent && c.state == "met" && c.unit == "working_days").unwrap();
        // A holiday that nobody knew of.
        *clock.due_at.as_mut().unwrap() += 86_400_000_000;
        Some(clock.ticket)
    });
    breaks(ledger, diary, 7, "is met, due", |l| {
        let clock =
            l.clocks.iter_mut().find(|c| c.state == "met" && c.due_at.is_some() && c.ended_at.is_some()).unwrap();
        clock.ended_at = clock.due_at.map(|due| due + 1);
        Some(clock.ticket)
    });

    breaks(ledger, diary, 8, "made version", |l| {
        let place = event(l, |e| e.kind == "ticket.classified");
        let ticket = l.events[place].ticket;
        l.events.remove(place);
        ticket
    });
    breaks(ledger, diary, 8, "it has version", |l| {
        let ticket = l.tickets.values_mut().next().unwrap();
        ticket.version += 1;
        Some(ticket.id)
    });

    breaks(ledger, diary, 9, "for automatic mail", |l| {
        let contact = told(l, "contact.received", |c| c.automatic);
        let place = event(l, |e| e.data["contact"].as_i64() == Some(contact));
        l.events[place].data["to"]["state"] = json!("open");
        l.events[place].ticket
    });
    breaks(ledger, diary, 9, "was answered", |l| {
        let contact = l.contacts.values().find(|c| c.automatic).unwrap().clone();
        let mut message = l.messages.iter().find(|m| m.purpose == "acknowledgement").unwrap().clone();
        (message.ticket, message.created_at) = (Some(contact.ticket), contact.created_at);
        l.messages.push(message);
        Some(contact.ticket)
    });

    breaks(ledger, diary, 10, "was meant for", |l| {
        let (key, _) = diary.meant.iter().find(|(_, meant)| matches!(meant, Meant::Story(_))).unwrap();
        let contact = l.raws.iter().find(|r| (&r.account, &r.name) == (&key.0, &key.1)).unwrap().contact.unwrap();
        let own = l.contacts[&contact].ticket;
        let other = *l.tickets.iter().find(|(id, t)| **id != own && t.merged_into.is_none()).unwrap().0;
        l.contacts.get_mut(&contact).unwrap().ticket = other;
        Some(other)
    });
    breaks(ledger, diary, 10, "is of a stranger", |l| {
        let contact = told(l, "contact.received", |c| c.from.contains('@') && c.leg.is_none() && c.direction == "in");
        let contact = l.contacts.get_mut(&contact).unwrap();
        contact.from = "estraneo@posta.example".to_owned();
        Some(contact.ticket)
    });

    breaks(ledger, diary, 11, "waits at a ticket that is over", |l| {
        let leg = l
            .legs
            .values_mut()
            .find(|leg| leg.state == "answered" && ledger.tickets[&leg.ticket].state == "closed")
            .unwrap();
        leg.state = "sent".to_owned();
        Some(leg.ticket)
    });
    breaks(ledger, diary, 11, "nobody was asked in its place", |l| {
        let leg = l
            .legs
            .values()
            .find(|leg| leg.state == "returned" && ledger.tickets[&leg.ticket].state == "closed")
            .unwrap()
            .clone();
        l.legs.retain(|_, other| other.ticket != leg.ticket || other.number <= leg.number);
        Some(leg.ticket)
    });
    breaks(ledger, diary, 12, "no more", |l| {
        let now = l.now;
        let ticket = l.tickets.values().find(|t| t.state == "open" && t.merged_into.is_none()).unwrap().clone();
        l.ended.insert(ticket.owner, now);
        Some(ticket.id)
    });
}
