//! Sending legs: states, counters, mails, and who may receive.
use sportello::network::{LegError, LegKind};

use super::*;

on_each_engine! {
    async fn a_leg_for_competence_or_inquiry_makes_the_ticket_wait(t: TestApp) {
        for (kind, external) in [(LegKind::Competence, 0), (LegKind::Inquiry, 0)] {
            let code = ticket(&t).await;
            send(&t, &code, "anagrafe", kind).await.unwrap();
            assert_eq!(counters(&t, &code).await, ("referred".to_owned(), 1, 1, external), "{kind:?}");
        }
    }

    async fn a_leg_for_knowledge_changes_neither_state_nor_figures(t: TestApp) {
        let code = ticket(&t).await;
        let (_, leg) = send(&t, &code, "asl-prevention", LegKind::Knowledge).await.unwrap();
        assert_eq!(counters(&t, &code).await, ("new".to_owned(), 0, 0, 0));
        mail(&t, &leg, "Grazie, ne prendiamo nota.", None).await;
        assert_eq!(counters(&t, &code).await, ("new".to_owned(), 0, 0, 0));
        assert_eq!(leg_state(&t, &leg).await, "answered");
    }

    async fn a_leg_to_another_agency_counts_as_external(t: TestApp) {
        let code = ticket(&t).await;
        let (_, first) = send(&t, &code, "anagrafe", LegKind::Inquiry).await.unwrap();
        let (ticket, second) = send(&t, &code, "asl-prevention", LegKind::Competence).await.unwrap();
        assert_eq!((first.number, second.number), (1, 2));
        assert_eq!((first.external, second.external), (false, true));
        assert_eq!(counters(&t, &code).await, ("referred".to_owned(), 2, 2, 1));
        assert!(!ticket.strict_front_office() && !ticket.wide_front_office());
    }

    async fn the_mail_holds_what_the_kind_of_leg_needs_and_no_more(t: TestApp) {
        for (kind, citizen) in [(LegKind::Competence, true), (LegKind::Inquiry, false), (LegKind::Knowledge, false)] {
            let code = ticket(&t).await;
            let (ticket, leg) = send(&t, &code, "anagrafe", kind).await.unwrap();
            let mail = t.texts(&format!("SELECT payload FROM outbox WHERE leg_id = {}", leg.id)).await.remove(0);
            let mail: serde_json::Value = serde_json::from_str(&mail).unwrap();
            let (subject, text) = (mail["subject"].as_str().unwrap(), mail["text"].as_str().unwrap());
            assert!(subject.contains(&sportello::network::model::leg_code(&ticket.code, 1)), "{subject}");
            assert!(text.contains(REQUEST) && text.contains("A che punto è la pratica?"), "{text}");
            assert_eq!(text.contains("anna.neri@example.com"), citizen, "{kind:?}: {text}");
            let to = t.texts(&format!("SELECT recipient FROM outbox WHERE leg_id = {}", leg.id)).await;
            assert_eq!(to, ["anagrafe@example.it"]);
            let known = t.number(&format!("SELECT COUNT(*) FROM message_ids WHERE leg_id = {}", leg.id)).await;
            assert_eq!(known, 1, "an answer to the mail finds its leg");
        }
    }

    async fn a_back_office_receives_from_its_own_agency_or_from_an_entry_point(t: TestApp) {
        let code = ticket(&t).await;
        t.execute("UPDATE tickets SET owner_unit_id = 2").await;
        assert!(matches!(send(&t, &code, "asl-prevention", LegKind::Inquiry).await, Err(LegError::Scope)));
        send(&t, &code, "anagrafe", LegKind::Inquiry).await.unwrap();
        t.execute("UPDATE tickets SET owner_unit_id = 1").await;
        send(&t, &code, "asl-prevention", LegKind::Inquiry).await.unwrap();
    }

    async fn a_leg_is_refused_without_question_to_its_own_unit_or_to_nobody(t: TestApp) {
        let code = ticket(&t).await;
        let api = t.api(Role::Agent).await;
        let path = format!("/api/v1/tickets/{code}/legs");
        let leg = |unit: &str, question: &str| json!({ "unit": unit, "kind": "inquiry", "question": question });
        api.post_json(&path, &leg("anagrafe", " ")).await.expect(422);
        api.post_json(&path, &leg("nowhere", "Quando?")).await.expect(422);
        api.post_json(&path, &leg("contact-centre", "Quando?")).await.expect(422);
        api.post_json(&path, &json!({ "unit": "anagrafe", "kind": "gossip", "question": "?" })).await.expect(422);
        t.execute("UPDATE units SET email = '' WHERE id = 4; UPDATE agencies SET email = '' WHERE id = 2").await;
        let refused = api.post_json(&path, &leg("asl-prevention", "Quando?")).await.expect(422).json();
        assert_eq!(refused["code"], "unit_unreachable");
        assert_eq!(t.number("SELECT COUNT(*) FROM legs").await, 0);
        assert_eq!(counters(&t, &code).await.0, "new");
    }

    async fn an_agent_finds_the_unit_and_sends_from_the_desk(t: TestApp) {
        let code = ticket(&t).await;
        let agent = t.sign_in(Role::Agent).await;
        let path = format!("/scrivania/pratiche/{code}/invii");
        let page = agent.get(&format!("{path}/nuovo?q=prova")).await.expect(200);
        assert!(page.has("value=\"anagrafe\"") && page.has("value=\"asl-prevention\""), "{}", page.body);
        assert!(!page.has("value=\"contact-centre\""), "not to its owner");
        let page = agent.get(&format!("{path}/nuovo?q=PREVENZIONE")).await.expect(200);
        assert!(!page.has("value=\"anagrafe\"") && page.has("value=\"asl-prevention\""));
        let version = page.between("name=\"version\" value=\"", "\"").unwrap().to_owned();
        let fields = [("unit", "asl-prevention"), ("kind", "inquiry"), ("version", version.as_str())];
        let refused = agent.post_form(&path, &fields).await.expect(422);
        assert!(refused.has("Scrivi che cosa chiedi"));
        let fields = [fields[0], fields[1], fields[2], ("question", "Serve una visita?")];
        let sent = agent.post_form(&path, &fields).await.expect(303);
        assert_eq!(sent.location(), format!("/scrivania/pratiche/{code}"));
        let refused = agent.post_form(&path, &fields).await.expect(412);
        assert!(refused.has("Serve una visita?"), "what was written is kept");
        assert_eq!(counters(&t, &code).await, ("referred".to_owned(), 1, 1, 1));
    }

    async fn a_leg_is_withdrawn_once_and_its_ticket_comes_back(t: TestApp) {
        let code = ticket(&t).await;
        let (_, leg) = send(&t, &code, "anagrafe", LegKind::Competence).await.unwrap();
        let link = format!("/invio/{}", token(&t, &leg).await);
        let agent = t.sign_in(Role::Agent).await;
        let path = format!("/scrivania/pratiche/{code}/invii/1/ritira");
        agent.post_form(&path, &[]).await.expect(422);
        agent.post_form(&path, &[("reason", "Ha richiamato: è risolto")]).await.expect(303);
        assert_eq!(counters(&t, &code).await, ("open".to_owned(), 0, 1, 0));
        agent.post_form(&path, &[("reason", "Ancora")]).await.expect(409);
        let page = t.browser().get(&link).await.expect(410);
        assert!(page.has("ritirata") && !page.has(REQUEST));
        let answer = t.browser().post_files(&link, &[("outcome", "answer"), ("text", "Pronta")], &[]).await.expect(410);
        assert!(answer.has("non serve più una risposta"));
        mail(&t, &leg, "È pronta da ieri.", None).await;
        assert_eq!(leg_state(&t, &leg).await, "withdrawn");
        assert_eq!(t.number("SELECT COUNT(*) FROM contacts WHERE leg_id IS NOT NULL").await, 1, "a mail is never lost");
    }

    async fn units_are_listed_for_programs(t: TestApp) {
        let api = t.api(Role::Integration).await;
        let all = api.get_json("/api/v1/units").await.expect(200).json();
        assert_eq!(all.as_array().unwrap().len(), 4);
        let found = api.get_json("/api/v1/units?q=prevenzione").await.expect(200).json();
        assert_eq!((&found[0]["slug"], &found[0]["external"]), (&json!("asl-prevention"), &json!(true)));
    }
}
