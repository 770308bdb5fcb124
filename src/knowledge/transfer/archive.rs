//! Sheets in a zip: a folder with a Markdown file each, and their forms beside them. It is unpacked in memory only, within bounds: whoever sends
//! one may have made it to burst.
use std::io::{Cursor, Read, Write};

use zip::ZipArchive;
use zip::result::ZipError;
use zip::write::{SimpleFileOptions, ZipWriter};

use super::attached::Forms;
use super::import::MOST;
use super::{Entry, Format, Wrong, attached, markdown};
use crate::knowledge::model::SheetDraft;
use crate::tickets::pages::upload;

/// The folder of the sheets in an archive of ours.
const FOLDER: &str = "schede";
/// Most entries of an archive: sheets, their folders, and what systems put beside them.
const ENTRIES: usize = 2 * MOST;
/// Most bytes of one sheet, of one form, and of all.
const FILE_BYTES: u64 = 1 << 20;
const FORM_BYTES: u64 = upload::FILE_BYTES as u64;
const TOTAL_BYTES: u64 = 128 << 20;
/// No text is packed so small: this many bytes out of one.
const RATIO: u64 = 200;

/// Writes sheets as an archive: the same sheets are the same bytes.
///
/// # Errors
/// When there is more than an archive holds.
pub fn write(sheets: &[SheetDraft], forms: &Forms) -> Result<Vec<u8>, ZipError> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for sheet in sheets {
        archive.start_file(format!("{FOLDER}/{}.md", sheet.code.as_str()), SimpleFileOptions::default())?;
        archive.write_all(markdown::write(sheet).as_bytes())?;
        for (path, form) in attached::paths(sheet) {
            let Some(bytes) = forms.get(form) else { continue };
            archive.start_file(format!("{FOLDER}/{path}"), SimpleFileOptions::default())?;
            archive.write_all(bytes)?;
        }
    }
    Ok(archive.finish()?.into_inner())
}

/// Reads the sheets of an archive, by file. What is wrong with the archive itself is told under `name`.
pub fn read(bytes: &[u8], name: &str) -> Vec<Entry> {
    read_files(bytes).unwrap_or_else(|wrong| vec![fault(name, wrong)])
}

fn fault(file: &str, wrong: &str) -> Entry {
    let content = Err(Wrong { field: "syntax".to_owned(), wrong: wrong.to_owned() });
    Entry { file: file.to_owned(), line: 1, content, forms: Forms::default() }
}

fn read_files(bytes: &[u8]) -> Result<Vec<Entry>, &'static str> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| "zip")?;
    if archive.len() > ENTRIES {
        return Err("zip_entries");
    }
    let (mut files, mut forms, mut left) = (Vec::new(), Forms::default(), TOTAL_BYTES);
    for place in 0..archive.len() {
        // What is locked with a password, or packed in a way of its own, cannot be opened.
        let Ok(mut entry) = archive.by_index(place) else {
            files.push((format!("#{}", place + 1), Err("zip_locked")));
            continue;
        };
        let name = shown_name(entry.name_raw());
        if entry.is_dir() || is_beside(&name) {
            continue;
        }
        if !is_inside(&name) || entry.is_symlink() {
            files.push((name, Err("zip_path")));
            continue;
        }
        let is_form = is_form(&name);
        if !is_form && Format::of_name(&name) != Some(Format::Markdown) {
            files.push((name, Err("zip_format")));
            continue;
        }
        let packed = entry.compressed_size();
        // Sizes that an archive tells of itself prove nothing: what comes out is counted.
        let most = if is_form { FORM_BYTES } else { FILE_BYTES };
        let most = most.min(left).min(packed.saturating_mul(RATIO).saturating_add(4096));
        let mut text = Vec::new();
        if entry.by_ref().take(most + 1).read_to_end(&mut text).is_err() {
            files.push((name, Err("zip")));
            continue;
        }
        if text.len() as u64 > most {
            return Err("zip_size");
        }
        left -= text.len() as u64;
        if is_form {
            forms.add(text.into());
            continue;
        }
        files.push((name, String::from_utf8(text).map_err(|_| "not_utf8")));
    }
    files.sort_by(|a, b| a.0.cmp(&b.0));
    let of = |(name, text): (String, Result<String, &'static str>)| match text {
        Ok(text) => {
            let named = |entry| Entry { file: name.clone(), ..entry };
            Format::Markdown.read(&text).into_iter().map(named).collect::<Vec<_>>()
        }
        Err(wrong) => vec![fault(&name, wrong)],
    };
    let mut entries: Vec<Entry> = files.into_iter().flat_map(of).collect();
    forms.give(&mut entries);
    Ok(entries)
}

