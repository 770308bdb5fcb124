//! Files that came with a refused form. Their bytes are stored already; the form shown again carries a signed
//! reference, good for that form only, so that nobody has to choose them twice.
use crate::kernel::language::Language;
use crate::kernel::secrets::Secrets;
use crate::tickets::store::StoredFile;
use crate::tickets::tracking::forms::{KeptFile, size_text};

/// The reference to a stored file in the form named `form`.
pub fn seal(secrets: &Secrets, form: &str, file: &StoredFile, language: Language) -> KeptFile {
    let fields = (&file.blob, &file.media_type, file.size, &file.name);
    let payload = serde_json::to_vec(&fields).unwrap_or_default();
    let payload = data_encoding::BASE64URL_NOPAD.encode(&payload);
    let signature = secrets.sign("kept-file", &[form, &payload]);
    KeptFile { value: format!("{signature}.{payload}"), name: file.name.clone(), size: size_text(file.size, language) }
}

/// The file behind a reference that we gave to the form named `form`.
pub fn open(secrets: &Secrets, form: &str, value: &str) -> Option<StoredFile> {
    let (signature, payload) = value.split_once('.')?;
    if !secrets.verify("kept-file", &[form, payload], signature) {
        return None;
    }
    let bytes = data_encoding::BASE64URL_NOPAD.decode(payload.as_bytes()).ok()?;
    let (blob, media_type, size, name): (String, String, i64, String) = serde_json::from_slice(&bytes).ok()?;
    Some(StoredFile { name, media_type, size, blob, content_id: None, inline: false, note: String::new() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kept_file_belongs_to_its_form() {
        let secrets = Secrets::from_text("0123456789abcdef");
        let file = StoredFile {
            name: "foto è.jpg".to_owned(),
            media_type: "image/jpeg".to_owned(),
            size: 12,
            blob: "ab/cd/abcd".to_owned(),
            content_id: None,
            inline: false,
            note: String::new(),
        };
        let kept = seal(&secrets, "one", &file, Language::Italian);
        assert_eq!(open(&secrets, "one", &kept.value).map(|f| f.name), Some("foto è.jpg".to_owned()));
        assert!(open(&secrets, "two", &kept.value).is_none());
    }
}
