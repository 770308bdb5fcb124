//! The line chart of the page: positions computed here, so that the page needs neither script nor inline
//! style; the same figures stand in its data table.
use super::figures::Figures;
use crate::kernel::page::Page;

/// A label on an axis.
#[derive(Debug, Clone)]
pub struct XTick {
    pub x: i64,
    pub label: String,
}

/// A label on the vertical axis, or the target.
#[derive(Debug, Clone)]
pub struct YTick {
    pub y: i64,
    pub label: String,
}

/// One line of the chart.
#[derive(Debug, Clone)]
pub struct Line {
    /// `x,y x,y …`
    pub points: String,
    pub name: String,
    pub style: &'static str,
}

/// One line of the data table.
#[derive(Debug, Clone)]
pub struct TableRow {
    pub label: String,
    pub href: String,
    pub cells: Vec<String>,
}

/// A line chart for the template macro `chart::line`.
#[derive(Debug, Clone)]
pub struct LineChart {
    pub id: &'static str,
    pub title: String,
    pub summary: String,
    pub width: i64,
    pub height: i64,
    pub left: i64,
    pub right: i64,
    pub y_ticks: Vec<YTick>,
    pub x_ticks: Vec<XTick>,
    pub lines: Vec<Line>,
    pub target: Option<YTick>,
    pub head: Vec<String>,
    pub rows: Vec<TableRow>,
}

const LEFT: i64 = 44;
const RIGHT: i64 = 596;
const TOP: i64 = 26;
const BOTTOM: i64 = 250;
const HEIGHT: i64 = 280;

/// A share in per mille as people of the page's language read it.
pub fn percent(page: &Page, permille: Option<i64>) -> String {
    match permille {
        Some(p) => page.t2("supervision-percent", "whole", p / 10, "tenth", p % 10),
        None => "–".to_owned(),
    }
}

/// Draws a figure divided by week; `None` with fewer than two weeks.
pub fn weekly(page: &Page, figures: &Figures, link: impl Fn(&str) -> String) -> Option<LineChart> {
    let rows = &figures.rows;
    if rows.len() < 2 {
        return None;
    }
    // The scale begins at the multiple of 10 % below the lowest value: changes stay visible.
    let lowest = rows.iter().filter_map(super::Row::strict_permille).min().unwrap_or(0);
    let floor = (lowest / 100).min(9) * 100;
    let last = i64::try_from(rows.len() - 1).unwrap_or(1);
    let x = |i: usize| LEFT + i64::try_from(i).unwrap_or(0) * (RIGHT - LEFT) / last;
    let y = |permille: i64| BOTTOM - (permille - floor) * (BOTTOM - TOP) / (1000 - floor);
    let points = |value: &dyn Fn(&super::Row) -> Option<i64>| {
        rows.iter()
            .enumerate()
            .filter_map(|(i, row)| value(row).map(|p| format!("{},{}", x(i), y(p))))
            .collect::<Vec<_>>()
            .join(" ")
    };
    let step = if floor >= 500 { 100 } else { 200 };
    let y_ticks = (0..)
        .map(|i| floor + i * step)
        .take_while(|p| *p <= 1000)
        .map(|p| YTick { y: y(p), label: format!("{} %", p / 10) })
        .collect();
    let every = rows.len().div_ceil(5);
    let x_ticks = rows
        .iter()
        .enumerate()
        .filter(|(i, _)| i % every == 0)
        .map(|(i, row)| XTick { x: x(i), label: row.key.rsplit('-').next().unwrap_or_default().to_owned() })
        .collect();
    let first = percent(page, rows.first().and_then(super::Row::strict_permille));
    let latest = percent(page, rows.last().and_then(super::Row::strict_permille));
    Some(LineChart {
        id: "trend",
        title: page.t("supervision-chart-title"),
        summary: page.t2("supervision-chart-summary", "first", first, "last", latest),
        width: 620,
        height: HEIGHT,
        left: LEFT,
        right: RIGHT,
        y_ticks,
        x_ticks,
        lines: vec![
            Line {
                points: points(&super::Row::wide_permille),
                name: page.t("supervision-wide-short"),
                style: "chart-line-2",
            },
            Line {
                points: points(&super::Row::strict_permille),
                name: page.t("supervision-strict-short"),
                style: "chart-line-1",
            },
        ],
        target: None,
        head: ["supervision-week", "supervision-closed", "supervision-strict-short", "supervision-wide-short"]
            .map(|key| page.t(key))
            .to_vec(),
        rows: rows
            .iter()
            .map(|row| TableRow {
                label: row.key.clone(),
                href: link(&row.key),
                cells: vec![
                    row.closed.to_string(),
                    percent(page, row.strict_permille()),
                    percent(page, row.wide_permille()),
                ],
            })
            .collect(),
    })
}
