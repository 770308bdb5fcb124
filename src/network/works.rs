//! Works: the unit says for which day they are planned and when they are done, and the citizen is told each time (004-24).
//! The notice has the day and nothing that the unit wrote. Works that are done answer a leg that waits.
use serde_json::json;

use super::answer::{act, event_data, lock, page_contact, wake};
use super::door::{Door, Entered};
use super::model::{Leg, LegAct};
use super::{LegError, store};
use crate::kernel::Kernel;
use crate::kernel::time::Instant;
use crate::tickets::change::Change;
use crate::tickets::store::StoredFile;
use crate::tickets::tell::{Office, tell_of};
use crate::tickets::{Ticket, store as ticket_store};

/// What a unit says of its works.
#[derive(Debug, Clone)]
pub struct Works {
    /// For the front office; may be empty.
    pub text: String,
    /// Who signs it; may be empty.
    pub signed: String,
    pub files: Vec<StoredFile>,
    /// Names one sending of the form; may be empty.
    pub key: String,
    pub stage: Stage,
}

/// How far works are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// They are planned for the day of this instant.
    Planned(Instant),
    Done,
}

/// Tells how far works are.
///
/// # Errors
/// [`LegError::NotFound`] for a wrong or expired link and for legs that the caller may not see,
/// [`LegError::Withdrawn`], [`LegError::Over`] for a refused leg, [`LegError::NotItsPart`] for a leg for knowledge, or a
/// day in the past.
pub async fn tell_works(kernel: &Kernel, door: &Door, works: Works) -> Result<(Ticket, Leg), LegError> {
    let zone = kernel.config.zone();
    let now = kernel.now();
    if let Stage::Planned(at) = works.stage
        && at.day(&zone) < now.day(&zone)
    {
        return Err(LegError::Invalid { field: "planned", wrong: "past" });
    }
    let (door, office) = (door.clone(), Office::of(kernel));
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let Entered { leg, author, actor, name, .. } = door.enter(tx, now).await?;
                let (mut change, mut leg) = lock(tx, leg.id, actor.clone(), now).await?;
                if !leg.kind.is_decisive() {
                    return Err(LegError::NotItsPart);
                }
                let contact = page_contact(&leg, author, &actor, &works.signed, &works.text, &works.key, now);
                let contact = if works.text.trim().is_empty() && works.files.is_empty() {
                    None
                } else {
                    let Some(id) = ticket_store::insert_contact(tx, &contact).await? else {
                        return Ok((change.ticket, leg));
                    };
                    ticket_store::insert_attachments(tx, id, &works.files).await?;
                    Some(id)
                };
                let was_open = leg.state.is_open();
                let (event, what, day) = match works.stage {
                    Stage::Planned(at) => {
                        act(&mut change, &mut leg, LegAct::PlanWorks)?;
                        leg.works_planned_at = Some(at);
                        if leg.accepted_at.is_none() {
                            leg.accepted_at = Some(now);
                            leg.accepted_by = if works.signed.trim().is_empty() { name } else { works.signed };
                        }
                        ("leg.works_announced", "works-planned", at)
                    }
                    Stage::Done if leg.works_done_at.is_some() => return Ok((change.ticket, leg)),
                    Stage::Done => {
                        act(&mut change, &mut leg, LegAct::FinishWorks)?;
                        leg.works_done_at = Some(now);
                        if was_open {
                            leg.answered_at = Some(now);
                            leg.answer = works.text.trim().to_owned();
                        }
                        ("leg.works_done", "works-done", now)
                    }
                };
                store::update_leg(tx, &leg).await?;
                let late = was_open && !leg.state.is_open() && wake(&mut change)?;
                let mut data = event_data(&leg, contact, late, &change);
                data["planned"] = json!(leg.works_planned_at);
                // Readers of answers need not know that works can be one.
                data["answers"] = json!(was_open && !leg.state.is_open());
                let ticket = change.save(tx, event, data).await?;
                let change = Change::begin_by_id(tx, ticket.id, None, actor, now).await?;
                let day = [("date", day.zoned(&zone).strftime("%d/%m/%Y").to_string())];
                let (ticket, _) = tell_of(tx, change, &office, None, what, &day).await?;
                Ok((ticket, leg))
            })
        })
        .await
}
