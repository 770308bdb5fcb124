//! The page of a referent without an account: one link, behind it the list of all their legs and each leg. A wrong or
//! revoked link looks like nobody's; one that ended asks whether a new one shall be sent to the referent's own address.
use actix_multipart::Multipart;
use actix_web::http::StatusCode;
use actix_web::http::header::ContentType;
use actix_web::{HttpRequest, HttpResponse, web};

use super::door::Door;
use super::pages::{self, ClosedPage, Done};
use super::referent::{From, Whose, render_list};
use super::referent_links::{self, Access, Visitor};
use super::{RenewalLimits, form};
use crate::kernel::Kernel;
use crate::kernel::page::{Page, html, html_as};
use crate::kernel::problem::Problem;
use crate::kernel::request::{Frame, peer};
use crate::organisation::Directory;

/// Mounts the pages.
pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/referenti/{token}").route(web::get().to(list)))
        .service(web::resource("/referenti/{token}/rinnova").route(web::post().to(ask_new_link)))
        .service(
            web::resource("/referenti/{token}/{code}/{number}")
                .route(web::get().to(show))
                .route(web::post().to(submit)),
        )
        .service(web::resource("/referenti/{token}/{code}/{number}/allegati/{id}").route(web::get().to(file)));
}

/// Who came, or the page that says why nobody did.
async fn visitor(kernel: &Kernel, page: &Page, token: &str) -> Result<Result<Box<Visitor>, HttpResponse>, Problem> {
    let mut conn = kernel.db.read().await?;
    let access = referent_links::access(&mut conn, kernel, token).await?;
    drop(conn);
    let (key, status, renew) = match access {
        Access::Open(visitor) => return Ok(Ok(visitor)),
        Access::Expired => ("referent-expired", StatusCode::GONE, format!("/referenti/{token}/rinnova")),
        Access::Unknown => ("leg-unknown", StatusCode::NOT_FOUND, String::new()),
    };
    let page = page.clone().titled(&format!("{key}-title"));
    let text = page.t(&format!("{key}-text"));
    let closed = ClosedPage { page, text, renew };
    Ok(Err(html_as(HttpResponse::build(status).content_type(ContentType::html()), &closed)?))
}

async fn list(
    kernel: web::Data<Kernel>,
    directory: web::Data<Directory>,
    frame: Frame,
    token: web::Path<String>,
    from: web::Query<From>,
) -> Result<HttpResponse, Problem> {
    let visitor = match visitor(&kernel, &frame.0, &token).await? {
        Ok(visitor) => visitor,
        Err(closed) => return Ok(closed),
    };
    let base = format!("/referenti/{}", visitor.token);
    let whose = Whose { base: &base, name: visitor.referent.name.clone(), own: false };
    render_list(&kernel, &directory, frame.0, &visitor.units, whose, &from).await
}

async fn show(
    kernel: web::Data<Kernel>,
    directory: web::Data<Directory>,
    frame: Frame,
    path: web::Path<(String, String, i64)>,
    asked: web::Query<Done>,
) -> Result<HttpResponse, Problem> {
    let (token, code, number) = path.into_inner();
    match visitor(&kernel, &frame.0, &token).await? {
        Ok(visitor) => {
            pages::show_leg(&kernel, &directory, frame.0, &Door::Referent { visitor, code, number }, &asked).await
        }
        Err(closed) => Ok(closed),
    }
}

async fn submit(
    kernel: web::Data<Kernel>,
    directory: web::Data<Directory>,
    frame: Frame,
    path: web::Path<(String, String, i64)>,
    payload: Multipart,
) -> Result<HttpResponse, Problem> {
    let (token, code, number) = path.into_inner();
    let sent = form::read(&kernel, payload).await?;
    match visitor(&kernel, &frame.0, &token).await? {
        Ok(visitor) => {
            pages::submit_leg(&kernel, &directory, frame.0, &Door::Referent { visitor, code, number }, sent).await
        }
        Err(closed) => Ok(closed),
    }
}

async fn file(
    kernel: web::Data<Kernel>,
    frame: Frame,
    path: web::Path<(String, String, i64, i64)>,
) -> Result<HttpResponse, Problem> {
    let (token, code, number, id) = path.into_inner();
    match visitor(&kernel, &frame.0, &token).await? {
        Ok(visitor) => pages::leg_file(&kernel, frame.0, &Door::Referent { visitor, code, number }, id).await,
        Err(closed) => Ok(closed),
    }
}

async fn ask_new_link(
    req: HttpRequest,
    kernel: web::Data<Kernel>,
    limits: web::Data<RenewalLimits>,
    frame: Frame,
    token: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    referent_links::renew(&kernel, &limits.peers, &limits.links, &token, &peer(&req)).await?;
    let page = frame.0.titled("referent-renewed-title");
    let text = page.t("referent-renewed-text");
    html(&ClosedPage { page, text, renew: String::new() })
}
