//! JSON: the links of sheets that are not good.
use actix_web::{HttpRequest, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::LinkState;
use super::store::{self, LinkRow};
use crate::kernel::Kernel;
use crate::kernel::page::page_of;
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::Caller;
use crate::kernel::time::Instant;
use crate::knowledge::api::params;

pub(in crate::knowledge) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route("/knowledge/links", web::get().to(list_links));
}

/// Links a page.
const PAGE: i64 = 100;

/// A link that is not good.
#[derive(Debug, Serialize, ToSchema)]
pub struct LinkOut {
    /// Code of the sheet.
    pub sheet: String,
    pub url: String,
    pub state: LinkState,
    /// missing, status, dns, timeout, connection, private, redirects or invalid.
    pub reason: String,
    /// What its server said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failing_since: Option<String>,
    pub checked_at: String,
}

/// Links that are not good.
#[derive(Debug, Serialize, ToSchema)]
pub struct LinkList {
    pub items: Vec<LinkOut>,
    /// Where the next page begins; null on the last.
    pub next_cursor: Option<String>,
    /// When all links were last looked at; null before the first time.
    pub checked_at: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct LinkParams {
    /// `broken`, `unsure` or `refused`; `broken` when absent.
    state: Option<String>,
    /// `next_cursor` of the page before.
    #[serde(default)]
    cursor: String,
}

/// Lists the links of sheets in force that are not good.
#[utoipa::path(get, path = "/knowledge/links", tag = "knowledge", params(LinkParams), security(("bearer" = [])),
    responses((status = 200, body = LinkList), (status = 403, description = "The caller does not look after all sheets"),
        (status = 422, description = "Unknown state")))]
pub(in crate::knowledge) async fn list_links(
    kernel: web::Data<Kernel>,
    caller: Caller,
    req: HttpRequest,
) -> Result<web::Json<LinkList>, Problem> {
    caller.require(Permission::EditKnowledge)?;
    let asked: LinkParams = params(&req)?;
    let state = asked.state.as_deref().map_or(Some(LinkState::Broken), LinkState::from_text);
    let state = state.filter(|s| *s != LinkState::Good).ok_or_else(|| Problem::field("state", "unknown"))?;
    let after = asked.cursor.split_once(' ').unwrap_or_default();
    let mut conn = kernel.db.read().await?;
    let found = store::in_state(&mut conn, state, after, PAGE + 1).await?;
    let last = store::last_run(&mut conn).await?;
    drop(conn);
    let (found, more) = page_of(found, PAGE);
    let next_cursor = found.last().filter(|_| more).map(|last| format!("{} {}", last.code, last.url));
    let out = |row: LinkRow| LinkOut {
        sheet: row.code,
        url: row.url,
        state,
        reason: row.reason,
        status: row.status,
        failing_since: row.failing_since.map(Instant::rfc3339),
        checked_at: row.checked_at.rfc3339(),
    };
    Ok(web::Json(LinkList {
        items: found.into_iter().map(out).collect(),
        next_cursor,
        checked_at: last.and_then(|run| run.ended_at).map(Instant::rfc3339),
    }))
}
