//! The JSON endpoints of drafts and versions.
use actix_web::{HttpRequest, HttpResponse, web};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::api::params;
use super::diff::{FieldDiff, compare};
use super::editing::code_in;
use super::history::{kept, readable};
use super::model::SheetDraft;
use super::sheets::SheetError;
use super::versions::decide::{self, Approved};
use super::versions::draft::{self, Basis};
use super::versions::{Draft, rules, store};
use super::{markdown, sheets, store as sheet_store};
use crate::kernel::Kernel;
use crate::kernel::language::Language;
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Json, check_csrf, if_match};

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route("/knowledge/sheets/{code}/versions", web::get().to(list_versions))
        .route("/knowledge/sheets/{code}/versions/{version}", web::get().to(show_version))
        .route("/knowledge/sheets/{code}/versions/{version}/restore", web::post().to(restore_version))
        .route("/knowledge/sheets/{code}/diff", web::get().to(diff_versions))
        .route("/knowledge/sheets/{code}/draft", web::get().to(show_draft))
        .route("/knowledge/sheets/{code}/draft", web::put().to(save_draft))
        .route("/knowledge/sheets/{code}/draft", web::delete().to(discard_draft))
        .route("/knowledge/sheets/{code}/draft/submit", web::post().to(submit_draft))
        .route("/knowledge/sheets/{code}/draft/publish", web::post().to(publish_draft))
        .route("/knowledge/sheets/{code}/draft/return", web::post().to(return_draft))
        .route("/knowledge/spoken/{number}", web::get().to(spoken));
}

/// A version of a sheet.
#[derive(Debug, Serialize, ToSchema)]
pub struct VersionView {
    pub version: i64,
    /// When it came into force, RFC 3339.
    pub at: String,
    /// Who wrote it and who published it: `user:12`, `system`, `token:3`.
    pub author: String,
    pub validator: String,
    pub why: String,
    /// What it said; left out of lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<SheetDraft>,
}

/// The versions of a sheet, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct VersionList {
    pub items: Vec<VersionView>,
}

/// What two versions say differently.
#[derive(Debug, Serialize, ToSchema)]
pub struct DiffView {
    pub from: i64,
    pub to: i64,
    pub fields: Vec<FieldDiff>,
}

/// The next version of a sheet.
#[derive(Debug, Serialize, ToSchema)]
pub struct DraftView {
    /// Counts up at each change of the draft.
    pub revision: i64,
    /// `draft`, `submitted`, `returned` or `scheduled`.
    pub state: &'static str,
    pub author: String,
    pub why: String,
    /// Why it was sent back; empty otherwise.
    pub reason: String,
    /// The version it was begun on; 0 for a sheet that never was published.
    pub based_on: i64,
    pub updated_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub publish_at: Option<String>,
    pub content: SheetDraft,
}

impl DraftView {
    fn of(draft: Draft) -> Self {
        Self {
            revision: draft.revision,
            state: draft.state.as_str(),
            author: draft.author,
            why: draft.why,
            reason: draft.reason,
            based_on: draft.based_on,
            updated_at: draft.updated_at.rfc3339(),
            publish_at: draft.publish_at.map(|at| at.rfc3339()),
            content: draft.content,
        }
    }
}

/// A draft about to be saved.
#[derive(Debug, Deserialize, ToSchema)]
pub struct DraftRequest {
    /// What changes and why.
    #[serde(default)]
    pub why: String,
    pub content: SheetDraft,
}

/// Which draft a decision is about.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubmitRequest {
    pub revision: i64,
}

/// Publishes a draft.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PublishRequest {
    pub revision: i64,
    /// The day on which it comes into force, `YYYY-MM-DD`; at once without it.
    #[schema(value_type = Option<String>)]
    pub on: Option<Date>,
}

/// Sends a draft back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReturnRequest {
    pub revision: i64,
    pub reason: String,
}

/// What came of a publication.
#[derive(Debug, Serialize, ToSchema)]
pub struct PublishedView {
    /// The version in force; absent when it comes into force later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
    /// The day on which it comes into force; absent when it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on: Option<String>,
}

