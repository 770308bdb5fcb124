//! Finds who calls and in which language: a bearer token or the session cookie becomes
//! [`Signed`], and `?lang=`, the cookie, the person, the browser or the default becomes [`ChosenLanguage`].
use actix_web::body::{EitherBody, MessageBody};
use actix_web::cookie::{Cookie, SameSite, time};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header;
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, ResponseError, web};

use crate::identity::{SESSION_COOKIE, TokenCache, find_session};
use crate::kernel::Kernel;
use crate::kernel::language::Language;
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::request::{ChosenLanguage, LANGUAGE_COOKIE, Signed};

/// Code of the refusal of somebody who must change their password first.
pub const PASSWORD_CHANGE: &str = "password_change_required";

/// Leaves the caller and the language in the request's extensions. A wrong bearer token is refused at once;
/// a session that ended is as if there were none.
pub async fn find<B: MessageBody + 'static>(
    req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let found = if needs_nobody(req.path()) { Ok(None) } else { signed(&req).await };
    let found = found.and_then(|signed| match signed {
        Some(signed) if signed.must_change_password && !is_open_before_change(req.path()) => Err(Problem::new(
            Kind::Forbidden,
            PASSWORD_CHANGE,
            "the password was chosen by an administrator and must be changed first",
        )),
        other => Ok(other),
    });
    let asked = asked_language(&req);
    let person = found.as_ref().ok().and_then(|s| s.as_ref()).map(|s| s.principal.language.clone());
    let language = asked.unwrap_or_else(|| language(&req, person.as_deref()));
    req.extensions_mut().insert(ChosenLanguage(language));
    let mut res = match found {
        Ok(signed) => {
            if let Some(signed) = signed {
                req.extensions_mut().insert(signed);
            }
            next.call(req).await?.map_into_left_body()
        }
        Err(problem) => req.into_response(problem.error_response()).map_into_right_body(),
    };
    if asked.is_some() {
        let cookie = Cookie::build(LANGUAGE_COOKIE, language.as_str())
            .path("/")
            .same_site(SameSite::Lax)
            .max_age(time::Duration::days(365))
            .finish();
        // The name and the two values are plain ASCII; a failure would only lose the choice.
        drop(res.response_mut().add_cookie(&cookie));
    }
    Ok(res)
}

/// Assets and probes are the same for everybody and cost no look-up; providers who call a hook prove themselves to
/// the driver of its account, in their own way.
fn needs_nobody(path: &str) -> bool {
    path.starts_with("/assets/")
        || path.starts_with("/hooks/")
        || matches!(path, "/healthz" | "/readyz" | "/metrics" | "/favicon.ico" | "/robots.txt")
}

/// What whoever must change their password can still do: that, leave, and read what everybody reads.
fn is_open_before_change(path: &str) -> bool {
    path == "/"
        || path.starts_with("/scrivania/profilo")
        || path.starts_with("/sportello")
        || matches!(path, "/accesso" | "/uscita")
}

async fn signed(req: &ServiceRequest) -> Result<Option<Signed>, Problem> {
    let Some(kernel) = req.app_data::<web::Data<Kernel>>() else {
        return Ok(None);
    };
    if let Some(secret) = bearer(req) {
        let Some(tokens) = req.app_data::<web::Data<TokenCache>>() else {
            return Ok(None);
        };
        return match tokens.find(kernel, secret).await? {
            Some(principal) => Ok(Some(Signed { principal, csrf: String::new(), must_change_password: false })),
            None => Err(Problem::new(Kind::Unauthenticated, "invalid_token", "the bearer token is not valid")),
        };
    }
    match req.cookie(SESSION_COOKIE) {
        Some(cookie) if !cookie.value().is_empty() => Ok(find_session(kernel, cookie.value()).await?),
        _ => Ok(None),
    }
}

/// The token of `Authorization: Bearer …`; other schemes belong to proxies in front.
fn bearer(req: &ServiceRequest) -> Option<&str> {
    let (scheme, token) = req.headers().get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn asked_language(req: &ServiceRequest) -> Option<Language> {
    req.query_string()
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find_map(|(name, value)| (name == "lang").then(|| Language::from_tag(value)).flatten())
}

fn language(req: &ServiceRequest, person: Option<&str>) -> Language {
    let cookie = req.cookie(LANGUAGE_COOKIE);
    let browser = req.headers().get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok());
    cookie
        .and_then(|c| Language::from_tag(c.value()))
        .or_else(|| person.and_then(Language::from_tag))
        .or_else(|| browser.and_then(Language::negotiate))
        .or_else(|| Language::from_tag(&req.app_data::<web::Data<Kernel>>()?.config.desk.language))
        .unwrap_or(Language::Italian)
}
