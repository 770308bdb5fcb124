//! Signatures written with lengths that are not known beforehand (BER), as streaming programs do, brought to the
//! one form that the decoders take (DER, X.690, 10).

/// Values one within the other at most; a signature with its certificates has about fifteen.
const MAX_DEPTH: usize = 40;

const CONSTRUCTED: u8 = 0x20;
const OCTET_STRING: u8 = 0x04;
const END_OF_CONTENTS: u8 = 0x00;
/// A length that the end of the contents tells.
const INDEFINITE: u8 = 0x80;

/// The first value in `input`, every length in it made definite and as short as can be, and strings in pieces
/// joined. The order of sets is left as it is. `None` when it is not BER, or not whole.
pub(crate) fn to_der(input: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(input.len());
    value(input, &mut out, 0)?;
    Some(out)
}

/// What is inside the value at the start of `der` if it has this tag, and what follows it.
pub(crate) fn inside(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (found, rest) = identifier(der)?;
    let (length, rest) = length(rest)?;
    if found == [tag] { rest.split_at_checked(length?) } else { None }
}

/// Appends the value at the start of `input` and gives back what follows it.
fn value<'a>(input: &'a [u8], out: &mut Vec<u8>, depth: usize) -> Option<&'a [u8]> {
    let (tag, rest) = identifier(input)?;
    let first = *tag.first()?;
    let (length, rest) = length(rest)?;
    if first & CONSTRUCTED == 0 {
        let content = rest.get(..length?)?;
        put(tag, content, out);
        return rest.get(content.len()..);
    }
    if depth >= MAX_DEPTH {
        return None;
    }
    let mut content = Vec::new();
    let rest = match length {
        Some(length) => {
            let mut inner = rest.get(..length)?;
            while !inner.is_empty() {
                inner = value(inner, &mut content, depth + 1)?;
            }
            &rest[length..]
        }
        None => {
            let mut inner = rest;
            while inner.first()? != &END_OF_CONTENTS {
                inner = value(inner, &mut content, depth + 1)?;
            }
            inner.strip_prefix(&[END_OF_CONTENTS, 0])?
        }
    };
    if first == OCTET_STRING | CONSTRUCTED {
        put(&[OCTET_STRING], &joined(&content)?, out);
    } else {
        put(tag, &content, out);
    }
    Some(rest)
}

/// The contents of octet strings that follow one another.
fn joined(mut pieces: &[u8]) -> Option<Vec<u8>> {
    let mut whole = Vec::with_capacity(pieces.len());
    while !pieces.is_empty() {
        let (tag, rest) = identifier(pieces)?;
        let (length, rest) = length(rest)?;
        if tag != [OCTET_STRING] {
            return None;
        }
        whole.extend_from_slice(rest.get(..length?)?);
        pieces = &rest[length?..];
    }
    Some(whole)
}

fn identifier(input: &[u8]) -> Option<(&[u8], &[u8])> {
    const MANY_BYTES: u8 = 0x1f;
    if input.first()? & MANY_BYTES != MANY_BYTES {
        return Some(input.split_at(1));
    }
    let last = input.iter().skip(1).take(4).position(|b| b & 0x80 == 0)?;
    Some(input.split_at(last + 2))
}

/// The length, `None` when indefinite, and what follows it.
fn length(input: &[u8]) -> Option<(Option<usize>, &[u8])> {
    let (&first, rest) = input.split_first()?;
    if first == INDEFINITE {
        return Some((None, rest));
    }
    if first & 0x80 == 0 {
        return Some((Some(usize::from(first)), rest));
    }
    let count = usize::from(first & 0x7f);
    let bytes = rest.get(..count).filter(|_| count <= 4)?;
    let length = bytes.iter().fold(0, |sum, b| sum << 8 | usize::from(*b));
    Some((Some(length), &rest[count..]))
}

fn put(tag: &[u8], content: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(tag);
    let bytes = content.len().to_be_bytes();
    let significant = &bytes[bytes.iter().position(|b| *b != 0).unwrap_or(bytes.len() - 1)..];
    match significant {
        [short] if *short < 0x80 => out.push(*short),
        long => {
            out.push(0x80 | u8::try_from(long.len()).unwrap_or(u8::MAX));
            out.extend_from_slice(long);
        }
    }
    out.extend_from_slice(content);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indefinite_lengths_and_strings_in_pieces_are_made_whole() {
        let ber = [0x30, 0x80, 0x24, 0x80, 4, 1, 7, 4, 2, 8, 9, 0, 0, 2, 1, 5, 0, 0, 99];
        assert_eq!(to_der(&ber).unwrap(), [0x30, 8, 4, 3, 7, 8, 9, 2, 1, 5]);
    }

    #[test]
    fn what_is_der_already_stays_as_it_is() {
        let mut der = vec![0x30, 0x82, 0x01, 0x04, 0x04, 0x82, 0x01, 0x00];
        der.extend([7; 256]);
        assert_eq!(to_der(&der).unwrap(), der);
        assert_eq!(to_der(&[0x30, 0x84, 0, 0, 0, 3, 2, 1, 5]).unwrap(), [0x30, 3, 2, 1, 5]);
    }

    proptest::proptest! {
        #[test]
        fn what_comes_out_is_in_its_final_form(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..60)) {
            if let Some(der) = to_der(&bytes) {
                assert_eq!(to_der(&der).unwrap(), der);
            }
        }
    }

    #[test]
    fn broken_input_is_refused() {
        for broken in
            [&b""[..], &[0x30], &[0x30, 0x80], &[0x30, 0x80, 2, 1, 5], &[4, 5, 1], &[0x30, 0x85, 1, 1, 1, 1, 1]]
        {
            assert_eq!(to_der(broken), None);
        }
        assert_eq!(to_der(&[0x30, 0x80].repeat(100_000)), None);
    }
}
