//! Agencies, units, people, classification and sheets of the demo, written before its first contact.
use std::collections::{BTreeSet, HashMap};

use anyhow::Context;
use futures_util::future::try_join_all;
use jiff::civil::Date;
use jiff::{SignedDuration, Span};

use super::data::{DemoData, SheetFile, SheetWords, UserEntry};
use crate::identity::{self, NewUser, Password};
use crate::kernel::Kernel;
use crate::kernel::events::Actor;
use crate::kernel::language::Language;
use crate::kernel::permissions::{Principal, Role};
use crate::kernel::time::{Clock, Instant};
use crate::knowledge::categories::{self, CategoryDraft};
use crate::knowledge::details::Details;
use crate::knowledge::forward::Forward;
use crate::knowledge::model::{Audience, Maturity, SheetCode, SheetDraft, SheetText};
use crate::knowledge::sheets::{self, Basis};
use crate::knowledge::versions::{decide, draft};
use crate::organisation::{
    AgencyKind, NewAgency, NewSite, NewUnit, OrganisationError, SiteHours, UnitKind, sites, upsert_agency, upsert_unit,
};
use crate::tickets;

/// Password of every account of the demo: it is printed, and belongs to nobody.
pub const PASSWORD: &str = "sportello-demo";

/// Row ids of what the histories need.
#[derive(Debug)]
pub struct Known {
    /// Users in the order of the file; the one left out has no row yet.
    pub people: Vec<Option<Principal>>,
    pub units: HashMap<String, i64>,
    pub categories: HashMap<String, i64>,
}

/// Writes the organisation. The account `left_out` is not made: its presence is what tells that the demo was
/// loaded to its end.
///
/// # Errors
/// When the database refuses or the demo's files are inconsistent.
pub async fn write(kernel: &Kernel, data: &DemoData, left_out: usize, today: Date) -> anyhow::Result<Known> {
    write_units(kernel, data).await?;
    kernel.refresh_agency().await?;
    let units = unit_ids(kernel, data).await?;
    let people = data.organisation.users.iter().enumerate().map(|(place, user)| {
        let units = &units;
        async move { if place == left_out { Ok(None) } else { add_person(kernel, data, user, units).await.map(Some) } }
    });
    let people = try_join_all(people).await?;
    let categories = write_categories(kernel, data).await?;
    write_sheets(kernel, data, today).await?;
    Ok(Known { people, units, categories })
}

async fn write_units(kernel: &Kernel, data: &DemoData) -> anyhow::Result<()> {
    let now = kernel.now();
    let agencies = data.organisation.agencies.iter().map(|agency| {
        let kind = AgencyKind::from_text(&agency.kind).with_context(|| format!("no kind of agency {}", agency.kind))?;
        Ok(NewAgency { slug: agency.slug.clone(), name: agency.name.it.clone(), kind, email: agency.email.clone() })
    });
    let agencies = agencies.collect::<anyhow::Result<Vec<_>>>()?;
    let units = data.organisation.units.iter().map(|unit| {
        let kind = UnitKind::from_text(&unit.kind).with_context(|| format!("no kind of unit {}", unit.kind))?;
        Ok(NewUnit {
            slug: unit.slug.clone(),
            agency: unit.agency.clone(),
            parent: unit.parent.clone(),
            name: unit.name.it.clone(),
            name_en: unit.name.en.clone(),
            kind,
            email: unit.email.clone(),
            scope: unit.scope.clone(),
            valid_from: Instant(0),
            valid_to: None,
        })
    });
    let units = units.collect::<anyhow::Result<Vec<_>>>()?;
    let patron = &data.organisation.town.patron_saint.day;
    let sites = data.organisation.sites.iter().map(|site| {
        let hours = SiteHours::read(&site.hours, "", "", patron);
        Ok(NewSite {
            slug: site.slug.clone(),
            unit: site.unit.clone(),
            name: site.name.clone(),
            address: site.address.clone(),
            phone: site.phone.clone(),
            email: String::new(),
            note: site.note.clone(),
            note_en: site.note_en.clone(),
            hours: hours.map_err(|e| anyhow::anyhow!("the {} of {}: {}", e.field, site.slug, e.wrong))?,
            valid_from: None,
            valid_to: None,
        })
    });
    let sites = sites.collect::<anyhow::Result<Vec<_>>>()?;
    let written = kernel.db.write(move |tx| {
        Box::pin(async move {
            for agency in &agencies {
                upsert_agency(tx, agency, Actor::System, now).await?;
            }
            for unit in &units {
                upsert_unit(tx, unit, Actor::System, now).await?;
            }
            for site in &sites {
                sites::save(tx, site, Actor::System, now).await?;
            }
            Ok::<(), OrganisationError>(())
        })
    });
    Ok(written.await?)
}

async fn unit_ids(kernel: &Kernel, data: &DemoData) -> anyhow::Result<HashMap<String, i64>> {
    let mut conn = kernel.db.read().await?;
    let mut ids = HashMap::new();
    for unit in &data.organisation.units {
        let id = tickets::store::unit_by_slug(&mut conn, &unit.slug).await?;
        ids.insert(unit.slug.clone(), id.with_context(|| format!("the unit {} was not written", unit.slug))?);
    }
    Ok(ids)
}

