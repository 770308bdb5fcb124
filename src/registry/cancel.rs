use serde_json::json;

use super::{RegistrationRow, RegistryError, store};
use crate::kernel::Kernel;
use crate::kernel::events::{self, NewEvent};
use crate::kernel::permissions::{Permission, Principal};

/// Why a registration is cancelled.
#[derive(Debug, Clone, Default)]
pub struct Cancelling {
    pub reason: String,
    /// The act that orders it.
    pub act: String,
}

/// Marks a registration as cancelled (art. 54). Everything it says stays readable, its number is never used again,
/// and the document can be registered anew.
///
/// # Errors
/// When the caller may not, a reason or the act is missing, or it is cancelled already.
pub async fn cancel(
    kernel: &Kernel,
    who: &Principal,
    id: i64,
    how: Cancelling,
) -> Result<RegistrationRow, RegistryError> {
    who.require(Permission::TakeOver)?;
    let tidy = |text: &str| text.trim().replace(['\r', '\0'], "");
    let (reason, act) = (tidy(&how.reason), tidy(&how.act));
    for (field, text) in [("reason", &reason), ("act", &act)] {
        if text.is_empty() {
            return Err(RegistryError::Invalid { field, wrong: "missing" });
        }
    }
    let (now, who) = (kernel.now(), who.clone());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let row = store::by_id(tx, id).await?.ok_or(RegistryError::NotFound)?;
                if !store::cancel(tx, id, who.user_id, &reason, &act, now).await? {
                    return Err(RegistryError::Cancelled);
                }
                let ticket = store::contact(tx, row.contact_id).await?.map(|c| c.ticket_id);
                let data = json!({ "contact": row.contact_id, "registration": id,
                    "number": format!("{}/{}", row.number, row.year) });
                let event = NewEvent { kind: "contact.registration_cancelled", ticket, actor: who.actor, data };
                events::append(tx, now, &[event]).await?;
                store::by_id(tx, id).await?.ok_or(RegistryError::NotFound)
            })
        })
        .await
}
