//! Pages of a fax in TIFF (class F): where each page's coded strips are and how they are coded, without
//! decoding them. A PDF takes the same coding as it is.

use std::ops::Range;

use super::ConvertError;

/// Most pages followed in one file.
const PAGE_LIMIT: usize = 2000;
/// Most strips of one page.
const STRIP_LIMIT: usize = 20_000;
/// Widest and longest page, in pixels.
const SIDE_LIMIT: u32 = 60_000;

/// How the pixels of a page are coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// CCITT T.4 or T.6; `k` as a PDF says it: 0 one-dimensional, positive mixed, negative two-dimensional.
    Ccitt { k: i32 },
    /// Anything else, by its number in the TIFF registry.
    Other(u16),
}

/// One page.
#[derive(Debug, Clone, PartialEq)]
pub struct TiffPage {
    /// Pixels in a line.
    pub width: u32,
    /// Lines.
    pub height: u32,
    /// Pixels in an inch, across and down: they differ on a fax.
    pub density: (f32, f32),
    /// Coding of the strips.
    pub coding: Coding,
    /// Whether the coding's black is shown white.
    pub inverted: bool,
    /// Whether the bits of each byte run from the lowest.
    pub low_bit_first: bool,
    /// Lines of each strip but the last.
    pub rows_per_strip: u32,
    /// Where the strips are in the file, from the top.
    pub strips: Vec<Range<usize>>,
    /// What the writer noted: HylaFAX puts the sender's own identification here.
    pub description: String,
}

struct Reader<'a> {
    bytes: &'a [u8],
    big_endian: bool,
}

impl Reader<'_> {
    fn u16(&self, at: usize) -> Option<u16> {
        let two: [u8; 2] = self.bytes.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if self.big_endian { u16::from_be_bytes(two) } else { u16::from_le_bytes(two) })
    }

    fn u32(&self, at: usize) -> Option<u32> {
        let four: [u8; 4] = self.bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if self.big_endian { u32::from_be_bytes(four) } else { u32::from_le_bytes(four) })
    }
}

/// One entry of a directory: its values are in the entry itself when they fit, elsewhere when not.
struct Entry {
    kind: u16,
    count: usize,
    at: usize,
}

impl Entry {
    fn numbers(&self, reader: &Reader<'_>) -> Option<Vec<u32>> {
        let count = self.count.min(STRIP_LIMIT);
        let read = |n: usize| match self.kind {
            1 => reader.bytes.get(self.at + n).map(|b| u32::from(*b)),
            3 => reader.u16(self.at + n * 2).map(u32::from),
            4 => reader.u32(self.at + n * 4),
            _ => None,
        };
        (0..count).map(read).collect()
    }

    fn number(&self, reader: &Reader<'_>) -> Option<u32> {
        self.numbers(reader)?.first().copied()
    }

    fn fraction(&self, reader: &Reader<'_>) -> Option<f32> {
        let (over, under) = (reader.u32(self.at)?, reader.u32(self.at + 4)?);
        (self.kind == 5 && under != 0).then(|| over as f32 / under as f32)
    }

    fn text(&self, reader: &Reader<'_>) -> Option<String> {
        let bytes = reader.bytes.get(self.at..self.at.checked_add(self.count.min(500))?)?;
        let text = String::from_utf8_lossy(bytes.split(|b| *b == 0).next()?).trim().to_owned();
        (self.kind == 2).then_some(text)
    }
}

/// Whether the bytes begin like a TIFF.
#[must_use]
pub fn is_tiff(bytes: &[u8]) -> bool {
    bytes.starts_with(b"II*\0") || bytes.starts_with(b"MM\0*")
}

