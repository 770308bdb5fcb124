//! Referents with an account see the legs of their units and nothing else.
use sportello::network::LegKind;

use super::*;

on_each_engine! {
    async fn a_referent_sees_only_the_legs_of_their_units(t: TestApp) {
        let code = ticket(&t).await;
        send(&t, &code, "anagrafe", LegKind::Inquiry).await.unwrap();
        send(&t, &code, "asl-prevention", LegKind::Inquiry).await.unwrap();
        let referent = t.sign_in(Role::Referent).await;
        let list = referent.get("/referente").await.expect(200);
        assert!(list.has(&format!("/referente/{code}/1")) && !list.has(&format!("/referente/{code}/2")));
        referent.get(&format!("/referente/{code}/1")).await.expect(200);
        referent.get(&format!("/referente/{code}/2")).await.expect(404);
        referent.get(&format!("/referente/{code}/9")).await.expect(404);
        let fields = [("outcome", "answer"), ("text", "Non mia")];
        referent.post_files(&format!("/referente/{code}/2"), &fields, &[]).await.expect(404);
        let path = format!("/api/v1/tickets/{code}/legs/2/answer");
        referent.post_json(&path, &json!({ "text": "Non mia" })).await.expect(404);
        assert_eq!(counters(&t, &code).await.1, 2);
        let stranger = t.api(Role::Integration).await;
        stranger.post_json(&path, &json!({ "text": "Non mia" })).await.expect(403);
    }

    async fn the_list_has_the_open_legs_first_and_goes_on_by_page(t: TestApp) {
        let code = ticket(&t).await;
        let mut first = None;
        for _ in 0..55 {
            t.clock.advance(SignedDuration::from_secs(60));
            let (_, leg) = send(&t, &code, "anagrafe", LegKind::Knowledge).await.unwrap();
            first.get_or_insert(leg);
        }
        mail(&t, &first.unwrap(), "Visto", None).await;
        let referent = t.sign_in(Role::Referent).await;
        let page = referent.get("/referente").await.expect(200);
        assert_eq!(page.body.matches(&format!("/referente/{code}/")).count(), 50);
        assert!(page.has(&format!("/referente/{code}/2\"")) && !page.has(&format!("/referente/{code}/1\"")));
        let next = page.between("href=\"/referente?after=", "\"").unwrap().to_owned();
        let page = referent.get(&format!("/referente?after={next}")).await.expect(200);
        assert_eq!(page.body.matches(&format!("/referente/{code}/")).count(), 5);
        assert!(page.has(&format!("/referente/{code}/1\"")), "what is over comes last");
    }
}
