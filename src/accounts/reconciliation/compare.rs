use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use channels::email::ImapReceiver;
use channels::{ChannelKind, Deliver, Fate, Held, Hook, Outgoing, Receive, Unreported};
use jiff::SignedDuration;

use super::gateways::{self, Figure};
use super::model::{Day, Item, Kind, READ_WITHIN, Sheet, missing, told_within};
use super::store;
use crate::accounts::model::driver;
use crate::accounts::{Accounts, settings};
use crate::intake::reading::handed_over;
use crate::intake::{self, mail};
use crate::kernel::Kernel;
use crate::kernel::database::StoreError;
use crate::kernel::tally;
use crate::outbox;

/// How long one peer may take to say what it has.
const PATIENCE: Duration = Duration::from_secs(60);
/// How a peer stands now is said of days that ended within this time.
const NOW: SignedDuration = SignedDuration::from_hours(24);

/// An account to be compared, with ways of its own to its peer: what the open account does goes on meanwhile.
pub struct Subject {
    pub name: String,
    pub kind: ChannelKind,
    pub receiver: Option<Arc<dyn Receive>>,
    pub sender: Option<Arc<dyn Deliver<Outgoing>>>,
    /// What a provider that calls us can be asked.
    pub hook: Option<Arc<dyn Hook>>,
    /// Whether the peer says what became of each message.
    pub tells: bool,
    /// What the account cannot be opened for.
    pub broken: Option<String>,
}

/// All accounts, those of the configuration included. One at rest is compared without its peer.
///
/// # Errors
/// When the database cannot be read.
pub async fn subjects(kernel: &Kernel) -> Result<Vec<Subject>, StoreError> {
    let mut conn = kernel.db.read().await?;
    let rows = crate::accounts::all(&mut conn).await?;
    drop(conn);
    let mut subjects = Vec::with_capacity(rows.len());
    for mailbox in &kernel.config.mail.mailboxes {
        let (receiver, broken) = match mail::imap_config(mailbox) {
            Ok(config) => (Some(Arc::new(ImapReceiver::new(config)) as Arc<dyn Receive>), None),
            Err(why) => (None, Some(why)),
        };
        subjects.push(Subject {
            name: mailbox.name.clone(),
            kind: ChannelKind::Email,
            receiver,
            sender: None,
            hook: None,
            tells: false,
            broken,
        });
    }
    for row in rows {
        let Some(driver) = driver(&row.driver) else { continue };
        let (kind, tells) = (driver.kind(), driver.tells());
        let (name, hook) = (row.name.clone(), None);
        let mut subject = Subject { name, kind, receiver: None, sender: None, hook, tells, broken: None };
        if row.enabled {
            match settings::open(kernel, &row.name, &row.driver, row.values()) {
                Ok((_, open)) => {
                    (subject.receiver, subject.sender, subject.hook) = (open.receiver, open.sender, open.hook);
                }
                Err(e) => subject.broken = Some(e.to_string()),
            }
        }
        subjects.push(subject);
    }
    Ok(subjects)
}

/// Compares one account on one day, and keeps what it found.
///
/// # Errors
/// When the database refuses. A peer that does not answer is no error: the comparison says so.
pub async fn compare(accounts: &Accounts, subject: &Subject, day: &Day) -> Result<(Sheet, Vec<Item>), StoreError> {
    let kernel = accounts.intake().kernel();
    let mut sheet = Sheet {
        account: subject.name.clone(),
        day: day.text(),
        channel: subject.kind.as_str().to_owned(),
        checked_at: kernel.now(),
        asked: "none".to_owned(),
        error: subject.broken.clone().unwrap_or_default(),
        ..Sheet::default()
    };
    let mut items = incoming(kernel, subject, day, &mut sheet).await?;
    items.extend(outgoing(kernel, subject, day, &mut sheet).await?);
    if subject.kind == ChannelKind::Phone {
        items.extend(calls(accounts, subject, day, &mut sheet).await?);
    }
    items.extend(standing(kernel, subject, day, &mut sheet).await?);
    items.extend(counted_there(kernel, subject, &mut sheet).await?);
    sheet.differences = i64::try_from(items.len()).unwrap_or(i64::MAX);
    let (kept, named) = (sheet.clone(), items.clone());
    kernel.db.write(move |tx| Box::pin(async move { store::save(tx, &kept, &named).await })).await?;
    Ok((sheet, items))
}

