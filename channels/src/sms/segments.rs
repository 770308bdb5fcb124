//! How a text is cut into messages: which alphabet, how many, and where.

use super::gsm;

/// The alphabet in which a text travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// The alphabet of GSM: 160 places in one message, 153 in each of several.
    Gsm7,
    /// UCS-2, with surrogates for what lies beyond it: 70 places, 67 in each of several.
    Ucs2,
}

impl Encoding {
    /// Places in a message that stands alone.
    #[must_use]
    pub const fn alone(self) -> usize {
        match self {
            Self::Gsm7 => 160,
            Self::Ucs2 => 70,
        }
    }

    /// Places in each of several messages, which lose some to the header that joins them.
    #[must_use]
    pub const fn joined(self) -> usize {
        match self {
            Self::Gsm7 => 153,
            Self::Ucs2 => 67,
        }
    }

    /// Stable name, for composers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gsm7 => "gsm7",
            Self::Ucs2 => "ucs2",
        }
    }
}

/// What a composer tells the writer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// The alphabet it will travel in.
    pub encoding: Encoding,
    /// Places it takes: the euro sign and brackets take two of GSM, an emoji two of UCS-2.
    pub characters: usize,
    /// Messages it will be paid as; none when it is empty.
    pub segments: usize,
    /// Places left before one more message begins.
    pub remaining: usize,
}

/// A text ready to travel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// What the recipient will read.
    pub text: String,
    /// Its alphabet.
    pub encoding: Encoding,
    /// Its bytes as SMPP carries them, cut; no character lies across a cut.
    pub segments: Vec<Vec<u8>>,
}

/// Counts a text exactly as it will be sent.
#[must_use]
pub fn count(text: &str) -> Count {
    let Prepared { encoding, segments, .. } = prepare(text);
    let bytes_per_place = match encoding {
        Encoding::Gsm7 => 1,
        Encoding::Ucs2 => 2,
    };
    let places = |segment: &Vec<u8>| segment.len() / bytes_per_place;
    let most = if segments.len() > 1 { encoding.joined() } else { encoding.alone() };
    Count {
        encoding,
        characters: segments.iter().map(places).sum(),
        segments: segments.len(),
        remaining: most - segments.last().map_or(0, places),
    }
}

/// Chooses the alphabet and cuts. UCS-2, which more than halves the room, is chosen only when the GSM alphabet
/// lacks a character that nothing likewise can stand for; then the text goes as it was written.
#[must_use]
pub fn prepare(text: &str) -> Prepared {
    let text = text.replace("\r\n", "\n");
    let plain = gsm::transliterate(&text);
    let (encoding, text) = if gsm::covers(&plain) { (Encoding::Gsm7, plain) } else { (Encoding::Ucs2, text) };
    let segments = cut(&text, encoding);
    Prepared { text, encoding, segments }
}

/// The text in UCS-2, for a provider that cannot read it otherwise.
pub(crate) fn in_ucs2(text: String) -> Prepared {
    let segments = cut(&text, Encoding::Ucs2);
    Prepared { text, encoding: Encoding::Ucs2, segments }
}

fn cut(text: &str, encoding: Encoding) -> Vec<Vec<u8>> {
    let code = |c: char| match encoding {
        Encoding::Gsm7 => gsm::septets(c).unwrap_or_default(),
        Encoding::Ucs2 => c.encode_utf16(&mut [0; 2]).iter().flat_map(|unit| unit.to_be_bytes()).collect(),
    };
    let codes: Vec<Vec<u8>> = text.chars().map(code).collect();
    let bytes = |places: usize| match encoding {
        Encoding::Gsm7 => places,
        Encoding::Ucs2 => places * 2,
    };
    let whole = codes.concat();
    if whole.is_empty() {
        return Vec::new();
    }
    if whole.len() <= bytes(encoding.alone()) {
        return vec![whole];
    }
    let most = bytes(encoding.joined());
    let mut segments = vec![Vec::with_capacity(most)];
    for code in codes {
        match segments.last_mut() {
            Some(last) if last.len() + code.len() <= most => last.extend(code),
            _ => segments.push(code),
        }
    }
    segments
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn counted(text: &str) -> (Encoding, usize, usize, usize) {
        let c = count(text);
        (c.encoding, c.characters, c.segments, c.remaining)
    }

    #[test]
    fn each_alphabet_has_its_limits() {
        use Encoding::{Gsm7, Ucs2};
        assert_eq!(counted(""), (Gsm7, 0, 0, 160));
        assert_eq!(counted(&"a".repeat(160)), (Gsm7, 160, 1, 0));
        assert_eq!(counted(&"à".repeat(161)), (Gsm7, 161, 2, 145));
        assert_eq!(counted(&"€".repeat(80)), (Gsm7, 160, 1, 0));
        assert_eq!(counted(&"ю".repeat(70)), (Ucs2, 70, 1, 0));
        assert_eq!(counted(&"ю".repeat(71)), (Ucs2, 71, 2, 63));
        assert_eq!(counted("È aperto? “Sì”"), (Gsm7, 15, 1, 145), "no capital accent costs half the room");
        assert_eq!(counted("È aperto 😀"), (Ucs2, 11, 1, 59));
    }

    #[test]
    fn no_character_lies_across_a_cut() {
        let text = format!("{}€{}", "a".repeat(152), "b".repeat(100));
        let prepared = prepare(&text);
        assert_eq!(prepared.segments.iter().map(Vec::len).collect::<Vec<_>>(), [152, 102]);
        let text = format!("{}😀{}", "ю".repeat(66), "b".repeat(20));
        assert_eq!(prepare(&text).segments.iter().map(Vec::len).collect::<Vec<_>>(), [132, 44]);
    }

    proptest! {
        #[test]
        fn segments_hold_the_whole_text(text in "[ -~àÀ€😀ю’]{0,500}") {
            let prepared = prepare(&text);
            let read: String = prepared.segments.iter().map(|s| match prepared.encoding {
                Encoding::Gsm7 => gsm::decode(s),
                Encoding::Ucs2 => encoding_rs::UTF_16BE.decode_without_bom_handling(s).0.into_owned(),
            }).collect();
            prop_assert_eq!(&read, &prepared.text);
            prop_assert!(prepared.segments.len() < 2 || prepared.segments.iter().all(|s| s.len() <= 153));
        }
    }
}
