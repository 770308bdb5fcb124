use super::access::visible;
use super::worker::event;
use super::{OutboxError, store};
use crate::kernel::Kernel;
use crate::kernel::events;
use crate::kernel::permissions::Principal;

/// Sends a message that failed or waits to another address. The old row is given up and keeps what was said
/// of it; a new one goes its own way, under the same Message-ID, so that an answer finds the ticket. Answers
/// the row id of the new one.
///
/// # Errors
/// When the caller does not see its ticket, the address is none, or a worker has the message in hand.
pub async fn resend(kernel: &Kernel, who: &Principal, id: i64, address: &str) -> Result<i64, OutboxError> {
    let (now, who, address) = (kernel.now(), who.clone(), address.trim().to_owned());
    if !has_shape(&address) {
        return Err(OutboxError::Address);
    }
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let row = visible(tx, &who, id).await?;
                // Another system has no second address.
                if row.lane.starts_with("way:") {
                    return Err(OutboxError::Address);
                }
                if !store::cancel(tx, id, now).await? {
                    return Err(OutboxError::NotWaiting);
                }
                let again = store::insert_again(tx, &row, &address, now).await?;
                let mut told = event(&row, "outbox.resent", who.actor);
                if let Some(data) = told.data.as_object_mut() {
                    data.insert("as".to_owned(), again.into());
                }
                events::append(tx, now, &[told]).await?;
                Ok(again)
            })
        })
        .await
}

/// Whether a text has the shape of an e-mail address; the server has the last word.
fn has_shape(address: &str) -> bool {
    let strange = |c: char| c.is_whitespace() || c.is_control() || "<>,;:\"()[]\\".contains(c);
    let parts = address.rsplit_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && !local.contains('@')
            && domain.contains('.')
            && !domain.starts_with('.')
            && !domain.ends_with('.')
    });
    parts && address.len() <= 254 && !address.contains(strange)
}

#[cfg(test)]
mod tests {
    use super::has_shape;

    #[test]
    fn an_address_is_told_from_other_texts() {
        assert!(has_shape("anna.bianchi+x@posta.example.it"));
        for wrong in [
            "",
            "anna",
            "anna@",
            "@example.it",
            "anna@example",
            "a b@example.it",
            "a@b@example.it",
            "a@example.it\nBcc: c@d.it",
        ] {
            assert!(!has_shape(wrong), "{wrong:?}");
        }
    }
}
