//! Short messages that tell somebody something happened, to those who want them.
use super::wording::{self, Carrier, Part};
use super::{AccountPayload, NewMessage, Purpose, consents, enqueue_message, senders, wants_notices};
use crate::kernel::database::{StoreError, Tx};
use crate::kernel::language::Language;
use crate::kernel::time::Instant;
use channels::ChannelKind;

/// What a notice is about.
#[derive(Debug, Clone)]
pub struct Notice<'a> {
    pub ticket_id: i64,
    /// Tracking code in groups.
    pub code: String,
    pub link: String,
    /// Number in normal form.
    pub number: &'a str,
    pub language: Language,
    pub purpose: Purpose,
    pub part: Part,
    pub values: &'a [(&'static str, String)],
}

/// Writes a notice by text message into the outbox; `false` when there is no account for it or the owner of the
/// number does not want it.
///
/// # Errors
/// When the database refuses.
pub async fn notify_by_sms(tx: &mut Tx, notice: &Notice<'_>, now: Instant) -> Result<bool, StoreError> {
    let Some(account) = senders(tx).await?.into_iter().find(|s| s.kind == ChannelKind::Sms) else { return Ok(false) };
    if !wants_notices(tx, consents::SMS, notice.number).await? {
        return Ok(false);
    }
    let text = wording::text(tx, notice.part, Carrier::Sms, notice.language, notice.values).await?;
    let message = NewMessage {
        account: account.name,
        purpose: notice.purpose,
        ticket_id: Some(notice.ticket_id),
        contact_id: None,
        leg_id: None,
        recipient: notice.number.to_owned(),
        message_id: None,
        payload: AccountPayload {
            text,
            code: notice.code.clone(),
            link: notice.link.clone(),
            language: notice.language.as_str().to_owned(),
            automatic: true,
            ..AccountPayload::default()
        },
    };
    enqueue_message(tx, &message, now).await?;
    Ok(true)
}
