use super::store::{self, LetterRow};
use super::{LetterError, view};
use crate::kernel::Kernel;
use crate::kernel::codes::TrackingCode;
use crate::kernel::permissions::{Permission, Principal};
use crate::tickets::merging::{self, Merge, Moving, Split};

/// Where a letter belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Placement {
    /// On this ticket, by code.
    Ticket(String),
    /// On a ticket of its own.
    Own,
}

/// Puts a letter where it belongs. When nothing else of the citizen is on the ticket that it opened, that ticket is
/// merged into the other; else only the letter moves.
///
/// # Errors
/// As merging, moving and splitting.
pub async fn place(
    kernel: &Kernel,
    who: &Principal,
    id: i64,
    version: Option<i64>,
    placement: Placement,
) -> Result<LetterRow, LetterError> {
    who.require(Permission::WorkTickets)?;
    let mut conn = kernel.db.read().await?;
    let letter = store::letter(&mut conn, id).await?.ok_or(LetterError::NotFound)?;
    let alone = store::others_on(&mut conn, letter.ticket_id, id).await? == 0;
    drop(conn);
    if version.is_some_and(|v| v != letter.version) {
        return Err(LetterError::Stale { current: letter.version });
    }
    let from = letter.code.as_str();
    let to = match placement {
        Placement::Ticket(code) => {
            let unknown = LetterError::Invalid { field: "ticket", wrong: "unknown" };
            let to = TrackingCode::parse(&code).map_err(|_| unknown)?.as_str().to_owned();
            if alone {
                merging::merge(kernel, who, from, Merge { into: to, ..Merge::default() }).await?.code
            } else {
                merging::move_contact(kernel, who, from, id, Moving { to, ..Moving::default() }).await?.code
            }
        }
        Placement::Own if alone => return Ok(letter),
        Placement::Own => {
            let how = Split { contacts: vec![id], subject: letter.subject.clone(), ..Split::default() };
            merging::split(kernel, who, from, how).await?.code
        }
    };
    let (now, user, from) = (kernel.now(), who.user_id, letter.code.clone());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let letter = view::begin(tx, id, None).await?;
                super::correct::save(tx, &letter).await?;
                store::note(tx, id, user, "ticket", &from, &to, now).await?;
                store::letter(tx, id).await?.ok_or(LetterError::NotFound)
            })
        })
        .await
}
