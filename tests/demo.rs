//! The demo: loaded by the real use cases, whole, once, and with figures that the event log confirms.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[macro_use]
mod support;

use sportello::cli::demo::{self, Loaded, TICKETS};
use sportello::supervision::{Classes, Dimension, Period, closure_rate, recount};
use support::*;

/// What loading again must not change.
const TABLES: [&str; 9] =
    ["agencies", "units", "users", "categories", "sheets", "tickets", "contacts", "legs", "events"];

async fn counts(t: &TestApp) -> Vec<i64> {
    let mut counts = Vec::new();
    for table in TABLES {
        counts.push(t.number(&format!("SELECT COUNT(*) FROM {table}")).await);
    }
    counts
}

async fn check(t: TestApp) {
    let began = std::time::Instant::now();
    assert_eq!(demo::load(&t.kernel).await.unwrap(), Loaded::Now);
    println!("loaded in {} ms", began.elapsed().as_millis());

    assert_eq!(t.number("SELECT COUNT(*) FROM tickets").await, i64::try_from(TICKETS).unwrap());
    assert!(t.number("SELECT COUNT(*) FROM sheets").await >= 60);
    assert_eq!(t.number("SELECT COUNT(*) FROM categories WHERE slug LIKE 'dpc/%'").await, 22);
    assert_eq!(
        t.texts("SELECT slug FROM categories WHERE not_competent ORDER BY slug").await,
        ["dpc/non-competenza", "non-competenza"]
    );
    assert_eq!(
        t.texts("SELECT DISTINCT role FROM users ORDER BY role").await,
        ["admin", "agent", "referent", "supervisor"]
    );
    assert_eq!(
        t.texts("SELECT DISTINCT state FROM tickets ORDER BY state").await,
        ["closed", "new", "open", "referred", "waiting_citizen"]
    );
    for (state, tickets) in [("new", 12), ("open", 15), ("waiting_citizen", 8), ("referred", 12), ("closed", 253)] {
        assert_eq!(
            t.number(&format!("SELECT COUNT(*) FROM tickets WHERE state = '{state}'")).await,
            tickets,
            "{state}"
        );
    }
    assert!(t.number("SELECT COUNT(DISTINCT channel) FROM tickets").await >= 5);
    for (kind, at_least) in
        [("ticket.reopened", 8), ("ticket.handed_over", 4), ("ticket.taken_over", 2), ("leg.refused", 1)]
    {
        assert!(t.number(&format!("SELECT COUNT(*) FROM events WHERE kind = '{kind}'")).await >= at_least, "{kind}");
    }
    assert!(
        t.number("SELECT COUNT(*) FROM (SELECT person_id FROM tickets GROUP BY person_id HAVING COUNT(*) > 1) p").await
            >= 10
    );

    for (kind, at_least) in [("emergency", 1), ("service", 1), ("planning", 1), ("local", 1)] {
        let current = format!(
            "SELECT COUNT(*) FROM bulletins WHERE kind = '{kind}' AND begun_at IS NOT NULL AND over_at IS NULL"
        );
        assert!(t.number(&current).await >= at_least, "{kind}");
    }
    assert_eq!(
        t.number("SELECT COUNT(*) FROM sheet_feedback WHERE settled_at IS NULL AND reason = 'out_of_date'").await,
        1
    );

    // The organisation has a past, a future, and people who are away.
    assert_eq!(t.number("SELECT COUNT(*) FROM reorganisations WHERE state = 'planned'").await, 1);
    let names = "SELECT v.name FROM unit_versions v JOIN units u ON u.id = v.unit_id WHERE u.slug = 'anagrafe' ORDER BY from_at";
    assert_eq!(t.texts(names).await, ["Servizi demografici", "Ufficio anagrafe ed elettorale"]);
    assert_eq!(t.number("SELECT COUNT(*) FROM absences").await, 2);

    // Nothing waits to leave, and nothing lies in the future.
    assert_eq!(t.texts("SELECT DISTINCT state FROM outbox").await, ["sent"]);
    assert_eq!(t.number("SELECT COUNT(*) FROM outbox WHERE purpose = 'acknowledgement'").await, 0);
    let now = t.kernel.now();
    assert!(t.number("SELECT MAX(at) FROM events").await <= now.0);

    let today = now.zoned(&t.kernel.config.zone()).date();
    let period = Period::parse(None, None, today).unwrap();
    let mut conn = t.kernel.db.read().await.unwrap();
    let figures =
        closure_rate(&mut conn, &t.kernel.config.zone(), period, Dimension::Month, None, Classes::Then).await.unwrap();
    assert_eq!(figures.total.closed, 253, "all that was closed falls into the last ninety days");
    let (strict, wide) = (figures.total.strict_permille().unwrap(), figures.total.wide_permille().unwrap());
    assert!((820..=870).contains(&strict), "strict {strict}");
    assert!((930..=970).contains(&wide), "wide {wide}");
    let counted =
        recount(&mut conn, &t.kernel.config.zone(), period, Dimension::Month, None, Classes::Then).await.unwrap();
    assert_eq!(counted, figures);
    drop(conn);

    let before = counts(&t).await;
    assert_eq!(demo::load(&t.kernel).await.unwrap(), Loaded::Before);
    assert_eq!(counts(&t).await, before);

    for login in ["t.malacarne@comune.valdoria.example", "g.terenzi@comune.valdoria.example"] {
        let fields = [("login", login), ("password", demo::PASSWORD)];
        assert_eq!(t.browser().post_form("/accesso", &fields).await.status, 303, "{login}");
    }
    t.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demo_is_whole_and_loads_once_on_sqlite() {
    check(TestApp::empty(Engine::Sqlite, |_| {}).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demo_is_whole_and_loads_once_on_postgres() {
    check(TestApp::empty(Engine::Postgres, |_| {}).await).await;
}

on_each_engine! {
    async fn a_database_with_content_of_its_own_is_refused(t: TestApp) {
        let before = counts(&t).await;
        let refused = demo::load(&t.kernel).await.unwrap_err().to_string();
        assert!(refused.contains("content of its own"), "{refused}");
        assert_eq!(counts(&t).await, before);
        assert!(!demo::is_loaded(&t.kernel).await.unwrap());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interrupted_loading_is_told_from_content_of_ones_own() {
    let t = TestApp::empty(Engine::Sqlite, |_| {}).await;
    t.execute("INSERT INTO agencies (slug, name, kind) VALUES ('comune', 'Comune di Valdoria', 'own')").await;
    let refused = demo::load(&t.kernel).await.unwrap_err().to_string();
    assert!(refused.contains("interrupted"), "{refused}");
    t.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_logins_name_the_address_and_every_account() {
    let t = TestApp::empty(Engine::Sqlite, |_| {}).await;
    let text = demo::logins_text(&t.kernel, Loaded::Now).unwrap();
    assert!(text.contains(&format!("{}/scrivania", t.url)), "{text}");
    assert!(text.contains(demo::PASSWORD) && text.contains("o.bressan@comune.valdoria.example"), "{text}");
    assert!(!text.contains("demo-role") && !text.contains("demo-loaded"), "a message is missing: {text}");
    t.stop().await;
}
