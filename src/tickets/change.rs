//! The shape of every change: lock, check the version, alter, save, append the event, in one transaction.
use serde_json::{Map, Value, json};

use super::model::{State, Ticket};
use super::{TicketError, merging, store};
use crate::kernel::database::Tx;
use crate::kernel::events::{self, Actor, NewEvent};
use crate::kernel::time::Instant;

/// A ticket locked for a change, with what it was before.
#[derive(Debug)]
pub struct Change {
    /// The ticket; alter it, then [`Change::save`].
    pub ticket: Ticket,
    before: Ticket,
    actor: Actor,
    now: Instant,
}

impl Change {
    /// Locks a ticket by code and checks the version the change was made on, if it names one.
    ///
    /// # Errors
    /// [`TicketError::NotFound`], [`TicketError::Merged`] with the ticket that goes on in its place, or
    /// [`TicketError::Stale`] with what changed it meanwhile.
    pub async fn begin(
        tx: &mut Tx,
        code: &str,
        expected: Option<i64>,
        actor: Actor,
        now: Instant,
    ) -> Result<Self, TicketError> {
        let ticket = store::lock_by_code(tx, code).await?.ok_or(TicketError::NotFound)?;
        Self::on(tx, ticket, expected, actor, now).await
    }

    /// The same by row id.
    ///
    /// # Errors
    /// As [`Change::begin`].
    pub async fn begin_by_id(
        tx: &mut Tx,
        id: i64,
        expected: Option<i64>,
        actor: Actor,
        now: Instant,
    ) -> Result<Self, TicketError> {
        let ticket = store::lock_by_id(tx, id).await?.ok_or(TicketError::NotFound)?;
        Self::on(tx, ticket, expected, actor, now).await
    }

    /// Locks a ticket, or the one that goes on in its place if it was merged: for what comes from outside,
    /// where nobody can be asked.
    ///
    /// # Errors
    /// [`TicketError::NotFound`].
    pub async fn begin_live(tx: &mut Tx, id: i64, actor: Actor, now: Instant) -> Result<Self, TicketError> {
        let ticket = merging::lock_live(tx, id).await?.ok_or(TicketError::NotFound)?;
        Self::on(tx, ticket, None, actor, now).await
    }

    /// Locks a ticket that may be merged, to part it again.
    ///
    /// # Errors
    /// [`TicketError::NotFound`] or [`TicketError::Stale`].
    pub(super) async fn begin_merged(
        tx: &mut Tx,
        id: i64,
        expected: Option<i64>,
        actor: Actor,
        now: Instant,
    ) -> Result<Self, TicketError> {
        let ticket = store::lock_by_id(tx, id).await?.ok_or(TicketError::NotFound)?;
        Self::check(tx, ticket, expected, actor, now).await
    }

    async fn on(
        tx: &mut Tx,
        ticket: Ticket,
        expected: Option<i64>,
        actor: Actor,
        now: Instant,
    ) -> Result<Self, TicketError> {
        if let Some(into) = ticket.merged_into_id {
            return Err(TicketError::Merged { into: store::code_of(tx, into).await? });
        }
        Self::check(tx, ticket, expected, actor, now).await
    }

    async fn check(
        tx: &mut Tx,
        ticket: Ticket,
        expected: Option<i64>,
        actor: Actor,
        now: Instant,
    ) -> Result<Self, TicketError> {
        if let Some(version) = expected
            && version != ticket.version
        {
            let (changed_by, what) = store::last_change(tx, ticket.id).await?;
            return Err(TicketError::Stale { current: ticket.version, changed_by, what });
        }
        let before = ticket.clone();
        Ok(Self { ticket, before, actor, now })
    }

    /// The instant of the change.
    pub const fn now(&self) -> Instant {
        self.now
    }

    /// Who changes it.
    pub const fn actor(&self) -> &Actor {
        &self.actor
    }

    /// Refuses when work on the ticket is over.
    ///
    /// # Errors
    /// [`TicketError::Over`].
    pub const fn require_active(&self) -> Result<(), TicketError> {
        if self.ticket.state.is_over() { Err(TicketError::Over) } else { Ok(()) }
    }

    /// Moves the ticket to a state, if the rules allow it; staying is always allowed.
    ///
    /// # Errors
    /// [`TicketError::State`].
    pub fn become_state(&mut self, next: State) -> Result<(), TicketError> {
        let from = self.ticket.state;
        if from != next && !from.can_become(next) {
            return Err(TicketError::State { from, to: next });
        }
        self.ticket.state = next;
        Ok(())
    }

    /// Saves the ticket with its next version and appends the event. `data` adds what readers of this kind
    /// of event need; `from` and `to`, the facets by which queues count, are always there.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn save(mut self, tx: &mut Tx, kind: &'static str, data: Value) -> Result<Ticket, TicketError> {
        self.ticket.version += 1;
        self.ticket.touched_at = self.now;
        store::update(tx, &self.ticket).await?;
        let mut all = match data {
            Value::Object(map) => map,
            _ => Map::new(),
        };
        all.insert("from".into(), json!(self.before.facets()));
        all.insert("to".into(), json!(self.ticket.facets()));
        all.insert("code".into(), json!(self.ticket.code));
        all.insert("version".into(), json!(self.ticket.version));
        // Whoever learns from closings takes back what this one taught.
        if let Some(sheet) = self.before.closing_sheet_id
            && self.ticket.closing_sheet_id != Some(sheet)
        {
            all.insert("former_sheet".into(), json!(sheet));
        }
        let event = NewEvent { kind, ticket: Some(self.ticket.id), actor: self.actor, data: Value::Object(all) };
        events::append(tx, self.now, &[event]).await?;
        Ok(self.ticket)
    }
}
