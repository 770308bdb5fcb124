//! How the nodes on one PostgreSQL wake each other: after commits a node says so on a channel, outside of any
//! transaction, and the others look at the feed at once. What is lost here costs a second, never an event.
//! Asides go the same way on a channel of their own.
use std::time::Duration;

use sqlx::postgres::PgListener;
use tokio::sync::broadcast::error::RecvError;

use super::Kernel;
use super::database::StoreError;
use super::live::Pace;

const CHANNEL: &str = "sportello_commits";
const ASIDES: &str = "sportello_asides";
/// Asides told in one statement at most.
const MOUTHFUL: usize = 100;
/// Commits within this time are announced once.
const COALESCE: Duration = Duration::from_millis(20);
const DISTANCE: Duration = Duration::from_millis(100);
const RETRY: Duration = Duration::from_secs(2);

/// Tells the other nodes that this one committed, until the process stops. Ends at once on SQLite.
pub async fn announce(kernel: Kernel) {
    let Some(pool) = kernel.db.postgres().cloned() else {
        return;
    };
    let mut pace = Pace::new(COALESCE, DISTANCE);
    loop {
        tokio::select! {
            () = kernel.stop.cancelled() => return,
            () = kernel.wake.to_announce() => {}
        }
        pace.rest().await;
        let told = sqlx::query("SELECT pg_notify($1, $2)").bind(CHANNEL).bind(&*kernel.node).execute(&pool).await;
        if let Err(e) = told {
            tracing::warn!("cannot tell the other nodes about commits: {e}");
        }
    }
}

/// Carries the asides of this node to the others, until the process stops. Ends at once on SQLite.
pub async fn carry_asides(kernel: Kernel) {
    let Some(pool) = kernel.db.postgres().cloned() else {
        return;
    };
    let mut said = kernel.asides.to_carry();
    loop {
        let first = tokio::select! {
            () = kernel.stop.cancelled() => return,
            got = said.recv() => match got {
                Ok(aside) => aside,
                Err(RecvError::Lagged(_)) => continue,
                Err(RecvError::Closed) => return,
            },
        };
        tokio::time::sleep(COALESCE).await;
        let mut words = vec![first];
        while words.len() < MOUTHFUL
            && let Ok(more) = said.try_recv()
        {
            words.push(more);
        }
        let payloads: Vec<String> = words.iter().map(|a| format!("{} {} {}", kernel.node, a.topic, a.body)).collect();
        let told = sqlx::query("SELECT pg_notify($1, word) FROM unnest($2::text[]) AS word")
            .bind(ASIDES)
            .bind(payloads)
            .execute(&pool)
            .await;
        if let Err(e) = told {
            tracing::warn!("cannot talk to the other nodes: {e}");
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
    listener.listen_all([CHANNEL, ASIDES]).await?;
    // What was committed while nobody listened.
    kernel.wake.heard();
    loop {
        let told = listener.recv().await?;
        let mut words = told.payload().splitn(3, ' ');
        if words.next() == Some(&*kernel.node) {
            continue;
        }
        match (told.channel(), words.next(), words.next()) {
            (ASIDES, Some(topic), Some(body)) => kernel.asides.came(topic, body),
            _ => kernel.wake.heard(),
        }
    }
}
