//! `winmail.dat`: the envelope in which Outlook at times wraps a whole message (MS-OXTNEF).
//! Files and the body are taken out; everything else is left aside.

use bytes::Bytes;

use super::rtf::{self, Body};

/// What a `winmail.dat` holds for us.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Tnef {
    pub text: Option<String>,
    pub html: Option<String>,
    pub files: Vec<TnefFile>,
}

#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct TnefFile {
    pub name: String,
    pub media_type: Option<String>,
    pub content_id: Option<String>,
    pub bytes: Bytes,
}

const SIGNATURE: u32 = 0x223e_9f78;
const MAX_FILES: usize = 500;

const BODY: u16 = 0x800c;
const ATTACH_TITLE: u16 = 0x8010;
const ATTACH_DATA: u16 = 0x800f;
const ATTACH_RENDER: u16 = 0x9002;
const MESSAGE_PROPERTIES: u16 = 0x9003;
const ATTACH_PROPERTIES: u16 = 0x9005;

const PR_BODY: u16 = 0x1000;
const PR_RTF: u16 = 0x1009;
const PR_HTML: u16 = 0x1013;
const PR_ATTACH_DATA: u16 = 0x3701;
const PR_ATTACH_NAME: u16 = 0x3704;
const PR_ATTACH_LONG_NAME: u16 = 0x3707;
const PR_ATTACH_TYPE: u16 = 0x370e;
const PR_ATTACH_CONTENT_ID: u16 = 0x3712;

/// Reads a `winmail.dat`; `None` when it is not one or is broken before anything useful.
pub(crate) fn decode(data: &[u8]) -> Option<Tnef> {
    let mut r = Reader(data);
    if r.u32()? != SIGNATURE {
        return None;
    }
    r.take(2)?;
    let (mut out, mut rtf) = (Tnef::default(), None);
    while let Some((id, value)) = attribute(&mut r) {
        match id {
            BODY => out.text = Some(ansi(value)),
            ATTACH_RENDER if out.files.len() < MAX_FILES => out.files.push(TnefFile::default()),
            ATTACH_TITLE => {
                if let Some(file) = out.files.last_mut().filter(|f| f.name.is_empty()) {
                    file.name = ansi(value);
                }
            }
            ATTACH_DATA => {
                if let Some(file) = out.files.last_mut() {
                    file.bytes = Bytes::copy_from_slice(value);
                }
            }
            MESSAGE_PROPERTIES => {
                properties(value, |id, kind, bytes| match id {
                    PR_BODY => out.text = Some(string(kind, bytes)),
                    PR_HTML => out.html = Some(string(kind, bytes)),
                    PR_RTF => rtf = rtf::decode(bytes),
                    _ => {}
                });
            }
            ATTACH_PROPERTIES => {
                if let Some(file) = out.files.last_mut() {
                    properties(value, |id, kind, bytes| file.set(id, kind, bytes));
                }
            }
            _ => {}
        }
    }
    // Outlook often sends nothing but RTF, made from the HTML or the text that was written.
    match rtf {
        Some(Body::Html(html)) if out.html.is_none() => out.html = Some(html),
        Some(Body::Text(text)) if out.html.is_none() && out.text.as_ref().is_none_or(|t| t.trim().is_empty()) => {
            out.text = Some(text);
        }
        _ => {}
    }
    let useful = out.text.is_some() || out.html.is_some() || !out.files.is_empty();
    useful.then_some(out)
}

impl TnefFile {
    fn set(&mut self, id: u16, kind: u16, bytes: &[u8]) {
        match id {
            PR_ATTACH_LONG_NAME => self.name = string(kind, bytes),
            PR_ATTACH_NAME if self.name.is_empty() => self.name = string(kind, bytes),
            PR_ATTACH_TYPE => self.media_type = Some(string(kind, bytes)),
            PR_ATTACH_CONTENT_ID => self.content_id = Some(string(kind, bytes)),
            PR_ATTACH_DATA if self.bytes.is_empty() => {
                // An object starts with the 16 bytes that name its interface.
                let skip = if kind == PT_OBJECT { 16 } else { 0 };
                self.bytes = Bytes::copy_from_slice(bytes.get(skip..).unwrap_or_default());
            }
            _ => {}
        }
    }
}

fn attribute<'a>(r: &mut Reader<'a>) -> Option<(u16, &'a [u8])> {
    r.take(1)?;
    let id = (r.u32()? & 0xffff) as u16;
    let length = r.u32()? as usize;
    let value = r.take(length)?;
    // The checksum is often wrong in the wild; the length is what holds the file together.
    r.take(2)?;
    Some((id, value))
}

const PT_OBJECT: u16 = 0x000d;
const PT_STRING8: u16 = 0x001e;
const PT_UNICODE: u16 = 0x001f;
const PT_BINARY: u16 = 0x0102;
const MULTIPLE: u16 = 0x1000;

/// Calls `each` with id, type and first value of every property, until something cannot be understood.
fn properties(data: &[u8], mut each: impl FnMut(u16, u16, &[u8])) {
    let mut r = Reader(data);
    let Some(count) = r.u32() else { return };
    for _ in 0..count.min(10_000) {
        if property(&mut r, &mut each).is_none() {
            return;
        }
    }
}

