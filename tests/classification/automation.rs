//! Rules of automation: drafted, tried, in force; what they do for events, once; waits, failures, loops and pauses.
use std::sync::Arc;

use serde_json::Value;
use sportello::automation::rules::{Follower, Worker};
use sportello::protocols;

use super::fields::activate as classify_by;
use crate::support::*;

async fn draft(t: &TestApp, rules: Value) -> i64 {
    let made = t.api(Role::Admin).await.post_json("/api/v1/rules", &json!({ "rule": rules })).await.expect(201).json();
    made["id"].as_i64().unwrap()
}

async fn activate(t: &TestApp, id: i64) -> Answer {
    t.api(Role::Admin).await.post_json(&format!("/api/v1/rules/{id}/activate"), &json!({})).await
}

async fn in_force(t: &TestApp, rules: Value) -> i64 {
    let id = draft(t, rules).await;
    activate(t, id).await.expect(204);
    id
}

fn rule(name: &str, when: &str, conditions: Value, then: Value) -> Value {
    json!({ "name": name, "when": when, "if": conditions, "then": then })
}

/// A request of the web form; its code.
async fn request(t: &TestApp, kind: &str, category: &str, fields: Value) -> String {
    let body = json!({ "kind": kind, "category": category, "text": "Il lampione è spento", "name": "Marta Neri",
        "email": "marta.neri@example.org", "privacy_accepted": true, "fields": fields });
    let made = t.browser().post_json("/api/v1/public/requests", &body).await.expect(201).json();
    made["code"].as_str().unwrap().to_owned()
}

/// Lets rules do all that is due, as their background tasks would.
async fn work(t: &TestApp) {
    let worker = Worker::new(&t.kernel);
    for _ in 0..8 {
        t.read_feed(Arc::new(Follower::new(&t.kernel))).await;
        let mut done = 0;
        while worker.pass().await.unwrap() > 0 {
            done += 1;
            assert!(done < 200, "rules do not come to an end");
        }
        if done == 0 {
            return;
        }
    }
}

async fn days(t: &TestApp, days: i64) {
    t.clock.advance(SignedDuration::from_hours(24 * days));
    work(t).await;
}

async fn runs(t: &TestApp) -> Vec<String> {
    t.texts("SELECT rule || '|' || state || '|' || reason FROM automation_runs ORDER BY id").await
}

async fn notes(t: &TestApp) -> Vec<String> {
    t.texts("SELECT body FROM contacts WHERE direction = 'note' ORDER BY id").await
}

/// What the citizen was told by rules: channel and words.
async fn told(t: &TestApp) -> Vec<String> {
    t.texts(
        "SELECT c.channel || '|' || c.subject || '|' || c.body FROM contacts c
         JOIN events e ON e.ticket_id = c.ticket_id AND e.kind = 'citizen.told' AND e.data LIKE '%\"contact\":' || c.id || ',%'
         WHERE c.direction = 'out' ORDER BY c.id",
    )
    .await
}

/// Sets answers of a ticket, as an agent does.
async fn set(t: &TestApp, code: &str, fields: Value) {
    let api = t.api(Role::Admin).await;
    let path = format!("/api/v1/tickets/{code}/fields");
    let seen = api.get_json(&path).await.expect(200);
    let mut answers = seen.json()["answers"].clone();
    for (name, value) in fields.as_object().unwrap() {
        answers[name] = json!([value]);
    }
    api.send_json(reqwest::Method::PUT, &path, &answers).await.expect(200);
}

/// The unit of a leg answers it.
async fn answers(t: &TestApp, code: &str, number: i64, text: &str) {
    let path = format!("/api/v1/tickets/{code}/legs/{number}/answer");
    t.api(Role::Admin).await.post_json(&path, &json!({ "text": text })).await.expect(200);
}

