//! Sheets are found by the words of citizens whose tickets they closed.
use serde_json::json;

use super::*;

/// Somebody asks by mail, and the ticket is closed with a sheet.
async fn closed_with(t: &TestApp, id: &str, from: &str, text: &str, sheet: &str) {
    let body = json!({
        "channel": "email", "external_id": id, "from": from, "subject": "Domanda", "text": text,
    });
    let contact = t.api(Role::Integration).await.post_json("/api/v1/contacts", &body).await;
    let code = contact.json()["ticket_code"].as_str().unwrap().to_owned();
    let agent = t.sign_in(Role::Agent).await;
    let closing = [("outcome", "answered"), ("sheet", sheet)];
    agent.post_form(&format!("/scrivania/pratiche/{code}/chiudi"), &closing).await.expect(303);
}

/// Waits until a search finds exactly this; lessons are gathered for a few seconds.
async fn learns(t: &TestApp, words: &str, reader: Reader, expected: &[&str]) {
    let start = Instant::now();
    while codes(t, words, reader).await != expected {
        assert!(start.elapsed() < Duration::from_secs(60), "{words}: {:?}", codes(t, words, reader).await);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn two_lost_badges(t: &TestApp) {
    closed_with(t, "1", "marta@example.org", "Non trovo il badge, sono Marta Zanardelli, 3331234567.", "ANA-02").await;
    closed_with(t, "2", "ugo@example.org", "Il badge con la foto, scippato dallo zampironaio.", "ANA-02").await;
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

    async fn words_lead_citizens_to_no_internal_sheet(t: TestApp) {
        t.start_background();
        lost_card(&t).await;
        closed_with(&t, "1", "anna@example.org", "Mi chiedono il gonfalone", "URP-09").await;
        closed_with(&t, "2", "ivo@example.org", "Che cosa è il gonfalone?", "URP-09").await;
        learns(&t, "gonfalone", Reader::Agent, &["URP-09"]).await;
        assert_eq!(codes(&t, "gonfalone", Reader::Citizen).await, Vec::<String>::new());
    }
}
