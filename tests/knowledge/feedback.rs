//! What citizens say of a sheet: the form in one go and in steps, what is kept of it, who reads it.
use sportello::knowledge::model::Audience;

use crate::support::*;
use crate::{draft, save};

const FORM: &str = "/sportello/schede/ANA-30/valutazione";

async fn sheet(t: &TestApp) {
    save(t, draft("ANA-30", Audience::Public, "Cambio di residenza", "Si dichiara entro venti giorni.")).await;
}

async fn said(t: &TestApp) -> Vec<String> {
    t.texts("SELECT CAST(rate AS TEXT) || '|' || reason || '|' || comment || '|' || CAST(version AS TEXT) || '|' || lang FROM sheet_feedback ORDER BY id").await
}

on_each_engine! {
    async fn the_page_of_a_sheet_carries_the_national_feedback_component(t: TestApp) {
        sheet(&t).await;
        let page = t.browser().get("/sportello/schede/ANA-30?lang=it").await.expect(200);
        for mark in ["feedback", "feedback-title", "feedback-rating-positive", "feedback-rating-negative", "feedback-input-text"] {
            assert_eq!(page.body.matches(&format!("data-element=\"{mark}\"")).count(), 1, "{mark}");
        }
        for n in 1..=5 {
            assert!(page.has(&format!("data-element=\"feedback-rate-{n}\"")), "{n} stars");
        }
        assert_eq!(page.body.matches("data-element=\"feedback-rating-answer\"").count(), 10);
        for text in [
            "Quanto sono chiare le informazioni su questa pagina?",
            "Quali sono stati gli aspetti che hai preferito?",
            "Le indicazioni erano chiare",
            "Le indicazioni erano complete",
            "Capivo sempre che stavo procedendo correttamente",
            "Non ho avuto problemi tecnici",
            "Dove hai incontrato le maggiori difficoltà?",
            "A volte le indicazioni non erano chiare",
            "A volte le indicazioni non erano complete",
            "A volte non capivo se stavo procedendo correttamente",
            "Ho avuto problemi tecnici",
            "Altro",
        ] {
            assert!(page.has(&format!(">{text}<")), "{text}");
        }
        assert!(page.has("maxlength=\"200\""));
    }

    async fn a_rating_in_one_go_is_kept_for_version_and_language_without_who_gave_it(t: TestApp) {
        sheet(&t).await;
        save(&t, draft("ANA-30", Audience::Public, "Cambio di residenza", "Si dichiara entro trenta giorni.")).await;
        let citizen = t.browser();
        let fields = [
            ("rate", "2"), ("liked", "clear"), ("difficulty", "incomplete"), ("version", "1"), ("lang", "it"),
            ("comment", "Scrivetemi a anna.neri@example.it o al 333 1234567: manca il 03/05/2026"),
        ];
        let to = citizen.post_form(FORM, &fields).await.expect(303);
        assert!(citizen.get(to.location()).await.expect(200).has("Grazie, il tuo parere"));
        assert_eq!(said(&t).await, ["2|incomplete|Scrivetemi a […] o al […]: manca il 03/05/2026|1|it"]);
        assert_eq!(t.number("SELECT COUNT(*) FROM sheet_feedback WHERE user_id IS NULL AND ticket_id IS NULL").await, 1);
        assert_eq!(t.texts("SELECT data FROM events WHERE kind = 'sheet.rated'").await.len(), 1);
        assert!(!t.texts("SELECT data FROM events WHERE kind = 'sheet.rated'").await[0].contains("manca"));
    }

    async fn without_style_sheets_a_rating_goes_by_steps(t: TestApp) {
        sheet(&t).await;
        let citizen = t.browser();
        let nothing = citizen.post_form(FORM, &[("version", "1")]).await.expect(422);
        assert!(nothing.has("Scegli da 1 a 5 stelle"), "{}", nothing.body);

        let second = citizen.post_form(FORM, &[("rate", "4"), ("version", "1"), ("lang", "it")]).await.expect(200);
        assert!(second.has("rating-high") && second.has("name=\"step\" value=\"2\""), "{}", second.body);
        assert!(second.has("value=\"4\" required checked"), "the stars stay chosen: {}", second.body);

        // A reason of bad ratings does not fit four stars.
        let fields = [("rate", "4"), ("step", "2"), ("difficulty", "lost"), ("liked", "lost"), ("version", "1"), ("lang", "it")];
        assert!(citizen.post_form(FORM, &fields).await.expect(422).has("Scegli una delle risposte"));
        let fields = [("rate", "4"), ("step", "2"), ("liked", "guided"), ("version", "1"), ("lang", "it")];
        citizen.post_form(FORM, &fields).await.expect(303);
        assert_eq!(said(&t).await, ["4|guided||1|it"]);
    }

    async fn a_script_gets_only_the_component_back(t: TestApp) {
        sheet(&t).await;
        let citizen = t.browser();
        let fields = [("rate", "5"), ("liked", "clear"), ("version", "1"), ("lang", "it")];
        let part = citizen.post_fragment(FORM, &fields).await.expect(200);
        assert!(part.has("Grazie, il tuo parere") && !part.has("<html"), "{}", part.body);
        let long = "x".repeat(201);
        let fields = [("rate", "5"), ("liked", "clear"), ("comment", long.as_str())];
        let part = citizen.post_fragment(FORM, &fields).await.expect(422);
        assert!(part.has("troppo lungo") && part.has(&long), "what was written stays");
    }

    async fn ratings_are_limited_and_robots_are_left_aside(t: TestApp) {
        sheet(&t).await;
        let citizen = t.browser();
        let robot = [("rate", "1"), ("difficulty", "other"), ("website", "https://spam.example")];
        citizen.post_form(FORM, &robot).await.expect(303);
        assert_eq!(said(&t).await, Vec::<String>::new());
        let fields = [("rate", "5"), ("liked", "smooth"), ("version", "99"), ("lang", "en")];
        let most = t.kernel.config.citizen.ratings_per_hour;
        for _ in 1..most {
            citizen.post_form(FORM, &fields).await.expect(303);
        }
        assert!(citizen.post_form(FORM, &fields).await.expect(429).has("molte valutazioni"));
        // A version that never was, and a language the sheet has not, count as what is there.
        assert_eq!(said(&t).await.len(), usize::try_from(most - 1).unwrap());
        assert!(said(&t).await.iter().all(|row| row == "5|smooth||1|it"));
    }

    async fn only_public_sheets_can_be_rated(t: TestApp) {
        for (code, audience) in [("URP-31", Audience::Internal), ("URP-32", Audience::Partners)] {
            save(&t, draft(code, audience, "Non per tutti", "Testo.")).await;
            let path = format!("/sportello/schede/{code}/valutazione");
            let citizen = t.browser();
            citizen.get(&path).await.expect(404);
            citizen.get(&format!("{path}/grazie")).await.expect(404);
            citizen.post_form(&path, &[("rate", "5"), ("liked", "clear")]).await.expect(404);
        }
        assert_eq!(said(&t).await, Vec::<String>::new());
    }

    async fn editors_see_counts_and_comments_and_settle_them(t: TestApp) {
        sheet(&t).await;
        let citizen = t.browser();
        for (rate, liked, difficulty, comment) in
            [("5", "clear", "", ""), ("4", "clear", "", "Tutto chiaro"), ("1", "", "lost", "Quale modulo serve?")]
        {
            let fields = [("rate", rate), ("liked", liked), ("difficulty", difficulty), ("comment", comment), ("version", "1"), ("lang", "it")];
            citizen.post_form(FORM, &fields).await.expect(303);
        }
        let agent = t.sign_in(Role::Agent).await;
        let desk = agent.get("/scrivania/schede/ANA-30").await.expect(200);
        assert!(desk.has("3,3 stelle su 5 (3 valutazioni)"), "{}", desk.body);
        assert!(desk.has("/scrivania/schede/valutazioni?scheda=ANA-30"));

        let list = "/scrivania/schede/valutazioni";
        let page = agent.get(list).await.expect(200);
        assert!(page.has("Quale modulo serve?") && page.has("Tutto chiaro"), "{}", page.body);
        assert_eq!(page.body.matches("class=\"rating-said\"").count(), 2);
        let low = agent.get("/scrivania/schede/valutazioni?stelle=basse&scheda=ana30").await.expect(200);
        assert!(low.has("Quale modulo serve?") && !low.has("Tutto chiaro"));
        let all = agent.get("/scrivania/schede/valutazioni?mostra=tutte").await.expect(200);
        assert!(all.has("5 stelle"));
        assert!(!agent.get("/scrivania/schede/valutazioni?chi=agent").await.expect(200).has("Tutto chiaro"));
        assert!(!agent.get("/scrivania/schede/valutazioni?scheda=ANA-31").await.expect(200).has("Tutto chiaro"));

        let id = t.number("SELECT id FROM sheet_feedback WHERE rate = 1").await;
        agent.post_form(&format!("{list}/{id}"), &[("done", "yes"), ("next", list)]).await.expect(303);
        assert!(!agent.get(list).await.expect(200).has("Quale modulo serve?"));
        let seen = agent.get("/scrivania/schede/valutazioni?stato=tutte").await.expect(200);
        assert!(seen.has("Quale modulo serve?") && seen.has("Vista il"));
        agent.post_form(&format!("{list}/{id}"), &[("done", "no")]).await.expect(303);
        assert!(agent.get(list).await.expect(200).has("Quale modulo serve?"));
        agent.post_form(&format!("{list}/999999"), &[("done", "yes")]).await.expect(404);

        let api = t.api(Role::Agent).await;
        let counts = api.get_json("/api/v1/knowledge/sheets/ANA-30/feedback").await.expect(200).json();
        assert_eq!(counts["ratings"], 3);
        assert_eq!(counts["average"].as_f64().map(|a| (a * 100.0).round()), Some(333.0));
        assert_eq!(counts["counts"].as_array().unwrap().len(), 3);
        let items = api.get_json("/api/v1/knowledge/feedback?rating=low").await.expect(200).json();
        assert_eq!(items["items"].as_array().unwrap().len(), 1);
        assert_eq!(items["items"][0]["comment"], "Quale modulo serve?");
        api.get_json("/api/v1/knowledge/feedback?rating=worst").await.expect(422);
        t.api(Role::Integration).await.get_json("/api/v1/knowledge/feedback").await.expect(403);
        t.browser().get_json("/api/v1/knowledge/sheets/ANA-30/feedback").await.expect(401);
    }

    async fn feedback_on_what_one_may_not_read_stays_hidden(t: TestApp) {
        sheet(&t).await;
        t.browser().post_form(FORM, &[("rate", "2"), ("difficulty", "lost"), ("comment", "Prima pubblica")]).await.expect(303);
        save(&t, draft("ANA-30", Audience::Internal, "Cambio di residenza", "Solo per noi.")).await;
        // A referent of the own agency reads internal sheets, one of another body does not.
        assert!(t.sign_in(Role::Referent).await.get("/scrivania/schede/valutazioni").await.expect(200).has("Prima pubblica"));
        t.add_user("asl@example.net", Role::Referent, &["asl-prevention"]).await;
        let partner = t.sign_in_as("asl@example.net").await;
        assert!(!partner.get("/scrivania/schede/valutazioni").await.expect(200).has("Prima pubblica"));
        let id = t.number("SELECT id FROM sheet_feedback").await;
        partner.post_form(&format!("/scrivania/schede/valutazioni/{id}"), &[("done", "yes")]).await.expect(404);
    }

    async fn the_home_page_and_the_lists_are_rated_with_the_same_form(t: TestApp) {
        sheet(&t).await;
        let citizen = t.browser();
        let places = [("/?lang=it", "home"), ("/sportello/schede", "services"), ("/sportello/schede?area=anagrafe", "services%2Fanagrafe")];
        for (path, name) in places {
            let page = citizen.get(path).await.expect(200);
            assert_eq!(page.body.matches("data-element=\"feedback\"").count(), 1, "{path}");
            assert!(page.has(&format!("action=\"/sportello/valutazione?pagina={name}#rating\"")), "{path}: {}", page.body);
            let fields = [("rate", "5"), ("liked", "clear"), ("comment", "Bene, 333 1234567"), ("lang", "it")];
            let to = citizen.post_form(&format!("/sportello/valutazione?pagina={name}"), &fields).await.expect(303);
            assert!(citizen.get(to.location()).await.expect(200).has("Grazie, il tuo parere"), "{path}");
        }
        // Without the reason the second step asks for it; what is searched and what is no page is not rated.
        let asked = citizen.post_form("/sportello/valutazione?pagina=home", &[("rate", "2"), ("lang", "it")]).await.expect(200);
        assert!(asked.has("rating-low") && asked.has("name=\"step\" value=\"2\""), "{}", asked.body);
        assert!(!citizen.get("/sportello/schede/cerca?q=residenza").await.expect(200).has("data-element=\"feedback\""));
        citizen.post_form("/sportello/valutazione?pagina=services%2Fnulla", &[("rate", "5")]).await.expect(404);
        citizen.get("/sportello/valutazione?pagina=altro").await.expect(404);

        let said = t.texts("SELECT place || '|' || CAST(rate AS TEXT) || '|' || reason || '|' || comment FROM page_feedback ORDER BY id").await;
        assert_eq!(said, ["home|5|clear|Bene, […]", "services|5|clear|Bene, […]", "services/anagrafe|5|clear|Bene, […]"]);
        assert_eq!(t.number("SELECT COUNT(*) FROM sheet_feedback").await, 0);

        let editor = t.sign_in(Role::Supervisor).await;
        let at = "/scrivania/schede/valutazioni/pagine";
        let page = editor.get(at).await.expect(200);
        assert!(page.has("La pagina iniziale") && page.has("5,0") && page.has("Bene, […]"), "{}", page.body);
        let id = t.number("SELECT MIN(id) FROM page_feedback").await;
        editor.post_form(&format!("{at}/{id}"), &[("done", "yes")]).await.expect(303);
        assert_eq!(t.number("SELECT COUNT(*) FROM page_feedback WHERE settled_at IS NOT NULL").await, 1);
        t.sign_in(Role::Agent).await.post_form(&format!("{at}/{id}"), &[("done", "no")]).await.expect(403);
    }
}
