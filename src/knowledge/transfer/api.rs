//! The JSON endpoints of export and import.
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use utoipa::IntoParams;

use super::import::{Into, Report, Run, import};
use super::{FileKind, export, read_file, write_file};
use crate::kernel::Kernel;
use crate::kernel::permissions::Permission;
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::request::{Caller, check_csrf, read_body};
use crate::knowledge::api::params;

/// Mounts the endpoints, relative to `/api/v1`.
pub(in crate::knowledge) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route("/knowledge/export", web::get().to(export_sheets))
        .route("/knowledge/import", web::post().to(import_sheets));
}

/// Most bytes of an import.
const IMPORT_BYTES: usize = 32 * 1024 * 1024;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ExportParams {
    /// `csv`, `jsonl`, `markdown`, or `zip` for a folder with a Markdown file for each sheet.
    format: FileKind,
}

/// Exports the sheets in force.
#[utoipa::path(get, path = "/knowledge/export", tag = "knowledge", params(ExportParams),
    responses((status = 200, description = "A file in the wanted format"),
        (status = 403, description = "The caller does not look after all sheets")),
    security(("bearer" = [])))]
pub(in crate::knowledge) async fn export_sheets(
    kernel: web::Data<Kernel>,
    caller: Caller,
    req: HttpRequest,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::EditKnowledge)?;
    let ExportParams { format } = params(&req)?;
    let name = format!("attachment; filename=\"schede.{}\"", format.extension());
    let file = write_file(&kernel, format, export::all(&kernel).await?).await?;
    let mut answer = HttpResponse::Ok();
    Ok(answer.content_type(format.media_type()).insert_header(("Content-Disposition", name)).body(file))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ImportParams {
    /// `csv`, `jsonl`, `markdown`, or `zip` for a folder with a Markdown file for each sheet.
    format: FileKind,
    /// `drafts`, to be validated, or `published`; drafts when left out.
    #[serde(default)]
    into: Into,
    /// Only say what would be done.
    #[serde(default)]
    dry_run: bool,
}

/// Imports sheets: all of them, or none when one is wrong.
#[utoipa::path(post, path = "/knowledge/import", tag = "knowledge", params(ImportParams),
    request_body(content = String, description = "The file"),
    responses((status = 200, description = "What was done, or what is wrong", body = Report),
        (status = 403, description = "The caller does not look after all sheets"),
        (status = 413, description = "Too much at once")),
    security(("bearer" = [])))]
pub(in crate::knowledge) async fn import_sheets(
    kernel: web::Data<Kernel>,
    caller: Caller,
    req: HttpRequest,
    payload: web::Payload,
) -> Result<web::Json<Report>, Problem> {
    check_csrf(&req, None)?;
    let who = caller.require(Permission::EditKnowledge)?;
    let asked: ImportParams = params(&req)?;
    let body = read_body(&req, payload.into_inner(), IMPORT_BYTES).await?;
    if asked.format != FileKind::Zip && std::str::from_utf8(&body).is_err() {
        return Err(Problem::new(Kind::Malformed, "not_utf8", "the file is not UTF-8 text"));
    }
    let entries = read_file(asked.format, body, String::new()).await?;
    let run = if asked.dry_run { Run::Dry } else { Run::Real };
    Ok(web::Json(import(&kernel, who, entries, asked.into, run).await?))
}
