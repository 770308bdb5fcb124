//! What a Kannel gateway tells of texts that came: one request for each part, with the values of its `%`-words.

use percent_encoding::{NON_ALPHANUMERIC, percent_encode};

use crate::Secret;
use crate::sms::kannel::KEY;
use crate::sms::{Encoding, gsm, prepare, udh};

/// A text of a citizen.
#[derive(Debug, Clone)]
pub struct Text<'a> {
    /// Who wrote.
    pub from: &'a str,
    /// To which number of ours.
    pub to: &'a str,
    /// Kannel's name for it; its parts add their place.
    pub id: &'a str,
    /// When the network took it, in seconds since 1970.
    pub at: i64,
    /// The words.
    pub words: &'a str,
    /// Says which parts belong together.
    pub reference: u8,
}

/// One request to the hook of the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What follows `…/in?`.
    pub query: String,
    /// The body: the words of the part.
    pub body: Vec<u8>,
}

/// The requests for a text: as many as the network cuts it into.
#[must_use]
pub fn requests(text: &Text<'_>, password: &Secret) -> Vec<Part> {
    let cut = prepare(text.words);
    let total = u8::try_from(cut.segments.len()).unwrap_or(u8::MAX);
    let parts = (1..=total).zip(&cut.segments);
    parts
        .map(|(place, segment)| {
            let (charset, coding, body) = match cut.encoding {
                Encoding::Gsm7 => ("UTF-8", "0", gsm::decode(segment).into_bytes()),
                Encoding::Ucs2 => ("UTF-16BE", "2", segment.clone()),
            };
            let joined = total > 1;
            let header = if joined { udh::header(text.reference, total, place).to_vec() } else { Vec::new() };
            let id = if joined { format!("{}-{place}", text.id) } else { text.id.to_owned() };
            let at = text.at.to_string();
            let pairs: [(&str, &[u8]); 8] = [
                (KEY, password.expose().as_bytes()),
                ("from", text.from.as_bytes()),
                ("to", text.to.as_bytes()),
                ("id", id.as_bytes()),
                ("at", at.as_bytes()),
                ("charset", charset.as_bytes()),
                ("coding", coding.as_bytes()),
                ("udh", &header),
            ];
            let pair = |(name, value): &(&str, &[u8])| format!("{name}={}", percent_encode(value, NON_ALPHANUMERIC));
            Part { query: pairs.iter().map(pair).collect::<Vec<_>>().join("&"), body }
        })
        .collect()
}

/// The address of a report with its `%`-words filled in, as Kannel calls it.
#[must_use]
pub fn report(dlr_url: &str, status: u8, to: &str, answer: &str, at: i64) -> String {
    let written = |text: &str| percent_encode(text.as_bytes(), NON_ALPHANUMERIC).to_string();
    let words = [("%d", status.to_string()), ("%p", written(to)), ("%F", String::new()), ("%A", written(answer))];
    let filled = words.iter().fold(dlr_url.to_owned(), |url, (word, value)| url.replace(word, value));
    filled.replace("%T", &at.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_comes_in_parts_of_one_reference() {
        let words = "Segnalo una buca in via Roma. ".repeat(12);
        let text = Text { from: "+393991234567", to: "800123", id: "k1", at: 7, words: &words, reference: 9 };
        let parts = requests(&text, &"parola".into());
        assert_eq!(parts.len(), 3);
        assert!(parts[1].query.contains("udh=%05%00%03%09%03%02"), "{}", parts[1].query);
        let joined: String = parts.iter().map(|p| String::from_utf8_lossy(&p.body).into_owned()).collect();
        assert_eq!(joined, words);
        let short = requests(&Text { words: "Grazie", ..text }, &"parola".into());
        assert!(short.len() == 1 && short[0].query.ends_with("udh="), "{short:?}");
    }

    #[test]
    fn a_report_fills_in_what_was_left_open() {
        let url = "http://h/hooks/sms/dlr?id=a&seal=b&status=%d&to=%p&ref=%F&answer=%A&at=%T";
        let filled = report(url, 1, "+39399", "", 12);
        assert_eq!(filled, "http://h/hooks/sms/dlr?id=a&seal=b&status=1&to=%2B39399&ref=&answer=&at=12");
    }
}
