//! The JSON endpoints: suggestions and search for programs, sheets, the classification.
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

use super::forward::{self, Forward};
use super::index::KnowledgeIndex;
use super::model::{Sheet, SheetCode};
use super::search::{self, Piece, Reader, Suggestion, may_read, reader_of};
use super::{sheets, suggest};
use crate::kernel::Kernel;
use crate::kernel::language::Language;
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::request::{Caller, Json};

/// This capability's part of the API's description.
#[derive(OpenApi)]
#[openapi(
    paths(
        suggest_sheets,
        search_sheets,
        show_sheet,
        list_categories,
        set_forward,
        super::api_versions::list_versions,
        super::api_versions::show_version,
        super::api_versions::diff_versions,
        super::api_versions::show_draft,
        super::api_versions::save_draft,
        super::api_versions::discard_draft,
        super::api_versions::submit_draft,
        super::api_versions::publish_draft,
        super::api_versions::return_draft,
        super::api_versions::spoken,
        super::api_versions::restore_version,
        super::transfer::api::export_sheets,
        super::transfer::api::import_sheets,
        super::listing::list_sheets,
        super::verdicts::api::list_verdicts,
        super::verdicts::api::judge_sheet,
        super::verdicts::api::settle_verdicts,
        super::lessons::api::list_lessons,
        super::lessons::api::change_lesson,
        super::linkcheck::api::list_links,
        super::gaps::api::list_gaps,
        super::gaps::api::sheet_usage,
        super::gaps::api::searches_without_hit,
        super::gaps::api::draft_from_ticket
    ),
    components(schemas(Found, Suggestion, Piece, SheetView, CategoryList, CategoryView, ForwardRequest, Forward))
)]
pub struct Api;

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route("/knowledge/suggest", web::get().to(suggest_sheets))
        .route("/knowledge/search", web::get().to(search_sheets))
        .route("/knowledge/sheets/{code}", web::get().to(show_sheet))
        .route("/categories", web::get().to(list_categories))
        .route("/categories/{slug:[a-z0-9/-]+}/forward", web::put().to(set_forward));
}

/// Characters of a text that a query may carry.
const TEXT_CHARS: usize = 20_000;
/// Most sheets in one answer.
const MOST: usize = 50;

/// Sheets that answer, the best first.
#[derive(Debug, Serialize, ToSchema)]
pub struct Found {
    pub items: Vec<Suggestion>,
}

/// What sheets are suggested for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SuggestParams {
    /// Text of a contact, whole.
    text: String,
    /// Most sheets to return, 1 to 50; 5 when left out.
    limit: Option<usize>,
    /// Slug of a category whose sheets come a little before equally good ones.
    category: Option<String>,
    /// Language of titles and summaries, `it` or `en`; where a sheet lacks it, the one it has.
    lang: Option<String>,
}

/// What sheets are searched for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SearchParams {
    /// Words, or the code of a sheet.
    q: String,
    /// Language of titles and summaries, `it` or `en`; where a sheet lacks it, the one it has.
    lang: Option<String>,
    /// Most sheets to return, 1 to 50; 20 when left out.
    limit: Option<usize>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SheetParams {
    /// Language of the texts, `it` or `en`; where the sheet lacks it, the one it has.
    lang: Option<String>,
}

/// A sheet. What only agents may read is left out for others.
#[derive(Debug, Serialize, ToSchema)]
pub struct SheetView {
    /// Short name, such as `ANA-01`.
    pub code: String,
    /// Its number, to be dictated.
    pub number: i64,
    /// Term, offices, forms, route.
    #[serde(flatten)]
    pub details: super::details::Details,
    /// Languages whose text is older than the original.
    #[schema(value_type = Vec<String>)]
    pub outdated: Vec<Language>,
    /// Counts up at each change.
    pub version: i64,
    /// When it was last changed, RFC 3339.
    pub updated_at: String,
    /// Slug of its category.
    pub category: Option<String>,
    /// `public`, `partners` or `internal`.
    pub audience: &'static str,
    /// How far it goes: `information`, `start` or `whole`.
    pub maturity: &'static str,
    /// Language of the texts below.
    pub lang: &'static str,
    /// All languages it has.
    pub languages: Vec<&'static str>,
    pub title: String,
    /// How a citizen asks it.
    pub question: String,
    pub summary: String,
    /// Markdown.
    pub public_text: String,
    pub requirements: Vec<String>,
    /// What it costs, in words.
    pub fee: String,
    /// What a voice says.
    pub phone_text: String,
    #[serde(flatten)]
    pub sections: super::sections::Sections,
    /// Ready to send, without greeting and signature; agents only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply: Option<String>,
    /// Markdown; agents only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub internal_text: Option<String>,
}

