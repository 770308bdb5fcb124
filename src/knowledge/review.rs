//! The page of a sheet's draft: what it changes, where it stands, and what the reader may do with it.
use actix_web::{HttpResponse, web};
use askama::Template;
use jiff::civil::Date;
use serde::Deserialize;

use super::diff::compare;
use super::editing::code_in;
use super::facts::Facts;
use super::model::{Sheet, SheetCode};
use super::sheets::SheetError;
use super::versions::decide::{self, Approved};
use super::versions::{Draft, DraftState, draft, rules, store};
use super::views::{DiffView, TextView, diff_views, faults_text, names, person, state_kind, text_views};
use super::{links, promised, store as sheet_store};
use crate::kernel::Kernel;
use crate::kernel::page::{self, Page};
use crate::kernel::permissions::{Permission, Principal};
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::request::{Caller, Form, Frame, Pressed};
use crate::tickets::store::category_by_slug;

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route("/scrivania/schede/{code}/bozza", web::get().to(show))
        .route("/scrivania/schede/{code}/bozza/invia", web::post().to(submit))
        .route("/scrivania/schede/{code}/bozza/pubblica", web::post().to(publish))
        .route("/scrivania/schede/{code}/bozza/rimanda", web::post().to(send_back))
        .route("/scrivania/schede/{code}/bozza/elimina", web::post().to(discard));
}

#[derive(Template)]
#[template(path = "knowledge/draft.html")]
struct DraftPage {
    page: Page,
    code: String,
    number: i64,
    title: String,
    state: String,
    state_kind: &'static str,
    /// Who wrote it and when.
    written: String,
    why: String,
    reason: String,
    scheduled: String,
    unit: String,
    /// What keeps it from being submitted.
    missing: Vec<String>,
    /// What the protocol says otherwise of the term; empty when nothing.
    term: String,
    /// Whether the version in force changed since the draft was begun.
    overtaken: bool,
    is_new: bool,
    diffs: Vec<DiffView>,
    texts: Vec<TextView>,
    facts: Facts,
    revision: i64,
    action: String,
    edit: String,
    history: String,
    sheet: String,
    may_write: bool,
    may_submit: bool,
    may_validate: bool,
    may_return: bool,
    may_discard: bool,
    today: String,
    /// What was wrong with the last action.
    errors: Vec<super::editing::Fault>,
}

/// A sheet with its draft, for somebody who may work on it.
async fn read(kernel: &Kernel, who: &Principal, code: &SheetCode) -> Result<(Sheet, Draft), Problem> {
    let mut conn = kernel.db.read().await?;
    let sheet = sheet_store::sheet(&mut conn, code.as_str()).await?.ok_or_else(Problem::not_found)?;
    let draft = store::draft(&mut conn, sheet.id).await?.ok_or(SheetError::NoDraft)?;
    if !rules::may_draft(who, sheet.unit) && !rules::may_validate(who, sheet.unit) {
        return Err(Problem::not_found());
    }
    Ok((sheet, draft))
}

async fn show(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    code: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::ReadKnowledge)?;
    let shown = shown(&kernel, who, frame.0, &code_in(&code)?, Vec::new()).await?;
    page::html(&shown)
}

