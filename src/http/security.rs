//! What browsers are told to refuse, and what we refuse from browsers.
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, ResponseError, web};

use crate::identity::SESSION_COOKIE;
use crate::kernel::Kernel;
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::request::{Signed, check_csrf};

const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; \
     object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Adds the headers that every answer carries. What a handler set itself stays.
pub async fn headers(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let https = req.app_data::<web::Data<Kernel>>().is_some_and(|k| k.config.server.public_url.starts_with("https:"));
    let mut res = next.call(req).await?;
    let signed = res.request().extensions().contains::<Signed>();
    let headers = res.headers_mut();
    let mut add = |name: HeaderName, value: &'static str| {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    };
    add(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY);
    add(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    add(header::REFERRER_POLICY, "same-origin");
    add(HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=(), payment=()");
    add(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    if https {
        add(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    if signed {
        add(header::CACHE_CONTROL, "no-store");
    }
    Ok(res)
}

/// Refuses changes that another site makes in the name of somebody signed in here. Beside the form's token,
/// because it also covers handlers that read no form.
pub async fn guard<B: MessageBody + 'static>(
    req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    if req.method().is_safe() {
        return Ok(next.call(req).await?.map_into_left_body());
    }
    let by_cookie = req.extensions().get::<Signed>().is_some_and(|s| !s.csrf.is_empty());
    // Signing somebody in to a stranger's account is an attack too, and comes before there is a session.
    let guarded = by_cookie || req.path() == "/accesso" || req.cookie(SESSION_COOKIE).is_some();
    let refused = if guarded && foreign(&req) {
        Some(Problem::new(Kind::Forbidden, "foreign_origin", "the request comes from another site"))
    } else if by_cookie && !carries_form(&req) {
        // Forms carry the token in a field that their extractor checks; everything else has the header.
        check_csrf(req.request(), None).err()
    } else {
        None
    };
    match refused {
        Some(problem) => Ok(req.into_response(problem.error_response()).map_into_right_body()),
        None => Ok(next.call(req).await?.map_into_left_body()),
    }
}

fn carries_form(req: &ServiceRequest) -> bool {
    let kind = text(req, &header::CONTENT_TYPE).unwrap_or_default();
    kind.starts_with("application/x-www-form-urlencoded") || kind.starts_with("multipart/form-data")
}

/// Whether a browser says that the request was made by a page of another site. Programs and old browsers say
/// nothing, and `Origin: null` comes from our own pages that send no referrer: for them the token decides.
fn foreign(req: &ServiceRequest) -> bool {
    if let Some(site) = text(req, &HeaderName::from_static("sec-fetch-site")) {
        return !matches!(site, "same-origin" | "none");
    }
    let Some(origin) = text(req, &header::ORIGIN).filter(|o| *o != "null") else {
        return false;
    };
    let host = text(req, &header::HOST).unwrap_or_default();
    let same_host = origin.split_once("://").is_some_and(|(_, authority)| authority.eq_ignore_ascii_case(host));
    let public = req
        .app_data::<web::Data<Kernel>>()
        .and_then(|k| url::Url::parse(&k.config.server.public_url).ok())
        .is_some_and(|url| url.origin().ascii_serialization().eq_ignore_ascii_case(origin));
    !same_host && !public
}

fn text<'a>(req: &'a ServiceRequest, name: &HeaderName) -> Option<&'a str> {
    req.headers().get(name)?.to_str().ok()
}
