//! The register of documents: numbers without gaps, rows that nobody changes, cancellations that stay readable.
use futures_util::future::join_all;

use super::{at, contact};
use crate::support::*;

on_each_engine! {
    async fn two_hundred_registrations_at_once_leave_no_gap(t: TestApp) {
        let api = t.api(Role::Integration).await;
        for n in 0..200 {
            let body = json!({"channel": "email", "external_id": format!("r{n}"), "from": "maria@example.org",
                "subject": format!("Richiesta {n}"), "text": "testo"});
            api.post_json("/api/v1/contacts", &body).await.expect(201);
        }
        let contacts = t.texts("SELECT CAST(id AS TEXT) FROM contacts ORDER BY id").await;
        let agent = t.api(Role::Agent).await;
        // Half of them are asked for twice at the same moment: who loses must not take a number.
        let twice = contacts.iter().chain(contacts.iter().step_by(2));
        let answers = join_all(twice.map(|id| {
            let agent = &agent;
            async move { agent.post_json(&format!("/api/v1/contacts/{id}/registration"), &json!({})).await.status }
        })).await;
        assert_eq!(answers.iter().filter(|s| **s == 201).count(), 200, "{answers:?}");
        assert_eq!(answers.iter().filter(|s| **s == 409).count(), 100, "{answers:?}");
        let numbers = t.texts("SELECT number FROM registrations ORDER BY id").await;
        let mut sorted = numbers.clone();
        sorted.sort();
        let expected: Vec<String> = (1..=200).map(|n| format!("{n:07}")).collect();
        assert_eq!(sorted, expected);
        // Time never goes back while numbers grow.
        assert_eq!(t.number("SELECT COUNT(*) FROM registrations a JOIN registrations b ON b.number > a.number
            AND b.registered_at < a.registered_at").await, 0);

        // A registration that fails gives its number back.
        let body = json!({"sender": " "});
        let last = contacts.last().unwrap();
        agent.post_json(&format!("/api/v1/contacts/{last}/registration"), &body).await.expect(422);
        let supervisor = t.api(Role::Supervisor).await;
        let first = t.number("SELECT MIN(id) FROM registrations").await;
        let act = json!({"reason": "protocollato due volte", "act": "determina 12/2026"});
        agent.post_json(&format!("/api/v1/registrations/{first}/cancellation"), &act).await.expect(403);
        supervisor.post_json(&format!("/api/v1/registrations/{first}/cancellation"), &json!({"reason": "", "act": ""})).await.expect(422);
        supervisor.post_json(&format!("/api/v1/registrations/{first}/cancellation"), &act).await.expect(200);
        supervisor.post_json(&format!("/api/v1/registrations/{first}/cancellation"), &act).await.expect(409);
        let cancelled = agent.get_json(&format!("/api/v1/registrations/{first}")).await.expect(200).json();
        assert_eq!((cancelled["number"].as_str(), cancelled["cancellation"]["act"].as_str()), (Some("0000001"), Some("determina 12/2026")));
        // The number stays used; the document gets the next.
        let again = cancelled["contact_id"].as_i64().unwrap();
        let anew = agent.post_json(&format!("/api/v1/contacts/{again}/registration"), &json!({})).await.expect(201).json();
        assert_eq!(anew["number"], "0000201");

        // Next year counts from one.
        t.clock.advance(SignedDuration::from_hours(24 * 330));
        let body = json!({"channel": "email", "external_id": "next", "from": "maria@example.org", "subject": "Altro", "text": "testo"});
        let id = api.post_json("/api/v1/contacts", &body).await.expect(201).json()["contact_id"].as_i64().unwrap();
        let next = agent.post_json(&format!("/api/v1/contacts/{id}/registration"), &json!({})).await.expect(201).json();
        assert_eq!((next["number"].as_str(), next["year"].as_i64()), (Some("0000001"), Some(2027)));
    }

    async fn a_document_is_registered_looked_up_labelled_and_never_changed(t: TestApp) {
        let code = contact(&t, "1", "maria@example.org", "Richiesta di accesso", "Chiedo gli atti").await;
        let agent = t.sign_in(Role::Agent).await;
        let id = t.number("SELECT id FROM contacts").await;
        let form = agent.get(&format!("/scrivania/contatti/{id}/protocolla?torna={}", at(&code, ""))).await.expect(200);
        assert!(form.has("maria@example.org") && form.has("Richiesta di accesso"), "{}", form.body);
        let path = format!("/scrivania/contatti/{id}/protocolla");
        let fields = [("origin", "own"), ("sender", ""), ("recipients", "Comune di Prova"), ("subject", "Richiesta di accesso")];
        let wrong = agent.post_form(&path, &fields).await.expect(422);
        assert!(wrong.has("Manca un dato obbligatorio"), "{}", wrong.body);
        let fields = [("origin", "own"), ("sender", "Maria Rossi"), ("recipients", "Comune di Prova"),
            ("subject", "Richiesta di accesso"), ("received_number", "77/A"), ("received_day", "2026-02-27"), ("torna", "//evil.example")];
        let to = agent.post_form(&path, &fields).await.expect(303).location().to_owned();
        assert!(to.starts_with("/scrivania/protocollo/"), "{to}");
        let page = agent.get(&to).await.expect(200);
        for text in ["0000001/2026", "Maria Rossi", "77/A", "27/02/2026", "02/03/2026"] {
            assert!(page.has(text), "{text}: {}", page.body);
        }
        // The digest is that of what came.
        let digest = t.texts("SELECT sha256 FROM registrations").await.remove(0);
        assert!(page.has(&digest) && digest.len() == 64);
        assert!(agent.get(&at(&code, "")).await.expect(200).has("Prot. 0000001/2026 del 02/03/2026"));
        assert!(t.event_kinds().await.contains(&"contact.registered".to_owned()));
        let found = agent.get("/scrivania/protocollo?numero=1&anno=2026").await.expect(200);
        assert!(found.has(&to), "{}", found.body);
        assert!(agent.get("/scrivania/protocollo").await.expect(200).has(&to));
        let label = agent.get(&format!("{to}/etichetta.pdf")).await.expect(200);
        assert!(label.bytes.starts_with(b"%PDF"));
        let table = agent.get("/scrivania/protocollo/registro.csv?giorno=2026-03-02").await.expect(200);
        assert!(table.has(&digest) && table.has("0000001") && table.body.lines().count() == 2, "{}", table.body);
        agent.post_form(&path, &fields).await.expect(303);
        assert_eq!(t.number("SELECT COUNT(*) FROM registrations").await, 1);

        // Notes are no documents; a number that the body gave cannot be given twice.
        agent.post_form(&at(&code, "/risposta"), &[("kind", "note"), ("note", "da vedere")]).await.expect(303);
        let note = t.number("SELECT MAX(id) FROM contacts").await;
        agent.get(&format!("/scrivania/contatti/{note}/protocolla")).await.expect(409);
        let api = t.api(Role::Integration).await;
        contact(&t, "2", "ugo@example.org", "Altra", "testo").await;
        contact(&t, "3", "ada@example.org", "Terza", "testo").await;
        let ids = t.texts("SELECT CAST(id AS TEXT) FROM contacts WHERE direction = 'in' ORDER BY id").await;
        let given = json!({"given": {"register": "PROT", "number": "4711", "day": "2026-03-02"}});
        let noted = api.post_json(&format!("/api/v1/contacts/{}/registration", ids[1]), &given).await.expect(201).json();
        assert_eq!((noted["number"].as_str(), noted["origin"].as_str()), (Some("0004711"), Some("external")));
        api.post_json(&format!("/api/v1/contacts/{}/registration", ids[2]), &given).await.expect(409);

        // Not even past the program.
        for sql in ["UPDATE registrations SET subject = 'x'", "DELETE FROM registrations"] {
            let refused = tokio::spawn({ let t = t.clone(); async move { t.execute(sql).await } }).await;
            assert!(refused.is_err(), "{sql}");
        }
        assert_eq!(t.texts("SELECT subject FROM registrations ORDER BY id").await[0], "Richiesta di accesso");
    }
}
