//! Answers that browsers keep: a reader who comes back is told that nothing changed.
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use sha2::{Digest, Sha256};

use crate::kernel::page::Page;
use crate::kernel::problem::{Kind, Problem};

/// How long what was answered may be used without asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// A page: never, because a sheet may be withdrawn at any moment; its language depends on who asks.
    Page,
    /// Feed and sitemap: five minutes, by whoever stands between.
    Listing,
}

impl Freshness {
    const fn cache_control(self) -> &'static str {
        match self {
            Self::Page => "private, no-cache",
            Self::Listing => "public, max-age=300",
        }
    }
}

/// Renders a template as an answer with a tag of its content, or says that the reader has it already. Pages of
/// somebody signed in carry their token and are kept by nobody.
///
/// # Errors
/// An internal problem when the template fails.
pub fn answer(
    req: &HttpRequest,
    page: Option<&Page>,
    freshness: Freshness,
    media_type: &str,
    template: &impl askama::Template,
) -> Result<HttpResponse, Problem> {
    let body = template.render().map_err(|e| Problem::new(Kind::Internal, "internal", format!("template: {e}")))?;
    if page.is_some_and(|p| p.user.is_some()) {
        return Ok(HttpResponse::Ok().content_type(media_type).body(body));
    }
    let digest = Sha256::digest(body.as_bytes());
    // Weak, because the body may be compressed on its way.
    let tag = format!("W/\"{}\"", data_encoding::HEXLOWER.encode(&digest[..12]));
    let known = req.headers().get(header::IF_NONE_MATCH).and_then(|v| v.to_str().ok());
    let known = known.is_some_and(|tags| tags.split(',').any(|t| t.trim() == tag));
    let mut response = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header((header::ETAG, tag)).insert_header((header::CACHE_CONTROL, freshness.cache_control()));
    if freshness == Freshness::Page {
        response.insert_header((header::VARY, HeaderValue::from_static("Cookie, Accept-Language")));
    }
    Ok(if known { response.finish() } else { response.content_type(media_type).body(body) })
}
