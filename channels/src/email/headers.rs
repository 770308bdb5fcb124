//! What the headers of a message say.
use std::borrow::Cow;

use data_encoding::HEXLOWER;
use mail_parser::{HeaderValue, Message};
use sha2::{Digest, Sha256};

use super::text::decode_unknown;
use crate::Address;

/// Headers are ASCII by the standard; those with other bytes are UTF-8 or, by old programs, windows-1252.
pub(super) fn utf8_headers(raw: &[u8]) -> Cow<'_, [u8]> {
    let end = [&b"\n\r\n"[..], b"\n\n"]
        .iter()
        .filter_map(|gap| raw.windows(gap.len()).position(|w| w == *gap))
        .min()
        .map_or(raw.len(), |i| i + 1);
    if std::str::from_utf8(&raw[..end]).is_ok() {
        return Cow::Borrowed(raw);
    }
    let mut fixed = Vec::with_capacity(raw.len() + 64);
    for line in raw[..end].split_inclusive(|b| *b == b'\n') {
        fixed.extend_from_slice(decode_unknown(line).as_bytes());
    }
    fixed.extend_from_slice(&raw[end..]);
    Cow::Owned(fixed)
}

/// Names and unfolded values of the top headers.
pub(super) fn raw_headers(message: &Message<'_>) -> Vec<(String, String)> {
    let value = |h: &mail_parser::Header<'_>| {
        let range = h.offset_start() as usize..h.offset_end() as usize;
        let text = String::from_utf8_lossy(message.raw_message.get(range).unwrap_or_default());
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    message.headers().iter().map(|h| (h.name().to_owned(), value(h))).collect()
}

pub(super) fn all<'a>(headers: &'a [(String, String)], name: &str) -> impl Iterator<Item = &'a str> {
    headers
        .iter()
        .filter(move |(n, _)| n.eq_ignore_ascii_case(name))
        .map(|(_, v)| v.as_str())
        .collect::<Vec<_>>()
        .into_iter()
}

pub(super) fn header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    all(headers, name).next()
}

/// Digest of what the sender wrote, the same in every mailbox the message reached.
pub(super) fn content_digest(headers: &[(String, String)], message: &Message<'_>) -> String {
    let mut digest = Sha256::new();
    for name in ["From", "To", "Cc", "Date", "Subject", "Message-ID"] {
        digest.update(header(headers, name).unwrap_or_default());
        digest.update([0]);
    }
    let body = message.raw_message.get(message.root_part().raw_body_offset() as usize..).unwrap_or_default();
    // Servers differ in line ends and in blank lines at the end.
    for line in body.trim_ascii_end().split(|b| *b == b'\n') {
        digest.update(line.trim_ascii_end());
        digest.update([b'\n']);
    }
    HEXLOWER.encode(&digest.finalize())
}

pub(super) fn addresses(list: Option<&mail_parser::Address<'_>>) -> Vec<Address> {
    let Some(list) = list else { return Vec::new() };
    let address = |a: &mail_parser::Addr<'_>| {
        let text = a.address()?.trim().trim_matches(['<', '>']);
        let (local, domain) = text.rsplit_once('@')?;
        let name = a.name().map(one_line).filter(|n| !n.is_empty() && n != text);
        Some(Address { name, address: format!("{local}@{}", domain.to_lowercase()) })
    };
    list.iter().filter_map(address).collect()
}

/// Where the transport says it brought the message.
pub(super) fn delivered_to(headers: &[(String, String)]) -> Vec<String> {
    const NAMES: &[&str] =
        &["Delivered-To", "X-Original-To", "X-Delivered-To", "Envelope-To", "X-Envelope-To", "Apparently-To"];
    let mut found: Vec<String> = Vec::new();
    for value in NAMES.iter().flat_map(|n| all(headers, n)) {
        for address in value.split(',').map(|a| a.trim().trim_matches(['<', '>'])) {
            if address.contains('@') && !found.iter().any(|f| f == address) {
                found.push(address.to_owned());
            }
        }
    }
    found
}

pub(super) fn ids(value: &HeaderValue<'_>) -> Vec<String> {
    let list: Vec<&str> = match value {
        HeaderValue::Text(id) => vec![id],
        HeaderValue::TextList(ids) => ids.iter().map(AsRef::as_ref).collect(),
        _ => Vec::new(),
    };
    let clean = |id: &str| id.trim().trim_matches(['<', '>']).to_owned();
    list.into_iter().map(clean).filter(|id| !id.is_empty()).collect()
}

/// The part of `Thread-Index` that all messages of one conversation share.
pub(super) fn conversation(value: &str) -> Option<String> {
    let bytes = data_encoding::BASE64.decode(value.replace(' ', "").as_bytes()).ok()?;
    bytes.get(..22).map(|root| HEXLOWER.encode(root))
}

pub(super) fn one_line(text: &str) -> String {
    let visible: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}
