//! Sends what was written to many, one ticket a transaction: a process that dies in the middle goes on where it was.
use std::time::Duration;

use jiff::SignedDuration;

use super::answer_all::Next;
use super::store::{self, AnswerRow};
use crate::kernel::Kernel;
use crate::kernel::database::{Db, StoreError};
use crate::kernel::events::Actor;
use crate::kernel::leases;
use crate::kernel::permissions::{Principal, Role};
use crate::kernel::problem::Refusal;
use crate::tickets::TicketError;
use crate::tickets::change::Change;
use crate::tickets::close::Closing;
use crate::tickets::hold::HoldRule;
use crate::tickets::model::Outcome;
use crate::tickets::reply::{self, Letterhead, Reply, Then, Writer};
use crate::tickets::ways::own_way;

/// The work of one node at a time, under this name.
const LEASE: &str = "shared-answers";
const LEASED: SignedDuration = SignedDuration::from_mins(2);
/// Commits wake it; this poll is for what must be tried again, because a colleague was writing.
const EVERY: Duration = Duration::from_secs(15);
/// Tickets looked up at once.
const BATCH: i64 = 50;

/// Sends all that waits; answers how many tickets were answered.
///
/// # Errors
/// When the database does not answer; what was sent so far stays sent. What it refuses of one ticket is told in the log
/// and tried again the next time.
pub async fn deliver(kernel: &Kernel) -> Result<u64, TicketError> {
    let (mut sent, mut after) = (0, 0);
    loop {
        let mut conn = kernel.db.read().await?;
        let next = store::next_answer(&mut conn, after).await?;
        drop(conn);
        let Some(answer) = next else { return Ok(sent) };
        after = answer.id;
        if !hold(kernel).await? {
            return Ok(sent);
        }
        sent += deliver_one(kernel, &answer).await?;
    }
}

async fn hold(kernel: &Kernel) -> Result<bool, StoreError> {
    leases::hold(&kernel.db, LEASE, &kernel.node, kernel.now(), LEASED).await
}

async fn deliver_one(kernel: &Kernel, answer: &AnswerRow) -> Result<u64, TicketError> {
    let (mut sent, mut after) = (0, 0);
    loop {
        let mut conn = kernel.db.read().await?;
        let waiting = store::waiting(&mut conn, answer.id, after, BATCH).await?;
        drop(conn);
        let Some((last, _)) = waiting.last() else { break };
        after = *last;
        if !hold(kernel).await? {
            return Ok(sent);
        }
        for (ticket, code) in waiting {
            if kernel.stop.is_cancelled() {
                return Ok(sent);
            }
            match answer_ticket(kernel, answer, ticket, code.clone()).await {
                Ok(was_sent) => sent += u64::from(was_sent),
                Err(e) => {
                    tracing::error!(ticket.code = %code, "one answer to many waits at the ticket {code}: {e}");
                    // While the database answers otherwise, it is this ticket: the others need not wait for it.
                    if !hold(kernel).await? {
                        return Ok(sent);
                    }
                }
            }
        }
    }
    finish(&kernel.db, answer.id, kernel).await?;
    Ok(sent)
}

async fn finish(db: &Db, answer: i64, kernel: &Kernel) -> Result<bool, StoreError> {
    let now = kernel.now();
    db.write(move |tx| Box::pin(async move { store::finish_answer(tx, answer, now).await })).await
}

/// Who wrote an answer, with the right to answer that was looked at when they did.
fn author(answer: &AnswerRow) -> Principal {
    let actor = Actor::from_text(&answer.author);
    let user_id = if let Actor::User(id) = actor { Some(id) } else { None };
    Principal {
        actor,
        role: Role::Agent,
        user_id,
        name: answer.author_name.clone(),
        language: String::new(),
        units: std::collections::BTreeSet::new(),
    }
}

/// Answers one ticket, or notes why it cannot be; `false` when nothing was sent.
async fn answer_ticket(kernel: &Kernel, answer: &AnswerRow, ticket: i64, code: String) -> Result<bool, StoreError> {
    let now = kernel.now();
    let (head, who, mails) = (Letterhead::of(kernel), author(answer), kernel.config.mail.smtp.is_some());
    let (id, row, rule) = (answer.id, answer.clone(), HoldRule::of(&kernel.config.desk));
    let written = kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let change = Change::begin(tx, &code, None, who.actor.clone(), now).await?;
                change.require_active()?;
                rule.check(tx, ticket, &who, now).await?;
                let (channel, way) = own_way(tx, &change.ticket, mails).await?.ok_or(TicketError::NoAddress)?;
                if !store::settle(tx, id, ticket, ("sent", channel.as_str(), ""), now).await? {
                    return Ok(false);
                }
                let sheet = Some(row.sheet.clone()).filter(|s| !s.is_empty());
                let closing = Closing {
                    outcome: Outcome::from_text(&row.outcome).unwrap_or(Outcome::Answered),
                    sheet: Some(row.sheet.clone()),
                };
                let then = match Next::from_text(&row.next).unwrap_or(Next::Stay) {
                    Next::Stay => Then::Stay,
                    Next::Resolve => Then::Resolve(closing),
                    Next::Close => Then::Close(closing),
                };
                let reply = Reply { text: row.text.clone(), sheet, files: Vec::new(), way, then };
                let writer = Writer { user_id: who.user_id, takes: who.user_id, name: who.name, actor: who.actor };
                reply::reply_locked(tx, &head, change, &writer, reply).await?;
                Ok(true)
            })
        })
        .await;
    let refused = match written {
        Ok(sent) => return Ok(sent),
        // A colleague is writing to this citizen: their answer goes first, this one is tried again.
        Err(TicketError::HeldBy { .. }) => return Ok(false),
        Err(TicketError::Store(e)) => return Err(e),
        Err(e @ TicketError::NoAddress) => ("unreached", e.code()),
        Err(e) => ("refused", e.code()),
    };
    let (state, reason) = refused;
    kernel
        .db
        .write(move |tx| Box::pin(async move { store::settle(tx, id, ticket, (state, "", reason), now).await }))
        .await?;
    Ok(false)
}

/// Sends what waits whenever something was written, until the process stops.
pub async fn follow(kernel: Kernel) {
    while !kernel.stop.is_cancelled() {
        let woken = kernel.wake.next();
        match deliver(&kernel).await {
            Ok(0) => {}
            Ok(n) => tracing::info!(tickets.answered = n, "one answer went to {n} tickets"),
            Err(e) => tracing::warn!("an answer to many tickets was not sent to all yet: {e}"),
        }
        tokio::select! {
            () = kernel.stop.cancelled() => {}
            () = woken => tokio::time::sleep(Duration::from_millis(500)).await,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
    let released: Result<(), StoreError> = leases::release(&kernel.db, LEASE, &kernel.node).await;
    drop(released);
}
