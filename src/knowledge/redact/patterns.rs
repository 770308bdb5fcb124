//! What looks like personal data by its form.
use std::ops::Range;

use channels::paper::ITALIAN_MONTHS;

use super::codes::{file_number, fiscal_code, iban, plate, tracking_code};
use super::known::Known;
use super::text::Text;
use super::{Author, Span, What};

/// Words before a name of a person.
const TITLES: [&str; 25] = [
    "arch",
    "avv",
    "cara",
    "caro",
    "chiamo",
    "dear",
    "dott",
    "dottor",
    "dottoressa",
    "egregia",
    "egregio",
    "gentile",
    "geom",
    "ing",
    "mr",
    "mrs",
    "ms",
    "prof",
    "professor",
    "professoressa",
    "sig",
    "signor",
    "signora",
    "sottoscritta",
    "sottoscritto",
];
/// What stands between a title and the name it belongs to.
const AFTER_TITLE: [&str; 4] = ["ra", "re", "ssa", "na"];
/// Capitalised words that are no names of persons.
const OFFICES: [&str; 14] = [
    "anagrafe",
    "buongiorno",
    "buonasera",
    "comune",
    "comando",
    "direzione",
    "polizia",
    "redazione",
    "salve",
    "servizio",
    "sindaco",
    "sportello",
    "ufficio",
    "urp",
];
/// What a letter ends with; a name follows.
const CLOSINGS: [&str; 6] = ["saluti", "saluto", "grazie", "regards", "sincerely", "fede"];
/// Beginnings of a street.
const STREETS: [&str; 22] = [
    "borgata",
    "borgo",
    "c.so",
    "contrada",
    "corso",
    "corte",
    "frazione",
    "largo",
    "localita",
    "lungomare",
    "p.le",
    "p.za",
    "p.zza",
    "piazza",
    "piazzale",
    "salita",
    "strada",
    "v.le",
    "via",
    "viale",
    "vicolo",
    "vico",
];
/// Words of a street's name that are written small.
const SMALL: [&str; 12] = ["da", "dai", "dal", "degli", "dei", "del", "dell", "della", "delle", "di", "la", "san"];
/// Words of a street's name.
const STREET_WORDS: usize = 5;

/// All that looks personal in a text.
pub(super) fn find(text: &Text<'_>, known: &Known, author: Author) -> Vec<Span> {
    let mut spans = addresses(text);
    spans.extend(links(text));
    for place in 0..text.words.len() {
        spans.extend(fiscal_code(text, place));
        spans.extend(iban(text, place));
        spans.extend(plate(text, place));
        spans.extend(tracking_code(text, place));
        spans.extend(file_number(text, place));
        spans.extend(birth(text, place));
        spans.extend(introduced(text, place));
        spans.extend(signed(text, place));
    }
    spans.extend(numbers(text));
    spans.retain(|s| !matches!(s.what, What::Email | What::Phone) || !known.may_stay(&text.source[s.range.clone()]));
    let of_citizen = |range: &Range<usize>| author == Author::Citizen || known.is_street(&text.source[range.clone()]);
    let streets = streets(text).into_iter().filter(of_citizen);
    spans.extend(streets.map(|range| Span { range, what: What::Address }));
    spans
}

pub(super) fn span(text: &Text<'_>, first: usize, last: usize, what: What) -> Span {
    Span { range: text.range(first, last), what }
}

/// `name@host`.
fn addresses(text: &Text<'_>) -> Vec<Span> {
    let part = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '%' | '+' | '-' | '\'');
    let of = |(at, _): (usize, &str)| {
        let before = &text.source[..at];
        let start = before.rfind(|c| !part(c)).map_or(0, |p| p + before[p..].chars().next().map_or(1, char::len_utf8));
        let after = &text.source[at + 1..];
        let end = at + 1 + after.find(|c| !part(c)).unwrap_or(after.len());
        let whole = start..at + 1 + text.source[at + 1..end].trim_end_matches(['.', '-']).len();
        (start < at && whole.end > at + 1).then_some(Span { range: whole, what: What::Email })
    };
    text.source.match_indices('@').filter_map(of).collect()
}

/// Addresses that lead to one ticket or carry a secret; the plain address of a page stays.
fn links(text: &Text<'_>) -> Vec<Span> {
    let mut spans = Vec::new();
    for begin in ["http://", "https://", "www."] {
        for (at, _) in text.source.match_indices(begin) {
            let rest = &text.source[at..];
            let end = at + rest.find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"')).unwrap_or(rest.len());
            let link = &text.source[at..end];
            if link.contains(['?', '#']) || link.contains("/pratic") {
                spans.push(Span { range: at..end, what: What::Code });
            }
        }
    }
    spans
}

