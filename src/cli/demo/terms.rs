//! Calendars and protocols of the demo, written before its first contact, so that its terms run from the beginning.
use anyhow::Context;

use super::data::DemoData;
use super::organisation::Known;
use crate::clocks::{CalendarBody, PhaseKind, Subject};
use crate::emergency;
use crate::kernel::Kernel;
use crate::kernel::events::Actor;
use crate::kernel::language::Language;
use crate::kernel::permissions::{Principal, Role};
use crate::protocols::{Saving, presets, save_calendar, save_protocol};

fn system() -> Principal {
    Principal {
        actor: Actor::System,
        role: Role::Admin,
        user_id: None,
        name: String::new(),
        language: "it".to_owned(),
        units: [].into(),
    }
}

/// Saves the prepared plan for an emergency, which names one of the calendars.
///
/// # Errors
/// When the database refuses.
pub async fn prepare_emergency(kernel: &Kernel) -> anyhow::Result<()> {
    let plan = emergency::formats::Format::read_any(emergency::formats::EXAMPLE)?;
    emergency::save(kernel, &system(), "terremoto", None, plan).await.context("the emergency plan of the demo")?;
    Ok(())
}

/// Writes them.
///
/// # Errors
/// When the database refuses.
pub async fn write(kernel: &Kernel, data: &DemoData, known: &Known) -> anyhow::Result<()> {
    let who = system();
    let today = kernel.now().zoned(&kernel.config.zone()).date();
    let saving = |slug: &str| Saving { slug: slug.to_owned(), expected: 0, valid_from: today };
    let (long, short) = ("8:00-18:00".to_owned(), "8:00-13:00".to_owned());
    let offices = CalendarBody {
        name: "Uffici comunali".to_owned(),
        week: [long.clone(), long.clone(), long.clone(), long.clone(), long, short, String::new()],
        holidays: true,
        patron: data.organisation.town.patron_saint.day.clone(),
        closures: Vec::new(),
        desk: false,
    };
    let calendar = save_calendar(kernel, &who, saving("uffici-comunali"), offices).await?;
    let always = CalendarBody::always("Emergenza, tutti i giorni 24 ore su 24");
    save_calendar(kernel, &who, saving("emergenza"), always).await?;
    for (name, body) in presets(calendar, Language::Italian) {
        let mut body = body;
        // What the body itself agreed, in its own words: no text of the interface.
        body.name = format!("{} ({})", body.name, data.organisation.town.name);
        body.source = format!("{}, {}", body.source, data.organisation.town.name);
        match name {
            "agreement" => {
                // Histories that are made up send no receipts.
                body.phases.retain(|p| p.subject == Subject::Leg || p.kind != PhaseKind::Receipt);
                body.enabled = true;
            }
            "procedure" => {
                let residence = known.categories.iter().find(|(slug, _)| slug.contains("resid"));
                body.categories = residence.map(|(_, id)| *id).into_iter().collect();
                body.enabled = residence.is_some();
            }
            _ => {}
        }
        save_protocol(kernel, &who, saving(name), body).await.context("a protocol of the demo")?;
    }
    Ok(())
}
