//! `Idempotency-Key`: a program that sends a POST again, because it never saw the answer, gets the first answer
//! and changes nothing. The key is taken before the work begins, so that two at once cannot both do it.
//! Contacts and public requests have names of their own for this (`external_id`, the form's key).
mod store;

use actix_web::body::{BoxBody, MessageBody, to_bytes};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpResponse, ResponseError, web};
use bytes::Bytes;
use futures_util::stream;
use jiff::SignedDuration;

use crate::kernel::Kernel;
use crate::kernel::blobs::digest;
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::request::{Signed, read_body};

/// Longest body of a keyed request.
const BODY_BYTES: usize = 1024 * 1024;
/// How long a first attempt may be under way before its key is free again: its process died.
const UNDER_WAY: SignedDuration = SignedDuration::from_mins(1);
/// How long answers are kept.
const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// Answers a repeated request from the first answer.
pub async fn keep<B: MessageBody + 'static>(
    mut req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let Some((kernel, caller, key)) = keyed(&req) else {
        return Ok(next.call(req).await?.map_into_boxed_body());
    };
    let sent = req.take_payload();
    let body = match read_body(req.request(), sent, BODY_BYTES).await {
        Ok(body) => body,
        Err(problem) => return Ok(req.into_response(problem.error_response())),
    };
    let name = digest(format!("{caller}\n{}\n{key}", req.path()).as_bytes());
    let body_hash = digest(&body);
    req.set_payload(payload(body));
    let now = kernel.now();
    let earlier = match store::reserve(&kernel.db, &name, &body_hash, now, UNDER_WAY, KEPT).await {
        Ok(earlier) => earlier,
        Err(e) => return Ok(req.into_response(Problem::from(e).error_response())),
    };
    if let Some(earlier) = earlier {
        return Ok(req.into_response(again(&earlier, &body_hash)));
    }
    let res = next.call(req).await?;
    let (request, res) = res.into_parts();
    let (res, body) = res.into_parts();
    let Ok(bytes) = to_bytes(body).await else {
        return Err(Problem::new(Kind::Internal, "internal", "the answer could not be read").into());
    };
    let settled = if res.status().is_success() {
        let answer = String::from_utf8_lossy(&bytes).into_owned();
        let etag = res.headers().get(header::ETAG).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
        store::settle(&kernel.db, &name, i64::from(res.status().as_u16()), format!("{etag}\n{answer}")).await
    } else {
        // What was refused may be sent again, corrected or later.
        store::release(&kernel.db, &name).await
    };
    if let Err(e) = settled {
        tracing::warn!("an idempotency key was not settled: {e}");
    }
    Ok(ServiceResponse::new(request, res.set_body(bytes).map_into_boxed_body()))
}

/// The kernel, the caller and the key of a request that carries one and is kept.
fn keyed(req: &ServiceRequest) -> Option<(Kernel, String, String)> {
    let path = req.path();
    // The answer that shows a new token's secret is the one that must not be kept.
    let apart = matches!(path, "/api/v1/contacts" | "/api/v1/tokens");
    if req.method() != Method::POST || !path.starts_with("/api/v1/") || apart {
        return None;
    }
    let key = req.headers().get("idempotency-key")?.to_str().ok().filter(|k| !k.is_empty())?.to_owned();
    let caller = req.extensions().get::<Signed>()?.principal.actor.to_text();
    let kernel = req.app_data::<web::Data<Kernel>>()?.get_ref().clone();
    Some((kernel, caller, key))
}

fn payload(body: Bytes) -> Payload {
    let whole: Result<Bytes, actix_web::error::PayloadError> = Ok(body);
    Payload::Stream { payload: Box::pin(stream::iter([whole])) }
}

fn again(earlier: &store::Earlier, body_hash: &str) -> HttpResponse {
    if earlier.body_hash != body_hash {
        let wrong = "the key was used for another request";
        return Problem::new(Kind::Invalid, "idempotency_key_reused", wrong).error_response();
    }
    let status = u16::try_from(earlier.status).ok().and_then(|s| StatusCode::from_u16(s).ok());
    let Some(status) = status.filter(StatusCode::is_success) else {
        let wrong = "the first request with this key is still under way";
        return Problem::new(Kind::Conflict, "idempotency_key_in_use", wrong).error_response();
    };
    let (etag, answer) = earlier.answer.split_once('\n').unwrap_or_default();
    let mut response = HttpResponse::build(status).content_type("application/json").body(answer.to_owned());
    if let Ok(etag) = HeaderValue::from_str(etag)
        && !etag.is_empty()
    {
        response.headers_mut().insert(header::ETAG, etag);
    }
    response
}
