use serde_json::json;

use super::{IncidentRefusal, store};
use crate::kernel::Kernel;
use crate::kernel::names::stored_enum;
use crate::kernel::permissions::{Permission, Principal};
use crate::tickets::TicketError;
use crate::tickets::change::Change;
use crate::tickets::model::{Outcome, Ticket};

stored_enum! {
    /// What happens to each ticket after the answer.
    Next {
        /// It stays in work.
        Stay = "stay",
        /// The answer resolves it: it closes by itself unless the citizen objects.
        Resolve = "resolve",
        /// It is closed.
        Close = "close",
    }
}

/// One answer for many.
#[derive(Debug, Clone)]
pub struct SharedAnswer {
    pub text: String,
    pub next: Next,
    /// How each ends, when it does.
    pub outcome: Outcome,
    /// Code of the sheet the text comes from; empty: none.
    pub sheet: String,
}

/// Writes one answer to a ticket and to all that are in work below it. It leaves from [`super::deliver()`], to each by
/// the channel of its citizen; the tickets are those that are below now. Answers the ticket above.
///
/// # Errors
/// When it was changed meanwhile or is over, the text is missing, the sheet or the outcome does not exist, or no ticket
/// is below it.
pub async fn answer_all(
    kernel: &Kernel,
    who: &Principal,
    code: &str,
    expected: Option<i64>,
    answer: SharedAnswer,
) -> Result<Ticket, TicketError> {
    who.require(Permission::WorkTickets)?;
    let text = answer.text.trim().to_owned();
    if text.is_empty() {
        return Err(TicketError::Invalid { field: "text", wrong: "missing" });
    }
    if !Outcome::CHOICES.contains(&answer.outcome) {
        return Err(TicketError::Invalid { field: "outcome", wrong: "unknown" });
    }
    let answer = SharedAnswer { text, sheet: answer.sheet.trim().to_uppercase(), ..answer };
    let (now, who, code) = (kernel.now(), who.clone(), code.to_owned());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let change = Change::begin(tx, &code, expected, who.actor.clone(), now).await?;
                change.require_active()?;
                if store::child_count(tx, change.ticket.id).await?.0 == 0 {
                    return Err(IncidentRefusal::NothingBelow.into());
                }
                if !answer.sheet.is_empty() && crate::tickets::store::used_sheet(tx, &answer.sheet).await?.is_none() {
                    return Err(TicketError::Invalid { field: "sheet", wrong: "unknown" });
                }
                let author = (change.actor(), who.name.as_str());
                let (id, count) = store::insert_answer(tx, change.ticket.id, &answer, author, now).await?;
                let data = json!({ "answer": id, "tickets": count, "number": count });
                change.save(tx, "incident.answered", data).await
            })
        })
        .await
}
