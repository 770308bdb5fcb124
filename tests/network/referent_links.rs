//! One link per referent: what is behind it, what is not, how it ends and begins again.
use sportello::network::LegKind;
use sportello::network::referent_links::{self, Then, revoke};

use super::*;

/// The path of a referent's page.
async fn link(t: &TestApp, referent: i64) -> String {
    let kernel = t.kernel.clone();
    let made =
        t.kernel.db.write(move |tx| Box::pin(async move { referent_links::address(tx, &kernel, referent).await }));
    made.await.unwrap().strip_prefix(&t.url).unwrap().to_owned()
}

on_each_engine! {
    async fn behind_one_link_are_all_legs_of_a_referent_and_no_others(t: TestApp) {
        let code = ticket(&t).await;
        send(&t, &code, "anagrafe", LegKind::Competence).await.unwrap();
        send(&t, &code, "asl-prevention", LegKind::Inquiry).await.unwrap();
        send(&t, &code, "anagrafe", LegKind::Inquiry).await.unwrap();
        let id = referent(&t, "anagrafe", "operative", "bassi@example.it").await;
        let link = link(&t, id).await;
        assert_eq!(link, super::referent_links::link(&t, id).await, "the same in every mail");
        let list = t.browser().get(&link).await.expect(200);
        assert!(list.has(&format!("{link}/{code}/1")) && list.has(&format!("{link}/{code}/3")));
        assert!(!list.has(&format!("{link}/{code}/2")));
        t.browser().get(&format!("{link}/{code}/2")).await.expect(404);
        t.browser().post_files(&format!("{link}/{code}/2"), &[("outcome", "accept")], &[]).await.expect(404);
        t.browser().post_files(&format!("{link}/{code}/1"), &[("outcome", "accept")], &[]).await.expect(303);
        assert_eq!(t.texts("SELECT accepted_by FROM legs WHERE number = 1").await, ["Referente operative"]);
    }

    async fn a_wrong_or_revoked_link_tells_nothing_and_an_old_one_is_renewed_to_the_referent_only(t: TestApp) {
        let code = ticket(&t).await;
        send(&t, &code, "anagrafe", LegKind::Competence).await.unwrap();
        let id = referent(&t, "anagrafe", "operative", "bassi@example.it").await;
        let first = link(&t, id).await;
        let forged = format!("{}aaaaaaaaaaaaaaaa", &first[..first.len() - 16]);
        for wrong in [forged.as_str(), "/referenti/x", "/referenti/ààààààààààààààààà"] {
            assert!(!t.browser().get(wrong).await.expect(404).has("rinnova"), "{wrong}");
        }
        t.clock.advance(SignedDuration::from_hours(24 * 400));
        assert!(t.browser().get(&first).await.expect(410).has(&format!("{first}/rinnova")));
        t.browser().get(&format!("{first}/{code}/1")).await.expect(410);
        t.browser().post_form(&format!("{first}/rinnova"), &[]).await.expect(200);
        t.browser().post_form(&format!("{forged}/rinnova"), &[]).await.expect(200);
        let mails = t.texts("SELECT payload FROM outbox WHERE recipient = 'bassi@example.it'").await;
        let second = link(&t, id).await;
        assert!(mails.len() == 1 && mails[0].contains(&second) && second != first, "{mails:?}");
        t.browser().get(&second).await.expect(200);
        let admin = sportello::kernel::permissions::Principal { role: Role::Admin, ..supervisor(&t).await };
        revoke(&t.kernel, &agent(&t).await, id, Then::Nothing).await.unwrap_err();
        assert_eq!(revoke(&t.kernel, &admin, id, Then::Nothing).await.unwrap(), 2);
        assert!(!t.browser().get(&second).await.expect(404).has("rinnova"));
    }

    async fn who_is_referent_no_more_opens_nothing_and_who_stands_in_sees_the_legs_of_the_absent(t: TestApp) {
        let code = ticket(&t).await;
        send(&t, &code, "anagrafe", LegKind::Competence).await.unwrap();
        let away = referent(&t, "anagrafe", "operative", "bassi@example.it").await;
        let other = referent(&t, "counter", "operative", "verdi@example.it").await;
        let link = link(&t, other).await;
        assert!(!t.browser().get(&link).await.expect(200).has(&code));
        let now = t.kernel.now().0;
        t.execute(&format!(
            "INSERT INTO absences (referent_id, from_at, to_at, substitute_id) VALUES ({away}, {now}, {}, {other})",
            now + 86_400_000_000
        )).await;
        assert!(t.browser().get(&link).await.expect(200).has(&code));
        t.execute(&format!("UPDATE referents SET valid_to = {now} WHERE id = {other}")).await;
        t.browser().get(&link).await.expect(404);
    }
}
