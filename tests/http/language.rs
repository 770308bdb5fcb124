//! The language of pages.
use reqwest::Method;

use crate::support::*;

on_each_engine! {
    async fn the_link_to_the_other_language_is_remembered(t: TestApp) {
        let browser = t.browser();
        assert!(browser.get("/desk/sign-in?next=/desk").await.has("Accedi alla scrivania"));
        let english = browser.get("/desk/sign-in?next=%2Fdesk&lang=en").await;
        assert!(english.has("Sign in to the desk") && english.has("lang=\"en\""));
        assert!(english.has("/desk/sign-in?next=%2Fdesk&#38;lang=it") || english.has("/desk/sign-in?next=%2Fdesk&amp;lang=it"));
        assert!(browser.get("/desk/sign-in").await.has("Sign in to the desk"));
    }

    async fn a_browsers_language_counts_until_a_person_chose_theirs(t: TestApp) {
        let browser = t.browser();
        let request = browser.request(Method::GET, "/desk/sign-in").header("accept-language", "de, en-GB;q=0.8");
        assert!(browser.send(request).await.has("Sign in to the desk"));

        let agent = t.sign_in(Role::Agent).await;
        agent.get("/desk/profile?lang=en").await;
        agent.post_form("/desk/profile/language", &[("language", "it")]).await.expect(303);
        assert!(agent.get("/desk/profile").await.has("Il mio profilo"));
        agent.post_form("/desk/profile/language", &[("language", "en")]).await.expect(303);
        assert!(agent.get("/desk/profile").await.has("My profile"));
        assert!(t.sign_in(Role::Agent).await.get("/desk/profile").await.has("My profile"));
    }
}
