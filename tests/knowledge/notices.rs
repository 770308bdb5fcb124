//! Mails about sheets, and the reminder of a review day.
use sportello::kernel::config::Smtp;
use sportello::kernel::events::Actor;
use sportello::knowledge::model::{Audience, SheetDraft};
use sportello::knowledge::sheets::{self, Basis};
use sportello::knowledge::versions::due::{self, Done};

use crate::draft;
use crate::support::*;

/// The same installation with a mail server to leave by.
fn with_mail(t: &TestApp) -> TestApp {
    t.second_face(|config| {
        config.mail.smtp = Some(Smtp {
            host: "mail.example.it".to_owned(),
            port: 465,
            security: "tls".to_owned(),
            user: None,
            password: None,
            password_file: None,
            ca_file: None,
            from: "sportello@example.it".to_owned(),
            from_name: None,
        });
    })
}

async fn recipients(t: &TestApp) -> Vec<String> {
    t.texts("SELECT recipient FROM outbox ORDER BY id").await
}

fn looked_after(code: &str, referent: Option<&str>, review: &str) -> SheetDraft {
    let mut sheet = draft(code, Audience::Public, "Carta d'identità", "Si prenota.");
    sheet.details.review_on = Some(review.parse().unwrap());
    sheet.details.referent = referent.map(str::to_owned);
    sheet
}

