//! Pages as machines see them: letters drawn by poppler and scanned a little crooked, with dust; faxes coded by
//! Ghostscript as T.4 or T.6, as HylaFAX leaves them.

use std::ffi::OsStr;
use std::time::Duration;

use jiff::Timestamp;

use crate::Outgoing;
use crate::paper::{Bounds, Gray, Letterhead, Picture, ProgramError, Programs, Samples, album, letter, separator};

/// Dots an inch of scans: enough for the eye and the reader, half the size of 300.
const SCAN: f32 = 200.0;
const BOUNDS: Bounds = Bounds { time: Duration::from_secs(60), output: 256 << 20 };

/// A letter that somebody wrote.
#[derive(Debug, Clone)]
pub struct Written<'a> {
    /// Who.
    pub name: &'a str,
    /// To whom, in lines.
    pub to: &'a str,
    /// The line «Oggetto».
    pub subject: &'a str,
    /// The words.
    pub text: &'a str,
    /// The date in its head.
    pub at: Timestamp,
}

impl Written<'_> {
    fn pdf(&self) -> Vec<u8> {
        let message = Outgoing {
            sender_name: self.name.to_owned(),
            recipient_address: self.to.to_owned(),
            subject: self.subject.to_owned(),
            text: self.text.to_owned(),
            language: "it".to_owned(),
            date: self.at,
            ..Outgoing::default()
        };
        letter(&message, &Letterhead::default())
    }
}

/// How a fax is coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// T.4, in one dimension.
    G3,
    /// T.6.
    G4,
}

/// A fax in TIFF, fine resolution, as HylaFAX receives it.
///
/// # Errors
/// When Ghostscript is missing or fails.
pub fn fax(letter: &Written<'_>, coding: Coding, programs: &Programs) -> Result<Vec<u8>, ProgramError> {
    let file = programs.file(&letter.pdf())?;
    let device = match coding {
        Coding::G3 => "-sDEVICE=tiffg3",
        Coding::G4 => "-sDEVICE=tiffg4",
    };
    let folder = programs.folder()?;
    let out = folder.path().join("fax.tif");
    let mut to = std::ffi::OsString::from("-sOutputFile=");
    to.push(&out);
    // 1728 points of a line and 196 lines an inch: A4 as T.30 has it.
    let words = ["-q", "-dSAFER", "-dBATCH", "-dNOPAUSE", device, "-r204x196", "-g1728x2292", "-dPDFFitPage"];
    let mut words: Vec<&OsStr> = words.iter().map(OsStr::new).collect();
    words.extend([to.as_os_str(), file.as_os_str()]);
    programs.run("gs", &words, &[], BOUNDS)?;
    std::fs::read(&out).map_err(|e| ProgramError::Failed("gs", e.to_string()))
}

/// A batch of letters as a scanner leaves it: a separator before each, every page a little crooked. The same seed
/// gives the same dust.
///
/// # Errors
/// When poppler is missing or fails.
pub fn scan(letters: &[Written<'_>], seed: u64, programs: &Programs) -> Result<Vec<u8>, ProgramError> {
    let sheet = drawn(&separator(), programs)?;
    let mut pages = Vec::new();
    for (letter, place) in letters.iter().zip(0..) {
        if letters.len() > 1 {
            pages.extend(sheet.iter().map(|page| worn(page, seed.wrapping_add(place * 2))));
        }
        pages.extend(drawn(&letter.pdf(), programs)?.iter().map(|page| worn(page, seed.wrapping_add(place * 2 + 1))));
    }
    let side = |pixels: usize| u32::try_from(pixels).unwrap_or(u32::MAX);
    let picture = |page: &'_ Gray| (side(page.width), side(page.height));
    let pictures: Vec<Picture<'_>> = pages
        .iter()
        .map(|page| {
            let (width, height) = picture(page);
            Picture {
                width,
                height,
                density: (SCAN, SCAN),
                samples: Samples::Plain { bytes: &page.pixels, channels: 1 },
            }
        })
        .collect();
    album(&pictures).ok_or_else(|| ProgramError::Failed("album", "a page is too large".to_owned()))
}

/// What a scanner writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scanned {
    /// One file for a batch.
    Pdf,
    /// One file for a batch, a picture to a page.
    Tiff,
    /// A file for each page: pages cannot be divided by sheets.
    Jpeg,
}

