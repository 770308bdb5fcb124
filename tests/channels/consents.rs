//! Who is told by text message, and what of an answer each channel can carry.
use serde_json::{Value, json};

use super::{last_code, open, secret};
use crate::support::*;

/// An account for text messages whose provider nobody runs: what is to leave waits.
async fn texts(t: &TestApp) -> Browser {
    secret(t, "kannel", "parola");
    secret(t, "hook", "parola-del-gancio");
    let settings = json!({"url": "http://127.0.0.1:9/cgi-bin/sendsms", "user": "sportello", "password": "file:kannel",
        "hook_password": "file:hook", "sender": "ComuneXY"});
    open(t, "sms", "sms_kannel", settings).await
}

/// Sends the public form with a number; the code of its ticket.
async fn ask(t: &TestApp, number: &str, notices: &str) -> String {
    let browser = t.browser();
    let page = browser.get("/sportello/richiesta").await.expect(200);
    let stamp = page.between("name=\"stamp\" value=\"", "\"").unwrap().to_owned();
    t.clock.advance(SignedDuration::from_secs(30));
    let fields = [
        ("stamp", stamp.as_str()),
        ("kind", "information"),
        ("text", "Dove butto il divano?"),
        ("name", "Anna Verdi"),
        ("phone", number),
        ("sms_notices", notices),
        ("privacy", "true"),
        ("website", ""),
    ];
    browser.post_files("/sportello/richiesta", &fields, &[]).await.expect(303);
    last_code(t).await
}

/// Purpose and text of the messages to a number, oldest first.
async fn told(t: &TestApp, number: &str) -> Vec<(String, String)> {
    let rows = t
        .texts(&format!("SELECT purpose || '|' || payload FROM outbox WHERE recipient = '{number}' ORDER BY id"))
        .await;
    rows.into_iter()
        .map(|row| {
            let (purpose, payload) = row.split_once('|').unwrap();
            let payload: Value = serde_json::from_str(payload).unwrap();
            (purpose.to_owned(), payload["text"].as_str().unwrap().to_owned())
        })
        .collect()
}

async fn word(t: &TestApp, id: &str, number: &str, word: &str) {
    let number = number.replace('+', "%2B");
    let path = format!(
        "/hooks/sms/in?key=parola-del-gancio&from={number}&to=800123&id={id}&at=2026-03-02+08:00:00&charset=UTF-8&coding=0&udh=&text={word}"
    );
    t.browser().get(&path).await.expect(200);
    super::wait_for(
        t,
        &format!("SELECT COUNT(*) FROM raw_items WHERE external_id LIKE '%{id}%' AND state = 'done'"),
        1,
    )
    .await;
}

const NUMBER: &str = "+393331234567";

