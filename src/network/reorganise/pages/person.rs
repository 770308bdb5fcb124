//! A referent: what is written of them, their personal link, and their leaving.
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use jiff::SignedDuration;
use serde::Deserialize;

use super::change::Choice;
use super::fields::Fields;
use super::people::{day, day_after, wrong_words};
use super::{HERE, unit_href};
use crate::kernel::Kernel;
use crate::kernel::events::Actor;
use crate::kernel::page::{Page, html_as, see_other};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Form, Frame};
use crate::kernel::time::Instant;
use crate::network::leave::leave;
use crate::network::referent_links::{self, LinkState, Then, link_state, revoke};
use crate::network::{LegError, store as leg_store};
use crate::organisation::directory::unit_name;
use crate::organisation::referents::{self, NewReferent};
use crate::organisation::{Directory, OrganisationError, Rank, Units, store};

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    let person = format!("{HERE}/strutture/{{slug}}/referenti/{{id:\\d+}}");
    cfg.service(web::resource(person.clone()).route(web::get().to(show)).route(web::post().to(change)))
        .service(web::resource(format!("{person}/termina")).route(web::post().to(end)))
        .service(web::resource(format!("{person}/collegamento")).route(web::post().to(link)));
}

#[derive(Template)]
#[template(path = "network/person.html")]
struct PersonPage {
    page: Page,
    slug: String,
    unit: String,
    /// Address of this page.
    base: String,
    /// Whether the person is referent no more.
    over: bool,
    /// Whether mails reach the person.
    reachable: bool,
    fields: Fields,
    ranks: Vec<Choice>,
    units: Vec<Choice>,
    /// Who may go on, by row id.
    successors: Vec<(i64, String)>,
    /// Open legs that the person was given.
    given: usize,
    /// Where the link stands.
    link: String,
    link_open: bool,
    alert: String,
    done: String,
}

impl PersonPage {
    fn value(&self, name: &str) -> &str {
        self.fields.get(name)
    }

    fn chosen(&self, name: &str, id: &i64) -> bool {
        self.fields.get(name) == id.to_string()
    }
}

#[derive(Debug, Deserialize)]
struct Query {
    done: Option<String>,
}

