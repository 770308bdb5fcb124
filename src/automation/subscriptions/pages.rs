//! The administration's pages of subscriptions: the list, the form, the log.
use std::collections::BTreeMap;

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::model::{KINDS, SHOWN, Subscription};
use super::save::{replay, save};
use super::{SubscriptionError, store};
use crate::kernel::Kernel;
use crate::kernel::page::{Badge, Page, html, html_as, see_other};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Form, Frame, Pressed};

const HERE: &str = "/scrivania/webhook";

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource(HERE).route(web::get().to(list)))
        .service(web::resource("/scrivania/webhook/conteggio").route(web::get().to(badge)))
        .service(web::resource("/scrivania/webhook/ripeti/{id}").route(web::post().to(again)))
        .service(web::resource("/scrivania/webhook/nuovo").route(web::get().to(new)).route(web::post().to(add)))
        .service(web::resource("/scrivania/webhook/{id}").route(web::get().to(edit)).route(web::post().to(change)));
}

struct Line {
    id: i64,
    name: String,
    host: String,
    /// `good`, `warn`, `bad` or `plain`.
    tone: &'static str,
    state: String,
    error: String,
}

#[derive(Template)]
#[template(path = "automation/subscriptions.html")]
struct ListPage {
    page: Page,
    lines: Vec<Line>,
}

struct Tick {
    name: String,
    label: String,
    ticked: bool,
}

struct FieldError {
    field: &'static str,
    message: String,
}

struct DeliveryLine {
    id: i64,
    when: String,
    event: String,
    tone: &'static str,
    state: String,
    words: String,
    attempts: i64,
}

#[derive(Template)]
#[template(path = "automation/subscription.html")]
struct EditPage {
    page: Page,
    action: String,
    form: Subscription,
    kinds: Vec<Tick>,
    shows: Vec<Tick>,
    errors: Vec<FieldError>,
    suspended: String,
    deliveries: Vec<DeliveryLine>,
}

impl EditPage {
    fn error(&self, field: &str) -> String {
        self.errors.iter().find(|e| e.field == field).map(|e| e.message.clone()).unwrap_or_default()
    }
}

#[derive(Deserialize)]
struct Written {
    #[serde(flatten)]
    fields: BTreeMap<String, String>,
}

fn event_key(kind: &str) -> String {
    format!("webhook-event-{}", kind.replace(['.', '_'], "-"))
}

async fn badge(kernel: web::Data<Kernel>, caller: Caller) -> Result<HttpResponse, Problem> {
    caller.require(Permission::Administer)?;
    let count = store::suspended(&mut kernel.db.read().await?).await?;
    html(&Badge { count, late: count > 0 })
}

async fn list(kernel: web::Data<Kernel>, caller: Caller, Frame(page): Frame) -> Result<HttpResponse, Problem> {
    caller.require(Permission::Administer)?;
    let page = page.titled("webhook-title");
    let all = store::all(&mut kernel.db.read().await?).await?;
    let line = |s: Subscription| {
        let (tone, key) = match (s.enabled, s.suspended_at, s.failing_since) {
            (false, ..) => ("plain", "webhook-state-off"),
            (true, Some(_), _) => ("bad", "webhook-state-suspended"),
            (true, None, Some(_)) => ("warn", "webhook-state-failing"),
            (true, None, None) => ("good", "webhook-state-working"),
        };
        let host = reqwest::Url::parse(&s.url).ok().and_then(|u| u.host_str().map(str::to_owned));
        Line { id: s.id, name: s.name, host: host.unwrap_or_default(), tone, state: page.t(key), error: s.last_error }
    };
    let lines = all.into_iter().map(line).collect();
    html(&ListPage { page, lines })
}

