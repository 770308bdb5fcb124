//! A letter beside what was read on it.
use std::collections::BTreeMap;

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::pictures::SIDE_LIMIT;
use super::{HERE, state, sure};
use crate::kernel::Kernel;
use crate::kernel::codes;
use crate::kernel::page::{Page, html};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Frame};
use crate::letters::model::{LetterState, Piece, pieces};
use crate::letters::store::{self, LetterRow};
use crate::letters::view;

/// A page of the letter as its page shows it.
pub(super) struct Sheet {
    pub(super) id: i64,
    number: usize,
    picture: String,
    large: String,
    /// Description of the picture.
    alt: String,
    confidence: String,
    doubtful: bool,
    unread: bool,
    pieces: Vec<Piece>,
    pub(super) text: String,
    corrected: bool,
    rows: usize,
}

struct Change {
    when: String,
    at: String,
    text: String,
    before: String,
}

struct Person {
    id: i64,
    label: String,
    chosen: bool,
}

struct Neighbour {
    id: i64,
    label: String,
}

#[derive(Template)]
#[template(path = "letters/letter.html")]
pub(super) struct LetterPage {
    pub(super) page: Page,
    letter: LetterRow,
    shown_code: String,
    received: String,
    sure: (&'static str, String),
    state: (&'static str, String),
    pub(super) sheets: Vec<Sheet>,
    /// Whether any page was read by a program.
    read: bool,
    persons: Vec<Person>,
    neighbours: Vec<Neighbour>,
    changes: Vec<Change>,
    /// Whether it may still be changed.
    open: bool,
    done: String,
    pub(super) error: String,
    /// Name of the field at fault; empty when the error is of the whole.
    pub(super) field: String,
    /// What was written, when the form is shown again.
    pub(super) written: BTreeMap<String, String>,
}

impl LetterPage {
    /// A field as it was written, else as it is stored.
    fn value(&self, name: &str, stored: &str) -> String {
        self.written.get(name).cloned().unwrap_or_else(|| stored.to_owned())
    }

    fn fault(&self, name: &str) -> String {
        if self.field == name { self.error.clone() } else { String::new() }
    }
}

#[derive(Deserialize)]
pub(super) struct Shown {
    #[serde(default)]
    fatto: String,
}

/// The page of a letter.
///
/// # Errors
/// When there is none.
pub(super) async fn letter_page(kernel: &Kernel, mut page: Page, id: i64) -> Result<LetterPage, Problem> {
    let mut conn = kernel.db.read().await?;
    let shown = view::read(&mut conn, id).await?;
    let letter = shown.letter;
    let persons = if letter.sender_name.is_empty() {
        Vec::new()
    } else {
        store::namesakes(&mut conn, &letter.sender_name).await?
    };
    let neighbours = store::neighbours(&mut conn, id).await?;
    drop(conn);
    let title = if letter.subject.is_empty() { &letter.ticket_subject } else { &letter.subject };
    page.title = page.t1("letters-one", "subject", title);
    let sheets: Vec<Sheet> = shown
        .pages
        .iter()
        .enumerate()
        .map(|(place, p)| {
            let read = p.read_text.clone().unwrap_or_default();
            let marked = pieces(&read, &p.doubtful());
            Sheet {
                id: p.id,
                number: place + 1,
                picture: format!("{HERE}/{id}/pagine/{}.jpg", p.id),
                large: format!("{HERE}/{id}/pagine/{}.jpg?lato={SIDE_LIMIT}", p.id),
                alt: page.t1("letters-picture-of", "n", place + 1),
                confidence: p.confidence.map(|n| page.t1("letters-sure", "n", n)).unwrap_or_default(),
                doubtful: marked.iter().any(|m| m.doubtful),
                unread: p.read_text.is_none(),
                pieces: marked,
                corrected: p.read_text.as_deref().unwrap_or_default() != p.text,
                rows: p.text.lines().count().clamp(8, 28) + 2,
                text: p.text.clone(),
            }
        })
        .collect();
    let changes = shown
        .changes
        .into_iter()
        .map(|c| Change {
            when: page.datetime(&c.at),
            at: page.machine_time(&c.at),
            text: page.t2(
                "letters-change",
                "who",
                if c.who.is_empty() { page.t("desk-by-program") } else { c.who },
                "what",
                page.t(&format!("letters-field-{}", c.field)),
            ),
            before: if matches!(c.field.as_str(), "pages" | "person" | "state") { String::new() } else { c.before },
        })
        .collect();
    let neighbours = neighbours
        .into_iter()
        .map(|(id, code, subject)| Neighbour { id, label: format!("{} {subject}", codes::grouped(&code)) })
        .collect();
    let persons = persons
        .into_iter()
        .map(|(id, name, told)| Person {
            id,
            label: if told.is_empty() { name } else { format!("{name} ({told})") },
            chosen: letter.person_id == Some(id),
        })
        .collect();
    Ok(LetterPage {
        shown_code: codes::grouped(&letter.code),
        received: page.datetime(&letter.received_at),
        sure: sure(&page, &letter),
        state: state(&page, &letter),
        read: sheets.iter().any(|s| !s.unread),
        open: letter.state != LetterState::Joined.as_str(),
        sheets,
        persons,
        neighbours,
        changes,
        done: String::new(),
        error: String::new(),
        field: String::new(),
        written: BTreeMap::new(),
        letter,
        page,
    })
}

pub(super) async fn show(
    kernel: web::Data<Kernel>,
    caller: Caller,
    Frame(page): Frame,
    id: web::Path<i64>,
    shown: web::Query<Shown>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::WorkTickets)?;
    let mut view = letter_page(&kernel, page, *id).await?;
    if matches!(shown.fatto.as_str(), "salvata" | "collocata" | "ordinata" | "stato") {
        view.done = view.page.t(&format!("letters-done-{}", shown.fatto));
    }
    html(&view)
}
