//! Channel accounts: what the administration opens so that a channel works. Each is opened by a driver of the
//! `channels` crate; while it is enabled, one node receives for it, every node sends, and its hooks answer.
pub mod api;
mod check;
mod error;
mod hooks;
mod list;
mod model;
pub mod pages;
pub mod reconciliation;
mod runner;
mod save;
mod scans;
mod settings;
pub mod standing;
mod store;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use actix_web::web;
use channels::phone::CallEvent;
use channels::phone::request::CallRequest;
use channels::{ChannelKind, HookAnswer};
use futures_util::future::BoxFuture;

pub use check::{check, try_out};
pub use error::AccountError;
pub use model::{AccountRow, NewAccount};
pub use runner::start;
pub use save::{add, change, enable};
pub use store::{all, by_name};

use crate::intake::Intake;
use crate::intake::reading::ReceivingStatus;
use crate::kernel::database::StoreError;
use crate::kernel::problem::Problem;
use crate::kernel::time::Instant;

/// The accounts of this process; cheap to clone.
#[derive(Clone)]
pub struct Accounts {
    inner: Arc<Inner>,
}

/// Who holds the calls of which the accounts are told.
pub trait TakesCalls: Send + Sync {
    /// Stores what an account was told, and answers what it was asked; `None` when nothing was.
    fn take<'a>(
        &'a self,
        account: &'a str,
        request: CallRequest,
        raw: &'a [u8],
    ) -> BoxFuture<'a, Result<Option<HookAnswer>, Problem>>;

    /// Stores what a provider says of calls when it is asked.
    fn tell<'a>(&'a self, account: &'a str, events: Vec<CallEvent>) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Those of some calls of which something was told, each with whether its end was.
    fn known<'a>(&'a self, calls: &'a [String]) -> BoxFuture<'a, Result<BTreeMap<String, bool>, StoreError>>;

    /// The calls that an account told of from an instant to before another.
    fn begun<'a>(&'a self, account: &'a str, from: Instant, to: Instant) -> BoxFuture<'a, Result<Begun, StoreError>>;
}

/// The calls of a span of time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Begun {
    pub calls: i64,
    /// Those whose end nobody told, although it should have been concluded: name and begin.
    pub endless: Vec<(String, Instant)>,
}

struct Inner {
    intake: Intake,
    calls: Arc<dyn TakesCalls>,
    status: ReceivingStatus,
    open: RwLock<BTreeMap<String, Open>>,
    /// When each account's provider called this node last.
    called: Mutex<BTreeMap<String, Instant>>,
}

/// An account that this node has open.
#[derive(Clone)]
pub struct Open {
    pub kind: ChannelKind,
    pub account: channels::Account,
    /// Whether it receives and sends now; a disabled one is only read.
    pub enabled: bool,
}

impl Accounts {
    /// For this process; nothing is open yet.
    pub fn new(intake: &Intake, status: &ReceivingStatus, calls: Arc<dyn TakesCalls>) -> Self {
        let (intake, status) = (intake.clone(), status.clone());
        Self { inner: Arc::new(Inner { intake, calls, status, open: RwLock::default(), called: Mutex::default() }) }
    }

    /// Who holds the calls.
    pub fn calls(&self) -> &dyn TakesCalls {
        &*self.inner.calls
    }

    /// What contacts are handed to.
    pub fn intake(&self) -> &Intake {
        &self.inner.intake
    }

    /// How receiving stands.
    pub fn status(&self) -> &ReceivingStatus {
        &self.inner.status
    }

    /// An account that is open here, by name.
    pub fn open(&self, name: &str) -> Option<Open> {
        self.inner.open.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    /// All accounts that are open here, by name.
    pub fn opened(&self) -> Vec<(String, Open)> {
        let open = self.inner.open.read().unwrap_or_else(PoisonError::into_inner);
        open.iter().map(|(name, open)| (name.clone(), open.clone())).collect()
    }

    /// Remembers that an account's provider called. Not written down at once: providers call thousands of times.
    fn was_called(&self, name: &str, at: Instant) {
        let mut called = self.inner.called.lock().unwrap_or_else(PoisonError::into_inner);
        match called.get_mut(name) {
            Some(last) => *last = (*last).max(at),
            None => drop(called.insert(name.to_owned(), at)),
        }
    }

    fn called(&self) -> BTreeMap<String, Instant> {
        self.inner.called.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, name: &str, open: Open) {
        self.inner.open.write().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), open);
    }

    fn remove(&self, name: &str) {
        self.inner.open.write().unwrap_or_else(PoisonError::into_inner).remove(name);
    }
}

/// Mounts pages and hooks.
pub fn routes(cfg: &mut web::ServiceConfig) {
    pages::routes(cfg);
    scans::routes(cfg);
    hooks::routes(cfg);
    reconciliation::pages::routes(cfg);
}

/// Mounts the API, relative to `/api/v1`.
pub fn api_routes(cfg: &mut web::ServiceConfig) {
    api::routes(cfg);
    reconciliation::api::routes(cfg);
}
