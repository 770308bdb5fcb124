//! What lies in a watched folder whatever was handed over of it: files that wait, files that are done, and files
//! that nobody will ever take.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use jiff::Timestamp;

use super::files::{content, is_paper, reference};
use super::folder::{After, FolderConfig};
use crate::{Held, RawItem};

/// A file of the folder, or of what is done.
struct Found {
    path: PathBuf,
    /// The name under which it came.
    name: String,
    size: u64,
    changed: SystemTime,
}

/// The files that came in a span of time.
pub(super) fn held(config: &FolderConfig, span: &Range<Timestamp>) -> std::io::Result<Vec<Held>> {
    let mut all = Vec::new();
    for found in files(config)? {
        let received_at = Timestamp::try_from(found.changed).ok();
        if received_at.is_some_and(|at| !span.contains(&at)) {
            continue;
        }
        if is_paper(&found.path) {
            let Some((external_ref, _)) = named(config, &found)? else { continue };
            all.push(Held { external_ref, received_at, obtainable: found.size <= config.max_bytes });
        } else if config.after == After::Move && !is_hidden(&found.path) {
            // In a folder of ours what is no paper was put there by mistake; a fax server's own files are its own.
            all.push(Held { external_ref: found.name, received_at, obtainable: false });
        }
    }
    all.sort_by(|a, b| (a.received_at, &a.external_ref).cmp(&(b.received_at, &b.external_ref)));
    Ok(all)
}

/// The files of these names, as they would have been handed over.
pub(super) fn again(config: &FolderConfig, names: &[String]) -> std::io::Result<Vec<RawItem>> {
    let mut items = Vec::new();
    for found in files(config)?.into_iter().filter(|f| is_paper(&f.path) && f.size <= config.max_bytes) {
        if !names.iter().any(|name| name.starts_with(&found.name)) {
            continue;
        }
        if let Some((external_ref, bytes)) = named(config, &found)?
            && names.contains(&external_ref)
        {
            items.push(content(&found.name, external_ref, Timestamp::try_from(found.changed).ok(), &bytes));
        }
    }
    Ok(items)
}

/// A file's name as the receiver gives it, and its bytes; `None` when it went away meanwhile.
fn named(config: &FolderConfig, found: &Found) -> std::io::Result<Option<(String, Vec<u8>)>> {
    if found.size > config.max_bytes {
        return Ok(Some((reference(&found.name, found.size.to_string().as_bytes()), Vec::new())));
    }
    let bytes = match std::fs::read(&found.path) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(e),
    };
    let external_ref = reference(&found.name, &bytes);
    // One that came under a name already taken was set aside with its digest before the name.
    let digest = external_ref.rsplit('.').next().unwrap_or_default();
    let plain = found.name.strip_prefix(digest).and_then(|rest| rest.strip_prefix('-'));
    Ok(Some((plain.map(|name| reference(name, &bytes)).unwrap_or(external_ref), bytes)))
}

fn files(config: &FolderConfig) -> std::io::Result<Vec<Found>> {
    let mut all = Vec::new();
    read(&config.folder, &mut all)?;
    if config.after == After::Move {
        match read(&config.folder.join("done"), &mut all) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(e),
            _ => {}
        }
    }
    Ok(all)
}

fn read(folder: &Path, into: &mut Vec<Found>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)?.flatten() {
        // A link could name any file of the server.
        let Some(meta) = entry.metadata().ok().filter(std::fs::Metadata::is_file) else { continue };
        into.push(Found {
            path: entry.path(),
            name: entry.file_name().to_string_lossy().into_owned(),
            size: meta.len(),
            changed: meta.modified().unwrap_or(SystemTime::UNIX_EPOCH),
        });
    }
    Ok(())
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_none_or(|name| name.to_string_lossy().starts_with('.'))
}
