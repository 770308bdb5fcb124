//! What is in force with its end, the plans, what was, and the report of one emergency.
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::words::{self, Effect, Fault};
use super::{HERE, href};
use crate::emergency::formats::{EXAMPLE, Format};
use crate::emergency::model::Plan;
use crate::emergency::report::{self, Report};
use crate::emergency::store::{self, EmergencyRow};
use crate::emergency::{EmergencyError, end, save};
use crate::kernel::Kernel;
use crate::kernel::page::{Page, html, html_as, see_other};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Form, Frame};
use crate::protocols::slug_of;
use crate::routing::Routing;

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route(HERE, web::get().to(show))
        .route("/scrivania/emergenza/chiudi", web::post().to(close))
        .route("/scrivania/emergenza/importa", web::post().to(import))
        .route("/scrivania/emergenza/{id:\\d+}", web::get().to(one));
}

struct PlanLine {
    href: String,
    name: String,
    description: String,
    when: String,
}

struct PastLine {
    href: String,
    name: String,
    state: &'static str,
    state_label: String,
    when: String,
    reason: String,
}

struct InForce {
    name: String,
    since: String,
    machine: String,
    reason: String,
    report: String,
    effects: Vec<Effect>,
}

#[derive(Template)]
#[template(path = "emergency/overview.html")]
struct Overview {
    page: Page,
    running: Option<InForce>,
    plans: Vec<PlanLine>,
    past: Vec<PastLine>,
    faults: Vec<Fault>,
    reason: String,
    file: String,
    edits: bool,
}

/// What a refused form held.
#[derive(Default)]
struct Refused {
    faults: Vec<Fault>,
    reason: String,
    file: String,
}

async fn plan_of(kernel: &Kernel, row: &EmergencyRow) -> Result<Plan, EmergencyError> {
    let version = store::version(&mut kernel.db.read().await?, row.version_id).await?;
    Ok(version.ok_or(EmergencyError::Missing)?.plan()?)
}

fn title(page: &Page, plan: &Plan) -> String {
    let english = page.language == crate::kernel::language::Language::English && !plan.name_en.is_empty();
    if english { plan.name_en.clone() } else { plan.name.clone() }
}

async fn overview(kernel: &Kernel, page: Page, refused: Refused) -> Result<Overview, Problem> {
    let page = page.titled("emergency-title");
    let mut conn = kernel.db.read().await?;
    let (plans, all) = (store::plans(&mut conn).await?, store::emergencies(&mut conn).await?);
    drop(conn);
    let mut lines = Vec::with_capacity(plans.len());
    for row in &plans {
        let plan = row.plan()?;
        let when = page.t2("emergency-plan-version", "number", row.number, "day", page.date(&row.saved_at));
        lines.push(PlanLine { href: href(&row.slug), name: title(&page, &plan), description: plan.description, when });
    }
    let (mut running, mut past) = (None, Vec::new());
    for row in &all {
        let plan = plan_of(kernel, row).await?;
        let (name, report) = (title(&page, &plan), format!("{HERE}/{}", row.id));
        let starter = words::who(&page, &row.started_by, row.starter.as_deref());
        let since = page.t2("emergency-since", "when", page.datetime(&row.started_at), "who", starter);
        if row.state == "running" {
            let effects = words::effects(&page, &plan, &row.changes()?);
            let machine = page.machine_time(&row.started_at);
            running = Some(InForce { name, since, machine, reason: row.reason.clone(), report, effects });
            continue;
        }
        let when = match row.ended_at.filter(|_| row.state == "ended") {
            Some(to) => page.t2("emergency-span", "from", page.datetime(&row.started_at), "to", page.datetime(&to)),
            None => page.datetime(&row.started_at),
        };
        let state = if row.state == "ended" { "ended" } else { "drill" };
        let state_label = page.t(&format!("emergency-state-{state}"));
        past.push(PastLine { href: report, name, state, state_label, when, reason: row.reason.clone() });
    }
    let edits = page.may(Permission::Administer);
    let Refused { faults, reason, file } = refused;
    Ok(Overview { page, running, plans: lines, past, faults, reason, file, edits })
}

