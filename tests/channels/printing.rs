//! Letters that go out: printed in one file, posted, said so by a person.
use serde_json::json;

use super::{last_code, open, wait_for};
use crate::support::{Role, SignedDuration};

on_each_engine! {
    async fn letters_wait_until_somebody_says_that_they_were_posted(t: TestApp) {
        let admin = open(&t, "stampa", "letters_print", json!({"sender_address": "Piazza 1;67100 L'Aquila"})).await;
        for n in 0..3 {
            let contact = json!({"channel": "counter", "external_id": n.to_string(), "from": format!("+39086200000{n}"), "text": "Chiedo una copia"});
            admin.post_json("/api/v1/contacts", &contact).await.expect(201);
            let code = last_code(&t).await;
            let answer = json!({"text": format!("Ecco la copia numero {n}."), "way": "account",
                "account": "stampa", "postal": format!("Anna Bianchi {n}\nVia Roma {n}\n67100 L'Aquila AQ")});
            admin.post_json(&format!("/api/v1/tickets/{code}/replies"), &answer).await.expect(200);
        }
        wait_for(&t, "SELECT COUNT(*) FROM outbox WHERE state = 'queued'", 3).await;
        assert_eq!(t.number("SELECT COUNT(*) FROM outbox WHERE state = 'sent'").await, 0);
        let agent = t.sign_in(Role::Agent).await;
        let here = "/scrivania/lettere/stampa";
        let page = agent.get(here).await.expect(200);
        assert!(page.has("Da stampare (3)") && page.has("Anna Bianchi 2") && page.has("Via Roma 2, 67100"), "{}", page.body);
        let ids = t.texts("SELECT CAST(outbox_id AS TEXT) FROM printings ORDER BY outbox_id").await;
        let code = last_code(&t).await;
        assert!(agent.get(&format!("/scrivania/pratiche/{code}")).await.expect(200).has("Da stampare e spedire"));

        agent.post_form(here, &[("do", "print")]).await.expect(303);
        let all: Vec<(&str, &str)> = ids.iter().map(|id| ("id", id.as_str())).chain([("do", "print"), ("sides", "true")]).collect();
        let ready = agent.post_form(here, &all).await.expect(303).location().to_owned();
        let page = agent.get(&ready).await.expect(200);
        let file = page.between("data-key=\"a\"", ">").map(|_| page.between("lettere/stampa.pdf?", "\"").unwrap()).unwrap();
        let file = format!("/scrivania/lettere/stampa.pdf?{}", file.replace("&#38;", "&").replace("&amp;", "&"));
        let pdf = agent.get(&file).await.expect(200);
        assert!(pdf.bytes.starts_with(b"%PDF"));
        let path = t.kernel.config.data.join("tutte.pdf");
        std::fs::write(&path, &pdf.bytes).unwrap();
        let info = std::process::Command::new("pdfinfo").arg(&path).output().unwrap();
        // Three letters of a page each, on sheets of their own: the last has no empty back.
        assert!(String::from_utf8_lossy(&info.stdout).lines().any(|l| l.starts_with("Pages:") && l.trim().ends_with('5')));

        // The second is spoiled and comes again; the others are posted, one of them registered.
        agent.post_form(here, &[("elenco", "post"), ("do", "spoiled"), ("id", &ids[1])]).await.expect(303);
        assert!(agent.get(here).await.expect(200).has("Da stampare (1)"));
        let number = format!("tracking.{}", ids[0]);
        let posted = [("elenco", "post"), ("do", "posted"), ("id", ids[0].as_str()), ("id", ids[2].as_str()), (number.as_str(), "6987 1234-5678")];
        let wrong = posted.map(|(n, v)| if n == number { (n, "<b>") } else { (n, v) });
        assert!(agent.post_form(here, &wrong).await.expect(303).location().contains("errore"));
        assert_eq!(t.number("SELECT COUNT(*) FROM outbox WHERE state = 'sent'").await, 0);
        agent.post_form(here, &posted).await.expect(303);
        assert_eq!(t.texts("SELECT o.state || ' ' || p.tracking FROM outbox o JOIN printings p ON p.outbox_id = o.id ORDER BY o.id").await,
            ["sent 698712345678", "queued ", "sent "]);
        let shown = agent.get("/scrivania/lettere/stampa?elenco=posted").await.expect(200);
        assert!(shown.has("698712345678") && shown.has("spedita da Agent Prova"), "{}", shown.body);
        assert_eq!(t.event_kinds().await.iter().filter(|k| *k == "outbox.posted").count(), 2);
        // Nothing is posted twice.
        let api = t.api(Role::Agent).await;
        let again = json!({"letters": [{"id": ids[0].parse::<i64>().unwrap()}]});
        api.post_json("/api/v1/printings/posted", &again).await.expect(409);

        t.clock.advance(SignedDuration::from_hours(72));
        let agent = t.sign_in(Role::Agent).await;
        assert!(agent.get(here).await.expect(200).has("1 lettera aspetta da più di 2 giorni"));
        let waiting = api.get_json("/api/v1/printings").await.expect(200).json();
        assert_eq!((waiting.as_array().unwrap().len(), waiting[0]["times"].as_i64()), (1, Some(1)));
        agent.post_form(here, &[("elenco", "print"), ("do", "withdraw"), ("id", &ids[1])]).await.expect(303);
        assert_eq!(t.number("SELECT COUNT(*) FROM outbox WHERE state = 'cancelled'").await, 1);
        assert!(agent.get(here).await.expect(200).has("Da stampare (0)"));

        // What was printed can be registered, with the digest of its pages.
        let contact = t.number(&format!("SELECT contact_id FROM outbox WHERE id = {}", ids[0])).await;
        let row = api.post_json(&format!("/api/v1/contacts/{contact}/registration"), &json!({})).await.expect(201).json();
        assert_eq!(row["direction"], "out");
        assert!(t.texts(&format!("SELECT blob FROM printings WHERE outbox_id = {}", ids[0])).await[0].ends_with(row["sha256"].as_str().unwrap()));
    }
}
