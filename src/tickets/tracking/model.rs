//! A ticket in plain words.
use crate::kernel::language::Language;
use crate::kernel::page::Page;
use crate::kernel::time::Instant;
use crate::tickets::{State, Ticket};

/// One step of a request's way.
#[derive(Debug, Clone)]
pub struct Step {
    /// `done`, `now` or `next`.
    pub stage: &'static str,
    pub title: String,
    /// When, or by when; may be empty.
    pub text: String,
}

/// Suffix of the message keys of a state.
const fn suffix(state: State) -> &'static str {
    match state {
        State::New => "new",
        State::Open => "open",
        State::WaitingCitizen => "waiting",
        State::Referred => "referred",
        State::Resolved => "resolved",
        State::Closed => "closed",
    }
}

/// The state in two or three words.
pub fn state_text(language: Language, state: State) -> String {
    language.text(&format!("track-state-{}", suffix(state)))
}

/// What the state means for the citizen.
pub fn state_meaning(language: Language, state: State) -> String {
    language.text(&format!("track-meaning-{}", suffix(state)))
}

/// The way of a request from its arrival to its end.
pub fn steps(page: &Page, ticket: &Ticket, answered_at: Option<Instant>, closes_at: Option<Instant>) -> Vec<Step> {
    let step = |stage, key: &str, text: String| Step { stage, title: page.t(key), text };
    let state = ticket.state;
    let over = state.is_over();
    let mut steps = vec![step(
        if state == State::New { "now" } else { "done" },
        "track-step-received",
        page.datetime(&ticket.opened_at),
    )];
    let working = match state {
        State::New => "next",
        State::Open => "now",
        State::WaitingCitizen | State::Referred | State::Resolved | State::Closed => "done",
    };
    steps.push(step(working, "track-step-working", String::new()));
    match state {
        State::WaitingCitizen => steps.push(step("now", "track-step-waiting", String::new())),
        State::Referred => steps.push(step("now", "track-step-referred", String::new())),
        State::New | State::Open | State::Resolved | State::Closed => {}
    }
    if over {
        let when = answered_at.map(|at| page.datetime(&at)).unwrap_or_default();
        let answered = if state == State::Resolved { "now" } else { "done" };
        if answered_at.is_some() || state == State::Resolved {
            steps.push(step(answered, "track-step-answered", when));
        }
        if let Some(at) = ticket.closed_at {
            steps.push(step("now", "track-step-closed", page.datetime(&at)));
        } else if let Some(at) = closes_at {
            let by = page.t1("track-step-closes-on", "date", page.date(&at));
            steps.push(step("next", "track-step-closes", by));
        }
    } else {
        let by = page.t1("track-step-by", "date", page.date(&ticket.expected_at));
        steps.push(step("next", "track-step-answer", by));
    }
    steps
}
