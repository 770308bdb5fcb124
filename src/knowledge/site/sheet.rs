//! The public page of a sheet.
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::addresses::{Addresses, base};
use super::fresh::{Freshness, answer};
use super::metadata::{self, Around, Block};
use super::readers::is_reading;
use super::topics::{Overview, neighbours};
use crate::kernel::Kernel;
use crate::kernel::language::Language;
use crate::kernel::page::Page;
use crate::kernel::problem::Problem;
use crate::kernel::request::Frame;
use crate::knowledge::categories::CategoryTree;
use crate::knowledge::facts::Facts;
use crate::knowledge::feedback::Widget;
use crate::knowledge::index::KnowledgeIndex;
use crate::knowledge::markdown::{self, Heading};
use crate::knowledge::model::{Sheet, SheetCode};
use crate::knowledge::views::{AreaLink, Item, SectionView, section_views};
use crate::knowledge::{gaps, links, sheets, store};
use crate::organisation::{self, SiteView};

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/sportello/schede/{code}").route(web::get().to(show)).route(web::head().to(show)));
}

#[derive(Template)]
#[template(path = "knowledge/sheet.html")]
struct SheetPage {
    page: Page,
    addresses: Addresses,
    metadata: Vec<Block>,
    title: String,
    summary: String,
    question: String,
    /// Language of the text, which may differ from the page's.
    lang: &'static str,
    /// Whether this translation is older than the original.
    outdated: bool,
    area: Option<AreaLink>,
    /// Name of the topic inside the area; empty without one.
    topic: String,
    body: String,
    headings: Vec<Heading>,
    requirements: Vec<String>,
    sections: Vec<SectionView>,
    fee: String,
    facts: Facts,
    number: i64,
    /// The same sheet in the other language; empty when there is none.
    other_language: String,
    request: String,
    /// Who answers for it: the unit, or the agency.
    operator: String,
    /// Where that unit is found.
    sites: Vec<SiteView>,
    checked_by: String,
    neighbours: Vec<Item>,
    rating: Widget,
}

impl SheetPage {
    /// HTML of a part; empty when the sheet says nothing there.
    fn section(&self, name: &str) -> &str {
        self.sections.iter().find(|s| s.name == name).map_or("", |s| s.html.as_str())
    }
}

async fn show(
    kernel: web::Data<Kernel>,
    index: web::Data<KnowledgeIndex>,
    frame: Frame,
    code: web::Path<String>,
    req: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let code = SheetCode::parse(&code).ok_or_else(Problem::not_found)?;
    let sheet = sheets::public_by_code(&kernel, &code).await?.ok_or_else(Problem::not_found)?;
    let (tree, overview) = (index.categories(&kernel).await?, index.overview(&kernel).await?);
    let (unit, sites) = match sheet.unit {
        Some(unit) => {
            let mut conn = kernel.db.read().await?;
            let name = store::unit_name(&mut conn, unit, frame.0.language).await?.unwrap_or_default();
            (name, organisation::store::sites_of(&mut conn, unit).await?)
        }
        None => (String::new(), Vec::new()),
    };
    let sites = SiteView::in_use(&frame.0, &sites);
    let shown = view(&kernel, frame.0, &sheet, &tree, &overview, (unit, sites)).ok_or_else(Problem::not_found)?;
    let answer = answer(&req, Some(&shown.page), Freshness::Page, "text/html; charset=utf-8", &shown)?;
    // Who had the page already was counted when they got it.
    if answer.status() == StatusCode::OK && is_reading(&req) {
        index.observed.opened(&kernel, sheet.id, gaps::Side::Portal, None);
    }
    Ok(answer)
}

fn view(
    kernel: &Kernel,
    mut page: Page,
    sheet: &Sheet,
    tree: &CategoryTree,
    overview: &Overview,
    (unit, sites): (String, Vec<SiteView>),
) -> Option<SheetPage> {
    let text = sheet.text_in(page.language)?;
    page.title.clone_from(&text.title);
    let languages: Vec<Language> = sheet.texts.iter().map(|t| t.language).collect();
    let path = links::sheet(&sheet.code);
    let addresses = Addresses::of(kernel, &page, &path, &[], &languages);
    let category = sheet.category.and_then(|id| tree.get(id));
    let area = category.and_then(|c| tree.area_of(c.id));
    let topic = category.filter(|c| c.parent.is_some()).map(|c| c.name_in(page.language).to_owned());
    let area = area.map(|area| AreaLink {
        href: links::with_query(links::PUBLIC, &[("area", &area.slug)]),
        label: area.name_in(page.language).to_owned(),
        current: false,
    });
    let day = page.date(&sheet.updated_at);
    let checked_by = if unit.is_empty() {
        page.t1("knowledge-checked", "day", day)
    } else {
        page.t2("knowledge-checked-by", "unit", &unit, "day", day)
    };
    let operator = if unit.is_empty() { page.agency_name.clone() } else { unit };
    let request = links::request(category.map(|c| c.slug.as_str()).unwrap_or_default(), &sheet.code);
    let whole = |path: &str| format!("{}{path}", base(kernel));
    let mut above = vec![(page.t("nav-home"), whole("/")), (page.t("site-services"), whole(links::PUBLIC))];
    above.extend(area.as_ref().map(|a| (a.label.clone(), whole(&a.href))));
    let around = Around {
        addresses: &addresses,
        topic: topic.as_deref().or(area.as_ref().map(|a| a.label.as_str())).unwrap_or_default(),
        operator: &operator,
        request: &whole(&request),
        above: &above,
    };
    let body = markdown::render(&text.public_text, "part-");
    let translated = sheet.texts.iter().any(|t| t.language != page.language);
    Some(SheetPage {
        metadata: metadata::blocks(&page, sheet, text, &around),
        title: text.title.clone(),
        summary: text.summary.clone(),
        question: text.question.clone(),
        lang: text.language.as_str(),
        outdated: sheet.outdated().contains(&text.language),
        area,
        topic: topic.unwrap_or_default(),
        body: body.html,
        headings: body.headings,
        requirements: text.requirements.clone(),
        sections: section_views(&text.sections, "part-"),
        fee: text.fee.clone(),
        facts: Facts::of(&page, &sheet.details, &format!("{path}/moduli/")),
        number: sheet.number,
        other_language: if translated { page.other_lang_url.clone() } else { String::new() },
        request,
        operator,
        sites,
        checked_by,
        neighbours: neighbours(sheet, overview, tree, &page),
        rating: Widget::new(&page, sheet),
        addresses,
        page,
    })
}
