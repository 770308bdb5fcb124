//! What a typed text names exactly: tracking codes, codes of legs, identifiers of persons.
use super::store;
use crate::kernel::codes::TrackingCode;
use crate::kernel::database::{Conn, StoreError};
use crate::network::ways::codes as codes_of_bodies;
use crate::people;

/// Words of a text that are looked at as codes.
const WORDS: usize = 10;

/// The tracking codes in a text, however they are typed: with or without separators, in any case, with the
/// number of a leg after a slash.
pub fn codes(q: &str) -> Vec<TrackingCode> {
    let without_leg = |text: &str| match text.rsplit_once('/') {
        Some((code, leg)) if !leg.is_empty() && leg.chars().all(|c| c.is_ascii_digit()) => code.trim().to_owned(),
        Some(_) | None => text.to_owned(),
    };
    let mut found: Vec<TrackingCode> = Vec::new();
    for text in std::iter::once(q).chain(q.split_whitespace().take(WORDS)) {
        let text = text.trim_matches(|c: char| !c.is_alphanumeric());
        if let Ok(code) = TrackingCode::parse(&without_leg(text))
            && !found.contains(&code)
        {
            found.push(code);
        }
    }
    found
}

/// The tickets that a text names by code.
///
/// # Errors
/// When the database cannot be read.
pub async fn by_code(conn: &mut Conn, q: &str) -> Result<Vec<i64>, StoreError> {
    let mut ids = Vec::new();
    for code in codes(q) {
        ids.extend(store::id_of(conn, code.as_str()).await?.filter(|id| !ids.contains(id)));
    }
    // A body's own code, whole or as one word of what was typed.
    for text in
        std::iter::once(q).chain(q.split_whitespace().filter(|w| w.contains(|c: char| c.is_ascii_digit())).take(WORDS))
    {
        for id in codes_of_bodies::tickets(conn, text).await? {
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
    }
    Ok(ids)
}

/// The persons who have what was typed as an identifier, in whatever format.
///
/// # Errors
/// When the database cannot be read.
pub async fn persons(conn: &mut Conn, q: &str) -> Result<Vec<i64>, StoreError> {
    let mut forms = people::lookup_forms(q);
    forms.push(q.to_owned());
    let mut found = Vec::new();
    for form in forms {
        for person in people::store::by_value(conn, &form).await? {
            if !found.contains(&person) {
                found.push(person);
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_seen_in_every_spelling_and_within_words() {
        let code = TrackingCode::from_bits(0x1f_0f0f_0f0f);
        let plain = code.as_str();
        let spellings = [
            code.grouped(),
            plain.to_lowercase(),
            format!("{}/2", code.grouped()),
            format!("pratica {} di ieri", code.grouped()),
            format!("«{plain}»,"),
            plain.replace('0', "o").replace('1', "l"),
            format!("{} {} {}", &plain[..3], &plain[3..6], &plain[6..]),
        ];
        for text in spellings {
            assert_eq!(codes(&text), std::slice::from_ref(&code), "{text}");
        }
        assert!(codes("lampione spento in via Roma").is_empty());
        assert!(codes("").is_empty());
    }
}
