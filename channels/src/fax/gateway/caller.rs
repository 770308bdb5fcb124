//! Who called and how much came, as a fax-to-mail gateway writes it in subject and sender.

/// How gateways name the caller when the account says nothing else. `{number}` is the number; letters count in
/// either case. They are tried in this order, so the more exact come first.
pub(super) const USUAL: &[&str] = &[
    "fax dal numero {number}",
    "mittente: {number}",
    "callerid: {number}",
    "caller id: {number}",
    "cli: {number}",
    "from: {number}",
    "dal numero {number}",
    "dal {number}",
    "da: {number}",
    "da {number}",
    "from {number}",
    "von {number}",
    "numero {number}",
    "number {number}",
    "fax {number}",
];
const NUMBER: &str = "{number}";
/// Words before or after a count of pages.
const PAGES: [&str; 4] = ["page", "pagin", "pag.", "seite"];
/// Words by which a gateway says that the transmission broke off.
const PARTIAL: [&str; 8] =
    ["partial", "incomplet", "parzial", "interrott", "unvollst", "interrupted", "not complete", "non complet"];

/// The number after a pattern in a subject, or the one that a sender's address or name consists of.
pub(super) fn number(subject: &str, patterns: &[String], sender: Option<(&str, Option<&str>)>) -> Option<String> {
    let by_pattern = patterns.iter().find_map(|pattern| after(subject, pattern));
    by_pattern.or_else(|| {
        let (address, name) = sender?;
        let local = address.split('@').next().unwrap_or_default();
        let local = local.strip_prefix("fax").unwrap_or(local).trim_start_matches(['=', '-', '.', '_']);
        whole(local).or_else(|| whole(name?))
    })
}

/// The number where a pattern has it; words around it must be there too.
fn after(text: &str, pattern: &str) -> Option<String> {
    let (before, behind) = pattern.split_once(NUMBER)?;
    let (lower, before) = (text.to_ascii_lowercase(), before.to_ascii_lowercase());
    let behind = behind.trim().to_ascii_lowercase();
    for (place, _) in lower.match_indices(before.as_str()) {
        // A word, and not the end of another: «da» is also in «agenda».
        let alone = lower[..place].chars().next_back().is_none_or(|c| !c.is_alphanumeric());
        let rest = &text[place + before.len()..];
        let start = rest.trim_start_matches(|c: char| c.is_whitespace() || "\"'<«:".contains(c));
        let Some((number, length)) = leading(start) else { continue };
        let tail = start.get(length..).unwrap_or_default().to_ascii_lowercase();
        if alone && tail.trim_start().starts_with(&behind) {
            return Some(number);
        }
    }
    None
}

/// A text that is a number and nothing else.
fn whole(text: &str) -> Option<String> {
    let (number, length) = leading(text.trim())?;
    (length == text.trim().len()).then_some(number)
}

/// The telephone number at the beginning of a text, and how many bytes it takes there. Between digits stands one
/// sign at most: what follows two («123 - 3 pages») is something else.
fn leading(text: &str) -> Option<(String, usize)> {
    let mut number = String::new();
    let (mut end, mut signs) = (0, 0);
    for (place, c) in text.char_indices() {
        match c {
            '+' if number.is_empty() => number.push('+'),
            '0'..='9' => {
                number.push(c);
                (end, signs) = (place + 1, 0);
            }
            // A prefix may stand in brackets; what stands in them behind a whole number is something else.
            '(' if number.trim_start_matches('+').len() < 4 => {}
            ')' if !number.is_empty() && text[..place].contains('(') => signs = 0,
            ' ' | '-' | '.' | '/' if signs == 0 => signs += 1,
            _ => break,
        }
    }
    let followed = text[end..].chars().next().is_some_and(char::is_alphabetic);
    let digits = number.trim_start_matches('+').len();
    ((5..=20).contains(&digits) && !followed).then_some((number, end))
}

