//! The citizen's side, as somebody without JavaScript meets it: the form, the answer page, following a
//! request, adding to it; and the same for programs.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[macro_use]
mod support;

mod citizen {
    mod api;
    mod form;
    mod forward;
    mod people;
    mod tracking;
}
