//! Finding tickets and people.
use std::time::Duration;

use sportello::kernel::codes::grouped;

use super::{at, contact};
use crate::support::*;

/// Searches until a ticket is found, as the index needs a moment after a commit.
async fn found(agent: &Browser, q: &str, code: &str) -> Answer {
    let path = format!("/scrivania/cerca?{}", serde_urlencoded::to_string([("q", q)]).unwrap());
    let mut page = agent.get(&path).await.expect(200);
    for _ in 0..100 {
        if page.has(&format!("id=\"t-{code}\"")) {
            return page;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        page = agent.get(&path).await.expect(200);
    }
    panic!("{q:?} does not find {code}: {}", page.body);
}

async fn finds_at_once(agent: &Browser, q: &str, code: &str) -> bool {
    let path = format!("/scrivania/cerca?{}", serde_urlencoded::to_string([("q", q)]).unwrap());
    agent.get(&path).await.expect(200).has(&format!("id=\"t-{code}\""))
}

on_each_engine! {
    async fn every_identifier_finds_its_ticket_however_it_is_written(t: TestApp) {
        let agent = t.sign_in(Role::Agent).await;
        let fields = [("channel", "phone"), ("name", "Zoë Brambilla"), ("phone", "333 123 4567"), ("email", "Zoe.Brambilla@example.org"),
            ("fiscal_code", "brmzoe80a41h501x"), ("kind", "report"), ("text", "Il lampione è spento"), ("once", "a-form")];
        let code = agent.post_form("/scrivania/pratiche/nuova", &fields).await.expect(303).location().to_owned();
        let code = code.trim_start_matches("/scrivania/pratiche/").split('?').next().unwrap().to_owned();
        let other = contact(&t, "other", "+39 333 7654321", "Altro", "Un'altra cosa").await;
        // Nothing here waits for the index: the background does not run.
        let sloppy = code.to_lowercase().replace('0', "o").replace('1', "l");
        let codes = [code.clone(), grouped(&code), sloppy, format!("{}/2", grouped(&code)), format!(" {} ", grouped(&code).replace('-', " "))];
        let identifiers = ["3331234567", "+39 333 1234567", "0039-333-123.45.67", "(333) 1234567", "zoe.brambilla@EXAMPLE.org", "BRMZOE80A41H501X"];
        for q in codes.iter().map(String::as_str).chain(identifiers) {
            assert!(finds_at_once(&agent, q, &code).await, "{q}");
            assert!(!finds_at_once(&agent, q, &other).await, "{q} finds only its own");
        }
        let page = agent.get("/scrivania/cerca?q=3331234567").await.expect(200);
        assert!(page.has("Utenti con questo recapito") && page.has("Zoë Brambilla"), "{}", page.body);
    }

    async fn words_find_texts_names_and_notes_with_and_without_accents(t: TestApp) {
        let code = contact(&t, "CAD-2026/77", "maria@example.org", "Qualità dell'acqua", "L’acqua del rubinetto è torbida perché?").await;
        t.start_background();
        let agent = t.sign_in(Role::Agent).await;
        agent.post_form(&at(&code, "/risposta"), &[("kind", "note"), ("note", "ne parla anche Nicolò Però")]).await.expect(303);
        // The decomposed form of à, an apostrophe in its place, other forms of the word, several words.
        for q in ["perche", "perché", "qualità", "qualita", "QUALITA'", "qualita\u{300}", "acqua torbida", "rubinetti", "nicolo", "maria@example.org", "cad-2026/77"] {
            found(&agent, q, &code).await;
        }
        let page = found(&agent, "torbida", &code).await;
        assert!(page.has("<mark>torbida</mark>"), "{}", page.body);
        assert!(!finds_at_once(&agent, "acqua lampione", &code).await, "every word must be there");
        assert!(agent.get("/scrivania/cerca?q=inesistente").await.expect(200).has("Nessuna pratica trovata"));
        assert!(agent.get("/scrivania/cerca?q=").await.expect(200).has("<h1>"));
    }

    async fn the_index_follows_what_is_added_and_renamed_later(t: TestApp) {
        let code = contact(&t, "1", "maria@example.org", "Divano", "Dove lo porto?").await;
        t.start_background();
        let agent = t.sign_in(Role::Agent).await;
        found(&agent, "divano", &code).await;
        agent.post_form(&at(&code, "/risposta"), &[("kind", "note"), ("note", "parola ornitorinco")]).await.expect(303);
        found(&agent, "ornitorinco", &code).await;
        agent.post_form(&at(&code, "/classifica"), &[("subject", "Poltrona azzurra")]).await.expect(303);
        found(&agent, "poltrone azzurre", &code).await;
    }

    async fn results_are_paged_newest_first_without_repeats(t: TestApp) {
        let mut codes = Vec::new();
        for n in 0..60 {
            codes.push(contact(&t, &n.to_string(), "maria@example.org", "Divano", "Un divano da ritirare").await);
            // Each needs a ticket of its own, which one thread of mail would not give.
            t.clock.advance(SignedDuration::from_secs(60));
        }
        codes.dedup();
        t.start_background();
        let agent = t.sign_in(Role::Agent).await;
        found(&agent, "divano ritirare", codes.last().unwrap()).await;
        let (mut seen, mut path) = (Vec::new(), "/scrivania/cerca?q=divano+ritirare".to_owned());
        loop {
            let page = agent.get(&path).await.expect(200);
            seen.extend(page.body.split("id=\"t-").skip(1).map(|p| p.split('"').next().unwrap().to_owned()));
            match page.body.split_once("\" rel=\"next\"").and_then(|(before, _)| before.rsplit_once("href=\"")) {
                Some((_, address)) => path = address.replace("&#38;", "&"),
                None => break,
            }
        }
        codes.reverse();
        assert_eq!(seen, codes);
    }

    async fn a_referent_searches_nothing(t: TestApp) {
        let referent = t.sign_in(Role::Referent).await;
        for path in ["/scrivania/cerca?q=x", "/scrivania/persone/1", "/scrivania/pratiche/nuova", "/scrivania/pratiche/nuova/utente?phone=3"] {
            assert_eq!(referent.get(path).await.status, 403, "{path}");
        }
    }
}
