//! The pages of channel accounts: how each does, and the forms that open and change one.
use std::collections::BTreeMap;

use actix_web::{HttpResponse, web};
use askama::Template;
use channels::{Driver, FieldKind};
use serde::Deserialize;

use super::list::{list, show};
use super::model::{AccountRow, NewAccount, driver};
use super::{AccountError, Accounts, add, change, check, enable, store};
use crate::kernel::Kernel;
use crate::kernel::page::{Page, html_as, see_other};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Form, Frame};
use crate::organisation;

pub(super) const HERE: &str = "/scrivania/canali";

/// Mounts the pages.
pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource(HERE).route(web::get().to(show)))
        .service(
            web::resource("/scrivania/canali/nuovo/{driver}").route(web::get().to(new)).route(web::post().to(do_add)),
        )
        .service(web::resource("/scrivania/canali/{name}").route(web::get().to(edit)).route(web::post().to(do_change)))
        .service(web::resource("/scrivania/canali/{name}/prova").route(web::post().to(do_check)))
        .service(web::resource("/scrivania/canali/{name}/stato").route(web::post().to(do_enable)));
}

struct Input {
    name: &'static str,
    label: String,
    hint: String,
    /// `text`, `number`, `flag`, `choice`, `secret` or `path`.
    kind: &'static str,
    value: String,
    required: bool,
    error: String,
    choices: Vec<(String, String)>,
}

struct UnitChoice {
    slug: String,
    name: String,
}

#[derive(Template)]
#[template(path = "accounts/edit.html")]
struct EditPage {
    page: Page,
    driver: String,
    action: String,
    /// Empty when the account is new and its name still to be chosen.
    fixed_name: String,
    typed_name: String,
    name_error: String,
    unit: String,
    units: Vec<UnitChoice>,
    enabled: bool,
    version: i64,
    inputs: Vec<Input>,
    hook: String,
    errors: Vec<FieldError>,
}

struct FieldError {
    field: String,
    message: String,
}

/// The form: known names, and a field for each setting.
#[derive(Deserialize)]
struct Written {
    #[serde(flatten)]
    fields: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Switch {
    #[serde(default)]
    enabled: String,
}

/// No fields beside the token, which is checked on the way in.
#[derive(Deserialize)]
struct Nothing {}

pub(super) fn driver_label(page: &Page, name: &str) -> String {
    page.t(&format!("account-driver-{}", name.replace('_', "-")))
}

/// What the form shows.
struct Shown<'a> {
    driver: &'static dyn Driver,
    row: Option<&'a AccountRow>,
    values: NewAccount,
    error: Option<AccountError>,
}

async fn form(kernel: &Kernel, page: Page, shown: Shown<'_>) -> Result<HttpResponse, Problem> {
    let Shown { driver, row, values, error } = shown;
    let label = driver_label(&page, driver.name());
    let mut conn = kernel.db.read().await?;
    let units = organisation::store::units(&mut conn).await?;
    drop(conn);
    let wrong = error.as_ref().map(|e| words(&page, e));
    let wrong_in = |name: &str| match &wrong {
        Some((field, message)) if field == name => message.clone(),
        _ => String::new(),
    };
    let input = |field: &channels::Field| Input {
        name: field.name,
        label: page.t(&format!("account-field-{}", field.name.replace('_', "-"))),
        hint: hint(&page, field.kind),
        kind: kind(field.kind),
        value: values.settings.get(field.name).cloned().unwrap_or_else(|| field.default.to_owned()),
        required: field.required,
        error: wrong_in(field.name),
        choices: match field.kind {
            FieldKind::Choice(names) => names
                .iter()
                .map(|n| ((*n).to_owned(), page.t(&format!("account-choice-{}", n.replace('_', "-")))))
                .collect(),
            _ => Vec::new(),
        },
    };
    let inputs = driver.fields().iter().map(input).collect();
    let fixed_name = row.map(|r| r.name.clone()).unwrap_or_default();
    let errors =
        wrong.iter().map(|(field, message)| FieldError { field: field.clone(), message: message.clone() }).collect();
    let title = if fixed_name.is_empty() { page.t1("account-new", "driver", &label) } else { fixed_name.clone() };
    let action =
        if fixed_name.is_empty() { format!("{HERE}/nuovo/{}", driver.name()) } else { format!("{HERE}/{fixed_name}") };
    let mut response = if error.is_some() { HttpResponse::UnprocessableEntity() } else { HttpResponse::Ok() };
    let hook = if fixed_name.is_empty() { String::new() } else { kernel.config.link(&format!("/hooks/{fixed_name}")) };
    let template = EditPage {
        name_error: wrong_in("name"),
        page: Page { title, ..page.clone() },
        driver: label,
        action,
        fixed_name,
        typed_name: values.name,
        unit: values.unit,
        units: units.into_iter().map(|u| UnitChoice { slug: u.slug, name: u.name }).collect(),
        enabled: values.enabled,
        version: row.map_or(0, |r| r.version),
        inputs,
        hook,
        errors,
    };
    html_as(&mut response, &template)
}

