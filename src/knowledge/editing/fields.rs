//! What the form of a sheet holds, as typed, and the content it makes.
use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::kernel::Kernel;
use crate::kernel::language::Language;
use crate::kernel::opening::Opening;
use crate::knowledge::details::{Details, FormFile, OFFICES, Office};
use crate::knowledge::model::{Audience, Maturity, SheetCode, SheetDraft, SheetText, lines};
use crate::knowledge::sections::{SECTIONS, Sections};
use crate::knowledge::sheets::SheetError;
use crate::tickets::pages::upload::{Submitted, keep};
use crate::tickets::store::StoredFile;

/// The texts of one language: form field, message of its label, message of its hint, rows of its control.
pub(super) const TEXTS: [(&str, &str, &str, usize); 15] = [
    ("title", "knowledge-field-title", "", 1),
    ("question", "knowledge-field-question", "", 1),
    ("summary", "knowledge-field-summary", "", 3),
    ("addressed_to", "knowledge-section-addressed_to", "knowledge-hint-addressed", 3),
    ("public_text", "knowledge-field-public", "knowledge-hint-markdown", 14),
    ("requirements", "knowledge-field-requirements", "knowledge-hint-lines", 5),
    ("obtained", "knowledge-section-obtained", "knowledge-hint-obtained", 3),
    ("deadlines", "knowledge-section-deadlines", "knowledge-hint-deadlines", 3),
    ("fee", "knowledge-field-fee", "knowledge-hint-fee", 1),
    ("further", "knowledge-section-further", "knowledge-hint-markdown", 3),
    ("conditions", "knowledge-section-conditions", "knowledge-hint-conditions", 3),
    ("reply", "knowledge-field-reply", "knowledge-hint-reply", 10),
    ("phone_text", "knowledge-field-phone", "knowledge-hint-phone", 4),
    ("internal_text", "knowledge-field-internal", "knowledge-hint-markdown", 8),
    ("keywords", "knowledge-field-keywords", "knowledge-hint-lines", 5),
];

/// Fields of the sheet as a whole.
const PLAIN: [&str; 12] = [
    "code",
    "number",
    "version",
    "revision",
    "category",
    "unit",
    "route",
    "referent",
    "audience",
    "maturity",
    "why",
    "confirmed_en",
];
/// Fields of the sheet as a whole whose texts are numbers and days.
pub(super) const MEASURES: [&str; 3] = ["term_days", "review_on", "until"];
/// Fields of an office.
pub(super) const OFFICE: [&str; 5] = ["name", "address", "phone", "email", "opening"];

/// What the form holds, by field name, as typed, and its files.
#[derive(Debug, Clone, Default)]
pub(super) struct Fields {
    texts: BTreeMap<String, String>,
    pub forms: Vec<StoredFile>,
}

