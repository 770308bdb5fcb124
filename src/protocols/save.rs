//! Saving the next version of a calendar or a protocol. Both hold at once, without a restart: clocks that run by a
//! calendar are computed anew by its event.
use jiff::civil::Date;
use serde_json::json;

use super::ProtocolError;
use super::acts::catch_up;
use crate::clocks::office;
use crate::clocks::store::{self, NewVersion};
use crate::clocks::{CalendarBody, PhaseRule, ProtocolBody, TermUnit};
use crate::kernel::Kernel;
use crate::kernel::events::{self, NewEvent};
use crate::kernel::permissions::{Permission, Principal};

/// What is saved, and on which version it was made.
#[derive(Debug, Clone)]
pub struct Saving {
    /// Its stable name.
    pub slug: String,
    /// The number that its author saw; 0 for a new one.
    pub expected: i64,
    /// The first day it holds.
    pub valid_from: Date,
}

/// Longest terms, in days and in minutes.
const DAYS: i64 = 3_650;
const MINUTES: i64 = 525_600;
const NAME: usize = 120;

/// Saves a version of a calendar; answers its row id.
///
/// # Errors
/// When a field cannot be read, or somebody saved a version meanwhile.
pub async fn save_calendar(
    kernel: &Kernel,
    who: &Principal,
    saving: Saving,
    body: CalendarBody,
) -> Result<i64, ProtocolError> {
    who.require(Permission::Administer)?;
    body.hours(&kernel.config.zone())?;
    let new = version(kernel, who, &saving, json!(body).to_string())?;
    let (now, actor) = (kernel.now(), who.actor.clone());
    let write = kernel.db.write(move |tx| {
        Box::pin(async move {
            let (id, number) = store::insert_calendar(tx, &new).await?.ok_or(ProtocolError::Changed)?;
            let data = json!({ "calendar": id, "number": number, "valid_from": new.valid_from });
            events::append(tx, now, &[NewEvent { kind: "calendar.changed", ticket: None, actor, data }]).await?;
            Ok::<i64, ProtocolError>(id)
        })
    });
    let id = write.await?;
    // Other nodes look by themselves.
    office::refresh(kernel).await?;
    catch_up(kernel).await?;
    Ok(id)
}

/// Saves a version of a protocol; answers its row id. Tickets that began before keep theirs.
///
/// # Errors
/// When a field cannot be read, or somebody saved a version meanwhile.
pub async fn save_protocol(
    kernel: &Kernel,
    who: &Principal,
    saving: Saving,
    body: ProtocolBody,
) -> Result<i64, ProtocolError> {
    who.require(Permission::Administer)?;
    check(&body)?;
    let new = version(kernel, who, &saving, json!(body).to_string())?;
    let (now, actor) = (kernel.now(), who.actor.clone());
    let write = kernel.db.write(move |tx| {
        Box::pin(async move {
            if store::calendar_versions(tx, Some(body.calendar)).await?.is_empty() || body.calendar == 0 {
                return Err(ProtocolError::Invalid { field: "calendar", wrong: "unknown" });
            }
            let (id, number) = store::insert_protocol(tx, &new).await?.ok_or(ProtocolError::Changed)?;
            let data = json!({ "protocol": id, "number": number, "valid_from": new.valid_from });
            events::append(tx, now, &[NewEvent { kind: "protocol.changed", ticket: None, actor, data }]).await?;
            Ok::<i64, ProtocolError>(id)
        })
    });
    write.await
}

fn version(kernel: &Kernel, who: &Principal, saving: &Saving, body: String) -> Result<NewVersion, ProtocolError> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if saving.slug.is_empty() || saving.slug.len() > 80 || !saving.slug.chars().all(plain) {
        return Err(ProtocolError::Invalid { field: "name", wrong: "unreadable" });
    }
    Ok(NewVersion {
        slug: saving.slug.clone(),
        expected: saving.expected,
        valid_from: saving.valid_from.to_string(),
        body,
        saved_at: kernel.now(),
        saved_by: who.actor.to_text(),
    })
}

fn check(body: &ProtocolBody) -> Result<(), ProtocolError> {
    let wrong = |field, wrong| Err(ProtocolError::Invalid { field, wrong });
    if body.name.trim().is_empty() || body.name.chars().count() > NAME {
        return wrong("name", "missing");
    }
    if body.phases.is_empty() {
        return wrong("phases", "missing");
    }
    if !(0..=DAYS).contains(&body.documents_days) || !(0..=DAYS).contains(&body.notice_days) {
        return wrong("documents_days", "unreadable");
    }
    for (place, phase) in body.phases.iter().enumerate() {
        let most = match phase.unit {
            TermUnit::CalendarDays | TermUnit::WorkingDays => DAYS,
            TermUnit::WorkingHours => MINUTES / 60,
            TermUnit::WorkingMinutes => MINUTES,
        };
        if !(1..=most).contains(&phase.amount) || !(0..=99).contains(&phase.warn_percent) {
            return wrong("phases", "unreadable");
        }
        let same = |other: &PhaseRule| other.subject == phase.subject && other.kind == phase.kind;
        if body.phases[..place].iter().any(same) {
            return wrong("phases", "twice");
        }
    }
    Ok(())
}

/// A stable name made of a readable one.
pub fn slug_of(name: &str) -> String {
    let mut slug = String::new();
    for c in name.chars().flat_map(char::to_lowercase) {
        let plain = match c {
            'à' | 'á' | 'â' => 'a',
            'è' | 'é' | 'ê' => 'e',
            'ì' | 'í' => 'i',
            'ò' | 'ó' => 'o',
            'ù' | 'ú' => 'u',
            c if c.is_ascii_alphanumeric() => c,
            _ => '-',
        };
        if plain != '-' || !slug.ends_with('-') {
            slug.push(plain);
        }
    }
    slug.trim_matches('-').chars().take(80).collect()
}
