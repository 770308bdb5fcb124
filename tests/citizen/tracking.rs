//! Following a request: what the code shows, what needs a proof, what never shows.
use sportello::tickets::close::Closing;
use sportello::tickets::reply::{Reply, Then, Way};
use sportello::tickets::{Outcome, close, note, reply, wait};

use super::people::*;
use crate::support::*;

async fn answer(t: &TestApp, code: &str, text: &str, then: Then) {
    let reply = Reply { text: text.to_owned(), sheet: None, files: Vec::new(), way: Way::Email, then };
    reply::reply(&t.kernel, &agent(t).await, code, None, reply).await.unwrap();
}

async fn state(t: &TestApp, code: &str) -> String {
    t.texts(&format!("SELECT state FROM tickets WHERE code = '{code}'")).await.remove(0)
}

/// Another valid code, of no ticket.
fn stranger() -> String {
    sportello::kernel::codes::TrackingCode::from_bits(12_345).as_str().to_owned()
}

on_each_engine! {
    async fn the_whole_way_of_a_request(t: TestApp) {
        let form = Form::filled(&t).await;
        let (code, link) = form.accepted().await;
        let path = format!("/sportello/pratica/{code}");
        let page = follow(&form.browser, &code, &link).await;
        assert!(page.has("Ricevuta") && page.has("un divano abbandonato") && page.has("17 marzo 2026"), "{}", page.body);
        assert_eq!(page.header("cache-control"), "no-store");

        note::note(&t.kernel, &agent(&t).await, &code, "Nota riservata dell'operatore", Vec::new()).await.unwrap();
        answer(&t, &code, "Di che colore è il divano?\n\nGrazie <b>mille</b>", Then::Wait).await;
        let page = form.browser.get(&path).await.expect(200);
        assert!(page.has("Aspettiamo una tua risposta") && page.has("Di che colore") && page.has("&#60;b&#62;mille"));
        assert!(!page.has("Nota riservata"), "notes stay inside");

        let nonce = stamp(&page);
        let fields = [("stamp", nonce.as_str()), ("text", "È verde, ecco la foto.")];
        let files = [File { field: "files", name: "divano è verde.jpg", media_type: "image/jpeg", bytes: b"\xff\xd8\xff\xe0 green" }];
        for _ in 0..2 {
            let added = form.browser.post_files(&format!("{path}/messaggi"), &fields, &files).await.expect(303);
            assert_eq!(added.location(), format!("{path}?fatto=messaggio"));
        }
        assert_eq!(t.number("SELECT COUNT(*) FROM contacts WHERE direction = 'in'").await, 2, "sent twice, added once");
        assert_eq!(state(&t, &code).await, "open", "an answer wakes a ticket that waits");
        let page = form.browser.get(&format!("{path}?fatto=messaggio")).await.expect(200);
        assert!(page.has("lo abbiamo aggiunto") && page.has("È verde") && page.has("In lavorazione"));

        let file = page.between("href=\"/sportello/pratica/", "/allegati/").is_some().then(|| page.between("/allegati/", "\"").unwrap()).unwrap();
        let download = form.browser.get(&format!("{path}/allegati/{file}")).await.expect(200);
        assert_eq!(download.bytes, b"\xff\xd8\xff\xe0 green");
        assert!(download.header("content-disposition").starts_with("attachment;"));
        t.browser().get(&format!("{path}/allegati/{file}")).await.expect(404);

        let closing = Closing { outcome: Outcome::Answered, sheet: None };
        answer(&t, &code, "Ritirato, grazie.", Then::Close(closing)).await;
        let page = form.browser.get(&path).await.expect(200);
        assert!(page.has("Chiusa") && page.has("se ci scrivi entro il 1 aprile 2026 la riapriamo"), "{}", page.body);
        let nonce = stamp(&page);
        let fields = [("stamp", nonce.as_str()), ("text", "Il divano è tornato!")];
        form.browser.post_files(&format!("{path}/messaggi"), &fields, &[]).await.expect(303);
        assert_eq!(state(&t, &code).await, "open");
        assert_eq!(tickets(&t).await, 1);
    }

    async fn an_old_request_is_continued_by_a_new_one(t: TestApp) {
        let form = Form::filled(&t).await;
        let (code, link) = form.accepted().await;
        let closing = Closing { outcome: Outcome::Answered, sheet: None };
        close::close(&t.kernel, &agent(&t).await, &code, None, closing).await.unwrap();
        t.clock.advance(SignedDuration::from_hours(24 * 31));
        let page = follow(&form.browser, &code, &link).await;
        assert!(page.has("ne apriamo una nuova"));
        let nonce = stamp(&page);
        let fields = [("stamp", nonce.as_str()), ("text", "Di nuovo un divano.")];
        let sent = form.browser.post_files(&format!("/sportello/pratica/{code}/messaggi"), &fields, &[]).await.expect(303);
        let (second, _) = read_sent(&form.browser, &sent).await;
        assert_ne!(code, second);
        assert_eq!(t.number("SELECT COUNT(*) FROM tickets WHERE continues_id IS NOT NULL").await, 1);
    }

    async fn the_code_alone_shows_the_state_and_nothing_personal(t: TestApp) {
        let form = Form::filled(&t).await;
        let (code, _) = form.accepted().await;
        answer(&t, &code, "Ecco la risposta segreta", Then::Stay).await;
        let stranger = t.browser();
        let typed = format!("{}-{} {}", &code[..3].to_lowercase(), &code[3..6], &code[6..]);
        let to = stranger.get(&format!("/sportello/pratica?codice={}", typed.replace(' ', "+"))).await.expect(303);
        assert_eq!(to.location(), format!("/sportello/pratica/{code}"));
        let page = stranger.get(to.location()).await.expect(200);
        assert!(page.has("In lavorazione") && page.has("name=\"recapito\""));
        for secret in ["divano", "Marta", "marta.neri", "risposta segreta", "333", "messaggi\" enctype"] {
            assert!(!page.has(secret), "{secret}");
        }
        let lower = stranger.get(&format!("/sportello/pratica/{}", code.to_lowercase())).await;
        assert_eq!(lower.status, 303);
        let fields = [("stamp", "x"), ("text", "intruso")];
        let refused = stranger.post_files(&format!("/sportello/pratica/{code}/messaggi"), &fields, &[]).await.expect(403);
        assert!(!refused.has("divano") && refused.has("name=\"recapito\""));
        stranger.post_form(&format!("/sportello/pratica/{code}/email"), &[("email", "ladro@example.com")]).await.expect(303);
        assert_eq!(t.number("SELECT COUNT(*) FROM contacts WHERE direction = 'in'").await, 1, "nothing is added without proof");
        let bad = stranger.get(&format!("/sportello/pratica/{code}?k=aaaaaaaaaaaaaaaa")).await.expect(200);
        assert!(!bad.has("divano"), "a wrong key is no key");
    }

    async fn the_second_fact_opens_the_messages_in_any_spelling(t: TestApp) {
        let form = Form::filled(&t).await;
        let (code, _) = form.accepted().await;
        let path = format!("/sportello/pratica/{code}");
        for fact in ["marta.neri@EXAMPLE.org", "+39 333 1234567", "333-1234567"] {
            let browser = t.browser();
            let wrong = browser.post_form(&path, &[("recapito", "marta.rossi@example.org")]).await.expect(422);
            assert!(wrong.has("href=\"#recapito\"") && !wrong.has("divano"));
            assert_eq!(browser.post_form(&path, &[("recapito", fact)]).await.expect(303).location(), path);
            assert!(browser.get(&path).await.expect(200).has("un divano abbandonato"), "{fact}");
            t.clock.advance(SignedDuration::from_mins(121));
            assert!(!browser.get(&path).await.expect(200).has("un divano abbandonato"), "two hours later it is asked again");
        }
        // What was given to the same person later proves nothing about this request.
        t.clock.advance(SignedDuration::from_hours(1));
        t.execute(&format!(
            "INSERT INTO identifiers (person_id, kind, value, raw, created_at)
             SELECT id, 'email', 'ladro@example.com', '', {} FROM persons", t.kernel.now().0)).await;
        t.browser().post_form(&path, &[("recapito", "ladro@example.com")]).await.expect(422);
    }

    async fn a_second_fact_is_tried_a_few_times_only(t: TestApp) {
        let form = Form::filled(&t).await;
        let (code, _) = form.accepted().await;
        let path = format!("/sportello/pratica/{code}");
        for n in 0..10 {
            t.browser().post_form(&path, &[("recapito", &format!("prova{n}@example.org"))]).await.expect(422);
        }
        let page = t.browser().post_form(&path, &[("recapito", "marta.neri@example.org")]).await.expect(429);
        assert!(page.has("Troppi tentativi") && !page.has("divano"), "even the right one waits");
        t.clock.advance(SignedDuration::from_hours(1));
        t.browser().post_form(&path, &[("recapito", "marta.neri@example.org")]).await.expect(303);
    }

    async fn a_guess_tells_nothing(t: TestApp) {
        let form = Form::filled(&t).await;
        let (code, link) = form.accepted().await;
        let mistyped = t.browser().get("/sportello/pratica?codice=ABC-DEF-GH1").await.expect(422);
        assert!(mistyped.has("errore di battitura"), "a typing error is told without looking");
        t.browser().get("/sportello/pratica/x").await.expect(422);

        let missing = t.browser().get(&format!("/sportello/pratica/{}", stranger())).await.expect(404);
        t.browser().post_form(&format!("/sportello/pratica/{}", stranger()), &[("recapito", "a@b.it")]).await.expect(404);
        for _ in 0..18 {
            t.browser().get(&format!("/sportello/pratica/{}", stranger())).await.expect(404);
        }
        let existing = t.browser().get(&format!("/sportello/pratica/{code}")).await.expect(429);
        let limited = t.browser().get(&format!("/sportello/pratica/{}", stranger())).await.expect(429);
        assert_eq!(missing.body, limited.body, "one page for both");
        let anonymous = |page: &Answer, code: &str| page.body.replace(&sportello::kernel::codes::grouped(code), "").replace(code, "");
        assert_eq!(anonymous(&existing, &code), anonymous(&limited, &stranger()));
        follow(&t.browser(), &code, &link).await;
        t.clock.advance(SignedDuration::from_mins(10));
        t.browser().get(&format!("/sportello/pratica/{code}")).await.expect(200);
    }

    async fn notes_legs_and_their_offices_never_show(t: TestApp) {
        let form = Form::filled(&t).await;
        let (code, link) = form.accepted().await;
        let who = agent(&t).await;
        note::note(&t.kernel, &who, &code, "Nota riservata", Vec::new()).await.unwrap();
        let ticket = t.number("SELECT id FROM tickets").await;
        let unit = t.unit("asl-prevention").await;
        t.execute(&format!(
            "INSERT INTO legs (ticket_id, number, unit_id, kind, external, question, state, sent_at)
             VALUES ({ticket}, 1, {unit}, 'inquiry', TRUE, 'Domanda interna', 'sent', 0)")).await;
        let leg = t.number("SELECT id FROM legs").await;
        for (direction, public) in [("out", "TRUE"), ("in", "TRUE"), ("in", "FALSE")] {
            let leg = if public == "TRUE" { leg.to_string() } else { "NULL".to_owned() };
            t.execute(&format!(
                "INSERT INTO contacts (ticket_id, direction, channel, leg_id, from_address, body, public, happened_at, created_at)
                 VALUES ({ticket}, '{direction}', 'email', {leg}, 'referente@example.net', 'Scambio con la prevenzione', {public}, 0, 0)")).await;
        }
        t.execute("INSERT INTO attachments (contact_id, position, name, media_type, size, blob)
                   SELECT id, 0, 'interno.pdf', 'application/pdf', 1, 'x' FROM contacts WHERE leg_id IS NOT NULL").await;
        t.execute(&format!("UPDATE tickets SET state = 'referred' WHERE id = {ticket}")).await;
        let page = follow(&form.browser, &code, &link).await;
        assert!(page.has("Inviata all’ufficio competente") && page.has("un divano"));
        for secret in ["Nota riservata", "Scambio", "Domanda interna", "Prevenzione", "Azienda sanitaria", "referente", "interno.pdf"] {
            assert!(!page.has(secret), "{secret}");
        }
        let path = format!("/sportello/pratica/{code}");
        t.browser().post_form(&path, &[("recapito", "referente@example.net")]).await.expect(422);
    }

    async fn who_left_a_phone_may_choose_an_address_for_the_answer(t: TestApp) {
        let form = Form::filled(&t).await.set("email", "");
        let (code, link) = form.accepted().await;
        wait::wait_for_citizen(&t.kernel, &agent(&t).await, &code, None).await.unwrap();
        let page = follow(&form.browser, &code, &link).await;
        let email = format!("/sportello/pratica/{code}/email");
        assert!(page.has(&email));
        let wrong = form.browser.post_form(&email, &[("email", "non è")]).await.expect(422);
        assert!(wrong.has("href=\"#email\""));
        form.browser.post_form(&email, &[("email", "marta@example.org")]).await.expect(303);
        let page = form.browser.get(&format!("/sportello/pratica/{code}?fatto=email")).await.expect(200);
        assert!(page.has("anche per e-mail") && !page.has(&email));
        assert_eq!(state(&t, &code).await, "waiting_citizen", "choosing an address is no answer");
        answer(&t, &code, "Risposta", Then::Stay).await;
        assert_eq!(t.texts("SELECT recipient FROM outbox").await, ["marta@example.org"]);
    }

    async fn what_was_written_waits_for_a_proof_that_ended_meanwhile(t: TestApp) {
        let form = Form::filled(&t).await;
        let (code, link) = form.accepted().await;
        let page = follow(&form.browser, &code, &link).await;
        let path = format!("/sportello/pratica/{code}/messaggi");
        t.clock.advance(SignedDuration::from_hours(3));
        let photo = File { field: "files", name: "a.png", media_type: "image/png", bytes: b"\x89PNG\r\n\x1a\n." };
        let asked = form.browser.post_files(&path, &[("stamp", &stamp(&page)), ("text", "Scritto con calma")], &[photo]).await.expect(403);
        assert!(asked.has("Scritto con calma") && asked.has("c’è ancora") && !asked.has("divano"));
        assert!(asked.has(&format!("href=\"/sportello/pratica/{code}?lang=en\"")), "the other language is the page's, not the form's");
        let (nonce, kept) = (stamp(&asked), asked.between("name=\"kept\" value=\"", "\"").unwrap().to_owned());
        let fields = [("stamp", nonce.as_str()), ("text", "Scritto con calma"), ("kept", &kept), ("recapito", "3331234567")];
        form.browser.post_files(&path, &fields, &[]).await.expect(303);
        assert_eq!(t.texts("SELECT name FROM attachments").await, ["a.png"]);
        let page = form.browser.get(&format!("/sportello/pratica/{code}")).await.expect(200);
        assert!(page.has("Scritto con calma"), "the proof is remembered");
        assert_eq!(t.number("SELECT COUNT(DISTINCT person_id) FROM contacts").await, 1);
    }

    async fn an_addition_that_is_refused_comes_back_with_its_text(t: TestApp) {
        let form = Form::filled(&t).await;
        let (code, link) = form.accepted().await;
        let page = follow(&form.browser, &code, &link).await;
        let path = format!("/sportello/pratica/{code}/messaggi");
        let nonce = stamp(&page);
        let empty = form.browser.post_files(&path, &[("stamp", &nonce), ("text", "")], &[]).await.expect(422);
        assert!(empty.has("href=\"#text\""));
        let program = File { field: "files", name: "a.exe", media_type: "image/png", bytes: b"MZ" };
        let good = File { field: "files", name: "a.png", media_type: "image/png", bytes: b"\x89PNG\r\n\x1a\n." };
        let page = form.browser.post_files(&path, &[("stamp", &nonce), ("text", "Con un file")], &[program, good]).await.expect(422);
        assert!(page.has("«a.exe» è un programma") && page.has("Con un file"));
        let (nonce, kept) = (stamp(&page), page.between("name=\"kept\" value=\"", "\"").unwrap().to_owned());
        form.browser.post_files(&path, &[("stamp", &nonce), ("text", ""), ("kept", &kept)], &[]).await.expect(303);
        assert_eq!(t.texts("SELECT name FROM attachments").await, ["a.png"]);
    }
}
