//! Writing the next version of a sheet: saving, dropping, beginning again from an older version.
use jiff::tz::TimeZone;
use serde_json::json;

use super::publish::{resolve, row_of};
use super::store::{self, Locked, NewStep};
use super::{Draft, DraftState, StepKind, rules};
use crate::kernel::Kernel;
use crate::kernel::database::Tx;
use crate::kernel::events::{self, Actor, NewEvent};
use crate::kernel::permissions::{Forbidden, Principal};
use crate::kernel::time::Instant;
use crate::knowledge::model::{PLACEHOLDER, SheetCode, SheetDraft};
use crate::knowledge::sheets::SheetError;
use crate::knowledge::store as sheet_store;

/// On which state of a sheet a draft was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// Nothing with this code may be there.
    New,
    /// This revision of the draft, 0 for none, over this version of the sheet.
    On { revision: i64, version: i64 },
    /// Whatever is there.
    Any,
}

/// Longest reason or note, in characters.
pub(super) const NOTE: usize = 2_000;

/// Saves the next version of a sheet. What is missing may be missing still; it goes back to being a draft
/// wherever it stood. Told by `sheet.drafted`.
///
/// # Errors
/// When the caller may not write for this unit, somebody changed it meanwhile, or a value cannot be kept.
pub async fn save(
    kernel: &Kernel,
    who: &Principal,
    content: SheetDraft,
    why: String,
    basis: Basis,
) -> Result<Draft, SheetError> {
    let (at, who) = ((kernel.now(), kernel.config.zone()), who.clone());
    kernel.db.write(move |tx| Box::pin(async move { save_in(tx, &who, content, why, basis, at).await })).await
}

/// The same inside a larger change; `at` is the instant and the zone of days.
pub(crate) async fn save_in(
    tx: &mut Tx,
    who: &Principal,
    content: SheetDraft,
    why: String,
    basis: Basis,
    (now, zone): (Instant, TimeZone),
) -> Result<Draft, SheetError> {
    let mut faults = content.faults();
    // The title alone must be there, because lists show it.
    faults.retain(|(field, wrong)| match wrong.as_str() {
        "required" => field.ends_with("_title") || field.ends_with("_name"),
        wrong => wrong != PLACEHOLDER,
    });
    if why.chars().count() > NOTE {
        faults.push(("why".to_owned(), "too_long".to_owned()));
    }
    if !faults.is_empty() {
        return Err(SheetError::Invalid(faults));
    }
    let ids = resolve(tx, &content, now, &zone).await?;
    let current = store::lock(tx, content.code.as_str()).await?;
    let standing = match &current {
        Some(row) => store::draft(tx, row.id).await?,
        None => None,
    };
    check(basis, current.as_ref(), standing.as_ref())?;
    let present_unit = current.as_ref().map_or(ids.unit, |row| row.unit_id);
    if !rules::may_draft(who, present_unit) || !rules::may_draft(who, ids.unit) {
        return Err(Forbidden.into());
    }
    let row = row_of(tx, current, &content, ids, now).await?;
    store::follow_draft(tx, row.id, &content, ids).await?;
    let draft = Draft {
        sheet: row.id,
        revision: standing.as_ref().map_or(0, |d| d.revision) + 1,
        state: DraftState::Draft,
        content,
        author: who.actor.to_text(),
        why,
        based_on: row.version,
        updated_at: now,
        // The reason stays until it is submitted again: the writer works on it.
        reason: standing.map(|d| d.reason).unwrap_or_default(),
        publish_at: None,
    };
    store::put_draft(tx, &draft).await?;
    tell(tx, &draft, StepKind::Drafted, who.actor.clone(), &draft.why, now).await?;
    Ok(draft)
}

fn check(basis: Basis, row: Option<&Locked>, standing: Option<&Draft>) -> Result<(), SheetError> {
    let (revision, version) = (standing.map_or(0, |d| d.revision), row.map_or(0, |r| r.version));
    match (basis, row) {
        (Basis::Any, _) | (Basis::New, None) => Ok(()),
        (Basis::New, Some(_)) => Err(SheetError::invalid("code", "taken")),
        (Basis::On { .. }, None) => Err(SheetError::Missing),
        (Basis::On { revision: seen, .. }, Some(_)) if seen != revision => Err(SheetError::Stale(revision)),
        (Basis::On { version: seen, .. }, Some(_)) if seen != version => Err(SheetError::Stale(revision)),
        (Basis::On { .. }, Some(_)) => Ok(()),
    }
}

/// Drops the draft of a sheet; a sheet that never was published goes with it. Told by `sheet.discarded`.
///
/// # Errors
/// When there is none, or it is neither the caller's own nor of a unit the caller validates for.
pub async fn discard(kernel: &Kernel, who: &Principal, code: &SheetCode) -> Result<(), SheetError> {
    let (now, who, code) = (kernel.now(), who.clone(), code.clone());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let (row, draft) = locked(tx, &code).await?;
                if draft.author != who.actor.to_text() && !rules::may_validate(&who, row.unit_id) {
                    return Err(Forbidden.into());
                }
                store::delete_draft(tx, row.id).await?;
                tell(tx, &draft, StepKind::Discarded, who.actor, "", now).await?;
                if row.version == 0 {
                    store::forget_sheet(tx, row.id).await?;
                }
                Ok(())
            })
        })
        .await
}

/// Begins a draft with the content of an older version. It replaces the draft there is.
///
/// # Errors
/// As [`save`]; [`SheetError::Missing`] when there is no such version.
pub async fn restore(
    kernel: &Kernel,
    who: &Principal,
    code: &SheetCode,
    version: i64,
    why: String,
) -> Result<Draft, SheetError> {
    let mut conn = kernel.db.read().await?;
    let sheet = sheet_store::sheet(&mut conn, code.as_str()).await?.ok_or(SheetError::Missing)?;
    let old = store::version(&mut conn, sheet.id, version).await?.ok_or(SheetError::Missing)?;
    drop(conn);
    save(kernel, who, old.content, why, Basis::Any).await
}

/// A sheet with its draft, locked.
pub(super) async fn locked(tx: &mut Tx, code: &SheetCode) -> Result<(Locked, Draft), SheetError> {
    let row = store::lock(tx, code.as_str()).await?.ok_or(SheetError::Missing)?;
    let draft = store::draft(tx, row.id).await?.ok_or(SheetError::NoDraft)?;
    Ok((row, draft))
}

/// Writes a step of a draft into the sheet's history and into the feed.
pub(super) async fn tell(
    tx: &mut Tx,
    draft: &Draft,
    step: StepKind,
    actor: Actor,
    note: &str,
    now: Instant,
) -> Result<(), SheetError> {
    let name = actor.to_text();
    store::add_step(tx, draft.sheet, step, &NewStep { at: now, actor: &name, version: None, note }).await?;
    let kind = match step {
        StepKind::Drafted => "sheet.drafted",
        StepKind::Submitted => "sheet.submitted",
        StepKind::Returned => "sheet.returned",
        StepKind::Scheduled => "sheet.scheduled",
        StepKind::Discarded => "sheet.discarded",
        StepKind::Published => "sheet.saved",
        StepKind::Retired => "sheet.retired",
        StepKind::Reminded => "sheet.reminded",
        StepKind::Reported => "sheet.reported",
        StepKind::Settled => "sheet.settled",
    };
    let data = json!({ "sheet": draft.sheet, "code": draft.content.code.as_str(), "revision": draft.revision });
    events::append(tx, now, &[NewEvent { kind, ticket: None, actor, data }]).await?;
    Ok(())
}
