//! The transaction that takes contacts in. Contacts of one moment share its statements: those that may belong to
//! tickets in being come one at a time, plain ones in batches.
use super::incoming::RawSource;
use super::open::{self, Opening};
use super::store::NewRaw;
use super::thread::{self, Thread};
use super::{Incoming, IntakeError, Receipt, TakenIn, leg_answer, store};
use crate::kernel::Kernel;
use crate::kernel::database::Tx;
use crate::kernel::time::Instant;
use crate::outbox::MailAddresses;
use crate::people::{self, Known, Sender};
use crate::routing::Book;
use crate::tickets::receive::{self, Effect};
use crate::tickets::{self, Ticket};

/// What is wrong with a raw item that another worker took in first.
pub const TAKEN_BEFORE: &str = "taken_before";

/// What taking in needs to know of the installation.
pub struct Rules<'a> {
    pub kernel: &'a Kernel,
    pub addresses: &'a MailAddresses,
    pub receipt: &'a Receipt,
    /// Where new requests go.
    pub book: &'a Book,
}

/// A contact whose raw item is stored and whose sender is known.
#[derive(Debug, Clone, Copy)]
pub struct Arrival<'a> {
    pub incoming: &'a Incoming,
    pub raw_id: i64,
    pub person_id: Option<i64>,
    /// The merged ticket whose citizen it is with.
    pub via: Option<i64>,
}

