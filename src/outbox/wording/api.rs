//! JSON: the texts around answers.
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use super::model::{Carrier, Part, WordingError};
use super::{save, store};
use crate::kernel::Kernel;
use crate::kernel::database::{Conn, StoreError};
use crate::kernel::language::Language;
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Json};

/// Mounts the endpoints, relative to `/api/v1`.
pub fn api_routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/wordings").route(web::get().to(list_wordings)))
        .service(web::resource("/wordings/{channel}/{language}/{part}").route(web::put().to(put_wording)));
}

/// The endpoints of wordings, for the API's description.
#[derive(Debug, OpenApi)]
#[openapi(paths(list_wordings, put_wording), components(schemas(WordingOut, WordingIn)))]
pub struct Api;

/// A text that stands around answers.
#[derive(Debug, Serialize, ToSchema)]
pub struct WordingOut {
    /// `email`, `pec`, `sms`, `fax`, `letter`.
    channel: String,
    /// `it`, `en`.
    language: String,
    /// `salutation`, `salutation_unnamed`, `signature`, `acknowledgement`, `resolved`.
    part: String,
    text: String,
    /// Whether it is the program's own text.
    built_in: bool,
    /// What may stand in it between braces.
    placeholders: Vec<String>,
    changed_at: Option<String>,
    changed_by: Option<String>,
}

/// What a text is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WordingIn {
    /// The program's own text again when absent.
    text: Option<String>,
}

async fn out(conn: &mut Conn, place: (Part, Carrier, Language)) -> Result<WordingOut, StoreError> {
    let (part, carrier, language) = place;
    let row = store::latest(conn, part.as_str(), carrier.as_str(), language.as_str()).await?;
    let own = row.as_ref().and_then(|row| row.text.clone());
    Ok(WordingOut {
        channel: carrier.as_str().to_owned(),
        language: language.as_str().to_owned(),
        part: part.as_str().to_owned(),
        built_in: own.is_none(),
        text: own.unwrap_or_else(|| part.built_in_template(carrier, language)),
        placeholders: part.placeholders().iter().map(|p| (*p).to_owned()).collect(),
        changed_at: row.as_ref().map(|row| row.at.rfc3339()),
        changed_by: row.and_then(|row| row.author),
    })
}

/// The texts around answers, by channel and language
#[utoipa::path(get, path = "/wordings", tag = "accounts", security(("bearer" = [])),
    responses((status = 200, body = [WordingOut])))]
async fn list_wordings(kernel: web::Data<Kernel>, caller: Caller) -> Result<HttpResponse, Problem> {
    caller.require(Permission::Administer)?;
    let mut conn = kernel.db.read().await?;
    let mut all = Vec::new();
    for &carrier in Carrier::ALL {
        for language in [Language::Italian, Language::English] {
            for part in Part::of(carrier) {
                all.push(out(&mut conn, (part, carrier, language)).await?);
            }
        }
    }
    Ok(HttpResponse::Ok().json(all))
}

/// Changes a text around answers, or brings the program's own back
#[utoipa::path(put, path = "/wordings/{channel}/{language}/{part}", tag = "accounts", security(("bearer" = [])),
    params(("channel" = String, Path), ("language" = String, Path), ("part" = String, Path)), request_body = WordingIn,
    responses((status = 200, body = WordingOut), (status = 404), (status = 422, description = "too long, or a placeholder that cannot stand there")))]
async fn put_wording(
    kernel: web::Data<Kernel>,
    caller: Caller,
    path: web::Path<(String, String, String)>,
    Json { value, .. }: Json<WordingIn>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::Administer)?;
    let (channel, language, part) = path.into_inner();
    let place = Part::from_text(&part).zip(Carrier::from_text(&channel)).zip(Language::from_tag(&language));
    let ((part, carrier), language) = place.ok_or(WordingError::NotFound)?;
    save(&kernel, who, (part, carrier, language), value.text).await?;
    let mut conn = kernel.db.read().await?;
    Ok(HttpResponse::Ok().json(out(&mut conn, (part, carrier, language)).await?))
}
