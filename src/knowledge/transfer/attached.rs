//! The forms attached to sheets, where they travel with their texts: in a folder or an archive each is a file of its
//! own (`moduli/ANA-28/1-domanda.pdf`). A sheet names a form by its content, so its file may be called anything.
use std::collections::HashMap;

use bytes::Bytes;

use super::Entry;
use crate::kernel::Kernel;
use crate::kernel::blobs::{self, BlobError};
use crate::kernel::problem::{Kind, Refusal};
use crate::knowledge::details::FormFile;
use crate::knowledge::model::SheetDraft;

/// The folder of the forms, beside the sheets.
pub const FOLDER: &str = "moduli";

/// The bytes of forms, by the names that sheets have for them.
#[derive(Debug, Clone, Default)]
pub struct Forms(HashMap<String, Bytes>);

impl Forms {
    /// The forms of sheets. One whose bytes are lost is left out, as its sheet cannot offer it either.
    ///
    /// # Errors
    /// When the blob store cannot be read.
    pub async fn of(kernel: &Kernel, sheets: &[SheetDraft]) -> Result<Self, BlobError> {
        let mut forms = Self::default();
        for form in sheets.iter().flat_map(|sheet| &sheet.details.forms) {
            match kernel.blobs.get(&form.blob).await {
                Ok(bytes) => drop(forms.0.insert(form.blob.clone(), bytes)),
                Err(e) if e.kind() == Kind::NotFound => {}
                Err(e) => return Err(e),
            }
        }
        Ok(forms)
    }

    /// Adds a file; what it holds says which form it is.
    pub fn add(&mut self, bytes: Bytes) {
        self.0.insert(blobs::name_of(&bytes), bytes);
    }

    /// The bytes of a form.
    pub fn get(&self, form: &FormFile) -> Option<&Bytes> {
        self.0.get(&form.blob)
    }

    /// Gives each sheet the forms that it names.
    pub fn give(&self, entries: &mut [Entry]) {
        for entry in entries {
            let Ok(content) = &entry.content else { continue };
            let named = content.details.forms.iter();
            let theirs = named.filter_map(|form| Some((form.blob.clone(), self.get(form)?.clone())));
            entry.forms = Self(theirs.collect());
        }
    }
}

/// Where the files of a sheet's forms are, below the folder of the sheets, with the form that each holds.
pub fn paths(sheet: &SheetDraft) -> impl Iterator<Item = (String, &FormFile)> {
    let code = sheet.code.as_str();
    let forms = sheet.details.forms.iter().enumerate();
    forms.map(move |(place, form)| (format!("{FOLDER}/{code}/{}-{}", place + 1, plain(&form.name)), form))
}

/// A name that any system takes for one file.
fn plain(name: &str) -> String {
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ' ');
    let name: String = name.chars().map(|c| if fits(c) { c } else { '_' }).collect();
    // The end of a long name says what kind of file it is.
    let long = name.chars().count().saturating_sub(100);
    name.chars().skip(long).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_lies_in_the_folder_of_its_sheet_whatever_it_is_called() {
        assert_eq!(plain("domanda di residenza.pdf"), "domanda di residenza.pdf");
        assert_eq!(plain("../../etc/passwd"), ".._.._etc_passwd");
        assert_eq!(plain("C:\\modulo.pdf"), "C__modulo.pdf");
        assert!(plain(&format!("{}.pdf", "a".repeat(300))).ends_with("a.pdf"));
    }
}
