//! Faxes and letters.
use serde_json::json;

use super::outside::*;

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
}