/// Whether a file lies in the folder of the forms, wherever that is.
fn is_form(name: &str) -> bool {
    name.rsplit('/').skip(1).any(|folder| folder == attached::FOLDER)
}

/// A name as it can be shown: systems write it in charsets that the archive does not name.
fn shown_name(raw: &[u8]) -> String {
    let name = String::from_utf8_lossy(raw).replace('\\', "/");
    name.chars().filter(|c| !c.is_control()).take(200).collect()
}

/// What systems put into archives beside the files that people chose.
fn is_beside(name: &str) -> bool {
    name.split('/').any(|part| part.starts_with('.') && !matches!(part, "." | ".."))
        || name.starts_with("__MACOSX/")
        || name.rsplit('/').next().is_some_and(|file| matches!(file, "Thumbs.db" | "desktop.ini"))
}

/// Whether a name leads to no place outside of the archive.
fn is_inside(name: &str) -> bool {
    !name.starts_with('/') && !name.contains(':') && name.split('/').all(|part| part != "..")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in files {
            archive.start_file(*name, SimpleFileOptions::default()).unwrap();
            archive.write_all(bytes).unwrap();
        }
        archive.finish().unwrap().into_inner()
    }

    fn faults(bytes: &[u8]) -> Vec<(String, String)> {
        let entries = read(bytes, "schede.zip").into_iter();
        entries.filter_map(|e| e.content.err().map(|w| (e.file, w.wrong))).collect()
    }

    #[test]
    fn names_that_lead_outside_and_other_files_are_named() {
        let archive = packed(&[
            ("schede/../../fuori.md", b"+++"),
            ("/etc/schede.md", b"+++"),
            ("C:\\schede\\a.md", b"+++"),
            ("schede/foto.png", b"x"),
            ("schede/a.md", b"\xe8"),
            ("__MACOSX/schede/._a.md", b"x"),
            ("schede/.DS_Store", b"x"),
        ]);
        let found: Vec<String> = faults(&archive).into_iter().map(|(file, wrong)| format!("{file} {wrong}")).collect();
        assert_eq!(
            found,
            [
                "/etc/schede.md zip_path",
                "C:/schede/a.md zip_path",
                "schede/../../fuori.md zip_path",
                "schede/a.md not_utf8",
                "schede/foto.png zip_format",
            ]
        );
    }

    #[test]
    fn an_archive_made_to_burst_is_refused_whole() {
        let told = |bytes: &[u8]| faults(bytes);
        let burst = packed(&[("a.md", &vec![b' '; 900 << 10])]);
        assert_eq!(told(&burst), [("schede.zip".to_owned(), "zip_size".to_owned())], "packed far too small");
        assert_eq!(told(b"PK\x03\x04 nothing"), [("schede.zip".to_owned(), "zip".to_owned())]);
        let many: Vec<String> = (0..=ENTRIES).map(|n| format!("{n}.md")).collect();
        let many: Vec<(&str, &[u8])> = many.iter().map(|name| (name.as_str(), &b""[..])).collect();
        assert_eq!(told(&packed(&many)), [("schede.zip".to_owned(), "zip_entries".to_owned())]);
    }

    #[test]
    fn a_name_in_another_charset_is_a_name() {
        // «perché.md» as an old system writes it, without saying so.
        let mut archive = packed(&[("perch_.md", b"senza testa")]);
        while let Some(at) = archive.windows(9).position(|w| w == b"perch_.md") {
            archive[at + 5] = 0x8a;
        }
        assert_eq!(faults(&archive).first().map(|(file, _)| file.as_str()), Some("perch\u{fffd}.md"));
    }
}
