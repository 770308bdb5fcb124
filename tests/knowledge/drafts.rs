//! Drafts, versions and the list of sheets for programs.
use sportello::kernel::events::Actor;
use sportello::kernel::language::Language;
use sportello::knowledge::model::{Audience, Maturity, SheetCode, SheetText};
use sportello::knowledge::sheets;

use crate::support::*;
use crate::{draft, save};

const HERE: &str = "/api/v1/knowledge/sheets/ANA-50/draft";

fn body(title: &str, text: &str) -> serde_json::Value {
    json!({"why": "La tariffa.", "content": draft("ANA-50", Audience::Public, title, text)})
}

on_each_engine! {
    async fn a_program_drafts_submits_sends_back_and_publishes(t: TestApp) {
        let (agent, referent) = (t.sign_in(Role::Agent).await, t.sign_in(Role::Referent).await);
        agent.get_json(HERE).await.expect(404);
        let put = reqwest::Method::PUT;
        let saved = agent.send_json(put.clone(), HERE, &body("Carta", "Uno.")).await.expect(200).json();
        assert_eq!((&saved["revision"], &saved["state"]), (&json!(1), &json!("draft")));
        let shown = agent.get_json(HERE).await.expect(200);
        assert_eq!((shown.header("etag"), &shown.json()["content"]["texts"][0]["title"]), ("\"1\"", &json!("Carta")));

        let over = |revision: &'static str, text: &'static str| {
            let request = agent.request(reqwest::Method::PUT, HERE).header("if-match", revision);
            request.json(&body("Carta", text))
        };
        let token = agent.csrf().await.unwrap();
        let second = agent.send(over("\"1\"", "Due.").header("x-csrf-token", &token)).await.expect(200).json();
        assert_eq!(second["revision"], 2);
        let stale = agent.send(over("\"1\"", "Tre.").header("x-csrf-token", &token)).await.expect(412).json();
        assert_eq!(stale["current_version"], 2);
        agent.send(over("\"2\"", "Senza segno.")).await.expect(403);
        let other = json!({"why": "", "content": draft("ANA-51", Audience::Public, "Altra", "Altra.")});
        agent.send_json(put.clone(), HERE, &other).await.expect(422);

        agent.post_json(&format!("{HERE}/submit"), &json!({"revision": 1})).await.expect(412);
        let submitted = agent.post_json(&format!("{HERE}/submit"), &json!({"revision": 2})).await.expect(200).json();
        assert_eq!((&submitted["state"], &submitted["revision"]), (&json!("submitted"), &json!(3)));
        agent.post_json(&format!("{HERE}/submit"), &json!({"revision": 3})).await.expect(409);
        agent.post_json(&format!("{HERE}/publish"), &json!({"revision": 3})).await.expect(403);
        referent.post_json(&format!("{HERE}/return"), &json!({"revision": 3, "reason": " "})).await.expect(422);
        let back = json!({"revision": 3, "reason": "E i minori?"});
        let returned = referent.post_json(&format!("{HERE}/return"), &back).await.expect(200).json();
        assert_eq!((&returned["state"], &returned["reason"]), (&json!("returned"), &json!("E i minori?")));
        let later = json!({"revision": 4, "on": "2026-03-20"});
        let scheduled = referent.post_json(&format!("{HERE}/publish"), &later).await.expect(200).json();
        assert_eq!(scheduled, json!({"on": "2026-03-20"}));
        let now = referent.post_json(&format!("{HERE}/publish"), &json!({"revision": 5})).await.expect(200).json();
        assert_eq!(now, json!({"version": 1}));
        let sheet = t.api(Role::Integration).await.get("/api/v1/knowledge/sheets/ANA-50").await.expect(200).json();
        assert_eq!(sheet["public_text"], "Due.");
        agent.get_json(HERE).await.expect(404);
    }

    async fn a_draft_is_dropped_by_whoever_wrote_it_or_validates_it(t: TestApp) {
        let agent = t.sign_in(Role::Agent).await;
        agent.send_json(reqwest::Method::PUT, HERE, &body("Carta", "Uno.")).await.expect(200);
        t.add_user("altro@example.it", Role::Agent, &["counter"]).await;
        let colleague = t.sign_in_as("altro@example.it").await;
        colleague.send_json(reqwest::Method::DELETE, HERE, &json!({})).await.expect(403);
        agent.send_json(reqwest::Method::DELETE, HERE, &json!({})).await.expect(204);
        agent.send_json(reqwest::Method::DELETE, HERE, &json!({})).await.expect(404);
        assert_eq!(t.number("SELECT COUNT(*) FROM sheets").await, 0, "it never was published");
        t.add_user("asl@example.net", Role::Referent, &["asl-prevention"]).await;
        let foreign = t.sign_in_as("asl@example.net").await;
        foreign.send_json(reqwest::Method::PUT, HERE, &body("Carta", "Loro.")).await.expect(403);
    }

    async fn a_program_takes_an_older_version_up_again(t: TestApp) {
        for text in ["Costa 16 euro.", "Costa 22 euro."] {
            save(&t, draft("ANA-50", Audience::Public, "Carta", text)).await;
        }
        let referent = t.sign_in(Role::Referent).await;
        let versions = referent.get_json("/api/v1/knowledge/sheets/ANA-50/versions").await.expect(200).json();
        assert_eq!((&versions["items"][0]["version"], &versions["items"][1]["version"]), (&json!(2), &json!(1)));
        let again = "/api/v1/knowledge/sheets/ANA-50/versions/1/restore";
        t.api(Role::Integration).await.post_json(again, &json!({})).await.expect(403);
        referent.post_json("/api/v1/knowledge/sheets/ANA-50/versions/9/restore", &json!({})).await.expect(404);
        let drafted = referent.post_json(again, &json!({"why": "Il prezzo vecchio vale ancora."})).await.expect(200).json();
        assert_eq!((&drafted["revision"], &drafted["content"]["texts"][0]["public_text"]), (&json!(1), &json!("Costa 16 euro.")));
        referent.post_json(&format!("{HERE}/publish"), &json!({"revision": 1})).await.expect(200);
        let newest = referent.get_json("/api/v1/knowledge/sheets/ANA-50/versions").await.expect(200).json();
        assert_eq!((&newest["items"][0]["version"], &newest["items"][0]["why"]), (&json!(3), &json!("Il prezzo vecchio vale ancora.")));
    }

    async fn the_list_of_sheets_is_narrowed_and_paged(t: TestApp) {
        let mut english = draft("ANA-51", Audience::Public, "Carta", "Testo.");
        english.maturity = Maturity::Whole;
        english.texts.push(SheetText {
            title: "Card".to_owned(),
            summary: "Book.".to_owned(),
            public_text: "Book.".to_owned(),
            ..SheetText::empty(Language::English)
        });
        english.details.review_on = Some("2026-03-01".parse().unwrap());
        save(&t, english).await;
        save(&t, draft("ANA-52", Audience::Partners, "Per i partner", "Testo.")).await;
        save(&t, draft("ANA-53", Audience::Internal, "Interna", "Testo.")).await;
        t.clock.advance(SignedDuration::from_hours(1));
        let mut waste = draft("AMB-10", Audience::Public, "Rifiuti", "Testo.");
        waste.category = Some("waste/bulky".to_owned());
        waste.unit = None;
        save(&t, waste).await;
        save(&t, draft("ANA-54", Audience::Public, "Ritirata", "Testo.")).await;
        sheets::retire(&t.kernel, Actor::System, &SheetCode::parse("ANA-54").unwrap()).await.unwrap();

        let agent = t.sign_in(Role::Agent).await;
        agent.send_json(reqwest::Method::PUT, HERE, &body("Nuova", "Testo.")).await.expect(200);
        let listed = async |who: &Browser, query: &str| {
            let page = who.get_json(&format!("/api/v1/knowledge/sheets?{query}")).await.expect(200).json();
            let codes = page["items"].as_array().unwrap().iter().map(|s| s["code"].as_str().unwrap().to_owned());
            codes.collect::<Vec<_>>().join(" ")
        };
        for (query, expected) in [
            ("", "AMB-10 ANA-51 ANA-52 ANA-53"),
            ("category=anagrafe", "ANA-51 ANA-52 ANA-53"),
            ("category=waste/bulky", "AMB-10"),
            ("lang=en", "ANA-51"),
            ("audience=partners", "ANA-52"),
            ("maturity=whole", "ANA-51"),
            ("unit=anagrafe&audience=internal", "ANA-53"),
            ("review_due=true", "ANA-51"),
            ("updated_since=2026-03-02T08:30:00Z", "AMB-10"),
            ("state=retired", "ANA-54"),
            ("state=drafted", "ANA-50"),
        ] {
            assert_eq!(listed(&agent, query).await, expected, "{query}");
        }
        assert_eq!(listed(&t.api(Role::Integration).await, "").await, "AMB-10 ANA-51", "programs read what is public");
        t.add_user("asl@example.net", Role::Referent, &["asl-prevention"]).await;
        assert_eq!(listed(&t.sign_in_as("asl@example.net").await, "").await, "AMB-10 ANA-51 ANA-52");
        let first = agent.get_json("/api/v1/knowledge/sheets?limit=3").await.expect(200).json();
        assert_eq!(first["next_cursor"], "ANA-52");
        let rest = agent.get_json("/api/v1/knowledge/sheets?limit=3&cursor=ANA-52").await.expect(200).json();
        assert_eq!((&rest["items"][0]["code"], &rest["next_cursor"]), (&json!("ANA-53"), &json!(null)));
        assert_eq!(first["items"][1]["languages"], json!(["it", "en"]));
        for wrong in ["state=gone", "audience=all", "lang=xx", "category=nowhere", "unit=nowhere", "limit=0", "updated_since=ieri"] {
            agent.get_json(&format!("/api/v1/knowledge/sheets?{wrong}")).await.expect(422);
        }
        t.api(Role::Integration).await.get("/api/v1/knowledge/sheets?state=retired").await.expect(403);
    }
}
