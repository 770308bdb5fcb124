//! The answers of a ticket to what its category asks.
use std::collections::BTreeMap;

use serde_json::json;

use super::AnswersError;
use super::fields::{self, Answers, Field, FieldReader};
use super::model::Effective;
use super::store::{self, Answered};
use crate::kernel::Kernel;
use crate::kernel::database::{Conn, StoreError, Tx};
use crate::kernel::language::Language;
use crate::kernel::permissions::{Permission, Principal};
use crate::tickets::Ticket;
use crate::tickets::change::Change;

/// What a ticket is asked.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// As they were when they were answered, or as the category has them now.
    pub fields: Vec<Field>,
    pub answers: Answers,
    /// Answers to what another category asked, before the ticket was reclassified.
    pub earlier: Option<Answered>,
}

impl Asked {
    /// What a reader sees of the answers: label and answer.
    pub fn shown(&self, reader: FieldReader, language: Language) -> Vec<(String, String)> {
        let effective = Effective { fields: self.fields.clone(), phases: Vec::new() };
        effective.shown(&self.answers, reader, language)
    }
}

/// What holds for a category, with what it inherits; nothing without a category.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_category(conn: &mut Conn, category: Option<i64>) -> Result<Effective, StoreError> {
    let Some(category) = category else { return Ok(Effective::default()) };
    let (slug, chain) = store::chain(conn, category).await?;
    Ok(chain.effective(&slug))
}

/// What a ticket is asked, and what was answered. A ticket keeps the fields it was answered with while it stays in
/// its category; in another one, answers to fields of the same name go on where they are acceptable.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_ticket(conn: &mut Conn, ticket: &Ticket) -> Result<Asked, StoreError> {
    let kept = store::answers(conn, ticket.id).await?;
    if let Some(kept) = &kept
        && Some(kept.category) == ticket.category_id
    {
        return Ok(Asked { fields: kept.fields.clone(), answers: kept.answers.clone(), earlier: None });
    }
    let fields = of_category(conn, ticket.category_id).await?.fields;
    let mut answers = Answers::new();
    if let Some(kept) = &kept {
        for field in &fields {
            let one = kept.answers.get(&field.name).map(|given| BTreeMap::from([(field.name.clone(), given.clone())]));
            let again = one.map(|one| fields::check(std::slice::from_ref(field), &one, FieldReader::Agent));
            answers.extend(again.and_then(Result::ok).unwrap_or_default());
        }
    }
    Ok(Asked { fields, answers, earlier: kept })
}

/// Sets what an agent answers for a ticket, made on a version of it. The event names the fields that changed and
/// not what they say.
///
/// # Errors
/// When an answer is not acceptable, the ticket was changed meanwhile, or the caller does not work tickets.
pub async fn set(
    kernel: &Kernel,
    who: &Principal,
    code: &str,
    seen: Option<i64>,
    given: BTreeMap<String, Vec<String>>,
) -> Result<Ticket, AnswersError> {
    who.require(Permission::WorkTickets)?;
    let (now, actor, code) = (kernel.now(), who.actor.clone(), code.to_owned());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let change = Change::begin(tx, &code, seen, actor, now).await?;
                let asked = of_ticket(tx, &change.ticket).await?;
                let answers =
                    fields::check(&asked.fields, &given, FieldReader::Agent).map_err(AnswersError::Invalid)?;
                let differs = |name: &&Field| asked.answers.get(&name.name) != answers.get(&name.name);
                let changed: Vec<String> = asked.fields.iter().filter(differs).map(|f| f.name.clone()).collect();
                let Some(category) = change.ticket.category_id.filter(|_| !changed.is_empty()) else {
                    return Ok(change.ticket);
                };
                let kept = Answered { category, fields: asked.fields, answers };
                store::put_answers(tx, change.ticket.id, &kept, now).await?;
                Ok(change.save(tx, "ticket.fields_set", json!({ "fields": changed })).await?)
            })
        })
        .await
}

/// Sets the answer to one field of a locked ticket, inside a larger change; the others stay.
///
/// # Errors
/// When the ticket's category does not ask it, or the answer is not acceptable.
pub async fn set_one(tx: &mut Tx, change: Change, name: &str, answer: &str) -> Result<Ticket, AnswersError> {
    let asked = of_ticket(tx, &change.ticket).await?;
    let one = BTreeMap::from([(name.to_owned(), vec![answer.to_owned()])]);
    let field: Vec<Field> = asked.fields.iter().filter(|field| field.name == name).cloned().collect();
    let new = fields::check(&field, &one, FieldReader::Agent).map_err(AnswersError::Invalid)?;
    let mut answers = asked.answers.clone();
    answers.extend(new);
    let Some(category) = change.ticket.category_id.filter(|_| answers != asked.answers) else {
        return Ok(change.ticket);
    };
    let kept = Answered { category, fields: asked.fields, answers };
    store::put_answers(tx, change.ticket.id, &kept, change.now()).await?;
    Ok(change.save(tx, "ticket.fields_set", json!({ "fields": [name] })).await?)
}
