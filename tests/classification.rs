//! The classification and its versions, what categories ask, where requests are routed, and what rules do of them.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[macro_use]
mod support;

mod classification {
    mod automation;
    mod fields;
    mod routing;
    mod versions;
}
