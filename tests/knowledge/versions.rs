//! From draft to version: who writes, who validates, what stays of it, what the clock brings.
use std::time::Duration;

use sportello::kernel::events::Actor;
use sportello::kernel::language::Language;
use sportello::knowledge::model::{Audience, Maturity, SheetCode, SheetDraft, SheetText};
use sportello::knowledge::search::Reader;
use sportello::knowledge::sheets::{self, Basis};
use sportello::knowledge::versions::due::{self, Done};

use crate::support::*;
use crate::{codes, draft, save};

/// The fields of the editor for a sheet that the registry answers for.
fn fields<'a>(code: &'a str, title: &'a str, text: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("code", code),
        ("audience", "public"),
        ("maturity", "start"),
        ("category", "anagrafe/identity-card"),
        ("unit", "anagrafe"),
        ("it_title", title),
        ("it_summary", "Si prenota."),
        ("it_public_text", text),
        ("term_days", "6"),
        ("it_fee", "22 euro"),
        ("it_requirements", "una fototessera\nla tessera sanitaria"),
        ("it_phone_text", "Serve un appuntamento."),
        ("office_0_name", "Anagrafe"),
        ("office_0_opening", "lun-ven 9-13\ngio 15-17"),
        ("why", "La tariffa nuova."),
    ]
}

async fn revision(t: &TestApp, code: &str) -> String {
    let sql =
        format!("SELECT d.revision FROM sheet_drafts d JOIN sheets s ON s.id = d.sheet_id WHERE s.code = '{code}'");
    t.number(&sql).await.to_string()
}

async fn published(t: &TestApp, code: &str) -> i64 {
    t.number(&format!("SELECT version FROM sheets WHERE code = '{code}'")).await
}

