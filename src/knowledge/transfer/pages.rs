//! The page where sheets are brought in and taken out. A file is tried first; what the trial says is shown, and only
//! then it is applied.
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::attached::Forms;
use super::import::{ImportError, Into, MOST, Report, Run, import};
use super::{Entry, FileKind, LineFault, Wrong, export, read_file, write_file};
use crate::kernel::Kernel;
use crate::kernel::page::{self, Page};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::request::{Caller, Frame};
use crate::knowledge::editing::label_of;
use crate::knowledge::links;
use crate::tickets::pages::upload::{FILE_BYTES, FILES, Submitted, keep};
use crate::tickets::store::StoredFile;

const HERE: &str = "/scrivania/schede/trasferimento";

pub(in crate::knowledge) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route(HERE, web::get().to(show))
        .route(HERE, web::post().to(bring))
        .route("/scrivania/schede/trasferimento/esporta", web::get().to(take));
}

struct FaultView {
    place: String,
    code: String,
    message: String,
}

/// What an import did, or would do.
struct Outcome {
    done: bool,
    tone: &'static str,
    counts: String,
    faults: Vec<FaultView>,
}

struct FormatView {
    href: String,
    label: String,
}

#[derive(Template)]
#[template(path = "knowledge/transfer.html")]
struct TransferPage {
    page: Page,
    /// What was wrong with the upload; empty otherwise.
    error: String,
    into: &'static str,
    outcome: Option<Outcome>,
    /// Names of the files that were tried, and each as a signed word that brings it again.
    files: Vec<String>,
    kept: Vec<String>,
    formats: Vec<FormatView>,
    file_bytes: usize,
    most_files: usize,
}

fn empty(page: Page) -> TransferPage {
    let page = page.titled("transfer-title");
    let format = |format: &FileKind| FormatView {
        href: links::with_query(&format!("{HERE}/esporta"), &[("formato", format.as_str())]),
        label: page.t(&format!("transfer-format-{}", format.as_str())),
    };
    TransferPage {
        formats: FileKind::ALL.iter().map(format).collect(),
        error: String::new(),
        into: Into::Drafts.as_str(),
        outcome: None,
        files: Vec::new(),
        kept: Vec::new(),
        file_bytes: FILE_BYTES,
        most_files: FILES,
        page,
    }
}

async fn show(caller: Caller, frame: Frame) -> Result<HttpResponse, Problem> {
    caller.require(Permission::EditKnowledge)?;
    page::html(&empty(frame.0))
}

#[derive(Deserialize)]
struct Wanted {
    formato: String,
}

/// All sheets in force, as a file.
async fn take(kernel: web::Data<Kernel>, caller: Caller, wanted: web::Query<Wanted>) -> Result<HttpResponse, Problem> {
    caller.require(Permission::EditKnowledge)?;
    let format = FileKind::from_text(&wanted.formato).ok_or_else(Problem::not_found)?;
    let day = kernel.now().day(&kernel.config.zone());
    let name = format!("attachment; filename=\"schede-{day}.{}\"", format.extension());
    let file = write_file(&kernel, format, export::all(&kernel).await?).await?;
    Ok(HttpResponse::Ok().content_type(format.media_type()).insert_header(("Content-Disposition", name)).body(file))
}

/// Tries the files that were sent, or applies those that were tried.
async fn bring(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    req: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::EditKnowledge)?;
    let sent = Submitted::read(&req, payload, &kernel).await?;
    let mut shown = empty(frame.0);
    let into = Into::from_text(sent.value("into")).unwrap_or_default();
    shown.into = into.as_str();
    if sent.files.is_empty() {
        shown.error = shown.page.t("transfer-no-file");
        return page::html_as(&mut HttpResponse::build(Kind::Invalid.status()), &shown);
    }
    let run = if sent.value("then") == "apply" { Run::Real } else { Run::Dry };
    let mut entries = Vec::new();
    for file in &sent.files {
        entries.extend(read(&kernel, file, sent.files.len() > 1).await?);
    }
    let report = match import(&kernel, who, entries, into, run).await {
        Ok(report) => report,
        Err(ImportError::TooMany) => {
            shown.error = shown.page.t1("transfer-too-many", "n", MOST);
            return page::html_as(&mut HttpResponse::build(Kind::TooLarge.status()), &shown);
        }
        Err(e) => return Err(e.into()),
    };
    shown.files = sent.files.iter().map(|f| f.name.clone()).collect();
    if run == Run::Dry && report.faults.is_empty() && report.created + report.changed > 0 {
        shown.kept = sent.files.iter().map(|f| keep(&kernel, f)).collect();
    }
    shown.outcome = Some(outcome(&shown.page, &report));
    page::html(&shown)
}

/// The sheets in a file, whose name says how they are written.
async fn read(kernel: &Kernel, file: &StoredFile, several: bool) -> Result<Vec<Entry>, Problem> {
    let Some(kind) = FileKind::of_name(&file.name) else {
        let content = Err(Wrong { field: "syntax".to_owned(), wrong: "format".to_owned() });
        return Ok(vec![Entry { file: file.name.clone(), line: 1, content, forms: Forms::default() }]);
    };
    let name = if several || kind == FileKind::Zip { file.name.clone() } else { String::new() };
    read_file(kind, kernel.blobs.get(&file.blob).await?, name).await
}

fn outcome(page: &Page, report: &Report) -> Outcome {
    let (created, changed, unchanged) = (report.created, report.changed, report.unchanged);
    let values =
        [("created", created.to_string()), ("changed", changed.to_string()), ("unchanged", unchanged.to_string())];
    Outcome {
        done: report.done,
        tone: if report.done { "good" } else { "info" },
        counts: page.language.text_with("transfer-counts", &values),
        faults: report.faults.iter().map(|fault| fault_view(page, fault)).collect(),
    }
}

fn fault_view(page: &Page, fault: &LineFault) -> FaultView {
    // What has no words of ours is shown as the parser says it.
    let known = |key: String, text: &str| if page.language.has(&key) { page.t(&key) } else { text.to_owned() };
    let field = known(label_of(&fault.field), &fault.field);
    let wrong = known(format!("knowledge-fault-{}", fault.wrong), &fault.wrong);
    let line = page.t1("transfer-line", "n", fault.line);
    FaultView {
        place: if fault.file.is_empty() { line } else { format!("{}, {line}", fault.file) },
        code: fault.code.clone(),
        message: page.t2("knowledge-fault", "field", field, "wrong", wrong),
    }
}
