//! PostgreSQL connections kept aside between two storings that follow each other closely: the pool asks each
//! connection whether it lives when it is taken and when it is given back, which costs as much as the storing.
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sqlx::PgPool;

use super::{Conn, ConnKind, PgHandle, StoreError};

/// How long one is kept unused; what is older goes back to the pool, which looks whether it still lives.
const FRESH: Duration = Duration::from_secs(1);
/// How many are kept at most; never more than half of the pool, which others wait for.
const MOST: usize = 8;

/// The connections; cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Kept {
    conns: Arc<Mutex<Vec<(Instant, Conn)>>>,
}

impl Kept {
    /// One that worked a moment ago, else one of the pool.
    pub async fn take(&self, pool: &PgPool) -> Result<Conn, StoreError> {
        let kept = {
            let mut conns = self.lock();
            conns.retain(|(since, _)| since.elapsed() < FRESH);
            conns.pop()
        };
        Ok(match kept {
            Some((_, conn)) => conn,
            None => Conn { kind: ConnKind::Postgres(PgHandle::Pooled(pool.acquire().await?)) },
        })
    }

    /// Keeps one that works, for a moment.
    pub fn give(&self, conn: Conn, pool: &PgPool) {
        let most = MOST.min(pool.options().get_max_connections() as usize / 2);
        let mut conns = self.lock();
        if conns.len() >= most || pool.is_closed() {
            return;
        }
        conns.push((Instant::now(), conn));
        if conns.len() == 1 {
            tokio::spawn(self.clone().give_back());
        }
    }

    /// Gives back those that nobody took, until none is kept.
    async fn give_back(self) {
        loop {
            tokio::time::sleep(FRESH).await;
            let mut conns = self.lock();
            conns.retain(|(since, _)| since.elapsed() < FRESH);
            if conns.is_empty() {
                return;
            }
        }
    }

    /// Gives all back to the pool.
    pub fn clear(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<(Instant, Conn)>> {
        self.conns.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
