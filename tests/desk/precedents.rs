//! Resolved tickets beside a new one, and what it is probably about.
use std::time::Duration;

use super::{at, contact};
use crate::support::*;

/// A ticket about a text, closed in a category.
async fn closed(t: &TestApp, agent: &Browser, id: &str, subject: &str, text: &str, category: &str) -> String {
    let code = contact(t, id, &format!("c{id}@example.org"), subject, text).await;
    agent.post_form(&at(&code, "/classifica"), &[("category", category)]).await.expect(303);
    agent.post_form(&at(&code, "/chiudi"), &[("outcome", "withdrawn"), ("sheet", "")]).await.expect(303);
    code
}

/// Waits until so many tickets were learnt.
async fn learnt(t: &TestApp, count: usize) {
    for _ in 0..200 {
        if t.services.precedents.len() == count {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("{} tickets were learnt, not {count}", t.services.precedents.len());
}

on_each_engine! {
    async fn a_new_ticket_shows_resolved_ones_like_it_and_is_classified_by_one_press(t: TestApp) {
        let agent = t.sign_in(Role::Agent).await;
        let sofa = closed(&t, &agent, "1", "Ritiro divano", "Devo buttare un divano vecchio", "waste/bulky").await;
        closed(&t, &agent, "2", "Carta smarrita", "Ho perso la carta di identità", "anagrafe/identity-card").await;
        t.start_background();
        learnt(&t, 2).await;
        let fridge = closed(&t, &agent, "3", "Frigorifero", "Devo buttare un frigorifero vecchio", "waste/bulky").await;
        learnt(&t, 3).await;

        let code = contact(&t, "4", "maria@example.org", "Ritiro di un divano", "Come butto il divano vecchio?").await;
        let part = agent.get(&at(&code, "/simili")).await.expect(200);
        assert!(part.has(&at(&sofa, "")) && part.has("value=\"waste/bulky\""), "{}", part.body);
        assert!(part.body.find(&sofa) < part.body.find(&fridge), "the most like it comes first: {}", part.body);

        let said = t.api(Role::Agent).await.get(&format!("/api/v1/tickets/{code}/similar")).await.expect(200).json();
        assert_eq!((&said["similar"][0]["code"], &said["categories"][0]["category"]), (&json!(sofa), &json!("waste/bulky")));
        assert!(said["categories"][0]["confidence"].as_f64().unwrap() > 0.5, "{said}");
        assert!(said["units"][0]["unit"].is_string(), "{said}");

        agent.post_form(&at(&code, "/classifica"), &[("category", "waste/bulky")]).await.expect(303);
        let part = agent.get(&at(&code, "/simili")).await.expect(200);
        assert!(!part.has("value=\"waste/bulky\"") && part.has(&at(&sofa, "")), "{}", part.body);
    }

    async fn a_reopened_ticket_is_no_example_any_more_and_citizens_see_none(t: TestApp) {
        let agent = t.sign_in(Role::Agent).await;
        let sofa = closed(&t, &agent, "1", "Ritiro divano", "Devo buttare un divano vecchio", "waste/bulky").await;
        t.start_background();
        learnt(&t, 1).await;
        let code = contact(&t, "2", "maria@example.org", "Divano", "Ho un divano vecchio").await;
        t.browser().get(&format!("/api/v1/tickets/{code}/similar")).await.expect(401);
        t.sign_in(Role::Referent).await.get(&at(&code, "/simili")).await.expect(403);
        agent.post_form(&at(&sofa, "/riapri"), &[("reason", "Non è vero")]).await.expect(303);
        learnt(&t, 0).await;
        let part = agent.get(&at(&code, "/simili")).await.expect(200);
        assert!(part.has("Nessuna pratica risolta") && part.has("Forse è lo stesso fatto"), "in work again, it may be the same: {}", part.body);
    }
}
