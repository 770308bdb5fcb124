//! Tickets opened for callers and visitors, and the file of a person.
use super::{at, contact};
use crate::support::*;

on_each_engine! {
    async fn a_caller_gets_a_ticket_that_is_the_agents_at_once(t: TestApp) {
        let agent = t.sign_in(Role::Agent).await;
        let form = agent.get("/scrivania/pratiche/nuova").await.expect(200);
        let once = form.between("name=\"once\" value=\"", "\"").unwrap().to_owned();
        let fields = [("channel", "counter"), ("name", "Anna Verdi"), ("phone", "0862 123456"), ("kind", "application"),
            ("category", "anagrafe/identity-card"), ("subject", "Carta persa"), ("text", "Ha perso la carta"), ("once", once.as_str())];
        let first = agent.post_form("/scrivania/pratiche/nuova", &fields).await.expect(303);
        let page = agent.get(first.location()).await.expect(200);
        assert!(page.has("Pratica aperta") && page.has("<h1>Carta persa</h1>") && page.has("Agent Prova") && page.has("Anna Verdi"), "{}", page.body);
        assert_eq!(t.texts("SELECT state FROM tickets").await, ["open"]);
        let again = agent.post_form("/scrivania/pratiche/nuova", &fields).await.expect(303);
        assert_eq!(again.location(), first.location(), "sent twice, it is one ticket");
        assert_eq!(t.number("SELECT COUNT(*) FROM tickets").await, 1);
    }

    async fn a_caller_without_any_identifier_is_served_too(t: TestApp) {
        let agent = t.sign_in(Role::Agent).await;
        let fields = [("channel", "phone"), ("kind", "information"), ("text", "A che ora chiudete?")];
        let opened = agent.post_form("/scrivania/pratiche/nuova", &fields).await.expect(303);
        assert!(agent.get(opened.location()).await.expect(200).has("A che ora chiudete?"));
    }

    async fn a_refused_form_says_what_is_wrong_and_keeps_what_was_written(t: TestApp) {
        let agent = t.sign_in(Role::Agent).await;
        let fields = [("channel", "phone"), ("phone", "non lo so"), ("kind", "information"), ("name", "Anna"), ("text", " ")];
        let refused = agent.post_form("/scrivania/pratiche/nuova", &fields).await.expect(422);
        for text in ["Questo non è un numero di telefono", "Scrivi che cosa chiede", "value=\"non lo so\"", "value=\"Anna\"", "href=\"#phone\""] {
            assert!(refused.has(text), "{text}: {}", refused.body);
        }
    }

    async fn a_known_number_is_recognised_while_it_is_typed(t: TestApp) {
        contact(&t, "1", "+39 333 1234567", "Divano", "Dove lo porto?").await;
        contact(&t, "2", "333 1234567", "Orari", "Quando aprite?").await;
        let agent = t.sign_in(Role::Agent).await;
        let known = agent.get("/scrivania/pratiche/nuova/utente?phone=333+12+34+567&email=&fiscal_code=").await.expect(200);
        assert!(known.has("Già conosciuto: 2 pratiche"), "{}", known.body);
        assert!(!agent.get("/scrivania/pratiche/nuova/utente?phone=333+12").await.expect(200).has("Già conosciuto"));
        let page = agent.get("/scrivania/pratiche/nuova?phone=333+1234567&name=Mario").await.expect(200);
        assert!(page.has("Già conosciuto: 2 pratiche") && page.has("value=\"Mario\""));
    }

    async fn a_persons_file_has_all_their_tickets_and_contacts(t: TestApp) {
        let agent = t.sign_in(Role::Agent).await;
        let fields = [("channel", "phone"), ("name", "Anna Verdi"), ("phone", "333 1234567"), ("email", "anna@example.org"),
            ("kind", "information"), ("text", "Chiede della TARI")];
        agent.post_form("/scrivania/pratiche/nuova", &fields).await.expect(303);
        let code = contact(&t, "mail", "anna@example.org", "Divano", "Dove lo porto?").await;
        agent.post_form(&at(&code, "/risposta"), &[("kind", "reply"), ("way", "email"), ("text", "All'isola ecologica.")]).await.expect(303);
        agent.post_form(&at(&code, "/risposta"), &[("kind", "note"), ("note", "nota riservata")]).await.expect(303);
        let id = t.number("SELECT id FROM persons").await;
        let file = agent.get(&format!("/scrivania/persone/{id}")).await.expect(200);
        for text in ["Anna Verdi", "333 1234567", "anna@example.org", "2 pratiche", "Chiede della TARI", "Dove lo porto?", "All&#39;isola ecologica.", "Telefono · ricevuto", "E-mail · inviato"] {
            assert!(file.has(text), "{text}: {}", file.body);
        }
        let ticket = agent.get(&at(&code, "")).await.expect(200);
        assert!(ticket.has(&format!("href=\"/scrivania/persone/{id}\"")) && ticket.has("Chiede della TARI"), "their other ticket is beside");
        assert_eq!(agent.get("/scrivania/persone/424242").await.status, 404);
    }

    async fn links_to_other_tickets_are_shown_until_dismissed(t: TestApp) {
        let first = contact(&t, "1", "maria@example.org", "Divano", "Dove lo porto?").await;
        let second = contact(&t, "2", "luca@example.org", "Poltrona", "E questa?").await;
        t.execute(&format!(
            "INSERT INTO ticket_links (ticket_id, other_id, kind, created_at)
             SELECT a.id, b.id, 'may_belong_to', 0 FROM tickets a, tickets b WHERE a.code = '{second}' AND b.code = '{first}'"
        )).await;
        let agent = t.sign_in(Role::Agent).await;
        assert!(agent.get(&at(&second, "")).await.expect(200).has("Forse riguarda la stessa cosa di:"));
        let fields = [("other", first.as_str()), ("kind", "may_belong_to")];
        agent.post_form(&at(&second, "/collegamenti"), &fields).await.expect(303);
        let page = agent.get(&at(&second, "")).await.expect(200);
        assert!(!page.has("Forse riguarda") && page.has("ha tolto un collegamento"));
        assert_eq!(agent.post_form(&at(&second, "/collegamenti"), &fields).await.status, 404, "settled once");
    }
}
