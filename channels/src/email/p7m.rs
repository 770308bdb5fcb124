//! Files that carry their signature around them (CMS SignedData, RFC 5652; `.p7m`): what was signed is taken out,
//! so that it can be read. The signature itself is not verified here.

use bytes::Bytes;
use data_encoding::BASE64;
use mail_parser::Message;

use super::parts;
use crate::Attachment;
use crate::ber::{self, inside};

/// Signatures around signatures that are taken off; nobody signs a file more often.
const MAX_LAYERS: usize = 16;

/// id-signedData, 1.2.840.113549.1.7.2.
const SIGNED_DATA: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];

/// Whether a file says that it is signed around its content, by its name or by its type.
pub(crate) fn is_signed(file: &Attachment) -> bool {
    stem(&file.name).is_some() || is_signed_type(&file.media_type)
}

fn is_signed_type(media_type: &str) -> bool {
    matches!(media_type, "application/pkcs7-mime" | "application/x-pkcs7-mime")
}

/// What was signed in a file, under all its signatures; `None` when it cannot be read: broken, encrypted, or a
/// signature without content.
pub(crate) fn content(bytes: &Bytes) -> Option<Bytes> {
    let mut inside = layer(bytes)?;
    for _ in 1..MAX_LAYERS {
        match layer(&inside) {
            Some(deeper) => inside = deeper,
            None => break,
        }
    }
    Some(inside)
}

/// The name of what was signed: the file's own without the endings that signing added.
pub(crate) fn name_inside(name: &str, content: &[u8]) -> String {
    let mut name = name;
    while let Some(shorter) = stem(name) {
        name = shorter;
    }
    let name = if name.is_empty() { "file" } else { name };
    let has_ending = name.rsplit_once('.').is_some_and(|(stem, ending)| !stem.is_empty() && ending.len() <= 5);
    match (has_ending, content) {
        (false, [b'%', b'P', b'D', b'F', ..]) => format!("{name}.pdf"),
        (false, _) if is_entity(content) => format!("{name}.eml"),
        _ => name.to_owned(),
    }
}

fn stem(name: &str) -> Option<&str> {
    let (stem, ending) = name.split_at_checked(name.len().checked_sub(4)?)?;
    ending.eq_ignore_ascii_case(".p7m").then_some(stem)
}

/// The MIME entity that a whole message of type `application/pkcs7-mime` is signed around (RFC 8551, 3.5.2).
pub(crate) fn entity(message: &Message<'_>) -> Option<Bytes> {
    let root = message.root_part();
    if !is_signed_type(&parts::media_type(root)) {
        return None;
    }
    layer(&parts::decoded_bytes(message, root)).filter(|inside| is_entity(inside))
}

/// Whether bytes begin with the header of a MIME entity.
fn is_entity(bytes: &[u8]) -> bool {
    let first = bytes.split(|b| matches!(b, b':' | b'\n')).next().unwrap_or_default();
    first.len() < bytes.len()
        && bytes[first.len()] == b':'
        && ["content-type", "mime-version", "content-transfer-encoding", "content-disposition"]
            .iter()
            .any(|name| first.eq_ignore_ascii_case(name.as_bytes()))
}

/// One signature taken off.
fn layer(bytes: &Bytes) -> Option<Bytes> {
    let binary = if bytes.first() == Some(&0x30) { bytes.clone() } else { from_text(bytes)? };
    signed_content(&ber::to_der(&binary)?).map(Bytes::copy_from_slice)
}

/// The content that a signature stands around, by the structure of RFC 5652, 3 and 5.1.
fn signed_content(der: &[u8]) -> Option<&[u8]> {
    const OID: u8 = 0x06;
    const SEQUENCE: u8 = 0x30;
    const SET: u8 = 0x31;
    const EXPLICIT: u8 = 0xa0;
    let (info, _) = inside(der, SEQUENCE)?;
    let (kind, info) = inside(info, OID)?;
    if kind != SIGNED_DATA {
        return None;
    }
    let (signed, _) = inside(inside(info, EXPLICIT)?.0, SEQUENCE)?;
    let (_version, signed) = inside(signed, 0x02)?;
    let (_digests, signed) = inside(signed, SET)?;
    let (encapsulated, _) = inside(signed, SEQUENCE)?;
    let (_type, encapsulated) = inside(encapsulated, OID)?;
    Some(inside(inside(encapsulated, EXPLICIT)?.0, 0x04)?.0)
}

