//! Telephone numbers as providers write them, brought into one form.

/// The number in E.164 (`+393331234567`) when it can only be meant so, else as it came, trimmed: short codes and
/// names of senders are no numbers of the world. `country` is the prefix of numbers written without any.
#[must_use]
pub fn normal_form(raw: &str, country: &str) -> String {
    let raw = raw.trim();
    let bare: String = raw.chars().filter(|c| !matches!(c, ' ' | '-' | '.' | '(' | ')' | '/')).collect();
    let (plus, digits) = match bare.strip_prefix('+').or_else(|| bare.strip_prefix("00")) {
        Some(rest) => (true, rest),
        None => (false, bare.as_str()),
    };
    let international = match digits.len() {
        _ if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) => None,
        8..=15 if plus => Some(digits.to_owned()),
        11..=15 => Some(digits.to_owned()),
        // With a country's prefix numbers are longer than this.
        7..=10 if !plus && !country.is_empty() => Some(format!("{country}{digits}")),
        _ => None,
    };
    international.map_or_else(|| raw.to_owned(), |number| format!("+{number}"))
}

/// Whether it is a number that can be answered.
#[must_use]
pub fn is_number(address: &str) -> bool {
    let digits = address.strip_prefix('+').unwrap_or(address);
    digits.len() >= 3 && digits.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_one_form_however_it_is_written() {
        for raw in ["+39 333 1234567", "0039-333-1234567", "393331234567", "333 1234567", " 333.123.4567 "] {
            assert_eq!(normal_form(raw, "39"), "+393331234567", "{raw}");
        }
        assert_eq!(normal_form("06 1234567", "39"), "+39061234567", "landlines keep their zero");
        assert_eq!(normal_form("447911123456", "39"), "+447911123456");
        for raw in ["48555", "INPS", "800", "", "+1", "chi-ama", "1234567890123456"] {
            assert_eq!(normal_form(raw, "39"), raw);
        }
        assert!(is_number("+393331234567") && is_number("48555"));
        assert!(!is_number("INPS") && !is_number("+") && !is_number(""));
    }

    proptest::proptest! {
        #[test]
        fn the_normal_form_is_its_own_normal_form(raw in ".{0,30}") {
            let once = normal_form(&raw, "39");
            proptest::prop_assert_eq!(normal_form(&once, "39"), once);
        }
    }
}
