//! Texts of rules with values of the ticket in braces. Only what the citizen may know has a name here (DESIGN 3.5):
//! no notes, no legs, no names of colleagues.
use std::collections::BTreeMap;

/// Values that every text may name. Answers of the citizen's own fields are named `{campo:nome}`.
pub const VALUES: [&str; 8] = ["codice", "oggetto", "classe", "struttura", "ente", "collegamento", "nome", "scadenza"];
/// Begins the name of an answer.
pub const FIELD: &str = "campo:";

enum Piece<'a> {
    Text(&'a str),
    Name(&'a str),
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        let Some(length) = rest[open + 1..].find(['}', '{', '\n']) else { break };
        let close = open + 1 + length;
        if rest[close..].starts_with('}') {
            found.push(Piece::Text(&rest[..open]));
            found.push(Piece::Name(&rest[open + 1..close]));
            rest = &rest[close + 1..];
        } else {
            found.push(Piece::Text(&rest[..close]));
            rest = &rest[close..];
        }
    }
    found.push(Piece::Text(rest));
    found
}

/// The first name in braces that no text may use.
pub fn unknown(text: &str) -> Option<String> {
    pieces(text).into_iter().find_map(|piece| match piece {
        Piece::Name(name) if !VALUES.contains(&name) && !name.starts_with(FIELD) => Some(name.to_owned()),
        Piece::Name(_) | Piece::Text(_) => None,
    })
}

/// A text with its values; what has none is left out.
pub fn fill(text: &str, values: &BTreeMap<String, String>) -> String {
    pieces(text)
        .into_iter()
        .map(|piece| match piece {
            Piece::Text(text) => text,
            Piece::Name(name) => values.get(name).map(String::as_str).unwrap_or_default(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn values_are_put_in_and_other_braces_stay() {
        let values = BTreeMap::from([
            ("codice".to_owned(), "ABC".to_owned()),
            ("campo:via".to_owned(), "Roma {ente}".to_owned()),
        ]);
        assert_eq!(fill("{codice}: {campo:via}{campo:civico} { 1 }", &values), "ABC: Roma {ente} ");
        assert_eq!(fill("a { b", &values), "a { b");
        assert_eq!(unknown("Cara {cognome}, {codice}").as_deref(), Some("cognome"));
        assert_eq!(unknown("{campo:qualunque} {codice}"), None);
    }

    proptest! {
        #[test]
        fn a_text_without_braces_is_left_alone(text in "[^{}]{0,80}") {
            prop_assert_eq!(fill(&text, &BTreeMap::new()), text);
        }
    }
}
