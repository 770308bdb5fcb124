//! Reading a batch of scanned letters.

use std::ops::Range;
use std::path::Path;

use crate::email::safe_name;
use crate::paper::{
    ConvertError, Envelope, Mark, PageRead, Pages, PagesRead, PaperReader, ProgramError, fill, media_type, to_pdf,
};
use crate::{Attachment, ChannelKind, Inbound, Normalise, Notice, Placement, Rejected};

/// Reads batches of scans: PDF, TIFF, JPEG or PNG, with separator sheets between the letters or without.
#[derive(Debug)]
pub struct ScanNormaliser {
    reader: PaperReader,
    max_bytes: usize,
}

/// One file being read.
struct Scan<'a> {
    raw: &'a [u8],
    /// Name without ending.
    stem: String,
    digest: String,
}

impl ScanNormaliser {
    /// Reads batches up to a size.
    #[must_use]
    pub const fn new(reader: PaperReader, max_bytes: usize) -> Self {
        Self { reader, max_bytes }
    }

    fn letters(&self, scan: &Scan<'_>, pdf: &[u8]) -> Result<Vec<Inbound>, Rejected> {
        let programs = &self.reader.programs;
        let file = programs.file(pdf).map_err(|e| Rejected::Malformed(e.to_string()))?;
        let read = match self.reader.read(&file) {
            Ok(read) => read,
            // Nothing can be divided or read here, but the letter is one.
            Err(ProgramError::Missing(_)) => PagesRead::default(),
            Err(problem) => return Err(Rejected::Malformed(problem.to_string())),
        };
        let ranges = divide(&read);
        let whole = ranges.len() <= 1 && ranges.first().is_none_or(|range| *range == (0..read.count));
        if whole {
            let letter = self.letter(scan, 0, read.count.max(1), &read.pages);
            return Ok(vec![with_file(letter, format!("{}.pdf", scan.stem), pdf.to_vec())]);
        }
        let of = |(number, range): (usize, Range<usize>)| {
            let known = range.start.min(read.pages.len())..range.end.min(read.pages.len());
            let letter = self.letter(scan, number, range.len(), &read.pages[known]);
            self.with_pages(letter, scan, pdf, &file, &range)
        };
        Ok(ranges.into_iter().enumerate().map(of).collect())
    }

    fn letter(&self, scan: &Scan<'_>, number: usize, count: usize, pages: &[PageRead]) -> Inbound {
        let name = format!("{}.{}", scan.digest, number + 1);
        let mut letter = Inbound::new(ChannelKind::Letter, &name, scan.raw);
        letter.content_digest = Inbound::new(ChannelKind::Letter, "", name.as_bytes()).digest;
        fill(&mut letter, &Pages { count, read: pages });
        letter
    }

    /// The letter with its own pages, or with the whole batch when they cannot be taken out.
    fn with_pages(
        &self,
        mut letter: Inbound,
        scan: &Scan<'_>,
        pdf: &[u8],
        file: &Path,
        range: &Range<usize>,
    ) -> Inbound {
        match self.reader.extract(file, range.start + 1, range.end) {
            Ok(pages) => {
                let name = format!("{}-{}-{}.pdf", scan.stem, range.start + 1, range.end);
                with_file(letter, name, pages)
            }
            Err(problem) => {
                tracing::warn!(%problem, "pages cannot be taken out of a batch");
                letter.notices.push(Notice::BatchNotDivided);
                with_file(letter, format!("{}.pdf", scan.stem), pdf.to_vec())
            }
        }
    }
}

fn with_file(mut letter: Inbound, name: String, bytes: Vec<u8>) -> Inbound {
    let media_type = media_type(&bytes).unwrap_or("application/octet-stream").to_owned();
    let file = Attachment {
        name,
        media_type,
        bytes: bytes.into(),
        content_id: None,
        placement: Placement::Attached,
        note: None,
    };
    letter.attachments.push(file);
    letter
}

/// The pages of each letter: what stands between separator sheets. The empty back of a separator goes with it.
fn divide(read: &PagesRead) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut start = 0;
    for (at, page) in read.pages.iter().enumerate() {
        if page.marks.contains(&Mark::Separator) {
            ranges.push(start..at);
            start = at + 1;
        } else if page.blank && at == start && at > 0 {
            start = at + 1;
        }
    }
    ranges.push(start..read.count);
    ranges.retain(|range| !range.is_empty());
    ranges
}

impl Normalise for ScanNormaliser {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Letter
    }

    /// The first letter of a batch.
    fn normalise(&self, raw: &[u8]) -> Result<Inbound, Rejected> {
        let first = self.normalise_all(raw)?.into_iter().next();
        first.ok_or_else(|| Rejected::Malformed("there is no page but separators".into()))
    }

    fn normalise_all(&self, raw: &[u8]) -> Result<Vec<Inbound>, Rejected> {
        let envelope = Envelope::open(raw);
        let file = envelope.file;
        if file.is_empty() {
            return Err(Rejected::Empty);
        }
        if file.len() > self.max_bytes {
            return Err(Rejected::TooLarge { size: file.len(), limit: self.max_bytes });
        }
        let name = safe_name(envelope.get("file"));
        let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
        let stem = if stem.is_empty() { "lettera".to_owned() } else { stem.to_owned() };
        let scan = Scan { raw, stem, digest: Inbound::new(ChannelKind::Letter, "", file).digest };
        match to_pdf(file, &self.reader.programs) {
            Ok(pdf) => self.letters(&scan, &pdf),
            Err(ConvertError::Missing(_)) => {
                let letter = self.letter(&scan, 0, 1, &[]);
                let ending = media_type(file).and_then(|m| m.rsplit('/').next()).unwrap_or("bin");
                Ok(vec![with_file(letter, format!("{}.{ending}", scan.stem), file.to_vec())])
            }
            Err(problem) => Err(Rejected::Malformed(problem.to_string())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(separator: bool, blank: bool) -> PageRead {
        PageRead { marks: if separator { vec![Mark::Separator] } else { Vec::new() }, text: None, blank }
    }

    #[test]
    fn separators_divide_and_take_their_empty_back_with_them() {
        let (sheet, text, empty) = (page(true, false), page(false, false), page(false, true));
        let of = |pages: &[&PageRead], count| {
            let ranges = divide(&PagesRead { count, pages: pages.iter().map(|p| (*p).clone()).collect() });
            ranges.iter().map(|range| (range.start, range.end)).collect::<Vec<_>>()
        };
        assert_eq!(of(&[&sheet, &text, &text, &sheet, &empty, &text, &empty], 7), [(1, 3), (5, 7)]);
        assert_eq!(of(&[&text, &empty, &text], 3), [(0, 3)], "an empty page of a letter stays");
        assert_eq!(of(&[&empty, &text], 2), [(0, 2)], "nothing was before it");
        assert_eq!(of(&[&text, &sheet], 9), [(0, 1), (2, 9)], "what is not read belongs to the last");
        assert!(of(&[&sheet, &empty, &sheet], 3).is_empty());
    }
}
