//! The lanes of called systems: each way has its own, so that a slow system holds up no other.
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use channels::Secret;
use channels::calls::{Answered, CallError, Caller};
use channels::open311::{Client, NewRequest, NewUpdate, OpenError};
use channels::webhook::{self, Told};
use jiff::SignedDuration;
use serde::Deserialize;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::content::Order;
use super::model::{Way, WayKind, lane_of, pairs};
use super::settings::{self, Calls};
use super::store::{self, CallRow};
use super::{codes, poll};
use crate::kernel::Kernel;
use crate::kernel::database::StoreError;
use crate::kernel::time::Instant;
use crate::outbox::store::OutboxRow;
use crate::outbox::{Attempt, Lane, work_until};

/// How often the ways are looked at.
const LOOK: Duration = Duration::from_secs(3);
/// How far a request's making may lie behind our own clock in the other system's.
const SKEW: SignedDuration = SignedDuration::from_hours(24);

/// Keeps a lane at work for each way that leads to a called system, until the process stops.
pub(super) async fn keep(kernel: Kernel) {
    let calls = match Calls::new() {
        Ok(calls) => calls,
        Err(why) => return tracing::error!("no other system can be called: {why}"),
    };
    let mut working: HashMap<i64, CancellationToken> = HashMap::new();
    let mut tasks = JoinSet::new();
    while !kernel.stop.is_cancelled() {
        match called(&kernel).await {
            Ok(ways) => {
                working.retain(|way, stop| {
                    let stays = ways.contains(way);
                    if !stays {
                        stop.cancel();
                    }
                    stays
                });
                for way in ways {
                    working.entry(way).or_insert_with(|| {
                        let stop = kernel.stop.child_token();
                        let lane = WayLane { kernel: kernel.clone(), way, name: lane_of(way), calls: calls.clone() };
                        tasks.spawn(work_until(kernel.clone(), Arc::new(lane), stop.clone()));
                        stop
                    });
                }
            }
            Err(e) => tracing::warn!("the ways of legs cannot be read: {e}"),
        }
        while tasks.try_join_next().is_some() {}
        tokio::select! {
            () = kernel.stop.cancelled() => {}
            () = tokio::time::sleep(LOOK) => {}
        }
    }
    while tasks.join_next().await.is_some() {}
}

async fn called(kernel: &Kernel) -> Result<Vec<i64>, StoreError> {
    let mut conn = kernel.db.read().await?;
    store::called(&mut conn).await
}

/// Tells one system.
struct WayLane {
    kernel: Kernel,
    way: i64,
    name: String,
    calls: Calls,
}

/// What a webhook may answer.
#[derive(Deserialize)]
struct Replied {
    /// The body's own code.
    code: Option<String>,
}

/// A call that was made, or not.
struct Made {
    status: u16,
    millis: i64,
    attempt: Attempt,
}

impl Made {
    fn not(attempt: Attempt) -> Self {
        Self { status: 0, millis: 0, attempt }
    }
}

fn silent(words: impl ToString) -> Attempt {
    Attempt::Later { words: words.to_string(), answered: false }
}

/// What an answer to a call means to the outbox.
fn judged(answer: &Answered) -> Attempt {
    let words = answer.words();
    match (answer.is_good(), answer.is_passing()) {
        (true, _) => Attempt::Sent { note: words, provider_id: None },
        (false, true) => Attempt::Later { words, answered: true },
        (false, false) => Attempt::Never { words },
    }
}

fn refused(error: OpenError) -> Attempt {
    match error {
        OpenError::Refused { words, passing: false } => Attempt::Never { words },
        OpenError::Refused { words, passing: true } => Attempt::Later { words, answered: true },
        OpenError::Call(CallError::Refused(words)) => Attempt::Later { words, answered: true },
        OpenError::Call(e) => silent(e),
        OpenError::Unreadable(e) => Attempt::Later { words: e.to_string(), answered: true },
    }
}

#[async_trait]
impl Lane for WayLane {
    fn name(&self) -> &str {
        &self.name
    }

    /// Few at a time: what is said of one leg mostly keeps its order, and other bodies' systems are small.
    fn width(&self) -> usize {
        4
    }

