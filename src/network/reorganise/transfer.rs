//! The organisation in and out as a table: tried first, then written whole or not at all.
use super::super::LegError;
use super::carry_out;
use crate::kernel::Kernel;
use crate::kernel::database::StoreError;
use crate::kernel::permissions::{Permission, Principal};
use crate::organisation::OrganisationError;
use crate::organisation::transfer::{Fault, Import, Report, compare, current, read, to_csv, write};

/// Most lines of a table.
pub const MOST: usize = 20_000;
/// Most faults that are told at once.
const TOLD: usize = 500;

/// Whether an import is only tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Run {
    /// Everything is taken back after it was tried.
    Dry,
    Real,
}

/// Takes back what was written to try it.
enum Undone {
    Report(Box<Report>),
    Error(OrganisationError),
}

impl From<OrganisationError> for Undone {
    fn from(e: OrganisationError) -> Self {
        Self::Error(e)
    }
}

impl From<StoreError> for Undone {
    fn from(e: StoreError) -> Self {
        Self::Error(e.into())
    }
}

impl From<sqlx::Error> for Undone {
    fn from(e: sqlx::Error) -> Self {
        Self::Error(e.into())
    }
}

/// The whole organisation as a table, what is over included.
///
/// # Errors
/// When the database cannot be read, or the caller is no administrator.
pub async fn export(kernel: &Kernel, who: &Principal) -> Result<String, LegError> {
    who.require(Permission::Administer)?;
    let mut conn = kernel.db.read().await?;
    let entries = current(&mut conn, &kernel.config.zone()).await?;
    to_csv(&entries).map_err(|_| OrganisationError::Invalid { field: "file", wrong: "unwritable" }.into())
}

/// Imports a table, or says what it would do. What is wrong with single lines is in the report; then nothing is
/// written.
///
/// # Errors
/// When the database refuses, or the caller is no administrator.
pub async fn import(
    kernel: &Kernel,
    who: &Principal,
    bytes: &[u8],
    reason: &str,
    run: Run,
) -> Result<Report, LegError> {
    who.require(Permission::Administer)?;
    let mut table = read(bytes);
    let mut faults = std::mem::take(&mut table.faults);
    if table.entries.len() > MOST {
        faults.push(Fault { line: 0, column: String::new(), wrong: "too_many".to_owned() });
    }
    if !faults.is_empty() {
        faults.truncate(TOLD);
        return Ok(Report { faults, ..Report::default() });
    }
    let (now, zone) = (kernel.now(), kernel.config.zone());
    let import = Import { actor: who.actor.clone(), reason: reason.trim().to_owned(), now, zone };
    let written: Result<Report, Undone> = kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let stored = current(tx, &import.zone).await?;
                let found = compare(&stored, table, &now.day(&import.zone));
                let mut report = Report {
                    created: found.new.len(),
                    changed: found.changed.len(),
                    unchanged: found.unchanged,
                    steps: found.steps(),
                    faults: found.faults.clone(),
                    done: false,
                };
                if report.faults.is_empty() {
                    report.faults = write(tx, &found, &import).await?;
                }
                report.faults.truncate(TOLD);
                if run == Run::Dry || !report.faults.is_empty() {
                    return Err(Undone::Report(Box::new(report)));
                }
                report.done = true;
                Ok(report)
            })
        })
        .await;
    let report = match written {
        Ok(report) => report,
        Err(Undone::Report(report)) => return Ok(*report),
        Err(Undone::Error(e)) => return Err(e.into()),
    };
    if report.changed > 0 || report.created > 0 {
        carry_out(kernel).await?;
        kernel.refresh_agency().await?;
    }
    Ok(report)
}
