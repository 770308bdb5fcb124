//! Tickets that are one, and parted again; messages in the wrong place.
use std::sync::Arc;

use sportello::supervision::Closures;

use super::{at, contact, count, version};
use crate::support::*;

const MARIA: &str = "maria@example.org";
const LUCA: &str = "luca@example.org";

/// Two tickets, of the same citizen or of two.
async fn two(t: &TestApp, other: &str) -> (String, String) {
    let old = contact(t, "old", MARIA, "Divano", "Dove porto il divano?").await;
    t.clock.advance(SignedDuration::from_mins(5));
    (contact(t, "new", other, "Poltrona", "E la poltrona azzurra?").await, old)
}

async fn merge(agent: &Browser, code: &str, into: &str) -> Answer {
    let page = agent.get(&at(code, &format!("/unisci?in={into}"))).await.expect(200);
    let field = |name: &str| page.between(&format!("name=\"{name}\" value=\""), "\"").unwrap().to_owned();
    let fields = [("version", field("version")), ("other", field("other")), ("other_version", field("other_version"))];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
    agent.post_form(&at(code, "/unisci"), &fields).await
}

async fn part(agent: &Browser, code: &str) -> Answer {
    agent.post_form(&at(code, "/separa"), &[]).await
}

/// The tickets in which contacts lie, by the code of the ticket, in the order they came.
async fn places(t: &TestApp) -> Vec<String> {
    t.texts("SELECT t.code FROM contacts k JOIN tickets t ON t.id = k.ticket_id ORDER BY k.id").await
}

async fn contact_id(t: &TestApp, text: &str) -> i64 {
    t.number(&format!("SELECT id FROM contacts WHERE body LIKE '%{text}%'")).await
}

/// The closure rate as the table keeps it and as the log counts it: closed, strict, wide.
async fn figures(t: &TestApp) -> [i64; 3] {
    t.read_feed(Arc::new(Closures::new(t.kernel.config.zone()))).await;
    let api = t.api(Role::Supervisor).await;
    let path = "/api/v1/supervision/closure-rate?from=2026-01-01&to=2026-12-31";
    let kept = api.get_json(path).await.expect(200).json();
    let log = api.get_json(&format!("{path}&source=log")).await.expect(200).json();
    assert_eq!(kept["rows"], log["rows"], "the table and the log agree");
    assert_eq!(kept["total"], log["total"]);
    assert_eq!(kept["total"]["closed"], t.number("SELECT COUNT(*) FROM closures").await);
    ["closed", "strict", "wide"].map(|name| kept["total"][name].as_i64().unwrap())
}