    async fn send(&self, row: &OutboxRow) -> Attempt {
        let order: Order = match serde_json::from_str(&row.payload) {
            Ok(order) => order,
            Err(e) => return Attempt::Never { words: format!("the message cannot be read: {e}") },
        };
        let way = match self.way().await {
            Ok(Some(way)) if way.kind.is_called() => way,
            Ok(_) => {
                return Attempt::Never { words: "the way of this unit was changed: send the leg again".to_owned() };
            }
            Err(e) => return silent(e),
        };
        let caller = match self.calls.caller(&self.kernel).await {
            Ok(caller) => caller,
            Err(e) => return silent(e),
        };
        let made = match way.kind {
            WayKind::Open311 => self.open311(caller, &way, row, &order).await,
            _ => self.webhook(caller, &way, row, &order).await,
        };
        self.log(row, &order, &made).await;
        made.attempt
    }

    async fn check(&self) -> Result<String, String> {
        let way = self.way().await.map_err(|e| e.to_string())?.ok_or("there is no such way")?;
        let caller = self.calls.caller(&self.kernel).await?;
        let url = reqwest::Url::parse(&way.setting("url")).map_err(|e| e.to_string())?;
        caller.may_call(&url).map_err(|e| e.to_string())?;
        Ok(way.setting("url"))
    }
}

impl WayLane {
    async fn way(&self) -> Result<Option<Way>, StoreError> {
        let mut conn = self.kernel.db.read().await?;
        store::by_id(&mut conn, self.way).await
    }

    async fn webhook(&self, caller: &Caller, way: &Way, row: &OutboxRow, order: &Order) -> Made {
        let (url, secret): (_, Secret) = match settings::webhook(&self.kernel, way) {
            Ok(found) => found,
            Err(words) => return Made::not(Attempt::Later { words, answered: true }),
        };
        let now = self.kernel.now().timestamp();
        let told = Told { url, id: &order.id, event: &order.event, body: &row.payload, secret: &secret, now };
        let answer = match webhook::tell(caller, told).await {
            Ok(answer) => answer,
            Err(CallError::Refused(words)) => return Made::not(Attempt::Later { words, answered: true }),
            Err(e) => return Made::not(silent(e)),
        };
        if answer.is_good()
            && let Some(leg) = row.leg_id
            && let Some(code) = serde_json::from_slice::<Replied>(&answer.body).ok().and_then(|r| r.code)
            && let Err(e) = self.remember_code(leg, code).await
        {
            return Made { status: answer.status, millis: answer.millis, attempt: silent(e) };
        }
        Made { status: answer.status, millis: answer.millis, attempt: judged(&answer) }
    }

    async fn open311(&self, caller: &Caller, way: &Way, row: &OutboxRow, order: &Order) -> Made {
        let endpoint = match settings::endpoint(&self.kernel, way) {
            Ok(endpoint) => endpoint,
            Err(words) => return Made::not(Attempt::Later { words, answered: true }),
        };
        let client = Client::new(caller, &endpoint);
        let begun = std::time::Instant::now();
        let attempt = match order.event.as_str() {
            "leg.sent" => self.make_request(&client, way, row, order).await,
            _ => self.add_update(&client, way, row, order).await,
        };
        let status = if matches!(attempt, Attempt::Sent { .. }) { 200 } else { 0 };
        Made { status, millis: i64::try_from(begun.elapsed().as_millis()).unwrap_or(i64::MAX), attempt }
    }

    /// Makes the request once: after an attempt whose end nobody knows, the endpoint is asked whether it has it.
    async fn make_request(&self, client: &Client<'_>, way: &Way, row: &OutboxRow, order: &Order) -> Attempt {
        let Some(leg) = row.leg_id else { return Attempt::Never { words: "it is of no leg".to_owned() } };
        let now = self.kernel.now();
        let begun = self.kernel.db.write(move |tx| {
            Box::pin(async move {
                let known = store::dispatch(tx, leg).await?.and_then(|d| d.remote_id.or(d.remote_token));
                Ok::<_, StoreError>((store::begin(tx, leg, now).await?, known))
            })
        });
        let again = match begun.await {
            Ok((_, Some(known))) => return Attempt::Sent { note: known, provider_id: None },
            Ok((again, None)) => again,
            Err(e) => return silent(e),
        };
        let request = new_request(&self.kernel, way, order);
        if again {
            let since = row.created_at.timestamp() - SKEW;
            match client.find(&order.leg.code, &request.service, since).await {
                Ok(Some(found)) => return self.made(leg, Some(found.id), None).await,
                Ok(None) => {}
                Err(e) => return refused(e),
            }
        }
        match client.request(&request).await {
            Ok(accepted) => {
                let some = |text: String| Some(text).filter(|text| !text.is_empty());
                self.made(leg, some(accepted.id), some(accepted.token)).await
            }
            Err(e) => refused(e),
        }
    }

