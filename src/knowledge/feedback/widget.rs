//! The national feedback component (Designers Italia, C.SI.2.6): stars, then reasons that differ for low and high
//! ratings, then a few words. One form whose later parts appear by style sheet as the earlier ones are filled in;
//! where they do not appear, the server asks them as a second step.
use askama::Template;

use super::model::{COMMENT, LOW, Reason, STARS};
use super::places::Place;
use crate::kernel::page::Page;
use crate::knowledge::links;
use crate::knowledge::model::Sheet;

/// A choice of the form.
#[derive(Debug, Clone)]
struct Choice {
    value: String,
    label: String,
    chosen: bool,
}

/// The component as it stands on a page.
#[derive(Debug, Clone, Template)]
#[template(path = "knowledge/rating.html")]
pub struct Widget {
    page: Page,
    action: String,
    version: i64,
    /// Language of the text that is rated.
    lang: &'static str,
    stars: Vec<Choice>,
    liked: Vec<Choice>,
    difficulties: Vec<Choice>,
    comment: String,
    most: usize,
    /// The second step, asked by the server: `low` or `high`; empty on the first.
    step: &'static str,
    /// The form where somebody writes who wants an answer.
    request: String,
    error: String,
}

impl Widget {
    /// The empty component for a sheet as this page shows it.
    pub fn new(page: &Page, sheet: &Sheet) -> Self {
        let lang = sheet.text_in(page.language).map_or(page.lang, |t| t.language.as_str());
        Self::of(page, links::rating(&sheet.code), (sheet.version, lang), links::request("", &sheet.code))
    }

    /// The empty component for another page of the site.
    pub fn of_page(page: &Page, place: &Place) -> Self {
        Self::of(page, links::page_rating(place.name()), (0, page.lang), links::request("", ""))
    }

    fn of(page: &Page, action: String, (version, lang): (i64, &'static str), request: String) -> Self {
        let star = |n: i64| Choice { value: n.to_string(), label: page.t1("rating-star", "n", n), chosen: false };
        let reasons = |rate: i64| Reason::of(rate).iter().map(|r| reason(page, *r)).collect();
        Self {
            action,
            version,
            lang,
            stars: (1..=STARS).map(star).collect(),
            liked: reasons(STARS),
            difficulties: reasons(1),
            comment: String::new(),
            most: COMMENT,
            step: "",
            request,
            error: String::new(),
            page: page.clone(),
        }
    }

    /// With what was said so far, and the version and language it was said of.
    pub fn with(mut self, rate: Option<i64>, reason: &str, comment: &str, read: (i64, &'static str)) -> Self {
        let rate = rate.map(|r| r.to_string()).unwrap_or_default();
        self.stars.iter_mut().for_each(|c| c.chosen = c.value == rate);
        self.liked.iter_mut().chain(&mut self.difficulties).for_each(|c| c.chosen = c.value == reason);
        comment.clone_into(&mut self.comment);
        (self.version, self.lang) = read;
        self
    }

    /// As the second step for so many stars.
    pub const fn asking_for_reasons(mut self, rate: i64) -> Self {
        self.step = if rate > LOW { "high" } else { "low" };
        self
    }

    /// With what is wrong.
    pub fn refused(mut self, key: &str) -> Self {
        self.error = self.page.t(key);
        self
    }
}

fn reason(page: &Page, reason: Reason) -> Choice {
    let label = super::tally::reason_label(page, reason.as_str());
    Choice { value: reason.as_str().to_owned(), label, chosen: false }
}
