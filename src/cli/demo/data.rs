//! The files of the demo, embedded in the program: organisation, names, scenarios, sheets, phrases.
use anyhow::Context;
use figment::Figment;
use figment::providers::{Format, Toml};
use rust_embed::RustEmbed;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::kernel::language::Language;
use crate::knowledge::details::Details;
use crate::knowledge::forward::Forward;
use crate::knowledge::sections::Sections;

#[derive(RustEmbed)]
#[folder = "demo/"]
struct Files;

/// Reads an embedded file.
///
/// # Errors
/// Names the file that is missing or malformed.
pub fn read<T: DeserializeOwned>(name: &str) -> anyhow::Result<T> {
    let file = Files::get(name).with_context(|| format!("the program has no demo file {name}"))?;
    let text = String::from_utf8_lossy(&file.data);
    Figment::from(Toml::string(&text)).extract().with_context(|| format!("the demo file {name} cannot be read"))
}

fn read_folder<T: DeserializeOwned>(folder: &str) -> anyhow::Result<Vec<T>> {
    let mut names: Vec<String> = Files::iter().filter(|name| name.starts_with(folder)).map(String::from).collect();
    names.sort();
    names.iter().map(|name| read(name)).collect()
}

/// A text in both languages.
#[derive(Debug, Clone, Deserialize)]
pub struct Bilingual {
    pub it: String,
    pub en: String,
}

impl Bilingual {
    /// The text in a language.
    pub fn get(&self, language: Language) -> &str {
        match language {
            Language::Italian => &self.it,
            Language::English => &self.en,
        }
    }
}

/// Everything the loader reads.
#[derive(Debug)]
pub struct DemoData {
    pub organisation: Organisation,
    pub names: Names,
    pub phrases: Phrases,
    pub scenarios: Vec<Scenario>,
    pub sheets: Vec<SheetFile>,
}

impl DemoData {
    /// Reads the embedded files.
    ///
    /// # Errors
    /// Names the file that is missing or malformed.
    pub fn read() -> anyhow::Result<Self> {
        Ok(Self {
            organisation: read("agency.toml")?,
            names: read("names.toml")?,
            phrases: read("phrases.toml")?,
            scenarios: read_folder::<ScenarioFile>("scenarios/")?.into_iter().flat_map(|file| file.scenario).collect(),
            sheets: read_folder("sheets/")?,
        })
    }
}

/// `agency.toml`
#[derive(Debug, Deserialize)]
pub struct Organisation {
    pub town: Town,
    #[serde(rename = "agency")]
    pub agencies: Vec<AgencyEntry>,
    #[serde(rename = "unit")]
    pub units: Vec<UnitEntry>,
    #[serde(rename = "user")]
    pub users: Vec<UserEntry>,
    #[serde(rename = "category")]
    pub categories: Vec<CategoryEntry>,
    #[serde(rename = "site")]
    pub sites: Vec<SiteEntry>,
    #[serde(rename = "referent")]
    pub referents: Vec<ReferentEntry>,
    #[serde(rename = "absence")]
    pub absences: Vec<AbsenceEntry>,
    #[serde(rename = "renamed")]
    pub renamed: Vec<RenamedEntry>,
    #[serde(rename = "merge")]
    pub merges: Vec<MergeEntry>,
}

impl Organisation {
    /// Slugs of a unit and of all units below it.
    pub fn with_below(&self, slug: &str) -> Vec<&str> {
        let mut found: Vec<&str> = self.units.iter().map(|u| u.slug.as_str()).filter(|s| *s == slug).collect();
        let mut next = 0;
        while let Some(above) = found.get(next).copied() {
            found.extend(self.units.iter().filter(|u| u.parent.as_deref() == Some(above)).map(|u| u.slug.as_str()));
            next += 1;
        }
        found
    }

    /// A unit by slug.
    pub fn unit(&self, slug: &str) -> Option<&UnitEntry> {
        self.units.iter().find(|u| u.slug == slug)
    }

    /// Whether a unit belongs to another body.
    pub fn is_external(&self, slug: &str) -> bool {
        let agency = self.unit(slug).map_or("", |u| u.agency.as_str());
        self.agencies.iter().any(|a| a.slug == agency && a.kind != "own")
    }
}