    async fn made(&self, leg: i64, id: Option<String>, token: Option<String>) -> Attempt {
        let note = id.clone().or_else(|| token.clone()).unwrap_or_default();
        match poll::keep_number(&self.kernel, leg, id, token).await {
            Ok(()) => Attempt::Sent { note, provider_id: None },
            Err(e) => silent(e),
        }
    }

    async fn add_update(&self, client: &Client<'_>, way: &Way, row: &OutboxRow, order: &Order) -> Attempt {
        if way.setting("updates") != "true" {
            return Attempt::Never { words: "this endpoint takes no updates: tell the body in another way".to_owned() };
        }
        let Some(leg) = row.leg_id else { return Attempt::Never { words: "it is of no leg".to_owned() } };
        let remote = async {
            let mut conn = self.kernel.db.read().await?;
            Ok::<_, StoreError>(store::dispatch(&mut conn, leg).await?.and_then(|d| d.remote_id))
        };
        let remote = match remote.await {
            Ok(Some(remote)) => remote,
            Ok(None) => return Attempt::Later { words: "the request has no number yet".to_owned(), answered: true },
            Err(e) => return silent(e),
        };
        let withdrawn = order.event == "leg.withdrawn";
        let update = NewUpdate {
            id: order.id.clone(),
            request: remote.clone(),
            status: if withdrawn { "CANCELLED" } else { "OPEN" }.to_owned(),
            description: match &order.update {
                Some(text) => text.clone(),
                None => super::words::language(&self.kernel).text("way-open311-withdrawn"),
            },
            at: Instant::parse(&order.at).unwrap_or(row.created_at).timestamp(),
        };
        match client.update(&update).await {
            Ok(()) => Attempt::Sent { note: remote, provider_id: None },
            // The endpoint took it, and says so in words of its own.
            Err(OpenError::Unreadable(_)) => Attempt::Sent { note: remote, provider_id: None },
            Err(e) => refused(e),
        }
    }

    async fn remember_code(&self, leg: i64, code: String) -> Result<(), StoreError> {
        let code: String = code.trim().chars().filter(|c| !c.is_control()).take(100).collect();
        self.kernel
            .db
            .write(move |tx| {
                Box::pin(async move {
                    if !code.is_empty() {
                        store::set_first_code(tx, leg, &code).await?;
                        codes::remember(tx, leg, &code).await?;
                    }
                    Ok(())
                })
            })
            .await
    }

    /// A log that cannot be written loses a line, not a leg.
    async fn log(&self, row: &OutboxRow, order: &Order, made: &Made) {
        let words = match &made.attempt {
            Attempt::Sent { note, .. } | Attempt::Queued { note, .. } => note.clone(),
            Attempt::Later { words, .. } | Attempt::Never { words } => words.clone(),
        };
        let call = CallRow {
            id: 0,
            outbox_id: row.id,
            at: self.kernel.now(),
            event: order.event.clone(),
            status: i64::from(made.status),
            millis: made.millis,
            words,
            code: String::new(),
            number: 0,
        };
        let way = self.way;
        let logged: Result<(), StoreError> =
            self.kernel.db.write(move |tx| Box::pin(async move { store::insert_call(tx, way, &call).await })).await;
        if let Err(e) = logged {
            tracing::warn!(outbox.id = row.id, "the call of message {} was not logged: {e}", row.id);
        }
    }
}

/// The leg as a request of the endpoint. Our own code comes first, so that the request is found by it.
fn new_request(kernel: &Kernel, way: &Way, order: &Order) -> NewRequest {
    let leg = &order.leg;
    let category = leg.category.as_deref().unwrap_or_default();
    let service = pairs(&way.setting("services")).into_iter().find(|(slug, _)| slug == category).map(|(_, code)| code);
    let place = Some(way.setting("place")).filter(|place| !place.is_empty()).unwrap_or_else(|| kernel.agency_name());
    let citizen = leg.citizen.as_ref();
    let filled = |value: String| {
        value.replace("{code}", &leg.code).replace("{category}", category).replace("{subject}", &leg.subject)
    };
    NewRequest {
        service: service.unwrap_or_else(|| way.setting("service")),
        description: format!("[{}] {}\n\n{}\n{}", leg.code, leg.question, leg.subject, leg.text),
        place,
        attributes: pairs(&way.setting("attributes")).into_iter().map(|(name, value)| (name, filled(value))).collect(),
        email: citizen.and_then(|c| c.email.clone()).unwrap_or_default(),
        name: citizen.map(|c| c.name.clone()).unwrap_or_default(),
        phone: citizen.and_then(|c| c.phone.clone()).unwrap_or_default(),
    }
}
