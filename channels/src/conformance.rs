//! Checks that every normaliser must pass, for the tests of each channel.

use crate::{Inbound, Normalise};

/// Runs a normaliser over a message and over what is left of it when cut short, and says what it breaks:
/// determinism, an id and a digest that are never empty, no panic on truncated input.
///
/// # Errors
/// The rule that did not hold, in a sentence.
pub fn check(adapter: &dyn Normalise, name: &str, raw: &[u8]) -> Result<Option<Inbound>, String> {
    let first = adapter.normalise(raw);
    if first != adapter.normalise(raw) {
        return Err(format!("{name}: read twice, it gives two different messages"));
    }
    if let Ok(message) = &first {
        if message.channel != adapter.kind() {
            return Err(format!("{name}: it says {} instead of {}", message.channel, adapter.kind()));
        }
        if message.external_id.is_empty() || message.message_id.is_empty() || message.digest.len() != 64 {
            return Err(format!("{name}: it has no id or no digest"));
        }
        if message.attachments.iter().any(|a| a.name.is_empty() || a.name.contains(['/', '\\', '\0'])) {
            return Err(format!("{name}: an attachment has an unsafe name"));
        }
    }
    let step = (raw.len() / 40).max(1);
    for end in (0..raw.len()).step_by(step) {
        let _either_is_fine = adapter.normalise(&raw[..end]);
    }
    Ok(first.ok())
}
