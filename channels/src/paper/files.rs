//! The files of a watched folder: which are new, whether they are whole, what becomes of them.

use std::collections::{HashMap, HashSet};
use std::fs::{File, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::folder::{After, FolderConfig};
use super::{Envelope, tiff};
use crate::{RawContent, RawItem};

/// A file that never becomes whole is handed over anyway after this time, for a person to look at.
const PATIENCE: Duration = Duration::from_secs(15 * 60);

/// Endings of files that can be paper.
const ENDINGS: [&str; 6] = ["pdf", "tif", "tiff", "jpg", "jpeg", "png"];

/// Files already handed over.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// By name, size and time of change: spares reading them again. With the reference of those that have to move.
    stamps: HashMap<Stamp, Option<String>>,
    /// What is in the memory file, by reference; `None` before it was read.
    noted: Option<HashSet<String>>,
    /// What was there at the last look, and since when it was so. Our own clock counts: a file server has another.
    before: HashMap<PathBuf, (Stamp, Instant)>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Stamp {
    pub(super) path: PathBuf,
    size: u64,
    changed: SystemTime,
}

/// A file that may be whole.
pub(super) struct Waiting {
    pub(super) stamp: Stamp,
    /// Whether to wait for its end when it is not there yet.
    patient: bool,
}

pub(super) struct Found {
    pub(super) stamp: Stamp,
    pub(super) item: RawItem,
}

/// Names a file the same by whatever way it comes: its own name and its content.
#[must_use]
pub(crate) fn reference(name: &str, content: &[u8]) -> String {
    let digest = data_encoding::HEXLOWER.encode(&Sha256::digest(content));
    let name: String = name.chars().filter(|c| !c.is_control()).take(100).collect();
    let digest = digest.get(..32).unwrap_or_default();
    if name.is_empty() { digest.to_owned() } else { format!("{name}.{digest}") }
}

pub(super) fn is_paper(path: &Path) -> bool {
    let hidden = path.file_name().is_none_or(|name| name.to_string_lossy().starts_with('.'));
    let ending = path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
    !hidden && ENDINGS.contains(&ending.as_str())
}

/// Files not handed over yet that did not change for a while, oldest first.
pub(super) fn list(config: &FolderConfig, seen: &Mutex<Seen>) -> std::io::Result<Vec<Waiting>> {
    let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    let (mut now, looked) = (HashMap::new(), Instant::now());
    for entry in std::fs::read_dir(&config.folder)?.flatten() {
        let path = entry.path();
        // A link could name any file of the server.
        let Some(meta) = entry.metadata().ok().filter(|m| m.is_file() && is_paper(&path)) else {
            continue;
        };
        let changed = meta.modified().unwrap_or(SystemTime::UNIX_EPOCH);
        let stamp = Stamp { path: path.clone(), size: meta.len(), changed };
        let since = seen.before.get(&path).filter(|(before, _)| *before == stamp).map_or(looked, |(_, since)| *since);
        now.insert(path, (stamp, since));
    }
    seen.stamps.retain(|stamp, _| now.contains_key(&stamp.path));
    let quiet = now.values().filter(|(_, since)| looked.duration_since(*since) >= config.settle);
    let ready = quiet.filter(|(stamp, _)| !seen.stamps.contains_key(stamp));
    let wait = |since: &Instant| looked.duration_since(*since) < PATIENCE;
    let mut ready: Vec<Waiting> =
        ready.map(|(stamp, since)| Waiting { stamp: stamp.clone(), patient: wait(since) }).collect();
    ready.sort_by(|a, b| (a.stamp.changed, &a.stamp.path).cmp(&(b.stamp.changed, &b.stamp.path)));
    seen.before = now;
    Ok(ready)
}

/// Reads a file, if it is whole and was never handed over.
pub(super) fn take(config: &FolderConfig, seen: &Mutex<Seen>, waiting: Waiting) -> std::io::Result<Option<Found>> {
    let Waiting { stamp, patient } = waiting;
    let mut file = match File::open(&stamp.path) {
        Ok(file) => file,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(e),
    };
    let name = stamp.path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let received_at = Timestamp::try_from(stamp.changed).ok();
    if stamp.size > config.max_bytes {
        let reason = format!("{name} has {} bytes, more than the limit of {}", stamp.size, config.max_bytes);
        let external_ref = reference(&name, stamp.size.to_string().as_bytes());
        let item = RawItem { external_ref, received_at, content: RawContent::Unreadable { reason } };
        return Ok((!noted(config, seen, &item.external_ref)?).then_some(Found { stamp, item }));
    }
    // The fax server holds this lock while pages are still coming.
    let held = matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock));
    if patient && (held || !is_whole(&mut file, stamp.size)?) {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    (&mut file).take(config.max_bytes + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 != stamp.size {
        return Ok(None);
    }
    let external_ref = reference(&name, &bytes);
    if noted(config, seen, &external_ref)? {
        seen.lock().unwrap_or_else(PoisonError::into_inner).stamps.insert(stamp, None);
        return Ok(None);
    }
    Ok(Some(Found { stamp, item: content(&name, external_ref, received_at, &bytes) }))
}

/// A file with what is known of it.
pub(super) fn content(name: &str, external_ref: String, received_at: Option<Timestamp>, bytes: &[u8]) -> RawItem {
    let at = received_at.map(|at| at.to_string()).unwrap_or_default();
    let content = Envelope::around(bytes).with("file", name).with("received", &at).to_bytes();
    RawItem { external_ref, received_at, content: RawContent::Whole(content.into()) }
}

/// Whether the end of a file is there.
fn is_whole(file: &mut File, size: u64) -> std::io::Result<bool> {
    let mut head = [0; 8];
    let mut tail = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    let begun = file.take(8).read(&mut head)?;
    let head = &head[..begun];
    if tiff::is_tiff(head) {
        let mut whole = Vec::new();
        file.seek(SeekFrom::Start(0))?;
        file.read_to_end(&mut whole)?;
        return Ok(tiff::is_complete(&whole));
    }
    file.seek(SeekFrom::Start(size.saturating_sub(2048)))?;
    file.read_to_end(&mut tail)?;
    let ends_with = |mark: &[u8]| tail.windows(mark.len()).any(|w| w == mark);
    Ok(match head {
        [0xff, 0xd8, ..] => ends_with(&[0xff, 0xd9]),
        [0x89, b'P', ..] => ends_with(b"IEND"),
        _ => ends_with(b"%%EOF"),
    })
}

/// Whether a file that stays was handed over by an earlier run.
fn noted(config: &FolderConfig, seen: &Mutex<Seen>, reference: &str) -> std::io::Result<bool> {
    let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    if seen.noted.is_none() {
        let noted = match std::fs::read_to_string(&config.memory) {
            Ok(noted) => noted.lines().map(str::to_owned).collect(),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => HashSet::new(),
            Err(e) => return Err(e),
        };
        seen.noted = Some(noted);
    }
    Ok(seen.noted.as_ref().is_some_and(|noted| noted.contains(reference)))
}

/// Notes or moves a file that is stored. Until this is done it is handed over again, and recognised.
pub(super) fn settle(
    config: &FolderConfig,
    seen: &Mutex<Seen>,
    stamp: Stamp,
    reference: String,
    stays: bool,
) -> std::io::Result<()> {
    let moves = config.after == After::Move && !stays;
    let mut known = seen.lock().unwrap_or_else(PoisonError::into_inner);
    known.stamps.insert(stamp, moves.then(|| reference.clone()));
    if moves {
        drop(known);
        return move_away(config, seen);
    }
    known.noted.get_or_insert_default().insert(reference.clone());
    if let Some(folder) = config.memory.parent() {
        std::fs::create_dir_all(folder)?;
    }
    writeln!(File::options().create(true).append(true).open(&config.memory)?, "{reference}")
}

/// Moves what is stored to the folder `done`, and tries again what could not be moved before.
pub(super) fn move_away(config: &FolderConfig, seen: &Mutex<Seen>) -> std::io::Result<()> {
    let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    let done = config.folder.join("done");
    for (stamp, reference) in &mut seen.stamps {
        let same = |meta: std::fs::Metadata| {
            meta.len() == stamp.size && meta.modified().is_ok_and(|changed| changed == stamp.changed)
        };
        // Something new may have come under the same name.
        let there = std::fs::symlink_metadata(&stamp.path).is_ok_and(same);
        let Some(digest) = reference.as_deref().filter(|_| there).and_then(|r| r.rsplit('.').next()) else {
            continue;
        };
        std::fs::create_dir_all(&done)?;
        let name = stamp.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        // Scanners begin to count again every morning.
        let taken = done.join(&name).exists();
        std::fs::rename(&stamp.path, done.join(if taken { format!("{digest}-{name}") } else { name }))?;
        *reference = None;
    }
    Ok(())
}
