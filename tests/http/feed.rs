//! Readers of the event feed: each event once, none skipped, whoever commits first.
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use sportello::kernel::Kernel;
use sportello::kernel::database::{StoreError, Tx};
use sportello::kernel::events::{self, Actor, Event, NewEvent, Reader};

use crate::support::*;

/// Notes what it was given; two of them under one name are two nodes running the same reader.
#[derive(Default)]
struct Notes {
    seen: Mutex<Vec<i64>>,
}

#[async_trait]
impl Reader for Notes {
    fn name(&self) -> &'static str {
        "test-notes"
    }

    async fn apply(&self, _: &mut Tx, events: &[Event]) -> Result<(), StoreError> {
        self.seen.lock().unwrap().extend(events.iter().map(|e| e.id));
        Ok(())
    }
}

async fn append(kernel: &Kernel, kind: &'static str) {
    let now = kernel.now();
    let event = NewEvent { kind, ticket: None, actor: Actor::System, data: json!({}) };
    let write = kernel.db.write(move |tx| Box::pin(async move { events::append(tx, now, &[event]).await }));
    let written: Result<(), StoreError> = write.await;
    written.unwrap();
}

on_each_engine! {
    async fn two_nodes_with_one_reader_take_each_event_once(t: TestApp) {
        let (one, two) = (Arc::new(Notes::default()), Arc::new(Notes::default()));
        let writing = {
            let kernel = t.kernel.clone();
            tokio::spawn(async move {
                for _ in 0..200 {
                    append(&kernel, "test.event").await;
                }
            })
        };
        let reading = |reader: Arc<Notes>| {
            let kernel = t.kernel.clone();
            tokio::spawn(async move {
                for _ in 0..60 {
                    events::step(&kernel.db, reader.clone()).await.unwrap();
                }
            })
        };
        let (first, second) = (reading(one.clone()), reading(two.clone()));
        writing.await.unwrap();
        first.await.unwrap();
        second.await.unwrap();
        t.read_feed(one.clone()).await;

        let mut all = one.seen.lock().unwrap().clone();
        all.extend(two.seen.lock().unwrap().iter());
        all.sort_unstable();
        let expected: Vec<i64> = (1..=200).collect();
        assert_eq!(all, expected);
    }

    async fn a_reader_that_fails_reads_the_same_again(t: TestApp) {
        struct Failing(Mutex<u32>);
        #[async_trait]
        impl Reader for Failing {
            fn name(&self) -> &'static str {
                "test-failing"
            }
            async fn apply(&self, _: &mut Tx, events: &[Event]) -> Result<(), StoreError> {
                let mut tries = self.0.lock().unwrap();
                *tries += 1;
                assert_eq!(events.first().unwrap().id, 1);
                if *tries < 3 { Err(StoreError::Interrupted) } else { Ok(()) }
            }
        }
        append(&t.kernel, "test.event").await;
        let reader = Arc::new(Failing(Mutex::new(0)));
        let mut failures = 0;
        // On PostgreSQL other tests' transactions may hide the event for a moment.
        while *reader.0.lock().unwrap() < 3 {
            failures += u32::from(events::step(&t.kernel.db, reader.clone()).await.is_err());
        }
        assert_eq!(failures, 2);
    }

    async fn a_late_reader_is_told_as_late(t: TestApp) {
        append(&t.kernel, "test.event").await;
        let reader = Arc::new(Notes::default());
        t.read_feed(reader).await;
        let lag = |ready: &Answer| ready.json()["reader_lag_seconds"]["test-notes"].clone();
        assert_eq!(lag(&t.browser().get("/readyz").await.expect(200)), 0);
        append(&t.kernel, "test.event").await;
        t.clock.advance(SignedDuration::from_mins(2));
        assert_eq!(lag(&t.browser().get("/readyz").await.expect(200)), 120);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgresql_an_event_committed_late_is_not_skipped() {
    let t = TestApp::start(Engine::Postgres).await;
    let reader = Arc::new(Notes::default());
    let mut slow = t.postgres().begin().await.unwrap();
    let insert = "INSERT INTO events (at, kind, actor, data) VALUES (0, 'test.slow', 'system', '{}') RETURNING id";
    let early: i64 = sqlx::query_scalar(insert).fetch_one(&mut *slow).await.unwrap();
    append(&t.kernel, "test.fast").await;
    let late = t.number("SELECT id FROM events WHERE kind = 'test.fast'").await;
    assert!(early < late);

    for _ in 0..5 {
        events::step(&t.kernel.db, reader.clone()).await.unwrap();
    }
    assert!(reader.seen.lock().unwrap().is_empty(), "a reader past the fast event would miss the slow one");
    slow.commit().await.unwrap();
    t.read_feed(reader.clone()).await;
    assert_eq!(*reader.seen.lock().unwrap(), [early, late]);
    t.stop().await;
}

/// Kinds of all events, as readers are given them.
async fn fed(t: &TestApp) -> Vec<String> {
    let mut conn = t.kernel.db.read().await.unwrap();
    let fed = events::after(&mut conn, events::Position::default(), 1_000).await.unwrap();
    fed.into_iter().map(|e| e.kind).filter(|kind| kind.starts_with("test.")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waited_for_another_change_follows_it_in_the_feed() {
    let t = TestApp::start(Engine::Postgres).await;
    // It writes, and has its number, before it waits for the row that the other holds.
    let mut waits = t.postgres().begin().await.unwrap();
    sqlx::query("UPDATE units SET name = name WHERE id = 2").execute(&mut *waits).await.unwrap();
    let mut holds = t.postgres().begin().await.unwrap();
    let tell = |kind: &str| {
        sqlx::AssertSqlSafe(format!(
            "INSERT INTO events (at, kind, ticket_id, actor, data) VALUES (0, '{kind}', 7, 'system', '{{}}')"
        ))
    };
    sqlx::query("SELECT id FROM units WHERE id = 1 FOR UPDATE").execute(&mut *holds).await.unwrap();
    sqlx::query(tell("test.first")).execute(&mut *holds).await.unwrap();
    let waiting = tokio::spawn(async move {
        sqlx::query("SELECT id FROM units WHERE id = 1 FOR UPDATE").execute(&mut *waits).await.unwrap();
        waits
    });
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    holds.commit().await.unwrap();
    let mut waits = waiting.await.unwrap();
    assert!(fed(&t).await.is_empty(), "nothing is read while an older transaction may still tell something");
    sqlx::query(tell("test.second")).execute(&mut *waits).await.unwrap();
    waits.commit().await.unwrap();
    let mut seen = Vec::new();
    for _ in 0..200 {
        seen = fed(&t).await;
        if seen.len() == 2 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(seen, ["test.first", "test.second"]);
    t.stop().await;
}
