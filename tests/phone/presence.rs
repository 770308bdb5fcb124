//! What agents do between calls, and which calls they see.
use reqwest::Method;
use serde_json::json;

use super::centre::*;
use crate::support::*;

with_wrap_on_each_engine! {
    async fn after_a_call_its_agent_has_time_to_write_and_may_ask_for_more(t: TestApp) {
        edge(&t, json!({})).await;
        let anna_id = agent(&t, "anna@example.it", "7", "sip:7@cc.test", json!({})).await;
        let anna = t.sign_in_as("anna@example.it").await;
        talk(&t, "c1", "7").await;
        assert!(anna.get("/scrivania/telefono/barra").await.expect(200).has("Chiude la chiamata"));
        t.services.telephony.refresh().await.unwrap();
        let first = |answer: Answer| answer.json()["steps"][0]["action"].as_str().unwrap().to_owned();
        let asked = |call: &'static str| event(&t, call, "", 0, json!({}));
        assert_eq!(first(post(&t, "route", &asked("c2")).await.expect(200)), "queue", "they are not rung, and it is not elsewhere");
        anna.post_form("/scrivania/telefono/stato", &[("state", "wrap")]).await.expect(303);
        t.clock.advance(SignedDuration::from_secs(60));
        t.services.telephony.refresh().await.unwrap();
        assert_eq!(first(post(&t, "route", &asked("c3")).await.expect(200)), "queue", "a minute more");
        t.clock.advance(SignedDuration::from_secs(40));
        t.services.telephony.refresh().await.unwrap();
        assert_eq!(first(post(&t, "route", &asked("c4")).await.expect(200)), "ring");
        settle(&t).await;
        assert_eq!(t.number_or_none("SELECT COUNT(*) FROM phone_agents WHERE wrap_until IS NOT NULL").await, Some(0));
        // Nothing to prolong, and who says that they are ready is ready at once.
        anna.post_form("/scrivania/telefono/stato", &[("state", "wrap")]).await.expect(422);
        talk(&t, "c5", "7").await;
        anna.post_form("/scrivania/telefono/stato", &[("state", "ready")]).await.expect(303);
        t.services.telephony.refresh().await.unwrap();
        t.clock.advance(SignedDuration::from_secs(5));
        assert_eq!(first(post(&t, "route", &asked("c6")).await.expect(200)), "ring");
        let states = t.texts(&format!("SELECT state FROM phone_states WHERE user_id = {anna_id} ORDER BY id")).await;
        assert_eq!(states, ["ready", "wrap", "ready", "wrap", "ready"]);
    }

    async fn the_reason_of_a_pause_is_kept(t: TestApp) {
        edge(&t, json!({})).await;
        agent(&t, "anna@example.it", "7", "sip:7@cc.test", json!({})).await;
        let anna = t.sign_in_as("anna@example.it").await;
        assert!(anna.get("/scrivania/telefono/barra").await.expect(200).has("<option>Formazione</option>"));
        let pause = [("state", "pause"), ("reason", "Pranzo")];
        anna.post_form("/scrivania/telefono/stato", &pause).await.expect(303);
        assert!(anna.get("/scrivania/telefono/barra").await.expect(200).has("In pausa: Pranzo"));
        anna.post_form("/scrivania/telefono/stato", &[("state", "pause"), ("reason", "Mare")]).await.expect(422);
        t.clock.advance(SignedDuration::from_mins(30));
        anna.post_form("/scrivania/telefono/stato", &[("state", "ready")]).await.expect(303);
        let boss = t.api(Role::Supervisor).await;
        let states = boss.get_json("/api/v1/phone/agents/anna@example.it/states").await.expect(200).json();
        assert_eq!((&states[0]["state"], &states[1]["state"], &states[1]["reason"]), (&json!("ready"), &json!("pause"), &json!("Pranzo")));
        t.api(Role::Agent).await.get_json("/api/v1/phone/agents/anna@example.it/states").await.expect(403);
        boss.send_json(Method::PUT, "/api/v1/phone/agents/anna@example.it", &json!({ "state": "pause", "reason": "Pranzo" })).await.expect(200);
    }
}

with_phone_on_each_engine! {
    async fn agents_see_the_calls_that_they_can_answer_and_their_own(t: TestApp) {
        edge(&t, json!({})).await;
        agent(&t, "anna@example.it", "7", "sip:7@cc.test", json!({})).await;
        agent(&t, "bruno@example.it", "8", "sip:8@cc.test", json!({ "skills": ["tributi"] })).await;
        let (open, taxes) = (json!({ "from": "+390850001" }), json!({ "from": "+390850002", "to": "800124" }));
        post(&t, "route", &event(&t, "c1", "", 0, open)).await.expect(200);
        post(&t, "route", &event(&t, "c2", "", 0, taxes)).await.expect(200);
        let anna = t.sign_in_as("anna@example.it").await;
        let page = anna.get("/scrivania/telefono").await.expect(200);
        assert!(page.has("+390850001") && !page.has("+390850002"), "{}", page.body);
        let bruno = t.sign_in_as("bruno@example.it").await.get("/scrivania/telefono").await.expect(200);
        assert!(bruno.has("+390850001") && bruno.has("+390850002"), "{}", bruno.body);
        let boss = t.sign_in(Role::Supervisor).await.get("/scrivania/telefono").await.expect(200);
        assert!(boss.has("+390850002"), "{}", boss.body);
        // What is handed to them is theirs, whatever its queue.
        let ringing = json!({ "from": "+390850002", "to": "800124", "agent": "7" });
        post(&t, "event", &event(&t, "c2", "ringing", 1, ringing)).await.expect(200);
        assert!(anna.get("/scrivania/telefono").await.expect(200).has("+390850002"));
        let told = anna.get_json("/api/v1/calls?live=true").await.expect(200).json();
        assert_eq!(told["calls"].as_array().unwrap().len(), 2, "{told}");
    }

    async fn only_whose_telephone_rings_is_told_at_once(t: TestApp) {
        edge(&t, json!({})).await;
        agent(&t, "anna@example.it", "7", "sip:7@cc.test", json!({})).await;
        agent(&t, "bruno@example.it", "8", "sip:8@cc.test", json!({})).await;
        let (anna, bruno) = (t.sign_in_as("anna@example.it").await, t.sign_in_as("bruno@example.it").await);
        let (mut hers, mut his) = (anna.live().await, bruno.live().await);
        post(&t, "event", &event(&t, "c1", "ringing", 0, json!({ "agent": "7" }))).await.expect(200);
        assert_eq!(hers.next().await.0, "my-call");
        assert_eq!(his.next().await.0, "calls");
        assert!(anna.get("/scrivania/telefono/chiamata").await.expect(200).has("Chiamata da"));
    }
}
