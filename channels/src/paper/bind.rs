//! Pages of scans put together anew: in another order, turned, divided or joined; and pictures of single pages.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::Programs;
use super::convert::from_jpeg;
use super::program::{Bounds, ProgramError};
use super::reader::without_id;

/// Dots an inch of a page that is turned: it becomes a picture, as it was under the scanner.
const TURNED_DPI: &str = "250";

/// One page of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leaf<'a> {
    /// The PDF it lies in.
    pub file: &'a [u8],
    /// Its number there, from 1.
    pub page: usize,
    /// Quarter turns to the right.
    pub turns: u8,
}

/// A PDF of these pages in this order. Blocks.
///
/// # Errors
/// When the programs are missing or fail.
pub fn bind(leaves: &[Leaf<'_>], programs: &Programs) -> Result<Vec<u8>, ProgramError> {
    let folder = programs.folder()?;
    let failed = |e: std::io::Error| ProgramError::Failed("scratch", e.to_string());
    let mut sources: Vec<(&[u8], PathBuf)> = Vec::new();
    let mut pages = Vec::with_capacity(leaves.len());
    for (place, leaf) in leaves.iter().enumerate() {
        let known = sources.iter().find(|(file, _)| std::ptr::eq(*file, leaf.file)).map(|(_, path)| path.clone());
        let source = match known {
            Some(path) => path,
            None => {
                let path = folder.path().join(format!("source-{}.pdf", sources.len()));
                std::fs::write(&path, leaf.file).map_err(failed)?;
                sources.push((leaf.file, path.clone()));
                path
            }
        };
        let page = folder.path().join(format!("page-{place}.pdf"));
        if leaf.turns.is_multiple_of(4) {
            separate(&source, leaf.page, &page, programs)?;
        } else {
            let drawn = draw(&source, leaf.page, &["-r", TURNED_DPI], programs)?;
            let turned = from_jpeg(&drawn, i32::from(leaf.turns % 4) * 90);
            let turned = turned.map_err(|e| ProgramError::Failed("pdftoppm", e.to_string()))?;
            std::fs::write(&page, turned).map_err(failed)?;
        }
        pages.push(page);
    }
    let whole = match pages.as_slice() {
        [only] => only.clone(),
        several => programs.unite(several, folder.path())?,
    };
    std::fs::read(whole).map(without_id).map_err(failed)
}

/// A page of a PDF as a JPEG, its longest side of so many pixels. Blocks.
///
/// # Errors
/// When the programs are missing or fail.
pub fn picture(pdf: &[u8], page: usize, longest: u32, programs: &Programs) -> Result<Vec<u8>, ProgramError> {
    let file = programs.file(pdf)?;
    draw(&file, page, &["-scale-to", &longest.to_string()], programs)
}

fn separate(file: &Path, page: usize, to: &Path, programs: &Programs) -> Result<(), ProgramError> {
    let bounds = Bounds { time: Duration::from_secs(60), output: 1 << 20 };
    let number = page.to_string();
    let words = ["-f", &number, "-l", &number].map(OsStr::new);
    let words: Vec<&OsStr> = words.into_iter().chain([file.as_os_str(), to.as_os_str()]).collect();
    programs.run("pdfseparate", &words, &[], bounds).map(drop)
}

fn draw(file: &Path, page: usize, size: &[&str], programs: &Programs) -> Result<Vec<u8>, ProgramError> {
    let bounds = Bounds { time: Duration::from_secs(60), output: 50 << 20 };
    let number = page.to_string();
    let words = ["-f", &number, "-l", &number, "-jpeg", "-jpegopt", "quality=82"];
    let words = words.iter().chain(size).map(OsStr::new);
    let words: Vec<&OsStr> = words.chain([file.as_os_str()]).collect();
    let drawn = programs.run("pdftoppm", &words, &[], bounds)?;
    if drawn.is_empty() { Err(ProgramError::Failed("pdftoppm", "it drew no picture".into())) } else { Ok(drawn) }
}
