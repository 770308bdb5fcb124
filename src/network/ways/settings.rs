//! From what is stored of a way to what is called: secrets fetched, hosts allowed.
use channels::Secret;
use channels::calls::Caller;
use channels::guard::Guard;
use channels::open311::Endpoint;
use reqwest::Url;

use super::model::Way;
use super::store;
use crate::kernel::Kernel;
use crate::kernel::references;

/// Calls other systems, as far as the administration allows; cheap to clone.
#[derive(Debug, Clone)]
pub struct Calls {
    caller: Caller,
    guard: Guard,
}

impl Calls {
    /// With an empty list of hosts.
    ///
    /// # Errors
    /// A sentence when this machine's TLS cannot be set up.
    pub fn new() -> Result<Self, String> {
        let guard = Guard::new(false);
        Ok(Self { caller: Caller::new(&guard)?, guard })
    }

    /// The caller, with the list of hosts as it is now.
    ///
    /// # Errors
    /// A sentence when the list cannot be read.
    pub async fn caller(&self, kernel: &Kernel) -> Result<&Caller, String> {
        let mut conn = kernel.db.read().await.map_err(|e| e.to_string())?;
        self.guard.allow(store::hosts(&mut conn).await.map_err(|e| e.to_string())?);
        Ok(&self.caller)
    }
}

/// Whether the administration may call an address: one of the public internet by TLS, or one that is on its list.
pub async fn may_call(kernel: &Kernel, url: &str) -> bool {
    let (Ok(url), Ok(calls)) = (Url::parse(url), Calls::new()) else { return false };
    match calls.caller(kernel).await {
        Ok(caller) => caller.may_call(&url).is_ok(),
        Err(_) => false,
    }
}

/// Address and secret of a webhook.
///
/// # Errors
/// A sentence for the administrator.
pub(super) fn webhook(kernel: &Kernel, way: &Way) -> Result<(Url, Secret), String> {
    Ok((url(way)?, secret(kernel, &way.setting("secret"))?))
}

/// The endpoint of an Open311 way.
///
/// # Errors
/// A sentence for the administrator.
pub(super) fn endpoint(kernel: &Kernel, way: &Way) -> Result<Endpoint, String> {
    Ok(Endpoint {
        url: url(way)?,
        jurisdiction: way.setting("jurisdiction"),
        api_key: secret(kernel, &way.setting("api_key"))?,
    })
}

fn url(way: &Way) -> Result<Url, String> {
    Url::parse(&way.setting("url")).map_err(|e| e.to_string())
}

fn secret(kernel: &Kernel, reference: &str) -> Result<Secret, String> {
    if reference.is_empty() {
        return Ok(Secret::default());
    }
    references::fetch(&kernel.config, reference).map(|secret| Secret::new(secret.reveal()))
}
