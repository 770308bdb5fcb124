//! Recordings of talks: kept for as long as the configuration says, heard by whoever may, each hearing written down.
use std::sync::PoisonError;
use std::time::Duration;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use channels::phone::request::Sound;
use jiff::SignedDuration;
use serde_json::json;

use super::model::{CallRow, RecordingRow};
use super::pausing::pause_words;
use super::{PhoneError, Telephony, store};
use crate::kernel::database::{Conn, StoreError};
use crate::kernel::events::{self, NewEvent};
use crate::kernel::leases;
use crate::kernel::page::{Page, html};
use crate::kernel::permissions::{Forbidden, Permission, Principal};
use crate::kernel::problem::Problem;
use crate::kernel::ranges;
use crate::kernel::request::{Caller, Frame};
use crate::kernel::time::Instant;

/// Players ask for a recording in parts: what one person hears within this time is one hearing.
const HEARING: SignedDuration = SignedDuration::from_mins(10);
/// How often recordings whose time is over are looked for, and under which name one node does it.
const EVERY: Duration = Duration::from_mins(15);
const LEASE: &str = "delete-recordings";
const LEASED: SignedDuration = SignedDuration::from_mins(5);
const BATCH: i64 = 200;

/// Mounts the part of a contact and the sound.
pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/scrivania/telefono/contatti/{id}").route(web::get().to(of_contact)))
        .service(web::resource("/scrivania/telefono/registrazioni/{id}").route(web::get().to(listen)));
}

/// Stores recordings that an account handed over, before it is told that they arrived. The same recording told again
/// changes nothing, unless it could not be fetched before.
///
/// # Errors
/// When the blob store or the database refuses.
pub async fn keep(telephony: &Telephony, sounds: Vec<Sound>) -> Result<(), PhoneError> {
    let kernel = telephony.kernel();
    let now = kernel.now();
    for sound in sounds {
        let size = i64::try_from(sound.bytes.len()).unwrap_or(i64::MAX);
        let blob = match sound.bytes.is_empty() {
            true => None,
            false => Some(kernel.blobs.put(sound.bytes.clone()).await?),
        };
        kernel
            .db
            .write(move |tx| {
                Box::pin(async move { store::insert_recording(tx, &sound, blob.as_deref(), size, now).await })
            })
            .await?;
    }
    Ok(())
}

/// Whether somebody may hear the recording of a call: whoever coordinates, and the agent who talked.
async fn may_hear(conn: &mut Conn, who: &Principal, call: &CallRow) -> Result<bool, StoreError> {
    if who.role.may(Permission::HearRecordings) {
        return Ok(true);
    }
    if !who.role.may(Permission::WorkTickets) {
        return Ok(false);
    }
    let agent = store::agent_by_extension(conn, &call.agent).await?;
    Ok(agent.is_some_and(|agent| Some(agent.user_id) == who.user_id))
}

/// A recording as its contact shows it.
struct Shown {
    /// Empty: it cannot be heard.
    href: String,
    label: String,
    /// Why it cannot be heard, else how long it plays.
    words: String,
}

#[derive(Template)]
#[template(path = "telephony/recordings.html")]
struct RecordingsPart {
    page: Page,
    recordings: Vec<Shown>,
    pauses: Vec<String>,
}

fn shown(page: &Page, row: &RecordingRow, may: bool) -> Shown {
    let length = row.seconds.map(|s| format!("{}:{:02}", s / 60, s % 60)).unwrap_or_default();
    let (href, words) = match (&row.blob, row.deleted_at) {
        (_, Some(at)) => (String::new(), page.t1("phone-recording-deleted", "date", page.date(&at))),
        (None, None) => (String::new(), page.t1("phone-recording-elsewhere", "url", &row.url)),
        (Some(_), None) if !may => (String::new(), page.t1("phone-recording-closed", "length", length)),
        (Some(_), None) => (format!("/scrivania/telefono/registrazioni/{}", row.id), length),
    };
    Shown { href, words, label: page.t("phone-recording-talk") }
}

/// The recordings of the call that became a contact; nothing when there are none.
async fn of_contact(
    telephony: web::Data<Telephony>,
    caller: Caller,
    frame: Frame,
    id: web::Path<i64>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WorkTickets)?;
    let mut conn = telephony.kernel().db.read().await?;
    let Some(call) = store::call_of_contact(&mut conn, *id).await? else {
        return Ok(HttpResponse::NoContent().finish());
    };
    let rows = store::recordings(&mut conn, &call.call).await?;
    let page = frame.0;
    let pauses = pause_words(&mut conn, &page, &call).await?;
    if rows.is_empty() && pauses.is_empty() {
        return Ok(HttpResponse::NoContent().finish());
    }
    let may = may_hear(&mut conn, who, &call).await?;
    html(&RecordingsPart { recordings: rows.iter().map(|row| shown(&page, row, may)).collect(), pauses, page })
}

