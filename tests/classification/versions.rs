//! Versions: drafted, compared, activated at once or on a day, kept, and mapped on those before.
use super::fields::activate;
use crate::support::*;

fn document(slugs: &[&str], mappings: serde_json::Value) -> serde_json::Value {
    let categories: Vec<_> =
        slugs.iter().map(|slug| json!({ "slug": slug, "name": slug, "forward": "never" })).collect();
    json!({ "categories": categories, "mappings": mappings })
}

/// A request of each category; their codes.
async fn requests(t: &TestApp, categories: &[&str]) -> Vec<String> {
    let mut codes = Vec::new();
    for category in categories {
        let body = json!({ "kind": "information", "category": category, "text": "Una domanda", "name": "Marta Neri",
            "email": "marta.neri@example.org", "privacy_accepted": true });
        let made = t.browser().post_json("/api/v1/public/requests", &body).await.expect(201).json();
        codes.push(made["code"].as_str().unwrap().to_owned());
    }
    codes
}

async fn category(t: &TestApp, code: &str) -> String {
    let sql = format!("SELECT k.slug FROM tickets t JOIN categories k ON k.id = t.category_id WHERE t.code = '{code}'");
    t.texts(&sql).await.remove(0)
}

on_each_engine! {
    async fn open_requests_follow_what_their_class_became_and_the_others_are_listed(t: TestApp) {
        let codes = requests(&t, &["anagrafe/identity-card", "waste/bulky", "waste"]).await;
        let mappings = json!([
            { "from": "anagrafe/identity-card", "to": "documents/cards/identity" },
            { "from": "waste/bulky", "to": "city", "weight": 400 },
            { "from": "waste/bulky", "to": "documents", "weight": 600 }
        ]);
        activate(&t, &document(&["documents", "documents/cards", "documents/cards/identity", "city"], mappings)).await;
        assert_eq!(category(&t, &codes[0]).await, "documents/cards/identity", "one to one");
        assert_eq!(category(&t, &codes[1]).await, "waste/bulky", "no part of the split is the main one");
        assert_eq!(category(&t, &codes[2]).await, "waste", "nothing is mapped to it");
        assert_eq!(t.number("SELECT COUNT(*) FROM events WHERE kind = 'ticket.classified' AND actor = 'system'").await, 1);
        let page = t.sign_in(Role::Admin).await.get("/scrivania/classificazione").await.expect(200);
        assert!(!page.has(&codes[0]) && page.has(&codes[1]) && page.has(&codes[2]), "{}", page.body);
        let form = t.browser().get("/sportello/richiesta").await.expect(200);
        assert!(form.has("documents/cards/identity") && !form.has("waste/bulky"), "any depth is offered");
    }

    async fn what_was_in_force_before_is_kept_and_can_return(t: TestApp) {
        activate(&t, &document(&["emergency"], json!([]))).await;
        let api = t.api(Role::Admin).await;
        let versions = api.get_json("/api/v1/taxonomies").await.expect(200).json();
        let items = versions["items"].as_array().unwrap();
        let states: Vec<_> = items.iter().map(|v| v["state"].as_str().unwrap()).collect();
        assert_eq!(states, ["replaced", "active"]);
        let before = items[0]["id"].as_i64().unwrap();
        let kept = api.get_json(&format!("/api/v1/taxonomies/{before}")).await.expect(200).json();
        assert_eq!(kept["document"]["categories"].as_array().unwrap().len(), 5);
        api.post_json(&format!("/api/v1/taxonomies/{before}/activate"), &json!({})).await.expect(204);
        let in_use = t.texts("SELECT slug FROM categories WHERE retired_at IS NULL ORDER BY slug").await;
        assert_eq!(in_use, ["anagrafe", "anagrafe/identity-card", "elsewhere", "waste", "waste/bulky"]);
        assert_eq!(t.number("SELECT COUNT(*) FROM taxonomy_versions WHERE state = 'active'").await, 1);
    }

    async fn a_planned_version_comes_into_force_on_its_day(t: TestApp) {
        let api = t.api(Role::Admin).await;
        let body = json!({ "taxonomy": "ordinaria", "document": document(&["tomorrow"], json!([])) });
        let id = api.post_json("/api/v1/taxonomies", &body).await.expect(201).json()["id"].as_i64().unwrap();
        let path = format!("/api/v1/taxonomies/{id}/activate");
        api.post_json(&path, &json!({ "on": "2026-03-02" })).await.expect(422);
        api.post_json(&path, &json!({ "on": "2026-03-04" })).await.expect(204);
        let in_force = "SELECT COUNT(*) FROM categories WHERE slug = 'tomorrow'";
        t.clock.advance(SignedDuration::from_hours(30));
        assert_eq!(sportello::classification::activate::run(&t.kernel).await.unwrap(), 0);
        assert_eq!(t.number(in_force).await, 0);
        t.clock.advance(SignedDuration::from_hours(12));
        assert_eq!(sportello::classification::activate::run(&t.kernel).await.unwrap(), 1);
        assert_eq!(sportello::classification::activate::run(&t.kernel).await.unwrap(), 0);
        assert_eq!(t.number(in_force).await, 1);
    }

    async fn a_version_with_something_wrong_does_not_come_into_force(t: TestApp) {
        let api = t.api(Role::Admin).await;
        let mut wrong = document(&["a", "a/b"], json!([{ "from": "waste", "to": "nowhere", "weight": 10 }]));
        wrong["categories"][1]["unit"] = json!("no-such-unit");
        let body = json!({ "taxonomy": "ordinaria", "document": wrong });
        let id = api.post_json("/api/v1/taxonomies", &body).await.expect(201).json()["id"].as_i64().unwrap();
        let refused = api.post_json(&format!("/api/v1/taxonomies/{id}/activate"), &json!({})).await.expect(422).body;
        assert!(refused.contains("mapping_to") && refused.contains("unit"), "{refused}");
        assert_eq!(t.number("SELECT COUNT(*) FROM categories WHERE retired_at IS NULL").await, 5);
        api.post_json("/api/v1/taxonomies", &json!({ "taxonomy": "No slug", "document": {} })).await.expect(422);
        let agent = t.api(Role::Agent).await;
        agent.post_json("/api/v1/taxonomies", &body).await.expect(403);
        assert_eq!(t.sign_in(Role::Supervisor).await.get("/scrivania/classificazione").await.status, 403);
    }

    async fn an_administrator_prepares_and_activates_a_version_on_the_pages(t: TestApp) {
        let admin = t.sign_in(Role::Admin).await;
        let draft = admin.post_form("/scrivania/classificazione", &[]).await.expect(303).location().to_owned();
        let category = [("edition", "1"), ("old", "waste/bulky"), ("slug", "anagrafe/bulky"), ("name", "Ingombranti e mobili"),
            ("unit", "counter"), ("citizen", "true"), ("forward", "reports"), ("phases", "2026-10-01 complaint web")];
        let saved = admin.post_form(&format!("{draft}/classe"), &category).await.expect(303);
        assert!(saved.location().contains("anagrafe%2Fbulky"), "{}", saved.location());
        let field = [("edition", "2"), ("slug", "anagrafe/bulky"), ("old", ""), ("name", "piano"), ("label", "Piano"),
            ("kind", "choice"), ("choices", "t = Terra\r\n1 = Primo"), ("readers", "citizen"), ("required", "true")];
        admin.post_form(&format!("{draft}/campo"), &field).await.expect(303);
        let shown = admin.get(saved.location()).await.expect(200);
        assert!(shown.has("Piano") && shown.has("2026-10-01 complaint web"), "{}", shown.body);
        let stale = admin.post_form(&format!("{draft}/campo"), &field).await.expect(422);
        assert!(stale.has("ha cambiato la bozza"), "{}", stale.body);
        let page = admin.get(&draft).await.expect(200);
        assert!(page.has("waste/bulky → anagrafe/bulky"), "a moved category is mapped by itself: {}", page.body);
        assert_eq!(t.number("SELECT COUNT(*) FROM categories WHERE slug = 'anagrafe/bulky'").await, 0, "a draft changes nothing");
        admin.post_form(&format!("{draft}/attiva"), &[("edition", "3"), ("day", "")]).await.expect(303);
        let form = t.browser().get("/sportello/richiesta?category=anagrafe/bulky").await.expect(200);
        assert!(form.has("Ingombranti e mobili") && form.has("f_piano") && form.has("Primo"), "{}", form.body);
        for format in ["toml", "json", "csv"] {
            assert!(admin.get(&format!("{draft}.{format}")).await.expect(200).has("Ingombranti e mobili"));
        }
    }

    async fn before_its_day_a_kind_of_request_is_neither_offered_nor_taken(t: TestApp) {
        let mut phased = document(&["roads", "later"], json!([]));
        phased["categories"][0]["phases"] = json!([{ "kind": "complaint", "from": "2026-10-01" }]);
        phased["categories"][1]["phases"] = json!([{ "channel": "web", "from": "2026-10-01" }]);
        activate(&t, &phased).await;
        let form = t.browser().get("/sportello/richiesta").await.expect(200);
        assert!(form.has("value=\"roads\"") && !form.has("value=\"later\""), "{}", form.body);
        let body = |kind: &str| json!({ "kind": kind, "category": "roads", "text": "Buca", "name": "Ugo", "email": "u@example.org", "privacy_accepted": true });
        let refused = t.browser().post_json("/api/v1/public/requests", &body("complaint")).await.expect(422);
        assert!(refused.has("not_yet_enabled"), "{}", refused.body);
        t.browser().post_json("/api/v1/public/requests", &body("report")).await.expect(201);
        t.clock.advance(SignedDuration::from_hours(24 * 220));
        t.browser().post_json("/api/v1/public/requests", &body("complaint")).await.expect(201);
        assert!(t.browser().get("/sportello/richiesta").await.expect(200).has("value=\"later\""));
    }

    async fn last_years_figures_are_read_by_the_old_classes_and_by_the_new_ones(t: TestApp) {
        let codes = requests(&t, &["waste/bulky", "waste/bulky", "waste/bulky", "waste/bulky", "anagrafe/identity-card"]).await;
        let api = t.api(Role::Admin).await;
        for code in &codes {
            api.post_json(&format!("/api/v1/tickets/{code}/close"), &json!({ "outcome": "answered" })).await.expect(200);
        }
        t.read_feed(std::sync::Arc::new(sportello::supervision::Closures::new(t.kernel.config.zone()))).await;
        t.clock.advance(SignedDuration::from_hours(72));
        let mappings = json!([
            { "from": "waste/bulky", "to": "city/furniture", "weight": 750, "main": true },
            { "from": "waste/bulky", "to": "city", "weight": 250 },
            { "from": "anagrafe/identity-card", "to": "documents" }
        ]);
        let mut new = document(&["city", "city/furniture", "documents", "anagrafe"], mappings);
        new["categories"][3]["name"] = json!("Servizi demografici");
        activate(&t, &new).await;
        let period = "from=2026-03-01&to=2026-03-02&by=category";
        let rows = |answer: serde_json::Value| -> Vec<(String, i64)> {
            let rows = answer["rows"].as_array().unwrap().iter();
            rows.map(|r| (r["label"].as_str().unwrap().to_owned(), r["closed"].as_i64().unwrap())).collect()
        };
        let then = api.get_json(&format!("/api/v1/supervision/closure-rate?{period}")).await.expect(200).json();
        assert_eq!(rows(then), [("Ingombranti".to_owned(), 4), ("Carta di identità".to_owned(), 1)]);
        let now = api.get_json(&format!("/api/v1/supervision/closure-rate?{period}&classes=now")).await.expect(200).json();
        assert_eq!(now["total"]["closed"], 5);
        assert_eq!(rows(now), [("city/furniture".to_owned(), 3), ("city".to_owned(), 1), ("documents".to_owned(), 1)]);
        let boss = t.sign_in(Role::Supervisor).await;
        let page = boss.get("/scrivania/supervisione?from=2026-03-01&to=2026-03-02&classes=now").await.expect(200);
        assert!(page.has("city/furniture") && page.has("Come sono oggi"), "{}", page.body);
        let list = boss.get("/scrivania/supervisione/pratiche?from=2026-03-01&to=2026-03-02&category=documents&classes=now").await.expect(200);
        assert!(list.has(&codes[4]) && !list.has(&codes[0]), "{}", list.body);
    }
}
