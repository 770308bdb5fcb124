//! The loop of one mailbox: list what is new, hand it over in batches while the next one is on its way, wait
//! for news, and come back after every failure.

use std::collections::HashMap;
use std::ops::Range;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use jiff::Timestamp;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::ImapConfig;
use super::connection::{Connection, ImapError, Listed, Section};
use super::doubts::Doubts;
use crate::waiting::{Pause, wall_clock};
use crate::{Batch, BoxError, ChannelKind, Cursor, Held, Inbox};
use crate::{RawContent, RawItem, Receive, ReceiverState, ReceiverStatus};

/// Bytes handed over together at most, unless a single message has more.
const BATCH_BYTES: u64 = 16 << 20;

/// Receives the mail of one mailbox.
#[derive(Debug)]
pub struct ImapReceiver {
    channel: ChannelKind,
    pub(super) config: ImapConfig,
    status: watch::Sender<ReceiverStatus>,
}

impl ImapReceiver {
    /// A receiver that has not started; see [`Receive::run`].
    #[must_use]
    pub fn new(config: ImapConfig) -> Self {
        Self::of(ChannelKind::Email, config)
    }

    /// A receiver of another channel that keeps its messages in a mailbox.
    #[must_use]
    pub fn of(channel: ChannelKind, config: ImapConfig) -> Self {
        Self { channel, config, status: watch::Sender::new(ReceiverStatus::default()) }
    }

    fn set(&self, state: ReceiverState) {
        self.status.send_modify(|s| s.state = state);
    }

    /// Serves one connection until it fails. Every batch that was stored resets `pause`.
    async fn attend(
        &self,
        inbox: &dyn Inbox,
        doubts: &mut Doubts,
        pause: &mut Pause,
        stop: &CancellationToken,
    ) -> Result<(), ImapError> {
        self.set(ReceiverState::Connecting);
        let mut connection = until(stop, Connection::open(&self.config)).await?;
        let mut folder = until(stop, connection.examine(&self.config.folder)).await?;
        let saved = inbox.cursor().await.map_err(storage)?;
        let mut cursor = follow(saved, folder.validity, doubts);
        self.status.send_modify(|s| s.pushed = connection.pushes);
        loop {
            self.set(ReceiverState::Fetching);
            connection.news = false;
            let from = u32::try_from(cursor.position + 1).unwrap_or(u32::MAX);
            let listed = until(stop, connection.list(from, None)).await?;
            self.status.send_modify(|s| s.lag = listed.len() as u64);
            self.hand_over(&mut connection, &listed, &mut cursor, inbox, doubts, pause, stop).await?;
            *pause = Pause::default();
            self.status.send_modify(|s| {
                s.last_success = Some(wall_clock());
                s.last_error = None;
                s.lag = 0;
            });
            if connection.news {
                continue;
            }
            self.set(ReceiverState::Waiting);
            if connection.pushes {
                let at_most = Duration::from_secs(self.config.idle_seconds.clamp(1, 28 * 60));
                match connection.wait_for_news(at_most, stop).await {
                    // It promised more than it does: it is polled like the others.
                    Err(ImapError::Refused(_)) => connection.pushes = false,
                    waited => waited?,
                }
            } else {
                let pause = tokio::time::sleep(Duration::from_secs(self.config.poll_seconds.max(1)));
                until(stop, async {
                    pause.await;
                    Ok(())
                })
                .await?;
            }
            if !connection.news {
                // The folder may have been made anew under our eyes.
                folder = until(stop, connection.examine(&self.config.folder)).await?;
                cursor = follow(Some(cursor), folder.validity, doubts);
            }
        }
    }

    /// Hands over what is listed. While a batch is being stored the next one is fetched.
    #[expect(clippy::too_many_arguments, reason = "the state of one mailbox, borrowed from its loop")]
    async fn hand_over(
        &self,
        connection: &mut Connection,
        mut listed: &[Listed],
        cursor: &mut Cursor,
        inbox: &dyn Inbox,
        doubts: &mut Doubts,
        pause: &mut Pause,
        stop: &CancellationToken,
    ) -> Result<(), ImapError> {
        let mut ready: Option<Batch> = None;
        loop {
            let (chunk, rest) = listed.split_at(self.chunk(listed, doubts));
            listed = rest;
            let fetching = async {
                match chunk.last() {
                    None => Ok(None),
                    Some(last) => {
                        let position = Cursor { validity: cursor.validity, position: u64::from(last.uid) };
                        let items = until(stop, self.fetch(connection, position.validity, chunk, doubts)).await?;
                        Ok(Some(Batch { cursor: position, items }))
                    }
                }
            };
            let fetched = match ready.take() {
                None => fetching.await,
                Some(batch) => {
                    let (reached, count) = (batch.cursor, batch.items.len() as u64);
                    let (stored, fetched) = tokio::join!(inbox.accept(batch), fetching);
                    stored.map_err(storage)?;
                    *cursor = reached;
                    *pause = Pause::default();
                    self.status.send_modify(|s| {
                        s.received += count;
                        s.lag = s.lag.saturating_sub(count);
                    });
                    fetched
                }
            };
            ready = fetched?;
            if ready.is_none() {
                doubts.forget_until(u32::try_from(cursor.position).unwrap_or(u32::MAX));
                return Ok(());
            }
        }
    }

