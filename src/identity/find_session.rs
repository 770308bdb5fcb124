//! The look-up behind every page: a session cookie becomes the person signed in.
use jiff::SignedDuration;

use super::sign_in::lifetime;
use super::store;
use crate::kernel::Kernel;
use crate::kernel::database::StoreError;
use crate::kernel::events::Actor;
use crate::kernel::permissions::Principal;
use crate::kernel::request::Signed;
use crate::kernel::secrets::token_hash;

/// How often the use of a session is written down; between two writes a request costs no write.
const TOUCH: SignedDuration = SignedDuration::from_mins(5);

/// The person whose session `token` is, if it is open; using it keeps it open.
///
/// # Errors
/// When the database cannot be read.
pub async fn find_session(kernel: &Kernel, token: &str) -> Result<Option<Signed>, StoreError> {
    let now = kernel.now();
    let hash = token_hash(token);
    let mut conn = kernel.db.read().await?;
    let Some(session) = store::session(&mut conn, &hash, now).await? else {
        return Ok(None);
    };
    let units = store::units_of(&mut conn, session.user_id).await?;
    drop(conn);
    if now.since(session.seen_at) >= TOUCH {
        let expires_at = now.plus(lifetime(kernel));
        let touched = kernel
            .db
            .write(move |tx| Box::pin(async move { store::touch_session(tx, &hash, now, expires_at).await }))
            .await;
        // A page that only reads is still worth answering.
        if let Err(e) = touched {
            tracing::warn!("cannot note the use of a session: {e}");
        }
    }
    let principal = Principal {
        actor: Actor::User(session.user_id),
        role: store::role(&session.role, "users")?,
        user_id: Some(session.user_id),
        name: session.name,
        language: session.language,
        units,
    };
    Ok(Some(Signed { principal, csrf: session.csrf, must_change_password: session.password_given }))
}
