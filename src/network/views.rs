//! Legs as pages and programs show them, read in a bounded number of queries.
use super::model::{Leg, LegState, leg_code};
use super::{LegError, store};
use crate::kernel::database::Conn;
use crate::kernel::language::Language;
use crate::kernel::time::Instant;
use crate::outbox;
use crate::outbox::store::{OutboxRow, ReceiptRow};
use crate::people::{self, file::PersonFile};
use crate::tickets::store::{self as ticket_store, AttachmentRow, ContactRow};
use crate::tickets::{Ticket, TicketError};

/// How a message of a unit came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// The page of a token.
    Link,
    /// A page with an account, or the API.
    Account,
    /// A mail.
    Email,
    /// The body's own system.
    System,
}

impl Way {
    fn of(contact: &ContactRow) -> Self {
        match (contact.channel.as_str(), contact.author_id) {
            ("web", None) if contact.from_address.is_empty() => Self::Link,
            ("web", _) if contact.from_address.starts_with("open311:") => Self::System,
            ("web", _) => Self::Account,
            _ => Self::Email,
        }
    }

    /// The message key of its name.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Link => "leg-way-link",
            Self::Account => "leg-way-account",
            Self::Email => "leg-way-email",
            Self::System => "leg-way-system",
        }
    }
}

/// Something a unit wrote about a leg.
#[derive(Debug, Clone)]
pub struct LegMessageView {
    pub contact: ContactRow,
    pub way: Way,
    pub files: Vec<AttachmentRow>,
}

/// A leg with all that is known about it.
#[derive(Debug, Clone)]
pub struct LegView {
    pub leg: Leg,
    /// `ABC-DEF-GHJ/1`.
    pub code: String,
    /// Name of the unit in the reader's language.
    pub unit: String,
    pub agency: String,
    /// Name of who sent it; empty for programs.
    pub sender: String,
    pub messages: Vec<LegMessageView>,
    /// The message that carried it, with what became of it.
    pub mail: Option<OutboxRow>,
    /// Name of the referent it was given to; empty when it was given to nobody.
    pub referent: String,
    /// Name of the unit that its refusal suggests, as long as nobody followed that; empty otherwise.
    pub suggests: String,
    /// The legal receipts of that message, by the providers' clocks.
    pub receipts: Vec<ReceiptRow>,
}

impl LegView {
    /// The message key of its kind.
    pub fn kind_key(&self) -> String {
        format!("leg-kind-{}", self.leg.kind.as_str())
    }

    /// The message key of its state.
    pub fn state_key(&self) -> String {
        format!("leg-state-{}", self.leg.state.as_str().replace('_', "-"))
    }

    /// Whether the front office may take it back.
    pub fn can_withdraw(&self) -> bool {
        self.leg.state.is_open()
    }
}

/// The legs of a ticket, in the order they were sent.
///
/// # Errors
/// When the database cannot be read.
pub async fn legs_of(conn: &mut Conn, ticket_id: i64, language: Language) -> Result<Vec<LegView>, LegError> {
    let legs = store::legs(conn, ticket_id).await?;
    if legs.is_empty() {
        return Ok(Vec::new());
    }
    let ticket_code = store::ticket_code(conn, ticket_id).await?.unwrap_or_default();
    let names = store::leg_names(conn, ticket_id).await?;
    let messages = store::messages(conn, ticket_id).await?;
    let files = store::message_files(conn, ticket_id).await?;
    let mails = outbox::store::of_ticket(conn, ticket_id).await?;
    let followed: Vec<i64> = legs.iter().filter_map(|leg| leg.follows_id).collect();
    let receipts = outbox::store::receipts_of_ticket(conn, ticket_id).await?;
    Ok(legs
        .into_iter()
        .map(|leg| {
            let known = names.iter().find(|n| n.leg_id == leg.id);
            let english = language == Language::English;
            let mail = mails.iter().rev().find(|m| m.leg_id == Some(leg.id) && m.purpose == "leg").cloned();
            LegView {
                code: leg_code(&ticket_code, leg.number),
                unit: known
                    .map(|n| if english && !n.unit_en.is_empty() { &n.unit_en } else { &n.unit })
                    .cloned()
                    .unwrap_or_default(),
                agency: known.map(|n| n.agency.clone()).unwrap_or_default(),
                sender: known.map(|n| n.sender.clone()).unwrap_or_default(),
                messages: messages
                    .iter()
                    .filter(|m| m.leg_id == Some(leg.id))
                    .map(|m| LegMessageView {
                        way: Way::of(m),
                        files: files.iter().filter(|f| f.contact_id == m.id).cloned().collect(),
                        contact: m.clone(),
                    })
                    .collect(),
                referent: known.map(|n| n.referent.clone()).unwrap_or_default(),
                suggests: known
                    .map(|n| n.suggested.clone())
                    .filter(|_| !followed.contains(&leg.id))
                    .unwrap_or_default(),
                receipts: receipts
                    .iter()
                    .filter(|r| mail.as_ref().is_some_and(|m| m.id == r.outbox_id))
                    .cloned()
                    .collect(),
                mail,
                leg,
            }
        })
        .collect())
}

