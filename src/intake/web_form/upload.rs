//! Reads a multipart form piece by piece: one file is in memory at a time, and never more of it than may be
//! kept.
use actix_multipart::{Field, Multipart};
use actix_web::HttpRequest;
use actix_web::http::header;
use actix_web::web::{Bytes, BytesMut, Payload};
use futures_util::StreamExt;

use super::files::{self, Fault};
use crate::intake::files as stored;
use crate::kernel::Kernel;
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::request::check_csrf;
use crate::tickets::store::StoredFile;

/// Longest text field that is read, in bytes; longer ones are cut there and refused by the form's rules.
const FIELD_BYTES: usize = 256 * 1024;
/// Parts of a form, fields and files, read at most.
const PARTS: usize = 100;

/// What a form brought.
#[derive(Debug, Default)]
pub struct Upload {
    fields: Vec<(String, String)>,
    /// Files that may be kept, stored durably.
    pub files: Vec<StoredFile>,
    /// Files that may not, by name.
    pub faults: Vec<(String, Fault)>,
}

impl Upload {
    /// Reads a form whose files are in the field `files`.
    ///
    /// Up to twice what a full form can hold is read, so that somebody whose file is a little too large gets
    /// their form back with its text; what is announced larger is refused at once.
    ///
    /// # Errors
    /// 413 when far too large, 400 when it is no such form, 403 without the CSRF token of a session.
    pub async fn read(kernel: &Kernel, req: &HttpRequest, payload: Payload) -> Result<Self, Problem> {
        let limits = &kernel.config.citizen;
        let most = 2 * limits.attachment_bytes.saturating_mul(limits.attachments) + 8 * FIELD_BYTES;
        let announced = req.headers().get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<usize>().ok());
        if announced.is_some_and(|n| n > most) {
            return Err(too_large(most));
        }
        let mut upload = Self::default();
        let mut budget = most;
        let mut parts = Multipart::new(req.headers(), payload);
        let mut count = 0;
        while let Some(part) = parts.next().await {
            let mut part = part.map_err(malformed)?;
            count += 1;
            if count > PARTS {
                return Err(too_large(most));
            }
            let name = part.name().unwrap_or_default().to_owned();
            let file = part.content_disposition().and_then(|d| d.get_filename()).map(str::to_owned);
            match file {
                Some(file) if name == "files" => upload.take_file(kernel, &mut part, &file, &mut budget).await?,
                _ => {
                    let (bytes, _) = read_part(&mut part, FIELD_BYTES, &mut budget, most).await?;
                    upload.fields.push((name, tidy(&bytes)));
                }
            }
        }
        check_csrf(req, Some(upload.field("_csrf")))?;
        Ok(upload)
    }

    async fn take_file(
        &mut self,
        kernel: &Kernel,
        part: &mut Field,
        name: &str,
        budget: &mut usize,
    ) -> Result<(), Problem> {
        let limits = &kernel.config.citizen;
        let full = self.files.len() >= limits.attachments;
        let keep = if full { 0 } else { limits.attachment_bytes };
        let most = *budget;
        let (bytes, whole) = read_part(part, keep, budget, most).await?;
        // An empty file control is sent as one nameless empty file.
        if name.is_empty() && bytes.is_empty() && whole {
            return Ok(());
        }
        let name = stored::safe_name(name);
        let admitted = if full {
            Err(Fault::TooMany)
        } else if !whole {
            Err(Fault::TooLarge)
        } else {
            files::admit(&name, &bytes, limits)
        };
        match admitted {
            Ok(media_type) => self.files.push(stored::store(kernel, &name, media_type, bytes, None, false).await?),
            Err(fault) => self.faults.push((name, fault)),
        }
        Ok(())
    }

    /// The text of a field; empty when it was not sent.
    pub fn field(&self, name: &str) -> &str {
        self.fields.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value.as_str())
    }

    /// All fields with their texts, as they came.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// All texts of a field that may repeat.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields.iter().filter(move |(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

/// The first `keep` bytes of a part, and whether that was all of it; the rest is read and forgotten.
async fn read_part(part: &mut Field, keep: usize, budget: &mut usize, most: usize) -> Result<(Bytes, bool), Problem> {
    let mut bytes = BytesMut::new();
    let mut whole = true;
    while let Some(chunk) = part.next().await {
        let chunk = chunk.map_err(malformed)?;
        *budget = budget.checked_sub(chunk.len()).ok_or_else(|| too_large(most))?;
        let room = keep - bytes.len();
        whole &= chunk.len() <= room;
        bytes.extend_from_slice(&chunk[..chunk.len().min(room)]);
    }
    Ok((bytes.freeze(), whole))
}

fn malformed(e: actix_multipart::MultipartError) -> Problem {
    Problem::new(Kind::Malformed, "malformed_form", e.to_string())
}

fn too_large(most: usize) -> Problem {
    Problem::new(Kind::TooLarge, "form_too_large", format!("the form is larger than {most} bytes"))
        .with("limit_bytes", most as u64)
}

/// Text as it is stored: UTF-8, one kind of line end, no character that PostgreSQL cannot hold.
fn tidy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).replace("\r\n", "\n").replace('\0', "")
}
