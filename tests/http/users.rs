//! Accounts, as administrators manage them.
use crate::support::*;

on_each_engine! {
    async fn only_administrators_see_and_change_accounts(t: TestApp) {
        let admin = t.user(Role::Admin).await;
        for role in [Role::Agent, Role::Supervisor, Role::Referent] {
            let other = t.sign_in(role).await;
            other.get("/scrivania/utenti").await.expect(403);
            other.get("/api/v1/users").await.expect(403);
            other.post_form("/scrivania/utenti", &[("name", "X"), ("login", "x@example.it"), ("role", "admin")]).await.expect(403);
            for what in ["disabilita", "sblocca", "password"] {
                other.post_form(&format!("/scrivania/utenti/{admin}/{what}"), &[]).await.expect(403);
            }
            for what in ["disable", "unlock", "password"] {
                other.post_json(&format!("/api/v1/users/{admin}/{what}"), &json!({})).await.expect(403);
            }
        }
        t.browser().get("/scrivania/utenti").await.expect(303);
        t.api(Role::Integration).await.get("/api/v1/users").await.expect(403);
        assert_eq!(t.number("SELECT COUNT(*) FROM users WHERE login = 'x@example.it'").await, 0);
        let page = t.sign_in(Role::Supervisor).await.get("/scrivania/coda/nuove").await.expect(200);
        assert!(!page.has("/scrivania/utenti"));
    }

    async fn an_administrator_makes_an_account_that_can_sign_in(t: TestApp) {
        let admin = t.sign_in(Role::Admin).await;
        let fields = [("name", "Lucia Neri"), ("login", "Lucia@Example.it"), ("role", "agent"), ("units", "contact-centre"), ("units", "anagrafe")];
        let made = admin.post_form("/scrivania/utenti", &fields).await.expect(201);
        let password = made.between("<code>", "</code>").unwrap().to_owned();
        let signed = t.browser().post_form("/accesso", &[("login", "lucia@example.it"), ("password", &password)]).await;
        signed.expect(303);
        let units = "SELECT COUNT(*) FROM user_units m JOIN users u ON u.id = m.user_id WHERE u.login = 'lucia@example.it'";
        assert_eq!(t.number(units).await, 2);
        let page = admin.get("/scrivania/utenti").await.expect(200);
        assert!(page.has("Lucia Neri") && !page.has(&password), "a password is shown once");
        let again = admin.post_form("/scrivania/utenti", &fields).await.expect(409);
        assert!(again.has("C’è già un utente con questo indirizzo") && again.has("value=\"Lucia Neri\""));
        let wrong = admin.post_form("/scrivania/utenti", &[("name", " "), ("login", "b@example.it"), ("role", "agent")]).await.expect(422);
        assert!(wrong.has("Scrivi il nome"));
        let strange = [("name", "B"), ("login", "b@example.it"), ("role", "agent"), ("units", "nowhere")];
        admin.post_form("/scrivania/utenti", &strange).await.expect(422);
        admin.post_form("/scrivania/utenti", &[("name", "B"), ("login", "b@example.it"), ("role", "integration")]).await.expect(422);
        assert_eq!(t.number("SELECT COUNT(*) FROM users WHERE login = 'b@example.it'").await, 0);
        let events = t.texts("SELECT actor FROM events WHERE kind = 'user.added' ORDER BY id DESC LIMIT 1").await;
        assert!(events[0].starts_with("user:"), "{events:?}");
    }

    async fn a_locked_account_is_unlocked_and_a_disabled_one_is_out(t: TestApp) {
        let agent = t.sign_in(Role::Agent).await;
        let id = t.number("SELECT id FROM users WHERE login = 'agent@example.it'").await;
        let admin = t.sign_in(Role::Admin).await;
        let right = [("login", "agent@example.it"), ("password", PASSWORD)];
        t.execute("UPDATE users SET failures = 5, locked_until = 9000000000000000 WHERE login = 'agent@example.it'").await;
        assert!(admin.get("/scrivania/utenti").await.expect(200).has("Bloccato fino al"));
        t.browser().post_form("/accesso", &right).await.expect(401);
        admin.post_form(&format!("/scrivania/utenti/{id}/sblocca"), &[]).await.expect(303);
        t.browser().post_form("/accesso", &right).await.expect(303);

        let reset = admin.post_form(&format!("/scrivania/utenti/{id}/password"), &[]).await.expect(200);
        let password = reset.between("<code>", "</code>").unwrap().to_owned();
        agent.get("/scrivania/profilo").await.expect(303);
        t.browser().post_form("/accesso", &right).await.expect(401);
        let new = [("login", "agent@example.it"), ("password", password.as_str())];
        let agent = t.browser();
        agent.post_form("/accesso", &new).await.expect(303);

        let done = admin.post_form(&format!("/scrivania/utenti/{id}/disabilita"), &[]).await.expect(303);
        assert!(admin.get(done.location()).await.expect(200).has("Disabilitato"));
        agent.get("/scrivania/profilo").await.expect(303);
        t.browser().post_form("/accesso", &new).await.expect(401);

        let own = t.number("SELECT id FROM users WHERE login = 'admin@example.it'").await;
        let refused = admin.post_form(&format!("/scrivania/utenti/{own}/disabilita"), &[]).await.expect(409);
        assert!(refused.has("Non puoi disabilitare il tuo stesso utente"));
        admin.post_form("/scrivania/utenti/424242/sblocca", &[]).await.expect(404);
        admin.post_form("/scrivania/utenti/424242/password", &[]).await.expect(404);
    }

    async fn programs_of_an_administrator_do_the_same(t: TestApp) {
        let admin = t.api(Role::Admin).await;
        let new = json!({"login": "lucia@example.it", "name": "Lucia Neri", "role": "referent", "units": ["anagrafe"]});
        let made = admin.post_json("/api/v1/users", &new).await.expect(201).json();
        let listed = admin.get_json("/api/v1/users").await.expect(200).json();
        let lucia = listed["items"].as_array().unwrap().iter().find(|u| u["login"] == "lucia@example.it").unwrap().clone();
        assert_eq!((&lucia["id"], &lucia["role"], &lucia["units"]), (&made["id"], &json!("referent"), &json!(["anagrafe"])));
        let sign_in = async |password: &str| {
            t.browser().post_form("/accesso", &[("login", "lucia@example.it"), ("password", password)]).await.status
        };
        assert_eq!(sign_in(made["password"].as_str().unwrap()).await, 303);
        let at = |what: &str| format!("/api/v1/users/{}/{what}", made["id"]);
        let reset = admin.post_json(&at("password"), &json!({})).await.expect(200).json();
        assert_eq!(sign_in(made["password"].as_str().unwrap()).await, 401);
        assert_eq!(sign_in(reset["password"].as_str().unwrap()).await, 303);
        admin.post_json(&at("unlock"), &json!({})).await.expect(204);
        admin.post_json(&at("disable"), &json!({})).await.expect(204);
        assert_eq!(sign_in(reset["password"].as_str().unwrap()).await, 401);
        assert_eq!(admin.post_json("/api/v1/users", &new).await.expect(409).json()["code"], "login_taken");
        let short = json!({"login": "b@example.it", "name": "B", "role": "agent", "password": "breve"});
        assert_eq!(admin.post_json("/api/v1/users", &short).await.expect(422).json()["code"], "password_too_short");
        admin.post_json("/api/v1/users/424242/disable", &json!({})).await.expect(404);
    }

    async fn a_password_that_an_administrator_set_is_changed_before_anything_else(t: TestApp) {
        let admin = t.sign_in(Role::Admin).await;
        t.sign_in(Role::Agent).await;
        let id = t.number("SELECT id FROM users WHERE login = 'agent@example.it'").await;
        let reset = admin.post_form(&format!("/scrivania/utenti/{id}/password"), &[]).await.expect(200);
        let given = reset.between("<code>", "</code>").unwrap().to_owned();
        let agent = t.browser();
        agent.post_form("/accesso", &[("login", "agent@example.it"), ("password", &given)]).await.expect(303);
        for path in ["/scrivania", "/scrivania/coda/nuove", "/scrivania/schede"] {
            assert_eq!(agent.get(path).await.expect(303).location(), "/scrivania/profilo", "{path}");
        }
        agent.get_json("/api/v1/tickets").await.expect(403);
        agent.get_fragment("/scrivania/conteggi?path=/scrivania/profilo").await.expect(204);
        agent.get("/sportello/schede").await.expect(200);
        let profile = agent.get("/scrivania/profilo").await.expect(200);
        assert!(profile.has("Scegli una password tua"), "{}", profile.body);
        let wrong = agent.post_form("/scrivania/profilo/password", &[("current", &given), ("new", "breve")]).await.expect(422);
        assert!(wrong.has("Scegli una password tua"), "{}", wrong.body);
        let own = [("current", given.as_str()), ("new", "una frase tutta mia")];
        agent.post_form("/scrivania/profilo/password", &own).await.expect(303);
        assert!(!agent.get("/scrivania/profilo").await.expect(200).has("Scegli una password tua"));
        agent.get("/scrivania/coda/nuove").await.expect(200);
        // Whoever chose it themselves is asked for nothing.
        t.sign_in(Role::Supervisor).await.get("/scrivania/coda/nuove").await.expect(200);
    }
}
