//! Answers as PDFs to be printed and posted, and for those who print elsewhere in a folder: each appears there once,
//! however often it is tried.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use async_trait::async_trait;

use crate::paper::{Letterhead, Programs, Sides, join, letter_pages, to_pdf};
use crate::{ChannelKind, Deliver, DeliveryError, Outgoing, Printable, Refusal, Sent};

/// Where letters wait until they are complete, and where their names stay afterwards.
const STAGED: &str = ".staged";
const QUEUED: &str = ".queued";

/// Makes letters, and puts them into a folder under our own id if there is one.
#[derive(Debug, Clone)]
pub struct PrintQueue {
    folder: Option<PathBuf>,
    head: Letterhead,
    programs: Programs,
}

impl PrintQueue {
    /// A queue, in this folder if somebody prints from one, its letters under this head.
    #[must_use]
    pub const fn new(folder: Option<PathBuf>, head: Letterhead, programs: Programs) -> Self {
        Self { folder, head, programs }
    }

    fn put(&self, message: &Outgoing) -> Result<Sent, DeliveryError> {
        let id: String = message.id.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect();
        if id.is_empty() || message.recipient_address.trim().is_empty() {
            return Err(failure(true, "the recipient has no postal address".into()));
        }
        let (pdf, pages) = document(message, &self.head, &self.programs)?;
        let response = match &self.folder {
            Some(folder) => file(folder, &id, &pdf)?,
            None => "waits to be printed",
        };
        let printable = Printable { pdf, pages, handed_over: self.folder.is_some() };
        Ok(Sent { provider_id: Some(id), response: response.into(), printable: Some(printable) })
    }
}

/// Puts a letter into a folder. Which of its two moves a letter made tells where a stopped attempt went on from:
/// named in `.queued` but still in `.staged` it did not reach the folder; gone from `.staged` it did, and may be
/// printed already.
fn file(folder: &Path, id: &str, pdf: &[u8]) -> Result<&'static str, DeliveryError> {
    let io = |e: std::io::Error| failure(false, format!("{}: {e}", folder.display()));
    let name = format!("{id}.pdf");
    let (staged, queued) = (folder.join(STAGED).join(&name), folder.join(QUEUED).join(id));
    for folder in [&staged, &queued].into_iter().filter_map(|p| p.parent()) {
        fs::create_dir_all(folder).map_err(io)?;
    }
    if queued.exists() && !staged.exists() {
        return Ok("was queued for printing already");
    }
    if !queued.exists() {
        write(&staged, pdf).map_err(io)?;
        write(&queued, b"").map_err(io)?;
    }
    fs::rename(&staged, folder.join(&name)).map_err(io)?;
    sync(folder).and_then(|()| sync(&folder.join(STAGED))).map_err(io)?;
    Ok("queued for printing")
}

fn failure(for_good: bool, text: String) -> DeliveryError {
    let refusal = Refusal { code: None, status: None, text };
    if for_good { DeliveryError::Permanent(refusal) } else { DeliveryError::Transient(refusal) }
}

/// The letter and its attachments in one PDF, so that they are printed and posted together, and its pages.
fn document(message: &Outgoing, head: &Letterhead, programs: &Programs) -> Result<(Vec<u8>, usize), DeliveryError> {
    let (letter, pages) = letter_pages(message, head);
    if message.attachments.is_empty() {
        return Ok((letter, pages));
    }
    let mut files = vec![letter];
    for file in &message.attachments {
        let pdf = to_pdf(&file.bytes, programs);
        let pdf = pdf.map_err(|e| failure(true, format!("{} cannot be printed: {e}", file.name)))?;
        files.push(pdf.into_owned());
    }
    let parts: Vec<&[u8]> = files.iter().map(Vec::as_slice).collect();
    let joined = join(&parts, Sides::One, programs).map_err(|e| failure(false, e.to_string()))?;
    Ok((joined.pdf, joined.pages))
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
        let Some(folder) = self.folder.clone() else {
            return Ok("letters wait on the page from which they are printed".to_owned());
        };
        let shown = folder.display().to_string();
        let tried = tokio::task::spawn_blocking(move || tempfile::tempfile_in(folder)).await;
        match tried.map_err(|e| e.to_string())? {
            Ok(_) => Ok(format!("letters can be put into {shown}")),
            Err(e) => Err(format!("letters cannot be put into {shown}: {e}")),
        }
    }
}
