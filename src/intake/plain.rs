//! Plain contacts, stored with one look-up and one statement however many come together: their row ids are chosen
//! before, so that all their rows can be written down at once. What needs more than new rows is left to
//! `batch.rs`, whose transaction comes to the same result.
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use jiff::SignedDuration;

use super::acknowledge::PER_HOUR;
use super::batch::{self, Arrival, Rules};
use super::open::{self, Opening};
use super::store::{self, Known, NewRaw, Wanted};
use super::{Incoming, IntakeError, Receipt, TakenIn};
use crate::kernel::Kernel;
use crate::kernel::database::{Rows, StoreError};
use crate::kernel::events::{self, NewEvent};
use crate::kernel::language::Language;
use crate::kernel::time::Instant;
use crate::outbox::{self, MailAddresses, NewMail};
use crate::people::{self, Identifier, IdentifierKey};
use crate::routing::{Book, Looked};
use crate::tickets::open::Opened;
use crate::tickets::store::NewContact;
use crate::tickets::{self, Ticket};

/// Takes plain contacts in; answers for each in order, or nothing at all when one of them needs more.
///
/// # Errors
/// When the database refuses, also because one of them, its person or its identifier came from elsewhere a moment
/// ago; nothing was stored then.
pub async fn store(
    kernel: &Kernel,
    addresses: &Arc<MailAddresses>,
    book: &Arc<Book>,
    batch: &Arc<[Incoming]>,
) -> Result<Option<Vec<TakenIn>>, IntakeError> {
    if !book.is_plain() {
        return Ok(None);
    }
    // What a form noted (help, consent to text messages) has rows of its own.
    if !batch.iter().all(|incoming| incoming.is_plain() && !incoming.forwards && incoming.notices.is_empty()) {
        return Ok(None);
    }
    let now = kernel.now();
    let receipt = Receipt::prepare(kernel);
    let (batch, addresses, book, own) = (batch.clone(), addresses.clone(), book.clone(), kernel.clone());
    kernel
        .db
        .store(move |conn| {
            Box::pin(async move {
                let wanted: Vec<Wanted> = batch.iter().filter_map(|incoming| wanted(incoming, &receipt)).collect();
                let hour_ago = now.minus(SignedDuration::from_hours(1));
                let known = store::look_up(conn, &wanted, hour_ago).await?;
                let rules = Rules { kernel: &own, addresses: &addresses, receipt: &receipt, book: &book };
                let Some(new) = New::of(&batch, known, &rules, now) else { return Ok((None, Vec::new())) };
                Ok::<_, IntakeError>((Some(new.taken()), new.rows(now)?))
            })
        })
        .await
}

fn wanted(incoming: &Incoming, receipt: &Receipt) -> Option<Wanted> {
    let (account, external_id) = incoming.raw.name()?;
    Some(Wanted {
        account: account.to_owned(),
        external_id: external_id.to_owned(),
        identifier: incoming.identifiers.first().map(|i| (i.kind.as_str(), i.value.clone())),
        recipient: receipt.by_mail(incoming).map(|to| to.value),
        language: Language::from_tag(&incoming.language).unwrap_or(Language::Italian).as_str(),
    })
}

