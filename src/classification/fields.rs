//! The fields that a category asks for: what they are, and whether an answer is acceptable. Answers are looked at
//! here and nowhere else, whether they come from the form, the desk, the API or an import.
use std::collections::BTreeMap;

use jiff::civil::Date;
use regex::Regex;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::kernel::language::Language;
use crate::kernel::names::stored_enum;
use crate::people::Identifier;

/// Longest answer, in characters.
pub const ANSWER_CHARACTERS: usize = 2_000;
/// Most answers of one field that takes several.
const ANSWERS: usize = 50;

stored_enum! {
    /// What a field takes.
    #[derive(Default)]
    FieldKind {
        /// One line.
        #[default]
        Text = "text",
        Number = "number",
        /// A day, `YYYY-MM-DD`.
        Date = "date",
        /// One of its choices.
        Choice = "choice",
        /// Some of its choices.
        Choices = "choices",
        YesNo = "yes_no",
        /// A place in words; coordinates may be part of them and are never needed (C27).
        Place = "place",
        /// Of a person, or of a body.
        FiscalCode = "fiscal_code",
        /// A file among those of the request; the answer is its name.
        File = "file",
    }
}

stored_enum! {
    /// Who sees a field and its answer. An agent always does.
    FieldReader {
        Citizen = "citizen",
        Agent = "agent",
        /// The units that a leg for competence or inquiry goes to.
        BackOffice = "back_office",
    }
}

/// One of the answers a field offers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FieldChoice {
    /// Stored name.
    pub value: String,
    pub label: String,
    /// Empty when the Italian label serves for both languages.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label_en: String,
}

/// A field of a category, which the categories below it inherit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Lower-case letters, digits and underscores; names the answer for ever.
    pub name: String,
    pub kind: FieldKind,
    pub label: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label_en: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub help: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub help_en: String,
    /// Whether the citizen must answer it on the form. An agent may always leave it for later.
    #[serde(default)]
    pub required: bool,
    /// Who sees it beside the agents.
    #[serde(default)]
    pub readers: Vec<FieldReader>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<FieldChoice>,
    /// A regular expression that the whole answer must match; any text without one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub pattern: String,
    /// Least number or first day; none when empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub min: String,
    /// Greatest number or last day; none when empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub max: String,
}

/// Answers in normal form, by name of the field: one text, or several for [`FieldKind::Choices`] and
/// [`FieldKind::File`].
pub type Answers = BTreeMap<String, Vec<String>>;

/// What is wrong with a field's definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldFault {
    Name,
    Label,
    Choices,
    Pattern,
    Range,
}

impl FieldFault {
    /// Its name, as messages and the API have it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Name => "field_name",
            Self::Label => "field_label",
            Self::Choices => "field_choices",
            Self::Pattern => "field_pattern",
            Self::Range => "field_range",
        }
    }
}

/// What is wrong with an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AnswerFault {
    Missing,
    TooLong,
    NotNumber,
    NotDate,
    /// Less or earlier than this.
    TooLow(String),
    /// More or later than this.
    TooHigh(String),
    NotChoice,
    NotPattern,
    NotFiscalCode,
    /// More than one answer to a field that takes one.
    Several,
    /// The category has no such field, or the writer may not answer it.
    Unknown,
}

impl AnswerFault {
    /// Its name, as messages and the API have it.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::TooLong => "too_long",
            Self::NotNumber => "not_a_number",
            Self::NotDate => "not_a_day",
            Self::TooLow(_) => "too_low",
            Self::TooHigh(_) => "too_high",
            Self::NotChoice => "not_a_choice",
            Self::NotPattern => "wrong_form",
            Self::NotFiscalCode => "not_a_fiscal_code",
            Self::Several => "several",
            Self::Unknown => "unknown",
        }
    }

    /// What is wrong in words.
    pub fn message(&self, field: &str, language: Language) -> String {
        let limit = match self {
            Self::TooLow(limit) | Self::TooHigh(limit) => limit.clone(),
            _ => String::new(),
        };
        let key = format!("answer-{}", self.as_str().replace('_', "-"));
        language.text_with(&key, &[("field", field.to_owned()), ("limit", limit)])
    }
}

fn pick<'a>(language: Language, italian: &'a str, english: &'a str) -> &'a str {
    if language == Language::English && !english.is_empty() { english } else { italian }
}