fn housing() -> Value {
    json!({ "categories": [
        { "slug": "anagrafe", "name": "Anagrafe", "unit": "anagrafe", "forward": "never" },
        { "slug": "anagrafe/identity-card", "name": "Carta di identità", "unit": "anagrafe", "forward": "never" },
        { "slug": "waste", "name": "Rifiuti", "unit": "contact-centre", "forward": "never" },
        { "slug": "waste/bulky", "name": "Ingombranti", "unit": "contact-centre", "forward": "never" },
        { "slug": "elsewhere", "name": "Altri enti", "not_competent": true, "notice": "Scrivi alla Regione", "forward": "never" },
        { "slug": "sociale", "name": "Sociale", "unit": "anagrafe", "forward": "never" },
        { "slug": "sociale/idoneita", "name": "Idoneità alloggiativa", "unit": "anagrafe", "forward": "never", "fields": [
            { "name": "recapito", "kind": "text", "label": "Indirizzo", "readers": ["citizen"] },
            { "name": "esito", "kind": "choice", "label": "Esito", "readers": [], "choices": [
                { "value": "positivo", "label": "Positivo" }, { "value": "negativo", "label": "Negativo" } ] },
            { "name": "motivo", "kind": "text", "label": "Motivo", "readers": [] },
            { "name": "visita", "kind": "date", "label": "Sopralluogo", "readers": [] } ] } ] })
}

async fn printer(t: &TestApp) {
    let spool = t.kernel.config.data.join("spool/stampa");
    std::fs::create_dir_all(&spool).unwrap();
    let settings = json!({ "folder": spool.display().to_string() });
    let printer = json!({ "name": "stampa", "driver": "letters_print", "settings": settings, "enabled": true });
    t.api(Role::Admin).await.post_json("/api/v1/accounts", &printer).await.expect(201);
}

