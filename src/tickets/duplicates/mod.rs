//! Tickets in work that are probably about the same thing as one: by their words, by the place that both name, by
//! who asks. A person decides what they are: one ticket twice, or many reports of one thing.
mod places;
mod store;

use std::collections::BTreeMap;

use super::incidents;
use super::model::Ticket;
use super::precedents::{Memory, first_text};
use crate::kernel::Kernel;
use crate::kernel::database::StoreError;

pub use places::places;

/// Tickets with like words that are looked at for each that is shown, and at most: each costs three look-ups.
const ALIKE: usize = 3;
const MOST_ALIKE: usize = 60;
/// How much a place that both name, and the same citizen, count beside the words, whose likeness is from 0 to 1.
const PLACE: f32 = 0.3;
const PERSON: f32 = 0.2;
/// Less than this is not shown: a citizen or a street alone does not make two things one.
const ENOUGH: f32 = 0.35;
/// A citizen's earlier tickets in work that are looked at.
const THEIRS: i64 = 10;

/// A ticket that is probably about the same thing.
#[derive(Debug, Clone)]
pub struct Duplicate {
    pub ticket: Ticket,
    /// What speaks for it together, from 0.
    pub score: f32,
    /// A place that both name, as the other ticket writes it.
    pub place: Option<String>,
    /// Whether the same citizen asks.
    pub same_person: bool,
}

/// The tickets in work that are probably about the same thing as one, the most probable first. Those that are
/// gathered below the same ticket already, or are that ticket, are left out.
///
/// # Errors
/// When the database cannot be read.
pub async fn duplicates(
    kernel: &Kernel,
    memory: &Memory,
    ticket: &Ticket,
    limit: usize,
) -> Result<Vec<Duplicate>, StoreError> {
    let mut conn = kernel.db.read().await?;
    let body = first_text(&mut conn, ticket.id).await?;
    let theirs = match ticket.person_id {
        Some(person) => store::in_work_of(&mut conn, person, THEIRS).await?,
        None => Vec::new(),
    };
    let above = incidents::parent(&mut conn, ticket.id).await?.map_or(ticket.id, |p| p.parent_id);
    drop(conn);
    let text = format!("{}\n{body}", ticket.subject);
    let here = places(&text);
    let mut likeness: BTreeMap<i64, f32> = theirs.into_iter().map(|id| (id, 0.0)).collect();
    for like in memory.similar_in_work(text, &ticket.language, (limit * ALIKE).min(MOST_ALIKE)).await {
        likeness.insert(like.id, like.likeness);
    }
    likeness.remove(&ticket.id);
    likeness.remove(&above);
    let mut found = Vec::new();
    let mut conn = kernel.db.read().await?;
    for (id, alike) in likeness {
        let Some(other) = super::store::by_id(&mut conn, id).await? else { continue };
        if other.state.is_over() || other.merged_into_id.is_some() {
            continue;
        }
        if incidents::parent(&mut conn, id).await?.is_some_and(|p| p.parent_id == above) {
            continue;
        }
        let there = places(&format!("{}\n{}", other.subject, first_text(&mut conn, id).await?));
        let place = there.iter().find(|(name, _)| here.contains_key(*name)).map(|(_, written)| written.clone());
        let same_person = other.person_id.is_some() && other.person_id == ticket.person_id;
        let score = alike + place.as_ref().map_or(0.0, |_| PLACE) + if same_person { PERSON } else { 0.0 };
        if score >= ENOUGH {
            found.push(Duplicate { ticket: other, score, place, same_person });
        }
    }
    found.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.ticket.id.cmp(&b.ticket.id)));
    found.truncate(limit);
    Ok(found)
}
