//! The links that are not good, for those who write sheets.
use std::time::Duration;

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::store::{self, LinkRow};
use super::{LinkState, Reason, run};
use crate::kernel::Kernel;
use crate::kernel::page::{self, Page, page_of};
use crate::kernel::permissions::{Forbidden, Permission};
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Form, Frame, Pressed};
use crate::knowledge::editing::code_in;
use crate::knowledge::versions::rules;
use crate::knowledge::views::AreaLink;
use crate::knowledge::{links, sheets};

const HERE: &str = "/scrivania/schede/collegamenti";
/// How long somebody waits for the servers of one sheet's links.
const WAITED: Duration = Duration::from_secs(30);
/// Links on one page.
const PAGE: i64 = 100;

/// Mounts the page and the new look at one sheet's links.
pub(in crate::knowledge) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route(HERE, web::get().to(show)).route("/scrivania/schede/{code}/collegamenti", web::post().to(again));
}

/// A link as lists show it.
pub(in crate::knowledge) struct LinkView {
    pub code: String,
    pub title: String,
    pub sheet: String,
    pub url: String,
    /// Why it is not good, in words.
    pub why: String,
    pub since: String,
    pub checked: String,
    /// Whether the reader may have it looked at again.
    pub may_check: bool,
}

impl LinkView {
    pub fn of(page: &Page, row: LinkRow, may_check: bool) -> Self {
        let why = match Reason::from_text(&row.reason) {
            Some(Reason::Status) => page.t1("links-why-status", "status", row.status.unwrap_or(0)),
            Some(reason) => page.t(&format!("links-why-{}", reason.as_str())),
            None => String::new(),
        };
        Self {
            sheet: links::desk_sheet(&row.code),
            why,
            since: row.failing_since.map(|at| page.datetime(&at)).unwrap_or_default(),
            checked: page.datetime(&row.checked_at),
            code: row.code,
            title: row.title,
            url: row.url,
            may_check,
        }
    }
}

#[derive(Template)]
#[template(path = "knowledge/links.html")]
struct LinksPage {
    page: Page,
    tabs: Vec<AreaLink>,
    about: String,
    /// When all were looked at, and what that found.
    last: String,
    rows: Vec<LinkView>,
    next: String,
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    stato: String,
    /// Code and address that ended the page before.
    #[serde(default)]
    scheda: String,
    #[serde(default)]
    dopo: String,
}

async fn show(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::DraftKnowledge)?;
    let page = frame.0.titled("links-title");
    let state = match asked.stato.as_str() {
        "" => LinkState::Broken,
        name => LinkState::from_text(name).filter(|s| *s != LinkState::Good).ok_or_else(Problem::not_found)?,
    };
    let mut conn = kernel.db.read().await?;
    let found = store::in_state(&mut conn, state, (&asked.scheda, &asked.dopo), PAGE + 1).await?;
    let last = store::last_run(&mut conn).await?;
    drop(conn);
    let (found, more) = page_of(found, PAGE);
    let next = found
        .last()
        .filter(|_| more)
        .map(|last| links::with_query(HERE, &[("stato", state.as_str()), ("scheda", &last.code), ("dopo", &last.url)]));
    let tab = |each: LinkState| AreaLink {
        href: if each == LinkState::Broken {
            HERE.to_owned()
        } else {
            links::with_query(HERE, &[("stato", each.as_str())])
        },
        label: page.t(&format!("links-state-{}", each.as_str())),
        current: each == state,
    };
    let last = match last {
        Some(run) => match run.ended_at {
            Some(at) => page.t2("links-last", "when", page.datetime(&at), "n", run.links),
            None => page.t("links-running"),
        },
        None if kernel.config.knowledge.check_links => page.t("links-never"),
        None => page.t("links-off"),
    };
    // A referent sees what they may mend.
    let mine = |row: &LinkRow| rules::may_draft(who, row.unit_id);
    page::html(&LinksPage {
        tabs: [LinkState::Broken, LinkState::Unsure, LinkState::Refused].into_iter().map(tab).collect(),
        about: page.t(&format!("links-state-{}-about", state.as_str())),
        last,
        rows: found.into_iter().filter(mine).map(|row| LinkView::of(&page, row, true)).collect(),
        next: next.unwrap_or_default(),
        page,
    })
}

async fn again(
    kernel: web::Data<Kernel>,
    caller: Caller,
    code: web::Path<String>,
    _guard: Form<Pressed>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::DraftKnowledge)?;
    let sheet = sheets::by_code(&kernel, &code_in(&code)?).await?.ok_or_else(Problem::not_found)?;
    if !rules::may_draft(who, sheet.unit) {
        return Err(Forbidden.into());
    }
    // Who waits for slow servers gets what was found so far; the daily look does the rest.
    if let Ok(looked) = tokio::time::timeout(WAITED, run::again(&kernel, &sheet)).await {
        looked?;
    }
    Ok(page::see_other(&links::desk_sheet(&sheet.code)))
}