#[derive(Debug, Deserialize)]
pub struct Town {
    pub name: String,
    pub email: String,
    pub toll_free: String,
    pub opening: Bilingual,
    pub patron_saint: PatronSaint,
}

#[derive(Debug, Deserialize)]
pub struct PatronSaint {
    /// `MM-DD`
    pub day: String,
}

#[derive(Debug, Deserialize)]
pub struct AgencyEntry {
    pub slug: String,
    pub name: Bilingual,
    pub kind: String,
    pub email: String,
}

#[derive(Debug, Deserialize)]
pub struct UnitEntry {
    pub slug: String,
    pub name: Bilingual,
    pub agency: String,
    pub kind: String,
    pub parent: Option<String>,
    pub email: String,
    #[serde(default)]
    pub scope: String,
}

/// Whom a unit named.
#[derive(Debug, Clone, Deserialize)]
pub struct ReferentEntry {
    pub unit: String,
    pub name: String,
    /// Empty for the login of the account.
    #[serde(default)]
    pub email: String,
    #[serde(default)]
    pub phone: String,
    /// E-mail address of a user of this file; empty without an account.
    #[serde(default)]
    pub account: String,
    pub rank: String,
}

/// Where citizens find a unit.
#[derive(Debug, Clone, Deserialize)]
pub struct SiteEntry {
    pub slug: String,
    pub unit: String,
    pub name: String,
    pub address: String,
    #[serde(default)]
    pub phone: String,
    #[serde(default)]
    pub note: String,
    #[serde(default)]
    pub note_en: String,
    /// `lun-ven 8:30-13:00`, parted by semicolons.
    pub hours: String,
}

/// Who is away, in days from now.
#[derive(Debug, Clone, Deserialize)]
pub struct AbsenceEntry {
    /// Name of a referent of this file.
    pub who: String,
    pub from: i32,
    pub to: i32,
    pub substitute: Option<String>,
    pub reason: String,
}

/// A unit that had another name until some days ago.
#[derive(Debug, Clone, Deserialize)]
pub struct RenamedEntry {
    pub unit: String,
    pub before: Bilingual,
    pub days_ago: i64,
    pub reason: String,
}

/// Units that will be one.
#[derive(Debug, Clone, Deserialize)]
pub struct MergeEntry {
    pub units: Vec<String>,
    pub slug: String,
    pub name: Bilingual,
    /// Days from now.
    pub days: i32,
    pub reason: String,
}

#[derive(Debug, Clone, Deserialize)]
pub struct UserEntry {
    pub name: String,
    pub email: String,
    pub role: String,
    pub units: Vec<String>,
    pub language: String,
}

#[derive(Debug, Deserialize)]
pub struct CategoryEntry {
    pub slug: String,
    pub name: Bilingual,
    pub unit: Option<String>,
    #[serde(default)]
    pub not_competent: bool,
    /// Requests of a year of a real contact centre, where they are known.
    pub count: Option<usize>,
    /// What goes to the unit at once; nothing when it does not say.
    pub forward: Option<Forward>,
}

