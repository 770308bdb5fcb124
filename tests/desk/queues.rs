//! The queues.
use std::collections::BTreeSet;

use super::{at, contact, count};
use crate::support::*;

on_each_engine! {
    async fn every_page_together_is_the_whole_queue_once(t: TestApp) {
        let api = t.api(Role::Integration).await;
        for n in 0..120 {
            // Several at one instant: the key must part them all the same.
            if n % 7 == 0 {
                t.clock.advance(SignedDuration::from_secs(1));
            }
            let body = json!({"channel": "web", "external_id": n.to_string(), "from": format!("p{n}@example.org"), "text": format!("Domanda {n}")});
            api.post_json("/api/v1/contacts", &body).await.expect(201);
        }
        count(&t).await;
        let agent = t.sign_in(Role::Agent).await;
        let (mut seen, mut path, mut pages) = (BTreeSet::new(), "/scrivania/coda/nuove".to_owned(), 0);
        loop {
            let page = agent.get(&path).await.expect(200);
            assert!(page.has("120 pratiche"));
            for part in page.body.split("id=\"t-").skip(1) {
                assert!(seen.insert(part.split('"').next().unwrap().to_owned()), "a ticket is shown twice");
            }
            pages += 1;
            let next = page.body.split_once("\" rel=\"next\"").and_then(|(before, _)| before.rsplit_once("href=\""));
            match next {
                Some((_, address)) => path = address.to_owned(),
                None => break,
            }
        }
        assert_eq!((seen.len(), pages), (120, 3));
    }

    async fn an_overdue_ticket_says_so_in_words(t: TestApp) {
        contact(&t, "1", "maria@example.org", "Divano", "Dove lo porto?").await;
        let agent = t.sign_in(Role::Agent).await;
        assert!(agent.get("/scrivania/coda/nuove").await.expect(200).has("15 giorni"));
        t.clock.advance(SignedDuration::from_hours(24 * 15 + 3));
        let agent = t.sign_in(Role::Agent).await;
        let page = agent.get("/scrivania/coda/nuove").await.expect(200);
        assert!(page.has("scaduto da 3 ore") && page.has("warning-circle"), "{}", page.body);
    }

    async fn the_desk_opens_where_most_is_to_do_and_referents_have_their_own(t: TestApp) {
        let code = contact(&t, "1", "maria@example.org", "Divano", "Dove lo porto?").await;
        count(&t).await;
        let agent = t.sign_in(Role::Agent).await;
        assert_eq!(agent.get("/scrivania").await.expect(303).location(), "/scrivania/coda/nuove");
        agent.post_form(&at(&code, "/prendi"), &[]).await.expect(303);
        count(&t).await;
        assert_eq!(agent.get("/scrivania").await.expect(303).location(), "/scrivania/coda/mie");

        let referent = t.sign_in(Role::Referent).await;
        assert_eq!(referent.get("/scrivania").await.expect(303).location(), "/referente");
        for path in ["/scrivania/coda/nuove", "/scrivania/conteggi", &at(&code, ""), &at(&code, "/chiudi"), &at(&code, "/novita?versione=1")] {
            assert_eq!(referent.get(path).await.status, 403, "{path}");
        }
        for path in ["/prendi", "/bozza", "/risposta", "/classifica"] {
            let fields = [("kind", "note"), ("note", "x"), ("body", "x")];
            assert_eq!(referent.post_form(&at(&code, path), &fields).await.status, 403, "{path}");
        }
        assert_eq!(t.browser().get("/scrivania/coda/nuove").await.status, 303, "nobody signed in goes to the sign-in page");
    }
}
