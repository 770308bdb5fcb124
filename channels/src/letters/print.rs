//! Answers as PDFs in a folder from which they are printed. Each appears there once, however often it is tried.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use async_trait::async_trait;

use crate::paper::{Letterhead, Programs, letter, to_pdf};
use crate::{ChannelKind, Deliver, DeliveryError, Outgoing, Refusal, Sent};

/// Where letters wait until they are complete, and where their names stay afterwards.
const STAGED: &str = ".staged";
const QUEUED: &str = ".queued";

/// Puts letters into a folder, under our own id.
#[derive(Debug, Clone)]
pub struct PrintQueue {
    folder: PathBuf,
    head: Letterhead,
    programs: Programs,
}

impl PrintQueue {
    /// A queue in this folder, its letters under this head.
    #[must_use]
    pub const fn new(folder: PathBuf, head: Letterhead, programs: Programs) -> Self {
        Self { folder, head, programs }
    }

    /// Which of its two moves a letter made tells where a stopped attempt went on from: named in `.queued` but
    /// still in `.staged` it did not reach the folder; gone from `.staged` it did, and may be printed already.
    fn put(&self, message: &Outgoing) -> Result<Sent, DeliveryError> {
        let io = |e: std::io::Error| failure(false, format!("{}: {e}", self.folder.display()));
        let id: String = message.id.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect();
        if id.is_empty() || message.recipient_address.trim().is_empty() {
            return Err(failure(true, "the recipient has no postal address".into()));
        }
        let name = format!("{id}.pdf");
        let (staged, queued) = (self.folder.join(STAGED).join(&name), self.folder.join(QUEUED).join(&id));
        let sent = |response: &str| Sent { provider_id: Some(id.clone()), response: response.into() };
        for folder in [&staged, &queued].into_iter().filter_map(|p| p.parent()) {
            fs::create_dir_all(folder).map_err(io)?;
        }
        if queued.exists() && !staged.exists() {
            return Ok(sent("was queued for printing already"));
        }
        if !queued.exists() {
            write(&staged, &document(message, &self.head, &self.programs)?).map_err(io)?;
            write(&queued, b"").map_err(io)?;
        }
        fs::rename(&staged, self.folder.join(&name)).map_err(io)?;
        sync(&self.folder).and_then(|()| sync(&self.folder.join(STAGED))).map_err(io)?;
        Ok(sent("queued for printing"))
    }
}

fn failure(for_good: bool, text: String) -> DeliveryError {
    let refusal = Refusal { code: None, status: None, text };
    if for_good { DeliveryError::Permanent(refusal) } else { DeliveryError::Transient(refusal) }
}

/// The letter and its attachments in one PDF, so that they are printed and posted together.
fn document(message: &Outgoing, head: &Letterhead, programs: &Programs) -> Result<Vec<u8>, DeliveryError> {
    let letter = letter(message, head);
    if message.attachments.is_empty() {
        return Ok(letter);
    }
    let later = |e: &dyn std::fmt::Display| failure(false, e.to_string());
    let folder = programs.folder().map_err(|e| later(&e))?;
    let mut files = Vec::new();
    let mut add = |bytes: &[u8]| {
        files.push(folder.path().join(format!("part-{}.pdf", files.len())));
        files.last().map_or(Ok(()), |path| fs::write(path, bytes))
    };
    add(&letter).map_err(|e| later(&e))?;
    for file in &message.attachments {
        let pdf = to_pdf(&file.bytes, programs);
        let pdf = pdf.map_err(|e| failure(true, format!("{} cannot be printed: {e}", file.name)))?;
        add(&pdf).map_err(|e| later(&e))?;
    }
    let whole = programs.unite(&files, folder.path()).map_err(|e| later(&e))?;
    fs::read(whole).map_err(|e| later(&e))
}

/// A whole file or none, durable before it is named.
fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".part-").tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    // The printing program is another user.
    #[cfg(unix)]
    fs::set_permissions(file.path(), std::os::unix::fs::PermissionsExt::from_mode(0o640))?;
    file.persist(path)?;
    sync(folder)
}

fn sync(folder: &Path) -> std::io::Result<()> {
    File::open(folder)?.sync_all()
}

#[async_trait]
impl Deliver<Outgoing> for PrintQueue {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Letter
    }

    async fn deliver(&self, message: &Outgoing) -> Result<Sent, DeliveryError> {
        let (queue, message) = (self.clone(), message.clone());
        let put = tokio::task::spawn_blocking(move || queue.put(&message)).await;
        put.unwrap_or_else(|e| Err(failure(false, e.to_string())))
    }

    async fn check(&self) -> Result<String, String> {
        let folder = self.folder.clone();
        let shown = folder.display().to_string();
        let tried = tokio::task::spawn_blocking(move || tempfile::tempfile_in(folder)).await;
        match tried.map_err(|e| e.to_string())? {
            Ok(_) => Ok(format!("letters can be put into {shown}")),
            Err(e) => Err(format!("letters cannot be put into {shown}: {e}")),
        }
    }
}
