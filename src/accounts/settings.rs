//! From what is stored of an account to what its driver opens: secrets fetched, folders checked.
use std::collections::BTreeMap;
use std::path::Path;

use channels::{Account, Context, Driver, FieldKind, Secret, Settings, WrongSetting};

use super::AccountError;
use super::model::driver;
use crate::kernel::Kernel;
use crate::kernel::references;
use crate::outbox::email::loop_id;

/// Opens an account of this name with these settings; connects to nothing.
///
/// # Errors
/// Names the setting at fault.
pub fn open(
    kernel: &Kernel,
    name: &str,
    driver_name: &str,
    values: BTreeMap<String, String>,
) -> Result<(&'static dyn Driver, Account), AccountError> {
    let driver = driver(driver_name).ok_or_else(|| AccountError::field("driver", "unknown"))?;
    let mut secrets = BTreeMap::new();
    for field in driver.fields() {
        let Some(value) = values.get(field.name).filter(|v| !v.is_empty()) else { continue };
        match field.kind {
            FieldKind::Secret => {
                let secret = references::fetch(&kernel.config, value)
                    .map_err(|why| AccountError::Refused { field: field.name.to_owned(), why })?;
                secrets.insert(field.name.to_owned(), Secret::new(secret.reveal()));
            }
            FieldKind::Path => allowed(kernel, field.name, Path::new(value))?,
            FieldKind::Text | FieldKind::Number { .. } | FieldKind::Flag | FieldKind::Choice(_) => {}
        }
    }
    let mail = &kernel.config.mail;
    let context = Context {
        account: name.to_owned(),
        hook_url: kernel.config.link(&format!("/hooks/{name}")),
        loop_id: loop_id(&kernel.secrets),
        own_addresses: mail.mailboxes.iter().map(|m| m.address.clone()).collect(),
        scratch: kernel.config.path("scratch").join(name),
        programs: kernel.config.channels.programs.clone(),
    };
    let account = driver.open(&Settings::new(values, secrets), &context).map_err(refused)?;
    Ok((driver, account))
}

fn refused(wrong: WrongSetting) -> AccountError {
    AccountError::Refused { field: wrong.field.to_owned(), why: wrong.why }
}

/// Folders of accounts lie where the operator allows it: who administers accounts does not thereby read the
/// whole machine.
fn allowed(kernel: &Kernel, field: &'static str, path: &Path) -> Result<(), AccountError> {
    let own = ["spool", "secrets"].map(|name| std::path::absolute(kernel.config.path(name)).unwrap_or_default());
    if kernel.config.channels.folders.iter().chain(&own).any(|folder| path.starts_with(folder)) {
        return Ok(());
    }
    let own = own.map(|folder| folder.display().to_string()).join(", ");
    let why = format!("it must lie in {own} or in a folder that channels.folders allows");
    Err(AccountError::Refused { field: field.to_owned(), why })
}