/// The bytes of a file in base 64, with or without the lines of PEM around it.
fn from_text(bytes: &[u8]) -> Option<Bytes> {
    let text = std::str::from_utf8(bytes).ok()?.trim_start_matches('\u{feff}').trim_start();
    if !text.starts_with("MI") && !text.starts_with("-----BEGIN") {
        return None;
    }
    let lines = text.lines().filter(|line| !line.starts_with("-----"));
    let symbols: Vec<u8> = lines.flat_map(str::bytes).filter(|b| !b.is_ascii_whitespace()).collect();
    BASE64.decode(&symbols).ok().filter(|b| b.first() == Some(&0x30)).map(Bytes::from)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn value(tag: u8, content: &[u8]) -> Vec<u8> {
        let mut out = vec![tag, 0x84];
        out.extend(u32::try_from(content.len()).unwrap().to_be_bytes());
        out.extend(content);
        out
    }

    /// The same, with a length that is not said before.
    fn open_value(tag: u8, content: &[u8]) -> Vec<u8> {
        [&[tag, 0x80], content, &[0, 0]].concat()
    }

    fn signed(content: &[u8], wrap: fn(u8, &[u8]) -> Vec<u8>, pieces: usize) -> Bytes {
        let string = if pieces == 0 {
            value(0x04, content)
        } else {
            let parts: Vec<u8> = content.chunks(pieces).flat_map(|piece| value(0x04, piece)).collect();
            wrap(0x24, &parts)
        };
        let data = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01];
        let encapsulated = wrap(0x30, &[&data[..], &wrap(0xa0, &string)].concat());
        let fields = [&[0x02, 0x01, 0x01, 0x31, 0x00][..], &encapsulated, &[0x31, 0x00]].concat();
        let kind = [&[0x06, 0x09][..], &SIGNED_DATA].concat();
        wrap(0x30, &[kind, wrap(0xa0, &wrap(0x30, &fields))].concat()).into()
    }

    #[test]
    fn names_lose_what_signing_added() {
        assert_eq!(name_inside("delibera.pdf.P7M", b""), "delibera.pdf");
        assert_eq!(name_inside("a.pdf.p7m.p7m", b""), "a.pdf");
        assert_eq!(name_inside("istanza.p7m", b"%PDF-1.7"), "istanza.pdf");
        assert_eq!(name_inside("smime.p7m", b"Content-Type: text/plain\r\n\r\nciao"), "smime.eml");
        assert_eq!(name_inside(".p7m", b"x"), "file");
    }

    #[test]
    fn only_what_is_signed_is_opened() {
        assert_eq!(content(&Bytes::from_static(b"MIIciao")), None);
        assert_eq!(content(&Bytes::from_static(b"%PDF-1.4")), None);
        assert_eq!(content(&Bytes::new()), None);
        let deep: Bytes = [0x30, 0x80].repeat(1 << 20).into();
        assert_eq!(content(&deep), None);
        let pieces: Bytes = signed(b"x", open_value, 1).iter().copied().chain([0x24, 0x80].repeat(1 << 16)).collect();
        assert_eq!(content(&pieces).as_deref(), Some(&b"x"[..]), "what follows the signature is nobody's");
    }

    proptest! {
        #[test]
        fn content_comes_out_as_it_went_in(
            bytes in prop::collection::vec(any::<u8>(), 1..2000),
            pieces in 0..300_usize,
            layers in 1..5_usize,
            indefinite in any::<bool>(),
            text in any::<bool>(),
        ) {
            // What looks signed itself would be opened too.
            prop_assume!(bytes[0] != 0x30 && bytes[0] != b'M' && bytes[0] != b'-');
            let wrap = if indefinite { open_value } else { value };
            let mut file = Bytes::from(bytes.clone());
            for _ in 0..layers {
                file = signed(&file, wrap, pieces);
            }
            for end in [file.len() / 2, file.len() - 1] {
                let cut = content(&file.slice(..end));
                prop_assert_ne!(cut.as_deref(), Some(&bytes[..]));
            }
            if text {
                file = format!("-----BEGIN PKCS7-----\r\n{}\r\n-----END PKCS7-----\r\n", BASE64.encode(&file)).into();
            }
            let opened = content(&file);
            prop_assert_eq!(opened.as_deref(), Some(&bytes[..]));
        }

        #[test]
        fn nothing_panics(mut bytes in prop::collection::vec(any::<u8>(), 0..200), at in 0..150_usize, by in any::<u8>()) {
            let _either_is_fine = content(&Bytes::from(bytes.clone()));
            bytes = signed(&bytes, open_value, 7).to_vec();
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= by;
            }
            let _either_is_fine = content(&bytes.into());
        }
    }
}
