//! The event log and the raw rows, read past the program: all that an auditor is given.
use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::play::SECRET;
use crate::support::*;

#[derive(Debug, Clone)]
pub struct Event {
    pub id: i64,
    pub at: i64,
    pub kind: String,
    pub ticket: Option<i64>,
    pub actor: String,
    pub data: Value,
}

#[derive(Debug, Clone, Default)]
pub struct Ticket {
    pub id: i64,
    pub code: String,
    pub version: i64,
    pub state: String,
    pub owner: i64,
    pub person: Option<i64>,
    pub merged_into: Option<i64>,
}

#[derive(Debug, Clone, Default)]
pub struct Contact {
    pub id: i64,
    pub ticket: i64,
    pub direction: String,
    pub leg: Option<i64>,
    pub public: bool,
    pub automatic: bool,
    pub author: Option<i64>,
    pub raw: Option<i64>,
    pub from: String,
    pub secret: bool,
    pub created_at: i64,
    pub has_text: bool,
}

#[derive(Debug, Clone, Default)]
pub struct Leg {
    pub id: i64,
    pub ticket: i64,
    pub number: i64,
    pub unit: i64,
    pub kind: String,
    pub state: String,
    pub follows: Option<i64>,
}

#[derive(Debug, Clone, Default)]
pub struct Raw {
    pub id: i64,
    pub account: String,
    pub name: String,
    pub state: String,
    pub contact: Option<i64>,
}

#[derive(Debug, Clone, Default)]
pub struct Message {
    pub id: i64,
    pub purpose: String,
    pub ticket: Option<i64>,
    pub contact: Option<i64>,
    pub leg: Option<i64>,
    pub recipient: String,
    pub secret: bool,
    pub created_at: i64,
}

#[derive(Debug, Clone, Default)]
pub struct UnitVersion {
    pub unit: i64,
    pub from: i64,
    pub kind: String,
    pub scope: String,
    pub own: bool,
}

#[derive(Debug, Clone, Default)]
pub struct Clock {
    pub ticket: i64,
    pub leg: i64,
    pub phase: String,
    pub round: i64,
    pub calendar: i64,
    pub started_at: i64,
    pub amount: i64,
    pub unit: String,
    pub roll: String,
    pub state: String,
    pub due_at: Option<i64>,
    pub ended_at: Option<i64>,
    pub missed_at: Option<i64>,
    /// Its calendar changed, or it stood still.
    pub bent: bool,
}

/// How a ticket is closed now.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Closure {
    pub day: String,
    pub channel: String,
    pub category: i64,
    pub unit: i64,
    pub strict: bool,
    pub wide: bool,
}

/// Everything.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    pub now: i64,
    pub events: Vec<Event>,
    pub tickets: BTreeMap<i64, Ticket>,
    pub contacts: BTreeMap<i64, Contact>,
    pub legs: BTreeMap<i64, Leg>,
    pub raws: Vec<Raw>,
    pub messages: Vec<Message>,
    pub units: Vec<UnitVersion>,
    /// End of units that ended.
    pub ended: HashMap<i64, i64>,
    pub clocks: Vec<Clock>,
    pub pauses: Vec<(i64, i64)>,
    pub closures: BTreeMap<i64, Closure>,
    pub roles: HashMap<i64, String>,
    /// Addresses and numbers by person, merged ones with whom they were.
    pub identifiers: HashMap<i64, Vec<String>>,
    /// Ticket, other, kind.
    pub links: Vec<(i64, i64, String)>,
    /// Child, parent, from, until.
    pub parents: Vec<(i64, i64, i64, Option<i64>)>,
    pub calendars: HashMap<i64, Value>,
    pub slugs: HashMap<i64, String>,
}

/// Separates columns.
const MARK: char = '\u{1f}';

async fn rows(t: &TestApp, columns: &[&str], rest: &str) -> Vec<Vec<String>> {
    let columns: Vec<String> = columns.iter().map(|c| format!("COALESCE(CAST({c} AS TEXT), '')")).collect();
    let sql = format!("SELECT {} FROM {rest}", columns.join(&format!(" || '{MARK}' || ")));
    t.texts(&sql).await.into_iter().map(|row| row.split(MARK).map(str::to_owned).collect()).collect()
}

fn number(text: &str) -> i64 {
    text.parse().unwrap_or_else(|_| panic!("{text:?} is no number"))
}

