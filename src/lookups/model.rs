//! Sources and what they answer. No I/O.
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::kernel::language::Language;
use crate::kernel::names::stored_enum;

stored_enum! {
    /// How a source is asked.
    SourceKind {
        /// A GET whose answer is JSON.
        Rest = "rest",
        /// A file below `sources` in the data directory.
        Sqlite = "sqlite",
        /// A PostgreSQL database.
        Postgres = "postgres",
    }
}

stored_enum! {
    /// What a source is asked about.
    LookupSubject {
        Person = "person",
        Ticket = "ticket",
    }
}

/// A value of an answer: what it is called, and where it stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = LookupField)]
pub struct Field {
    pub label: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub label_en: String,
    /// A JSON pointer within a row (`/indirizzo/via`), or the name of a column.
    pub at: String,
}

/// A source as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = LookupSource)]
pub struct Source {
    pub name: String,
    pub kind: SourceKind,
    pub subject: LookupSubject,
    pub enabled: bool,
    /// Address with `{names}` of values; name of a file below `sources`; reference to the address of a database.
    pub address: String,
    /// Of a GET: the header that carries the secret, and a reference to the secret; both empty for none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub header: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub secret: String,
    /// Of a GET: a JSON pointer to the rows, or to the one row; empty for the whole answer. Of a database: one
    /// SELECT with `:names` of values.
    pub query: String,
    pub fields: Vec<Field>,
    pub timeout_seconds: i64,
    pub most_rows: i64,
    /// How long an answer is shown again without asking; 0 to ask each time.
    pub cache_seconds: i64,
}

impl Default for Source {
    fn default() -> Self {
        Self {
            name: String::new(),
            kind: SourceKind::Rest,
            subject: LookupSubject::Person,
            enabled: true,
            address: String::new(),
            header: String::new(),
            secret: String::new(),
            query: String::new(),
            fields: Vec::new(),
            timeout_seconds: 3,
            most_rows: 10,
            cache_seconds: 60,
        }
    }
}

/// Values that a person has, and that a ticket has beside them; a ticket's own fields are `field.<name>`.
pub const OF_PERSON: [&str; 4] = ["fiscal_code", "phone", "email", "external"];
pub const OF_TICKET: [&str; 2] = ["ticket_code", "category"];

/// What a source may be asked with, by name.
pub type Values = BTreeMap<String, String>;

/// What a source answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// A row has the values of the source's fields, in their order; empty where it has none.
    Rows(Vec<Vec<String>>),
    /// This value of the person or ticket is needed, and not known.
    Lacks(String),
    Failed(Failure),
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// Nothing answered in time.
    Silent,
    /// It refused: who asks, or the question.
    Refused,
    /// It answered something else than what was agreed.
    Unreadable,
    /// The source is not set up: its secret or its file is missing.
    Unset,
}

impl Failure {
    /// Name in message keys.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Silent => "silent",
            Self::Refused => "refused",
            Self::Unreadable => "unreadable",
            Self::Unset => "unset",
        }
    }
}

impl Field {
    /// The label in a language, in Italian when it has no other.
    pub fn label_in(&self, language: Language) -> &str {
        if language == Language::English && !self.label_en.is_empty() { &self.label_en } else { &self.label }
    }
}

fn is_known(name: &str, subject: LookupSubject) -> bool {
    let word = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    let of_ticket = || OF_TICKET.contains(&name) || name.strip_prefix("field.").is_some_and(word);
    OF_PERSON.contains(&name) || (subject == LookupSubject::Ticket && of_ticket())
}

/// A piece of an address or a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    Text(String),
    /// The name of a value.
    Value(String),
}

/// The pieces of an address with `{names}`; `None` when a brace has no other.
pub fn pieces_of_address(text: &str) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}')?;
        pieces.push(Piece::Text(before.to_owned()));
        pieces.push(Piece::Value(name.trim().to_owned()));
        rest = after;
    }
    if rest.contains('}') {
        return None;
    }
    pieces.push(Piece::Text(rest.to_owned()));
    Some(pieces)
}