/// The answer of a leg, as the text a reply to the citizen starts from; `None` when there is none yet.
///
/// # Errors
/// [`LegError::NotFound`].
pub async fn answer_text(conn: &mut Conn, code: &str, number: i64) -> Result<Option<String>, LegError> {
    let ticket = ticket_store::by_code(conn, code).await?.ok_or(LegError::NotFound)?;
    let leg = store::leg_by_number(conn, ticket.id, number).await?.ok_or(LegError::NotFound)?;
    Ok((leg.state == LegState::Answered).then_some(leg.answer))
}

/// A leg as its referent sees it: what is asked, and of the request what the kind of leg needs.
#[derive(Debug, Clone)]
pub struct ReferentView {
    pub ticket: Ticket,
    pub view: LegView,
    pub request: Option<ContactRow>,
    /// Files of the request; empty for legs that do not show them.
    pub files: Vec<AttachmentRow>,
    /// Who asks; only for legs for competence.
    pub citizen: Option<PersonFile>,
    /// What the citizen wrote since, with the files that the kind of leg shows.
    pub updates: Vec<Update>,
}

/// Something the citizen wrote after a leg was sent.
#[derive(Debug, Clone)]
pub struct Update {
    pub contact: ContactRow,
    pub files: Vec<AttachmentRow>,
}

/// Reads a leg for its referent.
///
/// # Errors
/// [`LegError::NotFound`].
pub async fn for_referent(conn: &mut Conn, leg: &Leg, language: Language) -> Result<ReferentView, LegError> {
    let ticket = ticket_store::by_id(conn, leg.ticket_id).await?.ok_or(LegError::NotFound)?;
    let views = legs_of(conn, ticket.id, language).await?;
    let view = views.into_iter().find(|v| v.leg.id == leg.id).ok_or(LegError::NotFound)?;
    let request = store::request(conn, ticket.id).await?;
    let files = match &request {
        Some(request) if leg.kind.shows_files() => store::files_of(conn, request.id).await?,
        Some(_) | None => Vec::new(),
    };
    let citizen = match ticket.person_id {
        Some(person) if leg.kind.shows_citizen() => people::file::read(conn, person).await?,
        Some(_) | None => None,
    };
    let mut updates = Vec::new();
    for contact in store::updates(conn, leg.id).await? {
        let files = if leg.kind.shows_files() { store::files_of(conn, contact.id).await? } else { Vec::new() };
        updates.push(Update { contact, files });
    }
    Ok(ReferentView { ticket, view, request, files, citizen, updates })
}

