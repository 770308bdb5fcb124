//! What a version would have done in a period, and the tickets behind each figure.
use actix_web::{HttpResponse, web};
use askama::Template;
use jiff::civil::Date;
use serde::Deserialize;

use super::super::words::step_words;
use super::super::{store, trial};
use super::{Known, href};
use crate::kernel::Kernel;
use crate::kernel::page::{Page, html};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Frame};
use crate::kernel::time::Instant;

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route("/scrivania/automazioni/{id:\\d+}/prova", web::get().to(show));
}

#[derive(Debug, Clone, Deserialize)]
struct Asked {
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
}

struct TicketLine {
    code: String,
    subject: String,
    when: String,
}

struct Line {
    name: String,
    starts: usize,
    steps: Vec<String>,
    tickets: Vec<TicketLine>,
    /// Further tickets that are not listed.
    more: usize,
}

#[derive(Template)]
#[template(path = "rules/trial.html")]
struct TrialPage {
    page: Page,
    back: String,
    from: String,
    to: String,
    lines: Vec<Line>,
    events: usize,
    starts: usize,
    cut: bool,
}

/// The instants at which two days begin, the second being the one after the last.
fn period(page: &Page, asked: &Asked) -> Option<(Date, Date, Instant, Instant)> {
    let today = page.now.zoned(&page.zone).date();
    let day = |text: &str, or: Date| if text.is_empty() { Some(or) } else { text.parse().ok() };
    let to = day(&asked.to, today)?;
    let from = day(&asked.from, to.saturating_sub(jiff::Span::new().months(1)))?;
    let begin = |day: Date| day.to_zoned(page.zone.clone()).ok().map(|at| Instant::from(at.timestamp()));
    Some((from, to, begin(from)?, begin(to.tomorrow().ok()?)?))
}

async fn show(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    id: web::Path<i64>,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::Administer)?;
    let page = frame.0.titled("rules-trial");
    let (from, to, begin, end) = period(&page, &asked).ok_or_else(|| Problem::field("from", "invalid"))?;
    let mut conn = kernel.db.read().await?;
    let version = store::version(&mut conn, *id).await?.ok_or_else(Problem::not_found)?;
    let known = Known::read(&mut conn, &page).await?;
    drop(conn);
    let rules = version.rules()?;
    let mut found = trial::run(&kernel, &rules, begin, end).await?;
    let mut lines = Vec::with_capacity(rules.len());
    for (place, rule) in rules.iter().enumerate() {
        let of = found.rules.remove(&place).unwrap_or_default();
        lines.push(Line {
            name: rule.name.clone(),
            starts: of.starts,
            steps: rule.then.iter().map(|step| step_words(step, &known, page.language)).collect(),
            more: of.starts.saturating_sub(of.tickets.len()),
            tickets: of
                .tickets
                .into_iter()
                .map(|one| TicketLine { code: one.code, subject: one.subject, when: page.datetime(&one.at) })
                .collect(),
        });
    }
    html(&TrialPage {
        back: href(*id),
        from: from.to_string(),
        to: to.to_string(),
        starts: lines.iter().map(|line| line.starts).sum(),
        lines,
        events: found.events,
        cut: found.cut,
        page,
    })
}
