//! A unit: what it is, what it was, what is planned, and who answers for it.
use std::collections::HashMap;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use jiff::SignedDuration;
use serde::Deserialize;

use super::change::Choice;
use super::fields::Fields;
use super::{ChangeLine, HERE, planned_for, unit_href};
use crate::kernel::Kernel;
use crate::kernel::page::{Page, html_as};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Frame};
use crate::organisation::directory::unit_name;
use crate::organisation::{Absence, Directory, Rank, Referent, Site, SiteView, Unit, Units, store};

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource(format!("{HERE}/strutture/{{slug}}")).route(web::get().to(show)));
}

struct Fact {
    label: String,
    value: String,
}

/// What was true from a day on.
struct VersionLine {
    at: String,
    when: String,
    name: String,
    rest: String,
}

struct Person {
    id: i64,
    name: String,
    email: String,
    phone: String,
    rank: String,
    account: bool,
    since: String,
    /// Empty while no end is known.
    until: String,
}

struct Away {
    id: i64,
    name: String,
    from: String,
    to: String,
    substitute: String,
    reason: String,
}

#[derive(Template)]
#[template(path = "network/unit.html")]
pub(super) struct UnitPage {
    page: Page,
    slug: String,
    facts: Vec<Fact>,
    /// Whether it exists now, so that it may change.
    exists: bool,
    /// Address and name of who went on.
    successor: Option<(String, String)>,
    versions: Vec<VersionLine>,
    planned: Vec<ChangeLine>,
    /// Where it is found, and those that are over.
    sites: Vec<SiteView>,
    past_sites: Vec<SiteView>,
    people: Vec<Person>,
    absences: Vec<Away>,
    ranks: Vec<Choice>,
    /// Present referents, by row id.
    present: Vec<(i64, String)>,
    /// Everybody who may stand in, by row id.
    substitutes: Vec<(i64, String)>,
    fields: Fields,
    alert: String,
    done: String,
}

impl UnitPage {
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

async fn show(
    kernel: web::Data<Kernel>,
    directory: web::Data<Directory>,
    caller: Caller,
    Frame(page): Frame,
    slug: web::Path<String>,
    query: web::Query<Query>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::Administer)?;
    let done = match query.done.as_deref() {
        Some(done @ ("referent" | "ended" | "absent" | "returned" | "site")) => page.t(&format!("org-done-{done}")),
        _ => String::new(),
    };
    let shown = unit_page(&kernel, &directory, page, &slug, Fields::default(), String::new()).await?;
    html_as(&mut HttpResponse::build(StatusCode::OK), &UnitPage { done, ..shown })
}

