//! Downloads of the forms attached to a sheet: as in force for citizens, as in a version or a draft for the desk.
use actix_web::{HttpResponse, web};

use super::details::FormFile;
use super::editing::code_in;
use super::history::{kept, readable};
use super::versions::{rules, store};
use super::{sheets, store as sheet_store};
use crate::kernel::Kernel;
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::Caller;
use crate::tickets::pages::attachments::answer;

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route("/sportello/schede/{code}/moduli/{place}", web::get().to(public))
        .route("/scrivania/schede/{code}/versioni/{version}/moduli/{place}", web::get().to(of_version))
        .route("/scrivania/schede/{code}/bozza/moduli/{place}", web::get().to(of_draft));
}

async fn download(kernel: &Kernel, forms: &[FormFile], place: usize) -> Result<HttpResponse, Problem> {
    let form = place.checked_sub(1).and_then(|place| forms.get(place)).ok_or_else(Problem::not_found)?;
    let bytes = kernel.blobs.get(&form.blob).await?;
    Ok(answer(&form.name, &form.media_type, false, bytes))
}

async fn public(kernel: web::Data<Kernel>, path: web::Path<(String, usize)>) -> Result<HttpResponse, Problem> {
    let (code, place) = path.into_inner();
    let sheet = sheets::public_by_code(&kernel, &code_in(&code)?).await?.ok_or_else(Problem::not_found)?;
    download(&kernel, &sheet.details.forms, place).await
}

async fn of_version(
    kernel: web::Data<Kernel>,
    caller: Caller,
    path: web::Path<(String, i64, usize)>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::ReadKnowledge)?;
    let (code, version, place) = path.into_inner();
    let sheet = readable(&kernel, who, &code_in(&code)?).await?;
    let kept = kept(&kernel, &sheet, version).await?;
    download(&kernel, &kept.content.details.forms, place).await
}

async fn of_draft(
    kernel: web::Data<Kernel>,
    caller: Caller,
    path: web::Path<(String, usize)>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::ReadKnowledge)?;
    let (code, place) = path.into_inner();
    let mut conn = kernel.db.read().await?;
    let sheet = sheet_store::sheet(&mut conn, code_in(&code)?.as_str()).await?.ok_or_else(Problem::not_found)?;
    let draft = store::draft(&mut conn, sheet.id).await?.ok_or_else(Problem::not_found)?;
    drop(conn);
    if !rules::may_draft(who, sheet.unit) && !rules::may_validate(who, sheet.unit) {
        return Err(Problem::not_found());
    }
    download(&kernel, &draft.content.details.forms, place).await
}
