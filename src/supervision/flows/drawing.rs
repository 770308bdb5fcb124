//! The drawing of the network: senders on the left, receivers on the right, a band for each flow. Positions are
//! computed here, so that the page needs neither script nor inline style; all that it tells stands in the table too.
use std::collections::BTreeMap;

use super::Flows;
use crate::kernel::page::Page;

/// Senders and receivers that fit; the others are one each.
const SENDERS: usize = 7;
const RECEIVERS: usize = 12;
/// Characters of a name that fit beside the bands.
const LETTERS: usize = 27;
pub(super) const WIDTH: i64 = 680;
const LEFT: i64 = 215;
const RIGHT: i64 = 465;
const STEP: i64 = 30;
const TOP: i64 = 20;
/// Thickness of the largest flow.
const THICKEST: i64 = 16;

/// A name beside the bands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub y: i64,
    pub name: String,
}

/// A band from left to right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Band {
    /// Of an SVG path.
    pub path: String,
    pub thickness: i64,
    /// Whether something in it is overdue.
    pub overdue: bool,
    /// Who sends how much to whom.
    pub title: String,
}

/// What the template draws.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Drawing {
    pub width: i64,
    pub height: i64,
    pub left: i64,
    pub right: i64,
    pub senders: Vec<Place>,
    pub receivers: Vec<Place>,
    pub bands: Vec<Band>,
}

/// The ids with the most, at most so many, in the order of their size.
fn largest(all: impl Iterator<Item = (i64, i64)>, most: usize) -> Vec<i64> {
    let mut sums: BTreeMap<i64, i64> = BTreeMap::new();
    for (id, sent) in all {
        *sums.entry(id).or_default() += sent;
    }
    let mut ids: Vec<(i64, i64)> = sums.into_iter().collect();
    ids.sort_by_key(|(id, sent)| (std::cmp::Reverse(*sent), *id));
    ids.truncate(most);
    ids.into_iter().map(|(id, _)| id).collect()
}

/// The beginning of a name, as far as it fits.
fn short(name: &str) -> String {
    if name.chars().count() <= LETTERS {
        return name.to_owned();
    }
    format!("{}…", name.chars().take(LETTERS - 1).collect::<String>().trim_end())
}

/// Draws flows; `None` when there are none.
pub(super) fn draw(page: &Page, flows: &Flows, name: impl Fn(i64) -> String) -> Option<Drawing> {
    if flows.rows.is_empty() {
        return None;
    }
    let senders = largest(flows.rows.iter().map(|f| (f.sender, f.sent)), SENDERS);
    let receivers = largest(flows.rows.iter().map(|f| (f.unit, f.sent)), RECEIVERS);
    // All that does not fit is one place below the others.
    let place = |of: &[i64], id: i64| of.iter().position(|known| *known == id).unwrap_or(of.len());
    let mut bands: BTreeMap<(usize, usize), (i64, i64)> = BTreeMap::new();
    for flow in &flows.rows {
        let band = bands.entry((place(&senders, flow.sender), place(&receivers, flow.unit))).or_default();
        band.0 += flow.sent;
        band.1 += flow.overdue;
    }
    let most = bands.values().map(|(sent, _)| *sent).max().unwrap_or(1).max(1);
    let others = page.t("flows-others");
    let called = |of: &[i64], at: usize| of.get(at).map_or_else(|| others.clone(), |id| name(*id));
    let count = |of: &[i64], used: &dyn Fn(&(usize, usize)) -> usize| {
        of.len() + usize::from(bands.keys().any(|key| used(key) == of.len()))
    };
    let (left, right) = (count(&senders, &|key| key.0), count(&receivers, &|key| key.1));
    let rows = i64::try_from(left.max(right)).unwrap_or(1);
    let height = TOP * 2 + (rows - 1) * STEP;
    // The shorter side is spread over the height of the longer one.
    let y = |at: usize, of: usize| {
        let (at, of) = (i64::try_from(at).unwrap_or(0), i64::try_from(of).unwrap_or(1));
        if of < 2 { height / 2 } else { TOP + at * (height - 2 * TOP) / (of - 1) }
    };
    let drawn = bands.iter().map(|((from, to), (sent, overdue))| {
        let (y1, y2, middle) = (y(*from, left), y(*to, right), i64::midpoint(LEFT, RIGHT));
        let values = [
            ("sender", called(&senders, *from)),
            ("unit", called(&receivers, *to)),
            ("n", sent.to_string()),
            ("overdue", overdue.to_string()),
        ];
        Band {
            path: format!("M{LEFT} {y1} C{middle} {y1} {middle} {y2} {RIGHT} {y2}"),
            thickness: 1 + sent * (THICKEST - 1) / most,
            overdue: *overdue > 0,
            title: page.language.text_with("flows-band", &values),
        }
    });
    let names =
        |of: &[i64], n: usize| (0..n).map(|at| Place { y: y(at, n), name: short(&called(of, at)) }).collect::<Vec<_>>();
    Some(Drawing {
        width: WIDTH,
        height,
        left: LEFT,
        right: RIGHT,
        senders: names(&senders, left),
        receivers: names(&receivers, right),
        bands: drawn.collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::Flow;
    use super::*;
    use crate::kernel::language::Language;
    use crate::kernel::time::Instant;

    fn page() -> Page {
        Page {
            language: Language::Italian,
            lang: "it",
            title: String::new(),
            csrf: String::new(),
            agency_name: String::new(),
            phone: None,
            path: String::new(),
            user: None,
            other_lang_url: String::new(),
            zone: jiff::tz::TimeZone::UTC,
            now: Instant(0),
            emergency: None,
        }
    }

    fn drawn(flows: &[(i64, i64, i64, i64)]) -> Option<Drawing> {
        let row = |&(sender, unit, sent, overdue): &(i64, i64, i64, i64)| Flow {
            sender,
            unit,
            sent,
            overdue,
            ..Flow::default()
        };
        let flows = Flows { rows: flows.iter().map(row).collect(), total: Flow::default() };
        draw(&page(), &flows, |id| format!("Struttura {id}"))
    }

    #[test]
    fn each_flow_is_a_band_as_thick_as_it_is_large() {
        let drawing = drawn(&[(1, 2, 100, 0), (1, 3, 10, 4)]).unwrap();
        assert_eq!(
            drawing.bands.iter().map(|b| (b.thickness, b.overdue)).collect::<Vec<_>>(),
            [(16, false), (2, true)]
        );
        assert_eq!(drawing.senders.len(), 1);
        assert_eq!(
            drawing.receivers.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(),
            ["Struttura 2", "Struttura 3"]
        );
        assert_eq!(drawn(&[]), None);
    }

    #[test]
    fn what_does_not_fit_is_one_place_and_nothing_is_lost() {
        let many: Vec<_> = (1..=40).map(|n| (n, 100 + n, 50 - n, 0)).collect();
        let drawing = drawn(&many).unwrap();
        assert_eq!((drawing.senders.len(), drawing.receivers.len()), (SENDERS + 1, RECEIVERS + 1));
        assert!(drawing.senders.iter().chain(&drawing.receivers).all(|p| (0..=drawing.height).contains(&p.y)));
        assert_eq!(short("Un nome che non sta da nessuna parte per quanto è lungo").chars().count(), LETTERS);
    }
}
