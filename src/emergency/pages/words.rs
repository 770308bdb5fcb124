//! What an emergency changes, and what went wrong, in the reader's words.
use crate::emergency::EmergencyError;
use crate::emergency::model::{Changes, LeftAlone, Plan};
use crate::kernel::events::Actor;
use crate::kernel::page::Page;

/// A line of what changes: a heading and what stands under it.
pub struct Effect {
    pub title: String,
    pub items: Vec<String>,
}

/// All that a plan does, by heading; what it leaves alone is not named.
pub fn effects(page: &Page, plan: &Plan, changes: &Changes) -> Vec<Effect> {
    let mut all = Vec::new();
    let mut add = |key: &str, items: Vec<String>| {
        if !items.is_empty() {
            all.push(Effect { title: page.t(key), items });
        }
    };
    let texts = |texts: &[&String]| texts.iter().filter(|t| !t.is_empty()).map(|t| (*t).clone()).collect::<Vec<_>>();
    add("emergency-effect-banner", texts(&[&plan.banner, &plan.banner_en]));
    add("emergency-effect-desk", texts(&[&plan.desk, &plan.desk_en]));
    let phone = &plan.phone;
    add("emergency-effect-phone", texts(&[&phone.welcome, &phone.welcome_en, &phone.message, &phone.message_en]));
    if plan.always_open {
        add("emergency-effect-hours", vec![page.t("emergency-always-open")]);
    }
    let class = |change: &crate::emergency::model::ClassChange| {
        let name = change.applied.name_in(page.language);
        let sends = changes.rules.iter().any(|rule| rule.when.categories.contains(&change.applied.slug));
        match (sends, &change.applied.unit) {
            (true, Some(unit)) => {
                page.t2("emergency-class-sent", "class", name, "unit", unit_name(plan, changes, unit))
            }
            _ => name.to_owned(),
        }
    };
    add("emergency-effect-classes", changes.classes.iter().map(class).collect());
    let unit = |unit: &crate::emergency::model::UnitChange| format!("{} ({})", unit.name, unit.email);
    add("emergency-effect-units", changes.units.iter().map(unit).collect());
    add("emergency-effect-calendars", changes.calendars.iter().map(|calendar| calendar.name.clone()).collect());
    all
}

fn unit_name(plan: &Plan, changes: &Changes, slug: &str) -> String {
    let opened = changes.units.iter().find(|unit| unit.slug == slug).map(|unit| unit.name.clone());
    let body = || plan.bodies.iter().find(|body| body.slug == slug).map(|body| body.name.clone());
    opened.or_else(body).unwrap_or_else(|| slug.to_owned())
}

/// What an end did not take back.
pub fn left(page: &Page, left: &[LeftAlone]) -> Vec<String> {
    left.iter().map(|one| page.t1(&format!("emergency-left-{}", one.what), "name", &one.name)).collect()
}

/// Who did something: the user's name, or what acted.
pub fn who(page: &Page, actor: &str, name: Option<&str>) -> String {
    match (name, Actor::from_text(actor)) {
        (Some(name), _) => name.to_owned(),
        (None, Actor::System) => page.t("emergency-by-command"),
        (None, _) => page.t("emergency-by-program"),
    }
}

/// A fault of a form: which field, and what to do about it.
pub struct Fault {
    pub field: String,
    pub message: String,
}

/// Why something was refused, for whoever fills the form; `None` for errors that no form explains.
pub fn faults(page: &Page, error: &EmergencyError) -> Option<Vec<Fault>> {
    let one = |field: &str, key: &str| vec![Fault { field: field.to_owned(), message: page.t(key) }];
    match error {
        EmergencyError::Invalid(faults) => {
            Some(faults.iter().map(|(field, wrong)| fault(page, field, wrong)).collect())
        }
        EmergencyError::Format(why) => {
            Some(vec![Fault { field: "file".to_owned(), message: page.t1("emergency-wrong-file", "why", why) }])
        }
        EmergencyError::Running => Some(one("reason", "emergency-wrong-running")),
        EmergencyError::NotRunning => Some(one("reason", "emergency-wrong-not-running")),
        EmergencyError::Stale(_) => Some(one("name", "emergency-wrong-stale")),
        EmergencyError::Missing
        | EmergencyError::Forbidden(_)
        | EmergencyError::Store(_)
        | EmergencyError::Tried(_) => None,
    }
}

fn fault(page: &Page, field: &str, wrong: &str) -> Fault {
    let mut parts = field.splitn(3, '-');
    let message = match (parts.next(), parts.next().and_then(|n| n.parse::<usize>().ok()), parts.next()) {
        (Some("class"), Some(n), Some(name)) => {
            let text = page.t(&format!("emergency-wrong-{name}"));
            format!("{}: {text}", page.t1("emergency-class-number", "n", n + 1))
        }
        (Some("body"), Some(n), Some(name)) => {
            let text = page.t(&format!("emergency-wrong-{name}"));
            format!("{}: {text}", page.t1("emergency-body-number", "n", n + 1))
        }
        _ if field.starts_with("calendars.") => page.t("emergency-wrong-calendar"),
        _ if field.starts_with("bodies.") => page.t1("emergency-wrong-closed", "unit", field.replace("bodies.", "")),
        _ if field.starts_with("rules.") => page.t("emergency-wrong-rule"),
        _ if wrong == "too_long" => page.t("emergency-wrong-too-long"),
        _ if matches!(field, "name" | "reason" | "confirm" | "phone-class" | "slug") => {
            page.t(&format!("emergency-wrong-{field}"))
        }
        _ => page.t2("emergency-wrong-other", "field", field, "wrong", wrong),
    };
    Fault { field: field.to_owned(), message }
}
