//! The form in which a sheet's next version is written, in both languages at once. What was typed is never
//! lost: a refused form comes back filled in.
mod fields;
mod form;

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use self::fields::Fields;
pub(super) use self::form::{Fault, fault, fault_in, label_of};
use self::form::{Shown, form};
use super::index::KnowledgeIndex;
use super::model::SheetCode;
use super::sheets::SheetError;
use super::versions::draft::{self, Basis};
use super::versions::{Draft, decide, rules};
use super::{links, sheets, store, versions};
use crate::kernel::Kernel;
use crate::kernel::page::{self, Page};
use crate::kernel::permissions::{Forbidden, Permission, Principal};
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::request::{Caller, Form, Frame, Pressed};
use crate::tickets::pages::upload::Submitted;

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route(links::DESK, web::post().to(create))
        .route("/scrivania/schede/nuova", web::get().to(new))
        .route("/scrivania/schede/{code}/modifica", web::get().to(edit))
        .route("/scrivania/schede/{code}", web::post().to(save))
        .route("/scrivania/schede/{code}/ritira", web::post().to(retire));
}

pub(super) fn code_in(path: &str) -> Result<SheetCode, Problem> {
    SheetCode::parse(path).ok_or_else(Problem::not_found)
}

async fn new(
    kernel: web::Data<Kernel>,
    index: web::Data<KnowledgeIndex>,
    caller: Caller,
    frame: Frame,
    begun: web::Query<Begun>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::DraftKnowledge)?;
    let mut fields = Fields::default();
    fields.set("it_title", begun.titolo.as_str());
    fields.set("category", begun.category.as_str());
    page::html(&form(&kernel, &index, who, frame.0, &fields, Shown::default()).await?)
}

/// What a new sheet begins with, when a page led to it.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Begun {
    titolo: String,
    /// Slug.
    category: String,
}

/// A sheet's draft as the form shows it, or what is in force when there is none.
async fn edit(
    kernel: web::Data<Kernel>,
    index: web::Data<KnowledgeIndex>,
    caller: Caller,
    frame: Frame,
    code: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::DraftKnowledge)?;
    let code = code_in(&code)?;
    let mut conn = kernel.db.read().await?;
    let sheet = store::sheet(&mut conn, code.as_str()).await?.ok_or_else(Problem::not_found)?;
    if !rules::may_draft(who, sheet.unit) {
        return Err(Forbidden.into());
    }
    let draft = versions::store::draft(&mut conn, sheet.id).await?;
    let content = match &draft {
        Some(draft) => draft.content.clone(),
        None if sheet.version > 0 => versions::store::content(&mut conn, &sheet).await?,
        None => return Err(Problem::not_found()),
    };
    drop(conn);
    let mut fields = Fields::of_content(&content);
    fields.set("version", draft.as_ref().map_or(sheet.version, |d| d.based_on).to_string());
    fields.set("revision", draft.as_ref().map_or(0, |d| d.revision).to_string());
    fields.set("why", draft.as_ref().map(|d| d.why.clone()).unwrap_or_default());
    let shown = Shown {
        existing: Some(&code),
        outdated: sheet.outdated(),
        reason: draft.map(|d| d.reason).unwrap_or_default(),
        ..Shown::default()
    };
    page::html(&form(&kernel, &index, who, frame.0, &fields, shown).await?)
}

async fn create(
    kernel: web::Data<Kernel>,
    index: web::Data<KnowledgeIndex>,
    caller: Caller,
    frame: Frame,
    req: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::DraftKnowledge)?;
    let sent = Submitted::read(&req, payload, &kernel).await?;
    handle(&kernel, &index, who, frame.0, &sent, None).await
}

async fn save(
    kernel: web::Data<Kernel>,
    index: web::Data<KnowledgeIndex>,
    caller: Caller,
    frame: Frame,
    code: web::Path<String>,
    req: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::DraftKnowledge)?;
    let code = code_in(&code)?;
    let sent = Submitted::read(&req, payload, &kernel).await?;
    handle(&kernel, &index, who, frame.0, &sent, Some(&code)).await
}

