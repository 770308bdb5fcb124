//! Reads paper: each page of a PDF becomes a picture, is straightened, and what is printed on it is read. As many pages
//! are in memory as there are processors.

use std::ffi::OsStr;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, LazyLock, Mutex, PoisonError};
use std::time::Duration;

use super::code::{self, Mark};
use super::inbound::paper_page;
use super::ocr::{self, Recognised};
use super::program::{Bounds, ProgramError};
use super::{Gray, Programs};
use crate::PaperPage;

/// Longest side of a page, in pixels: 300 dots an inch on A4.
const LONGEST_SIDE: &str = "3508";

/// How paper is read.
#[derive(Debug, Clone)]
pub struct PaperReader {
    /// The programs it uses.
    pub programs: Programs,
    /// Languages of the text, as Tesseract names them (`ita+eng`).
    pub languages: String,
    /// Pages of one file that are read; those beyond are kept unread.
    pub max_pages: usize,
}

impl Default for PaperReader {
    fn default() -> Self {
        Self { programs: Programs::default(), languages: "ita+eng".into(), max_pages: 500 }
    }
}

/// What one page says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageRead {
    /// Codes on it.
    pub marks: Vec<Mark>,
    /// Printed text; `None` when no program could read it.
    pub text: Option<Recognised>,
    /// Whether there is nothing on it.
    pub blank: bool,
}

/// The pages of one file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PagesRead {
    /// Pages in the file.
    pub count: usize,
    /// What was read of them, from the first; shorter than `count` when there were more than are read.
    pub pages: Vec<PageRead>,
}

/// As many pages are looked at side by side as there are processors, however many batches wait.
static PLACES: LazyLock<(Mutex<usize>, Condvar)> = LazyLock::new(|| (Mutex::new(processors()), Condvar::new()));

fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

struct Place;

impl Place {
    fn take() -> Self {
        let (free, freed) = &*PLACES;
        let free = free.lock().unwrap_or_else(PoisonError::into_inner);
        *freed.wait_while(free, |free| *free == 0).unwrap_or_else(PoisonError::into_inner) -= 1;
        Self
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        *PLACES.0.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        PLACES.1.notify_one();
    }
}

