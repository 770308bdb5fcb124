//! The language of pages.
use reqwest::Method;

use crate::support::*;

on_each_engine! {
    async fn the_link_to_the_other_language_is_remembered(t: TestApp) {
        let browser = t.browser();
        assert!(browser.get("/accesso?next=/scrivania").await.has("Accedi alla scrivania"));
        let english = browser.get("/accesso?next=%2Fscrivania&lang=en").await;
        assert!(english.has("Sign in to the desk") && english.has("lang=\"en\""));
        assert!(english.has("/accesso?next=%2Fscrivania&#38;lang=it") || english.has("/accesso?next=%2Fscrivania&amp;lang=it"));
        assert!(browser.get("/accesso").await.has("Sign in to the desk"));
    }

    async fn a_browsers_language_counts_until_a_person_chose_theirs(t: TestApp) {
        let browser = t.browser();
        let request = browser.request(Method::GET, "/accesso").header("accept-language", "de, en-GB;q=0.8");
        assert!(browser.send(request).await.has("Sign in to the desk"));

        let agent = t.sign_in(Role::Agent).await;
        agent.get("/scrivania/profilo?lang=en").await;
        agent.post_form("/scrivania/profilo/lingua", &[("language", "it")]).await.expect(303);
        assert!(agent.get("/scrivania/profilo").await.has("Il mio profilo"));
        agent.post_form("/scrivania/profilo/lingua", &[("language", "en")]).await.expect(303);
        assert!(agent.get("/scrivania/profilo").await.has("My profile"));
        assert!(t.sign_in(Role::Agent).await.get("/scrivania/profilo").await.has("My profile"));
    }
}
