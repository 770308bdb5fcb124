//! A person's file: how to reach them, all their tickets, all their contacts over every channel.
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::names::Names;
use super::{store, ticket_url, words};
use crate::kernel::Kernel;
use crate::kernel::codes;
use crate::kernel::page::{Page, html};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Frame};
use crate::kernel::time::Instant;
use crate::people;

/// Mounts the page.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/scrivania/persone/{id}").route(web::get().to(show)));
}

/// Tickets and contacts on one page.
const TICKETS: i64 = 25;
const CONTACTS: i64 = 25;

/// One of their tickets.
struct TicketLine {
    href: String,
    grouped: String,
    state: String,
    state_label: String,
    subject: String,
    icon: &'static str,
    channel: String,
    category: String,
    opened: String,
    opened_at: String,
}

/// One of their contacts.
struct ContactLine {
    href: String,
    /// Direction and channel.
    what: String,
    text: String,
    at: String,
    when: String,
}

#[derive(Template)]
#[template(path = "desk/person.html")]
struct PersonPage {
    page: Page,
    initials: String,
    count: String,
    since: String,
    identifiers: Vec<(String, String)>,
    tickets: Vec<TicketLine>,
    more_tickets: String,
    contacts: Vec<ContactLine>,
    more_contacts: String,
    /// Whether this is not the first page of either list.
    first: String,
    /// A new ticket for this person.
    new_ticket: String,
}

#[derive(Deserialize)]
struct Before {
    /// `opened_at.id` of the last ticket of the page before.
    pratiche: Option<String>,
    /// Row id of the last contact of the page before.
    contatti: Option<i64>,
}

fn key(text: &str) -> Option<(Instant, i64)> {
    let (at, id) = text.split_once('.')?;
    Some((Instant(at.parse().ok()?), id.parse().ok()?))
}

async fn show(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    id: web::Path<i64>,
    before: web::Query<Before>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::WorkTickets)?;
    let (page, id) = (frame.0, *id);
    let from = match before.pratiche.as_deref() {
        Some(text) => key(text).ok_or_else(Problem::not_found)?,
        None => (Instant(i64::MAX), i64::MAX),
    };
    let mut conn = kernel.db.read().await?;
    let file = people::file::read(&mut conn, id).await?.ok_or_else(Problem::not_found)?;
    let names = Names::read(&mut conn, page.language).await?;
    let count = store::count_tickets_of(&mut conn, id).await?;
    let mut tickets = store::tickets_of(&mut conn, id, from, TICKETS + 1).await?;
    let mut contacts = store::contacts_of(&mut conn, id, before.contatti.unwrap_or(i64::MAX), CONTACTS + 1).await?;
    drop(conn);
    let here = format!("/scrivania/persone/{id}");
    let (tickets_page, contacts_page) =
        (usize::try_from(TICKETS).unwrap_or(25), usize::try_from(CONTACTS).unwrap_or(25));
    let more_tickets = if tickets.len() > tickets_page {
        tickets.get(tickets_page - 1).map(|t| format!("{here}?pratiche={}.{}", t.opened_at.0, t.id)).unwrap_or_default()
    } else {
        String::new()
    };
    let more_contacts = if contacts.len() > contacts_page {
        contacts.get(contacts_page - 1).map(|c| format!("{here}?contatti={}#contatti", c.id)).unwrap_or_default()
    } else {
        String::new()
    };
    tickets.truncate(tickets_page);
    contacts.truncate(contacts_page);
    let name = file.display_name();
    let mut known: Vec<(&str, &str)> = vec![("name", file.person.name.as_str())];
    known.extend(
        file.identifiers
            .iter()
            .filter(|i| matches!(i.kind.as_str(), "phone" | "email" | "fiscal_code"))
            .map(|i| (i.kind.as_str(), i.raw.as_str())),
    );
    let new_ticket =
        serde_urlencoded::to_string(&known).map(|q| format!("/scrivania/pratiche/nuova?{q}")).unwrap_or_default();
    html(&PersonPage {
        initials: words::initials(&name),
        count: page.t1("desk-person-tickets", "n", count),
        since: page.date(&file.person.created_at),
        identifiers: file
            .identifiers
            .iter()
            .map(|i| (page.t(&format!("desk-identifier-{}", i.kind.replace('_', "-"))), i.raw.clone()))
            .collect(),
        tickets: tickets.iter().map(|t| ticket_line(&page, &names, t)).collect(),
        more_tickets,
        contacts: contacts.iter().map(|c| contact_line(&page, c)).collect(),
        more_contacts,
        first: if before.pratiche.is_some() || before.contatti.is_some() { here } else { String::new() },
        new_ticket,
        page: Page { title: name, ..page.clone() },
    })
}

fn ticket_line(page: &Page, names: &Names, row: &store::PastTicketRow) -> TicketLine {
    TicketLine {
        href: ticket_url(&row.code),
        grouped: codes::grouped(&row.code),
        state: row.state.clone(),
        state_label: words::state(page, &row.state),
        subject: row.subject.clone(),
        icon: words::channel_icon(&row.channel),
        channel: words::channel(page, &row.channel),
        category: row.category_id.map(|id| names.category(id)).unwrap_or_default(),
        opened: page.date(&row.opened_at),
        opened_at: row.opened_at.rfc3339(),
    }
}

fn contact_line(page: &Page, row: &store::PastContactRow) -> ContactLine {
    let direction = page.t(if row.direction == "in" { "desk-contact-in" } else { "desk-contact-out" });
    ContactLine {
        href: format!("{}#contact-{}", ticket_url(&row.code), row.id),
        what: format!("{} · {direction}", words::channel(page, &row.channel)),
        text: format!("{}: {}", row.subject, words::beginning(&row.extract, store::EXTRACT)),
        at: row.happened_at.rfc3339(),
        when: words::moment(page, &row.happened_at),
    }
}