/// How many pages a subject or a line of the mail speaks of.
pub(super) fn pages(text: &str) -> Option<usize> {
    let lower = text.to_ascii_lowercase();
    PAGES.iter().find_map(|word| {
        let place = lower.find(word)?;
        let before = lower[..place].trim_end_matches([' ', '(', ':']);
        let digits = before.len() - before.trim_end_matches(|c: char| c.is_ascii_digit()).len();
        let count = &before[before.len() - digits..];
        let behind = lower[place..].trim_start_matches(|c: char| c.is_alphabetic() || ".()".contains(c));
        let behind = behind.trim_start_matches([':', '=', ' ']);
        let later: String = behind.chars().take_while(char::is_ascii_digit).collect();
        [count, later.as_str()].iter().find_map(|n| n.parse().ok().filter(|n| (1..=5000).contains(n)))
    })
}

/// Whether a text says that not all of the fax came.
pub(super) fn is_partial(text: &str) -> bool {
    let lower = text.to_lowercase();
    PARTIAL.iter().any(|word| lower.contains(word))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn usual() -> Vec<String> {
        USUAL.iter().map(|p| (*p).to_owned()).collect()
    }

    #[test]
    fn gateways_write_the_number_in_many_ways() {
        for (subject, expected) in [
            ("eFax from 39 0862 123456 - 3 page(s)", Some("390862123456")),
            ("eFax message from \"39-0862-123456\" - 2 page(s), Caller-ID: 39-0862-123456", Some("390862123456")),
            ("Fax dal numero 0862123456 (2 pagine)", Some("0862123456")),
            ("Nuovo fax da: +39 0862 123456", Some("+390862123456")),
            ("Hai ricevuto un FAX da 0862/123456", Some("0862123456")),
            ("New Fax Message from (650) 555-0100 on 2/3/2026", Some("6505550100")),
            ("Fax von 0862123456 (3 Seiten)", Some("0862123456")),
            ("Received fax 0862123456.pdf", Some("0862123456")),
            ("Agenda 12345678 del mese", None),
            ("Fax da numero sconosciuto", None),
            ("Fax da 12 persone", None),
        ] {
            assert_eq!(number(subject, &usual(), None).as_deref(), expected, "{subject}");
        }
        let from = |address, name| number("Nuovo documento", &usual(), Some((address, name)));
        assert_eq!(from("+390862123456@fax.example", None).as_deref(), Some("+390862123456"));
        assert_eq!(from("fax-0862123456@gw.example", None).as_deref(), Some("0862123456"));
        assert_eq!(from("noreply@gw.example", Some("0862 123456")).as_deref(), Some("0862123456"));
        assert_eq!(from("studio1234@gw.example", Some("Studio 12345678")), None);
        let own = vec!["Telefax [{number}] per il Comune".to_owned()];
        assert_eq!(number("TELEFAX [0862123456] per il comune", &own, None).as_deref(), Some("0862123456"));
        assert_eq!(number("Telefax [0862123456] per la scuola", &own, None), None, "the words behind it count too");
    }

    #[test]
    fn pages_and_breaks_are_told() {
        assert_eq!(pages("eFax from 39 0862 123456 - 3 page(s)"), Some(3));
        assert_eq!(pages("Fax da 0862123456, pagine: 12"), Some(12));
        assert_eq!(pages("Fax von 0862123456 (3 Seiten)"), Some(3));
        assert_eq!(pages("Nuovo fax"), None);
        assert!(is_partial("Fax INCOMPLETO da 0862123456") && !is_partial("Fax da 0862123456"));
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_harm(subject in "\\PC{0,200}", pattern in "\\PC{0,20}", name in "\\PC{0,40}") {
            let patterns = [vec![pattern.clone(), format!("{pattern}{{number}}{pattern}")], usual()].concat();
            if let Some(found) = number(&subject, &patterns, Some((&name, Some(&name)))) {
                prop_assert!(found.trim_start_matches('+').chars().all(|c| c.is_ascii_digit()));
                prop_assert!((5..=21).contains(&found.len()));
            }
            prop_assert!(pages(&subject).is_none_or(|n| n <= 5000));
            is_partial(&subject);
        }
    }
}
