//! Paper that comes through a scanner without a folder of its own: batches are uploaded on a page, which also has the
//! sheet that divides them.
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use channels::paper::Envelope;
use channels::{ChannelKind, RawContent, RawItem};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::model::driver;
use super::store;
use crate::intake::reading;
use crate::intake::store as raw;
use crate::kernel::Kernel;
use crate::kernel::page::{Page, html, see_other};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Frame};
use crate::tickets::pages::upload::{FILE_BYTES, FILES, Submitted};

const HERE: &str = "/scrivania/lettere/carica";
/// Batches shown, the newest first.
const SHOWN: i64 = 20;

/// Mounts the page and the sheet.
pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource(HERE).route(web::get().to(show)).route(web::post().to(upload)))
        .service(web::resource("/scrivania/lettere/separatore.pdf").route(web::get().to(separator)));
}

struct Batch {
    at: String,
    when: String,
    account: String,
    /// `good`, `warn` or `plain`.
    tone: &'static str,
    state: String,
    tickets: Vec<String>,
}

#[derive(Template)]
#[template(path = "accounts/scans.html")]
struct ScansPage {
    page: Page,
    /// Names of the accounts that read scans.
    accounts: Vec<String>,
    done: String,
    batches: Vec<Batch>,
    max_bytes: usize,
    max_files: usize,
}

#[derive(Deserialize)]
struct Shown {
    /// How many batches were just taken.
    presi: Option<u32>,
}

async fn scanners(kernel: &Kernel) -> Result<Vec<String>, Problem> {
    let mut conn = kernel.db.read().await?;
    let rows = store::all(&mut conn).await?;
    let reads = |d: &str| driver(d).is_some_and(|d| d.kind() == ChannelKind::Letter && !d.sends());
    Ok(rows.into_iter().filter(|row| row.enabled && reads(&row.driver)).map(|row| row.name).collect())
}

async fn show(
    kernel: web::Data<Kernel>,
    caller: Caller,
    Frame(page): Frame,
    shown: web::Query<Shown>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::WorkTickets)?;
    let page = page.titled("scans-title");
    let accounts = scanners(&kernel).await?;
    let mut conn = kernel.db.read().await?;
    let rows = raw::latest_letters(&mut conn, SHOWN).await?;
    let mut batches = Vec::with_capacity(rows.len());
    for row in rows {
        let (tone, key) = match row.state.as_str() {
            "done" => ("good", "scans-state-done"),
            "quarantined" => ("warn", "scans-state-quarantined"),
            _ => ("plain", "scans-state-reading"),
        };
        let tickets = raw::tickets_of_raw(&mut conn, row.id).await?;
        batches.push(Batch {
            at: page.machine_time(&row.received_at),
            when: page.datetime(&row.received_at),
            account: row.account,
            tone,
            state: page.t(key),
            tickets,
        });
    }
    drop(conn);
    let done = shown.presi.map(|n| page.t1("scans-taken", "n", n)).unwrap_or_default();
    html(&ScansPage { page, accounts, done, batches, max_bytes: FILE_BYTES, max_files: FILES })
}

async fn upload(
    req: HttpRequest,
    kernel: web::Data<Kernel>,
    caller: Caller,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::WorkTickets)?;
    let form = Submitted::read(&req, payload, &kernel).await?;
    let account = form.value("account").to_owned();
    if !scanners(&kernel).await?.contains(&account) {
        return Err(Problem::field("account", "unknown"));
    }
    if form.files.is_empty() {
        return Err(Problem::field("files", "missing"));
    }
    let mut items = Vec::with_capacity(form.files.len());
    for file in &form.files {
        let bytes = kernel.blobs.get(&file.blob).await?;
        // The same pages uploaded twice are one batch.
        let name = data_encoding::HEXLOWER.encode(&Sha256::digest(&bytes));
        let content = Envelope::around(&bytes).with("file", &file.name).to_bytes();
        items.push(RawItem {
            external_ref: format!("upload:{name}"),
            received_at: None,
            content: RawContent::Whole(content.into()),
        });
    }
    let taken = items.len();
    reading::store(&kernel, ChannelKind::Letter, &account, items).await?;
    Ok(see_other(&format!("{HERE}?presi={taken}")))
}

async fn separator(caller: Caller) -> Result<HttpResponse, Problem> {
    caller.require(Permission::WorkTickets)?;
    let sheet = web::block(channels::paper::separator).await;
    let sheet = sheet.map_err(|e| Problem::new(crate::kernel::problem::Kind::Internal, "internal", e.to_string()))?;
    Ok(HttpResponse::Ok().content_type("application/pdf").body(sheet))
}
