//! The public site: what is shown, what never is, what search engines and feed readers get.
use std::time::{Duration, Instant};

use serde_json::Value;
use sportello::kernel::events::Actor;
use sportello::kernel::language::Language;
use sportello::kernel::opening::Opening;
use sportello::knowledge::details::{Details, Office};
use sportello::knowledge::model::{Audience, SheetCode, SheetText};
use sportello::knowledge::search::Reader;
use sportello::knowledge::sections::Sections;
use sportello::knowledge::sheets;

use crate::support::*;
use crate::{draft, finds, save};

/// Every public place that lists sheets.
const LISTS: [&str; 9] = [
    "/?lang=it",
    "/sportello?lang=en",
    "/sportello/schede",
    "/sportello/schede?area=anagrafe",
    "/sportello/schede?area=waste",
    "/sportello/schede/cerca?q=zanzara",
    "/sportello/novita/it.atom",
    "/sportello/novita/en.atom",
    "/sitemap-1.xml",
];

fn english(title: &str) -> SheetText {
    SheetText {
        title: title.to_owned(),
        summary: "In short.".to_owned(),
        public_text: "Come to the counter.".to_owned(),
        ..SheetText::empty(Language::English)
    }
}

/// The JSON-LD blocks of a page.
fn blocks(body: &str) -> Vec<Value> {
    let scripts = body.split("<script type=\"application/ld+json\"").skip(1);
    let json = scripts.map(|s| s.split_once('>').unwrap().1.split_once("</script>").unwrap().0);
    json.map(|j| serde_json::from_str(j).unwrap()).collect()
}

/// The entries of the page's index, as the national validator reads them.
fn page_index(body: &str) -> Vec<String> {
    let list = body.split("data-element=\"page-index\"").nth(1).unwrap().split("</ul>").next().unwrap();
    let links = list.split("<li><a href=\"#").skip(1);
    links.map(|l| l.split_once("\">").unwrap().1.split("</a>").next().unwrap().to_owned()).collect()
}

/// What stands inside the section with this `data-element`.
fn section<'a>(body: &'a str, element: &str) -> &'a str {
    let rest = body.split_once(&format!("<section data-element=\"{element}\"")).map(|p| p.1);
    rest.map_or("", |rest| rest.split("</section>").next().unwrap())
}

