//! Many reports of one thing: gathered below one ticket, answered together, let go again.
use std::sync::Arc;
use std::time::Duration;

use sportello::supervision::Closures;
use sportello::tickets::incidents;

use super::{at, contact, count};
use crate::support::*;

const DARK: &str = "Da ieri sera tutti i lampioni di via Garibaldi sono spenti, la strada è al buio";

/// Tickets of different citizens about the same street lights; the code of each.
async fn reports(t: &TestApp, n: usize) -> Vec<String> {
    let mut codes = Vec::new();
    for i in 0..n {
        let from = format!("cittadino{i}@example.org");
        codes.push(contact(t, &format!("buio{i}"), &from, "Lampioni spenti", DARK).await);
    }
    codes
}

async fn attach(t: &TestApp, child: &str, parent: &str) -> Answer {
    t.api(Role::Agent).await.post_json(&format!("/api/v1/tickets/{child}/attach"), &json!({ "below": parent })).await
}

async fn deliver(t: &TestApp) -> u64 {
    incidents::deliver(&t.kernel).await.unwrap()
}

/// Recipients of answers, by ticket.
async fn answered(t: &TestApp) -> Vec<String> {
    t.texts("SELECT recipient FROM outbox WHERE purpose = 'reply' ORDER BY ticket_id").await
}

