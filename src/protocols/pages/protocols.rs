//! The protocols: their list with what the law prepares, and a form with one line a term.
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::calendars::{saved, today};
use super::{Choice, Fields, Saved, field, numbers, words};
use crate::clocks::store::{self as clock_store, VersionRow};
use crate::clocks::{Book, CalendarBody, NoticeEffect, PhaseKind, PhaseRule, ProtocolBody, Roll, Subject, TermUnit};
use crate::kernel::Kernel;
use crate::kernel::database::{Conn, StoreError};
use crate::kernel::page::{Page, html_as, see_other};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Form, Frame};
use crate::kernel::time::Instant;
use crate::protocols::presets::{PRESETS, presets};
use crate::protocols::save::{Saving, save_protocol, slug_of};
use crate::protocols::store;

const HERE: &str = "/scrivania/protocolli-operativi";
/// Address of the form for one that does not exist yet.
const NEW: &str = "nuovo";

/// Mounts the pages.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource(HERE).route(web::get().to(list))).service(
        web::resource("/scrivania/protocolli-operativi/{slug}").route(web::get().to(show)).route(web::post().to(save)),
    );
}

struct Row {
    href: String,
    name: String,
    source: String,
    enabled: bool,
    terms: String,
}

#[derive(Template)]
#[template(path = "protocols/protocols.html")]
struct ListPage {
    page: Page,
    rows: Vec<Row>,
    /// Those of the law: address and name.
    prepared: Vec<(String, String)>,
    calendars: bool,
    done: bool,
}

/// One term of the form; an amount of nothing is no term.
struct PhaseLine {
    /// `ticket-answer` and so on: beginning of its fields' names.
    name: String,
    label: String,
    hint: String,
    amount: String,
    unit: String,
    roll: String,
    warn: String,
    waits: bool,
    tells: bool,
    /// When it would be over for a request of now; empty without an amount.
    preview: String,
}

#[derive(Template)]
#[template(path = "protocols/protocol.html")]
struct FormPage {
    page: Page,
    here: String,
    /// A macro's own `name` would hide a field of that name.
    called: String,
    source: String,
    silence: String,
    expected: String,
    since: String,
    enabled: bool,
    calendars: Vec<Choice>,
    categories: Vec<Choice>,
    units: Vec<Choice>,
    ticket: Vec<PhaseLine>,
    leg: Vec<PhaseLine>,
    term_units: Vec<Choice>,
    rolls: Vec<Choice>,
    documents_days: String,
    documents_once: bool,
    notice_days: String,
    effects: Vec<Choice>,
    error: String,
    now: String,
    saved: Vec<Saved>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    fatto: String,
    /// Name of a prepared protocol.
    modello: String,
}

fn latest(rows: Vec<VersionRow>) -> Vec<VersionRow> {
    let mut last: Vec<VersionRow> = Vec::new();
    for row in rows {
        match last.last_mut() {
            Some(before) if before.of == row.of => *before = row,
            _ => last.push(row),
        }
    }
    last
}

fn kebab(text: &str) -> String {
    text.replace('_', "-")
}

/// A term in words: `15 giorni di calendario`.
fn amount(page: &Page, rule: &PhaseRule) -> String {
    page.t1(&format!("term-amount-{}", kebab(rule.unit.as_str())), "n", rule.amount)
}

async fn list(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::Administer)?;
    let page = frame.0.titled("protocols-title");
    let mut conn = kernel.db.read().await?;
    let calendars = !clock_store::calendar_versions(&mut conn, None).await?.is_empty();
    let rows = latest(clock_store::protocol_versions(&mut conn, None).await?);
    let rows = rows.into_iter().filter_map(|row| {
        let body: ProtocolBody = serde_json::from_str(&row.body).ok()?;
        let term = |rule: &PhaseRule| {
            let phase = page.t(&format!("term-phase-{}", kebab(rule.kind.as_str())));
            format!("{phase}: {}", amount(&page, rule))
        };
        let terms = body.phases_of(Subject::Ticket).map(term).collect::<Vec<_>>().join(" · ");
        Some(Row {
            href: format!("{HERE}/{}", row.slug),
            name: body.name,
            source: body.source,
            enabled: body.enabled,
            terms,
        })
    });
    let rows = rows.collect();
    let name = |name: &&str| (format!("{HERE}/{NEW}?modello={name}"), page.t(&format!("protocol-preset-{name}")));
    let prepared = PRESETS.iter().map(name).collect();
    html_as(&mut HttpResponse::Ok(), &ListPage { rows, prepared, calendars, done: !asked.fatto.is_empty(), page })
}

