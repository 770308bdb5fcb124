//! One version: its rules as sentences, what keeps them from coming into force, and what may be done with it.
use actix_web::http::StatusCode;
use actix_web::http::header::ContentDisposition;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::super::faults::faults;
use super::super::model::{Rule, RulesState};
use super::super::words::sentence;
use super::super::{RulesError, formats, manage, store};
use super::{HERE, Known, fault_line, href};
use crate::kernel::Kernel;
use crate::kernel::page::{Page, html_as, see_other};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Form, Frame, Pressed};

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route("/scrivania/automazioni/{id:\\d+}", web::get().to(show))
        .route("/scrivania/automazioni/{id:\\d+}/attiva", web::post().to(activate))
        .route("/scrivania/automazioni/{id:\\d+}/scarta", web::post().to(discard))
        .route("/scrivania/automazioni/{id:\\d+}/ritira", web::post().to(retire))
        .route("/scrivania/automazioni/{id:\\d+}/esporta", web::get().to(export));
}

struct Line {
    place: usize,
    name: String,
    sentence: String,
}

#[derive(Template)]
#[template(path = "rules/draft.html")]
struct DraftPage {
    page: Page,
    id: i64,
    edition: i64,
    state: &'static str,
    state_label: String,
    rules: Vec<Line>,
    faults: Vec<String>,
    refused: Vec<String>,
    from: String,
    to: String,
}

async fn show(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    id: web::Path<i64>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::Administer)?;
    render(&kernel, frame.0, *id, Vec::new()).await
}

async fn render(kernel: &Kernel, mut page: Page, id: i64, refused: Vec<String>) -> Result<HttpResponse, Problem> {
    let mut conn = kernel.db.read().await?;
    let version = store::version(&mut conn, id).await?.ok_or_else(Problem::not_found)?;
    let known = Known::read(&mut conn, &page).await?;
    let today = page.now.zoned(&page.zone).date();
    let named = store::named(&mut conn, &kernel.config.desk.entry_unit, kernel.now(), &today.to_string()).await?;
    drop(conn);
    let (rules, state) = (version.rules()?, version.state()?);
    page.title = page.t1("rules-version", "number", version.number);
    let month_ago = today.saturating_sub(jiff::Span::new().months(1));
    let line = |(place, rule): (usize, &Rule)| Line {
        place,
        name: rule.name.clone(),
        sentence: sentence(rule, &known, page.language),
    };
    let status = if refused.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let wrong = if state == RulesState::Draft { faults(&rules, &named) } else { Vec::new() };
    let shown = DraftPage {
        id,
        edition: version.edition,
        state: state.as_str(),
        state_label: page.t(&format!("rules-state-{}", state.as_str())),
        faults: wrong.iter().map(|fault| fault_line(&page, &rules, fault)).collect(),
        rules: rules.iter().enumerate().map(line).collect(),
        refused,
        from: month_ago.to_string(),
        to: today.to_string(),
        page,
    };
    html_as(&mut HttpResponse::build(status), &shown)
}

#[derive(Deserialize)]
struct Activation {
    edition: i64,
}

async fn activate(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    id: web::Path<i64>,
    form: Form<Activation>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::Administer)?;
    let refused = match manage::activate(&kernel, who, *id, Some(form.0.edition)).await {
        Ok(()) => return Ok(see_other(HERE)),
        Err(RulesError::Invalid(wrong)) => {
            let version = store::version(&mut kernel.db.read().await?, *id).await?.ok_or_else(Problem::not_found)?;
            let rules = version.rules()?;
            wrong.iter().map(|fault| fault_line(&frame.0, &rules, fault)).collect()
        }
        Err(RulesError::Stale(_)) => vec![frame.0.t("rules-stale")],
        Err(e) => return Err(e.into()),
    };
    render(&kernel, frame.0, *id, refused).await
}

async fn discard(
    kernel: web::Data<Kernel>,
    caller: Caller,
    id: web::Path<i64>,
    _guard: Form<Pressed>,
) -> Result<HttpResponse, Problem> {
    manage::discard(&kernel, &caller.0, *id).await?;
    Ok(see_other(HERE))
}

async fn retire(
    kernel: web::Data<Kernel>,
    caller: Caller,
    id: web::Path<i64>,
    _guard: Form<Pressed>,
) -> Result<HttpResponse, Problem> {
    manage::retire(&kernel, &caller.0, *id).await?;
    Ok(see_other(&href(*id)))
}

#[derive(Deserialize)]
struct Spelling {
    #[serde(default)]
    formato: String,
}

/// The version as a file, in either spelling.
async fn export(
    kernel: web::Data<Kernel>,
    caller: Caller,
    id: web::Path<i64>,
    asked: web::Query<Spelling>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::Administer)?;
    let version = store::version(&mut kernel.db.read().await?, *id).await?.ok_or_else(Problem::not_found)?;
    let (kind, end, text) = if asked.formato == "json" {
        ("application/json", "json", formats::to_json(&version.rules()?)?)
    } else {
        ("application/toml", "toml", formats::to_toml(&version.rules()?)?)
    };
    let name = ContentDisposition::attachment(format!("regole-{}.{end}", version.number));
    Ok(HttpResponse::Ok().content_type(format!("{kind}; charset=utf-8")).insert_header(name).body(text))
}
