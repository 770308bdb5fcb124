//! The worklist.
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::{HERE, state, sure};
use crate::kernel::Kernel;
use crate::kernel::codes;
use crate::kernel::page::{Page, html, page_of};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Frame};
use crate::letters::model::Worklist;
use crate::letters::store::{self, LetterRow};

/// Letters of one page of a list.
const PAGE: i64 = 50;

struct Tab {
    href: String,
    label: String,
    current: bool,
}

struct Line {
    href: String,
    when: String,
    at: String,
    subject: String,
    sender: String,
    code: String,
    ticket_href: String,
    pages: String,
    /// Tone and text.
    sure: (&'static str, String),
    state: (&'static str, String),
    registered: String,
}

#[derive(Template)]
#[template(path = "letters/list.html")]
struct ListPage {
    page: Page,
    tabs: Vec<Tab>,
    lines: Vec<Line>,
    next: String,
    done: String,
}

#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    elenco: Worklist,
    key: Option<i64>,
    #[serde(default)]
    fatto: String,
}

fn line(page: &Page, letter: &LetterRow) -> Line {
    Line {
        href: format!("{HERE}/{}", letter.id),
        when: page.datetime(&letter.received_at),
        at: page.machine_time(&letter.received_at),
        subject: if letter.subject.is_empty() { letter.ticket_subject.clone() } else { letter.subject.clone() },
        sender: if letter.sender_name.is_empty() { letter.person.clone() } else { letter.sender_name.clone() },
        code: codes::grouped(&letter.code),
        ticket_href: format!("/scrivania/pratiche/{}", letter.code),
        pages: page.t1("letters-pages", "n", letter.pages),
        sure: sure(page, letter),
        state: state(page, letter),
        registered: letter.registered.clone(),
    }
}

pub(super) async fn list(
    kernel: web::Data<Kernel>,
    caller: Caller,
    Frame(page): Frame,
    wanted: web::Query<Wanted>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::WorkTickets)?;
    let page = page.titled("letters-title");
    let which = wanted.elenco;
    let mut conn = kernel.db.read().await?;
    let rows = store::list(&mut conn, which, wanted.key.unwrap_or(i64::MAX), PAGE + 1).await?;
    let (new, doubtful, unregistered) = store::counts(&mut conn).await?;
    let (rows, more) = page_of(rows, PAGE);
    let next = rows.last().filter(|_| more).map(|l| format!("{HERE}?elenco={}&key={}", which.as_str(), l.id));
    let tabs = Worklist::ALL
        .into_iter()
        .map(|tab| Tab {
            href: format!("{HERE}?elenco={}", tab.as_str()),
            label: match tab {
                Worklist::New => page.t1("letters-tab-new", "n", new),
                Worklist::Doubtful => page.t1("letters-tab-doubtful", "n", doubtful),
                Worklist::Unregistered => page.t1("letters-tab-unregistered", "n", unregistered),
                Worklist::All => page.t("letters-tab-all"),
            },
            current: tab == which,
        })
        .collect();
    let lines = rows.iter().map(|row| line(&page, row)).collect();
    let done = if wanted.fatto == "finite" { page.t("letters-all-done") } else { String::new() };
    html(&ListPage { page, tabs, lines, next: next.unwrap_or_default(), done })
}
