//! Referents on their own page: what is written of them, their link, and their leaving; and whom a portal reaches.
use reqwest::Method;
use sportello::network::reassign::reassign;

use super::*;

const UNIT: &str = "/scrivania/organizzazione/strutture/anagrafe";

on_each_engine! {
    async fn who_leaves_passes_open_legs_and_absences_to_the_successor_and_the_link_opens_nothing(t: TestApp) {
        let admin = t.sign_in(Role::Admin).await;
        let code = ticket(&t).await;
        let (_, leg) = send(&t, &code, "anagrafe", LegKind::Competence).await.unwrap();
        let rita = referent(&t, "anagrafe", "operative", "rita@example.it").await;
        let ugo = referent(&t, "anagrafe", "operative", "ugo@example.it").await;
        let who = Principal { role: Role::Referent, units: [3].into(), ..agent(&t).await };
        reassign(&t.kernel, &Door::account(&who, &code, leg.number), Some(rita)).await.unwrap();
        let now = t.kernel.now().0;
        t.execute(&format!(
            "INSERT INTO absences (referent_id, from_at, to_at, substitute_id) VALUES ({ugo}, {now}, {}, {rita})",
            now + 86_400_000_000
        )).await;
        let page = format!("{UNIT}/referenti/{rita}");
        let oneself = admin.post_form(&format!("{page}/termina"), &[("successor", &rita.to_string())]).await.expect(422);
        assert!(oneself.has("Nessuno sostituisce se stesso"));
        assert!(admin.get(&page).await.expect(200).has("Ha un invio aperto"));
        admin.post_form(&format!("{page}/termina"), &[("successor", &ugo.to_string())]).await.expect(303);
        assert_eq!(t.number(&format!("SELECT referent_id FROM legs WHERE id = {}", leg.id)).await, ugo);
        let alone = "SELECT COUNT(*) FROM absences WHERE substitute_id IS NULL";
        assert_eq!(t.number(alone).await, 1, "nobody stands in for oneself");
        assert_eq!(t.number("SELECT COUNT(*) FROM referent_links WHERE revoked_at IS NULL").await, 1, "only the successor's");
        assert!(t.event_kinds().await.contains(&"referent.left".to_owned()));
        assert!(admin.get(&page).await.expect(200).has("non è più referente"));
        admin.post_form(&format!("{page}/termina"), &[]).await.expect(404);
    }

    async fn a_referent_is_changed_and_moved_to_another_unit(t: TestApp) {
        let admin = t.sign_in(Role::Admin).await;
        let id = referent(&t, "anagrafe", "operative", "rita@example.it").await;
        let page = format!("{UNIT}/referenti/{id}");
        let mut fields = vec![
            ("name", "Rita Levi"), ("rank", "executive"), ("unit", "counter"), ("email", "nessuno"), ("phone", "055 1"),
        ];
        let wrong = admin.post_form(&page, &fields).await.expect(422);
        assert!(wrong.has("Non sembra un indirizzo: Indirizzo e-mail") && wrong.has("value=\"Rita Levi\""));
        fields[3].1 = "levi@example.it";
        let saved = admin.post_form(&page, &fields).await.expect(303);
        assert!(saved.location().contains("/strutture/counter/referenti/"));
        let shown = admin.get(saved.location()).await.expect(200);
        assert!(shown.has("I dati sono salvati") && shown.has("055 1") && shown.has("value=\"executive\" selected"));
        assert_eq!(t.number(&format!("SELECT valid_from FROM referents WHERE id = {id}")).await, 0, "its time stays");
        admin.get(&page).await.expect(404);
        let body = json!({ "unit": "anagrafe", "name": "Rita Levi", "email": "levi@example.it", "rank": "director" });
        t.api(Role::Admin).await.send_json(Method::PUT, &format!("/api/v1/referents/{id}"), &body).await.expect(204);
        assert_eq!(t.texts("SELECT rank FROM referents").await, ["director"]);
    }

    async fn the_page_of_a_referent_sends_shows_and_revokes_the_link(t: TestApp) {
        let admin = t.sign_in(Role::Admin).await;
        let id = referent(&t, "anagrafe", "operative", "rita@example.it").await;
        let (page, api) = (format!("{UNIT}/referenti/{id}"), t.api(Role::Admin).await);
        let state = async || {
            let found = api.get_json(&format!("/api/v1/referents/{id}/link")).await.expect(200).json();
            found["state"].as_str().unwrap().to_owned()
        };
        assert_eq!(state().await, "never");
        let press = async |what: &str| admin.post_form(&format!("{page}/collegamento"), &[("what", what)]).await.expect(303);
        press("send").await;
        press("send").await;
        assert_eq!(t.number("SELECT COUNT(*) FROM referent_links").await, 1, "the same link again");
        assert_eq!(t.number("SELECT COUNT(*) FROM outbox WHERE recipient = 'rita@example.it'").await, 2);
        assert!(admin.get(&page).await.expect(200).has("vale fino al"));
        press("renew").await;
        assert_eq!(t.number("SELECT COUNT(*) FROM referent_links WHERE revoked_at IS NULL").await, 1);
        press("revoke").await;
        assert_eq!(state().await, "revoked");
        assert!(admin.get(&page).await.expect(200).has("È stato revocato il"));
        t.sign_in(Role::Supervisor).await.get(&page).await.expect(403);
    }

    async fn a_portal_is_read_by_named_referents_as_by_accounts(t: TestApp) {
        let admin = t.api(Role::Admin).await;
        t.execute("UPDATE units SET email = '' WHERE id = 4").await;
        t.execute("UPDATE agencies SET email = '' WHERE id = 2").await;
        let code = ticket(&t).await;
        let portal = json!({ "kind": "portal", "settings": {} });
        assert!(matches!(send(&t, &code, "asl-prevention", LegKind::Inquiry).await, Err(LegError::Unreachable)));
        let id = referent(&t, "asl-prevention", "operative", "rosa@example.net").await;
        admin.send_json(Method::PUT, "/api/v1/ways/unit/asl-prevention", &portal).await.expect(200);
        send(&t, &code, "asl-prevention", LegKind::Inquiry).await.unwrap();
        assert_eq!(t.number("SELECT COUNT(*) FROM outbox WHERE recipient = 'rosa@example.net'").await, 1);
        t.execute(&format!("UPDATE referents SET valid_to = {} WHERE id = {id}", t.kernel.now().0)).await;
        let refused = send(&t, &code, "asl-prevention", LegKind::Inquiry).await;
        assert!(matches!(refused, Err(LegError::Way { wrong: "no_referent" })), "{refused:?}");
    }

    async fn a_leg_that_is_over_keeps_the_name_its_unit_had(t: TestApp) {
        let code = ticket(&t).await;
        let (_, over) = send(&t, &code, "anagrafe", LegKind::Competence).await.unwrap();
        mail(&t, &over, "Fatto.", None).await;
        send(&t, &code, "anagrafe", LegKind::Inquiry).await.unwrap();
        t.clock.advance(SignedDuration::from_hours(24));
        let rename = json!({ "reason": "Delibera", "plan": { "changes": [{ "unit": "anagrafe", "name": "Demografici" }] } });
        t.api(Role::Admin).await.post_json("/api/v1/organisation/changes", &rename).await.expect(201);
        let mut conn = t.kernel.db.read().await.unwrap();
        let id = over.ticket_id;
        let legs = sportello::network::views::legs_of(&mut conn, id, sportello::kernel::language::Language::Italian).await;
        let names: Vec<String> = legs.unwrap().into_iter().map(|leg| leg.unit).collect();
        assert_eq!(names, ["Anagrafe", "Demografici"]);
    }
}
