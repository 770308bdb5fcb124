//! What a ticket's category asks, on the ticket's page.
use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};

use super::actions::refused;
use super::ticket::{self, Notice, Showing};
use super::{code_in_path, ticket_url};
use crate::classification::answers::{self, Asked};
use crate::classification::fields::{AnswerFault, Answers, FieldReader};
use crate::classification::model::Effective;
use crate::classification::store;
use crate::classification::view::{self, Input};
use crate::classification::{AnswersError, competence};
use crate::kernel::Kernel;
use crate::kernel::database::{Conn, StoreError};
use crate::kernel::page::{Page, see_other};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Form, Frame};
use crate::tickets::Ticket;

/// Answers that were refused, to be shown again with what is wrong.
pub type Wrong = (BTreeMap<String, Vec<String>>, Vec<(String, AnswerFault)>);

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route("/scrivania/pratiche/{code:[0-9A-Za-z.-]{9,16}}/campi", web::post().to(save));
}

/// What the ticket page shows beside the classification.
#[derive(Debug, Default)]
pub struct AskedBox {
    pub inputs: Vec<Input>,
    /// Answers to what another category asked: label and answer.
    pub earlier: Vec<(String, String)>,
    /// What belongs in the category, for agents.
    pub description: String,
    /// What to tell a citizen whose request is not of our competence.
    pub notice: String,
    /// From which day the category takes such requests, if that is to come.
    pub not_before: String,
}

impl AskedBox {
    /// Reads what a ticket is asked.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn read(
        conn: &mut Conn,
        page: &Page,
        ticket: &Ticket,
        wrong: Option<&Wrong>,
    ) -> Result<Self, StoreError> {
        let Asked { fields, answers, earlier } = answers::of_ticket(conn, ticket).await?;
        let language = page.language;
        let (shown, faults) = wrong.map_or((&answers, [].as_slice()), |(given, faults)| (given, faults.as_slice()));
        let mut found = Self {
            inputs: view::inputs(&fields, shown, faults, FieldReader::Agent, language),
            earlier: earlier
                .map(|kept| {
                    let mut others: Answers = kept.answers;
                    others.retain(|name, _| !answers.contains_key(name));
                    Effective { fields: kept.fields, phases: Vec::new() }.shown(&others, FieldReader::Agent, language)
                })
                .unwrap_or_default(),
            ..Self::default()
        };
        let Some(category) = ticket.category_id else { return Ok(found) };
        let (slug, chain) = store::chain(conn, category).await?;
        if let Some(node) = chain.get(&slug) {
            node.details.description_in(language).clone_into(&mut found.description);
            if node.not_competent {
                found.notice = competence::notice(conn, category, language).await?;
            }
        }
        let from = chain.effective(&slug).enabled_from(ticket.kind, ticket.channel);
        if let Some(from) = from.filter(|from| ticket.opened_at.zoned(&page.zone).date() < *from) {
            found.not_before = from.strftime("%d/%m/%Y").to_string();
        }
        Ok(found)
    }
}

async fn save(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    code: web::Path<String>,
    form: Form<Vec<(String, String)>>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WorkTickets)?;
    let code = code_in_path(&code)?;
    let seen = form.0.iter().find(|(name, _)| name == "version").and_then(|(_, v)| v.parse().ok());
    let given: BTreeMap<_, _> = view::given(form.0.iter().map(|(n, v)| (n.as_str(), v.as_str())));
    match answers::set(&kernel, who, &code, seen, given.clone()).await {
        Ok(_) => Ok(see_other(&format!("{}?fatto=fields", ticket_url(&code)))),
        Err(AnswersError::Invalid(faults)) => {
            let notice = Notice {
                tone: "bad",
                icon: "error",
                title: frame.0.t("answers-refused"),
                lines: Vec::new(),
                text: String::new(),
            };
            let showing = Showing {
                notice: Some(notice),
                wrong: Some((given, faults)),
                ..Showing::with(StatusCode::UNPROCESSABLE_ENTITY)
            };
            ticket::render(&kernel, who, frame.0, &code, showing).await
        }
        Err(AnswersError::Ticket(error)) => refused(&kernel, who, frame.0, &code, seen, error).await,
    }
}
