use serde_json::json;

use super::model::{Carrier, Part, WordingError, unknown_placeholder};
use super::store;
use crate::kernel::Kernel;
use crate::kernel::events::{self, NewEvent};
use crate::kernel::language::Language;
use crate::kernel::permissions::{Permission, Principal};

/// Changes a text; `None` brings the built-in one back. The same text again changes nothing.
///
/// # Errors
/// When it is too long or names a placeholder that it cannot have.
pub async fn save(
    kernel: &Kernel,
    who: &Principal,
    (part, carrier, language): (Part, Carrier, Language),
    text: Option<String>,
) -> Result<(), WordingError> {
    who.require(Permission::Administer)?;
    if Part::of(carrier).all(|known| known != part) {
        return Err(WordingError::NotFound);
    }
    let text = text.map(|t| t.replace("\r\n", "\n").replace('\0', "").trim().to_owned());
    let text = text.filter(|t| *t != part.built_in_template(carrier, language).trim());
    if let Some(text) = &text {
        if text.chars().count() > carrier.longest() {
            return Err(WordingError::TooLong { most: carrier.longest() });
        }
        if let Some(name) = unknown_placeholder(text, part) {
            return Err(WordingError::Placeholder { name });
        }
    }
    let (now, who) = (kernel.now(), who.clone());
    let write = kernel.db.write(move |tx| {
        Box::pin(async move {
            let place = [part.as_str(), carrier.as_str(), language.as_str()];
            let before = store::latest(tx, place[0], place[1], place[2]).await?.and_then(|row| row.text);
            if before == text {
                return Ok(());
            }
            store::insert(tx, place, text.as_deref(), who.user_id, now).await?;
            let data = json!({ "part": place[0], "channel": place[1], "language": place[2] });
            events::append(tx, now, &[NewEvent { kind: "wording.changed", ticket: None, actor: who.actor, data }])
                .await?;
            Ok::<(), WordingError>(())
        })
    });
    write.await
}
