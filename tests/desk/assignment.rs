//! Who works on what: the next ticket by priority and term, by skill and room, given out by itself, and passed on when
//! somebody is away.
use std::collections::BTreeSet;
use std::sync::Arc;

use reqwest::Method;
use sportello::kernel::events::Actor;
use sportello::kernel::permissions::Principal;
use sportello::tickets::assignment::model::{DeskAgent, UnitPolicy};
use sportello::tickets::assignment::next::{Next, next};
use sportello::tickets::assignment::priority::{Decision, set};
use sportello::tickets::assignment::settings::{Readiness, set_agent, set_policy, set_ready};
use sportello::tickets::assignment::{Policy, Prioritiser, Priority, PriorityReason, absences, push};
use sportello::tickets::{Channel, TicketError};

use super::{answers, at, contact, count, version};
use crate::support::*;

/// Somebody of the contact centre.
fn principal(id: i64, role: Role) -> Principal {
    Principal {
        actor: Actor::User(id),
        role,
        user_id: Some(id),
        name: format!("Utente {id}"),
        language: "it".to_owned(),
        units: [1, 2].into(),
    }
}

async fn boss(t: &TestApp) -> Principal {
    principal(t.user(Role::Supervisor).await, Role::Supervisor)
}

/// Another agent.
async fn agent(t: &TestApp, login: &str) -> Principal {
    principal(t.add_user(login, Role::Agent, &["contact-centre"]).await, Role::Agent)
}

async fn taken(t: &TestApp, who: &Principal) -> String {
    match next(&t.kernel, who).await.unwrap() {
        Next::Given(ticket) => ticket.code,
        other => panic!("nothing was given: {other:?}"),
    }
}

async fn policy(t: &TestApp, policy: Policy, capacity: i64) {
    let new = UnitPolicy { policy, capacity, ..UnitPolicy::default() };
    set_policy(&t.kernel, &boss(t).await, "contact-centre", new).await.unwrap();
}

async fn holder(t: &TestApp, code: &str) -> Option<i64> {
    t.number_or_none(&format!("SELECT assignee_id FROM tickets WHERE code = '{code}' AND assignee_id IS NOT NULL"))
        .await
}

/// A second of time between two contacts, so that one is older.
async fn ask(t: &TestApp, n: i64) -> String {
    t.clock.advance(SignedDuration::from_secs(1));
    contact(t, &format!("m{n}"), &format!("p{n}@example.org"), &format!("Domanda {n}"), "Vorrei sapere come si fa.")
        .await
}

