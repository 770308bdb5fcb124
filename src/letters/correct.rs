use serde_json::json;

use super::model::{LetterState, joined};
use super::store::{self, LetterRow, PageRow, Saved};
use super::{LetterError, view};
use crate::kernel::Kernel;
use crate::kernel::database::Tx;
use crate::kernel::permissions::{Permission, Principal};
use crate::kernel::time::Instant;
use crate::people::{self, Evidence, Identifier, Sender};
use crate::tickets::change::Change;

/// Longest text of a page, in bytes.
const TEXT_BYTES: usize = 200_000;
/// Longest subject, name or line of an address, in characters.
const LINE: usize = 300;

/// Who wrote a letter.
#[derive(Debug, Clone, Default)]
pub struct WrittenBy {
    pub name: String,
    /// Postal address, a line each.
    pub address: String,
    /// How they can be recognised: fiscal code, number, address.
    pub identifiers: Vec<Identifier>,
    /// Somebody known already, by row id.
    pub person: Option<i64>,
}

/// What a person puts right; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct Correction {
    /// The version it was made on.
    pub version: Option<i64>,
    pub subject: Option<String>,
    /// The day the letter bears, `YYYY-MM-DD`, or empty.
    pub dated: Option<String>,
    pub sender: Option<WrittenBy>,
    /// Texts by the row id of their page.
    pub texts: Vec<(i64, String)>,
    /// Whether the letter is done with that.
    pub checked: bool,
}

/// Puts a letter right. What was there before is noted with who changed it; the words that the program read stay
/// with their page.
///
/// # Errors
/// When it was changed meanwhile, its pages went to another letter, or a value is not acceptable.
pub async fn correct(kernel: &Kernel, who: &Principal, id: i64, asked: Correction) -> Result<LetterRow, LetterError> {
    who.require(Permission::WorkTickets)?;
    let asked = tidied(asked)?;
    let (now, who) = (kernel.now(), who.clone());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let before = view::begin(tx, id, asked.version).await?;
                let pages = store::pages(tx, id).await?;
                let mut after = before.clone();
                let body = texts(tx, &before, &pages, &asked, &who, now).await?;
                after.body = body.unwrap_or(after.body);
                if let Some(subject) = asked.subject {
                    after.subject = subject;
                }
                if let Some(dated) = asked.dated {
                    after.dated = dated;
                }
                if let Some(sender) = asked.sender {
                    after.person_id = person(tx, &before, &sender, now).await?;
                    (after.sender_name, after.sender_address) = (sender.name, sender.address);
                }
                if asked.checked && after.state == LetterState::New.as_str() {
                    after.state = LetterState::Worked.as_str().to_owned();
                }
                let text = |id: Option<i64>| id.map(|id| id.to_string()).unwrap_or_default();
                let fields = [
                    ("subject", &before.subject, &after.subject),
                    ("dated", &before.dated, &after.dated),
                    ("sender", &before.sender_name, &after.sender_name),
                    ("address", &before.sender_address, &after.sender_address),
                    ("person", &text(before.person_id), &text(after.person_id)),
                    ("state", &before.state, &after.state),
                ];
                for (field, old, new) in fields {
                    if old != new {
                        store::note(tx, id, who.user_id, field, old, new, now).await?;
                    }
                }
                save(tx, &after).await?;
                store::save_contact(
                    tx,
                    id,
                    &after.subject,
                    &after.body,
                    &after.sender_name,
                    &after.sender_address,
                    after.person_id,
                )
                .await?;
                let mut change = Change::begin_by_id(tx, before.ticket_id, None, who.actor.clone(), now).await?;
                if change.ticket.person_id.is_none() || change.ticket.person_id == before.person_id {
                    change.ticket.person_id = after.person_id;
                }
                // A ticket that was named after what the program read follows the correction.
                if !after.subject.is_empty() && (before.ticket_subject == before.subject || before.subject.is_empty()) {
                    let alone = store::others_on(tx, before.ticket_id, id).await? == 0;
                    if alone {
                        change.ticket.subject.clone_from(&after.subject);
                    }
                }
                change.save(tx, "letter.corrected", json!({ "contact": id })).await?;
                store::letter(tx, id).await?.ok_or(LetterError::NotFound)
            })
        })
        .await
}