/// The pieces of one SELECT with `:names`; `None` when it is anything else. Texts in quotes are passed over, casts
/// (`::text`) are no names, and neither a comment nor a second statement may hide anything.
pub fn pieces_of_select(text: &str) -> Option<Vec<Piece>> {
    let text = text.trim();
    let text = text.strip_suffix(';').unwrap_or(text).trim_end();
    let first: String = text.chars().take_while(char::is_ascii_alphabetic).collect();
    if !matches!(first.to_ascii_lowercase().as_str(), "select" | "with") {
        return None;
    }
    let (mut pieces, mut plain) = (Vec::new(), String::new());
    let mut chars = text.chars().peekable();
    let mut quote = None;
    while let Some(c) = chars.next() {
        let next = chars.peek().copied().unwrap_or(' ');
        match (quote, c) {
            (Some(open), _) => {
                if c == open {
                    quote = None;
                }
                plain.push(c);
            }
            (None, '\'' | '"' | '`') => {
                quote = Some(c);
                plain.push(c);
            }
            (None, ';' | '$' | '?' | '\\') => return None,
            (None, '-') if next == '-' => return None,
            (None, '/') if next == '*' => return None,
            (None, ':') if next == ':' => {
                chars.next();
                plain.push_str("::");
            }
            (None, ':') if next.is_ascii_alphabetic() => {
                let mut name = String::new();
                while let Some(c) = chars.next_if(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.')) {
                    name.push(c);
                }
                pieces.push(Piece::Text(std::mem::take(&mut plain)));
                pieces.push(Piece::Value(name));
            }
            (None, _) => plain.push(c),
        }
    }
    pieces.push(Piece::Text(plain));
    quote.is_none().then_some(pieces)
}

/// The name of a file that cannot lead out of its folder.
fn is_file(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    !name.is_empty() && name.len() <= 120 && !name.starts_with('.') && name.chars().all(plain)
}

impl Source {
    /// The pieces of what is asked; `None` when it cannot be read.
    pub fn pieces(&self) -> Option<Vec<Piece>> {
        match self.kind {
            SourceKind::Rest => pieces_of_address(&self.address),
            SourceKind::Sqlite | SourceKind::Postgres => pieces_of_select(&self.query),
        }
    }

    /// What is wrong with it: fields and stable names, whose messages are `lookup-wrong-…`.
    pub fn faults(&self) -> Vec<(String, String)> {
        let mut faults = Vec::new();
        let mut wrong = |field: &str, wrong: &str| faults.push((field.to_owned(), wrong.to_owned()));
        if self.name.trim().is_empty() || self.name.chars().count() > 80 {
            wrong("name", "missing");
        }
        let reference = crate::kernel::references::is_reference;
        match self.kind {
            SourceKind::Rest if !self.address.starts_with("https://") && !self.address.starts_with("http://") => {
                wrong("address", "address");
            }
            // Whose system is asked must not depend on what a citizen wrote.
            SourceKind::Rest if self.address.split('/').nth(2).is_none_or(|host| host.contains('{')) => {
                wrong("address", "host");
            }
            SourceKind::Sqlite if !is_file(&self.address) => wrong("address", "file"),
            SourceKind::Postgres if !reference(&self.address) => wrong("address", "reference"),
            SourceKind::Rest | SourceKind::Sqlite | SourceKind::Postgres => {}
        }
        let asked = if self.kind == SourceKind::Rest { "address" } else { "query" };
        match self.pieces() {
            None => wrong(asked, if self.kind == SourceKind::Rest { "address" } else { "select" }),
            Some(pieces) => {
                let known = |piece: &Piece| match piece {
                    Piece::Text(_) => true,
                    Piece::Value(name) => is_known(name, self.subject),
                };
                if !pieces.iter().all(known) {
                    wrong(asked, "value");
                } else if !pieces.iter().any(|piece| matches!(piece, Piece::Value(_))) {
                    wrong(asked, "no_value");
                }
            }
        }
        if self.kind == SourceKind::Rest && !self.query.is_empty() && !self.query.starts_with('/') {
            wrong("query", "pointer");
        }
        if self.header.is_empty() != self.secret.is_empty() || (!self.secret.is_empty() && !reference(&self.secret)) {
            wrong("secret", "reference");
        }
        if !self.header.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
            wrong("header", "header");
        }
        let whole = |field: &Field| !field.label.trim().is_empty() && !field.at.trim().is_empty();
        if self.fields.is_empty() || !self.fields.iter().all(whole) || self.fields.len() > 40 {
            wrong("fields", "fields");
        }
        for (field, value, most) in [
            ("timeout_seconds", self.timeout_seconds, 1..=20),
            ("most_rows", self.most_rows, 1..=50),
            ("cache_seconds", self.cache_seconds, 0..=600),
        ] {
            if !most.contains(&value) {
                wrong(field, "range");
            }
        }
        faults
    }

    /// The first value that is needed and not known.
    pub fn lacks(&self, values: &Values) -> Option<String> {
        self.pieces().unwrap_or_default().into_iter().find_map(|piece| match piece {
            Piece::Value(name) if values.get(&name).is_none_or(String::is_empty) => Some(name),
            Piece::Value(_) | Piece::Text(_) => None,
        })
    }

    /// The values of a row of JSON, in the order of the fields.
    pub fn row(&self, row: &Value) -> Vec<String> {
        let found = |field: &Field| match field.at.starts_with('/') {
            true => row.pointer(&field.at),
            false => row.get(&field.at),
        };
        self.fields.iter().map(|field| found(field).map(words).unwrap_or_default()).collect()
    }

    /// The rows of an answer in JSON; `None` when it has not the shape that was agreed.
    pub fn rows(&self, answer: &Value) -> Option<Vec<Vec<String>>> {
        let found = if self.query.is_empty() { answer } else { answer.pointer(&self.query)? };
        let most = usize::try_from(self.most_rows).unwrap_or(1);
        match found {
            Value::Array(rows) => Some(rows.iter().take(most).map(|row| self.row(row)).collect()),
            Value::Object(_) => Some(vec![self.row(found)]),
            Value::Null => Some(Vec::new()),
            Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
        }
    }
}

