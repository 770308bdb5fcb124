//! Sites: written by administrators, read by citizens who look for where to go.
use reqwest::Method;

use super::*;

const UNIT: &str = "/scrivania/organizzazione/strutture/counter";

fn site<'f>(hours: &'f str, closures: &'f str) -> Vec<(&'f str, &'f str)> {
    vec![
        ("name", "Palazzo civico"),
        ("address", "Via Roma 1"),
        ("hours", hours),
        ("closures", closures),
        ("holidays", "true"),
        ("phone", "055 0100 1"),
        ("note", "Ingresso dal cortile"),
    ]
}

on_each_engine! {
    async fn a_site_is_written_on_the_page_of_its_unit_and_read_by_citizens(t: TestApp) {
        let admin = t.sign_in(Role::Admin).await;
        let hours = "lun-ven 8.30-13:00\nlun 14:30-17:00";
        admin.post_form(&format!("{UNIT}/nuova-sede"), &site(hours, "03/03/2026")).await.expect(303);
        let unit = admin.get(UNIT).await.expect(200);
        assert!(unit.has("Palazzo civico") && unit.has(&format!("{UNIT}/sedi/palazzo-civico")));
        // Monday at nine.
        let home = t.browser().get("/").await.expect(200);
        for text in ["Via Roma 1", "lunedì-venerdì 8:30-13:00", "lunedì 14:30-17:00", "Aperto fino alle 13:00", "Chiuso il 3 marzo 2026", "Ingresso dal cortile"] {
            assert!(home.has(text), "{text}");
        }
        t.clock.advance(SignedDuration::from_hours(9));
        assert!(t.browser().get("/").await.expect(200).has("Apre mercoledì 4 marzo 2026 alle 08:30"), "closed on Tuesday");
        let form = admin.get(&format!("{UNIT}/sedi/palazzo-civico")).await.expect(200);
        assert!(form.has("lun-ven 08:30-13:00\nlun 14:30-17:00") && form.has(">2026-03-03</textarea>"));
        let mut ended = site(hours, "");
        ended.push(("to", "2026-03-01"));
        admin.post_form(&format!("{UNIT}/sedi/palazzo-civico"), &ended).await.expect(303);
        assert!(!t.browser().get("/").await.expect(200).has("Via Roma 1"));
        assert!(admin.get(UNIT).await.expect(200).has("Via Roma 1"), "what is over stays in the history");
    }

    async fn a_form_that_cannot_be_read_says_what_and_keeps_what_was_written(t: TestApp) {
        let admin = t.sign_in(Role::Admin).await;
        let path = format!("{UNIT}/nuova-sede");
        let wrong = admin.post_form(&path, &site("quando capita", "")).await.expect(422);
        assert!(wrong.has("Non si riesce a leggere: Orario ordinario") && wrong.has(">quando capita</textarea>"));
        let wrong = admin.post_form(&path, &[("name", "Sede"), ("address", "")]).await.expect(422);
        assert!(wrong.has("Manca: Indirizzo"));
        assert_eq!(t.number("SELECT COUNT(*) FROM sites").await, 0);
        t.sign_in(Role::Supervisor).await.get(&path).await.expect(403);
    }

    async fn a_program_writes_a_site_and_reads_when_it_opens(t: TestApp) {
        let admin = t.api(Role::Admin).await;
        let body = json!({
            "unit": "anagrafe", "name": "Anagrafe", "address": "Via del Duomo 4",
            "hours": {
                "ordinary": ["mon-fri 08:30-12:30"], "holidays": true,
                "seasons": [{ "from": "2026-03-02", "to": "2026-03-31", "opening": "tue 10:00-12:00" }],
            },
        });
        admin.send_json(Method::PUT, "/api/v1/sites/duomo", &body).await.expect(200);
        let listed = admin.get_json("/api/v1/units/anagrafe/sites").await.expect(200).json();
        assert_eq!(listed[0]["opens_at"], "2026-03-03T09:00:00Z", "{listed}");
        assert_eq!(listed[0]["hours"]["ordinary"][0], "mon-fri 08:30-12:30");
        let unknown = json!({ "unit": "nessuna", "name": "X", "address": "Y" });
        admin.send_json(Method::PUT, "/api/v1/sites/x", &unknown).await.expect(422);
        assert!(t.event_kinds().await.contains(&"site.changed".to_owned()));
    }

    async fn the_sites_of_a_closed_unit_go_to_its_successor(t: TestApp) {
        let admin = t.sign_in(Role::Admin).await;
        admin.post_form(&format!("{UNIT}/nuova-sede"), &site("lun 9-12", "")).await.expect(303);
        let api = t.api(Role::Admin).await;
        let close = json!({ "reason": "Delibera", "plan": { "closes": [{ "unit": "counter", "successor": "anagrafe" }] } });
        api.post_json("/api/v1/organisation/changes", &close).await.expect(201);
        let listed = api.get_json("/api/v1/units/anagrafe/sites").await.expect(200).json();
        assert_eq!(listed[0]["slug"], "palazzo-civico");
    }
}