/// Saves what was sent, then does what its button says.
async fn handle(
    kernel: &Kernel,
    index: &KnowledgeIndex,
    who: &Principal,
    page: Page,
    sent: &Submitted,
    existing: Option<&SheetCode>,
) -> Result<HttpResponse, Problem> {
    let mut fields = Fields::of_form(sent);
    if let Some(code) = existing {
        fields.set("code", code.as_str());
    }
    let then = sent.value("then");
    if then == "preview" || then == "office" {
        let faults = match fields.content() {
            Err(SheetError::Invalid(faults)) if then == "preview" => faults,
            _ => Vec::new(),
        };
        let shown = Shown { existing, faults, preview: then == "preview", ..Shown::default() };
        return page::html(&form(kernel, index, who, page, &fields, shown).await?);
    }
    let number = |name: &str| match sent.value(name) {
        "" => Ok(0),
        text => text.parse::<i64>().map_err(|_| Problem::field(name, "invalid")),
    };
    let basis = match existing {
        None => Basis::New,
        Some(_) => Basis::On { revision: number("revision")?, version: number("version")? },
    };
    let saved = match fields.content() {
        Ok(content) => draft::save(kernel, who, content, fields.get("why").trim().to_owned(), basis).await,
        Err(e) => Err(e),
    };
    let saved = match saved {
        Ok(saved) => saved,
        Err(e) => return again(kernel, index, who, page, fields, existing, e).await,
    };
    let code = saved.content.code.clone();
    let done = match then {
        "submit" => decide::submit(kernel, who, &code, saved.revision).await.map(|_| links::draft(code.as_str())),
        "publish" => {
            decide::approve(kernel, who, &code, saved.revision, None).await.map(|_| links::desk_sheet(code.as_str()))
        }
        _ => Ok(links::draft(code.as_str())),
    };
    match done {
        Ok(to) => Ok(page::see_other(&to)),
        // The draft is kept by now: the form goes on from it.
        Err(e @ SheetError::Invalid(_)) => {
            remember(&mut fields, &saved);
            again(kernel, index, who, page, fields, Some(&code), e).await
        }
        Err(e) => Err(e.into()),
    }
}

fn remember(fields: &mut Fields, saved: &Draft) {
    fields.set("revision", saved.revision.to_string());
    fields.set("version", saved.based_on.to_string());
}

/// The form as it was sent, with what is wrong; a stale one can be sent again over what is there now.
async fn again(
    kernel: &Kernel,
    index: &KnowledgeIndex,
    who: &Principal,
    page: Page,
    mut fields: Fields,
    existing: Option<&SheetCode>,
    refusal: SheetError,
) -> Result<HttpResponse, Problem> {
    let mut shown = Shown { existing, ..Shown::default() };
    let kind = match refusal {
        SheetError::Invalid(faults) => {
            shown.faults = faults;
            Kind::Invalid
        }
        SheetError::Stale(revision) => {
            fields.set("revision", revision.to_string());
            if let Some(code) = existing {
                let mut conn = kernel.db.read().await?;
                let version = store::sheet(&mut conn, code.as_str()).await?.map_or(0, |s| s.version);
                fields.set("version", version.to_string());
            }
            shown.stale = true;
            Kind::Stale
        }
        other @ (SheetError::Missing
        | SheetError::NoDraft
        | SheetError::WrongState(_)
        | SheetError::Forbidden(_)
        | SheetError::Store(_)) => return Err(other.into()),
    };
    let form = form(kernel, index, who, page, &fields, shown).await?;
    page::html_as(&mut HttpResponse::build(kind.status()), &form)
}

async fn retire(
    kernel: web::Data<Kernel>,
    caller: Caller,
    code: web::Path<String>,
    _guard: Form<Pressed>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::ValidateKnowledge)?;
    let code = code_in(&code)?;
    let sheet = sheets::by_code(&kernel, &code).await?.ok_or_else(Problem::not_found)?;
    if !rules::may_validate(who, sheet.unit) {
        return Err(Forbidden.into());
    }
    sheets::retire(&kernel, who.actor.clone(), &code).await?;
    Ok(page::see_other(links::DESK))
}
