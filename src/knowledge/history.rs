//! The history of a sheet: its versions and what happened to it, a version as it was, what two of them say
//! differently, and beginning again from an older one.
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::diff::compare;
use super::editing::code_in;
use super::facts::Facts;
use super::model::{Sheet, SheetCode, SheetDraft};
use super::search;
use super::versions::{Version, draft, rules, store};
use super::views::{DiffView, TextView, diff_views, names, person, text_views};
use super::{links, store as sheet_store};
use crate::kernel::Kernel;
use crate::kernel::page::{self, Page};
use crate::kernel::permissions::{Permission, Principal};
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Form, Frame};

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route("/scrivania/schede/{code}/versioni", web::get().to(show))
        .route("/scrivania/schede/{code}/versioni/{version}", web::get().to(version))
        .route("/scrivania/schede/{code}/versioni/{version}/ripristina", web::post().to(restore))
        .route("/scrivania/schede/{code}/confronto", web::get().to(diff));
}

struct Line {
    version: i64,
    href: String,
    /// What it changed; empty for the first.
    changes: String,
    who: String,
    when: String,
    why: String,
    in_force: bool,
}

struct StepLine {
    at: String,
    when: String,
    text: String,
}

#[derive(Template)]
#[template(path = "knowledge/history.html")]
struct HistoryPage {
    page: Page,
    code: String,
    sheet: String,
    compare: String,
    lines: Vec<Line>,
    steps: Vec<StepLine>,
    has_draft: bool,
    draft: String,
}

#[derive(Template)]
#[template(path = "knowledge/version.html")]
struct VersionPage {
    page: Page,
    code: String,
    version: i64,
    title: String,
    who: String,
    why: String,
    in_force: bool,
    texts: Vec<TextView>,
    facts: Facts,
    history: String,
    action: String,
    may_restore: bool,
}

struct Choice {
    value: String,
    label: String,
}

#[derive(Template)]
#[template(path = "knowledge/diff.html")]
struct DiffPage {
    page: Page,
    code: String,
    history: String,
    action: String,
    choices: Vec<Choice>,
    from: String,
    to: String,
    diffs: Vec<DiffView>,
}

/// A sheet, retired or not, for somebody who may read it.
pub(super) async fn readable(kernel: &Kernel, who: &Principal, code: &SheetCode) -> Result<Sheet, Problem> {
    let mut conn = kernel.db.read().await?;
    let sheet = sheet_store::sheet(&mut conn, code.as_str()).await?.ok_or_else(Problem::not_found)?;
    let own = store::is_of_own_agency(&mut conn, &who.units).await?;
    if sheet.version > 0 && rules::may_read(who.role, own, sheet.audience) && search::reads_internal(who, own) {
        return Ok(sheet);
    }
    Err(Problem::not_found())
}

/// A version of a sheet as it was; the one in force even when it is not kept yet.
pub(super) async fn kept(kernel: &Kernel, sheet: &Sheet, version: i64) -> Result<Version, Problem> {
    let mut conn = kernel.db.read().await?;
    if let Some(kept) = store::version(&mut conn, sheet.id, version).await? {
        return Ok(kept);
    }
    if version != sheet.version || version == 0 {
        return Err(Problem::not_found());
    }
    let system = crate::kernel::events::Actor::System.to_text();
    Ok(Version {
        version,
        content: store::content(&mut conn, sheet).await?,
        author: system.clone(),
        validator: system,
        at: sheet.updated_at,
        why: String::new(),
    })
}

fn title_of(content: &SheetDraft) -> String {
    content.texts.first().map(|t| t.title.clone()).unwrap_or_default()
}

async fn show(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    code: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::ReadKnowledge)?;
    let sheet = readable(&kernel, who, &code_in(&code)?).await?;
    let mut page = frame.0;
    let mut conn = kernel.db.read().await?;
    let versions = store::versions(&mut conn, sheet.id).await?;
    let steps = store::steps(&mut conn, sheet.id).await?;
    let draft = store::draft(&mut conn, sheet.id).await?;
    let actors = versions.iter().flat_map(|v| [&v.author, &v.validator]).chain(steps.iter().map(|s| &s.actor));
    let people = names(&mut conn, actors).await?;
    drop(conn);
    let title = sheet.text_in(page.language).map(|t| t.title.clone()).unwrap_or_default();
    page.title = page.t1("knowledge-history-of", "title", title);
    let line = |v: &store::VersionLine| Line {
        version: v.version,
        href: links::version(&sheet.code, v.version),
        changes: if v.version > 1 { links::compare(&sheet.code, v.version - 1, v.version) } else { String::new() },
        who: signed(&page, &people, &v.author, &v.validator),
        when: page.datetime(&v.at),
        why: v.why.clone(),
        in_force: v.version == sheet.version && sheet.retired_at.is_none(),
    };
    let step = |s: &super::versions::Step| {
        let who = person(&page, &people, &s.actor);
        let what =
            page.t2(&format!("knowledge-step-{}", s.step.as_str()), "who", who, "version", s.version.unwrap_or(0));
        let text = if s.note.is_empty() { what } else { format!("{what}: {}", s.note) };
        StepLine { at: page.machine_time(&s.at), when: page.datetime(&s.at), text }
    };
    page::html(&HistoryPage {
        code: sheet.code.clone(),
        sheet: links::desk_sheet(&sheet.code),
        compare: format!("{}/confronto", links::desk_sheet(&sheet.code)),
        lines: versions.iter().map(line).collect(),
        steps: steps.iter().map(step).collect(),
        has_draft: draft.is_some() && (rules::may_draft(who, sheet.unit) || rules::may_validate(who, sheet.unit)),
        draft: links::draft(&sheet.code),
        page,
    })
}

