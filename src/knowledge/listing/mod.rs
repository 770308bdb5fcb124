//! JSON: the list of sheets, narrowed by what they are and where they stand.
mod store;

use actix_web::{HttpRequest, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use self::store::{Listed, Narrowed};
use super::api::params;
use super::model::{Audience, Maturity};
use super::search::of_own_agency;
use super::versions::rules;
use crate::kernel::Kernel;
use crate::kernel::language::Language;
use crate::kernel::names::stored_enum;
use crate::kernel::page::page_of;
use crate::kernel::permissions::{Forbidden, Permission};
use crate::kernel::problem::Problem;
use crate::kernel::request::Caller;
use crate::kernel::time::Instant;

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route("/knowledge/sheets", web::get().to(list_sheets));
}

stored_enum! {
    /// Where a sheet stands.
    Standing {
        InForce = "in_force",
        /// With a draft of the next version, in force or not.
        Drafted = "drafted",
        Retired = "retired",
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListParams {
    /// Slug of an area or a topic; an area has the sheets of its topics too.
    category: Option<String>,
    /// Sheets that have a text in this language, `it` or `en`; titles are then in it.
    lang: Option<String>,
    /// `public`, `partners` or `internal`.
    audience: Option<String>,
    /// `in_force`, `drafted` or `retired`; `in_force` when absent. Others than `in_force` are for those who write.
    state: Option<String>,
    /// `information`, `start` or `whole`.
    maturity: Option<String>,
    /// Slug of the unit that answers for them.
    unit: Option<String>,
    /// Only those whose review day has come.
    #[serde(default)]
    review_due: bool,
    /// Only those that changed at or after this instant, RFC 3339.
    updated_since: Option<String>,
    /// `next_cursor` of the page before.
    #[serde(default)]
    cursor: String,
    /// Sheets a page, 1 to 100; 50 when absent.
    limit: Option<i64>,
}

/// A page of sheets, by code.
#[derive(Debug, Serialize, ToSchema)]
pub struct SheetList {
    pub items: Vec<SheetLine>,
    /// Where the next page begins; null on the last.
    pub next_cursor: Option<String>,
}

/// A sheet in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct SheetLine {
    pub code: String,
    /// The number to dictate.
    pub number: i64,
    /// Empty for a sheet that never was published.
    pub title: String,
    /// Languages it has.
    pub languages: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    pub audience: String,
    pub maturity: String,
    /// 0 before the first publication.
    pub version: i64,
    pub updated_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retired_at: Option<String>,
    /// `YYYY-MM-DD`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review_on: Option<String>,
    /// State of the draft of its next version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub draft: Option<String>,
}

impl From<Listed> for SheetLine {
    fn from(row: Listed) -> Self {
        let given = |text: String| Some(text).filter(|t| !t.is_empty());
        Self {
            languages: row.languages.split(',').filter(|l| !l.is_empty()).map(str::to_owned).collect(),
            review_on: given(row.review_on),
            draft: given(row.draft),
            code: row.code,
            number: row.number,
            title: row.title,
            category: row.category,
            unit: row.unit,
            audience: row.audience,
            maturity: row.maturity,
            version: row.version,
            updated_at: row.updated_at.rfc3339(),
            retired_at: row.retired_at.map(Instant::rfc3339),
        }
    }
}

fn known<T>(field: &str, text: Option<&str>, read: impl Fn(&str) -> Option<T>) -> Result<Option<T>, Problem> {
    text.filter(|t| !t.is_empty()).map(|t| read(t).ok_or_else(|| Problem::field(field, "unknown"))).transpose()
}

/// Lists the sheets that the caller may read.
#[utoipa::path(get, path = "/knowledge/sheets", tag = "knowledge", params(ListParams), security(("bearer" = [])),
    responses((status = 200, body = SheetList), (status = 403, description = "The caller does not write sheets"),
        (status = 422, description = "A filter that is none")))]
pub(super) async fn list_sheets(
    kernel: web::Data<Kernel>,
    caller: Caller,
    req: HttpRequest,
) -> Result<web::Json<SheetList>, Problem> {
    let asked: ListParams = params(&req)?;
    let who = &caller.0;
    let state = known("state", asked.state.as_deref(), Standing::from_text)?.unwrap_or(Standing::InForce);
    if state != Standing::InForce && !who.role.may(Permission::DraftKnowledge) {
        return Err(Forbidden.into());
    }
    let own = of_own_agency(&kernel, who).await?;
    let wanted = known("audience", asked.audience.as_deref(), Audience::from_text)?;
    let sees = |audience: Audience| {
        let allowed = rules::may_read(who.role, own, audience) && wanted.is_none_or(|wanted| wanted == audience);
        if allowed { audience.as_str() } else { "" }
    };
    let maturity = known("maturity", asked.maturity.as_deref(), Maturity::from_text)?;
    let language = known("lang", asked.lang.as_deref(), Language::from_tag)?;
    let since = known("updated_since", asked.updated_since.as_deref(), |text| Instant::parse(text).ok())?;
    let limit = asked.limit.unwrap_or(50);
    if !(1..=100).contains(&limit) {
        return Err(Problem::field("limit", "out_of_range"));
    }
    let mut conn = kernel.db.read().await?;
    let category = match asked.category.as_deref().filter(|slug| !slug.is_empty()) {
        None => None,
        Some(slug) => {
            let id = super::store::category_id(&mut conn, slug).await?;
            Some(id.ok_or_else(|| Problem::field("category", "unknown"))?)
        }
    };
    let unit = match asked.unit.as_deref().filter(|slug| !slug.is_empty()) {
        None => None,
        Some(slug) => {
            let id = super::store::unit_id(&mut conn, slug).await?;
            Some(id.ok_or_else(|| Problem::field("unit", "unknown"))?)
        }
    };
    let today = kernel.now().day(&kernel.config.zone());
    let narrowed = Narrowed {
        state,
        audiences: [sees(Audience::Public), sees(Audience::Partners), sees(Audience::Internal)],
        category,
        unit,
        language: language.map_or("", Language::as_str),
        maturity: maturity.map_or("", Maturity::as_str),
        review_by: if asked.review_due { &today } else { "" },
        since: since.unwrap_or(Instant(i64::MIN)),
        after: &asked.cursor,
        limit: limit + 1,
    };
    let (found, more) = page_of(store::list(&mut conn, &narrowed).await?, limit);
    let next_cursor = found.last().filter(|_| more).map(|last| last.code.clone());
    Ok(web::Json(SheetList { items: found.into_iter().map(SheetLine::from).collect(), next_cursor }))
}
