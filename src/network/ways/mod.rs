//! The ways a leg travels: portal, e-mail, certified mail, paper, signed webhook, Open311. An administrator chooses
//! one for each unit, or for all units of an agency; units without one are reached as before, by e-mail, else by the
//! accounts of their referents.
//!
//! [`choose::departure`] says where a leg leaves, [`carry::carry`] lets it leave in the transaction that decided it.
//! Webhooks and Open311 are rows of the outbox in a lane of their way ([`lane`]), so that nothing is lost or told twice
//! when a system is down; answers come back through [`body_api`] and [`poll`].
mod api;
pub mod body_api;
pub mod carry;
pub mod choose;
pub mod codes;
mod content;
mod hosts;
mod lane;
pub mod model;
mod pages;
pub mod poll;
mod save;
mod settings;
pub mod store;
mod try_way;
mod words;

use actix_web::web;
use futures_util::future::BoxFuture;

pub use crate::kernel::edit::EditError as WayError;
pub use model::{Way, WayKind};
pub(super) use pages::{labels, unreachable};
pub use settings::{Calls, may_call};

use crate::kernel::Kernel;

/// The pages.
pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    pages::routes(cfg);
}

/// The JSON endpoints, relative to `/api/v1`.
pub(super) fn api_routes(cfg: &mut web::ServiceConfig) {
    api::routes(cfg);
    body_api::routes(cfg);
}

/// The background work: the lanes of other systems, and asking Open311 endpoints for news.
pub fn start(kernel: &Kernel) -> Vec<(&'static str, BoxFuture<'static, ()>)> {
    vec![
        ("ways of legs", Box::pin(lane::keep(kernel.clone()))),
        ("open311 updates", Box::pin(poll::follow(kernel.clone()))),
    ]
}

/// The description of the endpoints.
pub use api::Api;
