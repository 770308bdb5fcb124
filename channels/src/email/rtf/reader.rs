//! Reads RTF as far as text needs it.

use std::collections::HashMap;

use super::Encoding;
use super::charset::{code_page_of_font, of_code_page};

/// Groups inside groups: Word writes some twenty.
const MAX_DEPTH: usize = 500;

/// What the RTF was made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Html,
    Text,
}

/// Groups whose text is not part of what was written.
const SILENT: &[&str] = &[
    "colortbl",
    "stylesheet",
    "info",
    "pict",
    "object",
    "header",
    "headerl",
    "headerr",
    "headerf",
    "footer",
    "footerl",
    "footerr",
    "footerf",
    "footnote",
    "listtable",
    "listoverridetable",
    "rsidtbl",
    "themedata",
    "fldinst",
    "filetbl",
    "revtbl",
    "xe",
    "tc",
];

/// Where the text of a group goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// It is what was written.
    Shown,
    /// It is the source of HTML that was written.
    Tag,
    /// It names fonts.
    Fonts,
    /// Nowhere.
    Nowhere,
}

#[derive(Debug, Clone, Copy)]
struct Group {
    place: Place,
    /// Between `\htmlrtf` and `\htmlrtf0`: only for programs that show RTF.
    suppressed: bool,
    /// How many characters after `\u` stand for it in programs without Unicode.
    fallback: usize,
    encoding: &'static Encoding,
}

enum Token<'a> {
    Open,
    Close,
    Word(&'a str, Option<i32>),
    Symbol(u8),
    Byte(u8),
    /// Bytes of something else, passed over.
    Passed,
}

struct Tokens<'a> {
    rest: &'a [u8],
}

impl<'a> Tokens<'a> {
    fn next(&mut self) -> Option<Token<'a>> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(match first {
            b'{' => Token::Open,
            b'}' => Token::Close,
            b'\\' => self.control()?,
            b'\r' | b'\n' | 0 => Token::Passed,
            byte => Token::Byte(*byte),
        })
    }

    fn control(&mut self) -> Option<Token<'a>> {
        let letters = self.rest.iter().take_while(|b| b.is_ascii_alphabetic()).count();
        if letters == 0 {
            let (symbol, rest) = self.rest.split_first()?;
            self.rest = rest;
            if *symbol != b'\'' {
                return Some(Token::Symbol(*symbol));
            }
            let digits = self.rest.get(..2).and_then(|d| std::str::from_utf8(d).ok());
            let Some(byte) = digits.and_then(|d| u8::from_str_radix(d, 16).ok()) else { return Some(Token::Passed) };
            self.rest = &self.rest[2..];
            return Some(Token::Byte(byte));
        }
        let (word, rest) = self.rest.split_at(letters);
        let minus = usize::from(rest.first() == Some(&b'-'));
        let digits = rest[minus..].iter().take_while(|b| b.is_ascii_digit()).count();
        let length = if digits == 0 { 0 } else { minus + digits };
        let number = std::str::from_utf8(&rest[..length]).ok().and_then(|n| n.parse().ok());
        self.rest = &rest[length..];
        if let [b' ', after @ ..] = self.rest {
            self.rest = after;
        }
        let word = std::str::from_utf8(word).ok()?;
        if word == "bin" {
            let skipped = usize::try_from(number.unwrap_or_default()).unwrap_or_default().min(self.rest.len());
            self.rest = &self.rest[skipped..];
            return Some(Token::Passed);
        }
        Some(Token::Word(word, number))
    }
}

struct Reader {
    kind: Kind,
    encapsulated: bool,
    groups: Vec<Group>,
    group: Group,
    /// Encoding of each font.
    fonts: HashMap<i32, &'static Encoding>,
    font: i32,
    default: &'static Encoding,
    out: String,
    /// Bytes and UTF-16 units not yet turned into text: one character may need several.
    bytes: Vec<u8>,
    units: Vec<u16>,
    /// Characters still to pass over after `\u`.
    skip: usize,
    /// The group has only begun: its first word may be its name.
    opening: bool,
    /// It began with `\*`: unknown names mean that it is to be passed over.
    optional: bool,
}

/// Reads what was written, and from what it was made; `None` when it is not RTF or nested beyond reason.
pub(super) fn read(rtf: &[u8]) -> Option<(Kind, String)> {
    if !rtf.trim_ascii_start().starts_with(b"{\\rtf") {
        return None;
    }
    let default = of_code_page(1252);
    let group = Group { place: Place::Shown, suppressed: false, fallback: 1, encoding: default };
    let mut reader = Reader {
        kind: Kind::Text,
        encapsulated: false,
        groups: Vec::new(),
        group,
        fonts: HashMap::new(),
        font: 0,
        default,
        out: String::new(),
        bytes: Vec::new(),
        units: Vec::new(),
        skip: 0,
        opening: false,
        optional: false,
    };
    let mut tokens = Tokens { rest: rtf };
    while let Some(token) = tokens.next() {
        reader.take(&token)?;
    }
    reader.flush();
    Some((reader.kind, reader.out))
}

