//! The page of a gateway to which the platform hands text messages, and the reports on them.
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use actix_web::{App, HttpResponse, HttpServer, web};
use anyhow::Context;
use channels::Secret;
use channels::simulate::kannel::report;
use channels::simulate::tone;
use channels::twilio::signature;
use serde::Deserialize;
use serde_json::json;

use super::wire::{Request, Wire};

/// What the network needs to deliver a text.
const ON_THE_WAY: Duration = Duration::from_millis(400);
/// Kannel's words for «delivered», «not delivered» and «taken by the network».
const DELIVERED: u8 = 1;
const FAILED: u8 = 2;
const TAKEN: u8 = 8;

/// What a gateway knows.
#[derive(Debug, Clone)]
pub struct Gateway {
    pub wire: Wire,
    pub secret: Secret,
    pub undelivered: f64,
}

struct State {
    gateway: Gateway,
    count: AtomicU64,
}

/// Takes messages from now on, as long as the program runs.
///
/// # Errors
/// When the address is taken or belongs to another machine.
pub fn listen(address: &str, gateway: Gateway) -> anyhow::Result<()> {
    let state = web::Data::new(State { gateway, count: AtomicU64::new(0) });
    let server = HttpServer::new(move || {
        App::new()
            .app_data(state.clone())
            .route("/cgi-bin/sendsms", web::get().to(kannel))
            .route("/2010-04-01/Accounts/{account}/Messages.json", web::post().to(twilio))
            .route("/2010-04-01/Accounts/{account}.json", web::get().to(known))
    });
    tokio::spawn(server.workers(1).disable_signals().listen(local(address)?)?.run());
    Ok(())
}

/// Gives out the sound of any recording and pauses any talk's from now on, as a provider does.
///
/// # Errors
/// As [`listen`].
pub fn play(address: &str) -> anyhow::Result<()> {
    let server = HttpServer::new(|| {
        App::new()
            .route("/Recordings/{name}", web::get().to(recording))
            .route("/2010-04-01/Accounts/{account}/Calls/{call}/Recordings/Twilio.CURRENT.json", web::post().to(paused))
    });
    tokio::spawn(server.workers(1).disable_signals().listen(local(address)?)?.run());
    Ok(())
}

fn local(address: &str) -> anyhow::Result<std::net::TcpListener> {
    let listener = std::net::TcpListener::bind(address).with_context(|| format!("cannot listen on {address}"))?;
    anyhow::ensure!(listener.local_addr()?.ip().is_loopback(), "simulators listen on this machine only");
    Ok(listener)
}

async fn recording(name: web::Path<String>) -> HttpResponse {
    let seed = name.bytes().fold(0_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
    HttpResponse::Ok().content_type("audio/wav").body(tone(3, seed))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Pause {
    status: String,
}

async fn paused(form: web::Form<Pause>) -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": form.status }))
}

impl State {
    /// Number of the message, and whether it will be delivered.
    fn next(&self) -> (u64, bool) {
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        // Spread evenly, and the same in each run.
        let share = self.gateway.undelivered.clamp(0.0, 1.0);
        let lost = |n: u64| (n as f64 * share).floor();
        (number, lost(number + 1) <= lost(number))
    }
}

#[derive(Deserialize)]
struct SendSms {
    #[serde(default)]
    to: String,
    #[serde(rename = "dlr-url", default)]
    dlr_url: String,
}

async fn kannel(state: web::Data<State>, query: web::Query<SendSms>) -> HttpResponse {
    if query.to.is_empty() {
        return HttpResponse::BadRequest().body("Missing receiver number, rejected");
    }
    let (_, delivered) = state.next();
    let query = query.into_inner();
    tokio::spawn(async move {
        let wire = &state.gateway.wire;
        let verdict = if delivered { DELIVERED } else { FAILED };
        for status in [TAKEN, verdict] {
            tokio::time::sleep(ON_THE_WAY).await;
            let answer = if status == FAILED { "id:0 stat:UNDELIV err:001" } else { "" };
            wire.get(&report(&query.dlr_url, status, &query.to, answer, wire.now())).await;
        }
    });
    HttpResponse::Accepted().body("0: Accepted for delivery")
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Message {
    to: String,
    status_callback: String,
}

async fn twilio(state: web::Data<State>, form: web::Form<Message>) -> HttpResponse {
    let (number, delivered) = state.next();
    let id = format!("SM{number:032x}");
    let (sid, form) = (id.clone(), form.into_inner());
    tokio::spawn(async move {
        let gateway = &state.gateway;
        for status in ["sent", if delivered { "delivered" } else { "undelivered" }] {
            tokio::time::sleep(ON_THE_WAY).await;
            let mut fields = vec![("MessageSid", sid.as_str()), ("To", &form.to), ("MessageStatus", status)];
            if status == "undelivered" {
                fields.push(("ErrorCode", "30003"));
            }
            let Ok(body) = serde_urlencoded::to_string(&fields) else { return };
            let signed = signature(&gateway.secret, &form.status_callback, &body);
            let media_type = "application/x-www-form-urlencoded";
            let headers = [("content-type", media_type), ("x-twilio-signature", signed.as_str())];
            gateway.wire.post(Request { url: &form.status_callback, headers: &headers, body: body.into_bytes() }).await;
        }
    });
    HttpResponse::Created().json(json!({ "sid": id, "status": "queued" }))
}

/// The account exists: asked when an administrator tries it.
async fn known() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "active" }))
}