impl Fields {
    pub fn get(&self, name: &str) -> &str {
        self.texts.get(name).map_or("", String::as_str)
    }

    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.texts.insert(name.to_owned(), value.into());
    }

    /// From a form that was sent.
    pub fn of_form(form: &Submitted) -> Self {
        let mut fields = Self { texts: BTreeMap::new(), forms: form.files.clone() };
        let mut take = |name: &str| {
            if let Some(value) = form.get(name) {
                fields.texts.insert(name.to_owned(), value.to_owned());
            }
        };
        PLAIN.iter().chain(&MEASURES).for_each(|name| take(name));
        for language in Language::ALL {
            TEXTS.iter().for_each(|(name, ..)| take(&format!("{}_{name}", language.as_str())));
        }
        for place in 0..=OFFICES {
            OFFICE.iter().for_each(|name| take(&format!("office_{place}_{name}")));
        }
        fields
    }

    /// From a content, as an editor begins on it.
    pub fn of_content(content: &SheetDraft) -> Self {
        let mut fields = Self::default();
        let details = &content.details;
        let day = |day: Option<Date>| day.map(|d| d.to_string()).unwrap_or_default();
        fields.set("code", content.code.as_str());
        fields.set("number", content.number.map(|n| n.to_string()).unwrap_or_default());
        fields.set("category", content.category.clone().unwrap_or_default());
        fields.set("unit", content.unit.clone().unwrap_or_default());
        fields.set("route", details.route.clone().unwrap_or_default());
        fields.set("referent", details.referent.clone().unwrap_or_default());
        fields.set("audience", content.audience.as_str());
        fields.set("maturity", content.maturity.as_str());
        fields.set("term_days", details.term_days.map(|n| n.to_string()).unwrap_or_default());
        fields.set("review_on", day(details.review_on));
        fields.set("until", day(details.until));
        for (place, office) in details.offices.iter().enumerate() {
            let opening = office.opening.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
            let values = [&office.name, &office.address, &office.phone, &office.email, &opening];
            for (name, value) in OFFICE.iter().zip(values) {
                fields.set(&format!("office_{place}_{name}"), value.clone());
            }
        }
        for text in &content.texts {
            for (name, value) in [
                ("title", text.title.clone()),
                ("question", text.question.clone()),
                ("summary", text.summary.clone()),
                ("public_text", text.public_text.clone()),
                ("requirements", text.requirements.join("\n")),
                ("fee", text.fee.clone()),
                ("reply", text.reply.clone()),
                ("phone_text", text.phone_text.clone()),
                ("internal_text", text.internal_text.clone()),
                ("keywords", text.keywords.join("\n")),
            ] {
                fields.set(&format!("{}_{name}", text.language.as_str()), value);
            }
            for (name, value) in text.sections.named() {
                fields.set(&format!("{}_{name}", text.language.as_str()), value.clone());
            }
        }
        fields.forms = details.forms.iter().map(stored).collect();
        fields
    }

    /// The attached forms as signed words, with their names.
    pub fn kept(&self, kernel: &Kernel) -> Vec<(String, String)> {
        self.forms.iter().map(|file| (keep(kernel, file), file.name.clone())).collect()
    }

    /// How many offices have something in them.
    pub fn offices(&self) -> usize {
        (0..=OFFICES).rev().find(|place| !self.office_is_empty(*place)).map_or(0, |place| place + 1)
    }

    fn office_is_empty(&self, place: usize) -> bool {
        OFFICE.iter().all(|name| self.get(&format!("office_{place}_{name}")).trim().is_empty())
    }

    fn text(&self, language: Language) -> SheetText {
        // Browsers send line ends as CRLF.
        let field = |name: &str| self.get(&format!("{}_{name}", language.as_str())).replace("\r\n", "\n");
        let line = |name: &str| field(name).trim().to_owned();
        SheetText {
            language,
            title: line("title"),
            question: line("question"),
            summary: line("summary"),
            public_text: field("public_text"),
            reply: field("reply"),
            internal_text: field("internal_text"),
            keywords: lines(&field("keywords")),
            requirements: lines(&field("requirements")),
            fee: line("fee"),
            phone_text: line("phone_text"),
            sections: Sections::from_all(SECTIONS.map(line)),
            as_of: 0,
        }
    }

    /// The content that was typed.
    ///
    /// # Errors
    /// [`SheetError::Invalid`] with the fields that cannot be read.
    pub fn content(&self) -> Result<SheetDraft, SheetError> {
        let mut faults = Vec::new();
        let (code, audience, maturity) = (
            SheetCode::parse(self.get("code")),
            Audience::from_text(self.get("audience")),
            Maturity::from_text(self.get("maturity")),
        );
        for (name, missing) in
            [("code", code.is_none()), ("audience", audience.is_none()), ("maturity", maturity.is_none())]
        {
            if missing {
                faults.push((name.to_owned(), "invalid".to_owned()));
            }
        }
        let number = self.parsed::<i64>("number", &mut faults);
        let details = self.details(&mut faults);
        let (Some(code), Some(audience), Some(maturity), true) = (code, audience, maturity, faults.is_empty()) else {
            return Err(SheetError::Invalid(faults));
        };
        // Italian is always there; English counts as soon as anything is written in it.
        let mut texts = vec![self.text(Language::Italian)];
        let english = self.text(Language::English);
        if english != SheetText::empty(Language::English) {
            texts.push(english);
        }
        let confirmed = if self.get("confirmed_en") == "true" { vec![Language::English] } else { Vec::new() };
        Ok(SheetDraft {
            number,
            category: self.given("category"),
            unit: self.given("unit"),
            details,
            confirmed,
            ..SheetDraft::new(code, audience, maturity, texts)
        })
    }

    fn details(&self, faults: &mut Vec<(String, String)>) -> Details {
        let mut offices = Vec::new();
        for place in (0..=OFFICES).filter(|place| !self.office_is_empty(*place)) {
            let field = |name: &str| self.get(&format!("office_{place}_{name}")).trim().to_owned();
            let mut office = Office {
                name: field("name"),
                address: field("address"),
                phone: field("phone"),
                email: field("email"),
                opening: Vec::new(),
            };
            for line in field("opening").split(['\n', ';']).map(str::trim).filter(|l| !l.is_empty()) {
                match Opening::parse(line) {
                    Ok(opening) => office.opening.push(opening),
                    Err(_) => faults.push((format!("office_{place}_opening"), "opening".to_owned())),
                }
            }
            offices.push(office);
        }
        faults.dedup();
        let forms = self.forms.iter().map(|file| FormFile {
            name: file.name.clone(),
            blob: file.blob.clone(),
            media_type: file.media_type.clone(),
            size: file.size,
        });
        Details {
            route: self.given("route"),
            referent: self.given("referent"),
            term_days: self.parsed("term_days", faults),
            review_on: self.parsed("review_on", faults),
            until: self.parsed("until", faults),
            offices,
            forms: forms.collect(),
        }
    }

    fn given(&self, name: &str) -> Option<String> {
        Some(self.get(name).trim()).filter(|v| !v.is_empty()).map(str::to_owned)
    }

    fn parsed<T: std::str::FromStr>(&self, name: &str, faults: &mut Vec<(String, String)>) -> Option<T> {
        let value = self.given(name)?.parse().ok();
        if value.is_none() {
            faults.push((name.to_owned(), "invalid".to_owned()));
        }
        value
    }
}

