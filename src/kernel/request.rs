//! What handlers take from a request: who calls, the page frame, forms guarded against forgery, JSON whose
//! errors say what is wrong, versions. Middleware in `http` finds the session; this is how others see it.
use std::future::{Future, Ready, ready};
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;

use super::Kernel;
use super::language::Language;
use super::page::{Page, Phone, UserChip};
use super::permissions::{Permission, Principal};
use super::problem::{Kind, Problem};
use super::secrets;

/// Somebody signed in, as middleware leaves it in the request's extensions.
#[derive(Debug, Clone)]
pub struct Signed {
    pub principal: Principal,
    /// The session's CSRF token; empty for API tokens, which no browser sends by itself.
    pub csrf: String,
    /// Whether an administrator chose their password, so that only changing it is allowed.
    pub must_change_password: bool,
}

/// The language middleware chose for this request (`?lang=`, cookie, the user's, the browser's, the default).
#[derive(Debug, Clone, Copy)]
pub struct ChosenLanguage(pub Language);

/// Cookie that keeps the language chosen with `?lang=`.
pub const LANGUAGE_COOKIE: &str = "sportello_lang";

/// A text as a path of this site: what a `next` parameter may lead to and nothing else.
pub fn local_path(text: &str) -> Option<&str> {
    let strange = |c: char| c.is_control() || c.is_whitespace() || c == '\\';
    let local = text.starts_with('/') && !text.starts_with("//") && !text.contains(strange);
    (local && text.len() <= 2000).then_some(text)
}

/// The trace id of a request, as in its log lines and the `traceparent` answer header.
#[derive(Debug, Clone)]
pub struct TraceId(pub String);

/// The caller; a request without one is refused (the `http` layer sends a person to the sign-in page).
#[derive(Debug, Clone)]
pub struct Caller(pub Principal);

impl Caller {
    /// Passes if the caller's role allows it.
    ///
    /// # Errors
    /// 403 otherwise.
    pub fn require(&self, permission: Permission) -> Result<&Principal, Problem> {
        self.0.require(permission)?;
        Ok(&self.0)
    }

    /// Passes if the caller's role allows one of two things.
    ///
    /// # Errors
    /// 403 otherwise.
    pub fn require_either(&self, one: Permission, other: Permission) -> Result<&Principal, Problem> {
        self.require(one).or_else(|_| self.require(other))
    }
}

impl FromRequest for Caller {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let signed = req.extensions().get::<Signed>().map(|s| Self(s.principal.clone()));
        ready(
            signed.ok_or_else(|| {
                Problem::new(Kind::Unauthenticated, "unauthenticated", "sign in or send a bearer token")
            }),
        )
    }
}

/// The frame of the page that answers this request.
#[derive(Debug, Clone)]
pub struct Frame(pub Page);

impl FromRequest for Frame {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(frame(req))))
    }
}

/// Where appointments are booked, if that is somewhere a link may lead.
fn booking(address: &str) -> String {
    let address = address.trim();
    let leads = address.starts_with('/') || address.starts_with("https://") || address.starts_with("http://");
    if leads { address.to_owned() } else { String::new() }
}

/// Builds the page frame of a request.
pub fn frame(req: &HttpRequest) -> Page {
    let kernel = req.app_data::<web::Data<Kernel>>();
    let language = req.extensions().get::<ChosenLanguage>().map_or(Language::Italian, |l| l.0);
    let signed = req.extensions().get::<Signed>().cloned();
    let other = if language == Language::Italian { "en" } else { "it" };
    let query: Vec<(String, String)> = serde_urlencoded::from_str::<Vec<(String, String)>>(req.query_string())
        .unwrap_or_default()
        .into_iter()
        .filter(|(name, _)| name != "lang")
        .chain([("lang".to_owned(), other.to_owned())])
        .collect();
    let query = serde_urlencoded::to_string(query).unwrap_or_default();
    let user = signed.as_ref().map(|s| UserChip {
        name: s.principal.name.clone(),
        initials: s.principal.name.split_whitespace().filter_map(|w| w.chars().next()).take(2).collect(),
        role_label: language.text(&format!("role-{}", s.principal.role.as_str())),
        role: s.principal.role,
    });
    Page {
        language,
        lang: language.as_str(),
        title: String::new(),
        csrf: signed.map(|s| s.csrf).unwrap_or_default(),
        agency_name: kernel.map(|k| k.agency_name()).unwrap_or_default(),
        phone: kernel.and_then(|k| {
            let phone = Phone::of(&k.config.agency, language)?;
            let always = k.emergency.is_always_open().then(|| language.text("phone-always-open"));
            Some(Phone { opening: always.unwrap_or(phone.opening), ..phone })
        }),
        booking: kernel.map(|k| booking(&k.config.agency.booking)).unwrap_or_default(),
        path: req.path().to_owned(),
        user,
        other_lang_url: format!("{}?{query}", req.path()),
        zone: kernel.map_or(jiff::tz::TimeZone::UTC, |k| k.config.zone()),
        now: kernel.map(|k| k.now()).unwrap_or_default(),
        emergency: kernel.and_then(|k| k.emergency.get()),
    }
}

