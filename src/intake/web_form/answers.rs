//! Sheets that may answer what somebody is about to send, while they write it. Nothing of the text is kept, and it
//! travels in a body, because addresses end in logs.
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use crate::kernel::Kernel;
use crate::kernel::page::{Page, html_as};
use crate::kernel::problem::Problem;
use crate::kernel::request::{Form, Frame};
use crate::knowledge::KnowledgeIndex;
use crate::knowledge::search::{Reader, Suggestion};
use crate::knowledge::suggest::{Message, suggest};

/// Most sheets that are proposed: who writes is not to be kept from writing.
const MOST: usize = 3;
/// Fewer letters ask nothing yet.
const FEWEST: usize = 12;
/// Characters that are looked at; what is asked stands in the first ones.
const READ: usize = 4000;
/// A sheet that has less than this part of the words is about something else.
const CLEAR: f32 = 0.1;

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/sportello/richiesta/risposte").route(web::post().to(show)));
}

#[derive(Template)]
#[template(path = "citizen/answers.html")]
struct AnswersPart {
    page: Page,
    answers: Vec<Suggestion>,
}

#[derive(Deserialize)]
struct Written {
    #[serde(default)]
    text: String,
}

async fn show(
    kernel: web::Data<Kernel>,
    index: web::Data<KnowledgeIndex>,
    Frame(page): Frame,
    Form(written): Form<Written>,
) -> Result<HttpResponse, Problem> {
    let answers = answers(&kernel, &index, &page, &written.text).await?;
    html_as(&mut HttpResponse::Ok(), &AnswersPart { page, answers })
}

/// The public sheets that may answer a text, the best first.
///
/// # Errors
/// When the index or the database cannot be read.
pub(super) async fn answers(
    kernel: &Kernel,
    index: &KnowledgeIndex,
    page: &Page,
    text: &str,
) -> Result<Vec<Suggestion>, Problem> {
    let text = text.trim();
    if text.chars().filter(|c| c.is_alphabetic()).count() < FEWEST {
        return Ok(Vec::new());
    }
    let read = text.char_indices().nth(READ).map_or(text, |(end, _)| &text[..end]);
    let message = Message { subject: "", text: read };
    let mut found = suggest(kernel, index, message, page.language, Reader::Citizen, MOST, None).await?;
    found.retain(|sheet| sheet.score >= CLEAR);
    Ok(found)
}
