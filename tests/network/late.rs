//! What comes after the closing, what a unit has seen, and what it is told of a leg taken back.
use sportello::network::LegKind;
use sportello::network::withdraw::withdraw;
use sportello::tickets::Outcome;
use sportello::tickets::close::{Closing, close};

use super::*;

async fn closed_while_waiting(t: &TestApp) -> (String, Leg) {
    let code = ticket(t).await;
    let (_, leg) = send(t, &code, "anagrafe", LegKind::Inquiry).await.unwrap();
    let how = Closing { outcome: Outcome::Answered, sheet: None };
    close(&t.kernel, &agent(t).await, &code, None, how).await.unwrap();
    (code, leg)
}

on_each_engine! {
    async fn an_answer_after_the_closing_is_kept_shown_and_reopens(t: TestApp) {
        let (code, leg) = closed_while_waiting(&t).await;
        mail(&t, &leg, "Sono fuori ufficio", Some("auto-replied")).await;
        assert_eq!(counters(&t, &code).await.0, "closed", "a robot reopens nothing");
        mail(&t, &leg, "La carta è pronta.", None).await;
        assert_eq!(counters(&t, &code).await, ("open".to_owned(), 0, 1, 0));
        let desk = t.sign_in(Role::Agent).await;
        let page = desk.get(&format!("/scrivania/pratiche/{code}")).await.expect(200);
        assert!(page.has("La carta è pronta.") && page.has("dopo la chiusura: la pratica è stata riaperta"), "{}", page.body);
        assert!(desk.get("/scrivania/coda/mie").await.expect(200).has(&code), "whoever had it finds it again");

        close(&t.kernel, &agent(&t).await, &code, None, Closing { outcome: Outcome::Answered, sheet: None }).await.unwrap();
        mail(&t, &leg, "Grazie a voi", None).await;
        assert_eq!(counters(&t, &code).await.0, "closed", "thanks reopen nothing");
        mail(&t, &leg, "Correzione: serve anche la foto.", None).await;
        assert_eq!(counters(&t, &code).await.0, "open");
    }

    async fn a_leg_given_back_after_the_closing_reopens(t: TestApp) {
        let (code, leg) = closed_while_waiting(&t).await;
        let link = format!("/invio/{}", token(&t, &leg).await);
        t.browser().post_files(&link, &[("outcome", "not_ours"), ("text", "È della Provincia")], &[]).await.expect(303);
        assert_eq!(counters(&t, &code).await, ("open".to_owned(), 0, 1, 0));
    }

    async fn the_front_office_sees_when_the_unit_first_opened_a_leg(t: TestApp) {
        let code = ticket(&t).await;
        let (ticket, leg) = send(&t, &code, "anagrafe", LegKind::Inquiry).await.unwrap();
        let desk = t.sign_in(Role::Agent).await;
        desk.get(&format!("/referente/{code}/1")).await.expect(200);
        assert_eq!(t.number("SELECT COUNT(*) FROM legs WHERE seen_at IS NOT NULL").await, 0, "an agent is not the unit");
        t.clock.advance(SignedDuration::from_hours(1));
        let link = format!("/invio/{}", token(&t, &leg).await);
        t.browser().get(&link).await.expect(200);
        t.clock.advance(SignedDuration::from_hours(1));
        t.browser().get(&link).await.expect(200);
        t.sign_in(Role::Referent).await.get(&format!("/referente/{code}/1")).await.expect(200);
        let page = desk.get(&format!("/scrivania/pratiche/{code}")).await.expect(200);
        assert!(page.has("visto il 2 mar, 10:00") && page.has("ha visto l’invio 1"), "{}", page.body);
        assert_eq!(t.number("SELECT COUNT(*) FROM events WHERE kind = 'leg.seen'").await, 1);
        assert_eq!(t.number("SELECT version FROM tickets").await, ticket.version, "nobody's form becomes stale");
    }

    async fn the_unit_is_told_that_a_leg_was_taken_back(t: TestApp) {
        let code = ticket(&t).await;
        send(&t, &code, "anagrafe", LegKind::Inquiry).await.unwrap();
        withdraw(&t.kernel, &agent(&t).await, &code, 1, None, "Ha risolto da sé").await.unwrap();
        assert_eq!(t.texts("SELECT recipient FROM outbox WHERE purpose = 'leg_withdrawn'").await, ["anagrafe@example.it"]);
        let mail = t.texts("SELECT payload FROM outbox WHERE purpose = 'leg_withdrawn'").await.remove(0);
        assert!(mail.contains("Invio ritirato") && mail.contains("auto_generated") && !mail.contains("/invio/") && mail.contains("Ha risolto da sé"), "{mail}");
    }
}