/// All that plain contacts add to the database.
#[derive(Default)]
struct New<'a> {
    raws: Vec<(NewRaw, i64)>,
    persons: Vec<(people::store::NewPerson<'a>, i64)>,
    identifiers: Vec<(i64, &'a Identifier)>,
    tickets: Vec<Ticket>,
    contacts: Vec<(NewContact, i64)>,
    events: Vec<NewEvent>,
    mails: Vec<(NewMail, String)>,
}

impl<'a> New<'a> {
    /// `None` when something must change that is there already, or a name is given twice.
    fn of(batch: &'a [Incoming], mut known: Vec<Known>, rules: &Rules<'_>, now: Instant) -> Option<Self> {
        known.sort_unstable_by_key(|one| one.place);
        if known.len() != batch.len() || known.iter().any(|one| one.raw_id.is_some()) {
            return None;
        }
        let (mut new, mut names) = (Self::default(), HashSet::new());
        let (mut persons, mut answers) = (HashMap::new(), HashMap::new());
        for (incoming, known) in batch.iter().zip(&known) {
            if !names.insert(incoming.raw.name()?) {
                return None;
            }
            let person_id = new.person(incoming, known, &mut persons)?;
            new.raws.push((batch::fresh_raw(incoming, now)?, known.new_raw));
            let arrival = Arrival { incoming, raw_id: known.new_raw, person_id: person_id.0, via: None };
            let opening = Opening { arrival, continues_id: None, may_belong_to: Vec::new() };
            let decision = open::decide(&opening, rules, &Looked::default(), now);
            let fresh = tickets::open::fresh(open::new_ticket(&opening, rules, decision.as_ref(), now), now);
            let ticket = Ticket { id: known.new_ticket, ..fresh };
            new.contacts
                .push((open::contact(incoming, ticket.id, arrival.person_id, arrival.raw_id, now), known.new_contact));
            let actor = incoming.actor.clone();
            new.events.push(tickets::open::event(Opened { ticket: &ticket, contact: known.new_contact, actor }));
            new.events.extend(decision.map(|decision| open::routed(&ticket, incoming, &decision, rules)));
            if let Some(to) = rules.receipt.by_mail(incoming) {
                let had = answers.entry(to.value.clone()).or_insert(known.answers);
                if *had < PER_HOUR {
                    *had += 1;
                    let address = to.value.clone();
                    let own = known.wording.as_deref();
                    new.mails.push((rules.receipt.mail(rules.addresses, &ticket, incoming, to, own), address));
                }
            }
            new.tickets.push(ticket);
        }
        Some(new)
    }

    /// The person of a contact, known or new; nothing at all when a known person learns their name from it.
    fn person(
        &mut self,
        incoming: &'a Incoming,
        known: &Known,
        made: &mut HashMap<IdentifierKey, i64>,
    ) -> Option<Person> {
        let name = incoming.name.trim();
        if let Some(id) = known.person_id {
            let named = name.is_empty() || known.person_name.as_ref().is_some_and(|name| !name.is_empty());
            return named.then_some(Person(Some(id)));
        }
        let identifier = incoming.identifiers.first();
        if let Some(id) = identifier.and_then(|i| made.get(&i.key())) {
            return Some(Person(Some(*id)));
        }
        if identifier.is_none() && name.is_empty() {
            return Some(Person(None));
        }
        self.persons.push((people::store::NewPerson { name, language: &incoming.language }, known.new_person));
        if let Some(identifier) = identifier {
            self.identifiers.push((known.new_person, identifier));
            made.insert(identifier.key(), known.new_person);
        }
        Some(Person(Some(known.new_person)))
    }

    fn taken(&self) -> Vec<TakenIn> {
        let both = self.tickets.iter().zip(&self.contacts);
        both.map(|(ticket, (_, id))| TakenIn::Opened { code: ticket.code.clone(), contact_id: *id }).collect()
    }

    /// Its tables, each after those it refers to. What may be there already is in one order everywhere: two
    /// statements with the same names must not wait for each other.
    fn rows(mut self, now: Instant) -> Result<Vec<Rows>, StoreError> {
        self.raws.sort_by(|(a, _), (b, _)| (&a.account, &a.external_id).cmp(&(&b.account, &b.external_id)));
        self.identifiers.sort_by_key(|(_, identifier)| identifier.key());
        let (raws, raw_ids): (Vec<_>, Vec<_>) = self.raws.into_iter().unzip();
        let (persons, person_ids): (Vec<_>, Vec<_>) = self.persons.into_iter().unzip();
        let (contacts, contact_ids): (Vec<_>, Vec<_>) = self.contacts.into_iter().unzip();
        let (mails, addresses): (Vec<_>, Vec<_>) = self.mails.into_iter().unzip();
        let mut message_ids = Rows::of("message_ids", &["message_id", "ticket_id"]);
        let mut answers = Rows::of("automatic_answers", &["recipient", "ticket_id", "at"]);
        for (mail, address) in mails.iter().zip(addresses) {
            message_ids.push([mail.message_id.clone().into(), mail.ticket_id.into()]);
            answers.push([address.into(), mail.ticket_id.into(), now.into()]);
        }
        Ok(vec![
            store::raw_rows(&raws).with_ids(raw_ids),
            people::store::person_rows(&persons, now).with_ids(person_ids),
            people::store::identifier_rows(&self.identifiers, now),
            tickets::store::rows(&self.tickets).with_ids(self.tickets.iter().map(|t| t.id).collect()),
            tickets::store::contact_rows(&contacts).with_ids(contact_ids),
            message_ids,
            answers,
            outbox::store::rows(&mails, now)?,
            events::rows(now, &self.events),
        ])
    }
}

/// Who wrote, if that can be said.
struct Person(Option<i64>);
