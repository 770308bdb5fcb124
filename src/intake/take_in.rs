use jiff::SignedDuration;

use super::incoming::RawSource;
use super::store::NewRaw;
use super::thread::{self, Thread};
use super::{Incoming, Intake, IntakeError, Receipt, leg_answer, store};
use crate::kernel::database::Tx;
use crate::kernel::time::Instant;
use crate::outbox::MailAddresses;
use crate::people;
use crate::tickets::open::NewTicket;
use crate::tickets::receive::{self, Effect};
use crate::tickets::{self, model};

/// What became of a contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TakenIn {
    /// A new ticket was opened for it.
    Opened { code: String, contact_id: i64 },
    /// It was added to a ticket that exists.
    Added { code: String, contact_id: i64 },
    /// The very same thing was taken in before.
    Seen { code: String, contact_id: i64, opened: bool },
    /// It answers a leg, and is kept with it.
    ForLeg { code: String, leg_id: i64 },
}

impl TakenIn {
    /// Stored tracking code of the ticket.
    pub fn code(&self) -> &str {
        match self {
            Self::Opened { code, .. }
            | Self::Added { code, .. }
            | Self::Seen { code, .. }
            | Self::ForLeg { code, .. } => code,
        }
    }

    /// Name of the result, for metrics.
    pub const fn result(&self) -> &'static str {
        match self {
            Self::Opened { .. } => "opened",
            Self::Added { .. } => "added",
            Self::Seen { .. } => "seen",
            Self::ForLeg { .. } => "leg",
        }
    }
}

impl Intake {
    /// Takes one contact in, durably, in one transaction: raw bytes, person, ticket, contact, event and
    /// acknowledgement exist together or not at all. Handing over the same thing again changes nothing.
    ///
    /// # Errors
    /// When the database refuses; nothing was stored then.
    pub async fn take_in(&self, incoming: Incoming) -> Result<TakenIn, IntakeError> {
        let kernel = self.kernel();
        let (now, channel) = (kernel.now(), incoming.channel);
        let receipt = Receipt::prepare(kernel);
        let (addresses, config) = (self.addresses().clone(), kernel.config.clone());
        let taken = kernel
            .db
            .write(move |tx| {
                Box::pin(async move {
                    let rules = Rules {
                        addresses: &addresses,
                        receipt: receipt.as_ref(),
                        reopen_days: config.desk.reopen_days,
                        answer_days: config.citizen.answer_days,
                    };
                    take_in(tx, &incoming, &rules, now).await
                })
            })
            .await?;
        kernel.metrics.intake.with_label_values(&[channel.as_str(), taken.result()]).inc();
        Ok(taken)
    }
}

/// What is wrong with a raw item that another worker took in first.
pub(super) const TAKEN_BEFORE: &str = "taken_before";

/// What taking in needs to know of the installation.
pub struct Rules<'a> {
    pub addresses: &'a MailAddresses,
    pub receipt: Option<&'a Receipt>,
    pub reopen_days: u32,
    pub answer_days: u32,
}

async fn take_in(tx: &mut Tx, incoming: &Incoming, rules: &Rules<'_>, now: Instant) -> Result<TakenIn, IntakeError> {
    let raw_id = match &incoming.raw {
        RawSource::Stored(id) | RawSource::Part(id) => {
            if !store::lock_raw(tx, *id).await? {
                return Err(IntakeError::Invalid { field: "raw", wrong: TAKEN_BEFORE });
            }
            *id
        }
        RawSource::Fresh { account, external_id, body, blob, size } => {
            let raw = NewRaw {
                channel: incoming.channel.as_str().to_owned(),
                account: account.clone(),
                external_id: external_id.clone(),
                received_at: now,
                size: *size,
                body: body.clone(),
                blob: blob.clone(),
                state: "done",
            };
            match store::insert_raw(tx, &raw).await? {
                Some(id) => id,
                None => {
                    let (contact_id, code, opened) = store::contact_of_raw(tx, account, external_id)
                        .await?
                        .ok_or(IntakeError::Invalid { field: "external_id", wrong: "in_quarantine" })?;
                    return Ok(TakenIn::Seen { code, contact_id, opened });
                }
            }
        }
    };
    if let Some(key) = &incoming.dedupe_key
        && let Some((contact_id, code)) = tickets::store::contact_by_dedupe(tx, key).await?
    {
        if !matches!(incoming.raw, RawSource::Part(_)) {
            store::raw_done(tx, raw_id, Some(contact_id)).await?;
        }
        return Ok(TakenIn::Seen { code, contact_id, opened: false });
    }
    let person = people::find_or_create(tx, &incoming.identifiers, &incoming.name, &incoming.language, now).await?;
    let person_id = person.map(people::Known::id);
    let may_belong_to = match thread::find(tx, incoming, person_id).await? {
        Thread::Leg { ticket, leg_id } => {
            leg_answer::hand_over(tx, incoming, ticket.id, leg_id, raw_id, now).await?;
            return Ok(TakenIn::ForLeg { code: ticket.code, leg_id });
        }
        Thread::Ticket(ticket) => {
            let effect = receive::effect(&ticket, incoming.automatic.is_some(), &incoming.text, now, rules.reopen_days);
            if effect != Effect::TooLate {
                let contact_id = store_contact(tx, incoming, ticket.id, person_id, raw_id, now).await?;
                let actor = incoming.actor.clone();
                let saved = receive::record(tx, ticket.id, contact_id, effect, actor, now).await?;
                return Ok(TakenIn::Added { code: saved.code, contact_id });
            }
            return open(tx, incoming, rules, person_id, raw_id, Some(ticket.id), now).await;
        }
        Thread::None { may_belong_to } => may_belong_to,
    };
    let taken = open(tx, incoming, rules, person_id, raw_id, None, now).await?;
    if !may_belong_to.is_empty()
        && let Some(ticket) = tickets::store::by_code(tx, taken.code()).await?
    {
        for other in may_belong_to {
            tickets::store::link(tx, ticket.id, other, "may_belong_to", now).await?;
        }
    }
    Ok(taken)
}

