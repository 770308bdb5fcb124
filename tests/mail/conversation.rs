//! A citizen writes, is told the code, gets an answer and writes again.
use super::post::*;
use crate::support::Role;

by_mail_on_each_engine! {
    async fn a_mail_becomes_a_ticket_and_its_sender_gets_the_code(p: Post) {
        p.deliver(URP, &mail("1@x.test", "Anna Bianchi <anna@cc.test>", URP, "Carta d'identità", "", "Buongiorno, come la rinnovo?"));
        let received = p.wait_for_mail(ANNA, "Auto-Submitted: auto-replied").await;
        let code = p.last_code().await;
        assert!(received.contains(&sportello::kernel::codes::grouped(&code)), "{received}");
        assert_eq!(header(&received, "In-Reply-To"), "<1@x.test>");
        assert_eq!(p.app.texts("SELECT body FROM contacts").await, ["Buongiorno, come la rinnovo?"]);
        assert_eq!(p.app.texts("SELECT name FROM persons").await, ["Anna Bianchi"]);
    }

    async fn an_answer_reaches_the_citizen_whose_reply_comes_back_to_the_ticket(p: Post) {
        p.deliver(URP, &mail("1@x.test", ANNA, URP, "Ingombranti", "", "Quando li ritirate?"));
        p.wait_for("SELECT COUNT(*) FROM tickets", 1).await;
        let code = p.last_code().await;
        p.answer(&code, "Li ritiriamo il martedì.").await;
        let received = p.wait_for_mail(ANNA, "ritiriamo").await;
        let sent = received.split("Subject:").find(|m| m.contains("ritiriamo")).map(|_| p.app.texts(
            "SELECT message_id FROM outbox WHERE purpose = 'reply'")).unwrap().await.remove(0);
        let reply = mail("2@x.test", ANNA, "Sportello <urp@cc.test>", "R: Ingombranti", &format!("In-Reply-To: <{sent}>\n"), "Va bene, alle 8?");
        p.deliver(URP, &reply);
        p.wait_for("SELECT COUNT(*) FROM contacts WHERE direction = 'in'", 2).await;
        assert_eq!(p.app.number("SELECT COUNT(*) FROM tickets").await, 1);
        assert_eq!(p.app.texts("SELECT state FROM tickets").await, ["open"], "it waited for the citizen and is back in work");
        p.wait_for("SELECT COUNT(*) FROM outbox WHERE state = 'sent'", 2).await;
    }
}

