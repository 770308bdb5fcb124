//! The public site: what citizens, search engines and feed readers see of the sheets. Everything here reads only
//! what is public and in force, by the conditions of this module's store.
mod addresses;
mod feed;
mod fresh;
mod metadata;
mod readers;
mod sheet;
mod sitemap;
mod store;
mod topics;

use actix_web::web;

pub use addresses::Addresses;
pub(super) use feed::latest;
pub use fresh::{Freshness, answer};
pub(super) use readers::is_reading;
pub use topics::{Changed, Topic, changed, topics};
pub(super) use topics::{Overview, overview};

/// Pages, feed and sitemap, with full paths.
pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    feed::routes(cfg);
    sitemap::routes(cfg);
    sheet::routes(cfg);
}
