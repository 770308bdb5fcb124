//! The bytes of the parts of a mail exactly as they came: a signature is about bytes, not about meaning.

use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use mail_parser::{MessageParser, MimeHeaders};

/// Parts read of one body at most: an envelope has three, a signed mail two.
const MAX_PARTS: usize = 50;

/// A mail or a part of one: its header section and its body.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entity<'a> {
    /// All of it, headers and body.
    pub whole: &'a [u8],
    headers: &'a [u8],
    /// What follows the blank line.
    pub body: &'a [u8],
}

impl<'a> Entity<'a> {
    pub(super) fn new(whole: &'a [u8]) -> Self {
        let mut end = 0;
        for line in whole.split_inclusive(|b| *b == b'\n') {
            if matches!(line, b"\n" | b"\r\n") {
                return Self { whole, headers: &whole[..end], body: &whole[end + line.len()..] };
            }
            end += line.len();
        }
        Self { whole, headers: whole, body: &[] }
    }

    /// The first header of this name, unfolded, whatever the case of its letters.
    pub(super) fn header(&self, name: &str) -> Option<String> {
        let mut found: Option<String> = None;
        for line in self.headers.split(|b| *b == b'\n') {
            let text = String::from_utf8_lossy(line);
            if text.starts_with([' ', '\t']) {
                if let Some(value) = &mut found {
                    *value = format!("{value} {}", text.trim()).trim().to_owned();
                }
            } else if found.is_some() {
                break;
            } else if let Some((_, value)) = text.split_once(':').filter(|(n, _)| n.trim().eq_ignore_ascii_case(name)) {
                found = Some(value.trim().to_owned());
            }
        }
        found.filter(|value| !value.is_empty())
    }

    /// Its type, name and boundary.
    pub(super) fn described(&self) -> Described {
        let mut copy = self.headers.to_vec();
        copy.extend_from_slice(b"\r\n");
        let parsed = MessageParser::default().parse_headers(&copy[..]);
        let Some(part) = parsed.as_ref().and_then(|m| m.parts.first()) else {
            return Described::default();
        };
        let kind = part.content_type();
        let media_type = kind.map(|k| format!("{}/{}", k.ctype(), k.subtype().unwrap_or_default()).to_lowercase());
        Described {
            media_type: media_type.unwrap_or_default(),
            boundary: kind.and_then(|k| k.attribute("boundary")).map(str::to_owned).filter(|b| !b.is_empty()),
            name: part.attachment_name().unwrap_or_default().to_lowercase(),
        }
    }

    /// Its body with the transfer encoding undone.
    pub(super) fn decoded(&self) -> Option<Vec<u8>> {
        match self.header("Content-Transfer-Encoding").unwrap_or_default().to_lowercase().as_str() {
            "base64" => base64_decode(self.body),
            "quoted-printable" => quoted_printable_decode(self.body),
            _ => Some(self.body.to_vec()),
        }
    }

    /// Its direct parts; empty when it is not a multipart. Nothing within a part is looked into: what an
    /// envelope carries was written by somebody else than the envelope.
    pub(super) fn parts(&self) -> Vec<Entity<'a>> {
        let described = self.described();
        match described.boundary.filter(|_| described.media_type.starts_with("multipart/")) {
            Some(boundary) => split(self.body, boundary.as_bytes()).into_iter().map(Entity::new).collect(),
            None => Vec::new(),
        }
    }
}

/// What the headers of a part say of it.
#[derive(Debug, Default)]
pub(super) struct Described {
    /// In lower case; empty when absent.
    pub media_type: String,
    boundary: Option<String>,
    /// File name in lower case; empty when absent.
    pub name: String,
}

/// The pieces between boundary lines, without the line break that belongs to the boundary (RFC 2046, 5.1.1).
fn split<'a>(body: &'a [u8], boundary: &[u8]) -> Vec<&'a [u8]> {
    let mut pieces = Vec::new();
    let mut start: Option<usize> = None;
    let mut at = 0;
    for line in body.split_inclusive(|b| *b == b'\n') {
        if let Some(rest) = line.strip_prefix(b"--").and_then(|l| l.strip_prefix(boundary)) {
            let last = rest.trim_ascii_end() == b"--";
            if last || rest.trim_ascii_end().is_empty() {
                if let Some(from) = start {
                    pieces.push(without_break(&body[from..at]));
                }
                start = (!last).then_some(at + line.len());
                if last || pieces.len() >= MAX_PARTS {
                    return pieces;
                }
            }
        }
        at += line.len();
    }
    if let Some(from) = start.filter(|from| *from < body.len()) {
        pieces.push(&body[from..]);
    }
    pieces
}

fn without_break(piece: &[u8]) -> &[u8] {
    let piece = piece.strip_suffix(b"\n").unwrap_or(piece);
    piece.strip_suffix(b"\r").unwrap_or(piece)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_the_bytes_between_their_boundaries() {
        let raw = b"Content-Type: multipart/mixed;\r\n boundary=\"--b\"\r\n\r\nskipped\r\n----b\r\n\r\none\r\n\r\n\
            ----bb\r\n----b  \r\nA: 1\r\n\r\ntwo\r\n----b--\r\nskipped";
        let parts = Entity::new(raw).parts();
        let bytes: Vec<&[u8]> = parts.iter().map(|p| p.whole).collect();
        assert_eq!(bytes, [&b"\r\none\r\n\r\n----bb"[..], b"A: 1\r\n\r\ntwo"]);
        assert_eq!(parts[1].body, b"two");
    }

    #[test]
    fn headers_are_found_whatever_their_case_and_folding() {
        let entity = Entity::new(b"x-ricevuta:\r\n\tAvvenuta-Consegna\r\nX-RICEVUTA: altro\r\n\r\nX-Other: 1\r\n");
        assert_eq!(entity.header("X-Ricevuta").as_deref(), Some("Avvenuta-Consegna"));
        assert_eq!(entity.header("X-Other"), None);
    }
}
