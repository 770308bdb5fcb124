//! Links without an account: what they open, what they never tell, how they end and begin again.
use sportello::network::LegKind;

use super::*;

on_each_engine! {
    async fn a_link_opens_its_leg_and_a_wrong_one_tells_nothing(t: TestApp) {
        let code = ticket(&t).await;
        let (_, leg) = send(&t, &code, "anagrafe", LegKind::Competence).await.unwrap();
        let token = token(&t, &leg).await;
        let page = t.browser().get(&format!("/invio/{token}")).await.expect(200);
        assert!(page.has(REQUEST) && page.has("anna.neri@example.com") && page.has("A che punto è la pratica?"));
        let wrong = t.browser().get(&format!("/invio/{}", "a".repeat(token.len()))).await.expect(404);
        assert!(!wrong.has("Carta di identità") && !wrong.has("rinnova") && !wrong.has(&code));
        let stored = t.number(&format!("SELECT COUNT(*) FROM leg_tokens WHERE token_hash = '{token}'")).await;
        assert_eq!(stored, 0, "only the hash is kept with the leg");
    }

    async fn only_the_competent_unit_sees_the_citizen(t: TestApp) {
        let code = ticket(&t).await;
        let (_, leg) = send(&t, &code, "anagrafe", LegKind::Inquiry).await.unwrap();
        let page = t.browser().get(&format!("/invio/{}", token(&t, &leg).await)).await.expect(200);
        assert!(page.has(REQUEST) && !page.has("anna.neri@example.com"));
    }

    async fn an_expired_link_is_renewed_to_the_units_address_only(t: TestApp) {
        let code = ticket(&t).await;
        let (_, leg) = send(&t, &code, "anagrafe", LegKind::Inquiry).await.unwrap();
        let old = token(&t, &leg).await;
        t.clock.advance(SignedDuration::from_hours(24 * 31));
        let page = t.browser().get(&format!("/invio/{old}")).await.expect(410);
        assert!(page.has(&format!("/invio/{old}/rinnova")) && !page.has(REQUEST));
        t.browser().post_files(&format!("/invio/{old}"), &[("text", "Tardi")], &[]).await.expect(410);
        let asked = t.browser().post_form(&format!("/invio/{old}/rinnova"), &[]).await.expect(200);
        let unknown = t.browser().post_form("/invio/nessuno/rinnova", &[]).await.expect(200);
        let text = |a: &Answer| a.between("<main", "</main>").unwrap().to_owned();
        assert_eq!(text(&asked), text(&unknown), "the same is said whatever the link");
        let to = t.texts("SELECT recipient FROM outbox WHERE purpose = 'leg_link'").await;
        assert_eq!(to, ["anagrafe@example.it"]);
        let new = token(&t, &leg).await;
        assert_ne!(new, old);
        let link = format!("/invio/{new}");
        t.browser().post_files(&link, &[("outcome", "answer"), ("text", "Eccola")], &[]).await.expect(303);
        assert_eq!(leg_state(&t, &leg).await, "answered");
        for _ in 0..10 {
            t.browser().post_form(&format!("/invio/{old}/rinnova"), &[]).await.expect(200);
        }
        let sent = t.number("SELECT COUNT(*) FROM outbox WHERE purpose = 'leg_link'").await;
        assert!(sent <= 3, "{sent} mails for one link within an hour");
    }

    async fn the_files_of_the_request_open_for_who_works_on_it_and_for_nobody_else(t: TestApp) {
        let code = ticket(&t).await;
        let other = ticket(&t).await;
        let blob = t.kernel.blobs.put(b"foto".as_slice().into()).await.unwrap();
        for (id, code) in [(901, &code), (902, &other)] {
            t.execute(&format!(
                "INSERT INTO attachments (id, contact_id, position, name, media_type, size, blob)
                 SELECT {id}, MIN(k.id), 0, 'foto.jpg', 'image/jpeg', 4, '{blob}'
                 FROM contacts k JOIN tickets t ON t.id = k.ticket_id WHERE t.code = '{code}'"
            )).await;
        }
        let (_, inquiry) = send(&t, &code, "anagrafe", LegKind::Inquiry).await.unwrap();
        let (_, informed) = send(&t, &code, "anagrafe", LegKind::Knowledge).await.unwrap();
        let link = format!("/invio/{}/allegati", token(&t, &inquiry).await);
        let file = t.browser().get(&format!("{link}/901")).await.expect(200);
        assert_eq!(file.body, "foto");
        assert!(file.header("content-disposition").starts_with("attachment"));
        t.browser().get(&format!("{link}/902")).await.expect(404);
        let link = format!("/invio/{}/allegati", token(&t, &informed).await);
        t.browser().get(&format!("{link}/901")).await.expect(404);
    }

    async fn a_file_of_a_type_that_is_not_accepted_is_refused_and_the_text_kept(t: TestApp) {
        let code = ticket(&t).await;
        let (_, leg) = send(&t, &code, "anagrafe", LegKind::Inquiry).await.unwrap();
        let link = format!("/invio/{}", token(&t, &leg).await);
        let file = File { field: "files", name: "x.exe", media_type: "application/x-msdownload", bytes: b"MZ" };
        let page = t.browser().post_files(&link, &[("outcome", "answer"), ("text", "Il mio testo")], &[file]).await.expect(422);
        assert!(page.has("Il mio testo") && page.has("tipo che non accettiamo"));
        assert_eq!(leg_state(&t, &leg).await, "sent");
    }
}
