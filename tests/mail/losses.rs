//! Whatever arrives is taken in once or put aside where somebody sees it, whatever breaks meanwhile.
use std::path::Path;

use super::post::*;
use crate::support::{Role, SignedDuration};

fn letter(n: usize) -> String {
    mail(
        &format!("{n}@many.test"),
        &format!("citizen{n}@many.test"),
        URP,
        &format!("Richiesta {n}"),
        "",
        &format!("Testo della richiesta {n}"),
    )
}

by_mail_on_each_engine! {
    async fn a_mailbox_server_that_dies_loses_nothing(p: Post) {
        let (first, second): (Vec<_>, Vec<_>) = (0..60).map(letter).partition(|l| l.contains("Richiesta 1"));
        for letter in &first {
            p.deliver(URP, letter);
        }
        p.dovecot.stop();
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        p.dovecot.resume();
        for letter in &second {
            p.deliver(URP, letter);
        }
        p.wait_for("SELECT COUNT(*) FROM contacts WHERE direction = 'in'", 60).await;
        assert_eq!(p.app.number("SELECT COUNT(*) FROM tickets").await, 60);
    }

    async fn a_mailbox_made_anew_does_not_bring_contacts_twice(p: Post) {
        p.deliver(URP, &letter(1));
        p.wait_for_items(1).await;
        p.dovecot.stop();
        p.dovecot.recreate_mailbox(URP);
        p.dovecot.resume();
        p.deliver(URP, &letter(1));
        p.deliver(URP, &letter(2));
        p.wait_for_items(3).await;
        assert_eq!(p.app.number("SELECT COUNT(*) FROM contacts WHERE direction = 'in'").await, 2);
    }

    async fn odd_mail_is_taken_in_or_put_aside_and_stops_nothing(p: Post) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/mail");
        let mut count = 0;
        for part in ["parser", "pec"] {
            let Ok(entries) = std::fs::read_dir(folder.join(part)) else { continue };
            for path in entries.flatten().map(|e| e.path()).filter(|path| path.extension().is_some_and(|e| e == "eml")) {
                p.dovecot.deliver(URP, &std::fs::read(path).unwrap());
                count += 1;
            }
        }
        p.deliver(URP, &letter(1));
        p.wait_for_items(count + 1).await;
        assert_eq!(p.app.number("SELECT COUNT(*) FROM contacts WHERE from_address = 'citizen1@many.test'").await, 1);
        assert_eq!(p.app.number("SELECT COUNT(*) FROM raw_items WHERE state = 'done' AND contact_id IS NULL").await, 0);
    }

    async fn what_cannot_be_read_waits_where_a_supervisor_deals_with_it(p: Post) {
        let from = "From: Carla <carla@altrove.test>";
        for (n, body) in ["".to_owned(), format!("{from}\nSubject: Una prova\n\nciao"), "\n".to_owned()].iter().enumerate() {
            p.app.execute(&format!(
                "INSERT INTO raw_items (channel, account, external_id, received_at, size, body, state, reason)
                 VALUES ('email', 'urp', '9.{n}', 0, {}, CAST('{body}' AS {}), 'quarantined', 'malformed: by hand')",
                body.len(), if p.app.kernel.config.database.url.is_some() { "BYTEA" } else { "BLOB" })).await;
        }
        let agent = p.app.sign_in(Role::Agent).await;
        agent.get("/scrivania/quarantena").await.expect(403);
        let supervisor = p.app.sign_in(Role::Supervisor).await;
        let page = supervisor.get("/scrivania/quarantena").await.expect(200);
        assert!(page.has("carla@altrove.test") && page.has("by hand"), "{}", page.body);
        assert!(supervisor.get("/scrivania/quarantena/conteggio").await.has(">3<"));
        let id = p.app.number("SELECT id FROM raw_items WHERE external_id = '9.1'").await;
        let original = supervisor.get(&format!("/scrivania/quarantena/{id}/originale")).await.expect(200);
        assert!(original.body.starts_with(from));
        let opened = supervisor.post_form(&format!("/scrivania/quarantena/{id}/pratica"), &[]).await.expect(303);
        assert_eq!(opened.location(), format!("/scrivania/pratiche/{}", p.last_code().await));
        assert_eq!(p.app.texts("SELECT name FROM attachments").await, ["original.eml"]);
        supervisor.post_form(&format!("/scrivania/quarantena/{id}/scarta"), &[]).await.expect(409);
        let (empty, blank) = (id - 1, id + 1);
        supervisor.post_form(&format!("/scrivania/quarantena/{empty}/scarta"), &[]).await.expect(303);
        supervisor.post_form(&format!("/scrivania/quarantena/{blank}/riprova"), &[]).await.expect(303);
        p.wait_for("SELECT COUNT(*) FROM raw_items WHERE state = 'quarantined' AND reason = 'empty'", 1).await;
        assert_eq!(p.app.number("SELECT COUNT(*) FROM outbox").await, 0, "nobody was told");
    }

    async fn of_a_mail_too_large_to_fetch_the_ticket_says_so(p: Post) {
        let head = "Message-ID: <big@x.test>\r\nFrom: anna@cc.test\r\nTo: urp@cc.test\r\nSubject: Planimetrie\r\n\r\n";
        p.app.execute(&format!(
            "INSERT INTO raw_items (channel, account, external_id, received_at, size, body, state)
             VALUES ('email', 'urp', '8.1', 0, 90000000, CAST('{head}' AS {}), 'stored')",
            if p.app.kernel.config.database.url.is_some() { "BYTEA" } else { "BLOB" })).await;
        p.wait_for("SELECT COUNT(*) FROM tickets WHERE subject = 'Planimetrie'", 1).await;
        assert!(p.app.texts("SELECT body FROM contacts").await[0].contains("85 MB"));
    }

    async fn the_mailboxes_show_in_metrics_and_readiness(p: Post) {
        p.deliver(URP, &letter(1));
        p.wait_for_items(1).await;
        let ready = p.app.browser().get_json("/readyz").await.expect(200).json();
        assert_eq!(ready["mailboxes"]["urp"]["connected"], true, "{ready}");
        assert_eq!(ready["outbox"]["failed"], 0);
        for _ in 0..150 {
            if p.app.browser().get("/metrics").await.has("mailbox_connected{account=\"urp\"} 1") {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        panic!("the mailbox does not show as connected");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_share_mailboxes_and_sending_without_doubles() {
    let post = Post::quiet(crate::support::Engine::Postgres).await;
    let other = post.app.second_node().await;
    post.app.start_background();
    other.start_background();
    for n in 0..40 {
        post.deliver(if n % 2 == 0 { URP } else { INFO }, &letter(n));
    }
    post.wait_for("SELECT COUNT(*) FROM contacts WHERE direction = 'in'", 40).await;
    post.wait_for("SELECT COUNT(*) FROM outbox WHERE state = 'sent'", 40).await;
    let mut to: Vec<String> = post.smtp.captured().into_iter().map(|c| c.to).collect();
    assert_eq!(to.len(), 40);
    to.sort();
    to.dedup();
    assert_eq!(to.len(), 40, "each citizen was told once");
    // The first node goes; the other takes over what it held.
    post.app.kernel.stop.cancel();
    post.app.clock.advance(SignedDuration::from_mins(2));
    post.deliver(URP, &letter(40));
    post.deliver(INFO, &letter(41));
    post.wait_for("SELECT COUNT(*) FROM contacts WHERE direction = 'in'", 42).await;
    post.app.stop().await;
}
