//! The loop that receives from one SMSC. A text is acknowledged only once it is stored.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::Config;
use super::pdu::Packet;
use super::redelivery::{Ack, Memory, Name};
use super::session::{Arrived, Role, Session, SmppError};
use super::status::{OK, RECEIVER_BUSY};
use crate::waiting::{Pause, wall_clock};
use crate::{Batch, ChannelKind, Cursor, Inbox, RawContent, RawItem, Receive, ReceiverState, ReceiverStatus};

/// An SMSC that has waited this long may have given up and will send the text again.
const PROMPT: Duration = Duration::from_secs(10);

/// While the storage does not answer, others wait in the queue for theirs.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// How long the SMSC may take to say goodbye.
const LEAVE: Duration = Duration::from_secs(3);

/// Receives texts and receipts from one SMSC.
pub(crate) struct SmppReceiver {
    config: Arc<Config>,
    status: watch::Sender<ReceiverStatus>,
}

impl SmppReceiver {
    pub(crate) fn new(config: Arc<Config>) -> Self {
        Self { config, status: watch::Sender::new(ReceiverStatus { pushed: true, ..ReceiverStatus::default() }) }
    }

    fn set(&self, state: ReceiverState) {
        self.status.send_modify(|s| s.state = state);
    }

    /// Serves one connection until it fails, or until told to stop.
    async fn attend(
        &self,
        inbox: &dyn Inbox,
        memory: &mut Memory,
        pause: &mut Pause,
        stop: &CancellationToken,
    ) -> Result<(), SmppError> {
        self.set(ReceiverState::Connecting);
        // Read before the first text can come: without it nothing may be taken.
        let saved = inbox.cursor().await.map_err(|e| SmppError::Unreachable(e.to_string()))?;
        memory.resume(saved);
        let (session, mut incoming) = tokio::select! {
            () = stop.cancelled() => return Ok(()),
            opened = Session::open(&self.config, Role::Receiver) => opened?,
        };
        self.status.send_modify(|s| {
            s.last_success = Some(wall_clock());
            s.last_error = None;
        });
        let mut last: Option<Name> = None;
        let ended = loop {
            self.set(ReceiverState::Waiting);
            let arrived = tokio::select! {
                () = stop.cancelled() => break Ok(()),
                arrived = incoming.recv() => arrived,
            };
            let Some(arrived) = arrived else { break Err(session.lost()) };
            self.set(ReceiverState::Fetching);
            match self.store(&session, &arrived, inbox, memory).await {
                Ok(name) => {
                    last = Some(name);
                    *pause = Pause::default();
                    self.status.send_modify(|s| {
                        s.received += 1;
                        s.lag = incoming.len() as u64;
                        s.last_success = Some(wall_clock());
                        s.last_error = None;
                    });
                }
                Err(why) => {
                    self.status.send_modify(|s| s.last_error = Some(why.to_string()));
                    if session.is_over() {
                        break Err(why);
                    }
                    tokio::select! {
                        () = stop.cancelled() => {}
                        () = tokio::time::sleep(pause.next().min(LONGEST_PAUSE)) => {}
                    }
                }
            }
        };
        if ended.is_err() {
            memory.lost(wall_clock());
        } else if let Ok(Ok(())) = tokio::time::timeout(LEAVE, session.unbind()).await
            && let Some(name) = last
        {
            // The SMSC has read all acknowledgements: whoever comes next has nothing to doubt.
            let cursor = Cursor { validity: 0, ..name.cursor() };
            if let Err(e) = inbox.accept(Batch { cursor, items: Vec::new() }).await {
                tracing::warn!("place reached not saved: {e}");
            }
        }
        ended
    }

    /// Stores one packet and acknowledges it; when it cannot be stored, the SMSC is told to come back.
    async fn store(
        &self,
        session: &Session,
        Arrived { packet, at }: &Arrived,
        inbox: &dyn Inbox,
        memory: &mut Memory,
    ) -> Result<Name, SmppError> {
        let now = wall_clock();
        let name = memory.name(packet, now);
        let item = RawItem {
            external_ref: name.external_ref(),
            received_at: Some(now),
            content: RawContent::Whole(stored(name, packet)),
        };
        if let Err(e) = inbox.accept(Batch { cursor: name.cursor(), items: vec![item] }).await {
            // It may have been stored for all that: under the same name it is stored once.
            memory.stored(name, Ack::Unsure);
            session.answer(packet, RECEIVER_BUSY).await?;
            return Err(SmppError::Unreachable(e.to_string()));
        }
        let answered = session.answer(packet, OK).await;
        memory.stored(name, if answered.is_ok() && at.elapsed() < PROMPT { Ack::Sent } else { Ack::Unsure });
        answered.map(|()| name)
    }
}

/// What is kept of a packet: a line with its name, then the packet as it came.
fn stored(name: Name, packet: &Packet) -> Bytes {
    let mut raw = format!("smpp {}\n", name.external_ref()).into_bytes();
    raw.extend(packet.to_bytes());
    raw.into()
}

#[async_trait]
impl Receive for SmppReceiver {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Sms
    }

    fn status(&self) -> watch::Receiver<ReceiverStatus> {
        self.status.subscribe()
    }

    async fn run(&self, inbox: &dyn Inbox, stop: CancellationToken) {
        let mut memory = Memory::default();
        let mut pause = Pause::default();
        while !stop.is_cancelled() {
            let Err(error) = self.attend(inbox, &mut memory, &mut pause, &stop).await else { break };
            let wait = pause.next();
            let wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
            tracing::warn!(smsc.host = %self.config.host, wait_ms, "SMSC not read: {error}");
            self.status.send_modify(|s| {
                s.state = ReceiverState::Retrying;
                s.last_error = Some(error.to_string());
            });
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(wait) => {}
            }
        }
        self.set(ReceiverState::Stopped);
    }

    async fn check(&self) -> Result<String, String> {
        super::check(&self.config, Role::Receiver).await
    }
}
