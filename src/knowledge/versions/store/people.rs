//! Who stands behind a sheet: the people that steps name, and where its unit and referent read mail.
use std::collections::{BTreeSet, HashMap};

use sqlx::FromRow;

use crate::kernel::database::{Conn, StoreError};
use crate::kernel::events::Actor;
use crate::on;

/// Where those who answer for a sheet read mail; empty where there is none.
#[derive(Debug, Clone, Default, FromRow)]
pub struct Addresses {
    /// The unit's own address, else its agency's.
    pub unit: String,
    /// The referent, whose login is an address.
    pub referent: String,
}

/// The addresses of a sheet's unit and referent as they are in force.
///
/// # Errors
/// When the database cannot be read.
pub async fn addresses(conn: &mut Conn, sheet: i64) -> Result<Addresses, StoreError> {
    let found = on!(conn, c => sqlx::query_as::<_, Addresses>(
        "SELECT COALESCE(NULLIF(u.email, ''), a.email, '') AS unit, COALESCE(p.login, '') AS referent
         FROM sheets s LEFT JOIN units u ON u.id = s.unit_id LEFT JOIN agencies a ON a.id = u.agency_id
         LEFT JOIN users p ON p.id = s.referent_id AND p.disabled_at IS NULL
         WHERE s.id = $1")
        .bind(sheet).fetch_optional(c).await)?;
    Ok(found.unwrap_or_default())
}

/// The address of whoever an event names, if it is a person in use.
///
/// # Errors
/// When the database cannot be read.
pub async fn login_of(conn: &mut Conn, actor: &str) -> Result<Option<String>, StoreError> {
    let Actor::User(id) = Actor::from_text(actor) else { return Ok(None) };
    Ok(on!(conn, c => sqlx::query_scalar::<_, String>("SELECT login FROM users WHERE id = $1 AND disabled_at IS NULL")
        .bind(id).fetch_optional(c).await)?)
}

/// The names of the people among these actors.
///
/// # Errors
/// When the database cannot be read.
pub async fn names_of(conn: &mut Conn, actors: &BTreeSet<String>) -> Result<HashMap<String, String>, StoreError> {
    let mut names = HashMap::new();
    for actor in actors {
        if let Actor::User(id) = Actor::from_text(actor) {
            let name = on!(conn, c => sqlx::query_scalar::<_, String>("SELECT name FROM users WHERE id = $1")
                .bind(id).fetch_optional(c).await)?;
            names.extend(name.map(|name| (actor.clone(), name)));
        }
    }
    Ok(names)
}

/// Whether one of these units belongs to the agency that runs this installation.
///
/// # Errors
/// When the database cannot be read.
pub async fn is_of_own_agency(conn: &mut Conn, units: &BTreeSet<i64>) -> Result<bool, StoreError> {
    for unit in units {
        let kind = on!(conn, c => sqlx::query_scalar::<_, String>(
            "SELECT a.kind FROM units u JOIN agencies a ON a.id = u.agency_id WHERE u.id = $1")
            .bind(unit).fetch_optional(c).await)?;
        if kind.as_deref() == Some("own") {
            return Ok(true);
        }
    }
    Ok(false)
}
