//! Pages: sign in, sign out, one's own profile.
use actix_web::cookie::{Cookie, SameSite, time};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::{
    ChangePasswordError, SESSION_COOKIE, SignInError, SignInLimits, change_language, change_password, sign_in,
    sign_out, sign_out_everywhere,
};
use crate::kernel::Kernel;
use crate::kernel::language::Language;
use crate::kernel::page::{Page, html, html_as, see_other};
use crate::kernel::problem::{Kind, Problem, Refusal};
use crate::kernel::request::{Caller, Form, Frame, LANGUAGE_COOKIE, Signed, local_path, peer};

/// Mounts the pages of this capability.
pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/accesso").route(web::get().to(show_sign_in)).route(web::post().to(do_sign_in)))
        .service(web::resource("/uscita").route(web::post().to(do_sign_out)))
        .service(web::resource("/scrivania/profilo").route(web::get().to(show_profile)))
        .service(web::resource("/scrivania/profilo/lingua").route(web::post().to(do_change_language)))
        .service(web::resource("/scrivania/profilo/password").route(web::post().to(do_change_password)));
}

#[derive(Template)]
#[template(path = "identity/sign_in.html")]
struct SignInPage {
    page: Page,
    /// Where to go afterwards: a path of this site.
    next: String,
    login: String,
    /// What went wrong, empty at first.
    alert: String,
    /// What the rule of locking is, shown beside an alert.
    lock_note: String,
}

#[derive(Template)]
#[template(path = "identity/profile.html")]
struct ProfilePage {
    page: Page,
    role: String,
    languages: Vec<(String, String)>,
    /// Whether the password must be changed before anything else.
    must_change: bool,
    /// Text that says what was done, empty at first.
    done: String,
    current_error: String,
    new_error: String,
}

#[derive(Deserialize)]
struct Next {
    next: Option<String>,
}

#[derive(Deserialize)]
struct SignInForm {
    #[serde(default)]
    login: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    next: String,
}

#[derive(Deserialize)]
struct NoFields {}

#[derive(Deserialize)]
struct SignOutChoice {
    #[serde(default)]
    everywhere: bool,
}

#[derive(Deserialize)]
struct LanguageForm {
    language: String,
}

#[derive(Deserialize)]
struct PasswordForm {
    #[serde(default)]
    current: String,
    #[serde(default)]
    new: String,
}

#[derive(Deserialize)]
struct Done {
    done: Option<String>,
}

const AFTER_SIGN_IN: &str = "/scrivania";

async fn show_sign_in(req: HttpRequest, frame: Frame, query: web::Query<Next>) -> Result<HttpResponse, Problem> {
    let next = query.next.as_deref().and_then(local_path).unwrap_or(AFTER_SIGN_IN).to_owned();
    if req.extensions().contains::<Signed>() {
        return Ok(see_other(&next));
    }
    let page = frame.0.titled("sign-in-title");
    html(&SignInPage { page, next, login: String::new(), alert: String::new(), lock_note: String::new() })
}

async fn do_sign_in(
    req: HttpRequest,
    kernel: web::Data<Kernel>,
    limits: web::Data<SignInLimits>,
    frame: Frame,
    form: Form<SignInForm>,
) -> Result<HttpResponse, Problem> {
    let Form(form) = form;
    let next = local_path(&form.next).unwrap_or(AFTER_SIGN_IN).to_owned();
    let (alert, kind) = match sign_in(&kernel, &limits, &peer(&req), &form.login, &form.password).await {
        Ok(opened) => {
            let mut response = see_other(&next);
            let cookie = session_cookie(&kernel, opened.token);
            if let Err(e) = response.add_cookie(&cookie) {
                return Err(Problem::new(Kind::Internal, "internal", e.to_string()));
            }
            return Ok(response);
        }
        Err(e @ (SignInError::Refused | SignInError::TooMany)) => {
            (format!("problem-{}", e.code().replace('_', "-")), e.kind())
        }
        Err(e) => return Err(e.into()),
    };
    let page = frame.0.titled("sign-in-title");
    let desk = &kernel.config.desk;
    let lock_note = page.t2("sign-in-lock-note", "failures", desk.failures_before_lock, "minutes", desk.lock_minutes);
    let alert = page.t(&alert);
    html_as(&mut HttpResponse::build(kind.status()), &SignInPage { page, next, login: form.login, alert, lock_note })
}

