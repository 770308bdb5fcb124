//! The page of accounts, for administrators.
use std::collections::HashMap;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::super::store::{self, UnitName};
use super::{NewUser, UserError, add_user, disable_user, login_of, unlock_user};
use crate::identity::{Password, User, reset_password};
use crate::kernel::Kernel;
use crate::kernel::language::Language;
use crate::kernel::page::{Page, html_as, see_other};
use crate::kernel::permissions::{Permission, Principal, Role};
use crate::kernel::problem::{Problem, Refusal};
use crate::kernel::request::{Caller, Form, Frame, Pressed};

const HERE: &str = "/scrivania/utenti";
/// Roles that a person can have.
const ROLES: [Role; 4] = [Role::Agent, Role::Supervisor, Role::Referent, Role::Admin];

/// Mounts the page.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource(HERE).route(web::get().to(show)).route(web::post().to(create)))
        .service(web::resource("/scrivania/utenti/{id}/disabilita").route(web::post().to(disable)))
        .service(web::resource("/scrivania/utenti/{id}/sblocca").route(web::post().to(unlock)))
        .service(web::resource("/scrivania/utenti/{id}/password").route(web::post().to(new_password)));
}

struct Line {
    id: i64,
    name: String,
    login: String,
    role: String,
    units: String,
    disabled: bool,
    /// Until when it is locked; empty when it is not.
    locked: String,
    /// Whether it is the reader's own account.
    own: bool,
}

struct UnitChoice {
    slug: String,
    name: String,
    chosen: bool,
}

struct FieldError {
    field: &'static str,
    message: String,
}

/// What was written in the form, to show it again.
#[derive(Default)]
struct Draft {
    name: String,
    login: String,
    role: String,
    units: Vec<String>,
}

/// A password that is shown once.
struct Secret {
    login: String,
    password: String,
}

#[derive(Template)]
#[template(path = "identity/users.html")]
struct UsersPage {
    page: Page,
    lines: Vec<Line>,
    roles: Vec<(String, String)>,
    chosen_role: &'static str,
    units: Vec<UnitChoice>,
    draft: Draft,
    errors: Vec<FieldError>,
    /// Why something else was refused; empty otherwise.
    alert: String,
    /// What was done, empty at first.
    done: String,
    secret: Option<Secret>,
}

impl UsersPage {
    fn error(&self, field: &str) -> String {
        self.errors.iter().find(|e| e.field == field).map(|e| e.message.clone()).unwrap_or_default()
    }
}

#[derive(Deserialize)]
struct Done {
    done: Option<String>,
}

async fn show(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    query: web::Query<Done>,
) -> Result<HttpResponse, Problem> {
    let mut shown = users_page(&kernel, caller.require(Permission::Administer)?, frame, Draft::default()).await?;
    if let Some(done @ ("disabled" | "unlocked")) = query.done.as_deref() {
        shown.done = shown.page.t(&format!("users-done-{done}"));
    }
    html_as(&mut HttpResponse::Ok(), &shown)
}

async fn create(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<HttpResponse, Problem> {
    let admin = caller.require(Permission::Administer)?;
    let field = |name: &str| fields.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone()).unwrap_or_default();
    let draft = Draft {
        name: field("name"),
        login: field("login"),
        role: field("role"),
        units: fields.iter().filter(|(n, _)| n == "units").map(|(_, v)| v.clone()).collect(),
    };
    let password = Password::random();
    let new = NewUser {
        login: draft.login.clone(),
        name: draft.name.clone(),
        role: Role::from_text(&draft.role).ok_or_else(|| Problem::field("role", "unknown"))?,
        language: Language::from_tag(&kernel.config.desk.language).unwrap_or(Language::Italian),
        password: password.clone(),
        units: draft.units.clone(),
    };
    let refused = match add_user(&kernel, admin.actor.clone(), new).await {
        Ok(_) => {
            let mut shown = users_page(&kernel, admin, frame, Draft::default()).await?;
            shown.done = shown.page.t("users-done-added");
            let login = draft.login.trim().to_lowercase();
            shown.secret = Some(Secret { login, password: password.reveal().to_owned() });
            return html_as(&mut HttpResponse::Created(), &shown);
        }
        Err(e @ (UserError::Invalid(_) | UserError::NoUnit(_) | UserError::Taken)) => e,
        Err(e) => return Err(e.into()),
    };
    let field = match refused.code() {
        "invalid_name" => "name",
        "unknown_unit" => "units",
        "invalid_role" => "role",
        _ => "login",
    };
    let mut shown = users_page(&kernel, admin, frame, draft).await?;
    let message = shown.page.t(&format!("users-{}", refused.code().replace('_', "-")));
    shown.errors.push(FieldError { field, message });
    html_as(&mut HttpResponse::build(refused.kind().status()), &shown)
}

