//! Reads what the receivers stored, in the order it came, and takes it in. One node at a time does it; whatever
//! happens to it, each item is taken in once, because its state changes in the transaction that takes it in.
use std::collections::HashMap;
use std::time::Duration;

use channels::email::EmailNormaliser;
use channels::{Inbound, Normalise, Rejected};
use futures_util::{StreamExt, stream};
use jiff::SignedDuration;
use serde_json::json;

use super::accounts::normaliser;
use super::message::clean;
use super::reports::Meaning;
use super::{message, reports};
use crate::intake::batch::TAKEN_BEFORE;
use crate::intake::store::{self, RawRow};
use crate::intake::{Intake, IntakeError};
use crate::kernel::blobs::BlobError;
use crate::kernel::database::StoreError;
use crate::kernel::events::{self, Actor, NewEvent};
use crate::kernel::{Kernel, leases};

const CHANNEL: &str = "email";
const LEASE_NAME: &str = "mail reader";
const LEASE: SignedDuration = SignedDuration::from_secs(60);
/// A lease is renewed when this much of it is gone.
const RENEW: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_secs(1);
const COALESCE: Duration = Duration::from_millis(10);
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

/// Reads what is stored until the process stops.
pub async fn read(intake: Intake) {
    let kernel = intake.kernel().clone();
    let reader = Reader { normaliser: normaliser(&kernel), intake };
    let mut held_at = None;
    loop {
        let woken = kernel.wake.next();
        let pause = match reader.step(&mut held_at).await {
            Ok(Progress::More) => Duration::ZERO,
            Ok(Progress::Nothing) => POLL,
            Ok(Progress::Elsewhere | Progress::Trouble) => PAUSE,
            Err(e) => {
                tracing::warn!("stored mail is not read for a while: {e}");
                PAUSE
            }
        };
        if kernel.stop.is_cancelled() {
            break;
        }
        tokio::select! {
            () = kernel.stop.cancelled() => break,
            () = woken, if pause == POLL => tokio::time::sleep(COALESCE).await,
            () = tokio::time::sleep(pause) => {}
        }
    }
    if held_at.is_some()
        && let Err(e) = leases::release(&kernel.db, LEASE_NAME, &kernel.node).await
    {
        tracing::debug!("the lease of the mail reader was left to run out: {e}");
    }
}

struct Reader {
    intake: Intake,
    normaliser: EmailNormaliser,
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

/// A mail that was read.
struct Mail {
    inbound: Inbound,
    /// Only its headers were fetched.
    headers_only: bool,
}

/// What became of one attempt to read an item.
enum Read {
    Mail(Box<Mail>),
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
        if !store::any_waiting_raw(&mut conn, CHANNEL).await? {
            return Ok(Progress::Nothing);
        }
        if held_at.is_none_or(|at| at.elapsed() > RENEW) {
            let kernel = self.kernel();
            *held_at = leases::hold(&kernel.db, LEASE_NAME, &kernel.node, kernel.now(), LEASE)
                .await?
                .then(tokio::time::Instant::now);
        }
        if held_at.is_none() {
            return Ok(Progress::Elsewhere);
        }
        let mut items = store::waiting_raw(&mut conn, CHANNEL, BATCH).await?;
        drop(conn);
        limit(&mut items);
        let (Some(first), Some(last)) = (items.first().map(|i| i.id), items.last().map(|i| i.id)) else {
            return Ok(Progress::Nothing);
        };
        // Counted before, so that an item which kills the process is found out.
        self.kernel()
            .db
            .write(move |tx| Box::pin(async move { store::count_attempts(tx, CHANNEL, first, last).await }))
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
        let bytes = match (item.body.clone(), &item.blob) {
            (Some(body), _) => bytes::Bytes::from(body),
            (None, Some(blob)) => match self.kernel().blobs.get(blob).await {
                Ok(bytes) => bytes,
                Err(e) => return (item, Read::Unavailable(e)),
            },
            (None, None) => bytes::Bytes::new(),
        };
        let headers_only = i64::try_from(bytes.len()).is_ok_and(|fetched| fetched < item.size);
        let normaliser = self.normaliser.clone();
        let parsed = tokio::task::spawn_blocking(move || normaliser.normalise(&bytes)).await;
        item.attempts += 1;
        let read = match parsed {
            Ok(Ok(inbound)) => Read::Mail(Box::new(Mail { inbound, headers_only })),
            Ok(Err(rejected)) => Read::Refused(refusal(&rejected)),
            Err(_) => Read::Refused("malformed: the parser failed".to_owned()),
        };
        (item, read)
    }

