//! A ticket's life on the desk.
use super::{at, contact, count, version};
use crate::support::*;

on_each_engine! {
    async fn a_new_ticket_is_taken_answered_and_closed(t: TestApp) {
        let code = contact(&t, "1", "maria@example.org", "Carta d'identità", "Come la rinnovo?").await;
        count(&t).await;
        let agent = t.sign_in(Role::Agent).await;
        let queue = agent.get("/scrivania/coda/nuove").await.expect(200);
        assert!(queue.has(&at(&code, "")) && queue.has("Carta d&#39;identità"), "{}", queue.body);
        assert!(agent.get("/scrivania/conteggi?path=/scrivania/coda/nuove").await.expect(200).has("<span class=\"count\">1</span>"));

        let taken = agent.post_form(&at(&code, "/prendi"), &[("queue", "new")]).await.expect(303);
        let page = agent.get(taken.location()).await.expect(200);
        assert!(page.has("La pratica è tua") && page.has("Come la rinnovo?") && page.has("E-mail a maria@example.org"), "{}", page.body);

        let seen = version(&agent, &code).await;
        let fields = [("version", seen.as_str()), ("kind", "reply"), ("way", "email"), ("then", "close"), ("outcome", "answered"),
            ("text", "Gentile Maria,\n\nbasta un appuntamento.")];
        agent.post_form(&at(&code, "/risposta"), &fields).await.expect(303);
        let page = agent.get(&at(&code, "")).await.expect(200);
        assert!(page.has("basta un appuntamento.") && page.has("In partenza") && page.has("a maria@example.org"), "{}", page.body);
        assert!(page.has("Risposta data") && page.has("Riapri") && !page.has("id=\"reply-text\""), "{}", page.body);
        assert!(page.has("Chiusa da Agent Prova: Risposta data"), "the history tells it: {}", page.body);
        assert_eq!(t.texts("SELECT recipient FROM outbox WHERE purpose = 'reply'").await, ["maria@example.org"]);
        count(&t).await;
        assert!(agent.get("/scrivania/coda/mie").await.expect(200).has("Nessuna pratica"));
    }

    async fn an_answer_given_by_voice_is_recorded_and_nothing_is_sent(t: TestApp) {
        let code = contact(&t, "1", "333 1234567", "Orari", "Quando siete aperti?").await;
        let agent = t.sign_in(Role::Agent).await;
        assert!(!agent.get(&at(&code, "")).await.expect(200).has("id=\"way-email\""), "there is no address");
        let by_mail = [("kind", "reply"), ("way", "email"), ("text", "Dalle 9.")];
        let refused = agent.post_form(&at(&code, "/risposta"), &by_mail).await.expect(422);
        assert!(refused.has("Non conosciamo un indirizzo") && refused.has(">Dalle 9.</textarea>"), "{}", refused.body);
        agent.post_form(&at(&code, "/risposta"), &[("kind", "reply"), ("way", "phone"), ("text", "Dalle 9.")]).await.expect(303);
        assert_eq!(t.number("SELECT COUNT(*) FROM outbox").await, 0);
        assert_eq!(t.texts("SELECT channel FROM contacts WHERE direction = 'out'").await, ["phone"]);
    }

    async fn a_ticket_is_classified_parked_resumed_closed_and_reopened(t: TestApp) {
        let code = contact(&t, "1", "maria@example.org", "Divano", "Dove lo porto?").await;
        let agent = t.sign_in(Role::Agent).await;
        let fields = [("category", "waste/bulky"), ("kind", "information"), ("subject", "Ritiro del divano")];
        agent.post_form(&at(&code, "/classifica"), &fields).await.expect(303);
        let page = agent.get(&at(&code, "")).await.expect(200);
        assert!(page.has("<h1>Ritiro del divano</h1>") && page.has("value=\"waste/bulky\" selected"), "{}", page.body);
        agent.post_form(&at(&code, "/attendi"), &[]).await.expect(303);
        assert!(agent.get("/scrivania/coda/in-attesa").await.expect(200).has("Ritiro del divano"));
        agent.post_form(&at(&code, "/riprendi"), &[]).await.expect(303);
        let wrong = agent.post_form(&at(&code, "/chiudi"), &[("outcome", "answered"), ("sheet", "NO-99")]).await.expect(422);
        assert!(wrong.has("Non c’è una scheda con questo codice") && wrong.has("value=\"NO-99\""), "{}", wrong.body);
        agent.post_form(&at(&code, "/chiudi"), &[("outcome", "withdrawn"), ("sheet", "")]).await.expect(303);
        assert!(agent.get(&at(&code, "")).await.expect(200).has("Richiesta ritirata"));
        assert_eq!(agent.post_form(&at(&code, "/attendi"), &[]).await.status, 409, "a closed ticket waits for nobody");
        agent.post_form(&at(&code, "/riapri"), &[]).await.expect(303);
        assert_eq!(t.texts("SELECT state FROM tickets").await, ["open"]);
    }

    async fn the_owner_changes_only_with_a_reason(t: TestApp) {
        let code = contact(&t, "1", "maria@example.org", "Divano", "Dove lo porto?").await;
        let agent = t.sign_in(Role::Agent).await;
        let refused = agent.post_form(&at(&code, "/passa"), &[("unit", "counter"), ("reason", " ")]).await.expect(422);
        assert!(refused.has("Scrivi il motivo"));
        agent.post_form(&at(&code, "/passa"), &[("unit", "counter"), ("reason", "si presenta lì")]).await.expect(303);
        let page = agent.get(&at(&code, "")).await.expect(200);
        assert!(page.has("ha passato la titolarità da Sportello a Front office") && page.has("si presenta lì"), "{}", page.body);
        assert_eq!(agent.post_form(&at(&code, "/avoca"), &[("unit", "anagrafe"), ("reason", "x")]).await.status, 403, "only a unit above takes over");
        let supervisor = t.sign_in(Role::Supervisor).await;
        supervisor.post_form(&at(&code, "/avoca"), &[("unit", "contact-centre"), ("reason", "caso delicato")]).await.expect(303);
    }

    async fn a_note_stays_inside(t: TestApp) {
        let code = contact(&t, "1", "maria@example.org", "Divano", "Dove lo porto?").await;
        let agent = t.sign_in(Role::Agent).await;
        let fields = [("kind", "note"), ("note", "è già venuta ieri"), ("text", "una risposta a metà")];
        agent.post_form(&at(&code, "/risposta"), &fields).await.expect(303);
        let page = agent.get(&at(&code, "")).await.expect(200);
        assert!(page.has("bubble-note") && page.has("è già venuta ieri"));
        assert_eq!(t.number("SELECT COUNT(*) FROM contacts WHERE direction = 'note' AND public").await, 0);
        assert_eq!(t.number("SELECT COUNT(*) FROM outbox").await, 0, "nothing leaves");
        assert!(!t.texts("SELECT data FROM events").await.join(" ").contains("ieri"), "events hold no text");
    }

    async fn an_answer_that_ends_as_not_ours_says_who_is_competent_and_how_to_reach_them(t: TestApp) {
        t.execute(
            "UPDATE categories SET unit_id = 4, details = '{\"notice\":\"Se ne occupa la sanità pubblica.\",\"notice_en\":\"Public health deals with it.\"}' WHERE slug = 'elsewhere'",
        )
        .await;
        let code = contact(&t, "1", "maria@example.org", "Zanzare", "Chi fa la disinfestazione?").await;
        let agent = t.sign_in(Role::Agent).await;
        agent.post_form(&at(&code, "/classifica"), &[("category", "elsewhere")]).await.expect(303);
        assert!(agent.get(&at(&code, "")).await.expect(200).has("Se ne occupa la sanità pubblica."));
        let answer = async |then: &'static str, outcome: &'static str| {
            let seen = version(&agent, &code).await;
            let fields = [("version", seen.as_str()), ("kind", "reply"), ("way", "email"), ("then", then), ("outcome", outcome),
                ("text", "Gentile Maria, ecco a chi rivolgersi.")];
            agent.post_form(&at(&code, "/risposta"), &fields).await.expect(303);
            t.texts("SELECT payload FROM outbox WHERE purpose = 'reply' ORDER BY id DESC LIMIT 1").await.remove(0)
        };
        assert!(!answer("stay", "answered").await.contains("sanità pubblica"), "the answer does not end it");
        let ended = answer("close", "not_competent").await;
        assert!(ended.contains("Se ne occupa la sanità pubblica.") && ended.contains("Azienda sanitaria di Prova, Prevenzione"), "{ended}");
        assert!(ended.contains("prevenzione@example.net"), "{ended}");
    }

    async fn a_new_category_brings_its_usual_kind_unless_somebody_chose_one(t: TestApp) {
        t.execute("UPDATE categories SET details = '{\"default_kind\":\"report\",\"keywords\":[\"divano\"]}' WHERE slug = 'waste'").await;
        let code = contact(&t, "1", "maria@example.org", "Rifiuti", "Davanti al portone c'è un divano abbandonato.").await;
        let agent = t.sign_in(Role::Agent).await;
        let kind = async || t.texts(&format!("SELECT kind FROM tickets WHERE code = '{code}'")).await.remove(0);
        let suggested = agent.get(&at(&code, "/simili")).await.expect(200);
        assert!(suggested.has("value=\"waste\""), "a keyword speaks for its category: {}", suggested.body);
        let form = |category: &'static str, kind: &'static str| {
            [("category", category), ("kind", kind), ("kind_shown", "information"), ("subject", "Divano")]
        };
        agent.post_form(&at(&code, "/classifica"), &form("waste/bulky", "complaint")).await.expect(303);
        assert_eq!(kind().await, "complaint");
        agent.post_form(&at(&code, "/classifica"), &form("anagrafe", "information")).await.expect(303);
        assert_eq!(kind().await, "complaint", "no usual kind, and nobody touched it");
        agent.post_form(&at(&code, "/classifica"), &form("waste/bulky", "information")).await.expect(303);
        assert_eq!(kind().await, "report", "that of the category above");
    }
}
