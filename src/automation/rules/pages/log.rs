//! What rules did: each run with its steps, what failed, and a button to try it again.
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::super::model::StepKind;
use super::super::store::{Filter, LogRow, StepRow};
use super::super::words::event_words;
use super::super::{manage, store};
use super::{Choice, HERE};
use crate::kernel::Kernel;
use crate::kernel::codes;
use crate::kernel::page::{Page, html, page_of, see_other};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Form, Frame, Pressed};
use crate::kernel::time::Instant;

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route("/scrivania/automazioni/registro", web::get().to(show))
        .route("/scrivania/automazioni/registro/{id:\\d+}/riprova", web::post().to(again));
}

/// Runs on a page.
const SHOWN: i64 = 30;
const STATES: [&str; 6] = ["pending", "waiting", "held", "done", "failed", "stopped"];

#[derive(Debug, Clone, Deserialize)]
struct Asked {
    #[serde(default)]
    regola: String,
    #[serde(default)]
    stato: String,
    #[serde(default)]
    pratica: String,
    prima: Option<i64>,
}

struct StepLine {
    tone: &'static str,
    result: String,
    text: String,
    when: String,
}

struct RunLine {
    id: i64,
    rule: String,
    version: String,
    version_href: String,
    event: String,
    code: String,
    grouped: String,
    when: String,
    tone: &'static str,
    state: String,
    /// Why it stands as it does; may be empty.
    why: String,
    failed: bool,
    steps: Vec<StepLine>,
}

#[derive(Template)]
#[template(path = "rules/log.html")]
struct LogPage {
    page: Page,
    runs: Vec<RunLine>,
    rule: String,
    code: String,
    states: Vec<Choice>,
    filtered: bool,
    next: String,
}

/// A stable name in words; itself where the catalogues have none.
fn reason(page: &Page, code: &str) -> String {
    let key = format!("rules-because-{}", code.replace(['.', '_'], "-"));
    if page.language.has(&key) { page.t(&key) } else { code.to_owned() }
}

fn step_line(page: &Page, row: &StepRow) -> StepLine {
    let kind = StepKind::from_text(&row.kind).map(|kind| page.t(&format!("rules-step-{}", kind.key())));
    let kind = kind.unwrap_or_else(|| page.t("rules-step-gone"));
    let detail = match (row.result.as_str(), StepKind::from_text(&row.kind)) {
        ("waiting", _) => Instant::parse(&row.detail)
            .map(|at| page.t1("rules-waits-until", "when", page.datetime(&at)))
            .unwrap_or_default(),
        ("failed" | "skipped" | "ended", _) => reason(page, &row.detail),
        ("done", Some(StepKind::Notify)) if page.language.has(&format!("channel-{}", row.detail)) => {
            page.t(&format!("channel-{}", row.detail))
        }
        ("done", Some(StepKind::Notify)) => page.t1("rules-mails", "count", &row.detail),
        ("done", Some(StepKind::OpenChild)) => codes::grouped(&row.detail),
        ("done", Some(StepKind::Leg)) => page.t1("rules-leg-number", "number", &row.detail),
        ("done", Some(StepKind::StartClock)) => page.t(&format!("term-phase-{}", row.detail.replace('_', "-"))),
        ("done", Some(StepKind::WaitEvent)) if !row.detail.is_empty() => {
            let came = super::super::model::Trigger::from_text(&row.detail);
            came.map_or_else(|| reason(page, &row.detail), |event| event_words(event, page.language))
        }
        _ => row.detail.clone(),
    };
    StepLine {
        tone: match row.result.as_str() {
            "done" => "good",
            "failed" => "bad",
            "waiting" => "warn",
            _ => "plain",
        },
        result: page.t(&format!("rules-result-{}", row.result)),
        text: if detail.is_empty() { kind } else { format!("{kind}: {detail}") },
        when: page.datetime(&row.at),
    }
}

fn run_line(page: &Page, row: LogRow, steps: &[StepRow]) -> RunLine {
    let event = super::super::model::Trigger::from_text(&row.event_kind);
    let why = match row.state.as_str() {
        // Its last step says until when it waits.
        "waiting" => String::new(),
        _ if row.reason.is_empty() || row.reason == "came" => String::new(),
        _ => reason(page, &row.reason),
    };
    RunLine {
        id: row.id,
        version: page.t1("rules-version", "number", row.number),
        version_href: super::href(row.version_id),
        event: event.map(|e| page.t1("rules-log-event", "event", event_words(e, page.language))).unwrap_or_default(),
        grouped: codes::grouped(&row.code),
        when: page.datetime(&row.created_at),
        tone: match row.state.as_str() {
            "done" => "good",
            "failed" => "bad",
            "waiting" | "pending" | "held" => "warn",
            _ => "plain",
        },
        state: page.t(&format!("rules-run-{}", row.state)),
        why,
        failed: row.state == "failed",
        steps: steps.iter().filter(|step| step.run_id == row.id).map(|step| step_line(page, step)).collect(),
        rule: row.rule,
        code: row.code,
    }
}

async fn show(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::Administer)?;
    let page = frame.0.titled("rules-log");
    let asked = asked.into_inner();
    let code: String = asked.pratica.chars().filter(char::is_ascii_alphanumeric).collect();
    let filter = Filter {
        rule: asked.regola.trim().to_owned(),
        state: if STATES.contains(&asked.stato.as_str()) { asked.stato.clone() } else { String::new() },
        code: code.to_uppercase(),
        before: asked.prima.unwrap_or(i64::MAX),
    };
    let mut conn = kernel.db.read().await?;
    let (rows, more) = page_of(store::runs(&mut conn, &filter, SHOWN + 1).await?, SHOWN);
    let steps = match (rows.last(), rows.first()) {
        (Some(last), Some(first)) => store::steps_of(&mut conn, last.id, first.id).await?,
        _ => Vec::new(),
    };
    drop(conn);
    let before = rows.last().map(|row| row.id.to_string()).unwrap_or_default();
    let query = [
        ("regola", filter.rule.as_str()),
        ("stato", filter.state.as_str()),
        ("pratica", filter.code.as_str()),
        ("prima", before.as_str()),
    ];
    let next = format!("{HERE}/registro?{}", serde_urlencoded::to_string(query).unwrap_or_default());
    let state = |name: &&'static str| Choice {
        label: page.t(&format!("rules-run-{name}")),
        chosen: filter.state == *name,
        value: (*name).to_owned(),
    };
    html(&LogPage {
        states: STATES.iter().map(state).collect(),
        filtered: !filter.rule.is_empty() || !filter.state.is_empty() || !filter.code.is_empty(),
        runs: rows.into_iter().map(|row| run_line(&page, row, &steps)).collect(),
        next: if more { next } else { String::new() },
        rule: filter.rule,
        code: filter.code,
        page,
    })
}

async fn again(
    kernel: web::Data<Kernel>,
    caller: Caller,
    id: web::Path<i64>,
    _guard: Form<Pressed>,
) -> Result<HttpResponse, Problem> {
    manage::retry(&kernel, &caller.0, *id).await?;
    Ok(see_other("/scrivania/automazioni/registro?stato="))
}
