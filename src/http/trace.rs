//! One trace id and one log line a request, and its metrics. The line names the route's pattern, never the
//! address itself: codes and searches of citizens are in addresses.
use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, web};
use rand::RngExt;
use tracing::Instrument;

use crate::kernel::Kernel;
use crate::kernel::request::TraceId;

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// Wraps a request in a span with its trace id (W3C Trace Context), and tells about it when answered.
pub async fn request(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let started = Instant::now();
    let trace = req.headers().get(&TRACEPARENT).and_then(|v| trace_id(v.to_str().ok()?)).unwrap_or_else(random_trace);
    let metrics = req.app_data::<web::Data<Kernel>>().map(|k| k.metrics.clone());
    let method = req.method().clone();
    req.extensions_mut().insert(TraceId(trace.clone()));
    let span = tracing::info_span!("request", trace_id = %trace);
    let mut res = next.call(req).instrument(span.clone()).await?;
    let seconds = started.elapsed().as_secs_f64();
    let status = res.status().as_u16();
    if let Some(metrics) = metrics {
        metrics.requests.with_label_values(&[method_label(method.as_str()), &status.to_string()]).inc();
        metrics.request_seconds.observe(seconds);
    }
    let route = res.request().match_pattern().unwrap_or_else(|| "unmatched".to_owned());
    let duration_ms = (seconds * 100_000.0).round() / 100.0;
    span.in_scope(|| {
        if matches!(route.as_str(), "/healthz" | "/readyz" | "/metrics" | "/assets/{name:.*}") && status < 500 {
            tracing::debug!(http.method = %method, http.route = route, http.status = status, duration_ms, "{method} {route} {status}");
        } else {
            tracing::info!(http.method = %method, http.route = route, http.status = status, duration_ms, "{method} {route} {status}");
        }
    });
    if let Ok(value) = HeaderValue::from_str(&format!("00-{trace}-{:016x}-01", rand::rng().random::<u64>())) {
        res.headers_mut().insert(TRACEPARENT, value);
    }
    Ok(res)
}

/// Methods are the caller's text; only known ones become labels.
fn method_label(method: &str) -> &'static str {
    ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"].into_iter().find(|m| *m == method).unwrap_or("other")
}

fn random_trace() -> String {
    format!("{:032x}", rand::rng().random::<u128>())
}

/// The trace id of a `traceparent` header: `00-<32 hex>-<16 hex>-<2 hex>`, not all zeros.
fn trace_id(header: &str) -> Option<String> {
    let mut parts = header.split('-');
    let (version, trace, parent) = (parts.next()?, parts.next()?, parts.next()?);
    let hex = |text: &str, length| text.len() == length && text.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'));
    let valid = hex(version, 2) && version != "ff" && hex(trace, 32) && hex(parent, 16) && trace.contains(|c| c != '0');
    valid.then(|| trace.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_continues_only_when_it_is_well_formed() {
        let good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        assert_eq!(trace_id(good).as_deref(), Some("4bf92f3577b34da6a3ce929d0e0e4736"));
        for wrong in ["", "00-x-y-01", "00-00000000000000000000000000000000-00f067aa0ba902b7-01", "4bf92f3577b34da6"] {
            assert_eq!(trace_id(wrong), None, "{wrong}");
        }
    }
}
