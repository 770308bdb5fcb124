//! Passing the relation on by agreement: the owner stays the owner until the other unit accepts.
use sportello::kernel::permissions::Principal;
use sportello::tickets::TicketError;
use sportello::tickets::hand_over::{hand_over, take_over};
use sportello::tickets::proposals::{Passed, accept, lapse, pass, refuse, withdraw};

use super::*;

/// Somebody of the registry office.
async fn registry(t: &TestApp) -> Principal {
    let id = t.add_user("ufficio@example.it", Role::Agent, &["anagrafe"]).await;
    Principal { actor: Actor::User(id), user_id: Some(id), units: [3].into(), ..agent(t).await }
}

async fn owner(t: &TestApp, code: &str) -> i64 {
    t.number(&format!("SELECT owner_unit_id FROM tickets WHERE code = '{code}'")).await
}

async fn proposal(t: &TestApp, code: &str) -> i64 {
    let done =
        pass(&t.kernel, &agent(t).await, code, None, "anagrafe", "Serve un ufficiale di stato civile").await.unwrap();
    assert!(matches!(done, Passed::Proposed(_)), "an agent does not move it to a unit of others");
    t.number("SELECT MAX(id) FROM hand_over_proposals").await
}

async fn state(t: &TestApp, id: i64) -> String {
    t.texts(&format!("SELECT state FROM hand_over_proposals WHERE id = {id}")).await.remove(0)
}

on_each_engine! {
    async fn the_owner_stays_until_the_other_unit_accepts(t: TestApp) {
        let code = ticket(&t).await;
        let (who, office) = (agent(&t).await, registry(&t).await);
        let direct = hand_over(&t.kernel, &who, &code, None, "anagrafe", "Tocca a loro").await;
        assert!(matches!(direct, Err(TicketError::Forbidden(_))));
        let id = proposal(&t, &code).await;
        assert_eq!(owner(&t, &code).await, 1);
        let again = pass(&t.kernel, &who, &code, None, "anagrafe", "Ancora").await;
        assert!(matches!(again, Err(TicketError::Invalid { field: "unit", wrong: "proposed" })));
        assert!(matches!(accept(&t.kernel, &who, id).await, Err(TicketError::Forbidden(_))), "nobody accepts for another unit");
        let desk = t.sign_in_as("ufficio@example.it").await;
        let page = desk.get("/scrivania/passaggi").await.expect(200);
        assert!(page.has("Serve un ufficiale di stato civile") && page.has("Da Sportello a Anagrafe"), "{}", page.body);
        assert!(desk.get("/scrivania/passaggi/conteggio").await.expect(200).has(">1<"));
        desk.post_form(&format!("/scrivania/passaggi/{id}/accetta"), &[]).await.expect(303);
        assert_eq!((owner(&t, &code).await, state(&t, id).await.as_str()), (3, "accepted"));
        let history = desk.get(&format!("/scrivania/pratiche/{code}")).await.expect(200);
        assert!(history.has("ha proposto il passaggio da Sportello a Anagrafe") && history.has("ha passato la titolarità"), "{}", history.body);
        assert!(matches!(accept(&t.kernel, &office, id).await, Err(TicketError::NotFound)), "it does not wait any more");
    }

    async fn a_refusal_has_a_reason_and_leaves_the_owner(t: TestApp) {
        let code = ticket(&t).await;
        let office = registry(&t).await;
        let id = proposal(&t, &code).await;
        assert!(refuse(&t.kernel, &office, id, " ").await.is_err());
        let desk = t.sign_in(Role::Agent).await;
        assert!(desk.get(&format!("/scrivania/pratiche/{code}")).await.expect(200).has("Passaggio proposto a Anagrafe"));
        refuse(&t.kernel, &office, id, "Non è di stato civile").await.unwrap();
        assert_eq!((owner(&t, &code).await, state(&t, id).await.as_str()), (1, "refused"));
        let page = desk.get(&format!("/scrivania/pratiche/{code}")).await.expect(200);
        assert!(page.has("Non è di stato civile") && page.has("ha rifiutato il passaggio a Anagrafe"), "{}", page.body);
        // Another one may follow, and be taken back.
        let id = proposal(&t, &code).await;
        assert!(matches!(withdraw(&t.kernel, &office, id).await, Err(TicketError::Forbidden(_))));
        withdraw(&t.kernel, &agent(&t).await, id).await.unwrap();
        assert_eq!((owner(&t, &code).await, state(&t, id).await.as_str()), (1, "withdrawn"));
    }

    async fn without_an_answer_it_lapses_and_a_takeover_ends_it(t: TestApp) {
        let (code, other) = (ticket(&t).await, ticket(&t).await);
        let office = registry(&t).await;
        let id = proposal(&t, &code).await;
        let second = proposal(&t, &other).await;
        take_over(&t.kernel, &supervisor(&t).await, &other, None, "counter", "Caso delicato").await.unwrap();
        assert!(accept(&t.kernel, &office, second).await.is_err(), "whoever proposed has it no more");
        assert_eq!(lapse(&t.kernel).await.unwrap(), 0);
        t.clock.advance(SignedDuration::from_hours(49));
        assert!(accept(&t.kernel, &office, id).await.is_err());
        assert_eq!(lapse(&t.kernel).await.unwrap(), 2);
        assert_eq!((state(&t, id).await.as_str(), state(&t, second).await.as_str()), ("lapsed", "withdrawn"));
        assert_eq!(owner(&t, &code).await, 1);
        assert!(t.event_kinds().await.contains(&"ticket.hand_over_lapsed".to_owned()));
        assert_eq!(lapse(&t.kernel).await.unwrap(), 0);
    }
}
