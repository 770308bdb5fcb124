//! JSON: bulletins for programs, such as the one that a civil protection room publishes an alert with.
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

use super::model::{Bulletin, BulletinKind, BulletinStep, Content, List, Stage};
use super::read::{self, Asked};
use super::store::{Addressee, Key, Version};
use super::write;
use crate::kernel::Kernel;
use crate::kernel::permissions::{Permission, Role};
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Json, check_csrf, if_match};
use crate::kernel::time::Instant;
use crate::knowledge::model::SheetCode;

/// Mounts the endpoints, relative to `/api/v1`.
pub fn api_routes(cfg: &mut web::ServiceConfig) {
    cfg.service(
        web::resource("/bulletins").route(web::get().to(list_bulletins)).route(web::post().to(publish_bulletin)),
    )
    .service(
        web::resource("/bulletins/{id}")
            .route(web::get().to(show_bulletin))
            .route(web::put().to(change_bulletin))
            .route(web::delete().to(withdraw_bulletin)),
    )
    .service(web::resource("/bulletins/{id}/read").route(web::post().to(read_bulletin)))
    .service(web::resource("/bulletins/{id}/readers").route(web::get().to(list_readers)))
    .service(web::resource("/bulletins/{id}/versions").route(web::get().to(list_bulletin_versions)));
}

/// The endpoints of this capability, for the API's description.
#[derive(Debug, OpenApi)]
#[openapi(
    paths(
        list_bulletins,
        publish_bulletin,
        show_bulletin,
        change_bulletin,
        withdraw_bulletin,
        read_bulletin,
        list_readers,
        list_bulletin_versions
    ),
    components(schemas(
        BulletinOut,
        BulletinIn,
        BulletinPage,
        BulletinKind,
        ReaderOut,
        BulletinReaders,
        BulletinVersion,
        BulletinVersions,
        BulletinStep
    ))
)]
pub struct Api;

/// A bulletin.
#[derive(Debug, Serialize, ToSchema)]
pub struct BulletinOut {
    pub id: i64,
    /// Counts up at each change.
    pub revision: i64,
    pub kind: BulletinKind,
    pub title: String,
    /// Markdown.
    pub text: String,
    /// Roles it is for: agent, supervisor, admin, referent; all operators when empty.
    pub roles: Vec<String>,
    /// Slugs of the units it is for; all when empty.
    pub units: Vec<String>,
    pub pinned: bool,
    /// RFC 3339, as all instants.
    pub from: String,
    /// Absent until it is withdrawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// Code of the sheet that says more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// Slug of the category whose requests it concerns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// `planned`, `current`, `over` or `withdrawn`.
    pub stage: &'static str,
    pub created_at: String,
    pub updated_at: String,
    /// When the caller said to have read it as it is now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_at: Option<String>,
}

impl BulletinOut {
    fn of(bulletin: Bulletin, now: Instant) -> Self {
        let stage = match bulletin.stage(now) {
            Stage::Planned => "planned",
            Stage::Current => "current",
            Stage::Over => "over",
            Stage::Withdrawn => "withdrawn",
        };
        let content = bulletin.content;
        Self {
            id: bulletin.id,
            revision: bulletin.revision,
            kind: content.kind,
            title: content.title,
            text: content.text,
            roles: content.roles.iter().map(|r| r.as_str().to_owned()).collect(),
            units: content.units,
            pinned: content.pinned,
            from: content.from.rfc3339(),
            until: content.until.map(Instant::rfc3339),
            sheet: content.sheet,
            category: content.category,
            stage,
            created_at: bulletin.created_at.rfc3339(),
            updated_at: bulletin.updated_at.rfc3339(),
            read_at: bulletin.read_at.map(Instant::rfc3339),
        }
    }
}

/// A bulletin about to be written.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BulletinIn {
    pub kind: BulletinKind,
    pub title: String,
    /// Markdown.
    pub text: String,
    /// agent, supervisor, admin, referent; all operators when empty.
    #[serde(default)]
    pub roles: Vec<String>,
    /// Slugs of units; all when empty.
    #[serde(default)]
    pub units: Vec<String>,
    /// Whether it stays on top of the queues after it was read.
    #[serde(default)]
    pub pinned: bool,
    /// RFC 3339; at once without it.
    pub from: Option<String>,
    /// RFC 3339; until it is withdrawn without it.
    pub until: Option<String>,
    /// Code of a sheet.
    pub sheet: Option<String>,
    /// Slug of a category.
    pub category: Option<String>,
    /// Of a change: whether everybody is asked to read it again.
    #[serde(default)]
    pub ask_again: bool,
}

