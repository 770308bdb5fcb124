//! The desk of scanned letters: read, corrected, put in order, placed, registered.
use channels::Outgoing;
use channels::paper::{Leaf, Letterhead, Programs, bind, letter};
use reqwest::Method;
use serde_json::{Value, json};

use super::{open, wait_for};
use crate::support::{Browser, Role, TestApp};

/// A page as somebody writes to the administration.
fn written(subject: &str, text: &str) -> Vec<u8> {
    let message = Outgoing {
        id: "x".to_owned(),
        recipient_name: "Comune di Prova".to_owned(),
        recipient_address: "Piazza del Duomo 1\n67100 L'Aquila AQ".to_owned(),
        sender_name: "Anna Bianchi".to_owned(),
        subject: subject.to_owned(),
        text: text.to_owned(),
        language: "it".to_owned(),
        date: "2026-02-20T09:00:00Z".parse().unwrap(),
        ..Outgoing::default()
    };
    letter(&message, &Letterhead::default())
}

/// One file of the first pages of several.
fn batch(files: &[Vec<u8>]) -> Vec<u8> {
    let leaves: Vec<Leaf<'_>> = files.iter().map(|file| Leaf { file, page: 1, turns: 0 }).collect();
    bind(&leaves, &Programs::default()).unwrap()
}

/// Opens a scanner and lets it read a file; answers the letters of the desk, the newest first.
async fn scanned(t: &TestApp, file: &[u8], letters: i64) -> (Browser, Vec<Value>) {
    let folder = t.kernel.config.data.join("spool/scanner");
    if !folder.exists() {
        std::fs::create_dir_all(&folder).unwrap();
        let settings = json!({"folder": folder.display().to_string(), "settle_seconds": "1"});
        open(t, "scanner", "letters_scan", settings).await;
    }
    std::fs::write(folder.join(format!("pacco-{letters}.pdf")), file).unwrap();
    wait_for(t, "SELECT COUNT(*) FROM letters", letters).await;
    let agent = t.api(Role::Agent).await;
    let all = agent.get_json("/api/v1/letters?list=all").await.expect(200).json();
    (agent, all.as_array().unwrap().clone())
}

async fn full(agent: &Browser, id: i64) -> Value {
    agent.get_json(&format!("/api/v1/letters/{id}")).await.expect(200).json()
}

