//! Mail that answers something of a ticket that is no more, or a message that was moved.
use sportello::tickets::merging::{self, Merge, Moving};

use super::post::*;

async fn place(p: &Post, text: &str) -> String {
    let sql =
        format!("SELECT t.code FROM contacts k JOIN tickets t ON t.id = k.ticket_id WHERE k.body LIKE '%{text}%'");
    p.app.texts(&sql).await.remove(0)
}

by_mail_on_each_engine! {
    async fn every_answer_to_a_merged_ticket_lands_where_it_goes_on(p: Post) {
        p.deliver(URP, &mail("1@x.test", BRUNO, URP, "Lampione", "", "Il lampione è spento"));
        p.wait_for("SELECT COUNT(*) FROM tickets", 1).await;
        let live = p.last_code().await;
        p.deliver(URP, &mail("2@x.test", ANNA, URP, "Ancora il lampione", "", "Manca la luce"));
        p.wait_for("SELECT COUNT(*) FROM tickets", 2).await;
        let merged = p.last_code().await;
        let received = p.wait_for_mail(ANNA, "Reply-To").await;
        let (reply_to, ack) = (header(&received, "Reply-To"), header(&received, "Message-ID"));
        let who = p.agent().await;
        let how = Merge { into: live.clone(), ..Merge::default() };
        merging::merge(&p.app.kernel, &who, &merged, how).await.unwrap();

        // By the address we gave, by our Message-ID, by her own, and by the code she knows.
        p.deliver(URP, &mail("3@x.test", ANNA, &reply_to, "altro", "", "per-indirizzo"));
        p.deliver(URP, &mail("4@x.test", ANNA, URP, "altro", &format!("In-Reply-To: {ack}\n"), "per-messaggio"));
        p.deliver(URP, &mail("5@x.test", ANNA, URP, "altro", "References: <2@x.test>\n", "per-conversazione"));
        let code = sportello::kernel::codes::grouped(&merged);
        p.deliver(URP, &mail("6@x.test", ANNA, URP, &format!("Pratica {code}"), "", "per-codice"));
        p.wait_for("SELECT COUNT(*) FROM contacts WHERE direction = 'in'", 6).await;
        assert_eq!(p.app.number("SELECT COUNT(*) FROM tickets").await, 2);
        for text in ["per-indirizzo", "per-messaggio", "per-conversazione", "per-codice"] {
            assert_eq!(place(p, text).await, live, "{text}");
        }
        assert_eq!(p.app.number("SELECT COUNT(*) FROM contacts WHERE via_id IS NOT NULL").await, 5, "all hers stay with her code");

        merging::unmerge(&p.app.kernel, &who, &merged, None, "").await.unwrap();
        p.deliver(URP, &mail("7@x.test", ANNA, &reply_to, "altro", "", "dopo-la-separazione"));
        p.wait_for("SELECT COUNT(*) FROM contacts WHERE direction = 'in'", 7).await;
        assert_eq!(place(p, "dopo-la-separazione").await, merged);
        assert_eq!(place(p, "per-codice").await, live, "what came meanwhile stays");
    }

    async fn an_answer_to_a_moved_message_goes_where_it_is_now(p: Post) {
        p.deliver(URP, &mail("1@x.test", ANNA, URP, "Uno", "", "La prima richiesta"));
        p.wait_for("SELECT COUNT(*) FROM tickets", 1).await;
        let first = p.last_code().await;
        p.deliver(URP, &mail("2@x.test", ANNA, URP, "Due", "", "La seconda richiesta"));
        p.wait_for("SELECT COUNT(*) FROM tickets", 2).await;
        let second = p.last_code().await;
        p.answer(&first, "Questa risposta era per la seconda.").await;
        let received = p.wait_for_mail(ANNA, "era per la seconda").await;
        let at = received.find("era per la seconda").unwrap();
        let ours = p.app.texts("SELECT message_id FROM outbox WHERE purpose = 'reply'").await.remove(0);
        let contact = p.app.number("SELECT id FROM contacts WHERE direction = 'out'").await;
        let reply_to = received[..at].rfind("\nReply-To: ").map(|i| received[i + 11..].lines().next().unwrap().trim().to_owned()).unwrap();
        let who = p.agent().await;
        let how = Moving { to: second.clone(), ..Moving::default() };
        merging::move_contact(&p.app.kernel, &who, &first, contact, how).await.unwrap();

        // The reply address still names the first ticket; the message that is answered is in the second.
        p.deliver(URP, &mail("3@x.test", ANNA, &reply_to, "R: Uno", &format!("In-Reply-To: <{ours}>\n"), "grazie-della-risposta, e quando?"));
        p.wait_for("SELECT COUNT(*) FROM contacts WHERE direction = 'in'", 3).await;
        assert_eq!(place(p, "grazie-della-risposta").await, second);
        p.deliver(URP, &mail("4@x.test", ANNA, &reply_to, "R: Uno", "", "senza-intestazioni"));
        p.wait_for("SELECT COUNT(*) FROM contacts WHERE direction = 'in'", 4).await;
        assert_eq!(place(p, "senza-intestazioni").await, first);
    }
}