/// The day of birth that is said to be one.
fn birth(text: &Text<'_>, place: usize) -> Option<Span> {
    let word = text.words[place].folded.as_str();
    if !matches!(word, "nato" | "nata" | "nati" | "nascita" | "born" | "birth") {
        return None;
    }
    (place + 1..text.words.len().min(place + 12)).find_map(|first| {
        let last = first + 2;
        let year = text.words.get(last).filter(|w| w.is_number() && matches!(w.range.len(), 2 | 4))?;
        let month = &text.words[first + 1];
        let is_date = text.words[first].is_number()
            && (month.is_number() || ITALIAN_MONTHS.contains(&month.folded.as_str()))
            && !year.folded.is_empty();
        is_date.then(|| span(text, first, last, What::Birth))
    })
}

/// Capitalised words after a title or «mi chiamo».
fn introduced(text: &Text<'_>, place: usize) -> Option<Span> {
    let word = text.words[place].folded.as_str();
    let alone = word == "sono" || word == "am";
    if !alone && !TITLES.contains(&word) {
        return None;
    }
    let mut first = place + 1;
    while text.words.get(first).is_some_and(|w| AFTER_TITLE.contains(&w.folded.as_str())) {
        first += 1;
    }
    let last = names_from(text, first, 3)?;
    // «Sono Italiana» is no name, «sono Maria Rossi» is one.
    (!alone || last > first).then(|| span(text, first, last, What::Name))
}

/// The name below «cordiali saluti».
fn signed(text: &Text<'_>, place: usize) -> Option<Span> {
    if !CLOSINGS.contains(&text.words[place].folded.as_str()) || text.gap(place).trim_matches([' ', '\t']).is_empty() {
        return None;
    }
    let last = names_from(text, place + 1, 4)?;
    let ends = text.gap(last).contains('\n') || last + 1 == text.words.len();
    ends.then(|| span(text, place + 1, last, What::Name))
}

/// The last of up to `most` capitalised words in a row from one on, offices apart.
fn names_from(text: &Text<'_>, first: usize, most: usize) -> Option<usize> {
    let is_name = |place: usize| {
        text.words.get(place).is_some_and(|w| w.capital && !w.has_digit() && !OFFICES.contains(&w.folded.as_str()))
    };
    let beside = |place: usize| place == first || matches!(text.gap(place - 1), " " | "'" | "\u{2019}" | "-" | ". ");
    (first..first + most).take_while(|place| is_name(*place) && beside(*place)).last()
}

/// Streets with a number or a capitalised name.
pub(super) fn streets(text: &Text<'_>) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for place in 0..text.words.len() {
        let Some(name) = after_street_word(text, place) else { continue };
        let mut last = name;
        let mut named = false;
        while last < text.words.len() && last < name + STREET_WORDS {
            let word = &text.words[last];
            let beside = last == name || matches!(text.gap(last - 1), " " | "'" | "\u{2019}" | ". " | "' ");
            if !beside || word.has_digit() || !(word.capital || SMALL.contains(&word.folded.as_str())) {
                break;
            }
            named |= word.capital;
            last += 1;
        }
        let small = last;
        // In small letters only its number says that it is a street.
        while !named && last < text.words.len() && last < name + STREET_WORDS && !text.words[last].has_digit() {
            last += 1;
        }
        let number = house_number(text, last);
        match (named, number) {
            (_, Some(number)) if last > name => found.push(text.range(place, number)),
            (true, _) => found.push(text.range(place, small - 1)),
            (false, _) => {}
        }
    }
    found
}

/// The word after the beginning of a street, which may have a point in it.
fn after_street_word(text: &Text<'_>, place: usize) -> Option<usize> {
    let word = text.words[place].folded.as_str();
    if STREETS.contains(&word) {
        return Some(place + 1);
    }
    let next = text.words.get(place + 1)?;
    let pointed = format!("{word}.{}", next.folded);
    (text.gap(place) == "." && STREETS.contains(&pointed.as_str())).then_some(place + 2)
}

