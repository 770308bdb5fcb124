//! Bringing sheets in: everything is checked first, then all of it is written in one transaction, or nothing.
use std::collections::HashMap;

use jiff::tz::TimeZone;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Entry, LineFault, Wrong};
use crate::kernel::Kernel;
use crate::kernel::blobs::BlobError;
use crate::kernel::database::{StoreError, Tx};
use crate::kernel::names::stored_enum;
use crate::kernel::permissions::{Forbidden, Permission, Principal};
use crate::kernel::problem::{Kind, Refusal};
use crate::kernel::time::Instant;
use crate::knowledge::model::SheetDraft;
use crate::knowledge::sheets::SheetError;
use crate::knowledge::store as sheet_store;
use crate::knowledge::versions::draft::{self, Basis};
use crate::knowledge::versions::publish::{Publication, put};
use crate::knowledge::versions::{rules, store};

/// Most sheets of one import.
pub const MOST: usize = 5_000;
/// Most faults that are told.
const TOLD: usize = 200;

stored_enum! {
    /// What becomes of imported sheets.
    #[derive(Default)]
    Into {
        /// Drafts, to be submitted and validated.
        #[default]
        Drafts = "drafts",
        /// They are in force at once; only those for which the caller validates.
        Published = "published",
    }
}

/// Whether an import is only tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Run {
    Dry,
    Real,
}

/// What an import did, or would do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Report {
    pub created: u64,
    pub changed: u64,
    /// As they are in force already: left alone.
    pub unchanged: u64,
    /// Whether it was written.
    pub done: bool,
    /// What is wrong; with anything here nothing was written.
    pub faults: Vec<LineFault>,
}

/// Why an import was not even tried.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error("more than {MOST} sheets at once")]
    TooMany,
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("blobs: {0}")]
    Blobs(#[from] BlobError),
    #[error("{0}")]
    Sheet(SheetError),
    /// Not an error of the caller: takes back what was written to try it.
    #[error("taken back")]
    TakenBack(Box<Report>),
}

impl Refusal for ImportError {
    fn kind(&self) -> Kind {
        match self {
            Self::TooMany => Kind::TooLarge,
            Self::Forbidden(e) => e.kind(),
            Self::Store(e) => e.kind(),
            Self::Blobs(e) => e.kind(),
            Self::Sheet(_) | Self::TakenBack(_) => Kind::Internal,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::TooMany => "too_many_sheets",
            Self::Forbidden(e) => e.code(),
            Self::Store(e) => e.code(),
            Self::Blobs(e) => e.code(),
            Self::Sheet(_) | Self::TakenBack(_) => "internal",
        }
    }
}

/// Imports sheets, or says what an import would do.
///
/// # Errors
/// See [`ImportError`]; what is wrong with single sheets is in the report.
pub async fn import(
    kernel: &Kernel,
    who: &Principal,
    entries: Vec<Entry>,
    into: Into,
    run: Run,
) -> Result<Report, ImportError> {
    who.require(Permission::EditKnowledge)?;
    if entries.len() > MOST {
        return Err(ImportError::TooMany);
    }
    let mut report = Report::default();
    let mut sheets: Vec<(String, usize, SheetDraft)> = Vec::new();
    let mut seen: HashMap<String, usize> = HashMap::new();
    for Entry { file, line, content, forms } in entries {
        let mut tell = |code: &str, fault: Wrong| {
            let LineFault { file, line, .. } = place(&file, line);
            report.faults.push(LineFault { file, line, code: code.to_owned(), field: fault.field, wrong: fault.wrong });
        };
        match content {
            Err(fault) => tell("", fault),
            Ok(content) => {
                let code = content.code.as_str().to_owned();
                if seen.insert(code.clone(), line).is_some() {
                    tell(&code, Wrong { field: "code".to_owned(), wrong: "twice".to_owned() });
                    continue;
                }
                for form in &content.details.forms {
                    if let Some(bytes) = forms.get(form) {
                        // A trial leaves nothing behind.
                        if run == Run::Real {
                            kernel.blobs.put(bytes.clone()).await?;
                        }
                        continue;
                    }
                    match kernel.blobs.get(&form.blob).await {
                        Ok(_) => {}
                        Err(e) if e.kind() == Kind::NotFound => {
                            tell(&code, Wrong { field: "forms".to_owned(), wrong: "unknown".to_owned() });
                        }
                        Err(e) => return Err(e.into()),
                    }
                }
                sheets.push((file, line, *content));
            }
        }
    }
    let (at, who) = ((kernel.now(), kernel.config.zone()), who.clone());
    let written = kernel.db.write(move |tx| {
        Box::pin(async move {
            for (file, line, content) in sheets {
                let code = content.code.as_str().to_owned();
                let tell = |field: &str, wrong: &str| LineFault {
                    code: code.clone(),
                    field: field.to_owned(),
                    wrong: wrong.to_owned(),
                    ..place(&file, line)
                };
                match one(tx, &who, content, into, at.clone()).await {
                    Ok(Wrote::Created) => report.created += 1,
                    Ok(Wrote::Changed) => report.changed += 1,
                    Ok(Wrote::Nothing) => report.unchanged += 1,
                    Err(SheetError::Invalid(faults)) => {
                        report.faults.extend(faults.iter().map(|(field, wrong)| tell(field, wrong)));
                    }
                    Err(SheetError::Forbidden(_)) => report.faults.push(tell("unit", "forbidden")),
                    Err(SheetError::Store(e)) => return Err(ImportError::Store(e)),
                    Err(e) => return Err(ImportError::Sheet(e)),
                }
            }
            report.faults.truncate(TOLD);
            if run == Run::Dry || !report.faults.is_empty() {
                return Err(ImportError::TakenBack(Box::new(report)));
            }
            report.done = true;
            Ok(report)
        })
    });
    match written.await {
        Err(ImportError::TakenBack(report)) => Ok(*report),
        other => other,
    }
}

fn place(file: &str, line: usize) -> LineFault {
    LineFault { file: file.to_owned(), line, code: String::new(), field: String::new(), wrong: String::new() }
}

enum Wrote {
    Created,
    Changed,
    Nothing,
}

async fn one(
    tx: &mut Tx,
    who: &Principal,
    content: SheetDraft,
    into: Into,
    (now, zone): (Instant, TimeZone),
) -> Result<Wrote, SheetError> {
    let present = sheet_store::sheet(tx, content.code.as_str()).await?;
    let is_new = present.as_ref().is_none_or(|s| s.version == 0);
    if let Some(sheet) = present.as_ref().filter(|s| s.is_in_use()) {
        let mut as_is = store::content(tx, sheet).await?;
        // A file without numbers leaves them as they are.
        as_is.number = as_is.number.filter(|_| content.number.is_some());
        if as_is == content {
            return Ok(Wrote::Nothing);
        }
    }
    match into {
        Into::Drafts => {
            draft::save_in(tx, who, content, String::new(), Basis::Any, (now, zone)).await?;
        }
        Into::Published => {
            let unit = match (&present, &content.unit) {
                (Some(sheet), _) => sheet.unit,
                (None, Some(slug)) => sheet_store::unit_id(tx, slug).await?,
                (None, None) => None,
            };
            if !rules::may_validate(who, unit) {
                return Err(Forbidden.into());
            }
            let author = who.actor.to_text();
            let validator = who.actor.clone();
            put(tx, Publication { content, author, validator, why: String::new(), now, zone }).await?;
        }
    }
    Ok(if is_new { Wrote::Created } else { Wrote::Changed })
}
