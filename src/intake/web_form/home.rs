//! The home page and the pages that the law asks for.
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::store::{self, Office};
use crate::kernel::Kernel;
use crate::kernel::language::Language;
use crate::kernel::page::{Page, html};
use crate::kernel::problem::Problem;
use crate::kernel::request::Frame;
use crate::knowledge::KnowledgeIndex;
use crate::knowledge::feedback::Widget;
use crate::knowledge::feedback::places::Place;
use crate::knowledge::site::{self, Addresses, Changed, Freshness, Topic};
use crate::organisation::{self, SiteView};

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
    addresses: Addresses,
    topics: Vec<Topic>,
    changed: Vec<Changed>,
    emails: Vec<String>,
    offices: Vec<OfficeView>,
    rating: Widget,
}

/// An office that meets citizens, and where.
struct OfficeView {
    office: Office,
    sites: Vec<SiteView>,
}

/// Sheets named below each topic, and among those that changed.
const OF_A_TOPIC: usize = 3;
const CHANGED: usize = 5;

async fn home(
    kernel: web::Data<Kernel>,
    index: web::Data<KnowledgeIndex>,
    Frame(page): Frame,
    req: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let page = page.titled("home-title");
    let topics = site::topics(&kernel, &index, &page, OF_A_TOPIC).await?;
    let changed = site::changed(&kernel, &index, &page, CHANGED).await?;
    let mut conn = kernel.db.read().await?;
    let offices = store::offices(&mut conn, page.language).await?;
    let sites = organisation::store::sites(&mut conn).await?;
    let emails = emails(&kernel, &mut conn).await?;
    drop(conn);
    let of_unit = |unit: i64| SiteView::in_use(&page, sites.iter().filter(|site| site.unit_id == unit));
    let offices = offices.into_iter().map(|office| OfficeView { sites: of_unit(office.unit), office }).collect();
    let addresses = Addresses::of(&kernel, &page, "/", &[], &Language::ALL);
    let rating = Widget::of_page(&page, &Place::home());
    let shown = HomePage { addresses, topics, changed, emails, offices, rating, page };
    site::answer(&req, Some(&shown.page), Freshness::Page, "text/html; charset=utf-8", &shown)
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
