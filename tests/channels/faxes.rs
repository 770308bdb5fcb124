//! Faxes through the hook that HylaFAX calls.
use std::process::Command;

use channels::Outgoing;
use serde_json::json;
use tokio::io::AsyncWriteExt;

use super::{last_code, open, secret, wait_for};

/// A page of ours with a tracking code on it, as a fax machine sends it.
pub(super) fn page(dir: &std::path::Path, code: &str) -> Vec<u8> {
    let message = Outgoing {
        recipient_name: "Anna Bianchi".to_owned(),
        recipient_address: "Via Roma 1\n67100 L'Aquila AQ".to_owned(),
        sender_name: "Comune di Prova".to_owned(),
        text: "Rimandate questa pagina firmata.".to_owned(),
        code: sportello::kernel::codes::grouped(code),
        language: "it".to_owned(),
        ..Outgoing::default()
    };
    std::fs::write(dir.join("page.pdf"), channels::paper::letter(&message, &Default::default())).unwrap();
    let (pdf, fax) = (dir.join("page.pdf"), dir.join("page"));
    let made =
        Command::new("pdftoppm").args(["-r", "200", "-mono", "-tiff", "-singlefile"]).arg(pdf).arg(&fax).status();
    assert!(made.unwrap().success(), "pdftoppm: apt-get install poppler-utils");
    std::fs::read(dir.join("page.tif")).unwrap()
}

on_each_engine! {
    async fn a_fax_is_filed_with_the_ticket_that_its_page_names(t: TestApp) {
        secret(&t, "fax", "segreto-del-fax");
        let admin = open(&t, "fax", "fax_hylafax", json!({"hook_secret": "file:fax"})).await;
        let contact = json!({"channel": "counter", "external_id": "1", "from": "+390862000000", "text": "Chiedo una copia"});
        admin.post_json("/api/v1/contacts", &contact).await.expect(201);
        let code = last_code(&t).await;
        let dir = tempfile::tempdir().unwrap();
        let tiff = page(dir.path(), &code);
        let provider = t.browser();
        let call = |secret: &str, path: &str| provider.request(reqwest::Method::POST, path)
            .header("authorization", format!("Bearer {secret}")).header("content-type", "image/tiff").body(tiff.clone());
        let known = "/hooks/fax/in?file=recvq/fax01.tif&device=ttyS0&comm=1&caller=0862123456&name=&error=";
        assert_eq!(provider.send(call("indovino", known)).await.status, 403);
        provider.send(call("segreto-del-fax", known)).await.expect(200);
        // HylaFAX calls again when our answer is lost.
        provider.send(call("segreto-del-fax", known)).await.expect(200);
        wait_for(&t, "SELECT COUNT(*) FROM raw_items WHERE state = 'done' AND channel = 'fax'", 1).await;
        assert_eq!(t.number("SELECT COUNT(*) FROM tickets").await, 1);
        assert_eq!(t.number("SELECT COUNT(*) FROM identifiers WHERE value = '+390862123456'").await, 1);

        // One that broke off is kept, and says so.
        let broken = "/hooks/fax/in?file=recvq/fax02.tif&device=ttyS0&comm=2&caller=0862999999&name=&error=No+carrier";
        let half = provider.request(reqwest::Method::POST, broken).header("authorization", "Bearer segreto-del-fax")
            .header("content-type", "image/tiff").body(tiff[..tiff.len() / 2].to_vec());
        provider.send(half).await.expect(200);
        wait_for(&t, "SELECT COUNT(*) FROM contacts WHERE channel = 'fax'", 2).await;
        let notices = t.texts("SELECT notices FROM contacts WHERE channel = 'fax' ORDER BY id").await;
        assert!(notices[1].contains("partly_received"), "{notices:?}");
    }

    async fn a_fax_whose_hand_over_dies_half_way_is_neither_lost_nor_doubled(t: TestApp) {
        secret(&t, "fax", "segreto-del-fax");
        open(&t, "fax", "fax_hylafax", json!({"hook_secret": "file:fax"})).await;
        let dir = tempfile::tempdir().unwrap();
        let tiff = page(dir.path(), "7Z9MK2QXW");
        let path = "/hooks/fax/in?file=recvq/fax07.tif&device=ttyS0&comm=7&caller=0862123456&name=&error=";
        let address = t.url.strip_prefix("http://").unwrap().to_owned();
        let head = format!("POST {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer segreto-del-fax\r\n\
            Content-Type: image/tiff\r\nContent-Length: {}\r\n\r\n", tiff.len());
        // The fax server's machine fails at any byte.
        for sent in [0, 1, tiff.len() / 2, tiff.len() - 1] {
            let mut wire = tokio::net::TcpStream::connect(&address).await.unwrap();
            wire.write_all(&[head.as_bytes(), &tiff[..sent]].concat()).await.unwrap();
            wire.flush().await.unwrap();
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        // The script's own client, killed while it sends.
        let script = |more: &[&str]| {
            let mut curl = Command::new("curl");
            curl.args(["--silent", "--fail", "--max-time", "60", "--header", "Authorization: Bearer segreto-del-fax"])
                .args(["--header", "Content-Type: image/tiff", "--header", "Expect:"]).args(more)
                .arg("--data-binary").arg(format!("@{}", dir.path().join("page.tif").display())).arg(format!("{}{path}", t.url));
            curl
        };
        let slow = (tiff.len() / 8).to_string();
        let mut killed = script(&["--limit-rate", &slow]).spawn().unwrap();
        tokio::time::sleep(std::time::Duration::from_secs(3)).await;
        assert!(killed.try_wait().unwrap().is_none(), "it was still sending");
        killed.kill().unwrap();
        killed.wait().unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        assert_eq!(t.number("SELECT COUNT(*) FROM raw_items").await, 0, "half a fax is none");

        // It sends all and dies before it hears the answer, then again from the beginning, twice.
        let mut wire = tokio::net::TcpStream::connect(&address).await.unwrap();
        wire.write_all(&[head.as_bytes(), &tiff].concat()).await.unwrap();
        drop(wire);
        for _ in 0..2 {
            let mut again = script(&[]);
            assert!(tokio::task::spawn_blocking(move || again.status()).await.unwrap().unwrap().success());
        }
        wait_for(&t, "SELECT COUNT(*) FROM raw_items WHERE state = 'done'", 1).await;
        assert_eq!(t.number("SELECT COUNT(*) FROM raw_items").await, 1);
        assert_eq!(t.number("SELECT COUNT(*) FROM contacts WHERE channel = 'fax' AND direction = 'in'").await, 1);
        let notices = t.texts("SELECT notices FROM contacts WHERE channel = 'fax'").await;
        assert!(!notices[0].contains("partly_received"), "{notices:?}");
    }
}
