//! What a message is made of: addresses, files, and its place among the parts of a longer one.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::named;

named! {
    /// Where an attachment stood in the message.
    Placement {
        /// Listed as an attachment.
        Attached = "attached",
        /// Shown in the text, which refers to it by its content id.
        Inline = "inline",
    }
}

/// Place of a text among those that a telephone cut one message into. See [`crate::sms::join`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Part {
    /// Number that the telephone gave to the whole message; used again after some hundreds.
    pub reference: u16,
    /// How many parts there are.
    pub total: u8,
    /// Which one this is, from 1.
    pub sequence: u8,
    /// Second half of a character whose first half ends the part before.
    pub opens_with: Option<u16>,
    /// First half of a character whose second half begins the next part.
    pub ends_with: Option<u16>,
}

/// A name and an electronic address as written by the sender.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Address {
    /// Display name, if any.
    pub name: Option<String>,
    /// `local@domain`, domain in lower case; on channels with numbers, E.164 or the number as it came.
    pub address: String,
}

/// A file that came with a message, its bytes exactly as the sender's program had them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// A file name safe to show and to save: no path, no control characters, never empty.
    pub name: String,
    /// Media type in lower case, as declared.
    pub media_type: String,
    /// The decoded content.
    pub bytes: Bytes,
    /// Content id without angle brackets, when the HTML may refer to it as `cid:…`.
    pub content_id: Option<String>,
    /// Listed or shown in the text.
    pub placement: Placement,
    /// What a reader should know of it.
    pub note: Option<FileNote>,
}

/// What a reader should know of a file that is not just a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileNote {
    /// It carries a signature around its content, which is listed too. The signature was not verified.
    Signed,
    /// It was taken out of the signed file of this name.
    TakenFrom(String),
    /// It is a container that could not be opened: it is here as it came.
    Unreadable,
}