impl Reader {
    fn take(&mut self, token: &Token<'_>) -> Option<()> {
        match token {
            Token::Open => {
                self.flush();
                self.skip = 0;
                if self.groups.len() >= MAX_DEPTH {
                    return None;
                }
                self.groups.push(self.group);
                (self.opening, self.optional) = (true, false);
            }
            Token::Close => {
                self.flush();
                self.skip = 0;
                if let Some(outer) = self.groups.pop() {
                    self.group = outer;
                }
                self.opening = false;
            }
            Token::Symbol(b'*') if self.opening => self.optional = true,
            Token::Word(word, number) => {
                let opening = std::mem::take(&mut self.opening);
                let optional = std::mem::take(&mut self.optional);
                self.word(word, *number, opening, optional);
            }
            Token::Symbol(symbol) => {
                self.opening = false;
                self.symbol(*symbol);
            }
            Token::Byte(byte) => {
                self.opening = false;
                self.byte(*byte);
            }
            Token::Passed => {}
        }
        Some(())
    }

    fn word(&mut self, word: &str, number: Option<i32>, opening: bool, optional: bool) {
        match word {
            "htmltag" if optional => self.group.place = Place::Tag,
            "fonttbl" if opening => self.group.place = Place::Fonts,
            _ if optional || (opening && SILENT.contains(&word)) => self.group.place = Place::Nowhere,
            "fromhtml" => (self.kind, self.encapsulated) = (Kind::Html, true),
            "fromtext" => self.encapsulated = true,
            "ansicpg" => {
                self.default = of_code_page(number.unwrap_or_default());
                self.group.encoding = self.default;
            }
            "htmlrtf" => {
                self.flush();
                self.group.suppressed = number != Some(0);
            }
            "f" | "deff" => self.choose_font(number.unwrap_or_default()),
            "fcharset" if self.group.place == Place::Fonts => {
                let page = code_page_of_font(number.unwrap_or_default());
                self.fonts.insert(self.font, page.map_or(self.default, of_code_page));
            }
            "plain" => {
                self.flush();
                self.group.encoding = self.default;
            }
            "uc" => self.group.fallback = usize::try_from(number.unwrap_or(1)).unwrap_or(1).min(16),
            "u" => {
                self.skip = 0;
                self.flush_bytes();
                if self.is_written() {
                    // Numbers above 32767 are written as negative ones.
                    self.units.push((number.unwrap_or_default() & 0xffff) as u16);
                }
                self.skip = self.group.fallback;
            }
            _ if self.skip > 0 && meaning(word).is_some() => self.skip -= 1,
            "par" | "line" | "row" | "sect" | "page" => self.push(if self.kind == Kind::Html { "\r\n" } else { "\n" }),
            _ => {
                if let Some(text) = meaning(word) {
                    self.push(text);
                }
            }
        }
    }

    fn symbol(&mut self, symbol: u8) {
        match symbol {
            b'{' | b'}' | b'\\' => self.byte(symbol),
            b'~' => self.push(if self.kind == Kind::Html { "&nbsp;" } else { "\u{a0}" }),
            b'_' => self.push("\u{2011}"),
            b'\r' | b'\n' => self.word("par", None, false, false),
            _ => {}
        }
    }

    fn byte(&mut self, byte: u8) {
        if self.skip > 0 {
            self.skip -= 1;
        } else if self.is_written() {
            self.flush_units();
            self.bytes.push(byte);
        }
    }

    /// Whether text of this place is part of what was written.
    fn is_written(&self) -> bool {
        match self.group.place {
            Place::Tag => self.kind == Kind::Html,
            Place::Shown => !(self.encapsulated && self.group.suppressed),
            Place::Fonts | Place::Nowhere => false,
        }
    }

    fn push(&mut self, text: &str) {
        if self.is_written() {
            self.flush();
            self.out.push_str(text);
        }
    }

    fn choose_font(&mut self, font: i32) {
        self.flush();
        self.font = font;
        if self.group.place != Place::Fonts {
            self.group.encoding = self.fonts.get(&font).copied().unwrap_or(self.default);
        }
    }

    fn flush(&mut self) {
        self.flush_bytes();
        self.flush_units();
    }

    fn flush_bytes(&mut self) {
        if !self.bytes.is_empty() {
            let (text, _) = self.group.encoding.decode_without_bom_handling(&self.bytes);
            self.out.push_str(&text);
            self.bytes.clear();
        }
    }

    fn flush_units(&mut self) {
        if !self.units.is_empty() {
            self.out.push_str(&String::from_utf16_lossy(&self.units));
            self.units.clear();
        }
    }
}

/// The character that a word stands for.
fn meaning(word: &str) -> Option<&'static str> {
    Some(match word {
        "tab" | "cell" => "\t",
        "lquote" => "‘",
        "rquote" => "’",
        "ldblquote" => "“",
        "rdblquote" => "”",
        "bullet" => "•",
        "endash" => "–",
        "emdash" => "—",
        "emspace" | "enspace" => " ",
        _ => return None,
    })
}
