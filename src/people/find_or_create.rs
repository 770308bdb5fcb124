use super::{Identifier, claims, store};
use crate::kernel::database::{StoreError, Tx};
use crate::kernel::time::Instant;

/// Whether a person was known already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    Before(i64),
    Now(i64),
}

impl Known {
    /// Row id of the person.
    pub const fn id(self) -> i64 {
        match self {
            Self::Before(id) | Self::Now(id) => id,
        }
    }
}

/// What stands behind identifiers that come with a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// The channel brought them, or an agent took them down.
    Vouched,
    /// Somebody typed them into a form: anybody may have.
    Typed,
}

/// The person behind the first identifier that somebody has, or a new one. A new person has all of them that
/// are nobody's. To a known person vouched ones are added unless they belong to somebody else; typed ones are
/// only claims, whoever has them, until an agent confirms them. `None` without identifiers and name.
///
/// Two first contacts of one sender that race end as one person: the identifier decides.
///
/// # Errors
/// When the database refuses.
pub async fn find_or_create(
    tx: &mut Tx,
    identifiers: &[Identifier],
    name: &str,
    language: &str,
    evidence: Evidence,
    now: Instant,
) -> Result<Option<Known>, StoreError> {
    let name = name.trim();
    let mut found = None;
    for identifier in identifiers {
        if let Some(id) = store::owner_of(tx, identifier).await? {
            found = Some(Known::Before(id));
            break;
        }
    }
    let known = match found {
        Some(known) => {
            if !name.is_empty() {
                store::name_if_unknown(tx, known.id(), name).await?;
            }
            known
        }
        None if identifiers.is_empty() && name.is_empty() => return Ok(None),
        None => Known::Now(store::insert_person(tx, name, language, now).await?),
    };
    let mut given = 0;
    for identifier in identifiers {
        if let Known::Before(id) = known {
            let owner = store::owner_of(tx, identifier).await?;
            if evidence == Evidence::Typed && owner != Some(id) {
                claims::store::insert(tx, id, identifier, now).await?;
            }
            if evidence == Evidence::Typed || owner.is_some() {
                continue;
            }
        }
        if store::insert_identifier(tx, known.id(), identifier, now).await? {
            given += 1;
        }
    }
    if let (Known::Now(id), 0, Some(first)) = (known, given, identifiers.first()) {
        // Another transaction created the same sender in between: theirs stands.
        if let Some(other) = store::owner_of(tx, first).await? {
            store::delete_person(tx, id).await?;
            return Ok(Some(Known::Before(other)));
        }
    }
    Ok(Some(known))
}
