//! The server as its callers meet it: signing in, sessions, tokens, refusals, live updates, stopping.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on fails"
)]

#[macro_use]
mod support;

mod http {
    mod sessions;
}