/// The page of a unit, with what was written in a form that was refused.
pub(super) async fn unit_page(
    kernel: &Kernel,
    directory: &Directory,
    page: Page,
    slug: &str,
    fields: Fields,
    alert: String,
) -> Result<UnitPage, Problem> {
    let now = kernel.now();
    directory.forget();
    let units = directory.units(&kernel.db).await?;
    let mut conn = kernel.db.read().await?;
    let unit = store::unit_by_slug(&mut conn, slug).await?.ok_or_else(Problem::not_found)?;
    let versions = store::versions_of(&mut conn, unit.id).await?;
    let all = store::referents_at(&mut conn, now).await?;
    let of_unit = store::referents_of(&mut conn, unit.id).await?;
    let absences = store::absences_of(&mut conn, unit.id, now).await?;
    let changes = store::latest_reorganisations(&mut conn).await?;
    let today = now.zoned(&page.zone).date();
    let (past, sites): (Vec<Site>, Vec<Site>) =
        store::sites_of(&mut conn, unit.id).await?.into_iter().partition(|s| s.is_over(today));
    let names: HashMap<i64, String> = all.iter().chain(&of_unit).map(|r| (r.id, r.name.clone())).collect();
    let mut substitutes: Vec<(i64, String)> =
        all.iter().map(|r| (r.id, format!("{} ({})", r.name, units.name(r.unit_id, page.language)))).collect();
    substitutes.sort_by(|a, b| a.1.cmp(&b.1));
    let rank = |rank: Rank| page.t(&format!("org-rank-{}", rank.as_str()));
    let line = |v: &store::UnitVersion| VersionLine {
        at: page.machine_time(&v.from_at),
        when: if v.from_at.0 <= 0 { page.t("org-always") } else { page.date(&v.from_at) },
        name: v.name.clone(),
        rest: [
            page.t(&format!("org-kind-{}", v.kind.as_str())),
            units.agency_named(v.agency_id),
            v.parent_id.map(|id| units.name(id, page.language)).unwrap_or_default(),
            v.email.clone(),
        ]
        .into_iter()
        .filter(|text| !text.is_empty())
        .collect::<Vec<_>>()
        .join(", "),
    };
    Ok(UnitPage {
        slug: unit.slug.clone(),
        facts: facts(&page, &units, &unit),
        exists: unit.exists_at(now),
        successor: unit
            .successor_id
            .and_then(|id| units.unit(id))
            .map(|heir| (unit_href(&heir.slug), unit_name(heir, page.language).to_owned())),
        versions: versions.iter().rev().map(line).collect(),
        planned: planned_for(&page, &units, &changes, &unit.slug),
        sites: sites.iter().map(|site| SiteView::of(&page, site)).collect(),
        past_sites: past.iter().map(|site| SiteView::of(&page, site)).collect(),
        people: of_unit.iter().map(|r| person(&page, r, rank(r.rank))).collect(),
        absences: absences.iter().map(|a| away(&page, a, &names)).collect(),
        ranks: Rank::ALL
            .iter()
            .map(|r| Choice { value: r.as_str().to_owned(), label: rank(*r), chosen: fields.get("rank") == r.as_str() })
            .collect(),
        present: of_unit.iter().filter(|r| r.is_valid(now)).map(|r| (r.id, r.name.clone())).collect(),
        substitutes,
        fields,
        alert,
        done: String::new(),
        page: Page { title: unit_name(&unit, page.language).to_owned(), ..page },
    })
}

fn facts(page: &Page, units: &Units, unit: &Unit) -> Vec<Fact> {
    let above = unit.parent_id.map(|id| units.name(id, page.language)).unwrap_or_default();
    let pairs = [
        ("org-agency", units.agency_named(unit.agency_id)),
        ("org-kind", page.t(&format!("org-kind-{}", unit.kind.as_str()))),
        ("org-parent", above),
        ("org-email", unit.email.clone()),
        ("org-scope", unit.scope.clone()),
        ("org-slug", unit.slug.clone()),
        ("org-until", unit.valid_to.map(|end| page.date(&end)).unwrap_or_default()),
    ];
    let told = pairs.into_iter().filter(|(_, value)| !value.is_empty());
    told.map(|(label, value)| Fact { label: page.t(label), value }).collect()
}

fn person(page: &Page, referent: &Referent, rank: String) -> Person {
    Person {
        id: referent.id,
        name: referent.name.clone(),
        email: referent.email.clone(),
        phone: referent.phone.clone(),
        rank,
        account: referent.user_id.is_some(),
        since: page.date(&referent.valid_from),
        until: referent.valid_to.map(|end| page.date(&end)).unwrap_or_default(),
    }
}

fn away(page: &Page, absence: &Absence, names: &HashMap<i64, String>) -> Away {
    let name = |id: i64| names.get(&id).cloned().unwrap_or_default();
    Away {
        id: absence.id,
        name: name(absence.referent_id),
        from: page.date(&absence.from_at),
        // The last day away, not the first one back.
        to: page.date(&absence.to_at.minus(SignedDuration::from_micros(1))),
        substitute: absence.substitute_id.map(name).unwrap_or_default(),
        reason: absence.reason.clone(),
    }
}
