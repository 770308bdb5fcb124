//! The priority of a ticket: what it is and why, and the form by which somebody decides otherwise.
use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::actions::refused;
use super::names::Choice;
use super::{code_in_path, ticket_url, words};
use crate::kernel::Kernel;
use crate::kernel::database::{Conn, StoreError};
use crate::kernel::page::{Page, see_other};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Form, Frame};
use crate::tickets::assignment::priority::{Decision, set};
use crate::tickets::assignment::{Priority, PriorityReason, store};

/// Mounts the form's target.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/scrivania/pratiche/{code}/priorita").route(web::post().to(decide)));
}

/// The priority as the page shows it.
#[derive(Debug)]
pub struct PriorityBox {
    pub label: String,
    pub tone: &'static str,
    /// Whether it is another one than usual.
    pub unusual: bool,
    pub because: String,
    /// Its stored name, `auto` when nobody decided.
    pub chosen: &'static str,
    pub choices: Vec<Choice>,
    pub reasons: Vec<Choice>,
}

/// Reads the priority of a ticket.
pub async fn of_ticket(conn: &mut Conn, page: &Page, ticket: i64) -> Result<PriorityBox, StoreError> {
    let (priority, reason) = store::priority_of(conn, ticket).await?;
    let word = |p: Priority| page.t(&format!("priority-{}", p.as_str()));
    let because = |r: PriorityReason| page.t(&format!("priority-because-{}", r.as_str()));
    let choice = |value: &str, label: String| Choice { value: value.to_owned(), label };
    let own = Priority::ALL.iter().map(|p| choice(p.as_str(), word(*p)));
    Ok(PriorityBox {
        label: word(priority),
        tone: words::priority_tone(priority),
        unusual: priority != Priority::Normal,
        because: because(reason),
        chosen: if reason.is_chosen() { priority.as_str() } else { "auto" },
        choices: std::iter::once(choice("auto", page.t("priority-auto"))).chain(own).collect(),
        reasons: [PriorityReason::Manual, PriorityReason::Emergency].map(|r| choice(r.as_str(), because(r))).into(),
    })
}

#[derive(Deserialize)]
struct Decided {
    version: Option<i64>,
    #[serde(default)]
    priority: String,
    #[serde(default)]
    because: String,
    #[serde(default)]
    reason: String,
}

async fn decide(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    code: web::Path<String>,
    Form(form): Form<Decided>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WorkTickets)?;
    let code = code_in_path(&code)?;
    let decision = match (form.priority.as_str(), Priority::from_text(&form.priority)) {
        ("auto", _) => Decision::Automatic,
        (_, Some(priority)) => {
            let because =
                PriorityReason::from_text(&form.because).ok_or_else(|| Problem::field("because", "unknown"))?;
            Decision::Set(priority, because)
        }
        (_, None) => return Err(Problem::field("priority", "unknown")),
    };
    match set(&kernel, who, &code, form.version, decision, &form.reason).await {
        Ok(_) => Ok(see_other(&format!("{}?fatto=priority", ticket_url(&code)))),
        Err(error) => refused(&kernel, who, frame.0, &code, form.version, error).await,
    }
}
