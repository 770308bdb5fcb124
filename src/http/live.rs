//! Live updates: one task of this node follows the event feed and tells the browsers that something changed,
//! never what. A browser that missed something is told to read again.
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use futures_util::stream;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use super::{Background, Services};
use crate::kernel::database::StoreError;
use crate::kernel::events::{self, Event, Position};
use crate::kernel::problem::Problem;
use crate::kernel::request::Caller;
use crate::kernel::{Kernel, nodes};
use crate::tickets::presence::{self, Presence};

/// How often a silent connection says that it lives; proxies drop quieter ones.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// After a commit whose events are not yet visible to readers, and otherwise.
const SOON: Duration = Duration::from_millis(20);
const POLL: Duration = Duration::from_secs(1);
/// Between two looks that found something: under load commits come faster than anybody can see.
const BETWEEN: Duration = Duration::from_millis(50);
const BATCH: i64 = 500;

/// What browsers are told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// This ticket changed, by row id.
    Ticket(i64),
    /// Somebody came to its page, left it, or began to write there.
    Presence(i64),
    /// Calls, agents' telephones or promises to call back changed; the telephones of these users among them.
    Calls(Arc<[i64]>),
    /// A bulletin was published, changed or withdrawn, began or is over.
    News,
}

/// Where the notices of this node go through; cheap to clone.
#[derive(Debug, Clone)]
pub struct LiveFeed {
    sender: broadcast::Sender<Notice>,
}

impl Default for LiveFeed {
    fn default() -> Self {
        Self { sender: broadcast::channel(256).0 }
    }
}

impl LiveFeed {
    /// The notices from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<Notice> {
        self.sender.subscribe()
    }
}

/// Mounts the stream.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/scrivania/diretta").route(web::get().to(listen)));
}

/// Starts following the feed and, on PostgreSQL, talking with the other nodes.
pub fn start(services: &Services, background: &mut Background) {
    let kernel = &services.kernel;
    background.spawn("live", follow(kernel.clone(), services.live.clone()));
    background.spawn("announce", nodes::announce(kernel.clone()));
    background.spawn("listen", nodes::listen(kernel.clone()));
    background.spawn("asides", nodes::carry_asides(kernel.clone()));
    background.spawn("presence", presence::follow(kernel.clone(), services.presence.clone()));
}

async fn follow(kernel: Kernel, live: LiveFeed) {
    let mut position = None;
    let mut silent_wakes = 0;
    loop {
        let woken = kernel.wake.next();
        let found = match step(&kernel, &live, &mut position).await {
            Ok(found) => found,
            Err(e) => {
                tracing::warn!("live updates stopped for a while: {e}");
                false
            }
        };
        if found {
            silent_wakes = 0;
            tokio::time::sleep(BETWEEN).await;
            continue;
        }
        // An event becomes visible to readers only when every older transaction ended, which wakes nobody
        // if that one was rolled back.
        let pause = if silent_wakes > 0 { SOON } else { POLL };
        tokio::select! {
            () = kernel.stop.cancelled() => return,
            () = woken => silent_wakes = 5,
            () = tokio::time::sleep(pause) => silent_wakes = i32::max(0, silent_wakes - 1),
        }
    }
}

/// Tells what was appended since `position`; `true` when there may be more.
async fn step(kernel: &Kernel, live: &LiveFeed, position: &mut Option<Position>) -> Result<bool, StoreError> {
    let mut conn = kernel.db.read().await?;
    let Some(from) = *position else {
        *position = Some(events::end(&mut conn).await?);
        return Ok(false);
    };
    let read = events::after(&mut conn, from, BATCH).await?;
    let Some(last) = read.last() else {
        return Ok(false);
    };
    *position = Some(last.position());
    let mut tickets: Vec<i64> = read.iter().filter_map(|e| e.ticket).collect();
    tickets.sort_unstable();
    tickets.dedup();
    for ticket in tickets {
        // Nobody listening is no error.
        drop(live.sender.send(Notice::Ticket(ticket)));
    }
    let of_calls = |e: &&Event| ["call.", "phone.", "callback."].iter().any(|start| e.kind.starts_with(start));
    let calls: Vec<&Event> = read.iter().filter(of_calls).collect();
    if !calls.is_empty() {
        let named = |e: &&Event| e.data()["users"].as_array().cloned().unwrap_or_default();
        let users: Vec<i64> = calls.iter().flat_map(named).filter_map(|user| user.as_i64()).collect();
        drop(live.sender.send(Notice::Calls(users.into())));
    }
    if read.iter().any(|e| e.kind.starts_with("bulletin.")) {
        drop(live.sender.send(Notice::News));
    }
    Ok(true)
}

async fn listen(
    kernel: web::Data<Kernel>,
    live: web::Data<LiveFeed>,
    presence: web::Data<Presence>,
    caller: Caller,
) -> Result<HttpResponse, Problem> {
    let user = caller.0.user_id;
    let state = (live.subscribe(), presence.changes(), kernel.stop.clone(), true);
    let lines = stream::unfold(state, move |(mut notices, mut around, stop, first)| async move {
        if first {
            return Some((line("retry: 2000\n\n"), (notices, around, stop, false)));
        }
        let got = tokio::select! {
            () = stop.cancelled() => return None,
            () = tokio::time::sleep(KEEP_ALIVE) => None,
            got = notices.recv() => Some(got),
            got = around.recv() => Some(got.map(Notice::Presence)),
        };
        let text = match got {
            None => ": still here\n\n".to_owned(),
            Some(Ok(Notice::Ticket(id))) => format!("event: ticket\ndata: ticket:{id}\n\n"),
            Some(Ok(Notice::Presence(id))) => format!("event: presence\ndata: ticket:{id}\n\n"),
            // The telephone on every page asks only when it is its own; who watches all calls asks a little later.
            Some(Ok(Notice::Calls(users))) if user.is_some_and(|user| users.contains(&user)) => {
                "event: my-call\ndata:\n\nevent: calls\ndata:\n\n".to_owned()
            }
            Some(Ok(Notice::News)) => "event: news\ndata:\n\n".to_owned(),
            Some(Ok(Notice::Calls(_))) => "event: calls\ndata:\n\n".to_owned(),
            Some(Err(RecvError::Lagged(_))) => "event: resync\ndata:\n\n".to_owned(),
            Some(Err(RecvError::Closed)) => return None,
        };
        Some((line(text), (notices, around, stop, false)))
    });
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        // Neither our compression nor a proxy's buffer may hold an event back.
        .insert_header((header::CONTENT_ENCODING, "identity"))
        .insert_header(("X-Accel-Buffering", "no"))
        .streaming(Box::pin(lines)))
}

fn line(text: impl Into<web::Bytes>) -> Result<web::Bytes, Infallible> {
    Ok(text.into())
}
