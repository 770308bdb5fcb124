//! Operating protocols and legal clocks: from a contact that arrives to its terms met, suspended or missed, by the
//! pages and through the API.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[macro_use]
mod support;

mod clocks {
    mod acts;
    mod figures;
    mod life;
    mod pages;

    use std::sync::Arc;

    use sportello::protocols::{self, Follower};

    use crate::support::*;

    /// A calendar of the office: mornings from Monday to Friday, holidays, 24 June.
    pub fn office() -> serde_json::Value {
        let morning = "8:00-14:00";
        json!({
            "name": "Uffici", "week": [morning, morning, morning, morning, morning, "", ""],
            "holidays": true, "patron": "06-24", "closures": [],
        })
    }

    /// A term of a protocol.
    pub fn phase(subject: &str, kind: &str, amount: i64, unit: &str) -> serde_json::Value {
        json!({
            "subject": subject, "kind": kind, "amount": amount, "unit": unit, "roll": "festive",
            "warn_percent": 80, "waits": kind == "answer", "tells": true,
        })
    }

    /// A protocol for a category; 0 for all.
    pub fn protocol(category: i64, phases: &[serde_json::Value]) -> serde_json::Value {
        let categories: Vec<i64> = (category != 0).then_some(category).into_iter().collect();
        json!({
            "name": "Protocollo", "enabled": true, "source": "L. 241/1990, art. 2", "calendar": 1,
            "categories": categories, "units": [], "phases": phases, "documents_days": 30, "documents_once": true,
            "notice_days": 10, "notice_effect": "suspends", "silence": "",
        })
    }

    /// Saves the first calendar, from the beginning of the year.
    pub async fn calendar(t: &TestApp) {
        let body = json!({ "expected": 0, "valid_from": "2026-01-01", "body": office() });
        t.api(Role::Admin).await.send_json(reqwest::Method::PUT, "/api/v1/calendars/uffici", &body).await.expect(200);
    }

    /// Saves a protocol, from the beginning of the year.
    pub async fn save(t: &TestApp, slug: &str, body: serde_json::Value) {
        let body = json!({ "expected": 0, "valid_from": "2026-01-01", "body": body });
        t.api(Role::Admin)
            .await
            .send_json(reqwest::Method::PUT, &format!("/api/v1/protocols/{slug}"), &body)
            .await
            .expect(200);
    }

    /// The usual protocol: charge taken in a day, non-appropriateness in two, answer in fifteen.
    pub async fn usual(t: &TestApp) {
        calendar(t).await;
        let phases = [
            phase("ticket", "take_charge", 1, "working_days"),
            phase("ticket", "answer", 15, "calendar_days"),
            phase("leg", "receipt", 1, "working_days"),
            phase("leg", "non_appropriateness", 2, "working_days"),
            phase("leg", "answer", 10, "calendar_days"),
        ];
        save(t, "usual", protocol(0, &phases)).await;
    }

    /// A request by mail; the code of its ticket.
    pub async fn arrives(t: &TestApp) -> String {
        let known = t.number("SELECT COUNT(*) FROM contacts").await;
        let body = json!({
            "channel": "email", "external_id": format!("m{known}"), "from": "anna.neri@example.com",
            "subject": "Carta di identità", "text": "Vorrei sapere quando è pronta.",
        });
        let api = t.api(Role::Integration).await;
        let code = api.post_json("/api/v1/contacts", &body).await.expect(201).json()["ticket_code"].clone();
        code.as_str().unwrap().to_owned()
    }

    /// Reads the feed to its end.
    pub async fn read(t: &TestApp) {
        t.read_feed(Arc::new(Follower::new(t.kernel.config.zone()))).await;
    }

    /// Lets the job tell what is due.
    pub async fn mark(t: &TestApp) {
        read(t).await;
        protocols::mark(&t.kernel).await.unwrap();
        read(t).await;
    }

    /// The terms of a ticket: phase, with its leg's kind of subject, and how it stands.
    pub async fn states(t: &TestApp) -> Vec<String> {
        read(t).await;
        t.texts("SELECT CASE WHEN leg_id = 0 THEN '' ELSE 'leg ' END || phase || ' ' || state FROM clocks ORDER BY id")
            .await
    }

    /// When the term of a phase is due on a ticket, RFC 3339.
    pub async fn due(t: &TestApp, code: &str, phase: &str) -> Option<String> {
        read(t).await;
        let api = t.api(Role::Agent).await;
        let terms = api.get(&format!("/api/v1/tickets/{code}/terms")).await.expect(200).json();
        let owed = terms.as_array().unwrap().iter().rev().find(|term| term["phase"] == phase).unwrap().clone();
        owed["due_at"].as_str().map(str::to_owned)
    }

    /// Row id of the latest term of a phase.
    pub async fn term(t: &TestApp, phase: &str) -> i64 {
        read(t).await;
        t.number(&format!("SELECT MAX(id) FROM clocks WHERE phase = '{phase}'")).await
    }

    /// Where a ticket's page is.
    pub fn at(code: &str, rest: &str) -> String {
        format!("/scrivania/pratiche/{code}{rest}")
    }
}
