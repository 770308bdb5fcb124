//! One link per referent, behind which all their legs are (002-24): half random, half sealed with the installation's key,
//! so that the database alone opens nothing; it ends, is renewed to the referent's own address, and can be revoked.
use std::collections::BTreeSet;

use jiff::SignedDuration;
use serde_json::json;

use super::LegError;
use super::mail::{self, Said};
use super::model::Leg;
use super::store::referents as store;
use crate::kernel::Kernel;
use crate::kernel::codes;
use crate::kernel::database::{Conn, Tx};
use crate::kernel::events::{self, NewEvent};
use crate::kernel::language::Language;
use crate::kernel::limits::Limiter;
use crate::kernel::permissions::{Permission, Principal};
use crate::kernel::secrets;
use crate::kernel::time::Instant;
use crate::organisation::{self, Rank, Referent};
use crate::outbox::{self, MailAddresses, MailPayload, Manner, Purpose};
use crate::tickets::Ticket;

/// What seals a link; a seal has this many characters.
const PURPOSE: &str = "referent link";
const SEAL: usize = 16;

/// Somebody who came by a referent's link.
#[derive(Debug, Clone)]
pub struct Visitor {
    pub referent: Referent,
    /// The units whose legs they see: their own with those below, and those of whom they stand in for.
    pub units: BTreeSet<i64>,
    pub token: String,
    pub expires_at: Instant,
}

/// What a link opens.
#[derive(Debug, Clone)]
pub enum Access {
    /// Never one of ours, revoked, or of somebody who is referent no more; whoever holds it learns nothing else.
    Unknown,
    /// It was valid once; a new one can be asked for.
    Expired,
    Open(Box<Visitor>),
}

/// The random half of a link whose seal is ours.
fn name_of<'t>(kernel: &Kernel, token: &'t str) -> Option<&'t str> {
    let (name, seal) = token.split_at_checked(token.len().checked_sub(SEAL)?)?;
    kernel.secrets.verify(PURPOSE, &[name], seal).then_some(name)
}

async fn known(conn: &mut Conn, kernel: &Kernel, token: &str) -> Result<Option<(store::LinkRow, Referent)>, LegError> {
    let Some(name) = name_of(kernel, token) else { return Ok(None) };
    let Some(row) = store::link(conn, name).await?.filter(|row| row.revoked_at.is_none()) else { return Ok(None) };
    let referent = organisation::store::referent(conn, row.referent_id).await?;
    Ok(referent.filter(|r| r.is_valid(kernel.now())).map(|referent| (row, referent)))
}

/// What a link opens now.
///
/// # Errors
/// When the database cannot be read.
pub async fn access(conn: &mut Conn, kernel: &Kernel, token: &str) -> Result<Access, LegError> {
    let Some((row, referent)) = known(conn, kernel, token).await? else { return Ok(Access::Unknown) };
    let now = kernel.now();
    if row.expires_at <= now {
        return Ok(Access::Expired);
    }
    let mut units = organisation::store::units_below(conn, referent.unit_id).await?;
    for absence in organisation::store::absences_at(conn, now).await? {
        if absence.substitute_id == Some(referent.id)
            && let Some(absent) = organisation::store::referent(conn, absence.referent_id).await?
        {
            units.extend(organisation::store::units_below(conn, absent.unit_id).await?);
        }
    }
    let (token, expires_at) = (token.to_owned(), row.expires_at);
    Ok(Access::Open(Box::new(Visitor { referent, units, token, expires_at })))
}