/// The sound of a recording. That it was heard stands in the history of its ticket before the first byte leaves.
async fn listen(
    req: HttpRequest,
    telephony: web::Data<Telephony>,
    caller: Caller,
    id: web::Path<i64>,
) -> Result<HttpResponse, Problem> {
    let kernel = telephony.kernel();
    let mut conn = kernel.db.read().await?;
    let row = store::recording(&mut conn, *id).await?.ok_or(PhoneError::NotFound)?;
    let call = store::call_by_name(&mut conn, &row.call).await?.ok_or(PhoneError::NotFound)?;
    if !may_hear(&mut conn, &caller.0, &call).await? {
        return Err(PhoneError::from(Forbidden).into());
    }
    drop(conn);
    let blob = row.blob.clone().ok_or(PhoneError::NotFound)?;
    heard(&telephony, &caller.0, &row, &call).await?;
    let bytes = kernel.blobs.get(&blob).await?;
    let mut answer = HttpResponse::Ok();
    answer
        .insert_header((header::CONTENT_TYPE, row.media_type.as_str()))
        .insert_header((header::CONTENT_DISPOSITION, "inline"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"))
        .insert_header((header::CACHE_CONTROL, "private, no-store"));
    Ok(ranges::answer(&req, answer, bytes))
}

/// The recording of a talk
#[utoipa::path(get, path = "/recordings/{id}", tag = "telephony", params(("id" = i64, Path)),
    responses((status = 200, description = "The sound", content_type = "audio/wav", body = Vec<u8>),
        (status = 206, description = "The part of it that `Range` asks for"),
        (status = 403, description = "Only whoever coordinates hears it"),
        (status = 404, description = "There is none, or its time is over")), security(("bearer" = [])))]
pub(super) async fn read(
    req: HttpRequest,
    telephony: web::Data<Telephony>,
    caller: Caller,
    id: web::Path<i64>,
) -> Result<HttpResponse, Problem> {
    listen(req, telephony, caller, id).await
}

async fn heard(telephony: &Telephony, who: &Principal, row: &RecordingRow, call: &CallRow) -> Result<(), PhoneError> {
    let now = telephony.kernel().now();
    let key = (who.actor.to_text(), row.id);
    {
        let mut hearings = telephony.inner.hearings.lock().unwrap_or_else(PoisonError::into_inner);
        hearings.retain(|_, since| now.since(*since) < HEARING);
        if hearings.contains_key(&key) {
            return Ok(());
        }
    }
    let event = NewEvent {
        kind: "recording.heard",
        ticket: call.ticket_id,
        actor: who.actor.clone(),
        data: json!({ "recording": row.id, "call": call.id }),
    };
    let written: Result<(), StoreError> = telephony
        .kernel()
        .db
        .write(move |tx| Box::pin(async move { events::append(tx, now, &[event]).await.map(drop) }))
        .await;
    written?;
    telephony.inner.hearings.lock().unwrap_or_else(PoisonError::into_inner).insert(key, now);
    Ok(())
}

/// Deletes the recordings whose time is over; answers how many.
///
/// # Errors
/// When the database or the blob store refuses; those deleted so far stay so.
pub async fn delete_due(telephony: &Telephony) -> Result<usize, PhoneError> {
    let kernel = telephony.kernel();
    let days = i64::from(kernel.config.phone.recording_days);
    if days == 0 {
        return Ok(0);
    }
    let now = kernel.now();
    let until = now.minus(SignedDuration::from_hours(24 * days));
    let mut deleted = 0;
    loop {
        let mut conn = kernel.db.read().await?;
        let due = store::recordings_until(&mut conn, until, BATCH).await?;
        drop(conn);
        if due.is_empty() || !leases::hold(&kernel.db, LEASE, &kernel.node, now, LEASED).await? {
            return Ok(deleted);
        }
        for row in due {
            delete(telephony, row, now).await?;
            deleted += 1;
        }
    }
}

/// The bytes go first: a row without its bytes is asked for again, bytes without a row would stay for ever. What
/// something else holds, too, stays.
async fn delete(telephony: &Telephony, row: RecordingRow, now: Instant) -> Result<(), PhoneError> {
    let kernel = telephony.kernel();
    if let Some(blob) = &row.blob {
        let mut conn = kernel.db.read().await?;
        let held = store::holds_blob(&mut conn, blob, row.id).await?;
        drop(conn);
        if !held {
            kernel.blobs.delete(blob).await?;
        }
    }
    let id = row.id;
    Ok(kernel.db.write(move |tx| Box::pin(async move { store::recording_deleted(tx, id, now).await })).await?)
}

/// Deletes what is due, now and then, until the process stops.
pub async fn follow(telephony: Telephony) {
    let kernel = telephony.kernel().clone();
    while !kernel.stop.is_cancelled() {
        match delete_due(&telephony).await {
            Ok(0) => {}
            Ok(n) => tracing::info!(recordings.deleted = n, "deleted {n} recordings whose time was over"),
            Err(e) => tracing::warn!("recordings whose time is over wait: {e}"),
        }
        tokio::select! {
            () = kernel.stop.cancelled() => {}
            () = tokio::time::sleep(EVERY) => {}
        }
    }
    let released: Result<(), StoreError> = leases::release(&kernel.db, LEASE, &kernel.node).await;
    drop(released);
}
