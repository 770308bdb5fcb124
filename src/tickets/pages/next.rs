//! «Prendi la prossima» above the queues, with what the reader holds and whether they take what is given out.
use std::collections::BTreeSet;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use jiff::SignedDuration;

use super::queues::{self, Alert, Asked};
use super::ticket_url;
use crate::kernel::Kernel;
use crate::kernel::database::{Conn, StoreError};
use crate::kernel::page::{Page, see_other};
use crate::kernel::permissions::{Permission, Principal};
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Form, Frame, Pressed};
use crate::tickets::assignment::model::{Away, UnitPolicy};
use crate::tickets::assignment::next::{Next, next};
use crate::tickets::assignment::{Policy, store};
use crate::tickets::queues::Queue;

const HERE: &str = "/scrivania/coda/prossima";
/// For how long somebody who is back is told what was passed on.
const TOLD: SignedDuration = SignedDuration::from_hours(24 * 7);

/// Mounts the button.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource(HERE).route(web::get().to(back)).route(web::post().to(take_next)));
}

/// What the reader holds.
#[derive(Debug)]
pub struct Own {
    /// Their page; empty for programs.
    pub href: String,
    /// How much they hold of what they can, in words.
    pub load: String,
    pub away: bool,
    /// Whether a unit of theirs gives out by itself, and whether they take it.
    pub pushed: bool,
    pub ready: bool,
    /// How many tickets were passed on in an absence that is just over; 0 without one.
    pub passed: usize,
    /// Their units that give out.
    pub given_out: BTreeSet<i64>,
}

/// Reads what the reader holds.
pub async fn own(conn: &mut Conn, page: &Page, who: &Principal) -> Result<Own, StoreError> {
    let user = who.user_id.unwrap_or(0);
    let agent = store::agent(conn, user).await?;
    let policies = store::policies(conn).await?;
    let load = policies.load(&store::held(conn, user).await?);
    let mine = || who.units.iter().map(|unit| (*unit, policies.of(*unit)));
    // Where units give out, their measure counts.
    let gives = |policy: &UnitPolicy| policy.policy != Policy::Manual;
    let capacity = mine().max_by_key(|(_, policy)| (gives(policy), agent.capacity_for(policy)));
    let capacity = capacity.map_or(0, |(_, policy)| agent.capacity_for(&policy));
    let last = store::absences_of(conn, user, 1).await?.into_iter().next();
    let over = last.filter(|a| a.to_at <= page.now && page.now.since(a.to_at) < TOLD);
    let passed = match over {
        Some(absence) => store::passes(conn, absence.id, 500).await?.len(),
        None => 0,
    };
    Ok(Own {
        href: if user == 0 { String::new() } else { format!("/scrivania/operatori/{user}") },
        load: page.t2("next-load", "load", load, "capacity", capacity),
        away: Away::new(&store::absences_at(conn, page.now).await?).has(user),
        pushed: mine().any(|(_, policy)| policy.policy == Policy::Push),
        ready: agent.ready_since.is_some(),
        passed,
        given_out: mine().filter(|(_, policy)| gives(policy)).map(|(unit, _)| unit).collect(),
    })
}

async fn back(caller: Caller) -> Result<HttpResponse, Problem> {
    caller.require(Permission::WorkTickets)?;
    Ok(see_other("/scrivania/coda/nuove"))
}

async fn take_next(
    kernel: web::Data<Kernel>,
    caller: Caller,
    Frame(page): Frame,
    _form: Form<Pressed>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WorkTickets)?;
    let alert = match next(&kernel, who).await? {
        Next::Given(ticket) => return Ok(see_other(&format!("{}?fatto=next", ticket_url(&ticket.code)))),
        Next::Nothing => Alert { title: page.t("next-nothing"), text: page.t("next-nothing-text") },
        Next::Full { load, capacity } => {
            Alert { title: page.t2("next-full", "load", load, "capacity", capacity), text: page.t("next-full-text") }
        }
        Next::Away => Alert { title: page.t("desk-away"), text: page.t("desk-away-text") },
    };
    queues::render(&kernel, who, page, Queue::New, Asked::default(), alert, StatusCode::CONFLICT).await
}
