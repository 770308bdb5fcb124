//! The pages of the site that are rated beside the sheets: the home page and the lists (C.SI.2.5). No I/O.
use crate::kernel::page::Page;
use crate::knowledge::categories::CategoryTree;
use crate::knowledge::links;

/// A page of the site that is no sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// As stored: `home`, `services`, `services/<slug>`.
    name: String,
}

impl Place {
    /// The home page.
    pub fn home() -> Self {
        Self { name: "home".to_owned() }
    }

    /// The list of sheets, or that of the area or topic with this slug; empty for all.
    pub fn services(slug: &str) -> Self {
        Self { name: if slug.is_empty() { "services".to_owned() } else { format!("services/{slug}") } }
    }

    /// Reads a stored name; `None` for what is no page of the site.
    pub fn parse(name: &str, tree: &CategoryTree) -> Option<Self> {
        let known = match name.strip_prefix("services/") {
            Some(slug) => tree.by_slug(slug).is_some(),
            None => matches!(name, "home" | "services"),
        };
        known.then(|| Self { name: name.to_owned() })
    }

    /// As stored.
    pub fn name(&self) -> &str {
        &self.name
    }

    fn slug(&self) -> &str {
        self.name.strip_prefix("services/").unwrap_or_default()
    }

    /// Its address.
    pub fn address(&self) -> String {
        if self.name == "home" { "/".to_owned() } else { links::with_query(links::PUBLIC, &[("area", self.slug())]) }
    }

    /// What pages call it.
    pub fn title(&self, page: &Page, tree: &CategoryTree) -> String {
        match tree.by_slug(self.slug()) {
            Some(category) => category.name_in(page.language).to_owned(),
            None => page.t(if self.name == "home" { "rating-place-home" } else { "knowledge-title" }),
        }
    }
}