/// The classification.
#[derive(Debug, Serialize, ToSchema)]
pub struct CategoryList {
    /// Areas, each followed by its topics.
    pub items: Vec<CategoryView>,
}

/// A node of the classification.
#[derive(Debug, Serialize, ToSchema)]
pub struct CategoryView {
    /// `area` or `area/topic`.
    pub slug: String,
    /// Slug of its area; absent for areas.
    pub parent: Option<String>,
    pub name: String,
    pub name_en: String,
    /// Whether tickets of this class end as not competent.
    pub not_competent: bool,
    /// Which requests of the web form go to the competent unit at once.
    pub forward: Forward,
}

/// Reads the query of a request; what is missing or of the wrong type is an invalid value.
pub(super) fn params<T: DeserializeOwned>(req: &HttpRequest) -> Result<T, Problem> {
    serde_urlencoded::from_str(req.query_string())
        .map_err(|e| Problem::new(Kind::Invalid, "invalid_query", e.to_string()))
}

fn language(tag: Option<&str>) -> Result<Language, Problem> {
    match tag {
        Some(tag) => Language::from_tag(tag).ok_or_else(|| Problem::field("lang", "unknown")),
        None => Ok(Language::Italian),
    }
}

fn limit(asked: Option<usize>, usual: usize) -> Result<usize, Problem> {
    let limit = asked.unwrap_or(usual);
    if (1..=MOST).contains(&limit) { Ok(limit) } else { Err(Problem::field("limit", "out_of_range")) }
}

fn words<'a>(field: &str, text: &'a str) -> Result<&'a str, Problem> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Problem::field(field, "required"));
    }
    if text.chars().count() > TEXT_CHARS {
        return Err(Problem::field(field, "too_long"));
    }
    Ok(text)
}

/// Suggests sheets for the text of a contact.
#[utoipa::path(
    get,
    path = "/knowledge/suggest",
    tag = "knowledge",
    params(SuggestParams),
    responses(
        (status = 200, description = "Sheets, the best first", body = Found),
        (status = 401, description = "No or unknown token"),
        (status = 422, description = "A value is missing or out of range"),
    ),
    security(("bearer" = []))
)]
async fn suggest_sheets(
    kernel: web::Data<Kernel>,
    index: web::Data<KnowledgeIndex>,
    caller: Caller,
    req: HttpRequest,
) -> Result<web::Json<Found>, Problem> {
    let asked: SuggestParams = params(&req)?;
    let text = words("text", &asked.text)?;
    let (limit, language) = (limit(asked.limit, 5)?, language(asked.lang.as_deref())?);
    if let Some(slug) = &asked.category
        && index.categories(&kernel).await?.by_slug(slug).is_none()
    {
        return Err(Problem::field("category", "unknown"));
    }
    let reader = reader_of(&kernel, &caller.0).await?;
    let message = suggest::Message { subject: "", text };
    let items = suggest::suggest(&kernel, &index, message, language, reader, limit, asked.category.as_deref()).await?;
    Ok(web::Json(Found { items }))
}

/// Searches sheets by words or by code.
#[utoipa::path(
    get,
    path = "/knowledge/search",
    tag = "knowledge",
    params(SearchParams),
    responses(
        (status = 200, description = "Sheets, the best first", body = Found),
        (status = 401, description = "No or unknown token"),
        (status = 422, description = "A value is missing or out of range"),
    ),
    security(("bearer" = []))
)]
async fn search_sheets(
    kernel: web::Data<Kernel>,
    index: web::Data<KnowledgeIndex>,
    caller: Caller,
    req: HttpRequest,
) -> Result<web::Json<Found>, Problem> {
    let asked: SearchParams = params(&req)?;
    let text = words("q", &asked.q)?;
    let (limit, language) = (limit(asked.limit, 20)?, language(asked.lang.as_deref())?);
    let reader = reader_of(&kernel, &caller.0).await?;
    let items = search::search(&kernel, &index, text, language, reader, limit).await?;
    Ok(web::Json(Found { items }))
}