fn stored(form: &FormFile) -> StoredFile {
    StoredFile {
        name: form.name.clone(),
        media_type: form.media_type.clone(),
        size: form.size,
        blob: form.blob.clone(),
        content_id: None,
        inline: false,
        note: String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_form_shows_reads_back_as_the_same_content() {
        let mut text = SheetText::empty(Language::Italian);
        text.title = "Carta d'identità".to_owned();
        text.requirements = lines("una fototessera\nla tessera sanitaria");
        text.fee = "16,79 euro".to_owned();
        text.sections = Sections::from_all(SECTIONS.map(|name| format!("Testo di {name}.")));
        let code = SheetCode::parse("ANA-01").unwrap();
        let mut content = SheetDraft::new(code, Audience::Partners, Maturity::Start, vec![text]);
        content.number = Some(104);
        content.unit = Some("anagrafe".to_owned());
        content.details.term_days = Some(30);
        content.details.review_on = Some("2026-12-01".parse().unwrap());
        content.details.offices = vec![Office {
            name: "Anagrafe".to_owned(),
            email: "anagrafe@example.it".to_owned(),
            opening: vec![Opening::parse("lun-ven 9-13").unwrap(), Opening::parse("gio 15-17").unwrap()],
            ..Office::default()
        }];
        assert_eq!(Fields::of_content(&content).content().unwrap(), content);
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let mut fields = Fields::default();
        for (name, value) in [("code", "ANA-01"), ("audience", "public"), ("maturity", "whole")] {
            fields.set(name, value);
        }
        fields.set("term_days", "trenta");
        fields.set("office_1_name", "Sportello");
        fields.set("office_1_opening", "quando capita");
        let Err(SheetError::Invalid(faults)) = fields.content() else { panic!("it was read") };
        let named: Vec<&str> = faults.iter().map(|(field, _)| field.as_str()).collect();
        assert_eq!(named, ["office_1_opening", "term_days"]);
    }
}
