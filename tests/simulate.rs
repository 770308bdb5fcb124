//! The simulators, each against a whole installation: the real command is run, and what it says it sent is there.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[expect(unused_macros, reason = "these tests configure the installation, by a macro of their own")]
mod support;

mod simulate {
    #[macro_use]
    mod outside;

    mod accounts;
    mod calls;
    mod network;
    mod papers;
    mod posts;
    mod texts;
    mod year;
}
