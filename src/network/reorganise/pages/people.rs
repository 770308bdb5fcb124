//! Referents of a unit and their absences, from the unit's page.
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use jiff::civil::Date;

use super::fields::Fields;
use super::unit::unit_page;
use super::{HERE, unit_href};
use crate::kernel::Kernel;
use crate::kernel::events::Actor;
use crate::kernel::page::{Page, html_as, see_other};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Form, Frame, Pressed};
use crate::kernel::time::Instant;
use crate::organisation::referents::{self, NewAbsence, NewReferent};
use crate::organisation::reorganise::start_of;
use crate::organisation::{Directory, OrganisationError, Rank, store};

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    let unit = format!("{HERE}/strutture/{{slug}}");
    cfg.service(web::resource(format!("{unit}/referenti")).route(web::post().to(name_referent)))
        .service(web::resource(format!("{unit}/assenze")).route(web::post().to(be_absent)))
        .service(web::resource(format!("{unit}/assenze/{{id}}/annulla")).route(web::post().to(come_back)));
}

/// The beginning of a day that a form names, `None` when it is empty.
pub(super) fn day(kernel: &Kernel, fields: &Fields, name: &'static str) -> Result<Option<Instant>, OrganisationError> {
    let wrong = OrganisationError::Invalid { field: name, wrong: "not_a_day" };
    match fields.get(name) {
        "" => Ok(None),
        text => start_of(text.parse::<Date>().map_err(|_| wrong)?, &kernel.config.zone()).map(Some),
    }
}

/// The beginning of the day after one that a form names as the last.
pub(super) fn day_after(
    kernel: &Kernel,
    fields: &Fields,
    name: &'static str,
) -> Result<Option<Instant>, OrganisationError> {
    let wrong = || OrganisationError::Invalid { field: name, wrong: "not_a_day" };
    match fields.get(name) {
        "" => Ok(None),
        text => {
            let next = text.parse::<Date>().ok().and_then(|day| day.tomorrow().ok()).ok_or_else(wrong)?;
            start_of(next, &kernel.config.zone()).map(Some)
        }
    }
}

/// Why a field was refused, for the person who wrote it.
pub(super) fn wrong_words(page: &Page, field: &str, wrong: &str) -> String {
    let key = format!("org-wrong-{}", wrong.replace('_', "-"));
    let key = if page.language.has(&key) { key } else { "org-wrong-other".to_owned() };
    let label = format!("org-{}", field.replace('_', "-"));
    let label = if page.language.has(&label) { page.t(&label) } else { field.to_owned() };
    page.t1(&key, "field", label)
}

/// Shows the unit again with why a form was refused, and what was written.
async fn refused(
    kernel: &Kernel,
    directory: &Directory,
    page: Page,
    slug: &str,
    fields: Fields,
    error: OrganisationError,
) -> Result<HttpResponse, Problem> {
    let OrganisationError::Invalid { field, wrong } = error else { return Err(error.into()) };
    let alert = wrong_words(&page, field, wrong);
    let shown = unit_page(kernel, directory, page, slug, fields, alert).await?;
    html_as(&mut HttpResponse::build(StatusCode::UNPROCESSABLE_ENTITY), &shown)
}

async fn name_referent(
    kernel: web::Data<Kernel>,
    directory: web::Data<Directory>,
    caller: Caller,
    Frame(page): Frame,
    slug: web::Path<String>,
    Form(sent): Form<Vec<(String, String)>>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::Administer)?;
    let fields = Fields(sent);
    match add(&kernel, who.actor.clone(), &slug, &fields).await {
        Ok(()) => Ok(see_other(&format!("{}?done=referent", unit_href(&slug)))),
        Err(e) => refused(&kernel, &directory, page, &slug, fields, e).await,
    }
}

async fn add(kernel: &Kernel, actor: Actor, slug: &str, fields: &Fields) -> Result<(), OrganisationError> {
    let now = kernel.now();
    let (from, to) = (day(kernel, fields, "from")?, day_after(kernel, fields, "to")?);
    let rank =
        Rank::from_text(fields.get("rank")).ok_or(OrganisationError::Invalid { field: "rank", wrong: "missing" })?;
    let text = |name: &str| fields.get(name).to_owned();
    let (slug, name, email, phone, login) =
        (slug.to_owned(), text("name"), text("email"), text("phone"), text("login"));
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let unit = store::unit_by_slug(tx, &slug).await?.ok_or(OrganisationError::NotFound)?;
                let user_id = referents::account(tx, &login).await?;
                let valid_from = from.unwrap_or(now);
                let new = NewReferent { unit_id: unit.id, user_id, name, email, phone, rank, valid_from, valid_to: to };
                referents::save(tx, None, &new, actor, now).await.map(drop)
            })
        })
        .await
}

async fn be_absent(
    kernel: web::Data<Kernel>,
    directory: web::Data<Directory>,
    caller: Caller,
    Frame(page): Frame,
    slug: web::Path<String>,
    Form(sent): Form<Vec<(String, String)>>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::Administer)?;
    let (fields, actor, now) = (Fields(sent), who.actor.clone(), kernel.now());
    let referent_id: i64 = fields.get("referent").parse().map_err(|_| Problem::field("referent", "unknown"))?;
    let substitute_id: Option<i64> = fields.get("substitute").parse().ok();
    let missing = |field| OrganisationError::Invalid { field, wrong: "missing" };
    let times = day(&kernel, &fields, "away_from")
        .and_then(|from| from.ok_or_else(|| missing("away_from")))
        .and_then(|from| Ok((from, day_after(&kernel, &fields, "away_to")?.ok_or_else(|| missing("away_to"))?)));
    let reason = fields.get("away_reason").to_owned();
    let written = match times {
        Ok((from_at, to_at)) => {
            let new = NewAbsence { referent_id, from_at, to_at, substitute_id, reason };
            kernel
                .db
                .write(move |tx| Box::pin(async move { referents::be_absent(tx, &new, actor, now).await.map(drop) }))
                .await
        }
        Err(e) => Err(e),
    };
    match written {
        Ok(()) => Ok(see_other(&format!("{}?done=absent", unit_href(&slug)))),
        Err(e) => refused(&kernel, &directory, page, &slug, fields, e).await,
    }
}

async fn come_back(
    kernel: web::Data<Kernel>,
    caller: Caller,
    path: web::Path<(String, i64)>,
    _form: Form<Pressed>,
) -> Result<HttpResponse, Problem> {
    let actor = caller.require(Permission::Administer)?.actor.clone();
    let ((slug, id), now) = (path.into_inner(), kernel.now());
    kernel.db.write(move |tx| Box::pin(async move { referents::return_early(tx, id, actor, now).await })).await?;
    Ok(see_other(&format!("{}?done=returned", unit_href(&slug))))
}
