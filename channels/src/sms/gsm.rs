//! The alphabet of GSM telephones (3GPP TS 23.038): 128 characters in seven bits, ten more behind an escape.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Announces a character of [`EXTENSION`].
pub const ESCAPE: u8 = 0x1B;

/// The default alphabet; a character's place is its code. The escape holds the place of itself.
const BASIC: [char; 128] = [
    '@', '£', '$', '¥', 'è', 'é', 'ù', 'ì', 'ò', 'Ç', '\n', 'Ø', 'ø', '\r', 'Å', 'å', 'Δ', '_', 'Φ', 'Γ', 'Λ', 'Ω',
    'Π', 'Ψ', 'Σ', 'Θ', 'Ξ', '\x1B', 'Æ', 'æ', 'ß', 'É', ' ', '!', '"', '#', '¤', '%', '&', '\'', '(', ')', '*', '+',
    ',', '-', '.', '/', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', ':', ';', '<', '=', '>', '?', '¡', 'A', 'B',
    'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O', 'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y',
    'Z', 'Ä', 'Ö', 'Ñ', 'Ü', '§', '¿', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', 'p',
    'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z', 'ä', 'ö', 'ñ', 'ü', 'à',
];

/// The extension table.
const EXTENSION: [(u8, char); 10] = [
    (0x0A, '\x0C'),
    (0x14, '^'),
    (0x28, '{'),
    (0x29, '}'),
    (0x2F, '\\'),
    (0x3C, '['),
    (0x3D, '~'),
    (0x3E, ']'),
    (0x40, '|'),
    (0x65, '€'),
];

/// The code of a character: one septet, or two with the escape first. `None` when the alphabet lacks it.
#[must_use]
pub fn septets(c: char) -> Option<Vec<u8>> {
    if c != '\x1B'
        && let Some(code) = BASIC.iter().position(|b| *b == c)
    {
        return u8::try_from(code).ok().map(|code| vec![code]);
    }
    EXTENSION.iter().find(|(_, e)| *e == c).map(|(code, _)| vec![ESCAPE, *code])
}

/// Whether the alphabet has every character of a text.
#[must_use]
pub fn covers(text: &str) -> bool {
    text.chars().all(|c| septets(c).is_some())
}

/// A text in septets, one a byte, as SMPP carries it; `None` when the alphabet lacks a character.
#[must_use]
pub fn encode(text: &str) -> Option<Vec<u8>> {
    text.chars().map(septets).collect::<Option<Vec<_>>>().map(|codes| codes.concat())
}

/// Reads septets, one a byte. A byte of eight bits shows that the sender writes in Latin 1 after all.
#[must_use]
pub fn decode(bytes: &[u8]) -> String {
    if bytes.iter().any(|b| *b > 0x7F) {
        return encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned();
    }
    let mut text = String::with_capacity(bytes.len());
    let mut codes = bytes.iter().copied();
    while let Some(code) = codes.next() {
        let basic = |code: u8| BASIC.get(usize::from(code)).copied();
        let read = match code {
            // An unknown extension is shown as the plain character of that place (TS 23.038, 6.2.1.1).
            ESCAPE => codes
                .next()
                .and_then(|code| EXTENSION.iter().find(|(e, _)| *e == code).map(|(_, c)| *c).or_else(|| basic(code))),
            code => basic(code),
        };
        text.extend(read.filter(|c| *c != '\x1B'));
    }
    text
}