on_each_engine! {
    async fn a_letter_is_corrected_beside_its_picture_and_what_was_read_is_kept(t: TestApp) {
        let page = written("Buca in via Garibaldi", "Segnalo una buca pericolosa davanti alla scuola elementare.");
        let (api, letters) = scanned(&t, &page, 1).await;
        let id = letters[0]["id"].as_i64().unwrap();
        assert_eq!((letters[0]["state"].as_str(), letters[0]["pages"].as_i64()), (Some("new"), Some(1)));
        assert!(letters[0]["confidence"].as_i64().unwrap() > 75, "{}", letters[0]);
        let before = full(&api, id).await;
        let read = before["pages"][0]["read_text"].as_str().unwrap().to_owned();
        assert!(read.contains("buca pericolosa"), "{read}");

        let agent = t.sign_in(Role::Agent).await;
        let here = format!("/scrivania/lettere/{id}");
        let shown = agent.get(&here).await.expect(200);
        let picture = shown.between("<img src=\"", "\"").unwrap().to_owned();
        let drawn = agent.get(&picture).await.expect(200);
        assert!(drawn.bytes.starts_with(&[0xff, 0xd8, 0xff]) && drawn.header("content-type") == "image/jpeg");
        assert!(agent.get("/scrivania/lettere").await.expect(200).has(&here));

        let sheet = before["pages"][0]["id"].as_i64().unwrap();
        let text = format!("text.{sheet}");
        let corrected = read.replace("buca pericolosa", "voragine spaventosa");
        let fields = [("version", "1"), ("subject", "Voragine in via Garibaldi"), ("dated", "2026-02-20"),
            ("sender", "Anna Bianchi"), ("address", "Via Roma 1\r\n67100 L'Aquila AQ"), ("fiscal_code", ""),
            (text.as_str(), corrected.as_str()), ("then", "checked")];
        let wrong = fields.map(|(name, value)| if name == "dated" { (name, "20/02/2026") } else { (name, value) });
        let again = agent.post_form(&here, &wrong).await.expect(422);
        assert!(again.has("voragine spaventosa") && again.has("La data non è valida"), "{}", again.body);
        agent.post_form(&here, &fields).await.expect(303);
        agent.post_form(&here, &fields).await.expect(412);

        let after = full(&api, id).await;
        assert!(after["text"].as_str().unwrap().contains("voragine spaventosa"));
        assert_eq!(after["pages"][0]["read_text"].as_str(), Some(read.as_str()));
        assert_eq!(after["letter"]["state"], "worked");
        let fields: Vec<&str> = after["changes"].as_array().unwrap().iter().map(|c| c["field"].as_str().unwrap()).collect();
        for field in ["text", "subject", "dated", "sender", "address", "person", "state"] {
            assert!(fields.contains(&field), "{field} in {fields:?}");
        }
        assert_eq!(after["changes"].as_array().unwrap().iter().find(|c| c["field"] == "text").unwrap()["who"], "Agent Prova");
        let shown = agent.get(&here).await.expect(200);
        assert!(shown.has("Anna Bianchi") && shown.has("ha corretto il testo"), "{}", shown.body);
        // The ticket follows, and the words are found.
        let code = after["letter"]["ticket_code"].as_str().unwrap();
        assert!(agent.get(&format!("/scrivania/pratiche/{code}")).await.expect(200).has("voragine spaventosa"));
        for tries in 0.. {
            let found = agent.get("/scrivania/cerca?q=voragine").await.expect(200);
            if found.has(code) {
                break;
            }
            assert!(tries < 100, "{}", found.body);
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        // The same sender is the same person.
        let (_, letters) = scanned(&t, &written("Altra cosa", "Scrivo ancora, questa volta per la raccolta dei rifiuti."), 2).await;
        let second = letters[0]["id"].as_i64().unwrap();
        let sender = json!({"version": 1, "sender": {"name": "Anna Bianchi", "address": "Via Roma 1\n67100 L'Aquila AQ"}});
        let saved = api.send_json(Method::PATCH, &format!("/api/v1/letters/{second}"), &sender).await.expect(200).json();
        assert_eq!(saved["person_id"], after["letter"]["person_id"]);
        assert_eq!(t.number("SELECT COUNT(*) FROM persons").await, 1);
        // Where nothing was read the letter can be worked all the same.
        t.execute("UPDATE letter_pages SET read_text = NULL, text = '', confidence = NULL; UPDATE letters SET confidence = NULL").await;
        assert!(agent.get(&format!("/scrivania/lettere/{second}")).await.expect(200).has("Il testo non è stato letto"));
        assert!(agent.get("/scrivania/lettere?elenco=doubtful").await.expect(200).has(&format!("/scrivania/lettere/{second}")));
    }

    async fn pages_are_divided_turned_and_joined_and_a_registered_letter_stays(t: TestApp) {
        let first = written("Prima lettera", "Questa è la prima lettera del pacco e parla della biblioteca comunale.");
        let other = written("Seconda lettera", "Questa è la seconda lettera del pacco e parla della piscina comunale.");
        let (api, letters) = scanned(&t, &batch(&[first, other]), 1).await;
        let id = letters[0]["id"].as_i64().unwrap();
        let whole = full(&api, id).await;
        let pages: Vec<i64> = whole["pages"].as_array().unwrap().iter().map(|p| p["id"].as_i64().unwrap()).collect();
        assert_eq!(pages.len(), 2);
        let agent = t.sign_in(Role::Agent).await;
        let to = |page: i64, what: &str| format!("{what}.{page}");
        let (p0, p1, t1, b1) = (to(pages[0], "place"), to(pages[1], "place"), to(pages[1], "turn"), to(pages[1], "begins"));
        let fields = [("version", "1"), (p0.as_str(), "1"), (p1.as_str(), "2"), (t1.as_str(), "2"), (b1.as_str(), "true")];
        agent.post_form(&format!("/scrivania/lettere/{id}/ordina"), &fields).await.expect(303);
        let letters = api.get_json("/api/v1/letters?list=all").await.expect(200).json();
        assert_eq!(letters.as_array().unwrap().len(), 2, "{letters}");
        let second = letters[0]["id"].as_i64().unwrap();
        assert_ne!(letters[0]["ticket_code"], letters[1]["ticket_code"]);
        let (one, two) = (full(&api, id).await, full(&api, second).await);
        assert!(one["text"].as_str().unwrap().contains("biblioteca") && !one["text"].as_str().unwrap().contains("piscina"));
        assert!(two["text"].as_str().unwrap().contains("piscina"), "{two}");
        let file = t.texts(&format!("SELECT media_type FROM attachments WHERE contact_id = {second}")).await;
        assert_eq!(file, ["application/pdf"]);
        // The scan as it came is still there.
        let scan = agent.get(&format!("/scrivania/lettere/{id}/scansione.pdf")).await.expect(200);
        let now = agent.get(&format!("/scrivania/allegati/{}", t.number(&format!("SELECT id FROM attachments WHERE contact_id = {id}")).await)).await;
        assert!(scan.bytes.len() > now.bytes.len());
        // A page that is named wrongly changes nothing.
        let bad = json!({"version": 2, "pages": [{"page": 999_999}]});
        api.post_json(&format!("/api/v1/letters/{id}/arrangement"), &bad).await.expect(422);

        let join = json!({"version": 2, "pages": [{"page": pages[0]}], "join": second});
        api.post_json(&format!("/api/v1/letters/{id}/arrangement"), &join).await.expect(200);
        let one = full(&api, id).await;
        assert_eq!(one["pages"].as_array().unwrap().len(), 2);
        assert!(one["text"].as_str().unwrap().contains("piscina"));
        let two = full(&api, second).await;
        assert_eq!((two["letter"]["state"].as_str(), two["letter"]["joined_to"].as_i64()), (Some("joined"), Some(id)));
        assert_eq!(t.number("SELECT COUNT(*) FROM tickets WHERE merged_into_id IS NULL").await, 1);
        assert!(agent.get(&format!("/scrivania/lettere/{second}")).await.expect(200).has(&format!("/scrivania/lettere/{id}")));

        // What is registered stays as it is, with the digest of its pages.
        let fields = [("origin", "own"), ("sender", "Anna Bianchi"), ("recipients", "Comune di Prova"), ("subject", "Due cose")];
        agent.post_form(&format!("/scrivania/contatti/{id}/protocolla"), &fields).await.expect(303);
        let blob = t.texts(&format!("SELECT blob FROM attachments WHERE contact_id = {id}")).await.remove(0);
        assert!(blob.ends_with(&t.texts("SELECT sha256 FROM registrations").await[0]));
        let turn = json!({"pages": [{"page": pages[0], "turns": 1}, {"page": pages[1]}]});
        api.post_json(&format!("/api/v1/letters/{id}/arrangement"), &turn).await.expect(409);
        let left = api.get_json("/api/v1/letters?list=unregistered").await.expect(200).json();
        assert_eq!(left.as_array().unwrap().len(), 0, "{left}");
    }

    async fn a_letter_goes_to_its_ticket_or_is_not_for_us(t: TestApp) {
        let api = t.api(Role::Integration).await;
        let body = json!({"channel": "counter", "external_id": "1", "from": "+390862000000", "text": "Chiedo una copia"});
        let code = api.post_json("/api/v1/contacts", &body).await.expect(201).json()["ticket_code"].as_str().unwrap().to_owned();
        let (agent, letters) = scanned(&t, &written("Copia", "Mando i documenti che mi avete chiesto allo sportello."), 1).await;
        let id = letters[0]["id"].as_i64().unwrap();
        let own = letters[0]["ticket_code"].as_str().unwrap().to_owned();
        agent.post_json(&format!("/api/v1/letters/{id}/placement"), &json!({"ticket": "ZZZ-ZZZ-ZZZ"})).await.expect(422);
        let placed = agent.post_json(&format!("/api/v1/letters/{id}/placement"), &json!({"version": 1, "ticket": code})).await.expect(200).json();
        assert_eq!(placed["ticket_code"], code.as_str());
        assert_eq!(t.number("SELECT COUNT(*) FROM tickets WHERE merged_into_id IS NOT NULL").await, 1);
        // And back to a ticket of its own.
        let back = agent.post_json(&format!("/api/v1/letters/{id}/placement"), &json!({})).await.expect(200).json();
        assert!(back["ticket_code"] != code.as_str() && back["ticket_code"] != own.as_str(), "{back}");

        let state = json!({"state": "not_ours"});
        agent.post_json(&format!("/api/v1/letters/{id}/state"), &state).await.expect(422);
        let state = json!({"state": "not_ours", "reason": "È per la Provincia: consegnata a mano"});
        agent.post_json(&format!("/api/v1/letters/{id}/state"), &state).await.expect(200);
        let closed = back["ticket_code"].as_str().unwrap();
        assert_eq!(t.texts(&format!("SELECT state || ' ' || outcome FROM tickets WHERE code = '{closed}'")).await, ["closed not_competent"]);
        let page = t.sign_in(Role::Agent).await.get(&format!("/scrivania/lettere/{id}")).await.expect(200);
        assert!(page.has("consegnata a mano"), "{}", page.body);
    }
}
