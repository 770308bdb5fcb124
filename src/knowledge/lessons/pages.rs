//! The page that shows who writes a sheet what it learnt, with a button to leave out each word and each ticket.
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::unlearn::{self, Taught};
use super::{MOST_TICKETS, learnt, store};
use crate::kernel::Kernel;
use crate::kernel::language::Language;
use crate::kernel::page::{self, Page};
use crate::kernel::permissions::{Forbidden, Permission};
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Form, Frame};
use crate::knowledge::editing::code_in;
use crate::knowledge::index::KnowledgeIndex;
use crate::knowledge::versions::rules;
use crate::knowledge::{links, sheets};

/// Mounts the page.
pub(in crate::knowledge) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(
        web::resource("/scrivania/schede/{code}/parole").route(web::get().to(show)).route(web::post().to(change)),
    );
}

/// Tickets that are shown of those it learns from.
const SHOWN: usize = 50;

struct WordView {
    word: String,
    lang: &'static str,
    /// `3 persone`; empty for what is left out.
    people: String,
}

struct TicketView {
    code: String,
    href: String,
    subject: String,
    when: String,
}

#[derive(Template)]
#[template(path = "knowledge/lessons.html")]
struct LessonsPage {
    page: Page,
    code: String,
    sheet: String,
    here: String,
    words: Vec<WordView>,
    dropped_words: Vec<WordView>,
    /// Empty for those who may not read tickets.
    tickets: Vec<TicketView>,
    dropped_tickets: Vec<TicketView>,
    reads_tickets: bool,
    /// How many tickets there are beside those shown; empty when all are.
    more: String,
}

async fn show(
    kernel: web::Data<Kernel>,
    index: web::Data<KnowledgeIndex>,
    caller: Caller,
    frame: Frame,
    code: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::DraftKnowledge)?;
    let sheet = sheets::by_code(&kernel, &code_in(&code)?).await?.ok_or_else(Problem::not_found)?;
    if !rules::may_draft(who, sheet.unit) {
        return Err(Forbidden.into());
    }
    let mut page = frame.0;
    page.title = page.t1("lessons-title", "code", &sheet.code);
    let words = learnt(&kernel, &index, &sheet).await?;
    let reads_tickets = who.role.may(Permission::WorkTickets);
    let mut conn = kernel.db.read().await?;
    let dropped = store::unlearnt_words(&mut conn, sheet.id).await?;
    let (mut rows, mut dropped_tickets) = (Vec::new(), Vec::new());
    if reads_tickets {
        rows = store::questions(&mut conn, sheet.id, MOST_TICKETS).await?;
        dropped_tickets = store::unlearnt_tickets(&mut conn, sheet.id).await?;
    }
    drop(conn);
    let href = |code: &str| format!("/scrivania/pratiche/{code}");
    let more = rows.len().saturating_sub(SHOWN);
    let ticket = |row: &store::QuestionRow| TicketView {
        href: href(&row.code),
        subject: row.subject.clone(),
        when: page.date(&row.at),
        code: row.code.clone(),
    };
    page::html(&LessonsPage {
        words: words
            .into_iter()
            .map(|w| WordView {
                word: w.word,
                lang: w.language.as_str(),
                people: page.t1("lessons-people", "n", w.people),
            })
            .collect(),
        dropped_words: dropped
            .into_iter()
            .filter_map(|(lang, word)| {
                Some(WordView { word, lang: Language::from_tag(&lang)?.as_str(), people: String::new() })
            })
            .collect(),
        tickets: rows.iter().take(SHOWN).map(ticket).collect(),
        dropped_tickets: dropped_tickets
            .into_iter()
            .map(|code| TicketView { href: href(&code), code, subject: String::new(), when: String::new() })
            .collect(),
        reads_tickets,
        more: if more > 0 { page.t1("lessons-more", "n", more) } else { String::new() },
        sheet: links::desk_sheet(&sheet.code),
        here: format!("{}/parole", links::desk_sheet(&sheet.code)),
        code: sheet.code,
        page,
    })
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Asked {
    word: String,
    lang: String,
    /// Code of a ticket, instead of a word.
    ticket: String,
    /// `yes` to leave it out, anything else to let it in again.
    dropped: String,
}

async fn change(
    kernel: web::Data<Kernel>,
    caller: Caller,
    code: web::Path<String>,
    Form(asked): Form<Asked>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::DraftKnowledge)?;
    let code = code_in(&code)?;
    let taught = if asked.ticket.is_empty() {
        Taught::Word(Language::from_tag(&asked.lang).ok_or_else(|| Problem::field("lang", "unknown"))?, asked.word)
    } else {
        Taught::Ticket(asked.ticket)
    };
    unlearn::set(&kernel, who, &code, taught, asked.dropped == "yes").await?;
    Ok(page::see_other(&format!("{}/parole", links::desk_sheet(code.as_str()))))
}
