//! Calendars and protocols on their pages, and terms in the queues.
use sportello::kernel::events::Actor;
use sportello::kernel::language::Language;
use sportello::knowledge::model::{Audience, Maturity, SheetCode, SheetDraft, SheetText};
use sportello::knowledge::sheets::{self, Basis};

use super::*;

on_each_engine! {
    async fn an_administrator_makes_a_calendar_and_a_protocol_of_the_law_on_pages(t: TestApp) {
        let admin = t.sign_in(Role::Admin).await;
        assert!(admin.get("/scrivania/protocolli-operativi").await.expect(200).has("Prima serve un calendario"));
        let mut fields = vec![
            ("name", "Uffici comunali"), ("expected", "0"), ("since", "2026-01-01"), ("holidays", "true"),
            ("patron", "24/06"), ("closures", "10/08/2026 14/08/2026\n2026-12-07"), ("mon", "8:15-13:30, 14:30-17:00"),
        ];
        fields.push(("tue", "mattina"));
        let refused = admin.post_form("/scrivania/calendari/nuovo", &fields).await.expect(422);
        assert!(refused.has("Martedì") && refused.has("8:15-13:30, 14:30-17:00"), "what was typed is kept: {}", refused.body);
        fields.pop();
        fields.push(("tue", "8.15–13.30"));
        admin.post_form("/scrivania/calendari/nuovo", &fields).await.expect(303);
        let page = admin.get("/scrivania/calendari").await.expect(200);
        assert!(page.has("Uffici comunali") && page.has("24/06"), "{}", page.body);
        assert!(admin.get("/scrivania/calendari/uffici-comunali").await.expect(200).has("2026-08-10 2026-08-14"));

        let form = admin.get("/scrivania/protocolli-operativi/nuovo?modello=procedure").await.expect(200);
        assert!(form.has("L. 241/1990, art. 2") && form.has("01/04/2026 23:59"), "the preview: {}", form.body);
        let fields = [
            ("name", "Procedimento"), ("expected", "0"), ("since", "2026-01-01"), ("enabled", "true"), ("calendar", "1"),
            ("documents_days", "30"), ("documents_once", "true"), ("notice_days", "10"), ("notice_effect", "suspends"),
            ("ticket-conclusion-amount", "30"), ("ticket-conclusion-unit", "calendar_days"),
            ("ticket-conclusion-roll", "festive"), ("ticket-conclusion-warn", "80"),
        ];
        let here = "/scrivania/protocolli-operativi/nuovo";
        assert!(admin.post_form(here, &fields[..7]).await.expect(422).has("Serve almeno un termine"));
        admin.post_form(here, &fields).await.expect(303);
        assert!(admin.get("/scrivania/protocolli-operativi").await.expect(200).has("Conclusione del procedimento: 30 giorni"));
        arrives(&t).await;
        assert_eq!(states(&t).await, ["conclusion running"], "without a restart");
        t.sign_in(Role::Supervisor).await.get("/scrivania/calendari").await.expect(403);
    }

    async fn who_writes_a_sheet_is_told_that_its_term_is_not_the_protocols(t: TestApp) {
        usual(&t).await;
        let text = SheetText {
            title: "Ingombranti".to_owned(),
            summary: "In breve.".to_owned(),
            public_text: "Testo.".to_owned(),
            ..SheetText::empty(Language::Italian)
        };
        let publish = async |days: Option<u32>| {
            let code = SheetCode::parse("AMB-41").unwrap();
            let mut draft = SheetDraft::new(code, Audience::Public, Maturity::Whole, vec![text.clone()]);
            draft.category = Some("waste/bulky".to_owned());
            draft.details.term_days = days;
            sheets::save(&t.kernel, Actor::System, draft, Basis::Any).await.unwrap();
        };
        let admin = t.sign_in(Role::Admin).await;
        let condition = async || admin.get("/scrivania/schede/AMB-41/stato").await.expect(200);
        publish(Some(30)).await;
        let told = condition().await;
        assert!(told.has("Due termini diversi") && told.has("«Entro 30 giorni»") && told.has("15 giorni di calendario"), "{}", told.body);
        for agrees in [Some(15), None] {
            publish(agrees).await;
            assert!(!condition().await.has("Due termini diversi"), "{agrees:?}");
        }
        let fields = [
            ("code", "AMB-42"), ("audience", "public"), ("maturity", "start"), ("category", "waste/bulky"),
            ("it_title", "Altro"), ("it_summary", "In breve."), ("it_public_text", "Testo."), ("term_days", "10"),
        ];
        admin.post_form("/scrivania/schede", &fields).await.expect(303);
        let draft = admin.get("/scrivania/schede/AMB-42/bozza").await.expect(200);
        assert!(draft.has("Due termini diversi") && draft.has("«Entro 10 giorni»"), "{}", draft.body);
    }

    async fn a_queue_is_shown_by_term_and_by_what_is_overdue(t: TestApp) {
        usual(&t).await;
        let first = arrives(&t).await;
        t.clock.advance(SignedDuration::from_hours(24 * 4));
        let second = arrives(&t).await;
        read(&t).await;
        let desk = t.sign_in(Role::Agent).await;
        let page = desk.get("/scrivania/coda/nuove?ordine=scadenza").await.expect(200);
        let place = |code: &str| page.body.find(code).unwrap();
        assert!(place(&first) < place(&second));
        let overdue = desk.get("/scrivania/coda/nuove?ordine=scadute").await.expect(200);
        assert!(overdue.has(&first) && !overdue.has(&second), "{}", overdue.body);
    }
}