on_each_engine! {
    async fn the_page_of_a_service_has_the_parts_of_the_national_model_in_its_order(t: TestApp) {
        let mut sheet = draft("ANA-50", Audience::Public, "Carta d'identità", "Si prenota allo sportello.");
        sheet.details.term_days = Some(6);
        sheet.texts[0].fee = "16,79 euro".to_owned();
        sheet.texts[0].sections = Sections {
            addressed_to: "A chi **risiede** a Valdoria.".to_owned(),
            obtained: "La carta, con PIN e PUK.".to_owned(),
            deadlines: "Da 180 giorni prima della scadenza.".to_owned(),
            further: "Vedi [le regole](https://www.example.org/regole).".to_owned(),
            conditions: "Per i minori serve l'assenso.".to_owned(),
        };
        save(&t, sheet.clone()).await;
        let page = t.browser().get("/sportello/schede/ANA-50?lang=it").await.expect(200);
        let index = [
            "A chi è rivolto", "Come fare", "Cosa serve", "Cosa si ottiene", "Tempi e scadenze", "Quanto costa",
            "Accedi al servizio", "Ulteriori informazioni", "Condizioni di servizio", "Contatti",
        ];
        assert_eq!(page_index(&page.body), index);
        // Each has a paragraph with words, and what must only be there is there.
        for (element, words) in [
            ("service-addressed", "A chi <strong>risiede</strong>"),
            ("service-how-to", "Si prenota"),
            ("service-needed", "una fototessera"),
            ("service-achieved", "PIN e PUK"),
            ("service-calendar-text", "180 giorni"),
        ] {
            let found = section(&page.body, element);
            assert!(found.contains("<p") && found.contains(words), "{element}: {found}");
        }
        for element in ["service-generic-access", "service-file", "service-area", "service-status", "service-title"] {
            assert_eq!(page.body.matches(&format!("data-element=\"{element}\"")).count(), 1, "{element}");
        }
        assert!(page.has("assenso") && page.has("https://www.example.org/regole"));
        assert_eq!(blocks(&page.body)[0]["audience"]["audienceType"], "A chi risiede a Valdoria.");

        // What the sheet does not say is not shown, nor in the index.
        sheet.texts[0].sections = Sections::default();
        save(&t, sheet).await;
        let page = t.browser().get("/sportello/schede/ANA-50?lang=it").await.expect(200);
        let missing = ["A chi è rivolto", "Cosa si ottiene", "Ulteriori informazioni", "Condizioni di servizio"];
        assert!(missing.iter().all(|part| !page_index(&page.body).contains(&(*part).to_owned())), "{}", page.body);
    }

    async fn the_parts_of_a_sheet_are_searched_compared_and_answered_by_the_api(t: TestApp) {
        t.start_background();
        let mut sheet = draft("ANA-51", Audience::Public, "Scuolabus", "Si chiede online.");
        sheet.texts[0].sections.addressed_to = "Agli alunni delle frazioni.".to_owned();
        save(&t, sheet.clone()).await;
        finds(&t, "frazioni", Reader::Citizen, &["ANA-51"]).await;
        sheet.texts[0].sections.addressed_to = "Agli alunni lontani.".to_owned();
        save(&t, sheet).await;
        let editor = t.api(Role::Supervisor).await;
        let shown = editor.get("/api/v1/knowledge/sheets/ANA-51").await.expect(200).json();
        assert_eq!((&shown["addressed_to"], &shown["obtained"]), (&"Agli alunni lontani.".into(), &"".into()));
        let diff = editor.get("/api/v1/knowledge/sheets/ANA-51/diff?from=1&to=2").await.expect(200).json();
        assert!(diff.to_string().contains("addressed_to"), "{diff}");
        let page = t.sign_in(Role::Agent).await.get("/scrivania/schede/ANA-51?lang=it").await.expect(200);
        assert!(page.has("A chi è rivolto") && page.has("Agli alunni lontani."), "{}", page.body);
    }

    async fn what_is_not_public_and_in_force_appears_nowhere(t: TestApp) {
        t.start_background();
        save(&t, draft("ANA-40", Audience::Public, "Zanzara pubblica", "Testo.")).await;
        save(&t, draft("ANA-41", Audience::Internal, "Zanzara interna", "Testo.")).await;
        save(&t, draft("ANA-42", Audience::Partners, "Zanzara degli enti", "Testo.")).await;
        let mut lonely = draft("AMB-41", Audience::Internal, "Zanzara dei rifiuti", "Testo.");
        lonely.category = Some("waste/bulky".to_owned());
        save(&t, lonely).await;
        save(&t, draft("ANA-43", Audience::Public, "Zanzara ritirata", "Testo.")).await;
        sheets::retire(&t.kernel, Actor::System, &SheetCode::parse("ANA-43").unwrap()).await.unwrap();
        finds(&t, "zanzara", Reader::Citizen, &["ANA-40"]).await;

        let citizen = t.browser();
        for path in LISTS {
            let page = citizen.get(path).await.expect(200);
            for hidden in ["ANA-41", "ANA-42", "ANA-43", "AMB-41", "interna", "degli enti", "ritirata", "dei rifiuti"] {
                assert!(!page.has(hidden), "{hidden} in {path}: {}", page.body);
            }
            assert_eq!(page.has("ANA-40"), !path.contains("waste"), "{path}");
        }
        for code in ["ANA-41", "ANA-42", "ANA-43"] {
            citizen.get(&format!("/sportello/schede/{code}")).await.expect(404);
        }
        // An area whose sheets are all internal is no topic of the site.
        assert!(!citizen.get("/").await.expect(200).has("area=waste"));
        assert!(!citizen.get("/sitemap-1.xml").await.expect(200).has("area=waste"));
        assert!(!citizen.get("/sportello/schede").await.expect(200).has("area=waste"));

        // A public sheet that becomes internal goes out of all of them.
        save(&t, draft("ANA-40", Audience::Internal, "Zanzara pubblica", "Testo.")).await;
        finds(&t, "zanzara", Reader::Citizen, &[]).await;
        for path in LISTS {
            // What is kept in memory is forgotten as soon as the node has read of the change.
            let began = Instant::now();
            while citizen.get(path).await.expect(200).has("ANA-40") {
                assert!(began.elapsed() < Duration::from_secs(5), "{path}");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }

    async fn topics_show_first_what_answers_most_tickets(t: TestApp) {
        for code in ["ANA-44", "ANA-45", "ANA-46", "ANA-47"] {
            save(&t, draft(code, Audience::Public, &format!("Scheda {code}"), "Testo.")).await;
        }
        let home = t.browser().get("/?lang=it").await.expect(200);
        assert!(home.has("Scheda ANA-44") && !home.has("/sportello/schede/ANA-47\" data") && home.has("4 schede"), "{}", home.body);

        for (n, code) in ["ANA-47", "ANA-47", "ANA-46"].into_iter().enumerate() {
            let sql = format!(
                "INSERT INTO tickets (code, version, expected_at, state, channel, kind, subject, owner_unit_id, language, opened_at, touched_at, closed_at, closing_sheet_id)
                 SELECT 'T{n}', 1, 1, 'closed', 'web', 'information', 's', 1, 'it', 1, 1, {}, id FROM sheets WHERE code = '{code}'", n + 1);
            t.execute(&sql).await;
        }
        t.clock.advance(SignedDuration::from_secs(10));
        let home = t.browser().get("/?lang=it").await.expect(200);
        let card = home.between("class=\"topic-card\"", "</ul>").unwrap();
        let place = |code: &str| card.find(code).unwrap_or(usize::MAX);
        assert!(place("ANA-47") < place("ANA-46") && place("ANA-46") < place("ANA-44"), "{card}");
        assert_eq!(place("ANA-45"), usize::MAX, "three of each");
    }

    async fn a_sheet_tells_machines_what_it_tells_people(t: TestApp) {
        let mut sheet = draft("ANA-48", Audience::Public, "Carta </script> & co", "Testo.");
        sheet.texts[0].question = "Come rinnovo la carta?".to_owned();
        sheet.details = Details {
            term_days: Some(6),
            offices: vec![Office {
                name: "Anagrafe".to_owned(),
                address: "Piazza Duomo 1, 67100 Aquila".to_owned(),
                phone: "0862 1".to_owned(),
                opening: vec![Opening::parse("lun-ven 9-13").unwrap()],
                ..Office::default()
            }],
            ..Details::default()
        };
        save(&t, sheet).await;
        let page = t.browser().get("/sportello/schede/ANA-48?lang=it").await.expect(200);
        assert!(page.has("data-element=\"metatag\""));
        let blocks = blocks(&page.body);
        let of = |kind: &str| blocks.iter().find(|b| b["@type"] == kind).unwrap().clone();
        let service = of("GovernmentService");
        assert_eq!(service["name"], "Carta </script> & co");
        assert_eq!(service["serviceOperator"]["name"], "Anagrafe");
        assert_eq!(service["areaServed"]["name"], "Comune di Prova");
        assert_eq!(service["audience"]["audienceType"], "Cittadini");
        let place = &service["availableChannel"]["serviceLocation"];
        assert_eq!(place["address"]["streetAddress"], "Piazza Duomo 1");
        assert_eq!(place["address"]["postalCode"], "67100");
        assert_eq!(place["openingHoursSpecification"][0]["opens"], "09:00");
        assert!(service["availableChannel"]["serviceUrl"].as_str().unwrap().ends_with("sheet=ANA-48"));
        assert_eq!(of("FAQPage")["mainEntity"][0]["name"], "Come rinnovo la carta?");
        assert_eq!(of("BreadcrumbList")["itemListElement"].as_array().unwrap().len(), 4);

        // Where the municipalities' validator looks for them.
        let index = page.between("data-element=\"page-index\"", "</ul>").unwrap();
        let labels = ["A cosa serve", "Come fare", "Cosa serve", "Tempi e scadenze", "Accedi al servizio", "Contatti"];
        let places: Vec<_> = labels.iter().map(|l| index.find(&format!(">{l}</a>")).unwrap_or_else(|| panic!("{l}: {index}"))).collect();
        assert!(places.is_sorted(), "{labels:?} in this order: {index}");
        for mark in [
            "<h1 data-element=\"service-title\"", "data-element=\"service-status\"", "data-element=\"used-for\"",
            "data-element=\"service-area\">Anagrafe<", "<ol class=\"crumbs\" data-element=\"breadcrumb\"",
            "<ul class=\"index-links\" data-element=\"page-index\"", "data-element=\"service-topic\"",
        ] {
            assert!(page.has(mark), "{mark}");
        }
        assert!(page.has(">Servizi</a></li>"));
    }

    async fn every_page_leads_where_the_validator_looks_in_its_words(t: TestApp) {
        save(&t, draft("ANA-60", Audience::Public, "Certificati", "Testo.")).await;
        let books = t.second_face(|config| config.agency.booking = "https://prenota.example/uffici".to_owned());
        let text = |page: &Answer, element: &str| {
            let marked = format!("data-element=\"{element}\"");
            assert_eq!(page.body.matches(&marked).count(), 1, "{element}: {}", page.body);
            let link = &page.body[page.body.find(&marked).unwrap()..];
            link.split_once('>').unwrap().1.split_once("</a>").unwrap().0.trim().to_lowercase()
        };
        for path in ["/?lang=it", "/sportello/schede?lang=it", "/sportello/schede/ANA-60?lang=it", "/sportello/richiesta?lang=it"] {
            let page = books.browser().get(path).await.expect(200);
            assert_eq!(text(&page, "report-inefficiency"), "segnalazione disservizio", "{path}");
            assert!(text(&page, "faq").contains("domande frequenti"), "{path}");
            assert!(text(&page, "appointment-booking").contains("prenotazione appuntamento"), "{path}");
            assert!(text(&page, "accessibility-link").contains("dichiarazione di accessibilità"), "{path}");
            assert!(text(&page, "privacy-policy-link").contains("informativa privacy"), "{path}");
            assert!(!text(&page, "all-services").is_empty(), "{path}");
            assert!(page.has("href=\"https://prenota.example/uffici\" data-element=\"appointment-booking\""));
        }
        let sheet = books.browser().get("/sportello/schede/ANA-60?lang=it").await.expect(200);
        assert_eq!(text(&sheet, "service-booking-access"), "prenota appuntamento");
        let home = books.browser().get("/?lang=it").await.expect(200);
        assert!(home.has("data-element=\"service-category-link\">Anagrafe<"), "{}", home.body);
        let list = books.browser().get("/sportello/schede?lang=it").await.expect(200);
        assert!(list.has("data-element=\"service-link\">Certificati<"), "{}", list.body);
        assert_eq!(list.body.matches("data-element=\"breadcrumb\"").count(), 1);

        // Where nothing is booked, nothing is offered; nor does a setting lead anywhere but to a page.
        let script = t.second_face(|config| config.agency.booking = "javascript:alert(1)".to_owned());
        for face in [&t, &script] {
            let page = face.browser().get("/sportello/schede/ANA-60?lang=it").await.expect(200);
            assert!(!page.has("-booking"), "{}", page.body);
        }
    }

    async fn pages_name_their_twins_in_the_other_language(t: TestApp) {
        let mut both = draft("ANA-49", Audience::Public, "Certificati", "Testo.");
        both.texts.push(english("Certificates"));
        save(&t, both.clone()).await;
        save(&t, draft("ANA-50", Audience::Public, "Solo italiano", "Testo.")).await;
        let site = t.kernel.config.server.public_url.trim_end_matches('/').to_owned();
        let citizen = t.browser();

        let page = citizen.get("/sportello/schede/ANA-49?lang=en").await.expect(200);
        assert!(page.has(&format!("<link rel=\"canonical\" href=\"{site}/sportello/schede/ANA-49?lang=en\">")), "{}", page.body);
        for (lang, query) in [("it", "?lang=it"), ("en", "?lang=en"), ("x-default", "")] {
            assert!(page.has(&format!("hreflang=\"{lang}\" href=\"{site}/sportello/schede/ANA-49{query}\">")), "{lang}");
        }
        assert!(!page.has("Italian text changed"));

        let page = citizen.get("/sportello/schede/ANA-50?lang=en").await.expect(200);
        assert!(page.has(&format!("<link rel=\"canonical\" href=\"{site}/sportello/schede/ANA-50?lang=it\">")));
        assert!(!page.has("ANA-50?lang=en\">") && page.has("<h1 data-element=\"service-title\""));
        assert!(page.has("available in Italian only"), "{}", page.body);
        let list = citizen.get("/sportello/schede?area=anagrafe&lang=en").await.expect(200);
        assert_eq!(list.body.matches(">In Italian<").count(), 1, "{}", list.body);

        // The original changes and the translation does not.
        both.texts[0].public_text = "Altro testo.".to_owned();
        save(&t, both).await;
        assert!(citizen.get("/sportello/schede/ANA-49?lang=en").await.expect(200).has("Italian text changed"));
        assert!(!citizen.get("/sportello/schede/ANA-49?lang=it").await.expect(200).has("è cambiata dopo questa traduzione"));
    }

    async fn the_feed_tells_new_and_changed_sheets_the_latest_first(t: TestApp) {
        let mut first = draft("ANA-51", Audience::Public, "Uno & due", "Testo.");
        save(&t, first.clone()).await;
        t.clock.advance(SignedDuration::from_mins(1));
        save(&t, draft("ANA-52", Audience::Public, "Nuova", "Testo.")).await;
        let citizen = t.browser();
        let feed = citizen.get("/sportello/novita/it.atom").await.expect(200);
        assert_eq!(feed.header("content-type"), "application/atom+xml; charset=utf-8");
        assert!(feed.has("Uno &#38; due"), "{}", feed.body);
        assert!(feed.body.find("ANA-52").unwrap() < feed.body.find("ANA-51").unwrap());
        assert_eq!(feed.body.matches("term=\"new\"").count(), 2);

        t.clock.advance(SignedDuration::from_mins(1));
        first.texts[0].fee = "10 euro".to_owned();
        save(&t, first).await;
        let feed = citizen.get("/sportello/novita/it.atom").await.expect(200);
        assert!(feed.body.find("ANA-51").unwrap() < feed.body.find("ANA-52").unwrap());
        assert_eq!(feed.body.matches("term=\"changed\"").count(), 1);
        citizen.get("/sportello/novita/de.atom").await.expect(404);

        let map = citizen.get("/sitemap.xml").await.expect(200);
        assert!(map.has("/sitemap-1.xml</loc>") && !map.has("/sitemap-2.xml"), "{}", map.body);
        let piece = citizen.get("/sitemap-1.xml").await.expect(200);
        assert!(piece.has("/sportello/schede/ANA-51?lang=it</loc>") && piece.has("<lastmod>"), "{}", piece.body);
        citizen.get("/sitemap-0.xml").await.expect(404);
        citizen.get("/sitemap-2.xml").await.expect(404);
        let robots = citizen.get("/robots.txt").await.expect(200);
        assert!(robots.has("Disallow: /scrivania\n") && robots.has("/sitemap.xml\n"), "{}", robots.body);
    }

    async fn a_reader_who_comes_back_is_told_that_nothing_changed(t: TestApp) {
        save(&t, draft("ANA-53", Audience::Public, "Prima", "Testo.")).await;
        let citizen = t.browser();
        for path in ["/", "/sportello/schede", "/sportello/schede/ANA-53", "/sportello/novita/it.atom", "/sitemap.xml", "/sitemap-1.xml"] {
            let first = citizen.get(path).await.expect(200);
            let tag = first.header("etag").to_owned();
            assert!(tag.starts_with("W/\""), "{path}: {tag}");
            let again = citizen.request(reqwest::Method::GET, path).header("If-None-Match", &tag);
            let again = citizen.send(again).await.expect(304);
            assert_eq!((again.body.as_str(), again.header("etag")), ("", tag.as_str()), "{path}");
        }
        let before = citizen.get("/sportello/schede/ANA-53").await.expect(200);
        assert_eq!(before.header("cache-control"), "private, no-cache");
        assert!(before.header("vary").to_lowercase().contains("cookie"));
        save(&t, draft("ANA-53", Audience::Public, "Dopo", "Testo.")).await;
        let again = citizen.request(reqwest::Method::GET, "/sportello/schede/ANA-53").header("If-None-Match", before.header("etag"));
        assert!(citizen.send(again).await.expect(200).has("Dopo"));

        // What somebody signed in sees carries their token, and nobody keeps it.
        let agent = t.sign_in(Role::Agent).await;
        let own = agent.get("/sportello/schede/ANA-53").await.expect(200);
        assert_eq!((own.header("etag"), own.header("cache-control")), ("", "no-store"));
    }
}
