//! JSON of GeoReport v2, as it is found.
use serde_json::Value;

/// The items of a list; some systems wrap it in an object of one field, or answer one item alone.
pub(super) fn items(value: &Value) -> Option<Vec<Value>> {
    match value {
        Value::Array(items) => Some(items.clone()),
        Value::Object(fields) => {
            let inner = fields.values().find_map(Value::as_array);
            Some(inner.cloned().unwrap_or_else(|| vec![value.clone()]))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

/// A field as text, trimmed; numbers count as texts, all else as empty.
pub(super) fn text(value: &Value, name: &str) -> String {
    match value.get(name) {
        Some(Value::String(text)) => text.trim().to_owned(),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Bool(flag)) => flag.to_string(),
        Some(Value::Null | Value::Array(_) | Value::Object(_)) | None => String::new(),
    }
}
