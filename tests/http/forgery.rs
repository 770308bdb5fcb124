//! Requests that another site makes in the name of somebody signed in.
use reqwest::Method;

use crate::support::*;

on_each_engine! {
    async fn a_form_without_the_sessions_token_is_refused(t: TestApp) {
        let agent = t.sign_in(Role::Agent).await;
        let post = |body: &'static str| {
            let request = agent.request(Method::POST, "/scrivania/profilo/lingua");
            request.header("content-type", "application/x-www-form-urlencoded").header("accept", "text/html").body(body)
        };
        let page = agent.send(post("language=en")).await.expect(403);
        assert!(page.has("La pagina è rimasta aperta troppo a lungo"));
        agent.send(post("language=en&_csrf=wrong")).await.expect(403);
        agent.post_form("/scrivania/profilo/lingua", &[("language", "en")]).await.expect(303);
    }

    async fn a_change_without_form_needs_the_token_in_a_header(t: TestApp) {
        let admin = t.sign_in(Role::Admin).await;
        let made = admin.post_json("/api/v1/tokens", &json!({"name": "x", "role": "integration"})).await.expect(201);
        let path = format!("/api/v1/tokens/{}", made.json()["id"]);
        let bare = admin.request(Method::DELETE, &path);
        assert_eq!(admin.send(bare).await.expect(403).json()["code"], "csrf");
        let token = admin.csrf().await.unwrap();
        let with_token = admin.request(Method::DELETE, &path).header("x-csrf-token", token);
        admin.send(with_token).await.expect(204);
    }

    async fn a_browser_that_says_another_site_asked_is_refused(t: TestApp) {
        let agent = t.sign_in(Role::Agent).await;
        let token = agent.csrf().await.unwrap();
        let body = format!("language=en&_csrf={token}");
        let post = |header: &'static str, value: String| {
            let request = agent.request(Method::POST, "/scrivania/profilo/lingua").header(header, value);
            request.header("content-type", "application/x-www-form-urlencoded").body(body.clone())
        };
        agent.send(post("origin", "https://evil.example".into())).await.expect(403);
        agent.send(post("sec-fetch-site", "cross-site".into())).await.expect(403);
        agent.send(post("sec-fetch-site", "same-site".into())).await.expect(403);
        agent.send(post("sec-fetch-site", "same-origin".into())).await.expect(303);
        agent.send(post("origin", t.url.clone())).await.expect(303);
    }

    async fn nobody_is_signed_in_from_another_site(t: TestApp) {
        t.user(Role::Agent).await;
        let browser = t.browser();
        let request = browser.request(Method::POST, "/accesso").header("origin", "https://evil.example");
        let body = serde_urlencoded::to_string([("login", "agent@example.it"), ("password", PASSWORD)]).unwrap();
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(body);
        browser.send(request).await.expect(403);
        assert_eq!(browser.cookie("sportello_session"), None);
    }

    async fn every_answer_tells_browsers_what_to_refuse(t: TestApp) {
        for path in ["/accesso", "/nothing-here", "/healthz", "/api/v1/me"] {
            let answer = t.browser().get(path).await;
            let policy = answer.header("content-security-policy");
            assert!(policy.contains("script-src 'self'") && policy.contains("frame-ancestors 'none'"), "{path}");
            assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
            assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
            assert!(answer.header("traceparent").starts_with("00-"), "{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_on_https_marks_its_cookie_and_keeps_browsers_there() {
    let t = TestApp::configured(Engine::Sqlite, |_| {}).await;
    let secure = t.second_face(|config| config.server.public_url = "https://sportello.example.it".to_owned());
    t.user(Role::Agent).await;
    let browser = secure.browser();
    let answer = browser.post_form("/accesso", &[("login", "agent@example.it"), ("password", PASSWORD)]).await;
    assert!(answer.expect(303).header("set-cookie").contains("Secure"));
    assert_eq!(browser.get("/healthz").await.header("strict-transport-security"), "max-age=31536000");
    t.stop().await;
}