fn some(text: &str) -> Option<i64> {
    (!text.is_empty()).then(|| number(text))
}

fn flag(text: &str) -> bool {
    matches!(text, "1" | "true" | "t")
}

impl Ledger {
    /// Reads it all.
    pub async fn read(t: &TestApp) -> Self {
        let secret = |column: &str| format!("CASE WHEN {column} LIKE '%{SECRET}%' THEN 1 ELSE 0 END");
        let events = rows(t, &["id", "at", "kind", "ticket_id", "actor", "data"], "events ORDER BY txid, id").await;
        let tickets =
            rows(t, &["id", "code", "version", "state", "owner_unit_id", "person_id", "merged_into_id"], "tickets")
                .await;
        let body = secret("body");
        let contacts = rows(
            t,
            &[
                "id",
                "ticket_id",
                "direction",
                "leg_id",
                "public",
                "automatic",
                "author_id",
                "raw_id",
                "LOWER(from_address)",
                &body,
                "created_at",
                "CASE WHEN LENGTH(body) > 0 THEN 1 ELSE 0 END",
            ],
            "contacts",
        )
        .await;
        let legs = rows(t, &["id", "ticket_id", "number", "unit_id", "kind", "state", "follows_id"], "legs").await;
        let raws = rows(t, &["id", "account", "external_id", "state", "contact_id"], "raw_items").await;
        let payload = secret("payload");
        let messages = rows(
            t,
            &[
                "id",
                "purpose",
                "ticket_id",
                "contact_id",
                "leg_id",
                "LOWER(recipient)",
                "state",
                &payload,
                "created_at",
            ],
            "outbox",
        )
        .await;
        let units = rows(
            t,
            &[
                "v.unit_id",
                "v.from_at",
                "v.kind",
                "CASE WHEN v.scope = '' THEN a.slug ELSE v.scope END",
                "CASE WHEN a.kind = 'own' THEN 1 ELSE 0 END",
            ],
            "unit_versions v JOIN agencies a ON a.id = v.agency_id ORDER BY v.from_at",
        )
        .await;
        let ended = rows(t, &["id", "valid_to", "slug"], "units").await;
        let clocks = rows(
            t,
            &["id", "ticket_id", "leg_id", "phase", "round", "calendar_id", "started_at", "amount", "unit", "roll", "state",
                "due_at", "ended_at", "missed_at",
                "(SELECT COUNT(*) FROM clock_pauses p WHERE p.clock_id = clocks.id) + (SELECT COUNT(*) FROM clock_moves m WHERE m.clock_id = clocks.id)"],
            "clocks ORDER BY id",
        )
        .await;
        let pauses = rows(t, &["k.ticket_id", "p.from_at"], "clock_pauses p JOIN clocks k ON k.id = p.clock_id").await;
        let closures =
            rows(t, &["ticket_id", "day", "channel", "category_id", "unit_id", "strict", "wide"], "closures").await;
        let roles = rows(t, &["id", "role"], "users").await;
        let identifiers = rows(t, &["person_id", "LOWER(value)"], "identifiers").await;
        let links = rows(t, &["ticket_id", "other_id", "kind"], "ticket_links").await;
        let parents = rows(t, &["child_id", "parent_id", "attached_at", "detached_at"], "ticket_parents").await;
        let calendars = rows(t, &["calendar_id", "body"], "calendar_versions").await;
        // What was stored with its contact is named by it; what was stored before names it.
        let by_raw: HashMap<String, i64> =
            contacts.iter().filter(|r| !r[7].is_empty()).map(|r| (r[7].clone(), number(&r[0]))).collect();
        let mut known: HashMap<i64, Vec<String>> = HashMap::new();
        for row in identifiers {
            known.entry(number(&row[0])).or_default().push(row[1].clone());
        }
        Self {
            now: t.kernel.now().0,
            events: events
                .into_iter()
                .map(|r| Event {
                    id: number(&r[0]),
                    at: number(&r[1]),
                    kind: r[2].clone(),
                    ticket: some(&r[3]),
                    actor: r[4].clone(),
                    data: serde_json::from_str(&r[5]).unwrap_or_default(),
                })
                .collect(),
            tickets: tickets
                .into_iter()
                .map(|r| Ticket {
                    id: number(&r[0]),
                    code: r[1].clone(),
                    version: number(&r[2]),
                    state: r[3].clone(),
                    owner: number(&r[4]),
                    person: some(&r[5]),
                    merged_into: some(&r[6]),
                })
                .map(|t| (t.id, t))
                .collect(),
            contacts: contacts
                .into_iter()
                .map(|r| Contact {
                    id: number(&r[0]),
                    ticket: number(&r[1]),
                    direction: r[2].clone(),
                    leg: some(&r[3]),
                    public: flag(&r[4]),
                    automatic: !r[5].is_empty(),
                    author: some(&r[6]),
                    raw: some(&r[7]),
                    from: r[8].clone(),
                    secret: flag(&r[9]),
                    created_at: number(&r[10]),
                    has_text: flag(&r[11]),
                })
                .map(|c| (c.id, c))
                .collect(),
            legs: legs
                .into_iter()
                .map(|r| Leg {
                    id: number(&r[0]),
                    ticket: number(&r[1]),
                    number: number(&r[2]),
                    unit: number(&r[3]),
                    kind: r[4].clone(),
                    state: r[5].clone(),
                    follows: some(&r[6]),
                })
                .map(|l| (l.id, l))
                .collect(),
            raws: raws
                .into_iter()
                .map(|r| Raw {
                    id: number(&r[0]),
                    account: r[1].clone(),
                    name: r[2].clone(),
                    state: r[3].clone(),
                    contact: some(&r[4]).or_else(|| by_raw.get(&r[0]).copied()),
                })
                .collect(),
            messages: messages
                .into_iter()
                .map(|r| Message {
                    id: number(&r[0]),
                    purpose: r[1].clone(),
                    ticket: some(&r[2]),
                    contact: some(&r[3]),
                    leg: some(&r[4]),
                    recipient: r[5].clone(),
                    secret: flag(&r[7]),
                    created_at: number(&r[8]),
                })
                .collect(),
            units: units
                .into_iter()
                .map(|r| UnitVersion {
                    unit: number(&r[0]),
                    from: number(&r[1]),
                    kind: r[2].clone(),
                    scope: r[3].clone(),
                    own: flag(&r[4]),
                })
                .collect(),
            ended: ended.iter().filter_map(|r| Some((number(&r[0]), some(&r[1])?))).collect(),
            slugs: ended.iter().map(|r| (number(&r[0]), r[2].clone())).collect(),
            clocks: clocks
                .into_iter()
                .map(|r| Clock {
                    ticket: number(&r[1]),
                    leg: number(&r[2]),
                    phase: r[3].clone(),
                    round: number(&r[4]),
                    calendar: number(&r[5]),
                    started_at: number(&r[6]),
                    amount: number(&r[7]),
                    unit: r[8].clone(),
                    roll: r[9].clone(),
                    state: r[10].clone(),
                    due_at: some(&r[11]),
                    ended_at: some(&r[12]),
                    missed_at: some(&r[13]),
                    bent: r[14] != "0",
                })
                .collect(),
            pauses: pauses.iter().map(|r| (number(&r[0]), number(&r[1]))).collect(),
            closures: closures
                .into_iter()
                .map(|r| {
                    let closure = Closure {
                        day: r[1].clone(),
                        channel: r[2].clone(),
                        category: number(&r[3]),
                        unit: number(&r[4]),
                        strict: flag(&r[5]),
                        wide: flag(&r[6]),
                    };
                    (number(&r[0]), closure)
                })
                .collect(),
            roles: roles.into_iter().map(|r| (number(&r[0]), r[1].clone())).collect(),
            identifiers: known,
            links: links.into_iter().map(|r| (number(&r[0]), number(&r[1]), r[2].clone())).collect(),
            parents: parents.iter().map(|r| (number(&r[0]), number(&r[1]), number(&r[2]), some(&r[3]))).collect(),
            calendars: calendars.into_iter().map(|r| (number(&r[0]), serde_json::from_str(&r[1]).unwrap())).collect(),
        }
    }

    /// Code of a ticket, to name it.
    pub fn code(&self, ticket: i64) -> String {
        self.tickets.get(&ticket).map_or_else(|| format!("#{ticket}"), |t| t.code.clone())
    }

    /// A unit as it was at an instant.
    pub fn unit_at(&self, unit: i64, at: i64) -> Option<&UnitVersion> {
        let of: Vec<&UnitVersion> = self.units.iter().filter(|v| v.unit == unit).collect();
        of.iter().rev().find(|v| v.from <= at).or_else(|| of.first()).copied()
    }
}
