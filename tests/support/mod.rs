//! What tests of behaviour stand on: a whole Sportello on a free port with a fresh database of either engine,
//! a clock moved by hand, a small agency, and browsers that sign in.
//!
//! ```ignore
//! #[macro_use]
//! mod support;
//! use support::*;
//!
//! on_each_engine! {
//!     async fn a_signed_in_agent_sees_the_profile(t: TestApp) {
//!         let agent = t.sign_in(Role::Agent).await;
//!         let page = agent.get("/scrivania/profilo").await;
//!         assert_eq!(page.status, 200);
//!     }
//! }
//! ```
//!
//! Each function becomes two tests, `name::sqlite` and `name::postgres`.
#![expect(clippy::expect_used, dead_code, unused_imports, reason = "each test file uses a part of this")]

mod answer;
mod app;
mod browser;
mod database;
mod live;
mod provider;
mod seed;

pub use answer::Answer;
pub use app::TestApp;
pub use browser::{Browser, File};
pub use database::Engine;
pub use jiff::SignedDuration;
pub use live::Live;
pub use provider::{Asked, play_provider};
pub use seed::PASSWORD;
pub use serde_json::json;
pub use sportello::kernel::permissions::Role;

/// Makes a test for each engine of every function in it.
macro_rules! on_each_engine {
    ($($(#[$meta:meta])* async fn $name:ident($t:ident: TestApp) $body:block)+) => {
        $(
            async fn $name($t: $crate::support::TestApp) $body

            mod $name {
                $(#[$meta])*
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn sqlite() {
                    let t = $crate::support::TestApp::start($crate::support::Engine::Sqlite).await;
                    super::$name(t.clone()).await;
                    t.stop().await;
                }

                $(#[$meta])*
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn postgres() {
                    let t = $crate::support::TestApp::start($crate::support::Engine::Postgres).await;
                    super::$name(t.clone()).await;
                    t.stop().await;
                }
            }
        )+
    };
}
