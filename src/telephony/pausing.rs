//! Pauses in the recording of a talk: while a citizen says the number of a payment card, nobody records. The recorder
//! is told first and the pause is written down once it obeyed, so that nobody believes in a pause that is none.
use actix_web::{HttpResponse, web};
use channels::phone::Stage;
use channels::phone::line::{LineError, Recorder, Wish};
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::api::{CallOut, out};
use super::model::{CallRow, PauseRow};
use super::pages::HERE;
use super::{PhoneError, Telephony, record, store};
use crate::kernel::database::{Conn, StoreError};
use crate::kernel::events::{self, NewEvent};
use crate::kernel::page::{Page, see_other};
use crate::kernel::permissions::{Permission, Principal};
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Form, Json, local_path};

/// Who carries the talks of each account.
pub trait Lines: Send + Sync {
    /// Who records them.
    fn recorder(&self, account: &str) -> Recorder;

    /// Tells the recorder of a call what is wished.
    fn record<'a>(&'a self, account: &'a str, call: &'a str, wish: Wish) -> BoxFuture<'a, Result<(), LineError>>;
}

/// Mounts the form.
pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/scrivania/telefono/chiamate/{id}/registrazione").route(web::post().to(set)));
}

/// The recording of a talk that goes on, as the desk shows it.
pub(super) struct Tape {
    pub paused: bool,
    /// Nobody can tell the recorder: whoever talks pauses it at the telephone.
    pub by_hand: bool,
}

/// The recording of a call; `None` when nobody talks or nobody records.
pub(super) fn tape(lines: &dyn Lines, call: &CallRow) -> Option<Tape> {
    let recorder = lines.recorder(&call.account);
    let goes_on = call.stage == Stage::Talking.as_str() && recorder != Recorder::None;
    goes_on.then(|| Tape { paused: call.paused_at.is_some(), by_hand: recorder == Recorder::Exchange })
}

/// Pauses the recording of a talk, or lets it go on: agents of their own calls, whoever coordinates of all. What is so
/// already stays so.
///
/// # Errors
/// When the caller may not, nobody talks or records, or the recorder does not obey: nothing changed then.
pub async fn wish(
    telephony: &Telephony,
    lines: &dyn Lines,
    who: &Principal,
    id: i64,
    wish: Wish,
) -> Result<CallRow, PhoneError> {
    who.require(Permission::WorkTickets)?;
    let kernel = telephony.kernel();
    let mut conn = kernel.db.read().await?;
    let call = store::call(&mut conn, id).await?.ok_or(PhoneError::NotFound)?;
    let agent = store::agent_by_extension(&mut conn, &call.agent).await?;
    drop(conn);
    if agent.is_none_or(|agent| Some(agent.user_id) != who.user_id) {
        who.require(Permission::HearRecordings)?;
    }
    let tape = tape(lines, &call).ok_or(PhoneError::NotRecorded)?;
    if tape.paused == (wish == Wish::Pause) {
        return Ok(call);
    }
    if !tape.by_hand {
        lines.record(&call.account, &call.call, wish).await.map_err(|e| match e {
            LineError::NotRecorded => PhoneError::NotRecorded,
            LineError::Refused(why) => {
                tracing::warn!(call = call.id, why, "the recording of a talk goes on against an agent's wish");
                PhoneError::RecorderRefuses
            }
        })?;
    }
    let (now, by, actor) = (kernel.now(), who.user_id, who.actor.clone());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let row = store::lock_call(tx, &call.call, &call.account, now).await?;
                // Somebody else wished the same meanwhile.
                if row.paused_at.is_some() == (wish == Wish::Pause) {
                    return Ok(row);
                }
                let kind = match wish {
                    Wish::Pause => {
                        store::pause(tx, row.id, by, !tape.by_hand, now).await?;
                        "recording.paused"
                    }
                    Wish::Resume => {
                        store::resume(tx, row.id, by, now).await?;
                        "recording.resumed"
                    }
                };
                let ticket = row.ticket_id.or(row.chosen_id);
                let event = NewEvent { kind, ticket, actor, data: json!({ "call": row.id, "told": !tape.by_hand }) };
                events::append(tx, now, &[event]).await?;
                let users = store::users_of(tx, &[&row.agent]).await?;
                record::announce(tx, row.id, &row.stage, &users, now).await?;
                Ok(CallRow { paused_at: (wish == Wish::Pause).then_some(now), ..row })
            })
        })
        .await
}

