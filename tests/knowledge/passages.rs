//! The passage of a sheet that answers, where sheets are found and proposed.
use super::*;

on_each_engine! {
    async fn a_visitor_sees_where_a_sheet_answers_with_its_words_marked(t: TestApp) {
        t.start_background();
        lost_card(&t).await;
        finds(&t, "denuncia", Reader::Citizen, &["ANA-02"]).await;
        let page = t.browser().get("/sportello/schede/cerca?q=denuncia+carabinieri").await.expect(200);
        assert!(page.has("Fai <mark>denuncia</mark> ai <mark>carabinieri</mark>, poi prenota."), "{:?}", page.between("<main", "</main"));
    }

    async fn what_a_sheet_says_to_agents_is_in_no_passage_of_a_citizen(t: TestApp) {
        t.start_background();
        let text = "La denuncia <b>serve</b> sempre.";
        save(&t, draft("ANA-02", Audience::Public, "Carta smarrita", text)).await;
        finds(&t, "zigrinato", Reader::Agent, &["ANA-02"]).await;
        let passage = async |words: &str, reader: Reader| {
            let found = search::search(&t.kernel, &t.services.knowledge, words, Language::Italian, reader, 5).await;
            let pieces = found.unwrap().into_iter().next().map(|s| s.passage).unwrap_or_default();
            pieces.into_iter().map(|p| if p.found { format!("[{}]", p.text) } else { p.text }).collect::<String>()
        };
        assert_eq!(passage("turno zigrinato", Reader::Agent).await, "Sentire il [turno] [zigrinato].");
        assert_eq!(passage("turno zigrinato denuncia", Reader::Citizen).await, "La [denuncia] serve sempre.");
    }

    async fn an_agent_sees_where_a_proposed_sheet_answers(t: TestApp) {
        t.start_background();
        lost_card(&t).await;
        finds(&t, "denuncia", Reader::Citizen, &["ANA-02"]).await;
        let agent = t.sign_in(Role::Agent).await;
        let text = "Buongiorno, devo fare denuncia ai carabinieri per la carta rubata?";
        let query = serde_urlencoded::to_string([("text", text)]).unwrap();
        let answer = agent.get(&format!("/api/v1/knowledge/suggest?{query}")).await.expect(200).json();
        let pieces = answer["items"][0]["passage"].as_array().unwrap().clone();
        let found: Vec<_> = pieces.iter().filter(|p| p["found"] == true).map(|p| p["text"].clone()).collect();
        assert!(found.contains(&"denuncia".into()) && found.contains(&"carabinieri".into()), "{answer}");
        // The same on the pages: among all sheets, also while one types, and beside a ticket.
        let marked = "Fai <mark>denuncia</mark> ai <mark>carabinieri</mark>, poi prenota.";
        let list = "/scrivania/schede?q=denuncia+carabinieri";
        for page in [agent.get(list).await, agent.get_fragment(list).await] {
            let page = page.expect(200);
            assert!(page.has(marked), "{:?}", page.between("<main", "</main"));
        }
        let code = crate::gaps::contact(&t, "1", "Carta rubata", text).await;
        let beside = agent.get(&format!("/scrivania/pratiche/{code}/schede")).await.expect(200);
        assert!(beside.has("<mark>denuncia</mark>") && beside.has("<mark>carabinieri</mark>"), "{}", beside.body);
        // Without words that answer, the summary tells what a sheet is about.
        let all = agent.get("/scrivania/schede").await.expect(200);
        assert!(all.has("In breve: Carta d&#39;identità smarrita o rubata.") && !all.has("<mark>"), "{}", all.body);
    }

    async fn what_a_citizen_writes_is_answered_before_it_is_sent(t: TestApp) {
        t.start_background();
        lost_card(&t).await;
        finds(&t, "denuncia", Reader::Citizen, &["ANA-02"]).await;
        let citizen = t.browser();
        let form = citizen.get("/sportello/richiesta").await.expect(200);
        assert!(form.has("hx-post=\"/sportello/richiesta/risposte\"") && form.has("id=\"answers\""), "{}", form.body);
        assert!(!form.has("/sportello/schede/ANA-02"), "nothing was written yet");
        let here = "/sportello/richiesta/risposte";
        let text = "Buongiorno, devo fare denuncia ai carabinieri per la carta rubata?";
        let part = citizen.post_fragment(here, &[("text", text)]).await.expect(200);
        assert!(part.has("href=\"/sportello/schede/ANA-02\"") && part.has("<mark>denuncia</mark>"), "{}", part.body);
        assert!(part.has("Forse la risposta è già qui") && !part.has("<html"), "{}", part.body);
        for asks_nothing in ["", "Ciao", "zigrinato zigrinato zigrinato", "riconoscimento al telefono"] {
            let part = citizen.post_fragment(here, &[("text", asks_nothing)]).await.expect(200);
            assert!(!part.has("URP-09") && !part.has("zigrinato"), "{asks_nothing}: {}", part.body);
        }
        assert!(!citizen.post_fragment(here, &[("text", "Ciao")]).await.expect(200).has("href"));

        // Without script a button asks, and nothing of what was typed is lost or sent.
        let stamp = form.between("name=\"stamp\" value=\"", "\"").unwrap().to_owned();
        let typed = [("stamp", stamp.as_str()), ("text", text), ("name", "Marta Neri"), ("show", "answers")];
        let shown = citizen.post_files("/sportello/richiesta", &typed, &[]).await.expect(200);
        assert!(shown.has("<mark>denuncia</mark>") && shown.has(text) && shown.has("Marta Neri"), "{}", shown.body);
        assert_eq!(t.number("SELECT COUNT(*) FROM tickets").await, 0);
    }

    async fn the_home_page_finds_while_one_types(t: TestApp) {
        t.start_background();
        lost_card(&t).await;
        finds(&t, "denuncia", Reader::Citizen, &["ANA-02"]).await;
        let citizen = t.browser();
        let home = citizen.get("/").await.expect(200);
        assert!(home.has("hx-get=\"/sportello/schede/cerca\"") && home.has("id=\"found\""), "{}", home.body);
        let typed = async |words: &str| {
            let request = citizen.request(reqwest::Method::GET, &format!("/sportello/schede/cerca?q={words}"));
            citizen.send(request.header("HX-Request", "true").header("HX-Target", "found")).await.expect(200)
        };
        let found = typed("smarr").await;
        assert!(found.has("/sportello/schede/ANA-02") && !found.has("<html"), "{}", found.body);
        assert!(found.header("vary").to_lowercase().contains("hx-target"));
        let nothing = typed("").await;
        assert!(!nothing.has("/sportello/schede/"), "the page has its own lists: {}", nothing.body);
        for id in 10..18 {
            save(&t, draft(&format!("AMB-{id}"), Audience::Public, "Ritiro di altri rifiuti", "A domicilio.")).await;
        }
        for _ in 0..200 {
            if codes(&t, "ritiro rifiuti", Reader::Citizen).await.len() >= 9 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert!(codes(&t, "ritiro rifiuti", Reader::Citizen).await.len() >= 9);
        assert_eq!(typed("ritiro").await.body.matches("data-element=\"service-link\"").count(), 5, "a few, the best");
    }
}
