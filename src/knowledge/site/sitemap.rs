//! The sitemap (sitemaps.org 0.9) of the public pages: an index, and pieces that stay well below its limits.
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::addresses::{base, in_language};
use super::fresh::{Freshness, answer};
use super::store::{self, Listed};
use crate::kernel::Kernel;
use crate::kernel::language::Language;
use crate::kernel::problem::Problem;
use crate::knowledge::index::KnowledgeIndex;
use crate::knowledge::links;

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route("/sitemap.xml", web::get().to(list)).route("/sitemap-{piece:[0-9]{1,6}}.xml", web::get().to(piece));
}

/// Sheets of one piece.
const SHEETS: i64 = 5_000;
/// Public pages beside the sheets.
const PAGES: [&str; 5] = ["/", links::PUBLIC, "/sportello/richiesta", "/sportello/privacy", "/sportello/accessibilita"];

#[derive(Template)]
#[template(path = "knowledge/sitemap_index.xml")]
struct Pieces {
    addresses: Vec<String>,
}

/// A page in one of its languages.
struct Place {
    address: String,
    /// When it last changed; empty when that is not known.
    changed: String,
    /// The same page in each language.
    languages: Vec<(&'static str, String)>,
}

#[derive(Template)]
#[template(path = "knowledge/sitemap.xml")]
struct Piece {
    places: Vec<Place>,
}

async fn list(kernel: web::Data<Kernel>, req: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut conn = kernel.db.read().await?;
    let sheets = store::public_sheets(&mut conn).await?;
    drop(conn);
    let last = ((sheets + SHEETS - 1) / SHEETS).max(1);
    let addresses = (1..=last).map(|n| format!("{}/sitemap-{n}.xml", base(&kernel))).collect();
    answer(&req, None, Freshness::Listing, XML, &Pieces { addresses })
}

const XML: &str = "application/xml; charset=utf-8";

async fn piece(
    kernel: web::Data<Kernel>,
    index: web::Data<KnowledgeIndex>,
    number: web::Path<i64>,
    req: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let before = number.checked_sub(1).filter(|n| *n >= 0).ok_or_else(Problem::not_found)?;
    let mut conn = kernel.db.read().await?;
    let listed = store::piece(&mut conn, SHEETS, before * SHEETS).await?;
    drop(conn);
    if listed.is_empty() && before > 0 {
        return Err(Problem::not_found());
    }
    let base = base(&kernel);
    let mut places = Vec::new();
    if before == 0 {
        let (tree, overview) = (index.categories(&kernel).await?, index.overview(&kernel).await?);
        PAGES.iter().for_each(|path| places.extend(page(base, path, &[], "", &Language::ALL)));
        for area in tree.areas.iter().filter(|a| overview.has(a.category.id)) {
            places.extend(page(base, links::PUBLIC, &[("area", &area.category.slug)], "", &Language::ALL));
        }
    }
    for texts in listed.chunk_by(|a, b| a.code == b.code) {
        let languages: Vec<Language> = texts.iter().filter_map(|t| Language::from_tag(&t.lang)).collect();
        let changed = texts.first().map(|t: &Listed| t.updated_at.rfc3339()).unwrap_or_default();
        let code = texts.first().map(|t| t.code.as_str()).unwrap_or_default();
        places.extend(page(base, &links::sheet(code), &[], &changed, &languages));
    }
    answer(&req, None, Freshness::Listing, XML, &Piece { places })
}

/// A page in each of its languages.
fn page(base: &str, path: &str, query: &[(&str, &str)], changed: &str, texts: &[Language]) -> Vec<Place> {
    let languages: Vec<_> = texts.iter().map(|l| (l.as_str(), in_language(base, path, query, *l))).collect();
    let place = |(_, address): &(&'static str, String)| Place {
        address: address.clone(),
        changed: changed.to_owned(),
        languages: languages.clone(),
    };
    languages.iter().map(place).collect()
}
