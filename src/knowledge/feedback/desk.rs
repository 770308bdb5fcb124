//! What citizens and agents say of sheets, for whoever looks after them: a list with a filter.
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::model::{LOW, STARS, Source};
use super::store::{self, FeedbackRow, ListOf};
use super::tally::reason_label;
use super::{settle, settle::SettleError};
use crate::kernel::Kernel;
use crate::kernel::page::{self, Page, page_of};
use crate::kernel::permissions::{Permission, Principal};
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Form, Frame, local_path};
use crate::knowledge::model::{Audience, Sheet, SheetCode};
use crate::knowledge::search::of_own_agency;
use crate::knowledge::versions::rules;
use crate::knowledge::{links, store as sheet_store};

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route(links::RATINGS, web::get().to(list)).route("/scrivania/schede/valutazioni/{id}", web::post().to(done));
}

const PAGE: i64 = 50;

/// The filter as the address has it; what is empty does not narrow.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    /// Code of a sheet.
    pub scheda: String,
    /// `citizen` or `agent`.
    pub chi: String,
    /// `basse` or `alte`.
    pub stelle: String,
    /// `tutte`, also those without words.
    pub mostra: String,
    /// `tutte`, also those that were dealt with.
    pub stato: String,
    /// Row that ended the page before.
    pub prima: i64,
}

impl Asked {
    /// As the store understands it.
    pub fn list_of(&self, who: &Principal, own: bool) -> Result<ListOf, Problem> {
        let code = Some(self.scheda.trim()).filter(|c| !c.is_empty());
        let source = match self.chi.as_str() {
            "" => None,
            name => Some(Source::from_text(name).ok_or_else(Problem::not_found)?.as_str()),
        };
        let rates = match self.stelle.as_str() {
            "basse" => Some((1, LOW)),
            "alte" => Some((LOW + 1, STARS)),
            _ => None,
        };
        let readable = Audience::ALL.iter().filter(|a| rules::may_read(who.role, own, **a));
        Ok(ListOf {
            // What is no code finds nothing, as a code of no sheet.
            code: code.map(|c| SheetCode::parse(c).map_or_else(|| c.to_owned(), |c| c.as_str().to_owned())),
            source,
            rates,
            with_comment: self.mostra != "tutte",
            open: self.stato != "tutte",
            audiences: readable.map(|a| a.as_str()).collect(),
            before: self.prima.max(0),
            limit: PAGE + 1,
        })
    }

    fn address(&self, before: i64) -> String {
        let before = if before > 0 { before.to_string() } else { String::new() };
        links::with_query(
            links::RATINGS,
            &[
                ("scheda", &self.scheda),
                ("chi", &self.chi),
                ("stelle", &self.stelle),
                ("mostra", &self.mostra),
                ("stato", &self.stato),
                ("prima", &before),
            ],
        )
    }
}

struct Row {
    id: i64,
    at: String,
    when: String,
    code: String,
    href: String,
    title: String,
    title_lang: &'static str,
    version: String,
    version_href: String,
    lang: String,
    comment_lang: String,
    /// Stars in words; empty from agents.
    stars: String,
    low: bool,
    who: String,
    reason: String,
    comment: String,
    settled: String,
    may_settle: bool,
}

#[derive(Template)]
#[template(path = "knowledge/ratings.html")]
struct RatingsPage {
    page: Page,
    asked: Asked,
    here: String,
    rows: Vec<Row>,
    next: String,
}

async fn list(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::ReadKnowledge)?;
    let own = of_own_agency(&kernel, who).await?;
    let asked = asked.into_inner();
    let page = frame.0.titled("ratings-title");
    let mut conn = kernel.db.read().await?;
    let found = store::list(&mut conn, &asked.list_of(who, own)?).await?;
    let (found, more) = page_of(found, PAGE);
    let mut ids: Vec<i64> = found.iter().map(|row| row.sheet_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let sheets = sheet_store::sheets(&mut conn, &ids).await?;
    drop(conn);
    let next = found.last().filter(|_| more).map(|last| asked.address(last.id)).unwrap_or_default();
    let rows = found.into_iter().map(|row| view(&page, who, &sheets, row)).collect();
    page::html(&RatingsPage { here: asked.address(asked.prima), asked, rows, next, page })
}

fn view(page: &Page, who: &Principal, sheets: &[Sheet], row: FeedbackRow) -> Row {
    let text = sheets.iter().find(|s| s.id == row.sheet_id).and_then(|s| s.text_in(page.language));
    Row {
        id: row.id,
        at: page.machine_time(&row.at),
        when: page.datetime(&row.at),
        href: links::desk_sheet(&row.code),
        title: text.map(|t| t.title.clone()).unwrap_or_default(),
        title_lang: text.map_or(page.lang, |t| t.language.as_str()),
        version: page.t1("knowledge-version", "version", row.version),
        version_href: links::version(&row.code, row.version),
        lang: page.t(&format!("knowledge-lang-{}", row.lang)),
        comment_lang: row.lang,
        stars: row.rate.map(|n| page.t1("rating-stars-n", "n", n)).unwrap_or_default(),
        low: row.rate.is_some_and(|n| n <= LOW),
        who: row.agent.unwrap_or_else(|| page.t(&format!("rating-by-{}", row.source))),
        reason: reason_label(page, &row.reason),
        comment: row.comment,
        settled: row.settled_at.map(|at| page.date(&at)).unwrap_or_default(),
        may_settle: rules::may_draft(who, row.unit_id) || rules::may_validate(who, row.unit_id),
        code: row.code,
    }
}

#[derive(Deserialize)]
struct Settled {
    done: String,
    #[serde(default)]
    next: String,
}

async fn done(
    kernel: web::Data<Kernel>,
    caller: Caller,
    id: web::Path<i64>,
    Form(form): Form<Settled>,
) -> Result<HttpResponse, Problem> {
    let settled: Result<(), SettleError> = settle::settle(&kernel, &caller.0, *id, form.done == "yes").await;
    settled?;
    Ok(page::see_other(local_path(&form.next).unwrap_or(links::RATINGS)))
}
