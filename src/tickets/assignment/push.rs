//! Giving out by itself: what waits in a unit that wants it so goes to whoever is ready and has most room.
use std::time::Duration;

use jiff::SignedDuration;
use serde_json::json;

use super::model::{Away, Candidate, Policies, Policy, Requirements, UnitPolicy, Waiting, choose};
use super::next::GIVEN;
use super::{absences, store};
use crate::kernel::Kernel;
use crate::kernel::database::Conn;
use crate::kernel::events::Actor;
use crate::kernel::leases;
use crate::kernel::live::Pace;
use crate::tickets::change::Change;
use crate::tickets::{State, TicketError, proposals};

/// The work of one node at a time, under this name.
const LEASE: &str = "tickets given out";
const LEASED: SignedDuration = SignedDuration::from_secs(60);
const PIECE: i64 = 200;
/// How often it is looked at beside every commit.
const POLL: Duration = Duration::from_secs(10);

/// Gives out what waits; answers how many tickets found somebody.
///
/// # Errors
/// When the database refuses; what was given out so far stays so.
pub async fn distribute(kernel: &Kernel) -> Result<u64, TicketError> {
    let now = kernel.now();
    let mut conn = kernel.db.read().await?;
    let policies = store::policies(&mut conn).await?;
    let units: Vec<_> = policies.0.iter().filter(|(_, policy)| policy.policy == Policy::Push).collect();
    if units.is_empty() {
        return Ok(0);
    }
    let requirements = store::requirements(&mut conn).await?;
    let away = Away::new(&store::absences_at(&mut conn, now).await?);
    let mut given = Given::default();
    for (&unit, policy) in units {
        let mut agents = candidates(&mut conn, unit, policy, &policies, &requirements, &away).await?;
        for state in GIVEN {
            give_out(kernel, &mut conn, (unit, state), policy, &policies, &mut agents, &mut given).await?;
        }
    }
    Ok(given.tickets)
}

/// What a round did. The lease is taken when there is something to give: a commit a second for nothing would wake all
/// who follow the feed.
#[derive(Debug, Default)]
struct Given {
    tickets: u64,
    leased: bool,
}

async fn candidates(
    conn: &mut Conn,
    unit: i64,
    policy: &UnitPolicy,
    policies: &Policies,
    requirements: &Requirements,
    away: &Away,
) -> Result<Vec<Candidate>, TicketError> {
    let mut found = Vec::new();
    for agent in store::ready_agents(conn, unit).await? {
        if !away.has(agent.user_id) && agent.has_all(&policy.skills) {
            let load = policies.load(&store::held(conn, agent.user_id).await?);
            found.push(Candidate { barred: requirements.barred(&agent), load, agent });
        }
    }
    Ok(found)
}

/// Walks along what waits in one state, until nobody has room.
async fn give_out(
    kernel: &Kernel,
    conn: &mut Conn,
    (unit, state): (i64, State),
    policy: &UnitPolicy,
    policies: &Policies,
    agents: &mut [Candidate],
    given: &mut Given,
) -> Result<(), TicketError> {
    let mut after = None;
    while agents.iter().any(|c| c.load < c.agent.capacity_for(policy)) {
        let rows = store::free(conn, unit, state, None, after, PIECE).await?;
        after = rows.last().map(|row| (row.key, row.id));
        for row in &rows {
            let ticket = Waiting { channel: row.channel, category: row.category_id, language: &row.language };
            let Some(place) = choose(agents, ticket, policy) else { continue };
            let Some(chosen) = agents.get_mut(place) else { continue };
            if !given.leased {
                given.leased = leases::hold(&kernel.db, LEASE, &kernel.node, kernel.now(), LEASED).await?;
                if !given.leased {
                    return Ok(());
                }
            }
            let capacity = chosen.agent.capacity_for(policy);
            match assign(kernel, row.id, chosen.agent.user_id, capacity, policies.clone()).await? {
                Assigned::Given => {
                    given.tickets += 1;
                    chosen.load += policy.weight(row.channel);
                    chosen.agent.given_at = Some(kernel.now());
                }
                // Somebody took it meanwhile.
                Assigned::Gone => {}
                // They said meanwhile that they are not ready, or took something by themselves.
                Assigned::NotReady => chosen.load = capacity,
            }
        }
        if after.is_none() {
            break;
        }
    }
    Ok(())
}

enum Assigned {
    Given,
    Gone,
    NotReady,
}

async fn assign(
    kernel: &Kernel,
    ticket: i64,
    user: i64,
    capacity: i64,
    policies: Policies,
) -> Result<Assigned, TicketError> {
    let now = kernel.now();
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let agent = store::lock_agent(tx, user).await?;
                let away = Away::new(&store::absences_at(tx, now).await?).has(user);
                if agent.ready_since.is_none() || away || policies.load(&store::held(tx, user).await?) >= capacity {
                    return Ok::<_, TicketError>(Assigned::NotReady);
                }
                if !store::seize(tx, ticket).await? {
                    return Ok(Assigned::Gone);
                }
                let mut change = Change::begin_by_id(tx, ticket, None, Actor::System, now).await?;
                change.ticket.assignee_id = Some(user);
                change.become_state(State::Open)?;
                store::note_given(tx, user, now).await?;
                change.save(tx, "ticket.assigned", json!({ "assignee": user, "policy": Policy::Push })).await?;
                Ok(Assigned::Given)
            })
        })
        .await
}

/// Gives out what waits, passes on what absent agents have, and ends proposals to hand over that nobody answered, until the
/// process stops.
pub async fn follow(kernel: Kernel) {
    let mut pace = Pace::new(Duration::from_millis(200), Duration::from_secs(1));
    while !kernel.stop.is_cancelled() {
        let woken = kernel.wake.next();
        match absences::pass_on(&kernel).await {
            Ok(0) => {}
            Ok(n) => tracing::info!(tickets.passed_on = n, "passed {n} tickets of absent agents on"),
            Err(e) => tracing::warn!("tickets of absent agents were not passed on: {e}"),
        }
        if let Err(e) = proposals::lapse(&kernel).await {
            tracing::warn!("proposals that nobody answered were not ended: {e}");
        }
        match distribute(&kernel).await {
            Ok(0) => {}
            Ok(n) => tracing::debug!(tickets.given = n, "gave {n} tickets out"),
            Err(e) => tracing::warn!("tickets were not given out: {e}"),
        }
        tokio::select! {
            () = kernel.stop.cancelled() => {}
            () = woken => pace.rest().await,
            () = tokio::time::sleep(POLL) => {}
        }
    }
    drop(leases::release(&kernel.db, LEASE, &kernel.node).await);
    drop(leases::release(&kernel.db, absences::LEASE, &kernel.node).await);
}
