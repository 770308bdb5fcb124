//! From what arrived to a contact on a ticket: raw bytes kept, the same thing taken in once, the person
//! found, the thread found, the receipt acknowledged. Every channel ends here, in [`Intake::take_in`].
mod acknowledge;
pub mod api;
mod batch;
pub mod counter;
pub mod desk;
mod error;
pub mod files;
mod incoming;
mod leg_answer;
mod letter;
pub mod mail;
mod open;
mod plain;
pub mod quarantine;
pub mod reading;
pub mod store;
mod take_in;
mod thread;
pub mod web_form;

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

pub use acknowledge::Receipt;
pub use error::IntakeError;
pub use incoming::{Incoming, RawSource, ThreadHints};
pub use take_in::TakenIn;
pub use thread::Thread;

use crate::intake::reading::OpenAccounts;
use crate::kernel::Kernel;
use crate::kernel::database::EngineKind;
use crate::kernel::together::Together;
use crate::outbox::MailAddresses;
use crate::routing::Routing;
use crate::tickets;

/// Takes contacts in; cheap to clone, one for the process.
#[derive(Clone)]
pub struct Intake {
    inner: Arc<Inner>,
}

struct Inner {
    kernel: Kernel,
    addresses: Arc<MailAddresses>,
    routing: Routing,
    accounts: OpenAccounts,
    /// Row ids of units by slug: units are few, and read on every contact.
    units: RwLock<HashMap<String, i64>>,
    /// Plain contacts that arrive while others are being committed.
    plain: Together<Incoming, Result<TakenIn, IntakeError>>,
}

/// Plain contacts stored together at most.
const PLAIN_MOST: usize = 64;

/// How many such storings are under way at the same time.
fn plain_at_once(kernel: &Kernel) -> usize {
    match kernel.db.engine() {
        // One writer: more would only be smaller.
        EngineKind::Sqlite => 2,
        // PostgreSQL syncs the commits of several connections at once, and a contact that waits for its turn waits
        // as long as for a sync. Half of the connections stay free for others.
        EngineKind::Postgres => (kernel.config.database.connections as usize / 2).clamp(1, 8),
    }
}

impl Intake {
    /// On a kernel; called on the runtime that outlives the request workers.
    pub fn new(kernel: &Kernel) -> Self {
        let (kernel, addresses) = (kernel.clone(), Arc::new(MailAddresses::new(kernel)));
        let routing = Routing::default();
        let plain = {
            let (kernel, addresses, routing) = (kernel.clone(), addresses.clone(), routing.clone());
            Together::new(PLAIN_MOST, plain_at_once(&kernel), move |batch| {
                Box::pin(take_in::together(kernel.clone(), addresses.clone(), routing.clone(), batch))
            })
        };
        let inner =
            Inner { kernel, addresses, routing, accounts: OpenAccounts::default(), units: RwLock::default(), plain };
        Self { inner: Arc::new(inner) }
    }

    /// The kernel it works on.
    pub fn kernel(&self) -> &Kernel {
        &self.inner.kernel
    }

    /// Our own mail addresses.
    pub fn addresses(&self) -> &Arc<MailAddresses> {
        &self.inner.addresses
    }

    /// Where new requests go.
    pub fn routing(&self) -> &Routing {
        &self.inner.routing
    }

    /// The accounts whose bytes this node can read.
    pub fn accounts(&self) -> &OpenAccounts {
        &self.inner.accounts
    }

    /// Row id of a unit by slug, remembered.
    ///
    /// # Errors
    /// [`IntakeError::NoEntryUnit`] when there is none: the installation is not set up yet.
    pub async fn unit(&self, slug: &str) -> Result<i64, IntakeError> {
        let known = self.inner.units.read().unwrap_or_else(PoisonError::into_inner).get(slug).copied();
        if let Some(id) = known {
            return Ok(id);
        }
        let mut conn = self.inner.kernel.db.read().await?;
        let id = tickets::store::unit_by_slug(&mut conn, slug)
            .await?
            .ok_or_else(|| IntakeError::NoEntryUnit { slug: slug.to_owned() })?;
        self.inner.units.write().unwrap_or_else(PoisonError::into_inner).insert(slug.to_owned(), id);
        Ok(id)
    }
}
