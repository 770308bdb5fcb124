//! What citizens say of the site's pages that are no sheets, for whoever looks after the site.
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::model::LOW;
use super::places::Place;
use super::settle;
use super::store::pages::{self as pages_store, PlaceRow, SaidRow};
use super::tally::{decimal, reason_label};
use crate::kernel::Kernel;
use crate::kernel::page::{self, Page, page_of};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Form, Frame, local_path};
use crate::knowledge::categories::CategoryTree;
use crate::knowledge::index::KnowledgeIndex;
use crate::knowledge::links;

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route(links::PAGE_RATINGS, web::get().to(list))
        .route("/scrivania/schede/valutazioni/pagine/{id}", web::post().to(done));
}

const PAGE: i64 = 50;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    /// `tutte`, also those that were dealt with.
    stato: String,
    /// Row that ended the page before.
    prima: i64,
}

struct PlaceView {
    title: String,
    href: String,
    ratings: String,
    average: String,
}

struct Row {
    id: i64,
    at: String,
    when: String,
    title: String,
    href: String,
    stars: String,
    low: bool,
    reason: String,
    comment: String,
    lang: String,
    settled: String,
}

#[derive(Template)]
#[template(path = "knowledge/page_ratings.html")]
struct PageRatings {
    page: Page,
    places: Vec<PlaceView>,
    rows: Vec<Row>,
    stato: String,
    here: String,
    next: String,
    may_settle: bool,
}

/// Title and address of a page; what no longer is one is called as it was stored.
fn named(page: &Page, tree: &CategoryTree, place: &str) -> (String, String) {
    match Place::parse(place, tree) {
        Some(known) => (known.title(page, tree), known.address()),
        None => (place.to_owned(), links::PUBLIC.to_owned()),
    }
}

async fn list(
    kernel: web::Data<Kernel>,
    index: web::Data<KnowledgeIndex>,
    caller: Caller,
    frame: Frame,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::ReadKnowledge)?;
    let page = frame.0.titled("page-ratings-title");
    let tree = index.categories(&kernel).await?;
    let mut conn = kernel.db.read().await?;
    let totals = pages_store::totals(&mut conn).await?;
    let found = pages_store::list(&mut conn, asked.stato == "tutte", asked.prima.max(0), PAGE + 1).await?;
    drop(conn);
    let (found, more) = page_of(found, PAGE);
    let address = |before: i64| {
        let before = if before > 0 { before.to_string() } else { String::new() };
        links::with_query(links::PAGE_RATINGS, &[("stato", &asked.stato), ("prima", &before)])
    };
    let next = found.last().filter(|_| more).map(|last| address(last.id)).unwrap_or_default();
    let place = |row: PlaceRow| {
        let (title, href) = named(&page, &tree, &row.place);
        #[expect(clippy::cast_precision_loss, reason = "counts of ratings")]
        let average = row.stars as f64 / row.n.max(1) as f64;
        PlaceView { title, href, ratings: row.n.to_string(), average: decimal(page.language, average) }
    };
    let row = |row: SaidRow| {
        let (title, href) = named(&page, &tree, &row.place);
        Row {
            id: row.id,
            at: page.machine_time(&row.at),
            when: page.datetime(&row.at),
            title,
            href,
            stars: page.t1("rating-stars-n", "n", row.rate),
            low: row.rate <= LOW,
            reason: reason_label(&page, &row.reason),
            comment: row.comment,
            lang: row.lang,
            settled: row.settled_at.map(|at| page.date(&at)).unwrap_or_default(),
        }
    };
    page::html(&PageRatings {
        places: totals.into_iter().map(place).collect(),
        rows: found.into_iter().map(row).collect(),
        here: address(asked.prima),
        stato: asked.stato.clone(),
        next,
        may_settle: who.role.may(Permission::EditKnowledge),
        page,
    })
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
    settle::settle_page(&kernel, &caller.0, *id, form.done == "yes").await?;
    Ok(page::see_other(local_path(&form.next).unwrap_or(links::PAGE_RATINGS)))
}
