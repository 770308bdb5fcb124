//! The header at the beginning of a text that is part of a longer one (3GPP TS 23.040, 9.2.3.24).

/// Reference, number of parts and place of this one, from a header without its length byte.
#[must_use]
pub fn concatenation(header: &[u8]) -> Option<(u16, u8, u8)> {
    let mut rest = header;
    while let [kind, length, tail @ ..] = rest {
        let (value, next) = tail.split_at_checked(usize::from(*length))?;
        let found = match (kind, value) {
            (0x00, &[reference, total, sequence]) => Some((u16::from(reference), total, sequence)),
            (0x08, &[high, low, total, sequence]) => Some((u16::from_be_bytes([high, low]), total, sequence)),
            _ => None,
        };
        if found.is_some() {
            return found.filter(|(_, total, sequence)| is_place(*total, *sequence));
        }
        rest = next;
    }
    None
}

/// The header of one of several parts, with its length byte.
#[must_use]
pub const fn header(reference: u8, total: u8, sequence: u8) -> [u8; 6] {
    [5, 0, 3, reference, total, sequence]
}

/// Whether these can be the numbers of a part.
#[must_use]
pub const fn is_place(total: u8, sequence: u8) -> bool {
    total > 1 && 1 <= sequence && sequence <= total
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_of_reference_are_read_among_other_elements() {
        assert_eq!(concatenation(&header(7, 3, 2)[1..]), Some((7, 3, 2)));
        assert_eq!(concatenation(&[5, 4, 0, 1, 0, 2, 8, 4, 1, 2, 3, 1]), Some((258, 3, 1)), "after port numbers");
        for broken in [&[0, 3, 7, 3][..], &[0, 3, 7, 3, 4], &[0, 3, 7, 1, 1], &[0, 3, 7, 0, 0], &[0], &[]] {
            assert_eq!(concatenation(broken), None, "{broken:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_header_is_read_or_ignored(raw in proptest::collection::vec(proptest::num::u8::ANY, 0..80)) {
            proptest::prop_assert!(concatenation(&raw).is_none_or(|(_, total, n)| is_place(total, n)));
        }
    }
}
