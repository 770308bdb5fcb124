//! How the nodes on one PostgreSQL wake each other: after commits a node says so on a channel, outside of any
//! transaction, and the others look at the feed at once. What is lost here costs a second, never an event.
use std::time::Duration;

use sqlx::postgres::PgListener;

use super::Kernel;
use super::database::StoreError;

const CHANNEL: &str = "sportello_commits";
/// Commits within this time are announced once.
const COALESCE: Duration = Duration::from_millis(20);
const RETRY: Duration = Duration::from_secs(2);

/// Tells the other nodes that this one committed, until the process stops. Ends at once on SQLite.
pub async fn announce(kernel: Kernel) {
    let Some(pool) = kernel.db.postgres().cloned() else {
        return;
    };
    loop {
        tokio::select! {
            () = kernel.stop.cancelled() => return,
            () = kernel.wake.to_announce() => {}
        }
        tokio::time::sleep(COALESCE).await;
        let told = sqlx::query("SELECT pg_notify($1, $2)").bind(CHANNEL).bind(&*kernel.node).execute(&pool).await;
        if let Err(e) = told {
            tracing::warn!("cannot tell the other nodes about commits: {e}");
        }
    }
}

/// Hears the other nodes and wakes the readers of this one, until the process stops. Ends at once on SQLite.
pub async fn listen(kernel: Kernel) {
    if kernel.db.postgres().is_none() {
        return;
    }
    loop {
        tokio::select! {
            () = kernel.stop.cancelled() => return,
            ended = hear(&kernel) => if let Err(e) = ended {
                tracing::warn!("cannot hear the other nodes: {e}");
            },
        }
        tokio::select! {
            () = kernel.stop.cancelled() => return,
            () = tokio::time::sleep(RETRY) => {}
        }
    }
}

async fn hear(kernel: &Kernel) -> Result<(), StoreError> {
    let Some(pool) = kernel.db.postgres() else {
        return Ok(());
    };
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(CHANNEL).await?;
    // What was committed while nobody listened.
    kernel.wake.heard();
    loop {
        let told = listener.recv().await?;
        if told.payload() != &*kernel.node {
            kernel.wake.heard();
        }
    }
}
