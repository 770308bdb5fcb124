//! Links of sheets: which of them lead anywhere, and which are not called at all.
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use sportello::knowledge::linkcheck::{run, store};
use sportello::knowledge::model::{Audience, SheetDraft};

use crate::support::*;
use crate::{draft, save};

/// A server with a few pages, on a port of its own; and what it was asked.
fn server() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let log = asked.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let mut first = String::new();
            reader.read_line(&mut first).unwrap();
            let mut line = String::new();
            while reader.read_line(&mut line).unwrap_or(0) > 2 {
                line.clear();
            }
            let mut words = first.split(' ');
            let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
            log.lock().unwrap().push(format!("{method} {path}"));
            let (status, extra) = match (method, path) {
                (_, "/page") | ("GET", "/no-head") => ("200 OK", ""),
                ("HEAD", "/no-head") => ("405 Method Not Allowed", ""),
                (_, "/moved") => ("302 Found", "Location: /page\r\n"),
                (_, "/round") => ("302 Found", "Location: /round\r\n"),
                (_, "/inward") => ("302 Found", "Location: http://10.0.0.1/\r\n"),
                (_, "/trouble") => ("503 Service Unavailable", ""),
                (_, "/guarded") => ("403 Forbidden", ""),
                _ => ("404 Not Found", ""),
            };
            let answer = format!("HTTP/1.1 {status}\r\n{extra}Content-Length: 0\r\nConnection: close\r\n\r\n");
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    (address, asked)
}

fn linking(code: &str, text: &str) -> SheetDraft {
    draft(code, Audience::Public, "Con collegamenti", text)
}

async fn states(t: &TestApp) -> Vec<String> {
    t.texts("SELECT url || ' ' || state || ' ' || reason FROM sheet_links ORDER BY url").await
}

