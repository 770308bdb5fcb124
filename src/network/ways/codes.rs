//! The other body's own codes beside ours: kept in each spelling's plain form, so that whoever reads one out is found.
use std::collections::BTreeMap;

use super::store;
use crate::kernel::database::{Conn, StoreError, Tx};

/// Shorter ones name nothing.
const SHORTEST: usize = 3;

/// Letters and digits only, upper case; `None` when too little is left.
pub fn folded(code: &str) -> Option<String> {
    let plain: String = code.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).take(100).collect();
    (plain.chars().count() >= SHORTEST).then_some(plain)
}

/// Remembers a body's code of a leg, beside those that are known.
///
/// # Errors
/// When the database refuses.
pub async fn remember(tx: &mut Tx, leg: i64, code: &str) -> Result<(), StoreError> {
    match folded(code) {
        Some(folded) => store::insert_code(tx, &folded, leg).await,
        None => Ok(()),
    }
}

/// The tickets that a text names by a body's code.
///
/// # Errors
/// When the database cannot be read.
pub async fn tickets(conn: &mut Conn, text: &str) -> Result<Vec<i64>, StoreError> {
    match folded(text) {
        Some(folded) => store::tickets_by_code(conn, &folded).await,
        None => Ok(Vec::new()),
    }
}

/// The leg of a ticket that somebody writes about from an address of its unit or agency: the one of this number, else
/// the latest that is open, else the latest. `None` from every other address (C9).
///
/// # Errors
/// When the database cannot be read.
pub async fn leg_from(
    conn: &mut Conn,
    ticket: i64,
    number: Option<i64>,
    address: &str,
) -> Result<Option<i64>, StoreError> {
    let address = address.trim();
    if address.is_empty() {
        return Ok(None);
    }
    let legs = store::addressed_legs(conn, ticket).await?;
    let of_way = |settings: &str| {
        let values: BTreeMap<String, String> = serde_json::from_str(settings).unwrap_or_default();
        values.get("address").is_some_and(|known| known.eq_ignore_ascii_case(address))
    };
    let theirs = legs.iter().filter(|leg| {
        leg.unit_email.eq_ignore_ascii_case(address)
            || leg.agency_email.eq_ignore_ascii_case(address)
            || of_way(&leg.unit_way)
            || of_way(&leg.agency_way)
    });
    let theirs: Vec<_> = theirs.collect();
    let named = theirs.iter().find(|leg| Some(leg.number) == number).or(theirs.first());
    Ok(named.map(|leg| leg.leg_id))
}

/// The protocol number that a subject names (`Prot. n. 0012345/2026`), as bodies write it on certified mail.
pub fn protocol_number(subject: &str) -> Option<String> {
    let lower = subject.to_lowercase();
    let start = lower.find("prot")?;
    let rest: String = lower[start..].chars().take(60).collect();
    let digit = rest.find(|c: char| c.is_ascii_digit())?;
    // Between the word and its number stand only what announces a number.
    let between = rest[4..digit].trim_start_matches("ocollo");
    let announces = between
        .split(|c: char| !c.is_alphanumeric())
        .all(|w| matches!(w, "" | "n" | "nr" | "num" | "numero" | "gen" | "generale" | "informatico" | "int"));
    let number: String =
        rest[digit..].chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '/' | '-')).collect();
    let number = number.trim_end_matches(['/', '-']).to_uppercase();
    (announces && number.len() >= SHORTEST).then_some(number)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_protocol_number_is_read_from_the_subjects_of_bodies() {
        for (subject, number) in [
            ("Prot. N. 0012345/2026 - Riscontro", Some("0012345/2026")),
            ("Rif: richiesta [ABC-DEF-GHJ/1] Protocollo n° 4521 del 03/03/2026", Some("4521")),
            ("PROTOCOLLO GENERALE N.0000771", Some("0000771")),
            ("Protezione civile: 3 volontari", None),
            ("Re: protesta dei residenti in via Roma 15", None),
            ("Prot.", None),
        ] {
            assert_eq!(protocol_number(subject).as_deref(), number, "{subject}");
        }
    }

    proptest! {
        #[test]
        fn no_subject_stops_the_reader(subject in "\\PC{0,80}", before in "(?i)[a-zàèì .]{0,6}prot[\\PC]{0,20}") {
            drop(protocol_number(&subject));
            drop(protocol_number(&before));
        }

        #[test]
        fn each_spelling_of_a_code_folds_to_the_same(parts in proptest::collection::vec("[A-Z0-9]{1,4}", 2..5)) {
            let plain = parts.concat();
            prop_assume!(plain.len() >= SHORTEST);
            for joint in ["-", "/", " ", "."] {
                prop_assert_eq!(folded(&parts.join(joint).to_lowercase()), Some(plain.clone()));
            }
        }
    }
}
