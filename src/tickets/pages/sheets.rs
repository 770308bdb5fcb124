//! Suggested sheets, as a fragment that comes after the page: nobody waits for them.
use actix_web::{HttpResponse, web};
use askama::Template;

use super::code_in_path;
use crate::kernel::Kernel;
use crate::kernel::language::Language;
use crate::kernel::page::{Page, html};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Frame};
use crate::knowledge::model::SheetCode;
use crate::knowledge::search::{Piece, Reader};
use crate::knowledge::suggest::Message;
use crate::knowledge::verdicts::Judged;
use crate::knowledge::{KnowledgeIndex, sheets, suggest};
use crate::tickets::{Ticket, store, view};

/// Mounts the fragment.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/scrivania/pratiche/{code}/schede").route(web::get().to(of_ticket)));
}

/// How many sheets are proposed.
const COUNT: usize = 4;

/// A proposed sheet.
struct Proposed {
    code: String,
    title: String,
    summary: String,
    /// Where it answers; the summary stands in its place when only its title does.
    passage: Vec<Piece>,
    href: String,
    /// Whether only agents may read it.
    internal: bool,
    /// Ready to send; empty when the sheet has no such text.
    reply: String,
    number: i64,
    /// What the citizen must bring, and what it costs; may be empty.
    requirements: Vec<String>,
    fee: String,
    /// Language of title and reply.
    lang: &'static str,
    /// The version proposed.
    version: i64,
}

#[derive(Template)]
#[template(path = "desk/sheets.html")]
struct SheetsPart {
    page: Page,
    sheets: Vec<Proposed>,
    /// Whether there is a composer to put a reply into.
    composer: bool,
    /// Code of the ticket; empty without one.
    ticket: String,
}

impl SheetsPart {
    fn judged<'a>(&'a self, sheet: &'a Proposed, keys: &bool) -> Judged<'a> {
        Judged {
            code: &sheet.code,
            version: sheet.version,
            lang: sheet.lang,
            ticket: &self.ticket,
            keys: *keys,
            compact: true,
        }
    }
}

/// The sheets that answer a text, in the language the answer will have; for a ticket they are remembered as proposed.
///
/// # Errors
/// When the index or the database cannot be read.
pub async fn render(
    kernel: &Kernel,
    index: &KnowledgeIndex,
    page: Page,
    message: Message<'_>,
    language: Language,
    category: Option<&str>,
    ticket: Option<&Ticket>,
) -> Result<HttpResponse, Problem> {
    let found = if message.subject.trim().is_empty() && message.text.trim().is_empty() {
        Vec::new()
    } else {
        suggest::suggest(kernel, index, message, language, Reader::Agent, COUNT, category).await?
    };
    if let Some(ticket) = ticket {
        index.observed.proposed(kernel, ticket, found.iter().map(|s| s.sheet_id));
    }
    let mut proposed = Vec::with_capacity(found.len());
    for suggestion in found {
        let sheet = match SheetCode::parse(&suggestion.code) {
            Some(code) => sheets::by_code(kernel, &code).await?,
            None => None,
        };
        let text = sheet.as_ref().and_then(|s| s.text_in(language));
        let reply = text.map(|t| t.reply.trim().to_owned()).unwrap_or_default();
        proposed.push(Proposed {
            href: sheet_url(&suggestion.code, ticket),
            code: suggestion.code,
            title: suggestion.title,
            summary: suggestion.summary,
            passage: suggestion.passage,
            internal: suggestion.internal,
            number: suggestion.number,
            requirements: text.map(|t| t.requirements.clone()).unwrap_or_default(),
            fee: text.map(|t| t.fee.clone()).unwrap_or_default(),
            reply,
            lang: suggestion.lang,
            version: sheet.as_ref().map_or(0, |s| s.version),
        });
    }
    let composer = ticket.is_some_and(|t| !t.state.is_over());
    let ticket = ticket.map(|t| t.code.clone()).unwrap_or_default();
    html(&SheetsPart { page, sheets: proposed, composer, ticket })
}

/// The address of a sheet that is read for a ticket.
pub(super) fn sheet_url(sheet: &str, ticket: Option<&Ticket>) -> String {
    match ticket {
        Some(ticket) => format!("/scrivania/schede/{sheet}?pratica={}", ticket.code),
        None => format!("/scrivania/schede/{sheet}"),
    }
}

/// For a ticket: what it is about, and what the citizen wrote first and last.
async fn of_ticket(
    kernel: web::Data<Kernel>,
    index: web::Data<KnowledgeIndex>,
    caller: Caller,
    frame: Frame,
    code: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::WorkTickets)?;
    let code = code_in_path(&code)?;
    let mut conn = kernel.db.read().await?;
    let ticket = store::by_code(&mut conn, &code).await?.ok_or_else(Problem::not_found)?;
    let last = store::last_incoming(&mut conn, ticket.id).await?;
    let rows = store::contacts(&mut conn, ticket.id, i64::MAX, view::CONTACTS).await?;
    let category = match ticket.category_id {
        Some(_) => store::names_of(&mut conn, &ticket).await?.category,
        None => None,
    };
    drop(conn);
    let first = rows.into_iter().find(|c| c.direction == "in" && c.leg_id.is_none());
    let first = first.filter(|f| last.as_ref().is_none_or(|l| l.id != f.id));
    let mut text = String::new();
    for contact in last.into_iter().chain(first) {
        text.push_str("\n\n");
        text.push_str(&contact.body);
    }
    let language = Language::from_tag(&ticket.language).unwrap_or(frame.0.language);
    let message = Message { subject: &ticket.subject, text: &text };
    render(&kernel, &index, frame.0, message, language, category.as_deref(), Some(&ticket)).await
}
