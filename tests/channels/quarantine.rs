//! What cannot be read waits where a person deals with it, whatever the channel it came by.
use serde_json::json;

use super::{last_code, open, secret, wait_for};
use crate::support::*;

/// Opens an account of each channel and hands each something that nobody can read.
async fn unreadable(t: &TestApp) {
    for (name, value) in
        [("kannel", "password"), ("hook", "parola"), ("fax", "segreto-del-fax"), ("cti", "segreto-cti")]
    {
        secret(t, name, value);
    }
    let scan = t.kernel.config.data.join("spool/scanner");
    std::fs::create_dir_all(&scan).unwrap();
    let sms = json!({"url": "http://127.0.0.1:1/cgi-bin/sendsms", "user": "sportello", "password": "file:kannel",
        "hook_password": "file:hook"});
    let admin = open(t, "sms", "sms_kannel", sms).await;
    for (name, driver, settings) in [
        ("fax", "fax_hylafax", json!({"hook_secret": "file:fax"})),
        ("scanner", "letters_scan", json!({"folder": scan.display().to_string(), "settle_seconds": "1"})),
        ("centralino", "phone_cti", json!({"secret": "file:cti"})),
    ] {
        let account = json!({"name": name, "driver": driver, "settings": settings, "enabled": true});
        admin.post_json("/api/v1/accounts", &account).await.expect(201);
    }
    for name in ["fax", "scanner", "centralino"] {
        while t.services.accounts.open(name).is_none() {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }
    let bytes = if t.kernel.config.database.url.is_some() { "BYTEA" } else { "BLOB" };
    t.execute(&format!(
        "INSERT INTO raw_items (channel, account, external_id, received_at, size, body, state) VALUES \
        ('sms', 'sms', '1', 0, 22, CAST('out?from=%2B393331234567' AS {bytes}), 'stored')"
    ))
    .await;
    let gateway = t.browser();
    let fax = gateway
        .request(reqwest::Method::POST, "/hooks/fax/in?file=fax01.tif&caller=0862123456")
        .header("authorization", "Bearer segreto-del-fax")
        .body("GIF89a is no fax");
    gateway.send(fax).await.expect(400);
    std::fs::write(scan.join("rotta.pdf"), b"%PDF-1.4 broken\n%%EOF\n").unwrap();
    for _ in 0..2 {
        let call = gateway
            .request(reqwest::Method::POST, "/hooks/centralino/segreto-cti")
            .header("content-type", "application/json")
            .body(r#"["from", "0862"]"#);
        gateway.send(call).await.expect(400);
    }
    // Who proves nothing leaves nothing.
    let forged = gateway.request(reqwest::Method::POST, "/hooks/centralino/indovinato").body("x");
    gateway.send(forged).await.expect(403);
    wait_for(t, "SELECT COUNT(*) FROM raw_items WHERE state = 'quarantined'", 4).await;
}

on_each_engine! {
    async fn every_channel_shows_what_it_could_not_read_and_why(t: TestApp) {
        unreadable(&t).await;
        let supervisor = t.sign_in(Role::Supervisor).await;
        let page = supervisor.get("/scrivania/quarantena").await.expect(200);
        for text in ["sms", "fax", "scanner", "centralino", "+393331234567", "si riesce a leggere", "neither TIFF nor PDF"] {
            assert!(page.has(text), "{text}: {}", page.body);
        }
        for (channel, ending, begins) in
            [("sms", "txt", "out?from"), ("fax", "txt", "GIF89a"), ("letter", "pdf", "%PDF-1.4"), ("phone", "json", "[\"from\"")]
        {
            let id = t.number(&format!("SELECT id FROM raw_items WHERE channel = '{channel}'")).await;
            let file = supervisor.get(&format!("/scrivania/quarantena/{id}/originale")).await.expect(200);
            let name = format!("filename=\"{channel}-{id}.{ending}\"");
            assert!(file.header("content-disposition").contains(&name), "{}", file.header("content-disposition"));
            assert!(file.body.starts_with(begins), "{}", file.body);
            // Read again, it is no better, and stays one item.
            supervisor.post_form(&format!("/scrivania/quarantena/{id}/riprova"), &[]).await.expect(303);
            wait_for(&t, &format!("SELECT COUNT(*) FROM raw_items WHERE id = {id} AND state = 'quarantined'"), 1).await;
            supervisor.post_form(&format!("/scrivania/quarantena/{id}/pratica"), &[]).await.expect(303);
            let of = format!("SELECT channel FROM tickets WHERE code = '{}'", last_code(&t).await);
            assert_eq!(t.texts(&of).await, [channel]);
        }
        let names = t.texts("SELECT name FROM attachments ORDER BY id").await;
        let endings: Vec<&str> = names.iter().map(|n| n.rsplit('.').next().unwrap()).collect();
        assert_eq!(endings, ["txt", "txt", "pdf", "json"], "{names:?}");
        assert_eq!(t.number("SELECT COUNT(*) FROM raw_items WHERE state = 'quarantined'").await, 0);
    }
}
