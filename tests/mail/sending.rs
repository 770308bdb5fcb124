//! What leaves: at once, later, elsewhere, or not at all, and always visibly.
use super::post::*;
use crate::support::{Role, SignedDuration};

/// A delivery report about a message of ours.
fn report(about: &str, to: &str, action: &str, status: &str) -> String {
    format!(
        "Message-ID: <dsn.{action}.{status}@mx.test>\nDate: Mon, 02 Mar 2026 08:40:00 +0100\nFrom: MAILER-DAEMON@mx.test\nTo: {to}\n\
         Subject: Delivery report\nAuto-Submitted: auto-replied\nMIME-Version: 1.0\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n\
         --b\nContent-Type: text/plain\n\nSorry.\n\
         --b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.test\n\n\
         Final-Recipient: rfc822; carla@altrove.test\nAction: {action}\nStatus: {status}\n\
         Diagnostic-Code: smtp; 550 {status} the mailbox is full\n\n\
         --b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <{about}>\nSubject: Re\n\n--b--\n"
    )
}

by_mail_on_each_engine! {
    async fn mail_waits_for_a_server_that_is_down(p: Post) {
        p.smtp.stop();
        p.deliver(URP, &mail("1@x.test", ANNA, URP, "Orari", "", "Quando siete aperti?"));
        p.wait_for("SELECT COUNT(*) FROM outbox WHERE state = 'pending' AND last_error <> ''", 1).await;
        p.app.clock.advance(SignedDuration::from_mins(12));
        let agent = p.app.sign_in(Role::Agent).await;
        assert!(agent.get("/scrivania/posta-in-uscita").await.has("La posta non parte"));
        let page = agent.get("/scrivania/posta-in-uscita?show=waiting").await.expect(200);
        assert!(page.has(ANNA), "{}", page.body);
        p.smtp.resume();
        p.app.clock.advance(SignedDuration::from_mins(12));
        p.wait_for_mail(ANNA, "Auto-Submitted").await;
        p.wait_for("SELECT COUNT(*) FROM outbox WHERE state = 'sent' AND provider_note LIKE '%queued%'", 1).await;
    }

    async fn a_refused_message_is_shown_with_the_servers_words_and_goes_to_another_address(p: Post) {
        p.deliver(URP, &mail("1@x.test", "bounce@cc.test", URP, "Orari", "", "Quando siete aperti?"));
        p.wait_for("SELECT COUNT(*) FROM tickets", 1).await;
        p.answer(&p.last_code().await, "Ogni mattina.").await;
        p.wait_for("SELECT COUNT(*) FROM outbox WHERE state = 'failed'", 1).await;
        assert!(p.app.event_kinds().await.contains(&"outbox.failed".to_owned()));
        let id = p.app.number("SELECT id FROM outbox").await;
        let agent = p.app.sign_in(Role::Agent).await;
        let page = agent.get("/scrivania/posta-in-uscita").await.expect(200);
        assert!(page.has("no such user here") && page.has("bounce@cc.test"), "{}", page.body);
        assert!(agent.get("/scrivania/posta-in-uscita/conteggio").await.has(">1<"));
        agent.post_form(&format!("/scrivania/posta-in-uscita/{id}/rispedisci"), &[("address", "not an address")]).await.expect(422);
        agent.post_form(&format!("/scrivania/posta-in-uscita/{id}/rispedisci"), &[("address", ANNA)]).await.expect(303);
        p.wait_for_mail(ANNA, "Ogni mattina.").await;
        assert_eq!(p.app.texts("SELECT state FROM outbox ORDER BY id").await, ["cancelled", "sent"]);
        agent.post_form(&format!("/scrivania/posta-in-uscita/{id}/riprova"), &[]).await.expect(409);
        assert!(!agent.get("/scrivania/posta-in-uscita").await.has("no such user here"));
    }

    async fn a_refusal_for_now_is_tried_again_by_itself_and_at_once_when_asked(p: Post) {
        p.deliver(URP, &mail("1@x.test", "defer@cc.test", URP, "Orari", "", "Quando siete aperti?"));
        p.wait_for("SELECT attempts FROM outbox WHERE last_error LIKE '451%'", 1).await;
        p.app.clock.advance(SignedDuration::from_mins(2));
        p.wait_for("SELECT attempts FROM outbox WHERE leased_by IS NULL", 2).await;
        let id = p.app.number("SELECT id FROM outbox").await;
        let agent = p.app.sign_in(Role::Agent).await;
        agent.post_form(&format!("/scrivania/posta-in-uscita/{id}/riprova"), &[]).await.expect(303);
        p.wait_for("SELECT attempts FROM outbox WHERE leased_by IS NULL", 1).await;
        agent.post_form(&format!("/scrivania/posta-in-uscita/{id}/annulla"), &[]).await.expect(303);
        assert_eq!(p.app.texts("SELECT state FROM outbox").await, ["cancelled"]);
    }

    async fn a_delivery_report_moves_the_message_and_nothing_else(p: Post) {
        p.deliver(URP, &mail("1@x.test", "carla@altrove.test", URP, "Orari", "", "Quando siete aperti?"));
        p.wait_for("SELECT COUNT(*) FROM outbox WHERE state = 'sent'", 1).await;
        let code = p.last_code().await;
        p.answer(&code, "Ogni mattina.").await;
        p.wait_for("SELECT COUNT(*) FROM outbox WHERE state = 'sent'", 2).await;
        let about = p.app.texts("SELECT message_id FROM outbox WHERE purpose = 'reply'").await.remove(0);
        p.deliver(URP, &report(&about, URP, "delivered", "2.0.0"));
        p.wait_for("SELECT COUNT(*) FROM outbox WHERE state = 'delivered'", 1).await;
        p.deliver(URP, &report(&about, URP, "failed", "5.2.2"));
        p.wait_for("SELECT COUNT(*) FROM outbox WHERE state = 'failed' AND last_error LIKE '%5.2.2%full%'", 1).await;
        p.deliver(URP, &report("unknown@nowhere.test", URP, "failed", "5.2.3"));
        p.wait_for("SELECT COUNT(*) FROM raw_items WHERE state = 'quarantined' AND reason LIKE 'unknown_report%'", 1).await;
        assert_eq!(p.app.texts("SELECT state FROM tickets").await, ["waiting_citizen"]);
        assert_eq!(p.app.number("SELECT COUNT(*) FROM contacts WHERE direction = 'in'").await, 1);
        assert!(p.app.event_kinds().await.contains(&"outbox.bounced".to_owned()));
    }

    async fn a_bounce_without_details_is_known_by_its_address(p: Post) {
        p.deliver(URP, &mail("1@x.test", "carla@altrove.test", URP, "Orari", "", "Quando siete aperti?"));
        p.wait_for("SELECT COUNT(*) FROM tickets", 1).await;
        p.answer(&p.last_code().await, "Ogni mattina.").await;
        p.wait_for("SELECT COUNT(*) FROM outbox WHERE state = 'sent'", 2).await;
        let captured = p.smtp.captured();
        let envelopes: Vec<&str> = captured.iter().map(|c| c.from.as_str()).collect();
        assert!(envelopes.contains(&""), "automatic answers have no sender: {envelopes:?}");
        let bounce = envelopes.iter().find(|e| e.starts_with("bounce+")).unwrap();
        p.deliver(URP, &mail("9@old.test", "postmaster@old.test", bounce, "Undeliverable", "", "It did not work."));
        p.wait_for("SELECT COUNT(*) FROM outbox WHERE state = 'failed' AND purpose = 'reply'", 1).await;
    }

    async fn an_out_of_office_notice_to_the_bounce_address_is_no_bounce(p: Post) {
        p.deliver(URP, &mail("1@x.test", "carla@altrove.test", URP, "Orari", "", "Quando siete aperti?"));
        p.wait_for("SELECT COUNT(*) FROM tickets", 1).await;
        p.answer(&p.last_code().await, "Ogni mattina.").await;
        p.wait_for("SELECT COUNT(*) FROM outbox WHERE state = 'sent'", 2).await;
        let captured = p.smtp.captured();
        let bounce = captured.iter().map(|c| c.from.as_str()).find(|e| e.starts_with("bounce+")).unwrap();
        p.deliver(URP, &mail("9@x.test", "carla@altrove.test", bounce, "Assente", "Auto-Submitted: auto-replied\n", "Torno lunedì"));
        p.wait_for("SELECT COUNT(*) FROM contacts WHERE automatic IS NOT NULL", 1).await;
        assert_eq!(p.app.number("SELECT COUNT(*) FROM tickets").await, 1);
        assert_eq!(p.app.texts("SELECT state FROM tickets").await, ["waiting_citizen"]);
        assert_eq!(p.app.number("SELECT COUNT(*) FROM outbox WHERE state = 'sent'").await, 2);
    }

    async fn both_servers_are_checked_for_the_doctor(p: Post) {
        use channels::Receive;
        use channels::email::ImapReceiver;
        use sportello::outbox::{EmailLane, Lane};
        let kernel = p.app.kernel.clone();
        let mailbox = || ImapReceiver::new(sportello::intake::mail::imap_config(&kernel.config.mail.mailboxes[0]).unwrap());
        assert!(mailbox().check().await.unwrap().contains("INBOX"));
        EmailLane::new(&kernel).unwrap().check().await.unwrap();
        p.smtp.stop();
        p.dovecot.stop();
        assert!(mailbox().check().await.is_err());
        assert!(EmailLane::new(&kernel).unwrap().check().await.unwrap_err().contains("cannot be reached"));
    }

    async fn a_message_that_a_dead_worker_had_in_hand_is_sent_by_another(p: Post) {
        p.app.kernel.stop.cancel();
        let post = Post::quiet(p.engine).await;
        *p = post;
        let until = p.app.kernel.now().plus(SignedDuration::from_mins(2)).0;
        p.app.execute(&format!(
            "INSERT INTO outbox (lane, purpose, recipient, payload, state, attempts, run_at, leased_by, leased_until, message_id, created_at)
             VALUES ('email', 'reply', 'anna@cc.test', '{{\"subject\":\"s\",\"text\":\"ciao\",\"manner\":\"personal\",\"reply_to\":null,\"in_reply_to\":null}}',
                     'pending', 1, 0, 'a node that died', {until}, 'x@cc.test', 0)")).await;
        p.app.start_background();
        tokio::time::sleep(std::time::Duration::from_secs(3)).await;
        assert_eq!(p.app.texts("SELECT state FROM outbox").await, ["pending"], "its lease still stands");
        p.app.clock.advance(SignedDuration::from_mins(3));
        p.wait_for("SELECT attempts FROM outbox WHERE state = 'sent'", 2).await;
        p.wait_for_mail(ANNA, "ciao").await;
    }
}
