//! The page on which the administration changes the texts around answers.
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::model::{Carrier, Part, WordingError, fill};
use super::{save, store};
use crate::kernel::Kernel;
use crate::kernel::language::Language;
use crate::kernel::page::{Page, html, html_as, see_other};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::{Problem, Refusal};
use crate::kernel::request::{Caller, Form, Frame};

const HERE: &str = "/scrivania/testi";

/// Mounts the pages.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource(HERE).route(web::get().to(show)).route(web::post().to(change)))
        .service(web::resource("/scrivania/testi/anteprima").route(web::post().to(preview)));
}

/// A text that can be changed.
struct Text {
    part: &'static str,
    label: String,
    hint: String,
    text: String,
    /// Whether it is the administration's own.
    own: bool,
    error: String,
    rows: usize,
    history: Vec<Change>,
}

/// A change that was made.
struct Change {
    at: String,
    when: String,
    who: String,
    text: String,
}

/// A choice above the texts.
struct Tab {
    href: String,
    label: String,
    current: bool,
}

#[derive(Template)]
#[template(path = "outbox/wordings.html")]
struct WordingsPage {
    page: Page,
    channel: &'static str,
    lang: &'static str,
    channels: Vec<Tab>,
    languages: Vec<Tab>,
    texts: Vec<Text>,
    done: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    canale: String,
    lingua: String,
    fatto: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Written {
    channel: String,
    lang: String,
    part: String,
    text: String,
    /// Set by the button that brings the built-in text back.
    reset: String,
}

fn place(channel: &str, lang: &str) -> (Carrier, Language) {
    (Carrier::from_text(channel).unwrap_or(Carrier::Email), Language::from_tag(lang).unwrap_or(Language::Italian))
}

async fn show(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::Administer)?;
    let (carrier, language) = place(&asked.canale, &asked.lingua);
    let done = if asked.fatto.is_empty() { String::new() } else { frame.0.t("wording-done") };
    render(&kernel, frame.0, (carrier, language), None, done, StatusCode::OK).await
}

async fn render(
    kernel: &Kernel,
    page: Page,
    (carrier, language): (Carrier, Language),
    refused: Option<(Part, String, String)>,
    done: String,
    status: StatusCode,
) -> Result<HttpResponse, Problem> {
    let mut conn = kernel.db.read().await?;
    let mut texts = Vec::new();
    for part in Part::of(carrier) {
        let rows = store::history(&mut conn, part.as_str(), carrier.as_str(), language.as_str()).await?;
        let own = rows.first().and_then(|row| row.text.clone());
        let built_in = part.built_in_template(carrier, language);
        let (text, error) = match &refused {
            Some((wrong, text, error)) if *wrong == part => (text.clone(), error.clone()),
            _ => (own.clone().unwrap_or(built_in), String::new()),
        };
        let names: Vec<String> = part.placeholders().iter().map(|p| format!("{{{p}}}")).collect();
        let hint = page.t(&format!("wording-hint-{}", part.as_str().replace('_', "-")));
        texts.push(Text {
            part: part.as_str(),
            label: page.t(&format!("wording-part-{}", part.as_str().replace('_', "-"))),
            hint: if names.is_empty() {
                hint
            } else {
                format!("{hint} {}", page.t1("wording-placeholders", "names", names.join(" ")))
            },
            rows: text.lines().count().clamp(2, 14) + 1,
            own: own.is_some(),
            error,
            text,
            history: rows
                .into_iter()
                .map(|row| Change {
                    at: row.at.rfc3339(),
                    when: page.datetime(&row.at),
                    who: row.author.unwrap_or_else(|| page.t("desk-by-program")),
                    text: row.text.unwrap_or_else(|| page.t("wording-built-in-again")),
                })
                .collect(),
        });
    }
    drop(conn);
    let href = |c: Carrier, l: Language| format!("{HERE}?canale={}&lingua={}", c.as_str(), l.as_str());
    let shown = WordingsPage {
        channels: Carrier::ALL
            .iter()
            .map(|c| Tab {
                href: href(*c, language),
                label: page.t(&format!("channel-{}", c.as_str())),
                current: *c == carrier,
            })
            .collect(),
        languages: [Language::Italian, Language::English]
            .into_iter()
            .map(|l| Tab {
                href: href(carrier, l),
                label: page.t(&format!("wording-language-{}", l.as_str())),
                current: l == language,
            })
            .collect(),
        channel: carrier.as_str(),
        lang: language.as_str(),
        texts,
        done,
        page: page.titled("wording-title"),
    };
    html_as(&mut HttpResponse::build(status), &shown)
}

async fn change(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    form: Form<Written>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::Administer)?;
    let (Form(written), page) = (form, frame.0);
    let (carrier, language) = place(&written.channel, &written.lang);
    let part = Part::from_text(&written.part).ok_or(WordingError::NotFound)?;
    let text = written.reset.is_empty().then(|| written.text.clone());
    match save(&kernel, who, (part, carrier, language), text).await {
        Ok(()) => Ok(see_other(&format!(
            "{HERE}?canale={}&lingua={}&fatto=1#{}",
            carrier.as_str(),
            language.as_str(),
            part.as_str()
        ))),
        Err(error @ (WordingError::TooLong { .. } | WordingError::Placeholder { .. })) => {
            let facts: Vec<(&str, String)> = error
                .facts()
                .into_iter()
                .map(|(name, v)| (name, v.as_str().map_or_else(|| v.to_string(), str::to_owned)))
                .collect();
            let words = page.language.text_with(&format!("problem-{}", error.code().replace('_', "-")), &facts);
            let refused = Some((part, written.text, words));
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            render(&kernel, page, (carrier, language), refused, String::new(), status).await
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Template)]
#[template(path = "outbox/wording_preview.html")]
struct Preview {
    text: String,
    count: String,
}

/// How a text reads with values in it, and what it costs.
async fn preview(caller: Caller, frame: Frame, form: Form<Written>) -> Result<HttpResponse, Problem> {
    caller.require(Permission::Administer)?;
    let (Form(written), page) = (form, frame.0);
    let (carrier, language) = place(&written.channel, &written.lang);
    let sample = |name: &str| language.text(&format!("wording-sample-{name}"));
    let names = ["name", "code", "link", "unit", "agent", "subject", "expected", "date"];
    let mut values: Vec<(&str, String)> = names.into_iter().map(|n| (n, sample(n))).collect();
    values.push(("agency", page.agency_name.clone()));
    let text = fill(written.text.trim(), &values);
    let count = if carrier == Carrier::Sms {
        let counted = channels::sms::count(&text);
        page.t2("desk-sms-count", "segments", counted.segments, "remaining", counted.remaining)
    } else {
        page.t2("wording-count", "n", text.chars().count(), "most", carrier.longest())
    };
    html(&Preview { text, count })
}
