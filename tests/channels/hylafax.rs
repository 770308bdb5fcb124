//! A real HylaFAX and the platform: its scripts, as the documentation has them, call the hook.
use std::path::PathBuf;

use peers::HylaFax;
use serde_json::json;

use super::faxes::page;
use super::{last_code, open, secret, wait_for};
use crate::support::*;

const DOCUMENTATION: &str = include_str!("../../docs/channels/fax.md");
const SECRET: &str = "segreto-del-fax";

/// The script of the documentation that contains some words.
fn script(words: &str) -> &'static str {
    let blocks = DOCUMENTATION.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    blocks.into_iter().find(|block| block.contains(words)).unwrap()
}

pub(super) async fn start(t: &TestApp) -> (HylaFax, Browser) {
    let url = format!("{}/hooks/fax", t.url);
    let server = tokio::task::spawn_blocking(move || {
        let server = HylaFax::start(script("etc/FaxDispatch:"), script("etc/sportello-notify:"));
        server.call(&url, SECRET);
        server
    })
    .await
    .unwrap();
    secret(t, "fax", SECRET);
    let settings = json!({"server": format!("127.0.0.1:{}", server.port()), "hook_secret": "file:fax"});
    let admin = open(t, "fax", "fax_hylafax", settings).await;
    (server, admin)
}

/// Where the queue keeps a job.
fn queue_file(server: &HylaFax, job: &str) -> PathBuf {
    ["sendq", "doneq"]
        .iter()
        .map(|queue| PathBuf::from(queue).join(format!("q{job}")))
        .find(|file| server.spool().join(file).exists())
        .unwrap_or_else(|| panic!("the queue has no job {job}: {}", server.log()))
}

async fn answer(t: &TestApp, admin: &Browser, code: &str, to: &str, text: &str) -> String {
    let answer = json!({"text": text, "way": "account", "account": "fax", "to": to});
    admin.post_json(&format!("/api/v1/tickets/{code}/replies"), &answer).await.expect(200);
    wait_for(t, "SELECT COUNT(*) FROM outbox WHERE purpose = 'reply' AND state = 'pending'", 0).await;
    t.texts("SELECT provider_id FROM outbox WHERE purpose = 'reply' ORDER BY id DESC").await.remove(0)
}

