//! The agents' desk by its pages: from a contact that arrives to the ticket closed, with colleagues in the way.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[macro_use]
mod support;

mod desk {
    mod callers;
    mod colleagues;
    mod contacts;
    mod life;
    mod queues;
    mod search;

    use std::sync::Arc;

    use sportello::tickets::queues::Counter;

    use crate::support::*;

    /// A contact handed over by another system; the code of its ticket.
    pub async fn contact(t: &TestApp, external_id: &str, from: &str, subject: &str, text: &str) -> String {
        let api = t.api(Role::Integration).await;
        let body = json!({
            "channel": "email", "external_id": external_id, "from": from, "subject": subject, "text": text,
        });
        let answer = api.post_json("/api/v1/contacts", &body).await;
        assert!(matches!(answer.status, 200 | 201), "{}", answer.body);
        answer.json()["ticket_code"].as_str().unwrap().to_owned()
    }

    /// Brings the counts of the queues up to date.
    pub async fn count(t: &TestApp) {
        t.read_feed(Arc::new(Counter)).await;
    }

    /// The address of something on a ticket.
    pub fn at(code: &str, what: &str) -> String {
        format!("/scrivania/pratiche/{code}{what}")
    }

    /// The version that the forms of a ticket's page carry.
    pub async fn version(who: &Browser, code: &str) -> String {
        let page = who.get(&at(code, "")).await.expect(200);
        page.between("name=\"version\" value=\"", "\"").unwrap().to_owned()
    }
}
