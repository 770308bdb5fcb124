//! The administration's pages: by which way each unit is reached, the form of a way, its log, and whom we may call.
mod edit;
mod list;

use std::collections::HashMap;

use actix_web::web;

use super::model::WayKind;
use super::store;
use crate::kernel::database::Conn;
use crate::kernel::page::Page;
use crate::kernel::time::Instant;
use crate::network::LegError;
use crate::organisation::directory::Units;

const HERE: &str = "/scrivania/vie";

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    list::routes(cfg);
    edit::routes(cfg);
}

struct FieldError {
    field: String,
    message: String,
}

fn kind_label(page: &Page, kind: WayKind) -> String {
    page.t(&format!("way-kind-{}", kind.as_str()))
}

/// The message of a way that leads nowhere.
pub(in crate::network) fn unreachable(wrong: &str) -> String {
    format!("way-unreachable-{}", wrong.replace('_', "-"))
}

/// By which way each existing unit is reached, in words; for one that is not, that it is not.
pub(in crate::network) async fn labels(
    conn: &mut Conn,
    units: &Units,
    page: &Page,
    now: Instant,
) -> Result<HashMap<i64, String>, LegError> {
    let ways = store::all(conn).await?;
    let mut labels = HashMap::new();
    for unit in units.existing(now) {
        let own = ways.iter().find(|w| w.unit_id == Some(unit.id) && w.kind != WayKind::Default);
        let way =
            own.or_else(|| ways.iter().find(|w| w.agency_id == Some(unit.agency_id) && w.kind != WayKind::Default));
        let agency = units.agency_of(unit);
        let mails = !unit.email.is_empty() || agency.is_some_and(|a| !a.email.is_empty());
        let kind = way.map_or(if mails { WayKind::Email } else { WayKind::Portal }, |way| way.kind);
        labels.insert(unit.id, kind_label(page, kind));
    }
    Ok(labels)
}
