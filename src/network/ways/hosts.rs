//! The hosts in private networks that other systems of the administration have: nothing else there is called.
use serde_json::json;

use super::{WayError, store};
use crate::kernel::Kernel;
use crate::kernel::events::{self, NewEvent};
use crate::kernel::permissions::{Permission, Principal};

/// A host as it is kept: `erp.lan`, `10.1.2.3:8443`; `None` when it is none.
fn tidy(host: &str) -> Option<String> {
    let host = host.trim().to_ascii_lowercase();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
    let port = host.rsplit_once(':').is_none_or(|(_, port)| port.ends_with(']') || port.parse::<u16>().is_ok());
    (!host.is_empty() && host.len() <= 200 && host.chars().all(plain) && port).then_some(host)
}

/// Puts a host on the list, or takes it off.
///
/// # Errors
/// When the caller may not, or the text is no host.
pub(super) async fn set(kernel: &Kernel, who: &Principal, host: &str, allowed: bool) -> Result<(), WayError> {
    who.require(Permission::Administer)?;
    let host = tidy(host).ok_or(WayError::Invalid { field: "host", wrong: "host" })?;
    let (now, who) = (kernel.now(), who.clone());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                if allowed {
                    store::insert_host(tx, &host, who.user_id, now).await?;
                } else if !store::delete_host(tx, &host).await? {
                    return Err(WayError::NotFound);
                }
                let data = json!({ "host": host, "allowed": allowed });
                let event = NewEvent { kind: "callable_host.changed", ticket: None, actor: who.actor, data };
                Ok(events::append(tx, now, &[event]).await?)
            })
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::tidy;

    #[test]
    fn a_host_has_a_name_and_perhaps_a_port() {
        assert_eq!(tidy(" ERP.lan:8443 ").as_deref(), Some("erp.lan:8443"));
        assert_eq!(tidy("10.1.2.3").as_deref(), Some("10.1.2.3"));
        for wrong in ["", "https://erp.lan", "erp.lan/x", "erp.lan:x", "a b"] {
            assert_eq!(tidy(wrong), None, "{wrong}");
        }
    }
}