/// Waits until so many tickets in work were learnt.
async fn learnt(t: &TestApp, count: usize) {
    for _ in 0..4_800 {
        if t.services.precedents.in_work() == count {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("{} tickets were learnt, not {count}", t.services.precedents.in_work());
}

on_each_engine! {
    async fn one_answer_reaches_every_citizen_under_their_own_code(t: TestApp) {
        let codes = reports(&t, 4).await;
        let (parent, children) = codes.split_first().unwrap();
        let agent = t.sign_in(Role::Agent).await;
        agent.post_form(&at(parent, "/prendi"), &[]).await.expect(303);
        let mut fields: Vec<(&str, &str)> = children.iter().map(|c| ("ticket", c.as_str())).collect();
        fields.push(("reason", "stesso guasto"));
        let done = agent.post_form(&at(parent, "/raccogli"), &fields).await.expect(303);
        assert_eq!(done.location(), at(parent, "?fatto=gathered"));

        let part = agent.get(&at(parent, "/raccolte")).await.expect(200);
        assert!(part.has("3 segnalazioni raccolte") && part.has("3 ancora in lavorazione"), "{}", part.body);
        for child in children {
            assert!(part.has(&at(child, "")), "{child}: {}", part.body);
            assert!(agent.get(&at(child, "/raccolte")).await.expect(200).has(&at(parent, "")));
        }
        count(&t).await;
        assert!(agent.get("/scrivania/coda/mie").await.expect(200).has("4 pratiche"), "who has the one has them all");

        let page = agent.get(&at(parent, "/rispondi-a-tutte")).await.expect(200);
        assert!(page.has("di 3 pratiche raccolte"), "{}", page.body);
        let fields = [("text", "I lampioni di via Garibaldi sono di nuovo accesi."), ("next", "close"), ("outcome", "answered")];
        agent.post_form(&at(parent, "/rispondi-a-tutte"), &fields).await.expect(303);
        assert_eq!(deliver(&t).await, 4);
        let to: Vec<String> = (0..4).map(|i| format!("cittadino{i}@example.org")).collect();
        assert_eq!(answered(&t).await, to);
        assert_eq!(deliver(&t).await, 0, "nobody is answered twice");
        assert_eq!(t.number("SELECT COUNT(*) FROM tickets WHERE state = 'closed' AND outcome = 'answered'").await, 4);
        let part = agent.get(&at(parent, "/raccolte")).await.expect(200);
        assert!(part.has("Inviata a tutte: 4 su 4") && part.has("nessuna ancora in lavorazione"), "{}", part.body);

        // Each mail names the code of its own citizen and of nobody else.
        for (i, code) in codes.iter().enumerate() {
            let grouped = sportello::kernel::codes::grouped(code);
            let payload = t.texts(&format!("SELECT payload FROM outbox WHERE purpose = 'reply' AND recipient = 'cittadino{i}@example.org'")).await.remove(0);
            assert!(payload.contains(&grouped), "{payload}");
            for other in codes.iter().filter(|other| *other != code) {
                assert!(!payload.contains(other.as_str()) && !payload.contains(&sportello::kernel::codes::grouped(other)), "{payload}");
            }
        }
    }

    async fn a_citizen_whom_nothing_leads_to_is_named_and_the_others_are_answered(t: TestApp) {
        let codes = reports(&t, 2).await;
        let api = t.api(Role::Integration).await;
        let withheld = json!({ "channel": "phone", "external_id": "anonima", "from": "anonymous", "subject": "Buio", "text": "Telefonata anonima: lampioni spenti in via Garibaldi" });
        let anonymous = api.post_json("/api/v1/contacts", &withheld).await.expect(201).json()["ticket_code"].as_str().unwrap().to_owned();
        attach(&t, &codes[1], &codes[0]).await.expect(200);
        attach(&t, &anonymous, &codes[0]).await.expect(200);
        let agent = t.api(Role::Agent).await;
        let path = format!("/api/v1/tickets/{}/answer-all", codes[0]);
        agent.post_json(&path, &json!({ "text": "Riparati.", "then": "resolve" })).await.expect(200);
        assert_eq!(deliver(&t).await, 2);
        let below = agent.get_json(&format!("/api/v1/tickets/{}/below", codes[0])).await.expect(200).json();
        assert_eq!((&below["count"], &below["answers"][0]["sent"], &below["answers"][0]["unreached"]), (&json!(2), &json!(2), &json!(1)));
        let part = t.sign_in(Role::Agent).await.get(&at(&codes[0], "/raccolte")).await.expect(200);
        assert!(part.has(&at(&anonymous, "")) && part.has("non c’è un recapito"), "{}", part.body);
        assert_eq!(t.texts(&format!("SELECT state FROM tickets WHERE code = '{anonymous}'")).await, ["new"], "it stays in work");
    }

    async fn a_ticket_that_the_database_refuses_holds_up_no_other(t: TestApp) {
        let codes = reports(&t, 4).await;
        let (parent, children) = codes.split_first().unwrap();
        let agent = t.sign_in(Role::Agent).await;
        agent.post_form(&at(parent, "/prendi"), &[]).await.expect(303);
        for child in children {
            attach(&t, child, parent).await.expect(200);
        }
        let fields = [("text", "La luce è tornata."), ("next", "stay"), ("outcome", "answered")];
        agent.post_form(&at(parent, "/rispondi-a-tutte"), &fields).await.expect(303);
        let state = |code: &str, state: &str| format!("UPDATE tickets SET state = '{state}' WHERE code = '{code}'");
        let broken = &children[0];
        t.execute(&state(broken, "no such state")).await;
        assert_eq!(deliver(&t).await, 3);
        t.execute(&state(broken, "open")).await;
        assert_eq!((deliver(&t).await, deliver(&t).await), (1, 0));
        assert_eq!(answered(&t).await.len(), 4);
    }

    async fn what_was_gathered_is_let_go_as_it_was(t: TestApp) {
        let codes = reports(&t, 2).await;
        let agent = t.sign_in(Role::Agent).await;
        agent.post_form(&at(&codes[0], "/prendi"), &[]).await.expect(303);
        attach(&t, &codes[1], &codes[0]).await.expect(200);
        let whose = format!("SELECT COALESCE(assignee_id, 0) FROM tickets WHERE code = '{}'", codes[1]);
        assert!(t.number(&whose).await > 0, "whoever has the one above has it");
        agent.post_form(&at(&codes[1], "/stacca"), &[("reason", "è un'altra strada")]).await.expect(303);
        assert_eq!(t.number(&whose).await, 0, "it waits in its unit's queue again");
        assert!(!agent.get(&at(&codes[0], "/raccolte")).await.expect(200).has(&codes[1]));
        assert_eq!(agent.post_form(&at(&codes[1], "/stacca"), &[]).await.status, 409, "let go once");
        attach(&t, &codes[1], &codes[0]).await.expect(200);
        let page = agent.get(&at(&codes[1], "")).await.expect(200);
        assert!(page.has("ha staccato questa pratica da") && page.has("ha raccolto questa pratica in"), "{}", page.body);
    }

    async fn there_is_one_level_and_each_refusal_says_why(t: TestApp) {
        let codes = reports(&t, 4).await;
        attach(&t, &codes[1], &codes[0]).await.expect(200);
        attach(&t, &codes[1], &codes[0]).await.expect(200);
        for (child, parent, status, code) in [
            (&codes[0], &codes[0], 422, "incident_same"),
            (&codes[2], &codes[1], 409, "incident_is_below"),
            (&codes[0], &codes[2], 409, "incident_has_below"),
            (&codes[1], &codes[2], 409, "incident_elsewhere"),
        ] {
            assert_eq!(attach(&t, child, parent).await.expect(status).json()["code"], code);
        }
        let api = t.api(Role::Agent).await;
        assert_eq!(api.post_json(&format!("/api/v1/tickets/{}/merge", codes[0]), &json!({ "into": codes[3] })).await.expect(409).json()["code"], "merge_has_below");
        assert_eq!(api.post_json(&format!("/api/v1/tickets/{}/answer-all", codes[3]), &json!({ "text": "x" })).await.expect(409).json()["code"], "incident_nothing_below");
        assert_eq!(api.post_json(&format!("/api/v1/tickets/{}/answer-all", codes[0]), &json!({ "text": " " })).await.expect(422).json()["code"], "invalid");
        api.post_json(&format!("/api/v1/tickets/{}/close", codes[0]), &json!({ "outcome": "answered" })).await.expect(200);
        assert_eq!(attach(&t, &codes[2], &codes[0]).await.expect(409).json()["code"], "incident_closed");
        let agent = t.sign_in(Role::Agent).await;
        let page = agent.post_form(&at(&codes[0], "/raccogli"), &[("ticket", codes[2].as_str())]).await.expect(422);
        assert!(page.has("è chiusa: riaprila prima") && page.has(&format!("value=\"{}\" checked", codes[2])), "{}", page.body);
    }

    async fn an_incident_that_a_back_office_dealt_with_was_not_closed_at_the_front_office(t: TestApp) {
        let codes = reports(&t, 3).await;
        attach(&t, &codes[1], &codes[0]).await.expect(200);
        let agent = t.sign_in(Role::Agent).await;
        let leg = [("unit", "anagrafe"), ("kind", "competence"), ("question", "Ripristinate la luce?")];
        agent.post_form(&at(&codes[0], "/invii"), &leg).await.expect(303);
        let api = t.api(Role::Agent).await;
        for code in [&codes[1], &codes[2]] {
            api.post_json(&format!("/api/v1/tickets/{code}/close"), &json!({ "outcome": "answered" })).await.expect(200);
        }
        t.read_feed(Arc::new(Closures::new(t.kernel.config.zone()))).await;
        let path = "/api/v1/supervision/closure-rate?from=2026-01-01&to=2026-12-31";
        let supervisor = t.api(Role::Supervisor).await;
        let kept = supervisor.get_json(path).await.expect(200).json();
        assert_eq!((&kept["total"]["closed"], &kept["total"]["strict"]), (&json!(2), &json!(1)), "{kept}");
        let log = supervisor.get_json(&format!("{path}&source=log")).await.expect(200).json();
        assert_eq!(kept["total"], log["total"]);
    }

    async fn who_may_not_work_tickets_gathers_nothing(t: TestApp) {
        let codes = reports(&t, 2).await;
        let referent = t.sign_in(Role::Referent).await;
        for (path, fields) in [("/raccogli", [("ticket", codes[1].as_str())]), ("/stacca", [("reason", "")]), ("/rispondi-a-tutte", [("text", "x")])] {
            assert_eq!(referent.post_form(&at(&codes[0], path), &fields).await.status, 403, "{path}");
        }
        let program = t.api(Role::Integration).await;
        for (what, body) in [("attach", json!({ "below": codes[1] })), ("detach", json!({})), ("answer-all", json!({ "text": "x" }))] {
            assert_eq!(program.post_json(&format!("/api/v1/tickets/{}/{what}", codes[0]), &body).await.status, 403, "{what}");
        }
        assert_eq!(t.number("SELECT COUNT(*) FROM ticket_parents").await + t.number("SELECT COUNT(*) FROM shared_answers").await, 0);
    }

    async fn reports_of_the_same_street_are_proposed_and_others_are_not(t: TestApp) {
        let agent = t.sign_in(Role::Agent).await;
        t.start_background();
        let first = contact(&t, "1", "maria@example.org", "Via Garibaldi al buio", DARK).await;
        let same = contact(&t, "2", "luca@example.org", "Luci", "In V.le Roma tutto bene, ma in via Garibaldi i lampioni sono spenti").await;
        let other = contact(&t, "3", "anna@example.org", "Carta d'identità", "Ho perso la carta di identità, come faccio?").await;
        learnt(&t, 3).await;
        let part = agent.get(&at(&first, "/simili")).await.expect(200);
        assert!(part.has(&at(&same, "")) && part.has("stesso luogo: via Garibaldi") && !part.has(&at(&other, "")), "{}", part.body);
        let page = agent.get(&at(&first, "/raccogli")).await.expect(200);
        assert!(page.has(&format!("value=\"{same}\"")) && !page.has(&format!("value=\"{other}\"")), "{}", page.body);
        let mut found = agent.get(&at(&first, "/raccogli?q=identit%C3%A0")).await.expect(200);
        for _ in 0..4_800 {
            if found.has(&format!("value=\"{other}\"")) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
            found = agent.get(&at(&first, "/raccogli?q=identit%C3%A0")).await.expect(200);
        }
        assert!(found.has(&format!("value=\"{other}\"")), "words find what is not proposed: {}", found.body);
        let said = t.api(Role::Agent).await.get(&format!("/api/v1/tickets/{first}/similar")).await.expect(200).json();
        assert_eq!((&said["duplicates"][0]["code"], &said["duplicates"][0]["place"]), (&json!(same), &json!("via Garibaldi")));

        attach(&t, &same, &first).await.expect(200);
        let part = agent.get(&at(&first, "/simili")).await.expect(200);
        assert!(!part.has(&at(&same, "")), "what is gathered is proposed no more: {}", part.body);
    }
}
