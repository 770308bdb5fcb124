//! Asking Open311 endpoints what became of the legs they have: one node at a time, each endpoint at its own pace.
use std::collections::BTreeSet;
use std::time::Duration;

use channels::open311::{Client, OpenError, Standing, Update};
use jiff::SignedDuration;
use sha2::{Digest, Sha256};

use super::model::{Way, WayKind};
use super::settings::{self, Calls};
use super::store::{self, CursorRow, Dispatch};
use super::{codes, words};
use crate::kernel::database::StoreError;
use crate::kernel::events::Actor;
use crate::kernel::permissions::{Principal, Role};
use crate::kernel::time::Instant;
use crate::kernel::{Kernel, leases};
use crate::network::answer::{LegMessage, Meaning, receive_answer};
use crate::network::model::Leg;
use crate::network::return_leg::{NotOurs, return_leg};
use crate::network::{Door, LegError, store as network_store};
use crate::tickets::TicketError;
use crate::tickets::store::NewContact;

const LOOK: Duration = Duration::from_secs(10);
const LEASE: SignedDuration = SignedDuration::from_mins(5);
/// Updates are asked for again from this long before the last look: other clocks differ, and late ones are stored late.
const OVERLAP: SignedDuration = SignedDuration::from_mins(30);
/// Requests that are asked for at once.
const AT_ONCE: usize = 50;

/// Asks until the process stops.
pub(super) async fn follow(kernel: Kernel) {
    let holder = kernel.node.to_string();
    while !kernel.stop.is_cancelled() {
        match leases::hold(&kernel.db, "open311 updates", &holder, kernel.now(), LEASE).await {
            Ok(true) => {
                if let Err(e) = poll(&kernel).await {
                    tracing::warn!("the endpoints of ways cannot be asked: {e}");
                }
            }
            Ok(false) => {}
            Err(e) => tracing::warn!("the lease of open311 updates: {e}"),
        }
        tokio::select! {
            () = kernel.stop.cancelled() => {}
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

/// Asks every endpoint whose time has come.
///
/// # Errors
/// When the database refuses; an endpoint that does not answer is no error here, its page shows it.
pub async fn poll(kernel: &Kernel) -> Result<(), StoreError> {
    let mut conn = kernel.db.read().await?;
    let ways = store::all(&mut conn).await?.into_iter().filter(|way| way.kind == WayKind::Open311);
    let mut due = Vec::new();
    for way in ways {
        let place = store::cursor(&mut conn, way.id).await?;
        if place.as_ref().is_none_or(|p| p.next_at <= kernel.now()) {
            let asked = store::asked(&mut conn, way.id).await?;
            due.push((way, place, asked));
        }
    }
    drop(conn);
    for (way, place, asked) in due {
        let now = kernel.now();
        let from = place.map_or_else(|| now.plus(-SignedDuration::from_hours(24)), |p| p.read_until);
        let minutes = way.setting("minutes").parse::<i64>().unwrap_or(5);
        let result = ask(kernel, &way, from, now, &asked).await;
        if let Err(e) = &result {
            tracing::warn!(way.id = way.id, "the endpoint of way {} was not read: {e}", way.id);
        }
        let place = CursorRow {
            // The place moves only over what was read whole.
            read_until: if result.is_ok() { now } else { from },
            next_at: now.plus(SignedDuration::from_mins(minutes)),
            last_error: result.err().unwrap_or_default(),
        };
        let id = way.id;
        kernel.db.write(move |tx| Box::pin(async move { store::set_cursor(tx, id, &place).await })).await?;
    }
    Ok(())
}

async fn ask(kernel: &Kernel, way: &Way, from: Instant, now: Instant, asked: &[Dispatch]) -> Result<(), String> {
    let calls = Calls::new()?;
    let caller = calls.caller(kernel).await?;
    let endpoint = settings::endpoint(kernel, way)?;
    let client = Client::new(caller, &endpoint);
    let said = |e: OpenError| e.to_string();
    for leg in asked.iter().filter(|d| d.remote_id.is_none()) {
        let Some(token) = &leg.remote_token else { continue };
        if let Some(id) = client.number_of(token).await.map_err(said)? {
            keep_number(kernel, leg.leg_id, Some(id), None).await.map_err(|e| e.to_string())?;
        }
    }
    let updates = if way.setting("updates") == "true" {
        client.updates(from.plus(-OVERLAP).timestamp(), now.timestamp()).await.map_err(said)?
    } else {
        let mut found = Vec::new();
        let ids: Vec<String> = asked.iter().filter_map(|d| d.remote_id.clone()).collect();
        for some in ids.chunks(AT_ONCE) {
            for request in client.requests(some).await.map_err(said)? {
                found.push(Update {
                    id: String::new(),
                    request: request.id,
                    status: request.status,
                    external_status: String::new(),
                    description: request.status_notes,
                    updated: request.updated,
                });
            }
        }
        found
    };
    let mut seen = BTreeSet::new();
    for update in updates {
        if seen.insert((update.id.clone(), update.request.clone(), update.status.clone(), update.description.clone())) {
            match take(kernel, way, update).await {
                Ok(()) => {}
                Err(e @ (LegError::Store(_) | LegError::Ticket(TicketError::Store(_)))) => return Err(e.to_string()),
                // The next ones are of other legs.
                Err(e) => tracing::warn!(way.id = way.id, "an update of an endpoint was not taken: {e}"),
            }
        }
    }
    Ok(())
}

/// Keeps the number, or the token, that the other system gave a leg; the number is the body's code from now on.
pub(super) async fn keep_number(
    kernel: &Kernel,
    leg: i64,
    id: Option<String>,
    token: Option<String>,
) -> Result<(), StoreError> {
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                store::set_remote(tx, leg, id.as_deref(), token.as_deref()).await?;
                if let Some(id) = &id {
                    store::set_first_code(tx, leg, id).await?;
                    codes::remember(tx, leg, id).await?;
                }
                Ok(())
            })
        })
        .await
}