/// The text with characters that the alphabet lacks replaced by others that a reader takes for the same:
/// `CITTÀ` becomes `CITTA'`, typographic quotes and dashes the plain ones, accents it does not know fall.
/// What has no such likeness stays.
#[must_use]
pub fn transliterate(text: &str) -> String {
    let composed: Vec<char> = text.nfc().collect();
    let mut out = String::with_capacity(text.len());
    for (at, &c) in composed.iter().enumerate() {
        let ends_word = composed.get(at + 1).is_none_or(|next| !next.is_alphabetic());
        match c {
            _ if septets(c).is_some() => out.push(c),
            'À' | 'È' | 'Ì' | 'Ò' | 'Ù' => {
                out.extend(c.nfd().next());
                if ends_word {
                    out.push('\'');
                }
            }
            '’' | '‘' | '‚' | 'ʼ' | '′' | '`' | '´' => out.push('\''),
            '“' | '”' | '„' | '«' | '»' | '″' => out.push('"'),
            '‐' | '‑' | '‒' | '–' | '—' | '−' => out.push('-'),
            '•' | '·' => out.push('*'),
            '\t' | '\u{a0}' | '\u{2002}'..='\u{200a}' | '\u{202f}' | '\u{3000}' => out.push(' '),
            '\u{200b}'..='\u{200f}' | '\u{feff}' | '\u{ad}' => {}
            '\u{2028}' | '\u{2029}' => out.push('\n'),
            '…' => out.push_str("..."),
            'œ' => out.push_str("oe"),
            'Œ' => out.push_str("OE"),
            '°' | 'º' => out.push('o'),
            'ª' => out.push('a'),
            '×' => out.push('x'),
            '©' => out.push_str("(c)"),
            '®' => out.push_str("(R)"),
            '™' => out.push_str("(TM)"),
            _ => {
                let bare: String = c.nfkd().filter(|d| !is_combining_mark(*d)).collect();
                if !bare.is_empty() && covers(&bare) { out.push_str(&bare) } else { out.push(c) }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_alphabet_is_the_one_of_the_standard() {
        assert_eq!(encode("@£èéàÉ Aa"), Some(vec![0x00, 0x01, 0x04, 0x05, 0x7F, 0x1F, 0x20, 0x41, 0x61]));
        assert_eq!(encode("€[]{}\\~^|"), Some(b"\x1Be\x1B<\x1B>\x1B(\x1B)\x1B/\x1B=\x1B\x14\x1B@".to_vec()));
        assert_eq!(encode("È"), None);
        assert_eq!(encode("\x1B"), None, "the escape is no character");
        assert_eq!(decode(&[0x1B, 0x41, 0x1B]), "A", "unknown extension, then an escape with nothing behind");
        assert_eq!(decode("Perché".as_bytes().split_at(5).0), "Perch");
        assert_eq!(decode(b"citt\xE0"), "città", "eight bits are Latin 1");
    }

    #[test]
    fn what_the_alphabet_lacks_is_written_as_people_do_without_it() {
        for (text, plain) in [
            ("L’UNITÀ È “CHIUSA”…", "L'UNITA' E' \"CHIUSA\"..."),
            ("Àngel à Malmö – ça va, María?", "Angel à Malmö - ca va, Maria?"),
            ("citta\u{300}", "città"),
            ("n° 5\u{a0}€", "no 5 €"),
            ("ﬁne", "fine"),
            ("😀", "😀"),
            ("привет", "привет"),
        ] {
            assert_eq!(transliterate(text), plain);
        }
    }

    proptest! {
        #[test]
        fn what_can_be_written_is_read_again(text in "[ -~àèéìòùÀÈÉÇ€£¥ΔΦΩ\n]{0,200}") {
            match encode(&text) {
                Some(bytes) => prop_assert_eq!(decode(&bytes), text),
                None => prop_assert!(!covers(&text)),
            }
        }

        #[test]
        fn any_bytes_are_some_text(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            prop_assert!(decode(&bytes).chars().count() <= bytes.len());
        }

        #[test]
        fn a_transliteration_is_settled_after_one_time(text in ".{0,80}") {
            let once = transliterate(&text);
            prop_assert!(once.len() <= text.len() * 8 + 8);
            if covers(&once) {
                prop_assert_eq!(transliterate(&once), once);
            }
        }
    }
}
