//! Writing, retiring and reading sheets.
use serde_json::json;

use super::model::{Sheet, SheetCode, SheetDraft, dictated_number};
use super::store::{self, ListOf};
use super::versions::publish::{self, Publication};
use super::versions::store::NewStep;
use super::versions::{self, DraftState, StepKind};
use crate::kernel::Kernel;
use crate::kernel::database::StoreError;
use crate::kernel::events::{self, Actor, NewEvent};
use crate::kernel::permissions::Forbidden;
use crate::kernel::problem::{Kind, Problem};

/// Why a sheet cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum SheetError {
    /// 422: fields and what is wrong with each.
    #[error("the sheet has unacceptable values")]
    Invalid(Vec<(String, String)>),
    /// 404: no sheet in use has this code.
    #[error("there is no such sheet")]
    Missing,
    /// 412: somebody saved it in between; holds the version that is there now.
    #[error("the sheet was changed meanwhile")]
    Stale(i64),
    /// 404: nobody works on a next version.
    #[error("the sheet has no draft")]
    NoDraft,
    /// 409: the draft stands where this cannot be done.
    #[error("the draft is {}", .0.as_str())]
    WrongState(DraftState),
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl SheetError {
    pub(super) fn invalid(field: &str, wrong: &str) -> Self {
        Self::Invalid(vec![(field.to_owned(), wrong.to_owned())])
    }
}

impl From<SheetError> for Problem {
    fn from(e: SheetError) -> Self {
        match e {
            SheetError::Invalid(fields) => Self::fields(fields),
            SheetError::Missing => Self::not_found(),
            SheetError::NoDraft => Self::new(Kind::NotFound, "no_draft", e.to_string()),
            SheetError::WrongState(state) => {
                Self::new(Kind::Conflict, "draft_state", e.to_string()).with("draft_state", state.as_str())
            }
            SheetError::Forbidden(e) => e.into(),
            SheetError::Stale(version) => {
                Self::new(Kind::Stale, "stale_version", e.to_string()).with("current_version", version)
            }
            SheetError::Store(e) => e.into(),
        }
    }
}

/// On which state of a sheet a change was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// Whatever is there: imports and demo data.
    Any,
    /// Nothing with this code may be there.
    New,
    /// This version.
    Version(i64),
}

/// What was saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Saved {
    pub id: i64,
    pub version: i64,
}

/// Publishes a sheet at once, without draft and validation: imports, demo data, programs. A retired one comes
/// back into use. Told by `sheet.saved`.
///
/// # Errors
/// See [`SheetError`].
pub async fn save(kernel: &Kernel, actor: Actor, draft: SheetDraft, basis: Basis) -> Result<Saved, SheetError> {
    let (now, zone) = (kernel.now(), kernel.config.zone());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let current = versions::store::lock(tx, draft.code.as_str()).await?.map(|row| row.version);
                match (basis, current) {
                    (Basis::New, Some(_)) => return Err(SheetError::invalid("code", "taken")),
                    (Basis::Version(_), None) => return Err(SheetError::Missing),
                    (Basis::Version(made_on), Some(version)) if made_on != version => {
                        return Err(SheetError::Stale(version));
                    }
                    (Basis::Any | Basis::New | Basis::Version(_), _) => {}
                }
                let author = actor.to_text();
                let publication =
                    Publication { content: draft, author, validator: actor, why: String::new(), now, zone };
                publish::put(tx, publication).await
            })
        })
        .await
}

/// Takes a sheet out of use: nobody finds it any more, what was answered with it still names it. Told by
/// `sheet.retired`.
///
/// # Errors
/// See [`SheetError`].
pub async fn retire(kernel: &Kernel, actor: Actor, code: &SheetCode) -> Result<(), SheetError> {
    let (code, now) = (code.as_str().to_owned(), kernel.now());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let id = versions::store::retire(tx, &code, now).await?.ok_or(SheetError::Missing)?;
                let name = actor.to_text();
                let step = NewStep { at: now, actor: &name, version: None, note: "" };
                versions::store::add_step(tx, id, StepKind::Retired, &step).await?;
                let data = json!({"sheet": id, "code": code});
                let event = NewEvent { kind: "sheet.retired", ticket: None, actor, data };
                events::append(tx, now, &[event]).await?;
                Ok(())
            })
        })
        .await
}

/// A sheet in use, by its code.
///
/// # Errors
/// When the database cannot be read.
pub async fn by_code(kernel: &Kernel, code: &SheetCode) -> Result<Option<Sheet>, StoreError> {
    let mut conn = kernel.db.read().await?;
    Ok(store::sheet(&mut conn, code.as_str()).await?.filter(Sheet::is_in_use))
}

/// A sheet in use, by its code or its number, as somebody says or types them.
///
/// # Errors
/// When the database cannot be read.
pub async fn by_dictation(kernel: &Kernel, text: &str) -> Result<Option<Sheet>, StoreError> {
    // The number first: «scheda 214» has the form of a code too.
    let numbered = match dictated_number(text) {
        Some(number) => {
            let mut conn = kernel.db.read().await?;
            store::code_of_number(&mut conn, number).await?
        }
        None => None,
    };
    match SheetCode::parse(numbered.as_deref().unwrap_or(text)) {
        Some(code) => by_code(kernel, &code).await,
        None => Ok(None),
    }
}

/// A sheet that citizens may read, by its code.
///
/// # Errors
/// When the database cannot be read.
pub async fn public_by_code(kernel: &Kernel, code: &SheetCode) -> Result<Option<Sheet>, StoreError> {
    Ok(by_code(kernel, code).await?.filter(Sheet::is_public))
}

/// A page of sheets in use, by code.
#[derive(Debug, Clone)]
pub struct SheetPage {
    pub sheets: Vec<Sheet>,
    /// Code to give as `after` for the next page; empty on the last.
    pub next: String,
}

/// The sheets in use of an area or a category, or all, a page at a time.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(kernel: &Kernel, mut of: ListOf) -> Result<SheetPage, StoreError> {
    let size = of.limit.clamp(1, 200);
    of.limit = size + 1;
    let mut conn = kernel.db.read().await?;
    let mut ids = store::list(&mut conn, &of).await?;
    let more = i64::try_from(ids.len()).is_ok_and(|n| n > size);
    ids.truncate(usize::try_from(size).unwrap_or(usize::MAX));
    let sheets = in_order_of(&ids, store::sheets(&mut conn, &ids).await?);
    let next = if more { sheets.last().map(|s| s.code.clone()).unwrap_or_default() } else { String::new() };
    Ok(SheetPage { sheets, next })
}

/// The engines compare texts in different ways; the order is the database's, as the keys of pages are.
fn in_order_of(ids: &[i64], mut sheets: Vec<Sheet>) -> Vec<Sheet> {
    sheets.sort_by_key(|s| ids.iter().position(|id| *id == s.id));
    sheets
}
