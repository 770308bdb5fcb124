//! The form: what is taken in, what comes back, and with which words.
use super::people::*;
use crate::support::*;

fn file<'a>(name: &'a str, bytes: &'a [u8]) -> File<'a> {
    File { field: "files", name, media_type: "image/jpeg", bytes }
}

const JPEG: &[u8] = b"\xff\xd8\xff\xe0 a picture";

on_each_engine! {
    async fn a_request_is_taken_in_with_its_files_and_answered_with_a_code(t: TestApp) {
        let form = Form::filled(&t).await;
        let sent = form.send_with(&[file("divano.jpg", JPEG)]).await.expect(303);
        let (code, _) = read_sent(&form.browser, &sent).await;

        let row = t.texts(&format!(
            "SELECT state || '|' || kind || '|' || channel || '|' || language FROM tickets WHERE code = '{code}'")).await;
        assert_eq!(row, ["new|report|web|it"]);
        assert_eq!(t.texts("SELECT value FROM identifiers ORDER BY id").await, ["marta.neri@example.org", "+393331234567"]);
        assert_eq!(t.texts("SELECT name || '|' || media_type FROM attachments").await, ["divano.jpg|image/jpeg"]);
        assert_eq!(t.number("SELECT category_id FROM tickets").await, t.category("waste/bulky").await);
        assert_eq!(t.event_kinds().await, ["ticket.opened"]);

        let forged = sent.location().replace(&code, "000000000");
        assert_eq!(form.browser.get(&forged).await.status, 303, "the answer page is not guessable");
        t.clock.advance(SignedDuration::from_hours(2));
        assert_eq!(form.browser.get(sent.location()).await.location(), "/sportello/pratica", "nor open for ever");
    }

    async fn the_same_form_sent_twice_is_one_request(t: TestApp) {
        let form = Form::filled(&t).await;
        let (first, _) = form.accepted().await;
        let (second, _) = form.accepted().await;
        assert_eq!(first, second);
        assert_eq!(tickets(&t).await, 1);

        let (third, _) = form.set("text", "Dopo «indietro» ne scrivo un'altra.").accepted().await;
        assert_ne!(first, third, "another text is another request");
    }

    async fn what_is_missing_is_said_and_what_was_typed_is_kept(t: TestApp) {
        let form = Form::filled(&t).await.set("email", "marta.neri@").set("phone", "").set("privacy", "");
        let page = form.send().await.expect(422);
        assert!(page.has("class=\"error-summary\" role=\"alert\" tabindex=\"-1\""));
        for part in ["href=\"#email\"", "id=\"email-error\"", "aria-describedby=\"email-hint email-error\"", "id=\"privacy-error\"",
            "un divano abbandonato", "value=\"marta.neri@\"", "value=\"Marta Neri\"", "value=\"report\" checked", "value=\"waste/bulky\" selected"] {
            assert!(page.has(part), "{part} in {}", page.body);
        }
        assert_eq!(tickets(&t).await, 0, "nothing without accepting the privacy notice");

        let nobody = Form::filled(&t).await.set("email", "").set("phone", "");
        assert!(nobody.send().await.expect(422).has("almeno uno dei due"));
        let unknown = Form::filled(&t).await.set("category", "no/such").set("kind", "wish");
        let page = unknown.send().await.expect(422);
        assert!(page.has("href=\"#category\"") && page.has("href=\"#kind\""));
    }

    async fn a_file_that_may_not_come_is_named_and_the_others_need_not_be_chosen_again(t: TestApp) {
        let form = Form::filled(&t).await;
        let large = vec![0x20; 11 * 1024 * 1024];
        let page = form.send_with(&[file("buono.jpg", JPEG), file("enorme.txt", &large)]).await.expect(413);
        assert!(page.has("«enorme.txt» supera 10 MB"), "{}", page.body);
        assert!(page.has("un divano abbandonato"), "what was typed is kept");
        let page = form.send_with(&[file("foto.jpg", b"MZ\x90\0 a program"), file("dati.bin", b"\0\x01\x02")]).await.expect(422);
        assert!(page.has("«foto.jpg» è un programma") && page.has("«dati.bin» non è di un tipo accettato"));
        assert_eq!(tickets(&t).await, 0);

        let page = form.send_with(&[file("buono.jpg", JPEG), file("vuoto.jpg", b"")]).await.expect(422);
        let kept = page.between("name=\"kept\" value=\"", "\"").unwrap().to_owned();
        let mut again = Form { browser: form.browser.clone(), fields: form.fields.clone() };
        again.fields.push(("kept", kept.clone()));
        again.accepted().await;
        assert_eq!(t.texts("SELECT name FROM attachments").await, ["buono.jpg"]);

        let mut other = Form::filled(&t).await;
        other.fields.push(("kept", kept));
        other.accepted().await;
        assert_eq!(t.number("SELECT COUNT(*) FROM attachments").await, 1, "a kept file belongs to its form");
    }

    async fn a_form_announced_as_far_too_large_is_refused_before_it_is_read(t: TestApp) {
        let browser = t.browser();
        let request = browser.request(reqwest::Method::POST, "/sportello/richiesta")
            .header("content-type", "multipart/form-data; boundary=x")
            .header("accept", "text/html")
            .body(vec![b'x'; 120 * 1024 * 1024]);
        // A server that answers early may close while the rest is still on its way.
        match request.send().await {
            Ok(answer) => assert_eq!(answer.status(), 413),
            Err(e) => assert!(e.is_request() || e.is_body(), "{e}"),
        }
        assert_eq!(t.number("SELECT COUNT(*) FROM raw_items").await, 0);
    }

    async fn more_files_than_allowed_are_refused_by_name(t: TestApp) {
        let form = Form::filled(&t).await;
        let names = ["1.jpg", "2.jpg", "3.jpg", "4.jpg", "5.jpg", "6.jpg"];
        let page = form.send_with(&names.map(|n| file(n, JPEG))).await.expect(422);
        assert!(page.has("«6.jpg» è di troppo"));
        assert_eq!(page.body.matches("name=\"kept\"").count(), 5);
    }

    async fn a_robot_is_held_off_and_a_person_told_what_to_do(t: TestApp) {
        let trapped = Form::filled(&t).await.set("website", "http://spam.example");
        let page = trapped.send().await.expect(422);
        assert!(page.has("chiamaci o vieni allo sportello") && page.has("un divano abbandonato"));
        assert!(!page.has("spam.example"), "the trap is empty again, so that a person can send");
        assert_eq!(tickets(&t).await, 0);
        trapped.set("website", "").accepted().await;

        let hasty = Form::just_opened(&t).await;
        assert!(hasty.send().await.expect(422).has("troppo in fretta"));
        t.clock.advance(SignedDuration::from_secs(3));
        hasty.accepted().await;

        let old = Form::filled(&t).await;
        t.clock.advance(SignedDuration::from_hours(25));
        let page = old.send().await.expect(422);
        assert!(page.has("aperta troppo a lungo") && page.has("un divano abbandonato"));
        let renewed = stamp(&page);
        t.clock.advance(SignedDuration::from_secs(3));
        old.set("stamp", renewed).accepted().await;

        let forged = Form::filled(&t).await.set("stamp", "abc.0.def");
        forged.send().await.expect(422);
        assert_eq!(tickets(&t).await, 3);
    }

    async fn an_address_that_sends_too_much_is_asked_to_wait(t: TestApp) {
        let form = Form::filled(&t).await;
        for n in 0..20 {
            let fields: Vec<_> = form.fields.clone();
            Form { browser: form.browser.clone(), fields }.set("text", format!("Richiesta numero {n}")).accepted().await;
        }
        let page = form.send().await.expect(429);
        assert!(page.has("Aspetta qualche minuto") && page.has("un divano abbandonato"));
        assert!(page.header("retry-after").parse::<u64>().unwrap() > 0);
        t.clock.advance(SignedDuration::from_mins(5));
        form.accepted().await;
    }

    async fn the_form_is_complete_without_script_and_in_both_languages(t: TestApp) {
        t.execute("INSERT INTO sheets (code, category_id, audience, maturity, updated_at) VALUES ('RIF-01', 4, 'public', 'whole', 0), ('INT-01', 4, 'internal', 'whole', 0)").await;
        t.execute("INSERT INTO sheet_texts (sheet_id, lang, title, question, summary, public_text, reply)
                   SELECT id, 'it', 'Ritiro di ' || code, '', '', '', '' FROM sheets").await;
        let browser = t.browser();
        let page = browser.get("/sportello/richiesta?sheet=RIF-01&kind=report").await.expect(200);
        for part in ["method=\"post\" action=\"/sportello/richiesta\" enctype=\"multipart/form-data\"", "<button class=\"btn btn-primary btn-lg\" type=\"submit\">",
            "Ritiro di RIF-01", "value=\"waste/bulky\" selected", "value=\"report\" checked", "<optgroup label=\"Rifiuti\">",
            "class=\"honeypot\" aria-hidden=\"true\"", "data-element=\"report-inefficiency\"", "data-element=\"privacy-policy-link\""] {
            assert!(page.has(part), "{part}");
        }
        assert!(!browser.get("/sportello/richiesta?sheet=INT-01").await.expect(200).has("Ritiro di INT-01"), "internal sheets stay inside");
        for path in ["/", "/sportello", "/sportello/richiesta", "/sportello/pratica", "/sportello/privacy", "/sportello/accessibilita"] {
            assert!(browser.get(path).await.expect(200).has("<html lang=\"it\">"), "{path}");
            assert!(t.browser().get(&format!("{path}?lang=en")).await.expect(200).has("<html lang=\"en\">"), "{path}");
        }
        assert!(t.browser().get("/").await.has("action=\"/sportello/schede/cerca\" method=\"get\""));
    }

    async fn somebody_signed_in_sends_the_form_with_the_token_of_the_session(t: TestApp) {
        let form = Form::filled(&t).await;
        let signed = t.sign_in(Role::Agent).await;
        let session = signed.cookie("sportello_session").unwrap();
        let fields: Vec<(&str, &str)> = form.fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
        signed.post_files("/sportello/richiesta", &fields, &[]).await.expect(303);
        let refused = form.browser.request(reqwest::Method::POST, "/sportello/richiesta")
            .header("cookie", format!("sportello_session={session}"))
            .header("content-type", "multipart/form-data; boundary=b")
            .body("--b\r\nContent-Disposition: form-data; name=\"kind\"\r\n\r\nreport\r\n--b--\r\n");
        assert_eq!(refused.send().await.unwrap().status(), 403);
    }
}
