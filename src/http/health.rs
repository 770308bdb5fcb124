//! Probes and metrics.
//!
//! `/healthz` says that the process answers; `/readyz` that it can do its work: write and read the database,
//! reach the blobs. `/metrics` holds figures of the installation, so only callers on a loopback or private
//! address get it (behind a proxy, the address that the proxy saw); others find nothing there.
use std::net::IpAddr;

use actix_web::{HttpRequest, HttpResponse, web};
use jiff::SignedDuration;
use serde_json::{Map, Value, json};

use crate::intake::reading::ReceivingStatus;
use crate::kernel::problem::Problem;
use crate::kernel::request::peer;
use crate::kernel::{Kernel, events, leases};
use crate::outbox;

/// Mounts the probes.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/healthz").route(web::get().to(healthz)))
        .service(web::resource("/readyz").route(web::get().to(readyz)))
        .service(web::resource("/metrics").route(web::get().to(metrics)));
}

async fn healthz() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ok\n")
}

async fn readyz(kernel: web::Data<Kernel>, mail: web::Data<ReceivingStatus>) -> HttpResponse {
    let (database, blobs, readers, outbox) = futures_util::join!(
        check_database(&kernel),
        check_blobs(&kernel),
        reader_lags(&kernel),
        outbox::standing(&kernel)
    );
    let ready = database.is_ok() && blobs.is_ok() && !kernel.stop.is_cancelled();
    let word = |check: &Result<(), &'static str>| Value::from(check.err().unwrap_or("ok"));
    let body = json!({
        "ready": ready,
        "checks": {"database": word(&database), "blobs": word(&blobs), "stopping": kernel.stop.is_cancelled()},
        // Late readers make pages old, not wrong: told, but no reason to send callers elsewhere.
        "reader_lag_seconds": readers,
        // A mail server that is down is for people to see; this node serves all the same.
        "mailboxes": mail.details(),
        "outbox": outbox.ok().map(|o| json!({
            "pending": o.pending, "failed": o.failed, "oldest_seconds": o.oldest_age(kernel.now()).as_secs(),
        })),
    });
    if ready { HttpResponse::Ok().json(body) } else { HttpResponse::ServiceUnavailable().json(body) }
}

/// Writes a lease that nobody holds: the cheapest durable commit there is.
async fn check_database(kernel: &Kernel) -> Result<(), &'static str> {
    match leases::hold(&kernel.db, "readiness", &kernel.node, kernel.now(), SignedDuration::ZERO).await {
        Ok(_) => Ok(()),
        Err(e) => {
            tracing::warn!("not ready, database: {e}");
            Err("cannot be written")
        }
    }
}

async fn check_blobs(kernel: &Kernel) -> Result<(), &'static str> {
    match kernel.blobs.check().await {
        Ok(()) => Ok(()),
        Err(e) => {
            tracing::warn!("not ready, blobs: {e}");
            Err("cannot be written and read")
        }
    }
}

/// For each reader of the feed, the age in seconds of the oldest event it has not read.
async fn reader_lags(kernel: &Kernel) -> Map<String, Value> {
    let Ok(mut conn) = kernel.db.read().await else {
        return Map::new();
    };
    let now = kernel.now();
    let lags = events::lags(&mut conn).await.unwrap_or_default();
    lags.into_iter().map(|(name, oldest)| (name, oldest.map_or(0, |at| now.since(at).as_secs()).into())).collect()
}

async fn metrics(req: HttpRequest, kernel: web::Data<Kernel>) -> Result<HttpResponse, Problem> {
    if !is_near(&peer(&req)) {
        return Err(Problem::not_found());
    }
    Ok(HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(kernel.metrics.render()))
}

/// Whether an address is of this machine or of a private network.
fn is_near(address: &str) -> bool {
    match address.parse::<IpAddr>().map(|ip| ip.to_canonical()) {
        Ok(IpAddr::V4(ip)) => ip.is_loopback() || ip.is_private(),
        Ok(IpAddr::V6(ip)) => ip.is_loopback() || ip.is_unique_local(),
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::is_near;

    #[test]
    fn metrics_are_for_near_addresses() {
        for near in ["127.0.0.1", "::1", "10.1.2.3", "192.168.0.9", "fd00::1", "::ffff:127.0.0.1"] {
            assert!(is_near(near), "{near}");
        }
        for far in ["8.8.8.8", "2001:db8::1", "", "unknown"] {
            assert!(!is_near(far), "{far}");
        }
    }
}