impl PaperReader {
    /// Reads the pages of a PDF file, side by side as far as there are processors for it. Blocks for about a second a
    /// page and processor.
    ///
    /// # Errors
    /// When the file cannot be opened, or the programs that open it are not there.
    pub fn read(&self, pdf: &Path) -> Result<PagesRead, ProgramError> {
        let count = count(pdf, &self.programs)?;
        let last = count.min(self.max_pages);
        let next = AtomicUsize::new(1);
        let some = || -> Result<Vec<(usize, PageRead)>, ProgramError> {
            let mut read = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number > last {
                    return Ok(read);
                }
                let _place = Place::take();
                read.push((number, self.page(pdf, number)?));
            }
        };
        let read = std::thread::scope(|scope| {
            let workers: Vec<_> = (0..processors().min(last)).map(|_| scope.spawn(some)).collect();
            let joined = workers.into_iter().map(|w| w.join().unwrap_or_else(|e| std::panic::resume_unwind(e)));
            joined.collect::<Result<Vec<_>, _>>()
        });
        let mut read = read?.concat();
        read.sort_by_key(|(number, _)| *number);
        Ok(PagesRead { count, pages: read.into_iter().map(|(_, page)| page).collect() })
    }

    /// Reads the first page of a PDF. Blocks.
    ///
    /// # Errors
    /// As [`PaperReader::read`].
    pub fn read_one(&self, pdf: &[u8]) -> Result<PaperPage, ProgramError> {
        let file = self.programs.file(pdf)?;
        let _place = Place::take();
        self.page(&file, 1).map(|page| paper_page(&page, 0))
    }

    /// Tries the programs. `Ok` says which are there.
    ///
    /// # Errors
    /// The first that is missing or lacks a language.
    pub fn check(&self) -> Result<String, String> {
        for (program, package) in [("pdftoppm", "poppler-utils"), ("tesseract", "tesseract-ocr")] {
            if self.programs.find(program).is_none() {
                return Err(format!("{program} is not installed (package {package})"));
            }
        }
        let bounds = Bounds { time: Duration::from_secs(10), output: 64 << 10 };
        let listed = self.programs.run("tesseract", &[OsStr::new("--list-langs")], &[], bounds);
        let listed = listed.map_err(|e| e.to_string())?;
        let listed = String::from_utf8_lossy(&listed).into_owned();
        match self.languages.split('+').find(|language| !listed.lines().any(|l| l.trim() == *language)) {
            Some(language) => {
                Err(format!("tesseract lacks the language {language} (package tesseract-ocr-{language})"))
            }
            None => Ok(format!("pages are read by tesseract in {}", self.languages)),
        }
    }

    /// A page that cannot be drawn is kept like one that cannot be read.
    fn page(&self, pdf: &Path, number: usize) -> Result<PageRead, ProgramError> {
        let drawn = match self.draw(pdf, number) {
            Ok(drawn) => drawn,
            Err(missing @ ProgramError::Missing(_)) => return Err(missing),
            Err(problem) => {
                tracing::warn!(page = number, %problem, "a page cannot be drawn");
                return Ok(PageRead::default());
            }
        };
        let page = drawn.straightened();
        let blank = page.is_blank();
        let small = page.halved();
        let mut marks = if blank { Vec::new() } else { code::read(&small) };
        let is_done = |marks: &[Mark]| blank || marks.contains(&Mark::Separator);
        if is_done(&marks) {
            return Ok(PageRead { marks, text: Some(Recognised::default()), blank });
        }
        // Most pages have no code at all: the second look for one does not keep the text waiting.
        let recognised = std::thread::scope(|scope| {
            let again = marks.is_empty().then(|| scope.spawn(|| code::read_again(&small, &self.programs)));
            let recognised = ocr::recognise(&page, &self.languages, &self.programs);
            if let Some(again) = again {
                marks = again.join().unwrap_or_else(|e| std::panic::resume_unwind(e));
            }
            recognised
        });
        if is_done(&marks) {
            return Ok(PageRead { marks, text: Some(Recognised::default()), blank });
        }
        let text = match recognised {
            Ok(text) => Some(text),
            Err(problem) => {
                tracing::warn!(page = number, %problem, "the text of a page cannot be read");
                None
            }
        };
        Ok(PageRead { marks, text, blank })
    }

    fn draw(&self, pdf: &Path, number: usize) -> Result<Gray, ProgramError> {
        let bounds = Bounds { time: Duration::from_secs(60), output: 50 << 20 };
        let number = number.to_string();
        let words = ["-f", &number, "-l", &number, "-scale-to", LONGEST_SIDE, "-gray"].map(OsStr::new);
        let words: Vec<&OsStr> = words.into_iter().chain([pdf.as_os_str()]).collect();
        let drawn = self.programs.run("pdftoppm", &words, &[], bounds)?;
        Gray::from_pgm(&drawn).ok_or_else(|| ProgramError::Failed("pdftoppm", "it drew no picture".into()))
    }

    /// Some pages of a PDF file as a PDF of their own.
    ///
    /// # Errors
    /// When the programs are missing or fail.
    pub fn extract(&self, pdf: &Path, first: usize, last: usize) -> Result<Vec<u8>, ProgramError> {
        let bounds = Bounds { time: Duration::from_secs(120), output: 1 << 20 };
        let folder = self.programs.folder()?;
        let (from, to) = (first.to_string(), last.to_string());
        let pattern = folder.path().join("page-%d.pdf");
        let words = [OsStr::new("-f"), OsStr::new(&from), OsStr::new("-l"), OsStr::new(&to), pdf.as_os_str()];
        let words: Vec<&OsStr> = words.into_iter().chain([pattern.as_os_str()]).collect();
        self.programs.run("pdfseparate", &words, &[], bounds)?;
        let pages: Vec<_> = (first..=last).map(|n| folder.path().join(format!("page-{n}.pdf"))).collect();
        let united;
        let result = if let [only] = pages.as_slice() {
            only
        } else {
            united = self.programs.unite(&pages, folder.path())?;
            &united
        };
        let bytes = std::fs::read(result).map_err(|e| ProgramError::Failed("pdfseparate", e.to_string()))?;
        Ok(without_id(bytes))
    }
}

/// How many pages a PDF file has.
pub(super) fn count(pdf: &Path, programs: &Programs) -> Result<usize, ProgramError> {
    let bounds = Bounds { time: Duration::from_secs(30), output: 1 << 20 };
    let said = programs.run("pdfinfo", &[pdf.as_os_str()], &[], bounds)?;
    let said = String::from_utf8_lossy(&said);
    let count = said.lines().find_map(|line| line.strip_prefix("Pages:")).and_then(|n| n.trim().parse().ok());
    count.filter(|n| *n > 0).ok_or_else(|| ProgramError::Failed("pdfinfo", "the file has no pages".into()))
}

/// Leaves out the random id that the programs give each file: the same pages are the same bytes on every node.
pub(super) fn without_id(mut pdf: Vec<u8>) -> Vec<u8> {
    let find = |from: usize, mark: &[u8]| {
        pdf.get(from..).and_then(|rest| rest.windows(mark.len()).position(|w| w == mark)).map(|at| from + at)
    };
    let trailer = pdf.windows(7).rposition(|w| w == b"trailer");
    let start = trailer.and_then(|at| find(at, b"/ID "));
    // The id's own bytes could hold a bracket, but not this name.
    if let Some((start, end)) = start.and_then(|at| Some((at, find(at, b"/Root")?))) {
        pdf.drain(start..end);
    }
    pdf
}