/// The address of a referent's page: the one they have, or a new one when it ends soon.
///
/// # Errors
/// When the database refuses.
pub async fn address(tx: &mut Tx, kernel: &Kernel, referent: i64) -> Result<String, LegError> {
    let (now, days) = (kernel.now(), i64::from(kernel.config.desk.leg_link_days));
    let soon = now.plus(SignedDuration::from_hours(24 * days / 3));
    let name = match store::lasting_link(tx, referent, soon).await? {
        Some(row) => row.name,
        None => {
            let name = codes::random_token();
            store::insert_link(tx, &name, referent, now, now.plus(SignedDuration::from_hours(24 * days))).await?;
            name
        }
    };
    let seal = kernel.secrets.sign(PURPOSE, &[&name]);
    Ok(kernel.config.link(&format!("/referenti/{name}{seal}")))
}

/// Mails a link to a referent's own address; answers the address of the page.
///
/// # Errors
/// [`LegError::NotFound`] when there is no such referent, [`LegError::Unreachable`] without an address.
pub async fn send(tx: &mut Tx, kernel: &Kernel, referent: i64) -> Result<(), LegError> {
    let found = organisation::store::referent(tx, referent).await?.ok_or(LegError::NotFound)?;
    if found.email.is_empty() {
        return Err(LegError::Unreachable);
    }
    let link = address(tx, kernel, referent).await?;
    let values = [("name", found.name), ("link", link), ("agency", kernel.agency_name())];
    notice(tx, kernel, &found.email, "referent-mail-link", &values, &format!("referent-link-{}", codes::random_token()))
        .await
}

/// Where a referent's link stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkState {
    /// None was ever made.
    Never,
    Open {
        since: Instant,
        until: Instant,
    },
    Expired {
        at: Instant,
    },
    Revoked {
        at: Instant,
    },
}

/// Where the link of a referent stands that was made last.
///
/// # Errors
/// When the database cannot be read.
pub async fn link_state(conn: &mut Conn, referent: i64, now: Instant) -> Result<LinkState, LegError> {
    Ok(match store::latest_link(conn, referent).await? {
        None => LinkState::Never,
        Some(store::LinkRow { revoked_at: Some(at), .. }) => LinkState::Revoked { at },
        Some(row) if row.expires_at <= now => LinkState::Expired { at: row.expires_at },
        Some(row) => LinkState::Open { since: row.created_at, until: row.expires_at },
    })
}

/// An administrator mails a referent the link they have, or a new one.
///
/// # Errors
/// [`LegError::NotFound`] for somebody who is referent no more, [`LegError::Unreachable`] without an address; only
/// administrators may.
pub async fn remind_link(kernel: &Kernel, who: &Principal, referent: i64) -> Result<(), LegError> {
    who.require(Permission::Administer)?;
    let (kernel, actor, now) = (kernel.clone(), who.actor.clone(), kernel.now());
    let db = kernel.db.clone();
    db.write(move |tx| {
        Box::pin(async move {
            let found = organisation::store::referent(tx, referent).await?;
            let found = found.filter(|r| r.is_valid(now)).ok_or(LegError::NotFound)?;
            send(tx, &kernel, found.id).await?;
            let data = json!({ "referent": found.id, "unit": found.unit_id });
            let event = NewEvent { kind: "referent.link_sent", ticket: None, actor, data };
            events::append(tx, now, &[event]).await?;
            Ok(())
        })
    })
    .await
}

/// The operative referents who are told of what comes to a unit, with an address.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn told_of(conn: &mut Conn, unit: i64, now: Instant) -> Result<Vec<Referent>, LegError> {
    let people = organisation::referents::recipients(conn, unit, Rank::Operative, now).await?;
    Ok(people.into_iter().filter(|r| !r.email.is_empty()).collect())
}

