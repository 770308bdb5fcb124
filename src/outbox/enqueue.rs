use super::store;
use super::{MailPayload, Purpose};
use crate::kernel::database::{StoreError, Tx};
use crate::kernel::time::Instant;

/// A mail to be sent.
#[derive(Debug, Clone)]
pub struct NewMail {
    pub purpose: Purpose,
    pub ticket_id: i64,
    pub contact_id: Option<i64>,
    pub leg_id: Option<i64>,
    pub recipient: String,
    /// Our Message-ID, without angle brackets.
    pub message_id: String,
    pub payload: MailPayload,
}

/// Writes a mail into the outbox, in the transaction that decided it; answers its row id.
///
/// # Errors
/// When the database refuses.
pub async fn enqueue_mail(tx: &mut Tx, mail: &NewMail, now: Instant) -> Result<i64, StoreError> {
    store::insert(tx, mail, now).await
}

/// Writes a mail about no ticket into the outbox, to somebody who works here; answers its row id.
///
/// # Errors
/// When the database refuses.
pub async fn enqueue_notice(
    tx: &mut Tx,
    recipient: &str,
    payload: &MailPayload,
    message_id: &str,
    now: Instant,
) -> Result<i64, StoreError> {
    store::insert_notice(tx, recipient, payload, message_id, now).await
}
