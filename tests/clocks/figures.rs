//! Shares met and lengths, the lists behind them, their export.
use super::*;

on_each_engine! {
    async fn every_figure_opens_its_list_and_page_export_and_api_agree(t: TestApp) {
        usual(&t).await;
        let codes = [arrives(&t).await, arrives(&t).await, arrives(&t).await];
        let desk = t.sign_in(Role::Agent).await;
        let close = [("outcome", "answered")];
        desk.post_form(&at(&codes[0], "/chiudi"), &close).await.expect(303);
        t.clock.advance(SignedDuration::from_hours(24 * 2));
        let desk = t.sign_in(Role::Agent).await;
        desk.post_form(&at(&codes[1], "/chiudi"), &close).await.expect(303);
        t.clock.advance(SignedDuration::from_hours(24 * 20));
        let boss = t.sign_in(Role::Supervisor).await;
        mark(&t).await;
        // Charge: met once in time, then late, then never; answer: met twice, missed once.
        let api = t.api(Role::Supervisor).await;
        let found = api.get("/api/v1/supervision/terms?by=phase").await.expect(200).json();
        let line = |key: &str| {
            let line = found["lines"].as_array().unwrap().iter().find(|l| l["key"] == key).unwrap();
            (line["met"].as_i64().unwrap(), line["missed"].as_i64().unwrap())
        };
        assert_eq!((line("take_charge"), line("answer")), ((1, 2), (2, 1)));
        assert_eq!(found["total"]["met"], 3);
        let list = api.get("/api/v1/supervision/terms/list?by=phase&key=take_charge&which=missed").await.expect(200);
        assert_eq!(list.json().as_array().unwrap().len(), 2);

        let page = boss.get("/scrivania/supervisione/termini?by=phase").await.expect(200);
        assert!(page.has("Presa in carico") && page.has("66,7"), "{}", page.body);
        let behind = page.between("href=\"/scrivania/supervisione/termini/elenco", "\"").unwrap().replace("&amp;", "&").replace("&#38;", "&");
        assert!(boss.get(&format!("/scrivania/supervisione/termini/elenco{behind}")).await.expect(200).has("Carta di identità"));
        let csv = boss.get("/scrivania/supervisione/termini.csv?by=phase").await.expect(200);
        assert!(csv.body.contains("take_charge,Presa in carico,,1,2,333,"), "{}", csv.body);
        let slow = boss.get("/scrivania/supervisione/termini?by=category").await.expect(200);
        assert!(slow.has("Durata mediana") && slow.has("Presa in carico"), "{}", slow.body);
        t.sign_in(Role::Agent).await.get("/scrivania/supervisione/termini").await.expect(403);
        boss.get("/scrivania/supervisione/termini?from=domani").await.expect(422);
    }
}
