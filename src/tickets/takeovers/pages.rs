//! The report of takeovers, for supervisors.
use actix_web::{HttpResponse, web};
use askama::Template;
use jiff::ToSpan;
use jiff::civil::Date;
use serde::Deserialize;

use super::api::Days;
use super::store::{self, Figures, Listed};
use crate::kernel::Kernel;
use crate::kernel::codes;
use crate::kernel::page::{Page, html, page_of};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Frame};
use crate::kernel::time::Instant;

const HERE: &str = "/scrivania/supervisione/avocazioni";
/// Rows of a page.
const PAGE: i64 = 50;

/// Mounts the page.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource(HERE).route(web::get().to(show)));
}

/// First and last day as texts, and the instants they begin and end at.
///
/// # Errors
/// A day that cannot be read.
pub(super) fn span(kernel: &Kernel, days: &Days) -> Result<(String, String, (Instant, Instant)), Problem> {
    let zone = kernel.config.zone();
    let today = kernel.now().zoned(&zone).date();
    let day = |text: &Option<String>, field: &str, otherwise: Date| match text.as_deref().filter(|t| !t.is_empty()) {
        Some(text) => text.parse::<Date>().map_err(|_| Problem::field(field, "unreadable")),
        None => Ok(otherwise),
    };
    let to = day(&days.to, "to", today)?;
    let from = day(&days.from, "from", to.saturating_sub(30.days()))?;
    let midnight = |day: Date| {
        day.at(0, 0, 0, 0).to_zoned(zone.clone()).map_or(Instant(i64::MAX), |zoned| Instant::from(zoned.timestamp()))
    };
    let within = (midnight(from), midnight(to.saturating_add(1.day())));
    Ok((from.to_string(), to.to_string(), within))
}

struct Line {
    row: Listed,
    shown_code: String,
    state: String,
}

#[derive(Template)]
#[template(path = "supervision/takeovers.html")]
struct TakeoversPage {
    page: Page,
    from: String,
    to: String,
    figures: Figures,
    lines: Vec<Line>,
    next: String,
}

#[derive(Deserialize)]
struct Before {
    before: Option<i64>,
}

async fn show(
    kernel: web::Data<Kernel>,
    caller: Caller,
    Frame(page): Frame,
    days: web::Query<Days>,
    before: web::Query<Before>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::ReadSupervision)?;
    let (from, to, within) = span(&kernel, &days)?;
    let mut conn = kernel.db.read().await?;
    let figures = store::figures(&mut conn, within).await?;
    let rows = store::listed(&mut conn, within, before.before.unwrap_or(i64::MAX), PAGE + 1).await?;
    drop(conn);
    let (rows, more) = page_of(rows, PAGE);
    let next = rows.last().filter(|_| more).map(|last| format!("{HERE}?from={from}&to={to}&before={}", last.id));
    let lines = rows
        .into_iter()
        .map(|row| Line {
            shown_code: codes::grouped(&row.code),
            state: match (row.given_back, row.ended_at) {
                (true, _) => page.t("takeovers-given-back"),
                (false, Some(_)) => page.t("takeovers-handed-on"),
                (false, None) => page.t("takeovers-lasting"),
            },
            row,
        })
        .collect();
    let next = next.unwrap_or_default();
    html(&TakeoversPage { page: page.titled("takeovers-title"), from, to, figures, lines, next })
}
