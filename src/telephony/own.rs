//! The reader's own telephone: a bar and the call at hand on every page, and what they say of themselves.
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::model::{Post, Presence};
use super::pages::{HERE, Line, line, state_label, tone};
use super::pausing::Lines;
use super::presence::{PhoneChange, change};
use super::{PhoneError, Telephony};
use crate::kernel::page::{Page, html, see_other};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Form, Frame, local_path};

/// Seconds that an agent asks for to finish what a call left to do.
const MORE_WRAP: u32 = 60;

/// Mounts the parts and forms.
pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/scrivania/telefono/barra").route(web::get().to(bar)))
        .service(web::resource("/scrivania/telefono/chiamata").route(web::get().to(notice)))
        .service(web::resource("/scrivania/telefono/stato").route(web::post().to(set_state)))
        .service(web::resource("/scrivania/telefono/apparecchio").route(web::post().to(set_telephone)));
}

#[derive(Template)]
#[template(path = "telephony/bar.html")]
struct BarPart {
    page: Page,
    state: &'static str,
    label: String,
    tone: &'static str,
    since: String,
    /// Whether the last call left something to do.
    wraps: bool,
    reasons: Vec<String>,
}

#[derive(Template)]
#[template(path = "telephony/call.html")]
struct CallPart {
    page: Page,
    /// What the browser shows: the same call in the same state is not announced again.
    known: String,
    line: Option<Line>,
}

impl CallPart {
    fn title(&self, line: &Line) -> String {
        self.page.t1(if line.talking { "phone-talking-with" } else { "phone-incoming" }, "who", &line.who)
    }
}

/// The reader's telephone on every page of the desk; nothing for who has none.
async fn bar(telephony: web::Data<Telephony>, caller: Caller, frame: Frame) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WorkTickets)?;
    let board = telephony.read_board().await?;
    let Some(agent) = board.agents.iter().find(|a| Some(a.user) == who.user_id) else {
        return Ok(HttpResponse::NoContent().finish());
    };
    let page = frame.0;
    html(&BarPart {
        state: agent.state.as_str(),
        label: state_label(&page, agent),
        tone: tone(agent),
        since: page.age(&agent.since),
        wraps: agent.wraps && !agent.busy,
        reasons: telephony.kernel().config.phone.pause_reasons.clone(),
        page,
    })
}

#[derive(Deserialize)]
struct Seen {
    #[serde(default)]
    known: String,
}

/// The call at the reader's telephone.
async fn notice(
    telephony: web::Data<Telephony>,
    lines: web::Data<dyn Lines>,
    caller: Caller,
    frame: Frame,
    seen: web::Query<Seen>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WorkTickets)?;
    let board = telephony.read_board().await?;
    let own = board.agents.iter().find(|a| Some(a.user) == who.user_id);
    let call = own.and_then(|own| board.calls.iter().find(|c| c.agent == own.extension && c.stage != "waiting"));
    let known =
        call.map(|call| format!("{}-{}{}", call.id, call.stage, if call.paused_at.is_some() { "-paused" } else { "" }));
    let known = known.unwrap_or_default();
    if known == seen.known {
        return Ok(HttpResponse::NoContent().finish());
    }
    let page = frame.0;
    let mut conn = telephony.kernel().db.read().await?;
    let line = match call {
        Some(call) => Some(line(&mut conn, &page, call, &board.agents, lines.get_ref(), who).await?),
        None => None,
    };
    html(&CallPart { page, known, line })
}

#[derive(Deserialize)]
struct NewState {
    /// `wrap`: more time after the last call.
    state: String,
    /// Why they pause.
    #[serde(default)]
    reason: String,
    /// Path of the page to go back to.
    #[serde(default)]
    back: String,
}

fn own_user(caller: &Caller) -> Result<i64, Problem> {
    caller.require(Permission::WorkTickets)?.user_id.ok_or_else(Problem::not_found)
}

async fn set_state(
    telephony: web::Data<Telephony>,
    caller: Caller,
    Form(new): Form<NewState>,
) -> Result<HttpResponse, Problem> {
    let user = own_user(&caller)?;
    let new_state = match Presence::from_text(&new.state) {
        Some(Presence::Pause) => {
            PhoneChange { state: Some(Presence::Pause), reason: Some(new.reason), ..PhoneChange::default() }
        }
        Some(state) => PhoneChange { state: Some(state), ..PhoneChange::default() },
        None if new.state == "wrap" => PhoneChange { more_wrap: Some(MORE_WRAP), ..PhoneChange::default() },
        None => return Err(PhoneError::Invalid { field: "state", wrong: "unknown" }.into()),
    };
    change(telephony.kernel(), &caller.0, user, new_state).await?;
    let back = local_path(&new.back).filter(|path| path.starts_with("/scrivania"));
    Ok(see_other(back.unwrap_or(HERE)))
}

#[derive(Deserialize)]
struct Telephone {
    extension: String,
    address: String,
    post: Post,
    #[serde(default)]
    skills: String,
    #[serde(default)]
    languages: String,
}

async fn set_telephone(
    telephony: web::Data<Telephony>,
    caller: Caller,
    Form(new): Form<Telephone>,
) -> Result<HttpResponse, Problem> {
    let user = own_user(&caller)?;
    let telephone = PhoneChange {
        state: None,
        extension: Some(new.extension),
        address: Some(new.address),
        post: Some(new.post),
        skills: Some(new.skills).filter(|_| caller.0.role.may(Permission::TakeOver)),
        languages: Some(new.languages),
        ..PhoneChange::default()
    };
    change(telephony.kernel(), &caller.0, user, telephone).await?;
    Ok(see_other(HERE))
}
