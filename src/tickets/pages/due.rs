//! By when an answer is promised, as lists and pages say it.
use crate::kernel::page::Page;
use crate::kernel::time::Instant;
use crate::tickets::State;

/// The expected date in words.
#[derive(Debug, Clone)]
pub struct Due {
    pub text: String,
    /// Past, and somebody of ours must act.
    pub late: bool,
    /// For `<time datetime>`.
    pub machine: String,
}

/// The expected date of a ticket in a state; nothing once it is over.
pub fn due(page: &Page, state: State, expected_at: Instant) -> Due {
    let machine = expected_at.rfc3339();
    if state.is_over() {
        return Due { text: String::new(), late: false, machine };
    }
    Due { text: until(page, expected_at), late: expected_at < page.now, machine }
}

/// How long it is until an instant, or how long it is past.
pub fn until(page: &Page, at: Instant) -> String {
    let left = at.since(page.now);
    let (due, today) = (at.zoned(&page.zone), page.now.zoned(&page.zone));
    let days = due.date().since(today.date()).map_or(0, |span| i64::from(span.get_days()));
    if left.is_negative() && left.as_hours() > -48 {
        return page.t1("desk-due-late-hours", "n", -left.as_hours());
    }
    if left.is_negative() {
        return page.t1("desk-due-late-days", "n", -left.as_hours() / 24);
    }
    match days {
        0 => page.t1("desk-due-today", "time", due.strftime("%H:%M")),
        1 => page.t("desk-due-tomorrow"),
        n => page.t1("desk-due-days", "n", n),
    }
}
