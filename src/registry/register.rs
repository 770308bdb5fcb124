use serde_json::json;
use sha2::{Digest, Sha256};

use super::RegistryError;
use super::model::{Document, Registration, RegistrationRow, padded};
use super::store::{self, NewRow, Subject};
use crate::kernel::Kernel;
use crate::kernel::database::{Conn, StoreError, Tx};
use crate::kernel::events::{self, NewEvent};
use crate::kernel::permissions::{Permission, Principal};

/// What a form for a contact begins with.
#[derive(Debug, Clone)]
pub struct Proposal {
    pub contact: i64,
    /// Code of its ticket.
    pub code: String,
    pub direction: String,
    pub channel: String,
    pub filled: Registration,
    /// The registration that holds, if there is one.
    pub current: Option<RegistrationRow>,
}

/// What registering a contact would write, from what the contact itself says.
///
/// # Errors
/// [`RegistryError::NotFound`], or [`RegistryError::NoDocument`] for a note.
pub async fn proposal(kernel: &Kernel, contact: i64) -> Result<Proposal, RegistryError> {
    let mut conn = kernel.db.read().await?;
    let about = document(&mut conn, contact).await?;
    let current = store::of_contact(&mut conn, contact).await?.into_iter().find(RegistrationRow::holds);
    Ok(Proposal {
        contact,
        filled: filled(kernel, &about),
        code: about.code,
        direction: about.direction,
        channel: about.channel,
        current,
    })
}

async fn document(conn: &mut Conn, contact: i64) -> Result<Subject, RegistryError> {
    let about = store::contact(conn, contact).await?.ok_or(RegistryError::NotFound)?;
    let outside = matches!(about.direction.as_str(), "in" | "out") && about.leg_id.is_none();
    if outside { Ok(about) } else { Err(RegistryError::NoDocument) }
}

fn filled(kernel: &Kernel, about: &Subject) -> Registration {
    let own = kernel.agency_name();
    let name = if about.from_name.is_empty() { &about.person } else { &about.from_name };
    let address = about.from_address.replace(['\r', '\n'], ", ");
    let sender = match (name.as_str(), address.as_str()) {
        ("", address) => address.to_owned(),
        (name, "") => name.to_owned(),
        (name, address) => format!("{name}, {address}"),
    };
    let to = about.to_address.replace(['\r', '\n'], ", ");
    let recipients = if to.is_empty() { about.person.clone() } else { to };
    let subject = if about.subject.is_empty() { &about.ticket_subject } else { &about.subject };
    let (sender, recipients) = if about.direction == "in" { (sender, own) } else { (own, recipients) };
    Registration { sender, recipients, subject: subject.clone(), ..Registration::default() }
}

/// Registers a contact. The number of our own register is the last thing taken: a transaction that fails gives it
/// back, so that no number is missing.
///
/// # Errors
/// When it is registered already, is no document, or a field is missing.
pub async fn register(
    kernel: &Kernel,
    who: &Principal,
    contact: i64,
    asked: Registration,
) -> Result<RegistrationRow, RegistryError> {
    who.require(Permission::WorkTickets).or_else(|_| who.require(Permission::Intake))?;
    let rules = &kernel.config.registry;
    let asked = asked.checked(rules.own)?;
    let (register, zone, who) = (rules.code.clone(), kernel.config.zone(), who.clone());
    let now = kernel.now();
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                store::lock_contact(tx, contact).await?;
                let about = document(tx, contact).await?;
                if let Some(held) = store::of_contact(tx, contact).await?.into_iter().find(RegistrationRow::holds) {
                    return Err(RegistryError::Registered { number: held.number, id: held.id });
                }
                let documents = documents(tx, &about).await?;
                let sha256 = documents.first().map(|d| d.sha256.clone()).ok_or(RegistryError::NoDocument)?;
                let listed = serde_json::to_string(&documents)
                    .map_err(|_| StoreError::Inconsistent { table: "registrations", column: "documents" })?;
                let (origin, register, year, number, day, at) = match asked.given {
                    Some(given) => {
                        let year = given.day.get(..4).and_then(|y| y.parse().ok()).unwrap_or_default();
                        ("external", given.register, year, given.number, given.day, now)
                    }
                    None => {
                        let year = i64::from(now.zoned(&zone).year());
                        let (number, at) = store::next_number(tx, &register, year, now).await?;
                        ("own", register, year, padded(number), at.day(&zone), at)
                    }
                };
                let row = NewRow {
                    contact_id: contact,
                    origin,
                    register,
                    year,
                    number,
                    day,
                    registered_at: at,
                    user_id: who.user_id,
                    direction: about.direction,
                    channel: about.channel,
                    sender: asked.sender,
                    recipients: asked.recipients,
                    subject: asked.subject,
                    received_number: asked.received_number,
                    received_day: asked.received_day,
                    documents: listed,
                    sha256,
                };
                let id = store::insert(tx, &row).await?.ok_or(RegistryError::NumberTaken)?;
                let number = format!("{}/{}", row.number, row.year);
                let data =
                    json!({ "contact": contact, "registration": id, "number": number, "register": row.register });
                let event =
                    NewEvent { kind: "contact.registered", ticket: Some(about.ticket_id), actor: who.actor, data };
                events::append(tx, now, &[event]).await?;
                store::by_id(tx, id).await?.ok_or(RegistryError::NotFound)
            })
        })
        .await
}

/// The files of a contact with their digests, the document itself first: a mail as it came, the pages of a letter,
/// else the words that were written.
async fn documents(tx: &mut Tx, about: &Subject) -> Result<Vec<Document>, RegistryError> {
    let mut all = Vec::new();
    let mail = matches!(about.channel.as_str(), "pec" | "email");
    if let Some(raw) = about.raw_id.filter(|_| mail && about.direction == "in")
        && let Some((size, body, blob)) = store::raw(tx, raw).await?
        && let Some(sha256) = body.map(|b| hex(&b)).or_else(|| blob.as_deref().map(of_blob))
    {
        all.push(Document { name: "messaggio.eml".to_owned(), size, sha256 });
    }
    if about.direction == "out"
        && let Some(blob) = store::printed(tx, about.id).await?
    {
        all.push(Document { name: "lettera.pdf".to_owned(), size: 0, sha256: of_blob(&blob) });
    }
    let files = store::files(tx, about.id).await?;
    let pages = matches!(about.channel.as_str(), "letter" | "fax") && about.direction == "in" && !files.is_empty();
    if all.is_empty() && !pages {
        let size = i64::try_from(about.body.len()).unwrap_or(i64::MAX);
        all.push(Document { name: "testo.txt".to_owned(), size, sha256: hex(about.body.as_bytes()) });
    }
    all.extend(files.into_iter().map(|(name, size, blob)| Document { name, size, sha256: of_blob(&blob) }));
    Ok(all)
}

fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(bytes))
}

/// Blobs are named by their digest.
fn of_blob(name: &str) -> String {
    name.rsplit('/').next().unwrap_or(name).to_owned()
}
