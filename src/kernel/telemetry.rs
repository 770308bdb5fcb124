//! Logs and metrics. Logs are JSON lines with a trace id per request and never hold personal data: no names,
//! addresses, numbers or texts, only codes and ids.
use prometheus::{
    Encoder, Histogram, HistogramOpts, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry, TextEncoder,
};
use tracing_subscriber::EnvFilter;

use super::config::Log;

/// Starts logging to standard error; called once, by the program, not by tests.
pub fn start(log: &Log) {
    let filter = EnvFilter::try_new(&log.filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let set = if log.format == "text" {
        builder.compact().try_init()
    } else {
        builder.json().flatten_event(true).with_current_span(true).with_span_list(false).try_init()
    };
    // A second start (a program embedding this one) keeps the first subscriber.
    drop(set);
}

/// The metrics of this node (`/metrics`, Prometheus text 0.0.4); labels are few and never personal.
#[derive(Debug, Clone)]
pub struct Metrics {
    registry: Registry,
    /// `intake_messages_total{channel,result}`
    pub intake: IntCounterVec,
    /// `outbox_messages_total{lane,result}`
    pub outbox: IntCounterVec,
    /// `outbox_pending`
    pub outbox_pending: IntGauge,
    /// `outbox_failed`
    pub outbox_failed: IntGauge,
    /// `intake_quarantined`
    pub quarantined: IntGauge,
    /// `oldest_unhandled_seconds{queue}`
    pub oldest: IntGaugeVec,
    /// `hook_requests_total{account,result}`
    pub hooks: IntCounterVec,
    /// `mailbox_connected{account}`: 1 or 0.
    pub mailbox_connected: IntGaugeVec,
    /// `mailbox_lag_messages{account}`
    pub mailbox_lag: IntGaugeVec,
    /// `channel_unread{account}`: what arrived and is not read yet.
    pub channel_unread: IntGaugeVec,
    /// `channel_unread_seconds{account}`: age of the oldest of it.
    pub channel_unread_seconds: IntGaugeVec,
    /// `channel_last_call_timestamp_seconds{account}`: the last call of the provider that was accepted.
    pub channel_called: IntGaugeVec,
    /// `outbox_lane_pending{lane}`
    pub lane_pending: IntGaugeVec,
    /// `outbox_lane_oldest_seconds{lane}`
    pub lane_seconds: IntGaugeVec,
    /// `reconciliation_differences{account}`: what peers and database do not agree on, last two weeks.
    pub differences: IntGaugeVec,
    /// `reconciliation_recovered_total{account}`
    pub recovered: IntCounterVec,
    /// `reconciliation_age_seconds`: since the last daily comparison; -1 before the first.
    pub reconciliation_age: IntGauge,
    /// `pec_receipts_missing`: certified messages whose receipt is overdue.
    pub receipts_missing: IntGauge,
    /// `automation_total{what,result}`: runs that rules started, and steps taken.
    pub automation: IntCounterVec,
    /// `automation_standing{what}`: runs that failed or wait, and rules that are paused.
    pub automation_standing: IntGaugeVec,
    /// `sla_breaches_total{kind}`: terms that this process marked as missed.
    pub sla_breaches: IntCounterVec,
    /// `http_requests_total{method,status}`
    pub requests: IntCounterVec,
    /// `http_request_seconds`
    pub request_seconds: Histogram,
    /// `closure_ratio_permille{definition}`: front-office closure rate of the last 30 days.
    pub closure: IntGaugeVec,
    /// `sheet_links_broken`: links of sheets in force that lead nowhere.
    pub broken_links: IntGauge,
    /// `calls_waiting`
    pub calls_waiting: IntGauge,
    /// `call_decision_seconds`: from the question where a call goes to its answer.
    pub call_decision_seconds: Histogram,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// Registers all metrics.
    #[expect(clippy::expect_used, reason = "names and labels are constants that a test renders")]
    pub fn new() -> Self {
        let registry = Registry::new();
        let counters = |name: &str, help: &str, labels: &[&str]| {
            let made = IntCounterVec::new(Opts::new(name, help), labels).expect("constant name");
            registry.register(Box::new(made.clone())).expect("registered once");
            made
        };
        let gauges = |name: &str, help: &str, labels: &[&str]| {
            let made = IntGaugeVec::new(Opts::new(name, help), labels).expect("constant name");
            registry.register(Box::new(made.clone())).expect("registered once");
            made
        };
        let gauge = |name: &str, help: &str| {
            let made = IntGauge::new(name, help).expect("constant name");
            registry.register(Box::new(made.clone())).expect("registered once");
            made
        };
        let request_seconds = Histogram::with_opts(
            HistogramOpts::new("http_request_seconds", "Time to answer a request")
                .buckets(vec![0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0]),
        )
        .expect("constant name");
        registry.register(Box::new(request_seconds.clone())).expect("registered once");
        let call_decision_seconds = Histogram::with_opts(
            HistogramOpts::new("call_decision_seconds", "Time to say where a call goes")
                .buckets(vec![0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1.0]),
        )
        .expect("constant name");
        registry.register(Box::new(call_decision_seconds.clone())).expect("registered once");
        Self {
            intake: counters(
                "intake_messages_total",
                "Contacts taken in, by channel and result",
                &["channel", "result"],
            ),
            outbox: counters("outbox_messages_total", "Attempts to send, by lane and result", &["lane", "result"]),
            outbox_pending: gauge("outbox_pending", "Messages waiting to be sent"),
            outbox_failed: gauge("outbox_failed", "Messages given up, waiting for a person"),
            quarantined: gauge("intake_quarantined", "Raw items that could not be read, waiting for a person"),
            oldest: gauges("oldest_unhandled_seconds", "Age of the oldest item in a queue", &["queue"]),
            hooks: counters("hook_requests_total", "Calls of providers, by account and result", &["account", "result"]),
            mailbox_connected: gauges("mailbox_connected", "Whether a mailbox is connected", &["account"]),
            mailbox_lag: gauges("mailbox_lag_messages", "Messages on the server not yet taken in", &["account"]),
            channel_unread: gauges("channel_unread", "Items of an account that are not read yet", &["account"]),
            channel_unread_seconds: gauges(
                "channel_unread_seconds",
                "Age of the oldest item of an account that is not read yet",
                &["account"],
            ),
            channel_called: gauges(
                "channel_last_call_timestamp_seconds",
                "When an account's provider called last",
                &["account"],
            ),
            lane_pending: gauges("outbox_lane_pending", "Messages waiting to be sent, by lane", &["lane"]),
            lane_seconds: gauges("outbox_lane_oldest_seconds", "Age of the oldest of them", &["lane"]),
            differences: gauges(
                "reconciliation_differences",
                "Differences between what peers handed over and what is stored, last two weeks",
                &["account"],
            ),
            recovered: counters(
                "reconciliation_recovered_total",
                "Items fetched again after a comparison",
                &["account"],
            ),
            reconciliation_age: gauge("reconciliation_age_seconds", "Time since the last daily comparison"),
            receipts_missing: gauge("pec_receipts_missing", "Certified messages whose receipt is overdue"),
            automation: counters("automation_total", "Runs of rules and their steps, by result", &["what", "result"]),
            automation_standing: gauges(
                "automation_standing",
                "Runs of rules that failed or wait, rules that are paused",
                &["what"],
            ),
            sla_breaches: counters("sla_breaches_total", "Terms marked as missed by this process", &["kind"]),
            requests: counters("http_requests_total", "Requests answered", &["method", "status"]),
            request_seconds,
            broken_links: gauge("sheet_links_broken", "Links of sheets in force that lead nowhere"),
            calls_waiting: gauge("calls_waiting", "Calls in a queue or ringing"),
            call_decision_seconds,
            closure: gauges("closure_ratio_permille", "Front-office closure rate, last 30 days", &["definition"]),
            registry,
        }
    }

    /// The metrics as Prometheus text.
    pub fn render(&self) -> String {
        let mut buffer = Vec::new();
        if let Err(e) = TextEncoder::new().encode(&self.registry.gather(), &mut buffer) {
            tracing::error!("metrics: {e}");
        }
        String::from_utf8(buffer).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_register_and_render() {
        let metrics = Metrics::new();
        metrics.intake.with_label_values(&["email", "new"]).inc();
        assert!(metrics.render().contains("intake_messages_total{channel=\"email\",result=\"new\"} 1"));
    }
}