on_each_engine! {
    async fn links_into_the_site_are_known_by_the_database(t: TestApp) {
        save(&t, linking("ANA-80", "Testo.")).await;
        save(&t, draft("ANA-81", Audience::Internal, "Interna", "Testo.")).await;
        let site = &t.url;
        let text = format!(
            "[a](/sportello/schede/ANA-80) [b](/sportello/schede/ANA-99) [c](/sportello/schede/ANA-81) \
             [d](/scrivania/schede/ANA-80) [e]({site}/sportello/richiesta?category=waste) \
             [f](/sportello/schede?area=nowhere) [g](pagina.html) [h](mailto:a@example.it) [i](/sportello/privacy)"
        );
        save(&t, linking("ANA-82", &text)).await;
        let done = run::run(&t.kernel).await.unwrap().unwrap();
        assert_eq!((done.sheets, done.links, done.broken), (3, 8, 5));
        assert_eq!(run::run(&t.kernel).await.unwrap(), None, "once a day");
        let broken = t.texts("SELECT url FROM sheet_links WHERE state = 'broken' ORDER BY url").await;
        let expected = ["/scrivania/schede/ANA-80", "/sportello/schede/ANA-81", "/sportello/schede/ANA-99", "/sportello/schede?area=nowhere", "pagina.html"];
        assert_eq!(broken.iter().collect::<std::collections::BTreeSet<_>>(), expected.map(str::to_owned).iter().collect());

        let supervisor = t.sign_in(Role::Supervisor).await;
        let page = supervisor.get("/scrivania/schede/collegamenti").await.expect(200);
        assert!(page.has("/sportello/schede/ANA-99") && page.has("ANA-82") && page.has("8 collegamenti"), "{}", page.body);
        assert!(supervisor.get("/scrivania/schede/ANA-82/stato").await.expect(200).has("/sportello/schede/ANA-99"));
        let api = supervisor.get_json("/api/v1/knowledge/links").await.expect(200).json();
        assert_eq!(api["items"].as_array().unwrap().len(), 5);
        t.sign_in(Role::Agent).await.get_json("/api/v1/knowledge/links").await.expect(403);
        run::measure(&t.kernel).await.unwrap();
        assert!(t.browser().get("/metrics").await.has("sheet_links_broken 5"));

        // What the text has no more is forgotten at the next look.
        save(&t, linking("ANA-82", "[a](/sportello/schede/ANA-80)")).await;
        assert!(!supervisor.get("/scrivania/schede/ANA-82/stato").await.expect(200).has("ANA-99"));
        t.clock.advance(SignedDuration::from_hours(25));
        run::run(&t.kernel).await.unwrap().unwrap();
        assert_eq!(states(&t).await, ["/sportello/schede/ANA-80 good "]);
    }

    async fn other_servers_are_asked_and_what_may_pass_is_told_after_three_days(t: TestApp) {
        let (there, asked) = server();
        let t = t.second_face(|config| config.knowledge.private_links = true);
        let pages = ["page", "no-head", "moved", "round", "gone", "trouble", "guarded"];
        let text: String = pages.iter().map(|p| format!("[x]({there}/{p}) ")).collect();
        save(&t, linking("ANA-83", &text)).await;
        save(&t, linking("ANA-84", &format!("Anche qui: {there}/page."))).await;
        run::run(&t.kernel).await.unwrap().unwrap();
        let found = states(&t).await.iter().map(|s| s.replace(&there, "")).collect::<Vec<_>>();
        let expected = ["/gone broken status", "/guarded good ", "/moved good ", "/no-head good ", "/page good ", "/page good ", "/round broken redirects", "/trouble unsure status"];
        assert_eq!(found, expected);
        let log = asked.lock().unwrap().clone();
        assert_eq!(log.iter().filter(|l| *l == "HEAD /page").count(), 2, "once for two sheets, once from /moved: {log:?}");
        assert!(log.contains(&"GET /gone".to_owned()), "who says no to HEAD is asked again: {log:?}");

        for day in 1..=2 {
            t.clock.advance(SignedDuration::from_hours(24));
            run::run(&t.kernel).await.unwrap().unwrap();
            let state = t.texts("SELECT state FROM sheet_links WHERE url LIKE '%/trouble'").await;
            assert_eq!(state, [if day == 2 { "broken" } else { "unsure" }], "day {day}");
        }
    }

    async fn addresses_behind_the_firewall_are_not_called(t: TestApp) {
        let (there, asked) = server();
        let port = there.rsplit(':').next().unwrap().to_owned();
        let text = format!(
            "[a]({there}/page) [b](http://localhost:{port}/page) [c](http://localhost/page) [d](http://169.254.169.254/latest) \
             [e](http://[::1]/x) [f](http://2130706433/)"
        );
        save(&t, linking("ANA-85", &text)).await;
        run::run(&t.kernel).await.unwrap().unwrap();
        for state in states(&t).await {
            assert!(state.ends_with("refused private"), "{state}");
        }
        assert!(asked.lock().unwrap().is_empty(), "nothing was asked: {asked:?}");
        let supervisor = t.sign_in(Role::Supervisor).await;
        assert!(supervisor.get("/scrivania/schede/collegamenti?stato=refused").await.expect(200).has("169.254.169.254"));
        supervisor.get("/scrivania/schede/collegamenti?stato=good").await.expect(404);
    }

    async fn an_editor_has_one_sheet_looked_at_again(t: TestApp) {
        save(&t, linking("ANA-86", "[a](/sportello/schede/ANA-87)")).await;
        run::run(&t.kernel).await.unwrap().unwrap();
        save(&t, linking("ANA-87", "Testo.")).await;
        let referent = t.sign_in(Role::Referent).await;
        assert!(referent.get("/scrivania/schede/ANA-86/stato").await.expect(200).has("ANA-87"));
        referent.post_form("/scrivania/schede/ANA-86/collegamenti", &[]).await.expect(303);
        assert_eq!(states(&t).await, ["/sportello/schede/ANA-87 good "]);
        let mut conn = t.kernel.db.read().await.unwrap();
        assert!(store::last_run(&mut conn).await.unwrap().unwrap().ended_at.is_some());
    }
}
