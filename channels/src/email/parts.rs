//! The parts of a message: their exact bytes, their names, and which of them are text.

use std::borrow::Cow;

use bytes::Bytes;
use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use mail_parser::{Encoding, Message, MessageParser, MessagePart, MimeHeaders, PartType};

use super::harden::original_type;
use super::text::{Delsp, decode_unknown, unflow};
use crate::{Attachment, Placement};

/// Longest file name kept, in characters.
const NAME_LIMIT: usize = 150;

/// The bytes of a part as the sender's program had them: transfer encoding undone, charset untouched.
pub(crate) fn decoded_bytes(message: &Message<'_>, part: &MessagePart<'_>) -> Bytes {
    let (start, end) = (part.raw_body_offset() as usize, part.raw_end_offset() as usize);
    let raw = message.raw_message.get(start..end).unwrap_or_default();
    let decoded = match part.encoding {
        Encoding::None => Some(raw.to_vec()),
        Encoding::Base64 => base64_decode(raw),
        Encoding::QuotedPrintable => quoted_printable_decode(raw),
    };
    match (decoded, &part.body) {
        (Some(bytes), _) if !bytes.is_empty() => bytes.into(),
        (_, PartType::Message(_)) => Bytes::copy_from_slice(raw),
        _ => Bytes::copy_from_slice(part.contents()),
    }
}

/// The text of a text part; when its charset is absent, unknown or a lie, what it most likely is.
pub(crate) fn text_of<'a>(message: &Message<'_>, part: &'a MessagePart<'_>) -> Cow<'a, str> {
    let (PartType::Text(text) | PartType::Html(text)) = &part.body else {
        return Cow::Borrowed("");
    };
    if !text.contains(char::REPLACEMENT_CHARACTER) {
        return Cow::Borrowed(text);
    }
    let bytes = decoded_bytes(message, part);
    let lost = text.matches(char::REPLACEMENT_CHARACTER).count();
    let understood = text.chars().filter(|c| !c.is_ascii() && *c != char::REPLACEMENT_CHARACTER).count();
    // UTF-8 with one broken character is still UTF-8.
    if std::str::from_utf8(&bytes).is_err() && lost > understood {
        return Cow::Owned(decode_unknown(&bytes));
    }
    Cow::Borrowed(text)
}

/// The text of a plain part, its soft lines joined.
pub(crate) fn plain_of(message: &Message<'_>, part: &MessagePart<'_>) -> String {
    let text = text_of(message, part);
    let Some(kind) = part.content_type() else {
        return text.into_owned();
    };
    if !kind.attribute("format").is_some_and(|f| f.eq_ignore_ascii_case("flowed")) {
        return text.into_owned();
    }
    let delsp =
        if kind.attribute("delsp").is_some_and(|d| d.eq_ignore_ascii_case("yes")) { Delsp::Yes } else { Delsp::No };
    unflow(&text, delsp)
}

/// A part as a file. `number` names it when it has no name.
pub(crate) fn file_of(message: &Message<'_>, part: &MessagePart<'_>, number: usize) -> Attachment {
    let media_type = media_type(part);
    let name = part_name(message, part).map(|n| safe_name(&n)).filter(|n| !n.is_empty());
    let content_id =
        part.content_id().map(|id| id.trim_matches(['<', '>', ' ']).to_owned()).filter(|id| !id.is_empty());
    let attached = part.content_disposition().is_some_and(mail_parser::ContentType::is_attachment);
    let inline = !attached && (content_id.is_some() || part.content_disposition().is_some_and(|d| d.is_inline()));
    Attachment {
        note: None,
        name: name.unwrap_or_else(|| default_name(number, &media_type)),
        bytes: decoded_bytes(message, part),
        content_id,
        placement: if inline && media_type.starts_with("image/") { Placement::Inline } else { Placement::Attached },
        media_type,
    }
}

/// Type and subtype in lower case; a part without a type is text, unless it is not.
pub(crate) fn media_type(part: &MessagePart<'_>) -> String {
    match (part.content_type(), &part.body) {
        (_, PartType::Message(_)) => "message/rfc822".to_owned(),
        (Some(kind), _) => {
            let subtype = kind.subtype().unwrap_or("octet-stream");
            original_type(&format!("{}/{subtype}", kind.ctype()).to_lowercase())
        }
        (None, PartType::Text(_)) => "text/plain".to_owned(),
        (None, PartType::Html(_)) => "text/html".to_owned(),
        (None, _) => "application/octet-stream".to_owned(),
    }
}

fn part_name(message: &Message<'_>, part: &MessagePart<'_>) -> Option<String> {
    if let Some(name) = part.attachment_name() {
        if !name.contains(char::REPLACEMENT_CHARACTER) {
            return Some(name.to_owned());
        }
        // The name was written in bytes of no declared charset.
        let (start, end) = (part.raw_header_offset() as usize, part.raw_body_offset() as usize);
        let headers = decode_unknown(message.raw_message.get(start..end).unwrap_or_default());
        let again = MessageParser::default().parse_headers(headers.as_bytes());
        let better = again.and_then(|m| m.root_part().attachment_name().map(str::to_owned));
        return better.or_else(|| Some(name.to_owned()));
    }
    match &part.body {
        PartType::Message(inner) => {
            inner.subject().map(str::trim).filter(|s| !s.is_empty()).map(|s| format!("{s}.eml"))
        }
        _ => None,
    }
}

/// A name without path, control or direction characters, short enough for any file system.
pub(crate) fn safe_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).find(|part| !part.trim().is_empty()).unwrap_or_default();
    let clean: String = last
        .chars()
        .map(|c| if matches!(c, ':' | '*' | '?' | '"' | '<' | '>' | '|') { '_' } else { c })
        .filter(|c| {
            !c.is_control()
                && !matches!(*c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        })
        .collect();
    let clean = clean.trim().trim_start_matches('.').trim_end_matches(['.', ' ']);
    if clean.chars().count() <= NAME_LIMIT {
        return clean.to_owned();
    }
    let extension = clean.rsplit_once('.').map(|(_, e)| e).filter(|e| e.len() <= 10).unwrap_or_default();
    let stem: String = clean.chars().take(NAME_LIMIT - 11).collect();
    if extension.is_empty() { stem } else { format!("{stem}.{extension}") }
}

pub(crate) fn default_name(number: usize, media_type: &str) -> String {
    let extension = match media_type {
        "message/rfc822" => "eml",
        "image/jpeg" => "jpg",
        "text/plain" | "message/delivery-status" | "message/disposition-notification" | "text/rfc822-headers" => "txt",
        "text/html" => "html",
        "text/calendar" => "ics",
        other => match other.split_once('/') {
            Some((
                "image" | "audio" | "video" | "application",
                sub @ ("png" | "gif" | "webp" | "pdf" | "zip" | "mp4" | "mpeg" | "json" | "xml"),
            )) => sub,
            _ => "bin",
        },
    };
    format!("file-{number}.{extension}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_safe_to_save() {
        assert_eq!(safe_name("../../etc/passwd"), "passwd");
        assert_eq!(safe_name("C:\\Users\\a\\foto \u{202e}gpj.exe"), "foto gpj.exe");
        assert_eq!(safe_name("..."), "");
        assert_eq!(safe_name("a\r\nb?.pdf"), "ab_.pdf");
        let long = format!("{}.pdf", "è".repeat(400));
        assert!(safe_name(&long).ends_with(".pdf") && safe_name(&long).chars().count() <= NAME_LIMIT);
    }
}
