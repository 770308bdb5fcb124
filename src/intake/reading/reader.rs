//! Reads what arrived on one channel, in the order it came, and takes it in. One node at a time does it; whatever
//! happens to it, each item is taken in once, because its state changes in the transaction that takes it in.
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use channels::{ChannelKind, Inbound, Keyword, Normalise, Rejected};
use futures_util::{StreamExt, stream};
use jiff::SignedDuration;
use serde_json::json;

use super::message::clean;
use super::parts::{self, Gathered};
use super::reports::Meaning;
use super::{message, reports};
use crate::intake::batch::TAKEN_BEFORE;
use crate::intake::store::{self, RawRow};
use crate::intake::{Intake, IntakeError, RawSource, mail};
use crate::kernel::blobs::BlobError;
use crate::kernel::database::StoreError;
use crate::kernel::events::{self, Actor, NewEvent};
use crate::kernel::live::Pace;
use crate::kernel::{Kernel, leases};
use crate::outbox::{self, ConsentSource, NewConsent};

const LEASE: SignedDuration = SignedDuration::from_secs(60);
/// A lease is renewed when this much of it is gone.
const RENEW: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_secs(1);
const COALESCE: Duration = Duration::from_millis(10);
const DISTANCE: Duration = Duration::from_millis(150);
const PAUSE: Duration = Duration::from_secs(2);

/// Items looked at together, bytes of them, and how many are written at the same time: on SQLite these share
/// a commit.
const BATCH: i64 = 256;
const BATCH_BYTES: i64 = 64 << 20;
const PARSED_TOGETHER: usize = 4;
const WRITTEN_TOGETHER: usize = 64;

/// Attempts after which an item is read alone, in case it takes the process down, and after which it is put
/// aside.
const CAREFUL_FROM: i64 = 2;
const ATTEMPTS: i64 = 5;

/// Reads what is stored of one channel until the process stops.
pub async fn read(intake: Intake, channel: ChannelKind) {
    let kernel = intake.kernel().clone();
    let reader = Reader { lease: format!("{channel} reader"), channel: channel.as_str(), intake };
    let mut held_at = None;
    let mut pace = Pace::new(COALESCE, DISTANCE);
    loop {
        let woken = kernel.wake.next();
        let pause = match reader.step(&mut held_at).await {
            Ok(Progress::More) => Duration::ZERO,
            Ok(Progress::Nothing) => POLL,
            Ok(Progress::Elsewhere | Progress::Trouble) => PAUSE,
            Err(e) => {
                tracing::warn!(intake.channel = reader.channel, "what was stored is not read for a while: {e}");
                PAUSE
            }
        };
        if kernel.stop.is_cancelled() {
            break;
        }
        tokio::select! {
            () = kernel.stop.cancelled() => break,
            () = woken, if pause == POLL => pace.rest().await,
            () = tokio::time::sleep(pause) => {}
        }
    }
    if held_at.is_some()
        && let Err(e) = leases::release(&kernel.db, &reader.lease, &kernel.node).await
    {
        tracing::debug!("the lease of a reader was left to run out: {e}");
    }
}

/// Reads all that is stored of one channel now, and returns: for whoever moves the clock by hand.
///
/// # Errors
/// When the database refuses.
pub async fn read_all(intake: &Intake, channel: ChannelKind) -> Result<(), StoreError> {
    let reader = Reader { lease: format!("{channel} reader"), channel: channel.as_str(), intake: intake.clone() };
    let mut held_at = None;
    let mut troubles = 0;
    while troubles < ATTEMPTS {
        match reader.step(&mut held_at).await? {
            Progress::More => {}
            Progress::Trouble => troubles += 1,
            Progress::Nothing | Progress::Elsewhere => break,
        }
    }
    Ok(())
}

struct Reader {
    intake: Intake,
    channel: &'static str,
    lease: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    Nothing,
    More,
    /// Another node reads.
    Elsewhere,
    /// Something beside the items is wrong: worth a pause.
    Trouble,
}

/// What an item held.
struct Messages {
    /// Mostly one; a batch of letters holds many.
    all: Vec<Inbound>,
    /// Only the headers of the message were fetched.
    headers_only: bool,
}

