//! Probes, metrics, assets, traces.
use reqwest::Method;

use crate::support::*;

on_each_engine! {
    async fn a_healthy_server_says_so(t: TestApp) {
        let anybody = t.browser();
        assert_eq!(anybody.get("/healthz").await.expect(200).body, "ok\n");
        let ready = anybody.get("/readyz").await.expect(200).json();
        assert_eq!((&ready["ready"], &ready["checks"]["database"], &ready["checks"]["blobs"]), (&json!(true), &json!("ok"), &json!("ok")));
        anybody.get("/no-such-page").await;
        let metrics = anybody.get("/metrics").await.expect(200);
        assert!(metrics.has("http_requests_total{method=\"GET\",status=\"404\"} 1"), "{}", metrics.body);
        assert!(metrics.has("http_request_seconds_count"));
    }

    async fn a_server_without_its_database_is_not_ready(t: TestApp) {
        t.kernel.db.close().await;
        let anybody = t.browser();
        anybody.get("/healthz").await.expect(200);
        let ready = anybody.get("/readyz").await.expect(503).json();
        assert_eq!(ready["checks"]["database"], "cannot be written");
        anybody.get("/scrivania/profilo").await.expect(303);
    }

    async fn a_trace_goes_on_through_the_server(t: TestApp) {
        let anybody = t.browser();
        let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let request = anybody.request(Method::GET, "/healthz").header("traceparent", parent);
        let answer = anybody.send(request).await;
        assert!(answer.header("traceparent").starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-"));
        assert_ne!(answer.header("traceparent"), parent);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn built_assets_are_kept_by_browsers_for_ever() {
    let t = TestApp::start(Engine::Sqlite).await;
    let page = t.browser().get("/accesso").await;
    let style = page.between("rel=\"stylesheet\" href=\"", "\"").unwrap().to_owned();
    // Without a build of `web/` there are no assets to serve.
    if style != "/assets/citizen.css" {
        let answer = t.browser().get(&style).await.expect(200);
        assert!(answer.header("cache-control").contains("immutable"));
        assert!(answer.header("content-type").starts_with("text/css"));
        let compressed = t.browser().request(Method::GET, &style).header("accept-encoding", "gzip");
        let compressed = t.browser().send(compressed).await;
        assert_eq!(compressed.header("content-encoding"), "gzip");
        assert!(compressed.bytes.len() * 2 < answer.bytes.len());
    }
    t.browser().get("/assets/../Cargo.toml").await.expect(404);
    t.browser().get("/assets/no-such-thing.css").await.expect(404);
    assert!(t.browser().get("/robots.txt").await.expect(200).has("Disallow: /scrivania"));
    t.stop().await;
}