async fn show(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    slug: web::Path<String>,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::Administer)?;
    let mut conn = kernel.db.read().await?;
    let calendars = latest(clock_store::calendar_versions(&mut conn, None).await?);
    let first = calendars.first().map_or(0, |row| row.of);
    let mut versions = clock_store::protocol_versions(&mut conn, None).await?;
    versions.retain(|row| row.slug == *slug);
    let stored = versions.last().and_then(|row| serde_json::from_str::<ProtocolBody>(&row.body).ok());
    drop(conn);
    let body = match stored {
        Some(body) => body,
        None if slug.as_str() == NEW => {
            let mut known = presets(first, frame.0.language).into_iter();
            let chosen = known.find(|(name, _)| *name == asked.modello).map(|(_, body)| body);
            chosen.unwrap_or_else(|| ProtocolBody {
                name: String::new(),
                enabled: true,
                source: String::new(),
                calendar: first,
                categories: Vec::new(),
                units: Vec::new(),
                phases: Vec::new(),
                documents_days: 0,
                documents_once: true,
                notice_days: 0,
                notice_effect: NoticeEffect::Suspends,
                silence: String::new(),
            })
        }
        None => return Err(Problem::not_found()),
    };
    let (number, since) =
        versions.last().map_or_else(|| (0, today(&kernel).to_string()), |row| (row.number, row.valid_from.clone()));
    let asked = Shown { slug: &slug, body, expected: number.to_string(), since, error: String::new() };
    render(&kernel, frame.0, asked, StatusCode::OK).await
}

/// What the form shows.
struct Shown<'s> {
    slug: &'s str,
    body: ProtocolBody,
    expected: String,
    since: String,
    error: String,
}

async fn render(kernel: &Kernel, page: Page, of: Shown<'_>, status: StatusCode) -> Result<HttpResponse, Problem> {
    let Shown { slug, body, expected, since, error } = of;
    let mut conn = kernel.db.read().await?;
    let mut versions = clock_store::protocol_versions(&mut conn, None).await?;
    versions.retain(|row| row.slug == slug);
    let calendars = latest(clock_store::calendar_versions(&mut conn, None).await?);
    let calendars = calendars.into_iter().filter_map(|row| {
        let named: CalendarBody = serde_json::from_str(&row.body).ok()?;
        Some(Choice { value: row.of.to_string(), label: named.name, chosen: row.of == body.calendar })
    });
    let choices = |all: Vec<(i64, String)>, chosen: &[i64]| -> Vec<Choice> {
        all.into_iter()
            .map(|(id, label)| Choice { value: id.to_string(), label, chosen: chosen.contains(&id) })
            .collect()
    };
    let words = |names: &[&'static str], prefix: &str| -> Vec<Choice> {
        let one = |name: &&str| Choice {
            value: (*name).to_owned(),
            label: page.t(&format!("{prefix}{}", kebab(name))),
            chosen: body.notice_effect.as_str() == *name,
        };
        names.iter().map(one).collect()
    };
    let shown = FormPage {
        here: format!("{HERE}/{slug}"),
        calendars: calendars.collect(),
        categories: choices(store::categories(&mut conn).await?, &body.categories),
        units: choices(store::units(&mut conn).await?, &body.units),
        ticket: lines(kernel, &mut conn, &page, &body, Subject::Ticket).await?,
        leg: lines(kernel, &mut conn, &page, &body, Subject::Leg).await?,
        term_units: words(&TermUnit::ALL.iter().map(|u| u.as_str()).collect::<Vec<_>>(), "term-unit-"),
        rolls: words(&Roll::ALL.iter().map(|r| r.as_str()).collect::<Vec<_>>(), "term-roll-"),
        effects: words(&NoticeEffect::ALL.iter().map(|e| e.as_str()).collect::<Vec<_>>(), "protocol-effect-"),
        documents_days: body.documents_days.to_string(),
        documents_once: body.documents_once,
        notice_days: body.notice_days.to_string(),
        called: body.name,
        source: body.source,
        silence: body.silence,
        enabled: body.enabled,
        expected,
        since,
        error,
        now: page.datetime(&kernel.now()),
        saved: saved(&page, &versions),
        page: page.titled(if slug == NEW { "protocol-new" } else { "protocol-edit" }),
    };
    html_as(&mut HttpResponse::build(status), &shown)
}

/// The kinds of terms that a subject may have, in the order in which they come.
const fn kinds(subject: Subject) -> &'static [PhaseKind] {
    use PhaseKind as P;
    match subject {
        Subject::Ticket => {
            &[P::Receipt, P::TakeCharge, P::FirstResponse, P::NonAppropriateness, P::Answer, P::Conclusion, P::Works]
        }
        Subject::Leg => &[P::Receipt, P::NonAppropriateness, P::Answer, P::Works],
    }
}

