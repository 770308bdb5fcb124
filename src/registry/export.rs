//! The register of some days as a table: what is handed to preservation each working day (art. 53, 5).
use super::model::RegistrationRow;
use super::store;
use crate::kernel::Kernel;
use crate::kernel::problem::{Kind, Problem};

/// Rows read at once.
const PIECE: i64 = 500;

/// All registrations of some days (both included), in the order they were made, as CSV.
///
/// # Errors
/// When the database cannot be read.
pub async fn csv(kernel: &Kernel, from: &str, to: &str) -> Result<Vec<u8>, Problem> {
    let internal = |e: &dyn std::fmt::Display| Problem::new(Kind::Internal, "internal", e.to_string());
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer
        .write_record([
            "register",
            "year",
            "number",
            "day",
            "registered_at",
            "registered_by",
            "origin",
            "direction",
            "channel",
            "sender",
            "recipients",
            "subject",
            "received_number",
            "received_day",
            "sha256",
            "documents",
            "cancelled_at",
            "cancelled_by",
            "cancel_reason",
            "cancel_act",
        ])
        .map_err(|e| internal(&e))?;
    let mut after = 0;
    loop {
        let mut conn = kernel.db.read().await?;
        let rows = store::of_days(&mut conn, from, to, after, PIECE).await?;
        drop(conn);
        let Some(last) = rows.last() else { break };
        after = last.id;
        for row in &rows {
            writer.write_record(record(row)).map_err(|e| internal(&e))?;
        }
    }
    writer.into_inner().map_err(|e| internal(&e))
}

fn record(row: &RegistrationRow) -> [String; 20] {
    let files: Vec<String> = row.files().iter().map(|f| format!("{} {}", f.sha256, f.name)).collect();
    [
        row.register.clone(),
        row.year.to_string(),
        row.number.clone(),
        row.day.clone(),
        row.registered_at.rfc3339(),
        plain(&row.registered_by),
        row.origin.clone(),
        row.direction.clone(),
        row.channel.clone(),
        plain(&row.sender),
        plain(&row.recipients),
        plain(&row.subject),
        plain(&row.received_number),
        row.received_day.clone(),
        row.sha256.clone(),
        plain(&files.join("; ")),
        row.cancelled_at.map(|at| at.rfc3339()).unwrap_or_default(),
        plain(&row.cancelled_by),
        plain(&row.cancel_reason),
        plain(&row.cancel_act),
    ]
}

/// A text that begins like a formula would run in a spreadsheet.
fn plain(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@']) { format!("'{text}") } else { text.to_owned() }
}
