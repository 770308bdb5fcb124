//! What the citizen writes while units work on it, and who reads it.
use std::sync::Arc;

use sportello::network::LegKind;
use sportello::network::late::Updates;
use sportello::tickets::{receive, store};

use super::*;

/// A further mail of the citizen on a ticket, as intake stores one that belongs to it.
async fn writes(t: &TestApp, code: &str, text: &str) {
    let mut conn = t.kernel.db.read().await.unwrap();
    let ticket = store::by_code(&mut conn, code).await.unwrap().unwrap();
    drop(conn);
    let now = t.kernel.now();
    let contact = NewContact {
        ticket_id: ticket.id,
        direction: "in",
        channel: "email",
        from_address: "anna.neri@example.com".to_owned(),
        body: text.to_owned(),
        public: true,
        happened_at: now,
        created_at: now,
        ..NewContact::default()
    };
    let effect = receive::effect(&ticket, false, text, now, &t.kernel.config.desk);
    let write = t.kernel.db.write(move |tx| {
        Box::pin(async move {
            let id = store::insert_contact(tx, &contact).await?.unwrap();
            receive::record(tx, ticket.id, id, effect, Actor::Citizen, now).await
        })
    });
    write.await.unwrap();
    t.read_feed(Arc::new(Updates::new(&t.kernel))).await;
}

async fn told(t: &TestApp, leg: &Leg) -> Vec<String> {
    t.texts(&format!("SELECT payload FROM outbox WHERE purpose = 'leg_update' AND leg_id = {} ORDER BY id", leg.id))
        .await
}

on_each_engine! {
    async fn what_the_citizen_writes_reaches_open_legs_once_and_closed_ones_no_more(t: TestApp) {
        let code = ticket(&t).await;
        let (_, open) = send(&t, &code, "anagrafe", LegKind::Competence).await.unwrap();
        let (_, over) = send(&t, &code, "asl-prevention", LegKind::Inquiry).await.unwrap();
        mail(&t, &over, "Per noi va bene.", None).await;
        writes(&t, &code, "Aggiungo che la foto è nuova.").await;
        t.read_feed(Arc::new(Updates::new(&t.kernel))).await;
        let mails = told(&t, &open).await;
        assert!(mails.len() == 1 && mails[0].contains("Aggiungo che la foto è nuova."), "{mails:?}");
        assert!(told(&t, &over).await.is_empty(), "an answered leg is over");
        let page = t.browser().get(&format!("/invio/{}", token(&t, &open).await)).await.expect(200);
        assert!(page.has("Aggiungo che la foto è nuova."), "{}", page.body);
    }

    async fn a_unit_that_asks_for_it_reads_on_after_its_answer(t: TestApp) {
        let code = ticket(&t).await;
        let (_, leg) = send(&t, &code, "anagrafe", LegKind::Inquiry).await.unwrap();
        let link = format!("/invio/{}", token(&t, &leg).await);
        let fields = [("outcome", "answer"), ("text", "Pronta"), ("keeps_informed", "true")];
        t.browser().post_files(&link, &fields, &[]).await.expect(303);
        writes(&t, &code, "E se perdo la ricevuta?").await;
        assert_eq!(told(&t, &leg).await.len(), 1);
    }

    async fn the_citizens_answer_sets_a_leg_going_that_waited_for_it(t: TestApp) {
        let code = ticket(&t).await;
        let (_, leg) = send(&t, &code, "anagrafe", LegKind::Competence).await.unwrap();
        let link = format!("/invio/{}", token(&t, &leg).await);
        t.execute("UPDATE tickets SET category_id = 2; INSERT INTO category_direct_words (category_id, answers, asks) VALUES (2, FALSE, TRUE)").await;
        let fields = [("outcome", "ask"), ("text", "In che anno?"), ("of", "citizen")];
        t.browser().post_files(&link, &fields, &[]).await.expect(303);
        assert_eq!(counters(&t, &code).await.0, "waiting_citizen");
        assert_eq!(t.number("SELECT COUNT(*) FROM outbox WHERE purpose = 'reply'").await, 1, "the category lets it ask");
        writes(&t, &code, "Nel 2019.").await;
        assert_eq!(leg_state(&t, &leg).await, "sent");
        assert_eq!(counters(&t, &code).await, ("referred".to_owned(), 1, 1, 0));
        assert!(told(&t, &leg).await[0].contains("Nel 2019."));
    }
}
