//! How a sheet does, as a part of its page: the agents' two keys, what they said, links that lead nowhere. It comes
//! after the page, so that nobody waits for it.
use actix_web::{HttpResponse, web};
use askama::Template;

use super::editing::code_in;
use super::linkcheck::{self, LinkView};
use super::search::of_own_agency;
use super::verdicts::{self, Judged, Report};
use super::versions::rules;
use super::{links, promised, sheets};
use crate::kernel::Kernel;
use crate::kernel::page::{self, Page};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Frame};

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route("/scrivania/schede/{code}/stato", web::get().to(show));
}

struct ReportView {
    who: String,
    when: String,
    version: i64,
    remark: String,
}

#[derive(Template)]
#[template(path = "knowledge/condition.html")]
struct Condition {
    page: Page,
    code: String,
    version: i64,
    lang: &'static str,
    /// Whether the reader answers citizens with it.
    answers: bool,
    /// Whether the reader writes it; the rest is for them.
    writes: bool,
    counts: String,
    reports: Vec<ReportView>,
    broken: Vec<LinkView>,
    /// What the protocol says otherwise of the term; empty when nothing.
    term: String,
    here: String,
}

impl Condition {
    fn judged(&self) -> Judged<'_> {
        Judged { code: &self.code, version: self.version, lang: self.lang, ticket: "", keys: true, compact: false }
    }
}

async fn show(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    code: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::ReadKnowledge)?;
    let page = frame.0;
    let own = of_own_agency(&kernel, who).await?;
    let sheet = sheets::by_code(&kernel, &code_in(&code)?).await?;
    let sheet = sheet.filter(|s| rules::may_read(who.role, own, s.audience)).ok_or_else(Problem::not_found)?;
    let writes = rules::may_draft(who, sheet.unit);
    let said = if writes { verdicts::of_sheet(&kernel, sheet.id).await? } else { verdicts::Verdicts::default() };
    let (mut broken, mut term) = (Vec::new(), String::new());
    if writes {
        let present = linkcheck::of_sheet(sheet.audience, &sheet.texts);
        let mut conn = kernel.db.read().await?;
        // What the text has no more since the last look is not told.
        let rows = linkcheck::store::broken_of(&mut conn, sheet.id).await?;
        let here = rows.into_iter().filter(|row| present.iter().any(|link| link.url == row.url));
        broken = here.map(|row| LinkView::of(&page, row, true)).collect();
        term = promised::contradiction(&mut conn, &kernel, &page, sheet.category, sheet.details.term_days).await?;
    }
    let report = |r: Report| ReportView {
        when: page.datetime(&r.at),
        who: if r.who.is_empty() { page.t("knowledge-by-somebody") } else { r.who },
        version: r.version,
        remark: r.remark,
    };
    page::html(&Condition {
        version: sheet.version,
        lang: sheet.text_in(page.language).map_or(page.lang, |t| t.language.as_str()),
        answers: page.may(Permission::WorkTickets),
        writes,
        counts: page.t2("verdict-counts", "useful", said.useful, "bad", said.out_of_date),
        reports: said.open.into_iter().map(report).collect(),
        broken,
        term,
        here: links::desk_sheet(&sheet.code),
        code: sheet.code,
        page,
    })
}
