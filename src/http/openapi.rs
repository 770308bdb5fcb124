//! The API's description, gathered from the capabilities' code, and a page that people read it on.
use std::sync::LazyLock;

use actix_web::{HttpResponse, get, web};
use askama::Template;
use serde_json::Value;
use utoipa::OpenApi;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};

use crate::kernel::page::{Page, html};
use crate::kernel::problem::Problem;
use crate::kernel::request::Frame;
use crate::{
    accounts, automation, bulletin, classification, emergency, identity, intake, knowledge, letters, lookups, network,
    organisation, outbox, protocols, registry, routing, supervision, telephony, tickets,
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Sportello",
        description = "Contacts, tickets, knowledge and figures of a multichannel contact centre. \
            Errors are RFC 9457 problems (application/problem+json) with a stable `code`.",
        license(name = "EUPL-1.2", identifier = "EUPL-1.2")
    ),
    tags(
        (name = "intake", description = "Handing contacts over"),
        (name = "public", description = "What a citizen may do without signing in"),
        (name = "tickets", description = "The life of a ticket"),
        (name = "network", description = "Referral legs"),
        (name = "organisation", description = "Agencies, units and referents, by date"),
        (name = "accounts", description = "Channel accounts: open, change, try"),
        (name = "telephony", description = "Calls, and who answers them"),
        (name = "letters", description = "Scanned letters, and letters to be printed and posted"),
        (name = "registry", description = "Number and date of documents"),
        (name = "classification", description = "Versions of the classification, and what categories ask"),
        (name = "routing", description = "Where new requests go: rules, areas, trials"),
        (name = "automation", description = "Rules: event, conditions, steps; their versions, trials and log"),
        (name = "emergency", description = "Emergency mode: plans, start, end, drill, report"),
        (name = "lookups", description = "What other systems know of a person or a ticket"),
        (name = "knowledge", description = "Sheets: suggestion and search"),
        (name = "bulletins", description = "News for operators"),
        (name = "supervision", description = "Figures"),
        (name = "users", description = "Accounts of people, for administrators"),
    )
)]
struct Base;

static DOCUMENT: LazyLock<utoipa::openapi::OpenApi> = LazyLock::new(|| {
    let mut api = intake::api::Api::openapi();
    let parts = [
        intake::web_form::Api::openapi(),
        intake::counter::api::Api::openapi(),
        tickets::tracking::Api::openapi(),
        tickets::api::Api::openapi(),
        tickets::takeovers::api::Api::openapi(),
        tickets::assignment::api::Api::openapi(),
        tickets::proposals::api::Api::openapi(),
        network::api::Api::openapi(),
        network::api_acts::Api::openapi(),
        network::api_referents::Api::openapi(),
        organisation::api::Api::openapi(),
        classification::api::Api::openapi(),
        routing::api::Api::openapi(),
        emergency::api::Api::openapi(),
        lookups::api::Api::openapi(),
        network::reorganise::api::Api::openapi(),
        network::reorganise::api_transfer::Api::openapi(),
        organisation::api_people::Api::openapi(),
        organisation::sites::api::Api::openapi(),
        network::ways::Api::openapi(),
        automation::subscriptions::Api::openapi(),
        automation::rules::Api::openapi(),
        accounts::api::Api::openapi(),
        outbox::wording::api::Api::openapi(),
        accounts::reconciliation::api::Api::openapi(),
        telephony::api::Api::openapi(),
        registry::api::Api::openapi(),
        letters::api::Api::openapi(),
        outbox::printing::api::Api::openapi(),
        knowledge::api::Api::openapi(),
        bulletin::api::Api::openapi(),
        protocols::api::Api::openapi(),
        knowledge::feedback::Api::openapi(),
        supervision::api::Api::openapi(),
        supervision::stuck::api::Api::openapi(),
        supervision::flows::api::Api::openapi(),
        identity::Api::openapi(),
    ];
    for part in parts {
        api.merge(part);
    }
    let mut document = Base::openapi().nest("/api/v1", api);
    let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    document.components.get_or_insert_default().add_security_scheme("bearer", bearer);
    document
});

