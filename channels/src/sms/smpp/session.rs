//! One connection to an SMSC: bound, kept alive, requests matched with their answers.
//!
//! A task reads and another writes. Messages from the SMSC wait in a short queue; when it is full the SMSC is told
//! to come back later, so that a slow storage costs no memory and the connection stays alive.

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use rustls_pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, interval_at, timeout};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::Config;
use super::pdu::{
    BIND_RECEIVER, BIND_TRANSMITTER, DATA_SM, DELIVER_SM, ENQUIRE_LINK, GENERIC_NACK, HEADER, Packet, RESPONSE, UNBIND,
    bind_body,
};
use super::status::{INVALID_COMMAND, OK, THROTTLED};

/// Messages of the SMSC that wait to be stored.
const QUEUE: usize = 32;

/// How long the SMSC may take to answer.
const PATIENCE: Duration = Duration::from_secs(15);

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Receiver,
    Transmitter,
}

/// Why there is no connection, or no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SmppError {
    #[error("{0}")]
    Unreachable(String),
    #[error("the SMSC refuses the account or its password: status {0:#04x}")]
    NotBound(u32),
    #[error("the connection was lost: {0}")]
    Lost(String),
    #[error("the SMSC does not answer")]
    Silent,
}

/// A message of the SMSC, and since when it waits for an answer.
#[derive(Debug)]
pub(crate) struct Arrived {
    pub packet: Packet,
    pub at: Instant,
}

/// A bound connection; dropping it closes it.
#[derive(Debug)]
pub(crate) struct Session {
    shared: Arc<Shared>,
    out: mpsc::Sender<Vec<u8>>,
    _ends: DropGuard,
}

#[derive(Debug)]
struct Shared {
    waiting: Mutex<HashMap<u32, oneshot::Sender<Packet>>>,
    sequence: AtomicU32,
    /// Milliseconds from `opened` to when the SMSC was last heard.
    heard: AtomicU64,
    opened: Instant,
    over: CancellationToken,
    why: Mutex<Option<String>>,
}

impl Shared {
    fn end(&self, why: impl Into<String>) {
        lock(&self.why).get_or_insert(why.into());
        self.over.cancel();
        // Whoever waits for an answer learns that none will come.
        lock(&self.waiting).clear();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Session {
    /// Connects and binds. The second value brings what the SMSC sends of its own accord.
    pub(crate) async fn open(config: &Config, role: Role) -> Result<(Self, mpsc::Receiver<Arrived>), SmppError> {
        let connect = async {
            let tcp = TcpStream::connect((config.host.as_str(), config.port)).await.map_err(|e| e.to_string())?;
            tcp.set_nodelay(true).map_err(|e| e.to_string())?;
            match &config.tls {
                None => Ok(Self::start(tcp, config.enquire_every)),
                Some(tls) => {
                    let name = ServerName::try_from(config.host.clone()).map_err(|e| e.to_string())?;
                    let stream = tls.connect(name, tcp).await.map_err(|e| e.to_string())?;
                    Ok(Self::start(stream, config.enquire_every))
                }
            }
        };
        let address = format!("{}:{}", config.host, config.port);
        let unreachable = |why: String| SmppError::Unreachable(format!("{address} cannot be reached: {why}"));
        let connected = timeout(PATIENCE, connect).await;
        let (session, incoming) =
            connected.unwrap_or_else(|_| Err("no answer in time".to_owned())).map_err(unreachable)?;
        let bind = match role {
            Role::Receiver => BIND_RECEIVER,
            Role::Transmitter => BIND_TRANSMITTER,
        };
        let body = bind_body(&config.system_id, config.password.expose(), &config.system_type);
        match session.request(bind, body).await?.status {
            OK => Ok((session, incoming)),
            status => Err(SmppError::NotBound(status)),
        }
    }

    fn start<S>(stream: S, enquire_every: Duration) -> (Self, mpsc::Receiver<Arrived>)
    where
        S: AsyncRead + AsyncWrite + Send + 'static,
    {
        let over = CancellationToken::new();
        let shared = Arc::new(Shared {
            waiting: Mutex::default(),
            sequence: AtomicU32::new(1),
            heard: AtomicU64::new(0),
            opened: Instant::now(),
            over: over.clone(),
            why: Mutex::default(),
        });
        let (out, to_write) = mpsc::channel(QUEUE * 2);
        let (push, incoming) = mpsc::channel(QUEUE);
        let (reader, writer) = tokio::io::split(stream);
        let (read, write) = (shared.clone(), shared.clone());
        let answers = out.clone();
        tokio::spawn(async move {
            let ended = tokio::select! {
                ended = read_all(reader, &read, &answers, &push) => ended,
                () = read.over.cancelled() => Ok(()),
            };
            read.end(ended.err().map_or_else(|| "closed".to_owned(), |e| e.to_string()));
        });
        tokio::spawn(async move {
            let ended = write_all(writer, &write, to_write, enquire_every).await;
            write.end(ended.err().map_or_else(|| "closed".to_owned(), |e| e.to_string()));
        });
        (Self { shared, out, _ends: over.drop_guard() }, incoming)
    }

    /// Whether it is of no use any more.
    pub(crate) fn is_over(&self) -> bool {
        self.shared.over.is_cancelled()
    }

    /// Why it ended.
    pub(crate) fn lost(&self) -> SmppError {
        SmppError::Lost(lock(&self.shared.why).clone().unwrap_or_else(|| "closed".to_owned()))
    }

    /// Sends a command and waits for its answer.
    pub(crate) async fn request(&self, command: u32, body: Bytes) -> Result<Packet, SmppError> {
        let sequence = self.shared.sequence.fetch_add(1, Ordering::Relaxed) & 0x7FFF_FFFF;
        let (tell, told) = oneshot::channel();
        lock(&self.shared.waiting).insert(sequence, tell);
        let _forget = Forget(&self.shared, sequence);
        if self.is_over() {
            return Err(self.lost());
        }
        let exchange = async {
            self.send(&Packet { command, status: OK, sequence, body }).await?;
            told.await.map_err(|_| self.lost())
        };
        let answer = timeout(PATIENCE, exchange).await.map_err(|_| SmppError::Silent)??;
        // A refusal to read the command is an answer too, and says why in its status.
        Ok(answer)
    }

    /// Answers a message of the SMSC.
    pub(crate) async fn answer(&self, to: &Packet, status: u32) -> Result<(), SmppError> {
        self.send(&answer(to, status)).await
    }

    async fn send(&self, packet: &Packet) -> Result<(), SmppError> {
        self.out.send(packet.to_bytes()).await.map_err(|_| self.lost())
    }

    /// Takes leave; `Ok` when the SMSC has read everything we wrote before.
    pub(crate) async fn unbind(self) -> Result<(), SmppError> {
        self.request(UNBIND, Bytes::new()).await.map(drop)
    }
}

/// Removes the place of an answer that nobody waits for any more.
struct Forget<'a>(&'a Shared, u32);

impl Drop for Forget<'_> {
    fn drop(&mut self) {
        lock(&self.0.waiting).remove(&self.1);
    }
}