on_each_engine! {
    async fn who_asked_for_it_is_told_by_text_message_and_nobody_else(t: TestApp) {
        let admin = texts(&t).await;
        let spool = t.kernel.config.data.join("spool/stampa");
        std::fs::create_dir_all(&spool).unwrap();
        let printer = json!({"name": "stampa", "driver": "letters_print", "settings": {"folder": spool.display().to_string()}, "enabled": true});
        admin.post_json("/api/v1/accounts", &printer).await.expect(201);
        let letter = json!({"text": "All'isola ecologica.", "way": "account", "account": "stampa", "postal": "Anna Verdi\nVia Roma 1\n67100 L'Aquila"});

        let code = ask(&t, "333 1234567", "true").await;
        let sent = told(&t, NUMBER).await;
        assert_eq!(sent.len(), 1, "{sent:?}");
        assert!(sent[0].0 == "acknowledgement" && sent[0].1.contains("Richiesta ricevuta. Codice"), "{sent:?}");
        admin.post_json(&format!("/api/v1/tickets/{code}/replies"), &letter).await.expect(200);
        let sent = told(&t, NUMBER).await;
        assert!(sent.len() == 2 && sent[1].0 == "notice" && sent[1].1.contains(&format!("/sportello/pratica/{code}?k=")), "{sent:?}");

        let silent = ask(&t, "347 0000000", "").await;
        admin.post_json(&format!("/api/v1/tickets/{silent}/replies"), &letter).await.expect(200);
        assert!(told(&t, "+393470000000").await.is_empty(), "without consent nothing is told");

        // Withdrawn at the desk: no notice, but an answer by text message still leaves.
        let person = t.number("SELECT person_id FROM tickets ORDER BY id LIMIT 1").await;
        let agent = t.sign_in(Role::Agent).await;
        let page = agent.get(&format!("/scrivania/persone/{person}")).await.expect(200);
        assert!(page.has("Li vuole: modulo online, 2 marzo 2026"), "{}", page.body);
        agent.post_form(&format!("/scrivania/persone/{person}/avvisi"), &[("number", NUMBER), ("avvisi", "no")]).await.expect(303);
        let page = agent.get(&format!("/scrivania/persone/{person}")).await.expect(200);
        assert!(page.has("Non li vuole: detto a un operatore (Agent Prova)") && page.has("Li vuole: modulo online"), "{}", page.body);
        admin.post_json(&format!("/api/v1/tickets/{code}/replies"), &letter).await.expect(200);
        assert_eq!(told(&t, NUMBER).await.len(), 2);
        let text = json!({"text": "A domani.", "way": "account", "account": "sms", "to": NUMBER});
        admin.post_json(&format!("/api/v1/tickets/{code}/replies"), &text).await.expect(200);
        assert_eq!(told(&t, NUMBER).await.len(), 3, "and of a text message no other one tells");
        let other = agent.post_form(&format!("/scrivania/persone/{person}/avvisi"), &[("number", "+393470000000"), ("avvisi", "si")]).await;
        assert_eq!(other.status, 404, "only for their own numbers");
    }

    async fn what_the_owner_of_a_number_withdrew_no_form_of_somebody_gives_back(t: TestApp) {
        let admin = texts(&t).await;
        ask(&t, "333 1234567", "true").await;
        word(&t, "stop-1", NUMBER, "STOP").await;
        let before = told(&t, NUMBER).await.len();
        let code = ask(&t, "333 1234567", "true").await;
        assert_eq!(told(&t, NUMBER).await.len(), before);
        let text = json!({"text": "A domani.", "way": "account", "account": "sms", "to": NUMBER});
        let refused = admin.post_json(&format!("/api/v1/tickets/{code}/replies"), &text).await.expect(422).json();
        assert_eq!(refused["errors"][0]["code"], "refused");
        word(&t, "start-1", NUMBER, "START").await;
        let states = t.texts("SELECT source || ' ' || state FROM consents ORDER BY id").await;
        assert_eq!(states, ["form given", "word withdrawn", "word given"]);
        let person = t.number("SELECT id FROM persons").await;
        let api = admin.get(&format!("/api/v1/persons/{person}")).await.expect(200).json();
        assert_eq!((api["consents"][0]["state"].as_str(), api["consents"][0]["source"].as_str()), (Some("given"), Some("word")));
    }

    async fn the_requester_chooses_on_the_page_of_the_request(t: TestApp) {
        let code = ask(&t, "333 1234567", "").await;
        let path = format!("/sportello/pratica/{code}");
        let stranger = t.browser();
        assert_eq!(stranger.post_form(&format!("{path}/avvisi"), &[("avvisi", "si")]).await.location(), path, "not without proof");
        let citizen = t.browser();
        citizen.post_form(&path, &[("recapito", "333 1234567")]).await.expect(303);
        let page = citizen.get(&path).await.expect(200);
        assert!(page.has("al numero che finisce con 567") && page.has("Avvisatemi per SMS") && !page.has("1234567"), "{}", page.body);
        let sent = citizen.post_form(&format!("{path}/avvisi"), &[("avvisi", "si")]).await.expect(303);
        let page = citizen.get(sent.location()).await.expect(200);
        assert!(page.has("D’ora in poi ti avvisiamo per SMS") && page.has("Non mandatemi più avvisi"), "{}", page.body);
        citizen.post_form(&format!("{path}/avvisi"), &[("avvisi", "no")]).await.expect(303);
        assert_eq!(t.texts("SELECT source || ' ' || state FROM consents ORDER BY id").await, ["tracking given", "tracking withdrawn"]);
    }

    async fn files_become_pages_or_a_link_or_are_refused_before_anything_leaves(t: TestApp) {
        let admin = texts(&t).await;
        let spool = t.kernel.config.data.join("spool/stampa");
        std::fs::create_dir_all(&spool).unwrap();
        let printer = json!({"name": "stampa", "driver": "letters_print", "settings": {"folder": spool.display().to_string()}, "enabled": true});
        admin.post_json("/api/v1/accounts", &printer).await.expect(201);
        let code = ask(&t, "333 1234567", "").await;
        let agent = t.sign_in(Role::Agent).await;
        let path = format!("/scrivania/pratiche/{code}/risposta");
        let by_letter = [("kind", "reply"), ("way", "account:stampa"), ("postal.stampa", "Anna Verdi\nVia Roma 1\n67100 L'Aquila"), ("text", "Ecco il modulo.")];
        let word = File { field: "files", name: "modulo.docx", media_type: "application/msword", bytes: b"PK\x03\x04 un documento" };
        let refused = agent.post_files(&path, &by_letter, &[word]).await.expect(422);
        assert!(refused.has("si allegano solo PDF e immagini") && refused.has("Ecco il modulo.") && refused.has("modulo.docx"), "{}", refused.body);
        let broken = File { field: "files", name: "foto.png", media_type: "image/png", bytes: b"\x89PNG\r\n\x1a\n rotta" };
        assert!(agent.post_files(&path, &by_letter, &[broken]).await.expect(422).has("non si può leggere"));
        assert_eq!(t.number("SELECT COUNT(*) FROM outbox").await, 0);

        let pages = ::channels::paper::separator();
        let sheet = File { field: "files", name: "modulo.pdf", media_type: "application/pdf", bytes: &pages };
        agent.post_files(&path, &by_letter, std::slice::from_ref(&sheet)).await.expect(303);
        let by_text = [("kind", "reply"), ("way", "account:sms"), ("to.sms", NUMBER), ("text", "Ecco il modulo.")];
        agent.post_files(&path, &by_text, &[sheet]).await.expect(303);
        let sent = told(&t, NUMBER).await;
        assert!(sent[0].1.starts_with("Ecco il modulo. Allegati: http") && sent[0].1.contains(&format!("/sportello/pratica/{code}?k=")), "{sent:?}");
        assert!(t.texts(&format!("SELECT payload FROM outbox WHERE recipient = '{NUMBER}'")).await[0].contains("\"attachments\":[]"));
        assert_eq!(t.number("SELECT COUNT(*) FROM attachments").await, 2, "the page of the request has them");
    }
}
