//! What a subscription is, without I/O.
use reqwest::Url;
use serde_json::{Map, Value};
use sqlx::FromRow;

use super::SubscriptionError;
use crate::kernel::references::is_reference;
use crate::kernel::time::Instant;

/// The kinds of events that other systems may be told of.
pub const KINDS: [&str; 19] = [
    "ticket.opened",
    "ticket.taken",
    "ticket.classified",
    "ticket.handed_over",
    "ticket.waiting",
    "ticket.resolved",
    "ticket.reopened",
    "ticket.closed",
    "contact.received",
    "contact.sent",
    "leg.sent",
    "leg.accepted",
    "leg.asked",
    "leg.informed",
    "leg.answered",
    "leg.works_announced",
    "leg.works_done",
    "leg.refused",
    "leg.recalled",
];

/// What of a ticket may go along.
pub const SHOWN: [&str; 3] = ["subject", "text", "citizen"];

/// Fields of events that say something to others: everything else is row ids.
const TELLING: [&str; 12] = [
    "number",
    "leg_kind",
    "external",
    "open_legs",
    "late",
    "outcome",
    "channel",
    "kind",
    "state",
    "language",
    "sheet",
    "resolved",
];

/// A subscription as stored.
#[derive(Debug, Clone, Default, FromRow)]
pub struct Subscription {
    pub id: i64,
    pub name: String,
    pub url: String,
    /// A reference.
    pub secret: String,
    /// Separated by spaces.
    pub kinds: String,
    /// Slug; empty for all.
    pub category: String,
    /// Slug; empty for all.
    pub unit: String,
    /// Separated by spaces.
    pub shows: String,
    pub enabled: bool,
    pub failing_since: Option<Instant>,
    pub suspended_at: Option<Instant>,
    pub last_error: String,
    pub version: i64,
    pub created_at: Instant,
}

impl Subscription {
    /// Whether it asks for events of a kind.
    pub fn wants(&self, kind: &str) -> bool {
        self.enabled && self.kinds.split_whitespace().any(|one| one == kind)
    }

    /// Whether a part of a ticket goes along.
    pub fn shows(&self, part: &str) -> bool {
        self.shows.split_whitespace().any(|one| one == part)
    }

    /// Whether it asks for tickets of a category (or below it) and of a unit.
    pub fn concerns(&self, category: &str, units: &[&str]) -> bool {
        let below = |wanted: &str| category == wanted || category.starts_with(&format!("{wanted}/"));
        (self.category.is_empty() || below(&self.category))
            && (self.unit.is_empty() || units.contains(&self.unit.as_str()))
    }
}

/// Of an event's data, what says something to others.
pub fn telling(data: &Value) -> Map<String, Value> {
    let fields = data.as_object().cloned().unwrap_or_default();
    fields.into_iter().filter(|(name, value)| TELLING.contains(&name.as_str()) && !value.is_object()).collect()
}

/// Checks a subscription.
///
/// # Errors
/// Names the first field at fault.
pub fn tidy(mut new: Subscription) -> Result<Subscription, SubscriptionError> {
    let wrong = |field, wrong| Err(SubscriptionError::Invalid { field, wrong });
    new.name = new.name.trim().to_owned();
    new.url = new.url.trim().to_owned();
    new.secret = new.secret.trim().to_owned();
    if new.name.is_empty() || new.name.chars().count() > 100 {
        return wrong("name", "missing");
    }
    if !Url::parse(&new.url).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.host().is_some()) {
        return wrong("url", "url");
    }
    if !is_reference(&new.secret) {
        return wrong("secret", "secret");
    }
    let known = |text: &str, all: &[&str]| text.split_whitespace().all(|one| all.contains(&one));
    if new.kinds.trim().is_empty() || !known(&new.kinds, &KINDS) {
        return wrong("kinds", "kinds");
    }
    if !known(&new.shows, &SHOWN) {
        return wrong("shows", "unknown");
    }
    Ok(new)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_subscription_asks_for_its_category_and_those_below_and_for_its_unit() {
        let all = Subscription::default();
        assert!(all.concerns("", &[]) && all.concerns("anagrafe", &["a"]));
        let some = Subscription { category: "anagrafe".into(), unit: "sport".into(), ..Subscription::default() };
        assert!(some.concerns("anagrafe/carta", &["altro", "sport"]));
        assert!(!some.concerns("anagrafe-estera", &["sport"]) && !some.concerns("anagrafe", &["altro"]));
    }

    #[test]
    fn row_ids_and_what_nobody_knows_are_not_told() {
        let told =
            telling(&json!({"leg": 4, "contact": 9, "number": 1, "leg_kind": "inquiry", "by": "x", "state": {}}));
        assert_eq!(Value::Object(told), json!({"number": 1, "leg_kind": "inquiry"}));
    }
}
