//! SQL of sites.
use crate::kernel::database::{Conn, StoreError, Tx};
use crate::on;
use crate::organisation::sites::{NewSite, Site};

macro_rules! site_sql {
    ($rest:literal) => {
        concat!(
            "SELECT id, slug, unit_id, name, address, phone, email, note, note_en, hours, valid_from, valid_to FROM sites ",
            $rest
        )
    };
}

/// All sites that ever were, by name.
pub async fn sites(conn: &mut Conn) -> Result<Vec<Site>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Site>(site_sql!("ORDER BY name, id LIMIT 5000")).fetch_all(c).await)?)
}

/// The sites of a unit, by name.
pub async fn sites_of(conn: &mut Conn, unit: i64) -> Result<Vec<Site>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Site>(site_sql!("WHERE unit_id = $1 ORDER BY name, id LIMIT 200"))
        .bind(unit).fetch_all(c).await)?)
}

/// A site by slug.
pub async fn site(conn: &mut Conn, slug: &str) -> Result<Option<Site>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Site>(site_sql!("WHERE slug = $1")).bind(slug).fetch_optional(c).await)?)
}

/// Makes or changes a site by slug; answers its row id.
pub async fn put_site(tx: &mut Tx, new: &NewSite, unit: i64, hours: &str) -> Result<i64, StoreError> {
    let day = |day: Option<jiff::civil::Date>| day.map(|d| d.to_string()).unwrap_or_default();
    let (from, to) = (day(new.valid_from), day(new.valid_to));
    Ok(on!(tx, c => sqlx::query_scalar::<_, i64>(
        "INSERT INTO sites (slug, unit_id, name, address, phone, email, note, note_en, hours, valid_from, valid_to)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         ON CONFLICT (slug) DO UPDATE SET unit_id = excluded.unit_id, name = excluded.name, address = excluded.address,
            phone = excluded.phone, email = excluded.email, note = excluded.note, note_en = excluded.note_en,
            hours = excluded.hours, valid_from = excluded.valid_from, valid_to = excluded.valid_to
         RETURNING id")
        .bind(&new.slug).bind(unit).bind(new.name.trim()).bind(new.address.trim()).bind(new.phone.trim())
        .bind(new.email.trim()).bind(new.note.trim()).bind(new.note_en.trim()).bind(hours).bind(&from).bind(&to)
        .fetch_one(c).await)?)
}

/// Gives the sites of a closed unit to its successor.
pub async fn move_sites(tx: &mut Tx, from: i64, to: i64) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("UPDATE sites SET unit_id = $2 WHERE unit_id = $1").bind(from).bind(to).execute(c).await.map(drop))?;
    Ok(())
}
