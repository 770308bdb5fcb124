//! What couples terms to tickets and legs. A reader of the event feed starts, suspends, meets and cancels clocks at
//! each event's own instant, so that all clocks can be deleted and follow from the log again; what only a person can
//! say of a term (suspended for documents, notice before a refusal, correction) is an event of its own. A job tells
//! the feed what happened by the mere passing of time.
mod acts;
pub mod api;
mod apply;
mod error;
mod figures;
mod follow;
mod job;
pub mod pages;
mod presets;
mod save;
mod store;

pub use acts::{Act, act, catch_up};
pub use error::ProtocolError;
pub use follow::Follower;
pub use job::{follow, mark};
pub use presets::presets;
pub use save::{Saving, save_calendar, save_protocol, slug_of};

/// Forgets all clocks; their reader then begins with the first event of the feed.
///
/// # Errors
/// When the database refuses.
pub async fn rebuild(tx: &mut crate::kernel::database::Tx) -> Result<(), crate::kernel::database::StoreError> {
    crate::clocks::store::clear(tx).await
}
