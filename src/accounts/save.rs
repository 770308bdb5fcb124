use serde_json::json;

use super::model::{AccountRow, NewAccount, tidy};
use super::{AccountError, settings, store};
use crate::kernel::Kernel;
use crate::kernel::database::Tx;
use crate::kernel::events::{self, Actor, NewEvent};
use crate::kernel::permissions::{Permission, Principal};
use crate::kernel::time::Instant;
use crate::organisation;

/// Opens a new account.
///
/// # Errors
/// When the caller may not, the name is taken, or a setting is not acceptable.
pub async fn add(kernel: &Kernel, who: &Principal, new: NewAccount) -> Result<AccountRow, AccountError> {
    who.require(Permission::Administer)?;
    let new = tidy(&new)?;
    settings::open(kernel, &new.name, &new.driver, new.settings.clone())?;
    // Raw items carry the account's name: two sources of one name would be taken for one.
    if kernel.config.mail.mailboxes.iter().any(|m| m.name == new.name) {
        return Err(AccountError::Taken);
    }
    let (now, who) = (kernel.now(), who.clone());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                require_unit(tx, &new.unit).await?;
                if !store::insert(tx, &new, who.user_id, now).await? {
                    return Err(AccountError::Taken);
                }
                saved(tx, &new.name, who.actor, now).await
            })
        })
        .await
}

/// Changes an account: settings, unit, whether it is enabled. Name and driver stay.
///
/// # Errors
/// As [`add`]; [`AccountError::Stale`] when it is no longer at `version`.
pub async fn change(
    kernel: &Kernel,
    who: &Principal,
    version: Option<i64>,
    new: NewAccount,
) -> Result<AccountRow, AccountError> {
    who.require(Permission::Administer)?;
    let mut conn = kernel.db.read().await?;
    let old = store::by_name(&mut conn, &new.name).await?.ok_or(AccountError::NotFound)?;
    drop(conn);
    let new = tidy(&NewAccount { driver: old.driver, ..new })?;
    if new.enabled {
        settings::open(kernel, &new.name, &new.driver, new.settings.clone())?;
    }
    let (now, who, version) = (kernel.now(), who.clone(), version.unwrap_or(old.version));
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                require_unit(tx, &new.unit).await?;
                if !store::update(tx, &new, version, who.user_id, now).await? {
                    return Err(AccountError::Stale);
                }
                saved(tx, &new.name, who.actor, now).await
            })
        })
        .await
}

/// Lets an account work, or rest: a resting one keeps what it received and sends nothing.
///
/// # Errors
/// As [`change`].
pub async fn enable(kernel: &Kernel, who: &Principal, name: &str, enabled: bool) -> Result<AccountRow, AccountError> {
    who.require(Permission::Administer)?;
    let mut conn = kernel.db.read().await?;
    let old = store::by_name(&mut conn, name).await?.ok_or(AccountError::NotFound)?;
    drop(conn);
    let new = NewAccount { settings: old.values(), name: old.name, driver: old.driver, unit: old.unit, enabled };
    change(kernel, who, Some(old.version), new).await
}

async fn require_unit(tx: &mut Tx, slug: &str) -> Result<(), AccountError> {
    if !slug.is_empty() && organisation::store::unit_by_slug(tx, slug).await?.is_none() {
        return Err(AccountError::field("unit", "unknown"));
    }
    Ok(())
}

async fn saved(tx: &mut Tx, name: &str, actor: Actor, now: Instant) -> Result<AccountRow, AccountError> {
    let row = store::by_name(tx, name).await?.ok_or(AccountError::NotFound)?;
    let data = json!({ "account": row.id, "version": row.version, "enabled": row.enabled });
    events::append(tx, now, &[NewEvent { kind: "account.changed", ticket: None, actor, data }]).await?;
    Ok(row)
}
