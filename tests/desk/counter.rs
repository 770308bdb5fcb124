//! The counter: a visit in three keystrokes, for people with and without a name.
use sportello::supervision::Closures;

use super::{at, contact};
use crate::support::*;

const HERE: &str = "/scrivania/sportello";

/// A sheet on bulky waste in both languages.
async fn sheet(t: &TestApp) {
    t.execute(
        "INSERT INTO sheets (code, category_id, audience, maturity, updated_at) VALUES ('RIF-01', 4, 'public', 'whole', 0);
         INSERT INTO sheet_texts (sheet_id, lang, title, question, summary, public_text, reply)
         SELECT id, 'it', 'Ritiro dei divani', 'Dove butto il divano?', '', '', '' FROM sheets;",
    )
    .await;
}

/// The fields of a visit as the page made them.
async fn form(agent: &Browser) -> (String, String) {
    let page = agent.get(HERE).await.expect(200);
    let value = |name: &str| page.between(&format!("name=\"{name}\" value=\""), "\"").unwrap().to_owned();
    (value("once"), value("started"))
}

/// Closed, strict and wide of the counter channel, as the table keeps them and as the log counts them.
async fn rate(t: &TestApp) -> (i64, i64) {
    t.read_feed(std::sync::Arc::new(Closures::new(t.kernel.config.zone()))).await;
    let supervisor = t.api(Role::Supervisor).await;
    let path = "/api/v1/supervision/closure-rate?from=2026-01-01&to=2026-12-31";
    let kept = supervisor.get(path).await.expect(200).json();
    let counted = supervisor.get(&format!("{path}&source=log")).await.expect(200).json();
    assert_eq!(kept["total"], counted["total"]);
    (kept["total"]["closed"].as_i64().unwrap(), kept["total"]["strict"].as_i64().unwrap())
}

