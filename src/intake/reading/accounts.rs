//! The accounts whose bytes this node can read, by name: mailboxes of the configuration, and the accounts that
//! the administration opened.
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use channels::Normalise;

/// What reading needs of an account.
#[derive(Clone)]
pub struct OpenAccount {
    /// Understands the bytes that the account received.
    pub normaliser: Arc<dyn Normalise>,
    /// Slug of the unit that owns what arrives; `None` for the desk's entry unit.
    pub unit: Option<String>,
}

/// All of them; cheap to clone, one for the process.
#[derive(Clone, Default)]
pub struct OpenAccounts {
    open: Arc<RwLock<HashMap<String, OpenAccount>>>,
}

impl OpenAccounts {
    /// Opens an account, or replaces what it was.
    pub fn open(&self, name: &str, account: OpenAccount) {
        self.open.write().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), account);
    }

    /// Forgets an account: what it received and was not read yet waits until it is opened again.
    pub fn close(&self, name: &str) {
        self.open.write().unwrap_or_else(PoisonError::into_inner).remove(name);
    }

    /// An account by name.
    pub fn get(&self, name: &str) -> Option<OpenAccount> {
        self.open.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }
}
