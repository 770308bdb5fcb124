//! How a sheet is rated, as its desk page and the API show it.
use super::model::{STARS, Source};
use super::store::{self, CountRow};
use crate::kernel::database::{Conn, StoreError};
use crate::kernel::language::Language;
use crate::kernel::page::Page;
use crate::knowledge::links;
use crate::knowledge::model::Sheet;

/// How often citizens gave so many stars.
#[derive(Debug, Clone)]
pub(in crate::knowledge) struct Bar {
    pub label: String,
    pub n: i64,
}

/// How often something was named as the reason.
#[derive(Debug, Clone)]
pub(in crate::knowledge) struct Named {
    pub label: String,
    pub n: i64,
}

/// How a sheet is rated.
#[derive(Debug, Clone)]
pub(in crate::knowledge) struct TallyView {
    /// Ratings by citizens, and by agents.
    pub citizens: i64,
    pub agents: i64,
    /// `4,2`; empty without ratings.
    pub average: String,
    /// What the version in force got: `4,5 (12)`; empty without ratings of it.
    pub now: String,
    /// From five stars down to one.
    pub bars: Vec<Bar>,
    /// The reasons, the most frequent first.
    pub reasons: Vec<Named>,
    /// The list of what was said.
    pub href: String,
}

/// The mean of stars, in tenths; `None` without ratings.
pub(super) fn average(counts: &[CountRow], version: Option<i64>) -> Option<(f64, i64)> {
    let rated = counts.iter().filter(|c| c.rate > 0 && version.is_none_or(|v| v == c.version));
    let (sum, n) = rated.fold((0, 0), |(sum, n), c| (sum + c.rate * c.n, n + c.n));
    (n > 0).then(|| (sum as f64 / n as f64, n))
}

pub(super) fn decimal(language: Language, value: f64) -> String {
    let text = format!("{value:.1}");
    if language == Language::Italian { text.replace('.', ",") } else { text }
}

/// The label of a reason, whoever named it.
pub(super) fn reason_label(page: &Page, reason: &str) -> String {
    if reason.is_empty() { String::new() } else { page.t(&format!("rating-reason-{reason}")) }
}

/// How a sheet is rated, in the reader's language.
///
/// # Errors
/// When the database cannot be read.
pub(in crate::knowledge) async fn tally_of(
    conn: &mut Conn,
    page: &Page,
    sheet: &Sheet,
) -> Result<TallyView, StoreError> {
    let counts = store::counts(conn, sheet.id).await?;
    let sum = |pick: &dyn Fn(&CountRow) -> bool| counts.iter().filter(|c| pick(c)).map(|c| c.n).sum::<i64>();
    let of = |source: Source| sum(&|c| c.source == source.as_str());
    let bar = |stars: i64| Bar { label: page.t1("rating-stars-n", "n", stars), n: sum(&|c| c.rate == stars) };
    let mut reasons: Vec<Named> = Vec::new();
    for count in counts.iter().filter(|c| !c.reason.is_empty()) {
        let label = reason_label(page, &count.reason);
        match reasons.iter_mut().find(|r| r.label == label) {
            Some(named) => named.n += count.n,
            None => reasons.push(Named { label, n: count.n }),
        }
    }
    reasons.sort_by_key(|r| std::cmp::Reverse(r.n));
    let now = average(&counts, Some(sheet.version));
    Ok(TallyView {
        citizens: of(Source::Citizen),
        agents: of(Source::Agent),
        average: average(&counts, None).map(|(mean, _)| decimal(page.language, mean)).unwrap_or_default(),
        now: now.map(|(mean, n)| format!("{} ({n})", decimal(page.language, mean))).unwrap_or_default(),
        bars: (1..=STARS).rev().map(bar).collect(),
        reasons,
        href: links::with_query(links::RATINGS, &[("scheda", &sheet.code), ("mostra", "tutte")]),
    })
}
