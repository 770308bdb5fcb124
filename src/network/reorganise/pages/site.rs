//! A site of a unit: where citizens find it and when it is open.
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use jiff::civil::Date;

use super::fields::{Fields, slug_of};
use super::people::wrong_words;
use super::{HERE, unit_href};
use crate::kernel::Kernel;
use crate::kernel::opening::written_day;
use crate::kernel::page::{Page, html_as, see_other};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Form, Frame};
use crate::organisation::directory::unit_name;
use crate::organisation::sites::save;
use crate::organisation::{NewSite, OrganisationError, Site, SiteHours, Unit, store};

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    let unit = format!("{HERE}/strutture/{{slug}}");
    cfg.service(web::resource(format!("{unit}/nuova-sede")).route(web::get().to(blank)).route(web::post().to(add)))
        .service(
            web::resource(format!("{unit}/sedi/{{site}}")).route(web::get().to(show)).route(web::post().to(change)),
        );
}

#[derive(Template)]
#[template(path = "network/site.html")]
struct SitePage {
    page: Page,
    slug: String,
    unit: String,
    fields: Fields,
    alert: String,
}

impl SitePage {
    fn value(&self, name: &str) -> &str {
        self.fields.get(name)
    }
}

/// A stored site as the form writes it.
fn fields(page: &Page, site: &Site) -> Fields {
    let hours = site.hours();
    let joined = |lines: Vec<String>| lines.join("\n");
    let pairs = [
        ("name", site.name.clone()),
        ("address", site.address.clone()),
        ("phone", site.phone.clone()),
        ("email", site.email.clone()),
        ("note", site.note.clone()),
        ("note_en", site.note_en.clone()),
        ("hours", joined(hours.ordinary.iter().map(|o| o.short(page.language)).collect())),
        ("seasons", joined(hours.seasons.iter().map(|s| s.short(page.language)).collect())),
        ("closures", joined(hours.closures.iter().map(ToString::to_string).collect())),
        ("holidays", if hours.holidays { "true" } else { "" }.to_owned()),
        ("patron", hours.patron.split_once('-').map(|(m, d)| format!("{d}/{m}")).unwrap_or_default()),
        ("from", site.valid_from.clone()),
        ("to", site.valid_to.clone()),
    ];
    Fields(pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// What a form says of a site.
fn read(slug: String, unit: &Unit, fields: &Fields) -> Result<NewSite, OrganisationError> {
    let text = |name: &str| fields.get(name).to_owned();
    let day = |name: &'static str| -> Result<Option<Date>, OrganisationError> {
        match fields.get(name) {
            "" => Ok(None),
            text => written_day(text).map(Some).ok_or(OrganisationError::Invalid { field: name, wrong: "not_a_day" }),
        }
    };
    let hours =
        SiteHours::read(fields.get("hours"), fields.get("seasons"), fields.get("closures"), fields.get("patron"))
            .map_err(|e| OrganisationError::Invalid { field: e.field, wrong: e.wrong })?;
    Ok(NewSite {
        slug,
        unit: unit.slug.clone(),
        name: text("name"),
        address: text("address"),
        phone: text("phone"),
        email: text("email"),
        note: text("note"),
        note_en: text("note_en"),
        hours: SiteHours { holidays: !fields.get("holidays").is_empty(), ..hours },
        valid_from: day("from")?,
        valid_to: day("to")?,
    })
}

fn shown(page: Page, unit: &Unit, site: Option<&Site>, fields: Fields, alert: String) -> SitePage {
    let title = site.map_or_else(|| page.t("org-site-new"), |site| site.name.clone());
    SitePage {
        slug: unit.slug.clone(),
        unit: unit_name(unit, page.language).to_owned(),
        fields,
        alert,
        page: Page { title, ..page },
    }
}

async fn unit(kernel: &Kernel, slug: &str) -> Result<Unit, Problem> {
    let mut conn = kernel.db.read().await?;
    store::unit_by_slug(&mut conn, slug).await?.ok_or_else(Problem::not_found)
}

/// A unit and one of its sites.
async fn known(kernel: &Kernel, (slug, site): &(String, String)) -> Result<(Unit, Site), Problem> {
    let unit = unit(kernel, slug).await?;
    let mut conn = kernel.db.read().await?;
    let site = store::site(&mut conn, site).await?.filter(|s| s.unit_id == unit.id).ok_or_else(Problem::not_found)?;
    Ok((unit, site))
}

async fn blank(
    kernel: web::Data<Kernel>,
    caller: Caller,
    Frame(page): Frame,
    slug: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::Administer)?;
    let unit = unit(&kernel, &slug).await?;
    let fields = Fields(vec![("holidays".to_owned(), "true".to_owned())]);
    html_as(&mut HttpResponse::Ok(), &shown(page, &unit, None, fields, String::new()))
}

async fn show(
    kernel: web::Data<Kernel>,
    caller: Caller,
    Frame(page): Frame,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::Administer)?;
    let (unit, site) = known(&kernel, &path).await?;
    let fields = fields(&page, &site);
    html_as(&mut HttpResponse::Ok(), &shown(page, &unit, Some(&site), fields, String::new()))
}

async fn add(
    kernel: web::Data<Kernel>,
    caller: Caller,
    Frame(page): Frame,
    slug: web::Path<String>,
    Form(sent): Form<Vec<(String, String)>>,
) -> Result<HttpResponse, Problem> {
    let unit = unit(&kernel, &slug).await?;
    write(&kernel, &caller, page, unit, None, Fields(sent)).await
}

async fn change(
    kernel: web::Data<Kernel>,
    caller: Caller,
    Frame(page): Frame,
    path: web::Path<(String, String)>,
    Form(sent): Form<Vec<(String, String)>>,
) -> Result<HttpResponse, Problem> {
    let (unit, site) = known(&kernel, &path).await?;
    write(&kernel, &caller, page, unit, Some(site), Fields(sent)).await
}

async fn write(
    kernel: &Kernel,
    caller: &Caller,
    page: Page,
    unit: Unit,
    site: Option<Site>,
    fields: Fields,
) -> Result<HttpResponse, Problem> {
    let actor = caller.require(Permission::Administer)?.actor.clone();
    let now = kernel.now();
    let slug = match &site {
        Some(site) => site.slug.clone(),
        None => free_slug(kernel, fields.get("name")).await?,
    };
    let written = match read(slug, &unit, &fields) {
        Ok(new) => kernel.db.write(move |tx| Box::pin(async move { save(tx, &new, actor, now).await.map(drop) })).await,
        Err(e) => Err(e),
    };
    match written {
        Ok(()) => Ok(see_other(&format!("{}?done=site", unit_href(&unit.slug)))),
        Err(OrganisationError::Invalid { field, wrong }) => {
            // A name without any letter gives no slug: what is missing then is the name.
            let field = if field == "slug" { "name" } else { field };
            let alert = wrong_words(&page, field, wrong);
            let again = shown(page, &unit, site.as_ref(), fields, alert);
            html_as(&mut HttpResponse::build(StatusCode::UNPROCESSABLE_ENTITY), &again)
        }
        Err(e) => Err(e.into()),
    }
}

/// A slug that no site has: the name's, with a number where it is taken.
async fn free_slug(kernel: &Kernel, name: &str) -> Result<String, Problem> {
    let slug = slug_of(name);
    let mut conn = kernel.db.read().await?;
    let mut free = slug.clone();
    let mut number = 2;
    while store::site(&mut conn, &free).await?.is_some() {
        free = format!("{}-{number}", slug.chars().take(55).collect::<String>());
        number += 1;
    }
    Ok(free)
}
