//! Long text messages come in parts, in any order. Each part is held until all are there, or until it is clear
//! that the rest will not come.
use channels::{Inbound, Normalise, sms};
use jiff::SignedDuration;

use crate::intake::store::{self, RawRow};
use crate::kernel::Kernel;
use crate::kernel::database::StoreError;

/// Telephones number their messages over and over: parts this far apart belong to different ones.
const TOGETHER: SignedDuration = SignedDuration::from_hours(24);
/// How long the rest of a message is waited for.
pub const PATIENCE: SignedDuration = SignedDuration::from_hours(2);

/// What a part led to.
pub enum Gathered {
    /// Others are missing: it is held.
    Held,
    /// The message, and the raw items it was made of.
    Whole { message: Box<Inbound>, raw: Vec<i64> },
}

/// Puts a part together with those that came before. `give_up` when no more are waited for.
///
/// # Errors
/// When the database refuses.
pub async fn gather(
    kernel: &Kernel,
    normaliser: &dyn Normalise,
    item: &RawRow,
    part: Inbound,
    give_up: bool,
) -> Result<Gathered, StoreError> {
    let Some(key) = sms::join_key(&part) else {
        return Ok(Gathered::Whole { message: Box::new(part), raw: vec![item.id] });
    };
    let mut conn = kernel.db.read().await?;
    let since = item.received_at.minus(TOGETHER);
    let others = store::held(&mut conn, &item.account, &key, since).await?;
    drop(conn);
    let (mut parts, mut raw) = (vec![part], vec![item.id]);
    for other in others.into_iter().filter(|other| other.id != item.id) {
        if let Ok(read) = normaliser.normalise(other.body.as_deref().unwrap_or_default()) {
            parts.push(read);
            raw.push(other.id);
        }
    }
    match sms::join(&parts) {
        Some(joined) if joined.missing.is_empty() || give_up => {
            Ok(Gathered::Whole { message: Box::new(joined.message), raw })
        }
        _ => {
            let id = item.id;
            kernel.db.write(move |tx| Box::pin(async move { store::hold(tx, id, &key).await })).await?;
            Ok(Gathered::Held)
        }
    }
}