/// Takes one update to its leg; an update that was taken before changes nothing.
async fn take(kernel: &Kernel, way: &Way, update: Update) -> Result<(), LegError> {
    let mut conn = kernel.db.read().await?;
    let Some(sent) = store::by_remote(&mut conn, way.id, &update.request).await? else { return Ok(()) };
    let Some(leg) = network_store::leg(&mut conn, sent.leg_id).await? else { return Ok(()) };
    let code = network_store::ticket_code(&mut conn, leg.ticket_id).await?.unwrap_or_default();
    let names = network_store::leg_names(&mut conn, leg.ticket_id).await?;
    drop(conn);
    // Endpoints also list what we added ourselves.
    if update.id.starts_with(&crate::network::model::leg_code(&code, leg.number)) {
        return Ok(());
    }
    // Without updates of its own, a request tells its state again at every look.
    let state = format!("{} {}", update.status, update.description);
    if update.id.is_empty() && (state == sent.remote_state || (sent.remote_state.is_empty() && is_news_less(&update))) {
        return Ok(());
    }
    let standing = Standing::of(&update.status);
    let unit = names.into_iter().find(|n| n.leg_id == leg.id).map(|n| n.unit).unwrap_or_default();
    let text = text(kernel, &update);
    let given_back = match standing == Standing::NotTheirs && leg.state.is_open() {
        true => give_back(kernel, &leg, &code, &unit, text.clone()).await?,
        false => false,
    };
    if !given_back {
        receive(kernel, way, &leg, &update, standing, unit, text).await?;
    }
    let over = matches!(standing, Standing::Over | Standing::NotTheirs).then(|| kernel.now());
    let (id, state) = (leg.id, state.chars().take(500).collect::<String>());
    Ok(kernel.db.write(move |tx| Box::pin(async move { store::set_heard(tx, id, &state, over).await })).await?)
}

/// Whether a first look at a request tells only that it is there.
fn is_news_less(update: &Update) -> bool {
    update.description.is_empty() && Standing::of(&update.status) == Standing::Going
}

fn text(kernel: &Kernel, update: &Update) -> String {
    if !update.description.is_empty() {
        return update.description.clone();
    }
    let status = if update.external_status.is_empty() { &update.status } else { &update.external_status };
    words::language(kernel).text_with("way-open311-status", &[("status", status.clone())])
}

/// Gives a leg back in the unit's name; `false` when the unit may not any more, or never could: then the front office
/// reads what it said.
async fn give_back(kernel: &Kernel, leg: &Leg, code: &str, unit: &str, reason: String) -> Result<bool, LegError> {
    let body = Principal {
        actor: Actor::Leg(leg.id),
        role: Role::Body,
        user_id: None,
        name: unit.to_owned(),
        language: kernel.config.desk.language.clone(),
        units: [leg.unit_id].into(),
    };
    let why = NotOurs { reason, signed: unit.to_owned(), ..NotOurs::default() };
    match return_leg(kernel, &Door::account(&body, code, leg.number), why).await {
        // Somebody settled it meanwhile.
        Ok(_) | Err(LegError::Over { .. } | LegError::Withdrawn) => Ok(true),
        Err(LegError::RefuseLate { .. } | LegError::NotItsPart) => Ok(false),
        Err(e) => Err(e),
    }
}

async fn receive(
    kernel: &Kernel,
    way: &Way,
    leg: &Leg,
    update: &Update,
    standing: Standing,
    unit: String,
    text: String,
) -> Result<(), LegError> {
    let now = kernel.now();
    let happened: Option<jiff::Timestamp> = update.updated.parse().ok();
    let contact = NewContact {
        channel: "web",
        from_address: format!("open311:{}", way.id),
        from_name: unit,
        body: text,
        dedupe_key: Some(format!("open311:{}:{}", way.id, name_of(update))),
        happened_at: happened.map_or(now, Instant::from),
        created_at: now,
        ..NewContact::default()
    };
    let meaning = if standing == Standing::Over { Meaning::Answer } else { Meaning::Progress };
    let message = LegMessage { contact, files: Vec::new(), external_code: String::new(), meaning };
    let (id, actor) = (leg.id, Actor::Leg(leg.id));
    kernel
        .db
        .write(move |tx| Box::pin(async move { receive_answer(tx, id, message, actor, now).await }))
        .await
        .map(drop)
}

/// Names an update among those of its endpoint; one without a name is named by what it says.
fn name_of(update: &Update) -> String {
    if !update.id.is_empty() {
        return update.id.clone();
    }
    let said = [&update.request, &update.status, &update.description, &update.updated].map(String::as_str).join("\n");
    format!("{}:{}", update.request, data_encoding::HEXLOWER.encode(&Sha256::digest(said.as_bytes())[..8]))
}
