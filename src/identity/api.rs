//! JSON: who the caller is, and the tokens of programs.
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Token, create_token, list_tokens, revoke_token};
use crate::kernel::Kernel;
use crate::kernel::permissions::{Permission, Role};
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Json, check_csrf};

/// Mounts the API of this capability below `/api/v1`.
pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/me").route(web::get().to(me)))
        .service(web::resource("/tokens").route(web::get().to(tokens)).route(web::post().to(create)))
        .service(web::resource("/tokens/{id}").route(web::delete().to(revoke)));
}

/// The caller.
#[derive(Debug, Serialize, ToSchema)]
pub struct Me {
    name: String,
    role: &'static str,
    language: String,
}

/// A token without its secret.
#[derive(Debug, Serialize, ToSchema)]
pub struct TokenView {
    id: i64,
    name: String,
    role: &'static str,
    created_at: String,
    expires_at: Option<String>,
    revoked_at: Option<String>,
}

/// A token to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    name: String,
    #[schema(value_type = String)]
    role: Role,
    /// Days it is valid; for ever when absent.
    days: Option<u32>,
}

/// A token just made, with the secret that is never shown again.
#[derive(Debug, Serialize, ToSchema)]
pub struct MadeToken {
    id: i64,
    token: String,
}

async fn me(caller: Caller) -> HttpResponse {
    let Caller(principal) = caller;
    HttpResponse::Ok().json(Me { name: principal.name, role: principal.role.as_str(), language: principal.language })
}

async fn tokens(kernel: web::Data<Kernel>, caller: Caller) -> Result<HttpResponse, Problem> {
    caller.require(Permission::Administer)?;
    let listed: Vec<TokenView> = list_tokens(&kernel).await?.into_iter().map(TokenView::from).collect();
    Ok(HttpResponse::Ok().json(serde_json::json!({"items": listed})))
}

async fn create(kernel: web::Data<Kernel>, caller: Caller, body: Json<NewToken>) -> Result<HttpResponse, Problem> {
    let admin = caller.require(Permission::Administer)?;
    let NewToken { name, role, days } = body.value;
    let made = create_token(&kernel, admin.actor.clone(), &name, role, days).await?;
    Ok(HttpResponse::Created().json(MadeToken { id: made.id, token: made.secret }))
}

async fn revoke(
    req: actix_web::HttpRequest,
    kernel: web::Data<Kernel>,
    caller: Caller,
    id: web::Path<i64>,
) -> Result<HttpResponse, Problem> {
    check_csrf(&req, None)?;
    let admin = caller.require(Permission::Administer)?;
    revoke_token(&kernel, admin.actor.clone(), *id).await?;
    Ok(HttpResponse::NoContent().finish())
}

impl From<Token> for TokenView {
    fn from(token: Token) -> Self {
        Self {
            id: token.id,
            name: token.name,
            role: token.role.as_str(),
            created_at: token.created_at.rfc3339(),
            expires_at: token.expires_at.map(|at| at.rfc3339()),
            revoked_at: token.revoked_at.map(|at| at.rfc3339()),
        }
    }
}
