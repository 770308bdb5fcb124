//! The agents' pages: all sheets, also internal ones, with their internal text and the reply to send.
use actix_web::http::header::{HeaderValue, VARY};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::editing::code_in;
use super::facts::Facts;
use super::feedback::{TallyView, tally_of};
use super::gaps::Side as GapSide;
use super::index::KnowledgeIndex;
use super::model::Audience;
use super::pages::next_page;
use super::search::{self, of_own_agency, reader_of, reads_internal};
use super::store::{self, ListOf};
use super::versions::{rules, store as version_store};
use super::views::{AreaLink, Asked, Item, SectionView, Side, area_links, count, items, section_views, wants_fragment};
use super::{links, markdown, sheets};
use crate::kernel::Kernel;
use crate::kernel::codes::TrackingCode;
use crate::kernel::page::{self, Page};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Frame};
use crate::tickets;

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route(links::DESK, web::get().to(list));
}

/// The page of one sheet, after the addresses of the forms, which look like codes.
pub(super) fn sheet_route(cfg: &mut web::ServiceConfig) {
    cfg.route("/scrivania/schede/{code}", web::get().to(show));
}

const PAGE: i64 = 50;
const RESULTS: usize = 30;

#[derive(Template)]
#[template(path = "knowledge/desk.html")]
struct DeskPage {
    page: Page,
    q: String,
    area: String,
    areas: Vec<AreaLink>,
    results: DeskResults,
}

#[derive(Template)]
#[template(path = "knowledge/desk_results.html")]
struct DeskResults {
    page: Page,
    q: String,
    items: Vec<Item>,
    count: String,
    next: String,
}

#[derive(Template)]
#[template(path = "knowledge/desk_sheet.html")]
struct DeskSheet {
    page: Page,
    code: String,
    number: i64,
    title: String,
    question: String,
    summary: String,
    /// Language of the text, which may differ from the page's.
    lang: &'static str,
    audience: String,
    audience_kind: &'static str,
    maturity: String,
    category: String,
    checked_by: String,
    version: i64,
    /// The review day that is over; empty otherwise.
    review: String,
    /// Whether a translation is older than the original.
    outdated: bool,
    reply: String,
    spoken: String,
    public_body: String,
    internal_body: String,
    requirements: Vec<String>,
    sections: Vec<SectionView>,
    fee: String,
    facts: Facts,
    /// The same sheet in the other language; empty when there is none.
    other_language: String,
    /// The citizens' page; empty when they have none.
    public: String,
    here: String,
    history: String,
    edit: String,
    /// The draft's page; empty without one that the reader may see.
    draft: String,
    may_edit: bool,
    may_retire: bool,
    ratings: TallyView,
}

async fn list(
    kernel: web::Data<Kernel>,
    index: web::Data<KnowledgeIndex>,
    caller: Caller,
    frame: Frame,
    asked: web::Query<Asked>,
    req: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::ReadKnowledge)?;
    let reader = reader_of(&kernel, who).await?;
    let tree = index.categories(&kernel).await?;
    let page = frame.0.titled("nav-sheets");
    let language = page.language;
    let fragment = wants_fragment(&req);
    let words = asked.q.trim();
    let (found, next) = if words.is_empty() {
        let area = if asked.area.is_empty() {
            None
        } else {
            Some(tree.by_slug(&asked.area).ok_or_else(Problem::not_found)?.id)
        };
        let of = ListOf { area, audience: None, after: asked.after.clone(), limit: PAGE };
        let mut listed = sheets::list(&kernel, of).await?;
        listed.sheets.retain(|s| search::may_read(reader, s));
        (items(&listed.sheets, &tree, language, Side::Desk), next_page(Side::Desk, &asked.area, &listed.next))
    } else {
        let found = if fragment {
            search::typeahead(&kernel, &index, words, language, reader, RESULTS).await?
        } else {
            search::search(&kernel, &index, words, language, reader, RESULTS).await?
        };
        let ids = found.iter().map(|s| s.sheet_id);
        index.observed.searched(&kernel, GapSide::Desk, words, language, ids, !fragment);
        (found.into_iter().map(|s| Item::of_suggestion(s, &tree, language, Side::Desk)).collect(), String::new())
    };
    let results =
        DeskResults { q: words.to_owned(), count: count(&page, found.len()), items: found, next, page: page.clone() };
    let mut answer = if fragment {
        page::html(&results)?
    } else {
        page::html(&DeskPage {
            q: asked.q.clone(),
            area: asked.area.clone(),
            areas: area_links(&tree, language, Side::Desk, &asked.area),
            results,
            page,
        })?
    };
    answer.headers_mut().insert(VARY, HeaderValue::from_static("HX-Request"));
    Ok(answer)
}

