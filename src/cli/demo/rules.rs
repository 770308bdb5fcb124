//! Rules of automation of the demo: the housing certificate with the class it needs, and two that every office has use
//! for. They come into force at the end of the history, so that nothing of it starts them.
use std::sync::Arc;

use anyhow::Context;

use super::organisation::Known;
use crate::automation::rules::Follower;
use crate::automation::rules::formats::EXAMPLES;
use crate::automation::rules::manage::{self, Begin};
use crate::classification::fields::{Field, FieldChoice, FieldKind, FieldReader};
use crate::classification::model::{Details, Node};
use crate::classification::store::put;
use crate::kernel::Kernel;
use crate::kernel::events::Actor;
use crate::kernel::permissions::{Principal, Role};
use crate::tickets::RequestKind;

/// After all other classes of its area.
const LAST: i64 = 99;

/// Writes them.
///
/// # Errors
/// When the database refuses.
pub async fn write(kernel: &Kernel, known: &Known) -> anyhow::Result<()> {
    let area = known.categories.get("sociale").copied();
    let node = housing();
    let written = kernel.db.write(move |tx| Box::pin(async move { put(tx, &node, area, LAST).await }));
    written.await?;
    super::read_feed(kernel, Arc::new(Follower::new(kernel))).await?;
    let who = Principal {
        actor: Actor::System,
        role: Role::Admin,
        user_id: None,
        name: String::new(),
        language: "it".to_owned(),
        units: [].into(),
    };
    let mut rules = Vec::new();
    for example in EXAMPLES {
        rules.extend(example.rules().context("the rules that ship")?);
    }
    let id = manage::prepare(kernel, &who, Begin::With(rules)).await?;
    manage::activate(kernel, &who, id, None).await.context("the rules of the demo")
}

fn housing() -> Node {
    let choice = |value: &str, label: &str, label_en: &str| FieldChoice {
        value: value.to_owned(),
        label: label.to_owned(),
        label_en: label_en.to_owned(),
    };
    let field = |name: &str, kind: FieldKind, label: &str, label_en: &str, readers: &[FieldReader]| Field {
        name: name.to_owned(),
        kind,
        label: label.to_owned(),
        label_en: label_en.to_owned(),
        readers: readers.to_vec(),
        ..Field::default()
    };
    // What the office found is no question to the citizen: the reason reaches them by the letter alone.
    let outcome = Field {
        choices: vec![choice("positivo", "Positivo", "Positive"), choice("negativo", "Negativo", "Negative")],
        ..field("esito", FieldKind::Choice, "Esito della verifica", "Outcome of the check", &[])
    };
    let both = [FieldReader::Citizen, FieldReader::BackOffice];
    Node {
        slug: "sociale/idoneita".to_owned(),
        name: "Idoneità alloggiativa".to_owned(),
        name_en: "Housing suitability certificate".to_owned(),
        unit: Some("servizi-sociali".to_owned()),
        citizen: true,
        details: Details {
            default_kind: Some(RequestKind::Application),
            fields: vec![
                field("alloggio", FieldKind::Place, "Indirizzo dell'alloggio", "Address of the dwelling", &both),
                field(
                    "recapito",
                    FieldKind::Text,
                    "Indirizzo per le comunicazioni",
                    "Address for letters",
                    &[FieldReader::Citizen],
                ),
                outcome,
                field("motivo", FieldKind::Text, "Motivo del diniego", "Reason of the refusal", &[]),
            ],
            ..Details::default()
        },
        ..Node::default()
    }
}