impl FieldChoice {
    /// The label in a language, in Italian when it has no other.
    pub fn label_in(&self, language: Language) -> &str {
        pick(language, &self.label, &self.label_en)
    }
}

impl Field {
    /// The label in a language, in Italian when it has no other.
    pub fn label_in(&self, language: Language) -> &str {
        pick(language, &self.label, &self.label_en)
    }

    /// The help in a language, in Italian when it has no other.
    pub fn help_in(&self, language: Language) -> &str {
        pick(language, &self.help, &self.help_en)
    }

    /// Whether somebody sees it.
    pub fn is_for(&self, reader: FieldReader) -> bool {
        reader == FieldReader::Agent || self.readers.contains(&reader)
    }

    /// What is wrong with the definition, if anything is.
    pub fn fault(&self) -> Option<FieldFault> {
        let name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        let bound = |text: &str| text.is_empty() || self.bound(text).is_some();
        let values: Vec<&str> = self.choices.iter().map(|c| c.value.as_str()).collect();
        let twice = values.iter().enumerate().any(|(place, value)| values[..place].contains(value));
        if self.name.is_empty() || self.name.len() > 40 || !self.name.chars().all(name) {
            Some(FieldFault::Name)
        } else if self.label.trim().is_empty() {
            Some(FieldFault::Label)
        } else if self.takes_choices() && (values.is_empty() || twice || values.iter().any(|v| v.trim().is_empty())) {
            Some(FieldFault::Choices)
        } else if !self.pattern.is_empty() && whole(&self.pattern).is_none() {
            Some(FieldFault::Pattern)
        } else if !bound(&self.min) || !bound(&self.max) {
            Some(FieldFault::Range)
        } else {
            None
        }
    }

    /// Whether its answers are among its choices.
    pub const fn takes_choices(&self) -> bool {
        matches!(self.kind, FieldKind::Choice | FieldKind::Choices)
    }

    /// A bound as something that answers are compared with.
    fn bound(&self, text: &str) -> Option<Measure> {
        match self.kind {
            FieldKind::Number => number(text).map(|(n, _)| Measure::Number(n)),
            FieldKind::Date => text.trim().parse().ok().map(Measure::Day),
            _ => None,
        }
    }

    fn in_range(&self, measure: Measure) -> Result<(), AnswerFault> {
        if self.bound(&self.min).is_some_and(|min| measure < min) {
            return Err(AnswerFault::TooLow(self.min.clone()));
        }
        if self.bound(&self.max).is_some_and(|max| measure > max) {
            return Err(AnswerFault::TooHigh(self.max.clone()));
        }
        Ok(())
    }

    /// One answer in normal form; a normal form is its own.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn normal(&self, raw: &str) -> Result<String, AnswerFault> {
        let text = raw.trim();
        if text.chars().count() > ANSWER_CHARACTERS {
            return Err(AnswerFault::TooLong);
        }
        let normal = match self.kind {
            FieldKind::Text | FieldKind::Place | FieldKind::File => {
                text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>().trim().to_owned()
            }
            FieldKind::Number => {
                let (value, written) = number(text).ok_or(AnswerFault::NotNumber)?;
                self.in_range(Measure::Number(value))?;
                written
            }
            FieldKind::Date => {
                let day: Date = text.parse().map_err(|_| AnswerFault::NotDate)?;
                self.in_range(Measure::Day(day))?;
                day.to_string()
            }
            FieldKind::Choice | FieldKind::Choices => {
                let known = self.choices.iter().any(|choice| choice.value == text);
                if known { text.to_owned() } else { return Err(AnswerFault::NotChoice) }
            }
            FieldKind::YesNo => match text {
                "yes" | "true" | "on" => "yes".to_owned(),
                "no" | "false" => "no".to_owned(),
                _ => return Err(AnswerFault::NotChoice),
            },
            FieldKind::FiscalCode => Identifier::fiscal_code(text).map_err(|_| AnswerFault::NotFiscalCode)?.value,
        };
        if whole(&self.pattern).is_some_and(|pattern| !pattern.is_match(&normal)) {
            return Err(AnswerFault::NotPattern);
        }
        Ok(normal)
    }

    /// An answer as people read it.
    pub fn shown(&self, answers: &[String], language: Language) -> String {
        let one = |answer: &String| match self.kind {
            FieldKind::Choice | FieldKind::Choices => {
                let choice = self.choices.iter().find(|choice| choice.value == *answer);
                choice.map_or_else(|| answer.clone(), |choice| choice.label_in(language).to_owned())
            }
            FieldKind::YesNo => language.text(if answer == "yes" { "answer-yes" } else { "answer-no" }),
            _ => answer.clone(),
        };
        answers.iter().map(one).collect::<Vec<_>>().join(", ")
    }
}

