//! What stands still is counted, listed and measured; what people who left had goes back to its queue.
use sportello::network::LegKind;
use sportello::supervision::stuck::{self, Kind, counts};

use super::*;

async fn count(t: &TestApp, kind: Kind) -> i64 {
    let mut conn = t.kernel.db.read().await.unwrap();
    counts(&mut conn, t.kernel.now()).await.unwrap().into_iter().find(|(k, _)| *k == kind).unwrap().1.count
}

on_each_engine! {
    async fn each_figure_opens_the_list_behind_it_and_a_touch_takes_it_out(t: TestApp) {
        let code = ticket(&t).await;
        let other = ticket(&t).await;
        send(&t, &other, "anagrafe", LegKind::Competence).await.unwrap();
        assert_eq!((count(&t, Kind::New).await, count(&t, Kind::Leg).await), (0, 0));
        t.clock.advance(SignedDuration::from_hours(73));
        assert_eq!((count(&t, Kind::New).await, count(&t, Kind::Leg).await, count(&t, Kind::Referred).await), (1, 1, 0));
        let desk = t.sign_in(Role::Supervisor).await;
        let page = desk.get("/scrivania/supervisione/ferme?mostra=leg").await.expect(200);
        assert!(page.has(&format!("/scrivania/pratiche/{other}\"")) && !page.has(&format!("/scrivania/pratiche/{code}\"")));
        t.sign_in(Role::Agent).await.get("/scrivania/supervisione/ferme").await.expect(403);
        let api = t.api(Role::Supervisor).await;
        let list = api.get_json("/api/v1/stuck/tickets?kind=new").await.expect(200).json();
        assert_eq!((list.as_array().unwrap().len(), &list[0]["code"]), (1, &json!(code)));
        stuck::measure(&t.kernel).await.unwrap();
        let metrics = t.browser().get("/metrics").await.expect(200);
        assert!(metrics.has(&format!("oldest_unhandled_seconds{{queue=\"new\"}} {}", 73 * 3600)), "{}", metrics.body);
        let who = agent(&t).await;
        sportello::tickets::assign::take(&t.kernel, &who, &code, None).await.unwrap();
        assert_eq!(count(&t, Kind::New).await, 0);
    }

    async fn tickets_of_who_left_and_of_units_that_ended_are_shown_and_given_back(t: TestApp) {
        let code = ticket(&t).await;
        let who = agent(&t).await;
        sportello::tickets::assign::take(&t.kernel, &who, &code, None).await.unwrap();
        assert_eq!(stuck::give_back(&t.kernel).await.unwrap(), 0);
        t.execute("UPDATE users SET disabled_at = 1 WHERE role = 'agent'").await;
        assert_eq!(count(&t, Kind::Left).await, 1);
        assert_eq!(stuck::give_back(&t.kernel).await.unwrap(), 1);
        assert_eq!(stuck::give_back(&t.kernel).await.unwrap(), 0);
        assert_eq!((count(&t, Kind::Left).await, t.number("SELECT COUNT(*) FROM tickets WHERE assignee_id IS NULL").await), (0, 1));
        assert!(t.event_kinds().await.contains(&"ticket.put_back".to_owned()));
        let now = t.kernel.now().0;
        t.execute(&format!("UPDATE units SET valid_to = {now} WHERE id = 1")).await;
        assert_eq!(count(&t, Kind::Ownerless).await, 1);
    }
}
