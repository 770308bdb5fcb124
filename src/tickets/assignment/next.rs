//! «Prendi la prossima»: the first ticket in the order of work that an agent may get.
use serde_json::json;

use super::model::{Away, DeskAgent};
use super::store;
use crate::kernel::Kernel;
use crate::kernel::database::Tx;
use crate::kernel::permissions::{Forbidden, Permission, Principal};
use crate::kernel::time::Instant;
use crate::tickets::change::Change;
use crate::tickets::{State, Ticket, TicketError};

/// States in which a ticket may be given to somebody.
pub(super) const GIVEN: [State; 2] = [State::New, State::Open];
/// Tickets of a unit that are looked at before the list is read again.
const AHEAD: i64 = 32;
/// How often the list is read again when colleagues were faster with all of them.
const ROUNDS: usize = 8;

/// What asking for the next one came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    Given(Box<Ticket>),
    /// Nothing waits that this agent may get.
    Nothing,
    /// They hold as much as they can for a unit of theirs, and nothing waits in the others.
    Full {
        load: i64,
        capacity: i64,
    },
    /// They are written down as absent.
    Away,
}

/// Gives the caller the next ticket of their units: by priority, then by term, oldest first. Two who ask at once never
/// get the same one.
///
/// # Errors
/// When the caller is no agent, or the database refuses.
pub async fn next(kernel: &Kernel, who: &Principal) -> Result<Next, TicketError> {
    who.require(Permission::WorkTickets)?;
    let user = who.user_id.ok_or(Forbidden)?;
    let (now, who) = (kernel.now(), who.clone());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let agent = store::lock_agent(tx, user).await?;
                if Away::new(&store::absences_at(tx, now).await?).has(user) {
                    return Ok(Next::Away);
                }
                give(tx, &who, &agent, now).await
            })
        })
        .await
}

async fn give(tx: &mut Tx, who: &Principal, agent: &DeskAgent, now: Instant) -> Result<Next, TicketError> {
    let policies = store::policies(tx).await?;
    let barred = store::requirements(tx).await?.barred(agent);
    let load = policies.load(&store::held(tx, agent.user_id).await?);
    let mut units = Vec::with_capacity(who.units.len());
    let mut full = None;
    for &unit in &who.units {
        let policy = policies.of(unit);
        let capacity = agent.capacity_for(&policy);
        if !agent.has_all(&policy.skills) {
            continue;
        }
        if load < capacity {
            units.push(unit);
        } else {
            full = full.max(Some(capacity));
        }
    }
    for _ in 0..ROUNDS {
        let mut waiting = Vec::new();
        for &unit in &units {
            for state in GIVEN {
                waiting.extend(store::free(tx, unit, state, Some((agent, &barred)), None, AHEAD).await?);
            }
        }
        if waiting.is_empty() {
            break;
        }
        waiting.sort_by_key(|row| (row.key, row.id));
        for row in waiting {
            if !store::seize(tx, row.id).await? {
                continue;
            }
            let mut change = Change::begin_by_id(tx, row.id, None, who.actor.clone(), now).await?;
            change.ticket.assignee_id = Some(agent.user_id);
            change.become_state(State::Open)?;
            store::note_given(tx, agent.user_id, now).await?;
            let ticket = change.save(tx, "ticket.taken", json!({ "next": true })).await?;
            return Ok(Next::Given(Box::new(ticket)));
        }
    }
    Ok(full.map_or(Next::Nothing, |capacity| Next::Full { load, capacity }))
}
