//! The telephone on the agents' desk.
use serde_json::json;

use super::centre::*;
use super::events::wav;
use crate::support::*;

with_phone_on_each_engine! {
    async fn an_agent_sees_who_calls_and_says_on_which_ticket_it_goes(t: TestApp) {
        edge(&t, json!({})).await;
        let anna_id = t.add_user("anna@example.it", Role::Agent, &["contact-centre"]).await;
        let anna = t.sign_in_as("anna@example.it").await;
        anna.get("/scrivania/telefono/barra").await.expect(204);
        let page = anna.get("/scrivania/telefono").await.expect(200);
        assert!(page.has("Nessuna chiamata in corso") && page.has("Aperto"), "{}", page.body);
        let set = [("extension", "7"), ("address", "sip:7@cc.test"), ("post", "internal"), ("skills", "tributi"), ("languages", "")];
        anna.post_form("/scrivania/telefono/apparecchio", &set).await.expect(303);
        anna.post_form("/scrivania/telefono/stato", &[("state", "ready"), ("back", "/scrivania/coda/mie")]).await.expect(303);
        assert!(anna.get("/scrivania/telefono/barra").await.expect(200).has("Pronto"));

        let mut live = anna.live().await;
        talk(&t, "c1", "7").await;
        settle(&t).await;
        while live.next().await.0 != "calls" {}
        let code = t.texts("SELECT code FROM tickets").await.remove(0);

        post(&t, "route", &event(&t, "c2", "", 0, json!({}))).await.expect(200);
        post(&t, "event", &event(&t, "c2", "ringing", 0, json!({ "agent": "7" }))).await.expect(200);
        let shown = anna.get("/scrivania/telefono/chiamata").await.expect(200);
        assert!(shown.has("Chiamata da Mario") && shown.has("/scrivania/persone/") && shown.has("phone=%2B393331234567"), "{}", shown.body);
        let known = shown.between("name=\"known\" value=\"", "\"").unwrap().to_owned();
        anna.get(&format!("/scrivania/telefono/chiamata?known={known}")).await.expect(204);
        post(&t, "event", &event(&t, "c2", "answered", 1, json!({ "agent": "7" }))).await.expect(200);
        let id = t.number("SELECT MAX(id) FROM calls").await;
        let choose = format!("/scrivania/telefono/chiamate/{id}/pratica");
        // Nobody says it for a colleague.
        let marco = t.sign_in(Role::Agent).await;
        marco.post_form(&choose, &[("code", &code)]).await.expect(403);
        anna.post_form(&choose, &[("code", "zzz")]).await.expect(422);
        anna.post_form(&choose, &[("code", &code)]).await.expect(303);
        assert!(anna.get("/scrivania/telefono").await.expect(200).has("In conversazione"));
        post(&t, "event", &event(&t, "c2", "ended", 30, json!({}))).await.expect(200);
        settle(&t).await;
        assert_eq!(t.number("SELECT COUNT(*) FROM tickets").await, 1);
        assert_eq!(t.number("SELECT COUNT(*) FROM contacts").await, 2);
        assert!(anna.get("/scrivania/telefono/chiamata?known=old").await.expect(200).has("value=\"\""));
        // An extension belongs to one telephone; strangers and referents have none.
        t.add_user("luca@example.it", Role::Agent, &["contact-centre"]).await;
        let luca = t.sign_in_as("luca@example.it").await;
        luca.post_form("/scrivania/telefono/apparecchio", &set).await.expect(409);
        t.sign_in(Role::Referent).await.get("/scrivania/telefono").await.expect(403);
        assert_eq!(t.number("SELECT COUNT(*) FROM phone_agents").await, 1);
        assert_eq!(t.number("SELECT user_id FROM phone_agents").await, anna_id);
    }

    async fn a_message_is_heard_on_the_ticket_and_called_back_until_it_is_given_up(t: TestApp) {
        edge(&t, json!({ "voicemail": "sip:vm@cc.test" })).await;
        post(&t, "route", &event(&t, "c1", "", 0, json!({}))).await.expect(200);
        let sound = wav(2);
        let address = signed(&t, "recording", "&call_id=c1&from=%2B393331234567&to=800123", &sound);
        let request = t.browser().request(reqwest::Method::POST, &address).header("content-type", "audio/wav").body(sound.clone());
        t.browser().send(request).await.expect(200);
        post(&t, "event", &event(&t, "c1", "ended", 20, json!({ "reached": "voicemail" }))).await.expect(200);
        wait_for(&t, "SELECT COUNT(*) FROM contacts", 1).await;
        settle(&t).await;
        let agent = t.sign_in(Role::Agent).await;
        let code = t.texts("SELECT code FROM tickets").await.remove(0);
        let page = agent.get(&format!("/scrivania/pratiche/{code}")).await.expect(200);
        let source = page.between("<audio controls preload=\"metadata\" src=\"", "\"").unwrap_or_else(|| panic!("{}", page.body)).to_owned();
        let played = agent.get(&source).await.expect(200);
        assert_eq!(played.header("content-type"), "audio/wav");

        let id = t.number("SELECT id FROM callbacks").await;
        let log = format!("/scrivania/telefono/richiamate/{id}");
        agent.post_form(&log, &[("outcome", "dreaming")]).await.expect(422);
        for tries in 1..=3 {
            assert!(agent.get("/scrivania/telefono").await.expect(200).has(&format!("id=\"callback-{id}\"")));
            agent.post_form(&log, &[("outcome", "no_answer")]).await.expect(303);
            assert_eq!(t.number("SELECT attempts FROM callbacks").await, tries);
        }
        assert_eq!(t.texts("SELECT state FROM callbacks").await, ["given_up"]);
        let page = agent.get("/scrivania/telefono").await.expect(200);
        assert!(page.has("Nessuno aspetta di essere richiamato") && page.has("Segreteria"), "{}", page.body);
        agent.post_form(&log, &[("outcome", "answered")]).await.expect(404);
        assert_eq!(t.number("SELECT COUNT(*) FROM callback_attempts").await, 3);
        let english = agent.get("/scrivania/telefono?lang=en").await.expect(200);
        assert!(english.has("Last calls") && !english.has(">phone-"), "{}", english.body);
    }
}
