//! What is in force, read into `kernel.emergency` of each node.
use std::time::Duration;

use knowledge_base::analysis::fold;

use super::store;
use crate::classification::store as classification_store;
use crate::kernel::Kernel;
use crate::kernel::database::StoreError;
use crate::kernel::emergency::{InForce, Said, UrgentClass};
use crate::protocols;
use crate::routing::Routing;

/// How often it is looked at: another process may have started or ended one.
const EVERY: Duration = Duration::from_secs(2);

/// Reads what is in force.
///
/// # Errors
/// When the database cannot be read.
pub async fn refresh(kernel: &Kernel) -> Result<(), StoreError> {
    let mut conn = kernel.db.read().await?;
    let Some(row) = store::running(&mut conn).await? else {
        kernel.emergency.set(None);
        return Ok(());
    };
    if kernel.emergency.get().is_some_and(|now| now.id == row.id) {
        return Ok(());
    }
    let version = store::version(&mut conn, row.version_id).await?;
    let missing = StoreError::Inconsistent { table: "emergencies", column: "version_id" };
    let plan = version.ok_or(missing)?.plan()?;
    let mut classes = Vec::with_capacity(plan.classes.len());
    let mut calls = None;
    for class in &plan.classes {
        let Some(category) = classification_store::category(&mut conn, &class.slug).await? else { continue };
        if class.slug == plan.phone.class {
            calls = Some(category);
        }
        let words = class.keywords.iter().map(|word| fold(word.trim()));
        classes.push(UrgentClass { category, words: words.collect() });
    }
    drop(conn);
    let said = |italian: &str, english: &str| Said { italian: italian.to_owned(), english: english.to_owned() };
    kernel.emergency.set(Some(InForce {
        id: row.id,
        name: said(&plan.name, &plan.name_en),
        since: row.started_at,
        banner: said(&plan.banner, &plan.banner_en),
        desk: said(&plan.desk, &plan.desk_en),
        welcome: said(&plan.phone.welcome, &plan.phone.welcome_en),
        message: said(&plan.phone.message, &plan.phone.message_en),
        always_open: plan.always_open,
        classes,
        calls,
    }));
    Ok(())
}

/// What follows a start or an end on this node at once; other nodes look by themselves.
pub(super) async fn after(kernel: &Kernel, routing: &Routing) {
    if let Err(e) = refresh(kernel).await {
        tracing::warn!("what is in force is read a little later: {e}");
    }
    if let Err(e) = routing.refresh(kernel).await {
        tracing::warn!("the rules in force are read a little later: {e}");
    }
    if let Err(e) = protocols::catch_up(kernel).await {
        tracing::warn!("terms are counted anew a little later: {e}");
    }
}

/// Looks now and then, until the process stops.
pub async fn follow(kernel: Kernel) {
    while !kernel.stop.is_cancelled() {
        if let Err(e) = refresh(&kernel).await {
            tracing::warn!("what is in force was not looked at: {e}");
        }
        tokio::select! {
            () = kernel.stop.cancelled() => {}
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}
