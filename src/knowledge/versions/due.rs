//! What the clock brings, as work of one node at a time: drafts come into force on their day, sheets go out of
//! use after their last, and whoever answers for a sheet is reminded to read it again.
use std::time::Duration;

use jiff::SignedDuration;

use super::draft::locked;
use super::publish::{Publication, put};
use super::reminders::Notices;
use super::store::{self, NewStep};
use super::{Draft, DraftState, StepKind};
use crate::kernel::Kernel;
use crate::kernel::events::Actor;
use crate::kernel::language::Language;
use crate::kernel::leases;
use crate::knowledge::editing::fault_in;
use crate::knowledge::model::{Sheet, SheetCode};
use crate::knowledge::sheets::{self, SheetError};
use crate::knowledge::store as sheet_store;

const EVERY: Duration = Duration::from_secs(60);
const LEASE: &str = "knowledge-due";
const LEASED: SignedDuration = SignedDuration::from_mins(5);
/// Sheets looked up at once.
const BATCH: i64 = 100;

/// What [`run`] did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Done {
    pub published: u64,
    /// Scheduled drafts that could not come into force and went back to their writers.
    pub refused: u64,
    pub withdrawn: u64,
    pub reminded: u64,
}

/// Publishes, withdraws and reminds of what is due now.
///
/// # Errors
/// When the database refuses; what was done so far stays done.
pub async fn run(kernel: &Kernel) -> Result<Done, SheetError> {
    let now = kernel.now();
    let today = now.day(&kernel.config.zone());
    let mut conn = kernel.db.read().await?;
    let publish = store::due_to_publish(&mut conn, now, BATCH).await?;
    let withdraw = store::due_to_withdraw(&mut conn, now, BATCH).await?;
    let review = store::due_to_review(&mut conn, &today, BATCH).await?;
    let review = sheet_store::sheets(&mut conn, &review).await?;
    drop(conn);
    let mut done = Done::default();
    let nothing = publish.is_empty() && withdraw.is_empty() && review.is_empty();
    if nothing || !leases::hold(&kernel.db, LEASE, &kernel.node, now, LEASED).await? {
        return Ok(done);
    }
    for code in publish.iter().filter_map(|code| SheetCode::parse(code)) {
        match publish_one(kernel, &code).await? {
            Some(true) => done.published += 1,
            Some(false) => done.refused += 1,
            None => {}
        }
    }
    for code in withdraw.iter().filter_map(|code| SheetCode::parse(code)) {
        match sheets::retire(kernel, Actor::System, &code).await {
            Ok(()) => done.withdrawn += 1,
            Err(SheetError::Missing) => {}
            Err(e) => return Err(e),
        }
    }
    for sheet in &review {
        done.reminded += u64::from(remind(kernel, sheet).await?);
    }
    Ok(done)
}

/// Puts a scheduled draft into force; one that cannot be goes back to its writer with the reason. `None`
/// when it is not scheduled any more.
async fn publish_one(kernel: &Kernel, code: &SheetCode) -> Result<Option<bool>, SheetError> {
    let (now, zone, code) = (kernel.now(), kernel.config.zone(), code.clone());
    let tried = {
        let code = code.clone();
        kernel.db.write(move |tx| {
            Box::pin(async move {
                let (row, draft) = locked(tx, &code).await?;
                if draft.state != DraftState::Scheduled || draft.publish_at.is_none_or(|at| at > now) {
                    return Ok(None);
                }
                let validator = Actor::from_text(&store::validator(tx, row.id).await?);
                let Draft { content, author, why, .. } = draft;
                put(tx, Publication { content, author, validator, why, now, zone }).await.map(Some)
            })
        })
    };
    let faults = match tried.await {
        Ok(None) | Err(SheetError::NoDraft) => return Ok(None),
        Ok(Some(_)) => return Ok(Some(true)),
        Err(SheetError::Invalid(faults)) => faults,
        Err(e) => return Err(e),
    };
    let language = Language::from_tag(&kernel.config.desk.language).unwrap_or(Language::Italian);
    let reason = faults.iter().map(|(field, wrong)| fault_in(language, field, wrong)).collect::<Vec<_>>().join("; ");
    let notice = Notices::of(kernel);
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let (_, mut draft) = locked(tx, &code).await?;
                draft.state = DraftState::Returned;
                draft.publish_at = None;
                draft.revision += 1;
                draft.reason = reason;
                store::put_draft(tx, &draft).await?;
                super::draft::tell(tx, &draft, StepKind::Returned, Actor::System, &draft.reason, now).await?;
                notice.returned(tx, &draft, now).await?;
                Ok(Some(false))
            })
        })
        .await
}

/// Reminds of one sheet's review day, once.
async fn remind(kernel: &Kernel, sheet: &Sheet) -> Result<bool, SheetError> {
    let Some(day) = sheet.details.review_on else { return Ok(false) };
    let (now, notice) = (kernel.now(), Notices::of(kernel));
    let (id, code) = (sheet.id, sheet.code.clone());
    let title = sheet.original().map(|t| t.title.clone()).unwrap_or_default();
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let text = day.to_string();
                if !store::mark_reminded(tx, id, &text).await? {
                    return Ok(false);
                }
                notice.review(tx, (id, &code, &title), day, now).await?;
                let actor = Actor::System.to_text();
                let step = NewStep { at: now, actor: &actor, version: None, note: &text };
                store::add_step(tx, id, StepKind::Reminded, &step).await?;
                Ok(true)
            })
        })
        .await
}

/// Does what is due, now and then, until the process stops.
pub async fn follow(kernel: Kernel) {
    while !kernel.stop.is_cancelled() {
        match run(&kernel).await {
            Ok(Done { published: 0, refused: 0, withdrawn: 0, reminded: 0 }) => {}
            Ok(done) => tracing::info!(
                sheets.published = done.published,
                sheets.refused = done.refused,
                sheets.withdrawn = done.withdrawn,
                sheets.reminded = done.reminded,
                "did what was due on sheets"
            ),
            Err(e) => tracing::warn!("what is due on sheets was not done: {e}"),
        }
        tokio::select! {
            () = kernel.stop.cancelled() => {}
            () = tokio::time::sleep(EVERY) => {}
        }
    }
    drop(leases::release(&kernel.db, LEASE, &kernel.node).await);
}