on_each_engine! {
    async fn a_rule_acts_once_for_each_event_and_the_history_names_it(t: TestApp) {
        let note = json!([{ "do": "note", "text": "{codice}: {oggetto}" }]);
        let waste = json!([{ "on": "category", "is": ["waste"] }, { "on": "kind", "is": ["report"] }]);
        let before = request(&t, "report", "waste/bulky", json!({})).await;
        t.clock.advance(SignedDuration::from_secs(1));
        in_force(&t, json!([rule("Segnalazioni", "ticket.opened", waste, note)])).await;
        let code = request(&t, "report", "waste/bulky", json!({})).await;
        request(&t, "report", "anagrafe", json!({})).await;
        work(&t).await;
        assert_eq!(runs(&t).await, ["Segnalazioni|done|"], "what was before the rules, and what they do not name, is left");
        assert_eq!(notes(&t).await.len(), 1);
        t.execute("DELETE FROM feed_positions WHERE reader = 'automation rules'").await;
        work(&t).await;
        assert_eq!(notes(&t).await.len(), 1, "a feed that is read once more does nothing once more");
        let agent = t.sign_in(Role::Agent).await;
        let page = agent.get(&format!("/scrivania/pratiche/{code}")).await.expect(200);
        assert!(page.has("Sportello (per la regola «Segnalazioni») ha scritto una nota interna"), "{}", page.body);
        let page = agent.get(&format!("/scrivania/pratiche/{before}")).await.expect(200);
        assert!(!page.has("per la regola"));
        let log = t.sign_in(Role::Admin).await.get("/scrivania/automazioni/registro").await.expect(200);
        assert!(log.has("Segnalazioni") && log.has("si apre una pratica") && log.has("Scrivere una nota interna"), "{}", log.body);
    }

    async fn the_housing_certificate_goes_from_the_application_to_the_certificate(t: TestApp) {
        classify_by(&t, &housing()).await;
        t.execute("UPDATE units SET slug = 'edilizia' WHERE slug = 'anagrafe'").await;
        let admin = t.sign_in(Role::Admin).await;
        let made = admin.post_form("/scrivania/automazioni/esempi/housing-certificate", &[]).await.expect(303);
        let page = admin.get(made.location()).await.expect(200);
        assert!(page.has("Quando si apre una pratica, se la classe è Idoneità alloggiativa, allora si avvisa il cittadino"), "{}", page.body);
        assert!(!page.has("Da sistemare"), "{}", page.body);
        admin.post_form(&format!("{}/attiva", made.location()), &[("edition", "1")]).await.expect(303);

        let code = request(&t, "application", "sociale/idoneita", json!({ "recapito": "Via Verdi 9, 67100 L'Aquila" })).await;
        work(&t).await;
        let sent = told(&t).await;
        assert!(sent.len() == 1 && sent[0].starts_with("email|La tua domanda di idoneità alloggiativa|"), "{sent:?}");
        assert_eq!(t.texts("SELECT kind FROM legs").await, ["inquiry"]);
        let page = admin.get(&format!("/scrivania/pratiche/{code}")).await.expect(200);
        let line = "(per la regola «Idoneità alloggiativa: la domanda va in verifica») ha avvisato il cittadino (E-mail)";
        assert!(page.has(line), "{}", page.body);
        assert_eq!(runs(&t).await, ["Idoneità alloggiativa: la domanda va in verifica|waiting|"]);

        days(&t, 3).await;
        answers(&t, &code, 1, "Requisiti presenti: 62 metri quadri per quattro persone.").await;
        work(&t).await;
        assert_eq!(runs(&t).await, ["Idoneità alloggiativa: la domanda va in verifica|done|"]);
        assert_eq!(notes(&t).await.len(), 1, "the agent is asked to write the outcome down");

        set(&t, &code, json!({ "esito": "positivo" })).await;
        work(&t).await;
        let sent = told(&t).await;
        assert!(sent.len() == 2 && sent[1].contains("è pronto. Puoi ritirarlo"), "{sent:?}");
        assert!(!sent.iter().any(|text| text.contains("62 metri")), "what units write reaches no citizen by a rule");
        set(&t, &code, json!({ "motivo": "nessuno" })).await;
        days(&t, 29).await;
        assert_eq!(told(&t).await.len(), 2, "another field tells nothing twice");
        days(&t, 1).await;
        assert_eq!(told(&t).await.len(), 3, "who has not come is reminded");
        assert_eq!(runs(&t).await[1], "Idoneità alloggiativa: esito positivo|done|");
    }

    async fn the_housing_certificate_is_refused_by_letter_with_the_reason(t: TestApp) {
        classify_by(&t, &housing()).await;
        t.execute("UPDATE units SET slug = 'edilizia' WHERE slug = 'anagrafe'").await;
        printer(&t).await;
        let toml = include_str!("../../examples/automation/housing-certificate.toml");
        let api = t.api(Role::Admin).await;
        let put = api.request(reqwest::Method::POST, "/api/v1/rules").header("content-type", "application/toml").body(toml);
        let id = api.send(put).await.expect(201).json()["id"].as_i64().unwrap();
        activate(&t, id).await.expect(204);
        let code = request(&t, "application", "sociale/idoneita", json!({ "recapito": "Via Verdi 9, 67100 L'Aquila" })).await;
        work(&t).await;
        days(&t, 31).await;
        assert_eq!(runs(&t).await, ["Idoneità alloggiativa: la domanda va in verifica|done|"], "a unit that is silent holds nothing up");
        set(&t, &code, json!({ "esito": "negativo", "motivo": "la superficie è insufficiente" })).await;
        work(&t).await;
        let letter = told(&t).await.pop().unwrap();
        assert!(letter.starts_with("letter|Domanda di idoneità alloggiativa: diniego|"), "{letter}");
        assert!(letter.contains("Motivo: la superficie è insufficiente") && letter.contains("Gentile Marta Neri"), "{letter}");
        assert_eq!(t.texts("SELECT to_address FROM contacts WHERE channel = 'letter'").await, ["Marta Neri\nVia Verdi 9, 67100 L'Aquila"]);
        assert_eq!(t.number("SELECT COUNT(*) FROM outbox WHERE lane = 'account:stampa'").await, 1);
    }

    async fn a_field_that_the_citizen_does_not_see_stays_empty_unless_the_rule_releases_it(t: TestApp) {
        classify_by(&t, &housing()).await;
        let tell = json!([{ "do": "notify", "to": "citizen", "subject": "Novità", "text": "[{campo:motivo}] [{campo:recapito}]" }]);
        in_force(&t, json!([rule("Avviso", "ticket.fields_set", json!([]), tell)])).await;
        let code = request(&t, "application", "sociale/idoneita", json!({ "recapito": "Via Verdi 9" })).await;
        set(&t, &code, json!({ "motivo": "riservato" })).await;
        work(&t).await;
        let sent = told(&t).await;
        assert!(sent.len() == 1 && sent[0].contains("[] [Via Verdi 9]"), "{sent:?}");
    }

    async fn every_step_is_taken_by_the_use_case_that_people_use(t: TestApp) {
        classify_by(&t, &housing()).await;
        let protocol = json!({ "expected": 0, "valid_from": "2026-03-02", "body": protocol(&t).await });
        t.api(Role::Admin).await.send_json(reqwest::Method::PUT, "/api/v1/protocols/sopralluogo", &protocol).await.expect(200);
        t.execute("INSERT INTO event_subscriptions (name, url, secret, kinds, enabled, created_at)
            VALUES ('Gestionale', 'https://gestionale.example/ganci', 'file:gancio', 'ticket.closed', TRUE, 0)").await;
        t.user(Role::Agent).await;
        let steps = json!([
            { "do": "assign", "unit": "counter", "agent": "agent@example.it" },
            { "do": "set_field", "name": "visita", "value": "2026-03-10" },
            { "do": "start_clock", "protocol": "sopralluogo", "phase": "answer" },
            { "do": "open_child", "subject": "Sopralluogo per {codice}", "text": "Vai a vedere", "category": "sociale", "unit": "contact-centre" },
            { "do": "webhook", "subscription": "Gestionale" },
            { "do": "leg", "unit": "anagrafe", "kind": "knowledge", "text": "Per conoscenza: {oggetto}" },
            { "do": "notify", "to": "agent", "subject": "Da fare", "text": "{codice}" },
            { "do": "wait_date", "field": "visita", "days": -1 },
            { "do": "note", "text": "Domani il sopralluogo" } ]);
        let when = json!([{ "on": "category", "is": ["sociale/idoneita"] }]);
        in_force(&t, json!([rule("Tutto", "ticket.opened", when, steps)])).await;
        let code = request(&t, "application", "sociale/idoneita", json!({})).await;
        work(&t).await;
        t.read_feed(Arc::new(protocols::Follower::new(t.kernel.config.zone()))).await;
        let row = format!("SELECT u.slug || '|' || a.login || '|' || t.state FROM tickets t JOIN units u ON u.id = t.owner_unit_id
            JOIN users a ON a.id = t.assignee_id WHERE t.code = '{code}'");
        assert_eq!(t.texts(&row).await, ["counter|agent@example.it|open"]);
        assert_eq!(t.texts("SELECT phase || ' ' || state FROM clocks ORDER BY id").await.last().unwrap(), "answer running");
        let child = t.texts("SELECT c.subject || '|' || u.slug FROM ticket_parents p JOIN tickets c ON c.id = p.child_id
            JOIN units u ON u.id = c.owner_unit_id").await;
        assert!(child.len() == 1 && child[0].starts_with("Sopralluogo per ") && child[0].ends_with("|contact-centre"), "{child:?}");
        assert_eq!(t.texts("SELECT kind || '|' || state FROM event_deliveries").await, ["rule.called|pending"]);
        assert_eq!(t.texts("SELECT kind FROM legs").await, ["knowledge"]);
        let results = t.texts("SELECT kind || ' ' || result FROM automation_steps ORDER BY id").await;
        assert_eq!(results[6..], ["notify skipped".to_owned(), "wait_date waiting".to_owned()], "without a mail server nobody is mailed");
        let page = t.sign_in(Role::Agent).await.get(&format!("/scrivania/pratiche/{code}")).await.expect(200);
        for line in ["l&#39;ha assegnata a Agent Prova", "ha passato la titolarità", "ha fatto partire il termine «Risposta»"] {
            assert!(page.has(&format!("Sportello (per la regola «Tutto») {line}")), "{line}: {}", page.body);
        }
        days(&t, 6).await;
        assert!(!notes(&t).await.contains(&"Domani il sopralluogo".to_owned()));
        // The morning of the 9th has come.
        days(&t, 1).await;
        assert!(notes(&t).await.contains(&"Domani il sopralluogo".to_owned()));
    }

    async fn what_fails_is_seen_and_tried_again(t: TestApp) {
        let steps = json!([{ "do": "notify", "to": "citizen", "by": "letter", "subject": "Avviso", "text": "Buongiorno",
            "postal": "{nome}\nVia Roma 1, 67100 L'Aquila" }, { "do": "note", "text": "Spedita" }]);
        in_force(&t, json!([rule("Lettera", "ticket.opened", json!([]), steps)])).await;
        request(&t, "report", "waste", json!({})).await;
        work(&t).await;
        assert_eq!(runs(&t).await, ["Lettera|failed|no_address"]);
        assert_eq!(notes(&t).await.len(), 0, "what comes after a step that failed waits for it");
        let admin = t.sign_in(Role::Admin).await;
        let log = admin.get("/scrivania/automazioni/registro?stato=failed").await.expect(200);
        assert!(log.has("recapito che raggiunga il cittadino") && log.has("Riprova"), "{}", log.body);
        assert!(admin.get("/scrivania/automazioni").await.expect(200).has("Una regola non è riuscita"));
        assert!(admin.get("/scrivania/automazioni/conteggio").await.expect(200).has("1"));
        printer(&t).await;
        let id = t.number("SELECT id FROM automation_runs").await;
        admin.post_form(&format!("/scrivania/automazioni/registro/{id}/riprova"), &[]).await.expect(303);
        work(&t).await;
        assert_eq!(runs(&t).await, ["Lettera|done|"]);
        assert_eq!(notes(&t).await, ["Spedita"]);
        t.api(Role::Admin).await.post_json(&format!("/api/v1/rules/runs/{id}/retry"), &json!({})).await.expect(404);
    }

    async fn rules_that_chase_each_other_are_stopped(t: TestApp) {
        classify_by(&t, &housing()).await;
        let to = |value: &str| json!([{ "do": "set_field", "name": "esito", "value": value }]);
        let is = |value: &str| json!([{ "on": "field", "name": "esito", "is": [value] }]);
        in_force(&t, json!([
            rule("Al contrario", "ticket.fields_set", is("positivo"), to("negativo")),
            rule("E indietro", "ticket.fields_set", is("negativo"), to("positivo")) ])).await;
        let code = request(&t, "application", "sociale/idoneita", json!({})).await;
        set(&t, &code, json!({ "esito": "positivo" })).await;
        work(&t).await;
        let all = runs(&t).await;
        assert_eq!(all.last().unwrap(), "Al contrario|stopped|loop", "{all:?}");
        assert_eq!(all.len(), 5, "{all:?}");
        let log = t.sign_in(Role::Admin).await.get("/scrivania/automazioni/registro").await.expect(200);
        assert!(log.has("scattava per effetto di sé stessa"), "{}", log.body);
    }

    async fn a_rule_that_starts_too_often_is_paused_and_what_it_held_is_done_later(t: TestApp) {
        let mut busy = rule("Tante", "ticket.opened", json!([]), json!([{ "do": "note", "text": "Vista" }]));
        busy["most_per_hour"] = json!(2);
        in_force(&t, json!([busy])).await;
        for _ in 0..4 {
            request(&t, "report", "waste", json!({})).await;
        }
        work(&t).await;
        assert_eq!(runs(&t).await, ["Tante|done|", "Tante|done|", "Tante|held|paused", "Tante|held|paused"]);
        assert_eq!(t.number("SELECT COUNT(*) FROM events WHERE kind = 'automation.paused'").await, 1);
        let admin = t.sign_in(Role::Admin).await;
        let page = admin.get("/scrivania/automazioni").await.expect(200);
        assert!(page.has("è scattata troppe volte in un'ora") || page.has("è scattata troppe volte in un&#39;ora"), "{}", page.body);
        admin.post_form("/scrivania/automazioni/riprendi", &[("rule", "Tante"), ("held", "run")]).await.expect(303);
        work(&t).await;
        assert_eq!(notes(&t).await.len(), 4);
        let pause = json!({ "rule": "Tante", "paused": true });
        t.api(Role::Admin).await.post_json("/api/v1/rules/pauses", &pause).await.expect(204);
        t.clock.advance(SignedDuration::from_hours(2));
        request(&t, "report", "waste", json!({})).await;
        work(&t).await;
        assert_eq!(notes(&t).await.len(), 4);
        let resume = json!({ "rule": "Tante", "paused": false });
        t.api(Role::Admin).await.post_json("/api/v1/rules/pauses", &resume).await.expect(204);
        work(&t).await;
        assert_eq!(runs(&t).await[4], "Tante|stopped|dropped");
    }

    async fn a_mail_that_looks_automatic_starts_nothing(t: TestApp) {
        in_force(&t, json!([rule("Tutte", "ticket.opened", json!([]), json!([{ "do": "note", "text": "Vista" }]))])).await;
        request(&t, "report", "waste", json!({})).await;
        t.execute("UPDATE contacts SET automatic = 'auto-submitted'").await;
        work(&t).await;
        assert!(runs(&t).await.is_empty());
    }

    async fn what_waits_goes_on_by_its_own_version_and_stops_when_rules_are_retired(t: TestApp) {
        let steps = |text: &str| json!([{ "do": "wait", "amount": 2, "unit": "hours" }, { "do": "note", "text": text }]);
        in_force(&t, json!([rule("Attesa", "ticket.opened", json!([]), steps("prima"))])).await;
        request(&t, "report", "waste", json!({})).await;
        work(&t).await;
        let second = in_force(&t, json!([rule("Attesa", "ticket.opened", json!([]), steps("seconda"))])).await;
        t.clock.advance(SignedDuration::from_hours(2));
        work(&t).await;
        assert_eq!(notes(&t).await, ["prima"]);
        request(&t, "report", "waste", json!({})).await;
        work(&t).await;
        t.api(Role::Admin).await.post_json(&format!("/api/v1/rules/{second}/retire"), &json!({})).await.expect(204);
        days(&t, 1).await;
        assert_eq!(notes(&t).await, ["prima"]);
        assert_eq!(runs(&t).await[1], "Attesa|stopped|retired");
        // A version that was can be had back.
        activate(&t, second).await.expect(204);
        activate(&t, second).await.expect(409);
    }

    async fn a_rule_that_waits_ends_with_a_ticket_that_is_merged(t: TestApp) {
        let steps = json!([{ "do": "wait", "amount": 1, "unit": "hours" },
            { "do": "notify", "to": "citizen", "subject": "Avviso", "text": "{codice}" }]);
        in_force(&t, json!([rule("Attesa", "ticket.opened", json!([]), steps)])).await;
        let (first, second) = (request(&t, "report", "waste", json!({})).await, request(&t, "report", "waste", json!({})).await);
        work(&t).await;
        let body = json!({ "into": first });
        t.api(Role::Admin).await.post_json(&format!("/api/v1/tickets/{second}/merge"), &body).await.expect(200);
        t.clock.advance(SignedDuration::from_hours(1));
        work(&t).await;
        assert_eq!(runs(&t).await, ["Attesa|done|", "Attesa|stopped|merged"]);
        assert_eq!(told(&t).await.len(), 1, "nobody is told what belongs to another's request");
    }

    async fn a_draft_is_tried_on_what_has_been_and_nothing_changes(t: TestApp) {
        let code = request(&t, "complaint", "waste", json!({})).await;
        request(&t, "report", "waste", json!({})).await;
        let when = json!([{ "on": "kind", "is": ["complaint"] }]);
        let id = draft(&t, json!([rule("Reclami", "ticket.opened", when, json!([{ "do": "note", "text": "Un reclamo" }]))])).await;
        let events = t.number("SELECT COUNT(*) FROM events WHERE ticket_id IS NOT NULL").await;
        let path = format!("/api/v1/rules/{id}/trial?from=2026-03-01&to=2026-03-31");
        let tried = t.api(Role::Admin).await.get_json(&path).await.expect(200).json();
        assert_eq!((&tried["events"], &tried["rules"][0]["starts"]), (&json!(2), &json!(1)));
        assert_eq!(tried["rules"][0]["codes"], json!([code]));
        let page = t.sign_in(Role::Admin).await.get(&format!("/scrivania/automazioni/{id}/prova?from=2026-03-01&to=2026-03-31")).await.expect(200);
        assert!(page.has("Sarebbe scattata una volta") && page.has("si scrive una nota interna"), "{}", page.body);
        assert_eq!(t.number("SELECT COUNT(*) FROM events WHERE ticket_id IS NOT NULL").await, events);
        assert_eq!(t.number("SELECT COUNT(*) FROM automation_runs").await, 0);
    }

    async fn a_rule_is_written_with_plain_forms(t: TestApp) {
        let admin = t.sign_in(Role::Admin).await;
        let made = admin.post_form("/scrivania/automazioni", &[]).await.expect(303);
        let here = made.location().to_owned();
        let form = format!("{here}/regole/0");
        let first = [("edition", "1"), ("name", "Buche"), ("when", "ticket.opened"), ("join", "all"),
            ("add_condition", "text"), ("add_step", "note"), ("then", "add")];
        admin.post_form(&form, &first).await.expect(303);
        let page = admin.get(&form).await.expect(200);
        assert!(page.has("name=\"c0.is\"") && page.has("name=\"s0.text\"") && page.has("a una condizione mancano i valori"), "{}", page.body);
        let second = [("edition", "2"), ("name", "Buche"), ("when", "ticket.opened"), ("join", "all"), ("c0.on", "text"),
            ("c0.is", "buca, buche in strada"), ("s0.do", "note"), ("s0.text", "Avvisa la squadra"), ("then", "save")];
        admin.post_form(&form, &second).await.expect(303);
        let page = admin.get(&here).await.expect(200);
        let sentence = "Quando si apre una pratica, se il testo contiene «buca» o «buche in strada», allora si scrive una nota interna.";
        assert!(page.has(sentence), "{}", page.body);
        let stale = admin.post_form(&form, &second).await.expect(412);
        assert!(stale.has("Qualcuno ha cambiato la bozza") && stale.has("buche in strada"), "{}", stale.body);
        let file = admin.get(&format!("{here}/esporta?formato=toml")).await.expect(200);
        assert!(file.body.contains("on = \"text\"") && file.header("content-disposition").contains("regole-1.toml"), "{}", file.body);
        let back = admin.post_form("/scrivania/automazioni/importa", &[("text", file.body.as_str())]).await.expect(303);
        let again = admin.get(&format!("{}/esporta?formato=toml", back.location())).await.expect(200);
        assert_eq!(again.body, file.body);
        let broken = admin.post_form("/scrivania/automazioni/importa", &[("text", "[[rule]]\nname = 1")]).await.expect(422);
        assert!(broken.has("Le regole non si leggono"));
        assert_eq!(t.sign_in(Role::Agent).await.get("/scrivania/automazioni").await.status, 403);
    }

    async fn rules_that_cannot_be_followed_do_not_come_into_force(t: TestApp) {
        let id = draft(&t, json!([
            rule("Una", "ticket.opened", json!([{ "on": "category", "is": ["no/such"] }]), json!([])),
            rule("Due", "ticket.opened", json!([]), json!([
                { "do": "assign", "unit": "asl-prevention" },
                { "do": "notify", "to": "citizen", "by": "phone", "subject": "x", "text": "{cognome}" },
                { "do": "webhook", "subscription": "nessuno" },
                { "do": "wait", "amount": 3, "unit": "working_days" } ])) ])).await;
        let refused = activate(&t, id).await.expect(422).body;
        for wrong in ["category", "nothing", "foreign_owner", "channel", "placeholder", "webhook", "calendar"] {
            assert!(refused.contains(&format!("\"{wrong}\"")), "{wrong}: {refused}");
        }
        assert_eq!(t.number("SELECT COUNT(*) FROM automation_versions WHERE state = 'active'").await, 0);
    }
}

/// A protocol with one term, on a calendar of every day.
async fn protocol(t: &TestApp) -> Value {
    let api = t.api(Role::Admin).await;
    let body = json!({ "expected": 0, "valid_from": "2026-03-02", "body": { "name": "Sempre",
        "week": ["00:00-24:00", "00:00-24:00", "00:00-24:00", "00:00-24:00", "00:00-24:00", "00:00-24:00", "00:00-24:00"],
        "holidays": false, "patron": "", "closures": [] } });
    api.send_json(reqwest::Method::PUT, "/api/v1/calendars/sempre", &body).await.expect(200);
    let calendar = t.number("SELECT id FROM calendars WHERE slug = 'sempre'").await;
    // For no class of its own: only a rule starts it.
    json!({ "name": "Sopralluogo", "source": "", "calendar": calendar, "categories": [], "units": [], "enabled": false,
        "phases": [{ "subject": "ticket", "kind": "answer", "amount": 5, "unit": "calendar_days", "roll": "stays",
            "warn_percent": 0, "waits": false, "tells": false }],
        "documents_days": 0, "documents_once": true, "notice_days": 0, "notice_effect": "suspends", "silence": "" })
}