/// Takes contacts in; answers for each in order.
///
/// # Errors
/// When one of them cannot be taken in; the transaction must then be rolled back.
pub async fn take_in(
    tx: &mut Tx,
    batch: &[Incoming],
    rules: &Rules<'_>,
    now: Instant,
) -> Result<Vec<TakenIn>, IntakeError> {
    let raw_ids = raw_ids(tx, batch, now).await?;
    let mut taken: Vec<Option<TakenIn>> = vec![None; batch.len()];
    let mut new: Vec<(usize, i64)> = Vec::with_capacity(batch.len());
    for (place, raw_id) in raw_ids.into_iter().enumerate() {
        let Some(raw_id) = raw_id else { continue };
        taken[place] = same_touch(tx, &batch[place], raw_id).await?;
        if taken[place].is_none() {
            new.push((place, raw_id));
        }
    }
    let senders: Vec<Sender<'_>> = new.iter().map(|(place, _)| sender(&batch[*place])).collect();
    let persons = people::find_or_create(tx, &senders, now).await?;
    let mut openings: Vec<(usize, Opening<'_>)> = Vec::with_capacity(new.len());
    for ((place, raw_id), person) in new.into_iter().zip(persons) {
        let arrival = Arrival { incoming: &batch[place], raw_id, person_id: person.map(Known::id), via: None };
        match find_place(tx, arrival, rules, now).await? {
            Place::Found(found) => taken[place] = Some(found),
            Place::New(opening) => openings.push((place, opening)),
        }
    }
    let (places, openings): (Vec<usize>, Vec<Opening<'_>>) = openings.into_iter().unzip();
    for (place, opened) in places.into_iter().zip(open::open(tx, &openings, rules, now).await?) {
        taken[place] = Some(opened);
    }
    let mut all = Vec::with_capacity(batch.len());
    for (incoming, taken) in batch.iter().zip(taken) {
        all.push(match taken {
            Some(taken) => taken,
            // Handed over before, perhaps a moment ago in this very batch.
            None => seen(tx, incoming).await?,
        });
    }
    Ok(all)
}

/// Stores the raw items that come with their contacts and locks those stored before; none for what its account
/// handed over before.
async fn raw_ids(tx: &mut Tx, batch: &[Incoming], now: Instant) -> Result<Vec<Option<i64>>, IntakeError> {
    let mut fresh: Vec<NewRaw> = batch.iter().filter_map(|incoming| fresh_raw(incoming, now)).collect();
    // In one order everywhere: two transactions with the same names must not wait for each other.
    fresh.sort_by(|a, b| (&a.account, &a.external_id).cmp(&(&b.account, &b.external_id)));
    let mut stored = store::insert_raws(tx, &fresh).await?;
    let mut ids = Vec::with_capacity(batch.len());
    for incoming in batch {
        ids.push(match &incoming.raw {
            RawSource::Stored(id) | RawSource::OneOfMany(id) => Some(lock(tx, std::slice::from_ref(id)).await?),
            RawSource::Joined(ids) => Some(lock(tx, ids).await?),
            RawSource::Fresh { account, external_id, .. } => stored.remove(&(account.clone(), external_id.clone())),
        });
    }
    Ok(ids)
}

/// Locks rows that still wait; answers the first.
async fn lock(tx: &mut Tx, ids: &[i64]) -> Result<i64, IntakeError> {
    let taken_before = IntakeError::Invalid { field: "raw", wrong: TAKEN_BEFORE };
    for &id in ids {
        if !store::lock_raw(tx, id).await? {
            return Err(taken_before);
        }
    }
    ids.first().copied().ok_or(taken_before)
}

/// The raw item that comes with its contact.
pub fn fresh_raw(incoming: &Incoming, now: Instant) -> Option<NewRaw> {
    let RawSource::Fresh { account, external_id, body, blob, size } = &incoming.raw else { return None };
    Some(NewRaw {
        channel: incoming.channel.as_str().to_owned(),
        account: account.clone(),
        external_id: external_id.clone(),
        received_at: now,
        size: *size,
        body: body.clone(),
        blob: blob.clone(),
        state: "done",
    })
}

/// The contact that came from this very item before.
async fn seen(tx: &mut Tx, incoming: &Incoming) -> Result<TakenIn, IntakeError> {
    let known = match &incoming.raw {
        RawSource::Fresh { account, external_id, .. } => store::contact_of_raw(tx, account, external_id).await?,
        RawSource::Stored(_) | RawSource::OneOfMany(_) | RawSource::Joined(_) => None,
    };
    let (contact_id, code, opened) =
        known.ok_or(IntakeError::Invalid { field: "external_id", wrong: "in_quarantine" })?;
    Ok(TakenIn::Seen { code, contact_id, opened })
}

/// The contact that another account brought of the same touch.
async fn same_touch(tx: &mut Tx, incoming: &Incoming, raw_id: i64) -> Result<Option<TakenIn>, IntakeError> {
    let Some(key) = &incoming.dedupe_key else { return Ok(None) };
    let Some((contact_id, code)) = tickets::store::contact_by_dedupe(tx, key).await? else { return Ok(None) };
    let done = if let RawSource::Fresh { .. } = incoming.raw { &[raw_id] } else { incoming.raw.stored() };
    for &raw in done {
        store::raw_done(tx, raw, Some(contact_id)).await?;
    }
    Ok(Some(TakenIn::Seen { code, contact_id, opened: false }))
}

fn sender(incoming: &Incoming) -> Sender<'_> {
    Sender {
        identifiers: &incoming.identifiers,
        evidence: incoming.evidence,
        name: &incoming.name,
        language: &incoming.language,
    }
}

/// Where a contact ended.
enum Place<'a> {
    Found(TakenIn),
    /// On a ticket still to be opened.
    New(Opening<'a>),
}

async fn find_place<'a>(
    tx: &mut Tx,
    arrival: Arrival<'a>,
    rules: &Rules<'_>,
    now: Instant,
) -> Result<Place<'a>, IntakeError> {
    let Arrival { incoming, raw_id, person_id, .. } = arrival;
    Ok(match thread::find(tx, incoming, person_id).await? {
        Thread::Leg { ticket, leg_id } => {
            leg_answer::hand_over(tx, incoming, ticket.id, leg_id, raw_id, now).await?;
            Place::Found(TakenIn::ForLeg { code: ticket.code, leg_id })
        }
        Thread::Ticket { ticket, named } => {
            let (ticket, effect) = landing(tx, *ticket, incoming, rules, now).await?;
            if effect == Effect::TooLate {
                return Ok(Place::New(Opening { arrival, continues_id: Some(ticket.id), may_belong_to: Vec::new() }));
            }
            let via = tickets::merging::for_incoming(tx, &ticket, named, person_id).await?;
            let contact_id = open::store_contact(tx, Arrival { via, ..arrival }, ticket.id, now).await?;
            let saved = receive::record(tx, ticket.id, contact_id, effect, incoming.actor.clone(), now).await?;
            Place::Found(TakenIn::Added { code: saved.code, contact_id })
        }
        Thread::None { may_belong_to } => Place::New(Opening { arrival, continues_id: None, may_belong_to }),
    })
}

/// The ticket a contact lands on and what it does there: where one was closed too long ago and another
/// continues it already, that one.
async fn landing(
    tx: &mut Tx,
    mut ticket: Ticket,
    incoming: &Incoming,
    rules: &Rules<'_>,
    now: Instant,
) -> Result<(Ticket, Effect), IntakeError> {
    loop {
        let automatic = incoming.automatic.is_some();
        let effect = receive::effect(&ticket, automatic, &incoming.text, now, &rules.kernel.config.desk);
        if effect == Effect::TooLate
            && let Some(next) = tickets::store::lock_continuation(tx, ticket.id).await?
        {
            ticket = next;
            continue;
        }
        return Ok((ticket, effect));
    }
}
