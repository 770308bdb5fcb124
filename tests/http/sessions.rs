//! Signing in and out, locks, passwords.
use std::collections::BTreeSet;

use sportello::identity::{Password, disable_user, find_session, reset_password};
use sportello::kernel::events::Actor;

use crate::support::*;

const SIGN_IN: &str = "/accesso";

on_each_engine! {
    async fn a_person_signs_in_sees_their_page_and_signs_out(t: TestApp) {
        let stranger = t.browser();
        let sent = stranger.get("/scrivania/profilo?x=1").await.expect(303);
        assert_eq!(sent.location(), "/accesso?next=%2Fscrivania%2Fprofilo%3Fx%3D1");

        let agent = t.sign_in(Role::Agent).await;
        let page = agent.get("/scrivania/profilo").await.expect(200);
        assert!(page.has("Agent Prova") && page.has("Comune di Prova"));
        assert_eq!(page.header("cache-control"), "no-store");

        let old = agent.cookie("sportello_session").unwrap();
        let out = agent.post_form("/uscita", &[]).await.expect(303);
        assert_eq!(out.location(), SIGN_IN);
        assert_eq!(agent.cookie("sportello_session"), None);
        agent.set_cookie("sportello_session", &old);
        agent.get("/scrivania/profilo").await.expect(303);
        assert_eq!(t.event_kinds().await, ["user.added", "user.signed_in", "user.signed_out"]);
    }

    async fn after_signing_in_one_goes_where_one_wanted_on_this_site_only(t: TestApp) {
        t.user(Role::Agent).await;
        let who = [("login", "AGENT@example.it "), ("password", PASSWORD)];
        let to = |next| { let mut f = who.to_vec(); f.push(("next", next)); f };
        let there = t.browser().post_form(SIGN_IN, &to("/scrivania/profilo")).await.expect(303);
        assert_eq!(there.location(), "/scrivania/profilo");
        let cookie = there.header("set-cookie").to_owned();
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && !cookie.contains("Secure"), "{cookie}");
        let away = t.browser().post_form(SIGN_IN, &to("//evil.example/")).await.expect(303);
        assert_eq!(away.location(), "/scrivania");
    }

    async fn a_wrong_password_and_an_unknown_login_get_the_same_words(t: TestApp) {
        t.user(Role::Agent).await;
        let wrong = [("login", "agent@example.it"), ("password", "una frase sbagliata")];
        let unknown = [("login", "nobody@example.it"), ("password", "una frase sbagliata")];
        let wrong = t.browser().post_form(SIGN_IN, &wrong).await.expect(401);
        let unknown = t.browser().post_form(SIGN_IN, &unknown).await.expect(401);
        assert!(wrong.has("Indirizzo o password non corretti"));
        assert_eq!(wrong.body.replace("agent@", "nobody@"), unknown.body);
    }

    async fn five_wrong_passwords_lock_the_account_for_a_quarter_of_an_hour(t: TestApp) {
        t.user(Role::Agent).await;
        let wrong = [("login", "agent@example.it"), ("password", "una frase sbagliata")];
        let right = [("login", "agent@example.it"), ("password", PASSWORD)];
        for _ in 0..5 {
            t.browser().post_form(SIGN_IN, &wrong).await.expect(401);
        }
        t.browser().post_form(SIGN_IN, &right).await.expect(401);
        assert_eq!(t.event_kinds().await, ["user.added", "user.locked"]);

        t.clock.advance(SignedDuration::from_mins(16));
        t.browser().post_form(SIGN_IN, &wrong).await.expect(401);
        t.browser().post_form(SIGN_IN, &right).await.expect(303);
    }

    async fn one_address_cannot_try_many_accounts(t: TestApp) {
        let mut statuses = Vec::new();
        for n in 0..32 {
            let login = format!("someone-{n}@example.it");
            let fields = [("login", login.as_str()), ("password", "x")];
            statuses.push(t.browser().post_form(SIGN_IN, &fields).await.status);
        }
        assert_eq!(statuses.last(), Some(&429));
        assert_eq!(statuses.first(), Some(&401));
    }

    async fn signing_out_everywhere_ends_every_session(t: TestApp) {
        let (office, home) = (t.sign_in(Role::Agent).await, t.sign_in(Role::Agent).await);
        let other = t.sign_in(Role::Admin).await;
        office.post_form("/uscita?everywhere=true", &[]).await.expect(303);
        home.get("/scrivania/profilo").await.expect(303);
        other.get("/scrivania/profilo").await.expect(200);
    }

    async fn a_session_lives_while_it_is_used_and_ends_when_it_is_not(t: TestApp) {
        let agent = t.sign_in(Role::Agent).await;
        for _ in 0..4 {
            t.clock.advance(SignedDuration::from_hours(7));
            agent.get("/scrivania/profilo").await.expect(200);
        }
        t.clock.advance(SignedDuration::from_hours(13));
        agent.get("/scrivania/profilo").await.expect(303);
    }

    async fn a_changed_password_ends_the_other_sessions(t: TestApp) {
        let (here, there) = (t.sign_in(Role::Agent).await, t.sign_in(Role::Agent).await);
        let path = "/scrivania/profilo/password";
        let wrong = here.post_form(path, &[("current", "non questa"), ("new", "una frase nuova")]).await.expect(422);
        assert!(wrong.has("La password attuale non è corretta."));
        let short = here.post_form(path, &[("current", PASSWORD), ("new", "breve")]).await.expect(422);
        assert!(short.has("almeno 10 caratteri"));
        let done = here.post_form(path, &[("current", PASSWORD), ("new", "una frase nuova")]).await.expect(303);
        assert!(here.get(done.location()).await.expect(200).has("Password cambiata"));
        there.get("/scrivania/profilo").await.expect(303);
        let new = [("login", "agent@example.it"), ("password", "una frase nuova")];
        t.browser().post_form(SIGN_IN, &new).await.expect(303);
    }

    async fn a_disabled_person_is_out_at_once(t: TestApp) {
        let agent = t.sign_in(Role::Agent).await;
        disable_user(&t.kernel, Actor::System, "agent@example.it").await.unwrap();
        agent.get("/scrivania/profilo").await.expect(303);
        let right = [("login", "agent@example.it"), ("password", PASSWORD)];
        t.browser().post_form(SIGN_IN, &right).await.expect(401);
    }

    async fn a_password_set_by_an_administrator_unlocks(t: TestApp) {
        t.user(Role::Agent).await;
        t.execute("UPDATE users SET failures = 5, locked_until = 9000000000000000").await;
        reset_password(&t.kernel, Actor::System, "agent@example.it", &Password::parse("data dal sistema").unwrap()).await.unwrap();
        let new = [("login", "agent@example.it"), ("password", "data dal sistema")];
        t.browser().post_form(SIGN_IN, &new).await.expect(303);
    }

    async fn a_person_belongs_to_their_units_and_all_below(t: TestApp) {
        let agent = t.sign_in(Role::Agent).await;
        let signed = find_session(&t.kernel, &agent.cookie("sportello_session").unwrap()).await.unwrap().unwrap();
        let expected = BTreeSet::from([t.unit("contact-centre").await, t.unit("counter").await]);
        assert_eq!(signed.principal.units, expected);
    }
}