async fn show(kernel: web::Data<Kernel>, caller: Caller, frame: Frame) -> Result<HttpResponse, Problem> {
    caller.require(Permission::RunEmergency)?;
    html(&overview(&kernel, frame.0, Refused::default()).await?)
}

#[derive(Deserialize)]
struct Closing {
    #[serde(default)]
    reason: String,
    #[serde(default)]
    confirm: String,
}

async fn close(
    kernel: web::Data<Kernel>,
    routing: web::Data<Routing>,
    caller: Caller,
    frame: Frame,
    form: Form<Closing>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::RunEmergency)?;
    let Closing { reason, confirm } = form.0;
    let ended = match confirm.as_str() {
        "true" => end(&kernel, &routing, &caller.0, &reason).await,
        _ => Err(EmergencyError::Invalid(vec![("confirm".to_owned(), "missing".to_owned())])),
    };
    match ended {
        Ok((id, _)) => Ok(see_other(&format!("{HERE}/{id}"))),
        Err(e) => {
            let Some(faults) = words::faults(&frame.0, &e) else { return Err(e.into()) };
            let refused = Refused { faults, reason, ..Refused::default() };
            html_as(
                &mut HttpResponse::build(StatusCode::UNPROCESSABLE_ENTITY),
                &overview(&kernel, frame.0, refused).await?,
            )
        }
    }
}

#[derive(Deserialize)]
struct Import {
    #[serde(default)]
    file: String,
    /// `example` for the plan that the program brings along.
    #[serde(default)]
    from: String,
}

/// A plan from a text, named after itself; one of that name gets its next version.
async fn import(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    form: Form<Import>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::Administer)?;
    let Import { file, from } = form.0;
    let text = if from == "example" { EXAMPLE } else { &file };
    let saved = match Format::read_any(text) {
        Ok(plan) => {
            let slug = slug_of(&plan.name);
            save(&kernel, &caller.0, &slug, None, plan).await.map(|_| slug)
        }
        Err(e) => Err(e),
    };
    match saved {
        Ok(slug) => Ok(see_other(&href(&slug))),
        Err(e) => {
            let Some(faults) = words::faults(&frame.0, &e) else { return Err(e.into()) };
            let refused = Refused { faults, file, ..Refused::default() };
            html_as(
                &mut HttpResponse::build(StatusCode::UNPROCESSABLE_ENTITY),
                &overview(&kernel, frame.0, refused).await?,
            )
        }
    }
}

#[derive(Template)]
#[template(path = "emergency/report.html")]
struct ReportPage {
    page: Page,
    state: &'static str,
    state_label: String,
    since: String,
    until: String,
    reason: String,
    end_reason: String,
    effects: Vec<Effect>,
    left: Vec<String>,
    /// A drill has no figures.
    report: Option<Report>,
    channels: Vec<(String, i64)>,
}

async fn one(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    id: web::Path<i64>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::RunEmergency)?;
    let row = store::emergency(&mut kernel.db.read().await?, *id).await?.ok_or(EmergencyError::Missing)?;
    let plan = plan_of(&kernel, &row).await?;
    let page = Page { title: title(&frame.0, &plan), ..frame.0 };
    let state = match row.state.as_str() {
        "running" => "running",
        "ended" => "ended",
        _ => "drill",
    };
    let report = if state == "drill" { None } else { Some(report::read(&kernel, &row, &plan).await?) };
    let channels = report.iter().flat_map(|r| &r.by_channel);
    let channels = channels.map(|c| (page.t(&format!("channel-{}", c.name)), c.n)).collect();
    let starter = words::who(&page, &row.started_by, row.starter.as_deref());
    let until = match (&row.ended_by, row.ended_at) {
        (Some(by), Some(at)) => {
            let ender = words::who(&page, by, row.ender.as_deref());
            page.t2("emergency-until", "when", page.datetime(&at), "who", ender)
        }
        _ => String::new(),
    };
    html(&ReportPage {
        state,
        state_label: page.t(&format!("emergency-state-{state}")),
        since: page.t2("emergency-since", "when", page.datetime(&row.started_at), "who", starter),
        until,
        effects: words::effects(&page, &plan, &row.changes()?),
        left: words::left(&page, &row.left_alone()?),
        reason: row.reason,
        end_reason: row.end_reason,
        report,
        channels,
        page,
    })
}
