//! Outgoing webhooks: an administrator subscribes another system to kinds of events. A reader of the feed with its own
//! position ([`Follower`]) writes a delivery for each, in the transaction in which it moves; workers lease deliveries,
//! call, sign, retry with back-off and jitter, and suspend a subscription that takes nothing for days, visibly. What is
//! told are codes and states; of a ticket's content only what the administrator chose.
mod api;
mod deliver;
mod follow;
mod model;
mod pages;
mod save;
mod store;

use actix_web::web;

pub use crate::kernel::edit::EditError as SubscriptionError;
pub use api::Api;
pub use deliver::deliver;
pub use follow::{Follower, call};

/// The pages.
pub fn routes(cfg: &mut web::ServiceConfig) {
    pages::routes(cfg);
}

/// The JSON endpoints, relative to `/api/v1`.
pub fn api_routes(cfg: &mut web::ServiceConfig) {
    api::routes(cfg);
}
