//! Telephone: calls through a real SIP edge, and calls told by hand, from the hook to the desk.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[expect(unused_macros, reason = "these tests configure the telephone, by a macro of their own")]
mod support;

mod phone {
    #[macro_use]
    mod centre;

    mod compared;
    mod desk;
    mod edge;
    mod emergency;
    mod events;
    mod exchange;
    mod menu;
    mod pauses;
    mod presence;
    mod promises;
    mod provider;
    mod recordings;
    mod uploads;
}