/// A file that a leg's referent may open: one of the request's, if the leg shows them, or one of the leg's own.
///
/// # Errors
/// [`LegError::NotFound`] for every other file.
pub async fn file_for_referent(conn: &mut Conn, leg: &Leg, attachment: i64) -> Result<AttachmentRow, LegError> {
    if leg.kind.shows_files() {
        for update in store::updates(conn, leg.id).await? {
            if let Some(file) = store::files_of(conn, update.id).await?.into_iter().find(|f| f.id == attachment) {
                return Ok(file);
            }
        }
    }
    if leg.kind.shows_files()
        && let Some(request) = store::request(conn, leg.ticket_id).await?
        && let Some(file) = store::files_of(conn, request.id).await?.into_iter().find(|f| f.id == attachment)
    {
        return Ok(file);
    }
    let messages = store::messages(conn, leg.ticket_id).await?;
    let own = |f: &AttachmentRow| messages.iter().any(|m| m.id == f.contact_id && m.leg_id == Some(leg.id));
    let files = store::message_files(conn, leg.ticket_id).await?;
    files.into_iter().find(|f| f.id == attachment && own(f)).ok_or(LegError::NotFound)
}

/// One page of a referent's list.
#[derive(Debug, Clone)]
pub struct ReferentList {
    pub legs: Vec<store::ListedLeg>,
    /// Place of the next page; `None` at the end.
    pub next: Option<Place>,
}

/// A place in a referent's list: after which leg, and whether among the open ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub open: bool,
    pub sent_at: Instant,
    pub id: i64,
}

impl Place {
    const START: Self = Self { open: true, sent_at: Instant(i64::MIN), id: i64::MIN };
    const OVER: Self = Self { open: false, sent_at: Instant(i64::MAX), id: i64::MAX };

    /// For a link: `o.<instant>.<id>`, or `c.…` among those that are over.
    pub fn to_text(self) -> String {
        format!("{}.{}.{}", if self.open { "o" } else { "c" }, self.sent_at.0, self.id)
    }

    /// Reads what a link brings; `None` when it is none of ours.
    pub fn from_text(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let open = match parts.next()? {
            "o" => true,
            "c" => false,
            _ => return None,
        };
        let place = Self { open, sent_at: Instant(parts.next()?.parse().ok()?), id: parts.next()?.parse().ok()? };
        parts.next().is_none().then_some(place)
    }
}

/// The legs of some units: those to answer first, oldest first, then those that are over, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn referent_list(
    conn: &mut Conn,
    units: &std::collections::BTreeSet<i64>,
    after: Option<Place>,
    size: usize,
) -> Result<ReferentList, LegError> {
    let limit = i64::try_from(size + 1).unwrap_or(i64::MAX);
    let mut place = after.unwrap_or(Place::START);
    let mut legs = Vec::new();
    if place.open {
        legs = store::listed(conn, units, true, (place.sent_at, place.id), limit).await?;
        place = Place::OVER;
    }
    let left = limit - i64::try_from(legs.len()).unwrap_or(0);
    if left > 0 {
        legs.extend(store::listed(conn, units, false, (place.sent_at, place.id), left).await?);
    }
    let more = legs.len() > size;
    legs.truncate(size);
    let next = legs.last().filter(|_| more).map(|l| Place { open: l.state.is_open(), sent_at: l.sent_at, id: l.id });
    Ok(ReferentList { legs, next })
}

/// The ticket of a code as people type it.
///
/// # Errors
/// [`TicketError::NotFound`].
pub async fn ticket_by_code(conn: &mut Conn, code: &str) -> Result<Ticket, LegError> {
    let code = crate::kernel::codes::TrackingCode::parse(code).map_err(|_| TicketError::NotFound)?;
    Ok(ticket_store::by_code(conn, code.as_str()).await?.ok_or(TicketError::NotFound)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_back_from_its_link_and_nothing_else_does() {
        for place in [Place::START, Place::OVER, Place { open: true, sent_at: Instant(5), id: 7 }] {
            assert_eq!(Place::from_text(&place.to_text()), Some(place));
        }
        for wrong in ["", "o", "o.1", "x.1.2", "o.1.2.3", "o.a.b"] {
            assert_eq!(Place::from_text(wrong), None, "{wrong}");
        }
    }
}