on_each_engine! {
    async fn a_sheet_is_written_validated_by_its_unit_and_only_then_read(t: TestApp) {
        let agent = t.sign_in(Role::Agent).await;
        let mut sent = fields("ANA-20", "Carta d'identità", "Vieni con la carta vecchia.");
        sent.push(("then", "submit"));
        let to = agent.post_form("/scrivania/schede", &sent).await.expect(303);
        assert_eq!(to.location(), "/scrivania/schede/ANA-20/bozza");
        t.browser().get("/sportello/schede/ANA-20").await.expect(404);
        assert_eq!(published(&t, "ANA-20").await, 0);
        let page = agent.get("/scrivania/schede/ANA-20").await.expect(303);
        assert_eq!(page.location(), "/scrivania/schede/ANA-20/bozza");
        let revision = revision(&t, "ANA-20").await;
        let mine = [("revision", revision.as_str())];
        agent.post_form("/scrivania/schede/ANA-20/bozza/pubblica", &mine).await.expect(403);
        // A supervisor of the front office does not answer for the registry either.
        t.sign_in(Role::Supervisor).await.post_form("/scrivania/schede/ANA-20/bozza/pubblica", &mine).await.expect(403);

        let referent = t.sign_in(Role::Referent).await;
        let waiting = referent.get("/scrivania/schede/lavori?elenco=to_validate").await.expect(200);
        assert!(waiting.has("ANA-20") && waiting.has("Carta d&#39;identità"), "{}", waiting.body);
        assert!(referent.get("/scrivania/schede/lavori/conteggio").await.expect(200).has("1"));
        referent.get("/scrivania/schede/ANA-20/bozza").await.expect(200);
        let sheet = referent.post_form("/scrivania/schede/ANA-20/bozza/pubblica", &mine).await.expect(303);
        assert_eq!(sheet.location(), "/scrivania/schede/ANA-20");

        let citizen = t.browser().get("/sportello/schede/ANA-20").await.expect(200);
        for told in ["22 euro", "Entro 6 giorni", "lunedì-venerdì 9:00-13:00", "giovedì 15:00-17:00", "una fototessera"] {
            assert!(citizen.has(told), "{told}: {}", citizen.body);
        }
        let history = agent.get("/scrivania/schede/ANA-20/versioni").await.expect(200);
        assert!(history.has("Agent Prova, validata da Referent Prova") && history.has("La tariffa nuova."), "{}", history.body);
    }

    async fn a_draft_is_sent_back_with_a_reason_and_comes_again(t: TestApp) {
        let agent = t.sign_in(Role::Agent).await;
        let mut sent = fields("ANA-21", "Carta", "Testo.");
        sent.push(("then", "submit"));
        agent.post_form("/scrivania/schede", &sent).await.expect(303);
        let referent = t.sign_in(Role::Referent).await;
        let now = revision(&t, "ANA-21").await;
        let back = "/scrivania/schede/ANA-21/bozza/rimanda";
        let silent = referent.post_form(back, &[("revision", &now), ("reason", " ")]).await.expect(422);
        assert!(silent.has("Motivo: manca"), "{}", silent.body);
        referent.post_form(back, &[("revision", &now), ("reason", "Manca il costo per i minori.")]).await.expect(303);

        let editor = agent.get("/scrivania/schede/ANA-21/modifica").await.expect(200);
        assert!(editor.has("Manca il costo per i minori."), "{}", editor.body);
        let kinds = t.event_kinds().await;
        let steps: Vec<_> = kinds.iter().filter(|k| k.starts_with("sheet.")).map(String::as_str).collect();
        assert_eq!(steps, ["sheet.drafted", "sheet.submitted", "sheet.returned"]);
        let late = referent.post_form(back, &[("revision", &now), ("reason", "Anche questo.")]).await;
        late.expect(412);
    }

    async fn a_draft_that_somebody_changed_meanwhile_is_not_overwritten(t: TestApp) {
        let agent = t.sign_in(Role::Agent).await;
        agent.post_form("/scrivania/schede", &fields("ANA-22", "Carta", "Uno.")).await.expect(303);
        let mut sent = fields("ANA-22", "Carta", "Due.");
        sent.extend([("version", "0"), ("revision", "1")]);
        agent.post_form("/scrivania/schede/ANA-22", &sent).await.expect(303);
        let stale = agent.post_form("/scrivania/schede/ANA-22", &sent).await.expect(412);
        assert!(stale.has("name=\"revision\" value=\"2\"") && stale.has("Due."), "{}", stale.body);
    }

    async fn any_two_versions_are_compared_and_an_old_one_is_taken_up_again(t: TestApp) {
        let admin = t.sign_in(Role::Admin).await;
        for text in ["Costa 16 euro.", "Costa 22 euro."] {
            sheets::save(&t.kernel, Actor::System, draft("ANA-23", Audience::Public, "Carta", text), Basis::Any).await.unwrap();
        }
        let diff = admin.get("/scrivania/schede/ANA-23/confronto?da=1&a=2").await.expect(200);
        assert!(diff.has("<del>") && diff.has("16") && diff.has("<ins>") && diff.has("22"), "{}", diff.body);
        assert!(!diff.has("Titolo (italiano)"), "what did not change is left out");
        let same = admin.get("/scrivania/schede/ANA-23/confronto?da=2&a=2").await.expect(200);
        assert!(same.has("Non cambia nulla."));
        admin.get("/scrivania/schede/ANA-23/confronto?da=1&a=9").await.expect(404);

        let old = admin.get("/scrivania/schede/ANA-23/versioni/1").await.expect(200);
        assert!(old.has("Costa 16 euro.") && old.has("non in vigore"));
        admin.post_form("/scrivania/schede/ANA-23/versioni/1/ripristina", &[]).await.expect(303);
        let now = revision(&t, "ANA-23").await;
        admin.post_form("/scrivania/schede/ANA-23/bozza/pubblica", &[("revision", &now)]).await.expect(303);
        assert_eq!(published(&t, "ANA-23").await, 3);
        assert!(t.browser().get("/sportello/schede/ANA-23").await.expect(200).has("Costa 16 euro."));
        let history = admin.get("/scrivania/schede/ANA-23/versioni").await.expect(200);
        assert!(history.has("Ripresa dalla versione 1"), "{}", history.body);
    }

    async fn a_validated_draft_comes_into_force_on_its_day_and_a_sheet_retires_after_its_last(t: TestApp) {
        let admin = t.sign_in(Role::Admin).await;
        let mut sent = fields("ANA-24", "Bonus", "Si chiede qui.");
        sent.push(("until", "2026-03-10"));
        admin.post_form("/scrivania/schede", &sent).await.expect(303);
        let now = revision(&t, "ANA-24").await;
        let on = [("revision", now.as_str()), ("on", "2026-03-05")];
        admin.post_form("/scrivania/schede/ANA-24/bozza/pubblica", &on).await.expect(303);
        assert!(admin.get("/scrivania/schede/ANA-24/bozza").await.expect(200).has("Entra in vigore il 5 marzo 2026"));
        assert_eq!(due::run(&t.kernel).await.unwrap(), Done::default());

        t.clock.advance(SignedDuration::from_hours(24 * 3));
        assert_eq!(due::run(&t.kernel).await.unwrap(), Done { published: 1, ..Done::default() });
        t.browser().get("/sportello/schede/ANA-24").await.expect(200);
        assert_eq!(due::run(&t.kernel).await.unwrap(), Done::default());

        t.clock.advance(SignedDuration::from_hours(24 * 6));
        assert_eq!(due::run(&t.kernel).await.unwrap(), Done { withdrawn: 1, ..Done::default() });
        t.browser().get("/sportello/schede/ANA-24").await.expect(404);
        // Nobody stays signed in for nine days.
        let admin = t.sign_in(Role::Admin).await;
        assert!(admin.get("/scrivania/schede/lavori?elenco=retired").await.expect(200).has("ANA-24"));
    }

    async fn a_sheet_is_found_by_the_number_that_was_dictated(t: TestApp) {
        t.start_background();
        let mut sheet = draft("ANA-25", Audience::Public, "Cambio di residenza", "Si dichiara.");
        sheet.number = Some(214);
        sheets::save(&t.kernel, Actor::System, sheet.clone(), Basis::New).await.unwrap();
        let mut other = draft("ANA-26", Audience::Public, "Altro", "Altro.");
        other.number = Some(214);
        assert!(sheets::save(&t.kernel, Actor::System, other.clone(), Basis::New).await.is_err(), "the number is taken");
        other.number = None;
        sheets::save(&t.kernel, Actor::System, other, Basis::New).await.unwrap();
        assert_eq!(t.number("SELECT number FROM sheets WHERE code = 'ANA-26'").await, 215);
        sheet.number = Some(300);
        assert!(sheets::save(&t.kernel, Actor::System, sheet, Basis::Any).await.is_err(), "a number never changes");

        let agent = t.sign_in(Role::Agent).await;
        for said in ["214", "scheda+214", "n.+214", "ana+25"] {
            let page = agent.get(&format!("/scrivania/schede?q={said}")).await.expect(200);
            assert!(page.has("ANA-25"), "{said}");
        }
        let found = agent.get("/api/v1/knowledge/search?q=214").await.expect(200).json();
        assert_eq!((&found["items"][0]["code"], &found["items"][0]["number"]), (&json!("ANA-25"), &json!(214)));
    }

    async fn a_translation_falls_behind_until_somebody_compares_it(t: TestApp) {
        let admin = t.sign_in(Role::Admin).await;
        let mut both = draft("ANA-27", Audience::Public, "Carta", "Costa 16 euro.");
        both.texts.push(SheetText {
            title: "Card".to_owned(),
            summary: "Book it.".to_owned(),
            public_text: "It costs 16 euro.".to_owned(),
            ..SheetText::empty(Language::English)
        });
        sheets::save(&t.kernel, Actor::System, both.clone(), Basis::Any).await.unwrap();
        let list = "/scrivania/schede/lavori?elenco=outdated";
        assert!(!admin.get(list).await.expect(200).has("ANA-27"));
        both.texts[0].public_text = "Costa 22 euro.".to_owned();
        sheets::save(&t.kernel, Actor::System, both.clone(), Basis::Any).await.unwrap();
        assert!(admin.get(list).await.expect(200).has("ANA-27"));
        assert!(admin.get("/scrivania/schede/ANA-27/modifica").await.expect(200).has("confirmed_en"));
        both.confirmed = vec![Language::English];
        sheets::save(&t.kernel, Actor::System, both, Basis::Any).await.unwrap();
        assert!(!admin.get(list).await.expect(200).has("ANA-27"));
    }

    async fn a_partner_agency_reads_its_sheets_and_nothing_internal(t: TestApp) {
        for (code, audience) in [("ANA-30", Audience::Public), ("ANA-31", Audience::Partners), ("ANA-32", Audience::Internal)] {
            sheets::save(&t.kernel, Actor::System, draft(code, audience, "Scheda", "Testo."), Basis::New).await.unwrap();
        }
        t.add_user("asl@example.net", Role::Referent, &["asl-prevention"]).await;
        let partner = t.sign_in_as("asl@example.net").await;
        let list = partner.get("/scrivania/schede").await.expect(200);
        assert!(list.has("ANA-30") && list.has("ANA-31") && !list.has("ANA-32"), "{}", list.body);
        let sheet = partner.get("/scrivania/schede/ANA-31").await.expect(200);
        assert!(!sheet.has("zigrinato") && !sheet.has("/modifica"), "no internal text, no pen");
        partner.get("/scrivania/schede/ANA-32").await.expect(404);
        partner.get("/scrivania/schede/ANA-31/versioni").await.expect(404);
        let own = t.sign_in(Role::Referent).await;
        assert!(own.get("/scrivania/schede/ANA-32").await.expect(200).has("zigrinato"));
        t.browser().get("/sportello/schede/ANA-31").await.expect(404);
    }

    async fn a_partner_finds_its_sheets_by_what_it_may_read_of_them(t: TestApp) {
        t.start_background();
        for (code, audience) in [("ANA-30", Audience::Public), ("ANA-31", Audience::Partners), ("ANA-32", Audience::Internal)] {
            save(&t, draft(code, audience, "Scambio di fascicoli", "Testo.")).await;
        }
        let by_internal_text = async || {
            let mut found = codes(&t, "zigrinato", Reader::Agent).await;
            found.sort();
            found
        };
        for _ in 0..200 {
            if by_internal_text().await.len() == 3 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(by_internal_text().await, ["ANA-30", "ANA-31", "ANA-32"]);
        t.add_user("asl@example.net", Role::Referent, &["asl-prevention"]).await;
        let partner = t.sign_in_as("asl@example.net").await;
        let own = t.sign_in(Role::Referent).await;
        for (who, words, found) in [
            (&partner, "fascicoli", vec!["ANA-30", "ANA-31"]),
            (&partner, "zigrinato", vec![]),
            (&partner, "ANA-31", vec!["ANA-31"]),
            (&partner, "ANA-32", vec![]),
            (&own, "fascicoli", vec!["ANA-30", "ANA-31", "ANA-32"]),
            (&own, "zigrinato", vec!["ANA-30", "ANA-31", "ANA-32"]),
        ] {
            let page = who.get(&format!("/scrivania/schede?q={words}")).await.expect(200);
            let typed = who.get_fragment(&format!("/scrivania/schede?q={words}")).await.expect(200);
            let api = who.get(&format!("/api/v1/knowledge/search?q={words}")).await.expect(200).json();
            let mut of_api: Vec<_> = api["items"].as_array().unwrap().iter().map(|i| i["code"].as_str().unwrap()).collect();
            of_api.sort_unstable();
            assert_eq!(of_api, found, "{words}: {api}");
            for code in ["ANA-30", "ANA-31", "ANA-32"] {
                let link = format!("href=\"/scrivania/schede/{code}\"");
                assert_eq!(page.has(&link), found.contains(&code), "{words} {code}: {}", page.body);
                assert_eq!(typed.has(&link), found.contains(&code), "{words} {code}: {}", typed.body);
            }
        }
        let sheet = partner.get("/api/v1/knowledge/sheets/ANA-31").await.expect(200).json();
        assert!(sheet["internal_text"].is_null() && sheet["reply"].is_null(), "{sheet}");
        partner.get("/api/v1/knowledge/sheets/ANA-32").await.expect(404);
        assert_eq!(own.get("/api/v1/knowledge/sheets/ANA-32").await.expect(200).json()["audience"], "internal");
    }

    async fn a_form_that_is_attached_is_downloaded_by_citizens_once_it_is_published(t: TestApp) {
        let admin = t.sign_in(Role::Admin).await;
        let mut sent = fields("ANA-28", "Carta", "Testo.");
        sent.push(("then", "publish"));
        let file = File { field: "files", name: "modulo.pdf", media_type: "application/pdf", bytes: b"%PDF-1.4 modulo" };
        admin.post_files("/scrivania/schede", &sent, &[file]).await.expect(303);
        let page = t.browser().get("/sportello/schede/ANA-28").await.expect(200);
        assert!(page.has("modulo.pdf") && page.has("/sportello/schede/ANA-28/moduli/1"), "{}", page.body);
        let file = t.browser().get("/sportello/schede/ANA-28/moduli/1").await.expect(200);
        assert!(file.has("%PDF-1.4 modulo") && file.header("content-disposition").starts_with("attachment"));
        t.browser().get("/sportello/schede/ANA-28/moduli/2").await.expect(404);
    }

    async fn a_new_code_is_needed_and_what_is_missing_keeps_a_draft_from_being_submitted(t: TestApp) {
        let agent = t.sign_in(Role::Agent).await;
        let thin = [("code", "ANA-29"), ("audience", "public"), ("maturity", "start"), ("it_title", "Solo il titolo")];
        agent.post_form("/scrivania/schede", &thin).await.expect(303);
        let page = agent.get("/scrivania/schede/ANA-29/bozza").await.expect(200);
        assert!(page.has("Testo pubblico: manca") && !page.has("/bozza/invia"), "{}", page.body);
        let again = agent.post_form("/scrivania/schede", &thin).await.expect(422);
        assert!(again.has("è già usato da un&#39;altra scheda"), "{}", again.body);
        agent.post_form("/scrivania/schede/ANA-29/bozza/elimina", &[]).await.expect(303);
        assert_eq!(t.number("SELECT COUNT(*) FROM sheets").await, 0);
        let code = SheetCode::parse("ANA-29").unwrap();
        let fresh = SheetDraft::new(code, Audience::Public, Maturity::Whole, Vec::new());
        assert!(sheets::save(&t.kernel, Actor::System, fresh, Basis::New).await.is_err());
    }
}
