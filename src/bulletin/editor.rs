//! The form in which a bulletin is written or changed.
use actix_web::{HttpResponse, web};
use askama::Template;
use jiff::civil::DateTime;

use super::model::{BulletinKind, Content, READERS, Stage};
use super::views::{HERE, href, kind_label, role_label};
use super::{BulletinError, read, write};
use crate::kernel::Kernel;
use crate::kernel::page::{self, Page};
use crate::kernel::permissions::{Permission, Role};
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::request::{Caller, Form, Frame};
use crate::kernel::time::Instant;
use crate::knowledge::{self, sheets};
use crate::tickets::pages::names::{AreaChoice, Names};

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route("/scrivania/bacheca/nuova", web::get().to(new))
        .route(HERE, web::post().to(create))
        .route("/scrivania/bacheca/{id:\\d+}/modifica", web::get().to(edit))
        .route("/scrivania/bacheca/{id:\\d+}", web::post().to(save));
}

/// The form's fields, as they were typed.
#[derive(Debug, Clone, Default)]
struct Fields {
    kind: String,
    title: String,
    text: String,
    roles: Vec<String>,
    units: Vec<String>,
    pinned: bool,
    from: String,
    until: String,
    sheet: String,
    category: String,
    ask: bool,
    revision: i64,
    preview: bool,
}

impl Fields {
    fn of_form(pairs: Vec<(String, String)>) -> Self {
        let mut fields = Self::default();
        for (name, value) in pairs {
            match name.as_str() {
                "kind" => fields.kind = value,
                "title" => fields.title = value,
                "text" => fields.text = value.replace("\r\n", "\n"),
                "roles" => fields.roles.push(value),
                "units" => fields.units.push(value),
                "pinned" => fields.pinned = value == "true",
                "from" => fields.from = value,
                "until" => fields.until = value,
                "sheet" => fields.sheet = value,
                "category" => fields.category = value,
                "ask" => fields.ask = value == "true",
                "revision" => fields.revision = value.parse().unwrap_or_default(),
                "then" => fields.preview = value == "preview",
                _ => {}
            }
        }
        fields
    }

    fn of_content(page: &Page, content: &Content, revision: i64) -> Self {
        Self {
            kind: content.kind.as_str().to_owned(),
            title: content.title.clone(),
            text: content.text.clone(),
            roles: content.roles.iter().map(|r| r.as_str().to_owned()).collect(),
            units: content.units.clone(),
            pinned: content.pinned,
            from: typed(page, content.from),
            until: content.until.map(|at| typed(page, at)).unwrap_or_default(),
            sheet: content.sheet.clone().unwrap_or_default(),
            category: content.category.clone().unwrap_or_default(),
            ask: false,
            revision,
            preview: false,
        }
    }

    /// What was typed, as a bulletin; an empty beginning is now.
    async fn content(&self, kernel: &Kernel, page: &Page) -> Result<Content, BulletinError> {
        let mut faults = Vec::new();
        let mut instant = |field: &str, text: &str| match text.trim() {
            "" => None,
            text => {
                let read = text.parse::<DateTime>().ok().and_then(|at| at.to_zoned(page.zone.clone()).ok());
                if read.is_none() {
                    faults.push((field.to_owned(), "invalid".to_owned()));
                }
                read.map(|at| Instant::from(at.timestamp()))
            }
        };
        let (from, until) = (instant("from", &self.from), instant("until", &self.until));
        let kind = BulletinKind::from_text(&self.kind);
        if kind.is_none() {
            faults.push(("kind".to_owned(), "required".to_owned()));
        }
        let sheet = match self.sheet.trim() {
            "" => None,
            said => match sheets::by_dictation(kernel, said).await? {
                Some(sheet) => Some(sheet.code),
                None => {
                    faults.push(("sheet".to_owned(), "unknown".to_owned()));
                    None
                }
            },
        };
        let content = Content {
            kind: kind.unwrap_or(BulletinKind::Service),
            title: self.title.trim().to_owned(),
            text: self.text.trim().to_owned(),
            roles: self.roles.iter().filter_map(|r| Role::from_text(r)).collect(),
            units: self.units.clone(),
            pinned: self.pinned,
            from: from.unwrap_or(page.now),
            until,
            sheet,
            category: Some(self.category.clone()).filter(|slug| !slug.is_empty()),
        };
        faults.extend(content.faults());
        if faults.is_empty() { Ok(content) } else { Err(BulletinError::Invalid(faults)) }
    }
}

/// As a browser's field for day and time has it.
fn typed(page: &Page, at: Instant) -> String {
    at.zoned(&page.zone).strftime("%Y-%m-%dT%H:%M").to_string()
}

struct Choice {
    value: String,
    label: String,
    chosen: bool,
}

/// What is wrong with a field, in words.
struct Fault {
    field: String,
    message: String,
}

#[derive(Template)]
#[template(path = "bulletin/edit.html")]
struct EditPage {
    page: Page,
    action: String,
    /// Whether it is in force or planned already.
    existing: bool,
    fields: Fields,
    kinds: Vec<Choice>,
    roles: Vec<Choice>,
    units: Vec<Choice>,
    areas: Vec<AreaChoice>,
    faults: Vec<Fault>,
    /// Whether somebody changed it while it was open here.
    stale: bool,
    preview: String,
}

