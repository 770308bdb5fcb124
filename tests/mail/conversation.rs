//! A citizen writes, is told the code, gets an answer and writes again.
use super::post::*;

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
