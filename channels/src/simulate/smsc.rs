//! An SMSC that speaks SMPP 3.4: accounts bind to it, take the texts of citizens, and learn what became of theirs.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use jiff::tz::TimeZone;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::timeout;

use super::sink::local_listener;
use crate::Secret;
use crate::secret::same;
use crate::sms::smpp::pdu::{
    BIND_RECEIVER, BIND_TRANSCEIVER, BIND_TRANSMITTER, DELIVER_SM, ENQUIRE_LINK, GENERIC_NACK, HEADER, Number, Packet,
    RESPONSE, SUBMIT_SM, ShortMessage, UNBIND, bind_words,
};
use crate::sms::smpp::status::{INVALID_COMMAND, INVALID_PASSWORD, OK, WRONG_BIND};
use crate::sms::{Encoding, prepare, udh};
use crate::waiting::wall_clock;

/// What the network needs to deliver a text.
const ON_THE_WAY: Duration = Duration::from_millis(400);
/// How long an account may take to acknowledge; then, and when it refuses, the text is delivered again.
const PATIENCE: Duration = Duration::from_secs(20);
const AGAIN: Duration = Duration::from_millis(500);
/// Packets that wait to be written to one account.
const QUEUE: usize = 64;
/// Marks of a receipt, and of a text that begins with a header.
const RECEIPT: u8 = 0x04;
const HEADED: u8 = 0x40;

/// A text of a citizen.
#[derive(Debug, Clone)]
pub struct Texted<'a> {
    /// Who wrote, as `+39…`.
    pub from: &'a str,
    /// To which number of ours.
    pub to: &'a str,
    /// The words.
    pub words: &'a str,
    /// Says which parts belong together.
    pub reference: u8,
}

