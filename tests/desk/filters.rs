//! Filtered and ordered queues, page by page.
use sportello::tickets::queues::PAGE;

use super::{at, contact};
use crate::support::*;

/// The codes on a page of a queue, in their order.
fn codes(page: &Answer) -> Vec<String> {
    page.body.match_indices("id=\"t-").map(|(at, mark)| page.body[at + mark.len()..][..9].to_owned()).collect()
}

/// All codes of a queue, walked by its links.
async fn walk(agent: &Browser, start: &str) -> Vec<String> {
    let (mut all, mut next) = (Vec::new(), Some(start.to_owned()));
    while let Some(path) = next {
        let page = agent.get(&path).await.expect(200);
        all.extend(codes(&page));
        let link = page.body.find("rel=\"next\"").map(|end| &page.body[..end]);
        next = link
            .and_then(|before| before.rsplit_once("href=\""))
            .map(|(_, href)| href.split('"').next().unwrap().replace("&#38;", "&").replace("&amp;", "&"));
    }
    all
}

on_each_engine! {
    async fn a_queue_shows_what_fits_its_filters(t: TestApp) {
        let sofa = contact(&t, "1", "maria@example.org", "Divano", "Dove lo porto?").await;
        let card = contact(&t, "2", "luca@example.org", "Carta", "È pronta?").await;
        let agent = t.sign_in(Role::Agent).await;
        agent.post_form(&at(&sofa, "/prendi"), &[]).await.expect(303);
        agent.post_form(&at(&sofa, "/classifica"), &[("category", "waste/bulky"), ("kind", "report")]).await.expect(303);
        agent.post_form(&at(&card, "/attendi"), &[]).await.expect(303);
        agent.post_form(&at(&card, "/riprendi"), &[]).await.expect(303);
        t.execute(&format!("UPDATE tickets SET channel = 'phone', assignee_id = NULL WHERE code = '{card}'")).await;
        let me = t.user(Role::Agent).await;
        for (query, found) in [
            ("", vec![&sofa, &card]), ("?canale=phone", vec![&card]), ("?canale=email&tipo=report", vec![&sofa]),
            ("?categoria=waste", vec![&sofa]), ("?categoria=waste%2Fbulky&canale=phone", vec![]),
            ("?operatore=0", vec![&card]), (&format!("?operatore={me}"), vec![&sofa]), ("?ordine=recenti", vec![&card, &sofa]),
        ] {
            let page = agent.get(&format!("/scrivania/coda/struttura{query}")).await.expect(200);
            assert_eq!(codes(&page).iter().collect::<Vec<_>>(), found, "{query}");
        }
        let page = agent.get("/scrivania/coda/struttura?categoria=waste/bulky&canale=phone").await.expect(200);
        assert!(page.has("Nessuna pratica corrisponde ai filtri") && page.has("Togli i filtri"), "{}", page.body);
        assert!(page.has("value=\"waste/bulky\" selected") && page.has("value=\"phone\" selected"), "{}", page.body);
        for wrong in ["canale=carrier-pigeon", "tipo=wish", "categoria=no/such", "operatore=x"] {
            assert_eq!(agent.get(&format!("/scrivania/coda/struttura?{wrong}")).await.status, 422, "{wrong}");
        }
    }

    async fn pages_of_tickets_touched_at_one_instant_follow_each_other_in_both_orders(t: TestApp) {
        let first = contact(&t, "1", "maria@example.org", "Divano", "Dove lo porto?").await;
        let copy = |n: usize| {
            let code = format!("Z{n:08}");
            format!("INSERT INTO tickets (code, version, state, subject, channel, kind, owner_unit_id, opened_at, touched_at, expected_at)
                SELECT '{code}', 1, 'new', 'Copia', CASE WHEN {n} % 2 = 0 THEN 'email' ELSE 'phone' END, kind, owner_unit_id, opened_at, touched_at, expected_at
                FROM tickets WHERE code = '{first}'")
        };
        let many: Vec<String> = (0..PAGE * 2 + 7).map(copy).collect();
        t.execute(&many.join(";")).await;
        let agent = t.sign_in(Role::Agent).await;
        let oldest = walk(&agent, "/scrivania/coda/nuove").await;
        assert_eq!(oldest.len(), PAGE * 2 + 8);
        assert_eq!(oldest[0], first);
        let mut newest = walk(&agent, "/scrivania/coda/nuove?ordine=recenti").await;
        newest.reverse();
        assert_eq!(newest, oldest);
        let phone = walk(&agent, "/scrivania/coda/nuove?canale=phone").await;
        assert_eq!(phone.len(), PAGE + 3);
        let odd: Vec<String> = (0..PAGE * 2 + 7).filter(|n| n % 2 == 1).map(|n| format!("Z{n:08}")).collect();
        assert_eq!(phone, odd);
    }
}