impl EditPage {
    fn fault(&self, field: &str) -> String {
        self.faults.iter().find(|f| f.field == field).map(|f| f.message.clone()).unwrap_or_default()
    }
}

async fn form(
    kernel: &Kernel,
    page: Page,
    fields: Fields,
    id: Option<i64>,
    faults: &[(String, String)],
) -> Result<EditPage, Problem> {
    let page = page.titled(if id.is_some() { "bulletin-edit" } else { "bulletin-new" });
    let mut conn = kernel.db.read().await?;
    let units = knowledge::store::units(&mut conn, page.now).await?;
    let areas = Names::read(&mut conn, page.language).await?.areas(None);
    drop(conn);
    let fault = |(field, wrong): &(String, String)| Fault {
        message: page.t2(
            "bulletin-fault",
            "field",
            page.t(&format!("bulletin-field-{field}")),
            "wrong",
            page.t(&format!("bulletin-wrong-{}", wrong.replace('_', "-"))),
        ),
        field: field.clone(),
    };
    let kind = |kind: &BulletinKind| Choice {
        value: kind.as_str().to_owned(),
        label: kind_label(&page, *kind),
        chosen: fields.kind == kind.as_str(),
    };
    let role = |role: &Role| Choice {
        value: role.as_str().to_owned(),
        label: role_label(&page, role.as_str()),
        chosen: fields.roles.iter().any(|r| r == role.as_str()),
    };
    let unit = |unit: knowledge::store::UnitName| Choice {
        chosen: fields.units.contains(&unit.slug),
        value: unit.slug,
        label: unit.name,
    };
    Ok(EditPage {
        action: id.map_or_else(|| HERE.to_owned(), href),
        existing: id.is_some(),
        kinds: BulletinKind::ALL.iter().map(kind).collect(),
        roles: READERS.iter().map(role).collect(),
        units: units.into_iter().map(unit).collect(),
        areas,
        faults: faults.iter().map(fault).collect(),
        stale: false,
        preview: if fields.preview { knowledge::to_html(&fields.text) } else { String::new() },
        fields,
        page,
    })
}

async fn new(kernel: web::Data<Kernel>, caller: Caller, frame: Frame) -> Result<HttpResponse, Problem> {
    caller.require(Permission::WriteBulletins)?;
    let fields = Fields { kind: BulletinKind::Service.as_str().to_owned(), ..Fields::default() };
    page::html(&form(&kernel, frame.0, fields, None, &[]).await?)
}

async fn edit(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    id: web::Path<i64>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WriteBulletins)?;
    let bulletin = read::show(&kernel, who, *id).await?;
    if bulletin.stage(kernel.now()) == Stage::Withdrawn {
        return Ok(page::see_other(&href(*id)));
    }
    let fields = Fields::of_content(&frame.0, &bulletin.content, bulletin.revision);
    page::html(&form(&kernel, frame.0, fields, Some(*id), &[]).await?)
}

async fn create(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    sent: Form<Vec<(String, String)>>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WriteBulletins)?;
    let fields = Fields::of_form(sent.0);
    if fields.preview {
        return page::html(&form(&kernel, frame.0, fields, None, &[]).await?);
    }
    let written = match fields.content(&kernel, &frame.0).await {
        Ok(content) => write::publish(&kernel, who, content).await,
        Err(e) => Err(e),
    };
    match written {
        Ok(id) => Ok(page::see_other(&href(id))),
        Err(e) => again(&kernel, frame.0, fields, None, e).await,
    }
}

async fn save(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    id: web::Path<i64>,
    sent: Form<Vec<(String, String)>>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WriteBulletins)?;
    let fields = Fields::of_form(sent.0);
    if fields.preview {
        return page::html(&form(&kernel, frame.0, fields, Some(*id), &[]).await?);
    }
    let written = match fields.content(&kernel, &frame.0).await {
        Ok(content) => write::change(&kernel, who, *id, fields.revision, content, fields.ask).await,
        Err(e) => Err(e),
    };
    match written {
        Ok(_) => Ok(page::see_other(&href(*id))),
        Err(e) => again(&kernel, frame.0, fields, Some(*id), e).await,
    }
}

/// The form as it was sent, with what is wrong; a stale one can be sent again over what is there now.
async fn again(
    kernel: &Kernel,
    page: Page,
    mut fields: Fields,
    id: Option<i64>,
    refusal: BulletinError,
) -> Result<HttpResponse, Problem> {
    let (shown, kind) = match refusal {
        BulletinError::Invalid(faults) => (form(kernel, page, fields, id, &faults).await?, Kind::Invalid),
        BulletinError::Stale(revision) => {
            fields.revision = revision;
            (EditPage { stale: true, ..form(kernel, page, fields, id, &[]).await? }, Kind::Stale)
        }
        other @ (BulletinError::Missing
        | BulletinError::Withdrawn
        | BulletinError::Forbidden(_)
        | BulletinError::Store(_)) => return Err(other.into()),
    };
    page::html_as(&mut HttpResponse::build(kind.status()), &shown)
}
