//! News for operators: who sees what and when, reading, live, history, and the same for programs.
use std::time::Duration;

use sportello::bulletin;

use crate::support::*;

/// The editor's fields of a bulletin in force at once.
fn fields<'a>(kind: &'a str, title: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![("kind", kind), ("title", title), ("text", "Il centralino è **fermo**: usare il cellulare.")]
}

async fn publish(who: &Browser, fields: &[(&str, &str)]) -> String {
    who.post_form("/scrivania/bacheca", fields).await.expect(303).location().to_owned()
}

async fn strip(who: &Browser, path: &str) -> String {
    who.get(&format!("/scrivania/bacheca/striscia?path={path}")).await.body
}

const QUEUE: &str = "/scrivania/coda/nuove";

on_each_engine! {
    async fn an_emergency_is_on_every_page_until_each_says_to_have_read_it(t: TestApp) {
        let (supervisor, agent) = (t.sign_in(Role::Supervisor).await, t.sign_in(Role::Agent).await);
        let here = publish(&supervisor, &fields("emergency", "Centralino fermo")).await;
        for path in [QUEUE, "/scrivania/schede", "/scrivania/pratiche/X"] {
            assert!(strip(&agent, path).await.contains("Centralino fermo"), "{path}");
        }
        let page = agent.get(&here).await.expect(200);
        assert!(page.has("<strong>fermo</strong>") && !page.has("Non hanno ancora letto"), "{}", page.body);
        assert!(agent.get("/scrivania/bacheca/conteggio").await.expect(200).has("count-late\">1<"));

        let left = agent.post_fragment(&format!("{here}/letto"), &[("path", QUEUE)]).await.expect(200);
        assert_eq!(left.header("hx-trigger"), "news-read");
        assert!(left.has("Centralino fermo") && !left.has("/letto"), "read, it stays above the queue: {}", left.body);
        assert!(!strip(&agent, "/scrivania/schede").await.contains("Centralino fermo"));
        assert!(!agent.get("/scrivania/bacheca/conteggio").await.expect(200).has("count"));

        let seen = supervisor.get(&here).await.expect(200);
        assert!(seen.has("1 su 2 hanno letto") && seen.has("Non hanno ancora letto"), "{}", seen.body);
        supervisor.post_form(&format!("{here}/letto"), &[("path", &here)]).await.expect(303);
        assert!(supervisor.get(&here).await.expect(200).has("2 su 2 hanno letto"));
    }

    async fn what_is_known_is_not_sent_again(t: TestApp) {
        let (supervisor, agent) = (t.sign_in(Role::Supervisor).await, t.sign_in(Role::Agent).await);
        publish(&supervisor, &fields("emergency", "Centralino fermo")).await;
        let first = agent.get(&format!("/scrivania/bacheca/striscia?path={QUEUE}")).await.expect(200);
        let known = first.between("name=\"known\" value=\"", "\"").unwrap().replace(' ', "+");
        agent.get(&format!("/scrivania/bacheca/striscia?path={QUEUE}&known={known}")).await.expect(204);
        publish(&supervisor, &fields("emergency", "Anche la posta")).await;
        let both = agent.get(&format!("/scrivania/bacheca/striscia?path={QUEUE}&known={known}")).await.expect(200);
        assert!(both.has("Anche la posta") && both.has("Centralino fermo"));
    }

    async fn open_desks_are_told_at_once_and_again_when_something_planned_begins(t: TestApp) {
        t.start_background();
        let (supervisor, agent) = (t.sign_in(Role::Supervisor).await, t.sign_in(Role::Agent).await);
        let mut live = agent.live().await;
        tokio::time::sleep(Duration::from_millis(150)).await;
        publish(&supervisor, &fields("emergency", "Centralino fermo")).await;
        assert_eq!(live.next().await.0, "news");
        let mut planned = fields("planning", "Domenica si vota");
        planned.extend([("from", "2026-03-02T10:00"), ("until", "2026-03-02T12:00")]);
        let here = publish(&supervisor, &planned).await;
        assert_eq!(live.next().await.0, "news");
        agent.get(&here).await.expect(404);
        assert!(supervisor.get("/scrivania/bacheca?elenco=planned").await.expect(200).has("Domenica si vota"));
        agent.get("/scrivania/bacheca?elenco=planned").await.expect(403);
        assert_eq!(bulletin::run(&t.kernel).await.unwrap(), 0);

        // Nine in the morning in Rome; it begins at ten.
        t.clock.advance(SignedDuration::from_hours(1));
        bulletin::run(&t.kernel).await.unwrap();
        assert_eq!(live.next().await.0, "news");
        agent.get(&here).await.expect(200);
        t.clock.advance(SignedDuration::from_hours(2));
        bulletin::run(&t.kernel).await.unwrap();
        assert_eq!(live.next().await.0, "news");
        assert_eq!(bulletin::run(&t.kernel).await.unwrap(), 0, "each is told once");
        assert!(!agent.get("/scrivania/bacheca").await.expect(200).has("Domenica si vota"));
        let archive = agent.get("/scrivania/bacheca?elenco=archive").await.expect(200);
        assert!(archive.has("Domenica si vota") && archive.has("scaduta"), "{}", archive.body);
    }

    async fn units_and_roles_say_whom_it_is_for(t: TestApp) {
        let supervisor = t.sign_in(Role::Supervisor).await;
        let mut for_registry = fields("service", "Solo per l'anagrafe");
        for_registry.extend([("units", "anagrafe"), ("roles", "referent"), ("roles", "agent")]);
        let registry = publish(&supervisor, &for_registry).await;
        let mut for_counters = fields("local", "Per gli sportelli");
        for_counters.push(("units", "contact-centre"));
        let counters = publish(&supervisor, &for_counters).await;
        let everybody = publish(&supervisor, &fields("service", "Per tutti")).await;

        t.add_user("banco@example.it", Role::Agent, &["counter"]).await;
        let below = t.sign_in_as("banco@example.it").await;
        below.get(&registry).await.expect(404);
        below.get(&counters).await.expect(200);
        below.get(&everybody).await.expect(200);
        let referent = t.sign_in(Role::Referent).await;
        referent.get(&registry).await.expect(200);
        referent.get(&counters).await.expect(404);
        referent.get(&everybody).await.expect(404);
        let list = referent.get("/scrivania/bacheca").await.expect(200);
        assert!(list.has("Solo per l&#39;anagrafe") && !list.has("Per tutti"), "{}", list.body);
        referent.post_form(&format!("{everybody}/letto"), &[("path", "")]).await.expect(404);
        referent.post_form("/scrivania/bacheca", &fields("service", "Mia")).await.expect(403);
        below.get("/scrivania/bacheca/nuova").await.expect(403);
        // Who writes reads all, and sees whom it is for.
        assert!(supervisor.get(&registry).await.expect(200).has("Operatori, Referenti degli uffici · Anagrafe"));
    }

    async fn a_change_may_ask_to_be_read_again_and_keeps_what_was_said(t: TestApp) {
        let (supervisor, agent) = (t.sign_in(Role::Supervisor).await, t.sign_in(Role::Agent).await);
        let here = publish(&supervisor, &fields("emergency", "Centralino fermo")).await;
        agent.post_form(&format!("{here}/letto"), &[("path", &here)]).await.expect(303);
        let form = supervisor.get(&format!("{here}/modifica")).await.expect(200);
        assert!(form.has("value=\"2026-03-02T09:00\""), "{}", form.body);

        let mut small = fields("emergency", "Centralino fermo fino alle 12");
        small.push(("revision", "1"));
        supervisor.post_form(&here, &small).await.expect(303);
        assert!(agent.get(&here).await.expect(200).has("L’hai letta"), "a small change asks nobody");
        let stale = supervisor.post_form(&here, &small).await.expect(412);
        assert!(stale.has("name=\"revision\" value=\"2\"") && stale.has("fino alle 12"), "{}", stale.body);
        let mut large = fields("emergency", "Centralino fermo fino a domani");
        large.extend([("revision", "2"), ("ask", "true")]);
        supervisor.post_form(&here, &large).await.expect(303);
        assert!(!agent.get(&here).await.expect(200).has("L’hai letta"));

        let history = supervisor.get(&here).await.expect(200);
        assert!(history.has("<del>") && history.has("<ins>") && history.has("Modificata: Supervisor Prova"), "{}", history.body);
        supervisor.post_form(&format!("{here}/ritira"), &[]).await.expect(303);
        supervisor.post_form(&format!("{here}/ritira"), &[]).await.expect(409);
        let mut late = fields("emergency", "Troppo tardi");
        late.push(("revision", "4"));
        supervisor.post_form(&here, &late).await.expect(409);
        assert!(strip(&agent, QUEUE).await.is_empty());
        let told: Vec<_> = t.event_kinds().await.into_iter().filter(|k| k.starts_with("bulletin.")).collect();
        assert_eq!(told, ["bulletin.published", "bulletin.changed", "bulletin.changed", "bulletin.withdrawn"]);
    }

    async fn a_refused_form_keeps_what_was_typed(t: TestApp) {
        let supervisor = t.sign_in(Role::Supervisor).await;
        let sent = [
            ("kind", "service"), ("title", ""), ("text", "Chiuso <script>alert(1)</script>"), ("sheet", "999"),
            ("from", "2026-03-05T10:00"), ("until", "2026-03-04T10:00"),
        ];
        let refused = supervisor.post_form("/scrivania/bacheca", &sent).await.expect(422);
        for told in ["Titolo: manca", "Scheda: non esiste", "Vale fino al: viene prima", "Chiuso &lt;script"] {
            assert!(refused.has(told) || refused.has(&told.replace("&lt;", "&#60;")), "{told}: {}", refused.body);
        }
        let mut preview = fields("service", "Prova");
        preview.push(("then", "preview"));
        assert!(supervisor.post_form("/scrivania/bacheca", &preview).await.expect(200).has("<strong>fermo</strong>"));
        let unknown = [("kind", "service"), ("title", "A"), ("text", "B"), ("units", "nowhere")];
        supervisor.post_form("/scrivania/bacheca", &unknown).await.expect(422);
        assert_eq!(t.number("SELECT COUNT(*) FROM bulletins").await, 0);
        let wild = publish(&supervisor, &[("kind", "service"), ("title", "A"), ("text", "x<script>alert(1)</script>y")]).await;
        assert!(!supervisor.get(&wild).await.expect(200).has("<script>alert"));
    }

    async fn the_board_is_searched_and_narrowed(t: TestApp) {
        let (supervisor, agent) = (t.sign_in(Role::Supervisor).await, t.sign_in(Role::Agent).await);
        publish(&supervisor, &fields("service", "L'Unità mobile cambia orario")).await;
        publish(&supervisor, &fields("planning", "Bollette in arrivo")).await;
        let mut pinned = fields("planning", "Sempre utile al 100%");
        pinned.push(("pinned", "true"));
        publish(&supervisor, &pinned).await;
        let found = agent.get("/scrivania/bacheca?q=unita%27+MOBILE").await.expect(200);
        assert!(!found.has("Bollette"), "{}", found.body);
        let found = agent.get("/scrivania/bacheca?q=unita+MOBILE").await.expect(200);
        assert!(found.has("Unità mobile") && !found.has("Bollette"), "{}", found.body);
        let found = agent.get("/scrivania/bacheca?q=100%25").await.expect(200);
        assert!(found.has("Sempre utile") && !found.has("Bollette"));
        let found = agent.get("/scrivania/bacheca?tipo=planning").await.expect(200);
        assert!(found.has("Bollette") && !found.has("Unità mobile"));
        agent.get("/scrivania/bacheca?tipo=nonsense").await.expect(404);
        let queue = strip(&agent, QUEUE).await;
        assert!(queue.contains("Sempre utile") && !queue.contains("Bollette"), "only what is pinned: {queue}");
        assert!(!strip(&agent, "/scrivania/schede").await.contains("Sempre utile"));
    }

    async fn a_page_of_the_list_follows_the_other(t: TestApp) {
        let program = t.api(Role::Admin).await;
        for n in 0..5 {
            let kind = if n == 2 { "emergency" } else { "local" };
            let body = json!({"kind": kind, "title": format!("Numero {n}"), "text": "Testo."});
            program.post_json("/api/v1/bulletins", &body).await.expect(201);
            t.clock.advance(SignedDuration::from_mins(1));
        }
        let (mut titles, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = program.get(&format!("/api/v1/bulletins?limit=2&cursor={cursor}")).await.expect(200).json();
            titles.extend(page["items"].as_array().unwrap().iter().map(|b| b["title"].as_str().unwrap().to_owned()));
            match page["next_cursor"].as_str() {
                Some(next) => cursor = next.to_owned(),
                None => break,
            }
        }
        assert_eq!(titles, ["Numero 2", "Numero 4", "Numero 3", "Numero 1", "Numero 0"]);
    }

    async fn programs_publish_change_and_withdraw_and_people_read(t: TestApp) {
        let program = t.api(Role::Supervisor).await;
        let body = json!({
            "kind": "emergency", "title": "Allerta arancione", "text": "Pioggia forte.", "roles": ["agent"],
            "units": ["contact-centre"], "until": "2026-03-03T08:00:00Z", "category": "waste",
        });
        let made = program.post_json("/api/v1/bulletins", &body).await.expect(201);
        assert_eq!((made.header("etag"), &made.json()["stage"]), ("\"1\"", &json!("current")));
        let here = format!("/api/v1/bulletins/{}", made.json()["id"]);
        program.post_json(&format!("{here}/read"), &json!({})).await.expect(404);

        let agent = t.sign_in(Role::Agent).await;
        let unread = agent.get_json("/api/v1/bulletins?list=unread").await.expect(200).json();
        assert_eq!(unread["items"][0]["title"], "Allerta arancione");
        agent.send_json(reqwest::Method::POST, &format!("{here}/read"), &json!({})).await.expect(204);
        assert_eq!(agent.get_json("/api/v1/bulletins?list=unread").await.expect(200).json()["items"], json!([]));
        agent.get_json(&format!("{here}/readers")).await.expect(403);
        agent.send_json(reqwest::Method::DELETE, &here, &json!({})).await.expect(403);
        let readers = program.get(&format!("{here}/readers")).await.expect(200).json();
        assert_eq!((&readers["read"], &readers["items"][0]["role"]), (&json!(1), &json!("agent")));

        let mut changed = body.clone();
        changed["title"] = json!("Allerta rossa");
        changed["ask_again"] = json!(true);
        let put = program.request(reqwest::Method::PUT, &here).header("if-match", "\"1\"").json(&changed);
        assert_eq!(program.send(put).await.expect(200).json()["revision"], 2);
        let stale = program.request(reqwest::Method::PUT, &here).header("if-match", "\"1\"").json(&changed);
        program.send(stale).await.expect(412);
        assert_eq!(agent.get_json("/api/v1/bulletins?list=unread").await.expect(200).json()["items"][0]["revision"], 2);
        let delete = program.request(reqwest::Method::DELETE, &here);
        program.send(delete).await.expect(204);
        let versions = program.get(&format!("{here}/versions")).await.expect(200).json();
        let steps: Vec<_> = versions["items"].as_array().unwrap().iter().map(|v| v["step"].clone()).collect();
        assert_eq!(steps, [json!("published"), json!("changed"), json!("withdrawn")]);
        let archive = agent.get_json("/api/v1/bulletins?list=archive").await.expect(200).json();
        assert_eq!(archive["items"][0]["stage"], "withdrawn");

        for (field, value) in [("roles", json!(["citizen"])), ("units", json!(["nowhere"])), ("until", json!("2020-01-01T00:00:00Z")), ("sheet", json!("ANA-77"))] {
            let mut wrong = body.clone();
            wrong[field] = value;
            let refused = program.post_json("/api/v1/bulletins", &wrong).await.expect(422).json();
            assert_eq!(refused["errors"][0]["field"], field, "{refused}");
        }
        t.api(Role::Integration).await.get("/api/v1/bulletins").await.expect(403);
    }
}
