//! What an item is to a person: a file with a name and a kind that their machine can open.
use bytes::Bytes;
use channels::paper::{Envelope, media_type};

use super::sender::sender;
use crate::intake::store::RawRow;

/// The first line of what our own folders and hooks write around a fax or a scan.
const ENVELOPE: &[u8] = b"Sportello-Paper:";
/// Bytes looked at to tell text from what is none.
const HEAD: usize = 4096;

/// An item as a file. What we wrote around it ourselves is taken off; the rest is exactly as it came.
pub struct Original {
    pub name: String,
    pub media_type: &'static str,
    pub bytes: Bytes,
}

/// The file that came as this item.
pub fn original(raw: &RawRow, bytes: Bytes) -> Original {
    let inner = content(raw, &bytes);
    let (media_type, ending) = kind(raw, &inner);
    Original { name: format!("{}-{}.{ending}", raw.channel, raw.id), media_type, bytes: inner }
}

fn content(raw: &RawRow, bytes: &Bytes) -> Bytes {
    if bytes.starts_with(ENVELOPE) {
        let file = Envelope::open(bytes).file;
        // A report has no file: what is said is all there is.
        return if file.is_empty() { bytes.clone() } else { bytes.slice_ref(file) };
    }
    if raw.channel == "voicemail"
        && let Some(end) = bytes.iter().position(|b| *b == b'\n')
        && serde_json::from_slice::<serde_json::Value>(&bytes[..end]).is_ok()
        && end + 1 < bytes.len()
    {
        return bytes.slice(end + 1..);
    }
    bytes.clone()
}

fn kind(raw: &RawRow, bytes: &[u8]) -> (&'static str, &'static str) {
    if matches!(raw.channel.as_str(), "email" | "pec") {
        return ("message/rfc822", "eml");
    }
    match media_type(bytes) {
        Some("application/pdf") => return ("application/pdf", "pdf"),
        Some("image/tiff") => return ("image/tiff", "tif"),
        Some("image/jpeg") => return ("image/jpeg", "jpg"),
        Some("image/png") => return ("image/png", "png"),
        _ => {}
    }
    if bytes.starts_with(b"RIFF") {
        return ("audio/wav", "wav");
    }
    if bytes.starts_with(b"ID3") || matches!(bytes, [0xff, second, ..] if second & 0xe0 == 0xe0) {
        return ("audio/mpeg", "mp3");
    }
    // A gateway's mail on a channel that is no mail.
    if !sender(bytes).is_empty() && !bytes.starts_with(ENVELOPE) {
        return ("message/rfc822", "eml");
    }
    let head = &bytes[..bytes.len().min(HEAD)];
    let is_text = match std::str::from_utf8(head) {
        Ok(text) => !text.chars().any(|c| c.is_control() && !c.is_whitespace()),
        // The head may end inside of a letter.
        Err(e) => e.error_len().is_none() && e.valid_up_to() > 0,
    };
    match (is_text, head.iter().find(|b| !b.is_ascii_whitespace())) {
        (true, Some(b'{' | b'[')) => ("application/json", "json"),
        (true, _) => ("text/plain", "txt"),
        (false, _) => ("application/octet-stream", "bin"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::time::Instant;

    fn raw(channel: &str) -> RawRow {
        RawRow {
            id: 7,
            channel: channel.to_owned(),
            account: String::new(),
            external_id: String::new(),
            received_at: Instant::default(),
            size: 0,
            body: None,
            blob: None,
            state: "quarantined".to_owned(),
            reason: String::new(),
            attempts: 0,
            contact_id: None,
        }
    }

    #[test]
    fn a_file_is_named_by_what_it_is() {
        let of = |channel: &str, bytes: Vec<u8>| {
            let file = original(&raw(channel), bytes.into());
            (file.name, file.bytes.len())
        };
        let fax = Envelope::around(b"II*\0broken").with("caller", "0862").to_bytes();
        let cases = [
            (of("email", b"\xff\xfe".to_vec()), ("email-7.eml", 2)),
            (of("pec", Vec::new()), ("pec-7.eml", 0)),
            (of("fax", fax), ("fax-7.tif", 10)),
            (of("letter", Envelope::around(b"%PDF-1.4").to_bytes()), ("letter-7.pdf", 8)),
            (of("letter", Envelope::around(b"\0\x01").to_bytes()), ("letter-7.bin", 2)),
            (of("sms", b"in?from=1\n\n\ntext=\xc3\xa0".to_vec()), ("sms-7.txt", 19)),
            (of("sms", vec![0, 0, 0, 16, 0x80]), ("sms-7.bin", 5)),
            (of("phone", br#"{"event":"?"}"#.to_vec()), ("phone-7.json", 13)),
            (of("voicemail", b"{\"call\":\"a\"}\nRIFF....WAVE".to_vec()), ("voicemail-7.wav", 12)),
        ];
        for ((name, length), expected) in cases {
            assert_eq!((name.as_str(), length), expected);
        }
    }
}
