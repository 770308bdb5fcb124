//! `GET /api/v1/supervision/network`: the flows of the page, as JSON or CSV.
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

use super::{Flow, Flows, Names, Period, flows};
use crate::kernel::Kernel;
use crate::kernel::permissions::Permission;
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::request::Caller;
use crate::organisation::Unit;

/// Routes below `/api/v1`.
pub fn api_routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/supervision/network").route(web::get().to(network)));
}

/// The endpoint, for the API's description.
#[derive(Debug, OpenApi)]
#[openapi(paths(network), components(schemas(NetworkOut, FlowOut)))]
pub struct Api;

/// Of which days, and about which unit.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub struct Asked {
    /// First day on which a leg was sent, `YYYY-MM-DD`; 89 days before `to` when absent.
    pub from: Option<String>,
    /// Last day; today when absent.
    pub to: Option<String>,
    /// Slug of a unit that sent or received; empty for all.
    pub unit: String,
}

/// The flows between units.
#[derive(Debug, Serialize, ToSchema)]
pub struct NetworkOut {
    from: String,
    to: String,
    total: FlowOut,
    flows: Vec<FlowOut>,
}

/// What one unit sent to another; a leg counts where it is now, on the day it was sent.
#[derive(Debug, Serialize, ToSchema)]
pub struct FlowOut {
    /// Slug; empty in the total, and when nobody knows.
    sender: String,
    sender_name: String,
    /// Slug; empty in the total.
    unit: String,
    unit_name: String,
    /// Name of the other body; empty for units of our own.
    agency: String,
    sent: i64,
    waiting: i64,
    overdue: i64,
    answered: i64,
    /// Answered after the term.
    late: i64,
    returned: i64,
    /// Hours from sending to the answer, of those that were answered; null without any.
    median_hours: Option<f64>,
}

/// Reads what is asked.
///
/// # Errors
/// 422 for what is no day, a period that runs backwards or an unknown unit.
pub(super) async fn read(kernel: &Kernel, asked: &Asked) -> Result<(Period, Names, Flows), Problem> {
    let (now, zone) = (kernel.now(), kernel.config.zone());
    let period = Period::parse(asked.from.as_deref(), asked.to.as_deref(), now.zoned(&zone).date())?;
    let within = period.span(&zone);
    let mut conn = kernel.db.read().await?;
    let names = Names::at(&mut conn, within.1).await?;
    let about = match asked.unit.as_str() {
        "" => None,
        slug => {
            let unit = names.all().into_iter().find(|unit| unit.slug == slug).map(|unit| unit.id);
            Some(unit.ok_or_else(|| Problem::field("unit", "unknown"))?)
        }
    };
    let found = flows(&mut conn, within, about, now).await?;
    Ok((period, names, found))
}

#[expect(clippy::cast_precision_loss, reason = "hours of a figure need no microseconds")]
fn out(names: &Names, flow: &Flow) -> FlowOut {
    let text = |unit: Option<&Unit>| unit.map(|u| (u.slug.clone(), u.name.clone())).unwrap_or_default();
    let (sender, sender_name) = text(names.unit(flow.sender));
    let (unit, unit_name) = text(names.unit(flow.unit));
    FlowOut {
        sender,
        sender_name,
        unit,
        unit_name,
        agency: names.other_agency(flow.unit),
        sent: flow.sent,
        waiting: flow.waiting,
        overdue: flow.overdue,
        answered: flow.answered,
        late: flow.late,
        returned: flow.returned,
        median_hours: flow.median.map(|micros| (micros / 360_000_000) as f64 / 10.0),
    }
}

/// Flows as CSV: a line each, then the total.
///
/// # Errors
/// Never in practice: the writer is memory.
pub(super) fn csv(names: &Names, flows: &Flows) -> Result<Vec<u8>, Problem> {
    let internal = |e: &dyn std::fmt::Display| Problem::new(Kind::Internal, "internal", e.to_string());
    let mut writer = csv::Writer::from_writer(Vec::new());
    for line in flows.rows.iter().chain([&flows.total]) {
        writer.serialize(out(names, line)).map_err(|e| internal(&e))?;
    }
    writer.into_inner().map_err(|e| internal(&e))
}

/// Which unit sends to which, how much, and how soon the answer comes
#[utoipa::path(get, path = "/supervision/network", tag = "supervision", params(Asked), security(("bearer" = [])),
    responses((status = 200, body = NetworkOut), (status = 422, description = "No period, or an unknown unit")))]
async fn network(kernel: web::Data<Kernel>, caller: Caller, asked: web::Query<Asked>) -> Result<HttpResponse, Problem> {
    caller.require(Permission::ReadFigures)?;
    let (period, names, flows) = read(&kernel, &asked).await?;
    Ok(HttpResponse::Ok().json(NetworkOut {
        from: period.from.to_string(),
        to: period.to.to_string(),
        total: out(&names, &flows.total),
        flows: flows.rows.iter().map(|flow| out(&names, flow)).collect(),
    }))
}
