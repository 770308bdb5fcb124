//! What to write or mend next: every gap that is known, with what the closure rate would gain from each.
use std::collections::{BTreeMap, HashMap};

use serde::Serialize;
use utoipa::ToSchema;

use super::clusters::{Cluster, clusters};
use super::estimate::{self, Agency, Closed};
use super::{Days, store};
use crate::kernel::Kernel;
use crate::kernel::language::Language;
use crate::kernel::names::stored_enum;
use crate::kernel::problem::Problem;
use crate::knowledge::KnowledgeIndex;
use crate::knowledge::versions::store::{Worklist, work};

/// Tickets without a sheet that are looked at, the latest.
const TICKETS: i64 = 1_500;
/// Searches that are looked at, and how often one must have happened: what one person typed once stays unread.
const SEARCHES: i64 = 300;
pub(super) const SEARCHED: i64 = 2;
/// Sheets that need care that are looked at.
const SHEETS: i64 = 500;
/// Sheets drafted from tickets that are looked at.
const ORIGINS: i64 = 2_000;
/// A sheet with fewer closings says nothing about itself.
const FEWEST: i64 = 3;
/// A smaller gain, in tickets a month, is chance.
const LEAST: f64 = 0.05;

stored_enum! {
    /// What is to be done.
    Kind {
        /// Write a sheet: tickets of one question are answered without any.
        Write = "write",
        /// Mend a sheet: tickets answered with it go to an office more often than with others of its level.
        Mend = "mend",
        /// Write a sheet, or the words that people use into one: it is searched for in vain.
        Search = "search",
        /// Bring a translation up to date.
        Translate = "translate",
        /// Read a sheet again: its day is past.
        Review = "review",
    }
}

/// One thing to write or mend.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Todo {
    pub kind: Kind,
    /// Words of the question; for sheets empty.
    pub words: Vec<String>,
    /// Slug of the category; absent where none is known.
    pub category: Option<String>,
    #[serde(skip)]
    pub category_id: Option<i64>,
    /// Code of the sheet that is to be mended, translated or read again.
    pub sheet: Option<String>,
    /// Its title.
    pub title: String,
    #[serde(skip)]
    pub unit: Option<i64>,
    /// Tickets, or searches, of the period.
    pub count: i64,
    /// The same a month.
    pub per_month: f64,
    /// Of these tickets, those that went to an office.
    pub escalated: i64,
    /// Of ten tickets, how many should close at the front office; 0 where it is not asked.
    pub target: f64,
    /// Searches by where they happened: portal, desk, form, message.
    pub sides: BTreeMap<&'static str, i64>,
    /// Day since which it waits, `YYYY-MM-DD`; absent where there is none.
    pub since: Option<String>,
    /// More tickets a month that would be closed at the front office.
    pub gain: f64,
    /// What that is of a thousand closings.
    pub gain_permille: f64,
    /// Code of a ticket that a draft can begin from.
    pub ticket: Option<String>,
    /// Code of the sheet that was drafted already.
    pub drafted: Option<String>,
}

/// The list with what it is reckoned from.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Todos {
    /// Days that were looked at, up to today.
    pub days: i64,
    /// Tickets closed in them.
    pub closed: i64,
    /// Share closed at the front office of the tickets answered with a sheet, and without one.
    pub rate_with_sheet: f64,
    pub rate_without: f64,
    /// What gains most first.
    pub items: Vec<Todo>,
}

struct SheetFacts {
    code: String,
    title: String,
    category: Option<i64>,
    unit: Option<i64>,
    maturity: String,
    /// Tickets closed with it.
    closed: Closed,
}

