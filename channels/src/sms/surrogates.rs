//! UTF-16 that a telephone cut without looking: the halves of a character may lie in two parts.

use crate::Part;

/// Reads a part in UTF-16; what is half a character at its ends goes with the part, for [`super::join`].
pub(crate) fn decode_part(bytes: &[u8], (reference, total, sequence): (u16, u8, u8)) -> (String, Option<Part>) {
    let mut units: Vec<u16> = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
    let opens_with = units.first().copied().filter(|unit| (0xDC00..0xE000).contains(unit));
    if opens_with.is_some() {
        units.remove(0);
    }
    let ends_with = units.last().copied().filter(|unit| (0xD800..0xDC00).contains(unit));
    if ends_with.is_some() {
        units.pop();
    }
    let part = Part { reference, total, sequence, opens_with, ends_with };
    (String::from_utf16_lossy(&units), Some(part))
}

/// A part in any other charset.
pub(crate) fn decode_part_plain(text: String, (reference, total, sequence): (u16, u8, u8)) -> (String, Option<Part>) {
    (text, Some(Part { reference, total, sequence, opens_with: None, ends_with: None }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_of_a_character_are_kept_apart() {
        let (text, part) = decode_part(&[0xDE, 0x00, 0x00, 0x41, 0xD8, 0x3D], (1, 3, 2));
        assert_eq!(
            (text.as_str(), part.map(|p| (p.opens_with, p.ends_with))),
            ("A", Some((Some(0xDE00), Some(0xD83D))))
        );
        assert_eq!(decode_part(&[0x00], (1, 2, 1)).0, "");
    }
}
