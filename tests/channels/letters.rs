//! Letters: printed answers, and what comes back through the scanner.
use serde_json::json;

use super::{last_code, open, wait_for};
use crate::support::{File, Role};

on_each_engine! {
    async fn a_printed_answer_that_comes_back_is_filed_with_its_ticket(t: TestApp) {
        let spool = t.kernel.config.data.join("spool");
        let (print, scan) = (spool.join("stampa"), spool.join("scanner"));
        std::fs::create_dir_all(&print).unwrap();
        std::fs::create_dir_all(&scan).unwrap();
        let admin = open(&t, "stampa", "letters_print", json!({"folder": print.display().to_string()})).await;
        let scanner = json!({"name": "scanner", "driver": "letters_scan", "enabled": true,
            "settings": {"folder": scan.display().to_string(), "settle_seconds": "1"}});
        admin.post_json("/api/v1/accounts", &scanner).await.expect(201);
        let contact = json!({"channel": "counter", "external_id": "1", "from": "+390862000000", "text": "Chiedo una copia"});
        admin.post_json("/api/v1/contacts", &contact).await.expect(201);
        let code = last_code(&t).await;
        let answer = json!({"text": "Le mandiamo la copia chiesta, con il modulo da firmare e rimandare.", "way": "account",
            "account": "stampa", "postal": "Anna Bianchi\nVia Roma 1\n67100 L'Aquila AQ"});
        admin.post_json(&format!("/api/v1/tickets/{code}/replies"), &answer).await.expect(200);
        wait_for(&t, "SELECT COUNT(*) FROM outbox WHERE state = 'queued'", 1).await;
        let printed = std::fs::read_dir(&print).unwrap().filter_map(|f| f.ok().map(|f| f.path()))
            .find(|path| path.extension().is_some_and(|e| e == "pdf")).unwrap();

        // It comes back signed: the symbol on the page says where it belongs.
        std::fs::copy(&printed, scan.join("posta.pdf")).unwrap();
        wait_for(&t, "SELECT COUNT(*) FROM contacts WHERE channel = 'letter' AND direction = 'in'", 1).await;
        assert_eq!(t.number("SELECT COUNT(*) FROM tickets").await, 1);
        let text = t.texts("SELECT body FROM contacts WHERE channel = 'letter' AND direction = 'in'").await.remove(0);
        assert!(text.contains("modulo da firmare"), "{text}");
        assert_eq!(t.texts("SELECT media_type FROM attachments").await, ["application/pdf"]);

        // The same pages uploaded by hand, twice, are one batch, and no new letter.
        let agent = t.sign_in(Role::Agent).await;
        assert!(agent.get("/scrivania/lettere/separatore.pdf").await.expect(200).header("content-type").contains("pdf"));
        let pages = std::fs::read(&printed).unwrap();
        for _ in 0..2 {
            let file = File { field: "files", name: "pacco.pdf", media_type: "application/pdf", bytes: &pages };
            agent.post_files("/scrivania/lettere/carica", &[("account", "scanner")], &[file]).await.expect(303);
        }
        wait_for(&t, "SELECT COUNT(*) FROM raw_items WHERE channel = 'letter' AND state = 'done'", 2).await;
        assert_eq!(t.number("SELECT COUNT(*) FROM raw_items WHERE channel = 'letter'").await, 2);
        assert_eq!(t.number("SELECT COUNT(*) FROM contacts WHERE channel = 'letter' AND direction = 'in'").await, 1);
        let page = agent.get("/scrivania/lettere/carica?presi=1").await.expect(200);
        assert!(page.has("Un pacco preso") && page.has(&format!("/scrivania/pratiche/{code}")), "{}", page.body);
    }
}
