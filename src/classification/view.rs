//! The fields of a category as controls of a form, for citizens and agents alike.
use std::collections::BTreeMap;

use super::fields::{AnswerFault, Field, FieldKind, FieldReader};
use crate::kernel::language::Language;
use crate::kernel::names::stored_enum;
use crate::kernel::problem::Problem;

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
