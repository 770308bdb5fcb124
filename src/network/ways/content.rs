//! What a called system is told, as JSON: of the request no more than the kind of the leg allows.
use serde::{Deserialize, Serialize};

use super::store;
use crate::kernel::Kernel;
use crate::kernel::database::Tx;
use crate::kernel::time::Instant;
use crate::network::model::{Leg, LegKind, leg_code};
use crate::network::{LegError, store as network_store, tokens};
use crate::organisation;
use crate::people;
use crate::tickets::Ticket;

/// An order of the outbox: what happened to a leg, with a name that stays the same at every attempt and replay.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Order {
    /// `ABC-DEF-GHJ/1:sent`, `…:withdrawn`, `…:update:<n>`.
    pub id: String,
    /// `leg.sent`, `leg.withdrawn`, `leg.update`, `test`.
    pub event: String,
    /// RFC 3339.
    pub at: String,
    pub leg: LegBody,
    /// The citizen's further words, in `leg.update`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub update: Option<String>,
}

/// A leg as the other body's system reads it.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LegBody {
    /// `ABC-DEF-GHJ/1`.
    pub code: String,
    /// Slug of the unit.
    pub unit: String,
    pub kind: LegKind,
    /// RFC 3339.
    pub sent_at: String,
    pub question: String,
    /// Slug of the category.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    pub subject: String,
    /// The citizen's request.
    pub text: String,
    /// Only in legs for competence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub citizen: Option<LegCitizen>,
    /// Page of the referent, which also shows the files; empty when it was told before.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub page: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<LegFile>,
    /// Where the answer goes: `/answer`, `/progress`, `/refuse` and `/received` are added to it.
    pub answer_at: String,
}

/// Who asks.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LegCitizen {
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

/// A file of the request.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LegFile {
    pub name: String,
    pub media_type: String,
    pub size: i64,
    /// Opens as long as the page does.
    pub url: String,
}

/// A leg with all that its kind allows, and a fresh link to its page if `linked`.
pub(super) async fn leg_body(
    tx: &mut Tx,
    kernel: &Kernel,
    ticket: &Ticket,
    leg: &Leg,
    linked: bool,
    now: Instant,
) -> Result<LegBody, LegError> {
    let unit = organisation::store::unit(tx, leg.unit_id).await?.ok_or(LegError::NotFound)?;
    let request = network_store::request(tx, ticket.id).await?;
    let mut page = String::new();
    let mut files = Vec::new();
    if linked {
        let (token, _) = tokens::issue(tx, leg.id, kernel.config.desk.leg_link_days, now).await?;
        page = kernel.config.link(&format!("/invio/{token}"));
        if let Some(request) = request.as_ref().filter(|_| leg.kind.shows_files()) {
            files = network_store::files_of(tx, request.id)
                .await?
                .into_iter()
                .map(|f| LegFile {
                    url: format!("{page}/allegati/{}", f.id),
                    name: f.name,
                    media_type: f.media_type,
                    size: f.size,
                })
                .collect();
        }
    }
    let citizen = match ticket.person_id {
        Some(person) if leg.kind.shows_citizen() => people::file::read(tx, person).await?,
        Some(_) | None => None,
    };
    let category = match ticket.category_id {
        Some(category) => store::category_slug(tx, category).await?,
        None => None,
    };
    let code = leg_code(&ticket.code, leg.number);
    Ok(LegBody {
        unit: unit.slug,
        kind: leg.kind,
        sent_at: leg.sent_at.rfc3339(),
        question: leg.question.clone(),
        category,
        subject: ticket.subject.clone(),
        text: request.map(|r| r.body).unwrap_or_default(),
        citizen: citizen.map(|file| LegCitizen {
            name: file.display_name(),
            email: file.first("email").map(str::to_owned),
            phone: file.first("phone").map(str::to_owned),
        }),
        page,
        files,
        answer_at: kernel.config.link(&format!("/api/v1/legs/{code}")),
        code,
    })
}
