//! What pages show of a sheet beside its texts, in the reader's language.
use super::details::{Details, FormFile};
use crate::kernel::page::Page;
use crate::tickets::pages::words;

/// An office as pages show it.
#[derive(Debug, Clone)]
pub(super) struct OfficeView {
    pub name: String,
    pub address: String,
    pub phone: String,
    pub phone_href: String,
    pub email: String,
    /// A line for each opening.
    pub opening: Vec<String>,
}

/// A form to download.
#[derive(Debug, Clone)]
pub(super) struct FormView {
    pub href: String,
    pub name: String,
    pub size: String,
}

/// Term, offices and forms.
#[derive(Debug, Clone, Default)]
pub(super) struct Facts {
    /// Within how long; empty without a term.
    pub term: String,
    pub offices: Vec<OfficeView>,
    pub forms: Vec<FormView>,
}

impl Facts {
    /// In the language of a page; `forms_at` is the address before a form's number.
    pub fn of(page: &Page, details: &Details, forms_at: &str) -> Self {
        let office = |office: &super::details::Office| OfficeView {
            name: office.name.clone(),
            address: office.address.clone(),
            phone: office.phone.clone(),
            phone_href: format!("tel:{}", office.phone.replace(|c: char| !c.is_ascii_digit() && c != '+', "")),
            email: office.email.clone(),
            opening: office.opening.iter().map(|o| o.words(page)).collect(),
        };
        let form = |(place, form): (usize, &FormFile)| FormView {
            href: format!("{forms_at}{}", place + 1),
            name: form.name.clone(),
            size: words::size(page, form.size),
        };
        Self {
            term: details.term_days.map(|days| page.t1("knowledge-term", "n", days)).unwrap_or_default(),
            offices: details.offices.iter().map(office).collect(),
            forms: details.forms.iter().enumerate().map(form).collect(),
        }
    }
}
