//! The page where the organisation is brought in and taken out as a table. A file is tried first; what the trial says
//! is shown, and only then it is applied.
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::super::transfer::{Run, export, import};
use super::HERE;
use crate::kernel::Kernel;
use crate::kernel::page::{self, Page};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::request::{Caller, Frame};
use crate::organisation::transfer::{COLUMNS, Fault, Record, Report, Step, columns_of};
use crate::tickets::pages::upload::{FILE_BYTES, Submitted, keep};

/// Lines that the preview shows; what is beyond counts too.
const SHOWN: usize = 500;

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource(format!("{HERE}/file")).route(web::get().to(show)).route(web::post().to(bring)))
        .service(web::resource(format!("{HERE}/file/esporta")).route(web::get().to(take)));
}

struct StepView {
    line: u64,
    record: String,
    name: String,
    /// A line each; empty for what is new.
    differences: Vec<String>,
}

struct FaultView {
    place: String,
    message: String,
}

/// What an import did, or would do.
struct Outcome {
    done: bool,
    counts: String,
    steps: Vec<StepView>,
    /// How many more there are.
    more: usize,
    faults: Vec<FaultView>,
}

/// A column and what it says.
struct ColumnView {
    name: &'static str,
    label: String,
    /// Of which lines.
    records: String,
}

#[derive(Template)]
#[template(path = "network/transfer.html")]
struct TransferPage {
    page: Page,
    /// What was wrong with the upload; empty otherwise.
    error: String,
    reason: String,
    outcome: Option<Outcome>,
    /// Name of the file that was tried, and a signed word that brings it again.
    file: String,
    kept: String,
    columns: Vec<ColumnView>,
    file_bytes: usize,
}

/// What a column is called; lines of referents have a rank where units have a kind.
fn label(page: &Page, record: Record, column: &str) -> String {
    let key = match (record, column) {
        (Record::Referent, "kind") => "org-rank",
        (Record::Unit, "unit") => "org-parent",
        (_, "code") => "org-slug",
        (_, "account") => "org-login",
        (_, "from") => "org-first-day",
        (_, "to") => "org-last-day",
        (_, column) => &format!("org-{}", column.replace('_', "-")),
    };
    if page.language.has(key) { page.t(key) } else { column.to_owned() }
}

fn record(page: &Page, record: Record) -> String {
    page.t(&format!("org-record-{}", record.as_str()))
}

fn empty(page: Page) -> TransferPage {
    let page = page.titled("org-file-title");
    let column = |name: &&'static str| {
        let of: Vec<Record> = Record::ALL.iter().copied().filter(|r| columns_of(*r).contains(name)).collect();
        let first = of.first().copied().unwrap_or(Record::Agency);
        ColumnView {
            name,
            label: label(&page, if *name == "unit" { Record::Site } else { first }, name),
            records: if of.is_empty() {
                page.t("org-file-every")
            } else {
                of.iter().map(|r| record(&page, *r)).collect::<Vec<_>>().join(", ")
            },
        }
    };
    TransferPage {
        columns: COLUMNS.iter().map(column).collect(),
        error: String::new(),
        reason: String::new(),
        outcome: None,
        file: String::new(),
        kept: String::new(),
        file_bytes: FILE_BYTES,
        page,
    }
}

async fn show(caller: Caller, Frame(page): Frame) -> Result<HttpResponse, Problem> {
    caller.require(Permission::Administer)?;
    page::html(&empty(page))
}

/// The organisation, as a file.
async fn take(kernel: web::Data<Kernel>, caller: Caller) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::Administer)?;
    let text = export(&kernel, who).await?;
    let name = format!("attachment; filename=\"organizzazione-{}.csv\"", kernel.now().day(&kernel.config.zone()));
    let disposition = ("Content-Disposition", name);
    Ok(HttpResponse::Ok().content_type("text/csv; charset=utf-8").insert_header(disposition).body(text))
}

/// Tries the file that was sent, or applies the one that was tried.
async fn bring(
    kernel: web::Data<Kernel>,
    caller: Caller,
    Frame(page): Frame,
    req: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::Administer)?;
    let sent = Submitted::read(&req, payload, &kernel).await?;
    let mut shown = empty(page);
    sent.value("reason").clone_into(&mut shown.reason);
    let Some(file) = sent.files.first() else {
        shown.error = shown.page.t("org-file-none");
        return page::html_as(&mut HttpResponse::build(Kind::Invalid.status()), &shown);
    };
    let run = if sent.value("then") == "apply" { Run::Real } else { Run::Dry };
    let bytes = kernel.blobs.get(&file.blob).await?;
    let reason = match shown.reason.as_str() {
        "" => shown.page.t1("org-file-reason-none", "file", &file.name),
        reason => reason.to_owned(),
    };
    let report = import(&kernel, who, &bytes, &reason, run).await?;
    shown.file.clone_from(&file.name);
    if run == Run::Dry && report.faults.is_empty() && report.created + report.changed > 0 {
        shown.kept = keep(&kernel, file);
    }
    shown.outcome = Some(outcome(&shown.page, &report));
    page::html(&shown)
}

fn outcome(page: &Page, report: &Report) -> Outcome {
    let values = [
        ("created", report.created.to_string()),
        ("changed", report.changed.to_string()),
        ("unchanged", report.unchanged.to_string()),
    ];
    Outcome {
        done: report.done,
        counts: page.language.text_with("org-file-counts", &values),
        steps: report.steps.iter().take(SHOWN).map(|step| step_view(page, step)).collect(),
        more: report.steps.len().saturating_sub(SHOWN),
        faults: report.faults.iter().map(|fault| fault_view(page, fault)).collect(),
    }
}

fn step_view(page: &Page, step: &Step) -> StepView {
    let dash = |text: &str| if text.is_empty() { "—".to_owned() } else { text.to_owned() };
    let line = |d: &crate::organisation::transfer::Difference| {
        format!("{}: {} → {}", label(page, step.record, &d.column), dash(&d.before), dash(&d.after))
    };
    StepView {
        line: step.line,
        record: record(page, step.record),
        name: step.name.clone(),
        differences: step.differences.iter().map(line).collect(),
    }
}

fn fault_view(page: &Page, fault: &Fault) -> FaultView {
    let column = label(page, Record::Site, &fault.column);
    let named = if fault.column.is_empty() || column == fault.column {
        fault.column.clone()
    } else {
        format!("{column} ({})", fault.column)
    };
    // What the table itself says, else what the forms say of the same.
    let wrong = fault.wrong.replace('_', "-");
    let keys = [format!("org-file-{wrong}"), format!("org-wrong-{wrong}"), "org-wrong-other".to_owned()];
    let key = keys.iter().find(|key| page.language.has(key)).map(String::as_str).unwrap_or_default();
    FaultView {
        place: if fault.line == 0 { String::new() } else { page.t1("org-file-line", "n", fault.line) },
        message: page.t1(key, "field", named),
    }
}
