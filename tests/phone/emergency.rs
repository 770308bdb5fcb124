//! An emergency from its plan to its end: what citizens see and hear, where requests go, what is left of it.
use std::sync::Arc;

use serde_json::Value;
use sportello::emergency;
use sportello::tickets::assignment::Prioritiser;

use super::centre::*;
use super::provider::*;
use crate::support::*;

fn plan() -> Value {
    json!({
        "name": "Terremoto", "name_en": "Earthquake", "always_open": true, "calendars": ["uffici"],
        "banner": "Terremoto: per le urgenze il 112", "banner_en": "Earthquake: in an emergency call 112",
        "phone": { "welcome": "Emergenza terremoto", "message": "Lasciate detto dove vi trovate", "class": "emergenza-informazioni" },
        "bodies": [{ "slug": "squadre", "name": "Squadre di verifica", "agency": "coc",
            "agency_name": "Centro operativo", "email": "squadre@example.net" }],
        "classes": [
            { "slug": "emergenza-edifici", "name": "Danni agli edifici", "keywords": ["crep", "agibil"], "unit": "squadre",
              "question": "Quando fate il sopralluogo?", "becomes": "waste" },
            { "slug": "emergenza-informazioni", "name": "Informazioni sul terremoto", "keywords": ["scoss"], "becomes": "waste" },
        ],
    })
}

async fn save(t: &TestApp, plan: &Value) {
    let calendar = json!({ "expected": 0, "valid_from": "2026-01-01", "body": { "name": "Uffici",
        "week": ["8:00-14:00", "8:00-14:00", "8:00-14:00", "8:00-14:00", "8:00-14:00", "", ""],
        "holidays": true, "patron": "", "closures": [] } });
    let phase = json!({ "subject": "ticket", "kind": "answer", "amount": 30, "unit": "working_hours", "roll": "festive",
        "warn_percent": 80, "waits": true, "tells": false });
    let protocol = json!({ "expected": 0, "valid_from": "2026-01-01", "body": { "name": "Protocollo", "enabled": true,
        "source": "", "calendar": 1, "categories": [], "units": [], "phases": [phase], "documents_days": 30,
        "documents_once": true, "notice_days": 10, "notice_effect": "suspends", "silence": "" } });
    let api = t.api(Role::Admin).await;
    api.send_json(reqwest::Method::PUT, "/api/v1/calendars/uffici", &calendar).await.expect(200);
    api.send_json(reqwest::Method::PUT, "/api/v1/protocols/usuale", &protocol).await.expect(200);
    api.send_json(reqwest::Method::PUT, "/api/v1/emergency/plans/terremoto", plan).await.expect(200);
}

async fn contact(t: &TestApp, id: &str, text: &str) -> String {
    let body = json!({ "channel": "email", "external_id": id, "from": format!("{id}@example.org"), "subject": id, "text": text });
    let made = t.api(Role::Integration).await.post_json("/api/v1/contacts", &body).await.expect(201).json();
    made["ticket_code"].as_str().unwrap().to_owned()
}

async fn form_request(t: &TestApp, category: &str, text: &str) -> String {
    let body = json!({ "kind": "information", "category": category, "text": text, "name": "Marta Neri",
        "email": "marta.neri@example.org", "privacy_accepted": true });
    let made = t.browser().post_json("/api/v1/public/requests", &body).await.expect(201).json();
    made["code"].as_str().unwrap().to_owned()
}

async fn class(t: &TestApp, code: &str) -> Option<String> {
    let sql = format!("SELECT k.slug FROM tickets t JOIN categories k ON k.id = t.category_id WHERE t.code = '{code}'");
    t.texts(&sql).await.pop()
}