async fn shown(
    kernel: &Kernel,
    who: &Principal,
    mut page: Page,
    code: &SheetCode,
    errors: Vec<(String, String)>,
) -> Result<DraftPage, Problem> {
    let (sheet, draft) = read(kernel, who, code).await?;
    let mut conn = kernel.db.read().await?;
    let diffs = if sheet.version > 0 {
        let present = store::content(&mut conn, &sheet).await?;
        diff_views(&page, &compare(&present, &draft.content))
    } else {
        Vec::new()
    };
    let people = names(&mut conn, [&draft.author]).await?;
    let unit = match sheet.unit {
        Some(unit) => sheet_store::unit_name(&mut conn, unit, page.language).await?.unwrap_or_default(),
        None => page.t("knowledge-front-office"),
    };
    let category = match &draft.content.category {
        Some(slug) => category_by_slug(&mut conn, slug).await?,
        None => None,
    };
    let term = promised::contradiction(&mut conn, kernel, &page, category, draft.content.details.term_days).await?;
    drop(conn);
    let title = draft.content.texts.first().map(|t| t.title.clone()).unwrap_or_default();
    page.title = page.t1("knowledge-draft-of", "title", &title);
    let (may_write, may_validate) = (rules::may_draft(who, sheet.unit), rules::may_validate(who, sheet.unit));
    let faults = draft.content.faults();
    let waits = matches!(draft.state, DraftState::Submitted | DraftState::Scheduled);
    let author = person(&page, &people, &draft.author);
    let errors = errors.iter().map(|(field, wrong)| super::editing::fault(&page, field, wrong)).collect();
    Ok(DraftPage {
        code: sheet.code.clone(),
        number: sheet.number,
        state: page.t(&format!("knowledge-state-{}", draft.state.as_str())),
        state_kind: state_kind(draft.state),
        written: page.t2("knowledge-written", "who", author, "when", page.datetime(&draft.updated_at)),
        why: draft.why.clone(),
        reason: draft.reason.clone(),
        scheduled: draft.publish_at.map(|at| page.date(&at)).unwrap_or_default(),
        unit,
        missing: faults_text(&page, &faults),
        term,
        overtaken: draft.based_on != sheet.version,
        is_new: sheet.version == 0,
        diffs,
        texts: text_views(&draft.content.texts),
        facts: Facts::of(&page, &draft.content.details, &format!("{}/moduli/", links::draft(&sheet.code))),
        revision: draft.revision,
        action: links::draft(&sheet.code),
        edit: format!("{}/modifica", links::desk_sheet(&sheet.code)),
        history: links::history(&sheet.code),
        sheet: links::desk_sheet(&sheet.code),
        may_write,
        may_submit: may_write && !waits && faults.is_empty(),
        may_validate: may_validate && faults.is_empty(),
        may_return: may_validate && waits,
        may_discard: may_validate || draft.author == who.actor.to_text(),
        today: page.now.day(&page.zone),
        errors,
        title,
        page,
    })
}

/// The page again, with what was wrong.
async fn again(
    kernel: &Kernel,
    who: &Principal,
    page: Page,
    code: &SheetCode,
    refusal: SheetError,
) -> Result<HttpResponse, Problem> {
    match refusal {
        SheetError::Invalid(faults) => {
            let shown = shown(kernel, who, page, code, faults).await?;
            page::html_as(&mut HttpResponse::build(Kind::Invalid.status()), &shown)
        }
        other => Err(other.into()),
    }
}

#[derive(Deserialize)]
struct Revision {
    revision: i64,
}

async fn submit(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    code: web::Path<String>,
    form: Form<Revision>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::DraftKnowledge)?;
    let code = code_in(&code)?;
    match decide::submit(&kernel, who, &code, form.0.revision).await {
        Ok(_) => Ok(page::see_other(&links::draft(code.as_str()))),
        Err(e) => again(&kernel, who, frame.0, &code, e).await,
    }
}

#[derive(Deserialize)]
struct Publish {
    revision: i64,
    /// `YYYY-MM-DD`; empty for now.
    #[serde(default)]
    on: String,
}

async fn publish(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    code: web::Path<String>,
    form: Form<Publish>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::ValidateKnowledge)?;
    let code = code_in(&code)?;
    let day = match form.0.on.trim() {
        "" => Ok(None),
        text => text.parse::<Date>().map(Some).map_err(|_| SheetError::invalid("publish_on", "invalid")),
    };
    let approved = match day {
        Ok(day) => decide::approve(&kernel, who, &code, form.0.revision, day).await,
        Err(e) => Err(e),
    };
    match approved {
        Ok(Approved::Published(_)) => Ok(page::see_other(&links::desk_sheet(code.as_str()))),
        Ok(Approved::Scheduled(_)) => Ok(page::see_other(&links::draft(code.as_str()))),
        Err(e) => again(&kernel, who, frame.0, &code, e).await,
    }
}

#[derive(Deserialize)]
struct SendBack {
    revision: i64,
    #[serde(default)]
    reason: String,
}

async fn send_back(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    code: web::Path<String>,
    form: Form<SendBack>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::ValidateKnowledge)?;
    let code = code_in(&code)?;
    match decide::send_back(&kernel, who, &code, form.0.revision, &form.0.reason).await {
        Ok(_) => Ok(page::see_other(&links::draft(code.as_str()))),
        Err(e) => again(&kernel, who, frame.0, &code, e).await,
    }
}

async fn discard(
    kernel: web::Data<Kernel>,
    caller: Caller,
    code: web::Path<String>,
    _guard: Form<Pressed>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::DraftKnowledge)?;
    let code = code_in(&code)?;
    draft::discard(&kernel, who, &code).await?;
    Ok(page::see_other(links::WORK))
}
