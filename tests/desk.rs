//! The agents' desk by its pages: from a contact that arrives to the ticket closed, with colleagues in the way.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[macro_use]
mod support;

mod desk {
    mod assignment;
    mod assisted;
    mod bulletins;
    mod callers;
    mod colleagues;
    mod contacts;
    mod counter;
    mod filters;
    mod incidents;
    mod life;
    mod lookups;
    mod merging;
    mod parting;
    mod persons;
    mod precedents;
    mod presence;
    mod queues;
    mod registering;
    mod reopening;
    mod resolving;
    mod search;
    mod unsent;
    mod wordings;

    use std::sync::Arc;

    use sportello::intake::{Incoming, RawSource, ThreadHints};
    use sportello::kernel::events::Actor;
    use sportello::people::Identifier;
    use sportello::tickets::queues::Counter;
    use sportello::tickets::{Channel, RequestKind};

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

    /// A mail that a citizen answers in the conversation of a ticket; the code of the ticket it landed on.
    pub async fn answers(t: &TestApp, id: &str, code: &str, text: &str, automatic: Option<&str>) -> String {
        let from = "maria@example.org";
        let incoming = Incoming {
            answered: Default::default(),
            sheet: None,
            channel: Channel::Email,
            raw: RawSource::Fresh {
                account: "test".to_owned(),
                external_id: id.to_owned(),
                body: Some(text.as_bytes().to_vec()),
                blob: None,
                size: i64::try_from(text.len()).unwrap(),
            },
            evidence: sportello::people::Evidence::Vouched,
            notices: String::new(),
            paper: None,
            identifiers: vec![Identifier::email(from).unwrap()],
            name: String::new(),
            from_address: from.to_owned(),
            to_address: String::new(),
            subject: String::new(),
            text: text.to_owned(),
            quoted: String::new(),
            html: None,
            files: Vec::new(),
            automatic: automatic.map(str::to_owned),
            message_id: None,
            dedupe_key: None,
            thread: ThreadHints { proven: Some((code.to_owned(), None)), ..ThreadHints::default() },
            kind: RequestKind::Information,
            category_id: None,
            owner_unit_id: t.unit("contact-centre").await,
            forwards: false,
            registered_by: None,
            language: "it".to_owned(),
            happened_at: t.kernel.now(),
            actor: Actor::Citizen,
        };
        t.services.intake.take_in(incoming).await.unwrap().code().to_owned()
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
