//! Paper that comes through a scanner without a folder of its own: batches are uploaded on a page, which also has the
//! sheet that divides them.
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use channels::paper::{Envelope, media_type};
use channels::{ChannelKind, RawContent, RawItem};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::{IntoParams, ToSchema};

use super::model::driver;
use super::store;
use crate::intake::reading;
use crate::intake::store as raw;
use crate::kernel::Kernel;
use crate::kernel::page::{Page, html, see_other};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Frame, read_body};
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
        items.push(item(&file.name, &kernel.blobs.get(&file.blob).await?));
    }
    let taken = items.len();
    reading::store(&kernel, ChannelKind::Letter, &account, items).await?;
    Ok(see_other(&format!("{HERE}?presi={taken}")))
}

/// A batch as it is stored: the same pages brought twice are one.
fn item(name: &str, bytes: &[u8]) -> RawItem {
    let digest = data_encoding::HEXLOWER.encode(&Sha256::digest(bytes));
    let content = Envelope::around(bytes).with("file", name).to_bytes();
    RawItem { external_ref: format!("upload:{digest}"), received_at: None, content: RawContent::Whole(content.into()) }
}

/// Whose scan it is.
#[derive(Debug, Deserialize, IntoParams)]
pub(super) struct ScanIn {
    /// Account that reads scans; may be missing when there is one only.
    account: Option<String>,
    /// Name of the file, as people shall see it.
    file: Option<String>,
}

/// A batch that was taken.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScanOut {
    account: String,
    /// Name of the batch, from its bytes; its letters follow in a moment.
    scan: String,
    /// Whether the same batch was here before.
    known: bool,
}

/// Brings a batch of scanned letters: the file as the body
///
/// Letters stand between separator sheets; a batch without any is one letter.
#[utoipa::path(post, path = "/scans", tag = "accounts", params(ScanIn),
    request_body(content = Vec<u8>, content_type = "application/pdf"),
    responses((status = 201, body = ScanOut), (status = 200, description = "It was here before", body = ScanOut),
        (status = 413, description = "Larger than 20 MB"),
        (status = 422, description = "Neither PDF nor TIFF, JPEG or PNG, or there is no such account")),
    security(("bearer" = [])))]
pub(super) async fn bring(
    req: HttpRequest,
    kernel: web::Data<Kernel>,
    caller: Caller,
    told: web::Query<ScanIn>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    caller.require_either(Permission::WorkTickets, Permission::Intake)?;
    let told = told.into_inner();
    let mut known_accounts = scanners(&kernel).await?;
    let account = match told.account.filter(|name| !name.is_empty()) {
        Some(name) if known_accounts.contains(&name) => name,
        Some(_) => return Err(Problem::field("account", "unknown")),
        None if known_accounts.len() == 1 => known_accounts.remove(0),
        None => return Err(Problem::field("account", "missing")),
    };
    let file = read_body(&req, payload.into_inner(), FILE_BYTES).await?;
    if media_type(&file).is_none() {
        return Err(Problem::field("body", "kind"));
    }
    let item = item(told.file.as_deref().unwrap_or_default(), &file);
    let scan = item.external_ref.clone();
    let mut conn = kernel.db.read().await?;
    let known = raw::day::known(&mut conn, &account, std::slice::from_ref(&scan)).await?.contains(&scan);
    drop(conn);
    reading::store(&kernel, ChannelKind::Letter, &account, vec![item]).await?;
    let out = ScanOut { account, scan, known };
    Ok(if known { HttpResponse::Ok().json(out) } else { HttpResponse::Created().json(out) })
}

async fn separator(caller: Caller) -> Result<HttpResponse, Problem> {
    caller.require(Permission::WorkTickets)?;
    let sheet = web::block(channels::paper::separator).await;
    let sheet = sheet.map_err(|e| Problem::new(crate::kernel::problem::Kind::Internal, "internal", e.to_string()))?;
    Ok(HttpResponse::Ok().content_type("application/pdf").body(sheet))
}