/// What came, against what is stored.
async fn incoming(kernel: &Kernel, subject: &Subject, day: &Day, sheet: &mut Sheet) -> Result<Vec<Item>, StoreError> {
    let held = match (&subject.receiver, &subject.hook) {
        (Some(receiver), _) => in_time(receiver.held(&day.span())).await,
        (None, Some(hook)) if subject.kind != ChannelKind::Phone => in_time(hook.held(&day.span())).await,
        _ => Ok(None),
    };
    let held = held.unwrap_or_else(|why| {
        sheet.error = why;
        None
    });
    let mut conn = kernel.db.read().await?;
    let received = intake::store::day::received(&mut conn, &subject.name, day.from, day.to).await?;
    let handed = tally::counted(&mut conn, &sheet.day, &handed_over(&subject.name)).await?;
    let mut items = Vec::new();
    if let Some(held) = held {
        let names: Vec<String> = held.iter().map(|h| h.external_ref.clone()).collect();
        let known = intake::store::day::known(&mut conn, &subject.name, &names).await?;
        sheet.asked = "source".to_owned();
        sheet.handed = i64::try_from(held.len()).unwrap_or(i64::MAX);
        items.extend(missing(&held, &known, kernel.now()));
    } else if sheet.error.is_empty() && handed > 0 {
        sheet.asked = "door".to_owned();
        sheet.handed = handed;
        if handed > received.stored {
            items.push(Item::new(Kind::Uncounted, (handed - received.stored).to_string(), None));
        }
    }
    (sheet.stored, sheet.contacts, sheet.duplicates) = (received.stored, received.contacts, received.duplicates);
    (sheet.reports, sheet.quarantined) = (received.reports, received.quarantined);
    (sheet.discarded, sheet.waiting) = (received.discarded, received.waiting);
    let late = kernel.now().minus(READ_WITHIN).min(day.to);
    if received.waiting > 0 && late > day.from {
        let unread = intake::store::day::unread(&mut conn, &subject.name, day.from, late).await?;
        items.extend(unread.into_iter().map(|(name, at)| Item::new(Kind::Unread, name, Some(at))));
    }
    Ok(items)
}

/// The calls of the day: those that the provider had and we know nothing of, and those whose end nobody told.
async fn calls(accounts: &Accounts, subject: &Subject, day: &Day, sheet: &mut Sheet) -> Result<Vec<Item>, StoreError> {
    let begun = accounts.calls().begun(&subject.name, day.from, day.to).await?;
    sheet.calls = begun.calls;
    let mut items: Vec<Item> =
        begun.endless.into_iter().map(|(call, at)| Item::new(Kind::Call, call, Some(at))).collect();
    let held = match &subject.hook {
        Some(hook) => in_time(hook.held(&day.span())).await,
        None => Ok(None),
    };
    let held = held.unwrap_or_else(|why| {
        sheet.error = why;
        None
    });
    let Some(held) = held else { return Ok(items) };
    let names: Vec<String> = held.iter().map(|call| call.external_ref.clone()).collect();
    let known = accounts.calls().known(&names).await?;
    sheet.asked = "source".to_owned();
    // Beside messages on the answering machine, which are counted at the door.
    sheet.handed += i64::try_from(held.len()).unwrap_or(i64::MAX);
    sheet.stored += i64::try_from(known.len()).unwrap_or(i64::MAX);
    let now = accounts.intake().kernel().now();
    items.extend(missing(&held, &known.keys().cloned().collect(), now));
    let untold: Vec<Held> = held.into_iter().filter(|call| known.get(&call.external_ref) == Some(&false)).collect();
    for item in missing(&untold, &HashSet::new(), now) {
        // Its end is known at the provider, whatever was concluded here.
        items.retain(|other| other.name != item.name);
        items.push(Item { kind: Kind::Call.as_str().to_owned(), ..item });
    }
    Ok(items)
}

