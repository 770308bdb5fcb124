//! Notices by text message: what a person said of each of their numbers, and changing it for them.
use actix_web::{HttpResponse, web};
use serde::Deserialize;

use crate::kernel::Kernel;
use crate::kernel::database::{Conn, StoreError};
use crate::kernel::page::{Page, see_other};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Form};
use crate::outbox;
use crate::people::file::PersonFile;
use crate::tickets::persons;

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/scrivania/persone/{id}/avvisi").route(web::post().to(change)));
}

/// A number and what was said of it.
pub struct Consent {
    /// In normal form.
    pub number: String,
    pub shown: String,
    pub given: bool,
    /// What holds, in words.
    pub state: String,
    /// What was said before, newest first.
    pub history: Vec<(String, String)>,
}

/// The numbers of a person.
///
/// # Errors
/// When the database cannot be read.
pub async fn consents(conn: &mut Conn, page: &Page, file: &PersonFile) -> Result<Vec<Consent>, StoreError> {
    let mut all = Vec::new();
    for phone in file.identifiers.iter().filter(|i| i.kind == "phone") {
        let rows = outbox::consents(conn, outbox::SMS, &phone.value).await?;
        let words = |row: &outbox::store::ConsentRow| {
            let source = page.t(&format!("consent-source-{}", row.source));
            let who = row.author.clone().map(|name| format!(" ({name})")).unwrap_or_default();
            page.t2(&format!("consent-{}", row.state), "source", format!("{source}{who}"), "date", page.date(&row.at))
        };
        let latest = rows.first();
        all.push(Consent {
            number: phone.value.clone(),
            shown: phone.raw.clone(),
            given: latest.is_some_and(|row| row.state == "given"),
            state: latest.map_or_else(|| page.t("consent-none"), words),
            history: rows.iter().skip(1).map(|row| (row.at.rfc3339(), words(row))).collect(),
        });
    }
    Ok(all)
}

#[derive(Deserialize)]
struct Said {
    number: String,
    /// `si` or `no`.
    avvisi: String,
}

async fn change(
    kernel: web::Data<Kernel>,
    caller: Caller,
    id: web::Path<i64>,
    form: Form<Said>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WorkTickets)?;
    persons::set_consent(&kernel, who, *id, &form.0.number, form.0.avvisi == "si").await?;
    Ok(see_other(&format!("/scrivania/persone/{id}?fatto=consent")))
}