/// `names.toml`
#[derive(Debug, Deserialize)]
pub struct Names {
    pub streets: Vec<String>,
    pub first_names_f: Vec<String>,
    pub first_names_m: Vec<String>,
    pub surnames: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct ScenarioFile {
    scenario: Vec<Scenario>,
}

/// A request that citizens make, and how it ends.
#[derive(Debug, Deserialize)]
pub struct Scenario {
    pub key: String,
    pub channel: String,
    pub category: String,
    #[serde(default = "italian")]
    pub language: String,
    pub subject: String,
    pub text: String,
    pub sheet: Option<String>,
    /// `answered`, `referred`, `not_competent`, `waiting`, `open`.
    pub outcome: String,
    pub reply: Option<String>,
    pub refer: Option<ScenarioLeg>,
    pub note: Option<String>,
    /// What the citizen writes back, and what that is answered with.
    pub follow_up: Option<String>,
    pub follow_up_reply: Option<String>,
    pub weight: usize,
}

fn italian() -> String {
    "it".to_owned()
}

/// The leg of a scenario.
#[derive(Debug, Clone, Deserialize)]
pub struct ScenarioLeg {
    pub unit: String,
    pub kind: String,
    pub question: String,
    pub answer: String,
}

/// A knowledge sheet.
#[derive(Debug, Deserialize)]
pub struct SheetFile {
    pub code: String,
    pub category: String,
    pub audience: String,
    pub maturity: String,
    pub unit: String,
    pub keywords: Vec<String>,
    pub number: i64,
    /// Term, offices, referent, route.
    #[serde(default)]
    pub details: Details,
    /// The review day, in days from now; past ones are negative.
    pub review_in_days: Option<i64>,
    pub it: SheetWords,
    pub en: Option<SheetWords>,
}

/// A sheet in one language.
#[derive(Debug, Deserialize)]
pub struct SheetWords {
    pub title: String,
    pub question: String,
    pub summary: String,
    pub public: String,
    pub reply: String,
    #[serde(default)]
    pub internal: String,
    #[serde(default)]
    pub requirements: Vec<String>,
    #[serde(default)]
    pub fee: String,
    #[serde(default)]
    pub phone: String,
    #[serde(flatten)]
    pub sections: Sections,
    /// What it cost in the version before; there is none when it does not say.
    pub fee_before: Option<String>,
}

/// `phrases.toml`
#[derive(Debug, Deserialize)]
pub struct Phrases {
    pub letter: Bilingual,
    pub ask: Bilingual,
    pub notes: Notes,
    pub chase: Texts,
    pub progress: Texts,
    pub returned: Returned,
    pub referred: Referred,
    pub hand_over: Reason,
    pub take_over: Reason,
    pub reopen: Vec<Exchange>,
    pub withdrawn: Message,
}

#[derive(Debug, Deserialize)]
pub struct Notes {
    pub general: Vec<String>,
    pub pending: Vec<String>,
    pub withdrawn: String,
    pub duplicate: String,
    pub no_answer: String,
}

#[derive(Debug, Deserialize)]
pub struct Texts {
    pub text: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub struct Returned {
    /// Unit that is asked by mistake.
    pub unit: String,
    pub reason: Vec<String>,
}

/// What is asked of a unit, and what it answers, when nothing more particular is known.
#[derive(Debug, Deserialize)]
pub struct Referred {
    pub question: Vec<String>,
    pub answer: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub struct Reason {
    pub reason: String,
}

#[derive(Debug, Deserialize)]
pub struct Exchange {
    pub text: String,
    pub reply: String,
}

#[derive(Debug, Deserialize)]
pub struct Message {
    pub text: String,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn scenarios_name_only_what_exists() {
        let data = DemoData::read().unwrap();
        let categories: BTreeSet<&str> = data.organisation.categories.iter().map(|c| c.slug.as_str()).collect();
        let sheets: BTreeSet<&str> = data.sheets.iter().map(|s| s.code.as_str()).collect();
        for scenario in &data.scenarios {
            assert!(categories.contains(scenario.category.as_str()), "{}: {}", scenario.key, scenario.category);
            assert!(scenario.sheet.as_deref().is_none_or(|s| sheets.contains(s)), "{}", scenario.key);
            let unit = scenario.refer.as_ref().map(|r| r.unit.as_str());
            assert!(unit.is_none_or(|u| data.organisation.unit(u).is_some()), "{}", scenario.key);
            assert_eq!(scenario.outcome == "referred", scenario.refer.is_some(), "{}", scenario.key);
        }
        let numbers: BTreeSet<i64> = data.sheets.iter().map(|s| s.number).collect();
        assert_eq!(numbers.len(), data.sheets.len(), "a number is given twice");
        for sheet in &data.sheets {
            assert!(categories.contains(sheet.category.as_str()), "{}: {}", sheet.code, sheet.category);
        }
    }

    #[test]
    fn every_address_of_the_demo_is_in_the_reserved_domain() {
        let data = DemoData::read().unwrap();
        let units = data.organisation.units.iter().map(|u| &u.email);
        let all = units
            .chain(data.organisation.agencies.iter().map(|a| &a.email))
            .chain(data.organisation.users.iter().map(|u| &u.email));
        for email in all {
            assert!(email.ends_with(".example"), "{email}");
        }
    }
}
