//! Merging two persons and parting them again; confirming and rejecting claimed identifiers.
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::{Before, Notice, render};
use crate::kernel::Kernel;
use crate::kernel::database::Conn;
use crate::kernel::page::{Page, see_other};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::{Problem, Refusal};
use crate::kernel::request::{Caller, Form, Frame};
use crate::people::file::{self, PersonFile};
use crate::people::merging::store as people_store;
use crate::tickets::pages::merging::target::{Candidate, Chosen, Side, TargetPage};
use crate::tickets::pages::store;
use crate::tickets::persons::{self, PersonError};
use crate::tickets::search::{TicketIndex, search};

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    let mut post = |path: &str, route: actix_web::Route| {
        cfg.service(web::resource(format!("/scrivania/persone/{path}")).route(route));
    };
    post("{id}/separa", web::post().to(part));
    post("{id}/recapiti/{claim}/conferma", web::post().to(confirm));
    post("{id}/recapiti/{claim}/rifiuta", web::post().to(reject));
    cfg.service(
        web::resource("/scrivania/persone/{id}/unisci").route(web::get().to(show)).route(web::post().to(do_merge)),
    );
}

/// Tickets looked through for their persons.
const RESULTS: usize = 20;

fn url(person: i64) -> String {
    format!("/scrivania/persone/{person}")
}

/// A person who is not merged, or who goes on in their place.
async fn read(conn: &mut Conn, person: i64) -> Result<PersonFile, Problem> {
    let live = people_store::live(conn, person).await?.ok_or_else(Problem::not_found)?;
    file::read(conn, live).await?.ok_or_else(Problem::not_found)
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    q: String,
    /// Row id of the other person.
    con: Option<i64>,
}

async fn show(
    kernel: web::Data<Kernel>,
    index: web::Data<TicketIndex>,
    caller: Caller,
    frame: Frame,
    id: web::Path<i64>,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::WorkTickets)?;
    page_of(&kernel, &index, frame.0, *id, &asked.into_inner(), String::new()).await?.answer(StatusCode::OK)
}

async fn page_of(
    kernel: &Kernel,
    index: &TicketIndex,
    page: Page,
    id: i64,
    asked: &Asked,
    alert: String,
) -> Result<TargetPage, Problem> {
    let mut conn = kernel.db.read().await?;
    let person = read(&mut conn, id).await?;
    let here = format!("{}/unisci", url(person.person.id));
    let q = asked.q.trim().to_owned();
    let chosen = match asked.con {
        Some(other) => {
            let other = read(&mut conn, other).await?;
            Some(summary(&mut conn, &page, &person, &other).await?)
        }
        None => None,
    };
    drop(conn);
    let candidates = if chosen.is_some() || q.is_empty() {
        Vec::new()
    } else {
        candidates(kernel, index, &page, &here, person.person.id, &q).await?
    };
    Ok(TargetPage {
        back: url(person.person.id),
        back_label: person.display_name(),
        lead: page.t1("person-merge-lead", "name", person.display_name()),
        quote: String::new(),
        search_hint: page.t("person-merge-hint"),
        found: page.t("person-merge-found"),
        candidates,
        chosen,
        alert,
        here,
        q,
        page: page.titled("person-merge-title"),
    })
}

/// The persons that `q` means: by identifier, or by what their tickets say.
async fn candidates(
    kernel: &Kernel,
    index: &TicketIndex,
    page: &Page,
    here: &str,
    person: i64,
    q: &str,
) -> Result<Vec<Candidate>, Problem> {
    let found = search(kernel, index, q, RESULTS, None).await?;
    let mut conn = kernel.db.read().await?;
    let mut ids = found.persons;
    for one in &found.found {
        ids.extend(crate::tickets::store::by_id(&mut conn, one.row.id).await?.and_then(|t| t.person_id));
    }
    let mut seen = vec![person];
    let mut lines = Vec::new();
    for id in ids {
        if seen.contains(&id) {
            continue;
        }
        seen.push(id);
        let Some(other) = file::read(&mut conn, id).await? else { continue };
        let side = side(&mut conn, page, "merge-goes-on", &other).await?;
        lines.push(Candidate {
            href: format!("{here}?con={id}"),
            title: side.title,
            code: String::new(),
            state: String::new(),
            state_label: String::new(),
            about: side.lines.join(" · "),
        });
    }
    Ok(lines)
}

