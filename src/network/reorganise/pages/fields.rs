//! What a form says, as a plan.
use std::collections::BTreeMap;

use unicode_normalization::UnicodeNormalization;

use crate::kernel::names::stored_enum;
use crate::organisation::UnitKind;
use crate::organisation::chart::{Chart, Closing, Misfit, Node, Plan, UnitChange};

stored_enum! {
    /// Which form it is; the name is part of its address.
    What {
        Open = "nuova",
        Merge = "unisci",
        Change = "modifica",
        Split = "dividi",
        Close = "chiudi",
    }
}

impl What {
    /// Whether it changes one unit that exists.
    pub const fn is_of_a_unit(self) -> bool {
        matches!(self, Self::Change | Self::Split | Self::Close)
    }

    /// The forms of one unit, or the others, as a pattern of addresses.
    pub fn pattern(of_a_unit: bool) -> String {
        let names = Self::ALL.iter().filter(|what| what.is_of_a_unit() == of_a_unit).map(|what| what.as_str());
        names.collect::<Vec<_>>().join("|")
    }
}

/// The parts a unit may be split into.
pub const PARTS: usize = 3;

/// Names and values as they came.
#[derive(Debug, Clone, Default)]
pub struct Fields(pub Vec<(String, String)>);

impl Fields {
    /// A value, without blanks around it; empty when it is absent.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(n, _)| n == name).map(|(_, v)| v.trim()).unwrap_or_default()
    }

    /// All values of a name that may come several times.
    pub fn all(&self, name: &str) -> Vec<&str> {
        self.0.iter().filter(|(n, v)| n == name && !v.trim().is_empty()).map(|(_, v)| v.trim()).collect()
    }

    fn some(&self, name: &str) -> Option<String> {
        Some(self.get(name).to_owned()).filter(|text| !text.is_empty())
    }
}

/// A slug for a name: without accents, words joined by hyphens.
pub fn slug_of(name: &str) -> String {
    let plain: String = name.nfd().filter(char::is_ascii).collect::<String>().to_lowercase();
    let words = plain.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let mut slug = words.collect::<Vec<_>>().join("-");
    slug.truncate(60);
    slug.trim_end_matches('-').to_owned()
}

/// A slug that nobody used: the name's, with a number where it is taken.
fn free_slug(chart: &Chart, name: &str) -> String {
    let slug = slug_of(name);
    let numbered = (2..1000).map(|n| format!("{slug}-{n}"));
    std::iter::once(slug.clone()).chain(numbered).find(|s| !chart.used.contains(s)).unwrap_or(slug)
}

