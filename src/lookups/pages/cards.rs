//! What other systems know of a person or a ticket: a fragment of their page, or a page of its own without scripts.
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::kernel::Kernel;
use crate::kernel::page::{Page, html};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Frame};
use crate::lookups::ask::{About, Looked, Lookups, ask};
use crate::lookups::model::{Answer, Source};

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route("/scrivania/fonti/persone/{id:\\d+}", web::get().to(of_person))
        .route("/scrivania/fonti/pratiche/{code}", web::get().to(of_ticket));
}

/// What one source answered, in the reader's words.
pub struct Card {
    pub name: String,
    /// Rows of labels and values; what is empty is not shown.
    pub rows: Vec<Vec<(String, String)>>,
    /// In place of rows.
    pub said: String,
    pub failed: bool,
}

/// A card of an answer.
pub fn card(page: &Page, source: &Source, answer: Answer) -> Card {
    let row = |values: Vec<String>| {
        let both = source.fields.iter().zip(values).filter(|(_, value)| !value.is_empty());
        both.map(|(field, value)| (field.label_in(page.language).to_owned(), value)).collect()
    };
    let name = source.name.clone();
    match answer {
        Answer::Rows(rows) if rows.is_empty() => {
            Card { said: page.t("lookup-nothing"), name, rows: Vec::new(), failed: false }
        }
        Answer::Rows(rows) => {
            Card { rows: rows.into_iter().map(row).collect(), name, said: String::new(), failed: false }
        }
        Answer::Lacks(value) => {
            let key = if value.starts_with("field.") { "field".to_owned() } else { value.replace('_', "-") };
            let said = page.t1("lookup-lacks", "value", page.t(&format!("lookup-value-{key}")));
            Card { said, name, rows: Vec::new(), failed: false }
        }
        Answer::Failed(failure) => {
            let said = page.t1(&format!("lookup-failed-{}", failure.as_str()), "name", &name);
            Card { said, name, rows: Vec::new(), failed: true }
        }
    }
}

#[derive(Template)]
#[template(path = "lookups/cards.html")]
struct Cards {
    page: Page,
    cards: Vec<Card>,
}

#[derive(Template)]
#[template(path = "lookups/page.html")]
struct CardsPage {
    page: Page,
    back: String,
    cards: Vec<Card>,
}

async fn of_person(
    kernel: web::Data<Kernel>,
    lookups: web::Data<Lookups>,
    caller: Caller,
    frame: Frame,
    req: HttpRequest,
    id: web::Path<i64>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::WorkTickets)?;
    let looked = ask(&kernel, &lookups, &caller.0, &About::Person(*id)).await?;
    shown(&req, frame.0, looked, format!("/scrivania/persone/{id}"))
}

async fn of_ticket(
    kernel: web::Data<Kernel>,
    lookups: web::Data<Lookups>,
    caller: Caller,
    frame: Frame,
    req: HttpRequest,
    code: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::WorkTickets)?;
    let looked = ask(&kernel, &lookups, &caller.0, &About::Ticket(code.to_string())).await?;
    shown(&req, frame.0, looked, format!("/scrivania/pratiche/{code}"))
}

fn shown(req: &HttpRequest, page: Page, looked: Vec<Looked>, back: String) -> Result<HttpResponse, Problem> {
    let cards = looked.into_iter().map(|look| card(&page, &look.source, look.answer)).collect();
    let mut answer = if req.headers().get("hx-request").is_some_and(|v| v == "true") {
        html(&Cards { page, cards })?
    } else {
        html(&CardsPage { page: page.titled("lookup-cards"), back, cards })?
    };
    // What others know of a person stays in no browser.
    let never = actix_web::http::header::HeaderValue::from_static("no-store");
    answer.headers_mut().insert(actix_web::http::header::CACHE_CONTROL, never);
    Ok(answer)
}
