//! Letters: printed answers, and what comes back through the scanner.
use std::path::Path;
use std::process::Command;

use ::channels::paper::{Gray, Picture, Samples, album};
use serde_json::json;

use super::{last_code, open, wait_for};
use crate::support::{Engine, File, Role, TestApp};

/// The first page of a PDF as a scanner sees it, with the symbol at the top right covered: what remains of the code
/// is what is printed.
fn with_the_symbol_covered(pdf: &Path, dir: &Path) -> Vec<u8> {
    const DOTS: f32 = 200.0 / 25.4;
    let image = dir.join("page");
    let made = Command::new("pdftoppm").args(["-r", "200", "-gray", "-singlefile"]).arg(pdf).arg(&image).status();
    assert!(made.unwrap().success(), "pdftoppm: apt-get install poppler-utils");
    let mut page = Gray::from_pgm(&std::fs::read(dir.join("page.pgm")).unwrap()).unwrap();
    let (left, bottom) = ((162.5 * DOTS) as usize, (36.0 * DOTS) as usize);
    for y in 0..bottom {
        for x in left..page.width {
            page.pixels[y * page.width + x] = 255;
        }
    }
    let samples = Samples::Plain { bytes: &page.pixels, channels: 1 };
    let (width, height) = (page.width as u32, page.height as u32);
    album(&[Picture { width, height, density: (200.0, 200.0), samples }]).unwrap()
}

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

    async fn a_page_whose_symbol_cannot_be_read_is_filed_by_the_printed_code(t: TestApp) {
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
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(scan.join("posta.pdf"), with_the_symbol_covered(&printed, dir.path())).unwrap();
        wait_for(&t, "SELECT COUNT(*) FROM contacts WHERE channel = 'letter' AND direction = 'in'", 1).await;
        let text = t.texts("SELECT body FROM contacts WHERE channel = 'letter' AND direction = 'in'").await.remove(0);
        assert_eq!(t.number("SELECT COUNT(*) FROM tickets").await, 1, "{text}");
    }
}

/// Without the programs that read pages a letter is a ticket all the same, and its page says so.
async fn nothing_installed(engine: Engine) {
    let without =
        |config: &mut sportello::kernel::config::Config| config.channels.programs = Some("/nonexistent".to_owned());
    let t = TestApp::configured(engine, without).await;
    open(&t, "scanner", "letters_scan", json!({})).await;
    let agent = t.sign_in(Role::Agent).await;
    let pages = ::channels::paper::letter(&::channels::Outgoing::default(), &Default::default());
    let file = File { field: "files", name: "pacco.pdf", media_type: "application/pdf", bytes: &pages };
    agent.post_files("/scrivania/lettere/carica", &[("account", "scanner")], &[file]).await.expect(303);
    wait_for(&t, "SELECT COUNT(*) FROM tickets WHERE channel = 'letter'", 1).await;
    let page = agent.get(&format!("/scrivania/pratiche/{}", last_code(&t).await)).await.expect(200);
    assert!(page.has("Testo non letto: guarda le pagine"), "{}", page.body);
    assert_eq!(t.texts("SELECT media_type FROM attachments").await, ["application/pdf"]);
    t.stop().await;
}

mod a_letter_is_a_ticket_also_where_nothing_reads_pages {
    use crate::support::Engine;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn sqlite() {
        super::nothing_installed(Engine::Sqlite).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn postgres() {
        super::nothing_installed(Engine::Postgres).await;
    }
}