/// An SMSC on this machine.
#[derive(Debug, Clone)]
pub struct Smsc {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    password: Secret,
    undelivered: f64,
    submitted: AtomicU64,
    connections: AtomicU64,
    sequence: AtomicU32,
    receivers: Mutex<HashMap<u64, mpsc::Sender<Vec<u8>>>>,
    bound: Notify,
    /// By connection and sequence: who waits for the acknowledgement.
    waiting: Mutex<HashMap<(u64, u32), oneshot::Sender<u32>>>,
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Smsc {
    /// Listens on `host:port` of this machine, as long as the program runs. Every system id has this password; a
    /// share of what is submitted is not delivered.
    ///
    /// # Errors
    /// A sentence when it cannot, or another machine could reach it.
    pub async fn listen(address: &str, password: Secret, undelivered: f64) -> Result<Self, String> {
        let listener = local_listener(address).await?;
        let shared = Arc::new(Shared {
            password,
            undelivered: undelivered.clamp(0.0, 1.0),
            submitted: AtomicU64::new(0),
            connections: AtomicU64::new(0),
            sequence: AtomicU32::new(1),
            receivers: Mutex::default(),
            bound: Notify::new(),
            waiting: Mutex::default(),
        });
        let smsc = Self { shared };
        let serving = smsc.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serving.clone().attend(stream));
            }
        });
        Ok(smsc)
    }

    /// How many packets were submitted and taken.
    #[must_use]
    pub fn submitted(&self) -> u64 {
        self.shared.submitted.load(Ordering::Relaxed)
    }

    /// Delivers a text in as many parts as the network cuts it into; returns once all are acknowledged.
    pub async fn deliver(&self, text: &Texted<'_>) {
        let cut = prepare(text.words);
        let total = u8::try_from(cut.segments.len()).unwrap_or(u8::MAX);
        let data_coding = if cut.encoding == Encoding::Ucs2 { 8 } else { 0 };
        for (place, segment) in (1..=total).zip(&cut.segments) {
            let header = if total > 1 { udh::header(text.reference, total, place).to_vec() } else { Vec::new() };
            let part = ShortMessage {
                source: Number::of(text.from),
                destination: Number::of(text.to),
                esm_class: if header.is_empty() { 0 } else { HEADED },
                data_coding,
                text: [header.as_slice(), segment].concat(),
                ..ShortMessage::default()
            };
            self.hand_over(&part).await;
        }
    }

    /// Hands a message to whoever is bound to receive, until somebody acknowledges it.
    async fn hand_over(&self, message: &ShortMessage) {
        let body = message.to_body();
        loop {
            let bound = self.shared.bound.notified();
            let receiver = lock(&self.shared.receivers).iter().next().map(|(id, out)| (*id, out.clone()));
            let Some((connection, out)) = receiver else {
                bound.await;
                continue;
            };
            if self.exchange(connection, &out, &body).await == Some(OK) {
                return;
            }
            tokio::time::sleep(AGAIN).await;
        }
    }

    /// Sends one message over a connection; the status it is acknowledged with.
    async fn exchange(&self, connection: u64, out: &mpsc::Sender<Vec<u8>>, body: &Bytes) -> Option<u32> {
        let sequence = self.shared.sequence.fetch_add(1, Ordering::Relaxed) & 0x7FFF_FFFF;
        let (tell, told) = oneshot::channel();
        lock(&self.shared.waiting).insert((connection, sequence), tell);
        let packet = Packet { command: DELIVER_SM, status: OK, sequence, body: body.clone() };
        let answer = match out.send(packet.to_bytes()).await {
            Ok(()) => timeout(PATIENCE, told).await.ok().and_then(Result::ok),
            Err(_) => None,
        };
        lock(&self.shared.waiting).remove(&(connection, sequence));
        answer
    }

    async fn attend(self, stream: TcpStream) {
        let connection = self.shared.connections.fetch_add(1, Ordering::Relaxed);
        let (reader, mut writer) = stream.into_split();
        let (out, mut to_write) = mpsc::channel::<Vec<u8>>(QUEUE);
        let writing = tokio::spawn(async move {
            while let Some(bytes) = to_write.recv().await {
                if writer.write_all(&bytes).await.is_err() {
                    return;
                }
            }
        });
        // An account that breaks off binds again.
        let _served = self.converse(connection, reader, &out).await;
        lock(&self.shared.receivers).remove(&connection);
        // Whoever waits for an acknowledgement delivers again.
        lock(&self.shared.waiting).retain(|(of, _), _| *of != connection);
        drop(out);
        let _written = writing.await;
    }

    async fn converse(
        &self,
        connection: u64,
        mut reader: impl AsyncRead + Unpin,
        out: &mpsc::Sender<Vec<u8>>,
    ) -> std::io::Result<()> {
        let (mut receives, mut sends) = (false, false);
        while let Some(packet) = next(&mut reader).await? {
            let (status, body) = match packet.command {
                BIND_RECEIVER | BIND_TRANSMITTER | BIND_TRANSCEIVER => {
                    let (system_id, password) = bind_words(&packet.body);
                    if same(&password, self.shared.password.expose()) {
                        receives |= packet.command != BIND_TRANSMITTER;
                        sends |= packet.command != BIND_RECEIVER;
                        (OK, words(&system_id))
                    } else {
                        (INVALID_PASSWORD, Bytes::new())
                    }
                }
                ENQUIRE_LINK | UNBIND => (OK, Bytes::new()),
                SUBMIT_SM if sends => (OK, words(&self.submit(&packet))),
                SUBMIT_SM => (WRONG_BIND, Bytes::new()),
                command if command & RESPONSE != 0 => {
                    if let Some(waits) = lock(&self.shared.waiting).remove(&(connection, packet.sequence)) {
                        let _gone = waits.send(packet.status);
                    }
                    continue;
                }
                _ => (INVALID_COMMAND, Bytes::new()),
            };
            let command = if status == INVALID_COMMAND { GENERIC_NACK } else { packet.command | RESPONSE };
            let answer = Packet { command, status, sequence: packet.sequence, body };
            if out.send(answer.to_bytes()).await.is_err() || packet.command == UNBIND {
                return Ok(());
            }
            if receives && lock(&self.shared.receivers).insert(connection, out.clone()).is_none() {
                self.shared.bound.notify_waiters();
            }
        }
        Ok(())
    }

    /// Takes a message and, where it is asked for, reports on it later; the message's id, in hexadecimal as many write it.
    fn submit(&self, packet: &Packet) -> String {
        let number = self.shared.submitted.fetch_add(1, Ordering::Relaxed);
        let id = number + 0x1000;
        if let Some(message) = ShortMessage::parse(SUBMIT_SM, &packet.body).filter(|m| m.registered_delivery & 1 != 0) {
            // Spread evenly, and the same in each run.
            let lost = |n: u64| (n as f64 * self.shared.undelivered).floor();
            let receipt = receipt(message, id, lost(number + 1) <= lost(number));
            let smsc = self.clone();
            tokio::spawn(async move {
                tokio::time::sleep(ON_THE_WAY).await;
                smsc.hand_over(&receipt).await;
            });
        }
        format!("{id:x}")
    }
}

