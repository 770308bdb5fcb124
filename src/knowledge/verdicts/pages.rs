//! The two keys beside a sheet, and what they became.
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::{Said, Verdict, say, settle};
use crate::kernel::Kernel;
use crate::kernel::language::Language;
use crate::kernel::page::{self, Page};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Form, Frame, Pressed};
use crate::knowledge::editing::code_in;
use crate::knowledge::links;
use crate::knowledge::views::wants_fragment;

/// Mounts the two buttons and the editor's answer.
pub(in crate::knowledge) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route("/scrivania/schede/{code}/giudizio", web::post().to(judge))
        .route("/scrivania/schede/{code}/sistemata", web::post().to(settled));
}

#[derive(Deserialize)]
struct Judged {
    verdict: Verdict,
    version: i64,
    lang: String,
    #[serde(default)]
    ticket: String,
    #[serde(default)]
    remark: String,
}

#[derive(Template)]
#[template(path = "knowledge/judged.html")]
struct JudgedPart {
    page: Page,
    code: String,
    version: i64,
    lang: String,
    ticket: String,
    /// Whether it was called wrong or out of date.
    reported: bool,
    /// Whether a line was added.
    remarked: bool,
}

async fn judge(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    req: HttpRequest,
    code: web::Path<String>,
    form: Form<Judged>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WorkTickets)?;
    let (code, form) = (code_in(&code)?, form.0);
    let said = Said {
        code: code.clone(),
        version: form.version,
        language: Language::from_tag(&form.lang).ok_or_else(|| Problem::field("lang", "unknown"))?,
        verdict: form.verdict,
        remark: form.remark.clone(),
        ticket: form.ticket.clone(),
    };
    say(&kernel, who, said).await?;
    if !wants_fragment(&req) {
        return Ok(page::see_other(&links::desk_sheet(code.as_str())));
    }
    page::html(&JudgedPart {
        page: frame.0,
        code: code.as_str().to_owned(),
        version: form.version,
        lang: form.lang,
        ticket: form.ticket,
        reported: form.verdict == Verdict::OutOfDate,
        remarked: !form.remark.trim().is_empty(),
    })
}

async fn settled(
    kernel: web::Data<Kernel>,
    caller: Caller,
    code: web::Path<String>,
    _guard: Form<Pressed>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::DraftKnowledge)?;
    let code = code_in(&code)?;
    settle(&kernel, who, &code).await?;
    Ok(page::see_other(&links::desk_sheet(code.as_str())))
}
