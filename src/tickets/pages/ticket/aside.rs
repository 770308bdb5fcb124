//! What stands beside the conversation: the person, linked and merged tickets, legs.
use crate::kernel::codes;
use crate::kernel::database::Conn;
use crate::kernel::page::Page;
use crate::kernel::problem::Problem;
use crate::kernel::time::Instant;
use crate::people::file::PersonFile;
use crate::tickets::merging::store::Tombstone;
use crate::tickets::pages::legs::{self, Leg};
use crate::tickets::pages::{store, ticket_url, words};
use crate::tickets::{Ticket, store as tickets_store};

/// Other tickets of the person shown beside this one.
const PAST: i64 = 5;

/// The person beside the conversation.
pub struct PersonBox {
    pub id: i64,
    pub name: String,
    pub initials: String,
    pub count: String,
    /// Kind and value as written.
    pub identifiers: Vec<(String, String)>,
    pub past: Vec<Past>,
}

/// Another ticket of the person.
pub struct Past {
    pub href: String,
    pub subject: String,
    pub state: String,
    pub state_label: String,
    pub about: String,
}

/// A ticket this one may belong to or continues.
pub struct Link {
    pub href: String,
    pub code: String,
    pub subject: String,
    pub text: String,
    /// As stored, for settling it.
    pub kind: String,
    pub other: String,
}

/// A sheet that a ticket has to do with, in the version that was in force then.
pub struct SheetLink {
    pub href: String,
    pub label: String,
}

/// The sheet from which a request was written and the one that answered it.
pub async fn sheets_of(conn: &mut Conn, page: &Page, ticket: &Ticket) -> Result<Vec<SheetLink>, Problem> {
    let link = |key: &str, code: String, version: Option<i64>| match version {
        Some(version) => SheetLink {
            label: page.t2(&format!("{key}-version"), "sheet", &code, "version", version),
            href: format!("/scrivania/schede/{code}/versioni/{version}"),
        },
        None => SheetLink { label: page.t1(key, "sheet", &code), href: format!("/scrivania/schede/{code}") },
    };
    let mut sheets = Vec::new();
    if let Some(asked) = tickets_store::requested_sheet(conn, ticket.id).await?
        && let Some(code) = tickets_store::sheet_code(conn, asked.id).await?
    {
        sheets.push(link("desk-requested-sheet", code, Some(asked.version)));
    }
    if let Some(id) = ticket.closing_sheet_id
        && let Some(code) = tickets_store::sheet_code(conn, id).await?
    {
        sheets.push(link("desk-closed-sheet", code, ticket.closing_sheet_version));
    }
    Ok(sheets)
}

/// The legs of a ticket, then those of the tickets that go on in it, which only their units still act on.
pub async fn legs_of(conn: &mut Conn, page: &Page, ticket: i64, joined: &[Tombstone]) -> Result<Vec<Leg>, Problem> {
    let views = crate::network::views::legs_of(conn, ticket, page.language).await?;
    let mut legs: Vec<Leg> = views.iter().map(|view| legs::leg(page, view)).collect();
    for merged in joined {
        let views = crate::network::views::legs_of(conn, merged.id, page.language).await?;
        legs.extend(views.iter().map(|view| Leg {
            can_withdraw: false,
            anchor: format!("{}-{}", merged.code, view.leg.number),
            ..legs::leg(page, view)
        }));
    }
    Ok(legs)
}

/// The box of the person.
pub async fn person_box(conn: &mut Conn, page: &Page, file: &PersonFile, this: i64) -> Result<PersonBox, Problem> {
    let id = file.person.id;
    let rows = store::tickets_of(conn, id, (Instant(i64::MAX), i64::MAX), PAST + 1).await?;
    let count = store::count_tickets_of(conn, id).await?;
    let name = file.display_name();
    Ok(PersonBox {
        id,
        initials: words::initials(&name),
        name,
        count: page.t1("desk-person-tickets", "n", count),
        identifiers: file
            .identifiers
            .iter()
            .map(|i| (page.t(&format!("desk-identifier-{}", i.kind.replace('_', "-"))), i.raw.clone()))
            .collect(),
        past: rows
            .iter()
            .filter(|r| r.id != this)
            .take(usize::try_from(PAST).unwrap_or(5))
            .map(|r| past(page, r))
            .collect(),
    })
}

fn past(page: &Page, row: &store::PastTicketRow) -> Past {
    Past {
        href: ticket_url(&row.code),
        subject: row.subject.clone(),
        state: row.state.clone(),
        state_label: if row.merged { page.t("desk-state-merged") } else { words::state(page, &row.state) },
        about: format!("{}, {}", page.date(&row.opened_at), words::channel(page, &row.channel)),
    }
}

/// A linked ticket.
pub fn link(page: &Page, (code, subject, kind): &(String, String, String)) -> Link {
    Link {
        href: ticket_url(code),
        code: codes::grouped(code),
        subject: subject.clone(),
        text: page.t(&format!("desk-link-{}", kind.replace('_', "-"))),
        kind: kind.clone(),
        other: code.clone(),
    }
}

/// A ticket that goes on in this one.
pub struct Joined {
    pub code: String,
    pub grouped: String,
    pub version: i64,
    pub subject: String,
    pub when: String,
    /// Whether it can be parted: what was joined last comes first.
    pub direct: bool,
}

/// A ticket that goes on in this one.
pub fn joined(page: &Page, merged: &Tombstone) -> Joined {
    Joined {
        code: merged.code.clone(),
        grouped: codes::grouped(&merged.code),
        version: merged.version,
        subject: merged.subject.clone(),
        when: words::moment(page, &merged.merged_at),
        direct: merged.direct,
    }
}