async fn open(
    tx: &mut Tx,
    incoming: &Incoming,
    rules: &Rules<'_>,
    person_id: Option<i64>,
    raw_id: i64,
    continues_id: Option<i64>,
    now: Instant,
) -> Result<TakenIn, IntakeError> {
    let subject = model::tidy_subject(&incoming.subject);
    let subject = if subject.is_empty() { model::subject_of(&incoming.text) } else { subject };
    let new = NewTicket {
        subject,
        channel: incoming.channel,
        kind: incoming.kind,
        category_id: incoming.category_id,
        owner_unit_id: incoming.owner_unit_id,
        assignee_id: incoming.registered_by,
        person_id,
        language: incoming.language.clone(),
        expected_at: now.plus(SignedDuration::from_hours(24 * i64::from(rules.answer_days))),
        continues_id,
    };
    let ticket = tickets::open::open(tx, new, now).await?;
    let contact_id = store_contact(tx, incoming, ticket.id, person_id, raw_id, now).await?;
    tickets::open::announce(tx, &ticket, contact_id, incoming.actor.clone(), now).await?;
    if let Some(receipt) = rules.receipt {
        receipt.enqueue(tx, rules.addresses, &ticket, incoming, now).await?;
    }
    Ok(TakenIn::Opened { code: ticket.code, contact_id })
}

async fn store_contact(
    tx: &mut Tx,
    incoming: &Incoming,
    ticket_id: i64,
    person_id: Option<i64>,
    raw_id: i64,
    now: Instant,
) -> Result<i64, IntakeError> {
    let contact = contact(incoming, ticket_id, person_id, raw_id, now);
    // The dedupe key was looked up in this transaction; losing a race for it rolls everything back, and the
    // next attempt finds the winner's contact.
    let contact_id = tickets::store::insert_contact(tx, &contact)
        .await?
        .ok_or(IntakeError::Invalid { field: "external_id", wrong: "duplicate" })?;
    if !incoming.files.is_empty() {
        let ids = tickets::store::insert_attachments(tx, contact_id, &incoming.files).await?;
        if let Some(html) = &incoming.html {
            let mut html = html.clone();
            for (file, id) in incoming.files.iter().zip(&ids) {
                if let Some(cid) = &file.content_id {
                    html = html.replace(&format!("cid:{cid}"), &format!("/scrivania/allegati/{id}"));
                }
            }
            if html.contains("/scrivania/allegati/") {
                tickets::store::set_html(tx, contact_id, &html).await?;
            }
        }
    }
    for id in incoming.message_id.iter().chain(&incoming.thread.conversation) {
        tickets::store::remember_message_id(tx, id, ticket_id, Some(contact_id), None).await?;
    }
    if matches!(incoming.raw, RawSource::Stored(_)) {
        store::raw_done(tx, raw_id, Some(contact_id)).await?;
    }
    Ok(contact_id)
}

/// The row of a contact that came in.
pub(super) fn contact(
    incoming: &Incoming,
    ticket_id: i64,
    person_id: Option<i64>,
    raw_id: i64,
    now: Instant,
) -> tickets::store::NewContact {
    tickets::store::NewContact {
        ticket_id,
        direction: "in",
        channel: incoming.channel.as_str(),
        person_id,
        author_id: incoming.registered_by,
        leg_id: None,
        from_name: incoming.name.clone(),
        from_address: incoming.from_address.clone(),
        to_address: incoming.to_address.clone(),
        subject: incoming.subject.clone(),
        body: incoming.text.clone(),
        quoted: incoming.quoted.clone(),
        html: incoming.html.clone(),
        automatic: incoming.automatic.clone(),
        public: true,
        raw_id: Some(raw_id),
        message_id: incoming.message_id.clone(),
        dedupe_key: incoming.dedupe_key.clone(),
        sheet_id: None,
        happened_at: incoming.happened_at,
        created_at: now,
    }
}
