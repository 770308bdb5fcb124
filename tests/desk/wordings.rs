//! The texts around answers, changed by the administration.
use super::{at, contact};
use crate::support::*;

const HERE: &str = "/scrivania/testi";

fn signature(text: &str) -> [(&str, &str); 4] {
    [("channel", "email"), ("lang", "it"), ("part", "signature"), ("text", text)]
}

async fn answered(t: &TestApp, agent: &Browser, id: &str) -> String {
    let code = contact(t, id, "maria@example.org", "Divano", "Dove lo porto?").await;
    agent
        .post_form(&at(&code, "/risposta"), &[("kind", "reply"), ("way", "email"), ("text", "All'isola.")])
        .await
        .expect(303);
    t.texts("SELECT payload FROM outbox WHERE purpose = 'reply' ORDER BY id DESC").await.remove(0)
}

on_each_engine! {
    async fn a_changed_signature_is_under_the_next_answer_and_is_kept_with_its_author(t: TestApp) {
        let agent = t.sign_in(Role::Agent).await;
        assert!(answered(&t, &agent, "1").await.contains("Per scriverci ancora rispondi a questo messaggio."));
        let admin = t.sign_in(Role::Admin).await;
        let page = admin.get(HERE).await.expect(200);
        assert!(page.has("Codice pratica {code}. Per scriverci ancora") && page.has("Gentile {name},"), "{}", page.body);
        let new = "Cordiali saluti,\n{agent}, {unit}\nPratica {code} di {name}.";
        admin.post_form(HERE, &signature(new)).await.expect(303);
        let mail = answered(&t, &agent, "2").await;
        assert!(mail.contains("All'isola.\\n\\nCordiali saluti,\\nAgent Prova, Sportello\\nPratica ") && !mail.contains("{agent}"), "{mail}");
        let page = agent.get(&at(&t.texts("SELECT code FROM tickets ORDER BY id DESC").await[0], "")).await.expect(200);
        assert!(page.has("Cordiali saluti,"), "the composer shows what is added");
        let page = admin.get(HERE).await.expect(200);
        assert!(page.has("Modificato") && page.has("<strong>Admin Prova</strong>"), "{}", page.body);

        admin.post_form(HERE, &[("channel", "email"), ("lang", "it"), ("part", "signature"), ("reset", "1")]).await.expect(303);
        assert!(answered(&t, &agent, "3").await.contains("Per scriverci ancora rispondi a questo messaggio."));
        assert_eq!(t.number("SELECT COUNT(*) FROM wordings").await, 2, "what it was is kept");
        assert_eq!(t.event_kinds().await.iter().filter(|k| *k == "wording.changed").count(), 2);
    }

    async fn a_text_that_cannot_be_is_refused_with_what_was_written(t: TestApp) {
        let admin = t.sign_in(Role::Admin).await;
        let refused = admin.post_form(HERE, &signature("Pratica {codice}")).await.expect(422);
        assert!(refused.has("Qui non si può usare {codice}") && refused.has("Pratica {codice}</textarea>"), "{}", refused.body);
        let long = "x".repeat(321);
        let fields = [("channel", "sms"), ("lang", "it"), ("part", "signature"), ("text", long.as_str())];
        assert!(admin.post_form(HERE, &fields).await.expect(422).has("supera i 320 caratteri"));
        assert_eq!(t.number("SELECT COUNT(*) FROM wordings").await, 0);
        assert_eq!(t.sign_in(Role::Supervisor).await.get(HERE).await.status, 403);
        let shown = admin.post_fragment(&format!("{HERE}/anteprima"), &[("channel", "sms"), ("lang", "it"), ("text", "Pratica {code}")]).await.expect(200);
        assert!(shown.has("Pratica 7K2-M0Q-Z4A") && shown.has("Un SMS, restano"), "{}", shown.body);
    }

    async fn programs_change_texts_too(t: TestApp) {
        let api = t.api(Role::Admin).await;
        let all = api.get("/api/v1/wordings").await.expect(200).json();
        assert_eq!(all.as_array().unwrap().len(), 2 * (5 + 5 + 6 + 4 + 4));
        let put = |text: &str| api.send(api.request(reqwest::Method::PUT, "/api/v1/wordings/sms/en/acknowledgement").json(&json!({ "text": text })));
        let changed = put("Got it: {code}").await.expect(200).json();
        assert_eq!((changed["text"].as_str(), changed["built_in"].as_bool()), (Some("Got it: {code}"), Some(false)));
        assert_eq!(put("{unit}").await.expect(422).json()["code"], "wording_placeholder");
        let unknown = api.request(reqwest::Method::PUT, "/api/v1/wordings/fax/it/acknowledgement").json(&json!({}));
        assert_eq!(api.send(unknown).await.status, 404, "a fax is not acknowledged");
        assert_eq!(t.api(Role::Agent).await.get("/api/v1/wordings").await.status, 403);
    }
}