/// Longest value that is shown, in characters.
const LONGEST: usize = 500;

/// A value as people read it.
fn words(value: &Value) -> String {
    let text = match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(all) => all.iter().map(words).collect::<Vec<_>>().join(", "),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => value.to_string(),
    };
    text.chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn select(query: &str) -> Source {
        Source {
            name: "Anagrafe".to_owned(),
            kind: SourceKind::Sqlite,
            address: "anagrafe.db".to_owned(),
            query: query.to_owned(),
            fields: vec![Field { label: "Via".to_owned(), at: "via".to_owned(), ..Field::default() }],
            ..Source::default()
        }
    }

    #[test]
    fn a_statement_is_one_select_and_nothing_else() {
        let good = "SELECT via, ':no' AS x FROM residenti WHERE cf = :fiscal_code AND nato::text > :phone;";
        let names: Vec<_> = pieces_of_select(good)
            .unwrap()
            .into_iter()
            .filter_map(|piece| if let Piece::Value(name) = piece { Some(name) } else { None })
            .collect();
        assert_eq!(names, ["fiscal_code", "phone"]);
        for bad in [
            "DELETE FROM residenti WHERE cf = :fiscal_code",
            "SELECT 1; DROP TABLE residenti",
            "SELECT 1 -- :fiscal_code",
            "SELECT 1 /* x */ WHERE a = :email",
            "ATTACH DATABASE 'x' AS y",
            "SELECT 'open WHERE a = :email",
            "",
        ] {
            assert_eq!(pieces_of_select(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_source_says_what_is_wrong_with_it() {
        let good = select("SELECT via FROM residenti WHERE cf = :fiscal_code");
        assert_eq!(good.faults(), []);
        let wrong = |change: fn(&mut Source)| {
            let mut source = good.clone();
            change(&mut source);
            source.faults().into_iter().map(|(field, wrong)| format!("{field} {wrong}")).collect::<Vec<_>>()
        };
        assert_eq!(wrong(|s| s.address = "../sportello.db".to_owned()), ["address file"]);
        assert_eq!(wrong(|s| s.query = "SELECT via FROM residenti".to_owned()), ["query no_value"]);
        assert_eq!(wrong(|s| s.query.push_str(" OR x = :password")), ["query value"]);
        assert_eq!(wrong(|s| s.kind = SourceKind::Postgres), ["address reference"]);
        assert_eq!(wrong(|s| s.most_rows = 1000), ["most_rows range"]);
        let rest = |address: &str| {
            let source =
                Source { kind: SourceKind::Rest, address: address.to_owned(), query: String::new(), ..good.clone() };
            source.faults().into_iter().map(|(field, wrong)| format!("{field} {wrong}")).collect::<Vec<_>>()
        };
        assert!(rest("https://anagrafe.example/v1/{fiscal_code}").is_empty());
        assert_eq!(rest("https://{email}/x"), ["address host"]);
        assert_eq!(rest("file:///etc/passwd?{email}"), ["address address"]);
    }

    #[test]
    fn rows_are_read_by_pointers() {
        let mut source = select("");
        source.kind = SourceKind::Rest;
        source.query = "/data".to_owned();
        source.fields[0].at = "/indirizzo/via".to_owned();
        let answer = serde_json::json!({ "data": [{ "indirizzo": { "via": "Roma" } }, {}] });
        assert_eq!(source.rows(&answer), Some(vec![vec!["Roma".to_owned()], vec![String::new()]]));
        source.most_rows = 1;
        assert_eq!(source.rows(&answer).unwrap().len(), 1);
        assert_eq!(source.rows(&serde_json::json!({ "data": null })), Some(Vec::new()));
        assert_eq!(source.rows(&serde_json::json!({ "other": 1 })), None);
    }
}
