//! The classification and its versions, and what categories ask.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[macro_use]
mod support;

mod classification {
    mod fields;
    mod versions;
}