/// What became of one attempt to read an item.
enum Read {
    Messages(Messages),
    /// It cannot be read: code and words.
    Refused(String),
    Unavailable(BlobError),
}

impl Reader {
    fn kernel(&self) -> &Kernel {
        self.intake.kernel()
    }

    async fn step(&self, held_at: &mut Option<tokio::time::Instant>) -> Result<Progress, StoreError> {
        let mut conn = self.kernel().db.read().await?;
        if !store::any_waiting_raw(&mut conn, self.channel).await? {
            drop(conn);
            self.give_up_waiting().await?;
            return Ok(Progress::Nothing);
        }
        if held_at.is_none_or(|at| at.elapsed() > RENEW) {
            let kernel = self.kernel();
            *held_at = leases::hold(&kernel.db, &self.lease, &kernel.node, kernel.now(), LEASE)
                .await?
                .then(tokio::time::Instant::now);
        }
        if held_at.is_none() {
            return Ok(Progress::Elsewhere);
        }
        let mut items = store::waiting_raw(&mut conn, self.channel, BATCH).await?;
        drop(conn);
        limit(&mut items);
        let (Some(first), Some(last)) = (items.first().map(|i| i.id), items.last().map(|i| i.id)) else {
            return Ok(Progress::Nothing);
        };
        let channel = self.channel;
        // Counted before, so that an item which kills the process is found out.
        self.kernel()
            .db
            .write(move |tx| Box::pin(async move { store::count_attempts(tx, channel, first, last).await }))
            .await?;
        let read: Vec<(RawRow, Read)> =
            stream::iter(items).map(|item| self.parse(item)).buffered(PARSED_TOGETHER).collect().await;
        let troubled = stream::iter(by_sender(read))
            .map(|together| async move {
                let mut well = true;
                for (item, read) in together {
                    well &= self.handle(&item, read).await;
                }
                well
            })
            .buffer_unordered(WRITTEN_TOGETHER)
            .fold(false, |troubled, well| async move { troubled || !well })
            .await;
        Ok(if troubled { Progress::Trouble } else { Progress::More })
    }

    async fn parse(&self, mut item: RawRow) -> (RawRow, Read) {
        if item.attempts >= ATTEMPTS {
            return (item, Read::Refused("gave_up".to_owned()));
        }
        let Some(normaliser) = self.normaliser(&item.account) else {
            return (item, Read::Refused("no_account".to_owned()));
        };
        let bytes = match (item.body.clone(), &item.blob) {
            (Some(body), _) => bytes::Bytes::from(body),
            (None, Some(blob)) => match self.kernel().blobs.get(blob).await {
                Ok(bytes) => bytes,
                Err(e) => return (item, Read::Unavailable(e)),
            },
            (None, None) => bytes::Bytes::new(),
        };
        let headers_only = i64::try_from(bytes.len()).is_ok_and(|fetched| fetched < item.size);
        let parsed = tokio::task::spawn_blocking(move || normaliser.normalise_all(&bytes)).await;
        item.attempts += 1;
        let read = match parsed {
            Ok(Ok(all)) if all.is_empty() => Read::Refused(Rejected::Empty.code().to_owned()),
            Ok(Ok(all)) => Read::Messages(Messages { all, headers_only }),
            Ok(Err(rejected)) => Read::Refused(refusal(&rejected)),
            Err(_) => Read::Refused("malformed: the parser failed".to_owned()),
        };
        (item, read)
    }

    /// Who understands an account's bytes. Mail outlives its mailbox: all of it is read alike.
    fn normaliser(&self, account: &str) -> Option<Arc<dyn Normalise>> {
        let open = self.intake.accounts().get(account).map(|a| a.normaliser);
        open.or_else(|| {
            let mail = self.channel == ChannelKind::Email.as_str();
            mail.then(|| Arc::new(mail::normaliser(self.kernel())) as Arc<dyn Normalise>)
        })
    }

