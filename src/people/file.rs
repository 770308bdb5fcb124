//! The person's file: who they are and how to reach them; their tickets and contacts are joined by the desk.
use super::claims::{self, ClaimRow};
use super::store::{self, IdentifierRow, PersonRow};
use crate::kernel::database::{Conn, StoreError};

/// A person with all identifiers.
#[derive(Debug, Clone)]
pub struct PersonFile {
    pub person: PersonRow,
    pub identifiers: Vec<IdentifierRow>,
    /// Given for them without proof.
    pub claims: Vec<ClaimRow>,
}

impl PersonFile {
    /// The name to show; an identifier when no name is known.
    pub fn display_name(&self) -> String {
        if !self.person.name.is_empty() {
            return self.person.name.clone();
        }
        self.identifiers.first().map(|i| i.raw.clone()).unwrap_or_default()
    }

    /// The first identifier of a kind, in normal form.
    pub fn first(&self, kind: &str) -> Option<&str> {
        self.identifiers.iter().find(|i| i.kind == kind).map(|i| i.value.as_str())
    }
}

/// Reads a person's file.
///
/// # Errors
/// When the database cannot be read.
pub async fn read(conn: &mut Conn, person: i64) -> Result<Option<PersonFile>, StoreError> {
    let Some(row) = store::person(conn, person).await? else { return Ok(None) };
    let identifiers = store::identifiers(conn, person).await?;
    let claims = claims::store::waiting(conn, person).await?;
    Ok(Some(PersonFile { person: row, identifiers, claims }))
}
