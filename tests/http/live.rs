//! Browsers are told at once that something changed.
use std::time::{Duration, Instant};

use sportello::kernel::Kernel;
use sportello::kernel::database::StoreError;
use sportello::kernel::events::{self, Actor, NewEvent};

use crate::support::*;

async fn change(kernel: &Kernel, ticket: i64) {
    let now = kernel.now();
    let event = NewEvent { kind: "test.changed", ticket: Some(ticket), actor: Actor::System, data: json!({}) };
    let write = kernel.db.write(move |tx| Box::pin(async move { events::append(tx, now, &[event]).await }));
    let written: Result<(), StoreError> = write.await;
    written.unwrap();
}

on_each_engine! {
    async fn a_change_reaches_everybody_who_listens(t: TestApp) {
        t.start_background();
        let (agent, referent) = (t.sign_in(Role::Agent).await, t.sign_in(Role::Referent).await);
        let (mut one, mut two) = (agent.live().await, referent.live().await);
        // The follower may start after the first change: what is told is that there was one, not how many.
        tokio::time::sleep(Duration::from_millis(100)).await;
        change(&t.kernel, 41).await;
        assert_eq!(one.next().await, ("ticket".to_owned(), "ticket:41".to_owned()));
        assert_eq!(two.next().await, ("ticket".to_owned(), "ticket:41".to_owned()));
    }

    async fn nobody_listens_without_signing_in(t: TestApp) {
        let stranger = t.browser();
        let request = stranger.request(reqwest::Method::GET, "/scrivania/diretta").header("accept", "text/event-stream");
        stranger.send(request).await.expect(401);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_on_one_node_is_seen_at_once_on_the_other() {
    let t = TestApp::start(Engine::Postgres).await;
    let other = t.second_node().await;
    t.start_background();
    other.start_background();
    let agent = other.sign_in(Role::Agent).await;
    let mut live = agent.live().await;
    // Listening starts in the background; until then the slow poll carries changes.
    tokio::time::sleep(Duration::from_millis(300)).await;
    let mut fastest = Duration::MAX;
    for ticket in 1..=5 {
        let changed = Instant::now();
        change(&t.kernel, ticket).await;
        assert_eq!(live.next().await.1, format!("ticket:{ticket}"));
        fastest = fastest.min(changed.elapsed());
    }
    assert!(fastest < Duration::from_millis(500), "the poll comes once a second; this took {fastest:?}");

    // A session of one node is a session of the other.
    let here = t.browser();
    here.set_cookie("sportello_session", &agent.cookie("sportello_session").unwrap());
    here.get("/scrivania/profilo").await.expect(200);
    t.stop().await;
}
