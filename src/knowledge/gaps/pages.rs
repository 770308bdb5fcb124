//! The pages for whoever writes sheets: what to write next, what became of each sheet, what nobody found.
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::estimate::real;
use super::rank::{self, Kind, Todo};
use super::usage::{self, SheetUsage};
use super::{Days, from_ticket, store};
use crate::kernel::Kernel;
use crate::kernel::codes::{TrackingCode, grouped};
use crate::kernel::language::Language;
use crate::kernel::page::{self, Page};
use crate::kernel::permissions::{Permission, Principal};
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Form, Frame, Pressed};
use crate::knowledge::KnowledgeIndex;
use crate::knowledge::links;
use crate::knowledge::versions::rules;
use crate::knowledge::views::AreaLink;

pub(in crate::knowledge) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route(links::GAPS, web::get().to(what_to_write))
        .route(links::USAGE, web::get().to(show_usage))
        .route(links::MISSES, web::get().to(show_misses))
        .route("/scrivania/pratiche/{code}/scheda", web::post().to(draft));
}

/// Periods to choose from, in days.
const PERIODS: [u16; 3] = [30, 90, 365];
/// Rows of the list of what to write, and of searches.
const ROWS: usize = 60;
const SEARCHES: i64 = 200;

#[derive(Deserialize)]
struct Asked {
    giorni: Option<u16>,
}

impl Asked {
    fn days(&self) -> Result<Days, Problem> {
        match self.giorni {
            Some(days) => Days::new(days).ok_or_else(|| Problem::field("giorni", "out_of_range")),
            None => Ok(Days::USUAL),
        }
    }
}

/// What the three pages have in common.
struct Head {
    tabs: Vec<AreaLink>,
    periods: Vec<AreaLink>,
}

impl Head {
    fn of(page: &Page, here: &str, days: Days) -> Self {
        let tab =
            |(href, key): (&str, &str)| AreaLink { href: href.to_owned(), label: page.t(key), current: href == here };
        let period = |n: u16| AreaLink {
            href: format!("{here}?giorni={n}"),
            label: page.t1("gap-period", "n", n),
            current: i64::from(n) == days.count(),
        };
        // Referents see what to write of their sheets, and neither of the others.
        let tabs = if page.may(Permission::WorkTickets) {
            [(links::GAPS, "gap-title"), (links::USAGE, "gap-usage"), (links::MISSES, "gap-misses")].map(tab).into()
        } else {
            Vec::new()
        };
        Self { tabs, periods: PERIODS.map(period).into() }
    }
}

struct Row {
    kind: &'static str,
    tag: &'static str,
    label: String,
    title: String,
    href: String,
    why: String,
    per_month: String,
    gain: String,
    points: String,
    /// Stored code of the ticket that a draft begins from; empty without one.
    ticket: String,
    grouped: String,
    /// What the button of a link says and where it leads; empty when a draft begins from a ticket.
    action: String,
    action_href: String,
}

#[derive(Template)]
#[template(path = "knowledge/gaps.html")]
struct GapsPage {
    page: Page,
    head: Head,
    summary: String,
    rows: Vec<Row>,
}

/// One decimal, as people of the page's language write it.
fn decimal(page: &Page, value: f64) -> String {
    let text = format!("{value:.1}");
    if page.language == Language::Italian { text.replace('.', ",") } else { text }
}

/// What somebody may see of the list: everything who works tickets or reads figures, others what they may draft.
pub(super) fn visible(who: &Principal, items: Vec<Todo>) -> Vec<Todo> {
    let all = who.role.may(Permission::WorkTickets) || who.role.may(Permission::ReadFigures);
    items.into_iter().filter(|i| all || (i.sheet.is_some() && rules::may_draft(who, i.unit))).collect()
}

