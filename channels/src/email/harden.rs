//! Bounds on the structure of a message, applied before the parser sees it: a mail of a few bytes a level can
//! nest messages deeper than any stack, and one of many empty parts can fill the memory.

use std::borrow::Cow;

use crate::Notice;

/// Nested messages opened; deeper ones stay attachments. Messages inside encoded parts are never opened.
const MAX_NESTED: usize = 16;

/// Lines that may be part boundaries; what follows the last is not split further.
const MAX_BOUNDARIES: usize = 10_000;

/// The bytes to parse, and what was set aside.
pub(crate) fn bounded(raw: &[u8]) -> (Cow<'_, [u8]>, Vec<Notice>) {
    let mut notices = Vec::new();
    let mut boundaries = 0;
    let mut nested = 0;
    let mut changes: Vec<usize> = Vec::new();
    let mut end = raw.len();
    let mut paragraph = Paragraph::default();
    let mut at = 0;
    for line in raw.split_inclusive(|b| *b == b'\n') {
        let start = at;
        at += line.len();
        if line.starts_with(b"--") {
            boundaries += 1;
            if boundaries > MAX_BOUNDARIES {
                notices.push(Notice::TooManyParts);
                end = start;
                break;
            }
        }
        if matches!(line, b"\n" | b"\r\n") || line.starts_with(b"--") {
            paragraph.close(&mut nested, &mut changes);
        } else {
            paragraph.read(line, start);
        }
    }
    paragraph.close(&mut nested, &mut changes);
    if nested > MAX_NESTED {
        notices.push(Notice::TooDeep);
    }
    let raw = &raw[..end];
    if changes.is_empty() {
        return (Cow::Borrowed(raw), notices);
    }
    let mut copy = raw.to_vec();
    for at in changes {
        // The type becomes one that the parser does not open; `parts` knows it again.
        copy[at] = CLOSED;
    }
    (Cow::Owned(copy), notices)
}

/// The message as plain text: its headers without those that describe its structure, and its body as it is.
pub(crate) fn flattened(raw: &[u8]) -> (Cow<'_, [u8]>, Vec<Notice>) {
    let (mut flat, body) = plain_headers(raw);
    flat.extend_from_slice(body);
    (Cow::Owned(flat), vec![Notice::StructureBroken])
}

/// The headers of a message but those that describe its structure, without the empty line that ends them.
pub(crate) fn without_structure(raw: &[u8]) -> Vec<u8> {
    plain_headers(raw).0
}

/// The same, and what follows: the empty line and the body.
fn plain_headers(raw: &[u8]) -> (Vec<u8>, &[u8]) {
    let mut headers = Vec::new();
    let (mut at, mut skipping) = (0, false);
    for line in raw.split_inclusive(|b| *b == b'\n') {
        if matches!(line, b"\n" | b"\r\n") {
            break;
        }
        at += line.len();
        let folded = line.first().is_some_and(u8::is_ascii_whitespace);
        skipping = if folded { skipping } else { starts(line.trim_ascii_start(), b"content-") };
        if !skipping {
            headers.extend_from_slice(line);
        }
    }
    (headers, &raw[at..])
}

/// First letter of a media type that was `message` or `digest` and must stay closed.
const CLOSED: u8 = b'x';

/// The media type as the sender wrote it.
pub(crate) fn original_type(media_type: &str) -> String {
    match media_type.strip_prefix("xessage/") {
        Some(subtype) => format!("message/{subtype}"),
        None => media_type.to_owned(),
    }
}

/// A run of lines that may be the header section of a part.
#[derive(Default)]
struct Paragraph {
    types: Vec<usize>,
    digests: Vec<usize>,
    in_content_type: bool,
    encoded: bool,
}

impl Paragraph {
    fn read(&mut self, line: &[u8], start: usize) {
        let folded = line.first().is_some_and(u8::is_ascii_whitespace);
        let trimmed = line.trim_ascii_start();
        if starts(trimmed, b"content-type") {
            self.in_content_type = true;
        } else if !folded {
            self.in_content_type = false;
        }
        if starts(trimmed, b"content-transfer-encoding") {
            let value = line.to_ascii_lowercase();
            self.encoded |= contains(&value, b"base64") || contains(&value, b"quoted-printable");
        } else if self.encoded_continues(folded, trimmed) {
            self.encoded = true;
        }
        if self.in_content_type {
            let lower = line.to_ascii_lowercase();
            if let Some(i) = find(&lower, b"message") {
                self.types.push(start + i);
            }
            if let Some(i) = find(&lower, b"digest") {
                self.digests.push(start + i);
            }
        }
    }

    /// A folded line may hold the value of `Content-Transfer-Encoding`.
    fn encoded_continues(&self, folded: bool, trimmed: &[u8]) -> bool {
        folded && (starts(trimmed, b"base64") || starts(trimmed, b"quoted-printable"))
    }

    fn close(&mut self, nested: &mut usize, changes: &mut Vec<usize>) {
        // Parts of a digest are messages without saying so: their encoding cannot be judged, so it stays closed.
        changes.append(&mut self.digests);
        if !self.types.is_empty() {
            *nested += 1;
            if self.encoded || *nested > MAX_NESTED {
                changes.append(&mut self.types);
            }
        }
        *self = Self::default();
    }
}

fn starts(line: &[u8], word: &[u8]) -> bool {
    line.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word))
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|w| w == needle)
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    find(haystack, needle).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ordinary_message_is_not_touched() {
        let raw = b"Content-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\nciao\r\n";
        assert_eq!(bounded(raw), (Cow::Borrowed(&raw[..]), vec![]));
    }

    #[test]
    fn a_flattened_message_keeps_its_headers_and_body() {
        let raw =
            b"From: a@b\nContent-Type: multipart/mixed;\n boundary=b\nSubject: x\n\n--b\nContent-Type: text/plain\n";
        let (flat, _) = flattened(raw);
        assert_eq!(&flat[..], b"From: a@b\nSubject: x\n\n--b\nContent-Type: text/plain\n");
    }

    #[test]
    fn encoded_and_very_deep_messages_stay_closed() {
        let encoded = b"Content-Transfer-Encoding: base64\nContent-Type:\n MESSAGE/rfc822\n\nAAAA";
        let (bytes, _) = bounded(encoded);
        assert!(contains(&bytes, b"xESSAGE/rfc822"));
        let deep = "Content-Type: message/rfc822\n\n".repeat(100_000);
        let (bytes, notices) = bounded(deep.as_bytes());
        assert_eq!(notices, [Notice::TooDeep]);
        assert_eq!(String::from_utf8_lossy(&bytes).matches(" message/").count(), MAX_NESTED);
        assert_eq!(original_type("xessage/rfc822"), "message/rfc822");
    }
}