/// The number of a house that stands at a word, perhaps after «n.».
fn house_number(text: &Text<'_>, place: usize) -> Option<usize> {
    let word = text.words.get(place)?;
    let at = if matches!(word.folded.as_str(), "n" | "nr" | "numero" | "civico" | "snc") { place + 1 } else { place };
    if word.folded == "snc" {
        return Some(place);
    }
    let number = text.words.get(at)?;
    let near = place == 0 || text.gap(place - 1).chars().count() <= 3 && !text.gap(place - 1).contains(['\n', '.']);
    let plausible = number.folded.starts_with(|c: char| c.is_ascii_digit()) && number.range.len() <= 5;
    if !(near && plausible) {
        return None;
    }
    // 12/A
    let part = text.words.get(at + 1).filter(|w| text.gap(at) == "/" && w.range.len() <= 2);
    Some(at + usize::from(part.is_some()))
}

/// Long numbers that are neither days, hours, years, laws nor money.
fn numbers(text: &Text<'_>) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut place = 0;
    while place < text.words.len() {
        if !text.words[place].is_number() {
            place += 1;
            continue;
        }
        let mut last = place;
        while last + 1 < text.words.len() && text.words[last + 1].is_number() && is_inside_number(text.gap(last)) {
            last += 1;
        }
        let mut from = place;
        while from <= last {
            if is_day(text, from) && from + 2 <= last {
                from += 3;
                continue;
            }
            let end =
                (from..=last).find(|&at| at > from && at + 2 <= last && is_day(text, at)).map_or(last, |at| at - 1);
            if !is_harmless(text, from, end) {
                spans.push(number(text, from, end));
            }
            from = end + 1;
        }
        place = last + 1;
    }
    spans
}

fn is_inside_number(gap: &str) -> bool {
    !gap.is_empty() && gap.chars().count() <= 3 && gap.chars().all(|c| matches!(c, ' ' | '.' | '-' | '/' | '(' | ')'))
}

fn number(text: &Text<'_>, first: usize, last: usize) -> Span {
    let mut range = text.range(first, last);
    let before = &text.source[..range.start];
    let plus = before.ends_with('+');
    range.start -= usize::from(plus);
    let digits: usize = text.words[first..=last].iter().map(|w| w.range.len()).sum();
    let phone = plus || digits >= 8 || text.words[first].folded.starts_with(['0', '3']);
    Span { range, what: if phone { What::Phone } else { What::Number } }
}

fn value(text: &Text<'_>, place: usize) -> u32 {
    text.words.get(place).and_then(|w| w.folded.parse().ok()).unwrap_or(u32::MAX)
}

/// `12/03/2026`, `2026-03-12`
fn is_day(text: &Text<'_>, place: usize) -> bool {
    let Some(last) = text.words.get(place + 2) else { return false };
    let marks = (text.gap(place), text.gap(place + 1));
    let same = marks.0 == marks.1 && matches!(marks.0, "/" | "." | "-");
    let (first, second, third) = (value(text, place), value(text, place + 1), value(text, place + 2));
    let forward = first <= 31 && second <= 12 && last.range.len() == 4 && is_year(third);
    let backward = is_year(first) && second <= 12 && third <= 31;
    same && (forward || backward)
}

const fn is_year(number: u32) -> bool {
    number >= 1900 && number < 2100
}

fn is_harmless(text: &Text<'_>, first: usize, last: usize) -> bool {
    let count = last - first + 1;
    let digits: usize = text.words[first..=last].iter().map(|w| w.range.len()).sum();
    let plus = text.source[..text.words[first].range.start].ends_with('+');
    if digits < 6 {
        return !(plus && digits >= 5);
    }
    if plus {
        return false;
    }
    let values: Vec<u32> = (first..=last).map(|at| value(text, at)).collect();
    let gaps: Vec<&str> = (first..last).map(|at| text.gap(at)).collect();
    let years = values.iter().all(|v| is_year(*v));
    // 445/2000
    let law = count == 2 && gaps[0] == "/" && is_year(values[1]) && values[0] < 10_000;
    // 8.30-12.30
    let hours = |h: u32, m: u32| h <= 24 && m < 60;
    let opening = count == 4
        && gaps[0] == "."
        && gaps[2] == "."
        && gaps[1].contains('-')
        && hours(values[0], values[1])
        && hours(values[2], values[3]);
    // 8-12 15-18
    let spans = count == 4 && gaps[0].contains('-') && gaps[2].contains('-') && values.iter().all(|v| *v <= 24);
    let after = text.gap(last).trim_start();
    let coin = text.words.get(last + 1).is_some_and(|w| w.folded == "euro");
    let money =
        after.starts_with([',', '€']) || coin || text.source[..text.words[first].range.start].trim_end().ends_with('€');
    let thousands = gaps.iter().all(|g| *g == ".") && text.words[first + 1..=last].iter().all(|w| w.range.len() == 3);
    years || law || opening || spans || (money && thousands && digits < 12 && count > 1)
}
