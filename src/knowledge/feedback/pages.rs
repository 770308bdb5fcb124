//! Citizens rate a sheet or another page: in one go where style sheets unfold the form, in steps elsewhere.
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::RatingLimits;
use super::model::{LOW, Reason, STARS};
use super::places::Place;
use super::rate::{self, RateError, Rating};
use super::widget::Widget;
use crate::kernel::Kernel;
use crate::kernel::language::Language;
use crate::kernel::page::{self, Page};
use crate::kernel::problem::Problem;
use crate::kernel::request::{Form, Frame};
use crate::knowledge::index::KnowledgeIndex;
use crate::knowledge::model::{Sheet, SheetCode};
use crate::knowledge::views::wants_fragment;
use crate::knowledge::{links, sheets};

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(
        web::resource("/sportello/schede/{code}/valutazione")
            .route(web::get().to(ask))
            .route(web::post().to(take_sheet)),
    )
    .route("/sportello/schede/{code}/valutazione/grazie", web::get().to(thanks))
    .service(web::resource("/sportello/valutazione").route(web::get().to(ask_page)).route(web::post().to(take_page)))
    .route("/sportello/valutazione/grazie", web::get().to(thanks_page));
}

/// The component on a page of its own.
#[derive(Template)]
#[template(path = "knowledge/rating_page.html")]
struct RatingPage {
    page: Page,
    /// Of the page that is rated.
    address: String,
    title: String,
    /// Language of the title.
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

/// What is rated.
enum Rated {
    Sheet(Box<Sheet>),
    /// Another page, with what it is called.
    Page(Place, String),
}

impl Rated {
    async fn sheet(kernel: &Kernel, code: &str) -> Result<Self, Problem> {
        let code = SheetCode::parse(code).ok_or_else(Problem::not_found)?;
        let sheet = sheets::public_by_code(kernel, &code).await?.ok_or_else(Problem::not_found)?;
        Ok(Self::Sheet(Box::new(sheet)))
    }

    async fn page(kernel: &Kernel, index: &KnowledgeIndex, page: &Page, name: &str) -> Result<Self, Problem> {
        let tree = index.categories(kernel).await?;
        let place = Place::parse(name, &tree).ok_or_else(Problem::not_found)?;
        let title = place.title(page, &tree);
        Ok(Self::Page(place, title))
    }

    fn widget(&self, page: &Page) -> Widget {
        match self {
            Self::Sheet(sheet) => Widget::new(page, sheet),
            Self::Page(place, _) => Widget::of_page(page, place),
        }
    }

    /// The version in force; 0 for what has none.
    fn version(&self) -> i64 {
        match self {
            Self::Sheet(sheet) => sheet.version,
            Self::Page(..) => 0,
        }
    }

    /// Address, title and the title's language.
    fn shown(&self, page: &Page) -> Result<(String, String, &'static str), Problem> {
        match self {
            Self::Sheet(sheet) => {
                let text = sheet.text_in(page.language).ok_or_else(Problem::not_found)?;
                Ok((links::sheet(&sheet.code), text.title.clone(), text.language.as_str()))
            }
            Self::Page(place, title) => Ok((place.address(), title.clone(), page.lang)),
        }
    }

    /// Where somebody is thanked who has no script.
    fn thanks(&self) -> String {
        match self {
            Self::Sheet(sheet) => format!("{}/grazie", links::rating(&sheet.code)),
            Self::Page(place, _) => links::with_query("/sportello/valutazione/grazie", &[("pagina", place.name())]),
        }
    }

