//! The tickets behind a figure as a table, with what their categories asked in columns of their own.
use std::collections::BTreeMap;

use actix_web::{HttpResponse, web};

use super::pages::BehindQuery;
use super::store::{self, BehindRow};
use crate::classification;
use crate::classification::fields::FieldReader;
use crate::classification::model::Effective;
use crate::kernel::Kernel;
use crate::kernel::page::Page;
use crate::kernel::permissions::Permission;
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::request::{Caller, Frame};

const PIECE: i64 = 500;
/// Rows of a table: the latest closed.
const MOST: usize = 20_000;

/// Mounts the table.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/scrivania/supervisione/pratiche.csv").route(web::get().to(table)));
}

/// A cell that begins like a formula would run in a spreadsheet.
fn guarded(text: String) -> String {
    if text.starts_with(['=', '+', '-', '@']) { format!("'{text}") } else { text }
}

async fn table(
    kernel: web::Data<Kernel>,
    caller: Caller,
    Frame(page): Frame,
    query: web::Query<BehindQuery>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::ReadSupervision)?;
    let of = query.behind(&kernel, &page)?;
    let mut conn = kernel.db.read().await?;
    let names = store::names(&mut conn, of.period, of.period.span(&page.zone).1, of.classes).await?;
    let mut before = ("9999-12-31".to_owned(), i64::MAX);
    // Columns of fields in the order in which they come first.
    let mut columns: Vec<String> = Vec::new();
    let mut lines: Vec<(Vec<String>, BTreeMap<String, String>)> = Vec::new();
    while lines.len() < MOST {
        let rows = store::behind(&mut conn, &of, before.clone(), PIECE).await?;
        let Some(last) = rows.last() else { break };
        before = (last.closed_at.day(&page.zone), last.ticket_id);
        for row in rows {
            let answered = classification::store::answers(&mut conn, row.ticket_id).await?;
            let shown = answered.map(|answered| {
                let asked = Effective { fields: answered.fields, phases: Vec::new() };
                asked.shown(&answered.answers, FieldReader::Agent, page.language)
            });
            let shown: BTreeMap<String, String> = shown.unwrap_or_default().into_iter().collect();
            columns.extend(shown.keys().filter(|label| !columns.contains(label)).cloned().collect::<Vec<_>>());
            lines.push((fixed(&page, &names, row), shown));
        }
    }
    drop(conn);
    let internal = |e: &dyn std::fmt::Display| Problem::new(Kind::Internal, "internal", e.to_string());
    let mut writer = csv::Writer::from_writer(Vec::new());
    let head = ["code", "subject", "channel", "category", "unit", "closed-at", "how"];
    let head = head.map(|name| page.t(&format!("supervision-{name}")));
    writer.write_record(head.into_iter().chain(columns.iter().cloned()).map(guarded)).map_err(|e| internal(&e))?;
    for (fixed, mut shown) in lines {
        let answers = columns.iter().map(|label| shown.remove(label).unwrap_or_default()).collect::<Vec<_>>();
        writer.write_record(fixed.into_iter().chain(answers).map(guarded)).map_err(|e| internal(&e))?;
    }
    let name = format!("pratiche-{}-{}.csv", of.period.from, of.period.to);
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header(("Content-Disposition", format!("attachment; filename=\"{name}\"")))
        .body(writer.into_inner().map_err(|e| internal(&e))?))
}

fn fixed(page: &Page, names: &store::Names, row: BehindRow) -> Vec<String> {
    vec![
        row.code,
        row.subject,
        page.t(&format!("channel-{}", row.channel)),
        row.category.unwrap_or_default(),
        names.unit(row.unit_id).to_owned(),
        page.datetime(&row.closed_at),
        page.t(match (row.strict, row.wide) {
            (true, _) => "supervision-row-strict",
            (false, true) => "supervision-row-wide",
            (false, false) => "supervision-row-external",
        }),
    ]
}
