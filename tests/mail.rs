//! Mail in and out with a real mailbox server and a real submission server.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

#[macro_use]
mod support;

mod mail {
    #[macro_use]
    mod post;

    mod conversation;
}
