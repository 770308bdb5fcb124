//! A site as citizens and administrators read it.
use jiff::SignedDuration;
use jiff::civil::Date;

use super::model::Site;
use crate::kernel::language::Language;
use crate::kernel::opening::Closure;
use crate::kernel::page::Page;
use crate::kernel::time::Instant;

/// How long before its first day a closure or a season is told, in days.
const AHEAD: i64 = 60;

/// A site in the words of a page's language.
#[derive(Debug, Clone)]
pub struct SiteView {
    pub slug: String,
    pub name: String,
    pub address: String,
    pub phone: String,
    pub phone_href: String,
    pub email: String,
    pub note: String,
    /// A line for each opening.
    pub opening: Vec<String>,
    /// Other hours and closures that hold or will hold soon.
    pub changes: Vec<String>,
    /// Whether it is open now, and until or from when; empty where nothing is said of hours.
    pub now: String,
    pub open: bool,
}

impl SiteView {
    /// Those that are in use on the day of a page.
    pub fn in_use<'s>(page: &Page, sites: impl IntoIterator<Item = &'s Site>) -> Vec<Self> {
        let today = page.now.zoned(&page.zone).date();
        sites.into_iter().filter(|site| site.is_in_use(today)).map(|site| Self::of(page, site)).collect()
    }

    /// In the language of a page, at its instant.
    pub fn of(page: &Page, site: &Site) -> Self {
        let hours = site.hours();
        let today = page.now.zoned(&page.zone).date();
        let horizon = page.now.plus(SignedDuration::from_hours(24 * AHEAD)).zoned(&page.zone).date();
        let near = |from: Date, to: Date| to >= today && from <= horizon;
        let seasons = hours.seasons.iter().filter(|s| near(s.from, s.to)).map(|s| {
            let values = [("from", day(page, s.from)), ("to", day(page, s.to)), ("opening", s.opening.words(page))];
            page.language.text_with("site-season", &values)
        });
        let closures = hours.closures.iter().filter(|c| near(c.from, c.to)).map(|c| closed(page, *c));
        let (open, now) = opens(page, hours.next(page.now, &page.zone));
        Self {
            slug: site.slug.clone(),
            name: site.name.clone(),
            address: site.address.clone(),
            phone: site.phone.clone(),
            phone_href: format!("tel:{}", site.phone.replace(|c: char| !c.is_ascii_digit() && c != '+', "")),
            email: site.email.clone(),
            note: match page.language {
                Language::English if !site.note_en.is_empty() => site.note_en.clone(),
                Language::English | Language::Italian => site.note.clone(),
            },
            opening: hours.ordinary.iter().map(|o| o.words(page)).collect(),
            changes: seasons.chain(closures).collect(),
            now: if hours.is_silent() { String::new() } else { now },
            open,
        }
    }
}

/// `3 novembre 2026`
fn day(page: &Page, day: Date) -> String {
    format!("{} {} {}", day.day(), page.t(&format!("month-{}", day.month())), day.year())
}

fn closed(page: &Page, closure: Closure) -> String {
    if closure.from == closure.to {
        page.t1("site-closed-on", "day", day(page, closure.from))
    } else {
        page.t2("site-closed", "from", day(page, closure.from), "to", day(page, closure.to))
    }
}

fn opens(page: &Page, next: Option<(Instant, Instant)>) -> (bool, String) {
    let time = |at: Instant| at.zoned(&page.zone).strftime("%H:%M").to_string();
    match next {
        Some((from, to)) if from <= page.now => (true, page.t1("site-open-now", "until", time(to))),
        Some((from, _)) => {
            let on = from.zoned(&page.zone).date();
            let text = if on == page.now.zoned(&page.zone).date() {
                page.t1("site-opens-today", "time", time(from))
            } else {
                let weekday = page.t(&format!("weekday-{}", on.weekday().to_monday_one_offset()));
                let values = [("weekday", weekday), ("day", day(page, on)), ("time", time(from))];
                page.language.text_with("site-opens", &values)
            };
            (false, text)
        }
        None => (false, page.t("site-opens-never")),
    }
}