/// Who wrote a version, and who published it if that was somebody else.
fn signed(page: &Page, people: &super::views::Names, author: &str, validator: &str) -> String {
    let who = person(page, people, author);
    if author == validator {
        return who;
    }
    page.t2("knowledge-signed", "author", who, "validator", person(page, people, validator))
}

async fn version(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    path: web::Path<(String, i64)>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::ReadKnowledge)?;
    let (code, number) = path.into_inner();
    let sheet = readable(&kernel, who, &code_in(&code)?).await?;
    let kept = kept(&kernel, &sheet, number).await?;
    let mut page = frame.0;
    let mut conn = kernel.db.read().await?;
    let people = names(&mut conn, [&kept.author, &kept.validator]).await?;
    drop(conn);
    let title = title_of(&kept.content);
    page.title = format!("{} {title}", page.t1("knowledge-version", "version", number));
    let who_and_when =
        format!("{}, {}", signed(&page, &people, &kept.author, &kept.validator), page.datetime(&kept.at));
    page::html(&VersionPage {
        code: sheet.code.clone(),
        version: number,
        who: who_and_when,
        why: kept.why,
        in_force: number == sheet.version && sheet.retired_at.is_none(),
        texts: text_views(&kept.content.texts),
        facts: Facts::of(&page, &kept.content.details, &format!("{}/moduli/", links::version(&sheet.code, number))),
        history: links::history(&sheet.code),
        action: format!("{}/ripristina", links::version(&sheet.code, number)),
        may_restore: rules::may_draft(who, sheet.unit),
        title,
        page,
    })
}

#[derive(Deserialize)]
struct Restore {
    #[serde(default)]
    why: String,
}

async fn restore(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    path: web::Path<(String, i64)>,
    form: Form<Restore>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::DraftKnowledge)?;
    let (code, number) = path.into_inner();
    let code = code_in(&code)?;
    let why = match form.0.why.trim() {
        "" => frame.0.t1("knowledge-restored", "version", number),
        why => why.to_owned(),
    };
    draft::restore(&kernel, who, &code, number, why).await?;
    Ok(page::see_other(&links::draft(code.as_str())))
}

#[derive(Deserialize)]
struct Compared {
    #[serde(default)]
    da: String,
    #[serde(default)]
    a: String,
}

/// What two versions say differently. Without a choice, the last two.
async fn diff(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    code: web::Path<String>,
    asked: web::Query<Compared>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::ReadKnowledge)?;
    let sheet = readable(&kernel, who, &code_in(&code)?).await?;
    let number = |text: &str, otherwise: i64| match text {
        "" => Ok(otherwise),
        text => text.parse::<i64>().map_err(|_| Problem::not_found()),
    };
    let to = number(&asked.a, sheet.version)?;
    let from = number(&asked.da, (to - 1).max(1))?;
    let (old, new) = (kept(&kernel, &sheet, from).await?, kept(&kernel, &sheet, to).await?);
    let mut conn = kernel.db.read().await?;
    let versions = store::versions(&mut conn, sheet.id).await?;
    drop(conn);
    let mut page = frame.0;
    page.title = page.t1("knowledge-compare-of", "title", title_of(&new.content));
    let label =
        |v: &store::VersionLine| page.t2("knowledge-version-of", "version", v.version, "when", page.datetime(&v.at));
    page::html(&DiffPage {
        code: sheet.code.clone(),
        history: links::history(&sheet.code),
        action: format!("{}/confronto", links::desk_sheet(&sheet.code)),
        choices: versions.iter().map(|v| Choice { value: v.version.to_string(), label: label(v) }).collect(),
        from: from.to_string(),
        to: to.to_string(),
        diffs: diff_views(&page, &compare(&old.content, &new.content)),
        page,
    })
}