on_each_engine! {
    async fn faxes_come_by_the_script_and_jobs_settle_the_answers(t: TestApp) {
        let (server, admin) = start(&t).await;
        let dir = tempfile::tempdir().unwrap();
        let tiff = page(dir.path(), "7Z9MK2QXW");
        // A whole fax, and one whose line broke: the part that came is kept.
        tokio::task::block_in_place(|| {
            server.receive("fax000000007.tif", &tiff, "", &["0862123456", "Studio Bianchi"]);
            server.receive("fax000000008.tif", &tiff[..tiff.len() / 2], "No carrier detected", &["0862999999"]);
        });
        wait_for(&t, "SELECT COUNT(*) FROM contacts WHERE channel = 'fax' AND direction = 'in'", 2).await;
        assert_eq!(t.number("SELECT COUNT(*) FROM tickets WHERE channel = 'fax'").await, 2);
        // The two calls of the script may arrive in either order.
        let from = t.texts("SELECT from_address FROM contacts WHERE channel = 'fax' ORDER BY from_address").await;
        assert_eq!(from, ["0862123456", "0862999999"], "{}", server.log());
        let notices = t.texts("SELECT notices FROM contacts WHERE channel = 'fax' ORDER BY from_address").await;
        assert!(!notices[0].contains("partly_received") && notices[1].contains("partly_received"), "{notices:?}");
        assert!(t.texts("SELECT media_type FROM attachments").await.contains(&"application/pdf".to_owned()));

        // An answer becomes a job; the queue tries again, and in the end all pages are sent.
        let code = t.texts("SELECT t.code FROM tickets t JOIN contacts k ON k.ticket_id = t.id
            WHERE k.from_address = '0862123456'").await.remove(0);
        let job = answer(&t, &admin, &code, "0862123456", "Ecco la copia.").await;
        let row = t.number("SELECT id FROM outbox WHERE purpose = 'reply'").await;
        assert_eq!(server.jobs(&format!("m{row}")), 1);
        let file = queue_file(&server, &job);
        tokio::task::block_in_place(|| server.notify(&file, "requeued"));
        wait_for(&t, &format!("SELECT COUNT(*) FROM events WHERE kind = 'outbox.delayed' AND data LIKE '%\"outbox\":{row},%'"), 1).await;
        assert_eq!(t.texts("SELECT state FROM outbox WHERE purpose = 'reply'").await, ["sent"]);
        tokio::task::block_in_place(|| server.notify(&file, "done"));
        wait_for(&t, "SELECT COUNT(*) FROM outbox WHERE purpose = 'reply' AND state = 'delivered'", 1).await;
        // Said twice, it stays one.
        tokio::task::block_in_place(|| server.notify(&file, "done"));

        // Another is taken out of the queue by an operator: HylaFAX itself says so.
        let job = answer(&t, &admin, &code, "0862123456", "Un'altra copia.").await;
        tokio::task::block_in_place(|| server.remove(&job, "sportello"));
        wait_for(&t, "SELECT COUNT(*) FROM outbox WHERE purpose = 'reply' AND state = 'failed'", 1).await;
        let delivered = "SELECT COUNT(*) FROM events WHERE kind = 'outbox.delivered' AND data LIKE '%reply%'";
        assert_eq!(t.number(delivered).await, 1);
        assert_eq!(t.number("SELECT COUNT(*) FROM raw_items WHERE state = 'quarantined'").await, 0, "{}", server.log());
        let page = t.sign_in(Role::Agent).await.get(&format!("/scrivania/pratiche/{code}")).await.expect(200);
        assert!(page.has("Consegnat"), "{}", page.body);
    }

    async fn a_fax_server_that_dies_meanwhile_loses_and_doubles_no_fax(t: TestApp) {
        const FAXES: i64 = 8;
        let (mut server, admin) = start(&t).await;
        let contact = json!({"channel": "counter", "external_id": "1", "from": "+390862000000", "text": "Chiedo una copia"});
        admin.post_json("/api/v1/contacts", &contact).await.expect(201);
        let path = format!("/api/v1/tickets/{}/replies", last_code(&t).await);
        let dir = tempfile::tempdir().unwrap();
        let tiff = page(dir.path(), "7Z9MK2QXW");
        for n in 0..FAXES {
            let answer = json!({"text": format!("Copia numero {n}."), "way": "account", "account": "fax", "to": format!("08621234{n:02}")});
            admin.post_json(&path, &answer).await.expect(200);
            if n == FAXES / 2 {
                // In the middle of a transfer, whichever it is.
                tokio::task::block_in_place(|| server.stop());
            }
            // What the modem receives meanwhile goes by the script, not by the part that died.
            tokio::task::block_in_place(|| server.receive(&format!("fax0000001{n:02}.tif"), &tiff, "", &[&format!("08629999{n:02}")]));
        }
        tokio::task::block_in_place(|| server.resume());
        for _ in 0..40 {
            // Attempts that failed are made again later.
            t.clock.advance(SignedDuration::from_mins(2));
            tokio::time::sleep(std::time::Duration::from_millis(500)).await;
            if t.number("SELECT COUNT(*) FROM outbox WHERE purpose = 'reply' AND state = 'sent'").await == FAXES {
                break;
            }
        }
        wait_for(&t, "SELECT COUNT(*) FROM outbox WHERE purpose = 'reply' AND state = 'sent'", FAXES).await;
        for row in t.texts("SELECT CAST(id AS TEXT) FROM outbox WHERE purpose = 'reply'").await {
            assert_eq!(server.jobs(&format!("m{row}")), 1, "row {row} is one job");
        }
        wait_for(&t, "SELECT COUNT(*) FROM contacts WHERE channel = 'fax' AND direction = 'in'", FAXES).await;
        assert_eq!(t.number("SELECT COUNT(DISTINCT from_address) FROM contacts WHERE channel = 'fax' AND direction = 'in'").await, FAXES);
    }
}