/// All that a plan may change, to be compared.
async fn ordinary(t: &TestApp) -> (Value, Vec<String>, Vec<String>) {
    let taxonomy = t.api(Role::Admin).await.get_json("/api/v1/taxonomies/in-force").await.expect(200).json();
    let rules = t.texts("SELECT content FROM routing_versions WHERE state = 'active'").await;
    let units = t.texts("SELECT slug FROM units WHERE valid_to IS NULL ORDER BY slug").await;
    let mut categories = taxonomy["categories"].as_array().unwrap().clone();
    categories.sort_by_key(|category| category["slug"].to_string());
    (categories.into(), rules, units)
}

async fn due(t: &TestApp, code: &str) -> i64 {
    t.number(&format!("SELECT due_at FROM tickets WHERE code = '{code}'")).await
}

with_menu_on_each_engine! {
    async fn a_plan_comes_into_force_with_one_button_and_goes_without_a_trace(t: TestApp) {
        save(&t, &plan()).await;
        provider(&t).await;
        agent(&t, "anna@example.it", "7", "sip:7@cc.test", json!({})).await;
        t.services.telephony.refresh().await.unwrap();
        let routing = json!([{ "name": "Ingombranti", "when": { "categories": ["waste/bulky"] }, "then": { "unit": "counter" } }]);
        let api = t.api(Role::Admin).await;
        let id = api.post_json("/api/v1/routing", &routing).await.expect(201).json()["id"].as_i64().unwrap();
        api.post_json(&format!("/api/v1/routing/{id}/activate"), &json!({})).await.expect(204);
        let early = contact(&t, "cassonetto", "Il cassonetto è pieno").await;
        wait_for(&t, &format!("SELECT COUNT(*) FROM tickets WHERE code = '{early}' AND due_at IS NOT NULL"), 1).await;
        let (before, term) = (ordinary(&t).await, due(&t, &early).await);

        // In the evening, after the office has closed.
        t.clock.set("2026-03-02T21:10:00Z".parse::<jiff::Timestamp>().unwrap().into());
        let closed = form(&t, "/hooks/twilio/voice", "CA0", &[("CallStatus", "ringing")]).await.expect(200);
        assert!(!closed.has("ufficio urp"), "{}", closed.body);
        let checked = api.get_json("/api/v1/emergency/plans/terremoto/check").await.expect(200).json();
        assert_eq!((checked["classes"].as_array().unwrap().len(), &checked["units"][0]["slug"]), (2, &json!("squadre")));
        let order = json!({ "plan": "terremoto", "reason": "Prova annuale", "drill": true });
        assert_eq!(api.post_json("/api/v1/emergency/start", &order).await.expect(201).json()["state"], "drill");
        assert_eq!((ordinary(&t).await, due(&t, &early).await), (before.clone(), term), "a drill changes nothing");
        t.api(Role::Agent).await.post_json("/api/v1/emergency/start", &order).await.expect(403);

        let chief = t.sign_in(Role::Supervisor).await;
        let page = chief.get("/scrivania/emergenza/piani/terremoto").await.expect(200);
        assert!(page.has("Danni agli edifici → inviata subito a Squadre di verifica") && page.has("Uffici"), "{}", page.body);
        let start = "/scrivania/emergenza/piani/terremoto/avvia";
        let reason = ("reason", "Scossa delle 22:04, ordinanza del sindaco");
        assert!(chief.post_form(start, &[reason, ("then", "start")]).await.expect(422).has("Spuntate la conferma"));
        chief.post_form(start, &[("reason", " "), ("confirm", "true"), ("then", "start")]).await.expect(422);
        t.clock.advance(SignedDuration::from_mins(1));
        chief.post_form(start, &[reason, ("confirm", "true"), ("then", "start")]).await.expect(303);
        api.post_json("/api/v1/emergency/start", &json!({ "plan": "terremoto", "reason": "Di nuovo" })).await.expect(409);

        // Citizens, operators and callers are told; nobody is closed.
        let home = t.browser().get("/").await.expect(200);
        assert!(home.has("Terremoto: per le urgenze il 112"), "{}", home.body);
        assert!(t.browser().get("/?lang=en").await.expect(200).has("Earthquake: in an emergency call 112"));
        let operator = t.sign_in(Role::Agent).await;
        assert!(operator.get("/scrivania/schede").await.expect(200).has("Emergenza in corso: Terremoto."));
        let menu = form(&t, "/hooks/twilio/voice", "CA1", &[("CallStatus", "ringing")]).await.expect(200);
        assert!(menu.has("Emergenza terremoto") && menu.has("ufficio urp prema 1") && !menu.has("Benvenuti"), "{}", menu.body);
        let dial = form(&t, &address(&menu, "action"), "CA1", &[("CallStatus", "in-progress"), ("Digits", "1")]).await.expect(200);
        assert!(dial.has("sip:7@cc.test"), "{}", dial.body);
        t.clock.advance(SignedDuration::from_secs(50));
        let over = [("CallStatus", "in-progress"), ("DialCallStatus", "completed"), ("DialCallDuration", "40")];
        form(&t, &address(&dial, "action"), "CA1", &over).await.expect(200);
        form(&t, "/hooks/twilio/status", "CA1", &[("CallStatus", "completed"), ("CallDuration", "55")]).await.expect(200);
        settle(&t).await;
        let called = t.texts("SELECT t.code FROM tickets t JOIN contacts c ON c.ticket_id = t.id WHERE c.channel = 'phone'").await;
        assert_eq!(class(&t, called.last().unwrap()).await.as_deref(), Some("emergenza-informazioni"));

        // What arrives is classed, sent to who helps, and comes first.
        let damaged = contact(&t, "crepe", "Ci sono Crepe nei muri di casa").await;
        assert_eq!(class(&t, &damaged).await.as_deref(), Some("emergenza-edifici"));
        let sent = t.texts("SELECT u.slug || '|' || l.kind FROM legs l JOIN units u ON u.id = l.unit_id").await;
        assert_eq!(sent, ["squadre|competence"]);
        let choices = t.browser().get("/sportello/richiesta").await.expect(200);
        assert!(choices.has("Informazioni sul terremoto"), "{}", choices.body);
        let asked = form_request(&t, "emergenza-informazioni", "Dove si dorme stanotte?").await;
        let ordinary_one = contact(&t, "buche", "Una buca in via Roma").await;
        t.read_feed(Arc::new(Prioritiser)).await;
        let queue = operator.get("/scrivania/coda/nuove").await.expect(200);
        let place = |code: &str| queue.body.find(&format!("/scrivania/pratiche/{code}")).unwrap_or_else(|| panic!("{code}: {}", queue.body));
        assert!(place(&asked) < place(&early) && place(&early) < place(&ordinary_one), "{}", queue.body);
        assert!(due(&t, &early).await < term, "terms go on at every hour");
        assert!(chief.get("/scrivania/emergenza").await.expect(200).has("Scossa delle 22:04"));

        t.clock.advance(SignedDuration::from_mins(1));
        let end = [("reason", "Cessato allarme"), ("confirm", "true")];
        let report = chief.post_form("/scrivania/emergenza/chiudi", &end).await.expect(303).location().to_owned();
        assert_eq!((ordinary(&t).await, due(&t, &early).await), (before, term), "everything is as it was");
        assert!(!t.browser().get("/").await.expect(200).has("per le urgenze il 112"));
        let night = form(&t, "/hooks/twilio/voice", "CA2", &[("CallStatus", "ringing")]).await.expect(200);
        assert!(night.has("Benvenuti") && !night.has("ufficio urp"), "{}", night.body);
        sportello::classification::activate::run(&t.kernel).await.unwrap();
        assert_eq!(class(&t, &damaged).await.as_deref(), Some("emergenza-edifici"), "it keeps its class");
        let mapped = t.texts("SELECT k.slug FROM category_mappings m JOIN categories k ON k.id = m.new_id").await;
        assert_eq!(mapped, ["waste", "waste"], "figures read it by the ordinary one");
        let leg = format!("/api/v1/tickets/{damaged}/legs/1/answer");
        api.post_json(&leg, &json!({ "text": "Sopralluogo fatto: è agibile." })).await.expect(200);
        let later = contact(&t, "altre-crepe", "Ci sono crepe anche qui").await;
        assert_eq!(class(&t, &later).await, None);

        let figures = chief.get(&report).await.expect(200);
        assert!(figures.has("Danni agli edifici") && figures.has("Squadre di verifica") && figures.has("Cessato allarme"), "{}", figures.body);
        let figures = api.get_json(&format!("/api/v1/emergency{}/report", report.trim_start_matches("/scrivania/emergenza"))).await.expect(200).json();
        let count = |name: &str| figures[name].as_i64().unwrap();
        assert_eq!((count("requests"), count("urgent"), count("calls")), (4, 3, 1), "{figures}");
        assert_eq!((&figures["by_body"][0]["sent"], &figures["by_body"][0]["answered"]), (&json!(1), &json!(1)));
        let told = t.texts("SELECT kind FROM events WHERE kind LIKE 'emergency.%' ORDER BY id").await;
        assert_eq!(told, ["emergency.plan_saved", "emergency.drilled", "emergency.started", "emergency.ended"]);
    }

    async fn what_people_changed_meanwhile_stays_and_is_named(t: TestApp) {
        save(&t, &plan()).await;
        let api = t.api(Role::Admin).await;
        let order = json!({ "plan": "terremoto", "reason": "Scossa" });
        api.post_json("/api/v1/emergency/start", &order).await.expect(201);
        t.execute("UPDATE categories SET name = 'Case lesionate' WHERE slug = 'emergenza-edifici'").await;
        t.execute("UPDATE units SET email = 'nuovo@example.net' WHERE slug = 'squadre'").await;
        let body = json!({ "expected": 2, "valid_from": "2026-03-02", "body": { "name": "Uffici di notte",
            "week": ["0:00-6:00", "", "", "", "", "", ""], "holidays": false, "patron": "", "closures": [] } });
        api.send_json(reqwest::Method::PUT, "/api/v1/calendars/uffici", &body).await.expect(200);
        let ended = api.post_json("/api/v1/emergency/end", &json!({ "reason": "Finita" })).await.expect(200).json();
        let left: Vec<_> = ended["left_alone"].as_array().unwrap().iter().map(|l| l["name"].as_str().unwrap().to_owned()).collect();
        assert_eq!(left, ["Case lesionate", "Uffici", "Squadre di verifica"]);
        let in_use = "SELECT slug FROM categories WHERE retired_at IS NULL AND slug LIKE 'emergenza-%'";
        assert_eq!(t.texts(in_use).await, ["emergenza-edifici"]);
        assert_eq!(t.number("SELECT COUNT(*) FROM calendar_versions").await, 3, "theirs holds");
        let page = t.sign_in(Role::Supervisor).await.get("/scrivania/emergenza/1").await.expect(200);
        assert!(page.has("la classe «Case lesionate»") && page.has("il calendario «Uffici»"), "{}", page.body);

        // It can come again, and goes again.
        t.execute("UPDATE units SET email = 'squadre@example.net', valid_to = 1 WHERE slug = 'squadre'").await;
        let again = api.post_json("/api/v1/emergency/start", &order).await.expect(201).json();
        assert_eq!(again["changes"]["units"][0]["slug"], "squadre", "a body that was there comes back");
        let ended = api.post_json("/api/v1/emergency/end", &json!({ "reason": "Finita" })).await.expect(200).json();
        assert_eq!(ended["left_alone"], json!([]));
        assert_eq!(t.texts("SELECT name FROM categories WHERE retired_at IS NULL AND slug LIKE 'emergenza-%'").await, ["Case lesionate"]);
    }

    async fn a_plan_that_does_not_fit_changes_nothing_at_all(t: TestApp) {
        let mut wrong = plan();
        wrong["calendars"] = json!(["uffici", "no-such"]);
        save(&t, &wrong).await;
        let (before, api) = (ordinary(&t).await, t.api(Role::Admin).await);
        let order = json!({ "plan": "terremoto", "reason": "Scossa" });
        let refused = api.post_json("/api/v1/emergency/start", &order).await.expect(422);
        assert!(refused.has("calendars.no-such"), "{}", refused.body);
        assert_eq!((ordinary(&t).await, t.number("SELECT COUNT(*) FROM emergencies").await), (before, 0));
        let page = t.sign_in(Role::Supervisor).await.get("/scrivania/emergenza/piani/terremoto").await.expect(200);
        assert!(page.has("Così com’è il piano non può partire") && page.has("Un calendario del piano non esiste più"), "{}", page.body);
        api.post_json("/api/v1/emergency/end", &json!({ "reason": "Niente" })).await.expect(409);
    }

    async fn another_process_follows_what_is_in_force(t: TestApp) {
        save(&t, &plan()).await;
        let order = json!({ "plan": "terremoto", "reason": "Scossa" });
        t.api(Role::Admin).await.post_json("/api/v1/emergency/start", &order).await.expect(201);
        // As the command line does beside a running server: its own memory knows nothing yet.
        t.kernel.emergency.set(None);
        assert!(!t.browser().get("/").await.expect(200).has("per le urgenze il 112"));
        emergency::refresh(&t.kernel).await.unwrap();
        assert!(t.browser().get("/").await.expect(200).has("per le urgenze il 112"));
    }

    async fn an_administrator_writes_a_plan_on_a_page_and_carries_it_as_a_file(t: TestApp) {
        let admin = t.sign_in(Role::Admin).await;
        assert!(admin.get("/scrivania/emergenza").await.expect(200).has("Prendi il piano di esempio"));
        let fields = [
            ("seen", "0"), ("name", "Ondata di calore"), ("banner", "Restate in casa"), ("always_open", "true"),
            ("class-0-name", "Anziani soli"), ("class-0-keywords", "anzian, malor"), ("class-0-citizen", "true"), ("class-0-becomes", "waste"),
            ("body-0-name", "Croce"), ("body-0-agency_name", "Volontariato"), ("body-0-email", "nessuno"),
        ];
        let refused = admin.post_form("/scrivania/emergenza/nuovo", &fields).await.expect(422);
        assert!(refused.has("Scrivete un indirizzo e-mail") && refused.has("Restate in casa"), "{}", refused.body);
        let mut fields = fields.to_vec();
        fields[10].1 = "croce@example.net";
        let page = admin.post_form("/scrivania/emergenza/nuovo", &fields).await.expect(303).location().to_owned();
        assert_eq!(page, "/scrivania/emergenza/piani/ondata-di-calore");
        assert!(admin.get(&page).await.expect(200).has("Anziani soli"));
        assert!(admin.get(&format!("{page}/modifica")).await.expect(200).has("anzian, malor"));
        let stale = admin.post_form(&format!("{page}/modifica"), &fields).await.expect(422);
        assert!(stale.has("ha salvato il piano nel frattempo"), "{}", stale.body);
        let file = admin.get(&format!("{page}.toml")).await.expect(200);
        assert!(file.has("slug = \"emergenza-anziani-soli\"") && file.has("agency = \"volontariato\""), "{}", file.body);
        let changed = file.body.replace("Restate in casa", "Bevete molto");
        admin.post_form("/scrivania/emergenza/importa", &[("file", &changed)]).await.expect(303);
        assert!(admin.get(&page).await.expect(200).has("Bevete molto"));
        assert_eq!(t.number("SELECT MAX(number) FROM emergency_plan_versions").await, 2);
        admin.post_form("/scrivania/emergenza/importa", &[("file", "colore = 1")]).await.expect(422);
        t.sign_in(Role::Supervisor).await.get(&format!("{page}/modifica")).await.expect(403);
        t.sign_in(Role::Agent).await.get("/scrivania/emergenza").await.expect(403);
    }
}
