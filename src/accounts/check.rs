use super::model::AccountRow;
use super::{AccountError, settings};
use crate::kernel::Kernel;
use crate::kernel::permissions::{Permission, Principal};

/// Tries the provider of an account, without receiving or sending anything. `Ok(Ok(_))` says what answered,
/// `Ok(Err(_))` what is wrong, each in a sentence.
///
/// # Errors
/// When the caller may not.
pub async fn check(
    kernel: &Kernel,
    who: &Principal,
    account: &AccountRow,
) -> Result<Result<String, String>, AccountError> {
    who.require(Permission::Administer)?;
    Ok(try_out(kernel, account).await)
}

/// As [`check`], for who operates the machine.
pub async fn try_out(kernel: &Kernel, account: &AccountRow) -> Result<String, String> {
    let (_, open) =
        settings::open(kernel, &account.name, &account.driver, account.values()).map_err(|e| e.to_string())?;
    let mut said = Vec::new();
    if let Some(receiver) = &open.receiver {
        said.push(receiver.check().await?);
    }
    if let Some(sender) = &open.sender {
        said.push(sender.check().await?);
    }
    if open.hook.is_some() && said.is_empty() {
        said.push(format!("waits for calls at {}", kernel.config.link(&format!("/hooks/{}", account.name))));
    }
    Ok(said.join("; "))
}