/// Checks the CSRF token of a signed-in request against the `X-CSRF-Token` header or a form's `_csrf` field.
///
/// # Errors
/// 403 when a session is present and the token is missing or wrong.
pub fn check_csrf(req: &HttpRequest, field: Option<&str>) -> Result<(), Problem> {
    let Some(signed) = req.extensions().get::<Signed>().cloned() else { return Ok(()) };
    if signed.csrf.is_empty() {
        return Ok(());
    }
    let header = req.headers().get("x-csrf-token").and_then(|v| v.to_str().ok());
    match header.or(field) {
        Some(token) if secrets::same(token, &signed.csrf) => Ok(()),
        _ => Err(Problem::new(Kind::Forbidden, "csrf", "the form is out of date; reload the page and send it again")),
    }
}

/// An URL-encoded form of a page, its CSRF token already checked.
#[derive(Debug, Clone)]
pub struct Form<T>(pub T);

/// The form of a mere button: no fields beside the token, which is checked on the way in.
#[derive(Debug, Clone, Copy, serde::Deserialize)]
pub struct Pressed {}

/// Forms without files are short; the longest is a sheet.
const FORM_BYTES: usize = 1024 * 1024;

impl<T: DeserializeOwned + 'static> FromRequest for Form<T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let req = req.clone();
        let payload = payload.take();
        Box::pin(async move {
            let body = read_body(&req, payload, FORM_BYTES).await?;
            let fields: Vec<(String, String)> = serde_urlencoded::from_bytes(&body)
                .map_err(|e| Problem::new(Kind::Malformed, "malformed_form", e.to_string()))?;
            let token = fields.iter().find(|(name, _)| name == "_csrf").map(|(_, value)| value.as_str());
            check_csrf(&req, token)?;
            let form = serde_urlencoded::from_bytes(&body)
                .map_err(|e| Problem::new(Kind::Invalid, "invalid_form", e.to_string()))?;
            Ok(Self(form))
        })
    }
}

/// A JSON body of at most `LIMIT` bytes: broken JSON is 400, JSON with unacceptable values 422.
#[derive(Debug, Clone)]
pub struct Json<T, const LIMIT: usize = 1_048_576> {
    pub value: T,
    /// The body as it came, for raw storage and idempotency.
    pub raw: web::Bytes,
}

impl<T: DeserializeOwned + 'static, const LIMIT: usize> FromRequest for Json<T, LIMIT> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let req = req.clone();
        let payload = payload.take();
        Box::pin(async move {
            check_csrf(&req, None)?;
            let raw = read_body(&req, payload, LIMIT).await?;
            let value = serde_json::from_slice(&raw).map_err(|e| match e.classify() {
                serde_json::error::Category::Data => Problem::new(Kind::Invalid, "invalid", e.to_string()),
                _ => Problem::new(Kind::Malformed, "malformed_json", e.to_string()),
            })?;
            Ok(Self { value, raw })
        })
    }
}

fn too_large(limit: usize) -> Problem {
    Problem::new(Kind::TooLarge, "too_large", format!("the body is larger than {limit} bytes"))
        .with("limit_bytes", limit as u64)
}

/// Refuses a request that announces a longer body than this.
///
/// # Errors
/// 413 when it does.
pub fn check_announced(req: &HttpRequest, limit: usize) -> Result<(), Problem> {
    let announced = req.headers().get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|n| n > limit) { Err(too_large(limit)) } else { Ok(()) }
}

/// Reads a body up to a limit; one announced as larger is refused before it is read.
///
/// # Errors
/// 413 over the limit, 400 when the connection breaks.
pub async fn read_body(req: &HttpRequest, mut payload: Payload, limit: usize) -> Result<web::Bytes, Problem> {
    check_announced(req, limit)?;
    let mut body = web::BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|e| Problem::new(Kind::Malformed, "broken_body", e.to_string()))?;
        if body.len() + chunk.len() > limit {
            return Err(too_large(limit));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// The version in `If-Match: "7"`; `None` without the header or with `*`.
///
/// # Errors
/// 400 when the header is not a version of ours.
pub fn if_match(req: &HttpRequest) -> Result<Option<i64>, Problem> {
    let Some(value) = req.headers().get(header::IF_MATCH) else { return Ok(None) };
    let text = value.to_str().unwrap_or_default().trim().trim_start_matches("W/").trim_matches('"');
    if text == "*" {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| Problem::new(Kind::Malformed, "malformed_version", "If-Match is not a version"))
}

/// The address of the caller, for rate limits only; never logged.
pub fn peer(req: &HttpRequest) -> String {
    let proxied = req.app_data::<web::Data<Kernel>>().is_some_and(|k| k.config.server.behind_proxy);
    let forwarded = proxied.then(|| req.headers().get("x-forwarded-for")).flatten();
    // The last entry is the one our own proxy wrote; earlier ones come from the caller.
    forwarded
        .and_then(|v| v.to_str().ok()?.rsplit(',').next().map(|a| a.trim().to_owned()))
        .or_else(|| req.peer_addr().map(|a| a.ip().to_string()))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::local_path;

    #[test]
    fn only_paths_of_this_site_are_local() {
        assert_eq!(local_path("/scrivania?q=a%20b"), Some("/scrivania?q=a%20b"));
        for foreign in ["", "desk", "//evil.example", "https://evil.example", "/\\evil.example", "/a\nb"] {
            assert_eq!(local_path(foreign), None, "{foreign}");
        }
    }
}