async fn filled(kernel: &Kernel, page: Page, form: Subscription, errors: Vec<FieldError>) -> Result<EditPage, Problem> {
    let deliveries = match form.id {
        0 => Vec::new(),
        id => store::deliveries(&mut kernel.db.read().await?, id, 50).await?,
    };
    let line = |d: store::Delivery| DeliveryLine {
        id: d.id,
        when: page.datetime(&d.created_at),
        event: page.t(&event_key(&d.kind)),
        tone: match d.state.as_str() {
            "sent" => "good",
            "failed" => "bad",
            _ => "warn",
        },
        state: page.t(&format!("webhook-delivery-{}", d.state)),
        words: d.words,
        attempts: d.attempts,
    };
    let tick =
        |prefix: &str, name: &str, label: String, ticked: bool| Tick { name: format!("{prefix}{name}"), label, ticked };
    let has = |text: &str, one: &str| text.split_whitespace().any(|word| word == one);
    Ok(EditPage {
        action: if form.id == 0 { format!("{HERE}/nuovo") } else { format!("{HERE}/{}", form.id) },
        kinds: KINDS.iter().map(|k| tick("kind.", k, page.t(&event_key(k)), has(&form.kinds, k))).collect(),
        shows: SHOWN
            .iter()
            .map(|s| tick("show.", s, page.t(&format!("webhook-show-{s}")), has(&form.shows, s)))
            .collect(),
        suspended: form.suspended_at.map(|at| page.datetime(&at)).unwrap_or_default(),
        deliveries: deliveries.into_iter().map(line).collect(),
        errors,
        page: match form.id {
            0 => page.titled("webhook-new"),
            _ => Page { title: form.name.clone(), ..page },
        },
        form,
    })
}

async fn new(kernel: web::Data<Kernel>, caller: Caller, Frame(page): Frame) -> Result<HttpResponse, Problem> {
    caller.require(Permission::Administer)?;
    let form = Subscription { enabled: true, ..Subscription::default() };
    html(&filled(&kernel, page, form, Vec::new()).await?)
}

async fn edit(
    kernel: web::Data<Kernel>,
    caller: Caller,
    Frame(page): Frame,
    id: web::Path<i64>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::Administer)?;
    let form = store::by_id(&mut kernel.db.read().await?, *id).await?.ok_or(SubscriptionError::NotFound)?;
    html(&filled(&kernel, page, form, Vec::new()).await?)
}

async fn add(
    kernel: web::Data<Kernel>,
    caller: Caller,
    Frame(page): Frame,
    written: Form<Written>,
) -> Result<HttpResponse, Problem> {
    keep(&kernel, &caller, page, 0, written.0).await
}

async fn change(
    kernel: web::Data<Kernel>,
    caller: Caller,
    Frame(page): Frame,
    id: web::Path<i64>,
    written: Form<Written>,
) -> Result<HttpResponse, Problem> {
    keep(&kernel, &caller, page, *id, written.0).await
}

async fn keep(
    kernel: &Kernel,
    caller: &Caller,
    page: Page,
    id: i64,
    Written { mut fields }: Written,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::Administer)?;
    let ticked = |prefix: &str, fields: &BTreeMap<String, String>| {
        let names = fields.keys().filter_map(|name| name.strip_prefix(prefix));
        names.map(str::to_owned).collect::<Vec<_>>().join(" ")
    };
    let (kinds, shows) = (ticked("kind.", &fields), ticked("show.", &fields));
    let mut take = |name: &str| fields.remove(name).unwrap_or_default();
    let form = Subscription {
        id,
        name: take("name"),
        url: take("url"),
        secret: take("secret"),
        category: take("category").trim().to_owned(),
        unit: take("unit").trim().to_owned(),
        enabled: take("enabled") == "true",
        version: take("version").parse().unwrap_or(0),
        kinds,
        shows,
        ..Subscription::default()
    };
    let (field, wrong) = match save(kernel, who, form.clone()).await {
        Ok(saved) => return Ok(see_other(&format!("{HERE}/{}", saved.id))),
        Err(SubscriptionError::Invalid { field, wrong }) => (field, wrong),
        Err(SubscriptionError::Stale) => ("name", "stale"),
        Err(e) => return Err(e.into()),
    };
    let errors = vec![FieldError { field, message: page.t(&format!("webhook-wrong-{wrong}")) }];
    html_as(&mut HttpResponse::UnprocessableEntity(), &filled(kernel, page, form, errors).await?)
}

async fn again(
    kernel: web::Data<Kernel>,
    caller: Caller,
    id: web::Path<i64>,
    _form: Form<Pressed>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::Administer)?;
    replay(&kernel, who, *id).await?;
    Ok(see_other(HERE))
}