/// The pages of a TIFF, in order. A page that cannot be followed ends the list: what a broken transmission
/// left is read as far as it goes.
///
/// # Errors
/// When it is no TIFF or not even its first page can be followed.
pub fn pages(bytes: &[u8]) -> Result<Vec<TiffPage>, ConvertError> {
    let broken = || ConvertError::Unreadable("the TIFF has no page that can be followed".into());
    if !is_tiff(bytes) {
        return Err(ConvertError::Unreadable("not a TIFF".into()));
    }
    let reader = Reader { bytes, big_endian: bytes[0] == b'M' };
    let mut pages = Vec::new();
    let mut seen = Vec::new();
    let mut next = reader.u32(4).ok_or_else(broken)? as usize;
    let (mut strips, mut coded) = (0, 0);
    while next != 0 && !seen.contains(&next) && pages.len() < PAGE_LIMIT {
        seen.push(next);
        let Some((page, after)) = page(&reader, next) else {
            break;
        };
        // Strips may share bytes; a file made to be copied many times over is not followed.
        strips += page.strips.len();
        coded += page.strips.iter().map(Range::len).sum::<usize>();
        if strips > STRIP_LIMIT || coded > 2 * bytes.len() {
            break;
        }
        pages.push(page);
        next = after;
    }
    if pages.is_empty() { Err(broken()) } else { Ok(pages) }
}

/// Whether every page that the file names is there whole, and no further one was begun.
#[must_use]
pub fn is_complete(bytes: &[u8]) -> bool {
    let reader = Reader { bytes, big_endian: bytes.first() == Some(&b'M') };
    let mut next = if is_tiff(bytes) { reader.u32(4).unwrap_or(0) as usize } else { 0 };
    let mut count = 0;
    while next != 0 && count < PAGE_LIMIT {
        let Some((_, after)) = page(&reader, next) else {
            return false;
        };
        (next, count) = (after, count + 1);
    }
    count > 0
}

fn page(reader: &Reader<'_>, at: usize) -> Option<(TiffPage, usize)> {
    let count = usize::from(reader.u16(at)?);
    let find = |tag: u16| {
        (0..count).map(|n| at + 2 + n * 12).find(|entry| reader.u16(*entry) == Some(tag)).and_then(|entry| {
            let (kind, count) = (reader.u16(entry + 2)?, reader.u32(entry + 4)? as usize);
            let size = match kind {
                1 | 2 => 1,
                3 => 2,
                4 => 4,
                5 => 8,
                _ => return None,
            };
            let inside = count.checked_mul(size)? <= 4;
            let at = if inside { entry + 8 } else { reader.u32(entry + 8)? as usize };
            Some(Entry { kind, count, at })
        })
    };
    let number = |tag: u16, otherwise: u32| find(tag).and_then(|e| e.number(reader)).unwrap_or(otherwise);
    let side = |n: &u32| (1..=SIDE_LIMIT).contains(n);
    let width = find(256)?.number(reader).filter(side)?;
    let height = find(257)?.number(reader).filter(side)?;
    let two_dimensional = number(292, 0) & 1 == 1;
    let coding = match (number(258, 1), number(259, 1)) {
        (1, 3) if two_dimensional => Coding::Ccitt { k: 4 },
        (1, 3) => Coding::Ccitt { k: 0 },
        (1, 4) => Coding::Ccitt { k: -1 },
        (_, other) => Coding::Other(u16::try_from(other).unwrap_or(0)),
    };
    let offsets = find(273)?.numbers(reader)?;
    let lengths = find(279)?.numbers(reader)?;
    let mut strips = Vec::new();
    for (offset, length) in offsets.iter().zip(&lengths) {
        let range = *offset as usize..(*offset as usize).checked_add(*length as usize)?;
        reader.bytes.get(range.clone())?;
        strips.push(range);
    }
    let per_inch = |tag: u16, otherwise: f32| {
        let found = find(tag).and_then(|e| e.fraction(reader)).filter(|d| (1.0..10_000.0).contains(d));
        let scale = if number(296, 2) == 3 { 2.54 } else { 1.0 };
        found.map_or(otherwise, |d| d * scale)
    };
    let after = reader.u32(at + 2 + count * 12)? as usize;
    let page = TiffPage {
        width,
        height,
        density: (per_inch(282, 204.0), per_inch(283, 196.0)),
        coding,
        inverted: number(262, 0) == 1,
        low_bit_first: number(266, 1) == 2,
        rows_per_strip: number(278, height).clamp(1, height),
        strips,
        description: find(270).and_then(|e| e.text(reader)).unwrap_or_default(),
    };
    (!page.strips.is_empty()).then_some((page, after))
}