    async fn rate(&self, kernel: &Kernel, rating: Rating) -> Result<(), RateError> {
        match self {
            Self::Sheet(sheet) => rate::rate(kernel, sheet, rating).await,
            Self::Page(place, _) => rate::rate_page(kernel, place, rating).await,
        }
    }
}

fn whole(status: StatusCode, mut page: Page, rated: &Rated, widget: Option<Widget>) -> Result<HttpResponse, Problem> {
    let (address, title, lang) = rated.shown(&page)?;
    page.title = page.t1("rating-title-of", "sheet", &title);
    let shown = RatingPage { address, title, lang, widget, page };
    page::html_as(&mut HttpResponse::build(status), &shown)
}

async fn ask(kernel: web::Data<Kernel>, frame: Frame, code: web::Path<String>) -> Result<HttpResponse, Problem> {
    let rated = Rated::sheet(&kernel, &code).await?;
    let widget = rated.widget(&frame.0);
    whole(StatusCode::OK, frame.0, &rated, Some(widget))
}

async fn thanks(kernel: web::Data<Kernel>, frame: Frame, code: web::Path<String>) -> Result<HttpResponse, Problem> {
    whole(StatusCode::OK, frame.0, &Rated::sheet(&kernel, &code).await?, None)
}

/// Which page of the site is rated.
#[derive(Debug, Deserialize)]
struct Which {
    pagina: String,
}

async fn ask_page(
    kernel: web::Data<Kernel>,
    index: web::Data<KnowledgeIndex>,
    frame: Frame,
    which: web::Query<Which>,
) -> Result<HttpResponse, Problem> {
    let rated = Rated::page(&kernel, &index, &frame.0, &which.pagina).await?;
    let widget = rated.widget(&frame.0);
    whole(StatusCode::OK, frame.0, &rated, Some(widget))
}

async fn thanks_page(
    kernel: web::Data<Kernel>,
    index: web::Data<KnowledgeIndex>,
    frame: Frame,
    which: web::Query<Which>,
) -> Result<HttpResponse, Problem> {
    let rated = Rated::page(&kernel, &index, &frame.0, &which.pagina).await?;
    whole(StatusCode::OK, frame.0, &rated, None)
}

async fn take_sheet(
    kernel: web::Data<Kernel>,
    limits: web::Data<RatingLimits>,
    frame: Frame,
    code: web::Path<String>,
    req: HttpRequest,
    Form(said): Form<Said>,
) -> Result<HttpResponse, Problem> {
    let rated = Rated::sheet(&kernel, &code).await?;
    take(&kernel, &limits, frame.0, &req, &said, &rated).await
}

async fn take_page(
    kernel: web::Data<Kernel>,
    index: web::Data<KnowledgeIndex>,
    limits: web::Data<RatingLimits>,
    frame: Frame,
    which: web::Query<Which>,
    req: HttpRequest,
    Form(said): Form<Said>,
) -> Result<HttpResponse, Problem> {
    let rated = Rated::page(&kernel, &index, &frame.0, &which.pagina).await?;
    take(&kernel, &limits, frame.0, &req, &said, &rated).await
}

async fn take(
    kernel: &Kernel,
    limits: &RatingLimits,
    page: Page,
    req: &HttpRequest,
    said: &Said,
    rated: &Rated,
) -> Result<HttpResponse, Problem> {
    let fragment = wants_fragment(req);
    let stars = said.rate.parse::<i64>().ok().filter(|n| (1..=STARS).contains(n));
    let reason = if stars.is_some_and(|n| n > LOW) { &said.liked } else { &said.difficulty };
    let language = Language::from_tag(&said.lang).unwrap_or(page.language);
    let version = said.version.parse().unwrap_or(rated.version());
    let widget = || rated.widget(&page).with(stars, reason, said.comment.trim(), (version, language.as_str()));
    let again = |status: StatusCode, widget: Widget| {
        if fragment {
            page::html_as(&mut HttpResponse::build(status), &widget)
        } else {
            whole(status, page.clone(), rated, Some(widget))
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
    if !limits.take(kernel, req) {
        return again(StatusCode::TOO_MANY_REQUESTS, asking().refused("rating-too-many"));
    }
    if said.website.is_empty() {
        let rating = Rating { rate: stars, reason, comment: said.comment.clone(), version, language };
        match rated.rate(kernel, rating).await {
            Ok(()) => {}
            Err(RateError::Invalid("comment", _)) => {
                return again(StatusCode::UNPROCESSABLE_ENTITY, asking().refused("rating-too-long"));
            }
            Err(e) => return Err(e.into()),
        }
    } else {
        tracing::info!("left a robot's rating aside");
    }
    if fragment {
        return page::html(&Thanks { page });
    }
    Ok(page::see_other(&rated.thanks()))
}
