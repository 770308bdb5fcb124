//! Rules of routing: drafted, tried on what has been, brought into force, followed by new requests, taken back.
use crate::support::*;

fn rule(name: &str, when: serde_json::Value, then: serde_json::Value) -> serde_json::Value {
    json!({ "name": name, "when": when, "then": then })
}

async fn draft(t: &TestApp, rules: serde_json::Value) -> i64 {
    let made = t.api(Role::Admin).await.post_json("/api/v1/routing", &rules).await.expect(201).json();
    made["id"].as_i64().unwrap()
}

async fn activate(t: &TestApp, id: i64) -> Answer {
    t.api(Role::Admin).await.post_json(&format!("/api/v1/routing/{id}/activate"), &json!({})).await
}

/// A request of the web form; its code.
async fn request(t: &TestApp, kind: &str, category: &str, text: &str) -> String {
    let body = json!({ "kind": kind, "category": category, "text": text, "name": "Marta Neri",
        "email": "marta.neri@example.org", "privacy_accepted": true });
    let made = t.browser().post_json("/api/v1/public/requests", &body).await.expect(201).json();
    made["code"].as_str().unwrap().to_owned()
}

/// A contact of another system, which shares its statements with others.
async fn contact(t: &TestApp, name: &str, text: &str) -> String {
    let body = json!({ "channel": "email", "external_id": name, "from": format!("{name}@example.org"), "subject": "Richiesta", "text": text });
    let made = t.api(Role::Integration).await.post_json("/api/v1/contacts", &body).await.expect(201).json();
    made["ticket_code"].as_str().unwrap().to_owned()
}

async fn owner(t: &TestApp, code: &str) -> String {
    t.texts(&format!("SELECT u.slug FROM tickets t JOIN units u ON u.id = t.owner_unit_id WHERE t.code = '{code}'"))
        .await
        .remove(0)
}

