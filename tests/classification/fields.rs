//! What a category asks: on the form, in the API, on the ticket's page, in a leg's question.
use crate::support::*;

/// A classification of which reports of bulky waste ask for a place and a volume.
fn asking() -> serde_json::Value {
    json!({ "categories": [
        { "slug": "anagrafe", "name": "Anagrafe", "name_en": "Registry", "unit": "anagrafe" },
        { "slug": "waste", "name": "Rifiuti", "name_en": "Waste", "unit": "contact-centre", "forward": "never", "fields": [
            { "name": "luogo", "kind": "place", "label": "Dove", "label_en": "Where", "required": true,
              "readers": ["citizen", "back_office"] } ] },
        { "slug": "waste/bulky", "name": "Ingombranti", "unit": "anagrafe", "forward": "never", "fields": [
            { "name": "volume", "kind": "number", "label": "Metri cubi", "min": "0", "max": "20", "readers": ["citizen"] },
            { "name": "nota", "kind": "text", "label": "Nota interna", "readers": [] } ] },
        { "slug": "elsewhere", "name": "Altri enti", "not_competent": true, "notice": "Scrivi alla Regione", "forward": "never" }
    ], "mappings": [ { "from": "anagrafe/identity-card", "to": "anagrafe" } ] })
}

pub async fn activate(t: &TestApp, document: &serde_json::Value) -> i64 {
    let api = t.api(Role::Admin).await;
    let body = json!({ "taxonomy": "ordinaria", "document": document });
    let draft = api.post_json("/api/v1/taxonomies", &body).await.expect(201).json();
    let id = draft["id"].as_i64().unwrap();
    api.post_json(&format!("/api/v1/taxonomies/{id}/activate"), &json!({})).await.expect(204);
    id
}

fn request(fields: serde_json::Value) -> serde_json::Value {
    json!({ "kind": "report", "category": "waste/bulky", "text": "Un divano abbandonato", "name": "Marta Neri",
        "email": "marta.neri@example.org", "privacy_accepted": true, "fields": fields })
}

async fn sent(t: &TestApp, fields: serde_json::Value) -> Answer {
    t.browser().post_json("/api/v1/public/requests", &request(fields)).await
}

on_each_engine! {
    async fn the_form_asks_what_its_category_asks_and_the_category_above(t: TestApp) {
        activate(&t, &asking()).await;
        let page = t.browser().get("/sportello/richiesta?category=waste/bulky").await.expect(200);
        assert!(page.has("name=\"f_luogo\"") && page.has("name=\"f_volume\""), "{}", page.body);
        assert!(!page.has("Nota interna"), "what is for agents is not asked of citizens");
        let part = t.browser().get("/sportello/richiesta/schede?category=waste").await.expect(200);
        assert!(part.has("f_luogo") && !part.has("f_volume"));
        let elsewhere = t.browser().get("/sportello/richiesta/schede?category=elsewhere").await.expect(200);
        assert!(elsewhere.has("Scrivi alla Regione"));
        let english = t.browser().get("/sportello/richiesta?category=waste&lang=en").await.expect(200);
        assert!(english.has("Where"));
    }

    async fn an_answer_that_is_not_acceptable_is_refused_and_named(t: TestApp) {
        activate(&t, &asking()).await;
        let refused = sent(&t, json!({ "volume": 21, "nota": "x" })).await.expect(422).body;
        for name in ["fields.luogo", "missing", "fields.volume", "too_high", "fields.nota"] {
            assert!(refused.contains(name), "{name}: {refused}");
        }
        assert_eq!(t.number("SELECT COUNT(*) FROM tickets").await, 0);
    }

    async fn answers_are_kept_shown_and_changed_on_a_version_without_personal_data_in_events(t: TestApp) {
        activate(&t, &asking()).await;
        let code = sent(&t, json!({ "luogo": "Via Roma 3", "volume": "1,5" })).await.expect(201).json()["code"].as_str().unwrap().to_owned();
        let agent = t.sign_in(Role::Agent).await;
        let page = agent.get(&format!("/scrivania/pratiche/{code}")).await.expect(200);
        assert!(page.has("Via Roma 3") && page.has("value=\"1.5\"") && page.has("Nota interna"), "{}", page.body);
        let path = format!("/api/v1/tickets/{code}/fields");
        let api = t.api(Role::Admin).await;
        let fields = api.get_json(&path).await.expect(200).json();
        assert_eq!(fields["answers"], json!({ "luogo": ["Via Roma 3"], "volume": ["1.5"] }));
        let form = [("version", "1"), ("f_luogo", "Via Verdi 9"), ("f_volume", "2"), ("f_nota", "due sacchi")];
        agent.post_form(&format!("/scrivania/pratiche/{code}/campi"), &form).await.expect(303);
        assert_eq!(t.texts("SELECT kind FROM events ORDER BY id DESC").await[0], "ticket.fields_set");
        let data = t.texts("SELECT data FROM events ORDER BY id DESC").await.remove(0);
        assert!(data.contains("luogo") && !data.contains("Verdi") && !data.contains("sacchi"), "{data}");
        let stale = agent.post_form(&format!("/scrivania/pratiche/{code}/campi"), &form).await;
        assert_eq!(stale.status, 412, "made on a version that is over");
        let wrong = [("version", "2"), ("f_volume", "molti")];
        let again = agent.post_form(&format!("/scrivania/pratiche/{code}/campi"), &wrong).await.expect(422);
        assert!(again.has("molti") && again.has("deve essere un numero"), "what was typed is shown with what is wrong");
    }

    async fn a_ticket_keeps_the_fields_it_was_answered_with(t: TestApp) {
        activate(&t, &asking()).await;
        let code = sent(&t, json!({ "luogo": "Via Roma 3" })).await.expect(201).json()["code"].as_str().unwrap().to_owned();
        let mut later = asking();
        later["mappings"] = json!([]);
        later["categories"][1]["fields"][0]["label"] = json!("Indirizzo");
        activate(&t, &later).await;
        let kept = t.api(Role::Admin).await.get_json(&format!("/api/v1/tickets/{code}/fields")).await.expect(200).json();
        assert_eq!(kept["fields"][0]["label"], "Dove");
        let new = t.browser().get("/sportello/richiesta?category=waste").await.expect(200);
        assert!(new.has("Indirizzo"));
    }

    async fn a_unit_that_is_asked_reads_the_answers_meant_for_it(t: TestApp) {
        activate(&t, &asking()).await;
        let code = sent(&t, json!({ "luogo": "Via Roma 3", "volume": 2 })).await.expect(201).json()["code"].as_str().unwrap().to_owned();
        let api = t.api(Role::Admin).await;
        let leg = json!({ "unit": "anagrafe", "kind": "inquiry", "question": "Chi lo ritira?" });
        api.post_json(&format!("/api/v1/tickets/{code}/legs"), &leg).await.expect(201);
        let question = t.texts("SELECT question FROM legs").await.remove(0);
        assert!(question.contains("Chi lo ritira?") && question.contains("Dove: Via Roma 3"), "{question}");
        assert!(!question.contains("Metri cubi"), "{question}");
    }
}
