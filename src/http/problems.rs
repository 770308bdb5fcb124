//! Turns refusals into what the caller can read: a program gets its problem document, a person a page in
//! plain words, a fragment of a page an alert, and somebody not signed in the sign-in page.
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpRequest, HttpResponse, ResponseError};
use askama::Template;
use serde_json::Value;

use super::session::PASSWORD_CHANGE;
use crate::kernel::language::Language;
use crate::kernel::page::{Page, html_as, see_other};
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::request::{frame, local_path};

#[derive(Template)]
#[template(path = "http/problem.html")]
struct ProblemPage {
    page: Page,
    status: u16,
    title: String,
    text: String,
}

#[derive(Template)]
#[template(path = "http/alert.html")]
struct Alert {
    page: Page,
    title: String,
    text: String,
}

/// Who reads an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reader {
    Program,
    Person,
    Fragment,
}

/// Replaces the body of a refusal by one for its reader. Refusals that a handler wrote itself, such as a form
/// shown again with its errors, stay as they are.
pub async fn render(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let res = next.call(req).await?;
    let Some(problem) = problem_of(&res) else {
        return Ok(res.map_into_boxed_body());
    };
    let (req, old) = res.into_parts();
    let mut answer = answer(&req, &problem);
    for (name, value) in old.headers() {
        if *name != header::CONTENT_TYPE && *name != header::CONTENT_LENGTH && !answer.headers().contains_key(name) {
            answer.headers_mut().append(name.clone(), value.clone());
        }
    }
    Ok(ServiceResponse::new(req, answer))
}

/// The problem of a refusal; `None` for answers that are not one, or that have their own words.
fn problem_of(res: &ServiceResponse<impl MessageBody>) -> Option<Problem> {
    let status = res.status();
    if !status.is_client_error() && !status.is_server_error() {
        return None;
    }
    if let Some(problem) = res.response().extensions().get::<Problem>() {
        return Some(problem.clone());
    }
    let empty = matches!(res.response().body().size(), BodySize::None | BodySize::Sized(0));
    let error = res.response().error();
    if !empty && error.is_none() {
        return None;
    }
    let detail = error.map_or_else(|| status.canonical_reason().unwrap_or_default().to_owned(), ToString::to_string);
    Some(match status {
        StatusCode::NOT_FOUND => Problem::not_found(),
        StatusCode::METHOD_NOT_ALLOWED => {
            Problem::new(Kind::NotAllowed, "method_not_allowed", "this method is not for this address")
        }
        StatusCode::PAYLOAD_TOO_LARGE => Problem::new(Kind::TooLarge, "too_large", detail),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Problem::new(Kind::Unsupported, "unsupported", detail),
        status if status.is_client_error() => Problem::new(Kind::Malformed, "malformed", detail),
        _ => Problem::new(Kind::Internal, "internal", "the request could not be completed"),
    })
}

fn reader(req: &HttpRequest) -> Reader {
    let path = req.path();
    let value = |name: HeaderName| req.headers().get(name).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if value(HeaderName::from_static("hx-request")) == "true" {
        return Reader::Fragment;
    }
    let accept = value(header::ACCEPT);
    let program = path.starts_with("/api/") || path.starts_with("/hooks");
    let reads_html = accept.is_empty() || accept.contains("text/html") || accept.contains("*/*");
    if program || !reads_html { Reader::Program } else { Reader::Person }
}

fn answer(req: &HttpRequest, problem: &Problem) -> HttpResponse {
    let unauthenticated = problem.kind == Kind::Unauthenticated;
    match reader(req) {
        Reader::Program => problem.error_response(),
        Reader::Person if unauthenticated => {
            let here = req.uri().path_and_query().map(|p| p.as_str()).filter(|_| req.method() == Method::GET);
            see_other(&sign_in_address(here))
        }
        Reader::Fragment if unauthenticated => {
            let here = req.headers().get("hx-current-url").and_then(|v| v.to_str().ok());
            let here = here.and_then(|u| url::Url::parse(u).ok()).map(|u| u[url::Position::BeforePath..].to_owned());
            let mut response = HttpResponse::Unauthorized().finish();
            if let Ok(to) = HeaderValue::from_str(&sign_in_address(here.as_deref())) {
                response.headers_mut().insert(HeaderName::from_static("hx-redirect"), to);
            }
            response
        }
        Reader::Person if problem.code == PASSWORD_CHANGE => see_other("/scrivania/profilo"),
        // Parts that a page asks for by itself are left empty.
        Reader::Fragment if problem.code == PASSWORD_CHANGE && req.method() == Method::GET => {
            HttpResponse::NoContent().finish()
        }
        Reader::Person => {
            let page = frame(req);
            let (title, text) = words(page.language, problem);
            let status = problem.kind.status();
            let page = Page { title: title.clone(), ..page };
            let shown = ProblemPage { page, status: status.as_u16(), title, text };
            html_as(&mut HttpResponse::build(status), &shown).unwrap_or_else(|e| e.error_response())
        }
        Reader::Fragment => {
            let page = frame(req);
            let (title, text) = words(page.language, problem);
            let mut response = HttpResponse::build(problem.kind.status());
            response.insert_header(("HX-Retarget", "#alerts")).insert_header(("HX-Reswap", "innerHTML"));
            html_as(&mut response, &Alert { page, title, text }).unwrap_or_else(|e| e.error_response())
        }
    }
}

fn sign_in_address(next: Option<&str>) -> String {
    match next.and_then(local_path) {
        Some(next) => {
            let query = serde_urlencoded::to_string([("next", next)]).unwrap_or_default();
            format!("/accesso?{query}")
        }
        None => "/accesso".to_owned(),
    }
}

/// Title and text of a problem: of its own code (`problem-<code>`, with its facts as values) where the
/// catalogues have it, else of its status.
fn words(language: Language, problem: &Problem) -> (String, String) {
    let status = problem.kind.status().as_u16();
    let title = language.text(&format!("problem-status-{status}"));
    let own = format!("problem-{}", problem.code.replace('_', "-"));
    if language.has(&own) {
        let values: Vec<(&str, String)> = problem.facts.iter().map(|(name, v)| (name.as_str(), plain(v))).collect();
        return (title, language.text_with(&own, &values));
    }
    (title, language.text(&format!("problem-status-{status}-text")))
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
