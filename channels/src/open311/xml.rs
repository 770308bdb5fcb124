//! XML of GeoReport v2: lists of flat items. Document types are refused, so that no entity is expanded or fetched.
use quick_xml::escape::{escape, resolve_predefined_entity};
use quick_xml::events::Event;
use quick_xml::reader::Reader;

/// Longest document that is read, in bytes, and how deep it may go.
const MAX_BYTES: usize = 8 << 20;
const MAX_DEPTH: usize = 32;

/// An element with what it holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Element {
    name: String,
    text: String,
    children: Vec<Element>,
}

impl Element {
    /// The elements of this name inside, or the element itself if it has the name.
    pub fn children<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        let own = (self.name == name).then_some(self);
        own.into_iter().chain(self.children.iter().filter(move |child| child.name == name))
    }

    /// The text of the first element of this name inside, trimmed.
    #[must_use]
    pub fn text(&self, name: &str) -> String {
        self.children
            .iter()
            .find(|child| child.name == name)
            .map(|child| child.text.trim().to_owned())
            .unwrap_or_default()
    }
}

/// Reads a document; `None` when it is none, or has a document type.
#[must_use]
pub fn read(text: &str) -> Option<Element> {
    if text.len() > MAX_BYTES {
        return None;
    }
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Element> = Vec::new();
    let mut root = None;
    loop {
        match reader.read_event().ok()? {
            Event::Start(element) => {
                if open.len() >= MAX_DEPTH || root.is_some() {
                    return None;
                }
                let name = std::str::from_utf8(element.local_name().as_ref()).ok()?.to_owned();
                open.push(Element { name, ..Element::default() });
            }
            Event::Empty(element) => {
                let name = std::str::from_utf8(element.local_name().as_ref()).ok()?.to_owned();
                let done = Element { name, ..Element::default() };
                match open.last_mut() {
                    Some(parent) => parent.children.push(done),
                    None => root = Some(done),
                }
            }
            Event::End(_) => {
                let done = open.pop()?;
                match open.last_mut() {
                    Some(parent) => parent.children.push(done),
                    None => root = Some(done),
                }
            }
            Event::Text(words) => push(&mut open, &words.decode().ok()?),
            Event::CData(words) => push(&mut open, &words.decode().ok()?),
            Event::GeneralRef(name) => {
                let character = match name.resolve_char_ref().ok()? {
                    Some(character) => character.to_string(),
                    None => resolve_predefined_entity(&name.decode().ok()?)?.to_owned(),
                };
                push(&mut open, &character);
            }
            Event::DocType(_) => return None,
            Event::Eof => break,
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
        }
    }
    if open.is_empty() { root } else { None }
}

fn push(open: &mut [Element], text: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
    }
}

/// Writes a list of flat items; empty fields are empty elements.
#[must_use]
pub fn write(list: &str, item: &str, items: &[Vec<(&str, String)>]) -> String {
    let mut xml = format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<{list}>");
    for fields in items {
        xml.push_str(&format!("<{item}>"));
        for (name, value) in fields {
            let plain: String = value.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
            match plain.is_empty() {
                true => xml.push_str(&format!("<{name}/>")),
                false => xml.push_str(&format!("<{name}>{}</{name}>", escape(plain))),
            }
        }
        xml.push_str(&format!("</{item}>"));
    }
    xml.push_str(&format!("</{list}>\n"));
    xml
}
