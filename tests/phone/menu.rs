//! The voice menu of a provider: information that is read out, English, waiting, leaving a message; and forms that
//! come twice.
use serde_json::json;
use sportello::kernel::events::Actor;
use sportello::kernel::language::Language;
use sportello::knowledge::model::{Audience, Maturity, SheetCode, SheetDraft, SheetText};
use sportello::knowledge::sheets::{self, Basis};

use super::centre::*;
use super::provider::*;
use crate::support::*;

async fn sheet(t: &TestApp, audience: Audience) {
    let text = |language, title: &str, summary: &str, body: &str| SheetText {
        title: title.into(),
        summary: summary.into(),
        public_text: body.into(),
        ..SheetText::empty(language)
    };
    let texts = vec![
        text(
            Language::Italian,
            "Carta di identità",
            "Si fa su appuntamento.",
            "## Dove\n\nIn *via Roma 1*.\n\n- Una foto\n- La tessera",
        ),
        SheetText {
            phone_text: "Call us for an appointment.".into(),
            ..text(Language::English, "Identity card", "By appointment.", "At the registry.")
        },
    ];
    let draft = SheetDraft::new(SheetCode::parse("ANA-01").unwrap(), audience, Maturity::Information, texts);
    sheets::save(&t.kernel, Actor::System, draft, Basis::Any).await.unwrap();
}

const TALKS: (&str, &str) = ("CallStatus", "in-progress");