on_each_engine! {
    async fn many_who_ask_for_the_next_at_once_never_get_the_same(t: TestApp) {
        for n in 0..30 {
            ask(&t, n).await;
        }
        policy(&t, Policy::Pull, 3).await;
        let mut agents = Vec::new();
        for n in 0..12 {
            agents.push(agent(&t, &format!("a{n}@example.it")).await);
        }
        // Twelve agents ask four times each for thirty tickets, and may hold three.
        let asking = agents.iter().flat_map(|who| std::iter::repeat_n(who.clone(), 4)).map(|who| {
            let kernel = t.kernel.clone();
            tokio::spawn(async move { next(&kernel, &who).await.unwrap() })
        });
        let mut given = Vec::new();
        for one in asking.collect::<Vec<_>>() {
            if let Next::Given(ticket) = one.await.unwrap() {
                given.push(ticket.code);
            }
        }
        let distinct: BTreeSet<_> = given.iter().collect();
        assert_eq!((given.len(), distinct.len()), (30, 30));
        assert_eq!(t.number("SELECT COUNT(*) FROM events WHERE kind = 'ticket.taken'").await, 30);
        let most = t.number("SELECT COUNT(*) FROM tickets GROUP BY assignee_id ORDER BY COUNT(*) DESC LIMIT 1").await;
        assert_eq!(most, 3, "nobody holds more than they can");
    }

    async fn the_next_is_the_most_urgent_then_the_one_whose_term_is_nearest(t: TestApp) {
        let (first, second, third) = (ask(&t, 1).await, ask(&t, 2).await, ask(&t, 3).await);
        let who = agent(&t, "anna@example.it").await;
        set(&t.kernel, &who, &third, None, Decision::Set(Priority::Urgent, PriorityReason::Emergency), "Allagamento").await.unwrap();
        let due = t.kernel.now().0;
        t.execute(&format!("UPDATE tickets SET due_at = {due} WHERE code = '{second}'")).await;
        let desk = t.sign_in(Role::Agent).await;
        let page = desk.get("/scrivania/coda/nuove").await.expect(200);
        let place = |code: &str| page.body.find(&format!("id=\"t-{code}\"")).unwrap();
        assert!(place(&third) < place(&second) && place(&second) < place(&first));
        assert!(page.has("Urgente") && page.has("Prendi la prossima"), "{}", page.body);
        let oldest = desk.get("/scrivania/coda/nuove?ordine=vecchie").await.expect(200);
        assert!(oldest.body.find(&format!("t-{first}\"")).unwrap() < oldest.body.find(&format!("t-{second}\"")).unwrap());
        assert_eq!([taken(&t, &who).await, taken(&t, &who).await, taken(&t, &who).await], [third, second, first]);
        assert_eq!(next(&t.kernel, &who).await.unwrap(), Next::Nothing);
    }

    async fn the_button_takes_the_next_and_says_why_it_does_not(t: TestApp) {
        let code = ask(&t, 1).await;
        ask(&t, 2).await;
        policy(&t, Policy::Pull, 1).await;
        let desk = t.sign_in(Role::Agent).await;
        let page = desk.get("/scrivania/coda/nuove").await.expect(200);
        assert!(!page.has(&format!("take-{code}")), "the list offers no choice: {}", page.body);
        let chief = t.sign_in(Role::Supervisor).await;
        assert!(chief.get("/scrivania/coda/nuove").await.expect(200).has(&format!("take-{code}")));
        assert_eq!(desk.post_form("/scrivania/coda/prossima", &[]).await.expect(303).location(), at(&code, "?fatto=next"));
        assert!(desk.get(&at(&code, "?fatto=next")).await.expect(200).has("Hai preso la prossima pratica"));
        let full = desk.post_form("/scrivania/coda/prossima", &[]).await.expect(409);
        assert!(full.has("Hai già il carico massimo: 1 su 1"), "{}", full.body);
        // What waits for the citizen takes no room.
        desk.post_form(&at(&code, "/attendi"), &[]).await.expect(303);
        desk.post_form("/scrivania/coda/prossima", &[]).await.expect(303);
        t.sign_in(Role::Referent).await.post_form("/scrivania/coda/prossima", &[]).await.expect(403);
    }

    async fn who_lacks_a_skill_a_language_or_a_channel_is_not_given_it(t: TestApp) {
        let code = ask(&t, 1).await;
        let registry = t.category("anagrafe").await;
        let card = t.category("anagrafe/identity-card").await;
        t.execute(&format!("UPDATE categories SET details = '{{\"skills\":[\"stato-civile\"]}}' WHERE id = {registry}")).await;
        t.execute(&format!("UPDATE tickets SET category_id = {card} WHERE code = '{code}'")).await;
        let (anna, bruno) = (agent(&t, "anna@example.it").await, agent(&t, "bruno@example.it").await);
        assert_eq!(next(&t.kernel, &anna).await.unwrap(), Next::Nothing, "the category above asks for it");
        // The phone's skills and the desk's are one notion.
        let api = t.api(Role::Supervisor).await;
        let phone = json!({ "extension": "7", "address": "", "skills": ["Stato-Civile"] });
        api.send_json(Method::PUT, "/api/v1/phone/agents/bruno@example.it", &phone).await.expect(200);
        let shown = t.sign_in(Role::Supervisor).await.get(&format!("/scrivania/operatori/{}", bruno.user_id.unwrap())).await.expect(200);
        assert!(shown.has("value=\"stato-civile\""), "{}", shown.body);
        t.execute(&format!("UPDATE tickets SET language = 'de' WHERE code = '{code}'")).await;
        let able = |languages: &[&str], channels: &[Channel]| DeskAgent {
            user_id: bruno.user_id.unwrap(), skills: vec!["stato-civile".to_owned()],
            languages: languages.iter().map(|l| (*l).to_owned()).collect(), channels: channels.to_vec(), ..DeskAgent::default()
        };
        let chief = boss(&t).await;
        set_agent(&t.kernel, &chief, able(&["en"], &[])).await.unwrap();
        assert_eq!(next(&t.kernel, &bruno).await.unwrap(), Next::Nothing);
        set_agent(&t.kernel, &chief, able(&["en", "de"], &[Channel::Phone])).await.unwrap();
        assert_eq!(next(&t.kernel, &bruno).await.unwrap(), Next::Nothing);
        set_agent(&t.kernel, &chief, able(&["en", "de"], &[])).await.unwrap();
        assert_eq!(taken(&t, &bruno).await, code);
        assert!(set_agent(&t.kernel, &bruno, able(&[], &[])).await.is_err(), "nobody says of themselves what they can");
    }

    async fn what_is_given_out_goes_to_who_is_ready_and_has_most_room(t: TestApp) {
        policy(&t, Policy::Push, 2).await;
        let (anna, bruno, carla) =
            (agent(&t, "anna@example.it").await, agent(&t, "bruno@example.it").await, agent(&t, "carla@example.it").await);
        for n in 0..5 {
            ask(&t, n).await;
        }
        assert_eq!(push::distribute(&t.kernel).await.unwrap(), 0, "nobody is ready");
        for who in [&anna, &bruno] {
            set_ready(&t.kernel, who, who.user_id.unwrap(), Readiness::Ready).await.unwrap();
        }
        // Carla is ready and away.
        set_ready(&t.kernel, &carla, carla.user_id.unwrap(), Readiness::Ready).await.unwrap();
        absences::absent_today(&t.kernel, &boss(&t).await, carla.user_id.unwrap(), None).await.unwrap();
        assert_eq!(push::distribute(&t.kernel).await.unwrap(), 4, "two each");
        for who in [&anna, &bruno] {
            let of = format!("SELECT COUNT(*) FROM tickets WHERE state = 'open' AND assignee_id = {}", who.user_id.unwrap());
            assert_eq!(t.number(&of).await, 2);
        }
        assert_eq!(push::distribute(&t.kernel).await.unwrap(), 0);
        let code = t.texts("SELECT code FROM tickets WHERE assignee_id IS NOT NULL ORDER BY id").await.remove(0);
        let page = t.sign_in(Role::Agent).await.get(&at(&code, "")).await.expect(200);
        assert!(page.has("ha assegnata a"), "{}", page.body);
    }

    async fn priority_follows_category_and_citizen_until_somebody_decides(t: TestApp) {
        let code = ask(&t, 1).await;
        let waste = t.category("waste").await;
        t.execute(&format!("UPDATE categories SET details = '{{\"priority\":\"low\"}}' WHERE id = {waste}")).await;
        let desk = t.sign_in(Role::Agent).await;
        let priority = async || t.texts(&format!("SELECT priority || ' ' || priority_reason FROM tickets WHERE code = '{code}'")).await.remove(0);
        t.read_feed(Arc::new(Prioritiser)).await;
        assert_eq!(priority().await, "3 ordinary");
        desk.post_form(&at(&code, "/classifica"), &[("category", "waste/bulky")]).await.expect(303);
        t.read_feed(Arc::new(Prioritiser)).await;
        assert_eq!(priority().await, "4 category");
        let person = t.number(&format!("SELECT person_id FROM tickets WHERE code = '{code}'")).await;
        let page = desk.get(&format!("/scrivania/persone/{person}")).await.expect(200);
        assert!(page.has("Tipo di utente") && page.has("persona fragile"), "{}", page.body);
        desk.post_form(&format!("/scrivania/persone/{person}/segmento"), &[("segment", "fragile")]).await.expect(303);
        desk.post_form(&format!("/scrivania/persone/{person}/segmento"), &[("segment", "wizard")]).await.expect(422);
        t.read_feed(Arc::new(Prioritiser)).await;
        assert_eq!(priority().await, "2 segment");
        let now = version(&desk, &code).await;
        let silent = [("version", now.as_str()), ("priority", "urgent"), ("because", "manual"), ("reason", " ")];
        desk.post_form(&at(&code, "/priorita"), &silent).await.expect(422);
        let set = [("version", now.as_str()), ("priority", "urgent"), ("because", "emergency"), ("reason", "Cavo a terra")];
        desk.post_form(&at(&code, "/priorita"), &set).await.expect(303);
        assert_eq!(priority().await, "1 emergency");
        desk.post_form(&at(&code, "/classifica"), &[("category", "anagrafe")]).await.expect(303);
        t.read_feed(Arc::new(Prioritiser)).await;
        assert_eq!(priority().await, "1 emergency", "what somebody decided stays");
        let page = desk.get(&at(&code, "")).await.expect(200);
        assert!(page.has("Priorità: Urgente") && page.has("Cavo a terra") && page.has("ha dato priorità: Urgente"), "{}", page.body);
        let now = version(&desk, &code).await;
        let back = [("version", now.as_str()), ("priority", "auto"), ("because", "manual"), ("reason", "Risolto")];
        desk.post_form(&at(&code, "/priorita"), &back).await.expect(303);
        assert_eq!(priority().await, "2 segment");
    }

    async fn what_an_absent_agent_has_goes_to_who_stands_in_and_back_to_work_only_when_it_comes_back(t: TestApp) {
        let (work, waits) = (ask(&t, 1).await, {
            t.clock.advance(SignedDuration::from_secs(1));
            contact(&t, "maria", "maria@example.org", "Divano", "Dove lo porto?").await
        });
        let (anna, bruno, carla) =
            (agent(&t, "anna@example.it").await, agent(&t, "bruno@example.it").await, agent(&t, "carla@example.it").await);
        assert_eq!([taken(&t, &anna).await, taken(&t, &anna).await], [work.clone(), waits.clone()]);
        let desk = t.sign_in_as("anna@example.it").await;
        desk.post_form(&at(&waits, "/attendi"), &[]).await.expect(303);
        // Bruno stands in for Anna, and Carla for Bruno.
        let id = |who: &Principal| who.user_id.unwrap();
        let chief = boss(&t).await;
        absences::absent_today(&t.kernel, &chief, id(&bruno), Some(id(&carla))).await.unwrap();
        let absence = absences::absent_today(&t.kernel, &chief, id(&anna), Some(id(&bruno))).await.unwrap();
        let stuck = t.sign_in(Role::Supervisor).await.get("/scrivania/supervisione/ferme?mostra=absent").await.expect(200);
        assert!(stuck.has(&format!("/scrivania/pratiche/{work}\"")) && !stuck.has(&format!("/scrivania/pratiche/{waits}\"")));
        assert!(matches!(next(&t.kernel, &anna).await.unwrap(), Next::Away));
        let other = ask(&t, 3).await;
        let refused = sportello::tickets::assign::take(&t.kernel, &anna, &other, None).await;
        assert!(matches!(refused, Err(TicketError::Away)), "what she takes would be passed on at once");
        assert_eq!(absences::pass_on(&t.kernel).await.unwrap(), 1);
        assert_eq!((holder(&t, &work).await, holder(&t, &waits).await), (Some(id(&carla)), Some(id(&anna))));
        answers(&t, "r1", &waits, "Ecco la foto", None).await;
        assert_eq!(absences::pass_on(&t.kernel).await.unwrap(), 1);
        assert_eq!(holder(&t, &waits).await, Some(id(&carla)), "the citizen wrote");
        assert_eq!(absences::pass_on(&t.kernel).await.unwrap(), 0);
        t.clock.advance(SignedDuration::from_secs(1));
        absences::come_back(&t.kernel, &anna, absence).await.unwrap();
        let page = desk.get(&format!("/scrivania/operatori/{}", id(&anna))).await.expect(200);
        assert!(page.has("2 pratiche passate") && page.has(&format!("/scrivania/pratiche/{work}\"")), "{}", page.body);
        assert!(desk.get("/scrivania/coda/mie").await.expect(200).has("Durante la tua assenza"));
        let history = desk.get(&at(&work, "")).await.expect(200);
        assert!(history.has("Passata a") && history.has("è assente"), "{}", history.body);
        desk.get(&format!("/scrivania/operatori/{}", id(&bruno))).await.expect(403);
    }

    async fn without_anybody_to_stand_in_it_goes_back_to_its_queue(t: TestApp) {
        let code = ask(&t, 1).await;
        let anna = agent(&t, "anna@example.it").await;
        taken(&t, &anna).await;
        let chief = t.sign_in(Role::Supervisor).await;
        let list = chief.get("/scrivania/supervisione/operatori").await.expect(200);
        assert!(list.has("Assente oggi") && list.has("Anna Prova"), "{}", list.body);
        let page = format!("/scrivania/operatori/{}", anna.user_id.unwrap());
        let wrong = [("from", "2020-01-01"), ("to", "2020-01-02"), ("substitute", ""), ("reason", "ferie")];
        assert!(chief.post_form(&format!("{page}/assenze"), &wrong).await.expect(422).has("già passati"));
        let day = t.kernel.now().day(&t.kernel.config.zone());
        let holidays = [("from", day.as_str()), ("to", day.as_str()), ("substitute", ""), ("reason", "ferie")];
        chief.post_form(&format!("{page}/assenze"), &holidays).await.expect(303);
        assert_eq!(absences::pass_on(&t.kernel).await.unwrap(), 1);
        assert_eq!(holder(&t, &code).await, None);
        count(&t).await;
        assert!(t.sign_in(Role::Agent).await.get(&at(&code, "")).await.expect(200).has("Tornata in coda"));
        t.sign_in(Role::Agent).await.post_form(&format!("{page}/oggi"), &[]).await.expect(403);
    }

    async fn policies_are_set_by_page_and_by_program(t: TestApp) {
        let chief = t.sign_in(Role::Supervisor).await;
        let here = "/scrivania/supervisione/distribuzione/contact-centre";
        let mut fields = vec![("policy", "push"), ("capacity", "7"), ("skills", "urp"), ("weight-phone", "2")];
        chief.post_form(here, &fields).await.expect(303);
        let list = chief.get("/scrivania/supervisione/distribuzione?fatto=1").await.expect(200);
        assert!(list.has("Assegnazione automatica") && list.has("urp") && list.has("Distribuzione aggiornata"), "{}", list.body);
        fields[1] = ("capacity", "0");
        assert!(chief.post_form(here, &fields).await.expect(422).has("da 1 a 500"));
        let api = t.api(Role::Supervisor).await;
        let units = api.get_json("/api/v1/assignment/units").await.expect(200).json();
        let own = units.as_array().unwrap().iter().find(|u| u["unit"] == "contact-centre").unwrap().clone();
        assert_eq!((&own["policy"], &own["capacity"], &own["weights"]["phone"]), (&json!("push"), &json!(7), &json!(2)));
        api.send_json(Method::PUT, "/api/v1/assignment/units/contact-centre", &json!({ "policy": "pull", "capacity": 5 })).await.expect(204);
        api.send_json(Method::PUT, "/api/v1/assignment/units/nowhere", &json!({ "policy": "pull", "capacity": 5 })).await.expect(404);
        assert_eq!(t.texts("SELECT policy FROM unit_policies").await, ["pull"]);
        t.sign_in(Role::Agent).await.get("/scrivania/supervisione/distribuzione").await.expect(403);
    }

    async fn the_orders_of_queues_are_served_by_indexes(t: TestApp) {
        for n in 0..20 {
            ask(&t, n).await;
        }
        let key = "(t.priority * 1000000000000000000 + COALESCE(t.due_at, t.expected_at))";
        let work = format!(
            "SELECT t.id FROM tickets t WHERE t.owner_unit_id = 1 AND t.state = 'new' AND t.closed_at IS NULL
             AND t.assignee_id IS NULL AND {key} > 5 ORDER BY {key}, t.id LIMIT 32"
        );
        let due = "SELECT t.id FROM tickets t WHERE t.owner_unit_id = 1 AND t.state = 'new' AND t.closed_at IS NULL
             AND t.due_at > 5 AND t.due_at IS NOT NULL ORDER BY t.due_at, t.id LIMIT 50";
        for (sql, index) in [(work.as_str(), "tickets_work"), (due, "tickets_due_unit")] {
            let plan = t.plan(sql).await;
            assert!(plan.contains(index) && !plan.contains("Sort") && !plan.contains("TEMP B-TREE"), "{plan}");
        }
    }

    async fn closures_are_divided_by_the_level_of_the_owner_with_the_list_behind_each_number(t: TestApp) {
        let code = ask(&t, 1).await;
        let desk = t.sign_in(Role::Agent).await;
        assert!(desk.get(&at(&code, "")).await.expect(200).has("livello 1, sportello informativo"));
        let field = json!({ "fields": [{ "name": "luogo", "kind": "text", "label": "Dove si trova", "readers": ["citizen"] }] });
        t.execute(&format!("UPDATE categories SET details = '{field}' WHERE slug = 'waste'")).await;
        desk.post_form(&at(&code, "/classifica"), &[("category", "waste")]).await.expect(303);
        desk.post_form(&at(&code, "/campi"), &[("f_luogo", "via Roma 3")]).await.expect(303);
        desk.post_form(&at(&code, "/chiudi"), &[("outcome", "answered"), ("answered_by", "none")]).await.expect(303);
        t.read_feed(Arc::new(sportello::supervision::Closures::new(t.kernel.config.zone()))).await;
        let api = t.api(Role::Supervisor).await;
        let by_level = async || {
            let rows = api.get_json("/api/v1/supervision/closure-rate?by=level").await.expect(200).json()["rows"].clone();
            rows.as_array().unwrap().iter().map(|r| (r["key"].as_str().unwrap().to_owned(), r["closed"].as_i64().unwrap())).collect::<Vec<_>>()
        };
        assert_eq!(by_level().await, [("1".to_owned(), 1)]);
        let new = UnitPolicy { level: Some(2), ..UnitPolicy::default() };
        set_policy(&t.kernel, &boss(&t).await, "contact-centre", new).await.unwrap();
        assert_eq!(by_level().await, [("2".to_owned(), 1)]);
        let chief = t.sign_in(Role::Supervisor).await;
        let figures = chief.get("/scrivania/supervisione").await.expect(200);
        assert!(figures.has("livello 2, sportello specialistico") && figures.has("level=2"), "{}", figures.body);
        let behind = async |level: i64| chief.get(&format!("/scrivania/supervisione/pratiche?level={level}")).await.expect(200);
        let table = chief.get("/scrivania/supervisione/pratiche.csv?level=2").await.expect(200);
        assert!(table.has(&code) && table.has("Dove si trova") && table.has("via Roma 3"), "{}", table.body);
        assert!(!chief.get("/scrivania/supervisione/pratiche.csv?level=1").await.expect(200).has(&code));
        assert!(behind(2).await.has(&format!("/scrivania/pratiche/{code}")) && !behind(1).await.has(&format!("/scrivania/pratiche/{code}")));
        let wrong = UnitPolicy { level: Some(5), ..UnitPolicy::default() };
        assert!(set_policy(&t.kernel, &boss(&t).await, "contact-centre", wrong).await.is_err());
    }
}