    /// How many of the listed messages go into the next batch.
    pub(super) fn chunk(&self, listed: &[Listed], doubts: &Doubts) -> usize {
        if listed.first().is_some_and(|m| doubts.is_careful(m.uid)) {
            return 1;
        }
        let mut bytes = 0;
        let fits = listed.iter().take(self.config.batch_size.max(1)).take_while(|m| {
            bytes += m.size.min(self.config.max_message_bytes);
            bytes <= BATCH_BYTES
        });
        fits.count().max(1).min(listed.len())
    }

    pub(super) async fn fetch(
        &self,
        connection: &mut Connection,
        validity: u64,
        chunk: &[Listed],
        doubts: &mut Doubts,
    ) -> Result<Vec<RawItem>, ImapError> {
        let fits = |m: &&Listed| m.size <= self.config.max_message_bytes;
        let small: Vec<u32> = chunk.iter().filter(fits).filter(|m| !doubts.is_hopeless(m.uid)).map(|m| m.uid).collect();
        let mut bodies: HashMap<u32, Bytes> = match connection.fetch(&small, Section::Whole).await {
            Ok(bodies) => bodies,
            Err(e) => {
                doubt(chunk, &e, doubts);
                return Err(e);
            }
        };
        let mut items = Vec::with_capacity(chunk.len());
        for message in chunk {
            let content = match bodies.remove(&message.uid) {
                Some(bytes) => RawContent::Whole(bytes),
                None => match self.without_body(connection, message, doubts).await {
                    Ok(Some(content)) => content,
                    Ok(None) => continue,
                    Err(e) => {
                        doubt(chunk, &e, doubts);
                        return Err(e);
                    }
                },
            };
            items.push(RawItem {
                external_ref: format!("{validity}.{}", message.uid),
                received_at: message.received_at,
                content,
            });
        }
        Ok(items)
    }

    /// What to hand over for a message whose body did not come: its headers when it is too large, a note when
    /// the server will not give it, nothing when it was deleted meanwhile.
    async fn without_body(
        &self,
        connection: &mut Connection,
        message: &Listed,
        doubts: &Doubts,
    ) -> Result<Option<RawContent>, ImapError> {
        let reason = "the server lists it but does not give it";
        if doubts.is_hopeless(message.uid) {
            return Ok(Some(RawContent::Unreadable { reason: reason.to_owned() }));
        }
        if message.size > self.config.max_message_bytes {
            let headers = connection.fetch(&[message.uid], Section::Headers).await?.remove(&message.uid);
            if let Some(headers) = headers {
                return Ok(Some(RawContent::HeadersOnly { headers, size: message.size }));
            }
        }
        if connection.list(message.uid, Some(message.uid)).await?.is_empty() {
            return Ok(None);
        }
        Err(ImapError::Refused(reason.to_owned()))
    }
}

#[async_trait]
impl Receive for ImapReceiver {
    fn kind(&self) -> ChannelKind {
        self.channel
    }

    fn status(&self) -> watch::Receiver<ReceiverStatus> {
        self.status.subscribe()
    }

    async fn run(&self, inbox: &dyn Inbox, stop: CancellationToken) {
        let mut doubts = Doubts::default();
        let mut pause = Pause::default();
        while !stop.is_cancelled() {
            let error = match self.attend(inbox, &mut doubts, &mut pause, &stop).await {
                Ok(()) | Err(ImapError::Stopped) => break,
                Err(error) => error,
            };
            let wait = pause.next();
            let wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
            tracing::warn!(imap.host = %self.config.host, wait_ms, "mailbox not read: {error}");
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
        let look = async {
            let mut connection = Connection::open(&self.config).await?;
            let folder = connection.examine(&self.config.folder).await?;
            connection.logout().await;
            Ok((folder, connection.pushes))
        };
        let (folder, pushes) = look.await.map_err(|e: ImapError| e.to_string())?;
        let news = if pushes { "tells of news by itself" } else { "is polled" };
        Ok(format!(
            "the folder {} at {}:{} has {} messages and {news}",
            self.config.folder,
            self.config.host,
            self.config.port(),
            folder.messages
        ))
    }

    async fn held(&self, span: &Range<Timestamp>) -> Result<Option<Vec<Held>>, String> {
        self.on_the_server(span).await.map(Some).map_err(|e| e.to_string())
    }

    async fn again(&self, names: &[String]) -> Result<Vec<RawItem>, String> {
        self.fetch_again(names).await.map_err(|e| e.to_string())
    }
}

/// Where to go on: after the saved place if the numbering is still the same, else from the first message.
fn follow(saved: Option<Cursor>, validity: u32, doubts: &mut Doubts) -> Cursor {
    doubts.number_by(validity);
    let start = Cursor { validity: u64::from(validity), position: 0 };
    saved.filter(|c| c.validity == start.validity).unwrap_or(start)
}

/// A batch failed: from now on its messages are asked for alone, and a message that fails alone is counted.
fn doubt(chunk: &[Listed], error: &ImapError, doubts: &mut Doubts) {
    match chunk {
        [only] => doubts.note(only.uid, error),
        [.., last] => doubts.be_careful_until(last.uid),
        [] => {}
    }
}

fn storage(e: BoxError) -> ImapError {
    ImapError::Storage(e.to_string())
}

/// Gives up waiting for the network, never for the inbox, when told to stop.
async fn until<T>(stop: &CancellationToken, work: impl Future<Output = Result<T, ImapError>>) -> Result<T, ImapError> {
    tokio::select! {
        () = stop.cancelled() => Err(ImapError::Stopped),
        done = work => done,
    }
}
