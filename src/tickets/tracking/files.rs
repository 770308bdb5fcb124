//! Files of a ticket's public contacts, for who proved to be the requester.
use actix_web::http::header::{self, Charset, ContentDisposition, DispositionParam, DispositionType, ExtendedValue};
use actix_web::{HttpRequest, HttpResponse, web};

use super::{proof, store};
use crate::kernel::Kernel;
use crate::kernel::problem::Problem;

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route("/sportello/pratica/{code}/allegati/{token}", web::get().to(download));
}

/// Address of a file: by signature, so that row ids stay inside.
pub(super) fn address(kernel: &Kernel, code: &str, file: i64) -> String {
    format!("{}/allegati/{}", proof::path(code), token(kernel, code, file))
}

fn token(kernel: &Kernel, code: &str, file: i64) -> String {
    kernel.secrets.sign("track-file", &[code, &file.to_string()])
}

async fn download(
    req: HttpRequest,
    kernel: web::Data<Kernel>,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let (code, wanted) = path.into_inner();
    if !proof::given(&kernel, &req, &code) {
        return Err(Problem::not_found());
    }
    let mut conn = kernel.db.read().await?;
    let ticket = store::followed(&mut conn, &code).await?.ok_or_else(Problem::not_found)?;
    let files = store::files(&mut conn, &ticket).await?;
    drop(conn);
    let file = files.into_iter().find(|f| token(&kernel, &code, f.id) == wanted).ok_or_else(Problem::not_found)?;
    let bytes = kernel.blobs.get(&file.blob).await?;
    let disposition = ContentDisposition {
        disposition: DispositionType::Attachment,
        parameters: vec![DispositionParam::FilenameExt(ExtendedValue {
            charset: Charset::Ext("UTF-8".to_owned()),
            language_tag: None,
            value: file.name.into_bytes(),
        })],
    };
    // Always a download, never a page of this site, whatever somebody managed to attach.
    let plain = file.media_type.bytes().all(|b| b.is_ascii_graphic() || b == b' ');
    Ok(HttpResponse::Ok()
        .content_type(if plain { file.media_type.as_str() } else { "application/octet-stream" })
        .insert_header(disposition)
        .insert_header((header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(bytes))
}
