//! What resolved tickets and sheets say of a ticket.
use actix_web::{HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::read::code;
use crate::kernel::Kernel;
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::Caller;
use crate::knowledge::KnowledgeIndex;
use crate::tickets::duplicates::duplicates;
use crate::tickets::precedents::{Memory, assess};
use crate::tickets::store;

/// Most of each list.
const MOST: usize = 5;

/// Tickets like one, and what it is probably about.
#[derive(Debug, Serialize, ToSchema)]
pub struct SimilarBody {
    /// Tickets in work that are probably about the same thing, the most probable first.
    pub duplicates: Vec<DuplicateTicket>,
    /// The most like it first.
    pub similar: Vec<SimilarTicket>,
    /// The most probable first.
    pub categories: Vec<ProbableCategory>,
    /// The most probable first.
    pub units: Vec<ProbableUnit>,
}

/// A ticket in work that is probably about the same thing as another.
#[derive(Debug, Serialize, ToSchema)]
pub struct DuplicateTicket {
    /// Tracking code, without separators.
    pub code: String,
    pub subject: String,
    /// A street or square that both name.
    pub place: Option<String>,
    /// Whether the same citizen asks.
    pub same_person: bool,
    /// What speaks for it together: likeness of words up to 1, place and person on top.
    pub score: f32,
}

/// A resolved ticket like another.
#[derive(Debug, Serialize, ToSchema)]
pub struct SimilarTicket {
    /// Tracking code, without separators.
    pub code: String,
    pub subject: String,
    /// Code of the sheet that closed it.
    pub closing_sheet: Option<String>,
    /// From 0 to 1.
    pub likeness: f32,
}

/// A category that a ticket probably has.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProbableCategory {
    /// `area` or `area/topic`.
    pub category: String,
    /// Its share of what tickets and sheets say, from 0 to 1.
    pub confidence: f32,
}

/// A unit that is probably competent for a ticket.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProbableUnit {
    /// Slug.
    pub unit: String,
    /// Its share of what tickets and sheets say, from 0 to 1.
    pub confidence: f32,
}

/// Tickets in work that are probably about the same thing, resolved tickets like this one with the sheets that closed them, and the category and the competent unit that
/// they and the sheets suggest.
#[utoipa::path(tag = "tickets", params(("code" = String, Path, description = "tracking code, in any spelling")),
    security(("bearer" = [])),
    responses((status = 200, body = SimilarBody), (status = 404, description = "no such ticket")))]
#[get("/tickets/{code}/similar")]
pub async fn of_ticket(
    kernel: web::Data<Kernel>,
    index: web::Data<KnowledgeIndex>,
    memory: web::Data<Memory>,
    caller: Caller,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::WorkTickets)?;
    let mut conn = kernel.db.read().await?;
    let ticket = store::by_code(&mut conn, code(&path)?.as_str()).await?.ok_or_else(Problem::not_found)?;
    drop(conn);
    let found = assess(&kernel, &memory, &index, &ticket, MOST).await?;
    let alike = duplicates(&kernel, &memory, &ticket, MOST).await?.into_iter().map(|one| DuplicateTicket {
        code: one.ticket.code,
        subject: one.ticket.subject,
        place: one.place,
        same_person: one.same_person,
        score: one.score,
    });
    let duplicates = alike.collect();
    let tree = index.categories(&kernel).await?;
    let categories = found.categories.iter().take(MOST).filter_map(|guess| {
        let category = tree.get(guess.label)?.slug.clone();
        Some(ProbableCategory { category, confidence: guess.confidence })
    });
    let categories = categories.collect();
    let mut units = Vec::new();
    let mut conn = kernel.db.read().await?;
    for guess in found.units.iter().take(MOST) {
        if let Some(unit) = store::unit_slug(&mut conn, guess.label).await? {
            units.push(ProbableUnit { unit, confidence: guess.confidence });
        }
    }
    let similar = found.similar.into_iter().map(|like| SimilarTicket {
        code: like.row.code,
        subject: like.row.subject,
        closing_sheet: like.row.sheet,
        likeness: like.likeness,
    });
    Ok(HttpResponse::Ok().json(SimilarBody { duplicates, similar: similar.collect(), categories, units }))
}
