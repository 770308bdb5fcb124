use std::collections::HashMap;

use super::{Identifier, IdentifierKey, claims, store};
use crate::kernel::database::{StoreError, Tx};
use crate::kernel::time::Instant;

/// Whether a person was known already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    Before(i64),
    Now(i64),
}

impl Known {
    /// Row id of the person.
    pub const fn id(self) -> i64 {
        match self {
            Self::Before(id) | Self::Now(id) => id,
        }
    }
}

/// What stands behind identifiers that come with a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// The channel brought them, or an agent took them down.
    Vouched,
    /// Somebody typed them into a form: anybody may have.
    Typed,
}

/// Somebody who wrote, by what is known of them.
#[derive(Debug, Clone, Copy)]
pub struct Sender<'a> {
    /// How they can be recognised, the best first.
    pub identifiers: &'a [Identifier],
    pub evidence: Evidence,
    pub name: &'a str,
    pub language: &'a str,
}

/// For each sender the person behind the first identifier that somebody has, or a new one. A new person has all
/// of them that are nobody's. To a known person vouched ones are added unless they belong to somebody else; typed
/// ones are only claims, whoever has them, until an agent confirms them. `None` without identifiers and name.
///
/// Two first contacts of one sender that race end as one person: the identifier decides.
///
/// # Errors
/// When the database refuses.
pub async fn find_or_create(
    tx: &mut Tx,
    senders: &[Sender<'_>],
    now: Instant,
) -> Result<Vec<Option<Known>>, StoreError> {
    let all: Vec<&Identifier> = senders.iter().flat_map(|s| s.identifiers).collect();
    let owners = store::owners(tx, &all).await?;
    let owner = |sender: &Sender<'_>| sender.identifiers.iter().find_map(|i| owners.get(&i.key()).copied());
    let mut persons: Vec<Option<Known>> = senders.iter().map(|s| owner(s).map(Known::Before)).collect();
    for (sender, person) in senders.iter().zip(&persons) {
        let name = sender.name.trim();
        if let Some(known) = person
            && !name.is_empty()
        {
            store::name_if_unknown(tx, known.id(), name).await?;
        }
    }
    create(tx, senders, &mut persons, now).await?;
    let mut given: Vec<(i64, &Identifier)> = Vec::new();
    for (sender, person) in senders.iter().zip(&persons) {
        let Some(person) = person else { continue };
        if let (Known::Before(id), Evidence::Typed) = (*person, sender.evidence) {
            for identifier in sender.identifiers.iter().filter(|i| owners.get(&i.key()) != Some(&id)) {
                claims::store::insert(tx, id, identifier, now).await?;
            }
            continue;
        }
        let free = sender.identifiers.iter().filter(|i| !owners.contains_key(&i.key()));
        given.extend(free.map(|identifier| (person.id(), identifier)));
    }
    // In one order everywhere: two transactions that give the same identifiers must not wait for each other.
    given.sort_by_key(|(_, identifier)| identifier.key());
    given.dedup_by(|a, b| a.1.key() == b.1.key());
    let taken = store::insert_identifiers(tx, &given, now).await?;
    for (sender, person) in senders.iter().zip(&mut persons) {
        let (Some(Known::Now(id)), Some(first)) = (*person, sender.identifiers.first()) else { continue };
        if taken.values().any(|owner| *owner == id) {
            continue;
        }
        // Another transaction created the same sender in between: theirs stands.
        if let Some(other) = store::owners(tx, &[first]).await?.remove(&first.key()) {
            store::delete_person(tx, id).await?;
            *person = Some(Known::Before(other));
        }
    }
    Ok(persons)
}

/// Makes the persons that nobody is yet; senders who share their first identifier are one.
async fn create(
    tx: &mut Tx,
    senders: &[Sender<'_>],
    persons: &mut [Option<Known>],
    now: Instant,
) -> Result<(), StoreError> {
    let mut places: HashMap<IdentifierKey, usize> = HashMap::new();
    let mut new: Vec<store::NewPerson<'_>> = Vec::new();
    let mut made: Vec<(usize, usize)> = Vec::new();
    for (index, sender) in senders.iter().enumerate() {
        let name = sender.name.trim();
        if persons[index].is_some() || (sender.identifiers.is_empty() && name.is_empty()) {
            continue;
        }
        let place = match sender.identifiers.first() {
            Some(first) => *places.entry(first.key()).or_insert(new.len()),
            None => new.len(),
        };
        if place == new.len() {
            new.push(store::NewPerson { name, language: sender.language });
        }
        made.push((index, place));
    }
    let ids = store::insert_persons(tx, &new, now).await?;
    for (index, place) in made {
        persons[index] = Some(Known::Now(ids[place]));
    }
    Ok(())
}
