//! The administration's pages: the sources, the form of one, and a trial with values given by hand.
use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::HERE;
use super::cards::{Card, card};
use crate::kernel::Kernel;
use crate::kernel::page::{Page, html, html_as, see_other};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Form, Frame};
use crate::lookups::ask::{Lookups, try_out};
use crate::lookups::model::{Field, LookupSubject, OF_PERSON, OF_TICKET, Source, SourceKind, Values};
use crate::lookups::{LookupError, save, store};
use crate::protocols::slug_of;

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route(HERE, web::get().to(list))
        .route("/scrivania/fonti/nuova", web::get().to(new))
        .route("/scrivania/fonti/nuova", web::post().to(add))
        .route("/scrivania/fonti/fonte/{slug}", web::get().to(edit))
        .route("/scrivania/fonti/fonte/{slug}", web::post().to(change));
}

struct Line {
    href: String,
    name: String,
    kind: String,
    subject: String,
    enabled: bool,
}

#[derive(Template)]
#[template(path = "lookups/list.html")]
struct ListPage {
    page: Page,
    lines: Vec<Line>,
}

async fn list(kernel: web::Data<Kernel>, caller: Caller, frame: Frame) -> Result<HttpResponse, Problem> {
    caller.require(Permission::Administer)?;
    let page = frame.0.titled("lookup-title");
    let mut lines = Vec::new();
    for row in store::all(&mut kernel.db.read().await?).await? {
        let source = row.source()?;
        lines.push(Line {
            href: format!("{HERE}/fonte/{}", row.slug),
            kind: page.t(&format!("lookup-kind-{}", source.kind.as_str())),
            subject: page.t(&format!("lookup-subject-{}", source.subject.as_str())),
            enabled: source.enabled,
            name: source.name,
        });
    }
    html(&ListPage { page, lines })
}

struct Choice {
    value: &'static str,
    label: String,
}

struct Fault {
    field: String,
    message: String,
}

struct Given {
    name: &'static str,
    label: String,
    value: String,
}

#[derive(Template)]
#[template(path = "lookups/edit.html")]
struct EditPage {
    page: Page,
    action: String,
    seen: i64,
    source: Source,
    fields: String,
    kinds: Vec<Choice>,
    subjects: Vec<Choice>,
    given: Vec<Given>,
    faults: Vec<Fault>,
    tried: Option<Card>,
}

impl EditPage {
    fn fault(&self, field: &str) -> String {
        self.faults.iter().find(|f| f.field == field).map(|f| f.message.clone()).unwrap_or_default()
    }
}

/// The fields as lines: `Label = where`, or `Label | English label = where`.
fn lines_of(fields: &[Field]) -> String {
    let line = |field: &Field| match field.label_en.as_str() {
        "" => format!("{} = {}", field.label, field.at),
        english => format!("{} | {english} = {}", field.label, field.at),
    };
    fields.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn fields_of(lines: &str) -> Vec<Field> {
    let field = |line: &str| {
        let (labels, at) = line.rsplit_once('=').unwrap_or((line, ""));
        let (label, english) = labels.split_once('|').unwrap_or((labels, ""));
        Field { label: label.trim().to_owned(), label_en: english.trim().to_owned(), at: at.trim().to_owned() }
    };
    lines.lines().map(str::trim).filter(|line| !line.is_empty()).map(field).collect()
}

fn form(page: Page, slug: &str, seen: i64, source: Source, values: &Values, faults: Vec<Fault>) -> EditPage {
    let given = |name: &&'static str| Given {
        name,
        label: page.t(&format!("lookup-value-{}", name.replace('_', "-"))),
        value: values.get(*name).cloned().unwrap_or_default(),
    };
    EditPage {
        action: if slug.is_empty() { format!("{HERE}/nuova") } else { format!("{HERE}/fonte/{slug}") },
        seen,
        fields: lines_of(&source.fields),
        kinds: SourceKind::ALL
            .iter()
            .map(|kind| Choice { value: kind.as_str(), label: page.t(&format!("lookup-kind-{}", kind.as_str())) })
            .collect(),
        subjects: LookupSubject::ALL
            .iter()
            .map(|one| Choice { value: one.as_str(), label: page.t(&format!("lookup-subject-{}", one.as_str())) })
            .collect(),
        given: OF_PERSON.iter().chain(&OF_TICKET).map(given).collect(),
        faults,
        tried: None,
        page: match slug {
            "" => page.titled("lookup-new"),
            _ => Page { title: source.name.clone(), ..page },
        },
        source,
    }
}