async fn what_to_write(
    kernel: web::Data<Kernel>,
    index: web::Data<KnowledgeIndex>,
    caller: Caller,
    frame: Frame,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::DraftKnowledge)?;
    let (page, days) = (frame.0.titled("gap-title"), asked.days()?);
    let found = rank::todos(&kernel, &index, days, page.language).await?;
    let tree = index.categories(&kernel).await?;
    let values = [
        ("closed", found.closed.to_string()),
        ("with", decimal(&page, found.rate_with_sheet * 100.0)),
        ("without", decimal(&page, found.rate_without * 100.0)),
    ];
    let summary = page.language.text_with("gap-summary", &values);
    let name = |id: i64| tree.get(id).map(|c| c.name_in(page.language).to_owned()).unwrap_or_default();
    let items = visible(who, found.items).into_iter().take(ROWS);
    let rows = items.map(|item| row(&page, &item, item.category_id.map(name).unwrap_or_default())).collect();
    page::html(&GapsPage { head: Head::of(&page, links::GAPS, days), summary, rows, page })
}

fn row(page: &Page, item: &Todo, category: String) -> Row {
    let words = item.words.join(", ");
    let category = if category.is_empty() { page.t("supervision-none") } else { category };
    let title = match (item.kind, words.is_empty()) {
        (Kind::Write, true) => page.t1("gap-rest", "category", &category),
        (Kind::Write, false) => page.t2("gap-about", "words", &words, "category", &category),
        (Kind::Search, _) => page.t1("gap-searched", "words", &words),
        (Kind::Mend | Kind::Translate | Kind::Review, _) => {
            format!("{} {}", item.sheet.as_deref().unwrap_or_default(), item.title)
        }
    };
    let drafted = item.drafted.as_deref().unwrap_or_default();
    let sheet = item.sheet.as_deref().unwrap_or_default();
    let edit = format!("{}/modifica", links::desk_sheet(sheet));
    let (action, action_href) = match item.kind {
        Kind::Write if !drafted.is_empty() => {
            (page.t1("gap-open-drafted", "code", drafted), links::desk_sheet(drafted))
        }
        Kind::Write if item.ticket.is_some() && page.may(Permission::WorkTickets) => (String::new(), String::new()),
        Kind::Write | Kind::Search => {
            let slug = item.category.as_deref().unwrap_or_default();
            let pairs = [("titolo", item.words.join(" ")), ("category", slug.to_owned())];
            let pairs: Vec<(&str, &str)> = pairs.iter().map(|(k, v)| (*k, v.as_str())).collect();
            (page.t("gap-write"), links::with_query(links::NEW, &pairs))
        }
        Kind::Mend => (page.t("gap-mend"), edit),
        Kind::Translate => (page.t("gap-translate"), edit),
        Kind::Review => (page.t("gap-review"), edit),
    };
    let from_ticket = action.is_empty();
    let ticket = item.ticket.clone().filter(|_| from_ticket).unwrap_or_default();
    Row {
        kind: item.kind.as_str(),
        tag: match item.kind {
            Kind::Write => "note",
            Kind::Mend => "bad",
            Kind::Search => "plain",
            Kind::Translate | Kind::Review => "warn",
        },
        label: page.t(&format!("gap-kind-{}", item.kind.as_str())),
        title,
        href: if sheet.is_empty() { String::new() } else { links::desk_sheet(sheet) },
        why: why(page, item),
        per_month: decimal(page, item.per_month),
        gain: decimal(page, item.gain),
        points: decimal(page, item.gain_permille / 10.0),
        grouped: if ticket.is_empty() { String::new() } else { grouped(&ticket) },
        ticket,
        action,
        action_href,
    }
}