impl BulletinIn {
    /// As a content; a change without a beginning keeps the one it had.
    fn content(self, from: Instant) -> Result<Content, Problem> {
        let instant = |field: &str, text: Option<String>| match text {
            None => Ok(None),
            Some(text) => Instant::parse(&text).map(Some).map_err(|_| Problem::field(field, "invalid")),
        };
        let role = |text: &String| Role::from_text(text).ok_or_else(|| Problem::field("roles", "unknown"));
        let sheet = match &self.sheet {
            None => None,
            Some(code) => Some(SheetCode::parse(code).ok_or_else(|| Problem::field("sheet", "unknown"))?),
        };
        Ok(Content {
            kind: self.kind,
            title: self.title,
            text: self.text,
            roles: self.roles.iter().map(role).collect::<Result<_, _>>()?,
            units: self.units,
            pinned: self.pinned,
            from: instant("from", self.from)?.unwrap_or(from),
            until: instant("until", self.until)?,
            sheet: sheet.map(|code| code.as_str().to_owned()),
            category: self.category,
        })
    }
}

/// A page of bulletins.
#[derive(Debug, Serialize, ToSchema)]
pub struct BulletinPage {
    pub items: Vec<BulletinOut>,
    /// Where the next page begins; null on the last.
    pub next_cursor: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListParams {
    /// `current`, `unread`, `planned` (who writes only) or `archive`; `current` when absent.
    list: Option<String>,
    /// `emergency`, `service`, `planning` or `local`.
    kind: Option<String>,
    /// Words of title or text.
    #[serde(default)]
    q: String,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Bulletins a page, 1 to 100; 50 when absent.
    limit: Option<i64>,
    /// Also those for others, for who writes bulletins.
    #[serde(default)]
    all: bool,
}

/// Lists bulletins: emergencies and pinned ones first among those in force, then the latest.
#[utoipa::path(get, path = "/bulletins", tag = "bulletins", params(ListParams), security(("bearer" = [])),
    responses((status = 200, body = BulletinPage), (status = 403, description = "The caller reads no bulletins"),
        (status = 422, description = "Unknown list, kind or cursor")))]
async fn list_bulletins(
    kernel: web::Data<Kernel>,
    caller: Caller,
    params: web::Query<ListParams>,
) -> Result<web::Json<BulletinPage>, Problem> {
    let params = params.into_inner();
    let unknown = |field: &'static str| move || Problem::field(field, "unknown");
    let list = params.list.as_deref().map_or(Some(List::Current), List::from_text).ok_or_else(unknown("list"))?;
    let kind = params.kind.as_deref().map(|k| BulletinKind::from_text(k).ok_or_else(unknown("kind"))).transpose()?;
    let after = params.cursor.as_deref().filter(|c| !c.is_empty());
    let after = after.map(|c| Key::from_text(c).ok_or_else(unknown("cursor"))).transpose()?;
    let limit = params.limit.unwrap_or(50);
    if !(1..=100).contains(&limit) {
        return Err(Problem::field("limit", "out_of_range"));
    }
    let asked = Asked { list, kind, words: params.q, after, limit, all: params.all };
    let found = read::list(&kernel, &caller.0, &asked).await?;
    let now = kernel.now();
    Ok(web::Json(BulletinPage {
        items: found.items.into_iter().map(|b| BulletinOut::of(b, now)).collect(),
        next_cursor: found.next.map(Key::to_text),
    }))
}

async fn answer(
    kernel: &Kernel,
    caller: &Caller,
    id: i64,
    mut to: actix_web::HttpResponseBuilder,
) -> Result<HttpResponse, Problem> {
    let bulletin = read::show(kernel, &caller.0, id).await?;
    to.insert_header((header::ETAG, format!("\"{}\"", bulletin.revision)));
    Ok(to.json(BulletinOut::of(bulletin, kernel.now())))
}

/// Publishes a bulletin, in force at once or later.
#[utoipa::path(post, path = "/bulletins", tag = "bulletins", request_body = BulletinIn, security(("bearer" = [])),
    responses((status = 201, body = BulletinOut), (status = 403, description = "The caller does not write bulletins"),
        (status = 422, description = "A value is not acceptable")))]
async fn publish_bulletin(
    kernel: web::Data<Kernel>,
    caller: Caller,
    body: Json<BulletinIn>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WriteBulletins)?;
    let id = write::publish(&kernel, who, body.value.content(kernel.now())?).await?;
    answer(&kernel, &caller, id, HttpResponse::Created()).await
}

/// Shows a bulletin.
#[utoipa::path(get, path = "/bulletins/{id}", tag = "bulletins", params(("id" = i64, Path)), security(("bearer" = [])),
    responses((status = 200, description = "The bulletin; its revision is the ETag", body = BulletinOut), (status = 404)))]
async fn show_bulletin(kernel: web::Data<Kernel>, caller: Caller, id: web::Path<i64>) -> Result<HttpResponse, Problem> {
    answer(&kernel, &caller, *id, HttpResponse::Ok()).await
}

/// Changes a bulletin. `If-Match` names the revision it replaces; without it, whatever is there.
#[utoipa::path(put, path = "/bulletins/{id}", tag = "bulletins", params(("id" = i64, Path)), request_body = BulletinIn,
    security(("bearer" = [])),
    responses((status = 200, body = BulletinOut), (status = 403, description = "The caller does not write bulletins"),
        (status = 404), (status = 409, description = "It was withdrawn"),
        (status = 412, description = "Somebody changed it meanwhile"), (status = 422, description = "A value is not acceptable")))]
