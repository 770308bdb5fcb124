//! A visit is taken in, and closed where it was answered, in one transaction.
use super::model::{NOTE, NewVisit, VisitOutcome, plausible_start};
use super::store::{self, VisitRow};
use super::{VisitError, counter_of, topics};
use crate::intake::batch::{self, Rules};
use crate::intake::{Incoming, Intake, RawSource, Receipt, TakenIn, ThreadHints};
use crate::kernel::codes::{self, TrackingCode};
use crate::kernel::language::Language;
use crate::kernel::permissions::{Permission, Principal};
use crate::people::{self, Evidence, Identifier, IdentifierKind};
use crate::tickets::change::Change;
use crate::tickets::close::{Closing, close_locked};
use crate::tickets::hold::HoldRule;
use crate::tickets::{Channel, Outcome, RequestKind};

/// Name under which visits are kept.
const ACCOUNT: &str = "counter";

/// A visit that is registered.
#[derive(Debug, Clone)]
pub struct Registered {
    pub visit: VisitRow,
    /// Stored tracking code of its ticket.
    pub code: String,
}

/// Registers a visit. Sent twice, it is one.
///
/// # Errors
/// When the topic, the person, the ticket or the counter does not exist, or the ticket is held by a colleague;
/// nothing is stored then.
pub async fn register(intake: &Intake, who: &Principal, new: NewVisit) -> Result<Registered, VisitError> {
    who.require(Permission::WorkTickets)?;
    let kernel = intake.kernel();
    let now = kernel.now();
    let invalid = |field, wrong| VisitError::Invalid { field, wrong };
    if new.note.chars().count() > NOTE {
        return Err(invalid("note", "too_long"));
    }
    let ticket = match new.ticket.trim() {
        "" => None,
        text => Some(TrackingCode::parse(text).map_err(|_| invalid("ticket", "unknown"))?.as_str().to_owned()),
    };
    let counter = match new.counter.trim() {
        "" => counter_of(intake, who).await?,
        slug => {
            let mut conn = kernel.db.read().await?;
            let counters = store::counters(&mut conn).await?;
            counters.into_iter().find(|c| c.slug == slug).ok_or(invalid("counter", "unknown"))?
        }
    };
    let mut conn = kernel.db.read().await?;
    let (category_id, sheet_id) = topics::resolve(&mut conn, &new.category, &new.sheet).await?;
    if category_id.is_none() && sheet_id.is_none() {
        return Err(invalid("category", "missing"));
    }
    if let Some(code) = &ticket
        && crate::tickets::store::by_code(&mut conn, code).await?.is_none()
    {
        return Err(invalid("ticket", "unknown"));
    }
    let language = Language::from_tag(&who.language).unwrap_or(Language::Italian);
    let topic = match (sheet_id, category_id) {
        (Some(id), _) => store::sheet(&mut conn, id, language).await?.map(|s| s.title),
        (None, Some(id)) => store::category(&mut conn, id).await?.map(|c| c.name),
        (None, None) => None,
    };
    let (identifiers, person_language) = visitor(&mut conn, &new).await?;
    drop(conn);
    let topic = topic.unwrap_or_default();
    let said = language.text_with("visit-text", &[("topic", topic.clone())]);
    let text = if new.note.trim().is_empty() { said } else { format!("{said}\n\n{}", new.note.trim()) };
    let raw = serde_json::json!({
        "counter": counter.slug, "category": new.category, "sheet": new.sheet, "person": new.visitor.person,
        "identifier": new.visitor.identifier, "name": new.visitor.name, "ticket": ticket, "note": new.note,
        "outcome": new.outcome, "started_at": new.started_at,
    });
    let body = raw.to_string().into_bytes();
    let incoming = Incoming {
        channel: Channel::Counter,
        paper: None,
        raw: RawSource::Fresh {
            account: ACCOUNT.to_owned(),
            external_id: if new.once.is_empty() { codes::random_token() } else { new.once.clone() },
            size: i64::try_from(body.len()).unwrap_or(i64::MAX),
            body: Some(body),
            blob: None,
        },
        from_address: identifiers.first().map(|i| i.raw.clone()).unwrap_or_default(),
        identifiers,
        evidence: Evidence::Vouched,
        name: new.visitor.name.trim().to_owned(),
        to_address: String::new(),
        subject: topic,
        text,
        quoted: String::new(),
        html: None,
        files: Vec::new(),
        notices: String::new(),
        automatic: None,
        message_id: None,
        dedupe_key: None,
        thread: ThreadHints { proven: ticket.map(|code| (code, None)), ..ThreadHints::default() },
        kind: RequestKind::Information,
        answered: None,
        sheet: None,
        category_id,
        owner_unit_id: counter.id,
        forwards: false,
        registered_by: who.user_id,
        language: person_language.unwrap_or_else(|| kernel.config.desk.language.clone()),
        happened_at: now,
        actor: who.actor.clone(),
    };
    let row = VisitRow {
        id: 0,
        contact_id: 0,
        ticket_id: 0,
        opened: false,
        closed: new.outcome == VisitOutcome::Answered,
        counter_id: counter.id,
        user_id: who.user_id,
        category_id,
        sheet_id,
        outcome: new.outcome.as_str().to_owned(),
        started_at: plausible_start(new.started_at, now),
        registered_at: now,
        undone_at: None,
    };
    let closing =
        Closing { outcome: Outcome::Answered, sheet: Some(new.sheet.trim().to_uppercase()).filter(|s| !s.is_empty()) };
    let book = intake.routing().book(kernel).await?;
    let (own, addresses, receipt) = (kernel.clone(), intake.addresses().clone(), Receipt::prepare(kernel));
    let (rule, who) = (HoldRule::of(&kernel.config.desk), who.clone());
    let write = kernel.db.write(move |tx| {
        Box::pin(async move {
            let rules = Rules { kernel: &own, addresses: &addresses, receipt: &receipt, book: &book };
            let taken = batch::take_in(tx, std::slice::from_ref(&incoming), &rules, now).await?;
            let (code, contact_id, opened) = match taken.into_iter().next() {
                Some(TakenIn::Opened { code, contact_id }) => (code, contact_id, true),
                Some(TakenIn::Added { code, contact_id }) => (code, contact_id, false),
                Some(TakenIn::Seen { contact_id, code, .. }) => {
                    let visit = store::of_contact(tx, contact_id).await?.ok_or(VisitError::NotFound)?;
                    return Ok(Registered { visit, code });
                }
                Some(TakenIn::ForLeg { .. }) | None => return Err(VisitError::NotFound),
            };
            let mut change = Change::begin(tx, &code, None, who.actor.clone(), now).await?;
            let ticket_id = change.ticket.id;
            if row.closed {
                if change.ticket.category_id.is_none() {
                    change.ticket.category_id = row.category_id;
                }
                rule.check(tx, ticket_id, &who, now).await?;
                close_locked(tx, change, &closing).await?;
            }
            let mut visit = VisitRow { contact_id, ticket_id, opened, ..row };
            visit.id = store::insert(tx, &visit).await?;
            Ok(Registered { visit, code })
        })
    });
    let registered = write.await?;
    kernel.metrics.intake.with_label_values(&[Channel::Counter.as_str(), "visit"]).inc();
    Ok(registered)
}

/// How the visitor can be recognised, and the language they are known to speak.
async fn visitor(
    conn: &mut crate::kernel::database::Conn,
    new: &NewVisit,
) -> Result<(Vec<Identifier>, Option<String>), VisitError> {
    let visitor = &new.visitor;
    if let Some(id) = visitor.person {
        let unknown = VisitError::Invalid { field: "person", wrong: "unknown" };
        let file = people::file::read(conn, id).await?.ok_or(unknown)?;
        let known = file.identifiers.iter().filter_map(|i| {
            let kind = IdentifierKind::from_text(&i.kind)?;
            Some(Identifier { kind, value: i.value.clone(), raw: i.raw.clone() })
        });
        return Ok((known.collect(), Some(file.person.language)));
    }
    let text = visitor.identifier.trim();
    if text.is_empty() {
        return Ok((Vec::new(), None));
    }
    let read = Identifier::email(text).or_else(|_| Identifier::phone(text)).or_else(|_| Identifier::fiscal_code(text));
    let wrong = VisitError::Invalid { field: "identifier", wrong: "invalid" };
    Ok((vec![read.map_err(|_| wrong)?], None))
}
