//! Open311 GeoReport v2 with mySociety's updates extension, for both sides: what a request, an update and a service are
//! on the wire ([`model`]), in JSON ([`json`]) and XML ([`xml`]), and a client of another body's endpoint ([`Client`]).
mod client;
pub mod json;
pub mod model;
pub mod xml;

pub use client::{Client, Endpoint, NewRequest, NewUpdate, OpenError};
pub use model::{Accepted, Request, Service, Standing, Update};

/// Reads a list in whichever of the two formats it came.
fn read<T>(
    body: &[u8],
    of_json: impl Fn(&serde_json::Value) -> T,
    item: &str,
    of_xml: impl Fn(&xml::Element) -> T,
) -> Result<Vec<T>, Unreadable> {
    let text = std::str::from_utf8(body).map_err(|_| Unreadable("it is not UTF-8".to_owned()))?;
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.starts_with('<') {
        let root = xml::read(text).ok_or_else(|| Unreadable("it is not well-formed XML".to_owned()))?;
        return Ok(root.children(item).map(of_xml).collect());
    }
    let value: serde_json::Value = serde_json::from_str(text).map_err(|e| Unreadable(e.to_string()))?;
    let items = json::items(&value).ok_or_else(|| Unreadable("it is no list".to_owned()))?;
    Ok(items.iter().map(of_json).collect())
}

/// An answer that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the answer cannot be read: {0}")]
pub struct Unreadable(String);
