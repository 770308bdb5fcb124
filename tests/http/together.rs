//! Contacts that arrive at the same moment share a transaction, and each is taken in as if it were alone.
use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;

use serde_json::Value;

use crate::support::*;

fn contact(name: &str, from: &str) -> Value {
    json!({ "channel": "email", "account": "many", "external_id": name, "from": from, "text": format!("richiesta {name}") })
}

on_each_engine! {
    async fn contacts_of_one_moment_are_each_taken_in_once(t: TestApp) {
        let api = t.api(Role::Integration).await;
        // Sixty things from twenty senders, each handed over twice.
        let bodies: Vec<Value> = (0..120).map(|n| contact(&format!("c{}", n % 60), &format!("p{}@example.org", n % 20))).collect();
        let answers = join_all(bodies.iter().map(|body| api.post_json("/api/v1/contacts", body))).await;
        let mut codes: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        let mut made = 0;
        for (body, answer) in bodies.iter().zip(answers) {
            assert!(matches!(answer.status, 200 | 201), "{}", answer.body);
            made += usize::from(answer.status == 201);
            let code = answer.json()["ticket_code"].as_str().unwrap().to_owned();
            codes.entry(body["external_id"].as_str().unwrap()).or_default().insert(code);
        }
        assert_eq!(made, 60, "the second time changes nothing");
        assert!(codes.values().all(|codes| codes.len() == 1), "both times the same ticket: {codes:?}");
        assert_eq!(codes.values().flatten().collect::<BTreeSet<_>>().len(), 60, "a ticket of its own for each");
        for table in ["raw_items", "tickets", "contacts"] {
            assert_eq!(t.number(&format!("SELECT COUNT(*) FROM {table}")).await, 60, "{table}");
        }
        assert_eq!(t.number("SELECT COUNT(*) FROM persons").await, 20, "one sender is one person");
        assert_eq!(t.number("SELECT COUNT(*) FROM identifiers").await, 20);
        let opened = t.event_kinds().await.into_iter().filter(|kind| kind == "ticket.opened").count();
        assert_eq!(opened, 60);
        let strangers = "SELECT COUNT(*) FROM contacts k JOIN raw_items r ON r.id = k.raw_id JOIN tickets t ON t.id = k.ticket_id
            JOIN identifiers i ON i.person_id = t.person_id
            WHERE k.body <> 'richiesta ' || r.external_id OR k.from_address <> i.value OR k.person_id <> t.person_id";
        assert_eq!(t.number(strangers).await, 0, "raw item, contact, ticket and person belong together");
    }

    async fn one_that_cannot_be_taken_in_harms_no_other(t: TestApp) {
        t.execute("INSERT INTO raw_items (channel, account, external_id, received_at, size, state) VALUES ('email', 'many', 'bad', 0, 0, 'quarantined')").await;
        let api = t.api(Role::Integration).await;
        let names: Vec<String> = (0..40).map(|n| if n % 10 == 5 { "bad".to_owned() } else { format!("c{n}") }).collect();
        let bodies: Vec<Value> = names.iter().map(|name| contact(name, &format!("{name}@example.org"))).collect();
        let answers = join_all(bodies.iter().map(|body| api.post_json("/api/v1/contacts", body))).await;
        for (name, answer) in names.iter().zip(answers) {
            assert_eq!(answer.status, if name == "bad" { 422 } else { 201 }, "{name}: {}", answer.body);
        }
        assert_eq!(t.number("SELECT COUNT(*) FROM contacts").await, 36);
    }
}