#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
enum Measure {
    Number(f64),
    Day(Date),
}

/// A number as Italians and programs write it, and how it is kept: digits, a point, digits.
fn number(text: &str) -> Option<(f64, String)> {
    let plain: String = text.trim().chars().filter(|c| !c.is_whitespace()).collect();
    let pointed = match (plain.contains(','), plain.contains('.')) {
        (true, true) => plain.replace('.', "").replace(',', "."),
        (true, false) => plain.replace(',', "."),
        (false, _) => plain,
    };
    let digits = |part: &str| !part.is_empty() && part.len() <= 18 && part.bytes().all(|b| b.is_ascii_digit());
    let (sign, rest) = pointed.strip_prefix('-').map_or(("", pointed.as_str()), |rest| ("-", rest));
    let written = match rest.split_once('.') {
        Some((whole, part)) if digits(whole) && digits(part) => format!("{sign}{whole}.{part}"),
        None if digits(rest) => format!("{sign}{rest}"),
        Some(_) | None => return None,
    };
    Some((written.parse().ok()?, written))
}

/// A pattern that matches the whole of a text; `None` when it is empty or none at all.
fn whole(pattern: &str) -> Option<Regex> {
    if pattern.is_empty() {
        return None;
    }
    regex::RegexBuilder::new(&format!("^(?:{pattern})$")).size_limit(1 << 18).build().ok()
}

