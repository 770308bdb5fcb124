//! Taking the relation over from above, with a reason, and giving it back to whoever had it.
use sportello::tickets::hand_over::{hand_over, take_over};
use sportello::tickets::takeovers::give_back;

use super::*;

async fn owner(t: &TestApp, code: &str) -> (i64, i64) {
    let column = |c: &str| format!("SELECT COALESCE({c}, 0) FROM tickets WHERE code = '{code}'");
    (t.number(&column("owner_unit_id")).await, t.number(&column("assignee_id")).await)
}

on_each_engine! {
    async fn a_takeover_is_given_back_to_the_unit_and_the_agent_who_had_it(t: TestApp) {
        let code = ticket(&t).await;
        let who = agent(&t).await;
        let had = who.user_id.unwrap();
        t.execute(&format!("UPDATE tickets SET owner_unit_id = 2, assignee_id = {had}")).await;
        let above = supervisor(&t).await;
        take_over(&t.kernel, &above, &code, None, "contact-centre", " ").await.unwrap_err();
        take_over(&t.kernel, &above, &code, None, "contact-centre", "Caso delicato").await.unwrap();
        assert_eq!(owner(&t, &code).await, (1, 0));
        let desk = t.sign_in(Role::Supervisor).await;
        assert!(desk.get(&format!("/scrivania/pratiche/{code}")).await.expect(200).has("Restituisci a Front office"));
        let api = t.api(Role::Supervisor).await;
        let back = api.post_json(&format!("/api/v1/tickets/{code}/give-back"), &json!({ "reason": "Risolto" })).await.expect(200).json();
        assert_eq!(back["owner"], "counter");
        assert_eq!(owner(&t, &code).await, (2, had));
        give_back(&t.kernel, &above, &code, None, "Ancora").await.unwrap_err();
        let report = api.get_json("/api/v1/takeovers").await.expect(200).json();
        assert_eq!(report["figures"], json!({ "taken": 1, "given_back": 1, "handed_on": 0, "lasting": 0 }));
        assert_eq!(report["takeovers"][0]["reason"], "Caso delicato");
        assert!(desk.get("/scrivania/supervisione/avocazioni").await.expect(200).has("Caso delicato"));
        t.sign_in(Role::Agent).await.get("/scrivania/supervisione/avocazioni").await.expect(403);
    }

    async fn only_a_unit_above_the_owner_takes_over_without_being_a_supervisor(t: TestApp) {
        let code = ticket(&t).await;
        let who = agent(&t).await;
        t.execute("UPDATE tickets SET owner_unit_id = 3").await;
        take_over(&t.kernel, &who, &code, None, "contact-centre", "Lo voglio io").await.unwrap_err();
        assert_eq!(owner(&t, &code).await.0, 3, "a neighbour is not above");
        t.execute("UPDATE tickets SET owner_unit_id = 2").await;
        take_over(&t.kernel, &who, &code, None, "contact-centre", "Ci pensa il centro").await.unwrap();
        assert_eq!(owner(&t, &code).await.0, 1);
    }

    async fn what_was_handed_on_cannot_be_given_back(t: TestApp) {
        let code = ticket(&t).await;
        let above = supervisor(&t).await;
        take_over(&t.kernel, &above, &code, None, "counter", "Tocca a noi").await.unwrap();
        hand_over(&t.kernel, &above, &code, None, "anagrafe", "Anzi a loro").await.unwrap();
        give_back(&t.kernel, &above, &code, None, "Indietro").await.unwrap_err();
        assert_eq!(owner(&t, &code).await.0, 3);
        assert_eq!(t.number("SELECT COUNT(*) FROM takeovers WHERE ended_at IS NOT NULL AND NOT given_back").await, 1);
    }
}
