//! Telephone: what is told of a call becomes one row whatever the order, the question where it goes is answered
//! from memory, and what is over becomes a contact on a ticket. Who was not answered is promised a call back.
pub mod api;
mod board;
mod callbacks;
mod choose;
mod error;
mod file_name;
mod model;
mod of_ticket;
mod own;
mod pages;
mod pausing;
mod presence;
mod record;
mod recordings;
mod respond;
mod route;
mod settle;
mod store;
mod uploads;
mod voice;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use actix_web::web;
use channels::phone::CallEvent;
use futures_util::future::BoxFuture;

pub use error::PhoneError;
pub use model::{CallRow, Post, Presence};
pub use pausing::Lines;
pub use presence::{PhoneChange, change as change_agent};
pub use recordings::delete_due;
pub use settle::settle_due;

use self::board::Board;
use crate::intake::Intake;
use crate::kernel::Kernel;
use crate::kernel::database::StoreError;
use crate::kernel::hours::Hours;
use crate::kernel::time::Instant;

/// The calls of this process; cheap to clone.
#[derive(Clone)]
pub struct Telephony {
    inner: Arc<Inner>,
}

/// For which call an agent is kept, and until when.
struct Reserved {
    call: String,
    until: Instant,
}

struct Inner {
    intake: Intake,
    board: RwLock<Option<Arc<Board>>>,
    /// Agents whose telephone was just told to ring, until their call is in the database.
    reserved: Mutex<HashMap<String, Reserved>>,
    /// Held by who settles calls: the lease keeps other nodes away, this the rest of this one.
    settling: tokio::sync::Mutex<()>,
    /// Held by who reads the board: who asks meanwhile shares what is read.
    reading: tokio::sync::Mutex<()>,
    /// Who heard which recording, and since when: one hearing is written down once.
    hearings: Mutex<HashMap<(String, i64), Instant>>,
}

impl Telephony {
    /// For this process.
    pub fn new(intake: &Intake) -> Self {
        uploads::open(intake);
        let inner = Inner {
            intake: intake.clone(),
            board: RwLock::default(),
            reserved: Mutex::default(),
            settling: tokio::sync::Mutex::default(),
            reading: tokio::sync::Mutex::default(),
            hearings: Mutex::default(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// The kernel it works on.
    pub fn kernel(&self) -> &Kernel {
        self.inner.intake.kernel()
    }

    /// What contacts are handed to.
    pub fn intake(&self) -> &Intake {
        &self.inner.intake
    }

    /// When calls are answered.
    pub fn hours(&self) -> Arc<Hours> {
        self.kernel().desk_hours()
    }

    /// How many calls of an account began in a span of time, and those that should long be over.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn begun(
        &self,
        account: &str,
        from: Instant,
        to: Instant,
    ) -> Result<(i64, Vec<(String, Instant)>), StoreError> {
        let kernel = self.kernel();
        let hours = i64::from(kernel.config.phone.lost_hours) + 1;
        let silent_since = kernel.now().minus(jiff::SignedDuration::from_hours(hours));
        let mut conn = kernel.db.read().await?;
        let calls = store::day::begun(&mut conn, account, from, to).await?;
        Ok((calls, store::day::endless(&mut conn, account, from, to, silent_since).await?))
    }

    /// Those of some calls of which something was told, each with whether its end was told, not concluded.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn known(&self, calls: &[String]) -> Result<BTreeMap<String, bool>, StoreError> {
        let mut conn = self.kernel().db.read().await?;
        store::day::known(&mut conn, calls).await
    }

    /// Stores what a provider says of calls when it is asked; what it had told before changes nothing.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn tell(&self, account: &str, events: Vec<CallEvent>) -> Result<(), StoreError> {
        record::record(self.kernel(), account, events, &[]).await
    }

    /// The agents who were told to ring, by extension: nobody else decides while `work` looks and adds to them.
    fn reserving<T>(&self, now: Instant, work: impl FnOnce(&mut HashMap<String, Reserved>) -> T) -> T {
        let mut reserved = self.inner.reserved.lock().unwrap_or_else(PoisonError::into_inner);
        reserved.retain(|_, kept| kept.until > now);
        work(&mut reserved)
    }
}

/// The background tasks: the board of agents and calls, and what becomes of calls that are over.
pub fn start(telephony: &Telephony) -> Vec<(&'static str, BoxFuture<'static, ()>)> {
    vec![
        ("telephone board", Box::pin(board::follow(telephony.clone()))),
        ("settle calls", Box::pin(settle::follow(telephony.clone()))),
        ("delete recordings", Box::pin(recordings::follow(telephony.clone()))),
    ]
}

/// Mounts the pages.
pub fn routes(cfg: &mut web::ServiceConfig) {
    pages::routes(cfg);
    own::routes(cfg);
    of_ticket::routes(cfg);
    pausing::routes(cfg);
    recordings::routes(cfg);
    uploads::routes(cfg);
}

/// Mounts the API, relative to `/api/v1`.
pub fn api_routes(cfg: &mut web::ServiceConfig) {
    api::routes(cfg);
}