async fn side(conn: &mut Conn, page: &Page, label: &str, person: &PersonFile) -> Result<Side, Problem> {
    let count = store::count_tickets_of(conn, person.person.id).await?;
    let mut lines: Vec<String> = person.identifiers.iter().map(|i| i.raw.clone()).collect();
    lines.push(page.t1("desk-person-tickets", "n", count));
    Ok(Side {
        label: page.t(label),
        href: url(person.person.id),
        title: person.display_name(),
        code: String::new(),
        lines,
    })
}

async fn summary(conn: &mut Conn, page: &Page, person: &PersonFile, other: &PersonFile) -> Result<Chosen, Problem> {
    let (ends, goes_on) = (person.display_name(), other.display_name());
    let same = person.person.id == other.person.id;
    Ok(Chosen {
        sides: [
            side(conn, page, "person-merge-ends", person).await?,
            side(conn, page, "person-merge-goes-on", other).await?,
        ],
        effects: vec![
            page.t1("person-merge-effect-file", "name", &goes_on),
            page.t("person-merge-effect-mail"),
            page.t("person-merge-effect-undo"),
        ],
        caution: vec![page.t("person-merge-caution")],
        refused: if same { page.t("problem-person-same") } else { String::new() },
        action: format!("{}/unisci", url(person.person.id)),
        version: 0,
        other: other.person.id.to_string(),
        other_version: 0,
        swap: if same { String::new() } else { format!("{}/unisci?con={}", url(other.person.id), person.person.id) },
        submit: page.t2("person-merge-submit", "from", ends, "into", goes_on),
        reason: String::new(),
        asks_reason: false,
    })
}

#[derive(Deserialize)]
struct MergeForm {
    other: i64,
}

async fn do_merge(
    kernel: web::Data<Kernel>,
    index: web::Data<TicketIndex>,
    caller: Caller,
    frame: Frame,
    id: web::Path<i64>,
    form: Form<MergeForm>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WorkTickets)?;
    let other = form.0.other;
    let error = match persons::merge(&kernel, who, *id, other).await {
        Ok(()) => return Ok(see_other(&format!("{}?fatto=joined", url(other)))),
        Err(error) => error,
    };
    let status = error.kind().status();
    let alert = words_of(&frame.0, error)?;
    page_of(&kernel, &index, frame.0, *id, &Asked { q: String::new(), con: Some(other) }, alert).await?.answer(status)
}

/// Why a change was refused, when the page can tell; other refusals pass on.
fn words_of(page: &Page, error: PersonError) -> Result<String, Problem> {
    match &error {
        PersonError::Same
        | PersonError::Merged { .. }
        | PersonError::Nested
        | PersonError::NotMerged
        | PersonError::Taken { .. } => Ok(page.t(&format!("problem-{}", error.code().replace('_', "-")))),
        PersonError::NotFound | PersonError::Forbidden(_) | PersonError::Store(_) => Err(error.into()),
    }
}

/// The person's page with the reason of a refusal.
async fn refused(kernel: &Kernel, page: Page, id: i64, error: PersonError) -> Result<HttpResponse, Problem> {
    let status = error.kind().status();
    let title = words_of(&page, error)?;
    let notice = Notice { tone: "warn", icon: "warning-circle", title, lines: Vec::new(), text: String::new() };
    render(kernel, page, id, Before::default(), Some(notice), status).await
}

/// A button without fields; reading the form checks its token.
#[derive(Deserialize)]
struct Pressed {}

async fn part(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    id: web::Path<i64>,
    _: Form<Pressed>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WorkTickets)?;
    match persons::part(&kernel, who, *id).await {
        Ok(()) => Ok(see_other(&format!("{}?fatto=parted", url(*id)))),
        Err(error) => refused(&kernel, frame.0, *id, error).await,
    }
}

async fn confirm(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    path: web::Path<(i64, i64)>,
    _: Form<Pressed>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WorkTickets)?;
    let (id, claim) = path.into_inner();
    match persons::confirm(&kernel, who, id, claim).await {
        Ok(()) => Ok(see_other(&format!("{}?fatto=confirmed", url(id)))),
        Err(error) => refused(&kernel, frame.0, id, error).await,
    }
}

async fn reject(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    path: web::Path<(i64, i64)>,
    _: Form<Pressed>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WorkTickets)?;
    let (id, claim) = path.into_inner();
    match persons::reject(&kernel, who, id, claim).await {
        Ok(()) => Ok(see_other(&format!("{}?fatto=rejected", url(id)))),
        Err(error) => refused(&kernel, frame.0, id, error).await,
    }
}
