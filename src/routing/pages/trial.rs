//! What a version would have done in a period, and the requests behind each figure.
use actix_web::{HttpResponse, web};
use askama::Template;
use jiff::civil::Date;
use serde::Deserialize;

use super::super::model::Rule;
use super::super::store;
use super::super::trial::{self, Group, Tried};
use super::{Known, href};
use crate::kernel::Kernel;
use crate::kernel::page::{Page, html};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Frame};
use crate::kernel::time::Instant;

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route("/scrivania/smistamento/{id:\\d+}/prova", web::get().to(show));
}

#[derive(Debug, Clone, Deserialize)]
struct Asked {
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
    /// A figure to be opened: rule from 1 (0 for none), unit that was, unit that would be.
    #[serde(default)]
    group: String,
}

struct Line {
    rule: String,
    was: String,
    would: String,
    same: bool,
    count: usize,
    href: String,
}

#[derive(Template)]
#[template(path = "routing/trial.html")]
struct TrialPage {
    page: Page,
    back: String,
    from: String,
    to: String,
    lines: Vec<Line>,
    all: usize,
    elsewhere: usize,
    legs: usize,
    cut: bool,
    /// Requests behind the figure that was opened.
    opened: Vec<Tried>,
    opened_title: String,
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
    let page = frame.0.titled("routing-trial");
    let (from, to, begin, end) = period(&page, &asked).ok_or_else(|| Problem::field("from", "invalid"))?;
    let mut conn = kernel.db.read().await?;
    let version = store::version(&mut conn, *id).await?.ok_or_else(Problem::not_found)?;
    let known = Known::read(&mut conn, &page).await?;
    drop(conn);
    let rules: Vec<Rule> = version.rules()?;
    let mut found = trial::run(&kernel, rules.clone(), begin, end).await?;
    let key = |group: &Group| format!("{}.{}.{}", group.rule.map_or(0, |place| place + 1), group.was, group.would);
    let name = |place: usize| rules.get(place).map(|rule| rule.name.clone()).unwrap_or_default();
    let mut lines: Vec<Line> = Vec::with_capacity(found.groups.len());
    for (group, requests) in &found.groups {
        let query = [("from", from.to_string()), ("to", to.to_string()), ("group", key(group))];
        lines.push(Line {
            rule: group.rule.map_or_else(|| page.t("routing-no-rule"), name),
            was: known.unit_by_id(group.was),
            would: known.unit_by_id(group.would),
            same: group.was == group.would,
            count: requests.len(),
            href: format!("{}/prova?{}#richieste", href(*id), serde_urlencoded::to_string(query).unwrap_or_default()),
        });
    }
    lines.sort_by(|a, b| a.same.cmp(&b.same).then(b.count.cmp(&a.count)));
    let wanted = found.groups.keys().find(|group| key(group) == asked.group).copied();
    let opened_title = wanted.map(|group| {
        page.t2("routing-trial-opened", "was", known.unit_by_id(group.was), "would", known.unit_by_id(group.would))
    });
    let opened = wanted.and_then(|group| found.groups.remove(&group)).unwrap_or_default();
    html(&TrialPage {
        back: href(*id),
        from: from.to_string(),
        to: to.to_string(),
        lines,
        all: found.all,
        elsewhere: found.elsewhere,
        legs: found.legs,
        cut: found.cut,
        opened,
        opened_title: opened_title.unwrap_or_default(),
        page,
    })
}