/// Looks at answers; `writer` sees only some fields and may answer only those. Empty answers are none.
///
/// # Errors
/// Everything that is wrong, by name, in the order of the fields.
pub fn check(
    fields: &[Field],
    given: &BTreeMap<String, Vec<String>>,
    writer: FieldReader,
) -> Result<Answers, Vec<(String, AnswerFault)>> {
    let mut faults = Vec::new();
    let mut answers = Answers::new();
    for field in fields.iter().filter(|field| field.is_for(writer)) {
        let texts = given.get(&field.name).map(Vec::as_slice).unwrap_or_default();
        let texts: Vec<&String> = texts.iter().filter(|text| !text.trim().is_empty()).collect();
        let several = matches!(field.kind, FieldKind::Choices | FieldKind::File);
        if texts.is_empty() {
            if field.required && writer == FieldReader::Citizen {
                faults.push((field.name.clone(), AnswerFault::Missing));
            }
            continue;
        }
        if texts.len() > if several { ANSWERS } else { 1 } {
            faults.push((field.name.clone(), AnswerFault::Several));
            continue;
        }
        let mut normal = Vec::with_capacity(texts.len());
        for text in texts {
            match field.normal(text) {
                Ok(text) if text.is_empty() || normal.contains(&text) => {}
                Ok(text) => normal.push(text),
                Err(fault) => faults.push((field.name.clone(), fault)),
            }
        }
        if !normal.is_empty() {
            answers.insert(field.name.clone(), normal);
        }
    }
    let known = |name: &String| fields.iter().any(|field| field.name == *name && field.is_for(writer));
    for (name, _) in given.iter().filter(|(_, texts)| texts.iter().any(|text| !text.trim().is_empty())) {
        if !known(name) {
            faults.push((name.clone(), AnswerFault::Unknown));
        }
    }
    if faults.is_empty() { Ok(answers) } else { Err(faults) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn field(kind: FieldKind) -> Field {
        let choice =
            |value: &str| FieldChoice { value: value.to_owned(), label: value.to_uppercase(), label_en: String::new() };
        Field {
            name: "f".to_owned(),
            kind,
            label: "Campo".to_owned(),
            readers: vec![FieldReader::Citizen],
            choices: vec![choice("a"), choice("b")],
            ..Field::default()
        }
    }

    fn given(texts: &[&str]) -> BTreeMap<String, Vec<String>> {
        BTreeMap::from([("f".to_owned(), texts.iter().map(|&t| t.to_owned()).collect())])
    }

    fn checked(field: &Field, texts: &[&str]) -> Result<Vec<String>, AnswerFault> {
        let one = check(std::slice::from_ref(field), &given(texts), FieldReader::Citizen);
        one.map(|mut a| a.remove("f").unwrap_or_default()).map_err(|mut f| f.remove(0).1)
    }

    #[test]
    fn a_required_field_is_missed_by_citizens_only() {
        let field = Field { required: true, ..field(FieldKind::Text) };
        assert_eq!(checked(&field, &["  "]), Err(AnswerFault::Missing));
        assert_eq!(check(&[field], &given(&[]), FieldReader::Agent), Ok(Answers::new()));
    }

    #[test]
    fn a_field_that_the_writer_does_not_see_cannot_be_answered() {
        let hidden = Field { readers: Vec::new(), ..field(FieldKind::Text) };
        assert_eq!(checked(&hidden, &["x"]), Err(AnswerFault::Unknown));
        assert!(check(&[hidden], &given(&["x"]), FieldReader::Agent).is_ok());
    }

    #[test]
    fn numbers_are_read_as_italians_write_them_and_kept_within_their_range() {
        let field = Field { min: "0".to_owned(), max: "1500,5".to_owned(), ..field(FieldKind::Number) };
        assert_eq!(field.fault(), None);
        assert_eq!(checked(&field, &["1.200,50"]), Ok(vec!["1200.50".to_owned()]));
        assert_eq!(checked(&field, &["-1"]), Err(AnswerFault::TooLow("0".to_owned())));
        assert_eq!(checked(&field, &["1501"]), Err(AnswerFault::TooHigh("1500,5".to_owned())));
        assert_eq!(checked(&field, &["1e3"]), Err(AnswerFault::NotNumber));
    }

    #[test]
    fn a_pattern_holds_for_the_whole_answer_and_a_broken_one_is_a_fault_of_the_definition() {
        let plate = Field { pattern: "[A-Z]{2}[0-9]{3}[A-Z]{2}".to_owned(), ..field(FieldKind::Text) };
        assert_eq!(checked(&plate, &["AB123CD"]), Ok(vec!["AB123CD".to_owned()]));
        assert_eq!(checked(&plate, &["xAB123CD"]), Err(AnswerFault::NotPattern));
        assert_eq!(Field { pattern: "(".to_owned(), ..plate }.fault(), Some(FieldFault::Pattern));
    }

    #[test]
    fn choices_are_those_of_the_field_and_one_unless_several_are_taken() {
        assert_eq!(checked(&field(FieldKind::Choice), &["c"]), Err(AnswerFault::NotChoice));
        assert_eq!(checked(&field(FieldKind::Choice), &["a", "b"]), Err(AnswerFault::Several));
        assert_eq!(checked(&field(FieldKind::Choices), &["b", "a", "b"]).map(|a| a.len()), Ok(2));
        assert_eq!(checked(&field(FieldKind::Date), &["2026-02-30"]), Err(AnswerFault::NotDate));
    }

    proptest! {
        #[test]
        fn a_normal_form_is_its_own(kind in 0..FieldKind::ALL.len(), text in ".{0,40}|-?[0-9]{1,6}([.,][0-9]{1,3})?|20[0-9]{2}-[01][0-9]-[0-3][0-9]|a|b|yes|no") {
            let field = field(FieldKind::ALL[kind]);
            if let Ok(normal) = field.normal(&text) {
                prop_assert_eq!(field.normal(&normal), Ok(normal.clone()));
                prop_assert_eq!(checked(&field, &[&normal]).map(|a| a.concat()), Ok(normal));
            }
        }

        #[test]
        fn what_is_accepted_is_accepted_again_and_as_json_too(texts in prop::collection::vec("[a-b]|[^\\p{C}]{0,20}", 0..4)) {
            let fields = [field(FieldKind::Choices), Field { name: "g".to_owned(), ..field(FieldKind::Text) }];
            let given = BTreeMap::from([("f".to_owned(), texts.clone()), ("g".to_owned(), texts.into_iter().take(1).collect())]);
            if let Ok(answers) = check(&fields, &given, FieldReader::Citizen) {
                let kept: Answers = serde_json::from_str(&serde_json::to_string(&answers).unwrap()).unwrap();
                prop_assert_eq!(check(&fields, &kept, FieldReader::Citizen), Ok(answers));
            }
        }
    }
}
