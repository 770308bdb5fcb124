//! Signing in and out.
use crate::support::*;

on_each_engine! {
    async fn a_person_signs_in_sees_their_page_and_signs_out(t: TestApp) {
        let stranger = t.browser();
        let sent = stranger.get("/desk/profile?x=1").await.expect(303);
        assert_eq!(sent.location(), "/desk/sign-in?next=%2Fdesk%2Fprofile%3Fx%3D1");

        let agent = t.sign_in(Role::Agent).await;
        let page = agent.get("/desk/profile").await.expect(200);
        assert!(page.has("Agent Prova") && page.has("Comune di Prova"));
        assert_eq!(page.header("cache-control"), "no-store");

        let out = agent.post_form("/sign-out", &[]).await.expect(303);
        assert_eq!(out.location(), "/desk/sign-in");
        assert_eq!(agent.cookie("sportello_session"), None);
        agent.get("/desk/profile").await.expect(303);
        assert_eq!(t.event_kinds().await, ["user.added", "user.signed_in", "user.signed_out"]);
    }
}
