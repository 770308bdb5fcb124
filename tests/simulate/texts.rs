//! Text messages, the form, and the counter's own program.
use serde_json::json;

use super::outside::*;
use crate::support::*;

async fn answer_one(t: &TestApp, account: &str) {
    let code = t.texts("SELECT code FROM tickets ORDER BY id LIMIT 1").await.remove(0);
    let to = t.texts("SELECT from_address FROM contacts ORDER BY id LIMIT 1").await.remove(0);
    let answer = json!({ "text": "Interveniamo domani.", "way": "account", "account": account, "to": to });
    t.api(Role::Admin).await.post_json(&format!("/api/v1/tickets/{code}/replies"), &answer).await.expect(200);
}

outside_on_each_engine! {
    async fn texts_through_kannel_come_whole_and_reports_go_back(t: TestApp) {
        let listen = format!("127.0.0.1:{}", free_port());
        let settings = json!({ "url": format!("http://{listen}/cgi-bin/sendsms"), "user": "sportello",
            "password": "file:simulator", "hook_password": "file:simulator", "sender": "Valdoria" });
        account(&t, "sms", "sms_kannel", settings).await;
        let simulator = start(&["sms", "--url", &t.url, "--account", "sms", "--secret", &secret(&t), "--count", "15",
            "--rate", "max", "--listen", &listen, "--undelivered", "0", "--stay", "12s"]);
        wait_for(&t, "SELECT COUNT(*) FROM contacts WHERE direction = 'in'", 15).await;
        answer_one(&t, "sms").await;
        // Acknowledgements and the answer, each taken and reported on.
        wait_for(&t, "SELECT COUNT(*) FROM outbox WHERE purpose = 'reply' AND state = 'delivered'", 1).await;
        let report = simulator.report().await;
        assert_eq!((report["sent"].as_u64(), report["refused"].as_u64()), (Some(15), Some(0)), "{report}");
        assert_eq!(t.number("SELECT COUNT(*) FROM outbox WHERE state <> 'delivered'").await, 0);
        let long = t.number("SELECT COUNT(*) FROM contacts WHERE direction = 'in' AND LENGTH(body) > 160").await;
        let parts = t.number("SELECT COUNT(*) FROM raw_items WHERE channel = 'sms'").await;
        assert!(long > 0 && parts > 15, "{long} long texts in {parts} requests");
    }

    async fn texts_through_twilio_come_and_failures_are_told(t: TestApp) {
        let listen = format!("127.0.0.1:{}", free_port());
        let settings = json!({ "url": format!("http://{listen}"), "account_sid": "AC1", "auth_token": "file:simulator",
            "sender": "+39800000123" });
        account(&t, "sms", "sms_twilio", settings).await;
        let simulator = start(&["sms", "--as", "twilio", "--url", &t.url, "--account", "sms", "--secret", &secret(&t),
            "--count", "8", "--rate", "max", "--listen", &listen, "--undelivered", "1", "--stay", "12s"]);
        wait_for(&t, "SELECT COUNT(*) FROM contacts WHERE direction = 'in'", 8).await;
        answer_one(&t, "sms").await;
        wait_for(&t, "SELECT COUNT(*) FROM outbox WHERE purpose = 'reply' AND state = 'failed'", 1).await;
        assert_eq!(simulator.report().await["refused"].as_u64(), Some(0));
    }

    async fn texts_through_an_smsc_come_whole_and_receipts_go_back(t: TestApp) {
        let port = free_port();
        let listen = format!("127.0.0.1:{port}");
        let simulator = start(&["sms", "--as", "smpp", "--secret", &secret(&t), "--count", "12", "--rate", "max",
            "--listen", &listen, "--undelivered", "0", "--stay", "12s"]);
        let settings = json!({ "host": "127.0.0.1", "port": port.to_string(), "security": "plain",
            "system_id": "sportello", "password": "file:simulator", "sender": "Valdoria" });
        account(&t, "sms", "smpp", settings).await;
        wait_for(&t, "SELECT COUNT(*) FROM contacts WHERE direction = 'in'", 12).await;
        answer_one(&t, "sms").await;
        wait_for(&t, "SELECT COUNT(*) FROM outbox WHERE purpose = 'reply' AND state = 'delivered'", 1).await;
        let report = simulator.report().await;
        assert_eq!((report["sent"].as_u64(), report["refused"].as_u64()), (Some(12), Some(0)), "{report}");
        assert_eq!(t.number("SELECT COUNT(*) FROM outbox WHERE state <> 'delivered'").await, 0);
        let long = t.number("SELECT COUNT(*) FROM contacts WHERE direction = 'in' AND LENGTH(body) > 160").await;
        assert!(long > 0, "no text came in parts");
        assert_eq!(t.number("SELECT COUNT(*) FROM raw_items WHERE state = 'quarantined'").await, 0);
    }

    async fn requests_of_the_form_and_of_a_counter_are_tickets(t: TestApp) {
        let token = t.token(Role::Integration).await;
        let file = t.kernel.config.data.join("secrets/token");
        std::fs::write(&file, token).unwrap();
        let token = format!("file:{}", file.display());
        simulate(&["counter", "--url", &t.url, "--token", &token, "--count", "25", "--rate", "50/s"], 25).await;
        assert_eq!(t.number("SELECT COUNT(*) FROM contacts WHERE channel = 'counter'").await, 25);
        // A category that this small agency has not is refused, and the command says so.
        let refused = start(&["form", "--url", &t.url, "--token", &token, "--count", "1", "--topics", "town"]);
        let output = refused.0.wait_with_output().await.unwrap();
        assert!(!output.status.success() && String::from_utf8_lossy(&output.stdout).contains("unknown"));
        simulate(&["form", "--url", &t.url, "--token", &token, "--count", "10", "--rate", "max", "--no-category"], 10).await;
        assert_eq!(t.number("SELECT COUNT(*) FROM contacts WHERE channel = 'web'").await, 10);
    }
}
