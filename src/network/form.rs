//! Multipart forms of referents: fields, and files within the configured limits.
use std::collections::HashMap;

use actix_multipart::Multipart;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;

use crate::kernel::Kernel;
use crate::kernel::blobs::BlobError;
use crate::kernel::problem::{Kind, Problem};
use crate::tickets::store::StoredFile;

/// Texts are short; a whole report belongs in a file.
const TEXT_BYTES: usize = 256 * 1024;
const FIELDS: usize = 30;

/// A file as it came.
#[derive(Debug)]
pub(super) struct Upload {
    name: String,
    media_type: String,
    bytes: Bytes,
}

/// A form as it came.
#[derive(Debug, Default)]
pub(super) struct Submitted {
    fields: HashMap<String, String>,
    pub(super) files: Vec<Upload>,
    /// What is wrong with the files, as the code of a message; the form is then shown again.
    pub(super) files_error: Option<&'static str>,
}

impl Submitted {
    /// A field; empty when it is missing.
    pub(super) fn field(&self, name: &str) -> &str {
        self.fields.get(name).map(String::as_str).unwrap_or_default()
    }
}

/// Reads a form; files over the limits are read to their end and reported, not kept.
pub(super) async fn read(kernel: &Kernel, mut payload: Multipart) -> Result<Submitted, Problem> {
    let limits = &kernel.config.citizen;
    let mut form = Submitted::default();
    let mut seen = 0;
    while let Some(field) = payload.next().await {
        let mut field = field.map_err(malformed)?;
        seen += 1;
        if seen > FIELDS {
            return Err(Problem::new(Kind::TooLarge, "too_large", "the form has too many fields"));
        }
        let name = field.name().unwrap_or_default().to_owned();
        let file_name = field.content_disposition().and_then(|d| d.get_filename()).map(str::to_owned);
        let media_type = field.content_type().map(|m| m.essence_str().to_owned());
        let limit = if file_name.is_some() { limits.attachment_bytes } else { TEXT_BYTES };
        let mut bytes = BytesMut::new();
        let mut too_large = false;
        while let Some(chunk) = field.next().await {
            let chunk = chunk.map_err(malformed)?;
            too_large = too_large || bytes.len() + chunk.len() > limit;
            if !too_large {
                bytes.extend_from_slice(&chunk);
            }
        }
        match file_name {
            None if too_large => return Err(Problem::field(&name, "too_long")),
            None => {
                form.fields.insert(name, String::from_utf8_lossy(&bytes).replace("\r\n", "\n"));
            }
            // Browsers send an empty part for a control without a file.
            Some(file) if file.is_empty() && bytes.is_empty() => {}
            Some(_) if too_large => form.files_error = Some("too_large"),
            Some(_) if form.files.len() >= limits.attachments => form.files_error = Some("too_many"),
            Some(file) => {
                let media_type = media_type.unwrap_or_else(|| "application/octet-stream".to_owned());
                if !limits.attachment_types.contains(&media_type) {
                    form.files_error = Some("type");
                }
                form.files.push(Upload { name: tidy_name(&file), media_type, bytes: bytes.freeze() });
            }
        }
    }
    Ok(form)
}

/// Puts files into the blob store, before the transaction that attaches them.
pub(super) async fn keep(kernel: &Kernel, files: Vec<Upload>) -> Result<Vec<StoredFile>, BlobError> {
    let mut kept = Vec::with_capacity(files.len());
    for file in files {
        let size = i64::try_from(file.bytes.len()).unwrap_or(i64::MAX);
        let blob = kernel.blobs.put(file.bytes).await?;
        kept.push(StoredFile {
            name: file.name,
            media_type: file.media_type,
            size,
            blob,
            content_id: None,
            inline: false,
            note: String::new(),
        });
    }
    Ok(kept)
}

/// The last part of a path, without control characters, at most 120 characters.
fn tidy_name(raw: &str) -> String {
    let last = raw.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = last.chars().filter(|c| !c.is_control()).take(120).collect();
    if name.trim().is_empty() { "file".to_owned() } else { name }
}

fn malformed(e: actix_multipart::MultipartError) -> Problem {
    Problem::new(Kind::Malformed, "malformed_form", e.to_string())
}

#[cfg(test)]
mod tests {
    use super::tidy_name;

    #[test]
    fn a_file_keeps_its_name_without_its_path() {
        assert_eq!(tidy_name("C:\\Documenti\\relazione.pdf"), "relazione.pdf");
        assert_eq!(tidy_name("../../etc/passwd"), "passwd");
        assert_eq!(tidy_name("\n"), "file");
    }
}
