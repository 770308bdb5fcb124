//! A letter with all that its page shows.
use super::LetterError;
use super::model::LetterState;
use super::store::{self, ChangeRow, LetterRow, PageRow};
use crate::kernel::database::{Conn, Tx};

/// A letter with its pages and its history.
#[derive(Debug, Clone)]
pub struct LetterView {
    pub letter: LetterRow,
    pub pages: Vec<PageRow>,
    pub changes: Vec<ChangeRow>,
}

/// Reads a letter.
///
/// # Errors
/// [`LetterError::NotFound`].
pub async fn read(conn: &mut Conn, id: i64) -> Result<LetterView, LetterError> {
    let letter = store::letter(conn, id).await?.ok_or(LetterError::NotFound)?;
    let pages = store::pages(conn, id).await?;
    let changes = store::changes(conn, id).await?;
    Ok(LetterView { letter, pages, changes })
}

/// Locks a letter for a change and checks the version it was made on.
///
/// # Errors
/// [`LetterError::Stale`], or [`LetterError::Joined`] when nothing of it is left.
pub(super) async fn begin(tx: &mut Tx, id: i64, version: Option<i64>) -> Result<LetterRow, LetterError> {
    let letter = store::lock(tx, id).await?.ok_or(LetterError::NotFound)?;
    if version.is_some_and(|v| v != letter.version) {
        return Err(LetterError::Stale { current: letter.version });
    }
    if letter.state == LetterState::Joined.as_str() {
        return Err(LetterError::Joined);
    }
    Ok(letter)
}
