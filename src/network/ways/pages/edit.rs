//! The form of a way: its kind and settings, a trial, the keys of the unit's system, the log of calls.
use std::collections::BTreeMap;

use actix_web::{HttpResponse, web};
use askama::Template;
use channels::ChannelKind;
use serde::Deserialize;

use super::super::api::named;
use super::super::model::{FieldKind, Way, WayKind, Whose};
use super::super::save::{Wish, replay, save};
use super::super::{WayError, store, try_way};
use super::{FieldError, HERE, kind_label};
use crate::identity;
use crate::kernel::Kernel;
use crate::kernel::page::{Page, html, html_as, see_other};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::request::{Caller, Form, Frame, Pressed};
use crate::network::model::leg_code;
use crate::organisation;
use crate::organisation::directory::unit_name;
use crate::outbox;

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/scrivania/vie/ripeti/{row}").route(web::post().to(again)))
        .service(
            web::resource("/scrivania/vie/{whose}/{slug}").route(web::get().to(edit)).route(web::post().to(change)),
        )
        .service(web::resource("/scrivania/vie/{whose}/{slug}/prova").route(web::post().to(try_it)))
        .service(web::resource("/scrivania/vie/{whose}/{slug}/chiavi").route(web::post().to(token)));
}

struct KindLink {
    href: String,
    label: String,
    hint: String,
    chosen: bool,
}

struct Input {
    name: &'static str,
    label: String,
    hint: String,
    /// `line`, `lines`, `flag` or `choice`.
    control: &'static str,
    secret: bool,
    value: String,
    required: bool,
    error: String,
    choices: Vec<String>,
}

struct CallLine {
    when: String,
    leg: String,
    href: String,
    event: String,
    good: bool,
    words: String,
    millis: i64,
    row: i64,
}

struct TokenLine {
    name: String,
    until: String,
}

#[derive(Template)]
#[template(path = "network/way.html")]
struct EditPage {
    page: Page,
    action: String,
    kinds: Vec<KindLink>,
    kind: &'static str,
    /// The kind in force; it can be tried.
    in_force: bool,
    version: i64,
    inputs: Vec<Input>,
    errors: Vec<FieldError>,
    tried: String,
    tried_well: bool,
    calls: Vec<CallLine>,
    /// What is wrong with asking for updates; empty when nothing is.
    asking: String,
    /// Whether systems of this unit may have tokens.
    of_unit: bool,
    tokens: Vec<TokenLine>,
    /// A token just made; it is shown this once.
    secret: String,
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    kind: String,
}

#[derive(Deserialize)]
struct Written {
    #[serde(flatten)]
    fields: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct TokenForm {
    #[serde(default)]
    name: String,
}

async fn again(
    kernel: web::Data<Kernel>,
    caller: Caller,
    row: web::Path<i64>,
    _form: Form<Pressed>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::Administer)?;
    replay(&kernel, who, *row).await?;
    Ok(see_other(HERE))
}

/// What the form of a way shows beside what is stored.
#[derive(Default)]
struct Shown {
    kind: Option<WayKind>,
    values: Option<BTreeMap<String, String>>,
    errors: Vec<FieldError>,
    tried: Option<Result<String, String>>,
    secret: String,
}