by_mail_on_each_engine! {
    async fn a_reply_to_our_address_finds_its_ticket_without_any_header(p: Post) {
        p.deliver(URP, &mail("1@x.test", ANNA, URP, "Tributi", "", "Quanto devo pagare?"));
        let received = p.wait_for_mail(ANNA, "Reply-To").await;
        let reply_to = header(&received, "Reply-To");
        assert!(reply_to.starts_with("urp+"), "{reply_to}");
        p.deliver(URP, &mail("2@y.test", "anna@altrove.test", &reply_to, "un altro oggetto", "", "Scrivo da un altro indirizzo"));
        p.wait_for("SELECT COUNT(*) FROM contacts WHERE direction = 'in'", 2).await;
        assert_eq!(p.app.number("SELECT COUNT(*) FROM tickets").await, 1);
    }

    async fn a_code_in_the_subject_counts_only_for_who_takes_part(p: Post) {
        p.deliver(URP, &mail("1@x.test", ANNA, URP, "Tributi", "", "Quanto devo pagare?"));
        p.wait_for("SELECT COUNT(*) FROM tickets", 1).await;
        let code = sportello::kernel::codes::grouped(&p.last_code().await);
        p.deliver(URP, &mail("2@x.test", ANNA, URP, &format!("Ancora sulla pratica {code}"), "", "Altra domanda"));
        p.wait_for("SELECT COUNT(*) FROM contacts WHERE direction = 'in'", 2).await;
        assert_eq!(p.app.number("SELECT COUNT(*) FROM tickets").await, 1);
        p.deliver(URP, &mail("3@x.test", BRUNO, URP, &format!("Pratica {code}"), "", "Fatemi vedere tutto"));
        p.wait_for("SELECT COUNT(*) FROM tickets", 2).await;
        assert_eq!(p.app.texts("SELECT kind FROM ticket_links").await, ["may_belong_to"]);
    }

    async fn a_mail_to_two_mailboxes_is_one_contact(p: Post) {
        let both = mail("1@x.test", ANNA, "urp@cc.test, info@cc.test", "Buche", "", "C'è una buca in via Roma");
        p.deliver(URP, &both);
        p.deliver(INFO, &both);
        p.wait_for_items(2).await;
        assert_eq!(p.app.number("SELECT COUNT(*) FROM contacts").await, 1);
        assert_eq!(p.app.number("SELECT COUNT(*) FROM raw_items WHERE contact_id IS NOT NULL").await, 2);
    }

    async fn a_signed_file_is_listed_with_its_content(p: Post) {
        // Signed data without a signer, its lengths not said before, as signing programs write it.
        let signed = "MIAGCSqGSIb3DQEHAqCAMIACAQExADCABgkqhkiG9w0BBwGggCSABAglUERGLTEuNAQIIGlzdGFuemEAAAAAAAAxAAAAAAAAAA==";
        let text = format!(
            "--b\nContent-Type: text/plain\n\nAllego.\n\n--b\nContent-Type: application/pkcs7-mime; name=\"istanza.pdf.p7m\"\n\
             Content-Transfer-Encoding: base64\n\n{signed}\n\n--b\nContent-Type: application/octet-stream; name=rotto.p7m\n\nniente\n--b--\n");
        let letter = mail("1@x.test", ANNA, URP, "Istanza", "", &text);
        p.deliver(URP, &letter.replacen("Content-Type: text/plain; charset=utf-8", "Content-Type: multipart/mixed; boundary=b", 1));
        p.wait_for("SELECT COUNT(*) FROM attachments", 3).await;
        let agent = p.app.sign_in(Role::Agent).await;
        let page = agent.get(&format!("/scrivania/pratiche/{}", p.last_code().await)).await.expect(200);
        for words in ["Firmato digitalmente", "Estratto da istanza.pdf.p7m; la firma non è stata verificata", "Non si è potuto aprire"] {
            assert!(page.has(words), "{words}: {}", page.body);
        }
        let id = p.app.number("SELECT id FROM attachments WHERE name = 'istanza.pdf'").await;
        assert_eq!(agent.get(&format!("/scrivania/allegati/{id}")).await.expect(200).body, "%PDF-1.4 istanza");
    }

    async fn two_mails_with_the_same_id_are_two_contacts(p: Post) {
        p.deliver(URP, &mail("same@x.test", ANNA, URP, "Uno", "", "La prima richiesta"));
        p.deliver(URP, &mail("same@x.test", BRUNO, URP, "Due", "", "Tutta un'altra cosa"));
        p.wait_for("SELECT COUNT(*) FROM contacts WHERE direction = 'in'", 2).await;
    }

    async fn automatic_mail_is_kept_and_neither_answered_nor_wakes_anybody(p: Post) {
        p.deliver(URP, &mail("1@x.test", ANNA, URP, "Anagrafe", "", "Quando siete aperti?"));
        p.wait_for("SELECT COUNT(*) FROM outbox WHERE state = 'sent'", 1).await;
        let code = p.last_code().await;
        p.answer(&code, "Ogni mattina.").await;
        p.wait_for("SELECT COUNT(*) FROM outbox WHERE state = 'sent'", 2).await;
        let ours = p.app.texts("SELECT message_id FROM outbox WHERE purpose = 'reply'").await.remove(0);
        let away = format!("In-Reply-To: <{ours}>\nAuto-Submitted: auto-replied\n");
        p.deliver(URP, &mail("2@x.test", ANNA, URP, "Fuori ufficio", &away, "Torno lunedì"));
        p.deliver(URP, &mail("3@x.test", "news@lista.test", URP, "Notizie", "List-Id: <n.lista.test>\n", "Le novità"));
        p.wait_for_items(3).await;
        assert_eq!(p.app.texts(&format!("SELECT state FROM tickets WHERE code = '{code}'")).await, ["waiting_citizen"]);
        assert_eq!(p.app.texts("SELECT automatic FROM contacts WHERE automatic IS NOT NULL ORDER BY automatic").await, ["auto_submitted", "mailing_list"]);
        assert_eq!(p.app.number("SELECT COUNT(*) FROM outbox").await, 2, "nobody was answered automatically");
    }

    async fn a_robot_that_hides_gets_few_answers(p: Post) {
        for n in 0..12 {
            p.deliver(URP, &mail(&format!("{n}@x.test"), "robot@altrove.test", URP, &format!("Ticket {n}"), "", "We got your mail"));
        }
        p.wait_for_items(12).await;
        assert_eq!(p.app.number("SELECT COUNT(*) FROM contacts").await, 12);
        assert_eq!(p.app.number("SELECT COUNT(*) FROM outbox").await, 5);
    }

    async fn our_own_mail_that_comes_back_stays_with_its_ticket(p: Post) {
        p.deliver(URP, &mail("1@x.test", ANNA, URP, "Anagrafe", "", "Quando siete aperti?"));
        let received = p.wait_for_mail(ANNA, "X-Sportello-Loop").await;
        let (_, raw) = received.split_once("text:").unwrap();
        p.deliver(URP, raw.trim_start_matches('\n').replace('\r', "").as_str());
        p.wait_for_items(2).await;
        assert_eq!(p.app.number("SELECT COUNT(*) FROM tickets").await, 1);
        assert_eq!(p.app.texts("SELECT automatic FROM contacts WHERE automatic IS NOT NULL").await, ["own_loop"]);
        assert_eq!(p.app.number("SELECT COUNT(*) FROM outbox").await, 1);
    }

    async fn a_unit_answers_its_leg_by_mail(p: Post) {
        use sportello::network::LegKind;
        use sportello::network::refer::{Referral, refer};
        p.deliver(URP, &mail("1@x.test", ANNA, URP, "Carta", "", "Come la rinnovo?"));
        p.wait_for("SELECT COUNT(*) FROM tickets", 1).await;
        let code = p.last_code().await;
        let who = p.agent().await;
        let asked = Referral { unit: "anagrafe".to_owned(), kind: LegKind::Inquiry, question: "Che documenti servono?".to_owned() };
        refer(&p.app.kernel, &who, &code, None, asked).await.unwrap();
        let sent = p.wait_for_capture("anagrafe@example.it").await;
        let reply_to = header(&sent, "Reply-To");
        p.deliver(URP, &mail("2@u.test", "anagrafe@example.it", &reply_to, "R: richiesta", "", "Basta quella vecchia."));
        p.wait_for("SELECT COUNT(*) FROM legs WHERE state = 'answered'", 1).await;
        assert_eq!(p.app.texts("SELECT answer FROM legs").await, ["Basta quella vecchia."]);
        assert_eq!(p.app.number("SELECT COUNT(*) FROM tickets").await, 1);
        let mailbox = p.mailbox(ANNA);
        assert!(!mailbox.contains("quella vecchia"), "what a unit writes never reaches the citizen by itself");
    }
}
