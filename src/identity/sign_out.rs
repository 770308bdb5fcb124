//! Sessions end: this one, or all of a person.
use serde_json::json;

use super::store;
use crate::kernel::Kernel;
use crate::kernel::database::StoreError;
use crate::kernel::events::{self, Actor, NewEvent};
use crate::kernel::secrets::token_hash;

/// Ends the session of a cookie; nothing happens when it is not open.
///
/// # Errors
/// When the database refuses.
pub async fn sign_out(kernel: &Kernel, token: &str) -> Result<(), StoreError> {
    let (hash, now) = (token_hash(token), kernel.now());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let Some(user) = store::delete_session(tx, &hash).await? else {
                    return Ok(());
                };
                let event = NewEvent {
                    kind: "user.signed_out",
                    ticket: None,
                    actor: Actor::User(user),
                    data: json!({"user": user}),
                };
                events::append(tx, now, &[event]).await
            })
        })
        .await
}

/// Ends all sessions of a person, on every device; how many there were.
///
/// # Errors
/// When the database refuses.
pub async fn sign_out_everywhere(kernel: &Kernel, user: i64) -> Result<u64, StoreError> {
    let now = kernel.now();
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let ended = store::delete_sessions(tx, user, None).await?;
                let event = NewEvent {
                    kind: "user.signed_out",
                    ticket: None,
                    actor: Actor::User(user),
                    data: json!({"user": user, "sessions": ended}),
                };
                events::append(tx, now, &[event]).await?;
                Ok(ended)
            })
        })
        .await
}
