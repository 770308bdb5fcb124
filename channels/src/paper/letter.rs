//! What we print: answers for a window envelope, cover pages of faxes, sheets that divide a batch of scans.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::code::{Symbol, separator_text, tracking_text};
use super::font::Weight::{Bold, Regular};
use super::sheet::{HEIGHT, Sheets, WIDTH, width, wrap};
use crate::Outgoing;

/// Left and right margin of the text, in millimetres.
const MARGIN: f32 = 22.0;
/// Width of the text.
const COLUMN: f32 = WIDTH - 2.0 * MARGIN;
/// Size of the text, in points.
const SIZE: f32 = 11.0;
/// From one line to the next, in millimetres.
const LEADING: f32 = 5.4;
/// Where every usual window shows the sheet, wherever it lies in the envelope: DL (110 x 220), window of 35 to 45 mm in
/// height, 15 to 20 mm from the lower edge and from its side; the sheet, folded in three, has 11 mm of play in height
/// and 10 mm in width. Top and bottom from the sheet's edge, in millimetres.
const WINDOW: (f32, f32) = (57.0, 79.0);
/// What any of them may show: nothing but the address stands there. Below it is the fold, at 99 mm.
const SHOWN_FROM: f32 = 34.0;
/// Width of the address.
const ADDRESS: f32 = 78.0;
/// Lines of an address at most.
const ADDRESS_LINES: usize = 7;
/// Side of the code on a letter: it ends above what the window may show.
const CODE: f32 = 24.0;
/// Where text ends above the foot.
const BOTTOM: f32 = HEIGHT - 28.0;

/// Where the window of the envelope is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Window {
    /// On the right, as Italian envelopes have it.
    #[default]
    Right,
    /// On the left (DIN 5008).
    Left,
}

/// What letters of one account have in common.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Letterhead {
    /// Address lines of the administration.
    pub address: Vec<String>,
    /// Place written before the date.
    pub place: String,
    /// Where the window is.
    pub window: Window,
}