async fn form(kernel: &Kernel, page: Page, path: &(String, String), shown: Shown) -> Result<EditPage, Problem> {
    let whose = named(kernel, &path.0, &path.1).await?;
    let mut conn = kernel.db.read().await?;
    let name = match whose {
        Whose::Unit(id) => {
            organisation::store::unit(&mut conn, id).await?.map(|u| unit_name(&u, page.language).to_owned())
        }
        Whose::Agency(id) => organisation::store::agency(&mut conn, id).await?.map(|a| a.name),
    };
    let way = store::of(&mut conn, whose).await?;
    let stored = way.as_ref().map_or(WayKind::Default, |way| way.kind);
    let kind = shown.kind.unwrap_or(stored);
    let values = shown.values.unwrap_or_else(|| way.as_ref().map(Way::values).unwrap_or_default());
    let senders = outbox::senders(&mut conn).await?;
    let accounts =
        |wanted: ChannelKind| senders.iter().filter(|s| s.kind == wanted).map(|s| s.name.clone()).collect::<Vec<_>>();
    let error_of =
        |name: &str| shown.errors.iter().find(|e| e.field == name).map(|e| e.message.clone()).unwrap_or_default();
    let fresh = kind != stored;
    let inputs = kind
        .fields()
        .iter()
        .map(|field| Input {
            name: field.name,
            label: page.t(&format!("way-field-{}", field.name.replace('_', "-"))),
            hint: page.t(&format!("way-hint-{}", field.name.replace('_', "-"))),
            control: match field.kind {
                FieldKind::Flag => "flag",
                FieldKind::Lines | FieldKind::Pairs => "lines",
                FieldKind::PecAccount | FieldKind::PrintAccount => "choice",
                FieldKind::Line
                | FieldKind::Address
                | FieldKind::Url
                | FieldKind::Secret
                | FieldKind::Number { .. } => "line",
            },
            secret: field.kind == FieldKind::Secret,
            value: match values.get(field.name) {
                Some(value) => value.clone(),
                None if fresh && shown.errors.is_empty() => field.default.to_owned(),
                None => String::new(),
            },
            required: field.required,
            error: error_of(field.name),
            choices: match field.kind {
                FieldKind::PecAccount => accounts(ChannelKind::Pec),
                FieldKind::PrintAccount => accounts(ChannelKind::Letter),
                _ => Vec::new(),
            },
        })
        .collect();
    let action = format!("{HERE}/{}/{}", path.0, path.1);
    let kinds = WayKind::ALL
        .iter()
        .map(|&one| KindLink {
            href: format!("{action}?kind={}", one.as_str()),
            label: kind_label(&page, one),
            hint: page.t(&format!("way-kind-{}-hint", one.as_str())),
            chosen: one == kind,
        })
        .collect();
    let mut calls = Vec::new();
    let mut asking = String::new();
    if let Some(way) = &way {
        for call in store::calls(&mut conn, way.id, 50).await? {
            calls.push(CallLine {
                when: page.datetime(&call.at),
                leg: leg_code(&call.code, call.number),
                href: format!("/scrivania/pratiche/{}", call.code),
                event: page.t(&format!("way-event-{}", call.event.replace(['.', '_'], "-"))),
                good: (200..300).contains(&call.status),
                words: call.words,
                millis: call.millis,
                row: call.outbox_id,
            });
        }
        asking = store::cursor(&mut conn, way.id).await?.map(|place| place.last_error).unwrap_or_default();
    }
    let tokens = match whose {
        Whose::Unit(unit) => store::tokens(&mut conn, unit, kernel.now()).await?,
        Whose::Agency(_) => Vec::new(),
    };
    let (tried_well, tried) = match shown.tried {
        None => (true, String::new()),
        Some(Ok(words)) => (true, words),
        Some(Err(words)) => (false, words),
    };
    Ok(EditPage {
        kinds,
        kind: kind.as_str(),
        in_force: way.is_some() && kind == stored,
        version: way.as_ref().map_or(0, |way| way.version),
        inputs,
        errors: shown.errors,
        tried,
        tried_well,
        calls,
        asking,
        of_unit: matches!(whose, Whose::Unit(_)),
        tokens: tokens
            .into_iter()
            .map(|t| TokenLine { name: t.name, until: t.expires_at.map(|at| page.date(&at)).unwrap_or_default() })
            .collect(),
        secret: shown.secret,
        action,
        page: Page { title: name.unwrap_or_default(), ..page },
    })
}

async fn edit(
    kernel: web::Data<Kernel>,
    caller: Caller,
    Frame(page): Frame,
    path: web::Path<(String, String)>,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::Administer)?;
    let shown = Shown { kind: WayKind::from_text(&asked.kind), ..Shown::default() };
    html(&form(&kernel, page, &path, shown).await?)
}

async fn change(
    kernel: web::Data<Kernel>,
    caller: Caller,
    Frame(page): Frame,
    path: web::Path<(String, String)>,
    written: Form<Written>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::Administer)?;
    let whose = named(&kernel, &path.0, &path.1).await?;
    let mut fields = written.0.fields;
    let version = fields.remove("version").and_then(|v| v.parse().ok()).unwrap_or(0);
    let kind = fields.remove("kind").and_then(|k| WayKind::from_text(&k));
    let kind = kind.ok_or_else(|| Problem::field("kind", "unknown"))?;
    // A box that is not ticked sends nothing.
    for field in kind.fields().iter().filter(|f| f.kind == FieldKind::Flag) {
        fields.entry(field.name.to_owned()).or_insert_with(|| "false".to_owned());
    }
    let wish = Wish { whose, kind, settings: fields.clone(), version };
    let (field, wrong) = match save(&kernel, who, wish).await {
        Ok(_) => return Ok(see_other(&format!("{HERE}/{}/{}", path.0, path.1))),
        Err(WayError::Invalid { field, wrong }) => (field, wrong),
        Err(WayError::Stale) => ("kinds", "stale"),
        Err(e) => return Err(e.into()),
    };
    let errors = vec![FieldError { field: field.to_owned(), message: page.t(&format!("way-wrong-{wrong}")) }];
    let shown = Shown { kind: Some(kind), values: Some(fields), errors, ..Shown::default() };
    html_as(&mut HttpResponse::build(Kind::Invalid.status()), &form(&kernel, page, &path, shown).await?)
}

async fn try_it(
    kernel: web::Data<Kernel>,
    caller: Caller,
    Frame(page): Frame,
    path: web::Path<(String, String)>,
    _form: Form<Pressed>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::Administer)?;
    let whose = named(&kernel, &path.0, &path.1).await?;
    let way = store::of(&mut kernel.db.read().await?, whose).await?.ok_or(WayError::NotFound)?;
    let tried = try_way::try_out(&kernel, who, &way).await?;
    html(&form(&kernel, page, &path, Shown { tried: Some(tried), ..Shown::default() }).await?)
}

async fn token(
    kernel: web::Data<Kernel>,
    caller: Caller,
    Frame(page): Frame,
    path: web::Path<(String, String)>,
    written: Form<TokenForm>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::Administer)?;
    let Whose::Unit(unit) = named(&kernel, &path.0, &path.1).await? else { return Err(WayError::NotFound.into()) };
    let name = if written.0.name.trim().is_empty() { path.1.clone() } else { written.0.name };
    let made = identity::create_body_token(&kernel, who.actor.clone(), &name, unit, None).await?;
    html(&form(&kernel, page, &path, Shown { secret: made.secret, ..Shown::default() }).await?)
}
