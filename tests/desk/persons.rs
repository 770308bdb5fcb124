//! Two persons that are one, and what is said of somebody without proof.
use super::{at, contact};
use crate::support::*;

/// A ticket from an address or number; the row id of its person.
async fn person(t: &TestApp, external_id: &str, from: &str, text: &str) -> (i64, String) {
    let code = contact(t, external_id, from, "Richiesta", text).await;
    (t.number(&format!("SELECT person_id FROM tickets WHERE code = '{code}'")).await, code)
}

fn page(id: i64, what: &str) -> String {
    format!("/scrivania/persone/{id}{what}")
}

async fn merge(agent: &Browser, id: i64, into: i64) -> Answer {
    agent.post_form(&page(id, "/unisci"), &[("other", &into.to_string())]).await
}

/// A form of somebody known by this e-mail, with a phone that nobody proved; the code of its ticket.
async fn typed(t: &TestApp, email: &str, phone: &str) -> String {
    let browser = t.browser();
    let form = browser.get("/sportello/richiesta").await.expect(200);
    let stamp = form.between("name=\"stamp\" value=\"", "\"").unwrap().to_owned();
    t.clock.advance(SignedDuration::from_secs(30));
    let fields = [
        ("stamp", stamp.as_str()),
        ("kind", "report"),
        ("category", "waste/bulky"),
        ("text", "Il lampione è spento"),
        ("name", "Marta Neri"),
        ("email", email),
        ("phone", phone),
        ("privacy", "true"),
        ("website", ""),
    ];
    browser.post_files("/sportello/richiesta", &fields, &[]).await.expect(303);
    t.texts("SELECT code FROM tickets ORDER BY id DESC").await.remove(0)
}

