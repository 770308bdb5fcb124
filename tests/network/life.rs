//! The life of a leg on its page: taken in charge, refused in time with a suggestion that is followed by one click, asked
//! about, its works; and what none of them may do.
use sportello::network::LegKind;

use super::*;

async fn link(t: &TestApp, leg: &Leg) -> String {
    format!("/invio/{}", token(t, leg).await)
}

async fn post(t: &TestApp, link: &str, status: u16, fields: &[(&str, &str)]) -> Answer {
    t.browser().post_files(link, fields, &[]).await.expect(status)
}

on_each_engine! {
    async fn a_unit_takes_charge_and_the_desk_reads_who_and_when(t: TestApp) {
        let code = ticket(&t).await;
        let (before, leg) = send(&t, &code, "anagrafe", LegKind::Competence).await.unwrap();
        let link = link(&t, &leg).await;
        assert!(t.browser().get(&link).await.expect(200).has("Ce ne occupiamo noi"));
        let done = post(&t, &link, 303, &[("outcome", "accept"), ("signed", "Ugo Bassi")]).await;
        let page = t.browser().get(done.location()).await.expect(200);
        assert!(page.has("Presa in carico") && !page.has("Ce ne occupiamo noi"), "{}", page.body);
        post(&t, &link, 303, &[("outcome", "accept"), ("signed", "Qualcun altro")]).await;
        assert_eq!(t.texts("SELECT accepted_by FROM legs").await, ["Ugo Bassi"], "who came first");
        assert_eq!(t.number("SELECT version FROM tickets").await, before.version, "nobody's form becomes stale");
        let desk = t.sign_in(Role::Agent).await.get(&format!("/scrivania/pratiche/{code}")).await.expect(200);
        assert!(desk.has("da Ugo Bassi") && desk.has("ha preso in carico l’invio 1"), "{}", desk.body);
        assert_eq!(counters(&t, &code).await, ("referred".to_owned(), 1, 1, 0));
    }

    async fn a_refusal_with_a_suggestion_is_followed_by_one_click_and_only_once(t: TestApp) {
        let code = ticket(&t).await;
        let (_, leg) = send(&t, &code, "anagrafe", LegKind::Competence).await.unwrap();
        let link = link(&t, &leg).await;
        let page = t.browser().get(&format!("{link}?passo=non-nostra")).await.expect(200);
        assert!(page.has("value=\"asl-prevention\"") && !page.has("value=\"anagrafe\""), "{}", page.body);
        let fields = [("outcome", "not_ours"), ("text", "Riguarda la salute"), ("suggests", "nowhere")];
        let refused = post(&t, &link, 422, &fields).await;
        assert!(refused.has("Riguarda la salute") && refused.has("Scegliete una struttura"));
        post(&t, &link, 303, &[fields[0], fields[1], ("suggests", "asl-prevention")]).await;
        assert_eq!(counters(&t, &code).await, ("open".to_owned(), 0, 1, 0));
        let agent = t.sign_in(Role::Agent).await;
        let desk = agent.get(&format!("/scrivania/pratiche/{code}")).await.expect(200);
        assert!(desk.has("Manda a Prevenzione"), "{}", desk.body);
        let path = format!("/scrivania/pratiche/{code}/invii/1/segui");
        agent.post_form(&path, &[]).await.expect(303);
        assert_eq!(counters(&t, &code).await, ("referred".to_owned(), 1, 2, 1));
        assert_eq!(t.texts("SELECT question FROM legs ORDER BY number").await, ["A che punto è la pratica?"; 2]);
        assert_eq!(t.number("SELECT follows_id FROM legs WHERE number = 2").await, leg.id);
        agent.post_form(&path, &[]).await.expect(409);
        assert!(!agent.get(&format!("/scrivania/pratiche/{code}")).await.expect(200).has("Manda a Prevenzione"));
    }

    async fn after_two_working_days_a_unit_asks_instead_of_refusing_and_an_agent_refuses_for_it(t: TestApp) {
        let code = ticket(&t).await;
        let (_, leg) = send(&t, &code, "anagrafe", LegKind::Inquiry).await.unwrap();
        let link = link(&t, &leg).await;
        // Monday the second of March: until the end of Wednesday.
        t.clock.advance(SignedDuration::from_hours(24 * 2 + 14));
        assert!(t.browser().get(&link).await.expect(200).has("ditelo entro il 4 marzo 2026"));
        t.clock.advance(SignedDuration::from_hours(1));
        let page = t.browser().get(&link).await.expect(200);
        assert!(!page.has("passo=non-nostra") && page.has("può restituirla per voi"), "{}", page.body);
        let late = [("outcome", "not_ours"), ("text", "Non è nostra")];
        assert!(post(&t, &link, 409, &late).await.has("termine"));
        assert_eq!(leg_state(&t, &leg).await, "sent");
        let agent = t.api(Role::Agent).await;
        let path = format!("/api/v1/tickets/{code}/legs/1/refusal");
        agent.post_json(&path, &json!({ "reason": "Detto al telefono" })).await.expect(200);
        assert_eq!(leg_state(&t, &leg).await, "returned");
    }

    async fn the_days_to_refuse_are_a_setting_of_the_administrator(t: TestApp) {
        let admin = t.sign_in(Role::Admin).await;
        t.sign_in(Role::Supervisor).await.get("/scrivania/invii/regole").await.expect(403);
        assert!(admin.get("/scrivania/invii/regole").await.expect(200).has("name=\"refuse_days\""));
        admin.post_form("/scrivania/invii/regole", &[("refuse_days", "0")]).await.expect(422);
        admin.post_form("/scrivania/invii/regole", &[("refuse_days", "1"), ("refuse_working", "0")]).await.expect(303);
        let code = ticket(&t).await;
        let (_, leg) = send(&t, &code, "anagrafe", LegKind::Inquiry).await.unwrap();
        t.clock.advance(SignedDuration::from_hours(24 + 15));
        let link = link(&t, &leg).await;
        post(&t, &link, 409, &[("outcome", "not_ours"), ("text", "Non è nostra")]).await;
    }

    async fn a_question_stops_the_time_and_its_answer_starts_it_again(t: TestApp) {
        let code = ticket(&t).await;
        let (_, leg) = send(&t, &code, "anagrafe", LegKind::Inquiry).await.unwrap();
        let link = link(&t, &leg).await;
        let due = t.number("SELECT due_at FROM legs").await;
        post(&t, &link, 303, &[("outcome", "ask"), ("text", "Di quale carta si parla?"), ("of", "office")]).await;
        assert_eq!(leg_state(&t, &leg).await, "asked");
        assert_eq!(counters(&t, &code).await, ("open".to_owned(), 1, 1, 0), "somebody has to answer, and it is still awaited");
        let agent = t.sign_in(Role::Agent).await;
        assert!(agent.get(&format!("/scrivania/pratiche/{code}")).await.expect(200).has("Di quale carta si parla?"));
        t.clock.advance(SignedDuration::from_hours(24 * 7));
        let agent = t.sign_in(Role::Agent).await;
        let path = format!("/scrivania/pratiche/{code}/invii/1/rispondi");
        agent.post_form(&path, &[("text", "Della carta elettronica.")]).await.expect(303);
        assert_eq!(leg_state(&t, &leg).await, "sent", "it was not taken in charge");
        assert_eq!(counters(&t, &code).await, ("referred".to_owned(), 1, 1, 0));
        assert_eq!(t.number("SELECT due_at FROM legs").await - due, 7 * 86_400_000_000);
        assert!(t.browser().get(&link).await.expect(200).has("Della carta elettronica."));
        let mail = t.texts("SELECT payload FROM outbox WHERE purpose = 'leg_update'").await;
        assert!(mail.len() == 1 && mail[0].contains("Della carta elettronica."), "{mail:?}");
        agent.post_form(&path, &[("text", "Ancora")]).await.expect(409);
        let kinds = t.event_kinds().await;
        assert!(["leg.asked", "leg.informed"].iter().all(|kind| kinds.contains(&(*kind).to_owned())));
    }

    async fn only_who_is_competent_asks_the_citizen_and_the_front_office_approves(t: TestApp) {
        let code = ticket(&t).await;
        let (_, inquiry) = send(&t, &code, "anagrafe", LegKind::Inquiry).await.unwrap();
        let (_, leg) = send(&t, &code, "anagrafe", LegKind::Competence).await.unwrap();
        let question = [("outcome", "ask"), ("text", "Che giorno ha fatto la domanda?"), ("of", "citizen")];
        post(&t, &link(&t, &inquiry).await, 409, &question).await;
        post(&t, &link(&t, &leg).await, 303, &question).await;
        let replies = "SELECT COUNT(*) FROM outbox WHERE purpose = 'reply'";
        assert_eq!(t.number(replies).await, 0, "not before somebody approved it");
        let agent = t.sign_in(Role::Agent).await;
        agent.post_form(&format!("/scrivania/pratiche/{code}/invii/1/approva"), &[]).await.expect(409);
        agent.post_form(&format!("/scrivania/pratiche/{code}/invii/2/approva"), &[]).await.expect(303);
        assert_eq!(t.number(replies).await, 1);
        assert_eq!(counters(&t, &code).await.0, "waiting_citizen");
        agent.post_form(&format!("/scrivania/pratiche/{code}/invii/2/approva"), &[]).await.expect(409);
        assert_eq!(t.number(replies).await, 1);
    }

    async fn where_the_category_allows_it_the_competent_unit_answers_the_citizen(t: TestApp) {
        let code = ticket(&t).await;
        t.execute("UPDATE tickets SET category_id = 2").await;
        let (_, leg) = send(&t, &code, "anagrafe", LegKind::Competence).await.unwrap();
        let link = link(&t, &leg).await;
        let answer = [("outcome", "answer_citizen"), ("text", "La carta è pronta."), ("signed", "Ufficio anagrafe")];
        post(&t, &link, 409, &answer).await;
        let admin = t.sign_in(Role::Admin).await;
        let rules = [("answers", "anagrafe/identity-card")];
        admin.post_form("/scrivania/invii/regole", &rules).await.expect(303);
        assert!(t.browser().get(&format!("{link}?passo=risposta")).await.expect(200).has("Direttamente al cittadino"));
        post(&t, &link, 303, &answer).await;
        let mail = t.texts("SELECT payload FROM outbox WHERE purpose = 'reply'").await;
        assert!(mail.len() == 1 && mail[0].contains("La carta è pronta.") && mail[0].contains("Ufficio anagrafe"), "{mail:?}");
        assert_eq!(t.texts("SELECT recipient FROM outbox WHERE purpose = 'reply'").await, ["anna.neri@example.com"]);
        assert_eq!(counters(&t, &code).await, ("resolved".to_owned(), 0, 1, 0));
        let (_, inquiry) = {
            let code = super::ticket(&t).await;
            t.execute("UPDATE tickets SET category_id = 2").await;
            send(&t, &code, "anagrafe", LegKind::Inquiry).await.unwrap()
        };
        let link = format!("/invio/{}", token(&t, &inquiry).await);
        post(&t, &link, 409, &answer).await;
    }

    async fn works_are_announced_and_done_and_the_citizen_gets_the_day_and_nothing_else(t: TestApp) {
        let smtp = json!({ "host": "127.0.0.1", "port": 1, "from": "sportello@example.it" });
        let t = t.second_face(|config| config.mail.smtp = Some(serde_json::from_value(smtp).unwrap()));
        let code = ticket(&t).await;
        let (_, leg) = send(&t, &code, "asl-prevention", LegKind::Competence).await.unwrap();
        let link = link(&t, &leg).await;
        let planned = [("outcome", "works_planned"), ("text", "Serve una squadra in più")];
        assert!(post(&t, &link, 422, &planned).await.has("Indicate il giorno"));
        assert!(post(&t, &link, 422, &[planned[0], ("planned", "2026-03-01")]).await.has("già passato"));
        post(&t, &link, 303, &[planned[0], planned[1], ("planned", "2026-03-20")]).await;
        assert_eq!(leg_state(&t, &leg).await, "accepted");
        let notices = "SELECT payload FROM outbox WHERE purpose = 'notice' ORDER BY id";
        let told = t.texts(notices).await;
        assert!(told.len() == 1 && told[0].contains("20/03/2026") && !told[0].contains("squadra"), "{told:?}");
        post(&t, &link, 303, &[("outcome", "works_done"), ("text", "Sostituito il filtro")]).await;
        assert_eq!(leg_state(&t, &leg).await, "answered");
        let told = t.texts(notices).await;
        assert!(told.len() == 2 && told[1].contains("conclusi") && !told[1].contains("filtro"), "{told:?}");
        assert_eq!(counters(&t, &code).await, ("open".to_owned(), 0, 1, 1));
        post(&t, &link, 303, &[("outcome", "works_done"), ("text", "Di nuovo")]).await;
        assert_eq!(t.texts(notices).await.len(), 2, "never twice");
        let kinds = t.event_kinds().await;
        assert_eq!(kinds.iter().filter(|kind| kind.starts_with("leg.works")).count(), 2);
    }

    async fn who_is_only_informed_decides_nothing(t: TestApp) {
        let code = ticket(&t).await;
        let (_, leg) = send(&t, &code, "anagrafe", LegKind::Knowledge).await.unwrap();
        let link = link(&t, &leg).await;
        let page = t.browser().get(&link).await.expect(200);
        assert!(!page.has("passo=non-nostra") && !page.has("passo=chiedi") && !page.has("passo=lavori"));
        for fields in [
            [("outcome", "not_ours"), ("text", "No"), ("planned", "")],
            [("outcome", "ask"), ("text", "Chi?"), ("planned", "")],
            [("outcome", "works_planned"), ("text", "Da noi"), ("planned", "2026-03-20")],
            [("outcome", "works_done"), ("text", "Fatto"), ("planned", "")],
        ] {
            post(&t, &link, 409, &fields).await;
        }
        assert_eq!(t.number("SELECT COUNT(*) FROM outbox WHERE purpose = 'notice'").await, 0, "the citizen is told nothing");
        assert_eq!(leg_state(&t, &leg).await, "sent");
        assert_eq!(t.number("SELECT COUNT(*) FROM legs WHERE due_at IS NOT NULL OR remind_at IS NOT NULL").await, 0);
        let api = t.api(Role::Agent).await;
        api.post_json(&format!("/api/v1/tickets/{code}/close"), &json!({ "outcome": "answered" })).await.expect(200);
        post(&t, &link, 303, &[("outcome", "answer"), ("text", "Per noi nulla da dire.")]).await;
        assert_eq!(counters(&t, &code).await.0, "closed", "what they add opens nothing again");
        assert!(t.texts("SELECT body FROM contacts WHERE leg_id IS NOT NULL").await.contains(&"Per noi nulla da dire.".to_owned()));
    }

    async fn programs_do_what_pages_do(t: TestApp) {
        let code = ticket(&t).await;
        send(&t, &code, "anagrafe", LegKind::Competence).await.unwrap();
        let api = t.api(Role::Agent).await;
        let path = |act: &str| format!("/api/v1/tickets/{code}/legs/1/{act}");
        let done = api.post_json(&path("acceptance"), &json!({ "signed": "Ugo" })).await.expect(200).json();
        assert_eq!(done["leg_state"], "accepted");
        let done = api.post_json(&path("question"), &json!({ "text": "Dove?", "of": "office" })).await.expect(200).json();
        assert_eq!((&done["leg_state"], &done["ticket_state"]), (&json!("asked"), &json!("open")));
        let done = api.post_json(&path("information"), &json!({ "text": "In via Roma" })).await.expect(200).json();
        assert_eq!((&done["leg_state"], &done["ticket_state"]), (&json!("accepted"), &json!("referred")));
        let works = json!({ "planned": "2026-04-01", "text": "" });
        api.post_json(&path("works"), &works).await.expect(200);
        api.post_json(&path("recall"), &json!({ "reason": "" })).await.expect(422);
        let done = api.post_json(&path("recall"), &json!({ "reason": "Risolto" })).await.expect(200).json();
        assert_eq!((&done["leg_state"], &done["ticket_state"]), (&json!("withdrawn"), &json!("open")));
        let legs = api.get_json(&format!("/api/v1/tickets/{code}/legs")).await.expect(200).json();
        assert_eq!((&legs[0]["accepted_by"], &legs[0]["reason"]), (&json!("Ugo"), &json!("Risolto")));
        let table = api.get_json("/api/v1/purposes").await.expect(200).json();
        let row = |holder: &str, act: &str| table.as_array().unwrap().iter().find(|r| r["holder"] == holder && r["act"] == act).unwrap()["grant"].clone();
        assert_eq!((row("competence", "answer_citizen"), row("inquiry", "see_citizen")), (json!("if_allowed"), json!("no")));
    }
}
