//! New tickets for contacts that belong to none, and the rows of a contact.
use jiff::SignedDuration;
use serde_json::json;

use super::batch::{Arrival, Rules};
use super::{Incoming, IntakeError, TakenIn, leg_answer, letter, store};
use crate::kernel::database::Tx;
use crate::kernel::events::{self, Actor, NewEvent};
use crate::kernel::time::Instant;
use crate::routing::model::Decision;
use crate::routing::{Looked, Request};
use crate::tickets::open::{NewTicket, Opened};
use crate::tickets::store::NewContact;
use crate::tickets::{self, Ticket, model};
use crate::{classification, network};

/// A ticket to be opened.
pub struct Opening<'a> {
    pub arrival: Arrival<'a>,
    /// The ticket that was closed too long ago to take this contact.
    pub continues_id: Option<i64>,
    /// Tickets that may be meant.
    pub may_belong_to: Vec<i64>,
}

/// Opens tickets with their first contacts; answers for each in order.
///
/// # Errors
/// When the database refuses.
pub async fn open(
    tx: &mut Tx,
    openings: &[Opening<'_>],
    rules: &Rules<'_>,
    now: Instant,
) -> Result<Vec<TakenIn>, IntakeError> {
    let mut decisions = Vec::with_capacity(openings.len());
    for opening in openings {
        let plain = rules.book.rules.is_empty() || opening.arrival.incoming.registered_by.is_some();
        let looked =
            if plain { Looked::default() } else { Looked::read(tx, rules.book, opening.arrival.person_id).await? };
        decisions.push(decide(opening, rules, &looked, now));
    }
    let both = openings.iter().zip(&decisions);
    let new = both.map(|(opening, decision)| new_ticket(opening, rules, decision.as_ref(), now)).collect();
    let tickets = tickets::open::open(tx, new, now).await?;
    let arrivals: Vec<(Arrival<'_>, i64)> =
        openings.iter().map(|o| o.arrival).zip(tickets.iter().map(|t| t.id)).collect();
    let contacts = store_contacts(tx, &arrivals, now).await?;
    let opened = openings.iter().zip(&tickets).zip(&contacts).map(|((opening, ticket), contact)| Opened {
        ticket,
        contact: *contact,
        actor: opening.arrival.incoming.actor.clone(),
    });
    tickets::open::announce(tx, opened.collect(), now).await?;
    let all = openings.iter().zip(&tickets).zip(&decisions);
    let told = all.filter_map(|((o, ticket), d)| Some(routed(ticket, o.arrival.incoming, d.as_ref()?, rules)));
    events::append(tx, now, &told.collect::<Vec<_>>()).await?;
    for ((opening, ticket), decision) in openings.iter().zip(&tickets).zip(decisions) {
        rules.receipt.enqueue(tx, rules.addresses, ticket, opening.arrival.incoming, now).await?;
        if let Some(answered) = &opening.arrival.incoming.answered {
            classification::store::put_answers(tx, ticket.id, answered, now).await?;
        }
        if let Some(sheet) = opening.arrival.incoming.sheet {
            tickets::store::put_requested_sheet(tx, ticket.id, sheet).await?;
        }
        for other in &opening.may_belong_to {
            tickets::store::link(tx, ticket.id, *other, "may_belong_to", now).await?;
        }
        let incoming = opening.arrival.incoming;
        let mut asked = Vec::new();
        if incoming.forwards && incoming.automatic.is_none() {
            let sheet = incoming.sheet.map(|sheet| sheet.id);
            let leg = network::forward::forward(tx, rules.kernel, ticket, sheet, now).await;
            let leg = leg.map_err(leg_answer::refused)?;
            asked.extend(leg.map(|leg| leg.unit_id));
        }
        let legs = decision.filter(|_| incoming.automatic.is_none()).map(|d| d.legs).unwrap_or_default();
        for (unit, kind, question) in legs.into_iter().filter(|(unit, _, _)| !asked.contains(unit)) {
            let leg = network::forward::Leg { ticket: ticket.id, unit, kind, question };
            network::forward::send_at_once(tx, rules.kernel, leg, now).await.map_err(leg_answer::refused)?;
        }
    }
    let taken = tickets.into_iter().zip(contacts);
    Ok(taken.map(|(ticket, contact_id)| TakenIn::Opened { code: ticket.code, contact_id }).collect())
}

/// Where a new request goes; what an agent registered stays with them.
pub(super) fn decide(opening: &Opening<'_>, rules: &Rules<'_>, looked: &Looked, now: Instant) -> Option<Decision> {
    let incoming = opening.arrival.incoming;
    if rules.book.rules.is_empty() || incoming.registered_by.is_some() {
        return None;
    }
    let mut text = format!("{}\n{}", incoming.subject, incoming.text);
    for answer in incoming.answered.iter().flat_map(|answered| answered.answers.values().flatten()) {
        text.push('\n');
        text.push_str(answer);
    }
    let request = Request {
        category: incoming.category_id,
        channel: incoming.channel,
        kind: incoming.kind,
        language: &incoming.language,
        text: &text,
        owner: incoming.owner_unit_id,
        at: now,
    };
    rules.book.decide(&request, looked)
}

/// The event that tells why a request went where it is.
pub(super) fn routed(ticket: &Ticket, incoming: &Incoming, decision: &Decision, rules: &Rules<'_>) -> NewEvent {
    let legs: Vec<i64> = decision.legs.iter().map(|(unit, _, _)| *unit).collect();
    let data = json!({
        "code": ticket.code,
        "rule": decision.name,
        "place": decision.place,
        "number": rules.book.version,
        "because": decision.because,
        "unit": decision.unit,
        "unit_before": incoming.owner_unit_id,
        "assignee": decision.assignee,
        "legs": legs,
    });
    NewEvent { kind: "ticket.routed", ticket: Some(ticket.id), actor: Actor::System, data }
}

/// The ticket that an opening begins with.
pub(super) fn new_ticket(
    opening: &Opening<'_>,
    rules: &Rules<'_>,
    decision: Option<&Decision>,
    now: Instant,
) -> NewTicket {
    let Arrival { incoming, person_id, .. } = opening.arrival;
    let subject = model::tidy_subject(&incoming.subject);
    let owner_unit_id = decision.map_or(incoming.owner_unit_id, |decision| decision.unit);
    // The receipt promises the day that the protocol of the class names, and the usual one where there is none.
    let promised = rules.book.terms.promise(incoming.category_id, owner_unit_id, now);
    let usual = SignedDuration::from_hours(24 * i64::from(rules.kernel.config.citizen.answer_days));
    NewTicket {
        subject: if subject.is_empty() { model::subject_of(&incoming.text) } else { subject },
        channel: incoming.channel,
        kind: incoming.kind,
        category_id: incoming.category_id,
        owner_unit_id,
        assignee_id: incoming.registered_by.or_else(|| decision?.assignee),
        person_id,
        language: incoming.language.clone(),
        expected_at: promised.unwrap_or_else(|| now.plus(usual)),
        continues_id: opening.continues_id,
    }
}

/// Stores the contact of an arrival on a ticket; answers its row id.
///
/// # Errors
/// When the same touch came by another account at the same moment, or the database refuses.
pub async fn store_contact(
    tx: &mut Tx,
    arrival: Arrival<'_>,
    ticket_id: i64,
    now: Instant,
) -> Result<i64, IntakeError> {
    let ids = store_contacts(tx, &[(arrival, ticket_id)], now).await?;
    ids.first().copied().ok_or(IntakeError::Invalid { field: "external_id", wrong: "duplicate" })
}

/// The same for several, each on another ticket; answers their row ids in order.
async fn store_contacts(tx: &mut Tx, arrivals: &[(Arrival<'_>, i64)], now: Instant) -> Result<Vec<i64>, IntakeError> {
    let rows: Vec<_> = arrivals
        .iter()
        .map(|(a, ticket)| NewContact { via_id: a.via, ..contact(a.incoming, *ticket, a.person_id, a.raw_id, now) })
        .collect();
    let stored = tickets::store::insert_contacts(tx, &rows).await?;
    let mut ids = Vec::with_capacity(arrivals.len());
    for (arrival, ticket_id) in arrivals {
        // The dedupe key was looked up in this transaction; losing a race for it rolls everything back, and the
        // next attempt finds the winner's contact.
        let contact_id =
            *stored.get(ticket_id).ok_or(IntakeError::Invalid { field: "external_id", wrong: "duplicate" })?;
        store_rest(tx, *arrival, *ticket_id, contact_id).await?;
        ids.push(contact_id);
    }
    Ok(ids)
}

/// What hangs on a contact: files, the Message-IDs it is known by, its raw item.
async fn store_rest(tx: &mut Tx, arrival: Arrival<'_>, ticket_id: i64, contact_id: i64) -> Result<(), IntakeError> {
    let Arrival { incoming, .. } = arrival;
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
    if let (Some(paper), Some(file)) = (&incoming.paper, incoming.files.first()) {
        letter::keep(tx, contact_id, paper, file, incoming.happened_at).await?;
    }
    for id in incoming.message_id.iter().chain(&incoming.thread.conversation).chain(&incoming.thread.aliases) {
        tickets::store::remember_message_id(tx, id, ticket_id, Some(contact_id), None).await?;
    }
    for &raw in incoming.raw.stored() {
        store::raw_done(tx, raw, Some(contact_id)).await?;
    }
    Ok(())
}

/// The row of a contact that came in.
pub(super) fn contact(
    incoming: &Incoming,
    ticket_id: i64,
    person_id: Option<i64>,
    raw_id: i64,
    now: Instant,
) -> NewContact {
    NewContact {
        ticket_id,
        direction: "in",
        channel: incoming.channel.as_str(),
        person_id,
        author_id: incoming.registered_by,
        leg_id: None,
        via_id: None,
        from_name: incoming.name.clone(),
        from_address: incoming.from_address.clone(),
        to_address: incoming.to_address.clone(),
        subject: incoming.subject.clone(),
        body: incoming.text.clone(),
        quoted: incoming.quoted.clone(),
        html: incoming.html.clone(),
        automatic: incoming.automatic.clone(),
        notices: incoming.notices.clone(),
        public: true,
        raw_id: Some(raw_id),
        message_id: incoming.message_id.clone(),
        dedupe_key: incoming.dedupe_key.clone(),
        sheet_id: None,
        happened_at: incoming.happened_at,
        created_at: now,
    }
}
