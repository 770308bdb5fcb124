//! Several agents on one ticket.
use super::{at, contact, version};
use crate::support::*;

async fn two_agents(t: &TestApp) -> (Browser, Browser) {
    t.add_user("luca@example.it", Role::Agent, &["contact-centre"]).await;
    t.add_user("giulia@example.it", Role::Agent, &["contact-centre"]).await;
    (t.sign_in_as("luca@example.it").await, t.sign_in_as("giulia@example.it").await)
}

on_each_engine! {
    async fn of_two_who_take_at_once_one_wins_and_the_other_is_told_who(t: TestApp) {
        let code = contact(&t, "1", "maria@example.org", "Divano", "Dove lo porto?").await;
        let (luca, giulia) = two_agents(&t).await;
        let path = at(&code, "/prendi");
        // Both have a session token, so that nothing but the race is between them.
        luca.csrf().await;
        giulia.csrf().await;
        let (a, b) = tokio::join!(luca.post_form(&path, &[("queue", "new")]), giulia.post_form(&path, &[("queue", "new")]));
        let mut statuses = [a.status, b.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [303, 409]);
        let (loser, winner) = if a.status == 409 { (a, "Giulia Prova") } else { (b, "Luca Prova") };
        assert!(loser.has(&format!("{winner} ha preso in carico la pratica prima di te")), "{}", loser.body);
        assert_eq!(t.number("SELECT COUNT(*) FROM events WHERE kind = 'ticket.taken'").await, 1);
    }

    async fn a_stale_answer_comes_back_with_its_text_and_what_changed(t: TestApp) {
        let code = contact(&t, "1", "maria@example.org", "Divano", "Dove lo porto?").await;
        let (luca, giulia) = two_agents(&t).await;
        let seen = version(&luca, &code).await;
        giulia.post_form(&at(&code, "/classifica"), &[("category", "waste/bulky")]).await.expect(303);
        let fields = [("version", seen.as_str()), ("kind", "reply"), ("way", "email"), ("then", "wait"), ("sheet", "RIF-01"), ("text", "All'isola ecologica.")];
        let photo = File { field: "files", name: "mappa.txt", media_type: "text/plain", bytes: b"a destra" };
        let stale = luca.post_files(&at(&code, "/risposta"), &fields, std::slice::from_ref(&photo)).await.expect(412);
        assert!(stale.has("Giulia Prova ha modificato questa pratica"), "{}", stale.body);
        assert!(stale.has("Giulia Prova ha cambiato la classificazione: Ingombranti"), "{}", stale.body);
        assert!(stale.has(">All&#39;isola ecologica.</textarea>") && stale.has("value=\"wait\" selected") && stale.has("value=\"RIF-01\""), "{}", stale.body);
        assert_eq!(t.number("SELECT COUNT(*) FROM contacts WHERE direction = 'out'").await, 0);

        // Sent again as the page now has it, the file goes along.
        let kept = stale.between("name=\"kept\" value=\"", "\"").unwrap().replace("&#34;", "\"");
        let seen = stale.between("name=\"version\" value=\"", "\"").unwrap().to_owned();
        let fields = [("version", seen.as_str()), ("kind", "reply"), ("way", "email"), ("text", "All'isola ecologica."), ("kept", &kept)];
        luca.post_form(&at(&code, "/risposta"), &fields).await.expect(303);
        assert_eq!(t.texts("SELECT name FROM attachments").await, ["mappa.txt"]);
    }

    async fn a_file_that_a_form_claims_to_have_kept_must_be_ours(t: TestApp) {
        let code = contact(&t, "1", "maria@example.org", "Divano", "Dove lo porto?").await;
        let agent = t.sign_in(Role::Agent).await;
        let forged = r#"["aa/bb/cc","passwd.txt","text/plain",1,"aaaaaaaaaaaaaaaa"]"#;
        agent.post_form(&at(&code, "/risposta"), &[("kind", "note"), ("note", "x"), ("kept", forged)]).await.expect(303);
        assert_eq!(t.number("SELECT COUNT(*) FROM attachments").await, 0);
    }

    async fn drafts_survive_what_others_do(t: TestApp) {
        let code = contact(&t, "1", "maria@example.org", "Divano", "Dove lo porto?").await;
        let (luca, giulia) = two_agents(&t).await;
        luca.post_form(&at(&code, "/bozza"), &[("kind", "reply"), ("body", "Gentile Maria, sto")]).await.expect(204);
        luca.post_form(&at(&code, "/bozza"), &[("kind", "note"), ("body", "chiedere a Paolo")]).await.expect(204);
        giulia.post_form(&at(&code, "/prendi"), &[]).await.expect(303);
        giulia.post_form(&at(&code, "/passa"), &[("unit", "counter"), ("reason", "vanno lì")]).await.expect(303);
        giulia.post_form(&at(&code, "/risposta"), &[("kind", "reply"), ("way", "email"), ("text", "Ecco."), ("then", "close")]).await.expect(303);
        giulia.post_form(&at(&code, "/riapri"), &[]).await.expect(303);
        let page = luca.get(&at(&code, "")).await.expect(200);
        assert!(page.has(">Gentile Maria, sto</textarea>") && page.has(">chiedere a Paolo</textarea>"), "{}", page.body);
        assert!(!giulia.get(&at(&code, "")).await.has("sto</textarea>"), "a draft is its writer's alone");
        luca.post_form(&at(&code, "/risposta"), &[("kind", "reply"), ("way", "email"), ("text", "Fatto.")]).await.expect(303);
        let page = luca.get(&at(&code, "")).await.expect(200);
        assert!(!page.has("sto</textarea>") && page.has(">chiedere a Paolo</textarea>"), "only the sent draft is gone");
    }

    async fn an_open_page_is_told_what_changed_and_keeps_its_version(t: TestApp) {
        let code = contact(&t, "1", "maria@example.org", "Divano", "Dove lo porto?").await;
        let (luca, giulia) = two_agents(&t).await;
        let seen = version(&luca, &code).await;
        let quiet = luca.get(&at(&code, &format!("/novita?versione={seen}"))).await.expect(200);
        assert!(!quiet.has("è cambiata") && quiet.has("Dove lo porto?"));
        giulia.post_form(&at(&code, "/risposta"), &[("kind", "note"), ("note", "la conosco")]).await.expect(303);
        let news = luca.get(&at(&code, &format!("/novita?versione={seen}"))).await.expect(200);
        assert!(news.has("Giulia Prova ha scritto una nota interna") && news.has("la conosco") && !news.has("name=\"version\""), "{}", news.body);
    }
}