with_menu_on_each_engine! {
    async fn a_caller_hears_a_sheet_and_chooses_english_or_the_machine(t: TestApp) {
        provider(&t).await;
        sheet(&t, Audience::Public).await;
        let menu = form(&t, "/hooks/twilio/voice", "CA1", &[("CallStatus", "ringing")]).await.expect(200);
        for said in ["l&apos;ufficio urp prema 1", "Per informazioni su Carta di identità prema 3", "lasciare un messaggio prema 0",
            "<Say language=\"en-GB\">For English press 8.</Say>"] {
            assert!(menu.has(said), "{said}: {}", menu.body);
        }
        let chosen = address(&menu, "action");
        let read = form(&t, &chosen, "CA1", &[TALKS, ("Digits", "3")]).await.expect(200);
        assert!(read.has("Carta di identità. Si fa su appuntamento. Dove. In via Roma 1. Una foto. La tessera."), "{}", read.body);
        assert!(read.has("Per riascoltare prema 3") && read.has("<Redirect>"), "{}", read.body);
        assert_eq!(address(&read, "action"), chosen, "keys pressed while it is read count as in the menu");

        let english = form(&t, &chosen, "CA1", &[TALKS, ("Digits", "8")]).await.expect(200);
        assert!(english.has("press 1") && english.has("information about Identity card press 3") && !english.has("press 8"), "{}", english.body);
        let english = address(&english, "action");
        assert!(english.contains("lang=en"), "{english}");
        let read = form(&t, &english, "CA1", &[TALKS, ("Digits", "3")]).await.expect(200);
        assert!(read.has("<Say language=\"en-GB\">Identity card. Call us for an appointment."), "{}", read.body);
        let message = form(&t, &english, "CA1", &[TALKS, ("Digits", "0")]).await.expect(200);
        assert!(message.has("<Record") && message.has("en-GB"), "{}", message.body);

        // What citizens may not read is not read out.
        sheet(&t, Audience::Internal).await;
        let menu = form(&t, "/hooks/twilio/voice", "CA2", &[("CallStatus", "ringing")]).await.expect(200);
        assert!(!menu.has("Carta di identità"), "{}", menu.body);
        let read = form(&t, &chosen, "CA2", &[TALKS, ("Digits", "3")]).await.expect(200);
        assert!(read.has("non è disponibile") && read.has("<Redirect>"), "{}", read.body);
        assert_eq!(t.number("SELECT COUNT(*) FROM calls").await, 2, "many forms are two calls");
    }

    async fn what_the_menu_reads_is_what_programs_are_told_to_say_also_after_the_sheet_changed(t: TestApp) {
        provider(&t).await;
        sheet(&t, Audience::Public).await;
        let program = t.api(Role::Integration).await;
        let told = async |lang: &str| {
            let number = t.number("SELECT number FROM sheets WHERE code = 'ANA-01'").await;
            let told = program.get(&format!("/api/v1/knowledge/spoken/{number}?lang={lang}")).await.expect(200).json();
            assert_eq!((&told["code"], &told["lang"]), (&json!("ANA-01"), &json!(lang)));
            format!("{}. {}", told["title"].as_str().unwrap(), told["text"].as_str().unwrap())
        };
        let heard = async |call: &str, lang: &str| {
            let menu = form(&t, &format!("/hooks/twilio/voice?lang={lang}"), call, &[("CallStatus", "ringing")]).await.expect(200);
            form(&t, &address(&menu, "action"), call, &[TALKS, ("Digits", "3")]).await.expect(200)
        };
        let whole = "Carta di identità. Si fa su appuntamento. Dove. In via Roma 1. Una foto. La tessera.";
        assert_eq!(told("it").await, whole);
        let first = heard("CA1", "it").await;
        assert!(first.has(whole), "{}", first.body);
        assert_eq!(told("en").await, "Identity card. Call us for an appointment.");
        let english = heard("CA2", "en").await;
        assert!(english.has("Identity card. Call us for an appointment."), "{}", english.body);

        let text = SheetText {
            title: "Carta di identità".into(),
            summary: "Si fa su appuntamento.".into(),
            public_text: "In *via Verdi 2*.".into(),
            ..SheetText::empty(Language::Italian)
        };
        let draft = |text| SheetDraft::new(SheetCode::parse("ANA-01").unwrap(), Audience::Public, Maturity::Information, vec![text]);
        sheets::save(&t.kernel, Actor::System, draft(text.clone()), Basis::Any).await.unwrap();
        assert_eq!(told("it").await, "Carta di identità. Si fa su appuntamento. In via Verdi 2.");
        let changed = heard("CA3", "it").await;
        assert!(changed.has("Si fa su appuntamento. In via Verdi 2.") && !changed.has("via Roma"), "{}", changed.body);

        // What was written for the telephone stands for all the rest.
        let text = SheetText { phone_text: "Prenoti al numero verde.".into(), ..text };
        sheets::save(&t.kernel, Actor::System, draft(text), Basis::Any).await.unwrap();
        assert_eq!(told("it").await, "Carta di identità. Prenoti al numero verde.");
        let own = heard("CA4", "it").await;
        assert!(own.has("Carta di identità. Prenoti al numero verde.") && !own.has("via Verdi"), "{}", own.body);

        sheet(&t, Audience::Internal).await;
        let number = t.number("SELECT number FROM sheets WHERE code = 'ANA-01'").await;
        program.get(&format!("/api/v1/knowledge/spoken/{number}")).await.expect(404);
    }

    async fn at_night_the_menu_reads_out_and_takes_messages_only(t: TestApp) {
        t.clock.set("2026-03-07T22:10:00Z".parse::<jiff::Timestamp>().unwrap().into());
        provider(&t).await;
        sheet(&t, Audience::Public).await;
        let menu = form(&t, "/hooks/twilio/voice", "CA1", &[("CallStatus", "ringing")]).await.expect(200);
        assert!(menu.has("Carta di identità prema 3") && !menu.has("ufficio urp"), "{}", menu.body);
        let silent = menu.between("<Redirect>", "</Redirect>").unwrap().to_owned();
        let message = form(&t, &silent, "CA1", &[TALKS]).await.expect(200);
        assert!(message.has("Gli uffici sono chiusi") && message.has("<Record"), "{}", message.body);
    }

    async fn who_waits_hears_their_place_and_how_long_and_may_leave_a_message(t: TestApp) {
        provider(&t).await;
        agent(&t, "anna@example.it", "7", "sip:7@cc.test", json!({})).await;
        t.services.telephony.refresh().await.unwrap();
        // A talk of two minutes, so that there is something to estimate from.
        let dial = form(&t, "/hooks/twilio/queue?queue=urp", "CA0", &[TALKS]).await.expect(200);
        assert!(dial.has("sip:7@cc.test"), "{}", dial.body);
        let over = [TALKS, ("DialCallStatus", "completed"), ("DialCallDuration", "120")];
        form(&t, &address(&dial, "action"), "CA0", &over).await.expect(200);
        form(&t, "/hooks/twilio/status", "CA0", &[("CallStatus", "completed"), ("CallDuration", "130")]).await.expect(200);
        t.clock.advance(SignedDuration::from_secs(10));
        t.services.telephony.refresh().await.unwrap();

        let dial = form(&t, "/hooks/twilio/queue?queue=urp", "CA1", &[TALKS]).await.expect(200);
        assert!(dial.has("sip:7@cc.test"), "{}", dial.body);
        // The provider asks once more, as it does when it heard no answer: it is told the same.
        let again = form(&t, "/hooks/twilio/queue?queue=urp", "CA1", &[TALKS]).await.expect(200);
        assert_eq!(dial.body, again.body);
        t.services.telephony.refresh().await.unwrap();
        let again = form(&t, "/hooks/twilio/queue?queue=urp", "CA1", &[TALKS]).await.expect(200);
        assert_eq!(dial.body, again.body, "when it is in the database, too");

        let mut waits = form(&t, "/hooks/twilio/queue?queue=urp", "CA2", &[TALKS]).await.expect(200);
        assert!(waits.has("È il prossimo") && waits.has("circa 2 minuti") && waits.has("messaggio prema 0"), "{}", waits.body);
        t.clock.advance(SignedDuration::from_secs(1));
        t.services.telephony.refresh().await.unwrap();
        let third = form(&t, "/hooks/twilio/queue?queue=urp", "CA3", &[TALKS]).await.expect(200);
        assert!(third.has("Prima di lei ci sono 1 persone") && third.has("circa 4 minuti"), "{}", third.body);
        let message = form(&t, &address(&waits, "action"), "CA2", &[TALKS, ("Digits", "0")]).await.expect(200);
        assert!(message.has("<Record"), "{}", message.body);
        waits = form(&t, &address(&third, "action"), "CA3", &[TALKS]).await.expect(200);
        assert!(waits.has("Resti in linea") && !waits.has("Prima di lei"), "not at every turn: {}", waits.body);
        let events = t.number("SELECT COUNT(*) FROM call_events WHERE call = 'CA1'").await;
        form(&t, "/hooks/twilio/queue?queue=urp", "CA1", &[TALKS]).await.expect(200);
        assert_eq!(t.number("SELECT COUNT(*) FROM call_events WHERE call = 'CA1'").await, events);
    }

    async fn who_chose_english_is_put_through_to_who_speaks_it(t: TestApp) {
        provider(&t).await;
        agent(&t, "anna@example.it", "7", "sip:7@cc.test", json!({ "languages": ["it"] })).await;
        agent(&t, "bruno@example.it", "8", "sip:8@cc.test", json!({ "languages": ["it", "en"], "post": "counter" })).await;
        t.services.telephony.refresh().await.unwrap();
        let dial = form(&t, "/hooks/twilio/menu?lang=en", "CA1", &[TALKS, ("Digits", "1")]).await.expect(200);
        assert!(dial.has("sip:8@cc.test"), "{}", dial.body);
        let dial = form(&t, "/hooks/twilio/menu", "CA2", &[TALKS, ("Digits", "1")]).await.expect(200);
        assert!(dial.has("sip:7@cc.test"), "{}", dial.body);
    }
}
