//! The organisation by date (D19): offices renamed, split, merged and closed, today or on a day to come.
use std::sync::Arc;

use sportello::kernel::time::Instant;
use sportello::network::reorganise::{Done, carry_out};
use sportello::supervision::Closures;

use super::*;

async fn close(t: &TestApp, code: &str) {
    let agent = t.sign_in(Role::Agent).await;
    agent.post_form(&format!("/scrivania/pratiche/{code}/chiudi"), &[("outcome", "answered")]).await.expect(303);
}

/// A ticket of a unit and a category, in the hand of nobody.
async fn of_unit(t: &TestApp, unit: &str, category: i64) -> String {
    let code = ticket(t).await;
    let unit = t.unit(unit).await;
    t.execute(&format!("UPDATE tickets SET owner_unit_id = {unit}, category_id = {category} WHERE code = '{code}'"))
        .await;
    code
}

async fn owner(t: &TestApp, code: &str) -> String {
    let sql = format!("SELECT u.slug FROM tickets t JOIN units u ON u.id = t.owner_unit_id WHERE t.code = '{code}'");
    t.texts(&sql).await.remove(0)
}

fn node(slug: &str, name: &str, kind: &str) -> serde_json::Value {
    json!({ "slug": slug, "agency": "comune", "name": name, "kind": kind })
}

/// What became of the three units of the town: one renamed, one split, one merged into a new one.
fn everything() -> serde_json::Value {
    json!({
        "reason": "Delibera 12: riorganizzazione degli uffici",
        "plan": {
            "opens": [
                node("counter-nord", "Sportello Nord", "collection_point"),
                node("counter-sud", "Sportello Sud", "collection_point"),
                node("demografici", "Servizi demografici", "back_office"),
                node("stato-civile", "Stato civile", "back_office"),
            ],
            "changes": [{ "unit": "contact-centre", "name": "Casa dei cittadini", "name_en": "Citizens' house" }],
            "closes": [
                { "unit": "counter", "successor": "counter-nord" },
                { "unit": "anagrafe", "successor": "demografici" },
            ],
            "categories": { "anagrafe/identity-card": "stato-civile" },
        },
    })
}

/// The report of last year in all its forms.
async fn report(t: &TestApp, from: &str, to: &str) -> Vec<String> {
    let (supervisor, program) = (t.sign_in(Role::Supervisor).await, t.api(Role::Integration).await);
    let period = format!("from={from}&to={to}");
    let mut all = Vec::new();
    for unit in ["", "&unit=counter"] {
        let page = supervisor.get(&format!("/scrivania/supervisione?{period}{unit}")).await.expect(200);
        all.push(page.between("<main", "</main>").unwrap().to_owned());
    }
    let list = supervisor.get(&format!("/scrivania/supervisione/pratiche?{period}")).await.expect(200);
    all.push(list.between("<main", "</main>").unwrap().to_owned());
    for by in ["unit", "category", "month"] {
        all.push(supervisor.get(&format!("/scrivania/supervisione.csv?{period}&by={by}")).await.expect(200).body);
        for source in ["kept", "log"] {
            let path = format!("/api/v1/supervision/closure-rate?{period}&by={by}&source={source}");
            all.push(program.get(&path).await.expect(200).body);
        }
    }
    all
}

async fn slugs(t: &TestApp, on: &str) -> Vec<(String, String)> {
    let api = t.api(Role::Integration).await;
    let answer = api.get(&format!("/api/v1/organisation?on={on}")).await.expect(200).json();
    let text = |v: &serde_json::Value| v.as_str().unwrap().to_owned();
    answer.as_array().unwrap().iter().map(|u| (text(&u["slug"]), text(&u["name"]))).collect()
}

fn day(at: Instant) -> String {
    at.zoned(&jiff::tz::TimeZone::get("Europe/Rome").unwrap()).date().to_string()
}