/// The plan that a form asks for, about `unit` where it is about one.
///
/// # Errors
/// [`Misfit`] for a value that no plan could hold; the chart checks the rest.
pub fn plan(what: What, unit: Option<&Node>, fields: &Fields, chart: &Chart) -> Result<Plan, Misfit> {
    let wrong = |field: &str, wrong| Misfit { field: field.to_owned(), wrong };
    let kind = |text: &str| UnitKind::from_text(text).ok_or_else(|| wrong("kind", "missing"));
    let node = |name: &str, like: Option<&Node>| -> Node {
        Node {
            slug: free_slug(chart, name),
            agency: like.map(|n| n.agency.clone()).unwrap_or_default(),
            parent: like.and_then(|n| n.parent.clone()),
            name: name.to_owned(),
            name_en: String::new(),
            kind: like.map_or(UnitKind::BackOffice, |n| n.kind),
            email: String::new(),
            scope: like.map(|n| n.scope.clone()).unwrap_or_default(),
        }
    };
    match (what, unit) {
        (What::Open, _) => {
            let new = Node {
                agency: fields.get("agency").to_owned(),
                parent: fields.some("parent"),
                name_en: fields.get("name_en").to_owned(),
                kind: kind(fields.get("kind"))?,
                email: fields.get("email").to_owned(),
                scope: fields.get("scope").to_owned(),
                ..node(fields.get("name"), None)
            };
            if new.name.is_empty() {
                return Err(wrong("name", "missing"));
            }
            Ok(Plan { opens: vec![new], ..Plan::default() })
        }
        (What::Merge, _) => {
            let units = fields.all("units");
            let like = units.first().and_then(|slug| chart.nodes.get(*slug));
            if units.is_empty() {
                return Err(wrong("units", "missing"));
            }
            let (opens, successor) = match (fields.get("successor"), fields.get("name")) {
                ("", "") => return Err(wrong("name", "missing")),
                ("", name) => {
                    let new = node(name, like);
                    (vec![new.clone()], new.slug)
                }
                (slug, _) => (Vec::new(), slug.to_owned()),
            };
            let closing = units.iter().filter(|slug| **slug != successor);
            let closes = closing.map(|slug| Closing { unit: (*slug).to_owned(), successor: successor.clone() });
            Ok(Plan { opens, closes: closes.collect(), ..Plan::default() })
        }
        (What::Change, Some(unit)) => {
            let differs = |name: &str, now: &str| Some(fields.get(name).to_owned()).filter(|text| text != now);
            let chosen = kind(fields.get("kind"))?;
            let change = UnitChange {
                unit: unit.slug.clone(),
                name: differs("name", &unit.name),
                name_en: differs("name_en", &unit.name_en),
                agency: differs("agency", &unit.agency),
                parent: differs("parent", unit.parent.as_deref().unwrap_or_default()),
                kind: Some(chosen).filter(|kind| *kind != unit.kind),
                email: differs("email", &unit.email),
                scope: differs("scope", &unit.scope),
            };
            let same = UnitChange { unit: unit.slug.clone(), ..UnitChange::default() };
            Ok(Plan { changes: Some(change).filter(|c| *c != same).into_iter().collect(), ..Plan::default() })
        }
        (What::Split, Some(unit)) => {
            let names: Vec<&str> = (1..=PARTS).map(|n| fields.get(&format!("name_{n}"))).collect();
            let mut known = chart.clone();
            let mut parts: Vec<Option<Node>> = Vec::new();
            for name in names {
                let part = (!name.is_empty()).then(|| Node { slug: free_slug(&known, name), ..node(name, Some(unit)) });
                known.used.extend(part.as_ref().map(|p| p.slug.clone()));
                parts.push(part);
            }
            let first = parts.first().cloned().flatten().ok_or_else(|| wrong("name_1", "missing"))?;
            if parts.iter().flatten().count() < 2 {
                return Err(wrong("name_2", "missing"));
            }
            let mut categories = BTreeMap::new();
            for (field, value) in &fields.0 {
                let Some(category) = field.strip_prefix("category.") else { continue };
                let part = value.parse::<usize>().ok().and_then(|n| parts.get(n.checked_sub(1)?)?.clone());
                let part = part.ok_or_else(|| wrong(field, "unknown"))?;
                if part.slug != first.slug {
                    categories.insert(category.to_owned(), part.slug);
                }
            }
            let closes = vec![Closing { unit: unit.slug.clone(), successor: first.slug.clone() }];
            Ok(Plan { opens: parts.into_iter().flatten().collect(), closes, categories, ..Plan::default() })
        }
        (What::Close, Some(unit)) => {
            let successor = fields.some("successor").ok_or_else(|| wrong("successor", "missing"))?;
            let closes = vec![Closing { unit: unit.slug.clone(), successor }];
            Ok(Plan { closes, ..Plan::default() })
        }
        (What::Change | What::Split | What::Close, None) => Err(wrong("unit", "unknown")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(all: &[(&str, &str)]) -> Fields {
        Fields(all.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect())
    }

    fn unit() -> Node {
        Node {
            slug: "tributi".to_owned(),
            agency: "comune".to_owned(),
            parent: None,
            name: "Tributi".to_owned(),
            name_en: String::new(),
            kind: UnitKind::BackOffice,
            email: String::new(),
            scope: String::new(),
        }
    }

    fn chart() -> Chart {
        let used = ["tributi", "tari"].map(str::to_owned).into();
        Chart { nodes: [("tributi".to_owned(), unit())].into(), used, agencies: ["comune".to_owned()].into() }
    }

    #[test]
    fn a_name_becomes_a_slug_that_nobody_used() {
        assert_eq!(slug_of("  Viabilità & Parcheggi (2)"), "viabilita-parcheggi-2");
        assert_eq!(free_slug(&chart(), "TARI"), "tari-2");
    }

    #[test]
    fn a_split_opens_its_parts_and_gives_the_rest_to_the_first() {
        let form = fields(&[
            ("name_1", "Tari"),
            ("name_2", "Imu"),
            ("name_3", ""),
            ("category.tax/imu", "2"),
            ("category.tax/tari", "1"),
        ]);
        let plan = plan(What::Split, Some(&unit()), &form, &chart()).unwrap();
        assert_eq!(plan.opens.iter().map(|n| n.slug.as_str()).collect::<Vec<_>>(), ["tari-2", "imu"]);
        assert_eq!(plan.closes, [Closing { unit: "tributi".to_owned(), successor: "tari-2".to_owned() }]);
        assert_eq!(plan.categories, [("tax/imu".to_owned(), "imu".to_owned())].into());
        assert!(chart().after(&plan).is_ok());
    }

    #[test]
    fn only_what_was_changed_in_the_form_becomes_different() {
        let same = [("name", "Tributi"), ("kind", "back_office"), ("agency", "comune")];
        assert!(plan(What::Change, Some(&unit()), &fields(&same), &chart()).unwrap().is_empty());
        let renamed = [("name", "Entrate"), ("kind", "back_office"), ("agency", "comune")];
        let plan = plan(What::Change, Some(&unit()), &fields(&renamed), &chart()).unwrap();
        let expected =
            UnitChange { unit: "tributi".to_owned(), name: Some("Entrate".to_owned()), ..UnitChange::default() };
        assert_eq!(plan.changes, [expected]);
    }

    #[test]
    fn a_merge_keeps_the_unit_that_goes_on() {
        let form = fields(&[("units", "tributi"), ("units", "altro"), ("successor", "altro")]);
        let plan = plan(What::Merge, None, &form, &chart()).unwrap();
        assert_eq!(plan.closes, [Closing { unit: "tributi".to_owned(), successor: "altro".to_owned() }]);
        assert!(plan.opens.is_empty());
    }
}