/// What a voice says of a sheet.
#[derive(Debug, Serialize, ToSchema)]
pub struct SpokenView {
    pub number: i64,
    pub code: String,
    pub title: String,
    /// Short, to be said aloud.
    pub text: String,
    pub lang: &'static str,
}

/// Lists the versions of a sheet.
#[utoipa::path(get, path = "/knowledge/sheets/{code}/versions", tag = "knowledge",
    params(("code" = String, Path, description = "Code of the sheet")),
    responses((status = 200, description = "The newest first", body = VersionList),
        (status = 404, description = "No sheet that this caller may read")),
    security(("bearer" = [])))]
async fn list_versions(
    kernel: web::Data<Kernel>,
    caller: Caller,
    code: web::Path<String>,
) -> Result<web::Json<VersionList>, Problem> {
    let who = caller.require(Permission::ReadKnowledge)?;
    let sheet = readable(&kernel, who, &code_in(&code)?).await?;
    let mut conn = kernel.db.read().await?;
    let lines = store::versions(&mut conn, sheet.id).await?;
    let view = |v: store::VersionLine| VersionView {
        version: v.version,
        at: v.at.rfc3339(),
        author: v.author,
        validator: v.validator,
        why: v.why,
        content: None,
    };
    Ok(web::Json(VersionList { items: lines.into_iter().map(view).collect() }))
}

/// Shows a version as it was.
#[utoipa::path(get, path = "/knowledge/sheets/{code}/versions/{version}", tag = "knowledge",
    params(("code" = String, Path, description = "Code of the sheet"), ("version" = i64, Path, description = "Its version")),
    responses((status = 200, description = "The version", body = VersionView),
        (status = 404, description = "No such version")),
    security(("bearer" = [])))]
async fn show_version(
    kernel: web::Data<Kernel>,
    caller: Caller,
    path: web::Path<(String, i64)>,
) -> Result<web::Json<VersionView>, Problem> {
    let who = caller.require(Permission::ReadKnowledge)?;
    let (code, version) = path.into_inner();
    let sheet = readable(&kernel, who, &code_in(&code)?).await?;
    let v = kept(&kernel, &sheet, version).await?;
    Ok(web::Json(VersionView {
        version: v.version,
        at: v.at.rfc3339(),
        author: v.author,
        validator: v.validator,
        why: v.why,
        content: Some(v.content),
    }))
}

/// Takes an older version up again.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RestoreRequest {
    /// Why; may be empty.
    #[serde(default)]
    pub why: String,
}

/// Begins a draft with the content of an older version; it replaces the draft there is. It comes into force like
/// any other draft.
#[utoipa::path(post, path = "/knowledge/sheets/{code}/versions/{version}/restore", tag = "knowledge",
    params(("code" = String, Path, description = "Code of the sheet"), ("version" = i64, Path, description = "The version taken up")),
    request_body = RestoreRequest,
    responses((status = 200, description = "The draft", body = DraftView),
        (status = 403, description = "The caller does not write for this unit"),
        (status = 404, description = "No such version")),
    security(("bearer" = [])))]
async fn restore_version(
    kernel: web::Data<Kernel>,
    caller: Caller,
    path: web::Path<(String, i64)>,
    body: Json<RestoreRequest>,
) -> Result<web::Json<DraftView>, Problem> {
    let who = caller.require(Permission::DraftKnowledge)?;
    let (code, version) = path.into_inner();
    let code = code_in(&code)?;
    readable(&kernel, who, &code).await?;
    Ok(web::Json(DraftView::of(draft::restore(&kernel, who, &code, version, body.value.why).await?)))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct DiffParams {
    from: i64,
    to: i64,
}

/// Says what two versions say differently, field by field and word by word.
#[utoipa::path(get, path = "/knowledge/sheets/{code}/diff", tag = "knowledge",
    params(("code" = String, Path, description = "Code of the sheet"), DiffParams),
    responses((status = 200, description = "The fields that differ", body = DiffView),
        (status = 404, description = "No such version")),
    security(("bearer" = [])))]