/// Shows a sheet.
#[utoipa::path(
    get,
    path = "/knowledge/sheets/{code}",
    tag = "knowledge",
    params(("code" = String, Path, description = "Code of the sheet, such as `ANA-01`"), SheetParams),
    responses(
        (status = 200, description = "The sheet; its version is the ETag", body = SheetView),
        (status = 401, description = "No or unknown token"),
        (status = 404, description = "No sheet that this caller may read has this code"),
    ),
    security(("bearer" = []))
)]
async fn show_sheet(
    kernel: web::Data<Kernel>,
    index: web::Data<KnowledgeIndex>,
    caller: Caller,
    code: web::Path<String>,
    req: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let asked: SheetParams = params(&req)?;
    let language = language(asked.lang.as_deref())?;
    let reader = reader_of(&kernel, &caller.0).await?;
    let code = SheetCode::parse(&code).ok_or_else(Problem::not_found)?;
    let sheet = sheets::by_code(&kernel, &code).await?.filter(|s| may_read(reader, s));
    let sheet = sheet.ok_or_else(Problem::not_found)?;
    let tree = index.categories(&kernel).await?;
    let category = sheet.category.and_then(|id| tree.get(id)).map(|c| c.slug.clone());
    let view = view(&sheet, category, language, reader).ok_or_else(Problem::not_found)?;
    Ok(HttpResponse::Ok().insert_header((header::ETAG, format!("\"{}\"", sheet.version))).json(view))
}

fn view(sheet: &Sheet, category: Option<String>, language: Language, reader: Reader) -> Option<SheetView> {
    let text = sheet.text_in(language)?;
    let for_agents = |text: &str| (reader == Reader::Agent).then(|| text.to_owned());
    Some(SheetView {
        code: sheet.code.clone(),
        number: sheet.number,
        details: super::details::Details {
            // Who looks after it is the desk's business.
            referent: sheet.details.referent.clone().filter(|_| reader == Reader::Agent),
            ..sheet.details.clone()
        },
        outdated: sheet.outdated(),
        version: sheet.version,
        updated_at: sheet.updated_at.rfc3339(),
        category,
        audience: sheet.audience.as_str(),
        maturity: sheet.maturity.as_str(),
        lang: text.language.as_str(),
        languages: sheet.texts.iter().map(|t| t.language.as_str()).collect(),
        title: text.title.clone(),
        question: text.question.clone(),
        summary: text.summary.clone(),
        public_text: text.public_text.clone(),
        requirements: text.requirements.clone(),
        fee: text.fee.clone(),
        phone_text: text.phone_text.clone(),
        sections: text.sections.clone(),
        reply: for_agents(&text.reply),
        internal_text: for_agents(&text.internal_text),
    })
}

/// Lists the classification in use.
#[utoipa::path(
    get,
    path = "/categories",
    tag = "knowledge",
    responses(
        (status = 200, description = "Areas and topics", body = CategoryList),
        (status = 401, description = "No or unknown token"),
    ),
    security(("bearer" = []))
)]
async fn list_categories(
    kernel: web::Data<Kernel>,
    index: web::Data<KnowledgeIndex>,
    _caller: Caller,
) -> Result<web::Json<CategoryList>, Problem> {
    let tree = index.categories(&kernel).await?;
    let view = |category: &super::model::Category, parent: Option<&str>| CategoryView {
        slug: category.slug.clone(),
        parent: parent.map(str::to_owned),
        name: category.name.clone(),
        name_en: category.name_en.clone(),
        not_competent: category.not_competent,
        forward: category.forward,
    };
    let of_area = |area: &super::categories::Area| {
        let slug = area.category.slug.as_str();
        let topics = area.topics.iter().map(|t| view(t, Some(slug)));
        std::iter::once(view(&area.category, None)).chain(topics).collect::<Vec<_>>()
    };
    Ok(web::Json(CategoryList { items: tree.areas.iter().flat_map(of_area).collect() }))
}

/// Which requests of the web form go to the competent unit at once.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ForwardRequest {
    pub forward: Forward,
}

/// Says which requests of the web form go at once to the unit that is competent for a category. Questions
/// never do.
#[utoipa::path(
    put,
    path = "/categories/{slug}/forward",
    tag = "knowledge",
    params(("slug" = String, Path, description = "`area` or `area/topic`, its slash as it is")),
    request_body = ForwardRequest,
    responses(
        (status = 204, description = "Said"),
        (status = 403, description = "The caller does not administer"),
        (status = 404, description = "No such category"),
    ),
    security(("bearer" = []))
)]
async fn set_forward(
    kernel: web::Data<Kernel>,
    index: web::Data<KnowledgeIndex>,
    caller: Caller,
    slug: web::Path<String>,
    body: Json<ForwardRequest>,
) -> Result<HttpResponse, Problem> {
    forward::set(&kernel, &caller.0, &slug, body.value.forward).await?;
    index.forget();
    Ok(HttpResponse::NoContent().finish())
}