/// Makes an account; answers who it is.
pub async fn add_person(
    kernel: &Kernel,
    data: &DemoData,
    user: &UserEntry,
    units: &HashMap<String, i64>,
) -> anyhow::Result<Principal> {
    let role = Role::from_text(&user.role).with_context(|| format!("no role {}", user.role))?;
    let new = NewUser {
        login: user.email.clone(),
        name: user.name.clone(),
        role,
        language: Language::from_tag(&user.language).unwrap_or(Language::Italian),
        password: Password::parse(PASSWORD)?,
        units: user.units.clone(),
    };
    let id = identity::add_user(kernel, Actor::System, new).await?;
    let below = user.units.iter().flat_map(|unit| data.organisation.with_below(unit));
    let units: BTreeSet<i64> = below.filter_map(|unit| units.get(unit).copied()).collect();
    Ok(Principal {
        actor: Actor::User(id),
        role,
        user_id: Some(id),
        name: user.name.clone(),
        language: user.language.clone(),
        units,
    })
}

async fn write_categories(kernel: &Kernel, data: &DemoData) -> anyhow::Result<HashMap<String, i64>> {
    let mut ids = HashMap::new();
    // Areas first: a topic hangs on its area.
    for topics in [false, true] {
        let level = data.organisation.categories.iter().zip(1..).filter(|(c, _)| c.slug.contains('/') == topics);
        let written = level.map(|(category, position)| async move {
            let draft = CategoryDraft {
                slug: category.slug.clone(),
                name: category.name.it.clone(),
                name_en: category.name.en.clone(),
                unit: category.unit.clone(),
                position,
                not_competent: category.not_competent,
                forward: category.forward.unwrap_or(Forward::Never),
                retired: false,
            };
            let id = categories::upsert(kernel, Actor::System, draft).await;
            id.map(|id| (category.slug.clone(), id)).with_context(|| format!("the category {}", category.slug))
        });
        ids.extend(try_join_all(written).await?);
    }
    Ok(ids)
}

async fn write_sheets(kernel: &Kernel, data: &DemoData, today: Date) -> anyhow::Result<()> {
    let written = data.sheets.iter().zip(0..).map(|(sheet, place)| {
        // They were revised one after the other during the year before.
        let mut then = kernel.clone();
        then.clock = Clock::manual(kernel.now().plus(SignedDuration::from_hours(24 * place)));
        async move {
            let draft = sheet_draft(sheet, today)?;
            if let Some(fee) = &sheet.it.fee_before {
                let mut before = draft.clone();
                before.texts.iter_mut().take(1).for_each(|text| text.fee.clone_from(fee));
                let mut earlier = then.clone();
                earlier.clock = Clock::manual(then.now().minus(SignedDuration::from_hours(24 * 40)));
                sheets::save(&earlier, Actor::System, before, Basis::New).await?;
            }
            let saved = sheets::save(&then, Actor::System, draft, Basis::Any).await;
            saved.with_context(|| format!("the sheet {}", sheet.code))
        }
    });
    try_join_all(written).await?;
    Ok(())
}

fn sheet_draft(sheet: &SheetFile, today: Date) -> anyhow::Result<SheetDraft> {
    let words = [(Language::Italian, Some(&sheet.it)), (Language::English, sheet.en.as_ref())];
    let code = SheetCode::parse(&sheet.code).with_context(|| format!("no sheet code {}", sheet.code))?;
    let audience = Audience::from_text(&sheet.audience).with_context(|| format!("no audience {}", sheet.audience))?;
    let maturity = Maturity::from_text(&sheet.maturity).with_context(|| format!("no maturity {}", sheet.maturity))?;
    let texts = words.into_iter().filter_map(|(language, words)| Some(sheet_text(language, words?, sheet))).collect();
    Ok(SheetDraft {
        category: Some(sheet.category.clone()),
        unit: Some(sheet.unit.clone()),
        number: Some(sheet.number),
        details: Details {
            review_on: sheet.review_in_days.map(|days| today.saturating_add(Span::new().days(days))),
            ..sheet.details.clone()
        },
        ..SheetDraft::new(code, audience, maturity, texts)
    })
}

fn sheet_text(language: Language, words: &SheetWords, sheet: &SheetFile) -> SheetText {
    let keywords = if language == Language::Italian { sheet.keywords.clone() } else { Vec::new() };
    SheetText {
        language,
        title: words.title.clone(),
        question: words.question.clone(),
        summary: words.summary.clone(),
        public_text: words.public.trim().to_owned(),
        reply: words.reply.trim().to_owned(),
        internal_text: words.internal.trim().to_owned(),
        keywords,
        requirements: words.requirements.clone(),
        fee: words.fee.clone(),
        phone_text: words.phone.trim().to_owned(),
        sections: words.sections.clone(),
        ..SheetText::empty(language)
    }
}

/// A change of a sheet that an agent proposed and its unit has not validated yet.
pub async fn propose(kernel: &Kernel, data: &DemoData, known: &Known) -> anyhow::Result<()> {
    let writer = data.organisation.users.iter().zip(&known.people).find(|(user, _)| user.role == "agent");
    let (Some((_, Some(writer))), Some(sheet)) = (writer, data.sheets.iter().find(|s| s.code == "ANA-03")) else {
        return Ok(());
    };
    let today = kernel.now().zoned(&kernel.config.zone()).date();
    let mut content = sheet_draft(sheet, today)?;
    if let Some(text) = content.texts.first_mut() {
        text.requirements.push("Targhe e libretti dei veicoli di chi trasloca".to_owned());
        text.phone_text.push_str(" Prepari anche le targhe dei veicoli.");
    }
    let code = content.code.clone();
    let why = "I cittadini telefonano perché non sanno delle targhe.".to_owned();
    let saved = draft::save(kernel, writer, content, why, draft::Basis::Any).await?;
    decide::submit(kernel, writer, &code, saved.revision).await?;
    Ok(())
}
