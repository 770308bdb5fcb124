//! Asking the sources about a person or a ticket: all at once, each within its time, and written down.
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;
use tokio::time::{Instant as Moment, timeout};

use super::model::{Answer, Failure, LookupSubject, Piece, Source, SourceKind, Values};
use super::{LookupError, rest, sql, store};
use crate::classification::store as classification_store;
use crate::kernel::Kernel;
use crate::kernel::codes::TrackingCode;
use crate::kernel::database::Conn;
use crate::kernel::events::{self, NewEvent};
use crate::kernel::permissions::{Permission, Principal};
use crate::network::ways::Calls;
use crate::people;
use crate::tickets;

/// Answers that are kept at most.
const KEPT: usize = 2000;
/// Beside the time of a source, so that its own limit is what ends a look.
const GRACE: Duration = Duration::from_millis(500);

/// A source as it was at a version, and what it was asked with.
type Key = (String, i64, Vec<(String, String)>);

/// What the sources answered a moment ago, in the memory of this process only; cheap to clone.
#[derive(Clone)]
pub struct Lookups {
    calls: Option<Calls>,
    kept: Arc<Mutex<HashMap<Key, (Moment, Answer)>>>,
}

impl Default for Lookups {
    fn default() -> Self {
        let calls = Calls::new().map_err(|e| tracing::error!("no service of others can be asked: {e}")).ok();
        Self { calls, kept: Arc::default() }
    }
}

impl Lookups {
    fn known(&self, key: &Key, source: &Source) -> Option<Answer> {
        let fresh = Duration::from_secs(u64::try_from(source.cache_seconds).unwrap_or_default());
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(key).filter(|(at, _)| at.elapsed() < fresh).map(|(_, answer)| answer.clone())
    }

    fn keep(&self, key: Key, source: &Source, answer: &Answer) {
        // A failure is asked again at once: the other system may be back.
        if source.cache_seconds == 0 || !matches!(answer, Answer::Rows(_)) {
            return;
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(key, (Moment::now(), answer.clone()));
    }

    async fn look(&self, kernel: &Kernel, source: &Source, values: &Values) -> Answer {
        if let Some(name) = source.lacks(values) {
            return Answer::Lacks(name);
        }
        let patience = Duration::from_secs(u64::try_from(source.timeout_seconds).unwrap_or(3));
        let asked = async {
            match (source.kind, &self.calls) {
                (SourceKind::Rest, Some(calls)) => rest::look(kernel, calls, source, values, patience).await,
                (SourceKind::Rest, None) => Answer::Failed(Failure::Unset),
                (SourceKind::Sqlite | SourceKind::Postgres, _) => sql::look(kernel, source, values, patience).await,
            }
        };
        timeout(patience + GRACE, asked).await.unwrap_or(Answer::Failed(Failure::Silent))
    }
}

/// What is looked at.
#[derive(Debug, Clone)]
pub enum About {
    /// Row id.
    Person(i64),
    /// Tracking code.
    Ticket(String),
}

/// What a source answered.
#[derive(Debug, Clone)]
pub struct Looked {
    pub slug: String,
    pub source: Source,
    pub answer: Answer,
}

/// Asks all sources that are enabled for a person, or for a ticket and its person; each look is told by
/// `lookup.read`, without what was asked with or answered.
///
/// # Errors
/// When the caller does not work tickets, or there is no such person or ticket. A source that fails is no error.
pub async fn ask(
    kernel: &Kernel,
    lookups: &Lookups,
    who: &Principal,
    about: &About,
) -> Result<Vec<Looked>, LookupError> {
    who.require(Permission::WorkTickets)?;
    let mut conn = kernel.db.read().await?;
    let mut sources = Vec::new();
    for row in store::all(&mut conn).await? {
        let source = row.source()?;
        let concerns = matches!(about, About::Ticket(_)) || source.subject == LookupSubject::Person;
        if source.enabled && concerns {
            sources.push((row.slug, row.version, source));
        }
    }
    if sources.is_empty() {
        return Ok(Vec::new());
    }
    let values = values_of(&mut conn, about).await?;
    drop(conn);
    told(kernel, who, about, sources.iter().map(|(slug, ..)| slug.as_str()).collect()).await?;
    let values = &values;
    let looks = sources.into_iter().map(|(slug, version, source)| async move {
        let with = source.pieces().unwrap_or_default().into_iter().filter_map(|piece| match piece {
            Piece::Value(name) => values.get(&name).map(|value| (name.clone(), value.clone())),
            Piece::Text(_) => None,
        });
        let key: Key = (slug.clone(), version, with.collect());
        let answer = match lookups.known(&key, &source) {
            Some(answer) => answer,
            None => {
                let answer = lookups.look(kernel, &source, values).await;
                lookups.keep(key, &source, &answer);
                answer
            }
        };
        if let Answer::Failed(failure) = answer {
            tracing::warn!(lookup.source = slug, "the source {slug} did not answer: {}", failure.as_str());
        }
        Looked { slug, source, answer }
    });
    Ok(join_all(looks).await)
}

/// Asks a source, saved or not, with values that the administrator gives; nothing is kept.
///
/// # Errors
/// When the caller does not administer, or the source is not acceptable.
pub async fn try_out(
    kernel: &Kernel,
    lookups: &Lookups,
    who: &Principal,
    source: &Source,
    values: &Values,
) -> Result<Answer, LookupError> {
    who.require(Permission::Administer)?;
    let faults = source.faults();
    if !faults.is_empty() {
        return Err(LookupError::Invalid(faults));
    }
    Ok(lookups.look(kernel, source, values).await)
}

async fn told(kernel: &Kernel, who: &Principal, about: &About, sources: Vec<&str>) -> Result<(), LookupError> {
    let data = match about {
        About::Person(id) => json!({ "person": id, "sources": sources }),
        About::Ticket(code) => json!({ "ticket": code, "sources": sources }),
    };
    let (now, actor) = (kernel.now(), who.actor.clone());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                Ok(events::append(tx, now, &[NewEvent { kind: "lookup.read", ticket: None, actor, data }]).await?)
            })
        })
        .await
}

/// What sources may be asked with about somebody or something.
async fn values_of(conn: &mut Conn, about: &About) -> Result<Values, LookupError> {
    let mut values = Values::new();
    let person = match about {
        About::Person(id) => Some(*id),
        About::Ticket(code) => {
            let code = TrackingCode::parse(code).map_err(|_| LookupError::Missing)?;
            let ticket = tickets::store::by_code(conn, code.as_str()).await?.ok_or(LookupError::Missing)?;
            values.insert("ticket_code".to_owned(), ticket.code.clone());
            if let Some(category) = ticket.category_id {
                let (slug, _) = classification_store::chain(conn, category).await?;
                values.insert("category".to_owned(), slug);
            }
            if let Some(answered) = classification_store::answers(conn, ticket.id).await? {
                for (name, given) in &answered.answers {
                    values.insert(format!("field.{name}"), given.join(", "));
                }
            }
            ticket.person_id
        }
    };
    if let Some(id) = person {
        let file = people::file::read(conn, id).await?.ok_or(LookupError::Missing)?;
        for identifier in &file.identifiers {
            // The first of a kind is the one that was known first.
            values.entry(identifier.kind.clone()).or_insert_with(|| identifier.value.clone());
        }
    }
    Ok(values)
}
