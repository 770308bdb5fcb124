//! The texts around an answer: salutation, signature, acknowledgement, notice of the closing; one for each channel
//! and language. What the program brings can be changed on a page, and every change is kept with who made it.
pub mod api;
mod model;
pub mod pages;
mod save;
pub mod store;

pub use model::{Carrier, Part, WordingError, fill, join};
pub use save::save;

use crate::kernel::database::{Conn, StoreError};
use crate::kernel::language::Language;

/// The text of a place with its values put in: the administration's, else the program's.
///
/// # Errors
/// When the database cannot be read.
pub async fn text(
    conn: &mut Conn,
    part: Part,
    carrier: Carrier,
    language: Language,
    values: &[(&str, String)],
) -> Result<String, StoreError> {
    let own = store::latest(conn, part.as_str(), carrier.as_str(), language.as_str()).await?.and_then(|row| row.text);
    Ok(say(own.as_deref(), part, carrier, language, values))
}

/// The text of a place with its values put in, from what the administration wrote there, if it did.
pub fn say(own: Option<&str>, part: Part, carrier: Carrier, language: Language, values: &[(&str, String)]) -> String {
    match own {
        Some(template) => fill(template, values),
        None => language.text_with(part.built_in(carrier), values),
    }
}

/// How somebody is addressed, by name where one is known.
///
/// # Errors
/// When the database cannot be read.
pub async fn salutation(
    conn: &mut Conn,
    carrier: Carrier,
    language: Language,
    name: &str,
) -> Result<String, StoreError> {
    let part = if name.trim().is_empty() { Part::SalutationUnnamed } else { Part::Salutation };
    text(conn, part, carrier, language, &[("name", name.trim().to_owned())]).await
}