/// Tells the referents of a unit of a new leg, each with their own link; whoever reads `addressed` has it already.
///
/// # Errors
/// When the database refuses.
pub(super) async fn tell_new(
    tx: &mut Tx,
    kernel: &Kernel,
    ticket: &Ticket,
    leg: &Leg,
    addressed: &str,
    now: Instant,
) -> Result<(), LegError> {
    let people = told_of(tx, leg.unit_id, now).await?;
    let unit = organisation::store::unit(tx, leg.unit_id).await?.map(|u| u.name).unwrap_or_default();
    for referent in people.into_iter().filter(|r| !r.email.eq_ignore_ascii_case(addressed)) {
        let link = format!("{}/{}/{}", address(tx, kernel, referent.id).await?, ticket.code, leg.number);
        let values = [("name", referent.name), ("unit", unit.clone()), ("link", link)];
        let name = format!("new-{}", referent.id);
        let said = Said { purpose: Purpose::LegUpdate, key: "leg-mail-new", name: &name, values: &values };
        mail::tell(tx, kernel, ticket, leg, referent.email, said, now).await?;
    }
    Ok(())
}

/// Puts a mail to a referent that is about no single ticket into the outbox; its subject is the key's `-subject`.
///
/// # Errors
/// When the database refuses.
pub(super) async fn notice(
    tx: &mut Tx,
    kernel: &Kernel,
    recipient: &str,
    key: &str,
    values: &[(&'static str, String)],
    name: &str,
) -> Result<(), LegError> {
    let language = Language::from_tag(&kernel.config.desk.language).unwrap_or(Language::Italian);
    let payload = MailPayload {
        subject: language.text_with(&format!("{key}-subject"), values),
        text: language.text_with(key, values),
        manner: Manner::AutoGenerated,
        reply_to: None,
        references: Vec::new(),
        in_reply_to: None,
        attachments: Vec::new(),
    };
    let message_id = MailAddresses::new(kernel).notice_id(name);
    outbox::enqueue_notice(tx, recipient, &payload, &message_id, kernel.now()).await?;
    Ok(())
}

/// Mails a fresh link to the referent of a link that was valid once; does nothing for any other, or when too many were
/// asked for. Whoever asks is told the same in every case.
///
/// # Errors
/// When the database refuses.
pub async fn renew(kernel: &Kernel, peers: &Limiter, links: &Limiter, token: &str, peer: &str) -> Result<(), LegError> {
    let now = kernel.now();
    if !peers.take(&secrets::token_hash(peer), now) || !links.take(&secrets::token_hash(token), now) {
        return Ok(());
    }
    let (kernel, token) = (kernel.clone(), token.to_owned());
    let db = kernel.db.clone();
    db.write(move |tx| {
        Box::pin(async move {
            let Some((_, referent)) = known(tx, &kernel, &token).await? else { return Ok(()) };
            match send(tx, &kernel, referent.id).await {
                Err(LegError::Unreachable) => Ok(()),
                done => done,
            }
        })
    })
    .await
}

/// An administrator revokes all links of a referent and, if that is wanted, sends a new one.
///
/// # Errors
/// [`LegError::NotFound`], [`LegError::Unreachable`]; only administrators may.
pub async fn revoke(kernel: &Kernel, who: &Principal, referent: i64, then: Then) -> Result<u64, LegError> {
    who.require(Permission::Administer)?;
    let (kernel, who, now) = (kernel.clone(), who.clone(), kernel.now());
    let db = kernel.db.clone();
    db.write(move |tx| {
        Box::pin(async move {
            let found = organisation::store::referent(tx, referent).await?.ok_or(LegError::NotFound)?;
            let revoked = store::revoke_links(tx, found.id, now).await?;
            let data = json!({ "referent": found.id, "unit": found.unit_id, "revoked": revoked });
            let event = NewEvent { kind: "referent.link_revoked", ticket: None, actor: who.actor, data };
            events::append(tx, now, &[event]).await?;
            if then == Then::SendNew {
                send(tx, &kernel, found.id).await?;
            }
            Ok(revoked)
        })
    })
    .await
}

/// What follows a revocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    Nothing,
    SendNew,
}

/// Whether a rank looks after units below its own.
pub(super) const fn looks_below(rank: Rank) -> bool {
    matches!(rank, Rank::Executive | Rank::Director)
}