    /// Takes one item in, or puts it aside; `false` when it stays for later.
    async fn handle(&self, item: &RawRow, read: Read) -> bool {
        let done = match read {
            Read::Messages(messages) => self.take_in(item, messages).await,
            Read::Refused(reason) => self.put_aside(item, reason).await.map_err(IntakeError::from),
            Read::Unavailable(e) => Err(e.into()),
        };
        let Err(error) = done else { return true };
        if matches!(error, IntakeError::Invalid { wrong: TAKEN_BEFORE, .. }) {
            return true;
        }
        let id = item.id;
        tracing::warn!(raw.id = id, "item {id} is not taken in for now: {error}");
        let kept = if is_outside(&error) {
            self.kernel().db.write(move |tx| Box::pin(async move { store::uncount_attempt(tx, id).await })).await
        } else if item.attempts >= ATTEMPTS {
            self.put_aside(item, format!("not_taken_in: {error}")).await
        } else {
            Ok(())
        };
        if let Err(e) = kept {
            tracing::warn!(raw.id = id, "item {id}: {e}");
        }
        false
    }

    async fn take_in(&self, item: &RawRow, messages: Messages) -> Result<(), IntakeError> {
        let last = messages.all.len().saturating_sub(1);
        for (place, inbound) in messages.all.into_iter().enumerate() {
            let source = if place < last { RawSource::OneOfMany(item.id) } else { RawSource::Stored(item.id) };
            if inbound.part.is_some() {
                self.take_in_part(item, inbound, false).await?;
            } else {
                self.take_in_one(item, inbound, source, messages.headers_only).await?;
            }
        }
        Ok(())
    }

    /// A part of a message: taken in once all parts are there, or when no more are waited for.
    async fn take_in_part(&self, item: &RawRow, part: Inbound, give_up: bool) -> Result<(), IntakeError> {
        let Some(normaliser) = self.normaliser(&item.account) else { return Ok(()) };
        match parts::gather(self.kernel(), normaliser.as_ref(), item, part, give_up).await? {
            Gathered::Held => Ok(()),
            Gathered::Whole { message, raw } => self.take_in_one(item, *message, RawSource::Joined(raw), false).await,
        }
    }

    /// Takes in what is there of messages whose other parts did not come.
    async fn give_up_waiting(&self) -> Result<(), StoreError> {
        let mut conn = self.kernel().db.read().await?;
        let before = self.kernel().now().minus(parts::PATIENCE);
        let Some(item) = store::held_before(&mut conn, self.channel, before).await? else { return Ok(()) };
        drop(conn);
        let Some(normaliser) = self.normaliser(&item.account) else { return Ok(()) };
        let Ok(part) = normaliser.normalise(item.body.as_deref().unwrap_or_default()) else { return Ok(()) };
        if let Err(e) = self.take_in_part(&item, part, true).await {
            tracing::warn!(raw.id = item.id, "item {} is not taken in for now: {e}", item.id);
        }
        Ok(())
    }

    async fn take_in_one(
        &self,
        item: &RawRow,
        inbound: Inbound,
        source: RawSource,
        headers_only: bool,
    ) -> Result<(), IntakeError> {
        let addresses = self.intake.addresses();
        let (kernel, id) = (self.kernel(), item.id);
        if let (Some(Keyword::Stop | Keyword::Start), Some(from)) = (inbound.keyword, &inbound.from) {
            let (channel, address, now) = (self.channel, from.address.clone(), kernel.now());
            let stop = inbound.keyword == Some(Keyword::Stop);
            return kernel
                .db
                .write(move |tx| {
                    Box::pin(async move {
                        let new = NewConsent {
                            channel,
                            address: &address,
                            given: !stop,
                            source: ConsentSource::Word,
                            raw: Some(id),
                            actor: Actor::Citizen,
                        };
                        outbox::record_consent(tx, &new, now).await?;
                        Ok(store::raw_done(tx, id, None).await?)
                    })
                })
                .await;
        }
        match reports::read(addresses, &item.account, &inbound) {
            Meaning::Report(report) => {
                let (now, last_try) = (kernel.now(), item.attempts >= ATTEMPTS);
                kernel
                    .db
                    .write(move |tx| {
                        Box::pin(async move { reports::take_in(tx, id, report.as_ref(), last_try, now).await })
                    })
                    .await
            }
            Meaning::Message { about } => {
                let unit = self.unit(&item.account).await?;
                let mut incoming =
                    message::incoming(kernel, addresses, item, inbound, source, headers_only, unit).await?;
                if let Some(outbox) = about {
                    let mut conn = kernel.db.read().await?;
                    let row = outbox::store::by_id(&mut conn, outbox).await?;
                    incoming.thread.message_ids.extend(row.and_then(|r| r.message_id));
                }
                self.intake.take_in(incoming).await.map(drop)
            }
        }
    }

