//! Paper, whether it comes by fax or by post: files of pages made one PDF ([`to_pdf`]), read page by page
//! ([`PaperReader`]), fetched from watched folders ([`FolderReceiver`]) and written ([`letter`]).

mod bind;
mod code;
mod convert;
mod envelope;
mod files;
mod folder;
mod font;
pub mod gray;
mod held;
mod inbound;
mod join;
mod letter;
mod ocr;
mod pdf;
mod program;
mod reader;
mod sheet;
mod stamp;
pub mod tiff;

use std::io::Write;

pub use bind::{Leaf, bind, picture};
pub use code::{Mark, Symbol, separator_text, tracking_text};
pub use convert::{ConvertError, media_type, to_pdf};
pub use envelope::Envelope;
pub(crate) use files::reference;
pub use folder::{After, FolderConfig, FolderReceiver};
pub use gray::Gray;
pub(crate) use inbound::{Pages, fill};
pub use join::{Joined, Sides, join};
pub use letter::{ITALIAN_MONTHS, Letterhead, Window, cover, letter, letter_pages, separator};
pub use ocr::{Recognised, from_tsv};
pub use pdf::{Picture, Samples};
pub(crate) use program::Bounds;
pub use program::{ProgramError, Programs};
pub use reader::{PageRead, PagesRead, PaperReader};
pub use stamp::{Stamp, stamp};

/// Pictures of pages as a PDF, one to a page; `None` when one is larger than a PDF holds.
#[must_use]
pub fn album(pictures: &[Picture<'_>]) -> Option<Vec<u8>> {
    pdf::from_pictures(pictures)
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    let written = packer.write_all(bytes).and_then(|()| packer.finish());
    // Writing to memory does not fail.
    written.unwrap_or_default()
}
