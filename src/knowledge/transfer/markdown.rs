//! A sheet as Markdown: a TOML head between lines of `+++` with what is short, then its long texts, each after a
//! comment that names it (`<!-- it public_text -->`). Several may follow each other in one file.
use serde_json::{Map, Value};

use super::attached::Forms;
use super::{Entry, Wrong};
use crate::kernel::language::Language;
use crate::knowledge::model::SheetDraft;

/// The texts that are long enough to stand in the body.
const LONG: [&str; 8] =
    ["public_text", "reply", "internal_text", "addressed_to", "obtained", "deadlines", "further", "conditions"];
const FENCE: &str = "+++";

/// The file of a sheet.
pub fn write(sheet: &SheetDraft) -> String {
    let mut value = serde_json::to_value(sheet).unwrap_or_default();
    let mut body = String::new();
    let mut heads = Map::new();
    if let Some(Value::Array(texts)) = value.as_object_mut().and_then(|o| o.remove("texts")) {
        for mut text in texts {
            let Some(fields) = text.as_object_mut() else { continue };
            let Some(Value::String(lang)) = fields.remove("lang") else { continue };
            for name in LONG {
                if let Some(Value::String(long)) = fields.remove(name)
                    && !long.is_empty()
                {
                    body.push_str(&format!("<!-- {lang} {name} -->\n{}\n\n", escaped(&long)));
                }
            }
            fields.retain(|_, v| v.as_str() != Some("") && v.as_array().is_none_or(|a| !a.is_empty()));
            heads.insert(lang, text);
        }
    }
    if let Some(object) = value.as_object_mut() {
        object.retain(|_, v| !v.is_null());
        object.extend(heads);
    }
    // As a table of TOML it is written with its values before its tables.
    let head = toml::Table::try_from(&value).and_then(|head| toml::to_string_pretty(&head)).unwrap_or_default();
    format!("{FENCE}\n{head}{FENCE}\n\n{body}")
}

/// Reads one sheet or several.
pub fn read(text: &str) -> Vec<Entry> {
    let mut entries = Vec::new();
    let lines: Vec<&str> = text.lines().collect();
    let mut place = 0;
    while place < lines.len() {
        if lines[place].trim().is_empty() {
            place += 1;
            continue;
        }
        let begin = place;
        let fence = |from: usize| (from..lines.len()).find(|n| lines[*n].trim_end() == FENCE);
        let (head, rest) = match fence(place).filter(|n| *n == place).and_then(|_| fence(place + 1)) {
            Some(end) => (lines[place + 1..end].join("\n"), end + 1),
            None => {
                let content = Err(Wrong::syntax("a sheet begins with a TOML head between two lines of +++"));
                entries.push(Entry { file: String::new(), line: begin + 1, content, forms: Forms::default() });
                return entries;
            }
        };
        place = fence(rest).unwrap_or(lines.len());
        let content = sheet(&head, &lines[rest..place]).map(Box::new);
        entries.push(Entry { file: String::new(), line: begin + 1, content, forms: Forms::default() });
    }
    entries
}

fn sheet(head: &str, body: &[&str]) -> Result<SheetDraft, Wrong> {
    let head: toml::Table = toml::from_str(head).map_err(|e| Wrong::syntax(e.message()))?;
    let Value::Object(mut sheet) = plain(toml::Value::Table(head)) else { return Err(Wrong::syntax("no head")) };
    let mut texts: Vec<(Language, Map<String, Value>)> = Vec::new();
    for language in Language::ALL {
        if let Some(Value::Object(mut text)) = sheet.remove(language.as_str()) {
            text.insert("lang".to_owned(), language.as_str().into());
            texts.push((language, text));
        }
    }
    for (language, name, long) in sections(body)? {
        let Some((_, text)) = texts.iter_mut().find(|(l, _)| *l == language) else {
            return Err(Wrong { field: format!("{}_title", language.as_str()), wrong: "required".to_owned() });
        };
        text.insert(name.to_owned(), long.into());
    }
    for (language, text) in &texts {
        if !text.contains_key("title") {
            return Err(Wrong { field: format!("{}_title", language.as_str()), wrong: "required".to_owned() });
        }
    }
    let texts: Vec<Value> = texts.into_iter().map(|(_, text)| Value::Object(text)).collect();
    sheet.insert("texts".to_owned(), texts.into());
    serde_json::from_value(Value::Object(sheet)).map_err(Wrong::syntax)
}

/// TOML as JSON; days become texts.
fn plain(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => text.into(),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Float(number) => number.into(),
        toml::Value::Boolean(flag) => flag.into(),
        toml::Value::Datetime(day) => day.to_string().into(),
        toml::Value::Array(items) => items.into_iter().map(plain).collect(),
        toml::Value::Table(table) => Value::Object(table.into_iter().map(|(k, v)| (k, plain(v))).collect()),
    }
}

/// The long texts of a body, in their order.
fn sections(body: &[&str]) -> Result<Vec<(Language, &'static str, String)>, Wrong> {
    let mut found: Vec<(Language, &'static str, Vec<String>)> = Vec::new();
    for line in body {
        match marker(line) {
            Some((language, name)) => found.push((language, name, Vec::new())),
            None => match found.last_mut() {
                Some((_, _, lines)) => lines.push(unescaped(line).to_owned()),
                None if line.trim().is_empty() => {}
                None => return Err(Wrong::syntax("the first text has no comment that names it")),
            },
        }
    }
    Ok(found.into_iter().map(|(language, name, lines)| (language, name, trimmed(&lines))).collect())
}

/// Lines without the empty line that separates a text from the next.
fn trimmed(lines: &[String]) -> String {
    let end = lines.iter().rposition(|l| !l.is_empty()).map_or(0, |n| n + 1);
    lines[..end].join("\n")
}

fn marker(line: &str) -> Option<(Language, &'static str)> {
    let inner = line.trim_end().strip_prefix("<!-- ")?.strip_suffix(" -->")?;
    let (lang, name) = inner.split_once(' ')?;
    let language = Language::ALL.into_iter().find(|l| l.as_str() == lang)?;
    Some((language, LONG.into_iter().find(|n| *n == name)?))
}

/// A line of a text that would read as a mark of ours gets a backslash before it.
fn needs_escape(line: &str) -> bool {
    let bare = line.trim_start_matches('\\');
    bare.trim_end() == FENCE || marker(bare).is_some()
}

fn escaped(text: &str) -> String {
    let lines = text.split('\n').map(|l| if needs_escape(l) { format!("\\{l}") } else { l.to_owned() });
    lines.collect::<Vec<_>>().join("\n")
}

fn unescaped(line: &str) -> &str {
    match line.strip_prefix('\\') {
        Some(rest) if needs_escape(rest) => rest,
        _ => line,
    }
}