    /// The unit that owns what arrives on an account.
    async fn unit(&self, account: &str) -> Result<i64, IntakeError> {
        let own = self.intake.accounts().get(account).and_then(|a| a.unit);
        if let Some(slug) = own {
            match self.intake.unit(&slug).await {
                // A misspelt or closed unit must not hold contacts up.
                Err(IntakeError::NoEntryUnit { .. }) => {
                    tracing::warn!(intake.account = account, "there is no unit {slug}")
                }
                found => return found,
            }
        }
        self.intake.unit(&self.kernel().config.desk.entry_unit).await
    }

    async fn put_aside(&self, item: &RawRow, reason: String) -> Result<(), StoreError> {
        let (id, now, reason) = (item.id, self.kernel().now(), clean(reason));
        let code = reason.split(':').next().unwrap_or_default().to_owned();
        tracing::warn!(raw.id = id, intake.reason = %code, "item {id} went into quarantine: {code}");
        self.kernel().metrics.intake.with_label_values(&[self.channel, "quarantined"]).inc();
        self.kernel()
            .db
            .write(move |tx| {
                Box::pin(async move {
                    if store::quarantine_raw(tx, id, &reason).await? {
                        let data = json!({ "raw": id, "reason": code });
                        events::append(
                            tx,
                            now,
                            &[NewEvent { kind: "intake.quarantined", ticket: None, actor: Actor::System, data }],
                        )
                        .await?;
                    }
                    Ok(())
                })
            })
            .await
    }
}

/// Keeps the first items, so many that they fit into memory together; a suspicious one alone.
fn limit(items: &mut Vec<RawRow>) {
    if items.first().is_some_and(|first| first.attempts >= CAREFUL_FROM) {
        items.truncate(1);
        return;
    }
    let mut bytes = 0;
    let fit = items
        .iter()
        .take_while(|item| {
            bytes += item.size;
            bytes <= BATCH_BYTES && item.attempts < CAREFUL_FROM
        })
        .count();
    items.truncate(fit.max(1));
}

fn refusal(rejected: &Rejected) -> String {
    match rejected {
        Rejected::Malformed(words) => format!("{}: {words}", rejected.code()),
        Rejected::Empty | Rejected::TooLarge { .. } => rejected.code().to_owned(),
    }
}

/// Whether the fault is outside of the item: it then loses no attempt.
fn is_outside(error: &IntakeError) -> bool {
    match error {
        IntakeError::NoEntryUnit { .. } | IntakeError::Blobs(_) => true,
        IntakeError::Store(e) => e.is_unavailable() && !matches!(e, StoreError::Interrupted),
        IntakeError::Invalid { .. } | IntakeError::Ticket(_) => false,
    }
}

/// Who wrote an item that holds one message.
fn sender(messages: &Messages) -> Option<String> {
    messages.all.first()?.from.as_ref().map(|a| a.address.to_lowercase())
}

/// Groups of items of one sender, in order; groups do not wait for each other.
fn by_sender(items: Vec<(RawRow, Read)>) -> Vec<Vec<(RawRow, Read)>> {
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut groups: Vec<Vec<(RawRow, Read)>> = Vec::new();
    for (item, read) in items {
        let sender = match &read {
            Read::Messages(messages) => sender(messages),
            Read::Refused(_) | Read::Unavailable(_) => None,
        };
        let place = match sender {
            Some(sender) => *places.entry(sender).or_insert(groups.len()),
            None => groups.len(),
        };
        if place == groups.len() {
            groups.push(Vec::new());
        }
        groups[place].push((item, read));
    }
    groups
}
