//! What is to be done on sheets, for whoever reads the page: drafts, what they may validate, reviews,
//! translations that fell behind, what was retired.
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::links;
use super::search::of_own_agency;
use super::versions::store::{self, WorkRow, Worklist};
use super::versions::{DraftState, rules};
use super::views::{AreaLink, state_kind};
use crate::kernel::Kernel;
use crate::kernel::database::StoreError;
use crate::kernel::page::{self, Badge, Page, page_of};
use crate::kernel::permissions::{Permission, Principal};
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Frame};
use crate::knowledge::store as sheet_store;

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route(links::WORK, web::get().to(show)).route("/scrivania/schede/lavori/conteggio", web::get().to(count));
}

const PAGE: i64 = 50;
/// Sheets looked at for the count in the rail.
const COUNTED: i64 = 300;

struct TagView {
    kind: &'static str,
    label: String,
}

struct Row {
    code: String,
    number: i64,
    href: String,
    title: String,
    note: String,
    unit: String,
    tags: Vec<TagView>,
}

#[derive(Template)]
#[template(path = "knowledge/work.html")]
struct WorkPage {
    page: Page,
    tabs: Vec<AreaLink>,
    about: String,
    rows: Vec<Row>,
    next: String,
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    elenco: String,
    #[serde(default)]
    after: String,
}

/// Whether a row concerns somebody: what they may write, validate or look after.
pub(super) fn concerns(who: &Principal, list: Worklist, row: &WorkRow) -> bool {
    let mine = row.referent_id.is_some() && row.referent_id == who.user_id;
    match list {
        Worklist::Drafts => rules::may_draft(who, row.unit_id) || rules::may_validate(who, row.unit_id),
        Worklist::ToValidate => rules::may_validate(who, row.unit_id) || row.author == who.actor.to_text(),
        Worklist::Scheduled | Worklist::Retired => {
            rules::may_draft(who, row.unit_id) || rules::may_validate(who, row.unit_id)
        }
        Worklist::ToReview | Worklist::Reported | Worklist::Outdated => mine || rules::may_draft(who, row.unit_id),
    }
}

async fn show(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::ReadKnowledge)?;
    of_own_agency(&kernel, who).await?;
    let page = frame.0.titled("knowledge-work");
    let list = match asked.elenco.as_str() {
        "" => Worklist::ToValidate,
        name => Worklist::from_text(name).ok_or_else(Problem::not_found)?,
    };
    let mut conn = kernel.db.read().await?;
    let today = page.now.day(&page.zone);
    let found = store::work(&mut conn, list, &asked.after, &today, PAGE + 1).await?;
    let (found, more) = page_of(found, PAGE);
    let next = found.last().filter(|_| more).map(|last| last.code.clone()).unwrap_or_default();
    let mut rows = Vec::new();
    for row in found.iter().filter(|row| concerns(who, list, row)) {
        let title = title(&mut conn, row, &page).await?;
        rows.push(view(&page, list, row, title));
    }
    drop(conn);
    let tab = |each: &Worklist| AreaLink {
        href: links::with_query(links::WORK, &[("elenco", each.as_str())]),
        label: page.t(&format!("knowledge-list-{}", each.as_str())),
        current: *each == list,
    };
    page::html(&WorkPage {
        tabs: Worklist::ALL.iter().map(tab).collect(),
        about: page.t(&format!("knowledge-list-{}-about", list.as_str())),
        rows,
        next: if next.is_empty() {
            next
        } else {
            links::with_query(links::WORK, &[("elenco", list.as_str()), ("after", &next)])
        },
        page,
    })
}

/// The title in force, or that of the draft of a sheet that never was published.
async fn title(conn: &mut crate::kernel::database::Conn, row: &WorkRow, page: &Page) -> Result<String, StoreError> {
    if row.version == 0
        && let Some(draft) = store::draft(conn, row.id).await?
    {
        return Ok(draft.content.texts.first().map(|t| t.title.clone()).unwrap_or_default());
    }
    let sheet = sheet_store::sheets(conn, &[row.id]).await?.pop();
    Ok(sheet.and_then(|s| s.text_in(page.language).map(|t| t.title.clone())).unwrap_or_default())
}

fn view(page: &Page, list: Worklist, row: &WorkRow, title: String) -> Row {
    let mut tags = Vec::new();
    if let Some(state) = DraftState::from_text(&row.draft) {
        tags.push(TagView { kind: state_kind(state), label: page.t(&format!("knowledge-state-{}", state.as_str())) });
    }
    if row.overdue && row.retired_at.is_none() {
        tags.push(TagView { kind: "warn", label: page.t("knowledge-list-to_review") });
    }
    if row.retired_at.is_some() {
        tags.push(TagView { kind: "bad", label: page.t("knowledge-retired") });
    }
    let review = row.review_on.parse::<jiff::civil::Date>().ok();
    let (note, href) = match list {
        Worklist::Drafts => (row.reason.clone(), links::draft(&row.code)),
        Worklist::ToValidate => (String::new(), links::draft(&row.code)),
        Worklist::Scheduled => {
            let day = row.publish_at.map(|at| page.date(&at)).unwrap_or_default();
            (page.t1("knowledge-scheduled-for", "day", day), links::draft(&row.code))
        }
        Worklist::ToReview => {
            let day = review.map(|d| d.strftime("%d/%m/%Y").to_string()).unwrap_or_default();
            (page.t1("knowledge-review-since", "day", day), links::desk_sheet(&row.code))
        }
        Worklist::Outdated | Worklist::Reported => (String::new(), links::desk_sheet(&row.code)),
        Worklist::Retired => (String::new(), links::history(&row.code)),
    };
    Row { code: row.code.clone(), number: row.number, href, title, note, unit: row.unit.clone(), tags }
}

/// How many drafts the reader may validate, sheets that agents reported, and sheets they look after that are past
/// their review day.
async fn count(kernel: web::Data<Kernel>, caller: Caller, frame: Frame) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::ReadKnowledge)?;
    let today = frame.0.now.day(&frame.0.zone);
    let mut conn = kernel.db.read().await?;
    let waiting = store::work(&mut conn, Worklist::ToValidate, "", &today, COUNTED).await?;
    let overdue = store::work(&mut conn, Worklist::ToReview, "", &today, COUNTED).await?;
    let reported = store::work(&mut conn, Worklist::Reported, "", &today, COUNTED).await?;
    drop(conn);
    let mine = |row: &&WorkRow| row.referent_id.is_some() && row.referent_id == who.user_id;
    let overdue = overdue.iter().filter(mine).count();
    let to_answer = waiting.iter().chain(&reported).filter(|row| rules::may_validate(who, row.unit_id)).count();
    let count = to_answer + overdue;
    page::html(&Badge { count: i64::try_from(count).unwrap_or(i64::MAX), late: overdue > 0 })
}
