//! The counter at which somebody receives visitors.
use super::{VisitError, store};
use crate::intake::Intake;
use crate::kernel::permissions::{Permission, Principal};

/// The counter of a person: the one they chose, else the only one of their units, else the entry point.
///
/// # Errors
/// When the database cannot be read, or the installation has no entry point.
pub async fn counter_of(intake: &Intake, who: &Principal) -> Result<store::CounterRow, VisitError> {
    let kernel = intake.kernel();
    let entry = intake.unit(&kernel.config.desk.entry_unit).await?;
    let mut conn = kernel.db.read().await?;
    let counters = store::counters(&mut conn).await?;
    let chosen = match who.user_id {
        Some(user) => store::chosen_counter(&mut conn, user).await?,
        None => None,
    };
    let own: Vec<i64> = counters.iter().filter(|c| c.collects && who.units.contains(&c.id)).map(|c| c.id).collect();
    let id = match (chosen, own.as_slice()) {
        (Some(id), _) if counters.iter().any(|c| c.id == id) => id,
        (_, [only]) => *only,
        _ => entry,
    };
    counters.into_iter().find(|c| c.id == id).ok_or(VisitError::Invalid { field: "counter", wrong: "unknown" })
}

/// Remembers where somebody receives visitors.
///
/// # Errors
/// When there is no such counter, or the caller is a program.
pub async fn choose_counter(intake: &Intake, who: &Principal, slug: &str) -> Result<(), VisitError> {
    who.require(Permission::WorkTickets)?;
    let user = who.user_id.ok_or(VisitError::Invalid { field: "counter", wrong: "no_user" })?;
    let slug = slug.to_owned();
    let write = intake.kernel().db.write(move |tx| {
        Box::pin(async move {
            let counters = store::counters(tx).await?;
            let unknown = VisitError::Invalid { field: "counter", wrong: "unknown" };
            let counter = counters.into_iter().find(|c| c.slug == slug).ok_or(unknown)?;
            store::choose_counter(tx, user, counter.id).await?;
            Ok::<(), VisitError>(())
        })
    });
    write.await
}
