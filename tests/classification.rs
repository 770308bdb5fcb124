//! The classification and its versions, what categories ask, and where requests are routed.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[macro_use]
mod support;

mod classification {
    mod fields;
    mod routing;
    mod versions;
}
