//! Attachments and raw originals. Bytes of strangers never run here: nothing is sniffed, only plain types
//! open in the browser, and a sandbox without an origin holds what opens.
use actix_web::http::header::{
    self, Charset, ContentDisposition, DispositionParam, DispositionType, ExtendedValue, HeaderValue,
};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use bytes::Bytes;
use serde::Deserialize;

use super::conversation::opens_inline;
use super::store;
use crate::kernel::Kernel;
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::ranges;
use crate::kernel::request::Caller;
use crate::tickets;

/// Mounts the downloads.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/scrivania/allegati/{id}").route(web::get().to(attachment)))
        .service(web::resource("/scrivania/contatti/{id}/originale").route(web::get().to(original)));
}

const SANDBOX: &str = "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'";
/// Browsers do not start their PDF viewer, itself a sandbox, inside another one.
const VIEWER: &str = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'";

#[derive(Deserialize)]
struct Wanted {
    /// Present to save the file whatever its type.
    salva: Option<String>,
}

async fn attachment(
    req: HttpRequest,
    kernel: web::Data<Kernel>,
    caller: Caller,
    id: web::Path<i64>,
    wanted: web::Query<Wanted>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::WorkTickets)?;
    let mut conn = kernel.db.read().await?;
    let file = tickets::store::attachment(&mut conn, *id).await?.ok_or_else(Problem::not_found)?;
    drop(conn);
    let bytes = kernel.blobs.get(&file.blob).await?;
    let inline = wanted.salva.is_none() && opens_inline(&file.media_type);
    Ok(ranges::answer(&req, head(&file.name, &file.media_type, inline), bytes))
}

async fn original(kernel: web::Data<Kernel>, caller: Caller, id: web::Path<i64>) -> Result<HttpResponse, Problem> {
    caller.require(Permission::WorkTickets)?;
    let mut conn = kernel.db.read().await?;
    let raw = store::original(&mut conn, *id).await?.ok_or_else(Problem::not_found)?;
    drop(conn);
    let bytes = match (raw.body, raw.blob) {
        (Some(body), _) => Bytes::from(body),
        (None, Some(blob)) => kernel.blobs.get(&blob).await?,
        (None, None) => return Err(Problem::not_found()),
    };
    let (extension, media_type) = match raw.channel.as_str() {
        "email" | "pec" => ("eml", "message/rfc822"),
        _ => ("txt", "application/octet-stream"),
    };
    Ok(answer(&format!("contatto-{id}.{extension}"), media_type, false, bytes))
}

/// A download of bytes under their name, shown in the browser only when asked and harmless.
pub fn answer(name: &str, media_type: &str, inline: bool, bytes: Bytes) -> HttpResponse {
    head(name, media_type, inline).body(bytes)
}

/// The same without its bytes.
fn head(name: &str, media_type: &str, inline: bool) -> HttpResponseBuilder {
    let plain: String = name
        .chars()
        .map(|c| if c.is_ascii() && !c.is_ascii_control() && !"\"\\".contains(c) { c } else { '_' })
        .collect();
    let disposition = ContentDisposition {
        disposition: if inline { DispositionType::Inline } else { DispositionType::Attachment },
        parameters: vec![
            DispositionParam::Filename(plain),
            DispositionParam::FilenameExt(ExtendedValue {
                charset: Charset::Ext("UTF-8".to_owned()),
                language_tag: None,
                value: name.as_bytes().to_vec(),
            }),
        ],
    };
    let content_type = match media_type {
        "text/plain" => HeaderValue::from_static("text/plain; charset=utf-8"),
        other if inline => HeaderValue::from_str(other).unwrap_or(HeaderValue::from_static("application/octet-stream")),
        // What is saved needs no type, and a false one could only mislead.
        "message/rfc822" => HeaderValue::from_static("message/rfc822"),
        _ => HeaderValue::from_static("application/octet-stream"),
    };
    let policy = if inline && media_type == "application/pdf" { VIEWER } else { SANDBOX };
    let mut answer = HttpResponse::Ok();
    answer
        .insert_header((header::CONTENT_TYPE, content_type))
        .insert_header(disposition)
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CONTENT_SECURITY_POLICY, policy))
        .insert_header((header::CACHE_CONTROL, "private, max-age=3600"));
    answer
}