/// For which ticket a sheet is read.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Read {
    /// Its tracking code.
    pratica: String,
}

async fn show(
    kernel: web::Data<Kernel>,
    index: web::Data<KnowledgeIndex>,
    caller: Caller,
    frame: Frame,
    code: web::Path<String>,
    read: web::Query<Read>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::ReadKnowledge)?;
    let own = of_own_agency(&kernel, who).await?;
    let code = code_in(&code)?;
    let mut conn = kernel.db.read().await?;
    let sheet = store::sheet(&mut conn, code.as_str()).await?.ok_or_else(Problem::not_found)?;
    let works_on_it = rules::may_draft(who, sheet.unit) || rules::may_validate(who, sheet.unit);
    let has_draft = works_on_it && version_store::draft(&mut conn, sheet.id).await?.is_some();
    if !sheet.is_in_use() {
        // What is only a draft so far is shown as one.
        return if has_draft { Ok(page::see_other(&links::draft(&sheet.code))) } else { Err(Problem::not_found()) };
    }
    if !rules::may_read(who.role, own, sheet.audience) {
        return Err(Problem::not_found());
    }
    if who.role.may(Permission::WorkTickets) {
        let ticket = match TrackingCode::parse(&read.pratica) {
            Ok(code) => tickets::store::by_code(&mut conn, code.as_str()).await?.map(|t| t.id),
            Err(_) => None,
        };
        index.observed.opened(&kernel, sheet.id, GapSide::Desk, ticket);
    }
    let mut page = frame.0;
    let unit = match sheet.unit {
        Some(unit) => store::unit_name(&mut conn, unit, page.language).await?,
        None => None,
    };
    let ratings = tally_of(&mut conn, &page, &sheet).await?;
    drop(conn);
    let tree = index.categories(&kernel).await?;
    let text = sheet.text_in(page.language).ok_or_else(Problem::not_found)?;
    page.title = format!("{} {}", sheet.code, text.title);
    let day = page.date(&sheet.updated_at);
    let checked_by = match unit {
        Some(unit) => page.t2("knowledge-checked-by", "unit", unit, "day", day),
        None => page.t1("knowledge-checked", "day", day),
    };
    let category = sheet.category.and_then(|id| tree.get(id)).map(|c| c.name_in(page.language).to_owned());
    let translated = sheet.texts.iter().any(|t| t.language != page.language);
    let inside = reads_internal(who, own);
    let internal = |text: &str| if inside { text.trim().to_owned() } else { String::new() };
    let overdue = sheet.details.review_on.filter(|day| *day <= page.now.zoned(&page.zone).date());
    let here = links::desk_sheet(&sheet.code);
    page::html(&DeskSheet {
        number: sheet.number,
        title: text.title.clone(),
        question: text.question.clone(),
        summary: text.summary.clone(),
        lang: text.language.as_str(),
        audience: page.t(&format!("knowledge-audience-{}", sheet.audience.as_str())),
        audience_kind: if sheet.audience == Audience::Public { "plain" } else { "warn" },
        maturity: page.t(&format!("knowledge-maturity-{}", sheet.maturity.as_str())),
        category: category.unwrap_or_default(),
        checked_by,
        version: sheet.version,
        review: overdue
            .map(|day| page.t1("knowledge-review-since", "day", day.strftime("%d/%m/%Y")))
            .unwrap_or_default(),
        outdated: !sheet.outdated().is_empty(),
        reply: internal(&text.reply),
        spoken: text.phone_text.clone(),
        public_body: markdown::render(&text.public_text, "public-").html,
        internal_body: markdown::render(&internal(&text.internal_text), "internal-").html,
        requirements: text.requirements.clone(),
        sections: section_views(&text.sections, "part-"),
        fee: text.fee.clone(),
        facts: Facts::of(&page, &sheet.details, &format!("{}/moduli/", links::version(&sheet.code, sheet.version))),
        other_language: if translated { page.other_lang_url.clone() } else { String::new() },
        public: if sheet.is_public() { links::sheet(&sheet.code) } else { String::new() },
        history: links::history(&sheet.code),
        edit: format!("{here}/modifica"),
        draft: if has_draft { links::draft(&sheet.code) } else { String::new() },
        may_edit: rules::may_draft(who, sheet.unit),
        may_retire: rules::may_validate(who, sheet.unit),
        ratings,
        here,
        code: sheet.code.clone(),
        page,
    })
}
