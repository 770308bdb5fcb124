//! «Richieste ferme»: figures for supervisors, each opening its list.
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::{Kind, Still, counts, list};
use crate::kernel::Kernel;
use crate::kernel::codes;
use crate::kernel::page::{Page, html};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Frame};
use crate::network::rules;

const HERE: &str = "/scrivania/supervisione/ferme";
/// Rows of a list: the longest stand first, so that what is handled makes room.
const MOST: i64 = 200;

/// Mounts the page.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource(HERE).route(web::get().to(show)));
}

struct Figure {
    label: String,
    value: i64,
    note: String,
    href: String,
}

struct Line {
    row: Still,
    shown_code: String,
    age: String,
}

#[derive(Template)]
#[template(path = "supervision/stuck.html")]
struct StuckPage {
    page: Page,
    figures: Vec<Figure>,
    /// What the list below shows.
    heading: String,
    lines: Vec<Line>,
}

#[derive(Deserialize)]
struct Asked {
    mostra: Option<String>,
}

async fn show(
    kernel: web::Data<Kernel>,
    caller: Caller,
    Frame(page): Frame,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::ReadSupervision)?;
    let now = kernel.now();
    let mut conn = kernel.db.read().await?;
    let rules = rules::read(&mut conn).await?;
    let found = counts(&mut conn, now).await?;
    // Without a choice, the first figure that is not zero.
    let chosen = asked.mostra.as_deref().and_then(Kind::from_text);
    let chosen = chosen.or_else(|| found.iter().find(|(_, c)| c.count > 0).map(|(kind, _)| *kind)).unwrap_or(Kind::New);
    let rows = list(&mut conn, chosen, now, MOST).await?;
    drop(conn);
    let label = |kind: Kind| page.t(&format!("stuck-{}", kind.as_str().replace('_', "-")));
    let figures = found
        .iter()
        .map(|(kind, c)| Figure {
            label: label(*kind),
            value: c.count,
            note: match (kind.rule(), c.oldest) {
                (Some(rule), _) => page.t1("stuck-after", "hours", rules.get(rule)),
                (None, _) => page.t("stuck-never"),
            },
            href: format!("{HERE}?mostra={}", kind.as_str()),
        })
        .collect();
    let lines = rows
        .into_iter()
        .map(|row| Line { shown_code: codes::grouped(&row.code), age: page.age(&row.since), row })
        .collect();
    html(&StuckPage { heading: label(chosen), page: page.titled("stuck-title"), figures, lines })
}
