//! The lists agents work from, paged by key, with counts kept by a feed reader.
use std::collections::BTreeMap;

use async_trait::async_trait;
use serde::Deserialize;
use sqlx::FromRow;

use super::model::{Channel, Facets, RequestKind, State};
use crate::kernel::database::{Conn, StoreError, Tx};
use crate::kernel::events::{Event, Reader};
use crate::kernel::permissions::Principal;
use crate::kernel::time::Instant;

mod store;

use store::Walk;
pub use store::rebuild;

/// A list of the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Queue {
    /// Nobody has looked at them: oldest first, so that none is forgotten (C24).
    New,
    /// Mine, in work.
    Mine,
    /// In work at my units.
    Unit,
    /// Waiting for a back office.
    Referred,
    /// Waiting for the citizen.
    Waiting,
}

impl Queue {
    /// All queues in the order of the desk.
    pub const ALL: [Self; 5] = [Self::New, Self::Mine, Self::Unit, Self::Referred, Self::Waiting];

    /// Name in forms and message keys.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Mine => "mine",
            Self::Unit => "unit",
            Self::Referred => "referred",
            Self::Waiting => "waiting",
        }
    }

    /// Reads the name.
    pub fn from_text(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|q| q.as_str() == text)
    }

    /// The word of its page's address.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::New => "nuove",
            Self::Mine => "mie",
            Self::Unit => "struttura",
            Self::Referred => "inviate",
            Self::Waiting => "in-attesa",
        }
    }

    /// Reads the word.
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|q| q.slug() == slug)
    }

    const fn states(self) -> &'static [State] {
        match self {
            Self::New => &[State::New],
            Self::Mine => &[State::Open, State::Referred, State::WaitingCitizen],
            Self::Unit => &[State::Open],
            Self::Referred => &[State::Referred],
            Self::Waiting => &[State::WaitingCitizen],
        }
    }
}

/// A line of a list.
#[derive(Debug, Clone, FromRow)]
pub struct QueueRow {
    pub id: i64,
    pub code: String,
    #[sqlx(try_from = "String")]
    pub state: State,
    pub subject: String,
    pub channel: String,
    pub kind: String,
    pub category_id: Option<i64>,
    pub owner_unit_id: i64,
    pub assignee_id: Option<i64>,
    pub assignee_name: Option<String>,
    pub person_name: Option<String>,
    pub opened_at: Instant,
    pub touched_at: Instant,
    pub expected_at: Instant,
    /// The nearest term that is owed; `None` without one, or while it is suspended.
    pub due_at: Option<Instant>,
    /// Its rank; see [`Priority`](super::assignment::Priority).
    pub priority: i64,
    /// Its place in the order of work.
    pub work_key: i64,
}

/// The place of a ticket `t` in the order of work, as one number: by priority, then by the nearest term. The index
/// `tickets_work` holds the very same expression.
pub const WORK_KEY: &str = "(t.priority * 1000000000000000000 + COALESCE(t.due_at, t.expected_at))";

impl QueueRow {
    /// The key after which the next page begins.
    pub fn key(&self, order: Order) -> PageKey {
        let touched_at = match order {
            Order::Work => Instant(self.work_key),
            Order::Due => self.due_at.unwrap_or(self.touched_at),
            Order::Oldest | Order::Newest => self.touched_at,
        };
        PageKey { touched_at, id: self.id }
    }
}

/// In which order a queue is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// Those longest untouched first.
    #[default]
    Oldest,
    /// The last touched first.
    Newest,
    /// By the nearest term, the soonest first; only tickets that owe one.
    Due,
    /// By priority, then by the nearest term: the order in which tickets are given out.
    Work,
}

/// Where a page of a list begins: after this row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct PageKey {
    /// In the order of terms: when the nearest is due; in the order of work: its place there.
    pub touched_at: Instant,
    pub id: i64,
}

impl PageKey {
    /// As one word for an address: `1700000000000000.42`.
    pub fn to_text(self) -> String {
        format!("{}.{}", self.touched_at.0, self.id)
    }