/// Ranks what to write or mend next.
///
/// # Errors
/// When the database cannot be read.
pub async fn todos(kernel: &Kernel, index: &KnowledgeIndex, days: Days, language: Language) -> Result<Todos, Problem> {
    let (from, today) = (days.from(kernel), kernel.now().day(&kernel.config.zone()));
    let tree = index.categories(kernel).await?;
    let mut conn = kernel.db.read().await?;
    let sums = store::answered_sums(&mut conn, &from).await?;
    let tickets = store::unanswered(&mut conn, &from, TICKETS).await?;
    let searches = store::misses(&mut conn, &from, SEARCHED, SEARCHES).await?;
    let foreign = store::foreign_closings(&mut conn, &from).await?;
    let drafted: HashMap<i64, String> = store::drafted_from(&mut conn, ORIGINS).await?.into_iter().collect();
    let outdated = work(&mut conn, Worklist::Outdated, "", &today, SHEETS).await?;
    let overdue = work(&mut conn, Worklist::ToReview, "", &today, SHEETS).await?;
    let titles = store::sheet_titles(&mut conn, language).await?;
    drop(conn);

    let total = |which: &dyn Fn(&store::AnsweredSum) -> bool| {
        sums.iter().filter(|s| which(s)).fold(Closed::default(), |all, s| all.and(s.counts()))
    };
    let agency = Agency::of(
        total(&|s| s.sheet_id > 0),
        total(&|s| s.sheet_id == store::NO_SHEET),
        total(&|_| true).all,
        days.count(),
    );
    let facts: HashMap<i64, SheetFacts> = titles
        .into_iter()
        .map(|(id, code, title, category, unit, maturity)| {
            let closed = total(&|s| s.sheet_id == id);
            (id, SheetFacts { code, title, category, unit, maturity, closed })
        })
        .collect();

    let groups = tokio::task::spawn_blocking(move || clusters(&tickets)).await.unwrap_or_default();
    let mut items: Vec<Todo> = groups
        .into_iter()
        .map(|group| {
            let of_category = total(&|s| s.sheet_id > 0 && s.category_id == group.category_id);
            written(&agency, group, of_category, &drafted)
        })
        .collect();
    items.extend(facts.values().filter_map(|sheet| mended(&agency, sheet, &facts)));
    items.extend(searches.iter().map(|search| searched(&agency, search)));
    for row in &outdated {
        let in_language = foreign.iter().filter(|(sheet, ..)| *sheet == row.id).map(|(.., n)| n).sum();
        let gain = agency.gain_of_sheet(estimate::real(in_language) * estimate::OUTDATED);
        items.extend(facts.get(&row.id).map(|sheet| cared(&agency, Kind::Translate, sheet, in_language, gain)));
    }
    for row in &overdue {
        let care = facts.get(&row.id).map(|sheet| {
            let gain = agency.gain_of_sheet(estimate::real(sheet.closed.all) * estimate::OVERDUE);
            let todo = cared(&agency, Kind::Review, sheet, sheet.closed.all, gain);
            Todo { since: Some(row.review_on.clone()), ..todo }
        });
        items.extend(care);
    }
    for item in &mut items {
        item.category = item.category_id.and_then(|id| tree.get(id)).map(|c| c.slug.clone());
        item.gain_permille = agency.points(item.gain);
    }
    // Care that is due is shown whatever it gains; the rest only when it is more than chance.
    items.retain(|i| matches!(i.kind, Kind::Translate | Kind::Review) || i.gain >= LEAST);
    items.sort_by(|a, b| {
        let by_gain = b.gain.total_cmp(&a.gain).then(b.per_month.total_cmp(&a.per_month));
        by_gain.then_with(|| (a.kind, &a.sheet, &a.words).cmp(&(b.kind, &b.sheet, &b.words)))
    });
    Ok(Todos {
        days: days.count(),
        closed: agency.closed,
        rate_with_sheet: agency.with,
        rate_without: agency.without,
        items,
    })
}

fn todo(agency: &Agency, kind: Kind, count: i64, gain: f64) -> Todo {
    Todo {
        kind,
        words: Vec::new(),
        category: None,
        category_id: None,
        sheet: None,
        title: String::new(),
        unit: None,
        count,
        per_month: agency.monthly(count),
        escalated: 0,
        target: 0.0,
        sides: BTreeMap::new(),
        since: None,
        gain,
        gain_permille: 0.0,
        ticket: None,
        drafted: None,
    }
}

fn written(agency: &Agency, group: Cluster, with_sheet: Closed, drafted: &HashMap<i64, String>) -> Todo {
    let target = estimate::target_of_category(with_sheet, agency);
    let gain = agency.gain_of_closed(group.closed, target);
    Todo {
        category_id: Some(group.category_id).filter(|id| *id > 0),
        words: group.words,
        escalated: group.closed.escalated(),
        target,
        drafted: group.tickets.iter().find_map(|id| drafted.get(id).cloned()),
        ticket: Some(group.example).filter(|code| !code.is_empty()),
        ..todo(agency, Kind::Write, group.closed.all, gain)
    }
}

fn mended(agency: &Agency, sheet: &SheetFacts, all: &HashMap<i64, SheetFacts>) -> Option<Todo> {
    if sheet.closed.all < FEWEST {
        return None;
    }
    let level = all.values().filter(|other| other.maturity == sheet.maturity);
    let others = level.fold(Closed::default(), |sum, other| sum.and(other.closed)).without(sheet.closed);
    let target = estimate::target_of_sheet(others, agency);
    let gain = agency.gain_of_closed(sheet.closed, target);
    let care = cared(agency, Kind::Mend, sheet, sheet.closed.all, gain);
    Some(Todo { escalated: sheet.closed.escalated(), target, ..care })
}

fn cared(agency: &Agency, kind: Kind, sheet: &SheetFacts, count: i64, gain: f64) -> Todo {
    Todo {
        sheet: Some(sheet.code.clone()),
        title: sheet.title.clone(),
        category_id: sheet.category,
        unit: sheet.unit,
        ..todo(agency, kind, count, gain)
    }
}

fn searched(agency: &Agency, search: &store::MissRow) -> Todo {
    // An agent searches for a ticket that is there; of citizens only some then ask.
    let tickets =
        estimate::real(search.desk + search.form + search.message) + estimate::real(search.portal) * estimate::ASKS;
    let sides = [("portal", search.portal), ("desk", search.desk), ("form", search.form), ("message", search.message)];
    Todo {
        words: search.words.split(' ').map(str::to_owned).collect(),
        sides: sides.into_iter().filter(|(_, n)| *n > 0).collect(),
        since: Some(search.last.clone()),
        ..todo(agency, Kind::Search, search.n, agency.gain_of_sheet(tickets))
    }
}
