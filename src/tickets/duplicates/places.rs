//! Streets and squares that an Italian text names. An address is never asked for in a form of its own, so that
//! free text is always enough; this only recognises that two texts mean the same street.
use std::collections::BTreeMap;

/// What streets are called, in all their spellings, with one spelling of each.
const KINDS: [(&str, &str); 23] = [
    ("via", "via"),
    ("v.le", "viale"),
    ("viale", "viale"),
    ("piazza", "piazza"),
    ("p.zza", "piazza"),
    ("p.za", "piazza"),
    ("piazzale", "piazzale"),
    ("p.le", "piazzale"),
    ("piazzetta", "piazzetta"),
    ("corso", "corso"),
    ("c.so", "corso"),
    ("largo", "largo"),
    ("l.go", "largo"),
    ("vicolo", "vicolo"),
    ("vic.", "vicolo"),
    ("strada", "strada"),
    ("contrada", "contrada"),
    ("c.da", "contrada"),
    ("frazione", "frazione"),
    ("fraz.", "frazione"),
    ("località", "località"),
    ("loc.", "località"),
    ("borgo", "borgo"),
];

/// Words that stand inside of a name and are written small.
const INSIDE: [&str; 16] = [
    "di", "de", "del", "dei", "degli", "della", "delle", "dello", "da", "dal", "san", "santa", "al", "alla", "e", "la",
];

/// Most words of a name.
const WORDS: usize = 5;

/// The places that a text names: in one spelling, and as it was written.
pub fn places(text: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let words: Vec<&str> = text.split_whitespace().collect();
    for (at, word) in words.iter().enumerate() {
        let bare = word.trim_start_matches(|c: char| !c.is_alphanumeric());
        let lower = bare.to_lowercase();
        let Some((_, kind)) = KINDS.iter().find(|(name, _)| *name == lower) else { continue };
        let Some(name) = name_of(words.get(at + 1..).unwrap_or_default()) else { continue };
        let key = format!("{kind} {}", name.join(" ").to_lowercase());
        found.entry(key).or_insert_with(|| format!("{bare} {}", name.join(" ")));
    }
    found
}

/// The words of a name: those that begin with a capital, and small ones between them.
fn name_of<'a>(words: &[&'a str]) -> Option<Vec<&'a str>> {
    let mut name: Vec<&str> = Vec::new();
    for word in words.iter().take(WORDS) {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        let capital = bare.chars().next().is_some_and(char::is_uppercase);
        let inside = INSIDE.contains(&bare.to_lowercase().as_str());
        if bare.is_empty() || !(capital || inside) {
            break;
        }
        name.push(bare);
        // Punctuation ends a name: what follows begins something else.
        if word.ends_with([',', '.', ';', ':', '!', '?', ')']) {
            break;
        }
    }
    while name.last().is_some_and(|last| last.chars().next().is_some_and(char::is_lowercase)) {
        name.pop();
    }
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn keys(text: &str) -> Vec<String> {
        places(text).into_keys().collect()
    }

    #[test]
    fn a_street_is_the_same_in_every_spelling() {
        assert_eq!(keys("In P.zza Garibaldi, al 3, è buio"), ["piazza garibaldi"]);
        assert_eq!(keys("la piazza Garibaldi è al buio"), ["piazza garibaldi"]);
        assert_eq!(keys("Lampione rotto in V.le dei Mille 12"), ["viale dei mille"]);
        assert_eq!(keys("(via XX Settembre)"), ["via xx settembre"]);
    }

    #[test]
    fn what_only_sounds_like_a_street_names_no_place() {
        assert!(keys("Vi scrivo per via del rumore").is_empty(), "nobody's name follows");
        assert!(keys("la strada è rotta e la via").is_empty());
    }

    #[test]
    fn several_places_are_all_found() {
        assert_eq!(keys("Da via Roma fino a corso Italia."), ["corso italia", "via roma"]);
    }

    proptest! {
        #[test]
        fn no_text_is_too_strange(text: String) {
            for (key, written) in places(&text) {
                prop_assert!(key.split(' ').count() <= WORDS + 1);
                prop_assert!(!written.is_empty());
            }
        }

        #[test]
        fn a_name_is_found_whatever_stands_around(before in "[a-z ,.]{0,20}", name in "[A-Z][a-z]{3,9}", after in "[a-z ]{0,20}") {
            let text = format!("{before} via {name}, {after}");
            let wanted = format!("via {}", name.to_lowercase());
            prop_assert!(places(&text).contains_key(&wanted), "{text}");
        }
    }
}