async fn change_bulletin(
    kernel: web::Data<Kernel>,
    caller: Caller,
    id: web::Path<i64>,
    req: HttpRequest,
    body: Json<BulletinIn>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WriteBulletins)?;
    let present = read::show(&kernel, who, *id).await?;
    let seen = if_match(&req)?.unwrap_or(present.revision);
    let ask = body.value.ask_again;
    write::change(&kernel, who, *id, seen, body.value.content(present.content.from)?, ask).await?;
    answer(&kernel, &caller, *id, HttpResponse::Ok()).await
}

/// Withdraws a bulletin; it stays in the archive.
#[utoipa::path(delete, path = "/bulletins/{id}", tag = "bulletins", params(("id" = i64, Path)), security(("bearer" = [])),
    responses((status = 204, description = "Withdrawn"), (status = 403, description = "The caller does not write bulletins"),
        (status = 404), (status = 409, description = "It was withdrawn before")))]
async fn withdraw_bulletin(
    kernel: web::Data<Kernel>,
    caller: Caller,
    id: web::Path<i64>,
    req: HttpRequest,
) -> Result<HttpResponse, Problem> {
    check_csrf(&req, None)?;
    write::withdraw(&kernel, &caller.0, *id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Says that the caller has read a bulletin as it is now. For people; a program reads nothing.
#[utoipa::path(post, path = "/bulletins/{id}/read", tag = "bulletins", params(("id" = i64, Path)), security(("bearer" = [])),
    responses((status = 204, description = "Noted"), (status = 404, description = "None for this caller")))]
async fn read_bulletin(
    kernel: web::Data<Kernel>,
    caller: Caller,
    id: web::Path<i64>,
    req: HttpRequest,
) -> Result<HttpResponse, Problem> {
    check_csrf(&req, None)?;
    read::mark_read(&kernel, &caller.0, *id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Somebody a bulletin is for.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReaderOut {
    pub name: String,
    pub role: String,
    /// Absent for who has not read it as it is now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_at: Option<String>,
}

/// Who has read a bulletin.
#[derive(Debug, Serialize, ToSchema)]
pub struct BulletinReaders {
    /// How many of them have read it.
    pub read: usize,
    /// By name.
    pub items: Vec<ReaderOut>,
}

/// Lists the people a bulletin is for: who has read it, and who has not.
#[utoipa::path(get, path = "/bulletins/{id}/readers", tag = "bulletins", params(("id" = i64, Path)), security(("bearer" = [])),
    responses((status = 200, body = BulletinReaders), (status = 403, description = "The caller does not write bulletins"),
        (status = 404)))]
async fn list_readers(
    kernel: web::Data<Kernel>,
    caller: Caller,
    id: web::Path<i64>,
) -> Result<web::Json<BulletinReaders>, Problem> {
    let people = read::readers(&kernel, &caller.0, *id).await?;
    let reader = |p: Addressee| ReaderOut { name: p.name, role: p.role, read_at: p.read_at.map(Instant::rfc3339) };
    Ok(web::Json(BulletinReaders {
        read: people.iter().filter(|p| p.read_at.is_some()).count(),
        items: people.into_iter().map(reader).collect(),
    }))
}

/// What a bulletin said at a revision.
#[derive(Debug, Serialize, ToSchema)]
pub struct BulletinVersion {
    pub revision: i64,
    pub at: String,
    /// Who, as events name them: `user:12`, `token:3`.
    pub actor: String,
    pub step: BulletinStep,
    pub kind: BulletinKind,
    pub title: String,
    pub text: String,
    pub from: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// The history of a bulletin.
#[derive(Debug, Serialize, ToSchema)]
pub struct BulletinVersions {
    /// The first revision first.
    pub items: Vec<BulletinVersion>,
}

/// Lists what a bulletin said each time it changed.
#[utoipa::path(get, path = "/bulletins/{id}/versions", tag = "bulletins", params(("id" = i64, Path)), security(("bearer" = [])),
    responses((status = 200, body = BulletinVersions), (status = 403, description = "The caller does not write bulletins"),
        (status = 404)))]
async fn list_bulletin_versions(
    kernel: web::Data<Kernel>,
    caller: Caller,
    id: web::Path<i64>,
) -> Result<web::Json<BulletinVersions>, Problem> {
    let version = |v: Version| BulletinVersion {
        revision: v.revision,
        at: v.at.rfc3339(),
        actor: v.actor,
        step: v.step,
        kind: v.content.kind,
        title: v.content.title,
        text: v.content.text,
        from: v.content.from.rfc3339(),
        until: v.content.until.map(Instant::rfc3339),
    };
    let versions = read::history(&kernel, &caller.0, *id).await?;
    Ok(web::Json(BulletinVersions { items: versions.into_iter().map(version).collect() }))
}