/// Writes the row of a letter with its next version.
pub(super) async fn save(tx: &mut Tx, letter: &LetterRow) -> Result<(), LetterError> {
    let saved = Saved {
        state: &letter.state,
        dated: &letter.dated,
        sender_name: &letter.sender_name,
        sender_address: &letter.sender_address,
        reason: &letter.reason,
        joined_to: letter.joined_to,
        confidence: letter.confidence,
    };
    Ok(store::save(tx, letter.id, &saved).await?)
}

/// Saves the corrected texts; answers the text of the whole letter when one of them changed.
async fn texts(
    tx: &mut Tx,
    letter: &LetterRow,
    pages: &[PageRow],
    asked: &Correction,
    who: &Principal,
    now: Instant,
) -> Result<Option<String>, LetterError> {
    let mut new: Vec<&str> = Vec::with_capacity(pages.len());
    let mut changed = false;
    for page in pages {
        let given = asked.texts.iter().find(|(id, _)| *id == page.id).map(|(_, text)| text.as_str());
        if let Some(text) = given.filter(|text| *text != page.text) {
            store::set_text(tx, page.id, text).await?;
            store::note(tx, letter.id, who.user_id, "text", &page.text, text, now).await?;
            changed = true;
        }
        new.push(given.unwrap_or(&page.text));
    }
    let body = joined(new.into_iter());
    // Without a word the contact keeps saying what it is.
    Ok((changed && !body.is_empty()).then_some(body))
}

/// The person a sender stands for: the one who was chosen, who has one of the identifiers, who sent an earlier
/// letter from the same address, else a new one.
async fn person(tx: &mut Tx, before: &LetterRow, sender: &WrittenBy, now: Instant) -> Result<Option<i64>, LetterError> {
    if let Some(chosen) = sender.person {
        let known = people::store::person(tx, chosen).await?;
        let known = known.ok_or(LetterError::Invalid { field: "person", wrong: "unknown" })?;
        return Ok(Some(known.merged_into_id.unwrap_or(known.id)));
    }
    if sender.identifiers.is_empty() {
        if sender.name.is_empty() {
            return Ok(before.person_id);
        }
        let same = before.sender_name == sender.name && before.sender_address == sender.address;
        if let Some(person) = before.person_id.filter(|_| same || before.person == sender.name) {
            return Ok(Some(person));
        }
        if !sender.address.is_empty()
            && let Some(person) = store::same_sender(tx, &sender.name, &sender.address, before.id).await?
        {
            return Ok(Some(person));
        }
        if let Some(person) = before.person_id
            && store::rename_if_alone(tx, person, before.id, &sender.name).await?
        {
            return Ok(Some(person));
        }
    }
    let wanted =
        Sender { identifiers: &sender.identifiers, evidence: Evidence::Vouched, name: &sender.name, language: "it" };
    let found = people::find_or_create(tx, &[wanted], now).await?;
    Ok(found.into_iter().next().flatten().map(people::Known::id).or(before.person_id))
}

/// The same with its texts in order.
fn tidied(mut asked: Correction) -> Result<Correction, LetterError> {
    let wrong = |field, wrong| Err(LetterError::Invalid { field, wrong });
    let line = |text: &str| text.replace(['\r', '\n', '\0', '\t'], " ").trim().to_owned();
    if let Some(subject) = &mut asked.subject {
        *subject = line(subject);
        if subject.chars().count() > LINE {
            return wrong("subject", "too_long");
        }
    }
    if let Some(dated) = &mut asked.dated {
        *dated = dated.trim().to_owned();
        if !dated.is_empty() && (dated.len() != 10 || dated.parse::<jiff::civil::Date>().is_err()) {
            return wrong("dated", "not_a_date");
        }
    }
    if let Some(sender) = &mut asked.sender {
        sender.name = line(&sender.name);
        let lines = sender.address.lines().map(line).filter(|l| !l.is_empty()).collect::<Vec<_>>();
        if sender.name.chars().count() > LINE {
            return wrong("sender", "too_long");
        }
        if lines.len() > 6 || lines.iter().any(|l| l.chars().count() > LINE) {
            return wrong("address", "too_long");
        }
        sender.address = lines.join("\n");
    }
    for (_, text) in &mut asked.texts {
        // Forms send lines with both marks.
        *text = text.replace(['\r', '\0'], "");
        if text.len() > TEXT_BYTES {
            return wrong("text", "too_long");
        }
    }
    Ok(asked)
}
