use super::{PhoneError, store};
use crate::kernel::Kernel;
use crate::kernel::codes::TrackingCode;
use crate::kernel::permissions::{Permission, Principal};
use crate::tickets;

/// Says on which ticket a call is to be recorded once it is over: agents of their own calls, supervisors of all.
///
/// # Errors
/// When the caller may not, or there is no such ticket or no such call that is not recorded yet.
pub async fn choose(kernel: &Kernel, who: &Principal, call: i64, code: &str) -> Result<(), PhoneError> {
    who.require(Permission::WorkTickets)?;
    let code = TrackingCode::parse(code).map_err(|_| PhoneError::Invalid { field: "code", wrong: "shape" })?;
    let mut conn = kernel.db.read().await?;
    let row = store::call(&mut conn, call).await?.ok_or(PhoneError::NotFound)?;
    let agent = store::agent_by_extension(&mut conn, &row.agent).await?;
    if agent.is_none_or(|agent| Some(agent.user_id) != who.user_id) {
        who.require(Permission::TakeOver)?;
    }
    let ticket = tickets::store::by_code(&mut conn, code.as_str()).await?;
    let ticket = ticket.ok_or(PhoneError::Invalid { field: "code", wrong: "unknown" })?.id;
    drop(conn);
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                if store::choose_ticket(tx, call, ticket).await? { Ok(()) } else { Err(PhoneError::NotFound) }
            })
        })
        .await
}