on_each_engine! {
    async fn two_persons_become_one_file_and_two_again(t: TestApp) {
        let (by_mail, mailed) = person(&t, "1", "anna@example.org", "Scrivo per la TARI").await;
        let (by_phone, called) = person(&t, "2", "+39 333 1234567", "Chiamo per la TARI").await;
        let agent = t.sign_in(Role::Agent).await;
        let found = agent.get(&page(by_phone, "/unisci?q=anna%40example.org")).await.expect(200);
        assert!(found.has(&format!("unisci?con={by_mail}")), "{}", found.body);
        let summary = agent.get(&page(by_phone, &format!("/unisci?con={by_mail}"))).await.expect(200);
        assert!(summary.has("Che cosa succede") && summary.has("anna@example.org"), "{}", summary.body);
        assert_eq!(merge(&agent, by_phone, by_mail).await.expect(303).location(), page(by_mail, "?fatto=joined"));

        let file = agent.get(&page(by_mail, "?fatto=joined")).await.expect(200);
        for text in ["Utenti uniti", "+39 333 1234567", "anna@example.org", "2 pratiche", "Scrivo per la TARI", "Chiamo per la TARI", "Separa di nuovo", "da Agent Prova"] {
            assert!(file.has(text), "{text}: {}", file.body);
        }
        assert_eq!(agent.get(&page(by_phone, "")).await.expect(303).location(), page(by_mail, ""));
        assert!(agent.get(&at(&called, "")).await.expect(200).has("ha unito l’utente"), "told in the history");
        let (later, _) = person(&t, "3", "333 1234567", "Richiamo").await;
        assert_eq!(later, by_mail, "either identifier is the same person now");
        assert!(agent.get("/scrivania/cerca?q=3331234567").await.expect(200).has(&format!("id=\"t-{mailed}\"")));

        agent.post_form(&page(by_phone, "/separa"), &[]).await.expect(303);
        let file = agent.get(&page(by_phone, "?fatto=parted")).await.expect(200);
        assert!(file.has("+39 333 1234567") && file.has("Chiamo per la TARI") && !file.has("anna@") && file.has("1 pratica"), "{}", file.body);
        let file = agent.get(&page(by_mail, "")).await.expect(200);
        assert!(!file.has("333 1234567") && !file.has("Chiamo per la TARI") && file.has("Richiamo"), "what came after stays: {}", file.body);
        assert_eq!(agent.post_form(&page(by_phone, "/separa"), &[]).await.status, 409);
        assert_eq!(t.number("SELECT COUNT(*) FROM identifiers WHERE joined_at IS NOT NULL").await, 0);
        assert_eq!(t.texts("SELECT kind FROM events WHERE ticket_id IS NULL AND kind LIKE 'person.%' ORDER BY id").await, ["person.merged", "person.parted"]);
    }

    async fn a_merge_of_persons_refuses_nobodys_answer(t: TestApp) {
        let (a, code) = person(&t, "1", "anna@example.org", "TARI").await;
        let (b, _) = person(&t, "2", "333 1234567", "TARI").await;
        let agent = t.sign_in(Role::Agent).await;
        let seen = super::version(&agent, &code).await;
        merge(&agent, a, b).await.expect(303);
        let fields = [("version", seen.as_str()), ("kind", "reply"), ("way", "email"), ("text", "Entro giugno.")];
        agent.post_form(&at(&code, "/risposta"), &fields).await.expect(303);
    }

    async fn persons_are_parted_in_order_and_by_who_may(t: TestApp) {
        let (a, _) = person(&t, "1", "a@example.org", "x").await;
        let (b, _) = person(&t, "2", "b@example.org", "x").await;
        let (c, _) = person(&t, "3", "c@example.org", "x").await;
        let before = t.texts("SELECT value || ' ' || person_id FROM identifiers ORDER BY id").await;
        let agent = t.sign_in(Role::Agent).await;
        merge(&agent, a, b).await.expect(303);
        merge(&agent, b, c).await.expect(303);
        assert!(agent.get(&page(a, "")).await.expect(303).location().ends_with(&page(c, "")));
        let refused = agent.post_form(&page(a, "/separa"), &[]).await;
        assert!(matches!(refused.status, 303 | 409), "{}", refused.status);
        assert_eq!(t.number("SELECT COUNT(*) FROM person_merges WHERE undone_at IS NULL").await, 2, "what was joined last is parted first");
        assert_eq!(merge(&agent, c, a).await.status, 422, "they are one already");
        agent.post_form(&page(b, "/separa"), &[]).await.expect(303);
        assert!(agent.get(&page(a, "")).await.expect(303).location().ends_with(&page(b, "")));
        agent.post_form(&page(a, "/separa"), &[]).await.expect(303);
        assert_eq!(t.texts("SELECT value || ' ' || person_id FROM identifiers ORDER BY id").await, before);
        assert_eq!(t.texts("SELECT CAST(COUNT(DISTINCT person_id) AS TEXT) FROM tickets").await, ["3"]);

        let referent = t.sign_in(Role::Referent).await;
        for what in ["/unisci", "/separa", "/recapiti/1/conferma", "/recapiti/1/rifiuta"] {
            assert_eq!(referent.post_form(&page(a, what), &[("other", &b.to_string())]).await.status, 403, "{what}");
        }
        let program = t.api(Role::Integration).await;
        assert_eq!(program.post_json(&format!("/api/v1/persons/{a}/merge"), &json!({"into": b})).await.status, 403);
    }

    async fn programs_merge_persons_too(t: TestApp) {
        let (a, code) = person(&t, "1", "a@example.org", "x").await;
        let (b, _) = person(&t, "2", "333 1234567", "x").await;
        let api = t.api(Role::Agent).await;
        assert_eq!(api.get_json(&format!("/api/v1/tickets/{code}")).await.expect(200).json()["person"], a);
        let one = api.post_json(&format!("/api/v1/persons/{b}/merge"), &json!({"into": a})).await.expect(200).json();
        assert_eq!((&one["id"], &one["merged"]), (&json!(a), &json!([b])));
        assert_eq!(one["identifiers"].as_array().unwrap().len(), 2);
        assert_eq!(api.get_json(&format!("/api/v1/persons/{b}")).await.expect(200).json()["merged_into"], a);
        let two = api.post_json(&format!("/api/v1/persons/{b}/unmerge"), &json!({})).await.expect(200).json();
        assert_eq!(two["identifiers"], json!([{"kind": "phone", "value": "+393331234567"}]));
        assert_eq!(api.post_json(&format!("/api/v1/persons/{b}/unmerge"), &json!({})).await.expect(409).json()["code"], "person_not_merged");
        assert_eq!(api.post_json(&format!("/api/v1/persons/{a}/merge"), &json!({"into": a})).await.expect(422).json()["code"], "person_same");
    }

    async fn a_person_with_a_phone_alone_is_a_person(t: TestApp) {
        let (id, code) = person(&t, "1", "333 1234567", "Quando aprite?").await;
        let agent = t.sign_in(Role::Agent).await;
        assert!(agent.get(&page(id, "")).await.expect(200).has("333 1234567"));
        agent.post_form(&at(&code, "/risposta"), &[("kind", "reply"), ("way", "phone"), ("text", "Alle nove.")]).await.expect(303);
    }

    async fn what_a_form_says_of_a_known_person_waits_to_be_confirmed(t: TestApp) {
        let (known, _) = person(&t, "1", "marta@example.org", "Prima domanda").await;
        let code = typed(&t, "Marta@example.org", "333 765 4321").await;
        assert_eq!(t.number(&format!("SELECT person_id FROM tickets WHERE code = '{code}'")).await, known);
        assert_eq!(t.texts("SELECT value FROM identifiers ORDER BY id").await, ["marta@example.org"]);
        // It proves nothing and recognises nobody.
        t.browser().post_form(&format!("/sportello/pratica/{code}"), &[("recapito", "333 7654321")]).await.expect(422);
        let (caller, _) = person(&t, "2", "+39 333 7654321", "Chi sono?").await;
        assert_ne!(caller, known);
        let agent = t.sign_in(Role::Agent).await;
        let file = agent.get(&page(known, "")).await.expect(200);
        assert!(file.has("Da confermare") && file.has("333 765 4321") && file.has("È già di"), "{}", file.body);
        let claim = t.number("SELECT id FROM identifier_claims").await;
        let refused = agent.post_form(&page(known, &format!("/recapiti/{claim}/conferma")), &[]).await.expect(409);
        assert!(refused.has("è di un altro utente"), "{}", refused.body);
        // The agent asked: they are one. Then the claim has nothing more to say.
        merge(&agent, caller, known).await.expect(303);
        agent.post_form(&page(known, &format!("/recapiti/{claim}/conferma")), &[]).await.expect(303);
        assert!(!agent.get(&page(known, "")).await.expect(200).has("Da confermare"));
    }

    async fn a_claim_is_confirmed_or_rejected_once(t: TestApp) {
        let (known, _) = person(&t, "1", "marta@example.org", "Prima domanda").await;
        typed(&t, "marta@example.org", "333 7654321").await;
        typed(&t, "marta@example.org", "333 7654321").await;
        typed(&t, "marta@example.org", "333 0000001").await;
        let claims = t.texts("SELECT CAST(id AS TEXT) FROM identifier_claims ORDER BY id").await;
        assert_eq!(claims.len(), 2, "the same claim twice is one");
        let agent = t.sign_in(Role::Agent).await;
        agent.post_form(&page(known, &format!("/recapiti/{}/conferma", claims[0])), &[]).await.expect(303);
        agent.post_form(&page(known, &format!("/recapiti/{}/rifiuta", claims[1])), &[]).await.expect(303);
        assert_eq!(agent.post_form(&page(known, &format!("/recapiti/{}/conferma", claims[1])), &[]).await.status, 404);
        assert_eq!(t.texts("SELECT value FROM identifiers ORDER BY id").await, ["marta@example.org", "+393337654321"]);
        assert_eq!(person(&t, "2", "333 7654321", "Sono io").await.0, known, "confirmed, it recognises her");
        assert_ne!(person(&t, "3", "333 0000001", "Sono un altro").await.0, known);
        typed(&t, "marta@example.org", "333 0000001").await;
        assert!(!agent.get(&page(known, "")).await.expect(200).has("Da confermare"), "what was rejected is not asked again");
        let kinds = t.event_kinds().await;
        assert!(kinds.contains(&"identifier.confirmed".to_owned()) && kinds.contains(&"identifier.rejected".to_owned()));
    }

    async fn merged_identifiers_prove_only_the_tickets_they_came_with(t: TestApp) {
        let (a, first) = person(&t, "1", "a@example.org", "Segreto di a").await;
        let (b, second) = person(&t, "2", "b@example.org", "Segreto di b").await;
        let agent = t.sign_in(Role::Agent).await;
        t.clock.advance(SignedDuration::from_mins(1));
        merge(&agent, b, a).await.expect(303);
        let opens = async |code: &str, fact: &str| t.browser().post_form(&format!("/sportello/pratica/{code}"), &[("recapito", fact)]).await.status;
        assert_eq!(opens(&first, "b@example.org").await, 422, "it came to the person later");
        assert_eq!(opens(&second, "a@example.org").await, 303, "the ticket's person had it when they asked");
        assert_eq!(opens(&second, "b@example.org").await, 303);
    }
}