async fn disable(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    id: web::Path<i64>,
    _form: Form<Pressed>,
) -> Result<HttpResponse, Problem> {
    let admin = caller.require(Permission::Administer)?;
    let login = login_of(&kernel, *id).await?;
    match disable_user(&kernel, admin.actor.clone(), &login).await {
        Ok(()) => Ok(see_other(&format!("{HERE}?done=disabled"))),
        Err(UserError::Own) => {
            let mut shown = users_page(&kernel, admin, frame, Draft::default()).await?;
            shown.alert = shown.page.t("users-own-account");
            html_as(&mut HttpResponse::build(StatusCode::CONFLICT), &shown)
        }
        Err(e) => Err(e.into()),
    }
}

async fn unlock(
    kernel: web::Data<Kernel>,
    caller: Caller,
    id: web::Path<i64>,
    _form: Form<Pressed>,
) -> Result<HttpResponse, Problem> {
    let admin = caller.require(Permission::Administer)?;
    unlock_user(&kernel, admin.actor.clone(), *id).await?;
    Ok(see_other(&format!("{HERE}?done=unlocked")))
}

async fn new_password(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    id: web::Path<i64>,
    _form: Form<Pressed>,
) -> Result<HttpResponse, Problem> {
    let admin = caller.require(Permission::Administer)?;
    let (login, password) = (login_of(&kernel, *id).await?, Password::random());
    reset_password(&kernel, admin.actor.clone(), &login, &password).await?;
    let mut shown = users_page(&kernel, admin, frame, Draft::default()).await?;
    shown.done = shown.page.t("users-done-password");
    shown.secret = Some(Secret { login, password: password.reveal().to_owned() });
    html_as(&mut HttpResponse::Ok(), &shown)
}

async fn users_page(kernel: &Kernel, admin: &Principal, frame: Frame, draft: Draft) -> Result<UsersPage, Problem> {
    let page = frame.0.titled("users-title");
    let mut conn = kernel.db.read().await?;
    let users = store::users(&mut conn).await?;
    let mut units: HashMap<i64, Vec<String>> = HashMap::new();
    for (user, unit) in store::memberships(&mut conn).await? {
        units.entry(user).or_default().push(unit_name(&page, &unit));
    }
    let line = |user: User| Line {
        role: page.t(&format!("role-{}", user.role.as_str())),
        units: units.get(&user.id).map(|names| names.join(", ")).unwrap_or_default(),
        disabled: user.disabled_at.is_some(),
        locked: user.locked_until.filter(|until| *until > page.now).map(|at| page.datetime(&at)).unwrap_or_default(),
        own: admin.user_id == Some(user.id),
        id: user.id,
        name: user.name,
        login: user.login,
    };
    let chosen_role = Role::from_text(&draft.role).map_or("", Role::as_str);
    let choices = store::units(&mut conn, page.now).await?;
    Ok(UsersPage {
        lines: users.into_iter().map(line).collect(),
        roles: ROLES.map(|role| (role.as_str().to_owned(), page.t(&format!("role-{}", role.as_str())))).to_vec(),
        chosen_role,
        units: choices
            .into_iter()
            .map(|unit| UnitChoice {
                name: unit_name(&page, &unit),
                chosen: draft.units.contains(&unit.slug),
                slug: unit.slug,
            })
            .collect(),
        errors: Vec::new(),
        alert: String::new(),
        done: String::new(),
        secret: None,
        draft,
        page,
    })
}

fn unit_name(page: &Page, unit: &UnitName) -> String {
    let english = page.language == Language::English && !unit.name_en.is_empty();
    if english { unit.name_en.clone() } else { unit.name.clone() }
}
