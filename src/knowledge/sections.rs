//! The parts of a service's page that the national model of municipal sites asks for beside how it is done, what is
//! needed and what it costs (Designers Italia, C.SI.1.3). No I/O.
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Parts of a text in one language, each Markdown; what is empty is not shown.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Sections {
    /// «A chi è rivolto»: who may use it.
    pub addressed_to: String,
    /// «Cosa si ottiene»: what comes of it.
    pub obtained: String,
    /// «Tempi e scadenze»: days to keep, beside the term in days.
    pub deadlines: String,
    /// «Ulteriori informazioni»
    pub further: String,
    /// «Condizioni di servizio»
    pub conditions: String,
}

/// Names of the parts, in the order of a page.
pub const SECTIONS: [&str; 5] = ["addressed_to", "obtained", "deadlines", "further", "conditions"];

impl Sections {
    /// The parts, in the order of [`SECTIONS`].
    pub const fn all(&self) -> [&String; 5] {
        [&self.addressed_to, &self.obtained, &self.deadlines, &self.further, &self.conditions]
    }

    /// Each part with its name.
    pub fn named(&self) -> impl Iterator<Item = (&'static str, &String)> {
        SECTIONS.into_iter().zip(self.all())
    }

    /// From parts in the order of [`SECTIONS`].
    pub fn from_all([addressed_to, obtained, deadlines, further, conditions]: [String; 5]) -> Self {
        Self { addressed_to, obtained, deadlines, further, conditions }
    }

    /// All that they say, for searches.
    pub fn joined(&self) -> String {
        self.all().map(String::as_str).join("\n")
    }
}
