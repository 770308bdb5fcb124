//! The conformance year, scaled down: the figures of the supervision page are those of the source documents.
use sportello::cli::demo::data::DemoData;
use sportello::cli::demo::year::{CENTRE, DESK, closed_in_front, counts};
use sportello::cli::demo::{Extent, Loaded, load_extent};
use sportello::supervision::{Classes, Dimension, Period, closure_rate, recount};

use crate::support::*;

/// One request in so many.
const SCALE: u64 = 50;

async fn check(engine: Engine) {
    let t = TestApp::empty(engine, |_| {}).await;
    let began = std::time::Instant::now();
    assert_eq!(load_extent(&t.kernel, Extent::Year(SCALE)).await.unwrap(), Loaded::Now);
    println!("loaded 1/{SCALE} in {} ms", began.elapsed().as_millis());
    let data = DemoData::read().unwrap();
    let today = t.kernel.now().zoned(&t.kernel.config.zone()).date();
    let year = Period { from: today.saturating_sub(jiff::Span::new().days(364)), to: today };
    let mut conn = t.kernel.db.read().await.unwrap();

    // Each class has its requests, and all of them are closed.
    let by_class =
        closure_rate(&mut conn, &t.kernel.config.zone(), year, Dimension::Category, None, Classes::Then).await.unwrap();
    for (slug, number) in counts(&data, SCALE) {
        let closed = by_class.rows.iter().find(|row| row.key == slug).map_or(0, |row| row.closed);
        assert_eq!(closed, i64::try_from(number).unwrap(), "{slug}");
    }
    // Each service has its rate, to the ticket.
    let by_unit =
        closure_rate(&mut conn, &t.kernel.config.zone(), year, Dimension::Unit, None, Classes::Then).await.unwrap();
    let number = |n: u64| i64::try_from(n).unwrap();
    for (unit, (closed, front)) in [CENTRE, DESK].into_iter().zip(closed_in_front(&data, SCALE)) {
        let row = by_unit.rows.iter().find(|row| row.key == unit).unwrap();
        assert_eq!((row.closed, row.strict), (number(closed), number(front)), "{unit}");
    }
    assert_eq!(by_unit.rows.len(), 2);
    let all = by_unit.total.closed;
    let counted =
        recount(&mut conn, &t.kernel.config.zone(), year, Dimension::Unit, None, Classes::Then).await.unwrap();
    assert_eq!(counted, by_unit, "the event log says the same");
    drop(conn);
    assert_eq!(t.number("SELECT COUNT(*) FROM tickets WHERE state <> 'closed'").await, 0);
    assert_eq!(t.number("SELECT COUNT(*) FROM tickets").await, all);
    t.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_year_shows_the_figures_of_its_source_on_sqlite() {
    check(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_year_shows_the_figures_of_its_source_on_postgres() {
    check(Engine::Postgres).await;
}
