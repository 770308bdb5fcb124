//! What providers push: `/hooks/{account}/…`. The driver verifies the request; what it brought is stored before
//! the provider is told that it arrived.
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use channels::{HookRefusal, HookRequest};

use super::Accounts;
use crate::intake::reading;
use crate::kernel::Kernel;
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::request::{check_announced, read_body};

/// Mounts the hooks.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/hooks/{account}").route(web::get().to(call)).route(web::post().to(call)))
        .service(web::resource("/hooks/{account}/{rest:.*}").route(web::get().to(call)).route(web::post().to(call)));
}

/// The body, not read yet: how much of it is acceptable depends on the account.
struct Unread(Payload);

impl FromRequest for Unread {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(_: &HttpRequest, payload: &mut Payload) -> Self::Future {
        std::future::ready(Ok(Self(payload.take())))
    }
}

async fn call(
    req: HttpRequest,
    kernel: web::Data<Kernel>,
    accounts: web::Data<Accounts>,
    Unread(payload): Unread,
) -> Result<HttpResponse, Problem> {
    let name = req.match_info().query("account").to_owned();
    let count = |result: &str, name: &str| kernel.metrics.hooks.with_label_values(&[name, result]).inc();
    let open = accounts.open(&name).filter(|open| open.enabled);
    let Some((kind, hook)) = open.and_then(|open| Some((open.kind, open.account.hook?))) else {
        count("unknown", "");
        return Err(Problem::new(Kind::NotFound, "not_found", "there is no such account"));
    };
    let text = |value: &actix_web::http::header::HeaderValue| value.to_str().map(str::to_owned).unwrap_or_default();
    let query = req.query_string().to_owned();
    let mut request = HookRequest {
        method: req.method().to_string(),
        url: kernel.config.link(req.uri().path_and_query().map_or("/", |p| p.as_str())),
        path: req.match_info().query("rest").trim_matches('/').to_owned(),
        query,
        headers: req.headers().iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect(),
        body: web::Bytes::new(),
        now: kernel.now().timestamp(),
    };
    let failed = |e: &Problem| {
        // Who dies in the middle of a transfer begins again: nothing of it is kept.
        count(if e.kind == Kind::TooLarge { "too_large" } else { "broken" }, &name);
    };
    check_announced(&req, hook.limit()).inspect_err(failed)?;
    // Of who proves nothing by the head of the request no body is read.
    if !hook.admits(&request) {
        count("forbidden", &name);
        return Err(Problem::new(Kind::Forbidden, "hook_forbidden", HookRefusal::Forbidden.to_string()));
    }
    request.body = read_body(&req, payload, hook.limit()).await.inspect_err(failed)?;
    let accepted = match hook.accept(&request).await {
        Ok(accepted) => accepted,
        Err(refusal) => {
            let (status, code, result) = match refusal {
                HookRefusal::Forbidden => (Kind::Forbidden, "hook_forbidden", "forbidden"),
                HookRefusal::NotFound => (Kind::NotFound, "not_found", "unknown"),
                HookRefusal::Malformed(_) => (Kind::Malformed, "malformed", "malformed"),
            };
            count(result, &name);
            // Its sender proved who they are: what they wanted to say waits for a person, without what proves it.
            if let HookRefusal::Malformed(why) = &refusal {
                let kept = hook.kept(&request);
                if !kept.is_empty() {
                    reading::put_aside(&kernel, kind, &name, kept, format!("malformed: {why}")).await?;
                }
            }
            return Err(Problem::new(status, code, refusal.to_string()));
        }
    };
    // What a request holds beside its words is stored whole below.
    let has_sounds = accepted.call.as_ref().is_some_and(|call| !call.sounds.is_empty());
    let raw = if accepted.items.is_empty() && !has_sounds { request.body } else { actix_web::web::Bytes::new() };
    if !accepted.items.is_empty() {
        reading::store(&kernel, kind, &name, accepted.items).await?;
    }
    let answer = match accepted.call {
        Some(call) => accounts.calls().take(&name, call, &raw).await?,
        None => None,
    };
    let answer = answer.unwrap_or(accepted.answer);
    count("accepted", &name);
    accounts.was_called(&name, kernel.now());
    Ok(HttpResponse::Ok().content_type(answer.media_type).body(answer.body))
}