async fn do_sign_out(
    req: HttpRequest,
    kernel: web::Data<Kernel>,
    choice: web::Query<SignOutChoice>,
    _form: Form<NoFields>,
) -> Result<HttpResponse, Problem> {
    let user = req.extensions().get::<Signed>().and_then(|s| s.principal.user_id);
    if let Some(cookie) = req.cookie(SESSION_COOKIE) {
        sign_out(&kernel, cookie.value()).await?;
    }
    if let (true, Some(user)) = (choice.everywhere, user) {
        sign_out_everywhere(&kernel, user).await?;
    }
    let mut gone = session_cookie(&kernel, String::new());
    gone.set_max_age(time::Duration::ZERO);
    let mut response = see_other("/accesso");
    if let Err(e) = response.add_cookie(&gone) {
        return Err(Problem::new(Kind::Internal, "internal", e.to_string()));
    }
    Ok(response)
}

fn must_change(req: &HttpRequest) -> bool {
    req.extensions().get::<Signed>().is_some_and(|signed| signed.must_change_password)
}

async fn show_profile(
    req: HttpRequest,
    caller: Caller,
    frame: Frame,
    query: web::Query<Done>,
) -> Result<HttpResponse, Problem> {
    let mut profile = profile(&caller, frame);
    profile.must_change = must_change(&req);
    profile.done = match query.done.as_deref() {
        Some("language") => profile.page.t("profile-language-kept"),
        Some("password") => profile.page.t("profile-password-changed"),
        _ => String::new(),
    };
    html(&profile)
}

async fn do_change_language(
    kernel: web::Data<Kernel>,
    caller: Caller,
    form: Form<LanguageForm>,
) -> Result<HttpResponse, Problem> {
    let language = Language::from_tag(&form.0.language).ok_or_else(|| Problem::field("language", "unknown"))?;
    let user = own_user(&caller)?;
    change_language(&kernel, user, language).await?;
    let mut response = see_other("/scrivania/profilo?done=language");
    // The account's language holds from now on; a choice made with a link would hide it.
    let mut choice = Cookie::build(LANGUAGE_COOKIE, "").path("/").finish();
    choice.set_max_age(time::Duration::ZERO);
    if let Err(e) = response.add_cookie(&choice) {
        return Err(Problem::new(Kind::Internal, "internal", e.to_string()));
    }
    Ok(response)
}

async fn do_change_password(
    req: HttpRequest,
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    form: Form<PasswordForm>,
) -> Result<HttpResponse, Problem> {
    let user = own_user(&caller)?;
    let session = req.cookie(SESSION_COOKIE).map(|c| c.value().to_owned()).unwrap_or_default();
    let error = match change_password(&kernel, user, &session, &form.0.current, &form.0.new).await {
        Ok(()) => return Ok(see_other("/scrivania/profilo?done=password")),
        Err(e @ (ChangePasswordError::WrongCurrent | ChangePasswordError::Invalid(_))) => e,
        Err(e) => return Err(e.into()),
    };
    let mut profile = profile(&caller, frame);
    profile.must_change = must_change(&req);
    let text = profile.page.t(&format!("problem-{}", error.code().replace('_', "-")));
    match error {
        ChangePasswordError::WrongCurrent => profile.current_error = text,
        _ => profile.new_error = text,
    }
    html_as(&mut HttpResponse::UnprocessableEntity(), &profile)
}

fn profile(caller: &Caller, frame: Frame) -> ProfilePage {
    let page = frame.0.titled("profile-title");
    ProfilePage {
        role: page.t(&format!("role-{}", caller.0.role.as_str())),
        languages: Language::ALL.map(|l| (l.as_str().to_owned(), page.t(&format!("language-{}", l.as_str())))).to_vec(),
        must_change: false,
        done: String::new(),
        current_error: String::new(),
        new_error: String::new(),
        page,
    }
}

/// The account of the caller; a program with a token has none.
fn own_user(caller: &Caller) -> Result<i64, Problem> {
    caller.0.user_id.ok_or_else(|| Problem::new(Kind::Forbidden, "forbidden", "a token has no profile"))
}

fn session_cookie(kernel: &Kernel, value: String) -> Cookie<'static> {
    Cookie::build(SESSION_COOKIE, value)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(kernel.config.server.public_url.starts_with("https:"))
        .finish()
}
