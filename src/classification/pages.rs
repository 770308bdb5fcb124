//! Pages: the classification in force and its versions; a draft, its categories and their fields.
mod draft;
mod node;
mod overview;

use actix_web::web;

use super::model::{Taxonomy, TaxonomyFault};
use super::store::VersionRow;
use crate::kernel::language::Language;
use crate::kernel::page::Page;

/// Where the classification is.
pub(super) const HERE: &str = "/scrivania/classificazione";

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    overview::routes(cfg);
    draft::routes(cfg);
    node::routes(cfg);
}

/// Where a version is.
fn href(id: i64) -> String {
    format!("{HERE}/{id}")
}

/// Where a category of a draft is changed.
fn node_href(id: i64, slug: &str) -> String {
    let query = serde_urlencoded::to_string([("slug", slug)]).unwrap_or_default();
    format!("{HERE}/{id}/classe?{query}")
}

/// What a version is called.
fn title(page: &Page, version: &VersionRow) -> String {
    let english = page.language == Language::English && !version.name_en.is_empty();
    let name = if english { &version.name_en } else { &version.name };
    page.t2("taxonomy-version", "name", name, "number", version.number)
}

/// What is wrong, in words.
fn faults(page: &Page, faults: &[TaxonomyFault]) -> Vec<String> {
    let line = |fault: &TaxonomyFault| {
        let what = page.t(&format!("taxonomy-wrong-{}", fault.wrong.replace('_', "-")));
        if fault.slug.is_empty() { what } else { page.t2("taxonomy-wrong-at", "slug", &fault.slug, "what", what) }
    };
    faults.iter().map(line).collect()
}

/// A category of a tree.
struct Row {
    slug: String,
    name: String,
    /// Two em a level.
    depth: usize,
    unit: String,
    fields: usize,
    citizen: bool,
    not_competent: bool,
    href: String,
}

fn rows(page: &Page, taxonomy: &Taxonomy, version: Option<i64>) -> Vec<Row> {
    let row = |node: &super::model::Node| Row {
        slug: node.slug.clone(),
        name: node.name_in(page.language).to_owned(),
        depth: node.depth().min(5),
        unit: node.unit.clone().unwrap_or_default(),
        fields: node.details.fields.len(),
        citizen: node.citizen,
        not_competent: node.not_competent,
        href: version.map(|id| node_href(id, &node.slug)).unwrap_or_default(),
    };
    taxonomy.in_order().into_iter().map(row).collect()
}
