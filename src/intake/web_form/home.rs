//! The home page and the pages that the law asks for.
use actix_web::{HttpResponse, web};
use askama::Template;

use super::store::{self, Office};
use crate::kernel::Kernel;
use crate::kernel::page::{Page, html};
use crate::kernel::problem::Problem;
use crate::kernel::request::Frame;

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    // Link checkers and search engines ask by HEAD.
    for path in ["/", "/sportello"] {
        cfg.service(web::resource(path).route(web::get().to(home)).route(web::head().to(home)));
    }
    cfg.service(web::resource("/sportello/privacy").route(web::get().to(privacy)).route(web::head().to(privacy)))
        .service(
            web::resource("/sportello/accessibilita")
                .route(web::get().to(accessibility))
                .route(web::head().to(accessibility)),
        );
}

#[derive(Template)]
#[template(path = "citizen/home.html")]
struct HomePage {
    page: Page,
    emails: Vec<String>,
    offices: Vec<Office>,
}

async fn home(kernel: web::Data<Kernel>, Frame(page): Frame) -> Result<HttpResponse, Problem> {
    let mut conn = kernel.db.read().await?;
    let offices = store::offices(&mut conn, page.language).await?;
    let emails = emails(&kernel, &mut conn).await?;
    html(&HomePage { page: page.titled("home-title"), emails, offices })
}

/// Where citizens may write: the mailboxes that are read, or else the agency's address.
async fn emails(kernel: &Kernel, conn: &mut crate::kernel::database::Conn) -> Result<Vec<String>, Problem> {
    let mut emails: Vec<String> = kernel.config.mail.mailboxes.iter().map(|m| m.address.clone()).collect();
    if emails.is_empty() {
        emails.extend(Some(store::agency_email(conn).await?).filter(|e| !e.is_empty()));
    }
    Ok(emails)
}

#[derive(Template)]
#[template(path = "citizen/privacy.html")]
struct PrivacyPage {
    page: Page,
    email: String,
}

async fn privacy(kernel: web::Data<Kernel>, Frame(page): Frame) -> Result<HttpResponse, Problem> {
    let mut conn = kernel.db.read().await?;
    let email = store::agency_email(&mut conn).await?;
    html(&PrivacyPage { page: page.titled("privacy-title"), email })
}

#[derive(Template)]
#[template(path = "citizen/accessibility.html")]
struct AccessibilityPage {
    page: Page,
}

async fn accessibility(Frame(page): Frame) -> Result<HttpResponse, Problem> {
    html(&AccessibilityPage { page: page.titled("accessibility-title") })
}