on_each_engine! {
    async fn last_years_report_stays_what_it_was_after_a_rename_a_split_and_a_merge(t: TestApp) {
        let first = day(t.kernel.now());
        for (unit, category, referred) in
            [("contact-centre", 4, false), ("counter", 2, false), ("counter", 4, true), ("anagrafe", 2, false)]
        {
            let code = of_unit(&t, unit, category).await;
            if referred {
                let (ticket, leg) = send(&t, &code, "anagrafe", LegKind::Inquiry).await.unwrap();
                let door = Door::account(&referent(&t).await, &ticket.code, leg.number);
                sportello::network::answer::write(&t.kernel, &door, written("Si può fare.")).await.unwrap();
            }
            close(&t, &code).await;
            t.clock.advance(SignedDuration::from_hours(24 * 40));
        }
        let last = day(t.kernel.now());
        t.clock.advance(SignedDuration::from_hours(24 * 200));
        t.read_feed(Arc::new(Closures::new(t.kernel.config.zone()))).await;
        let before = report(&t, &first, &last).await;
        assert!(before.iter().any(|text| text.contains("Front office") && text.contains("Anagrafe")), "{before:#?}");

        let admin = t.api(Role::Admin).await;
        admin.post_json("/api/v1/organisation/changes", &everything()).await.expect(201);
        t.clock.advance(SignedDuration::from_hours(24));
        t.read_feed(Arc::new(Closures::new(t.kernel.config.zone()))).await;
        assert_eq!(report(&t, &first, &last).await, before);

        let has = |list: &[(String, String)], slug: &str, name: &str| list.contains(&(slug.to_owned(), name.to_owned()));
        let then = slugs(&t, &last).await;
        assert!(has(&then, "counter", "Front office") && has(&then, "contact-centre", "Sportello") && then.len() == 4);
        let today = slugs(&t, &day(t.kernel.now())).await;
        assert!(has(&today, "counter-sud", "Sportello Sud") && has(&today, "contact-centre", "Casa dei cittadini"));
        assert!(!today.iter().any(|(slug, _)| slug == "counter" || slug == "anagrafe"));

        // What is closed from now on is told by its new name.
        let code = of_unit(&t, "contact-centre", 4).await;
        close(&t, &code).await;
        t.read_feed(Arc::new(Closures::new(t.kernel.config.zone()))).await;
        let now = report(&t, &day(t.kernel.now()), &day(t.kernel.now())).await;
        assert!(now[0].contains("Casa dei cittadini") && !now[0].contains("Front office"));
    }

    async fn nothing_is_left_with_a_unit_that_no_longer_exists(t: TestApp) {
        let waiting = of_unit(&t, "contact-centre", 1).await;
        let card = of_unit(&t, "contact-centre", 2).await;
        let (_, leg) = send(&t, &waiting, "anagrafe", LegKind::Competence).await.unwrap();
        let (_, other) = send(&t, &card, "anagrafe", LegKind::Inquiry).await.unwrap();
        let (open, over) = (of_unit(&t, "counter", 4).await, of_unit(&t, "counter", 4).await);
        close(&t, &over).await;
        t.user(Role::Referent).await;
        let admin = t.api(Role::Admin).await;

        let mut ahead = everything();
        ahead["dry_run"] = json!(true);
        let seen = admin.post_json("/api/v1/organisation/changes", &ahead).await.expect(200).json();
        assert_eq!((seen["closes"][0]["open_tickets"].as_i64(), seen["closes"][1]["waiting_legs"].as_i64()), (Some(1), Some(2)));
        assert_eq!(t.number("SELECT COUNT(*) FROM units").await, 4, "looking ahead changes nothing");

        admin.post_json("/api/v1/organisation/changes", &everything()).await.expect(201);
        assert_eq!((owner(&t, &open).await, owner(&t, &over).await), ("counter-nord".to_owned(), "counter".to_owned()));
        let at = |leg: &Leg| format!("SELECT u.slug FROM legs l JOIN units u ON u.id = l.unit_id WHERE l.id = {}", leg.id);
        assert_eq!(t.texts(&at(&leg)).await, ["demografici"]);
        assert_eq!(t.texts(&at(&other)).await, ["stato-civile"], "a category has its own heir");
        let competent = "SELECT u.slug FROM categories g JOIN units u ON u.id = g.unit_id WHERE g.id < 3 ORDER BY g.id";
        assert_eq!(t.texts(competent).await, ["demografici", "stato-civile"]);
        let belongs = "SELECT u.slug FROM user_units m JOIN units u ON u.id = m.unit_id JOIN users s ON s.id = m.user_id
                       WHERE s.role = 'referent'";
        assert_eq!(t.texts(belongs).await, ["demografici"]);
        let kinds = t.event_kinds().await;
        assert_eq!(kinds.iter().filter(|k| *k == "ticket.handed_over").count(), 1);
        assert_eq!(kinds.iter().filter(|k| *k == "leg.moved").count(), 2);
        let referent = t.sign_in(Role::Referent).await;
        assert!(referent.get("/referente").await.expect(200).has(&sportello::kernel::codes::grouped(&waiting)));
        assert_eq!(carry_out(&t.kernel).await.unwrap(), Done::default(), "nothing more to do");

        // What arrives late for a closed unit follows, through as many heirs as there were.
        let closing = json!({ "reason": "Accorpati", "plan": { "closes": [{ "unit": "counter-nord", "successor": "counter-sud" }] } });
        admin.post_json("/api/v1/organisation/changes", &closing).await.expect(201);
        t.execute(&format!("UPDATE tickets SET state = 'open', owner_unit_id = {} WHERE code = '{over}'", t.unit("counter").await)).await;
        carry_out(&t.kernel).await.unwrap();
        assert_eq!((owner(&t, &open).await, owner(&t, &over).await), ("counter-sud".to_owned(), "counter-sud".to_owned()));
        let mut conn = t.kernel.db.read().await.unwrap();
        let found = sportello::tickets::store::unit_by_slug(&mut conn, "counter").await.unwrap();
        drop(conn);
        assert_eq!(found, Some(t.unit("counter-sud").await), "mailboxes that name the old unit reach the new one");
    }

    async fn a_planned_change_takes_effect_by_itself_on_its_day(t: TestApp) {
        let admin = t.api(Role::Admin).await;
        let (today, then) = (day(t.kernel.now()), day(t.kernel.now().plus(SignedDuration::from_hours(24 * 10))));
        let rename = |on: &str, name: &str| json!({
            "on": on, "reason": "Delibera 3", "plan": { "changes": [{ "unit": "anagrafe", "name": name }] },
        });
        let past = admin.post_json("/api/v1/organisation/changes", &rename("2001-01-01", "Ieri")).await.expect(422).json();
        assert_eq!(past["errors"][0]["code"], "past");
        admin.post_json("/api/v1/organisation/changes", &rename(&then, "Servizi demografici")).await.expect(201);
        let closing = json!({
            "on": then, "reason": "Delibera 4", "plan": { "closes": [{ "unit": "counter", "successor": "contact-centre" }] },
        });
        let planned = admin.post_json("/api/v1/organisation/changes", &closing).await.expect(201).json();
        let twice = admin.post_json("/api/v1/organisation/changes", &closing).await.expect(422).json();
        assert_eq!(twice["errors"][0], json!({ "field": "closes.0.unit", "code": "unknown" }), "it is planned already");
        let name = async |on: &str| slugs(&t, on).await.into_iter().find(|(slug, _)| slug == "anagrafe").unwrap().1;
        assert_eq!((name(&today).await, name(&then).await), ("Anagrafe".to_owned(), "Servizi demografici".to_owned()));
        assert_eq!(slugs(&t, &then).await.len(), 3);

        let cancel = format!("/api/v1/organisation/changes/{}/cancel", planned["id"]);
        admin.post_json(&cancel, &json!({})).await.expect(204);
        admin.post_json(&cancel, &json!({})).await.expect(404);
        carry_out(&t.kernel).await.unwrap();
        assert_eq!(t.texts("SELECT name FROM units WHERE slug = 'anagrafe'").await, ["Anagrafe"]);
        t.clock.advance(SignedDuration::from_hours(24 * 11));
        assert_eq!(carry_out(&t.kernel).await.unwrap().reorganisations, 1);
        assert_eq!(t.texts("SELECT name FROM units WHERE slug = 'anagrafe'").await, ["Servizi demografici"]);
        assert_eq!((name(&today).await, name(&then).await), ("Anagrafe".to_owned(), "Servizi demografici".to_owned()));
        assert_eq!(t.number("SELECT COUNT(*) FROM units WHERE valid_to IS NOT NULL").await, 0, "what was cancelled did not happen");
    }

    async fn a_plan_that_fits_no_more_on_its_day_is_refused_and_says_why(t: TestApp) {
        let admin = t.api(Role::Admin).await;
        let then = day(t.kernel.now().plus(SignedDuration::from_hours(24 * 10)));
        let close = |on: Option<&str>| json!({
            "on": on, "reason": "Delibera", "plan": { "closes": [{ "unit": "counter", "successor": "contact-centre" }] },
        });
        admin.post_json("/api/v1/organisation/changes", &close(Some(&then))).await.expect(201);
        admin.post_json("/api/v1/organisation/changes", &close(None)).await.expect(201);
        t.clock.advance(SignedDuration::from_hours(24 * 11));
        carry_out(&t.kernel).await.unwrap();
        let all = t.api(Role::Admin).await.get("/api/v1/organisation/changes").await.expect(200).json();
        let refused = all.as_array().unwrap().iter().find(|c| c["state"] == "refused").unwrap();
        assert_eq!(refused["problem"], "closes.0.unit: unknown");
        t.api(Role::Integration).await.get("/api/v1/organisation/changes").await.expect(403);
    }

    async fn the_scope_of_a_back_office_is_its_agencys_unless_it_names_another(t: TestApp) {
        let code = ticket(&t).await;
        let unit = t.unit("counter").await;
        t.execute(&format!("UPDATE tickets SET owner_unit_id = {unit} WHERE code = '{code}'")).await;
        assert!(matches!(send(&t, &code, "asl-prevention", LegKind::Inquiry).await, Err(LegError::Scope)));
        let admin = t.api(Role::Admin).await;
        let change = json!({
            "reason": "Convenzione con la ASL", "plan": { "changes": [{ "unit": "asl-prevention", "scope": "comune" }] },
        });
        admin.post_json("/api/v1/organisation/changes", &change).await.expect(201);
        send(&t, &code, "asl-prevention", LegKind::Inquiry).await.unwrap();
        assert!(matches!(send(&t, &code, "nowhere", LegKind::Inquiry).await, Err(LegError::Invalid { .. })));
    }
}

/// The referent of the registry office, with an account.
async fn referent(t: &TestApp) -> Principal {
    let id = t.user(Role::Referent).await;
    Principal {
        actor: Actor::User(id),
        role: Role::Referent,
        user_id: Some(id),
        name: "Ugo Bassi".to_owned(),
        language: "it".to_owned(),
        units: [3].into(),
    }
}
