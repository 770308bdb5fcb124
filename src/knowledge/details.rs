//! What a sheet tells beside its texts, the same in every language: where requests go, who looks after it,
//! how long it takes, offices, forms, days. No I/O.
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::kernel::opening::Opening;

/// The facts of a sheet.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Details {
    /// Slug of the unit that requests made from this sheet go to; that of the category without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route: Option<String>,
    /// Login of the person who looks after it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub referent: Option<String>,
    /// Days within which the office answers or decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub term_days: Option<u32>,
    /// Day on which somebody must read it again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub review_on: Option<Date>,
    /// Last day on which it holds; it goes out of use by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub until: Option<Date>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub offices: Vec<Office>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub forms: Vec<FormFile>,
}

/// An office that citizens can go to, call or write to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Office {
    pub name: String,
    pub address: String,
    pub phone: String,
    pub email: String,
    /// `mon-fri 09:00-13:00`, several if need be.
    #[schema(value_type = Vec<String>)]
    pub opening: Vec<Opening>,
}

/// A form to fill in, whose bytes are in the blob store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FormFile {
    pub name: String,
    pub blob: String,
    pub media_type: String,
    pub size: i64,
}

/// Most offices and forms of a sheet.
pub const OFFICES: usize = 10;
pub const FORMS: usize = 10;
/// Longest line of an office.
const LINE: usize = 200;
/// Longest term, in days.
const TERM_DAYS: u32 = 3_660;

impl Details {
    /// What is wrong with them: the field and a code.
    pub fn faults(&self) -> Vec<(String, String)> {
        let mut faults = Vec::new();
        let mut wrong = |field: String, code: &str| faults.push((field, code.to_owned()));
        if self.term_days.is_some_and(|days| days == 0 || days > TERM_DAYS) {
            wrong("term_days".to_owned(), "out_of_range");
        }
        if self.offices.len() > OFFICES {
            wrong("offices".to_owned(), "too_many");
        }
        if self.forms.len() > FORMS {
            wrong("forms".to_owned(), "too_many");
        }
        for (place, office) in self.offices.iter().enumerate() {
            if office.name.trim().is_empty() {
                wrong(format!("office_{place}_name"), "required");
            }
            for (name, line) in [
                ("name", &office.name),
                ("address", &office.address),
                ("phone", &office.phone),
                ("email", &office.email),
            ] {
                if line.chars().count() > LINE {
                    wrong(format!("office_{place}_{name}"), "too_long");
                }
            }
            if !office.email.is_empty() && !office.email.contains('@') {
                wrong(format!("office_{place}_email"), "invalid");
            }
        }
        faults
    }
}
