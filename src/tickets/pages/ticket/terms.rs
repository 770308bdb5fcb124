//! The terms of the ticket and its legs, as the page shows them.
use crate::clocks::book::ProtocolVersion;
use crate::clocks::model::ClockPause;
use crate::clocks::store;
use crate::clocks::{Book, Clock, ClockState};
use crate::kernel::database::{Conn, StoreError};
use crate::kernel::page::Page;
use crate::tickets::pages::due::until;

/// A term in words, with what may be done about it.
#[derive(Debug)]
pub struct Term {
    pub id: i64,
    pub label: String,
    /// The protocol it comes from, and its rule of law.
    pub source: String,
    pub state: &'static str,
    pub state_label: String,
    /// `plain`, `good`, `warn` or `bad`.
    pub tone: &'static str,
    /// By when, or when it ended; empty while nobody knows.
    pub when: String,
    pub machine: String,
    /// How long is left, since when it is suspended, or why it ended.
    pub note: String,
    /// What silence means once it is over; empty for nothing.
    pub silence: String,
    /// It is over, and what it asks for was done or given up.
    pub ended: bool,
    pub may_documents: bool,
    pub may_notice: bool,
    pub may_observe: bool,
    pub may_resume: bool,
    pub may_extend: bool,
    pub may_correct: bool,
}

/// The terms of a ticket: those owed first, by the day they are due.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_ticket(conn: &mut Conn, page: &Page, ticket: i64) -> Result<Vec<Term>, StoreError> {
    let mut clocks = store::of_ticket(conn, ticket).await?;
    if clocks.is_empty() {
        return Ok(Vec::new());
    }
    let book = Book::read(conn, &page.zone).await?;
    clocks.retain(|k| !matches!(k.reason.as_str(), "reclassified" | "mistaken"));
    clocks.sort_by_key(|k| (!k.is_owed(), k.due_at.is_none(), k.due_at, k.id));
    let mut terms = Vec::with_capacity(clocks.len());
    for mut clock in clocks {
        let pauses = store::pauses(conn, clock.id).await?;
        // What became due a moment ago is not shown as if there were time left.
        clock.pass(page.now);
        terms.push(term(page, &clock, &pauses, book.version(clock.version_id)));
    }
    Ok(terms)
}

fn kebab(text: &str) -> String {
    text.replace('_', "-")
}

fn term(page: &Page, clock: &Clock, pauses: &[ClockPause], version: Option<&ProtocolVersion>) -> Term {
    let body = version.map(|v| &v.body);
    let phase = page.t(&format!("term-phase-{}", kebab(clock.phase.as_str())));
    let label = if clock.leg_id == 0 { phase } else { page.t1("term-of-leg", "phase", phase) };
    let holding = pauses.iter().find(|p| p.from_at <= page.now && p.until_at.is_none_or(|until| page.now < until));
    let by_hand = holding.filter(|p| p.reason != "citizen");
    let live = clock.is_live();
    let left = clock.due_at.map(|due| until(page, due)).unwrap_or_default();
    let (tone, note) = match clock.state {
        ClockState::Running if clock.warned_at.is_some() => ("warn", left),
        ClockState::Running => ("plain", left),
        ClockState::Suspended => ("note", suspended(page, clock, holding)),
        ClockState::Met => ("good", reason(page, clock)),
        ClockState::Missed if clock.is_owed() => ("bad", left),
        ClockState::Missed => {
            let ended = clock.ended_at.map(|at| page.datetime(&at)).unwrap_or_default();
            ("bad", page.t1("term-done-late", "when", ended))
        }
        ClockState::Cancelled => ("plain", reason(page, clock)),
    };
    let shown =
        if matches!(clock.state, ClockState::Met | ClockState::Cancelled) { clock.ended_at } else { clock.due_at };
    let documents = body
        .is_some_and(|b| b.documents_days > 0 && !(b.documents_once && pauses.iter().any(|p| p.reason == "documents")));
    Term {
        id: clock.id,
        label,
        source: body.map(|b| if b.source.is_empty() { b.name.clone() } else { b.source.clone() }).unwrap_or_default(),
        state: clock.state.as_str(),
        state_label: page.t(&format!("term-state-{}", clock.state.as_str())),
        tone,
        when: shown
            .map(|at| if clock.unit.is_days() { page.date(&at) } else { page.datetime(&at) })
            .unwrap_or_default(),
        machine: shown.map(|at| at.rfc3339()).unwrap_or_default(),
        note,
        silence: body.filter(|_| clock.phase.is_final()).map(|b| b.silence.clone()).unwrap_or_default(),
        ended: !clock.is_owed(),
        may_documents: live && by_hand.is_none() && documents,
        may_notice: live && by_hand.is_none() && clock.phase.is_final() && body.is_some_and(|b| b.notice_days > 0),
        may_observe: live && by_hand.is_some_and(|p| p.reason == "notice"),
        may_resume: live && by_hand.is_some(),
        may_extend: live,
        may_correct: clock.state == ClockState::Missed,
    }
}

/// Since when and for what it is suspended, and what is left.
fn suspended(page: &Page, clock: &Clock, holding: Option<&ClockPause>) -> String {
    let left = clock.left_over.unwrap_or(0);
    let left = if clock.unit.is_days() {
        page.t1("term-left-days", "n", left)
    } else {
        page.t1("term-left-hours", "n", left / 3_600_000_000)
    };
    let Some(pause) = holding else { return left };
    let why = page.t(&format!("term-pause-{}", pause.reason));
    let since = page.date(&pause.from_at);
    let first = match pause.until_at {
        Some(until) => {
            let values = [("why", why), ("since", since), ("until", page.date(&until))];
            page.language.text_with("term-suspended-until", &values)
        }
        None => page.t2("term-suspended-since", "why", why, "since", since),
    };
    format!("{first} {left}")
}

fn reason(page: &Page, clock: &Clock) -> String {
    if clock.reason.is_empty() {
        return String::new();
    }
    page.t(&format!("term-reason-{}", kebab(&clock.reason)))
}
