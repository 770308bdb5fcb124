//! Who is there and which calls go on, in memory: what routing looks at.
use std::collections::HashMap;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use super::model::{AgentRow, CallRow, Post, Presence};
use super::route::{AgentNow, Found};
use super::{Reserved, Telephony, store};
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
    /// Seconds for which callers were talked with lately, on average.
    pub talk_seconds: Option<i64>,
    /// When its reading began: it holds all that was committed before.
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

    /// The board as it is. Many who ask at once, because all of them were told that something changed, share one
    /// reading that began after they asked.
    pub(super) async fn read_board(&self) -> Result<Arc<Board>, StoreError> {
        let asked = tokio::time::Instant::now();
        let _alone = self.inner.reading.lock().await;
        let known = self.inner.board.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(board) = known.filter(|board| board.read_at > asked) {
            return Ok(board);
        }
        let read_at = tokio::time::Instant::now();
        let mut conn = self.kernel().db.read().await?;
        let (agents, calls) = (store::agents(&mut conn).await?, store::live_calls(&mut conn).await?);
        let talk_seconds = store::talk_seconds(&mut conn).await?;
        drop(conn);
        let waiting = calls.iter().filter(|c| c.stage != "talking" && !c.is_ours()).count();
        self.kernel().metrics.calls_waiting.set(i64::try_from(waiting).unwrap_or(i64::MAX));
        let engaged = calls.iter().filter(|c| c.stage != "waiting" && !c.agent.is_empty());
        let engaged: HashMap<&str, &str> = engaged.map(|c| (c.agent.as_str(), c.call.as_str())).collect();
        let agents = agents.into_iter().map(|row| now(row, &engaged)).collect();
        let board = Arc::new(Board { agents, calls, talk_seconds, read_at });
        *self.inner.board.write().unwrap_or_else(PoisonError::into_inner) = Some(board.clone());
        Ok(board)
    }
}

impl Board {
    /// The agents as a call finds them: busy is who is rung by or talks in another one, or was told to ring for
    /// another one a moment ago. So who asks twice about one call is answered the same.
    pub(super) fn agents_now(&self, call: &str, at: Instant, reserved: &HashMap<String, Reserved>) -> Vec<Found<'_>> {
        let kept = |agent: &AgentNow| reserved.get(&agent.extension).is_some_and(|kept| kept.call != call);
        let found = |agent| Found {
            agent,
            busy: (agent.busy && agent.engaged != call) || kept(agent),
            wraps: agent.wrap_until.is_some_and(|until| until > at),
        };
        self.agents.iter().map(found).collect()
    }
}

fn now(row: AgentRow, engaged: &HashMap<&str, &str>) -> AgentNow {
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect();
    let engaged = engaged.get(row.extension.as_str()).copied().unwrap_or_default().to_owned();
    AgentNow {
        busy: !engaged.is_empty(),
        engaged,
        wraps: row.wrap_until.is_some(),
        wrap_until: row.wrap_until,
        reason: row.reason,
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
        let started = tokio::time::Instant::now();
        if let Err(e) = telephony.read_board().await {
            tracing::warn!("calls are routed on what was known before: {e}");
        }
        let busy = started.elapsed();
        tokio::select! {
            () = kernel.stop.cancelled() => {}
            // A board that is long to read is read less often: this takes a fifth of one processor at most.
            () = woken => { tokio::join!(pace.rest(), tokio::time::sleep(busy * 4)); }
            () = tokio::time::sleep(POLL) => {}
        }
    }
}
