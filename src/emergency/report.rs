//! The report of an emergency: what came in while it was in force, and what became of it.
use serde::Serialize;
use utoipa::ToSchema;

use super::EmergencyError;
use super::model::Plan;
use super::store::{self, EmergencyRow};
use crate::kernel::Kernel;

/// A number with what it counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = EmergencyCount)]
pub struct Count {
    pub name: String,
    pub n: i64,
}

/// Requests of one class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = EmergencyClassCount)]
pub struct ClassCount {
    pub slug: String,
    pub name: String,
    pub n: i64,
    pub closed: i64,
    /// Whether it is one of the plan's.
    pub urgent: bool,
}

/// What was sent to one body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = EmergencyBodyCount)]
pub struct BodyCount {
    pub slug: String,
    pub name: String,
    pub sent: i64,
    pub answered: i64,
}

/// Figures of the time in which an emergency was in force, until now when it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = EmergencyReport)]
pub struct Report {
    pub calls: i64,
    /// Requests that began in it.
    pub requests: i64,
    /// Of them, those of the plan's classes.
    pub urgent: i64,
    pub closed: i64,
    /// Of the closed ones, those without a referral for competence or inquiry.
    pub closed_at_front_office: i64,
    pub by_channel: Vec<Count>,
    pub by_class: Vec<ClassCount>,
    pub by_body: Vec<BodyCount>,
}

/// Counts.
///
/// # Errors
/// When the database cannot be read.
pub async fn read(kernel: &Kernel, row: &EmergencyRow, plan: &Plan) -> Result<Report, EmergencyError> {
    let (from, to) = (row.started_at, row.ended_at.unwrap_or_else(|| kernel.now()));
    let mut conn = kernel.db.read().await?;
    let by_class = store::by_category(&mut conn, from, to).await?.into_iter().map(|(slug, name, n, closed)| {
        let urgent = plan.classes.iter().any(|class| class.slug == slug);
        ClassCount { slug, name, n, closed, urgent }
    });
    let by_class: Vec<ClassCount> = by_class.collect();
    let mut by_body = Vec::with_capacity(plan.bodies.len());
    for body in &plan.bodies {
        let (sent, answered) = store::legs(&mut conn, &body.slug, from, to).await?;
        by_body.push(BodyCount { slug: body.slug.clone(), name: body.name.clone(), sent, answered });
    }
    let (requests, closed, closed_at_front_office) = store::closed(&mut conn, from, to).await?;
    let by_channel = store::by_channel(&mut conn, from, to).await?;
    Ok(Report {
        calls: store::calls(&mut conn, from, to).await?,
        requests,
        urgent: by_class.iter().filter(|class| class.urgent).map(|class| class.n).sum(),
        closed,
        closed_at_front_office,
        by_channel: by_channel.into_iter().map(|(name, n)| Count { name, n }).collect(),
        by_class,
        by_body,
    })
}