/// A batch of letters in the files that a scanner makes of it, each with the ending of its name.
///
/// # Errors
/// When poppler is missing or fails; for TIFF, Ghostscript.
pub fn scans(
    letters: &[Written<'_>],
    seed: u64,
    form: Scanned,
    programs: &Programs,
) -> Result<Vec<(&'static str, Vec<u8>)>, ProgramError> {
    match form {
        Scanned::Pdf => Ok(vec![("pdf", scan(letters, seed, programs)?)]),
        Scanned::Tiff => {
            let words = ["-q", "-dSAFER", "-dBATCH", "-dNOPAUSE", "-sDEVICE=tiffgray", "-sCompression=lzw"];
            let pages = repainted(&scan(letters, seed, programs)?, programs, |dots, file, folder| {
                let mut to = std::ffi::OsString::from("-sOutputFile=");
                to.push(folder.join("scan.tif"));
                let mut words: Vec<std::ffi::OsString> = words.iter().map(Into::into).collect();
                words.extend([format!("-r{dots}").into(), to, file.into()]);
                ("gs", words)
            })?;
            Ok(pages.into_iter().map(|page| ("tif", page)).collect())
        }
        Scanned::Jpeg => {
            let mut pages = Vec::new();
            for (letter, place) in letters.iter().zip(0..) {
                let pdf = scan(std::slice::from_ref(letter), seed.wrapping_add(place * 2), programs)?;
                pages.extend(repainted(&pdf, programs, |dots, file, folder| {
                    let words = ["-gray", "-jpeg", "-r", dots].map(Into::into);
                    ("pdftoppm", words.into_iter().chain([file.into(), folder.join("scan").into()]).collect())
                })?);
            }
            Ok(pages.into_iter().map(|page| ("jpg", page)).collect())
        }
    }
}

/// The files that a program makes of a PDF in a folder, in the order of their names.
fn repainted(
    pdf: &[u8],
    programs: &Programs,
    command: impl Fn(&str, &std::path::Path, &std::path::Path) -> (&'static str, Vec<std::ffi::OsString>),
) -> Result<Vec<Vec<u8>>, ProgramError> {
    let (file, folder) = (programs.file(pdf)?, programs.folder()?);
    let (name, words) = command(&SCAN.to_string(), file.as_ref(), folder.path());
    let words: Vec<&OsStr> = words.iter().map(std::ffi::OsString::as_os_str).collect();
    programs.run(name, &words, &[], BOUNDS)?;
    let failed = |e: std::io::Error| ProgramError::Failed(name, e.to_string());
    let entries = std::fs::read_dir(folder.path()).map_err(failed)?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>, _>>().map_err(failed)?;
    paths.sort();
    paths.iter().map(std::fs::read).collect::<Result<Vec<_>, _>>().map_err(failed)
}

/// Each page of a PDF in shades of grey.
fn drawn(pdf: &[u8], programs: &Programs) -> Result<Vec<Gray>, ProgramError> {
    let file = programs.file(pdf)?;
    let dots = format!("{SCAN}");
    let mut pages = Vec::new();
    loop {
        let number = (pages.len() + 1).to_string();
        let words = ["-r", &dots, "-gray", "-f", &number, "-l", &number];
        let mut words: Vec<&OsStr> = words.iter().map(OsStr::new).collect();
        words.push(file.as_os_str());
        match programs.run("pdftoppm", &words, &[], BOUNDS) {
            Ok(bytes) => match Gray::from_pgm(&bytes) {
                Some(page) => pages.push(page),
                None => return Ok(pages),
            },
            // Past the last page poppler complains.
            Err(ProgramError::Failed(..)) if !pages.is_empty() => return Ok(pages),
            Err(problem) => return Err(problem),
        }
    }
}

/// Crooked by less than a degree, paper that is not quite white, specks of dust.
fn worn(page: &Gray, seed: u64) -> Gray {
    let mut random = Random(seed ^ 0x9e37_79b9_7f4a_7c15);
    let degrees = (random.next() % 121) as f32 / 100.0 - 0.6;
    let mut page = page.rotated(degrees);
    for pixel in &mut page.pixels {
        // Noise in a few grey levels keeps the file small after packing.
        let noise = (random.next() & 7) as u8;
        *pixel = pixel.saturating_sub(noise & 4);
    }
    for _ in 0..60 {
        let at = usize::try_from(random.next()).unwrap_or(0) % page.pixels.len().max(1);
        if let Some(pixel) = page.pixels.get_mut(at) {
            *pixel = 90;
        }
    }
    page
}

/// A small generator (xorshift): the same on every machine.
struct Random(u64);

impl Random {
    const fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paper::tiff;

    fn written() -> Written<'static> {
        Written {
            name: "Anna Bianchi",
            to: "Comune di Valdoria\nPiazza del Municipio 1",
            subject: "Richiesta di copia",
            text: "Chiedo copia dell'atto di nascita di mio nonno.",
            at: Timestamp::from_second(1_764_000_000).unwrap(),
        }
    }

    #[test]
    fn a_fax_is_a_whole_tiff_in_both_codings() {
        for coding in [Coding::G3, Coding::G4] {
            let file = fax(&written(), coding, &Programs::default()).unwrap();
            assert!(tiff::is_complete(&file), "{coding:?}");
            assert_eq!(tiff::pages(&file).unwrap()[0].width, 1728);
        }
    }

    #[test]
    fn a_scanner_writes_one_tiff_for_all_pages_or_a_jpeg_for_each() {
        let letters = [written(), written()];
        let tiff = scans(&letters, 7, Scanned::Tiff, &Programs::default()).unwrap();
        assert_eq!(tiff.len(), 1);
        // A separator before each.
        assert!(tiff::is_complete(&tiff[0].1) && tiff::pages(&tiff[0].1).unwrap().len() == 4);
        let jpeg = scans(&letters, 7, Scanned::Jpeg, &Programs::default()).unwrap();
        assert_eq!(jpeg.len(), 2);
        assert!(jpeg.iter().all(|(ending, file)| *ending == "jpg" && file.starts_with(&[0xff, 0xd8, 0xff])));
        assert_ne!(jpeg[0].1, jpeg[1].1);
    }

    #[test]
    fn a_batch_is_the_same_for_the_same_seed() {
        let letters = [written(), written()];
        let batch = scan(&letters, 7, &Programs::default()).unwrap();
        assert!(batch.starts_with(b"%PDF"));
        assert_eq!(batch, scan(&letters, 7, &Programs::default()).unwrap());
        assert_ne!(batch, scan(&letters, 8, &Programs::default()).unwrap());
    }
}
