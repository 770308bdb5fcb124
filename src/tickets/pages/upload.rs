//! A submitted form with files: fields as they came, files whole in the blob store.
use actix_multipart::Multipart;
use actix_web::http::header;
use actix_web::{HttpRequest, web};
use futures_util::StreamExt;

use crate::kernel::Kernel;
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::request::{check_csrf, read_body};
use crate::tickets::files;
use crate::tickets::store::StoredFile;

/// Longest text of a form, in bytes.
const TEXT_BYTES: usize = 1024 * 1024;
/// Largest file an agent attaches, and how many at once; mail servers seldom take more.
pub const FILE_BYTES: usize = 20 * 1024 * 1024;
pub const FILES: usize = 10;

/// Names the purpose of the signature on files that wait in a form shown again.
const KEPT: &str = "kept file";

/// What a form brought.
#[derive(Debug, Default)]
pub struct Submitted {
    fields: Vec<(String, String)>,
    /// New files, and those that an earlier try of the same form had brought.
    pub files: Vec<StoredFile>,
}

impl Submitted {
    /// Reads a form of either encoding, its CSRF token checked before any file is stored.
    ///
    /// # Errors
    /// 403 without the token, 413 for what is too large, 400 for what is no form.
    pub async fn read(req: &HttpRequest, payload: web::Payload, kernel: &Kernel) -> Result<Self, Problem> {
        let content_type = req.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let mut form = Self::default();
        if content_type.starts_with("multipart/form-data") {
            form.read_multipart(req, payload, kernel).await?;
        } else {
            let body = read_body(req, payload.into_inner(), TEXT_BYTES).await?;
            form.fields = serde_urlencoded::from_bytes(&body)
                .map_err(|e| Problem::new(Kind::Malformed, "malformed_form", e.to_string()))?;
            check_csrf(req, form.get("_csrf"))?;
        }
        form.take_kept(kernel);
        Ok(form)
    }

    async fn read_multipart(
        &mut self,
        req: &HttpRequest,
        payload: web::Payload,
        kernel: &Kernel,
    ) -> Result<(), Problem> {
        let broken =
            |e: actix_multipart::MultipartError| Problem::new(Kind::Malformed, "malformed_form", e.to_string());
        let mut parts = Multipart::new(req.headers(), payload);
        let mut checked = false;
        while let Some(part) = parts.next().await {
            let mut part = part.map_err(broken)?;
            let name = part.name().unwrap_or_default().to_owned();
            let file_name = part.content_disposition().and_then(|d| d.get_filename()).map(str::to_owned);
            let limit = if file_name.is_some() { FILE_BYTES } else { TEXT_BYTES };
            let too_large = || {
                Problem::new(Kind::TooLarge, "too_large", format!("a part of the form is larger than {limit} bytes"))
                    .with("limit_bytes", limit as u64)
            };
            let bytes = part.bytes(limit).await.map_err(|_| too_large())?.map_err(broken)?;
            match file_name {
                None => {
                    let text = String::from_utf8_lossy(&bytes).into_owned();
                    if name == "_csrf" {
                        check_csrf(req, Some(&text))?;
                        checked = true;
                    }
                    self.fields.push((name, text));
                }
                Some(file_name) if !file_name.is_empty() && !bytes.is_empty() => {
                    if !checked {
                        check_csrf(req, None)?;
                        checked = true;
                    }
                    if self.files.len() >= FILES {
                        return Err(Problem::field("files", "too_many"));
                    }
                    let media_type =
                        part.content_type().map_or("application/octet-stream", |m| m.essence_str()).to_owned();
                    self.files.push(files::store(kernel, &file_name, &media_type, bytes, None, false).await?);
                }
                // A file box left empty.
                Some(_) => {}
            }
        }
        if !checked {
            check_csrf(req, None)?;
        }
        Ok(())
    }

    /// A field's text.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// All texts of a field that may come several times.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields.iter().filter(move |(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// The fields whose names begin so: what follows in the name, and the text.
    pub fn named<'a>(&'a self, start: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.fields.iter().filter_map(move |(n, v)| Some((n.strip_prefix(start)?, v.as_str())))
    }

    /// A field's text, trimmed; empty when it is not there.
    pub fn value(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default().trim()
    }

    /// The version the form was made on.
    ///
    /// # Errors
    /// 422 when it is no number.
    pub fn version(&self) -> Result<Option<i64>, Problem> {
        match self.value("version") {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(|_| Problem::field("version", "not_a_number")),
        }
    }

    fn take_kept(&mut self, kernel: &Kernel) {
        let kept: Vec<StoredFile> = self
            .fields
            .iter()
            .filter(|(n, _)| n == "kept")
            .filter_map(|(_, v)| read_kept(kernel, v))
            .take(FILES)
            .collect();
        self.files.extend(kept);
    }
}

/// A stored file as one signed word of a form, so that a form shown again does not lose it.
pub fn keep(kernel: &Kernel, file: &StoredFile) -> String {
    let size = file.size.to_string();
    let signature = kernel.secrets.sign(KEPT, &[&file.blob, &file.name, &file.media_type, &size]);
    serde_json::json!([file.blob, file.name, file.media_type, file.size, signature]).to_string()
}

fn read_kept(kernel: &Kernel, word: &str) -> Option<StoredFile> {
    let (blob, name, media_type, size, signature): (String, String, String, i64, String) =
        serde_json::from_str(word).ok()?;
    let ours = kernel.secrets.verify(KEPT, &[&blob, &name, &media_type, &size.to_string()], &signature);
    ours.then_some(StoredFile { name, media_type, size, blob, content_id: None, inline: false, note: String::new() })
}
