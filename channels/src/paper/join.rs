//! Several documents as one file, to be printed in one go.

use std::path::PathBuf;

use super::Programs;
use super::letter::blank;
use super::program::ProgramError;
use super::reader::count;

/// How sheets are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sides {
    /// On the front only.
    One,
    /// On both sides: each document begins on a sheet of its own.
    Both,
}

/// Documents in one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joined {
    /// The file.
    pub pdf: Vec<u8>,
    /// Its pages.
    pub pages: usize,
}

/// Joins PDF files in their order. Blocks.
///
/// # Errors
/// When the programs are missing or refuse one of the files.
pub fn join(files: &[&[u8]], sides: Sides, programs: &Programs) -> Result<Joined, ProgramError> {
    let folder = programs.folder()?;
    let failed = |e: std::io::Error| ProgramError::Failed("scratch", e.to_string());
    let empty = folder.path().join("empty.pdf");
    std::fs::write(&empty, blank()).map_err(failed)?;
    let (mut parts, mut pages) = (Vec::<PathBuf>::new(), 0);
    for (number, file) in files.iter().enumerate() {
        let path = folder.path().join(format!("part-{number}.pdf"));
        std::fs::write(&path, file).map_err(failed)?;
        let own = count(&path, programs)?;
        pages += own;
        parts.push(path);
        let more = number + 1 < files.len();
        if sides == Sides::Both && more && !own.is_multiple_of(2) {
            parts.push(empty.clone());
            pages += 1;
        }
    }
    let whole = match parts.as_slice() {
        [only] => only.clone(),
        several => programs.unite(several, folder.path())?,
    };
    Ok(Joined { pdf: std::fs::read(whole).map_err(failed)?, pages })
}
