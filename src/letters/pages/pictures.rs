//! Pictures of pages, and the scan as it came.
use actix_web::http::header;
use actix_web::{HttpResponse, web};
use serde::Deserialize;

use crate::kernel::Kernel;
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::Caller;
use crate::letters::{picture, store, view};

/// Longest side of a picture beside its text, and the largest that is drawn, in pixels.
const SIDE: u32 = 1400;
pub(super) const SIDE_LIMIT: u32 = 3600;

#[derive(Deserialize)]
pub(super) struct Size {
    lato: Option<u32>,
}

pub(super) async fn page(
    kernel: web::Data<Kernel>,
    caller: Caller,
    path: web::Path<(i64, i64)>,
    size: web::Query<Size>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::WorkTickets)?;
    let (id, page) = path.into_inner();
    let mut conn = kernel.db.read().await?;
    let page = store::page(&mut conn, id, page).await?.ok_or_else(Problem::not_found)?;
    drop(conn);
    let side = size.lato.unwrap_or(SIDE).clamp(100, SIDE_LIMIT);
    let drawn = picture::draw(&kernel, &page, side).await?;
    Ok(HttpResponse::Ok()
        .content_type("image/jpeg")
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CACHE_CONTROL, "private, max-age=600"))
        .body(drawn))
}

/// The scan as it came, before anybody arranged its pages.
pub(super) async fn scan(
    kernel: web::Data<Kernel>,
    caller: Caller,
    id: web::Path<i64>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::WorkTickets)?;
    let mut conn = kernel.db.read().await?;
    let shown = view::read(&mut conn, *id).await?;
    let first = shown.changes.iter().rev().find(|c| c.field == "pages" && c.before.contains('/'));
    let blob = match first {
        Some(change) => change.before.clone(),
        None => store::file(&mut conn, *id).await?.ok_or_else(Problem::not_found)?.1,
    };
    drop(conn);
    let bytes = kernel.blobs.get(&blob).await?;
    Ok(HttpResponse::Ok()
        .content_type("application/pdf")
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CONTENT_DISPOSITION, format!("inline; filename=\"lettera-{id}.pdf\"")))
        .body(bytes))
}
