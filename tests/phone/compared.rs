//! A provider of calls is asked which it had: what was never told is told by it, and ends that were lost.
use serde_json::{Value, json};

use super::centre::*;
use super::provider::form;
use crate::support::*;

const DAY: &str = "2026-03-02";

fn call(sid: &str, status: &str, began: &str, ended: Option<&str>, seconds: u32) -> Value {
    json!({ "sid": sid, "parent_call_sid": null, "direction": "inbound", "status": status, "from": "+393337654321",
        "to": "+39800123", "start_time": began, "end_time": ended, "duration": seconds.to_string() })
}

async fn compared(t: &TestApp) -> Value {
    let boss = t.api(Role::Supervisor).await;
    let sheets = boss.post_json("/api/v1/reconciliation", &json!({ "day": DAY })).await.expect(200).json();
    sheets.as_array().unwrap().iter().find(|s| s["account"] == "twilio").cloned().unwrap_or_default()
}

with_phone_on_each_engine! {
    async fn calls_and_ends_that_were_never_told_are_named_and_told_by_the_provider(t: TestApp) {
        let all = [
            // Told, but for its end.
            call("CA1", "completed", "Mon, 02 Mar 2026 08:00:00 +0000", Some("Mon, 02 Mar 2026 08:03:00 +0000"), 180),
            // Never told; somebody answered after forty seconds.
            call("CA2", "completed", "Mon, 02 Mar 2026 07:00:00 +0000", Some("Mon, 02 Mar 2026 07:02:00 +0000"), 120),
            // It goes on.
            call("CA3", "in-progress", "Mon, 02 Mar 2026 08:10:00 +0000", None, 0),
            // An agent's leg, and a call of another day.
            json!({ "sid": "CA4", "parent_call_sid": "CA2", "direction": "outbound-dial", "status": "completed",
                "start_time": "Mon, 02 Mar 2026 07:00:30 +0000", "end_time": "Mon, 02 Mar 2026 07:02:00 +0000", "duration": "80" }),
            call("CA5", "completed", "Sun, 01 Mar 2026 07:00:00 +0000", Some("Sun, 01 Mar 2026 07:02:00 +0000"), 120),
        ];
        let url = play_provider(move |asked| {
            let account = "/2010-04-01/Accounts/AC1";
            if let Some(parent) = asked.query("ParentCallSid") {
                let legs: Vec<&Value> = all.iter().filter(|c| c["parent_call_sid"] == *parent).collect();
                return (200, json!({ "calls": legs, "next_page_uri": null }));
            }
            if asked.line.starts_with(&format!("GET {account}/Calls.json?")) {
                // One a page.
                let page: usize = asked.query("Page").and_then(|n| n.parse().ok()).unwrap_or(0);
                let next = (page + 1 < all.len()).then(|| format!("{account}/Calls.json?Page={}", page + 1));
                return (200, json!({ "calls": [all[page]], "next_page_uri": next }));
            }
            let found = all.iter().find(|c| asked.line.contains(&format!("/Calls/{}.json ", c["sid"].as_str().unwrap())));
            found.map_or((404, Value::Null), |call| (200, call.clone()))
        }).await;
        account(&t, "twilio", "phone_twilio", json!({ "account_sid": "AC1", "url": url }), "auth_token").await;
        form(&t, "/hooks/twilio/voice", "CA1", &[("CallStatus", "ringing")]).await.expect(200);
        form(&t, "/hooks/twilio/voice", "CA3", &[("CallStatus", "ringing")]).await.expect(200);
        t.clock.advance(SignedDuration::from_hours(1));

        let sheet = compared(&t).await;
        let named: Vec<(&str, &str, bool)> = sheet["differences"].as_array().unwrap().iter()
            .map(|d| (d["kind"].as_str().unwrap(), d["name"].as_str().unwrap(), d["obtainable"].as_bool().unwrap())).collect();
        assert_eq!(named, [("call", "CA1", true), ("missing", "CA2", true)], "{sheet}");
        assert_eq!((&sheet["asked"], &sheet["handed"], &sheet["stored"], &sheet["calls"]),
            (&json!("source"), &json!(2), &json!(1), &json!(2)), "{sheet}");

        let boss = t.api(Role::Supervisor).await;
        let path = format!("/api/v1/reconciliation/twilio/{DAY}/recover");
        let sheet = boss.post_json(&path, &json!({})).await.expect(200).json();
        assert_eq!(sheet["differences"], json!([]), "{sheet}");
        settle(&t).await;
        let rows = t.texts("SELECT call || ' ' || stage || ' ' || outcome || ' ' || COALESCE(talk_seconds, -1) FROM calls ORDER BY call").await;
        assert_eq!(rows, ["CA1 ended abandoned -1", "CA2 ended answered 80", "CA3 waiting  -1"]);
        assert_eq!(t.number("SELECT COUNT(*) FROM contacts WHERE channel = 'phone'").await, 2);
        // The form that was late is the same event.
        form(&t, "/hooks/twilio/status", "CA1", &[("CallStatus", "completed"), ("CallDuration", "180")]).await.expect(200);
        assert_eq!(t.number("SELECT COUNT(*) FROM call_events WHERE call = 'CA1' AND kind = 'ended'").await, 1);
    }

    async fn a_call_whose_end_was_concluded_gets_its_real_one(t: TestApp) {
        let over = call("CA1", "completed", "Mon, 02 Mar 2026 08:00:00 +0000", Some("Mon, 02 Mar 2026 08:03:00 +0000"), 180);
        let url = play_provider(move |asked| {
            let one = asked.line.contains("/Calls/CA1.json ");
            let none = asked.query("ParentCallSid").is_some();
            (200, if one { over.clone() } else { json!({ "calls": if none { vec![] } else { vec![&over] } }) })
        }).await;
        account(&t, "twilio", "phone_twilio", json!({ "account_sid": "AC1", "url": url }), "auth_token").await;
        form(&t, "/hooks/twilio/voice", "CA1", &[("CallStatus", "ringing")]).await.expect(200);
        t.clock.advance(SignedDuration::from_hours(5));
        settle(&t).await;
        assert_eq!(t.texts("SELECT stage || outcome FROM calls").await, ["endedmissed"], "concluded from silence");
        let sheet = compared(&t).await;
        assert_eq!((&sheet["differences"][0]["kind"], &sheet["differences"][0]["name"]), (&json!("call"), &json!("CA1")), "{sheet}");
        let path = format!("/api/v1/reconciliation/twilio/{DAY}/recover");
        let sheet = t.api(Role::Supervisor).await.post_json(&path, &json!({})).await.expect(200).json();
        assert_eq!(sheet["differences"], json!([]), "{sheet}");
        assert_eq!(t.texts("SELECT outcome FROM calls").await, ["abandoned"]);
    }
}