on_each_engine! {
    async fn a_visit_of_nobody_in_particular_closes_at_the_front_office_with_its_sheet(t: TestApp) {
        sheet(&t).await;
        let agent = t.sign_in(Role::Agent).await;
        let (once, started) = form(&agent).await;
        t.clock.advance(SignedDuration::from_secs(95));
        let fields = [("once", once.as_str()), ("started", &started), ("topic", "waste/bulky|RIF-01"), ("outcome", "answered")];
        let sent = agent.post_form(HERE, &fields).await.expect(303);
        let page = agent.get(sent.location()).await.expect(200);
        for text in ["Visita registrata: Ritiro dei divani", "Da dettare:", "Annulla la visita", "Una visita, risposte date: 1", "1 min 35 s"] {
            assert!(page.has(text), "{text}: {}", page.body);
        }
        assert!(page.has("name=\"started\" value=\"\""), "the next visitor has not come yet");
        assert_eq!(t.texts("SELECT channel || ' ' || state || ' ' || outcome FROM tickets").await, ["counter closed answered"]);
        assert_eq!(t.number("SELECT COUNT(*) FROM tickets t JOIN sheets s ON s.id = t.closing_sheet_id WHERE t.person_id IS NULL AND t.category_id = 4").await, 1);
        assert_eq!(t.number("SELECT owner_unit_id FROM tickets").await, t.unit("counter").await, "the only counter of the agent's units");
        assert_eq!(rate(&t).await, (1, 1));
        let again = agent.post_form(HERE, &fields).await.expect(303);
        assert_eq!(again.location(), sent.location(), "sent twice, it is one visit");
        assert_eq!(t.number("SELECT COUNT(*) FROM visits").await, 1);
        let receipt = agent.get(page.between("href=\"/scrivania/sportello/ricevuta/", "\"").map(|c| format!("{HERE}/ricevuta/{c}")).unwrap().as_str()).await.expect(200);
        assert!(receipt.has("Ricevuta della richiesta") && receipt.has("/sportello/pratica"), "{}", receipt.body);
    }

    async fn an_undone_visit_counts_nowhere_and_is_told_by_its_ticket(t: TestApp) {
        let agent = t.sign_in(Role::Agent).await;
        let fields = [("once", "one"), ("topic", "waste/bulky|"), ("outcome", "answered")];
        agent.post_form(HERE, &fields).await.expect(303);
        assert_eq!(rate(&t).await, (1, 1));
        let id = t.number("SELECT id FROM visits").await;
        let supervisor = t.sign_in(Role::Supervisor).await;
        assert_eq!(supervisor.post_form(&format!("{HERE}/visite/{id}/annulla"), &[]).await.status, 409, "only who registered it");
        agent.post_form(&format!("{HERE}/visite/{id}/annulla"), &[]).await.expect(303);
        assert_eq!(rate(&t).await, (0, 0));
        assert!(agent.get(HERE).await.expect(200).has("Ancora nessuna visita"));
        let code = t.texts("SELECT code FROM tickets").await.remove(0);
        let page = agent.get(&at(&code, "")).await.expect(200);
        assert!(page.has("ha annullato la visita") && page.has("Visita registrata per errore e annullata"), "{}", page.body);
        assert_eq!(agent.post_form(&format!("{HERE}/visite/{id}/annulla"), &[]).await.status, 409, "once");

        agent.post_form(HERE, &[("once", "two"), ("topic", "waste/bulky|"), ("outcome", "answered")]).await.expect(303);
        t.clock.advance(SignedDuration::from_secs(61));
        let id = t.number("SELECT MAX(id) FROM visits").await;
        assert_eq!(agent.post_form(&format!("{HERE}/visite/{id}/annulla"), &[]).await.status, 409, "a minute later it stays");
        assert_eq!(rate(&t).await, (1, 1));
    }

    async fn a_visit_about_a_ticket_in_being_is_a_contact_of_its_person(t: TestApp) {
        let code = contact(&t, "1", "333 1234567", "Divano", "Dove lo porto?").await;
        let agent = t.sign_in(Role::Agent).await;
        let found = agent.get(&format!("{HERE}/persone?q=333+12+34+567")).await.expect(200);
        let person = t.number("SELECT id FROM persons").await;
        assert!(found.has(&format!("id=\"person-{person}\"")) && found.has(&format!("id=\"ticket-{code}\"")), "{}", found.body);
        let person = person.to_string();
        let fields = [("once", "one"), ("topic", "waste/bulky|"), ("person", person.as_str()), ("ticket", &code), ("note", "Porta la ricevuta"), ("outcome", "open")];
        agent.post_form(HERE, &fields).await.expect(303);
        assert_eq!(t.number("SELECT COUNT(*) FROM tickets").await, 1);
        let page = agent.get(&at(&code, "")).await.expect(200);
        assert!(page.has("Visita allo sportello: Ingombranti") && page.has("Porta la ricevuta"), "{}", page.body);
        assert_eq!(t.number("SELECT COUNT(*) FROM contacts WHERE channel = 'counter' AND person_id IS NOT NULL").await, 1);
        let id = t.number("SELECT id FROM visits").await;
        agent.post_form(&format!("{HERE}/visite/{id}/annulla"), &[]).await.expect(303);
        let page = agent.get(&at(&code, "")).await.expect(200);
        assert!(!page.has("Porta la ricevuta") && page.has("ha annullato la visita registrata qui"), "{}", page.body);
        assert_eq!(t.number("SELECT COUNT(*) FROM contacts WHERE channel = 'counter' AND public = TRUE").await, 0, "the citizen reads nothing of it");
    }

    async fn somebody_new_is_known_the_next_time(t: TestApp) {
        let agent = t.sign_in(Role::Agent).await;
        let nobody = agent.get(&format!("{HERE}/persone?q=anna%40example.org")).await.expect(200);
        assert!(nobody.has("Una persona nuova: anna@example.org"), "{}", nobody.body);
        let fields = [("once", "one"), ("topic", "other"), ("category", "anagrafe/identity-card"), ("person", "new"), ("q", "anna@example.org"), ("name", "Anna Verdi"), ("outcome", "sent")];
        let sent = agent.post_form(HERE, &fields).await.expect(303);
        let code = t.texts("SELECT code FROM tickets").await.remove(0);
        assert_eq!(sent.location(), at(&code, "/invii/nuovo"), "who sends it on chooses the unit next");
        assert!(agent.get(&format!("{HERE}/persone?q=ANNA%40example.org")).await.expect(200).has("Anna Verdi"));
        let refused = agent.post_form(HERE, &[("once", "two"), ("topic", "other"), ("sheet", "NON-99"), ("note", "resta qui")]).await.expect(422);
        assert!(refused.has("Non c’è una scheda con questo codice") && refused.has("resta qui"), "{}", refused.body);
        let refused = agent.post_form(HERE, &[("once", "three"), ("note", "resta qui")]).await.expect(422);
        assert!(refused.has("Scegli l’argomento della visita") && refused.has("href=\"#category\""), "{}", refused.body);
        assert_eq!(t.number("SELECT COUNT(*) FROM visits").await, 1);
    }

    async fn numbers_follow_what_is_asked_from_the_next_day_unless_they_are_fixed(t: TestApp) {
        sheet(&t).await;
        let agent = t.sign_in(Role::Agent).await;
        let first = |page: &Answer| page.between("id=\"topic-1\" name=\"topic\" value=\"", "\"").unwrap().to_owned();
        assert_eq!(first(&agent.get(HERE).await.expect(200)), "anagrafe/identity-card|");
        agent.post_form(HERE, &[("once", "one"), ("topic", "waste/bulky|RIF-01"), ("outcome", "answered")]).await.expect(303);
        assert_eq!(first(&agent.get(HERE).await.expect(200)), "anagrafe/identity-card|", "a number means the same the whole day");
        t.clock.advance(SignedDuration::from_hours(24));
        let agent = t.sign_in(Role::Agent).await;
        assert_eq!(first(&agent.get(HERE).await.expect(200)), "waste/bulky|RIF-01");
        assert_eq!(agent.post_form(&format!("{HERE}/argomenti"), &[("pin.1", "elsewhere|")]).await.status, 403);
        let supervisor = t.sign_in(Role::Supervisor).await;
        supervisor.post_form(&format!("{HERE}/argomenti"), &[("pin.1", "elsewhere|")]).await.expect(303);
        let page = agent.get(HERE).await.expect(200);
        assert_eq!(first(&page), "elsewhere|");
        assert!(page.has("id=\"topic-2\" name=\"topic\" value=\"waste/bulky|RIF-01\""), "{}", page.body);
    }

    async fn an_agent_says_at_which_counter_they_receive(t: TestApp) {
        t.execute("INSERT INTO units (slug, agency_id, name, kind) VALUES ('north', 1, 'Sportello nord', 'collection_point')").await;
        let agent = t.sign_in(Role::Agent).await;
        agent.post_form(&format!("{HERE}/postazione"), &[("counter", "north")]).await.expect(303);
        agent.post_form(HERE, &[("once", "one"), ("topic", "waste/bulky|")]).await.expect(303);
        assert_eq!(t.number("SELECT counter_id FROM visits").await, t.unit("north").await);
        assert_eq!(agent.post_form(&format!("{HERE}/postazione"), &[("counter", "anagrafe")]).await.status, 422, "a back office receives nobody");
    }

    async fn programs_register_and_count_visits_too(t: TestApp) {
        sheet(&t).await;
        let api = t.api(Role::Agent).await;
        let body = json!({ "sheet": "rif-01", "counter": "counter", "external_id": "kiosk-1", "started_at": "2026-03-02T07:59:00Z",
            "visitor": { "identifier": "anna@example.org", "name": "Anna" } });
        let made = api.post_json("/api/v1/visits", &body).await.expect(201).json();
        assert_eq!((made["outcome"].as_str(), made["seconds"].as_i64(), made["new_ticket"].as_bool()), (Some("answered"), Some(60), Some(true)));
        assert_eq!(api.post_json("/api/v1/visits", &body).await.expect(201).json()["id"], made["id"]);
        let day = api.get("/api/v1/visits?counter=counter").await.expect(200).json();
        assert_eq!(day["topics"], json!([{ "category": "waste/bulky", "sheet": "RIF-01", "visits": 1, "answered": 1, "mean_seconds": 60 }]));
        assert_eq!(day["visits"][0]["ticket_code"], made["ticket_code"]);
        assert_eq!(api.get("/api/v1/visits?counter=counter&day=2026-03-01").await.expect(200).json()["topics"], json!([]));
        let undo = format!("/api/v1/visits/{}/undo", made["id"]);
        api.post_json(&undo, &json!({})).await.expect(204);
        assert_eq!(api.get("/api/v1/visits?counter=counter").await.expect(200).json()["topics"], json!([]));
        for (body, field) in [(json!({ "category": "nowhere" }), "category"), (json!({}), "category"), (json!({ "sheet": "X-1" }), "sheet"),
            (json!({ "category": "waste", "ticket": "ABCDEFGHJ" }), "ticket"), (json!({ "category": "waste", "counter": "anagrafe" }), "counter"),
            (json!({ "category": "waste", "visitor": { "person": 4242 } }), "person")] {
            let refused = api.post_json("/api/v1/visits", &body).await.expect(422).json();
            assert_eq!(refused["errors"][0]["field"], field, "{refused}");
        }
        assert_eq!(t.api(Role::Integration).await.post_json("/api/v1/visits", &body).await.status, 403);
    }
}
