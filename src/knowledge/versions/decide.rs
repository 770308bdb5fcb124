//! From draft to version: submitting, publishing at once or on a day, sending back with a reason.
use jiff::civil::Date;

use super::draft::{NOTE, locked, tell};
use super::publish::{Publication, put, start_of};
use super::store;
use super::{Draft, DraftState, StepKind, reminders, rules};
use crate::kernel::Kernel;
use crate::kernel::permissions::{Forbidden, Principal};
use crate::knowledge::model::SheetCode;
use crate::knowledge::sheets::{Saved, SheetError};

/// Asks the unit that answers for a sheet to publish its draft, and tells that unit by mail. Told by
/// `sheet.submitted`.
///
/// # Errors
/// When the draft is incomplete, changed meanwhile or not the caller's to write.
pub async fn submit(kernel: &Kernel, who: &Principal, code: &SheetCode, revision: i64) -> Result<Draft, SheetError> {
    let (now, who, code, notice) = (kernel.now(), who.clone(), code.clone(), reminders::Notices::of(kernel));
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let (row, mut draft) = locked(tx, &code).await?;
                if draft.revision != revision {
                    return Err(SheetError::Stale(draft.revision));
                }
                if !rules::may_draft(&who, row.unit_id) {
                    return Err(Forbidden.into());
                }
                match draft.state {
                    DraftState::Draft | DraftState::Returned => {}
                    DraftState::Submitted | DraftState::Scheduled => return Err(SheetError::WrongState(draft.state)),
                }
                let faults = draft.content.faults();
                if !faults.is_empty() {
                    return Err(SheetError::Invalid(faults));
                }
                draft.state = DraftState::Submitted;
                draft.revision += 1;
                draft.updated_at = now;
                draft.reason.clear();
                store::put_draft(tx, &draft).await?;
                tell(tx, &draft, StepKind::Submitted, who.actor.clone(), &draft.why, now).await?;
                notice.to_validate(tx, row.unit_id, &draft, now).await?;
                Ok(draft)
            })
        })
        .await
}

/// What became of an approved draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Approved {
    /// It is in force.
    Published(Saved),
    /// It comes into force at the beginning of a day.
    Scheduled(Date),
}

/// Publishes the draft of a sheet, or settles that it comes into force on a later day.
///
/// # Errors
/// When the caller does not validate for the unit, or the draft is incomplete or changed meanwhile.
pub async fn approve(
    kernel: &Kernel,
    who: &Principal,
    code: &SheetCode,
    revision: i64,
    on: Option<Date>,
) -> Result<Approved, SheetError> {
    let (now, zone, who, code) = (kernel.now(), kernel.config.zone(), who.clone(), code.clone());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let (row, mut draft) = locked(tx, &code).await?;
                if draft.revision != revision {
                    return Err(SheetError::Stale(draft.revision));
                }
                if !rules::may_validate(&who, row.unit_id) {
                    return Err(Forbidden.into());
                }
                let later = on.filter(|day| *day > now.zoned(&zone).date());
                let Some(day) = later else {
                    let publication = Publication {
                        content: draft.content,
                        author: draft.author,
                        validator: who.actor,
                        why: draft.why,
                        now,
                        zone,
                    };
                    return Ok(Approved::Published(put(tx, publication).await?));
                };
                let faults = draft.content.faults();
                if !faults.is_empty() {
                    return Err(SheetError::Invalid(faults));
                }
                draft.publish_at = start_of(day, &zone);
                draft.state = DraftState::Scheduled;
                draft.revision += 1;
                draft.updated_at = now;
                store::put_draft(tx, &draft).await?;
                store::set_validator(tx, draft.sheet, &who.actor.to_text()).await?;
                tell(tx, &draft, StepKind::Scheduled, who.actor, &day.to_string(), now).await?;
                Ok(Approved::Scheduled(day))
            })
        })
        .await
}

/// Sends a submitted draft back to whoever wrote it, with a reason that they get by mail. Told by
/// `sheet.returned`.
///
/// # Errors
/// When the caller does not validate for the unit, gives no reason, or the draft is not submitted.
pub async fn send_back(
    kernel: &Kernel,
    who: &Principal,
    code: &SheetCode,
    revision: i64,
    reason: &str,
) -> Result<Draft, SheetError> {
    let reason = reason.trim().to_owned();
    if reason.is_empty() {
        return Err(SheetError::invalid("reason", "required"));
    }
    if reason.chars().count() > NOTE {
        return Err(SheetError::invalid("reason", "too_long"));
    }
    let (now, who, code, notice) = (kernel.now(), who.clone(), code.clone(), reminders::Notices::of(kernel));
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let (row, mut draft) = locked(tx, &code).await?;
                if draft.revision != revision {
                    return Err(SheetError::Stale(draft.revision));
                }
                if !rules::may_validate(&who, row.unit_id) {
                    return Err(Forbidden.into());
                }
                match draft.state {
                    DraftState::Submitted | DraftState::Scheduled => {}
                    DraftState::Draft | DraftState::Returned => return Err(SheetError::WrongState(draft.state)),
                }
                draft.state = DraftState::Returned;
                draft.revision += 1;
                draft.updated_at = now;
                draft.publish_at = None;
                draft.reason = reason;
                store::put_draft(tx, &draft).await?;
                tell(tx, &draft, StepKind::Returned, who.actor, &draft.reason, now).await?;
                notice.returned(tx, &draft, now).await?;
                Ok(draft)
            })
        })
        .await
}