on_each_engine! {
    async fn a_validated_draft_whose_unit_is_gone_on_its_day_goes_back_with_the_reason(t: TestApp) {
        let m = with_mail(&t);
        for (code, unit) in [("ANA-66", "anagrafe"), ("ANA-67", "counter")] {
            let admin = m.sign_in(Role::Admin).await;
            let fields = [
                ("code", code), ("audience", "public"), ("maturity", "start"), ("category", "anagrafe/identity-card"),
                ("unit", unit), ("it_title", "Bonus"), ("it_summary", "In breve."), ("it_public_text", "Si chiede qui."),
            ];
            admin.post_form("/scrivania/schede", &fields).await.expect(303);
            let sql = format!("SELECT d.revision FROM sheet_drafts d JOIN sheets s ON s.id = d.sheet_id WHERE s.code = '{code}'");
            let revision = t.number(&sql).await.to_string();
            let on = [("revision", revision.as_str()), ("on", "2026-03-05")];
            admin.post_form(&format!("/scrivania/schede/{code}/bozza/pubblica"), &on).await.expect(303);
        }
        // One closes for good; the work of the other goes on elsewhere.
        t.execute("UPDATE units SET valid_to = 1 WHERE slug = 'anagrafe'").await;
        t.execute("UPDATE units SET valid_to = 1, successor_id = 1 WHERE slug = 'counter'").await;
        t.clock.advance(SignedDuration::from_hours(24 * 4));
        assert_eq!(due::run(&m.kernel).await.unwrap(), Done { published: 1, refused: 1, ..Done::default() });
        assert_eq!(due::run(&m.kernel).await.unwrap(), Done::default(), "it was sent back once");
        let sql = "SELECT d.state || '|' || d.reason FROM sheet_drafts d JOIN sheets s ON s.id = d.sheet_id WHERE s.code =";
        let said = t.texts(&format!("{sql} 'ANA-66'")).await;
        assert_eq!(said, ["returned|Struttura che ne risponde: non esiste"]);
        assert_eq!(t.number("SELECT unit_id FROM sheets WHERE code = 'ANA-67' AND version = 1").await, 1);
        t.browser().get("/sportello/schede/ANA-66").await.expect(404);
        let mails = t.texts("SELECT payload FROM outbox WHERE recipient = 'admin@example.it' ORDER BY id").await;
        assert!(mails.iter().any(|mail| mail.contains("ANA-66") && mail.contains("Struttura che ne risponde: non esiste")), "{mails:?}");
        let draft = m.sign_in(Role::Admin).await.get("/scrivania/schede/ANA-66/bozza").await.expect(200);
        assert!(draft.has("Struttura che ne risponde: non esiste") && !draft.has("Entra in vigore il"), "{}", draft.body);
    }

    async fn whoever_looks_after_a_sheet_is_reminded_of_its_review_day_once(t: TestApp) {
        let m = with_mail(&t);
        m.user(Role::Referent).await;
        let all = [
            looked_after("ANA-60", Some("referent@example.it"), "2026-03-04"),
            looked_after("ANA-61", None, "2026-03-04"),
            looked_after("ANA-62", None, "2026-04-04"),
        ];
        for sheet in all {
            sheets::save(&m.kernel, Actor::System, sheet, Basis::New).await.unwrap();
        }
        assert_eq!(due::run(&m.kernel).await.unwrap(), Done::default(), "the day has not come");
        t.clock.advance(SignedDuration::from_hours(48));
        assert_eq!(due::run(&m.kernel).await.unwrap(), Done { reminded: 2, ..Done::default() });
        assert_eq!(due::run(&m.kernel).await.unwrap(), Done::default(), "once a day of review");
        assert_eq!(recipients(&t).await, ["referent@example.it", "anagrafe@example.it"], "the referent, else the unit");
        let mail = t.texts("SELECT payload FROM outbox ORDER BY id").await.remove(0);
        for said in ["ANA-60", "04/03/2026", "/scrivania/schede/ANA-60"] {
            assert!(mail.contains(said), "{said}: {mail}");
        }
        let referent = m.sign_in(Role::Referent).await;
        assert!(referent.get("/scrivania/schede/lavori/conteggio").await.expect(200).has("count-late\">1<"));
        let list = referent.get("/scrivania/schede/lavori?elenco=to_review").await.expect(200);
        assert!(list.has("ANA-60") && !list.has("ANA-62"), "{}", list.body);
        let history = referent.get("/scrivania/schede/ANA-60/versioni").await.expect(200);
        assert!(history.has("Promemoria di revisione"), "{}", history.body);

        // A new day set by the next version is reminded of again.
        sheets::save(&m.kernel, Actor::System, looked_after("ANA-61", None, "2026-03-10"), Basis::Any).await.unwrap();
        t.clock.advance(SignedDuration::from_hours(24 * 7));
        assert_eq!(due::run(&m.kernel).await.unwrap(), Done { reminded: 1, ..Done::default() });
    }

    async fn a_retired_sheet_reminds_nobody(t: TestApp) {
        let m = with_mail(&t);
        let sheet = looked_after("ANA-63", None, "2026-03-04");
        let code = sheet.code.clone();
        sheets::save(&m.kernel, Actor::System, sheet, Basis::New).await.unwrap();
        sheets::retire(&m.kernel, Actor::System, &code).await.unwrap();
        t.clock.advance(SignedDuration::from_hours(24 * 7));
        assert_eq!(due::run(&m.kernel).await.unwrap(), Done::default());
        assert!(recipients(&t).await.is_empty());
    }

    async fn the_unit_is_written_to_when_a_draft_waits_and_its_writer_when_it_comes_back(t: TestApp) {
        let m = with_mail(&t);
        let agent = m.sign_in(Role::Agent).await;
        let content = serde_json::to_value(draft("ANA-64", Audience::Public, "Carta", "Testo.")).unwrap();
        let body = json!({"why": "Manca la tariffa.", "content": content});
        let here = "/api/v1/knowledge/sheets/ANA-64/draft";
        agent.send_json(reqwest::Method::PUT, here, &body).await.expect(200);
        agent.post_json(&format!("{here}/submit"), &json!({"revision": 1})).await.expect(200);
        assert_eq!(recipients(&t).await, ["anagrafe@example.it"]);
        let referent = m.sign_in(Role::Referent).await;
        let back = json!({"revision": 2, "reason": "E i minori?"});
        referent.post_json(&format!("{here}/return"), &back).await.expect(200);
        assert_eq!(recipients(&t).await, ["anagrafe@example.it", "agent@example.it"]);
        let mails = t.texts("SELECT payload FROM outbox ORDER BY id").await;
        assert!(mails[0].contains("Manca la tariffa.") && mails[0].contains("/scrivania/schede/ANA-64/bozza"), "{}", mails[0]);
        assert!(mails[1].contains("E i minori?"), "{}", mails[1]);
    }

    async fn without_a_mail_server_nothing_is_written_to_anybody(t: TestApp) {
        sheets::save(&t.kernel, Actor::System, looked_after("ANA-65", None, "2026-03-04"), Basis::New).await.unwrap();
        t.clock.advance(SignedDuration::from_hours(48));
        assert_eq!(due::run(&t.kernel).await.unwrap(), Done { reminded: 1, ..Done::default() });
        assert!(recipients(&t).await.is_empty());
    }

    async fn what_agents_report_is_written_to_the_unit_once_until_it_is_settled(t: TestApp) {
        let m = with_mail(&t);
        sheets::save(&m.kernel, Actor::System, draft("ANA-66", Audience::Public, "Carta", "Testo."), Basis::New).await.unwrap();
        let agent = m.sign_in(Role::Agent).await;
        let here = "/api/v1/knowledge/sheets/ANA-66/verdicts";
        let report = json!({"verdict": "out_of_date", "remark": "La tariffa è di 22 euro"});
        agent.post_json(here, &report).await.expect(204);
        agent.post_json(here, &report).await.expect(204);
        assert_eq!(recipients(&t).await, ["anagrafe@example.it"]);
        assert!(t.texts("SELECT payload FROM outbox").await[0].contains("22 euro"));
        let referent = m.sign_in(Role::Referent).await;
        referent.post_json(&format!("{here}/settle"), &json!({})).await.expect(204);
        agent.post_json(here, &report).await.expect(204);
        assert_eq!(recipients(&t).await.len(), 2);
    }
}
