//! Who is there and which calls go on, in memory: what routing looks at.
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use super::model::{AgentRow, CallRow, Post, Presence};
use super::route::AgentNow;
use super::{Telephony, store};
use crate::kernel::database::StoreError;
use crate::kernel::live::Pace;
use crate::kernel::time::Instant;

/// How often it is read beside every commit.
const POLL: Duration = Duration::from_secs(1);
const COALESCE: Duration = Duration::from_millis(30);
const DISTANCE: Duration = Duration::from_millis(100);
/// A board that nobody keeps is read again when it is older than this.
const STALE: Duration = Duration::from_secs(3);

/// All that routing and the desk's bar need to know.
#[derive(Debug)]
pub struct Board {
    pub agents: Vec<AgentNow>,
    pub calls: Vec<CallRow>,
    read_at: tokio::time::Instant,
}

impl Telephony {
    /// The board as it was a moment ago.
    pub(super) async fn board(&self) -> Result<Arc<Board>, StoreError> {
        let board = self.inner.board.read().unwrap_or_else(PoisonError::into_inner).clone();
        match board {
            Some(board) if board.read_at.elapsed() < STALE => Ok(board),
            _ => self.read_board().await,
        }
    }

    /// Looks at agents and calls now, instead of a moment after the last commit.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn refresh(&self) -> Result<(), StoreError> {
        self.read_board().await.map(drop)
    }

    /// The board as it is.
    pub(super) async fn read_board(&self) -> Result<Arc<Board>, StoreError> {
        let read_at = tokio::time::Instant::now();
        let mut conn = self.kernel().db.read().await?;
        let (agents, calls) = (store::agents(&mut conn).await?, store::live_calls(&mut conn).await?);
        drop(conn);
        let waiting = calls.iter().filter(|c| c.stage != "talking" && !c.is_ours()).count();
        self.kernel().metrics.calls_waiting.set(i64::try_from(waiting).unwrap_or(i64::MAX));
        let agents = agents.into_iter().map(|row| now(row, &calls)).collect();
        let board = Arc::new(Board { agents, calls, read_at });
        *self.inner.board.write().unwrap_or_else(PoisonError::into_inner) = Some(board.clone());
        Ok(board)
    }

    /// The agents, with those taken as busy whose telephone was told to ring a moment ago.
    pub(super) fn agents_now(&self, board: &Board, at: Instant) -> Vec<AgentNow> {
        let reserved = self.reserved(at);
        let mut agents = board.agents.clone();
        for agent in &mut agents {
            agent.busy |= reserved.contains(&agent.extension);
        }
        agents
    }
}

fn now(row: AgentRow, calls: &[CallRow]) -> AgentNow {
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect();
    let engaged = |call: &CallRow| call.agent == row.extension && call.stage != "waiting";
    AgentNow {
        busy: calls.iter().any(engaged),
        user: row.user_id,
        name: row.name,
        extension: row.extension,
        address: row.address,
        post: Post::from_text(&row.post).unwrap_or(Post::Internal),
        skills: words(&row.skills),
        languages: words(&row.languages),
        state: Presence::from_text(&row.state).unwrap_or(Presence::Off),
        since: row.since,
    }
}

/// Keeps the board until the process stops.
pub async fn follow(telephony: Telephony) {
    let kernel = telephony.kernel().clone();
    let mut pace = Pace::new(COALESCE, DISTANCE);
    while !kernel.stop.is_cancelled() {
        let woken = kernel.wake.next();
        if let Err(e) = telephony.read_board().await {
            tracing::warn!("calls are routed on what was known before: {e}");
        }
        tokio::select! {
            () = kernel.stop.cancelled() => {}
            () = woken => pace.rest().await,
            () = tokio::time::sleep(POLL) => {}
        }
    }
}