/// Why it is in the list, in plain words.
fn why(page: &Page, item: &Todo) -> String {
    let day = |day: &str| {
        let parsed = day.parse::<jiff::civil::Date>().ok();
        parsed.map(|d| d.strftime("%d/%m/%Y").to_string()).unwrap_or_default()
    };
    let place = |(side, n): (&&'static str, &i64)| format!("{} {n}", page.t(&format!("gap-side-{side}")));
    let values = [
        ("n", item.count.to_string()),
        ("escalated", item.escalated.to_string()),
        ("share", decimal(page, share(item) * 100.0)),
        ("target", decimal(page, item.target * 100.0)),
        ("day", item.since.as_deref().map(day).unwrap_or_default()),
        ("sides", item.sides.iter().map(place).collect::<Vec<_>>().join(", ")),
    ];
    page.language.text_with(&format!("gap-why-{}", item.kind.as_str()), &values)
}

fn share(item: &Todo) -> f64 {
    if item.count > 0 { real(item.count - item.escalated) / real(item.count) } else { 0.0 }
}

struct UsageRow {
    usage: SheetUsage,
    href: String,
    /// Share closed at the front office; empty without closings.
    share: String,
    /// The mean of stars; empty without ratings.
    stars: String,
}

#[derive(Template)]
#[template(path = "knowledge/usage.html")]
struct UsagePage {
    page: Page,
    head: Head,
    rows: Vec<UsageRow>,
}

async fn show_usage(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::WorkTickets)?;
    let (page, days) = (frame.0.titled("gap-usage"), asked.days()?);
    let mut all = usage::usage(&kernel, days, page.language).await?;
    all.sort_by(|a, b| (b.closed, b.used, &a.sheet).cmp(&(a.closed, a.used, &b.sheet)));
    let row = |usage: SheetUsage| UsageRow {
        href: links::desk_sheet(&usage.sheet),
        share: if usage.closed > 0 {
            let share = real(usage.closed_front_office) / real(usage.closed) * 100.0;
            page.t1("gap-percent", "n", decimal(&page, share))
        } else {
            String::new()
        },
        stars: usage.stars.map(|stars| decimal(&page, stars)).unwrap_or_default(),
        usage,
    };
    let rows = all.into_iter().map(row).collect();
    page::html(&UsagePage { head: Head::of(&page, links::USAGE, days), rows, page: page.clone() })
}

struct MissView {
    words: String,
    n: i64,
    places: String,
    last: String,
    href: String,
}

#[derive(Template)]
#[template(path = "knowledge/misses.html")]
struct MissesPage {
    page: Page,
    head: Head,
    rows: Vec<MissView>,
}

async fn show_misses(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::WorkTickets)?;
    let (page, days) = (frame.0.titled("gap-misses"), asked.days()?);
    let mut conn = kernel.db.read().await?;
    let found = store::misses(&mut conn, &days.from(&kernel), rank::SEARCHED, SEARCHES).await?;
    drop(conn);
    let view = |row: store::MissRow| {
        let sides = [("portal", row.portal), ("desk", row.desk), ("form", row.form), ("message", row.message)];
        let place = |(side, n): (&str, i64)| (n > 0).then(|| format!("{} {n}", page.t(&format!("gap-side-{side}"))));
        let last = row.last.parse::<jiff::civil::Date>().ok();
        MissView {
            n: row.n,
            places: sides.into_iter().filter_map(place).collect::<Vec<_>>().join(", "),
            last: last.map(|d| d.strftime("%d/%m/%Y").to_string()).unwrap_or_default(),
            href: links::with_query(links::DESK, &[("q", &row.words)]),
            words: row.words,
        }
    };
    let rows = found.into_iter().map(view).collect();
    page::html(&MissesPage { head: Head::of(&page, links::MISSES, days), rows, page: page.clone() })
}

async fn draft(
    kernel: web::Data<Kernel>,
    caller: Caller,
    code: web::Path<String>,
    _guard: Form<Pressed>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::DraftKnowledge)?;
    let code = TrackingCode::parse(&code).map_err(|_| Problem::not_found())?;
    let drafted = from_ticket::draft(&kernel, who, code.as_str()).await?;
    Ok(page::see_other(&if drafted.new { links::draft(&drafted.code) } else { links::desk_sheet(&drafted.code) }))
}