struct Words {
    subject: &'static str,
    code: &'static str,
    follow: &'static str,
    page: &'static str,
    of: &'static str,
    fax_for: &'static str,
    fax_from: &'static str,
    months: [&'static str; 12],
}

/// The months as Italian letters write them.
pub const ITALIAN_MONTHS: [&str; 12] = [
    "gennaio",
    "febbraio",
    "marzo",
    "aprile",
    "maggio",
    "giugno",
    "luglio",
    "agosto",
    "settembre",
    "ottobre",
    "novembre",
    "dicembre",
];

const ITALIAN: Words = Words {
    subject: "Oggetto",
    code: "Codice della pratica",
    follow: "Può seguire la pratica su",
    page: "Pagina",
    of: "di",
    fax_for: "Per",
    fax_from: "Da",
    months: ITALIAN_MONTHS,
};

const ENGLISH: Words = Words {
    subject: "Subject",
    code: "Tracking code",
    follow: "You can follow your request at",
    page: "Page",
    of: "of",
    fax_for: "To",
    fax_from: "From",
    months: [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
};

impl Words {
    const fn of(language: &str) -> &'static Self {
        if matches!(language.as_bytes(), b"en") { &ENGLISH } else { &ITALIAN }
    }

    fn date(&self, at: Timestamp) -> String {
        let zone = TimeZone::get("Europe/Rome").unwrap_or(TimeZone::UTC);
        let day = at.to_zoned(zone).date();
        let month = self.months.get(usize::from(day.month().unsigned_abs()).saturating_sub(1)).unwrap_or(&"");
        format!("{} {month} {}", day.day(), day.year())
    }
}

/// An answer as a letter: head, address in the window, text over as many pages as it needs, tracking code.
#[must_use]
pub fn letter(message: &Outgoing, head: &Letterhead) -> Vec<u8> {
    letter_pages(message, head).0
}

/// The same, and how many pages it has.
#[must_use]
pub fn letter_pages(message: &Outgoing, head: &Letterhead) -> (Vec<u8>, usize) {
    let words = Words::of(&message.language);
    let mut sheets = Sheets::default();
    sheets.begin();
    agency(&mut sheets, message, head);
    address(&mut sheets, message, head.window);
    let date = words.date(message.date);
    let date = if head.place.is_empty() { date } else { format!("{}, {date}", head.place) };
    sheets.text(0, Regular, SIZE, (MARGIN, 100.0), &date);
    if !message.code.is_empty() {
        let left = WIDTH - MARGIN - CODE;
        if let Some(symbol) = Symbol::qr(&tracking_text(&message.code, &message.link)) {
            sheets.symbol(0, &symbol, (left, 8.0), CODE);
        }
        sheets.text(0, Bold, 10.0, (left - 3.0 - width(Bold, 10.0, &message.code), 12.0), &message.code);
    }
    finish(sheets, message, words, 110.0)
}

/// The first pages of a fax: whom it is from and for, the tracking code large enough for a coarse line, the text.
#[must_use]
pub fn cover(message: &Outgoing, head: &Letterhead) -> Vec<u8> {
    let words = Words::of(&message.language);
    let mut sheets = Sheets::default();
    sheets.begin();
    sheets.text(0, Bold, 26.0, (MARGIN, 26.0), "FAX");
    let mut y = 38.0;
    let sender = [&message.sender_name].into_iter().chain(&head.address).map(String::as_str);
    let sender = sender.collect::<Vec<_>>().join(", ");
    let recipient = [message.recipient_name.as_str(), &message.recipient];
    let recipient = recipient.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
    let lines = [(words.fax_from, sender), (words.fax_for, recipient), ("", words.date(message.date))];
    for (label, value) in lines {
        let text = if label.is_empty() { value } else { format!("{label}: {value}") };
        for line in wrap(Regular, SIZE, 110.0, &text).into_iter().take(3) {
            sheets.text(0, Regular, SIZE, (MARGIN, y), &line);
            y += LEADING;
        }
        y += 1.0;
    }
    // The mark alone has few and therefore large fields.
    let code = tracking_text(&message.code, "");
    tracking(&mut sheets, message, &code, (WIDTH - MARGIN - 40.0, 16.0), 40.0);
    sheets.line(0, (MARGIN, y.max(72.0)), COLUMN);
    finish(sheets, message, words, y.max(72.0) + 10.0).0
}

/// A sheet to be put before each letter of a batch before it is scanned.
#[must_use]
pub fn separator() -> Vec<u8> {
    let mut sheets = Sheets::default();
    sheets.begin();
    sheets.text(0, Bold, 24.0, (MARGIN, 40.0), "Foglio separatore");
    let words = "Mettere questo foglio davanti a ogni busta prima di passare il pacco nello scanner. Il foglio \
                 divide una lettera dall'altra, non viene conservato e si può riusare.";
    for (n, line) in wrap(Regular, 13.0, COLUMN, words).iter().enumerate() {
        sheets.text(0, Regular, 13.0, (MARGIN, 54.0 + n as f32 * 6.5), line);
    }
    if let Some(symbol) = Symbol::qr(&separator_text()) {
        sheets.symbol(0, &symbol, ((WIDTH - 90.0) / 2.0, 95.0), 90.0);
    }
    sheets.finish("Foglio separatore", "it")
}

/// Name and address of the administration, above what a window shows.
fn agency(sheets: &mut Sheets, message: &Outgoing, head: &Letterhead) {
    let column = COLUMN - CODE - 32.0;
    let mut y = 13.0;
    for line in wrap(Bold, 14.0, column, &message.sender_name).iter().take(2) {
        sheets.text(0, Bold, 14.0, (MARGIN, y), line);
        y += 5.8;
    }
    for line in head.address.iter().flat_map(|line| wrap(Regular, 8.5, column, line)) {
        if y < SHOWN_FROM - 1.5 {
            sheets.text(0, Regular, 8.5, (MARGIN, y), &line);
            y += 3.7;
        }
    }
}

/// The address where a window shows it: many lines are set closer.
fn address(sheets: &mut Sheets, message: &Outgoing, window: Window) {
    let left = if window == Window::Right { 108.0 } else { 23.0 };
    let all = |size: f32| -> Vec<String> {
        let name = [message.recipient_name.as_str()];
        let lines = name.into_iter().chain(message.recipient_address.lines()).map(str::trim);
        lines.filter(|line| !line.is_empty()).flat_map(|line| wrap(Regular, size, ADDRESS, line)).collect()
    };
    let size = if all(SIZE).len() <= 5 { SIZE } else { 8.5 };
    let lines = all(size);
    let count = lines.len().clamp(1, ADDRESS_LINES);
    // A line takes about a third of a millimetre a point above its base.
    let first = WINDOW.0 + size * 0.33;
    let step = ((WINDOW.1 - 1.0 - first) / (count - 1).max(1) as f32).min(5.0);
    for (n, line) in lines.iter().take(ADDRESS_LINES).enumerate() {
        sheets.text(0, Regular, size, (left, first + n as f32 * step), line);
    }
}

fn tracking(sheets: &mut Sheets, message: &Outgoing, text: &str, (x, y): (f32, f32), side: f32) {
    if message.code.is_empty() {
        return;
    }
    if let Some(symbol) = Symbol::qr(text) {
        sheets.symbol(0, &symbol, (x, y), side);
    }
    sheets.text(0, Bold, 10.0, (x, y + side + 5.0), &message.code);
}

/// Subject and text from `y` on the first sheet, further sheets as needed, the foot of all.
fn finish(mut sheets: Sheets, message: &Outgoing, words: &Words, mut y: f32) -> (Vec<u8>, usize) {
    if !message.subject.is_empty() {
        let subject = wrap(Bold, SIZE, COLUMN, &format!("{}: {}", words.subject, message.subject));
        for line in subject.iter().take(6) {
            sheets.text(0, Bold, SIZE, (MARGIN, y), line);
            y += LEADING;
        }
        y += LEADING;
    }
    for line in wrap(Regular, SIZE, COLUMN, &message.text) {
        if y > BOTTOM {
            sheets.begin();
            y = 30.0;
        }
        sheets.text(sheets.count() - 1, Regular, SIZE, (MARGIN, y), &line);
        y += LEADING;
    }
    let count = sheets.count();
    for page in 0..count {
        sheets.line(page, (MARGIN, HEIGHT - 21.0), COLUMN);
        let number = format!("{} {} {} {count}", words.page, page + 1, words.of);
        sheets.text(page, Regular, 8.5, (WIDTH - MARGIN - 22.0, HEIGHT - 16.0), &number);
        if !message.code.is_empty() {
            let code = format!("{}: {}", words.code, message.code);
            sheets.text(page, Regular, 8.5, (MARGIN, HEIGHT - 16.0), &code);
        }
        if !message.link.is_empty() {
            let follow = format!("{} {}", words.follow, message.link.split('?').next().unwrap_or_default());
            for (n, line) in wrap(Regular, 8.5, COLUMN, &follow).iter().take(2).enumerate() {
                sheets.text(page, Regular, 8.5, (MARGIN, HEIGHT - 12.0 + n as f32 * 4.0), line);
            }
        }
    }
    let title = if message.subject.is_empty() { &message.sender_name } else { &message.subject };
    (sheets.finish(title, if message.language == "en" { "en" } else { "it" }), count)
}

/// An empty sheet.
#[must_use]
pub(super) fn blank() -> Vec<u8> {
    let mut sheets = Sheets::default();
    sheets.begin();
    sheets.finish("", "it")
}
