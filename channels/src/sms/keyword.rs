//! The words by which people steer what they are sent.

use crate::Keyword;

const WORDS: &[(Keyword, &[&str])] = &[
    (
        Keyword::Stop,
        &[
            "STOP",
            "STOPALL",
            "STOP ALL",
            "STOP SMS",
            "STOP TUTTI",
            "BASTA",
            "BASTA SMS",
            "CANCELLA",
            "CANCELLAMI",
            "CANCELLATEMI",
            "CANCELLAZIONE",
            "DISISCRIVI",
            "DISISCRIVIMI",
            "DISATTIVA",
            "REVOCA",
            "UNSUBSCRIBE",
            "CANCEL",
            "END",
            "QUIT",
            "REVOKE",
            "OPTOUT",
            "OPT OUT",
        ],
    ),
    (Keyword::Start, &["START", "UNSTOP", "SUBSCRIBE", "ISCRIVI", "ISCRIVIMI", "ATTIVA", "RIATTIVA"]),
    (Keyword::Help, &["HELP", "INFO", "AIUTO"]),
];

/// The word that a text consists of. A sentence that only contains one is a message like any other.
#[must_use]
pub fn keyword(text: &str) -> Option<Keyword> {
    if text.len() > 60 {
        return None;
    }
    let words: Vec<String> =
        text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_uppercase).collect();
    let said = words.join(" ");
    WORDS.iter().find(|(_, words)| words.contains(&said.as_str())).map(|(keyword, _)| *keyword)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_word_alone_counts() {
        for text in ["STOP", " stop.", "Basta!", "«CANCELLA»", "opt-out"] {
            assert_eq!(keyword(text), Some(Keyword::Stop), "{text}");
        }
        assert_eq!(keyword("Riattiva"), Some(Keyword::Start));
        assert_eq!(keyword("info?"), Some(Keyword::Help));
        for text in ["", "!", "Basta buche in via Roma", "cancella la prenotazione", "si"] {
            assert_eq!(keyword(text), None, "{text}");
        }
    }
}
