//! Keywords of categories in what a citizen wrote.

/// Words in lower case.
pub fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_lowercase).collect()
}

/// How many of some keywords a text has, each a word or several that follow each other.
pub fn mentioned(text: &[String], keywords: &[String]) -> usize {
    let has = |keyword: &String| {
        let wanted = words(keyword);
        !wanted.is_empty() && text.windows(wanted.len()).any(|some| some == wanted.as_slice())
    };
    keywords.iter().filter(|keyword| has(keyword)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_keyword_is_a_whole_word_or_several_in_a_row() {
        let text = words("C’è una Buca in via Roma, davanti al passo carrabile.");
        let of = |keywords: &[&str]| mentioned(&text, &keywords.iter().map(|k| (*k).to_owned()).collect::<Vec<_>>());
        assert_eq!(of(&["buca", "passo carrabile", "asfalto"]), 2);
        assert_eq!(of(&["buc", "carrabile passo", ""]), 0, "neither parts of words nor another order");
    }
}
