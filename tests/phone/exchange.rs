//! Telephone exchanges that tell of calls as they tell a Zammad.
use serde_json::json;

use super::centre::*;
use crate::support::*;

async fn exchange(t: &TestApp, name: &str) {
    account(t, name, "phone_cti", json!({}), "secret").await;
}

async fn tell(t: &TestApp, name: &str, body: &serde_json::Value) -> Answer {
    t.browser().post_json(&format!("/hooks/{name}/{SECRET}"), body).await
}

with_phone_on_each_engine! {
    async fn calls_of_two_exchanges_with_one_number_are_two(t: TestApp) {
        exchange(&t, "centralino").await;
        exchange(&t, "biblioteca").await;
        agent(&t, "anna@example.it", "Anna", "", json!({})).await;
        for name in ["centralino", "biblioteca"] {
            let new = json!({ "event": "newCall", "callId": "1", "from": "+393331234567", "to": "085123", "direction": "in" });
            tell(&t, name, &new).await.expect(200);
        }
        tell(&t, "centralino", &json!({ "event": "answer", "callId": "1", "user": ["Anna"] })).await.expect(200);
        t.clock.advance(SignedDuration::from_secs(60));
        for (name, cause) in [("centralino", "normalClearing"), ("biblioteca", "cancel")] {
            tell(&t, name, &json!({ "event": "hangup", "callId": "1", "cause": cause })).await.expect(200);
        }
        settle(&t).await;
        assert_eq!(t.texts("SELECT outcome || agent FROM calls ORDER BY id").await, ["answeredAnna", "abandoned"]);
        assert_eq!(t.number("SELECT COUNT(*) FROM contacts").await, 2);
        t.browser().post_json("/hooks/centralino/indovinato", &json!({ "event": "newCall", "callId": "2" })).await.expect(403);
        assert_eq!(t.number("SELECT COUNT(*) FROM calls").await, 2);
    }

    async fn a_call_of_ours_to_who_waits_is_an_attempt(t: TestApp) {
        exchange(&t, "centralino").await;
        let anna = agent(&t, "anna@example.it", "Anna", "", json!({})).await;
        let number = "+393331234567";
        tell(&t, "centralino", &json!({ "event": "newCall", "callId": "1", "from": number, "to": "085123", "direction": "in" })).await.expect(200);
        tell(&t, "centralino", &json!({ "event": "hangup", "callId": "1", "cause": "cancel" })).await.expect(200);
        settle(&t).await;
        for (call, cause, state) in [("2", "noAnswer", "open"), ("3", "busy", "open"), ("4", "normalClearing", "done")] {
            let new = json!({ "event": "newCall", "callId": call, "from": "085123", "to": number, "direction": "out", "user": ["Anna"] });
            tell(&t, "centralino", &new).await.expect(200);
            if cause == "normalClearing" {
                tell(&t, "centralino", &json!({ "event": "answer", "callId": call, "user": ["Anna"], "direction": "out" })).await.expect(200);
            }
            t.clock.advance(SignedDuration::from_secs(30));
            tell(&t, "centralino", &json!({ "event": "hangup", "callId": call, "cause": cause, "direction": "out" })).await.expect(200);
            settle(&t).await;
            assert_eq!(t.texts("SELECT state FROM callbacks").await, [state], "{call}");
        }
        assert_eq!(t.texts("SELECT outcome FROM callback_attempts ORDER BY id").await, ["no_answer", "busy", "answered"]);
        assert_eq!(t.number("SELECT user_id FROM callback_attempts ORDER BY id DESC LIMIT 1").await, anna);
        assert_eq!(t.number("SELECT COUNT(*) FROM contacts").await, 1);
    }

    async fn what_is_told_in_any_order_and_twice_gives_the_same_call(t: TestApp) {
        exchange(&t, "centralino").await;
        agent(&t, "anna@example.it", "Anna", "", json!({})).await;
        for (n, order) in orders(3).into_iter().enumerate() {
            let call = format!("p{n}");
            let told = [
                json!({ "event": "newCall", "callId": call, "from": "+393331234567", "to": "085123", "direction": "in" }),
                json!({ "event": "answer", "callId": call, "user": ["Anna"] }),
                json!({ "event": "hangup", "callId": call, "cause": "normalClearing" }),
            ];
            for which in order.iter().chain(&order) {
                tell(&t, "centralino", &told[*which]).await.expect(200);
            }
        }
        settle(&t).await;
        assert_eq!(t.texts("SELECT DISTINCT outcome || agent FROM calls").await, ["answeredAnna"]);
        assert_eq!((t.number("SELECT COUNT(*) FROM calls").await, t.number("SELECT COUNT(*) FROM contacts").await), (6, 6));
    }
}
