//! The server as its callers meet it, and the kernel that holds it up: signing in, sessions, tokens, refusals,
//! live updates, stopping; group commit and the event feed.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[macro_use]
mod support;

mod http {
    mod feed;
    mod forgery;
    mod language;
    mod live;
    mod problems;
    mod rest;
    mod server;
    mod sessions;
    mod stop;
    mod together;
    mod tokens;
    mod users;
    mod writes;
}
