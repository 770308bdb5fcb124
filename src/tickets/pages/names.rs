//! Names of units, categories and colleagues by row id, read once for a page.
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::store::{self, CategoryRow, UnitRow};
use crate::kernel::database::{Conn, StoreError};
use crate::kernel::language::Language;
use crate::tickets;

/// The names a page needs, in the reader's language.
#[derive(Debug)]
pub struct Names {
    language: Language,
    units: Vec<UnitRow>,
    categories: Vec<CategoryRow>,
    users: HashMap<i64, String>,
    /// Names of rules by row id of their runs.
    rules: HashMap<i64, String>,
}

/// A choice of a select box.
#[derive(Debug, Clone)]
pub struct Choice {
    pub value: String,
    pub label: String,
}

/// An area with its topics, for a two-level select box.
#[derive(Debug, Clone)]
pub struct AreaChoice {
    pub label: String,
    pub topics: Vec<Choice>,
}

impl Names {
    /// Reads units and categories.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn read(conn: &mut Conn, language: Language) -> Result<Self, StoreError> {
        let units = store::units(conn).await?;
        let categories = store::categories(conn).await?;
        Ok(Self { language, units, categories, users: HashMap::new(), rules: HashMap::new() })
    }

    /// Reads the names of these users too.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn add_users(&mut self, conn: &mut Conn, ids: impl IntoIterator<Item = i64>) -> Result<(), StoreError> {
        for id in ids {
            if let Entry::Vacant(unknown) = self.users.entry(id) {
                unknown.insert(tickets::store::user_name(conn, id).await?);
            }
        }
        Ok(())
    }

    /// Reads the names of the rules of these runs too.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn add_rules(&mut self, conn: &mut Conn, runs: impl IntoIterator<Item = i64>) -> Result<(), StoreError> {
        for id in runs {
            if let Entry::Vacant(unknown) = self.rules.entry(id) {
                unknown.insert(tickets::store::rule_name(conn, id).await?);
            }
        }
        Ok(())
    }

    /// The name of the rule of a run that was added; empty otherwise.
    pub fn rule(&self, run: i64) -> String {
        self.rules.get(&run).cloned().unwrap_or_default()
    }

    /// The name of a user that was added; empty otherwise.
    pub fn user(&self, id: i64) -> String {
        self.users.get(&id).cloned().unwrap_or_default()
    }

    fn pick<'a>(&self, italian: &'a str, english: &'a str) -> &'a str {
        if self.language == Language::English && !english.is_empty() { english } else { italian }
    }

    /// The name of a unit; empty when there is none.
    pub fn unit(&self, id: i64) -> String {
        let unit = self.units.iter().find(|u| u.id == id);
        unit.map(|u| self.pick(&u.name, &u.name_en).to_owned()).unwrap_or_default()
    }

    /// The name of a category; empty when there is none.
    pub fn category(&self, id: i64) -> String {
        let category = self.categories.iter().find(|c| c.id == id);
        category.map(|c| self.pick(&c.name, &c.name_en).to_owned()).unwrap_or_default()
    }

    /// The name of a category below its area, with those between them.
    fn path(&self, category: &CategoryRow) -> String {
        let mut names = vec![self.pick(&category.name, &category.name_en)];
        let mut above = category.parent_id;
        while let Some(next) = above.and_then(|id| self.categories.iter().find(|c| c.id == id)) {
            above = next.parent_id;
            if above.is_some() {
                names.push(self.pick(&next.name, &next.name_en));
            }
        }
        names.reverse();
        names.join(" › ")
    }

    /// The slug of a category; empty when there is none.
    pub fn category_slug(&self, id: Option<i64>) -> String {
        let found = id.and_then(|id| self.categories.iter().find(|c| c.id == id));
        found.map(|c| c.slug.clone()).unwrap_or_default()
    }

    /// Row ids of a category and of those below it; empty when there is none.
    pub fn with_below(&self, slug: &str) -> Vec<i64> {
        let Some(top) = self.categories.iter().find(|c| c.slug == slug) else { return Vec::new() };
        let below = self.categories.iter().filter(|c| c.is_below(top));
        std::iter::once(top).chain(below).map(|c| c.id).collect()
    }

    /// The categories in use by area. The area itself is a choice too, for what fits none of its topics; a
    /// retired category stays a choice where it is the one `chosen`.
    pub fn areas(&self, chosen: Option<i64>) -> Vec<AreaChoice> {
        let choice = |c: &CategoryRow| Choice { value: c.slug.clone(), label: self.path(c) };
        let shown = |c: &&CategoryRow| c.active || Some(c.id) == chosen;
        self.categories
            .iter()
            .filter(|c| c.parent_id.is_none())
            .map(|area| {
                let topics = self.categories.iter().filter(|c| c.is_below(area)).filter(shown);
                let own = Some(area).into_iter().filter(shown);
                AreaChoice {
                    label: self.pick(&area.name, &area.name_en).to_owned(),
                    topics: own.chain(topics).map(choice).collect(),
                }
            })
            .filter(|area| !area.topics.is_empty())
            .collect()
    }

    /// The units of our own agency that exist today: those that may own a ticket.
    pub fn owners(&self) -> Vec<Choice> {
        self.units
            .iter()
            .filter(|u| u.own && u.active)
            .map(|u| Choice { value: u.slug.clone(), label: self.pick(&u.name, &u.name_en).to_owned() })
            .collect()
    }
}
