//! An administrator opens a mailbox as a channel account.
use std::time::Duration;

use serde_json::{Value, json};

use super::post::*;
use crate::support::Role;

/// The settings of a mailbox that is not in the configuration, its secrets in their files.
async fn settings_of_a_mailbox(p: &Post) -> Value {
    let data = &p.app.kernel.config.data;
    // No mailbox of the configuration.
    let account = &p.dovecot.accounts()[2];
    for folder in ["secrets", "spool"] {
        std::fs::create_dir_all(data.join(folder)).unwrap();
    }
    std::fs::write(data.join("secrets/anna"), format!("{}\n", account.password)).unwrap();
    std::fs::write(data.join("secrets/sending"), p.smtp.password()).unwrap();
    std::fs::copy(p.dovecot.cert_path(), data.join("secrets/ca.pem")).unwrap();
    json!({
        "address": ANNA, "user": account.address, "password": "file:anna",
        "imap_host": "localhost", "imap_port": p.dovecot.imaps_port().to_string(), "imap_security": "tls",
        "smtp_host": "localhost", "smtp_port": p.smtp.port().to_string(), "smtp_security": "starttls",
        "smtp_user": p.smtp.user(), "smtp_password": "file:sending",
        "ca": data.join("secrets/ca.pem").display().to_string(),
    })
}

by_mail_on_each_engine! {
    async fn a_mailbox_opened_from_the_administration_takes_mail_in(p: Post) {
        let settings = settings_of_a_mailbox(p).await;
        let admin = p.app.api(Role::Admin).await;
        let account = json!({"name": "posta", "driver": "email", "settings": settings, "enabled": true});
        let made = admin.post_json("/api/v1/accounts", &account).await.expect(201);
        assert_eq!(made.header("etag"), "\"1\"");
        assert_eq!(made.json()["settings"]["password"], "file:anna", "only the reference is kept");
        assert_eq!(admin.post_json("/api/v1/accounts", &account).await.expect(409).json()["code"], "account_taken");

        let tried = admin.post_json("/api/v1/accounts/posta/check", &json!({})).await.expect(200).json();
        assert_eq!(tried["works"], true, "{tried}");
        p.deliver(ANNA, &mail("1@x.test", "carlo@altrove.test", ANNA, "Tributi", "", "Quanto devo pagare?"));
        p.wait_for("SELECT COUNT(*) FROM tickets", 1).await;
        assert_eq!(p.app.texts("SELECT account FROM raw_items").await, ["posta"]);

        // Suspended, it leaves the mail where it is; enabled again, it fetches what came meanwhile.
        let at_rest = json!({"settings": settings, "enabled": false});
        admin.send_json(reqwest::Method::PUT, "/api/v1/accounts/posta", &at_rest).await.expect(200);
        tokio::time::sleep(Duration::from_secs(4)).await;
        p.deliver(ANNA, &mail("2@x.test", BRUNO, ANNA, "Anagrafe", "", "Quando siete aperti?"));
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert_eq!(p.app.number("SELECT COUNT(*) FROM raw_items").await, 1);
        let at_work = json!({"settings": settings, "enabled": true});
        admin.send_json(reqwest::Method::PUT, "/api/v1/accounts/posta", &at_work).await.expect(200);
        p.wait_for("SELECT COUNT(*) FROM tickets", 2).await;
    }

    async fn a_setting_that_cannot_be_used_is_named(p: Post) {
        let settings = settings_of_a_mailbox(p).await;
        let admin = p.app.api(Role::Admin).await;
        let with = |field: &str, value: &str| {
            let mut changed = settings.clone();
            changed[field] = json!(value);
            json!({"name": "posta", "driver": "email", "settings": changed, "enabled": true})
        };
        for (field, value) in [
            ("password", "hunter2"), ("password", "env:DATABASE_URL"), ("password", "file:missing"),
            ("imap_port", "many"), ("imap_security", "perhaps"), ("ca", "/etc/hostname"), ("imap_host", ""),
        ] {
            let problem = admin.post_json("/api/v1/accounts", &with(field, value)).await.expect(422).json();
            assert_eq!(problem["field"], field, "{problem}");
        }
        assert_eq!(p.app.number("SELECT COUNT(*) FROM channel_accounts").await, 0);
        // Who may not administer sees nothing of it.
        let agent = p.app.api(Role::Supervisor).await;
        agent.get_json("/api/v1/accounts").await.expect(403);
        // A server that does not answer is told in a sentence, and nothing is lost.
        admin.post_json("/api/v1/accounts", &with("imap_port", "1")).await.expect(201);
        let tried = admin.post_json("/api/v1/accounts/posta/check", &json!({})).await.expect(200).json();
        assert_eq!(tried["works"], false, "{tried}");
        // A change on an old version is refused.
        let change = admin.request(reqwest::Method::PUT, "/api/v1/accounts/posta").header("if-match", "\"7\"")
            .json(&json!({"settings": settings, "enabled": true}));
        admin.send(change).await.expect(412);
    }

    async fn the_pages_open_change_and_try_an_account(p: Post) {
        let settings = settings_of_a_mailbox(p).await;
        let admin = p.app.sign_in(Role::Admin).await;
        let page = admin.get("/scrivania/canali/nuovo/email").await.expect(200);
        assert!(page.has("set.imap_host"), "{}", page.body);
        let fields: Vec<(String, String)> = settings.as_object().unwrap().iter()
            .map(|(name, value)| (format!("set.{name}"), value.as_str().unwrap().to_owned())).collect();
        let mut form: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        form.extend([("name", "Posta"), ("enabled", "true")]);
        let refused = admin.post_form("/scrivania/canali/nuovo/email", &form).await.expect(422);
        assert!(refused.has("Usa solo lettere minuscole") && refused.has("value=\"Posta\""), "{}", refused.body);
        form.retain(|(name, _)| *name != "name");
        form.push(("name", "posta"));
        admin.post_form("/scrivania/canali/nuovo/email", &form).await.expect(303);
        assert!(admin.get("/scrivania/canali").await.expect(200).has("/scrivania/canali/posta"));
        let tried = admin.post_form("/scrivania/canali/posta/prova", &[]).await.expect(200);
        assert!(tried.has("posta funziona"), "{}", tried.body);
        form.push(("version", "1"));
        form.retain(|(name, _)| *name != "enabled");
        admin.post_form("/scrivania/canali/posta", &form).await.expect(303);
        assert_eq!(p.app.number("SELECT COUNT(*) FROM channel_accounts WHERE enabled").await, 0);
        admin.post_form("/scrivania/canali/posta/stato", &[("enabled", "true")]).await.expect(303);
        assert_eq!(p.app.number("SELECT COUNT(*) FROM channel_accounts WHERE enabled").await, 1);
        p.app.sign_in(Role::Agent).await.get("/scrivania/canali").await.expect(403);
    }

    async fn a_call_to_an_account_that_takes_none_is_refused_and_counted(p: Post) {
        let stranger = p.app.browser();
        stranger.post_json("/hooks/nessuno/in", &json!({})).await.expect(404);
        let metrics = stranger.get("/metrics").await.expect(200);
        assert!(metrics.has("hook_requests_total{account=\"\",result=\"unknown\"} 1"), "{}", metrics.body);
    }
}
