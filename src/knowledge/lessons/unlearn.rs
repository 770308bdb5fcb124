//! Who writes a sheet takes a word, or all that a ticket taught, out of what the sheet learns, or lets it in again.
use serde_json::json;

use super::{UNLEARNT, store};
use crate::kernel::Kernel;
use crate::kernel::events::{self, NewEvent};
use crate::kernel::language::Language;
use crate::kernel::permissions::{Forbidden, Permission, Principal};
use crate::knowledge::model::SheetCode;
use crate::knowledge::sheets::SheetError;
use crate::knowledge::store as sheet_store;
use crate::knowledge::versions::rules;

/// Longest word, in characters.
const WORD: usize = 60;

/// What a sheet is to learn, or not.
#[derive(Debug, Clone)]
pub enum Taught {
    /// A word of a language, in all its forms.
    Word(Language, String),
    /// All words of the ticket with this tracking code, for those who may read tickets.
    Ticket(String),
}

/// Says whether a sheet learns something. Told by `sheet.unlearnt`, after which every node writes the sheet's words
/// again.
///
/// # Errors
/// When there is no such sheet, the caller does not write it, or the word or ticket is none of it.
pub async fn set(
    kernel: &Kernel,
    who: &Principal,
    code: &SheetCode,
    taught: Taught,
    dropped: bool,
) -> Result<(), SheetError> {
    let taught = match taught {
        Taught::Word(language, word) => {
            let word = word.trim().to_lowercase();
            if word.is_empty() || word.chars().count() > WORD || word.contains(char::is_whitespace) {
                return Err(SheetError::invalid("word", "invalid"));
            }
            Taught::Word(language, word)
        }
        Taught::Ticket(code) => {
            who.require(Permission::WorkTickets)?;
            Taught::Ticket(code)
        }
    };
    let (now, who, code) = (kernel.now(), who.clone(), code.clone());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let sheet = sheet_store::sheet(tx, code.as_str()).await?.ok_or(SheetError::Missing)?;
                if !rules::may_draft(&who, sheet.unit) {
                    return Err(Forbidden.into());
                }
                let actor = who.actor.to_text();
                match &taught {
                    Taught::Word(language, word) => {
                        store::set_word(tx, sheet.id, (language.as_str(), word), dropped, (now, &actor)).await?;
                    }
                    Taught::Ticket(ticket) => {
                        let ticket = store::ticket_of(tx, sheet.id, ticket).await?;
                        let ticket = ticket.ok_or_else(|| SheetError::invalid("ticket", "unknown"))?;
                        store::set_ticket(tx, sheet.id, ticket, dropped, (now, &actor)).await?;
                    }
                }
                let data = json!({ "sheet": sheet.id, "code": sheet.code, "dropped": dropped });
                events::append(tx, now, &[NewEvent { kind: UNLEARNT, ticket: None, actor: who.actor, data }]).await?;
                Ok(())
            })
        })
        .await
}
