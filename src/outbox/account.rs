//! The lane of one channel account: payloads of the outbox become messages that the account's driver sends.
use std::sync::Arc;

use async_trait::async_trait;
use channels::email::OutgoingAttachment;
use channels::{Deliver, DeliveryError, Outgoing, Sent};
use serde::{Deserialize, Serialize};

use super::lane::{Attempt, Lane};
use super::store::{self, OutboxRow};
use super::{MailAttachment, Purpose};
use crate::kernel::Kernel;
use crate::kernel::database::{StoreError, Tx};
use crate::kernel::problem::{Kind, Refusal};
use crate::kernel::time::Instant;

/// Why a message to somebody who wants none does not leave.
const REFUSED: &str = "the recipient asked for no more messages (STOP)";

/// Name of the lane of an account.
pub fn account_lane(account: &str) -> String {
    format!("account:{account}")
}

/// Our own name for a row, as providers hand it back.
pub fn own_id(outbox: i64) -> String {
    format!("m{outbox}")
}

/// The row a name of ours stands for. Whoever hands it back must have proved who they are.
pub fn read_own_id(text: &str) -> Option<i64> {
    text.strip_prefix('m')?.parse().ok()
}

/// What a message by an account holds, beside its recipient.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountPayload {
    #[serde(default)]
    pub recipient_name: String,
    #[serde(default)]
    pub recipient_address: String,
    #[serde(default)]
    pub subject: String,
    pub text: String,
    #[serde(default)]
    pub attachments: Vec<MailAttachment>,
    /// Tracking code in groups.
    #[serde(default)]
    pub code: String,
    /// Where the citizen follows the ticket.
    #[serde(default)]
    pub link: String,
    #[serde(default)]
    pub language: String,
    #[serde(default)]
    pub in_reply_to: Option<String>,
    #[serde(default)]
    pub references: Vec<String>,
    /// Written by a program.
    #[serde(default)]
    pub automatic: bool,
}

/// A message to be sent by an account.
#[derive(Debug, Clone)]
pub struct NewMessage {
    /// Name of the account.
    pub account: String,
    pub purpose: Purpose,
    pub ticket_id: Option<i64>,
    pub contact_id: Option<i64>,
    pub leg_id: Option<i64>,
    /// Address or number in normal form.
    pub recipient: String,
    /// Our Message-ID, without angle brackets, on channels that have one.
    pub message_id: Option<String>,
    pub payload: AccountPayload,
}

/// Something to be told to another system by a lane of its own.
#[derive(Debug, Clone)]
pub struct NewCall {
    pub lane: String,
    pub purpose: Purpose,
    pub ticket_id: i64,
    pub leg_id: i64,
    /// As people know it: the name of its server.
    pub recipient: String,
    /// JSON that the lane understands.
    pub payload: String,
}

/// Writes a call into the outbox, in the transaction that decided it; answers its row id.
///
/// # Errors
/// When the database refuses.
pub async fn enqueue_call(tx: &mut Tx, call: &NewCall, now: Instant) -> Result<i64, StoreError> {
    store::insert_call(tx, call, now).await
}

/// Writes a message into the outbox, in the transaction that decided it; answers its row id.
///
/// # Errors
/// When the database refuses.
pub async fn enqueue_message(tx: &mut Tx, message: &NewMessage, now: Instant) -> Result<i64, StoreError> {
    store::insert_message(tx, message, now).await
}

/// Sends by one account.
pub struct AccountLane {
    kernel: Kernel,
    name: String,
    sender: Arc<dyn Deliver<Outgoing>>,
}

impl AccountLane {
    /// The lane of an account by name.
    pub fn new(kernel: &Kernel, account: &str, sender: Arc<dyn Deliver<Outgoing>>) -> Self {
        Self { kernel: kernel.clone(), name: account_lane(account), sender }
    }

    async fn refused(&self, row: &OutboxRow) -> Result<bool, StoreError> {
        let mut conn = self.kernel.db.read().await?;
        super::refuses(&mut conn, self.sender.kind().as_str(), &row.recipient).await
    }

    async fn message(&self, row: &OutboxRow) -> Result<Outgoing, Attempt> {
        let payload: AccountPayload = serde_json::from_str(&row.payload)
            .map_err(|e| Attempt::Never { words: format!("the message cannot be read: {e}") })?;
        let mut attachments = Vec::with_capacity(payload.attachments.len());
        for file in payload.attachments {
            let bytes = self.kernel.blobs.get(&file.blob).await.map_err(|e| {
                let words = format!("the attachment {} cannot be read: {e}", file.name);
                match e.kind() {
                    Kind::NotFound => Attempt::Never { words },
                    _ => Attempt::Later { words, answered: false },
                }
            })?;
            attachments.push(OutgoingAttachment {
                name: file.name,
                media_type: file.media_type,
                bytes,
                content_id: None,
            });
        }
        Ok(Outgoing {
            id: own_id(row.id),
            recipient: row.recipient.clone(),
            recipient_name: payload.recipient_name,
            recipient_address: payload.recipient_address,
            sender_name: self.kernel.agency_name(),
            subject: payload.subject,
            text: payload.text,
            attachments,
            code: payload.code,
            link: payload.link,
            language: payload.language,
            // Of the row, not of the attempt: a second attempt sends the very same message.
            date: row.created_at.timestamp(),
            message_id: row.message_id.clone().unwrap_or_default(),
            in_reply_to: payload.in_reply_to,
            references: payload.references,
            automatic: payload.automatic,
        })
    }
}

#[async_trait]
impl Lane for AccountLane {
    fn name(&self) -> &str {
        &self.name
    }

    fn width(&self) -> usize {
        self.sender.at_once()
    }

    async fn send(&self, row: &OutboxRow) -> Attempt {
        match self.refused(row).await {
            Ok(false) => {}
            Ok(true) => return Attempt::Never { words: REFUSED.to_owned() },
            Err(e) => return Attempt::Later { words: e.to_string(), answered: false },
        }
        let message = match self.message(row).await {
            Ok(message) => message,
            Err(attempt) => return attempt,
        };
        match self.sender.deliver(&message).await {
            Ok(Sent { response, provider_id, printable: Some(printable) }) => {
                let sheets = i64::try_from(printable.pages).unwrap_or(i64::MAX);
                match self.kernel.blobs.put(printable.pdf.into()).await {
                    Ok(blob) => Attempt::Queued {
                        note: response,
                        provider_id,
                        blob,
                        sheets,
                        handed_over: printable.handed_over,
                    },
                    Err(e) => Attempt::Later { words: format!("the pages cannot be kept: {e}"), answered: false },
                }
            }
            Ok(Sent { response, provider_id, printable: None }) => Attempt::Sent { note: response, provider_id },
            Err(DeliveryError::Permanent(refusal)) => Attempt::Never { words: refusal.to_string() },
            Err(DeliveryError::Transient(refusal)) => {
                Attempt::Later { words: refusal.to_string(), answered: refusal.code.is_some() }
            }
        }
    }

    async fn check(&self) -> Result<String, String> {
        self.sender.check().await
    }
}
