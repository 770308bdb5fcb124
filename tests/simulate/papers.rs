//! Faxes and letters.
use serde_json::json;

use super::outside::*;
use crate::support::*;

outside_on_each_engine! {
    async fn faxes_come_by_the_hook_and_by_the_spool(t: TestApp) {
        let spool = t.kernel.config.data.join("spool/fax");
        std::fs::create_dir_all(&spool).unwrap();
        let folder = spool.display().to_string();
        account(&t, "fax", "fax_hylafax", json!({ "hook_secret": "file:simulator", "spool": folder })).await;
        simulate(&["fax", "--url", &t.url, "--account", "fax", "--secret", &secret(&t), "--count", "2", "--rate", "max",
            "--broken", "0", "--topics", "town"], 2).await;
        simulate(&["fax", "--spool", &folder, "--count", "1", "--broken", "0", "--seed", "9"], 1).await;
        wait_for(&t, "SELECT COUNT(*) FROM contacts WHERE channel = 'fax'", 3).await;
        assert_eq!(t.number("SELECT COUNT(*) FROM tickets WHERE channel = 'fax'").await, 3);
        // Both codings were read: the words of the page are there, and the caller's number where it was told.
        let texts = t.texts("SELECT body FROM contacts WHERE channel = 'fax'").await;
        assert!(texts.iter().all(|text| text.contains("Comune di Valdoria")), "{texts:?}");
        assert_eq!(t.number("SELECT COUNT(*) FROM identifiers WHERE value LIKE '+39399%'").await, 2);
    }

    async fn a_scanned_batch_becomes_its_letters(t: TestApp) {
        let folder = t.kernel.config.data.join("spool/lettere");
        std::fs::create_dir_all(&folder).unwrap();
        let folder = folder.display().to_string();
        account(&t, "lettere", "letters_scan", json!({ "folder": folder, "settle_seconds": "1" })).await;
        simulate(&["letters", "--folder", &folder, "--batch", "3", "--count", "1"], 1).await;
        wait_for(&t, "SELECT COUNT(*) FROM contacts WHERE channel = 'letter'", 3).await;
        assert_eq!(t.number("SELECT COUNT(*) FROM tickets WHERE channel = 'letter'").await, 3);
        let subjects = t.texts("SELECT subject FROM tickets").await;
        assert!(subjects.iter().all(|subject| !subject.is_empty()), "{subjects:?}");
    }

    async fn scans_come_as_tiff_and_jpeg_and_by_the_api(t: TestApp) {
        let folder = t.kernel.config.data.join("spool/lettere");
        std::fs::create_dir_all(&folder).unwrap();
        let folder = folder.display().to_string();
        account(&t, "lettere", "letters_scan", json!({ "folder": folder, "settle_seconds": "1" })).await;
        // A TIFF is divided at its sheets, each JPEG is a page.
        simulate(&["letters", "--folder", &folder, "--batch", "2", "--count", "1", "--format", "tiff"], 1).await;
        wait_for(&t, "SELECT COUNT(*) FROM contacts WHERE channel = 'letter'", 2).await;
        let file = t.kernel.config.data.join("secrets/token");
        std::fs::write(&file, t.token(Role::Integration).await).unwrap();
        let token = format!("file:{}", file.display());
        for _ in 0..2 {
            // The same seed is the same post, and the same pages are one batch.
            simulate(&["letters", "--url", &t.url, "--token", &token, "--account", "lettere", "--batch", "2", "--count", "1",
                "--format", "jpeg", "--seed", "5"], 1).await;
        }
        wait_for(&t, "SELECT COUNT(*) FROM contacts WHERE channel = 'letter'", 4).await;
        assert_eq!(t.number("SELECT COUNT(*) FROM raw_items").await, 3);
        let subjects = t.texts("SELECT subject FROM tickets").await;
        assert!(subjects.len() == 4 && subjects.iter().all(|subject| !subject.is_empty()), "{subjects:?}");
        let api = t.api(Role::Integration).await;
        let bring = |account: &str, body: &'static [u8]| {
            let path = format!("/api/v1/scans?account={account}&file=a.pdf");
            api.send(api.request(reqwest::Method::POST, &path).body(body))
        };
        bring("lettere", b"no paper").await.expect(422);
        bring("altre", b"%PDF-1.4").await.expect(422);
    }
}