/// What is written of a referent, as the form writes it.
fn fields(page: &Page, written: &NewReferent, unit: &str, login: String) -> Fields {
    let day = |at: Instant| if at.0 <= 0 { String::new() } else { at.day(&page.zone) };
    let pairs = [
        ("name", written.name.clone()),
        ("email", written.email.clone()),
        ("phone", written.phone.clone()),
        ("login", login),
        ("rank", written.rank.as_str().to_owned()),
        ("unit", unit.to_owned()),
        ("from", day(written.valid_from)),
        ("to", written.valid_to.map(|end| day(end.minus(SignedDuration::from_micros(1)))).unwrap_or_default()),
    ];
    Fields(pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

fn link_words(page: &Page, state: LinkState) -> String {
    match state {
        LinkState::Never => page.t("org-link-never"),
        LinkState::Open { since, until } => {
            page.t2("org-link-open", "since", page.date(&since), "until", page.date(&until))
        }
        LinkState::Expired { at } => page.t1("org-link-expired", "day", page.date(&at)),
        LinkState::Revoked { at } => page.t1("org-link-revoked", "day", page.date(&at)),
    }
}

/// The units that exist, as choices.
fn unit_choices(page: &Page, units: &Units, now: Instant, chosen: &str) -> Vec<Choice> {
    let choice = |slug: &str, label: String| Choice { value: slug.to_owned(), label, chosen: slug == chosen };
    units
        .existing(now)
        .into_iter()
        .map(|u| choice(&u.slug, format!("{} ({})", unit_name(u, page.language), units.agency_named(u.agency_id))))
        .collect()
}

/// The page of a person, with what was written in a form that was refused.
async fn person_page(
    kernel: &Kernel,
    directory: &Directory,
    page: Page,
    (slug, id): &(String, i64),
    sent: Option<(Fields, String)>,
) -> Result<PersonPage, Problem> {
    let now = kernel.now();
    let units = directory.units(&kernel.db).await?;
    let mut conn = kernel.db.read().await?;
    let unit = store::unit_by_slug(&mut conn, slug).await?.ok_or_else(Problem::not_found)?;
    let found = store::referent(&mut conn, *id).await?.filter(|r| r.unit_id == unit.id);
    let (found, written) = match (found, store::written_referent(&mut conn, *id).await?) {
        (Some(found), Some(written)) => (found, written),
        _ => return Err(Problem::not_found()),
    };
    let login = match written.user_id {
        Some(user) => store::login_of(&mut conn, user).await?,
        None => String::new(),
    };
    let state = link_state(&mut conn, *id, now).await?;
    let given = leg_store::given_to(&mut conn, *id).await?.len();
    let others = store::referents_at(&mut conn, now).await?;
    let (fields, alert) = sent.unwrap_or_else(|| (fields(&page, &written, slug, login), String::new()));
    let others = others.iter().filter(|r| r.id != *id && !r.email.is_empty());
    // Colleagues of the unit first.
    let mut others: Vec<_> = others.map(|r| (r.unit_id != unit.id, r)).collect();
    others.sort_by(|a, b| (a.0, &a.1.name).cmp(&(b.0, &b.1.name)));
    let named = |r: &crate::organisation::Referent| format!("{} ({})", r.name, units.name(r.unit_id, page.language));
    Ok(PersonPage {
        slug: slug.clone(),
        unit: unit_name(&unit, page.language).to_owned(),
        base: format!("{}/referenti/{id}", unit_href(slug)),
        over: found.valid_to.is_some_and(|end| end <= now),
        reachable: !found.email.is_empty(),
        ranks: Rank::ALL
            .iter()
            .map(|rank| Choice {
                value: rank.as_str().to_owned(),
                label: page.t(&format!("org-rank-{}", rank.as_str())),
                chosen: fields.get("rank") == rank.as_str(),
            })
            .collect(),
        units: unit_choices(&page, &units, now, fields.get("unit")),
        successors: others.iter().map(|(_, r)| (r.id, named(r))).collect(),
        given,
        link: link_words(&page, state),
        link_open: matches!(state, LinkState::Open { .. }),
        fields,
        alert,
        done: String::new(),
        page: Page { title: found.name, ..page },
    })
}

async fn show(
    kernel: web::Data<Kernel>,
    directory: web::Data<Directory>,
    caller: Caller,
    Frame(page): Frame,
    path: web::Path<(String, i64)>,
    query: web::Query<Query>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::Administer)?;
    let done = match query.done.as_deref() {
        Some(done @ ("saved" | "send" | "renew" | "revoke")) => page.t(&format!("org-person-{done}")),
        _ => String::new(),
    };
    let shown = person_page(&kernel, &directory, page, &path, None).await?;
    html_as(&mut HttpResponse::Ok(), &PersonPage { done, ..shown })
}

async fn change(
    kernel: web::Data<Kernel>,
    directory: web::Data<Directory>,
    caller: Caller,
    Frame(page): Frame,
    path: web::Path<(String, i64)>,
    Form(sent): Form<Vec<(String, String)>>,
) -> Result<HttpResponse, Problem> {
    let actor = caller.require(Permission::Administer)?.actor.clone();
    let (fields, path) = (Fields(sent), path.into_inner());
    match write(&kernel, actor, path.1, &fields).await {
        Ok(()) => Ok(see_other(&format!("{}/referenti/{}?done=saved", unit_href(fields.get("unit")), path.1))),
        Err(OrganisationError::Invalid { field, wrong }) => {
            let alert = wrong_words(&page, field, wrong);
            let again = person_page(&kernel, &directory, page, &path, Some((fields, alert))).await?;
            html_as(&mut HttpResponse::build(StatusCode::UNPROCESSABLE_ENTITY), &again)
        }
        Err(e) => Err(e.into()),
    }
}

async fn write(kernel: &Kernel, actor: Actor, id: i64, fields: &Fields) -> Result<(), OrganisationError> {
    let (now, zone) = (kernel.now(), kernel.config.zone());
    let (from, to) = (day(kernel, fields, "from")?, day_after(kernel, fields, "to")?);
    let rank =
        Rank::from_text(fields.get("rank")).ok_or(OrganisationError::Invalid { field: "rank", wrong: "missing" })?;
    let text = |name: &str| fields.get(name).to_owned();
    let (unit, name, email, phone, login) = (text("unit"), text("name"), text("email"), text("phone"), text("login"));
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let before = store::written_referent(tx, id).await?.ok_or(OrganisationError::NotFound)?;
                let unknown = OrganisationError::Invalid { field: "unit", wrong: "unknown" };
                let unit_id = store::unit_by_slug(tx, &unit).await?.ok_or(unknown)?.id;
                let user_id = referents::account(tx, &login).await?;
                // A day that was not changed keeps its hour.
                let same = |a: Instant, b: Instant| a.day(&zone) == b.day(&zone);
                let valid_from = match from {
                    Some(from) if !same(from, before.valid_from) => from,
                    Some(_) | None => before.valid_from,
                };
                let last = SignedDuration::from_micros(1);
                let valid_to = match (to, before.valid_to) {
                    (Some(to), Some(end)) if same(to.minus(last), end.minus(last)) => Some(end),
                    (to, _) => to,
                };
                let new = NewReferent { unit_id, user_id, name, email, phone, rank, valid_from, valid_to };
                referents::save(tx, Some(id), &new, actor, now).await.map(drop)
            })
        })
        .await
}

