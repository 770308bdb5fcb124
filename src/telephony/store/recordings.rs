//! SQL of recordings of talks.
use channels::phone::request::Sound;

use crate::kernel::database::{Conn, StoreError, Tx};
use crate::kernel::time::Instant;
use crate::on;
use crate::telephony::model::RecordingRow;

macro_rules! recording_sql {
    ($rest:literal) => {
        concat!(
            "SELECT id, call, name, media_type, size, seconds, blob, url, created_at, deleted_at
             FROM call_recordings ",
            $rest
        )
    };
}

/// A recording; told again, it only brings the sound that was missing.
pub async fn insert_recording(
    tx: &mut Tx,
    sound: &Sound,
    blob: Option<&str>,
    size: i64,
    now: Instant,
) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "INSERT INTO call_recordings (call, name, media_type, size, seconds, blob, url, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (call, name) DO UPDATE SET blob = excluded.blob, media_type = excluded.media_type,
            size = excluded.size, seconds = excluded.seconds
         WHERE call_recordings.blob IS NULL AND call_recordings.deleted_at IS NULL AND excluded.blob IS NOT NULL")
        .bind(&sound.call).bind(&sound.name).bind(&sound.media_type).bind(size).bind(sound.seconds.map(i64::from))
        .bind(blob).bind(&sound.url).bind(now).execute(c).await.map(drop))?;
    Ok(())
}

/// The recordings of a call, in the order they came.
pub async fn recordings(conn: &mut Conn, call: &str) -> Result<Vec<RecordingRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, RecordingRow>(recording_sql!("WHERE call = $1 ORDER BY id LIMIT 50"))
        .bind(call).fetch_all(c).await)?)
}

/// A recording by row id.
pub async fn recording(conn: &mut Conn, id: i64) -> Result<Option<RecordingRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, RecordingRow>(recording_sql!("WHERE id = $1"))
        .bind(id).fetch_optional(c).await)?)
}

/// Recordings that came before an instant and are not deleted yet.
pub async fn recordings_until(conn: &mut Conn, until: Instant, limit: i64) -> Result<Vec<RecordingRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, RecordingRow>(
        recording_sql!("WHERE deleted_at IS NULL AND created_at <= $1 ORDER BY created_at, id LIMIT $2"))
        .bind(until).bind(limit).fetch_all(c).await)?)
}

/// Whether anything but a recording holds these bytes.
pub async fn holds_blob(conn: &mut Conn, blob: &str, recording: i64) -> Result<bool, StoreError> {
    let rows = on!(conn, c => sqlx::query_scalar::<_, i64>(
        "SELECT id FROM call_recordings WHERE blob = $1 AND id <> $2
         UNION ALL SELECT id FROM attachments WHERE blob = $1
         UNION ALL SELECT id FROM raw_items WHERE blob = $1 LIMIT 1")
        .bind(blob).bind(recording).fetch_optional(c).await)?;
    Ok(rows.is_some())
}

/// Its bytes are gone; that there was one stays known.
pub async fn recording_deleted(tx: &mut Tx, id: i64, now: Instant) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("UPDATE call_recordings SET blob = NULL, url = '', deleted_at = $2 WHERE id = $1")
        .bind(id).bind(now).execute(c).await.map(drop))?;
    Ok(())
}
