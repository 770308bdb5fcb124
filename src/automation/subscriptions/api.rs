//! JSON: subscriptions of other systems to events.
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use super::model::Subscription;
use super::save::{replay, save};
use super::store::{self, Delivery};
use crate::kernel::Kernel;
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Json};

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/subscriptions").route(web::get().to(list)).route(web::post().to(subscribe)))
        .service(web::resource("/subscriptions/{id}").route(web::put().to(change)))
        .service(web::resource("/subscriptions/{id}/deliveries").route(web::get().to(log)))
        .service(web::resource("/subscriptions/deliveries/{id}/replay").route(web::post().to(again)));
}

/// The endpoints of this capability, for the API's description.
#[derive(Debug, OpenApi)]
#[openapi(
    paths(list, subscribe, change, log, again),
    components(schemas(SubscriptionIn, SubscriptionOut, DeliveryOut))
)]
pub struct Api;

/// A subscription as it shall be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SubscriptionIn {
    name: String,
    url: String,
    /// Reference to the secret of the signature: `env:SPORTELLO_SECRET_X` or `file:name`.
    secret: String,
    /// Kinds of events, such as `ticket.opened`.
    kinds: Vec<String>,
    /// Slug; empty for all.
    #[serde(default)]
    category: String,
    /// Slug; empty for all.
    #[serde(default)]
    unit: String,
    /// Of the ticket's content, what goes along: `subject`, `text`, `citizen`.
    #[serde(default)]
    shows: Vec<String>,
    #[serde(default = "yes")]
    enabled: bool,
    /// The version a change was made on.
    #[serde(default)]
    version: i64,
}

fn yes() -> bool {
    true
}

/// A subscription.
#[derive(Debug, Serialize, ToSchema)]
struct SubscriptionOut {
    id: i64,
    name: String,
    url: String,
    secret: String,
    kinds: Vec<String>,
    category: String,
    unit: String,
    shows: Vec<String>,
    enabled: bool,
    /// RFC 3339; since then it is left alone, because it took nothing for days.
    suspended_at: Option<String>,
    last_error: String,
    version: i64,
}

/// A delivery.
#[derive(Debug, Serialize, ToSchema)]
struct DeliveryOut {
    id: i64,
    event: String,
    /// pending, sent or failed.
    state: String,
    attempts: i64,
    /// HTTP status of the last attempt; 0 when nothing answered.
    status: i64,
    words: String,
    /// How long the last attempt took, in milliseconds.
    millis: i64,
    created_at: String,
    settled_at: Option<String>,
}

fn out(s: Subscription) -> SubscriptionOut {
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect();
    SubscriptionOut {
        id: s.id,
        kinds: words(&s.kinds),
        shows: words(&s.shows),
        name: s.name,
        url: s.url,
        secret: s.secret,
        category: s.category,
        unit: s.unit,
        enabled: s.enabled,
        suspended_at: s.suspended_at.map(|at| at.rfc3339()),
        last_error: s.last_error,
        version: s.version,
    }
}

fn wished(id: i64, new: SubscriptionIn) -> Subscription {
    Subscription {
        id,
        name: new.name,
        url: new.url,
        secret: new.secret,
        kinds: new.kinds.join(" "),
        category: new.category,
        unit: new.unit,
        shows: new.shows.join(" "),
        enabled: new.enabled,
        version: new.version,
        ..Subscription::default()
    }
}

fn delivery_out(d: Delivery) -> DeliveryOut {
    DeliveryOut {
        id: d.id,
        event: d.kind,
        state: d.state,
        attempts: d.attempts,
        status: d.status,
        words: d.words,
        millis: d.millis,
        created_at: d.created_at.rfc3339(),
        settled_at: d.settled_at.map(|at| at.rfc3339()),
    }
}

/// All subscriptions
#[utoipa::path(get, path = "/subscriptions", operation_id = "subscriptions", tag = "accounts", security(("bearer" = [])),
    responses((status = 200, body = [SubscriptionOut])))]
async fn list(kernel: web::Data<Kernel>, caller: Caller) -> Result<HttpResponse, Problem> {
    caller.require(Permission::Administer)?;
    let all = store::all(&mut kernel.db.read().await?).await?;
    Ok(HttpResponse::Ok().json(all.into_iter().map(out).collect::<Vec<_>>()))
}

/// Subscribe another system to events
#[utoipa::path(post, path = "/subscriptions", operation_id = "subscribe", tag = "accounts", request_body = SubscriptionIn,
    security(("bearer" = [])),
    responses((status = 201, body = SubscriptionOut), (status = 422, description = "A value is not acceptable")))]
async fn subscribe(
    kernel: web::Data<Kernel>,
    caller: Caller,
    body: Json<SubscriptionIn>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::Administer)?;
    Ok(HttpResponse::Created().json(out(save(&kernel, who, wished(0, body.value)).await?)))
}

/// Change a subscription; this also ends its suspension
#[utoipa::path(put, path = "/subscriptions/{id}", operation_id = "change_subscription", tag = "accounts",
    params(("id" = i64, Path)), request_body = SubscriptionIn, security(("bearer" = [])),
    responses((status = 200, body = SubscriptionOut), (status = 404, description = "No such subscription"),
        (status = 412, description = "It was changed meanwhile"), (status = 422, description = "A value is not acceptable")))]
async fn change(
    kernel: web::Data<Kernel>,
    caller: Caller,
    id: web::Path<i64>,
    body: Json<SubscriptionIn>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::Administer)?;
    let id = if *id == 0 { -1 } else { *id };
    Ok(HttpResponse::Ok().json(out(save(&kernel, who, wished(id, body.value)).await?)))
}

/// The latest deliveries of a subscription
#[utoipa::path(get, path = "/subscriptions/{id}/deliveries", operation_id = "deliveries", tag = "accounts",
    params(("id" = i64, Path)), security(("bearer" = [])), responses((status = 200, body = [DeliveryOut])))]
async fn log(kernel: web::Data<Kernel>, caller: Caller, id: web::Path<i64>) -> Result<HttpResponse, Problem> {
    caller.require(Permission::Administer)?;
    let rows = store::deliveries(&mut kernel.db.read().await?, *id, 200).await?;
    Ok(HttpResponse::Ok().json(rows.into_iter().map(delivery_out).collect::<Vec<_>>()))
}

/// Tell something once more
#[utoipa::path(post, path = "/subscriptions/deliveries/{id}/replay", operation_id = "replay_delivery", tag = "accounts",
    params(("id" = i64, Path)), security(("bearer" = [])),
    responses((status = 204), (status = 404, description = "No such delivery, or it is being told just now")))]
async fn again(kernel: web::Data<Kernel>, caller: Caller, id: web::Path<i64>) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::Administer)?;
    replay(&kernel, who, *id).await?;
    Ok(HttpResponse::NoContent().finish())
}
