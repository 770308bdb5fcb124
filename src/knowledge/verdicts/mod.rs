//! What agents say of a sheet while they answer with it, by one key: it was useful, or it is wrong or out of date.
//! The latter is work for the unit that answers for the sheet: it stands in the list of reported sheets, the unit
//! gets one mail, and the next version, or somebody's word that all is well, settles it.
//!
//! Use cases: [`say`], [`settle`], [`of_sheet`].
pub mod api;
mod pages;
pub mod store;

use crate::kernel::Kernel;
use crate::kernel::database::StoreError;
use crate::kernel::events::{self, NewEvent};
use crate::kernel::language::Language;
use crate::kernel::names::stored_enum;
use crate::kernel::permissions::{Forbidden, Permission, Principal};
use crate::kernel::time::Instant;
use crate::knowledge::feedback::model::{NewFeedback, Source};
use crate::knowledge::feedback::store as feedback_store;
use crate::knowledge::model::SheetCode;
use crate::knowledge::sheets::SheetError;
use crate::knowledge::store as sheet_store;
use crate::knowledge::versions::reminders::Notices;
use crate::knowledge::versions::store::{self as version_store, NewStep};
use crate::knowledge::versions::{StepKind, rules};

pub(super) use pages::routes;

stored_enum! {
    /// What an agent says of a sheet.
    Verdict {
        Useful = "useful",
        /// Wrong or out of date: somebody must read it again.
        OutOfDate = "out_of_date",
    }
}

/// Longest remark, in characters: one line.
const REMARK: usize = 300;

/// What the keys beside a sheet speak of, in templates.
#[derive(Debug, Clone, Copy)]
pub struct Judged<'a> {
    pub code: &'a str,
    /// The version that is shown.
    pub version: i64,
    /// The language it is shown in.
    pub lang: &'a str,
    /// Code of the ticket that is being answered; empty without one.
    pub ticket: &'a str,
    /// Whether the keyboard's letters are for this one.
    pub keys: bool,
    /// Whether the words stand behind the icons.
    pub compact: bool,
}

/// A verdict about to be kept.
#[derive(Debug, Clone)]
pub struct Said {
    pub code: SheetCode,
    /// The version that was read.
    pub version: i64,
    pub language: Language,
    pub verdict: Verdict,
    /// One line; may be empty.
    pub remark: String,
    /// Code of the ticket that was being answered; empty without one.
    pub ticket: String,
}

/// Keeps what an agent says of a sheet. The same agent, sheet, version and ticket have one verdict: said again it
/// takes the place of the one before. Of the first report since the sheet was last settled its unit and its referent
/// get a mail. Told by `sheet.judged`.
///
/// # Errors
/// When there is no such sheet or version, the remark is too long, or the caller is no agent.
pub async fn say(kernel: &Kernel, who: &Principal, said: Said) -> Result<(), SheetError> {
    who.require(Permission::WorkTickets)?;
    let user = who.user_id.ok_or(Forbidden)?;
    let remark = said.remark.split_whitespace().collect::<Vec<_>>().join(" ");
    if remark.chars().count() > REMARK {
        return Err(SheetError::invalid("remark", "too_long"));
    }
    let (now, who, notice) = (kernel.now(), who.clone(), Notices::of(kernel));
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let sheet = sheet_store::sheet(tx, said.code.as_str()).await?.filter(|s| s.is_in_use());
                let sheet = sheet.ok_or(SheetError::Missing)?;
                if !(1..=sheet.version).contains(&said.version) {
                    return Err(SheetError::invalid("version", "unknown"));
                }
                let ticket = store::ticket_id(tx, &said.ticket).await?;
                let new = NewFeedback {
                    sheet: sheet.id,
                    version: said.version,
                    language: said.language,
                    source: Source::Agent,
                    rate: None,
                    reason: said.verdict.as_str(),
                    comment: remark,
                    user: Some(user),
                    ticket,
                    at: now,
                };
                let reported = store::open_reports(tx, sheet.id).await?;
                if let Some(earlier) = store::earlier(tx, &new).await? {
                    store::take_back(tx, &earlier).await?;
                }
                feedback_store::add(tx, &new).await?;
                if said.verdict == Verdict::OutOfDate && reported == 0 {
                    let title = sheet.original().map(|t| t.title.clone()).unwrap_or_default();
                    notice.reported(tx, (sheet.id, &sheet.code, &title), &new.comment, now).await?;
                    let actor = who.actor.to_text();
                    let step = NewStep { at: now, actor: &actor, version: None, note: &new.comment };
                    version_store::add_step(tx, sheet.id, StepKind::Reported, &step).await?;
                }
                let data = serde_json::json!({
                    "sheet": sheet.id, "code": sheet.code, "version": said.version, "verdict": said.verdict.as_str(),
                });
                let event = NewEvent { kind: "sheet.judged", ticket: None, actor: who.actor, data };
                events::append(tx, now, &[event]).await?;
                Ok(())
            })
        })
        .await
}

/// Says that the reports on a sheet were looked at and it holds; answers how many there were.
///
/// # Errors
/// When there is no such sheet, or the caller may not write it.
pub async fn settle(kernel: &Kernel, who: &Principal, code: &SheetCode) -> Result<u64, SheetError> {
    let (now, who, code) = (kernel.now(), who.clone(), code.clone());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let sheet = sheet_store::sheet(tx, code.as_str()).await?.ok_or(SheetError::Missing)?;
                if !rules::may_draft(&who, sheet.unit) {
                    return Err(Forbidden.into());
                }
                let settled = store::settle(tx, sheet.id, who.user_id, now).await?;
                if settled > 0 {
                    let actor = who.actor.to_text();
                    let step = NewStep { at: now, actor: &actor, version: None, note: "" };
                    version_store::add_step(tx, sheet.id, StepKind::Settled, &step).await?;
                }
                Ok(settled)
            })
        })
        .await
}

/// What agents said of a sheet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verdicts {
    /// How often, over all versions.
    pub useful: i64,
    pub out_of_date: i64,
    /// The reports that nobody settled, the latest first.
    pub open: Vec<Report>,
}

/// A report that a sheet is wrong or out of date.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Report {
    pub at: Instant,
    /// The version that was read.
    pub version: i64,
    pub remark: String,
    /// Name of the agent.
    pub who: String,
}

/// What agents said of a sheet, for whoever looks after it.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_sheet(kernel: &Kernel, sheet: i64) -> Result<Verdicts, StoreError> {
    let mut conn = kernel.db.read().await?;
    let counts = store::counts(&mut conn, sheet).await?;
    let n = |verdict: Verdict| counts.iter().filter(|(said, _)| said == verdict.as_str()).map(|(_, n)| *n).sum();
    Ok(Verdicts {
        useful: n(Verdict::Useful),
        out_of_date: n(Verdict::OutOfDate),
        open: store::reports(&mut conn, sheet).await?,
    })
}
