//! Choosing the other ticket or person, and what will happen.
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use crate::kernel::Kernel;
use crate::kernel::codes;
use crate::kernel::database::Conn;
use crate::kernel::page::{Page, html_as};
use crate::kernel::problem::Problem;
use crate::kernel::time::Instant;
use crate::people;
use crate::tickets::model::Ticket;
use crate::tickets::pages::{store, ticket_url, words};
use crate::tickets::search::{TicketIndex, search};
use crate::tickets::{TicketError, merging};

/// Results offered at once.
const RESULTS: usize = 10;

/// A ticket or person that may be meant.
#[derive(Debug)]
pub struct Candidate {
    pub href: String,
    pub title: String,
    /// Grouped code of a ticket, empty for persons.
    pub code: String,
    /// State of a ticket with its word, both empty for persons.
    pub state: String,
    pub state_label: String,
    pub about: String,
}

/// One of the two, as the summary shows it.
#[derive(Debug)]
pub struct Side {
    pub label: String,
    pub href: String,
    pub title: String,
    pub code: String,
    pub lines: Vec<String>,
}

/// What was chosen, and what will happen.
#[derive(Debug)]
pub struct Chosen {
    pub sides: [Side; 2],
    pub effects: Vec<String>,
    /// What to look at twice; may be empty.
    pub caution: Vec<String>,
    /// Why it cannot be done, empty when it can.
    pub refused: String,
    /// Target of the form.
    pub action: String,
    pub version: i64,
    pub other: String,
    pub other_version: i64,
    /// The same the other way round, empty when that makes no sense.
    pub swap: String,
    pub submit: String,
    pub reason: String,
    /// Whether a reason may be given.
    pub asks_reason: bool,
}

/// The page.
#[derive(Template)]
#[template(path = "desk/target.html")]
pub struct TargetPage {
    pub page: Page,
    /// Where one came from.
    pub back: String,
    pub back_label: String,
    pub lead: String,
    /// The text that is moved, empty otherwise.
    pub quote: String,
    /// This page without a query.
    pub here: String,
    pub q: String,
    pub search_hint: String,
    /// What found the candidates.
    pub found: String,
    pub candidates: Vec<Candidate>,
    pub chosen: Option<Chosen>,
    /// Why the form was refused, empty otherwise.
    pub alert: String,
}

impl TargetPage {
    /// The page as an answer.
    ///
    /// # Errors
    /// Only when the template is broken.
    pub fn answer(&self, status: StatusCode) -> Result<HttpResponse, Problem> {
        html_as(&mut HttpResponse::build(status), self)
    }
}

/// A ticket by code as typed, or the one that goes on in its place.
///
/// # Errors
/// 404 when there is none.
pub async fn live(conn: &mut Conn, code: &str) -> Result<Ticket, Problem> {
    let code = super::super::code_in_path(code)?;
    let ticket = crate::tickets::store::by_code(conn, &code).await?.ok_or_else(Problem::not_found)?;
    match ticket.merged_into_id {
        None => Ok(ticket),
        Some(into) => Ok(crate::tickets::store::by_id(conn, into).await?.ok_or_else(Problem::not_found)?),
    }
}

/// The tickets that `q` finds, or, without words, the linked ones and the person's others.
///
/// # Errors
/// When the database or the index cannot be read.
pub async fn candidates(
    kernel: &Kernel,
    index: &TicketIndex,
    page: &Page,
    here: &str,
    ticket: &Ticket,
    q: &str,
) -> Result<Vec<Candidate>, Problem> {
    let mut ids = Vec::new();
    if q.is_empty() {
        let mut conn = kernel.db.read().await?;
        for (code, ..) in crate::tickets::store::links(&mut conn, ticket.id).await? {
            ids.extend(crate::tickets::store::by_code(&mut conn, &code).await?.map(|t| t.id));
        }
        if let Some(person) = ticket.person_id {
            let theirs = store::tickets_of(&mut conn, person, (Instant(i64::MAX), i64::MAX), 6).await?;
            ids.extend(theirs.iter().filter(|t| !t.merged).map(|t| t.id));
        }
    } else {
        ids.extend(search(kernel, index, q, RESULTS, None).await?.found.iter().map(|f| f.row.id));
    }
    let mut conn = kernel.db.read().await?;
    let mut found: Vec<Candidate> = Vec::new();
    let mut seen = vec![ticket.id];
    for id in ids {
        if seen.contains(&id) {
            continue;
        }
        seen.push(id);
        let Some(other) = crate::tickets::store::by_id(&mut conn, id).await? else { continue };
        if other.merged_into_id.is_some() {
            continue;
        }
        found.push(Candidate {
            href: format!("{here}?in={}", other.code),
            title: other.subject.clone(),
            code: codes::grouped(&other.code),
            state: other.state.as_str().to_owned(),
            state_label: words::state(page, other.state.as_str()),
            about: about(&mut conn, page, &other).await?.join(" · "),
        });
    }
    Ok(found)
}

/// Who asked, when, and over what.
async fn about(conn: &mut Conn, page: &Page, ticket: &Ticket) -> Result<Vec<String>, Problem> {
    let mut lines = Vec::new();
    if let Some(person) = ticket.person_id
        && let Some(file) = people::file::read(conn, person).await?
    {
        lines.push(file.display_name());
    }
    lines.push(format!("{}, {}", page.date(&ticket.opened_at), words::channel(page, ticket.channel.as_str())));
    Ok(lines)
}

/// A ticket as one of the two.
///
/// # Errors
/// When the database cannot be read.
pub async fn side(conn: &mut Conn, page: &Page, label: &str, ticket: &Ticket) -> Result<Side, Problem> {
    let mut lines = about(conn, page, ticket).await?;
    lines.push(words::state(page, ticket.state.as_str()));
    let joined = merging::store::tombstones(conn, ticket.id).await?;
    lines.extend(joined.iter().map(|t| page.t1("merge-with-it", "code", codes::grouped(&t.code))));
    Ok(Side {
        label: page.t(label),
        href: ticket_url(&ticket.code),
        title: ticket.subject.clone(),
        code: codes::grouped(&ticket.code),
        lines,
    })
}

/// Why a form was refused, when the page can tell; other refusals pass on.
///
/// # Errors
/// The refusal itself.
pub fn refused(page: &Page, error: TicketError) -> Result<(String, StatusCode), Problem> {
    use crate::kernel::problem::Refusal;
    let status = error.kind().status();
    let text = match &error {
        TicketError::Stale { changed_by, .. } => page.t1("merge-stale", "who", changed_by),
        TicketError::Merged { into } => page.t1("merge-merged", "code", codes::grouped(into)),
        TicketError::Merging(why) => page.t(&format!("problem-{}", why.code().replace('_', "-"))),
        TicketError::Incident(why) => page.t(&format!("problem-{}", why.code().replace('_', "-"))),
        TicketError::NotFound
        | TicketError::TakenBy { .. }
        | TicketError::HeldBy { .. }
        | TicketError::State { .. }
        | TicketError::Over
        | TicketError::Away
        | TicketError::Invalid { .. }
        | TicketError::NoAddress
        | TicketError::Forbidden(_)
        | TicketError::Blobs(_)
        | TicketError::Store(_) => return Err(error.into()),
    };
    Ok((text, status))
}
