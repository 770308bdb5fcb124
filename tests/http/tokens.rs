//! Programs with bearer tokens.
use reqwest::Method;
use sportello::identity::create_token;
use sportello::kernel::events::Actor;

use crate::support::*;

on_each_engine! {
    async fn a_repeated_request_with_its_key_gets_the_first_answer(t: TestApp) {
        let admin = t.api(Role::Admin).await;
        let contact = json!({"channel": "phone", "external_id": "1", "from": "+390862000000", "text": "Buca in via Roma"});
        let taken = admin.post_json("/api/v1/contacts", &contact).await.expect(201).json();
        let path = format!("/api/v1/tickets/{}/notes", taken["ticket_code"].as_str().unwrap());
        let send = |key: &'static str, text: &'static str| {
            let request = admin.request(Method::POST, &path).header("idempotency-key", key).json(&json!({"text": text}));
            let admin = &admin;
            async move { admin.send(request).await }
        };
        let first = send("k1", "prima").await.expect(200);
        let again = send("k1", "prima").await.expect(200);
        assert_eq!((first.json(), first.header("etag")), (again.json(), again.header("etag")));
        assert_eq!(t.number("SELECT COUNT(*) FROM contacts WHERE body = 'prima'").await, 1);
        assert_eq!(send("k1", "altra").await.expect(422).json()["code"], "idempotency_key_reused");
        send("k2", "prima").await.expect(200);
        assert_eq!(t.number("SELECT COUNT(*) FROM contacts WHERE body = 'prima'").await, 2);
        // What was refused may be sent again with the same key.
        send("k3", "").await.expect(422);
        send("k3", "giusta").await.expect(200);
        // Two at once: one works, the other gets its answer or is told to wait.
        let (a, b) = tokio::join!(send("k4", "doppia"), send("k4", "doppia"));
        let mut statuses = [a.status, b.status];
        statuses.sort_unstable();
        assert!(statuses == [200, 200] || statuses == [200, 409], "{statuses:?}");
        assert_eq!(t.number("SELECT COUNT(*) FROM contacts WHERE body = 'doppia'").await, 1);
    }

    async fn a_token_calls_the_api_until_it_is_revoked(t: TestApp) {
        let admin = t.api(Role::Admin).await;
        let made = admin.post_json("/api/v1/tokens", &json!({"name": "site", "role": "integration"})).await.expect(201);
        let (id, secret) = (made.json()["id"].clone(), made.json()["token"].as_str().unwrap().to_owned());
        let me = |secret: &str| {
            let browser = t.browser();
            let request = browser.request(Method::GET, "/api/v1/me").bearer_auth(secret);
            async move { browser.send(request).await }
        };
        assert_eq!(me(&secret).await.expect(200).json()["role"], "integration");
        let listed = admin.get("/api/v1/tokens").await.expect(200);
        assert!(listed.has("\"site\"") && !listed.has(&secret));

        let revoke = admin.request(Method::DELETE, &format!("/api/v1/tokens/{id}"));
        admin.send(revoke).await.expect(204);
        t.clock.advance(SignedDuration::from_secs(6));
        assert_eq!(me(&secret).await.expect(401).json()["code"], "invalid_token");
    }

    async fn a_token_ends_with_its_days(t: TestApp) {
        let made = create_token(&t.kernel, Actor::System, "short", Role::Agent, Some(1)).await.unwrap();
        let call = || {
            let browser = t.browser();
            let request = browser.request(Method::GET, "/api/v1/me").bearer_auth(&made.secret);
            async move { browser.send(request).await.status }
        };
        assert_eq!(call().await, 200);
        t.clock.advance(SignedDuration::from_hours(25));
        assert_eq!(call().await, 401);
    }

    async fn only_administrators_make_tokens(t: TestApp) {
        let body = json!({"name": "mine", "role": "admin"});
        for role in [Role::Agent, Role::Supervisor, Role::Referent, Role::Integration] {
            t.api(role).await.post_json("/api/v1/tokens", &body).await.expect(403);
        }
    }

    async fn nothing_in_the_database_is_a_token_or_a_session(t: TestApp) {
        let agent = t.sign_in(Role::Agent).await;
        let (cookie, token) = (agent.cookie("sportello_session").unwrap(), t.token(Role::Admin).await);
        for stored in t.texts("SELECT token_hash FROM sessions UNION SELECT token_hash FROM api_tokens").await {
            assert!(stored != cookie && stored != token && stored.len() == 64);
        }
    }
}
