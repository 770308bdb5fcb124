//! Pages: calendars and protocols for administrators, figures for supervisors, and the acts on a term.
mod acts;
mod calendars;
mod figures;
mod protocols;

use actix_web::web;

use crate::kernel::page::Page;
use crate::kernel::problem::Refusal;
use crate::protocols::ProtocolError;

/// Mounts the pages.
pub fn routes(cfg: &mut web::ServiceConfig) {
    calendars::routes(cfg);
    protocols::routes(cfg);
    figures::routes(cfg);
    acts::routes(cfg);
}

/// A choice of a list or of a box to tick.
struct Choice {
    value: String,
    label: String,
    chosen: bool,
}

/// A version that was saved.
struct Saved {
    number: i64,
    since: String,
    when: String,
    at: String,
    who: String,
}

/// What a form has, and sends: names with values.
type Fields = Vec<(String, String)>;

fn field<'f>(fields: &'f [(String, String)], name: &str) -> &'f str {
    fields.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value.as_str())
}

fn numbers(fields: &[(String, String)], name: &str) -> Vec<i64> {
    fields.iter().filter(|(n, _)| n == name).filter_map(|(_, value)| value.parse().ok()).collect()
}

/// A refusal in words, for the head of a form; `None` for what is no matter of the form.
fn words(page: &Page, error: &ProtocolError) -> Option<String> {
    match error {
        ProtocolError::Invalid { field, wrong } => {
            let exact = format!("protocol-wrong-{}-{}", field.replace('_', "-"), wrong.replace('_', "-"));
            Some(if page.language.has(&exact) {
                page.t(&exact)
            } else {
                page.t1("protocol-wrong", "field", page.t(&format!("protocol-field-{}", field.replace('_', "-"))))
            })
        }
        ProtocolError::Changed | ProtocolError::Clock { .. } => {
            Some(page.t(&format!("problem-{}", error.code().replace('_', "-"))))
        }
        ProtocolError::NotFound | ProtocolError::Ticket(_) | ProtocolError::Forbidden(_) | ProtocolError::Store(_) => {
            None
        }
    }
}