    /// Reads the word.
    pub fn from_text(text: &str) -> Option<Self> {
        let (at, id) = text.split_once('.')?;
        Some(Self { touched_at: Instant(at.parse().ok()?), id: id.parse().ok()? })
    }
}

/// A page of a list and where the next begins.
#[derive(Debug, Clone)]
pub struct QueuePage {
    pub rows: Vec<QueueRow>,
    pub next: Option<PageKey>,
}

/// Rows on one page.
pub const PAGE: usize = 50;

/// Who has the tickets of a filtered queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assignee {
    Nobody,
    /// Row id.
    User(i64),
}

/// Which tickets of a queue are shown, and in which order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    pub channel: Option<Channel>,
    pub kind: Option<RequestKind>,
    /// Row ids: a category with those below it; empty for all.
    pub categories: Vec<i64>,
    pub assignee: Option<Assignee>,
    pub order: Order,
    /// Only those whose nearest term was due before this instant; in the order of terms only.
    pub due_before: Option<Instant>,
}

/// One page of a queue for a person, in the order of the filter.
///
/// # Errors
/// When the database cannot be read.
pub async fn page(
    conn: &mut Conn,
    who: &Principal,
    queue: Queue,
    filter: &Filter,
    after: Option<PageKey>,
) -> Result<QueuePage, StoreError> {
    let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let mut rows = Vec::new();
    for state in queue.states() {
        if queue == Queue::Mine {
            if let Some(user) = who.user_id {
                rows.extend(store::walk(conn, Walk::Assignee(user), *state, filter, after, limit).await?);
            }
        } else {
            // One indexed walk per unit, merged here: a single query over several units would sort them all.
            for unit in &who.units {
                rows.extend(store::walk(conn, Walk::Unit(*unit), *state, filter, after, limit).await?);
            }
        }
    }
    rows.sort_by_key(|r| (r.key(filter.order).touched_at, r.id));
    if filter.order == Order::Newest {
        rows.reverse();
    }
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let next = if more { rows.last().map(|row| row.key(filter.order)) } else { None };
    Ok(QueuePage { rows, next })
}

/// How many tickets are in each queue of a person.
///
/// # Errors
/// When the database cannot be read.
pub async fn counts(conn: &mut Conn, who: &Principal) -> Result<BTreeMap<&'static str, i64>, StoreError> {
    let rows = store::counts(conn).await?;
    let user = who.user_id.unwrap_or(-1);
    Ok(Queue::ALL
        .into_iter()
        .map(|queue| {
            let n = rows
                .iter()
                .filter(|row| {
                    let state = State::from_text(&row.state);
                    state.is_some_and(|s| queue.states().contains(&s))
                        && if queue == Queue::Mine { row.assignee_id == user } else { who.units.contains(&row.unit_id) }
                })
                .map(|row| row.n)
                .sum();
            (queue.as_str(), n)
        })
        .collect())
}

/// The feed reader that keeps the counts: each event of a ticket says what it was and what it became.
#[derive(Debug, Default)]
pub struct Counter;

#[derive(Deserialize)]
struct Move {
    from: Option<Facets>,
    to: Option<Facets>,
}

#[async_trait]
impl Reader for Counter {
    fn name(&self) -> &'static str {
        "queue-counts"
    }

    async fn apply(&self, tx: &mut Tx, events: &[Event]) -> Result<(), StoreError> {
        let mut deltas: BTreeMap<(i64, i64, &'static str), i64> = BTreeMap::new();
        for event in events.iter().filter(|e| e.ticket.is_some()) {
            let Some(Move { from, to }) = event.payload::<Move>() else { continue };
            if from == to {
                continue;
            }
            for (facets, by) in [(from, -1), (to, 1)] {
                if let Some(f) = facets {
                    *deltas.entry((f.unit, f.assignee, f.state.as_str())).or_default() += by;
                }
            }
        }
        for ((unit, assignee, state), by) in deltas.into_iter().filter(|(_, by)| *by != 0) {
            store::add(tx, unit, assignee, state, by).await?;
        }
        Ok(())
    }
}
