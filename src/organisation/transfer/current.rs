//! What is stored, as entries of the table.
use jiff::SignedDuration;
use jiff::tz::TimeZone;

use super::table::{Entry, Record, hours_cells};
use crate::kernel::database::{Conn, StoreError};
use crate::kernel::time::Instant;
use crate::organisation::store;

/// The first day of something; empty for what was always there.
fn first_day(at: Instant, zone: &TimeZone) -> String {
    if at.0 <= 0 { String::new() } else { at.day(zone) }
}

/// The last day of something; empty while no end is known.
fn last_day(end: Option<Instant>, zone: &TimeZone) -> String {
    end.map(|end| end.minus(SignedDuration::from_micros(1)).day(zone)).unwrap_or_default()
}

/// Agencies, units, sites and referents, those that are over included.
///
/// # Errors
/// When the database cannot be read.
pub async fn current(conn: &mut Conn, zone: &TimeZone) -> Result<Vec<Entry>, StoreError> {
    let mut all = Vec::new();
    for agency in store::agencies(conn).await? {
        let kind = agency.kind.as_str().to_owned();
        let pairs = [("code", agency.slug), ("name", agency.name), ("kind", kind), ("email", agency.email)];
        all.push(Entry::new(0, agency.id, Record::Agency, pairs));
    }
    let units = store::written_units(conn).await?;
    let slug_of = |id: Option<i64>| units.iter().find(|u| Some(u.id) == id).map(|u| u.slug.clone()).unwrap_or_default();
    for unit in &units {
        let pairs = [
            ("code", unit.slug.clone()),
            ("agency", unit.agency.clone()),
            ("unit", slug_of(unit.parent_id)),
            ("name", unit.name.clone()),
            ("name_en", unit.name_en.clone()),
            ("kind", unit.kind.clone()),
            ("scope", unit.scope.clone()),
            ("email", unit.email.clone()),
            ("from", first_day(unit.valid_from, zone)),
            ("to", last_day(unit.valid_to, zone)),
            ("successor", slug_of(unit.successor_id)),
        ];
        all.push(Entry::new(0, unit.id, Record::Unit, pairs));
    }
    for site in store::sites(conn).await? {
        let hours = hours_cells(&site.hours());
        let pairs = [
            ("code", site.slug),
            ("unit", slug_of(Some(site.unit_id))),
            ("name", site.name),
            ("email", site.email),
            ("phone", site.phone),
            ("address", site.address),
            ("note", site.note),
            ("note_en", site.note_en),
            ("from", site.valid_from),
            ("to", site.valid_to),
        ];
        all.push(Entry::new(0, site.id, Record::Site, pairs.into_iter().chain(hours)));
    }
    for person in store::written_referents(conn).await? {
        let pairs = [
            ("unit", slug_of(Some(person.unit_id))),
            ("name", person.name),
            ("kind", person.rank),
            ("email", person.email),
            ("phone", person.phone),
            ("account", person.login),
            ("from", first_day(person.valid_from, zone)),
            ("to", last_day(person.valid_to, zone)),
        ];
        all.push(Entry::new(0, person.id, Record::Referent, pairs));
    }
    Ok(all)
}