async fn diff_versions(
    kernel: web::Data<Kernel>,
    caller: Caller,
    code: web::Path<String>,
    req: HttpRequest,
) -> Result<web::Json<DiffView>, Problem> {
    let who = caller.require(Permission::ReadKnowledge)?;
    let asked: DiffParams = params(&req)?;
    let sheet = readable(&kernel, who, &code_in(&code)?).await?;
    let (old, new) = (kept(&kernel, &sheet, asked.from).await?, kept(&kernel, &sheet, asked.to).await?);
    Ok(web::Json(DiffView { from: asked.from, to: asked.to, fields: compare(&old.content, &new.content) }))
}

/// Shows the draft of a sheet.
#[utoipa::path(get, path = "/knowledge/sheets/{code}/draft", tag = "knowledge",
    params(("code" = String, Path, description = "Code of the sheet")),
    responses((status = 200, description = "The draft; its revision is the ETag", body = DraftView),
        (status = 404, description = "No draft that this caller may work on")),
    security(("bearer" = [])))]
async fn show_draft(
    kernel: web::Data<Kernel>,
    caller: Caller,
    code: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::DraftKnowledge)?;
    let code = code_in(&code)?;
    let mut conn = kernel.db.read().await?;
    let sheet = sheet_store::sheet(&mut conn, code.as_str()).await?.ok_or_else(Problem::not_found)?;
    if !rules::may_draft(who, sheet.unit) && !rules::may_validate(who, sheet.unit) {
        return Err(Problem::not_found());
    }
    let draft = store::draft(&mut conn, sheet.id).await?.ok_or(SheetError::NoDraft)?;
    Ok(HttpResponse::Ok().insert_header(("ETag", format!("\"{}\"", draft.revision))).json(DraftView::of(draft)))
}

/// Saves the draft of a sheet, which need not exist yet. `If-Match` names the revision it replaces.
#[utoipa::path(put, path = "/knowledge/sheets/{code}/draft", tag = "knowledge",
    params(("code" = String, Path, description = "Code of the sheet")), request_body = DraftRequest,
    responses((status = 200, description = "The draft", body = DraftView),
        (status = 403, description = "The caller does not write for this unit"),
        (status = 412, description = "Somebody changed the draft meanwhile"),
        (status = 422, description = "A value cannot be kept")),
    security(("bearer" = [])))]
async fn save_draft(
    kernel: web::Data<Kernel>,
    caller: Caller,
    code: web::Path<String>,
    req: HttpRequest,
    body: Json<DraftRequest>,
) -> Result<web::Json<DraftView>, Problem> {
    let who = caller.require(Permission::DraftKnowledge)?;
    if code_in(&code)? != body.value.content.code {
        return Err(Problem::field("code", "fixed"));
    }
    let basis = match if_match(&req)? {
        None => Basis::Any,
        Some(revision) => {
            let mut conn = kernel.db.read().await?;
            let sheet = sheet_store::sheet(&mut conn, body.value.content.code.as_str()).await?;
            Basis::On { revision, version: sheet.map_or(0, |s| s.version) }
        }
    };
    let saved = draft::save(&kernel, who, body.value.content, body.value.why, basis).await?;
    Ok(web::Json(DraftView::of(saved)))
}

/// Drops the draft of a sheet; a sheet that never was published goes with it.
#[utoipa::path(delete, path = "/knowledge/sheets/{code}/draft", tag = "knowledge",
    params(("code" = String, Path, description = "Code of the sheet")),
    responses((status = 204, description = "Dropped"), (status = 403, description = "Neither one's own nor one's unit's"),
        (status = 404, description = "No draft")),
    security(("bearer" = [])))]
async fn discard_draft(
    kernel: web::Data<Kernel>,
    caller: Caller,
    code: web::Path<String>,
    req: HttpRequest,
) -> Result<HttpResponse, Problem> {
    check_csrf(&req, None)?;
    let who = caller.require(Permission::DraftKnowledge)?;
    draft::discard(&kernel, who, &code_in(&code)?).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Submits the draft of a sheet to the unit that answers for it.
#[utoipa::path(post, path = "/knowledge/sheets/{code}/draft/submit", tag = "knowledge",
    params(("code" = String, Path, description = "Code of the sheet")), request_body = SubmitRequest,
    responses((status = 200, description = "Submitted", body = DraftView),
        (status = 409, description = "It is submitted already"), (status = 412, description = "Changed meanwhile"),
        (status = 422, description = "It is incomplete")),
    security(("bearer" = [])))]
