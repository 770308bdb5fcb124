//! What every HTML page knows: language, who is signed in, the CSRF token, addresses of assets. Templates
//! reach it as `page`.
use std::collections::HashMap;
use std::sync::LazyLock;

use actix_web::http::header::ContentType;
use actix_web::{HttpResponse, HttpResponseBuilder};
use jiff::tz::TimeZone;
use rust_embed::RustEmbed;

use super::config::Agency;
use super::emergency::InForce;
use super::language::Language;
use super::problem::{Kind, Problem};
use super::time::Instant;

/// The built web assets.
#[derive(RustEmbed)]
#[folder = "web/dist/"]
#[allow_missing = true]
pub struct Assets;

static MANIFEST: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    Assets::get("manifest.json").and_then(|file| serde_json::from_slice(&file.data).ok()).unwrap_or_default()
});

/// The signed-in person, as the top bar shows them.
#[derive(Debug, Clone)]
pub struct UserChip {
    pub name: String,
    pub initials: String,
    pub role_label: String,
    /// The role itself, so that templates show only what it may use.
    pub role: super::permissions::Role,
}

/// The number citizens call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phone {
    /// As people read it.
    pub number: String,
    /// When it answers, in the reader's language; may be empty.
    pub opening: String,
}

impl Phone {
    /// The configured number, if there is one.
    pub fn of(agency: &Agency, language: Language) -> Option<Self> {
        let number = agency.phone.trim().to_owned();
        let english = language == Language::English && !agency.opening_en.is_empty();
        let opening = if english { &agency.opening_en } else { &agency.opening };
        (!number.is_empty()).then(|| Self { number, opening: opening.clone() })
    }

    /// For a link that dials it.
    pub fn href(&self) -> String {
        format!("tel:{}", self.number.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect::<String>())
    }

    /// Whether calls to it cost nothing in Italy.
    pub fn is_toll_free(&self) -> bool {
        self.number.starts_with("800") || self.number.starts_with("803")
    }
}

/// The frame of a page.
#[derive(Debug, Clone)]
pub struct Page {
    pub language: Language,
    pub lang: &'static str,
    /// Text of `<title>`, set by the page.
    pub title: String,
    /// Value of the hidden `_csrf` input; empty on pages without a session.
    pub csrf: String,
    pub agency_name: String,
    /// The number citizens call; `None` when none is configured.
    pub phone: Option<Phone>,
    /// Where citizens book an appointment; empty when nowhere.
    pub booking: String,
    /// Path of this request.
    pub path: String,
    pub user: Option<UserChip>,
    /// This page in the other language.
    pub other_lang_url: String,
    pub zone: TimeZone,
    pub now: Instant,
    /// The emergency in force, if there is one.
    pub emergency: Option<std::sync::Arc<InForce>>,
}

impl Page {
    /// Sets the title from a message key.
    #[must_use]
    pub fn titled(mut self, key: &str) -> Self {
        self.title = self.language.text(key);
        self
    }

    /// Whether the signed-in person may do this, so that a page offers only what works.
    pub fn may(&self, permission: super::permissions::Permission) -> bool {
        self.user.as_ref().is_some_and(|user| user.role.may(permission))
    }

    /// What citizens read on top of every page while an emergency is in force.
    pub fn banner(&self) -> Option<&str> {
        self.emergency.as_deref()?.banner.text(self.language)
    }

    /// The name of the emergency in force, and what the desk is told of it, which may be nothing.
    pub fn emergency_at_desk(&self) -> Option<(&str, &str)> {
        let now = self.emergency.as_deref()?;
        let said = now.desk.text(self.language).or_else(|| now.banner.text(self.language));
        Some((now.name.text(self.language).unwrap_or_default(), said.unwrap_or_default()))
    }

    /// The text of a message.
    pub fn t(&self, key: &str) -> String {
        self.language.text(key)
    }

    /// The text of a message with one named value.
    pub fn t1(&self, key: &str, name: &str, value: impl ToString) -> String {
        self.language.text_with(key, &[(name, value.to_string())])
    }

    /// The text of a message with two named values.
    pub fn t2(&self, key: &str, a: &str, value_a: impl ToString, b: &str, value_b: impl ToString) -> String {
        self.language.text_with(key, &[(a, value_a.to_string()), (b, value_b.to_string())])
    }

    /// The address of a built asset by its plain name.
    pub fn asset(&self, name: &str) -> String {
        format!("/assets/{}", MANIFEST.get(name).map_or(name, String::as_str))
    }

    /// A day, as people of this language write it: `3 novembre 2026`.
    pub fn date(&self, at: &Instant) -> String {
        let local = at.zoned(&self.zone);
        let month = self.language.text(&format!("month-{}", local.month()));
        format!("{} {month} {}", local.day(), local.year())
    }

    /// Day and time, short: `03/11/2026 14:05`.
    pub fn datetime(&self, at: &Instant) -> String {
        at.zoned(&self.zone).strftime("%d/%m/%Y %H:%M").to_string()
    }

    /// For `<time datetime>`.
    pub fn machine_time(&self, at: &Instant) -> String {
        at.rfc3339()
    }

    /// How long ago, in the largest fitting unit.
    pub fn age(&self, at: &Instant) -> String {
        let minutes = self.now.since(*at).as_mins().max(0);
        let (key, n) = match minutes {
            0..=59 => ("age-minutes", minutes),
            60..=2879 => ("age-hours", minutes / 60),
            _ => ("age-days", minutes / 1440),
        };
        self.t1(key, "n", n)
    }
}

/// The rows of a page of a list, of which one more was asked for: whether that one was there says whether the
/// list goes on.
pub fn page_of<T>(mut rows: Vec<T>, size: i64) -> (Vec<T>, bool) {
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let more = rows.len() > size;
    rows.truncate(size);
    (rows, more)
}

/// A count beside a link of the desk's rail; nothing for zero.
#[derive(Debug, askama::Template)]
#[template(path = "parts/badge.html")]
pub struct Badge {
    pub count: i64,
    /// Whether somebody should look at once.
    pub late: bool,
}

/// Renders a template as a 200 answer.
///
/// # Errors
/// An internal problem when the template fails, which only a broken value formatter could cause.
pub fn html(template: &impl askama::Template) -> Result<HttpResponse, Problem> {
    html_as(&mut HttpResponse::Ok(), template)
}

/// Renders a template into an answer with its own status.
///
/// # Errors
/// As [`html`].
pub fn html_as(response: &mut HttpResponseBuilder, template: &impl askama::Template) -> Result<HttpResponse, Problem> {
    let body = template.render().map_err(|e| Problem::new(Kind::Internal, "internal", format!("template: {e}")))?;
    Ok(response.content_type(ContentType::html()).body(body))
}

/// 303 to another page.
pub fn see_other(to: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((actix_web::http::header::LOCATION, to)).finish()
}
