//! Writes on either engine: all or nothing, each for itself, durable when answered.
use std::time::Duration;

use sportello::kernel::Kernel;
use sportello::kernel::database::StoreError;
use sportello::kernel::events::{self, Actor, NewEvent};

use crate::support::*;

/// What the closure of a test does after its event.
#[derive(Clone, Copy)]
enum Then {
    Keep,
    Fail,
    Panic,
}

async fn write(kernel: &Kernel, kind: &'static str, then: Then) -> Result<(), StoreError> {
    let now = kernel.now();
    let event = NewEvent { kind, ticket: None, actor: Actor::System, data: json!({}) };
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                events::append(tx, now, &[event]).await?;
                match then {
                    Then::Keep => Ok(()),
                    Then::Fail => Err(StoreError::Inconsistent { table: "test", column: "test" }),
                    Then::Panic => panic!("a bug in a use case"),
                }
            })
        })
        .await
}

on_each_engine! {
    async fn a_failing_write_leaves_nothing_and_disturbs_nobody(t: TestApp) {
        let (kept, failed, panicked) = tokio::join!(
            write(&t.kernel, "test.kept", Then::Keep),
            write(&t.kernel, "test.failed", Then::Fail),
            write(&t.kernel, "test.panicked", Then::Panic),
        );
        assert!(kept.is_ok());
        assert!(matches!(failed, Err(StoreError::Inconsistent { .. })));
        assert!(matches!(panicked, Err(StoreError::Interrupted)));
        write(&t.kernel, "test.after", Then::Keep).await.unwrap();
        assert_eq!(t.event_kinds().await, ["test.kept", "test.after"]);
    }

    async fn a_write_goes_on_when_its_caller_leaves(t: TestApp) {
        let kernel = t.kernel.clone();
        let caller = tokio::spawn(async move { write(&kernel, "test.left", Then::Keep).await });
        tokio::task::yield_now().await;
        tokio::time::sleep(Duration::from_millis(1)).await;
        caller.abort();
        // A write after it finds it either complete or not begun.
        write(&t.kernel, "test.after", Then::Keep).await.unwrap();
        assert!(t.event_kinds().await.contains(&"test.after".to_owned()));
    }

    async fn many_writes_at_once_are_all_kept(t: TestApp) {
        let writes = (0..300).map(|_| {
            let kernel = t.kernel.clone();
            tokio::spawn(async move { write(&kernel, "test.kept", Then::Keep).await })
        });
        for done in writes.collect::<Vec<_>>() {
            done.await.unwrap().unwrap();
        }
        assert_eq!(t.number("SELECT COUNT(*) FROM events").await, 300);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sqlite_writes_that_arrive_together_share_a_commit() {
    let t = TestApp::start(Engine::Sqlite).await;
    let before = t.kernel.db.writer_stats();
    let writes = (0..200).map(|n| {
        let kernel = t.kernel.clone();
        let then = if n % 10 == 3 { Then::Fail } else { Then::Keep };
        tokio::spawn(async move { write(&kernel, "test.kept", then).await.is_ok() })
    });
    let mut kept = 0;
    for done in writes.collect::<Vec<_>>() {
        kept += i64::from(done.await.unwrap());
    }
    let after = t.kernel.db.writer_stats();
    assert_eq!((kept, after.jobs - before.jobs), (180, 200));
    assert!(after.commits - before.commits < 100, "{} commits for 200 writes", after.commits - before.commits);
    assert_eq!(t.number("SELECT COUNT(*) FROM events").await, 180);
    t.stop().await;
}
