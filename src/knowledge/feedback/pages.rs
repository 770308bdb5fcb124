//! Citizens rate a sheet: in one go where style sheets unfold the form, in steps elsewhere.
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::RatingLimits;
use super::model::{LOW, Reason, STARS};
use super::rate::{self, RateError, Rating};
use super::widget::Widget;
use crate::kernel::Kernel;
use crate::kernel::language::Language;
use crate::kernel::page::{self, Page};
use crate::kernel::problem::Problem;
use crate::kernel::request::{Form, Frame};
use crate::knowledge::model::{Sheet, SheetCode};
use crate::knowledge::views::wants_fragment;
use crate::knowledge::{links, sheets};

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(
        web::resource("/sportello/schede/{code}/valutazione").route(web::get().to(ask)).route(web::post().to(take)),
    )
    .route("/sportello/schede/{code}/valutazione/grazie", web::get().to(thanks));
}

/// The component on a page of its own.
#[derive(Template)]
#[template(path = "knowledge/rating_page.html")]
struct RatingPage {
    page: Page,
    sheet: String,
    title: String,
    /// Language of the sheet's title.
    lang: &'static str,
    /// `None` when there is only thanks to say.
    widget: Option<Widget>,
}

/// What stands in the place of the component afterwards.
#[derive(Template)]
#[template(path = "knowledge/rating_thanks.html")]
struct Thanks {
    page: Page,
}

/// What a citizen says, in one go or in steps.
#[derive(Debug, Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Said {
    rate: String,
    /// Reason of a high rating.
    liked: String,
    /// Reason of a low rating.
    difficulty: String,
    comment: String,
    version: String,
    lang: String,
    /// `2` when the reasons were asked for.
    step: String,
    /// People do not see this field.
    website: String,
}

async fn sheet_of(kernel: &Kernel, code: &str) -> Result<Sheet, Problem> {
    let code = SheetCode::parse(code).ok_or_else(Problem::not_found)?;
    sheets::public_by_code(kernel, &code).await?.ok_or_else(Problem::not_found)
}

fn whole(status: StatusCode, mut page: Page, sheet: &Sheet, widget: Option<Widget>) -> Result<HttpResponse, Problem> {
    let text = sheet.text_in(page.language).ok_or_else(Problem::not_found)?;
    page.title = page.t1("rating-title-of", "sheet", &text.title);
    let shown = RatingPage {
        sheet: links::sheet(&sheet.code),
        title: text.title.clone(),
        lang: text.language.as_str(),
        widget,
        page,
    };
    page::html_as(&mut HttpResponse::build(status), &shown)
}

async fn ask(kernel: web::Data<Kernel>, frame: Frame, code: web::Path<String>) -> Result<HttpResponse, Problem> {
    let sheet = sheet_of(&kernel, &code).await?;
    let widget = Widget::new(&frame.0, &sheet);
    whole(StatusCode::OK, frame.0, &sheet, Some(widget))
}

async fn thanks(kernel: web::Data<Kernel>, frame: Frame, code: web::Path<String>) -> Result<HttpResponse, Problem> {
    let sheet = sheet_of(&kernel, &code).await?;
    whole(StatusCode::OK, frame.0, &sheet, None)
}

async fn take(
    kernel: web::Data<Kernel>,
    limits: web::Data<RatingLimits>,
    frame: Frame,
    code: web::Path<String>,
    req: HttpRequest,
    Form(said): Form<Said>,
) -> Result<HttpResponse, Problem> {
    let page = frame.0;
    let sheet = sheet_of(&kernel, &code).await?;
    let fragment = wants_fragment(&req);
    let stars = said.rate.parse::<i64>().ok().filter(|n| (1..=STARS).contains(n));
    let reason = if stars.is_some_and(|n| n > LOW) { &said.liked } else { &said.difficulty };
    let language = Language::from_tag(&said.lang).unwrap_or(page.language);
    let version = said.version.parse().unwrap_or(sheet.version);
    let widget = || Widget::new(&page, &sheet).with(stars, reason, said.comment.trim(), (version, language.as_str()));
    let again = |status: StatusCode, widget: Widget| {
        if fragment {
            page::html_as(&mut HttpResponse::build(status), &widget)
        } else {
            whole(status, page.clone(), &sheet, Some(widget))
        }
    };
    let Some(stars) = stars else {
        return again(StatusCode::UNPROCESSABLE_ENTITY, widget().refused("rating-choose-stars"));
    };
    let Some(reason) = Reason::from_text(reason).filter(|r| Reason::of(stars).contains(r)) else {
        let asking = widget().asking_for_reasons(stars);
        return if said.step == "2" {
            again(StatusCode::UNPROCESSABLE_ENTITY, asking.refused("rating-choose-reason"))
        } else {
            again(StatusCode::OK, asking)
        };
    };
    let asking = || widget().asking_for_reasons(stars);
    if !limits.take(&kernel, &req) {
        return again(StatusCode::TOO_MANY_REQUESTS, asking().refused("rating-too-many"));
    }
    if said.website.is_empty() {
        let rating = Rating { rate: stars, reason, comment: said.comment.clone(), version, language };
        match rate::rate(&kernel, &sheet, rating).await {
            Ok(()) => {}
            Err(RateError::Invalid("comment", _)) => {
                return again(StatusCode::UNPROCESSABLE_ENTITY, asking().refused("rating-too-long"));
            }
            Err(e) => return Err(e.into()),
        }
    } else {
        tracing::info!(sheet.code = sheet.code, "left a robot's rating of {} aside", sheet.code);
    }
    if fragment {
        return page::html(&Thanks { page });
    }
    Ok(page::see_other(&format!("{}/grazie", links::rating(&sheet.code))))
}