fn answer(to: &Packet, status: u32) -> Packet {
    // Messages are answered with an empty id; the others have no body.
    let body: &'static [u8] = if matches!(to.command, DELIVER_SM | DATA_SM) { &[0] } else { &[] };
    Packet { command: to.command | RESPONSE, status, sequence: to.sequence, body: Bytes::from_static(body) }
}

async fn read_all<R: AsyncRead>(
    reader: R,
    shared: &Shared,
    out: &mpsc::Sender<Vec<u8>>,
    push: &mpsc::Sender<Arrived>,
) -> io::Result<()> {
    let mut reader = std::pin::pin!(tokio::io::BufReader::new(reader));
    loop {
        let mut head = [0; HEADER];
        reader.read_exact(&mut head).await?;
        let (length, mut packet) =
            Packet::header(head).ok_or_else(|| io::Error::other("the SMSC sends what is not SMPP"))?;
        let mut body = vec![0; length - HEADER];
        reader.read_exact(&mut body).await?;
        packet.body = body.into();
        let age = u64::try_from(shared.opened.elapsed().as_millis()).unwrap_or(u64::MAX);
        shared.heard.store(age, Ordering::Relaxed);
        let reply = match packet.command {
            command if command & RESPONSE != 0 => {
                let waits = lock(&shared.waiting).remove(&packet.sequence);
                if let Some(waits) = waits {
                    // Nobody waits any more when this fails.
                    let _late = waits.send(packet);
                }
                continue;
            }
            DELIVER_SM | DATA_SM => match push.try_send(Arrived { packet, at: Instant::now() }) {
                Ok(()) => continue,
                Err(TrySendError::Full(Arrived { packet, .. }) | TrySendError::Closed(Arrived { packet, .. })) => {
                    answer(&packet, THROTTLED)
                }
            },
            ENQUIRE_LINK => answer(&packet, OK),
            UNBIND => {
                let _gone = out.send(answer(&packet, OK).to_bytes()).await;
                return Err(io::Error::other("the SMSC took leave"));
            }
            _ => {
                Packet { command: GENERIC_NACK, status: INVALID_COMMAND, sequence: packet.sequence, body: Bytes::new() }
            }
        };
        if out.send(reply.to_bytes()).await.is_err() {
            return Ok(());
        }
    }
}

async fn write_all<W: AsyncWrite>(
    writer: W,
    shared: &Shared,
    mut to_write: mpsc::Receiver<Vec<u8>>,
    enquire_every: Duration,
) -> io::Result<()> {
    let mut writer = std::pin::pin!(writer);
    // Not before the bind: some take any other command for an intrusion.
    let mut ticks = interval_at(Instant::now() + enquire_every, enquire_every);
    loop {
        let bytes = tokio::select! {
            biased;
            bytes = to_write.recv() => match bytes {
                Some(bytes) => bytes,
                None => return Ok(()),
            },
            () = shared.over.cancelled() => {
                let _gone = writer.shutdown().await;
                return Ok(());
            }
            _ = ticks.tick() => {
                let heard = Duration::from_millis(shared.heard.load(Ordering::Relaxed));
                if shared.opened.elapsed().saturating_sub(heard) > enquire_every + PATIENCE {
                    return Err(io::Error::other("the SMSC fell silent"));
                }
                let sequence = shared.sequence.fetch_add(1, Ordering::Relaxed) & 0x7FFF_FFFF;
                Packet { command: ENQUIRE_LINK, status: OK, sequence, body: Bytes::new() }.to_bytes()
            }
        };
        let written = async {
            writer.write_all(&bytes).await?;
            writer.flush().await
        };
        timeout(PATIENCE, written).await.map_err(|_| io::Error::other("the SMSC reads nothing"))??;
    }
}