on_each_engine! {
    async fn a_merged_ticket_leads_to_the_other_until_they_are_parted(t: TestApp) {
        let (new, old) = two(&t, MARIA).await;
        let agent = t.sign_in(Role::Agent).await;
        agent.post_form(&at(&new, "/prendi"), &[]).await.expect(303);
        agent.post_form(&at(&new, "/risposta"), &[("kind", "note"), ("note", "la conosco")]).await.expect(303);
        count(&t).await;

        let choose = agent.get(&at(&new, "/unisci")).await.expect(200);
        assert!(choose.has(&format!("unisci?in={old}")) && choose.has("Divano"), "the citizen's other ticket is proposed: {}", choose.body);
        let searched = agent.get(&at(&new, &format!("/unisci?q={old}"))).await.expect(200);
        assert!(searched.has(&format!("unisci?in={old}")));
        let summary = agent.get(&at(&new, &format!("/unisci?in={old}"))).await.expect(200);
        assert!(summary.has("Che cosa succede") && summary.has("non conta più") && !summary.has("non sono dello stesso utente"), "{}", summary.body);

        let done = merge(&agent, &new, &old).await.expect(303);
        assert_eq!(done.location(), at(&old, "?fatto=merged"));
        let page = agent.get(done.location()).await.expect(200);
        let shown = sportello::kernel::codes::grouped(&new);
        for text in ["Pratiche unite", "Dove porto il divano?", "E la poltrona azzurra?", "la conosco", "Separa di nuovo",
            &format!("Arrivato nella pratica {shown}"), &format!("ha unito a questa la pratica {shown}")] {
            assert!(page.has(text), "{text}: {}", page.body);
        }
        assert_eq!(agent.get(&at(&new, "")).await.expect(303).location(), at(&old, &format!("?unita={new}")));
        assert!(agent.get(&format!("/scrivania/cerca?q={new}")).await.expect(200).has(&format!("id=\"t-{old}\"")));
        let refused = agent.post_form(&at(&new, "/risposta"), &[("kind", "reply"), ("way", "email"), ("text", "Ecco la risposta")]).await.expect(409);
        assert!(refused.has("nel frattempo è stata unita a questa") && refused.has(">Ecco la risposta</textarea>") && refused.has(&at(&old, "/risposta")), "{}", refused.body);
        let person = t.number("SELECT id FROM persons").await;
        assert!(agent.get(&format!("/scrivania/persone/{person}")).await.expect(200).has("1 pratica"), "one ticket, not two");

        count(&t).await;
        assert!(agent.get("/scrivania/coda/mie").await.expect(200).has("Nessuna pratica"));
        let parted = part(&agent, &new).await.expect(303);
        let page = agent.get(parted.location()).await.expect(200);
        assert!(page.has("è di nuovo com’era") && page.has("E la poltrona azzurra?") && page.has("la conosco") && page.has("Agent Prova"), "{}", page.body);
        let page = agent.get(&at(&old, "")).await.expect(200);
        assert!(!page.has("poltrona") && !page.has("Separa di nuovo") && page.has("ha separato da questa"), "{}", page.body);
        count(&t).await;
        assert!(agent.get("/scrivania/coda/mie").await.expect(200).has("1 pratica"));
        assert_eq!(part(&agent, &new).await.status, 409, "parted once");
    }

    async fn programs_see_the_tombstone_and_are_told_where_it_went_on(t: TestApp) {
        let (new, old) = two(&t, LUCA).await;
        let api = t.api(Role::Agent).await;
        let path = |code: &str, what: &str| format!("/api/v1/tickets/{code}{what}");
        let before = api.get_json(&path(&new, "")).await.expect(200).json();
        let merged = api.post_json(&path(&new, "/merge"), &json!({"into": old, "reason": "è lo stesso divano"})).await.expect(200).json();
        assert_eq!(merged["code"], old.as_str());
        let tombstone = api.get_json(&path(&new, "")).await.expect(200).json();
        assert_eq!((&tombstone["state"], &tombstone["outcome"], &tombstone["merged_into"]), (&json!("closed"), &json!("merged"), &json!(old)));
        assert_eq!(tombstone["contacts"], json!([]));
        let live = api.get_json(&path(&old, "")).await.expect(200).json();
        let contacts = live["contacts"].as_array().unwrap();
        assert_eq!(contacts.len(), 3, "both messages and the reason: {contacts:?}");
        assert_eq!(contacts[1]["moved_from"], json!(new));
        assert_eq!(contacts[1]["at"], before["contacts"][0]["at"], "it keeps its time");

        let refused = api.post_json(&path(&new, "/notes"), &json!({"text": "x"})).await.expect(409).json();
        assert_eq!((&refused["code"], &refused["merged_into"]), (&json!("ticket_merged"), &json!(old)));
        assert_eq!(api.post_json(&path(&new, "/merge"), &json!({"into": old})).await.expect(422).json()["code"], "merge_same");
        assert_eq!(api.post_json(&path(&old, "/merge"), &json!({"into": new})).await.expect(422).json()["code"], "merge_same");
        assert_eq!(api.post_json(&path(&old, "/close"), &json!({"outcome": "merged"})).await.expect(422).json()["code"], "invalid");
        let parted = api.post_json(&path(&new, "/unmerge"), &json!({})).await.expect(200).json();
        assert_eq!((&parted["state"], &parted["merged_into"], &parted["outcome"]), (&json!("new"), &json!(null), &json!(null)));
        assert_eq!(api.post_json(&path(&new, "/unmerge"), &json!({})).await.expect(409).json()["code"], "not_merged");
    }

    async fn who_may_not_work_tickets_merges_nothing(t: TestApp) {
        let (new, old) = two(&t, MARIA).await;
        let referent = t.sign_in(Role::Referent).await;
        for (path, fields) in [("/unisci", [("other", old.as_str())]), ("/separa", [("reason", "")]), ("/dividi", [("contact", "1")]), ("/contatti/1/sposta", [("other", old.as_str())])] {
            assert_eq!(referent.post_form(&at(&new, path), &fields).await.status, 403, "{path}");
            assert!(matches!(referent.get(&at(&new, path)).await.status, 403..=405), "{path}");
        }
        let program = t.api(Role::Integration).await;
        for (what, body) in [("merge", json!({"into": old})), ("unmerge", json!({})), ("split", json!({"contacts": [1]})), ("contacts/1/move", json!({"to": old}))] {
            assert_eq!(program.post_json(&format!("/api/v1/tickets/{new}/{what}"), &body).await.status, 403, "{what}");
        }
        assert_eq!(t.number("SELECT COUNT(*) FROM ticket_merges").await, 0);
    }

    async fn a_change_seen_by_nobody_stops_the_merge_on_either_side(t: TestApp) {
        let (new, old) = two(&t, MARIA).await;
        let agent = t.sign_in(Role::Agent).await;
        for changed in [&new, &old] {
            let (version_new, version_old) = (version(&agent, &new).await, version(&agent, &old).await);
            agent.post_form(&at(changed, "/classifica"), &[("category", "waste/bulky")]).await.expect(303);
            let fields = [("version", version_new.as_str()), ("other", old.as_str()), ("other_version", version_old.as_str()), ("reason", "stesso divano")];
            let stale = agent.post_form(&at(&new, "/unisci"), &fields).await.expect(412);
            assert!(stale.has("ha modificato una delle due pratiche") && stale.has("stesso divano"), "{}", stale.body);
            let api = t.api(Role::Agent).await;
            let request = api.request(reqwest::Method::POST, &format!("/api/v1/tickets/{new}/merge")).header("if-match", format!("\"{version_new}\""));
            let answer = api.send(request.json(&json!({"into": old, "into_version": version_old.parse::<i64>().unwrap()}))).await;
            assert_eq!(answer.status, 412, "{}", answer.body);
        }
        merge(&agent, &new, &old).await.expect(303);
    }

    async fn what_must_not_be_merged_is_refused_with_its_reason(t: TestApp) {
        let (new, old) = two(&t, MARIA).await;
        let agent = t.sign_in(Role::Agent).await;
        let leg = [("unit", "anagrafe"), ("kind", "inquiry"), ("question", "Lo ritirate voi?")];
        agent.post_form(&at(&new, "/invii"), &leg).await.expect(303);
        assert!(agent.get(&at(&new, &format!("/unisci?in={old}"))).await.expect(200).has("deve ancora rispondere"));
        let refused = agent.post_form(&at(&new, "/unisci"), &[("other", &old)]).await.expect(409);
        assert!(refused.has("deve ancora rispondere"), "{}", refused.body);
        // The other way round the legs stay where they are.
        merge(&agent, &old, &new).await.expect(303);
        assert_eq!(t.texts(&format!("SELECT state FROM tickets WHERE code = '{new}'")).await, ["referred"]);
        part(&agent, &old).await.expect(303);
        agent.post_form(&at(&old, "/chiudi"), &[("outcome", "answered")]).await.expect(303);
        agent.post_form(&at(&new, "/invii/1/ritira"), &[("reason", "non serve più")]).await.expect(303);
        let refused = agent.post_form(&at(&new, "/unisci"), &[("other", &old)]).await.expect(409);
        assert!(refused.has("riaprila prima"), "{}", refused.body);
        agent.post_form(&at(&new, "/unisci"), &[("other", &new)]).await.expect(422);
        assert_eq!(agent.post_form(&at(&new, "/unisci"), &[("other", "non-un-codice")]).await.status, 404);
    }

    async fn merges_of_merges_are_parted_in_order(t: TestApp) {
        let (a, b) = two(&t, MARIA).await;
        let c = contact(&t, "third", MARIA, "Armadio", "E l'armadio?").await;
        let before = places(&t).await;
        let agent = t.sign_in(Role::Agent).await;
        merge(&agent, &a, &b).await.expect(303);
        merge(&agent, &b, &c).await.expect(303);
        assert_eq!(places(&t).await, [c.as_str(); 3]);
        for code in [&a, &b] {
            assert_eq!(agent.get(&at(code, "")).await.expect(303).location(), at(&c, &format!("?unita={code}")));
        }
        assert_eq!(part(&agent, &a).await.status, 409, "what was joined last is parted first");
        let page = agent.get(&at(&c, "")).await.expect(200);
        assert_eq!(page.body.matches("/separa\"").count(), 1, "only the last can be parted");
        part(&agent, &b).await.expect(303);
        assert_eq!(agent.get(&at(&a, "")).await.expect(303).location(), at(&b, &format!("?unita={a}")), "it goes on where it did");
        part(&agent, &a).await.expect(303);
        assert_eq!(places(&t).await, before);
        assert_eq!(t.number("SELECT COUNT(*) FROM contacts WHERE via_id IS NOT NULL").await, 0);
    }

    async fn what_came_after_the_merge_stays(t: TestApp) {
        let (new, old) = two(&t, MARIA).await;
        let agent = t.sign_in(Role::Agent).await;
        merge(&agent, &new, &old).await.expect(303);
        agent.post_form(&at(&old, "/risposta"), &[("kind", "reply"), ("way", "email"), ("text", "Vale per tutti e due.")]).await.expect(303);
        agent.post_form(&at(&old, "/risposta"), &[("kind", "note"), ("note", "dopo")]).await.expect(303);
        part(&agent, &new).await.expect(303);
        assert_eq!(places(&t).await, [old.as_str(), &new, &old, &old]);
    }

    async fn a_merged_ticket_counts_in_no_closure_rate(t: TestApp) {
        let (new, old) = two(&t, MARIA).await;
        let agent = t.sign_in(Role::Agent).await;
        merge(&agent, &new, &old).await.expect(303);
        assert_eq!(figures(&t).await, [0, 0, 0], "its end is no closing");
        part(&agent, &new).await.expect(303);
        agent.post_form(&at(&new, "/chiudi"), &[("outcome", "answered")]).await.expect(303);
        let closed = figures(&t).await;
        assert_eq!(closed, [1, 1, 1]);
        let row = t.texts("SELECT day || channel FROM closures").await;
        t.clock.advance(SignedDuration::from_hours(48));
        let agent = t.sign_in(Role::Agent).await;
        merge(&agent, &new, &old).await.expect(303);
        assert_eq!(figures(&t).await, [0, 0, 0]);
        part(&agent, &new).await.expect(303);
        assert_eq!(figures(&t).await, closed, "it counts again");
        assert_eq!(t.texts("SELECT day || channel FROM closures").await, row, "on its own day");
        agent.post_form(&at(&new, "/riapri"), &[]).await.expect(303);
        assert_eq!(figures(&t).await, [0, 0, 0]);
    }

    async fn drafts_survive_a_merge_and_its_undoing(t: TestApp) {
        let (new, old) = two(&t, MARIA).await;
        let agent = t.sign_in(Role::Agent).await;
        let draft = async |code: &str, text: &str| agent.post_form(&at(code, "/bozza"), &[("kind", "reply"), ("body", text)]).await.expect(204);
        draft(&new, "Gentile Maria, la poltrona").await;
        merge(&agent, &new, &old).await.expect(303);
        assert!(agent.get(&at(&old, "")).await.expect(200).has(">Gentile Maria, la poltrona</textarea>"), "it comes to light where the ticket goes on");
        part(&agent, &new).await.expect(303);
        assert!(agent.get(&at(&new, "")).await.expect(200).has(">Gentile Maria, la poltrona</textarea>"));
        assert!(!agent.get(&at(&old, "")).await.expect(200).has("la poltrona</textarea>"));

        // With a draft on each, the second is shown when the first is sent.
        draft(&old, "Il divano va lì").await;
        merge(&agent, &new, &old).await.expect(303);
        draft(&new, "Gentile Maria, la poltrona no").await;
        assert!(agent.get(&at(&old, "")).await.expect(200).has(">Il divano va lì</textarea>"));
        agent.post_form(&at(&old, "/risposta"), &[("kind", "reply"), ("way", "email"), ("text", "Il divano va lì.")]).await.expect(303);
        assert!(agent.get(&at(&old, "")).await.expect(200).has(">Gentile Maria, la poltrona no</textarea>"), "nothing written is lost");
        draft(&old, "Gentile Maria, la poltrona sì").await;
        agent.post_form(&at(&old, "/risposta"), &[("kind", "reply"), ("way", "email"), ("text", "Ecco.")]).await.expect(303);
        assert!(!agent.get(&at(&old, "")).await.expect(200).has("la poltrona sì"));
        assert_eq!(t.number("SELECT COUNT(*) FROM drafts").await, 0);
    }

    async fn two_citizens_whose_tickets_are_one_never_read_each_other(t: TestApp) {
        let (new, old) = two(&t, LUCA).await;
        let agent = t.sign_in(Role::Agent).await;
        let summary = agent.get(&at(&new, &format!("/unisci?in={old}"))).await.expect(200);
        assert!(summary.has("non sono dello stesso utente"), "{}", summary.body);
        merge(&agent, &new, &old).await.expect(303);
        agent.post_form(&at(&old, "/attendi"), &[]).await.expect(303);
        // The answer goes to whoever wrote last, under the code they know.
        agent.post_form(&at(&old, "/risposta"), &[("kind", "reply"), ("way", "email"), ("text", "Portatela in discarica")]).await.expect(303);
        assert_eq!(t.texts("SELECT recipient FROM outbox WHERE purpose = 'reply'").await, [LUCA]);
        let mail = t.texts("SELECT payload FROM outbox WHERE purpose = 'reply'").await.remove(0);
        let grouped = sportello::kernel::codes::grouped;
        assert!(mail.contains(&grouped(&new)) && mail.contains("Poltrona") && !mail.contains(&old) && !mail.contains(&grouped(&old)) && !mail.contains("Divano"), "{mail}");

        let follow = async |code: &str, fact: &str| {
            let browser = t.browser();
            let path = format!("/sportello/pratica/{code}");
            let proved = browser.post_form(&path, &[("recapito", fact)]).await;
            (proved.status, browser.get(&path).await.expect(200), browser)
        };
        let (status, luca, browser) = follow(&new, LUCA).await;
        assert_eq!(status, 303);
        assert!(luca.has("Aspettiamo una tua risposta") && luca.has("poltrona azzurra") && luca.has("in discarica"), "{}", luca.body);
        assert!(luca.has("insieme a un’altra richiesta"), "{}", luca.body);
        for secret in ["divano", "Divano", old.as_str(), &grouped(&old)] {
            assert!(!luca.has(secret), "{secret}: {}", luca.body);
        }
        let (status, maria, _) = follow(&old, MARIA).await;
        assert_eq!(status, 303);
        assert!(maria.has("Dove porto il divano?") && !maria.has("poltrona") && !maria.has("in discarica"), "{}", maria.body);
        assert_eq!(follow(&old, LUCA).await.0, 422, "what the other used proves nothing");
        assert_eq!(follow(&new, MARIA).await.0, 422);
        let public = t.browser().get_json(&format!("/api/v1/public/requests/{new}")).await.expect(200).json();
        assert_eq!(public["state"], "waiting_citizen");

        // What Luca adds under his code wakes the one ticket, and stays his.
        let nonce = luca.between("name=\"stamp\" value=\"", "\"").unwrap().to_owned();
        let path = format!("/sportello/pratica/{new}");
        let added = browser.post_files(&format!("{path}/messaggi"), &[("stamp", &nonce), ("text", "Quale discarica?")], &[]).await.expect(303);
        assert_eq!(added.location(), format!("{path}?fatto=messaggio"), "under the code he knows");
        assert_eq!(places(&t).await, vec![old.as_str(); 4]);
        assert_eq!(t.texts(&format!("SELECT state FROM tickets WHERE code = '{old}'")).await, ["open"]);
        assert!(browser.get(&path).await.expect(200).has("Quale discarica?"));
        assert!(!follow(&old, MARIA).await.1.has("Quale discarica?"));
        part(&agent, &new).await.expect(303);
        assert!(!follow(&old, MARIA).await.1.has("Quale discarica?"), "nor after they are parted");
        assert!(browser.get(&path).await.expect(200).has("Quale discarica?"), "his own words are always his to read");
    }

    async fn one_citizen_reads_both_merged_tickets_under_either_code(t: TestApp) {
        let (new, old) = two(&t, MARIA).await;
        let agent = t.sign_in(Role::Agent).await;
        merge(&agent, &new, &old).await.expect(303);
        for code in [&new, &old] {
            let (browser, path) = (t.browser(), format!("/sportello/pratica/{code}"));
            let locked = browser.get(&path).await.expect(200);
            assert!(!locked.has("divano") && !locked.has("poltrona"));
            browser.post_form(&path, &[("recapito", MARIA)]).await.expect(303);
            let page = browser.get(&path).await.expect(200);
            assert!(page.has("Dove porto il divano?") && page.has("E la poltrona azzurra?"), "{}", page.body);
            assert_eq!(page.has(&format!("richiesta {}", sportello::kernel::codes::grouped(&old))), *code == new, "{}", page.body);
        }
    }

    async fn legs_of_a_merged_ticket_are_shown_and_still_answered(t: TestApp) {
        let (new, old) = two(&t, MARIA).await;
        let agent = t.sign_in(Role::Agent).await;
        agent.post_form(&at(&new, "/invii"), &[("unit", "anagrafe"), ("kind", "inquiry"), ("question", "Lo ritirate voi?")]).await.expect(303);
        let referent = t.sign_in(Role::Referent).await;
        let path = format!("/api/v1/tickets/{new}/legs/1/answer");
        let wrote = referent.post_json(&path, &json!({"text": "Sì, martedì"})).await;
        assert!(matches!(wrote.status, 200 | 201), "{} {}", wrote.status, wrote.body);
        merge(&agent, &new, &old).await.expect(303);
        let of = |column: &str| format!("SELECT {column} FROM tickets WHERE code = '{old}'");
        assert_eq!(t.number(&of("decisive_legs")).await, 1, "the closure rate does not forget that a unit was needed");
        let page = agent.get(&at(&old, "")).await.expect(200);
        assert!(page.has(&format!("{}/1", sportello::kernel::codes::grouped(&new))) && page.has("Sì, martedì"), "{}", page.body);
        let wrote = referent.post_json(&path, &json!({"text": "Anzi, mercoledì"})).await;
        assert!(matches!(wrote.status, 200 | 201), "{} {}", wrote.status, wrote.body);
        assert!(agent.get(&at(&old, "")).await.expect(200).has("Anzi, mercoledì"), "somebody sees it");
        part(&agent, &new).await.expect(303);
        assert_eq!(t.number(&of("decisive_legs")).await, 0);
        assert!(agent.get(&at(&new, "")).await.expect(200).has("Anzi, mercoledì"));
    }

    async fn a_message_moves_with_its_author_and_time(t: TestApp) {
        let (new, old) = two(&t, MARIA).await;
        let agent = t.sign_in(Role::Agent).await;
        agent.post_form(&at(&new, "/risposta"), &[("kind", "reply"), ("way", "email"), ("text", "La poltrona va in via Po.")]).await.expect(303);
        let row = async || t.texts("SELECT happened_at || ' ' || created_at || ' ' || author_id || ' ' || direction FROM contacts WHERE body LIKE '%via Po%'").await;
        let before = row().await;
        let id = contact_id(&t, "via Po").await;
        let path = at(&new, &format!("/contatti/{id}/sposta"));
        let page = agent.get(&format!("{path}?in={old}")).await.expect(200);
        assert!(page.has("La poltrona va in via Po.") && page.has("con il suo autore"), "{}", page.body);
        let moved = agent.post_form(&path, &[("other", &old), ("reason", "era per il divano")]).await.expect(303);
        assert_eq!(moved.location(), at(&old, &format!("?fatto=moved#contact-{id}")));
        assert_eq!(row().await, before);
        let there = agent.get(&at(&old, "")).await.expect(200);
        assert!(there.has("via Po") && there.has("ha spostato qui un messaggio") && there.has("In partenza") && there.has("era per il divano"), "{}", there.body);
        assert!(agent.get(&at(&new, "")).await.expect(200).has("ha spostato un messaggio nella pratica"));
        // Its Message-ID leads to where it is now.
        assert_eq!(t.texts(&format!("SELECT t.code FROM message_ids m JOIN tickets t ON t.id = m.ticket_id WHERE m.contact_id = {id}")).await, [old.as_str()]);
        assert_eq!(agent.post_form(&path, &[("other", &old)]).await.status, 404, "it is there no more");
        let last = contact_id(&t, "poltrona azzurra").await;
        let refused = agent.post_form(&at(&new, &format!("/contatti/{last}/sposta")), &[("other", &old)]).await.expect(409);
        assert!(refused.has("non resterebbe nulla del cittadino"), "{}", refused.body);
    }

    async fn a_strangers_message_moved_by_mistake_shows_to_nobody_else(t: TestApp) {
        let (new, old) = two(&t, LUCA).await;
        let agent = t.sign_in(Role::Agent).await;
        t.execute(&format!("INSERT INTO contacts (ticket_id, direction, channel, person_id, from_address, body, public, happened_at, created_at)
            SELECT id, 'in', 'email', person_id, '{LUCA}', 'segreto di Luca', TRUE, 0, 0 FROM tickets WHERE code = '{new}'")).await;
        let id = contact_id(&t, "segreto di Luca").await;
        let page = agent.get(&at(&new, &format!("/contatti/{id}/sposta?in={old}"))).await.expect(200);
        assert!(page.has("Il messaggio è di un altro utente"), "{}", page.body);
        agent.post_form(&at(&new, &format!("/contatti/{id}/sposta")), &[("other", &old)]).await.expect(303);
        for (code, fact, sees) in [(&old, MARIA, false), (&new, LUCA, true)] {
            let (browser, path) = (t.browser(), format!("/sportello/pratica/{code}"));
            browser.post_form(&path, &[("recapito", fact)]).await.expect(303);
            assert_eq!(browser.get(&path).await.expect(200).has("segreto di Luca"), sees, "{code}");
        }
        t.browser().post_form(&format!("/sportello/pratica/{old}"), &[("recapito", LUCA)]).await.expect(422);
    }

    async fn messages_become_a_ticket_of_their_own(t: TestApp) {
        let (code, _) = two(&t, MARIA).await;
        let agent = t.sign_in(Role::Agent).await;
        let person = t.number(&format!("SELECT person_id FROM tickets WHERE code = '{code}'")).await;
        for (n, text) in [(10, "E il lampione è spento"), (20, "Il lampione di via Roma")] {
            t.execute(&format!("INSERT INTO contacts (ticket_id, direction, channel, person_id, from_address, body, public, happened_at, created_at)
                SELECT id, 'in', 'phone', {person}, '{MARIA}', '{text}', TRUE, {n}, {n} FROM tickets WHERE code = '{code}'")).await;
        }
        let ids = [contact_id(&t, "spento").await.to_string(), contact_id(&t, "via Roma").await.to_string()];
        let page = agent.get(&at(&code, &format!("/dividi?contatto={}", ids[0]))).await.expect(200);
        assert!(page.has(&format!("value=\"{}\" checked", ids[0])) && page.has(&format!("value=\"{}\">", ids[1])), "{}", page.body);
        let nothing = agent.post_form(&at(&code, "/dividi"), &[("subject", "Lampione spento")]).await.expect(422);
        assert!(nothing.has("Scegli almeno un messaggio") && nothing.has("value=\"Lampione spento\""), "{}", nothing.body);
        let seen = version(&agent, &code).await;
        let fields = [("version", seen.as_str()), ("contact", ids[0].as_str()), ("contact", ids[1].as_str()), ("subject", "Lampione spento")];
        let done = agent.post_form(&at(&code, "/dividi"), &fields).await.expect(303);
        let new = done.location().trim_start_matches("/scrivania/pratiche/").split('?').next().unwrap().to_owned();
        assert_ne!(new, code);
        let page = agent.get(done.location()).await.expect(200);
        assert!(page.has("<h1>Lampione spento</h1>") && page.has("E il lampione") && page.has("via Roma") && page.has("Nata da:") && page.has("Agent Prova"), "{}", page.body);
        let old = agent.get(&at(&code, "")).await.expect(200);
        assert!(old.has("Da questa è nata:") && !old.has("E il lampione è spento") && old.has("ha fatto di alcuni messaggi"), "{}", old.body);
        assert_eq!(t.texts("SELECT CAST(happened_at AS TEXT) FROM contacts WHERE channel = 'phone' ORDER BY id").await, ["10", "20"]);
        assert_eq!(agent.post_form(&at(&code, "/dividi"), &fields[..2]).await.status, 412);
        let (browser, path) = (t.browser(), format!("/sportello/pratica/{code}"));
        browser.post_form(&path, &[("recapito", MARIA)]).await.expect(303);
        let followed = browser.get(&path).await.expect(200);
        assert!(followed.has("Una parte la seguiamo") && followed.has(&format!("href=\"/sportello/pratica/{new}\"")), "{}", followed.body);
        count(&t).await;
        assert!(agent.get("/scrivania/coda/mie").await.expect(200).has("Lampione spento"));
    }

    async fn words_of_a_merged_ticket_find_the_one_that_goes_on(t: TestApp) {
        let (new, old) = two(&t, MARIA).await;
        t.start_background();
        let agent = t.sign_in(Role::Agent).await;
        let until = async |q: &str, code: &str, not: &str| {
            for _ in 0..200 {
                let page = agent.get(&format!("/scrivania/cerca?q={q}")).await.expect(200);
                if page.has(&format!("id=\"t-{code}\"")) && !page.has(&format!("id=\"t-{not}\"")) {
                    return;
                }
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
            panic!("{q} does not find {code} alone");
        };
        until("azzurra", &new, &old).await;
        merge(&agent, &new, &old).await.expect(303);
        until("azzurra", &old, &new).await;
        until("maria%40example.org", &old, &new).await;
        part(&agent, &new).await.expect(303);
        until("azzurra", &new, &old).await;
    }
}
