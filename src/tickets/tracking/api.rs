//! `GET /api/v1/public/requests/{code}`: the state of a request for its own sake, without personal content.
use actix_web::http::header::{self, HeaderName};
use actix_web::{HttpRequest, HttpResponse, ResponseError, get, web};
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};

use super::limits::WINDOW;
use super::{TrackingLimits, model, store};
use crate::kernel::Kernel;
use crate::kernel::codes::TrackingCode;
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::request::frame;
use crate::tickets::State;

/// The public look-up, for the OpenAPI document.
#[derive(OpenApi)]
#[openapi(paths(get_public_request), components(schemas(PublicState)))]
pub struct Api;

/// Where a request stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct PublicState {
    state: State,
    /// The state in the caller's language (`Accept-Language`).
    state_text: String,
    /// RFC 3339.
    opened_at: String,
    /// Last change that the citizen can see; RFC 3339.
    updated_at: String,
    /// When an answer is promised; absent once the request is over. RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    expected_at: Option<String>,
}

/// Tells where a request stands. Whatever the reason for which there is nothing to tell, the answer is the
/// same 404; look-ups of one address are limited.
#[utoipa::path(tag = "public", params(("code" = String, Path, description = "tracking code, in any spelling")),
    responses((status = 200, body = PublicState), (status = 404, description = "nothing to tell"),
        (status = 429, description = "too many look-ups: see `Retry-After` and `RateLimit`")))]
#[get("/public/requests/{code}")]
async fn get_public_request(
    req: HttpRequest,
    kernel: web::Data<Kernel>,
    limits: web::Data<TrackingLimits>,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let policy = (
        HeaderName::from_static("ratelimit-policy"),
        format!("\"lookups\";q={};w={}", limits.quota(), WINDOW.as_secs()),
    );
    if !limits.look_up(&kernel, &req) {
        let wait = limits.wait_seconds();
        let mut refused =
            Problem::new(Kind::TooMany, "too_many", "too many look-ups from this address").error_response();
        let headers = refused.headers_mut();
        headers.insert(header::RETRY_AFTER, wait.into());
        for (name, value) in [policy, (HeaderName::from_static("ratelimit"), format!("\"lookups\";r=0;t={wait}"))] {
            if let Ok(value) = header::HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
        return Ok(refused);
    }
    let code = TrackingCode::parse(&path).map_err(|_| Problem::not_found())?;
    let mut conn = kernel.db.read().await?;
    let ticket = store::followed(&mut conn, code.as_str()).await?.ok_or_else(Problem::not_found)?;
    let answer = PublicState {
        state: ticket.state,
        state_text: model::state_text(frame(&req).language, ticket.state),
        opened_at: ticket.opened_at.rfc3339(),
        updated_at: store::changed_at(&mut conn, &ticket).await?.rfc3339(),
        expected_at: (!ticket.state.is_over()).then(|| ticket.expected_at.rfc3339()),
    };
    Ok(HttpResponse::Ok().insert_header(policy).insert_header((header::CACHE_CONTROL, "no-store")).json(answer))
}

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(get_public_request);
}
