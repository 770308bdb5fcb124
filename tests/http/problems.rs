//! What a refusal looks like to a program, a person and a fragment of a page.
use reqwest::Method;

use crate::support::*;

on_each_engine! {
    async fn a_program_gets_a_problem_document(t: TestApp) {
        let anybody = t.browser();
        let answer = anybody.get("/api/v1/me").await.expect(401);
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert_eq!(answer.header("www-authenticate"), "Bearer");
        assert_eq!(answer.json()["status"], 401);
        assert_eq!(answer.json()["type"], "urn:sportello:problem:unauthenticated");
        assert_eq!(anybody.get("/api/v1/no-such-thing").await.expect(404).json()["code"], "not_found");
        assert_eq!(anybody.get_json("/no-such-page").await.expect(404).json()["code"], "not_found");

        let admin = t.api(Role::Admin).await;
        let broken = admin.request(Method::POST, "/api/v1/tokens").body("{");
        assert_eq!(admin.send(broken).await.expect(400).json()["code"], "malformed_json");
        let unknown = admin.post_json("/api/v1/tokens", &json!({"name": "x", "role": "emperor"})).await;
        assert_eq!(unknown.expect(422).json()["code"], "invalid");
        let not_a_number = admin.request(Method::DELETE, "/api/v1/tokens/abc");
        assert_eq!(admin.send(not_a_number).await.expect(404).json()["code"], "not_found");
    }

    async fn a_person_gets_a_page_in_plain_words(t: TestApp) {
        let answer = t.browser().get("/no-such-page").await.expect(404);
        assert!(answer.header("content-type").starts_with("text/html"));
        assert!(answer.has("Pagina non trovata") && answer.has("<title>Pagina non trovata – Comune di Prova</title>"));
        assert!(answer.has("/sportello/pratica"));
        let english = t.browser().get("/no-such-page?lang=en").await.expect(404);
        assert!(english.has("Page not found"));
    }

    async fn a_fragment_becomes_an_alert_above_the_page(t: TestApp) {
        let agent = t.sign_in(Role::Agent).await;
        let answer = agent.get_fragment("/scrivania/no-such-fragment").await.expect(404);
        assert_eq!(answer.header("hx-retarget"), "#alerts");
        assert_eq!(answer.header("hx-reswap"), "innerHTML");
        assert!(answer.has("Pagina non trovata") && !answer.has("<html"));

        let stranger = t.browser();
        let request = stranger.request(Method::GET, "/scrivania/profilo").header("hx-request", "true");
        let answer = stranger.send(request.header("hx-current-url", format!("{}/scrivania?x=1", t.url))).await.expect(401);
        assert_eq!(answer.header("hx-redirect"), "/accesso?next=%2Fscrivania%3Fx%3D1");
    }

    async fn a_method_that_an_address_does_not_know_is_refused_in_words(t: TestApp) {
        let browser = t.browser();
        let answer = browser.send(browser.request(Method::PUT, "/api/v1/me")).await;
        assert_eq!(answer.expect(405).json()["code"], "method_not_allowed");
    }

    async fn a_citizen_is_told_whom_to_call(t: TestApp) {
        let quiet = t.browser();
        assert!(!quiet.get("/nothing-here").await.expect(404).has("tel:"));
        let t = t.second_face(|config| {
            config.agency.phone = "800 000 123".to_owned();
            config.agency.opening = "lun-ven 8-18".to_owned();
            config.agency.opening_en = "Mon-Fri 8-18".to_owned();
        });
        for path in ["/nothing-here", "/sportello", "/sportello/schede"] {
            let page = t.browser().get(path).await;
            assert!(page.has("Chiama il numero verde <a href=\"tel:800000123\">800 000 123</a>") && page.has("(lun-ven 8-18)"), "{}", page.body);
            assert!(t.browser().get(&format!("{path}?lang=en")).await.has("(Mon-Fri 8-18)"));
        }
    }
}
