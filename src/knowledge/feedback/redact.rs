//! Takes out of a comment what obviously names a person: mail addresses, telephone and card numbers, fiscal codes,
//! bank accounts. Dates, amounts and opening hours stay. Pure.

/// What stands in the place of what was taken out.
pub const TAKEN_OUT: &str = "[…]";

/// Fewest digits of a telephone number.
const PHONE_DIGITS: usize = 8;
/// From so many digits on, a number is a card or an account whatever it begins with.
const LONG_NUMBER: usize = 13;

/// A comment without what obviously names a person.
pub fn without_personal_data(text: &str) -> String {
    // Once more at the end: a number glued to a code hides it.
    without_words(&without_numbers(&without_words(text)))
}

fn without_words(text: &str) -> String {
    let words = text.split_whitespace().map(|word| if names_somebody(word) { TAKEN_OUT } else { word });
    words.collect::<Vec<_>>().join(" ")
}

fn names_somebody(word: &str) -> bool {
    let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
    is_address(bare) || is_fiscal_code(bare) || is_iban(bare)
}

fn is_address(word: &str) -> bool {
    word.split_once('@').is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.'))
}

/// Six letters, then digits and letters as DM 345/1976 orders them; letters may stand for digits there.
fn is_fiscal_code(word: &str) -> bool {
    let is_digit = |c: u8| c.is_ascii_digit() || b"LMNPQRSTUV".contains(&c.to_ascii_uppercase());
    let fits = |(place, c): (usize, u8)| match place {
        6 | 7 | 9 | 10 | 12..=14 => is_digit(c),
        _ => c.is_ascii_alphabetic(),
    };
    word.len() == 16 && word.bytes().any(|c| c.is_ascii_digit()) && word.bytes().enumerate().all(fits)
}

fn is_iban(word: &str) -> bool {
    let bytes = word.as_bytes();
    (15..=34).contains(&bytes.len())
        && bytes.iter().all(u8::is_ascii_alphanumeric)
        && bytes[..2].iter().all(u8::is_ascii_alphabetic)
        && bytes[2..4].iter().all(u8::is_ascii_digit)
        && bytes[4..].iter().filter(|c| c.is_ascii_digit()).count() >= 10
}

/// Replaces the runs of digits, with the marks that people write between them, that are telephones or longer.
fn without_numbers(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit() || c == '+') {
        let (before, from) = rest.split_at(start);
        kept.push_str(before);
        let is_part = |c: char| c.is_ascii_digit() || matches!(c, '+' | ' ' | '.' | '-' | '/' | '(' | ')');
        let run = &from[..from.find(|c| !is_part(c)).unwrap_or(from.len())];
        let number = run.trim_end_matches(|c: char| !c.is_ascii_digit());
        // A lone sign is a run without digits: it is passed over as it stands.
        let taken = if number.is_empty() { run.len() } else { number.len() };
        kept.push_str(if is_telephone(number) { TAKEN_OUT } else { &from[..taken] });
        rest = &from[taken..];
    }
    kept.push_str(rest);
    kept
}

fn is_telephone(number: &str) -> bool {
    let groups: Vec<&str> = number.split(|c: char| !c.is_ascii_digit()).filter(|g| !g.is_empty()).collect();
    let digits: usize = groups.iter().map(|g| g.len()).sum();
    if digits >= LONG_NUMBER {
        return true;
    }
    let dialled = number.starts_with(['+', '0', '3', '8']);
    let is_date = groups.len() == 3 && !number.contains(' ') && groups[0].len() <= 2 && groups[1].len() <= 2;
    // «08.30-12.30» has only pairs; a telephone in pairs has five of them.
    let is_hours = groups.iter().all(|g| g.len() <= 2) && groups.len() < 5;
    digits >= PHONE_DIGITS && dialled && !is_date && !is_hours
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses_and_numbers_of_persons_are_taken_out() {
        for (said, kept) in [
            ("Scrivetemi a anna.neri@example.it, grazie", "Scrivetemi a […] grazie"),
            ("il mio numero è 333 123 4567.", "il mio numero è […]."),
            ("chiamate lo +39 0862 1234567 o 0862/123456", "chiamate lo […] o […]"),
            ("RSSMRA80A01H501U non funziona", "[…] non funziona"),
            ("IBAN IT60X0542811101000000123456", "IBAN […]"),
            ("carta 5333 1710 2345 6789", "carta […]"),
            ("06 12 34 56 78", "[…]"),
        ] {
            assert_eq!(without_personal_data(said), kept);
        }
    }

    #[test]
    fn what_the_comment_is_about_stays() {
        for said in [
            "Il 03/05/2026 lo sportello era chiuso",
            "orario 08.30-12.30 sbagliato",
            "22,21 euro e non 16,79",
            "art. 43 del DPR 445/2000",
            "a + b = 5+",
            "il modulo A38 non si apre",
        ] {
            assert_eq!(without_personal_data(said), said);
        }
    }

    proptest! {
        #[test]
        fn any_comment_can_be_read(text: String) {
            let once = without_personal_data(&text);
            prop_assert_eq!(without_personal_data(&once), once);
        }
    }
}