const fn kind(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Text => "text",
        FieldKind::Number { .. } => "number",
        FieldKind::Flag => "flag",
        FieldKind::Choice(_) => "choice",
        FieldKind::Secret => "secret",
        FieldKind::Path => "path",
    }
}

fn hint(page: &Page, kind: FieldKind) -> String {
    match kind {
        FieldKind::Secret => page.t("account-hint-secret"),
        FieldKind::Path => page.t("account-hint-path"),
        FieldKind::Number { least, most } => page.t2("account-hint-number", "least", least, "most", most),
        FieldKind::Text | FieldKind::Flag | FieldKind::Choice(_) => String::new(),
    }
}

/// The field at fault and what is wrong with it, for the person who filled the form in.
fn words(page: &Page, error: &AccountError) -> (String, String) {
    match error {
        AccountError::Invalid { field, wrong } => (field.clone(), page.t(&format!("account-wrong-{wrong}"))),
        AccountError::Refused { field, why } => (field.clone(), why.clone()),
        AccountError::Stale => ("name".to_owned(), page.t("account-wrong-stale")),
        _ => ("name".to_owned(), page.t("account-wrong-taken")),
    }
}

/// Whether a form is shown again with this error, so that nothing written is lost.
const fn is_of_form(error: &AccountError) -> bool {
    matches!(
        error,
        AccountError::Invalid { .. } | AccountError::Refused { .. } | AccountError::Taken | AccountError::Stale
    )
}

fn known(name: &str) -> Result<&'static dyn Driver, AccountError> {
    driver(name).ok_or(AccountError::NotFound)
}

async fn find(kernel: &Kernel, name: &str) -> Result<AccountRow, AccountError> {
    let mut conn = kernel.db.read().await?;
    store::by_name(&mut conn, name).await?.ok_or(AccountError::NotFound)
}

fn written(mut fields: BTreeMap<String, String>, name: Option<&str>, driver: &str) -> NewAccount {
    let mut take = |field: &str| fields.remove(field).unwrap_or_default();
    let typed = take("name");
    let (unit, enabled) = (take("unit"), take("enabled") == "true");
    NewAccount {
        name: name.map_or(typed, str::to_owned),
        driver: driver.to_owned(),
        unit,
        enabled,
        settings: fields.into_iter().filter_map(|(k, v)| Some((k.strip_prefix("set.")?.to_owned(), v))).collect(),
    }
}

async fn new(
    kernel: web::Data<Kernel>,
    caller: Caller,
    Frame(page): Frame,
    name: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::Administer)?;
    let values = NewAccount { enabled: true, ..NewAccount::default() };
    form(&kernel, page, Shown { driver: known(&name)?, row: None, values, error: None }).await
}

async fn do_add(
    kernel: web::Data<Kernel>,
    caller: Caller,
    Frame(page): Frame,
    name: web::Path<String>,
    Form(Written { fields }): Form<Written>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::Administer)?;
    let driver = known(&name)?;
    let values = written(fields, None, driver.name());
    match add(&kernel, who, values.clone()).await {
        Ok(_) => Ok(see_other(HERE)),
        Err(e) if is_of_form(&e) => form(&kernel, page, Shown { driver, row: None, values, error: Some(e) }).await,
        Err(e) => Err(e.into()),
    }
}

async fn edit(
    kernel: web::Data<Kernel>,
    caller: Caller,
    Frame(page): Frame,
    name: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::Administer)?;
    let row = find(&kernel, &name).await?;
    let values = NewAccount {
        name: row.name.clone(),
        driver: row.driver.clone(),
        settings: row.values(),
        unit: row.unit.clone(),
        enabled: row.enabled,
    };
    form(&kernel, page, Shown { driver: known(&row.driver)?, row: Some(&row), values, error: None }).await
}

async fn do_change(
    kernel: web::Data<Kernel>,
    caller: Caller,
    Frame(page): Frame,
    name: web::Path<String>,
    Form(Written { fields }): Form<Written>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::Administer)?;
    let row = find(&kernel, &name).await?;
    let version = fields.get("version").and_then(|v| v.parse().ok());
    let values = written(fields, Some(&row.name), &row.driver);
    match change(&kernel, who, version, values.clone()).await {
        Ok(_) => Ok(see_other(HERE)),
        Err(e) if is_of_form(&e) => {
            form(&kernel, page, Shown { driver: known(&row.driver)?, row: Some(&row), values, error: Some(e) }).await
        }
        Err(e) => Err(e.into()),
    }
}

async fn do_check(
    kernel: web::Data<Kernel>,
    accounts: web::Data<Accounts>,
    caller: Caller,
    Frame(page): Frame,
    name: web::Path<String>,
    _form: Form<Nothing>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::Administer)?;
    let row = find(&kernel, &name).await?;
    let tried = check(&kernel, who, &row).await?;
    list(&kernel, &accounts, page, Some((row.name, tried))).await
}

async fn do_enable(
    kernel: web::Data<Kernel>,
    caller: Caller,
    name: web::Path<String>,
    Form(form): Form<Switch>,
) -> Result<HttpResponse, Problem> {
    enable(&kernel, caller.require(Permission::Administer)?, &name, form.enabled == "true").await?;
    Ok(see_other(HERE))
}