async fn new(caller: Caller, frame: Frame) -> Result<HttpResponse, Problem> {
    caller.require(Permission::Administer)?;
    html(&form(frame.0, "", 0, Source::default(), &Values::new(), Vec::new()))
}

async fn edit(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    slug: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::Administer)?;
    let row = store::by_slug(&mut kernel.db.read().await?, &slug).await?.ok_or(LookupError::Missing)?;
    html(&form(frame.0, &slug, row.version, row.source()?, &Values::new(), Vec::new()))
}

#[derive(Deserialize)]
struct Written {
    #[serde(flatten)]
    fields: BTreeMap<String, String>,
}

impl Written {
    fn given(&self, field: &str) -> String {
        self.fields.get(field).map(|text| text.trim().replace("\r\n", "\n")).unwrap_or_default()
    }

    fn number(&self, field: &str) -> i64 {
        self.given(field).parse().unwrap_or(-1)
    }

    fn source(&self) -> Source {
        Source {
            name: self.given("name"),
            kind: SourceKind::from_text(&self.given("kind")).unwrap_or(SourceKind::Rest),
            subject: LookupSubject::from_text(&self.given("subject")).unwrap_or(LookupSubject::Person),
            enabled: self.fields.contains_key("enabled"),
            address: self.given("address"),
            header: self.given("header"),
            secret: self.given("secret"),
            query: self.given("query"),
            fields: fields_of(&self.given("fields")),
            timeout_seconds: self.number("timeout_seconds"),
            most_rows: self.number("most_rows"),
            cache_seconds: self.number("cache_seconds"),
        }
    }

    fn values(&self) -> Values {
        let given = self.fields.iter().filter_map(|(key, value)| Some((key.strip_prefix("value.")?, value.trim())));
        given.filter(|(_, value)| !value.is_empty()).map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
    }
}

async fn add(
    kernel: web::Data<Kernel>,
    lookups: web::Data<Lookups>,
    caller: Caller,
    frame: Frame,
    written: Form<Written>,
) -> Result<HttpResponse, Problem> {
    keep(&kernel, &lookups, &caller, frame.0, "", &written.0).await
}

async fn change(
    kernel: web::Data<Kernel>,
    lookups: web::Data<Lookups>,
    caller: Caller,
    frame: Frame,
    slug: web::Path<String>,
    written: Form<Written>,
) -> Result<HttpResponse, Problem> {
    keep(&kernel, &lookups, &caller, frame.0, &slug, &written.0).await
}

/// Saves what the form says, or tries it.
async fn keep(
    kernel: &Kernel,
    lookups: &Lookups,
    caller: &Caller,
    page: Page,
    slug: &str,
    written: &Written,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::Administer)?;
    let (source, values, seen) = (written.source(), written.values(), written.number("seen").max(0));
    let done = if written.given("then") == "try" {
        try_out(kernel, lookups, &caller.0, &source, &values).await.map(Some)
    } else {
        let to = if slug.is_empty() { slug_of(&source.name) } else { slug.to_owned() };
        save(kernel, &caller.0, &to, seen, source.clone()).await.map(|()| None)
    };
    match done {
        Ok(None) => Ok(see_other(HERE)),
        Ok(Some(answer)) => {
            let tried = Some(card(&page, &source, answer));
            html(&EditPage { tried, ..form(page, slug, seen, source, &values, Vec::new()) })
        }
        Err(e) => {
            let said = |field: &str, key: String| Fault { field: field.to_owned(), message: page.t(&key) };
            let faults = match &e {
                LookupError::Invalid(faults) => faults
                    .iter()
                    .map(|(field, wrong)| said(field, format!("lookup-wrong-{}", wrong.replace('_', "-"))))
                    .collect(),
                LookupError::Stale(_) => vec![said("name", "lookup-wrong-stale".to_owned())],
                LookupError::Missing | LookupError::Forbidden(_) | LookupError::Store(_) => return Err(e.into()),
            };
            let form = form(page, slug, seen, source, &values, faults);
            html_as(&mut HttpResponse::build(StatusCode::UNPROCESSABLE_ENTITY), &form)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_lines_and_back() {
        let lines = "Indirizzo | Address = /indirizzo/via\nNato il = nascita";
        assert_eq!(lines_of(&fields_of(lines)), lines);
        assert_eq!(fields_of("solo questo")[0].at, "", "which is a fault of the source");
    }
}