/// A pause in the recording of a talk.
#[derive(Debug, Serialize, ToSchema)]
pub struct PauseOut {
    paused_at: String,
    /// Name of the user who paused it.
    paused_by: String,
    /// Missing: it stayed paused until the end of the talk, or still is.
    resumed_at: Option<String>,
    resumed_by: String,
    /// Whether the recorder was told; otherwise whoever talked paused it at the telephone.
    told: bool,
}

impl From<PauseRow> for PauseOut {
    fn from(row: PauseRow) -> Self {
        Self {
            paused_at: row.paused_at.rfc3339(),
            paused_by: row.paused_by,
            resumed_at: row.resumed_at.map(|at| at.rfc3339()),
            resumed_by: row.resumed_by,
            told: row.told,
        }
    }
}

/// The pauses of a call in words, where they lie in the talk.
pub(super) async fn pause_words(conn: &mut Conn, page: &Page, call: &CallRow) -> Result<Vec<String>, StoreError> {
    let begun = call.answered_at.unwrap_or(call.started_at);
    let place = |at: crate::kernel::time::Instant| {
        let seconds = at.since(begun).as_secs().max(0);
        format!("{}:{:02}", seconds / 60, seconds % 60)
    };
    let words = |row: PauseRow| {
        let who = match row.resumed_by.as_str() {
            "" => row.paused_by,
            other if other == row.paused_by => row.paused_by,
            other => format!("{}, {other}", row.paused_by),
        };
        let to = row.resumed_at.map_or_else(|| page.t("phone-pause-end"), place);
        let key = if row.told { "phone-pause" } else { "phone-pause-by-hand" };
        page.language.text_with(
            key,
            &[("from", place(row.paused_at)), ("to", to), ("who", who), ("when", page.datetime(&row.paused_at))],
        )
    };
    Ok(store::pauses(conn, call.id).await?.into_iter().map(words).collect())
}

#[derive(Deserialize)]
struct Wished {
    /// `pause`, `resume`.
    wish: String,
    /// Path of the page to go back to.
    #[serde(default)]
    back: String,
}

async fn set(
    telephony: web::Data<Telephony>,
    lines: web::Data<dyn Lines>,
    caller: Caller,
    id: web::Path<i64>,
    Form(wished): Form<Wished>,
) -> Result<HttpResponse, Problem> {
    let wanted = match wished.wish.as_str() {
        "pause" => Wish::Pause,
        "resume" => Wish::Resume,
        _ => return Err(PhoneError::Invalid { field: "wish", wrong: "unknown" }.into()),
    };
    wish(&telephony, lines.get_ref(), &caller.0, *id, wanted).await?;
    let back = local_path(&wished.back).filter(|path| path.starts_with("/scrivania"));
    Ok(see_other(back.unwrap_or(HERE)))
}

/// What shall become of the recording of a talk.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordingIn {
    paused: bool,
}

/// Pauses the recording of a talk that goes on, or lets it go on
///
/// Agents do it in their own calls. Where the provider records, it is told before the answer is given. Where a telephone
/// exchange records, nobody can tell it: the pause is written down, and whoever talks pauses it at the telephone.
#[utoipa::path(put, path = "/calls/{id}/recording", tag = "telephony", params(("id" = i64, Path)),
    request_body = RecordingIn, responses((status = 200, body = CallOut),
        (status = 403, description = "It is a colleague's call"), (status = 404),
        (status = 409, description = "Nobody talks, or nobody records"),
        (status = 503, description = "The provider did not obey: the recording goes on as before")),
    security(("bearer" = [])))]
pub(super) async fn put(
    telephony: web::Data<Telephony>,
    lines: web::Data<dyn Lines>,
    caller: Caller,
    id: web::Path<i64>,
    Json { value, .. }: Json<RecordingIn>,
) -> Result<HttpResponse, Problem> {
    let wanted = if value.paused { Wish::Pause } else { Wish::Resume };
    let row = wish(&telephony, lines.get_ref(), &caller.0, *id, wanted).await?;
    let mut conn = telephony.kernel().db.read().await?;
    Ok(HttpResponse::Ok().json(out(&mut conn, lines.get_ref(), row).await?))
}