async fn end(
    kernel: web::Data<Kernel>,
    directory: web::Data<Directory>,
    caller: Caller,
    Frame(page): Frame,
    path: web::Path<(String, i64)>,
    Form(sent): Form<Vec<(String, String)>>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::Administer)?;
    let (fields, path) = (Fields(sent), path.into_inner());
    let successor = fields.get("successor").parse().ok();
    match leave(&kernel, who, path.1, successor).await {
        Ok(_) => Ok(see_other(&format!("{}?done=ended", unit_href(&path.0)))),
        Err(LegError::Invalid { wrong, .. }) => {
            let alert = wrong_words(&page, "successor", wrong);
            let again = person_page(&kernel, &directory, page, &path, None).await?;
            html_as(&mut HttpResponse::build(StatusCode::UNPROCESSABLE_ENTITY), &PersonPage { alert, ..again })
        }
        Err(e) => Err(e.into()),
    }
}

#[derive(Debug, Deserialize)]
struct Wanted {
    what: String,
}

/// Sends the link, makes it anew, or revokes it.
async fn link(
    kernel: web::Data<Kernel>,
    directory: web::Data<Directory>,
    caller: Caller,
    Frame(page): Frame,
    path: web::Path<(String, i64)>,
    Form(wanted): Form<Wanted>,
) -> Result<HttpResponse, Problem> {
    let (who, id) = (caller.require(Permission::Administer)?, path.1);
    let done = match wanted.what.as_str() {
        "send" => referent_links::remind_link(&kernel, who, id).await,
        "renew" => revoke(&kernel, who, id, Then::SendNew).await.map(drop),
        "revoke" => revoke(&kernel, who, id, Then::Nothing).await.map(drop),
        _ => return Err(Problem::field("what", "unknown")),
    };
    match done {
        Ok(()) => Ok(see_other(&format!("{}/referenti/{id}?done={}", unit_href(&path.0), wanted.what))),
        Err(LegError::Unreachable) => {
            let alert = page.t("org-link-nowhere");
            let again = person_page(&kernel, &directory, page, &path, None).await?;
            html_as(&mut HttpResponse::build(StatusCode::UNPROCESSABLE_ENTITY), &PersonPage { alert, ..again })
        }
        Err(e) => Err(e.into()),
    }
}