/// The OpenAPI 3.1 document.
pub fn document() -> &'static utoipa::openapi::OpenApi {
    &DOCUMENT
}

#[get("/openapi.json")]
async fn openapi_json() -> HttpResponse {
    HttpResponse::Ok().insert_header(("Cache-Control", "public, max-age=300")).json(document())
}

struct Operation {
    id: String,
    method: String,
    path: String,
    summary: String,
    open: bool,
    parameters: Vec<Parameter>,
    body: String,
    answers: Vec<(String, String)>,
}

struct Parameter {
    name: String,
    place: String,
    required: bool,
    text: String,
}

struct Group {
    id: String,
    title: String,
    operations: Vec<Operation>,
}

#[derive(Template)]
#[template(path = "http/api.html")]
struct ApiPage {
    page: Page,
    groups: Vec<Group>,
}

fn text(value: &Value, key: &str) -> String {
    value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Name of the schema that a request body refers to.
fn schema_name(operation: &Value) -> String {
    let content = operation.pointer("/requestBody/content").and_then(Value::as_object);
    let schema =
        content.and_then(|c| c.values().next()).and_then(|m| m.pointer("/schema/$ref")).and_then(Value::as_str);
    schema.and_then(|s| s.rsplit('/').next()).unwrap_or_default().to_owned()
}

fn groups(document: &Value) -> Vec<Group> {
    let mut groups: Vec<Group> = document
        .get("tags")
        .and_then(Value::as_array)
        .map(|tags| {
            tags.iter()
                .map(|t| Group { id: text(t, "name"), title: text(t, "description"), operations: Vec::new() })
                .collect()
        })
        .unwrap_or_default();
    let empty = serde_json::Map::new();
    for (path, methods) in document.get("paths").and_then(Value::as_object).unwrap_or(&empty) {
        for (method, operation) in methods.as_object().unwrap_or(&empty) {
            let tag = operation.pointer("/tags/0").and_then(Value::as_str).unwrap_or_default();
            let Some(group) = groups.iter_mut().find(|g| g.id == tag) else { continue };
            let list = |key: &str| operation.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
            let summary = text(operation, "summary");
            group.operations.push(Operation {
                id: text(operation, "operationId"),
                method: method.to_uppercase(),
                path: path.clone(),
                summary: if summary.is_empty() { text(operation, "description") } else { summary },
                open: operation.get("security").is_none(),
                parameters: list("parameters")
                    .iter()
                    .map(|p| Parameter {
                        name: text(p, "name"),
                        place: text(p, "in"),
                        required: p.get("required").and_then(Value::as_bool).unwrap_or(false),
                        text: text(p, "description"),
                    })
                    .collect(),
                body: schema_name(operation),
                answers: operation
                    .get("responses")
                    .and_then(Value::as_object)
                    .unwrap_or(&empty)
                    .iter()
                    .map(|(status, answer)| (status.clone(), text(answer, "description")))
                    .collect(),
            });
        }
    }
    groups.retain(|g| !g.operations.is_empty());
    groups
}

#[get("/api/docs")]
async fn api_page(Frame(page): Frame) -> Result<HttpResponse, Problem> {
    let document = serde_json::to_value(document()).unwrap_or_default();
    html(&ApiPage { page: page.titled("api-title"), groups: groups(&document) })
}

/// Routes below `/api/v1`.
pub fn api_routes(cfg: &mut web::ServiceConfig) {
    cfg.service(openapi_json);
}

/// Routes of the page.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(api_page);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_is_on_the_page_in_a_group_that_exists() {
        let value = serde_json::to_value(document()).unwrap();
        assert!(value["openapi"].as_str().unwrap().starts_with("3.1"));
        let operations: usize =
            value["paths"].as_object().unwrap().values().map(|m| m.as_object().unwrap().len()).sum();
        let shown: usize = groups(&value).iter().map(|g| g.operations.len()).sum();
        assert_eq!(shown, operations);
    }
}
