//! The addresses of this capability's pages.
use crate::kernel::language::Language;

/// Public list of sheets; a sheet is below it.
pub(super) const PUBLIC: &str = "/sportello/schede";
/// The same for agents.
pub(super) const DESK: &str = "/scrivania/schede";
/// What is to be done on sheets.
pub(super) const WORK: &str = "/scrivania/schede/lavori";
/// What to write next, the figures of sheets, searches without a hit.
pub(super) const GAPS: &str = "/scrivania/schede/cosa-scrivere";
pub(super) const USAGE: &str = "/scrivania/schede/uso";
pub(super) const MISSES: &str = "/scrivania/schede/ricerche-a-vuoto";
/// The form of a new sheet.
pub(super) const NEW: &str = "/scrivania/schede/nuova";
/// Where citizens write to us.
const REQUEST: &str = "/sportello/richiesta";

/// The public page of a sheet.
pub(super) fn sheet(code: &str) -> String {
    format!("{PUBLIC}/{code}")
}

/// The agents' page of a sheet.
pub(super) fn desk_sheet(code: &str) -> String {
    format!("{DESK}/{code}")
}

/// An address with a query; pairs without a value are left out.
pub(super) fn with_query(path: &str, pairs: &[(&str, &str)]) -> String {
    let pairs: Vec<_> = pairs.iter().filter(|(_, value)| !value.is_empty()).collect();
    match serde_urlencoded::to_string(&pairs) {
        Ok(query) if !query.is_empty() => format!("{path}?{query}"),
        _ => path.to_owned(),
    }
}

/// The request form, opened from a sheet.
pub(super) fn request(category: &str, sheet: &str) -> String {
    with_query(REQUEST, &[("category", category), ("sheet", sheet)])
}

/// Where a sheet is rated.
pub(super) fn rating(code: &str) -> String {
    format!("{PUBLIC}/{code}/valutazione")
}

/// Where a page that is no sheet is rated.
pub(super) fn page_rating(place: &str) -> String {
    with_query("/sportello/valutazione", &[("pagina", place)])
}

/// The feed of new and changed sheets, by language.
pub(super) const FEED: &str = "/sportello/novita/{lang}.atom";

/// The feed in a language.
pub(super) fn feed(language: Language) -> String {
    FEED.replace("{lang}", language.as_str())
}

/// What was said of sheets.
pub(super) const RATINGS: &str = "/scrivania/schede/valutazioni";

/// What was said of the site's other pages.
pub(super) const PAGE_RATINGS: &str = "/scrivania/schede/valutazioni/pagine";

/// The page of a sheet's draft.
pub(super) fn draft(code: &str) -> String {
    format!("{DESK}/{code}/bozza")
}

/// The page of a sheet's history.
pub(super) fn history(code: &str) -> String {
    format!("{DESK}/{code}/versioni")
}

/// The page of a version.
pub(super) fn version(code: &str, version: i64) -> String {
    format!("{DESK}/{code}/versioni/{version}")
}

/// The page that compares two versions.
pub(super) fn compare(code: &str, from: i64, to: i64) -> String {
    format!("{DESK}/{code}/confronto?da={from}&a={to}")
}