/// What a gateway did not hand over yet, and what of it does not work; said of yesterday and today.
async fn standing(kernel: &Kernel, subject: &Subject, day: &Day, sheet: &mut Sheet) -> Result<Vec<Item>, StoreError> {
    let Some(hook) = subject.hook.as_ref().filter(|_| kernel.now().since(day.to) < NOW) else {
        return Ok(Vec::new());
    };
    let standing = match in_time(hook.standing()).await {
        Ok(Some(standing)) => standing,
        Ok(None) => return Ok(Vec::new()),
        Err(why) => {
            sheet.error = why;
            return Ok(Vec::new());
        }
    };
    if let Some(totals) = standing.totals {
        gateways::note(kernel, &subject.name, &**hook, totals, standing.waiting).await?;
    }
    if sheet.error.is_empty() {
        sheet.error = standing.faults.join("; ");
    }
    let waits = (standing.waiting > 0).then(|| Item::new(Kind::Waiting, standing.waiting.to_string(), None));
    Ok(waits.into_iter().collect())
}

/// What a gateway counted of the day itself, and what of it differs from what is counted here.
async fn counted_there(kernel: &Kernel, subject: &Subject, sheet: &mut Sheet) -> Result<Vec<Item>, StoreError> {
    let mut conn = kernel.db.read().await?;
    let mut counts = [None; 4];
    for (count, figure) in counts.iter_mut().zip([Figure::Received, Figure::Sent, Figure::Lost, Figure::Untaken]) {
        *count = tally::known(&mut conn, &sheet.day, &figure.name(&subject.name)).await?;
    }
    let [received, sent, lost, untaken] = counts;
    sheet.gateway_received = received;
    sheet.gateway_sent = received.map(|_| sent.unwrap_or(0));
    let named = |(kind, n): (Kind, Option<i64>)| Some(Item::new(kind, n.filter(|n| *n > 0)?.to_string(), None));
    Ok([(Kind::Lost, lost), (Kind::Untaken, untaken)].into_iter().filter_map(named).collect())
}

/// What was sent, against what was reported of it.
async fn outgoing(kernel: &Kernel, subject: &Subject, day: &Day, sheet: &mut Sheet) -> Result<Vec<Item>, StoreError> {
    let lane = outbox::account_lane(&subject.name);
    let mut conn = kernel.db.read().await?;
    sheet.sent = outbox::store::day::sent(&mut conn, &lane, day.from, day.to).await?;
    let Some(patience) = told_within(subject.kind).filter(|_| subject.tells) else { return Ok(Vec::new()) };
    let silent = outbox::store::day::silent(&mut conn, &lane, day.from, day.to).await?;
    drop(conn);
    let fates = match &subject.sender {
        Some(sender) if !silent.is_empty() => {
            let asked: Vec<Unreported> = silent.iter().map(|row| unreported(row.id, row.provider_id.clone())).collect();
            in_time(sender.fates(&asked)).await
        }
        _ => Ok(None),
    };
    let fates = fates.unwrap_or_else(|why| {
        sheet.error = why;
        None
    });
    let mut items = Vec::new();
    for (place, row) in silent.iter().enumerate() {
        let fate = fates.as_ref().and_then(|fates| fates.get(place));
        let overdue = kernel.now().since(row.settled_at) > patience;
        let (differs, obtainable) = match fate {
            Some(Fate::UnderWay) => (false, false),
            // Its end is known at the peer: the report was lost on its way.
            Some(Fate::Report(_)) => (true, true),
            Some(Fate::Unknown) | None => (overdue, false),
        };
        if differs {
            let item = Item::new(Kind::Report, outbox::own_id(row.id), Some(row.settled_at));
            items.push(Item { ticket: row.ticket.clone(), obtainable, ..item });
        }
    }
    sheet.unreported = i64::try_from(items.len()).unwrap_or(i64::MAX);
    Ok(items)
}

pub(super) fn unreported(outbox: i64, provider_id: Option<String>) -> Unreported {
    Unreported { own_id: outbox::own_id(outbox), provider_id }
}

/// A peer that accepts a question and never answers holds up nobody else.
pub(super) async fn in_time<T>(asking: impl Future<Output = Result<T, String>>) -> Result<T, String> {
    tokio::time::timeout(PATIENCE, asking).await.unwrap_or_else(|_| {
        let seconds = PATIENCE.as_secs();
        Err(format!("no answer in {seconds} seconds"))
    })
}

/// What differs, by kind, for metrics.
pub(super) fn by_kind(items: &[Item]) -> BTreeMap<&str, i64> {
    let mut kinds = BTreeMap::new();
    for item in items {
        *kinds.entry(item.kind.as_str()).or_default() += 1;
    }
    kinds
}
