//! Sheets are found by the words of citizens whose tickets they closed.
use serde_json::json;

use super::*;

/// Somebody asks by mail, and the ticket is closed with a sheet.
async fn closed_with(t: &TestApp, id: &str, from: &str, text: &str, sheet: &str) -> String {
    let body = json!({
        "channel": "email", "external_id": id, "from": from, "subject": "Domanda", "text": text,
    });
    let contact = t.api(Role::Integration).await.post_json("/api/v1/contacts", &body).await;
    let code = contact.json()["ticket_code"].as_str().unwrap().to_owned();
    let agent = t.sign_in(Role::Agent).await;
    let closing = [("outcome", "answered"), ("sheet", sheet)];
    agent.post_form(&format!("/scrivania/pratiche/{code}/chiudi"), &closing).await.expect(303);
    code
}

/// Waits until a search finds exactly this; lessons are gathered for a few seconds.
async fn learns(t: &TestApp, words: &str, reader: Reader, expected: &[&str]) {
    let start = Instant::now();
    while codes(t, words, reader).await != expected {
        assert!(start.elapsed() < Duration::from_secs(60), "{words}: {:?}", codes(t, words, reader).await);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Two tickets that teach «badge»; the code of the first.
async fn two_lost_badges(t: &TestApp) -> String {
    let first = "Non trovo il badge, sono Marta Zanardelli, 3331234567.";
    let first = closed_with(t, "1", "marta@example.org", first, "ANA-02").await;
    closed_with(t, "2", "ugo@example.org", "Il badge con la foto, scippato dallo zampironaio.", "ANA-02").await;
    first
}

on_each_engine! {
    async fn a_sheet_is_found_by_words_that_two_citizens_used(t: TestApp) {
        t.start_background();
        lost_card(&t).await;
        assert_eq!(codes(&t, "badge", Reader::Citizen).await, Vec::<String>::new());
        two_lost_badges(&t).await;
        learns(&t, "badge", Reader::Citizen, &["ANA-02"]).await;
        for personal in ["zampironaio", "zanardelli", "3331234567"] {
            assert_eq!(codes(&t, personal, Reader::Agent).await, Vec::<String>::new(), "{personal}");
        }
    }

    async fn an_index_that_is_made_again_knows_the_words_and_a_changed_sheet_keeps_them(t: TestApp) {
        lost_card_saved(&t).await;
        two_lost_badges(&t).await;
        t.start_background();
        learns(&t, "badge", Reader::Citizen, &["ANA-02"]).await;
        save(&t, draft("ANA-02", Audience::Public, "Carta rubata", "Si va in questura.")).await;
        finds(&t, "questura", Reader::Citizen, &["ANA-02"]).await;
        assert_eq!(codes(&t, "badge", Reader::Citizen).await, ["ANA-02"]);
    }

    async fn greetings_and_signatures_teach_nothing(t: TestApp) {
        t.start_background();
        lost_card(&t).await;
        for (id, name, reason) in [("1", "Marta Zanardelli", "perso"), ("2", "Ugo Fabbri", "lasciato sul tram")] {
            let from = format!("{}@example.org", &name[..3].to_lowercase());
            let text = format!("Buongiorno gentile ufficio,\n\nho {reason} il badge.\n\nGrazie e cordiali saluti\n{name}\nPiazza Vecchia 12");
            closed_with(&t, id, &from, &text, "ANA-02").await;
        }
        learns(&t, "badge", Reader::Citizen, &["ANA-02"]).await;
        let learnt = t.api(Role::Supervisor).await.get("/api/v1/knowledge/sheets/ANA-02/lessons").await.expect(200).body;
        for courtesy in ["buongiorno", "gentile", "cordiali", "saluti", "grazie", "piazza"] {
            assert!(!learnt.contains(courtesy), "{courtesy}: {learnt}");
        }
    }

    async fn words_lead_citizens_to_no_internal_sheet(t: TestApp) {
        t.start_background();
        lost_card(&t).await;
        closed_with(&t, "1", "anna@example.org", "Mi chiedono il gonfalone", "URP-09").await;
        closed_with(&t, "2", "ivo@example.org", "Che cosa è il gonfalone?", "URP-09").await;
        learns(&t, "gonfalone", Reader::Agent, &["URP-09"]).await;
        assert_eq!(codes(&t, "gonfalone", Reader::Citizen).await, Vec::<String>::new());
    }

    async fn the_words_of_a_reopened_ticket_are_taken_back_at_once(t: TestApp) {
        t.start_background();
        lost_card(&t).await;
        let first = two_lost_badges(&t).await;
        learns(&t, "badge", Reader::Citizen, &["ANA-02"]).await;
        let agent = t.sign_in(Role::Agent).await;
        agent.post_form(&format!("/scrivania/pratiche/{first}/riapri"), &[]).await.expect(303);
        finds(&t, "badge", Reader::Citizen, &[]).await;
        let closing = [("outcome", "answered"), ("sheet", "ANA-02")];
        agent.post_form(&format!("/scrivania/pratiche/{first}/chiudi"), &closing).await.expect(303);
        learns(&t, "badge", Reader::Citizen, &["ANA-02"]).await;
    }

    async fn who_writes_a_sheet_sees_its_words_and_leaves_some_out(t: TestApp) {
        t.start_background();
        lost_card(&t).await;
        let first = two_lost_badges(&t).await;
        learns(&t, "badge", Reader::Citizen, &["ANA-02"]).await;
        let agent = t.sign_in(Role::Agent).await;
        let at = "/scrivania/schede/ANA-02/parole";
        let page = agent.get(at).await.expect(200);
        assert!(page.has(">badge</strong> <span class=\"quiet\">2 persone") && page.has(&first), "{}", page.body);
        for personal in ["zampironaio", "Zanardelli", "zanardelli", "3331234567"] {
            assert!(!page.has(personal), "{personal}: {}", page.body);
        }
        let word = [("word", "Badge"), ("lang", "it"), ("dropped", "yes")];
        agent.post_form(at, &word).await.expect(303);
        finds(&t, "badge", Reader::Citizen, &[]).await;
        let page = agent.get(at).await.expect(200);
        assert!(!page.has(">badge</strong>") && page.has("Parole tolte"), "{}", page.body);
        agent.post_form(at, &[("word", "badge"), ("lang", "it"), ("dropped", "no")]).await.expect(303);
        finds(&t, "badge", Reader::Citizen, &["ANA-02"]).await;

        // Without one of its tickets the word is one person's.
        agent.post_form(at, &[("ticket", first.as_str()), ("dropped", "yes")]).await.expect(303);
        finds(&t, "badge", Reader::Citizen, &[]).await;
        agent.post_form(at, &[("ticket", "ABCDEFGHJ"), ("dropped", "yes")]).await.expect(422);
        agent.post_form(at, &[("word", "due parole"), ("lang", "it"), ("dropped", "yes")]).await.expect(422);
        agent.post_form(at, &[("ticket", first.as_str()), ("dropped", "no")]).await.expect(303);
        finds(&t, "badge", Reader::Citizen, &["ANA-02"]).await;

        let api = t.api(Role::Supervisor).await;
        let url = "/api/v1/knowledge/sheets/ANA-02/lessons";
        let words = api.get(url).await.expect(200).json();
        assert!(words["words"].to_string().contains("{\"lang\":\"it\",\"people\":2,\"word\":\"badge\"}"), "{words}");
        api.post_json(url, &json!({ "word": "badge", "dropped": true })).await.expect(204);
        assert_eq!(api.get(url).await.json()["dropped"][0]["word"], "badge");
        // The office that answers for the sheet sees words, and no tickets.
        let office = t.sign_in(Role::Referent).await;
        let page = office.get(at).await.expect(200);
        assert!(page.has("Parole tolte") && !page.has("Pratiche da cui impara") && !page.has(&first), "{}", page.body);
        office.post_form(at, &[("ticket", first.as_str()), ("dropped", "yes")]).await.expect(403);
        t.execute("UPDATE sheets SET unit_id = NULL WHERE code = 'ANA-02'").await;
        office.get(at).await.expect(403);
    }
}