    /// Takes one item in, or puts it aside; `false` when it stays for later.
    async fn handle(&self, item: &RawRow, read: Read) -> bool {
        let done = match read {
            Read::Mail(mail) => self.take_in(item, *mail).await,
            Read::Refused(reason) => self.put_aside(item, reason).await.map_err(IntakeError::from),
            Read::Unavailable(e) => Err(e.into()),
        };
        let Err(error) = done else { return true };
        if matches!(error, IntakeError::Invalid { wrong: TAKEN_BEFORE, .. }) {
            return true;
        }
        let id = item.id;
        tracing::warn!(raw.id = id, "mail {id} is not taken in for now: {error}");
        let kept = if is_outside(&error) {
            self.kernel().db.write(move |tx| Box::pin(async move { store::uncount_attempt(tx, id).await })).await
        } else if item.attempts >= ATTEMPTS {
            self.put_aside(item, format!("not_taken_in: {error}")).await
        } else {
            Ok(())
        };
        if let Err(e) = kept {
            tracing::warn!(raw.id = id, "mail {id}: {e}");
        }
        false
    }

    async fn take_in(&self, item: &RawRow, mail: Mail) -> Result<(), IntakeError> {
        let addresses = self.intake.addresses();
        let (kernel, id) = (self.kernel(), item.id);
        match reports::read(addresses, &mail.inbound) {
            Meaning::Report(report) => {
                let now = kernel.now();
                return kernel
                    .db
                    .write(move |tx| Box::pin(async move { reports::take_in(tx, id, report.as_ref(), now).await }))
                    .await;
            }
            Meaning::Message { about } => {
                let unit = self.unit(&item.account).await?;
                let mut incoming =
                    message::incoming(kernel, addresses, item, mail.inbound, mail.headers_only, unit).await?;
                if let Some(outbox) = about {
                    let mut conn = kernel.db.read().await?;
                    let row = crate::outbox::store::by_id(&mut conn, outbox).await?;
                    incoming.thread.message_ids.extend(row.and_then(|r| r.message_id));
                }
                self.intake.take_in(incoming).await.map(drop)
            }
        }
    }

    /// The unit that owns what arrives in a mailbox.
    async fn unit(&self, account: &str) -> Result<i64, IntakeError> {
        let config = &self.kernel().config;
        let own = config.mail.mailboxes.iter().find(|m| m.name == account).and_then(|m| m.unit.as_deref());
        if let Some(slug) = own {
            match self.intake.unit(slug).await {
                // A misspelt or closed unit must not hold mail up.
                Err(IntakeError::NoEntryUnit { .. }) => {
                    tracing::warn!(mail.account = account, "there is no unit {slug}")
                }
                found => return found,
            }
        }
        self.intake.unit(&config.desk.entry_unit).await
    }

    async fn put_aside(&self, item: &RawRow, reason: String) -> Result<(), StoreError> {
        let (id, now, reason) = (item.id, self.kernel().now(), clean(reason));
        let code = reason.split(':').next().unwrap_or_default().to_owned();
        tracing::warn!(raw.id = id, intake.reason = %code, "mail {id} went into quarantine: {code}");
        self.kernel().metrics.intake.with_label_values(&[CHANNEL, "quarantined"]).inc();
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

/// Groups of items of one sender, in order; groups do not wait for each other.
fn by_sender(items: Vec<(RawRow, Read)>) -> Vec<Vec<(RawRow, Read)>> {
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut groups: Vec<Vec<(RawRow, Read)>> = Vec::new();
    for (item, read) in items {
        let sender = match &read {
            Read::Mail(mail) => mail.inbound.from.as_ref().map(|a| a.address.to_lowercase()),
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