async fn lines(
    kernel: &Kernel,
    conn: &mut Conn,
    page: &Page,
    body: &ProtocolBody,
    subject: Subject,
) -> Result<Vec<PhaseLine>, StoreError> {
    let book = Book::read(conn, &kernel.config.zone()).await?;
    let now: Instant = kernel.now();
    let calendar = book.calendar(body.calendar, now);
    let line = |kind: &PhaseKind| {
        let rule = body.phases_of(subject).find(|rule| rule.kind == *kind);
        let due = rule.zip(calendar.as_ref()).and_then(|(rule, c)| rule.term().due(c, now, &[]));
        let name = kebab(kind.as_str());
        PhaseLine {
            name: format!("{}-{name}", subject.as_str()),
            label: page.t(&format!("term-phase-{name}")),
            hint: page.t(&format!("term-hint-{}-{name}", subject.as_str())),
            amount: rule.map(|r| r.amount.to_string()).unwrap_or_default(),
            unit: rule.map_or(TermUnit::CalendarDays, |r| r.unit).as_str().to_owned(),
            roll: rule.map_or(Roll::Festive, |r| r.roll).as_str().to_owned(),
            warn: rule.map_or(80, |r| r.warn_percent).to_string(),
            waits: rule.is_some_and(|r| r.waits),
            tells: rule.is_none_or(|r| r.tells),
            preview: due.map(|at| page.datetime(&at)).unwrap_or_default(),
        }
    };
    Ok(kinds(subject).iter().map(line).collect())
}

/// The protocol that a form says.
fn body_of(fields: &[(String, String)]) -> ProtocolBody {
    let number = |name: &str| field(fields, name).trim().parse::<i64>().unwrap_or(0);
    let ticked = |name: &str| !field(fields, name).is_empty();
    let mut phases = Vec::new();
    for &subject in Subject::ALL {
        for &kind in kinds(subject) {
            let name = format!("{}-{}", subject.as_str(), kebab(kind.as_str()));
            let of = |part: &str| format!("{name}-{part}");
            let amount = field(fields, &of("amount")).trim().to_owned();
            if amount.is_empty() {
                continue;
            }
            phases.push(PhaseRule {
                subject,
                kind,
                // What is no number is refused as an amount that cannot be.
                amount: amount.parse().unwrap_or(0),
                unit: TermUnit::from_text(field(fields, &of("unit"))).unwrap_or(TermUnit::CalendarDays),
                roll: Roll::from_text(field(fields, &of("roll"))).unwrap_or(Roll::Festive),
                warn_percent: number(&of("warn")),
                waits: ticked(&of("waits")),
                tells: ticked(&of("tells")),
            });
        }
    }
    ProtocolBody {
        name: field(fields, "name").trim().to_owned(),
        enabled: ticked("enabled"),
        source: field(fields, "source").trim().to_owned(),
        calendar: number("calendar"),
        categories: numbers(fields, "categories"),
        units: numbers(fields, "units"),
        phases,
        documents_days: number("documents_days"),
        documents_once: ticked("documents_once"),
        notice_days: number("notice_days"),
        notice_effect: NoticeEffect::from_text(field(fields, "notice_effect")).unwrap_or(NoticeEffect::Suspends),
        silence: field(fields, "silence").trim().to_owned(),
    }
}

async fn save(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    slug: web::Path<String>,
    form: Form<Fields>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::Administer)?;
    let (fields, page) = (form.0, frame.0);
    let body = body_of(&fields);
    let (expected, since) = (field(&fields, "expected").to_owned(), field(&fields, "since").to_owned());
    let shown = |error: String| Shown {
        slug: &slug,
        body: body.clone(),
        expected: expected.clone(),
        since: since.clone(),
        error,
    };
    if field(&fields, "press") == "preview" {
        return render(&kernel, page, shown(String::new()), StatusCode::OK).await;
    }
    let error = match since.parse() {
        Ok(valid_from) => {
            let to = if slug.as_str() == NEW { slug_of(&body.name) } else { slug.to_string() };
            let saving = Saving { slug: to, expected: expected.parse().unwrap_or(0), valid_from };
            match save_protocol(&kernel, who, saving, body.clone()).await {
                Ok(_) => return Ok(see_other(&format!("{HERE}?fatto=1"))),
                Err(error) => match words(&page, &error) {
                    Some(text) => text,
                    None => return Err(error.into()),
                },
            }
        }
        Err(_) => page.t("protocol-wrong-since"),
    };
    render(&kernel, page, shown(error), StatusCode::UNPROCESSABLE_ENTITY).await
}
