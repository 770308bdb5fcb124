//! The organisation as a table: agencies, units, sites and referents, one a line. What is written there can be read
//! again; a table adds and changes, and what it does not name stays as it is: nothing is ever deleted.
mod compare;
mod current;
mod table;
mod write;

use serde::Serialize;
use utoipa::ToSchema;

pub use compare::{Comparison, compare};
pub use current::current;
pub use table::{COLUMNS, Entry, Record, Table, columns_of, read, to_csv};
pub use write::{Import, write};

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Fault {
    /// In the file, from 1: the line of the headings.
    pub line: u64,
    /// Name of the column; empty for the whole line.
    pub column: String,
    /// A stable name.
    pub wrong: String,
}

impl Fault {
    pub(super) fn new(line: u64, column: &str, wrong: &str) -> Self {
        Self { line, column: column.to_owned(), wrong: wrong.to_owned() }
    }
}

/// A cell before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Difference {
    pub column: String,
    pub before: String,
    pub after: String,
}

/// A line that adds or changes something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Step {
    pub line: u64,
    pub record: Record,
    pub name: String,
    /// Empty for what is new.
    pub differences: Vec<Difference>,
}

/// What an import did, or would do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Report {
    pub created: usize,
    pub changed: usize,
    pub unchanged: usize,
    pub steps: Vec<Step>,
    /// With any of them nothing was written.
    pub faults: Vec<Fault>,
    /// Whether it was written.
    pub done: bool,
}