fn property(r: &mut Reader<'_>, each: &mut impl FnMut(u16, u16, &[u8])) -> Option<()> {
    let kind = r.u16()?;
    let id = r.u16()?;
    if id >= 0x8000 {
        r.take(16)?;
        if r.u32()? == 0 {
            r.take(4)?;
        } else {
            let length = r.u32()? as usize;
            r.padded(length)?;
        }
    }
    let base = kind & !MULTIPLE;
    let sized = matches!(base, PT_OBJECT | PT_STRING8 | PT_UNICODE | PT_BINARY);
    let values = if sized || kind & MULTIPLE != 0 { r.u32()? } else { 1 };
    for i in 0..values {
        let value = match base {
            _ if sized => {
                let length = r.u32()? as usize;
                r.padded(length)?
            }
            0x0002 | 0x0003 | 0x0004 | 0x000a | 0x000b => r.take(4)?,
            0x0005 | 0x0006 | 0x0007 | 0x0014 | 0x0040 => r.take(8)?,
            0x0048 => r.take(16)?,
            _ => return None,
        };
        if i == 0 {
            each(id, base, value);
        }
    }
    Some(())
}

fn string(kind: u16, bytes: &[u8]) -> String {
    if kind == PT_UNICODE {
        let (text, _) = encoding_rs::UTF_16LE.decode_without_bom_handling(bytes);
        text.trim_end_matches('\0').to_owned()
    } else {
        ansi(bytes)
    }
}

fn ansi(bytes: &[u8]) -> String {
    let end = bytes.iter().rposition(|b| *b != 0).map_or(0, |i| i + 1);
    super::text::decode_unknown(&bytes[..end])
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(head)
    }

    fn padded(&mut self, n: usize) -> Option<&'a [u8]> {
        let value = self.take(n)?;
        let pad = (4 - n % 4) % 4;
        self.take(pad.min(self.0.len()))?;
        Some(value)
    }

    fn u16(&mut self) -> Option<u16> {
        self.take(2).map(|b| u16::from_le_bytes([b[0], b[1]]))
    }

    fn u32(&mut self) -> Option<u32> {
        self.take(4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    fn attr(out: &mut Vec<u8>, level: u8, id: u32, value: &[u8]) {
        out.push(level);
        out.extend(id.to_le_bytes());
        out.extend((value.len() as u32).to_le_bytes());
        out.extend(value);
        out.extend(value.iter().fold(0u16, |s, b| s.wrapping_add(u16::from(*b))).to_le_bytes());
    }

    fn unicode(id: u16, text: &str) -> Vec<u8> {
        let value: Vec<u8> = text.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect();
        let mut out = Vec::new();
        out.extend(PT_UNICODE.to_le_bytes());
        out.extend(id.to_le_bytes());
        out.extend(1u32.to_le_bytes());
        out.extend((value.len() as u32).to_le_bytes());
        out.extend(&value);
        out.extend(vec![0; (4 - value.len() % 4) % 4]);
        out
    }

    /// A small but complete `winmail.dat`: a body and one file.
    pub(crate) fn sample() -> Vec<u8> {
        let mut out = Vec::new();
        out.extend(SIGNATURE.to_le_bytes());
        out.extend([1, 0]);
        let mut body = 1u32.to_le_bytes().to_vec();
        body.extend(unicode(PR_BODY, "Buongiorno, allego la città"));
        attr(&mut out, 1, 0x0006_9003, &body);
        attr(&mut out, 2, 0x0006_9002, &[0; 14]);
        attr(&mut out, 2, 0x0001_8010, b"CITT~1.PDF\0");
        attr(&mut out, 2, 0x0006_800f, b"%PDF-1.4 contenuto");
        let mut file = 1u32.to_le_bytes().to_vec();
        file.extend(unicode(PR_ATTACH_LONG_NAME, "città.pdf"));
        attr(&mut out, 2, 0x0006_9005, &file);
        out
    }

    #[test]
    fn body_and_files_come_out_of_a_winmail_dat() {
        let tnef = decode(&sample()).unwrap();
        assert_eq!(tnef.text.as_deref(), Some("Buongiorno, allego la città"));
        assert_eq!(tnef.files.len(), 1);
        assert_eq!(tnef.files[0].name, "città.pdf");
        assert_eq!(&tnef.files[0].bytes[..], b"%PDF-1.4 contenuto");
    }

    #[test]
    fn a_body_in_rtf_alone_is_read() {
        let with_rtf = |rtf: &str| {
            let compressed = compressed_rtf::compress_rtf(rtf).unwrap();
            let mut value = 1u32.to_le_bytes().to_vec();
            value.extend(PT_BINARY.to_le_bytes());
            value.extend(PR_RTF.to_le_bytes());
            value.extend(1u32.to_le_bytes());
            value.extend((compressed.len() as u32).to_le_bytes());
            value.extend(&compressed);
            value.extend(vec![0; (4 - compressed.len() % 4) % 4]);
            let mut out = SIGNATURE.to_le_bytes().to_vec();
            out.extend([1, 0]);
            attr(&mut out, 1, 0x0006_9003, &value);
            decode(&out).unwrap()
        };
        let html = with_rtf("{\\rtf1\\ansi\\fromhtml1 {\\*\\htmltag64 <p>}Perch\\'e9?{\\*\\htmltag72 </p>}}");
        assert_eq!((html.html.as_deref(), html.text), (Some("<p>Perché?</p>"), None));
        let text = with_rtf("{\\rtf1\\ansi\\fromtext Ciao\\par}");
        assert_eq!((text.html, text.text.as_deref()), (None, Some("Ciao\n")));
    }

    #[test]
    fn a_broken_one_never_panics() {
        let whole = sample();
        for end in 0..whole.len() {
            let _either_is_fine = decode(&whole[..end]);
        }
        for i in 0..whole.len() {
            let mut bad = whole.clone();
            bad[i] ^= 0xff;
            let _either_is_fine = decode(&bad);
        }
    }
}
