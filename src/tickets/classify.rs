use serde_json::json;

use super::change::Change;
use super::model::{RequestKind, Ticket, tidy_subject};
use super::{TicketError, store};
use crate::classification;
use crate::kernel::Kernel;
use crate::kernel::database::Tx;
use crate::kernel::permissions::{Permission, Principal};

/// What a classification sets; `None` leaves a value as it is, but a new category brings the kind that is usual for it.
#[derive(Debug, Clone, Default)]
pub struct Classification {
    /// Slug of a category; empty removes it.
    pub category: Option<String>,
    pub kind: Option<RequestKind>,
    pub subject: Option<String>,
}

/// Classifies a ticket.
///
/// # Errors
/// When it was changed meanwhile, or the category does not exist.
pub async fn classify(
    kernel: &Kernel,
    who: &Principal,
    code: &str,
    expected: Option<i64>,
    to: Classification,
) -> Result<Ticket, TicketError> {
    who.require(Permission::WorkTickets)?;
    let (now, who, code) = (kernel.now(), who.clone(), code.to_owned());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let mut change = Change::begin(tx, &code, expected, who.actor.clone(), now).await?;
                let before = change.ticket.category_id;
                match to.category.as_deref() {
                    None => {}
                    Some("") => change.ticket.category_id = None,
                    Some(slug) => {
                        let id = store::category_by_slug(tx, slug).await?;
                        change.ticket.category_id =
                            Some(id.ok_or(TicketError::Invalid { field: "category", wrong: "unknown" })?);
                    }
                }
                let usual = match change.ticket.category_id.filter(|_| change.ticket.category_id != before) {
                    Some(category) if to.kind.is_none() => usual_kind(tx, category).await?,
                    Some(_) | None => None,
                };
                if let Some(kind) = to.kind.or(usual) {
                    change.ticket.kind = kind;
                }
                if let Some(subject) = to.subject.as_deref().map(tidy_subject).filter(|s| !s.is_empty()) {
                    change.ticket.subject = subject;
                }
                let category = change.ticket.category_id;
                change.save(tx, "ticket.classified", json!({ "category": category, "category_before": before })).await
            })
        })
        .await
}

/// The kind that requests of a category usually have: its own, or that of the nearest above that names one.
async fn usual_kind(tx: &mut Tx, category: i64) -> Result<Option<RequestKind>, TicketError> {
    let (_, chain) = classification::store::chain(tx, category).await?;
    Ok(chain.categories.iter().rev().find_map(|node| node.details.default_kind))
}
