//! What we print: answers for a window envelope, cover pages of faxes, sheets that divide a batch of scans.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::code::{Symbol, separator_text, tracking_text};
use super::font::Weight::{Bold, Regular};
use super::sheet::{HEIGHT, Sheets, WIDTH, wrap};
use crate::Outgoing;

/// Left and right margin of the text, in millimetres.
const MARGIN: f32 = 22.0;
/// Width of the text.
const COLUMN: f32 = WIDTH - 2.0 * MARGIN;
/// Size of the text, in points.
const SIZE: f32 = 11.0;
/// From one line to the next, in millimetres.
const LEADING: f32 = 5.4;
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

const ITALIAN: Words = Words {
    subject: "Oggetto",
    code: "Codice della pratica",
    follow: "Può seguire la pratica su",
    page: "Pagina",
    of: "di",
    fax_for: "Per",
    fax_from: "Da",
    months: [
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
    ],
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
    let words = Words::of(&message.language);
    let mut sheets = Sheets::default();
    sheets.begin();
    let top = agency(&mut sheets, message, head);
    sheets.line(0, (MARGIN, top), COLUMN - 40.0);
    // The sheet is folded in three: the address lies behind the window in its upper third.
    let left = if head.window == Window::Right { 112.0 } else { 25.0 };
    let name = [message.recipient_name.as_str()];
    let lines = name.into_iter().chain(message.recipient_address.lines()).map(str::trim);
    let mut y = 56.0;
    for line in lines.filter(|line| !line.is_empty()).flat_map(|line| wrap(Regular, SIZE, 85.0, line)).take(7) {
        sheets.text(0, Regular, SIZE, (left, y), &line);
        y += 5.0;
    }
    let date = words.date(message.date);
    let date = if head.place.is_empty() { date } else { format!("{}, {date}", head.place) };
    sheets.text(0, Regular, SIZE, (MARGIN, 100.0), &date);
    let code = tracking_text(&message.code, &message.link);
    tracking(&mut sheets, message, &code, (WIDTH - MARGIN - 27.0, 14.0), 27.0);
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
    finish(sheets, message, words, y.max(72.0) + 10.0)
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

/// Name and address of the administration; returns where they end.
fn agency(sheets: &mut Sheets, message: &Outgoing, head: &Letterhead) -> f32 {
    let mut y = 20.0;
    for line in wrap(Bold, 15.0, COLUMN - 40.0, &message.sender_name).iter().take(2) {
        sheets.text(0, Bold, 15.0, (MARGIN, y), line);
        y += 6.5;
    }
    for line in head.address.iter().flat_map(|line| wrap(Regular, 9.0, COLUMN - 40.0, line)).take(4) {
        sheets.text(0, Regular, 9.0, (MARGIN, y), &line);
        y += 4.2;
    }
    y
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
fn finish(mut sheets: Sheets, message: &Outgoing, words: &Words, mut y: f32) -> Vec<u8> {
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
    sheets.finish(title, if message.language == "en" { "en" } else { "it" })
}
