//! Answers by every way, on the right leg, once.
use sportello::kernel::language::Language;
use sportello::network::LegKind;
use sportello::network::answer;
use sportello::network::views::{self, Way};

use super::*;

on_each_engine! {
    async fn answers_by_link_account_mail_and_api_land_each_on_its_leg(t: TestApp) {
        let code = ticket(&t).await;
        let mut legs = Vec::new();
        for _ in 0..4 {
            legs.push(send(&t, &code, "anagrafe", LegKind::Inquiry).await.unwrap().1);
        }
        mail(&t, &legs[2], "Per mail", None).await;
        let link = format!("/invio/{}", token(&t, &legs[0]).await);
        let fields = [("outcome", "answer"), ("text", "Per collegamento"), ("external_code", "PROT-77"), ("signed", "Ada")];
        let file = File { field: "files", name: "esito.pdf", media_type: "application/pdf", bytes: b"%PDF-1.4" };
        t.browser().post_files(&link, &fields, &[file]).await.expect(303);
        assert_eq!(counters(&t, &code).await, ("referred".to_owned(), 2, 4, 0));
        let referent = t.sign_in(Role::Referent).await;
        let page = format!("/referente/{code}/2");
        let sent = referent.post_files(&page, &[("outcome", "answer"), ("text", "Per account")], &[]).await.expect(303);
        assert!(referent.get(sent.location()).await.expect(200).has("Risposta inviata"));
        let api = t.api(Role::Agent).await;
        let path = format!("/api/v1/tickets/{code}/legs/4/answer");
        let done = api.post_json(&path, &json!({ "text": "Per programma" })).await.expect(200).json();
        assert_eq!((&done["leg_state"], &done["ticket_state"]), (&json!("answered"), &json!("open")));
        assert_eq!(counters(&t, &code).await, ("open".to_owned(), 0, 4, 0));

        let mut conn = t.kernel.db.read().await.unwrap();
        let views = views::legs_of(&mut conn, legs[0].ticket_id, Language::English).await.unwrap();
        let seen: Vec<(&str, Way)> = views.iter().map(|v| (v.leg.answer.as_str(), v.messages[0].way)).collect();
        let expected = [
            ("Per collegamento", Way::Link),
            ("Per account", Way::Account),
            ("Per mail", Way::Email),
            ("Per programma", Way::Account),
        ];
        assert_eq!(seen, expected);
        assert_eq!((views[0].unit.as_str(), views[0].leg.external_code.as_str()), ("Registry", "PROT-77"));
        assert_eq!(views[0].messages[0].files[0].name, "esito.pdf");
        let text = views::answer_text(&mut conn, &code, 1).await.unwrap();
        assert_eq!(text.as_deref(), Some("Per collegamento"));
        drop(conn);
        let public = t.number("SELECT COUNT(*) FROM contacts WHERE leg_id IS NOT NULL AND public").await;
        assert_eq!(public, 0, "what units write never reaches the citizen");
        let listed = api.get_json(&format!("/api/v1/tickets/{code}/legs")).await.expect(200).json();
        assert_eq!(listed[0]["external_code"], "PROT-77");
    }

    async fn what_comes_after_the_answer_is_added_to_it(t: TestApp) {
        let code = ticket(&t).await;
        let (_, leg) = send(&t, &code, "anagrafe", LegKind::Inquiry).await.unwrap();
        mail(&t, &leg, "È pronta.", None).await;
        mail(&t, &leg, "Si ritira il martedì.", None).await;
        let answer = t.texts("SELECT answer FROM legs").await;
        assert_eq!(answer, ["È pronta.\n\nSi ritira il martedì."]);
        assert_eq!(counters(&t, &code).await, ("open".to_owned(), 0, 1, 0));
    }

    async fn a_word_on_progress_or_an_automatic_mail_leaves_the_leg_with_the_unit(t: TestApp) {
        let code = ticket(&t).await;
        let (_, leg) = send(&t, &code, "anagrafe", LegKind::Competence).await.unwrap();
        mail(&t, &leg, "Sono fuori ufficio", Some("auto-submitted")).await;
        let link = format!("/invio/{}", token(&t, &leg).await);
        t.browser().post_files(&link, &[("outcome", "progress"), ("text", "Ci lavoriamo")], &[]).await.expect(303);
        assert_eq!(leg_state(&t, &leg).await, "sent");
        assert_eq!(counters(&t, &code).await, ("referred".to_owned(), 1, 1, 0));
        let page = t.browser().get(&link).await.expect(200);
        assert!(page.has("Ci lavoriamo") && page.has("Sono fuori ufficio"));
    }

    async fn not_ours_needs_a_reason_and_gives_the_ticket_back(t: TestApp) {
        let code = ticket(&t).await;
        let (_, leg) = send(&t, &code, "asl-prevention", LegKind::Competence).await.unwrap();
        let link = format!("/invio/{}", token(&t, &leg).await);
        let refused = t.browser().post_files(&link, &[("outcome", "not_ours"), ("text", " ")], &[]).await.expect(422);
        assert!(refused.has("Scrivete il testo"));
        let fields = [("outcome", "not_ours"), ("text", "Se ne occupa la Provincia")];
        t.browser().post_files(&link, &fields, &[]).await.expect(303);
        assert_eq!(leg_state(&t, &leg).await, "returned");
        assert_eq!(t.texts("SELECT reason FROM legs").await, ["Se ne occupa la Provincia"]);
        assert_eq!(counters(&t, &code).await, ("open".to_owned(), 0, 1, 1));
        t.browser().post_files(&link, &fields, &[]).await.expect(409);
        assert!(t.event_kinds().await.contains(&"leg.refused".to_owned()));
    }

    async fn two_answers_at_once_settle_the_leg_once_and_both_are_kept(t: TestApp) {
        for _ in 0..5 {
            let code = ticket(&t).await;
            let (_, leg) = send(&t, &code, "anagrafe", LegKind::Inquiry).await.unwrap();
            send(&t, &code, "asl-prevention", LegKind::Inquiry).await.unwrap();
            let link = token(&t, &leg).await;
            let door = Door::token(&link);
            let (one, two) = tokio::join!(
                answer::write(&t.kernel, &door, written("Uno")),
                answer::write(&t.kernel, &door, written("Due")),
            );
            one.unwrap();
            two.unwrap();
            assert_eq!(counters(&t, &code).await, ("referred".to_owned(), 1, 2, 1));
            let answer = t.texts(&format!("SELECT answer FROM legs WHERE id = {}", leg.id)).await.remove(0);
            assert!(["Uno\n\nDue", "Due\n\nUno"].contains(&answer.as_str()), "{answer}");
            let settled = t.number(&format!("SELECT COUNT(*) FROM events WHERE kind = 'leg.answered' AND ticket_id = {}", leg.ticket_id)).await;
            assert_eq!(settled, 1);
        }
    }

    async fn a_form_sent_twice_is_one_message(t: TestApp) {
        let code = ticket(&t).await;
        let (_, leg) = send(&t, &code, "anagrafe", LegKind::Inquiry).await.unwrap();
        let link = format!("/invio/{}", token(&t, &leg).await);
        let key = t.browser().get(&link).await.between("name=\"key\" value=\"", "\"").unwrap().to_owned();
        let fields = [("outcome", "answer"), ("text", "Pronta"), ("key", key.as_str())];
        let (here, there) = (t.browser(), t.browser());
        let (one, two) = tokio::join!(here.post_files(&link, &fields, &[]), there.post_files(&link, &fields, &[]));
        assert_eq!((one.status, two.status), (303, 303));
        assert_eq!(t.texts("SELECT answer FROM legs").await, ["Pronta"]);
        assert_eq!(t.number("SELECT COUNT(*) FROM contacts WHERE leg_id IS NOT NULL").await, 1);
    }
}
