//! The hard lock, where the agency wants one: while an agent writes an answer, colleagues neither answer nor
//! close. What holds is the saved draft; it ends when the draft is sent or dropped, when it falls silent, or
//! when the holder or a supervisor frees the ticket.
use jiff::SignedDuration;
use serde_json::json;
use sqlx::FromRow;

use super::{TicketError, store};
use crate::kernel::Kernel;
use crate::kernel::config::Desk;
use crate::kernel::database::Conn;
use crate::kernel::events::{self, NewEvent};
use crate::kernel::permissions::{Forbidden, Permission, Principal};
use crate::kernel::time::Instant;

/// Who holds a ticket.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Holder {
    /// Row id.
    pub user_id: i64,
    pub name: String,
    pub since: Instant,
}

/// The rule of this agency.
#[derive(Debug, Clone, Copy)]
pub struct HoldRule {
    on: bool,
    lasts: SignedDuration,
}

impl HoldRule {
    /// As configured.
    pub fn of(desk: &Desk) -> Self {
        Self { on: desk.hard_lock, lasts: SignedDuration::from_mins(i64::from(desk.hard_lock_minutes)) }
    }

    /// Whether tickets are held at all.
    pub const fn is_on(self) -> bool {
        self.on
    }

    /// Drafts saved before this instant hold nothing any more.
    pub fn stale(self, now: Instant) -> Instant {
        now.minus(self.lasts)
    }

    /// Who holds a ticket now: of several who write, the one who began first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn holder(self, conn: &mut Conn, ticket: i64, now: Instant) -> Result<Option<Holder>, TicketError> {
        if !self.on {
            return Ok(None);
        }
        Ok(store::holder(conn, ticket, self.stale(now)).await?)
    }

    /// Passes unless a colleague holds the ticket.
    ///
    /// # Errors
    /// [`TicketError::HeldBy`].
    pub async fn check(self, conn: &mut Conn, ticket: i64, who: &Principal, now: Instant) -> Result<(), TicketError> {
        match self.holder(conn, ticket, now).await? {
            Some(holder) if Some(holder.user_id) != who.user_id => {
                Err(TicketError::HeldBy { name: holder.name, since: holder.since })
            }
            Some(_) | None => Ok(()),
        }
    }
}

/// Whether somebody may free a ticket from its holder.
pub fn may_free(who: &Principal, holder: &Holder) -> bool {
    Some(holder.user_id) == who.user_id || who.role.may(Permission::TakeOver)
}

/// Frees a ticket from whoever holds it; answers its row id. The draft stays, and holds again only when its
/// writer begins anew after a silence. Freeing what nobody holds changes nothing.
///
/// # Errors
/// [`Forbidden`] unless the caller is the holder or a supervisor.
pub async fn free(kernel: &Kernel, who: &Principal, code: &str) -> Result<i64, TicketError> {
    who.require(Permission::WorkTickets)?;
    let rule = HoldRule::of(&kernel.config.desk);
    let (now, who, code) = (kernel.now(), who.clone(), code.to_owned());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let ticket = store::by_code(tx, &code).await?.ok_or(TicketError::NotFound)?;
                let Some(holder) = rule.holder(tx, ticket.id, now).await? else { return Ok(ticket.id) };
                if !may_free(&who, &holder) {
                    return Err(Forbidden.into());
                }
                store::release_draft(tx, ticket.id, holder.user_id, now).await?;
                // The ticket itself is unchanged, so that nobody's version becomes stale.
                let event = NewEvent {
                    kind: "ticket.freed",
                    ticket: Some(ticket.id),
                    actor: who.actor,
                    data: json!({ "code": ticket.code, "holder": holder.user_id }),
                };
                events::append(tx, now, &[event]).await?;
                Ok(ticket.id)
            })
        })
        .await
}