/// What became of a message, in the text that the standard's appendix suggests, with the id in decimal.
fn receipt(message: ShortMessage, id: u64, delivered: bool) -> ShortMessage {
    let zone = TimeZone::get("Europe/Rome").unwrap_or(TimeZone::UTC);
    let date = wall_clock().to_zoned(zone).strftime("%y%m%d%H%M").to_string();
    let (stat, count, err) = if delivered { ("DELIVRD", "001", "000") } else { ("UNDELIV", "000", "001") };
    let text =
        format!("id:{id:010} sub:001 dlvrd:{count} submit date:{date} done date:{date} stat:{stat} err:{err} text:");
    ShortMessage {
        source: message.destination,
        destination: message.source,
        esm_class: RECEIPT,
        text: text.into_bytes(),
        ..ShortMessage::default()
    }
}

fn words(text: &str) -> Bytes {
    [text.as_bytes(), &[0]].concat().into()
}

/// The next packet; `None` at the end of the connection.
async fn next(reader: &mut (impl AsyncRead + Unpin)) -> std::io::Result<Option<Packet>> {
    let mut head = [0; HEADER];
    match reader.read_exact(&mut head).await {
        Ok(_) => {}
        Err(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(e) => return Err(e),
    }
    let (length, packet) = Packet::header(head).ok_or(std::io::ErrorKind::InvalidData)?;
    let mut body = vec![0; length - HEADER];
    reader.read_exact(&mut body).await?;
    Ok(Some(Packet { body: body.into(), ..packet }))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Mutex as Held;

    use async_trait::async_trait;
    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::sms::smpp::Smpp;
    use crate::{
        Account, Action, Batch, BoxError, Context, Cursor, Driver, Inbound, Inbox, Outgoing, RawContent, Settings,
    };

    #[derive(Default)]
    struct Kept(Held<Vec<Vec<u8>>>);

    #[async_trait]
    impl Inbox for Kept {
        async fn cursor(&self) -> Result<Option<Cursor>, BoxError> {
            Ok(None)
        }

        async fn accept(&self, batch: Batch) -> Result<(), BoxError> {
            for item in batch.items {
                if let RawContent::Whole(raw) = item.content {
                    self.0.lock().unwrap().push(raw.to_vec());
                }
            }
            Ok(())
        }
    }

    fn account(port: u16, password: &str) -> Account {
        let given = [
            ("host", "127.0.0.1"),
            ("port", &port.to_string()),
            ("security", "plain"),
            ("system_id", "cc"),
            ("sender", "Valdoria"),
            ("alphabet", "gsm"),
            ("long_texts", "udh"),
            ("window", "10"),
            ("enquire_seconds", "20"),
            ("time_zone", "Europe/Rome"),
            ("country_prefix", "39"),
            ("max_segments", "6"),
        ];
        let values: BTreeMap<_, _> = given.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let secrets = BTreeMap::from([("password".to_owned(), password.into())]);
        Smpp.open(&Settings::new(values, secrets), &Context::default()).unwrap()
    }

    #[tokio::test]
    async fn our_own_account_takes_texts_from_it_and_learns_what_became_of_its_own() {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let smsc = Smsc::listen(&format!("127.0.0.1:{port}"), "parola".into(), 0.5).await.unwrap();
        assert!(account(port, "altra").sender.unwrap().check().await.unwrap_err().contains("refuses"));
        let open = account(port, "parola");
        let (kept, stop) = (Arc::new(Kept::default()), CancellationToken::new());
        let (receiver, inbox, until) = (open.receiver.clone().unwrap(), kept.clone(), stop.clone());
        let running = tokio::spawn(async move { receiver.run(inbox.as_ref(), until).await });

        let words = "Segnalo una buca in via Forlì. ".repeat(8);
        let text = Texted { from: "+393991234567", to: "800123", words: &words, reference: 7 };
        timeout(PATIENCE, smsc.deliver(&text)).await.unwrap();
        let parts = kept.0.lock().unwrap().len();
        assert_eq!(parts, 2, "acknowledged once they are stored");

        let sender = open.sender.clone().unwrap();
        for n in 0..2 {
            let message = Outgoing {
                id: format!("m{n}"),
                recipient: "+393991234567".into(),
                text: "Interveniamo domani".into(),
                ..Outgoing::default()
            };
            sender.deliver(&message).await.unwrap();
        }
        assert_eq!(smsc.submitted(), 2);
        for _ in 0..200 {
            if kept.0.lock().unwrap().len() == 4 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let raw = kept.0.lock().unwrap().clone();
        let read: Vec<Inbound> = raw.iter().map(|raw| open.normaliser.normalise(raw).unwrap()).collect();
        let reports = read.iter().filter_map(|message| message.report.as_ref());
        let mut told: Vec<Action> = reports.flat_map(|report| report.recipients.iter().map(|r| r.action)).collect();
        told.sort_by_key(|action| format!("{action:?}"));
        assert_eq!(told, [Action::Delivered, Action::Failed]);
        stop.cancel();
        running.await.unwrap();
    }
}