async fn submit_draft(
    kernel: web::Data<Kernel>,
    caller: Caller,
    code: web::Path<String>,
    body: Json<SubmitRequest>,
) -> Result<web::Json<DraftView>, Problem> {
    let who = caller.require(Permission::DraftKnowledge)?;
    Ok(web::Json(DraftView::of(decide::submit(&kernel, who, &code_in(&code)?, body.value.revision).await?)))
}

/// Publishes the draft of a sheet, at once or on a day.
#[utoipa::path(post, path = "/knowledge/sheets/{code}/draft/publish", tag = "knowledge",
    params(("code" = String, Path, description = "Code of the sheet")), request_body = PublishRequest,
    responses((status = 200, description = "Published, or to be on its day", body = PublishedView),
        (status = 403, description = "The caller does not validate for this unit"),
        (status = 412, description = "Changed meanwhile"), (status = 422, description = "It is incomplete")),
    security(("bearer" = [])))]
async fn publish_draft(
    kernel: web::Data<Kernel>,
    caller: Caller,
    code: web::Path<String>,
    body: Json<PublishRequest>,
) -> Result<web::Json<PublishedView>, Problem> {
    let who = caller.require(Permission::ValidateKnowledge)?;
    let PublishRequest { revision, on } = body.value;
    Ok(web::Json(match decide::approve(&kernel, who, &code_in(&code)?, revision, on).await? {
        Approved::Published(saved) => PublishedView { version: Some(saved.version), on: None },
        Approved::Scheduled(day) => PublishedView { version: None, on: Some(day.to_string()) },
    }))
}

/// Sends the draft of a sheet back to whoever wrote it, with a reason.
#[utoipa::path(post, path = "/knowledge/sheets/{code}/draft/return", tag = "knowledge",
    params(("code" = String, Path, description = "Code of the sheet")), request_body = ReturnRequest,
    responses((status = 200, description = "Sent back", body = DraftView),
        (status = 403, description = "The caller does not validate for this unit"),
        (status = 409, description = "It is not submitted"), (status = 412, description = "Changed meanwhile"),
        (status = 422, description = "No reason")),
    security(("bearer" = [])))]
async fn return_draft(
    kernel: web::Data<Kernel>,
    caller: Caller,
    code: web::Path<String>,
    body: Json<ReturnRequest>,
) -> Result<web::Json<DraftView>, Problem> {
    let who = caller.require(Permission::ValidateKnowledge)?;
    let ReturnRequest { revision, reason } = body.value;
    Ok(web::Json(DraftView::of(decide::send_back(&kernel, who, &code_in(&code)?, revision, &reason).await?)))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SpokenParams {
    /// `it` or `en`; where the sheet lacks it, the one it has.
    lang: Option<String>,
}

/// What an answering machine says for the number that a caller typed. Public sheets only.
#[utoipa::path(get, path = "/knowledge/spoken/{number}", tag = "knowledge",
    params(("number" = String, Path, description = "Number of the sheet"), SpokenParams),
    responses((status = 200, description = "What to say", body = SpokenView),
        (status = 404, description = "No public sheet has this number")),
    security(("bearer" = [])))]
async fn spoken(
    kernel: web::Data<Kernel>,
    _caller: Caller,
    number: web::Path<String>,
    req: HttpRequest,
) -> Result<web::Json<SpokenView>, Problem> {
    let asked: SpokenParams = params(&req)?;
    let language = asked.lang.as_deref().and_then(Language::from_tag).unwrap_or(Language::Italian);
    let sheet = sheets::by_dictation(&kernel, &number).await?.filter(|s| s.is_public());
    let sheet = sheet.ok_or_else(Problem::not_found)?;
    let text = sheet.text_in(language).ok_or_else(Problem::not_found)?;
    Ok(web::Json(SpokenView {
        number: sheet.number,
        code: sheet.code.clone(),
        title: text.title.clone(),
        text: markdown::spoken(text),
        lang: text.language.as_str(),
    }))
}
