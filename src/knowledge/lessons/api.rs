//! JSON: what a sheet learnt from the tickets it closed.
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::unlearn::{self, Taught};
use super::{learnt, store};
use crate::kernel::Kernel;
use crate::kernel::language::Language;
use crate::kernel::permissions::Forbidden;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Json};
use crate::knowledge::editing::code_in;
use crate::knowledge::index::KnowledgeIndex;
use crate::knowledge::sheets;
use crate::knowledge::versions::rules;

pub(in crate::knowledge) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route("/knowledge/sheets/{code}/lessons", web::get().to(list_lessons))
        .route("/knowledge/sheets/{code}/lessons", web::post().to(change_lesson));
}

/// A word of a language.
#[derive(Debug, Serialize, ToSchema)]
pub struct LessonWord {
    /// `it` or `en`
    pub lang: String,
    pub word: String,
    /// How many people used it, counted up to six; absent for what is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub people: Option<usize>,
}

/// What a sheet learnt.
#[derive(Debug, Serialize, ToSchema)]
pub struct LessonsOut {
    /// Words that citizens used and the sheet does not, those of most people first.
    pub words: Vec<LessonWord>,
    /// Words that an editor left out.
    pub dropped: Vec<LessonWord>,
}

/// What a sheet is to learn, or not: a word, or all words of a ticket.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LessonIn {
    /// `it` or `en`; Italian when absent.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub lang: Option<Language>,
    #[serde(default)]
    pub word: String,
    /// Tracking code, instead of a word.
    #[serde(default)]
    pub ticket: String,
    /// Whether to leave it out, or to let it in again.
    pub dropped: bool,
}

/// Says which words a sheet learnt from the tickets that were closed with it.
#[utoipa::path(get, path = "/knowledge/sheets/{code}/lessons", tag = "knowledge",
    params(("code" = String, Path, description = "Code of the sheet")), security(("bearer" = [])),
    responses((status = 200, body = LessonsOut), (status = 403, description = "The caller does not write this sheet"),
        (status = 404, description = "No such sheet")))]
pub(in crate::knowledge) async fn list_lessons(
    kernel: web::Data<Kernel>,
    index: web::Data<KnowledgeIndex>,
    caller: Caller,
    code: web::Path<String>,
) -> Result<web::Json<LessonsOut>, Problem> {
    let sheet = sheets::by_code(&kernel, &code_in(&code)?).await?.ok_or_else(Problem::not_found)?;
    if !rules::may_draft(&caller.0, sheet.unit) {
        return Err(Forbidden.into());
    }
    let words = learnt(&kernel, &index, &sheet).await?;
    let mut conn = kernel.db.read().await?;
    let dropped = store::unlearnt_words(&mut conn, sheet.id).await?;
    Ok(web::Json(LessonsOut {
        words: words
            .into_iter()
            .map(|w| LessonWord { lang: w.language.as_str().to_owned(), word: w.word, people: Some(w.people) })
            .collect(),
        dropped: dropped.into_iter().map(|(lang, word)| LessonWord { lang, word, people: None }).collect(),
    }))
}

/// Leaves a word, or all that a ticket taught, out of what a sheet learns; or lets it in again.
#[utoipa::path(post, path = "/knowledge/sheets/{code}/lessons", tag = "knowledge", request_body = LessonIn,
    params(("code" = String, Path, description = "Code of the sheet")), security(("bearer" = [])),
    responses((status = 204, description = "Kept"), (status = 403, description = "The caller does not write this sheet"),
        (status = 404, description = "No such sheet"), (status = 422, description = "A value is not acceptable")))]
pub(in crate::knowledge) async fn change_lesson(
    kernel: web::Data<Kernel>,
    caller: Caller,
    code: web::Path<String>,
    body: Json<LessonIn>,
) -> Result<HttpResponse, Problem> {
    let body = body.value;
    let taught = if body.ticket.is_empty() {
        Taught::Word(body.lang.unwrap_or(Language::Italian), body.word)
    } else {
        Taught::Ticket(body.ticket)
    };
    unlearn::set(&kernel, &caller.0, &code_in(&code)?, taught, body.dropped).await?;
    Ok(HttpResponse::NoContent().finish())
}
