//! The history of a ticket in plain words, from the event feed.
use serde_json::Value;

use super::names::Names;
use super::words;
use crate::kernel::codes;
use crate::kernel::database::{Conn, StoreError};
use crate::kernel::events::{Actor, Event};
use crate::kernel::page::Page;
use crate::routing::because;

/// A line of the history.
#[derive(Debug)]
pub struct Line {
    pub at: String,
    pub when: String,
    pub text: String,
}

/// The events in words, newest first. A kind without words of its own is told by its name, so that nothing
/// that happened is hidden.
///
/// # Errors
/// When the names of colleagues cannot be read.
pub async fn lines(conn: &mut Conn, page: &Page, names: &mut Names, events: &[Event]) -> Result<Vec<Line>, StoreError> {
    let users = events.iter().filter_map(|e| match Actor::from_text(&e.actor) {
        Actor::User(id) => Some(id),
        Actor::System | Actor::Citizen | Actor::Leg(_) | Actor::Token(_) | Actor::Rule(_) => None,
    });
    let given = events.iter().flat_map(|e| {
        let data = e.data();
        [data["assignee"].as_i64(), data["assignee_before"].as_i64()].into_iter().flatten()
    });
    names.add_users(conn, users.chain(given).collect::<Vec<_>>()).await?;
    let runs = events.iter().filter_map(|e| match Actor::from_text(&e.actor) {
        Actor::Rule(id) => Some(id),
        Actor::System | Actor::User(_) | Actor::Citizen | Actor::Leg(_) | Actor::Token(_) => None,
    });
    names.add_rules(conn, runs.collect::<Vec<_>>()).await?;
    let mut lines = Vec::with_capacity(events.len());
    for event in events.iter().rev() {
        lines.push(Line {
            at: event.at.rfc3339(),
            when: words::moment(page, &event.at),
            text: text(page, names, event),
        });
    }
    Ok(lines)
}

/// Who did something, by name where there is one.
pub fn actor(page: &Page, names: &Names, actor: &str) -> String {
    match Actor::from_text(actor) {
        Actor::User(id) => names.user(id),
        Actor::System => page.t("desk-by-system"),
        Actor::Citizen => page.t("desk-by-citizen"),
        Actor::Leg(_) => page.t("desk-by-referent"),
        Actor::Token(_) => page.t("desk-by-program"),
        Actor::Rule(id) => page.t1("desk-by-rule", "rule", names.rule(id)),
    }
}

/// The term that an event names; empty without one.
fn term_phase(page: &Page, data: &Value) -> String {
    let phase = data["phase"].as_str();
    phase.map(|phase| page.t(&format!("term-phase-{}", phase.replace('_', "-")))).unwrap_or_default()
}

/// One event in words.
pub fn text(page: &Page, names: &Names, event: &Event) -> String {
    let data = event.data();
    let unit = |v: &Value| v.as_i64().map(|id| names.unit(id)).unwrap_or_default();
    let category = data["category"].as_i64().map(|id| names.category(id)).filter(|n| !n.is_empty());
    let plain =
        |v: &Value| v.as_str().map(str::to_owned).or_else(|| v.as_i64().map(|n| n.to_string())).unwrap_or_default();
    let values = [
        ("who", actor(page, names, &event.actor)),
        ("channel", data["channel"].as_str().map(|c| words::channel(page, c)).unwrap_or_default()),
        ("category", category.unwrap_or_else(|| page.t("desk-unclassified"))),
        ("unit", unit(&data["unit"])),
        ("before", unit(&data["unit_before"])),
        ("outcome", data["outcome"].as_str().map(|o| words::outcome(page, o)).unwrap_or_default()),
        ("number", plain(&data["number"])),
        ("other", data["other"].as_str().map(codes::grouped).unwrap_or_default()),
        ("kind", event.kind.clone()),
        ("rule", plain(&data["rule"])),
        ("because", because(&data, page.language)),
        ("phase", term_phase(page, &data)),
        ("assignee", data["assignee"].as_i64().map(|id| names.user(id)).unwrap_or_default()),
        ("holder", data["assignee_before"].as_i64().map(|id| names.user(id)).unwrap_or_default()),
        ("priority", data["priority"].as_str().map(|p| page.t(&format!("priority-{p}"))).unwrap_or_default()),
    ];
    let away = if data["absence"].is_i64() { "-away" } else { "" };
    let late = if data["late"].as_bool() == Some(true) { "-late" } else { "" };
    let key = format!("event-{}{late}{away}", event.kind.replace(['.', '_'], "-"));
    // Some events say nothing of who did them, because it is always the office; by a rule it matters which.
    let ruled = format!("{key}-rule");
    let key = match Actor::from_text(&event.actor) {
        Actor::Rule(_) if page.language.has(&ruled) => ruled,
        _ if page.language.has(&key) => key,
        _ => "event-other".to_owned(),
    };
    page.language.text_with(&key, &values)
}