on_each_engine! {
    async fn the_first_rule_that_holds_decides_and_the_history_says_why(t: TestApp) {
        let rules = json!([
            rule("Reclami", json!({ "kinds": ["complaint"] }), json!({ "unit": "counter" })),
            rule("Rifiuti", json!({ "categories": ["waste"] }), json!({ "unit": "anagrafe" })),
        ]);
        let id = draft(&t, rules).await;
        let before = request(&t, "information", "waste/bulky", "Quando passate?").await;
        activate(&t, id).await.expect(204);
        let waste = request(&t, "information", "waste/bulky", "Quando passate?").await;
        let complaint = request(&t, "complaint", "waste/bulky", "Non passate mai").await;
        let other = request(&t, "information", "elsewhere", "Chi paga?").await;
        assert_eq!(owner(&t, &before).await, "contact-centre", "a draft changes nothing");
        assert_eq!(owner(&t, &waste).await, "anagrafe");
        assert_eq!(owner(&t, &complaint).await, "counter");
        assert_eq!(owner(&t, &other).await, "contact-centre");
        let page = t.sign_in(Role::Agent).await.get(&format!("/scrivania/pratiche/{waste}")).await.expect(200);
        assert!(page.has("«Rifiuti», versione 1 (classe)"), "{}", page.body);
    }

    async fn contacts_that_come_together_are_routed_without_a_transaction_of_their_own(t: TestApp) {
        let id = draft(&t, json!([rule("Posta", json!({ "channels": ["email"] }), json!({ "unit": "counter" }))])).await;
        activate(&t, id).await.expect(204);
        let names: Vec<String> = (0..12).map(|n| format!("m{n}")).collect();
        let all = futures_util::future::join_all(names.iter().map(|name| contact(&t, name, "Buongiorno"))).await;
        for code in &all {
            assert_eq!(owner(&t, code).await, "counter");
        }
        assert_eq!(t.number("SELECT COUNT(*) FROM events WHERE kind = 'ticket.routed'").await, 12);
    }

    async fn a_place_in_words_is_enough(t: TestApp) {
        let areas = json!({ "type": "FeatureCollection", "features": [
            { "type": "Feature", "properties": { "name": "Centro", "streets": ["Piazza Libertà"] }, "geometry": { "type": "Polygon",
              "coordinates": [[[11.0, 44.0], [11.1, 44.0], [11.1, 44.1], [11.0, 44.1], [11.0, 44.0]]] } } ] });
        let api = t.api(Role::Admin).await;
        api.send_json(reqwest::Method::PUT, "/api/v1/routing/areas", &areas).await.expect(200);
        api.send_json(reqwest::Method::PUT, "/api/v1/routing/areas", &json!({ "type": "Point" })).await.expect(422);
        let id = draft(&t, json!([rule("Centro", json!({ "areas": ["centro"] }), json!({ "unit": "counter" }))])).await;
        activate(&t, id).await.expect(204);
        for (text, unit) in [
            ("Lampione spento in piazza liberta' 4", "counter"),
            ("Una buca qui: 44.0500, 11.0500", "counter"),
            ("Una buca in via Verdi", "contact-centre"),
        ] {
            let code = request(&t, "report", "waste", text).await;
            assert_eq!(owner(&t, &code).await, unit, "{text}");
        }
    }

    async fn several_legs_go_out_at_once(t: TestApp) {
        let legs = json!({ "legs": [
            { "unit": "anagrafe", "kind": "inquiry", "question": "Chi abita lì?" },
            { "unit": "asl-prevention", "kind": "knowledge", "question": "Per vostra informazione" } ] });
        let id = draft(&t, json!([rule("Rifiuti", json!({ "categories": ["waste"] }), legs)])).await;
        activate(&t, id).await.expect(204);
        let code = request(&t, "information", "waste/bulky", "Un divano").await;
        let sent = t.texts("SELECT u.slug || '|' || l.kind FROM legs l JOIN units u ON u.id = l.unit_id ORDER BY l.number").await;
        assert_eq!(sent, ["anagrafe|inquiry", "asl-prevention|knowledge"]);
        assert_eq!(t.texts(&format!("SELECT state FROM tickets WHERE code = '{code}'")).await, ["referred"]);
    }

    async fn rules_that_cannot_be_followed_do_not_come_into_force(t: TestApp) {
        t.execute("UPDATE units SET kind = 'collection_point' WHERE slug = 'contact-centre'").await;
        let legs = json!({ "legs": [{ "unit": "asl-prevention", "kind": "inquiry", "question": "Che ne dite?" }] });
        let id = draft(&t, json!([
            rule("Altrui", json!({}), legs),
            rule("Titolare", json!({}), json!({ "unit": "asl-prevention" })),
            rule("Ignota", json!({ "categories": ["no/such"] }), json!({ "unit": "no-such" })),
        ])).await;
        let refused = activate(&t, id).await.expect(422).body;
        for wrong in ["scope", "foreign_owner", "category", "unit"] {
            assert!(refused.contains(&format!("\"{wrong}\"")), "{wrong}: {refused}");
        }
        assert_eq!(t.number("SELECT COUNT(*) FROM routing_versions WHERE state = 'active'").await, 0);
        assert_eq!(t.api(Role::Agent).await.post_json("/api/v1/routing", &json!([])).await.status, 403);
    }

    async fn a_draft_is_tried_on_what_has_been_and_each_figure_opens(t: TestApp) {
        let mut waste = Vec::new();
        for n in 0..3 {
            waste.push(request(&t, "information", "waste", &format!("Domanda {n}")).await);
        }
        let other = request(&t, "information", "elsewhere", "Altro").await;
        let id = draft(&t, json!([rule("Rifiuti", json!({ "categories": ["waste"] }), json!({ "unit": "counter" }))])).await;
        let path = format!("/api/v1/routing/{id}/trial?from=2026-02-10&to=2026-03-02");
        let trial = t.api(Role::Admin).await.get_json(&path).await.expect(200).json();
        assert_eq!((trial["all"].as_i64(), trial["elsewhere"].as_i64()), (Some(4), Some(3)));
        let group = trial["groups"].as_array().unwrap().iter().find(|g| g["rule"] == "Rifiuti").unwrap().clone();
        let mut codes: Vec<_> = group["codes"].as_array().unwrap().iter().map(|c| c.as_str().unwrap().to_owned()).collect();
        codes.sort();
        waste.sort();
        assert_eq!(codes, waste);
        assert_eq!(t.number("SELECT COUNT(*) FROM tickets WHERE owner_unit_id <> 1").await, 0, "nothing is changed");
        let admin = t.sign_in(Role::Admin).await;
        let page = admin.get(&format!("/scrivania/smistamento/{id}/prova?from=2026-02-10&to=2026-03-02")).await.expect(200);
        let opened = page.between("<a href=\"/scrivania/smistamento/", "\"").unwrap();
        assert!(page.has("di cui 3"), "{}", page.body);
        let unit = t.unit("counter").await;
        let list = admin.get(&format!("/scrivania/smistamento/{id}/prova?from=2026-02-10&to=2026-03-02&group=1.1.{unit}")).await.expect(200);
        assert!(list.has(&waste[0]) && !list.has(&other), "{opened}: {}", list.body);
        let earlier = format!("/api/v1/routing/{id}/trial?from=2026-02-10&to=2026-02-20");
        assert_eq!(t.api(Role::Admin).await.get_json(&earlier).await.expect(200).json()["all"], 0);
    }

    async fn rules_are_written_on_a_page_and_taken_back(t: TestApp) {
        let admin = t.sign_in(Role::Admin).await;
        let page = admin.post_form("/scrivania/smistamento", &[]).await.expect(303).location().to_owned();
        let form = [("edition", "1"), ("place", "0"), ("name", "Reclami"), ("kinds", "complaint"), ("unit", "counter"),
            ("leg_unit", ""), ("leg_kind", "inquiry"), ("leg_question", ""), ("then", "save")];
        admin.post_form(&format!("{page}/regola"), &form).await.expect(303);
        let shown = admin.get(&page).await.expect(200);
        assert!(shown.has("allora la tiene Front office"), "{}", shown.body);
        assert_eq!(admin.post_form(&format!("{page}/regola"), &form).await.status, 422, "made on an edition that is over");
        admin.post_form(&format!("{page}/attiva"), &[("edition", "2")]).await.expect(303);
        let first = request(&t, "complaint", "elsewhere", "Non va").await;
        assert_eq!(owner(&t, &first).await, "counter");
        let none = draft(&t, json!([])).await;
        activate(&t, none).await.expect(204);
        let second = request(&t, "complaint", "elsewhere", "Non va").await;
        assert_eq!(owner(&t, &second).await, "contact-centre");
        admin.post_form(&format!("{page}/attiva"), &[("edition", "2")]).await.expect(303);
        let third = request(&t, "complaint", "elsewhere", "Non va").await;
        assert_eq!(owner(&t, &third).await, "counter", "rolled back");
    }

    async fn rules_about_the_person_and_the_load_of_a_unit_hold(t: TestApp) {
        let first = contact(&t, "m1", "Buongiorno").await;
        let person = t.number("SELECT person_id FROM tickets").await;
        let api = t.api(Role::Admin).await;
        let path = format!("/api/v1/persons/{person}/segment");
        api.send_json(reqwest::Method::PUT, &path, &json!({ "segment": "professional" })).await.expect(204);
        t.execute("INSERT INTO queue_counts (unit_id, assignee_id, state, n) VALUES (1, 0, 'new', 40)").await;
        let id = draft(&t, json!([
            rule("Professionisti", json!({ "segments": ["professional"] }), json!({ "unit": "anagrafe" })),
            rule("Troppe", json!({ "load": { "unit": "contact-centre", "at_least": 40 } }), json!({ "unit": "counter" })),
        ])).await;
        activate(&t, id).await.expect(204);
        assert_eq!(owner(&t, &first).await, "contact-centre");
        let body = json!({ "channel": "email", "external_id": "m2", "from": "m1@example.org", "subject": "Altro", "text": "Di nuovo" });
        let again = t.api(Role::Integration).await.post_json("/api/v1/contacts", &body).await.expect(201).json();
        assert_eq!(owner(&t, again["ticket_code"].as_str().unwrap()).await, "anagrafe");
        let stranger = contact(&t, "m3", "Buongiorno").await;
        assert_eq!(owner(&t, &stranger).await, "counter");
    }
}
