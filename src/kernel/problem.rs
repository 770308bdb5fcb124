//! The one place where errors become answers: RFC 9457 problems for programs, pages or fragments for people
//! (the `http` layer renders those, it knows the caller's language).
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use serde_json::{Map, Value, json};

use super::blobs::BlobError;
use super::database::StoreError;
use super::permissions::Forbidden;

/// What kind of refusal an error is; decides the HTTP status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// 400: not readable at all.
    Malformed,
    /// 401: nobody, or nobody we know.
    Unauthenticated,
    /// 403: known, but not for this.
    Forbidden,
    /// 404.
    NotFound,
    /// 405: the address knows other methods.
    NotAllowed,
    /// 409: the state does not allow it now.
    Conflict,
    /// 412: made on an old version.
    Stale,
    /// 413.
    TooLarge,
    /// 415: a media type that is not accepted.
    Unsupported,
    /// 422: readable, but a value is not acceptable.
    Invalid,
    /// 429.
    TooMany,
    /// 500: our fault.
    Internal,
    /// 503: try again.
    Unavailable,
}

impl Kind {
    /// The HTTP status.
    pub const fn status(self) -> StatusCode {
        match self {
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::NotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Conflict => StatusCode::CONFLICT,
            Self::Stale => StatusCode::PRECONDITION_FAILED,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Unsupported => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

/// An error of a use case that knows what it means to its caller.
pub trait Refusal: std::error::Error {
    /// Which kind of refusal.
    fn kind(&self) -> Kind;
    /// A stable name in snake case, for programs and for the message catalogues (`problem-<code>`).
    fn code(&self) -> &'static str;
    /// Facts the caller may see and act on: the current version, the winner's name, the field at fault.
    fn facts(&self) -> Vec<(&'static str, Value)> {
        Vec::new()
    }
}

/// An answer that refuses: kind, stable code, facts, and for invalid input the fields at fault.
#[derive(Debug, Clone)]
pub struct Problem {
    pub kind: Kind,
    pub code: &'static str,
    /// An English sentence for programs' logs; never the cause of an internal error.
    pub detail: String,
    pub facts: Map<String, Value>,
    /// Field name and the code of what is wrong with it.
    pub fields: Vec<(String, String)>,
}

impl Problem {
    /// A problem without facts.
    pub fn new(kind: Kind, code: &'static str, detail: impl Into<String>) -> Self {
        Self { kind, code, detail: detail.into(), facts: Map::new(), fields: Vec::new() }
    }

    /// 404 that says nothing about what exists.
    pub fn not_found() -> Self {
        Self::new(Kind::NotFound, "not_found", "there is nothing here")
    }

    /// 422 for one field.
    pub fn field(name: &str, wrong: &str) -> Self {
        let mut problem = Self::new(Kind::Invalid, "invalid", format!("{name}: {wrong}"));
        problem.fields.push((name.to_owned(), wrong.to_owned()));
        problem
    }

    /// 422 for several fields; the first names the detail.
    pub fn fields(fields: Vec<(String, String)>) -> Self {
        let detail = fields.iter().map(|(name, wrong)| format!("{name}: {wrong}")).collect::<Vec<_>>().join("; ");
        let mut problem = Self::new(Kind::Invalid, "invalid", detail);
        problem.fields = fields;
        problem
    }

    /// Adds a fact.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.facts.insert(name.to_owned(), value.into());
        self
    }

    /// The `application/problem+json` body (RFC 9457).
    pub fn to_json(&self) -> Value {
        let status = self.kind.status();
        let mut body = Map::new();
        body.insert("type".into(), format!("urn:sportello:problem:{}", self.code).into());
        body.insert("title".into(), status.canonical_reason().unwrap_or("Problem").into());
        body.insert("status".into(), status.as_u16().into());
        body.insert("code".into(), self.code.into());
        body.insert("detail".into(), self.detail.clone().into());
        if !self.fields.is_empty() {
            let errors = self.fields.iter().map(|(name, wrong)| json!({"field": name, "code": wrong}));
            body.insert("errors".into(), errors.collect());
        }
        body.extend(self.facts.clone());
        Value::Object(body)
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code, self.detail)
    }
}

impl<E: Refusal> From<E> for Problem {
    fn from(e: E) -> Self {
        let (kind, code) = (e.kind(), e.code());
        let detail = if kind == Kind::Internal {
            // Logged once, here; the caller learns only that it was not their fault.
            tracing::error!(problem.code = code, "internal error: {e}");
            "the request could not be completed".to_owned()
        } else {
            e.to_string()
        };
        let facts = e.facts().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Self { kind, code, detail, facts, fields: Vec::new() }
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.kind.status()
    }

    /// JSON; the `http` layer replaces it by a page where a person asked. It finds the problem in the
    /// response's extensions.
    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code())
            .insert_header((header::CONTENT_TYPE, "application/problem+json"))
            .body(self.to_json().to_string());
        if self.kind == Kind::Unauthenticated {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response.extensions_mut().insert(self.clone());
        response
    }
}

impl Refusal for StoreError {
    fn kind(&self) -> Kind {
        if self.is_unavailable() { Kind::Unavailable } else { Kind::Internal }
    }
    fn code(&self) -> &'static str {
        if self.is_unavailable() { "database_unavailable" } else { "internal" }
    }
}

impl Refusal for BlobError {
    fn kind(&self) -> Kind {
        match self {
            Self::Store(object_store::Error::NotFound { .. }) => Kind::NotFound,
            Self::Store(_) | Self::Address(_) => Kind::Unavailable,
        }
    }
    fn code(&self) -> &'static str {
        match self {
            Self::Store(object_store::Error::NotFound { .. }) => "not_found",
            Self::Store(_) | Self::Address(_) => "blobs_unavailable",
        }
    }
}

impl Refusal for Forbidden {
    fn kind(&self) -> Kind {
        Kind::Forbidden
    }
    fn code(&self) -> &'static str {
        "forbidden"
    }
}
