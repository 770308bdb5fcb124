//! Which requests of the web form go at once to the unit that is competent for their category (001-19).
use serde_json::json;

use super::categories::CategoryError;
use super::store;
use crate::kernel::Kernel;
use crate::kernel::database::{Conn, StoreError};
use crate::kernel::events::{self, NewEvent};
use crate::kernel::names::stored_enum;
use crate::kernel::permissions::{Permission, Principal};
use crate::tickets::RequestKind;

stored_enum! {
    /// What a category forwards.
    #[derive(Default)]
    Forward {
        /// Nothing: the front office looks at everything first.
        Never = "never",
        /// Reports and complaints.
        #[default]
        Reports = "reports",
        /// Reports, complaints and applications.
        Requests = "requests",
    }
}

impl Forward {
    /// Whether a request of this kind is forwarded. A question never is: the front office answers it.
    pub const fn takes(self, kind: RequestKind) -> bool {
        match (self, kind) {
            (Self::Reports | Self::Requests, RequestKind::Report | RequestKind::Complaint)
            | (Self::Requests, RequestKind::Application) => true,
            (Self::Never | Self::Reports | Self::Requests, _) => false,
        }
    }
}

/// The row id of the unit that gets a request of this kind and category at once, if any does; `sheet` is the one from
/// which it was written.
///
/// # Errors
/// When the database cannot be read.
pub async fn unit_for(
    conn: &mut Conn,
    category: i64,
    sheet: Option<i64>,
    kind: RequestKind,
) -> Result<Option<i64>, StoreError> {
    let Some((_, forward)) = store::forwarding(conn, category).await? else { return Ok(None) };
    if !Forward::from_text(&forward).is_some_and(|forward| forward.takes(kind)) {
        return Ok(None);
    }
    competent_unit(conn, category, sheet).await
}

/// The row id of the unit that requests of a category are for: the one that the sheet names from which a request was
/// written, else the one that the category's public sheets agree on, else the category's own.
///
/// # Errors
/// When the database cannot be read.
pub async fn competent_unit(conn: &mut Conn, category: i64, sheet: Option<i64>) -> Result<Option<i64>, StoreError> {
    if let Some(sheet) = sheet
        && let Some(route) = store::route_of(conn, sheet, category).await?
    {
        return Ok(Some(route));
    }
    if let [route] = store::routes(conn, category).await?.as_slice() {
        return Ok(Some(*route));
    }
    Ok(store::forwarding(conn, category).await?.and_then(|(unit, _)| unit))
}

/// Says what a category forwards. The change is told by `category.changed`.
///
/// # Errors
/// When the caller does not administer, or there is no such category.
pub async fn set(kernel: &Kernel, who: &Principal, slug: &str, forward: Forward) -> Result<(), CategoryError> {
    who.require(Permission::Administer)?;
    let (now, actor, slug) = (kernel.now(), who.actor.clone(), slug.to_owned());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let id = store::category_id(tx, &slug).await?.ok_or(CategoryError::Unknown)?;
                store::set_forward(tx, id, forward).await?;
                let data = json!({ "category": id, "slug": slug, "forward": forward });
                let event = NewEvent { kind: "category.changed", ticket: None, actor, data };
                Ok(events::append(tx, now, &[event]).await?)
            })
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_never_forwarded() {
        use RequestKind as K;
        let taken = |forward: Forward| K::ALL.iter().copied().filter(|k| forward.takes(*k)).collect::<Vec<_>>();
        assert_eq!(taken(Forward::Never), []);
        assert_eq!(taken(Forward::Reports), [K::Report, K::Complaint]);
        assert_eq!(taken(Forward::Requests), [K::Report, K::Complaint, K::Application]);
    }
}
