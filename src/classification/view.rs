//! The fields of a category as controls of a form, for citizens and agents alike; old classes as figures read them.
use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::fields::{AnswerFault, Field, FieldKind, FieldReader};
use super::mapping::{Shares, Step};
use super::store;
use crate::kernel::database::{Conn, StoreError};
use crate::kernel::language::Language;
use crate::kernel::names::stored_enum;
use crate::kernel::problem::Problem;
use crate::kernel::time::Instant;

/// What old classes became in those in force now.
///
/// # Errors
/// When the database cannot be read.
pub async fn shares(conn: &mut Conn) -> Result<Shares, StoreError> {
    let mut all = Shares::default();
    let mut steps: Vec<Step> = Vec::new();
    let mut activation = None;
    for (version, step) in store::steps(conn).await? {
        if activation.replace(version).is_some_and(|before| before != version) {
            all = all.then(&Shares::of(&std::mem::take(&mut steps)));
        }
        steps.push(step);
    }
    // A class that is in use again is itself again.
    Ok(all.then(&Shares::of(&steps)).without(&store::in_use(conn).await?))
}

/// Row ids of the classes of which something is in a class in force or below it.
///
/// # Errors
/// When the database cannot be read.
pub async fn sources(conn: &mut Conn, slug: &str) -> Result<Vec<i64>, StoreError> {
    let shares = shares(conn).await?;
    let below = store::below(conn, slug).await?;
    let all: BTreeSet<i64> = below.into_iter().flat_map(|id| shares.sources(id)).collect();
    Ok(all.into_iter().collect())
}

/// Names of classes by slug, as they were on a day: of the version in force at its end. Nothing when no version of
/// that day was kept.
///
/// # Errors
/// When the database cannot be read.
pub async fn names_on(conn: &mut Conn, day: Date) -> Result<Vec<(String, String)>, StoreError> {
    let end = day.tomorrow().ok().and_then(|next| next.to_zoned(TimeZone::UTC).ok());
    let end = end.map(|at| Instant::from(at.timestamp())).unwrap_or_default();
    let Some(version) = store::version_at(conn, end).await? else { return Ok(Vec::new()) };
    Ok(version.taxonomy()?.categories.into_iter().map(|node| (node.slug, node.name)).collect())
}

/// What names of controls begin with, so that no field takes the name of another part of the form.
pub const PREFIX: &str = "f_";

/// A choice of a control.
#[derive(Debug, Clone)]
pub struct InputChoice {
    pub value: String,
    pub label: String,
    pub chosen: bool,
}

stored_enum! {
    /// What a control looks like.
    Look {
        /// One line of the browser's own kind.
        Line = "line",
        /// A list of which one is chosen.
        List = "list",
        /// Boxes of which one is chosen.
        One = "one",
        /// Boxes of which several are chosen.
        Several = "several",
        File = "file",
    }
}

/// A control.
#[derive(Debug, Clone)]
pub struct Input {
    /// Name and id.
    pub id: String,
    pub label: String,
    pub help: String,
    /// What is wrong with it; empty when nothing is.
    pub error: String,
    pub look: Look,
    /// The browser's type of a line.
    pub kind: &'static str,
    pub required: bool,
    pub value: String,
    pub choices: Vec<InputChoice>,
}

/// The controls of fields that a reader sees, with what was given.
pub fn inputs(
    fields: &[Field],
    given: &BTreeMap<String, Vec<String>>,
    faults: &[(String, AnswerFault)],
    reader: FieldReader,
    language: Language,
) -> Vec<Input> {
    let input = |field: &Field| {
        let texts = given.get(&field.name).map(Vec::as_slice).unwrap_or_default();
        let label = field.label_in(language).to_owned();
        let wrong = faults.iter().filter(|(name, _)| *name == field.name);
        let chosen = |value: &str| texts.iter().any(|text| text == value);
        let choice = |value: &str, label: String| InputChoice { chosen: chosen(value), value: value.to_owned(), label };
        let (look, kind) = match field.kind {
            FieldKind::Text | FieldKind::Place | FieldKind::FiscalCode | FieldKind::Number => (Look::Line, "text"),
            FieldKind::Date => (Look::Line, "date"),
            FieldKind::Choice => (Look::List, ""),
            FieldKind::Choices => (Look::Several, ""),
            FieldKind::YesNo => (Look::One, ""),
            FieldKind::File if reader == FieldReader::Citizen => (Look::File, ""),
            FieldKind::File => (Look::Line, "text"),
        };
        Input {
            id: format!("{PREFIX}{}", field.name),
            help: field.help_in(language).to_owned(),
            error: wrong.map(|(_, fault)| fault.message(&label, language)).collect::<Vec<_>>().join(" "),
            required: field.required && reader == FieldReader::Citizen,
            value: texts.join(", "),
            choices: match field.kind {
                FieldKind::YesNo => {
                    ["yes", "no"].map(|value| choice(value, language.text(&format!("answer-{value}")))).into()
                }
                _ => field.choices.iter().map(|c| choice(&c.value, c.label_in(language).to_owned())).collect(),
            },
            look,
            kind,
            label,
        }
    };
    fields.iter().filter(|field| field.is_for(reader)).map(input).collect()
}

/// The answers among the controls of a form, by name of the field.
pub fn given<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in pairs {
        if let Some(name) = name.strip_prefix(PREFIX) {
            found.entry(name.to_owned()).or_default().push(value.to_owned());
        }
    }
    found
}

/// Answers of a program: a text, a number, true or false, or a list of texts a field.
///
/// # Errors
/// 422 for anything else.
pub fn of_json(given: &BTreeMap<String, serde_json::Value>) -> Result<BTreeMap<String, Vec<String>>, Problem> {
    use serde_json::Value as V;
    let text = |value: &V| match value {
        V::String(text) if !text.contains('\0') => Some(text.clone()),
        V::Number(number) => Some(number.to_string()),
        V::Bool(yes) => Some(if *yes { "yes" } else { "no" }.to_owned()),
        V::Null | V::String(_) | V::Array(_) | V::Object(_) => None,
    };
    let mut found = BTreeMap::new();
    for (name, value) in given {
        let texts = match value {
            V::Null => Some(Vec::new()),
            V::Array(all) => all.iter().map(text).collect(),
            one => text(one).map(|text| vec![text]),
        };
        let texts = texts.ok_or_else(|| Problem::field(&format!("fields.{name}"), "invalid"))?;
        found.insert(name.clone(), texts);
    }
    Ok(found)
}
