//! Reminders before and at the term, then the executive, then the director, each once; what stops them; who stands in; the
//! monthly digest.
use sportello::network::{LegKind, digest, remind};

use super::*;

/// Recipients of the mails of a purpose, in order.
async fn told(t: &TestApp, subject: &str) -> Vec<String> {
    t.texts(&format!(
        "SELECT recipient FROM outbox WHERE purpose = 'leg_reminder' AND payload LIKE '%{subject}%' ORDER BY id"
    ))
    .await
}

on_each_engine! {
    async fn a_leg_that_waits_is_told_upwards_each_time_once(t: TestApp) {
        for rank in ["operative", "executive", "director"] {
            referent(&t, "anagrafe", rank, &format!("{rank}@example.it")).await;
        }
        let code = ticket(&t).await;
        send(&t, &code, "anagrafe", LegKind::Inquiry).await.unwrap();
        assert_eq!(remind::run(&t.kernel).await.unwrap(), 0, "nothing on the first day");
        // Sent on Monday the second: due by Tuesday the 17th; one look each morning at nine.
        for _ in 0..40 {
            t.clock.advance(SignedDuration::from_hours(24));
            remind::run(&t.kernel).await.unwrap();
            remind::run(&t.kernel).await.unwrap();
        }
        assert_eq!(told(&t, "Sollecito").await, ["operative@example.it"]);
        assert_eq!(told(&t, "Scade oggi").await, ["operative@example.it"]);
        assert_eq!(told(&t, "] In ritardo").await, ["executive@example.it"]);
        assert_eq!(told(&t, "Ancora in ritardo").await, ["director@example.it"]);
        let kinds = t.event_kinds().await;
        let count = |kind: &str| kinds.iter().filter(|k| *k == kind).count();
        assert_eq!((count("leg.reminded"), count("leg.escalated")), (2, 2));
        assert_eq!(t.number("SELECT COUNT(*) FROM legs WHERE remind_at IS NOT NULL").await, 0);
        let mail = t.texts("SELECT payload FROM outbox WHERE purpose = 'leg_reminder' ORDER BY id DESC").await.remove(0);
        let (_, path) = mail.split_once("/referenti/").unwrap();
        let path: String = path.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '/').collect();
        assert!(t.browser().get(&format!("/referenti/{path}")).await.expect(200).has(REQUEST), "the link leads to the leg");
    }

    async fn after_a_time_in_which_nothing_ran_nobody_gets_two_mails(t: TestApp) {
        referent(&t, "anagrafe", "operative", "bassi@example.it").await;
        let code = ticket(&t).await;
        send(&t, &code, "anagrafe", LegKind::Inquiry).await.unwrap();
        t.clock.advance(SignedDuration::from_hours(24 * 15));
        remind::run(&t.kernel).await.unwrap();
        assert_eq!(t.number("SELECT COUNT(*) FROM outbox WHERE purpose = 'leg_reminder'").await, 1, "the term only");
        assert_eq!(told(&t, "Scade oggi").await, ["bassi@example.it"]);
    }

    async fn an_answer_or_a_question_stops_the_reminders(t: TestApp) {
        referent(&t, "anagrafe", "operative", "bassi@example.it").await;
        let code = ticket(&t).await;
        let (_, answered) = send(&t, &code, "anagrafe", LegKind::Inquiry).await.unwrap();
        let (_, asked) = send(&t, &code, "anagrafe", LegKind::Inquiry).await.unwrap();
        mail(&t, &answered, "Pronta", None).await;
        let link = format!("/invio/{}", token(&t, &asked).await);
        t.browser().post_files(&link, &[("outcome", "ask"), ("text", "Quale?"), ("of", "office")], &[]).await.expect(303);
        for _ in 0..30 {
            t.clock.advance(SignedDuration::from_hours(24));
            remind::run(&t.kernel).await.unwrap();
        }
        assert_eq!(t.number("SELECT COUNT(*) FROM outbox WHERE purpose = 'leg_reminder'").await, 0);
    }

    async fn of_a_closed_request_nobody_is_reminded_until_it_is_open_again(t: TestApp) {
        for rank in ["operative", "executive", "director"] {
            referent(&t, "anagrafe", rank, &format!("{rank}@example.it")).await;
        }
        let code = ticket(&t).await;
        send(&t, &code, "anagrafe", LegKind::Inquiry).await.unwrap();
        let api = t.api(Role::Agent).await;
        api.post_json(&format!("/api/v1/tickets/{code}/close"), &json!({ "outcome": "answered" })).await.expect(200);
        for _ in 0..30 {
            t.clock.advance(SignedDuration::from_hours(24));
            remind::run(&t.kernel).await.unwrap();
        }
        assert_eq!(t.number("SELECT COUNT(*) FROM outbox WHERE purpose = 'leg_reminder'").await, 0);
        api.post_json(&format!("/api/v1/tickets/{code}/reopen"), &json!({})).await.expect(200);
        for _ in 0..2 {
            t.clock.advance(SignedDuration::from_hours(24));
            remind::run(&t.kernel).await.unwrap();
        }
        assert_eq!(told(&t, "Ancora in ritardo").await, ["director@example.it"], "one mail, the latest step");
    }

    async fn a_unit_without_referents_is_reminded_at_its_address(t: TestApp) {
        let code = ticket(&t).await;
        send(&t, &code, "anagrafe", LegKind::Competence).await.unwrap();
        t.clock.advance(SignedDuration::from_hours(24 * 12));
        remind::run(&t.kernel).await.unwrap();
        assert_eq!(told(&t, "Sollecito").await, ["anagrafe@example.it"]);
    }

    async fn what_an_absent_referent_was_given_goes_to_whoever_stands_in(t: TestApp) {
        let away = referent(&t, "anagrafe", "operative", "bassi@example.it").await;
        let here = referent(&t, "anagrafe", "operative", "verdi@example.it").await;
        let code = ticket(&t).await;
        let (_, leg) = send(&t, &code, "anagrafe", LegKind::Competence).await.unwrap();
        let link = format!("/invio/{}", token(&t, &leg).await);
        let page = t.browser().get(&format!("{link}?passo=affida")).await.expect(200);
        assert!(page.has("Referente operative"), "{}", page.body);
        let id = away.to_string();
        t.browser().post_files(&link, &[("outcome", "give"), ("referent", id.as_str())], &[]).await.expect(303);
        t.browser().post_files(&link, &[("outcome", "give"), ("referent", "9999")], &[]).await.expect(422);
        assert_eq!(told(&t, "Affidata a voi").await, ["bassi@example.it"]);
        assert_eq!(remind::run(&t.kernel).await.unwrap(), 0);
        let now = t.kernel.now().0;
        t.execute(&format!(
            "INSERT INTO absences (referent_id, from_at, to_at, substitute_id) VALUES ({away}, {now}, {}, {here})",
            now + 86_400_000_000
        )).await;
        assert_eq!(remind::run(&t.kernel).await.unwrap(), 1);
        assert_eq!(remind::run(&t.kernel).await.unwrap(), 0);
        assert_eq!(t.number("SELECT referent_id FROM legs").await, here);
        assert_eq!(told(&t, "Affidata a voi").await, ["bassi@example.it", "verdi@example.it"]);
        assert_eq!(t.event_kinds().await.iter().filter(|k| *k == "leg.reassigned").count(), 2);
    }

    async fn the_digest_comes_on_the_first_working_day_once_and_later_if_nothing_ran(t: TestApp) {
        referent(&t, "anagrafe", "operative", "bassi@example.it").await;
        referent(&t, "counter", "operative", "quiet@example.it").await;
        assert_eq!(digest::run(&t.kernel).await.unwrap(), 0, "February had nothing");
        let code = ticket(&t).await;
        let (_, leg) = send(&t, &code, "anagrafe", LegKind::Inquiry).await.unwrap();
        send(&t, &code, "anagrafe", LegKind::Inquiry).await.unwrap();
        mail(&t, &leg, "Pronta", None).await;
        // Wednesday the first of April at seven, then at nine, in Rome.
        t.clock.advance(SignedDuration::from_hours(24 * 30 - 3));
        assert_eq!(digest::run(&t.kernel).await.unwrap(), 0, "not before the morning");
        t.clock.advance(SignedDuration::from_hours(24 * 6));
        assert_eq!(digest::run(&t.kernel).await.unwrap(), 1);
        assert_eq!(digest::run(&t.kernel).await.unwrap(), 0);
        let mails = t.texts("SELECT payload FROM outbox WHERE recipient = 'bassi@example.it'").await;
        let digest: Vec<_> = mails.iter().filter(|m| m.contains("Le richieste di 2026-03")).collect();
        assert_eq!(digest.len(), 1, "{mails:?}");
        assert!(digest[0].contains("arrivate: 2") && digest[0].contains("con risposta: 1, di cui entro il termine: 1"));
        assert!(digest[0].contains("in attesa adesso: 1") && digest[0].contains("/referenti/"));
        assert_eq!(t.number("SELECT COUNT(*) FROM outbox WHERE recipient = 'quiet@example.it'").await, 0);
    }
}
