//! A person's file: how to reach them, all their tickets, all their contacts over every channel.
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

mod consents;
mod merge;
mod segment;

use super::history;
use super::names::{Choice, Names};
use super::ticket::Notice;
use super::{store, ticket_url, words};
use crate::kernel::Kernel;
use crate::kernel::codes;
use crate::kernel::database::Conn;
use crate::kernel::events::Actor;
use crate::kernel::page::{Page, html_as, see_other};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Frame};
use crate::kernel::time::Instant;
use crate::people;
use crate::people::claims::ClaimRow;
use crate::people::file::PersonFile;

/// Mounts the page.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/scrivania/persone/{id}").route(web::get().to(show)));
    merge::routes(cfg);
    consents::routes(cfg);
    segment::routes(cfg);
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

/// An identifier that somebody gave for them without proof.
struct Claim {
    id: i64,
    kind: String,
    value: String,
    when: String,
    /// Who has it: name and page, empty when nobody does.
    owner: String,
    owner_href: String,
    /// Where the two are merged.
    merge_href: String,
}

/// Somebody who goes on as them.
struct Joined {
    id: i64,
    name: String,
    brought: String,
    when: String,
    /// Whether it can be parted: what was joined last comes first.
    direct: bool,
}

#[derive(Template)]
#[template(path = "desk/person.html")]
struct PersonPage {
    page: Page,
    id: i64,
    notice: Option<Notice>,
    claims: Vec<Claim>,
    joined: Vec<Joined>,
    consents: Vec<consents::Consent>,
    segments: Vec<Choice>,
    /// What kind of user they are; empty when that is not known.
    segment: String,
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

#[derive(Default, Deserialize)]
struct Before {
    /// `opened_at.id` of the last ticket of the page before.
    pratiche: Option<String>,
    /// Row id of the last contact of the page before.
    contatti: Option<i64>,
    fatto: Option<String>,
}

fn key(text: &str) -> Option<(Instant, i64)> {
    let (at, id) = text.split_once('.')?;
    Some((Instant(at.parse().ok()?), id.parse().ok()?))
}

/// What was done, by the word in the address after a form.
const DONE: [&str; 6] = ["joined", "parted", "confirmed", "rejected", "consent", "segment"];

async fn show(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    id: web::Path<i64>,
    before: web::Query<Before>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::WorkTickets)?;
    let done = before.fatto.as_deref().and_then(|word| DONE.into_iter().find(|known| *known == word));
    let notice = done.map(|word| Notice::good(frame.0.t(&format!("person-done-{word}"))));
    render(&kernel, frame.0, *id, before.into_inner(), notice, StatusCode::OK).await
}

/// The page of a person, or of who goes on in their place.
async fn render(
    kernel: &Kernel,
    page: Page,
    id: i64,
    before: Before,
    notice: Option<Notice>,
    status: StatusCode,
) -> Result<HttpResponse, Problem> {
    let from = match before.pratiche.as_deref() {
        Some(text) => key(text).ok_or_else(Problem::not_found)?,
        None => (Instant(i64::MAX), i64::MAX),
    };
    let mut conn = kernel.db.read().await?;
    let file = people::file::read(&mut conn, id).await?.ok_or_else(Problem::not_found)?;
    if let Some(into) = file.person.merged_into_id {
        return Ok(see_other(&format!("/scrivania/persone/{into}")));
    }
    let names = Names::read(&mut conn, page.language).await?;
    let count = store::count_tickets_of(&mut conn, id).await?;
    let mut tickets = store::tickets_of(&mut conn, id, from, TICKETS + 1).await?;
    let mut contacts = store::contacts_of(&mut conn, id, before.contatti.unwrap_or(i64::MAX), CONTACTS + 1).await?;
    let claims = claims(&mut conn, &page, &file).await?;
    let joined = joined(&mut conn, &page, id).await?;
    let consents = consents::consents(&mut conn, &page, &file).await?;
    let (segments, segment) = segment::segments(&mut conn, &page, id).await?;
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
    let shown = PersonPage {
        id,
        notice,
        claims,
        joined,
        consents,
        segments,
        segment,
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
    };
    html_as(&mut HttpResponse::build(status), &shown)
}

async fn claims(conn: &mut Conn, page: &Page, file: &PersonFile) -> Result<Vec<Claim>, Problem> {
    let mut lines = Vec::with_capacity(file.claims.len());
    for claim in &file.claims {
        let other = match owner(conn, claim).await? {
            Some(other) if other != file.person.id => people::file::read(conn, other).await?,
            Some(_) | None => None,
        };
        let other_id = other.as_ref().map_or(0, |o| o.person.id);
        lines.push(Claim {
            id: claim.id,
            kind: page.t(&format!("desk-identifier-{}", claim.kind.replace('_', "-"))),
            value: claim.raw.clone(),
            when: page.date(&claim.created_at),
            owner: other.map(|o| o.display_name()).unwrap_or_default(),
            owner_href: format!("/scrivania/persone/{other_id}"),
            merge_href: format!("/scrivania/persone/{other_id}/unisci?con={}", file.person.id),
        });
    }
    Ok(lines)
}

async fn owner(conn: &mut Conn, claim: &ClaimRow) -> Result<Option<i64>, Problem> {
    let Some(kind) = people::IdentifierKind::from_text(&claim.kind) else { return Ok(None) };
    let identifier = people::Identifier { kind, value: claim.value.clone(), raw: claim.raw.clone() };
    Ok(people::store::owner_of(conn, &identifier).await?)
}

async fn joined(conn: &mut Conn, page: &Page, id: i64) -> Result<Vec<Joined>, Problem> {
    let mut names = Names::read(conn, page.language).await?;
    let mut lines = Vec::new();
    for one in people::merging::store::merged(conn, id).await? {
        let brought = people::merging::store::brought(conn, one.id).await?;
        if let Actor::User(user) = Actor::from_text(&one.merged_by) {
            names.add_users(conn, [user]).await?;
        }
        let who = history::actor(page, &names, &one.merged_by);
        let name = if one.name.is_empty() { brought.first().cloned().unwrap_or_default() } else { one.name };
        lines.push(Joined {
            id: one.id,
            name,
            brought: brought.join(" · "),
            when: page.t2("person-joined-when", "when", words::moment(page, &one.merged_at), "who", who),
            direct: one.direct,
        });
    }
    Ok(lines)
}

fn ticket_line(page: &Page, names: &Names, row: &store::PastTicketRow) -> TicketLine {
    TicketLine {
        href: ticket_url(&row.code),
        grouped: codes::grouped(&row.code),
        state: row.state.clone(),
        state_label: if row.merged { page.t("desk-state-merged") } else { words::state(page, &row.state) },
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
