//! Mail in and out with a real mailbox server and a real submission server.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[expect(unused_macros, reason = "these tests start mail servers too, by a macro of their own")]
mod support;

mod mail {
    #[macro_use]
    mod post;

    mod accounts;
    mod conversation;
    mod losses;
    mod merged;
    mod reconciliation;
    mod sending;
}
