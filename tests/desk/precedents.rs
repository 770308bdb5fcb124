//! Resolved tickets beside a new one, and what it is probably about.
use std::time::Duration;

use sportello::kernel::events::Actor;
use sportello::kernel::language::Language;
use sportello::knowledge::model::{Audience, Maturity, SheetCode, SheetDraft, SheetText};
use sportello::knowledge::search::{self, Reader};
use sportello::knowledge::sheets::{self, Basis};

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

/// Publishes a sheet of a category, whose requests go to a unit of its own if it names one.
async fn sheet(t: &TestApp, code: &str, title: &str, category: &str, route: Option<&str>) {
    let text = SheetText {
        title: title.to_owned(),
        summary: format!("In breve: {title}."),
        public_text: "Si chiede allo sportello.".to_owned(),
        ..SheetText::empty(Language::Italian)
    };
    let code = SheetCode::parse(code).unwrap();
    let mut draft = SheetDraft::new(code, Audience::Public, Maturity::Whole, vec![text]);
    draft.category = Some(category.to_owned());
    draft.details.route = route.map(str::to_owned);
    sheets::save(&t.kernel, Actor::System, draft, Basis::Any).await.unwrap();
}

/// Waits until a search finds a sheet.
async fn found(t: &TestApp, words: &str) {
    for _ in 0..200 {
        let index = &t.services.knowledge;
        if !search::search(&t.kernel, index, words, Language::Italian, Reader::Agent, 5).await.unwrap().is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("{words} was not found");
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

    async fn sheets_say_what_a_new_ticket_is_about_and_who_is_competent_before_any_ticket_was_resolved(t: TestApp) {
        let agent = t.sign_in(Role::Agent).await;
        t.start_background();
        // Both of one class, for which the front office is competent; one of them sends requests elsewhere.
        sheet(&t, "AMB-01", "Ritiro di divani e mobili", "waste/bulky", None).await;
        sheet(&t, "AMB-02", "Rimozione dell'amianto", "waste/bulky", Some("asl-prevention")).await;
        sheet(&t, "ANA-01", "Rinnovo della carta di identità", "anagrafe/identity-card", None).await;
        for words in ["divani", "amianto", "rinnovo"] {
            found(&t, words).await;
        }
        let api = t.api(Role::Agent).await;
        let said = async |id: &str, subject: &str, text: &str| {
            let code = contact(&t, id, &format!("n{id}@example.org"), subject, text).await;
            api.get(&format!("/api/v1/tickets/{code}/similar")).await.expect(200).json()
        };
        let first = |said: &serde_json::Value| {
            (said["categories"][0]["category"].clone(), said["units"][0]["unit"].clone())
        };
        let card = said("1", "Carta di identità", "Come rinnovo la carta di identità?").await;
        assert_eq!(first(&card), (json!("anagrafe/identity-card"), json!("anagrafe")), "{card}");
        assert_eq!(card["similar"], json!([]), "no ticket was resolved yet");
        let asbestos = said("2", "Amianto", "Chi fa la rimozione dell'amianto dal tetto?").await;
        assert_eq!(first(&asbestos), (json!("waste/bulky"), json!("asl-prevention")), "{asbestos}");
        // Two things in one message: both are named, none for sure.
        let both = said("3", "", "Devo fare il rinnovo della carta di identità. E poi la rimozione dell'amianto.").await;
        let units: Vec<_> = both["units"].as_array().unwrap().iter().map(|u| u["unit"].as_str().unwrap()).collect();
        assert!(units.contains(&"anagrafe") && units.contains(&"asl-prevention"), "{both}");
        assert!(both["categories"][0]["confidence"].as_f64().unwrap() < 0.95, "{both}");

        // A resolved ticket in the same words says more than a sheet does.
        closed(&t, &agent, "4", "Carta di identità", "Come rinnovo la carta di identità?", "waste").await;
        learnt(&t, 1).await;
        let card = said("5", "Carta di identità", "Come rinnovo la carta di identità?").await;
        assert_eq!(card["categories"][0]["category"], "waste", "{card}");
        assert_eq!(card["categories"][1]["category"], "anagrafe/identity-card", "{card}");
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
