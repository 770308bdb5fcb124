//! What a ticket's page shows of its contacts, and the files they brought.
use super::{at, contact};
use crate::support::*;

on_each_engine! {
    async fn a_long_conversation_is_paged_and_every_contact_is_on_some_page(t: TestApp) {
        let code = contact(&t, "first", "maria@example.org", "Divano", "messaggio-primo").await;
        let agent = t.sign_in(Role::Agent).await;
        for n in 0..100 {
            agent.post_form(&at(&code, "/risposta"), &[("kind", "note"), ("note", &format!("messaggio-{n}-"))]).await.expect(303);
        }
        let (mut path, mut pages, mut shown) = (at(&code, ""), 0, String::new());
        loop {
            let page = agent.get(&path).await.expect(200);
            assert!(page.body.matches("id=\"contact-").count() <= 40);
            shown.push_str(&page.body);
            pages += 1;
            match page.between("btn-small\" href=\"", "\">Mostra i contatti precedenti") {
                Some(earlier) => path = earlier.to_owned(),
                None => break,
            }
        }
        assert_eq!(pages, 3);
        for n in 0..100 {
            assert_eq!(shown.matches(&format!("messaggio-{n}-")).count(), 1, "{n}");
        }
        assert!(shown.contains("messaggio-primo"));
    }

    async fn markup_in_a_plain_text_is_shown_and_not_run(t: TestApp) {
        let code = contact(&t, "1", "maria@example.org", "<b>grassetto</b>", "<script>alert(1)</script>\n\nciao").await;
        let agent = t.sign_in(Role::Agent).await;
        let page = agent.get(&at(&code, "")).await.expect(200);
        assert!(page.has("&#60;script&#62;alert(1)") && !page.has("<script>alert") && !page.has("<b>grassetto"), "{}", page.body);
    }

    async fn files_open_only_when_harmless_and_in_a_sandbox(t: TestApp) {
        let code = contact(&t, "1", "maria@example.org", "Foto", "ecco").await;
        let agent = t.sign_in(Role::Agent).await;
        let files = [
            File { field: "files", name: "lampione «uno».png", media_type: "image/png", bytes: b"\x89PNG" },
            File { field: "files", name: "pagina.html", media_type: "text/html", bytes: b"<script>alert(1)</script>" },
            File { field: "files", name: "atto.pdf", media_type: "application/pdf", bytes: b"%PDF-1.4" },
        ];
        agent.post_files(&at(&code, "/risposta"), &[("kind", "note"), ("note", "in allegato")], &files).await.expect(303);
        let page = agent.get(&at(&code, "")).await.expect(200);
        let ids = t.texts("SELECT CAST(id AS TEXT) FROM attachments ORDER BY id").await;
        assert!(page.has(&format!("<img src=\"/scrivania/allegati/{}\"", ids[0])) && page.has("lampione «uno».png"), "{}", page.body);

        let picture = agent.get(&format!("/scrivania/allegati/{}", ids[0])).await.expect(200);
        assert_eq!((picture.header("content-type"), picture.bytes.as_slice()), ("image/png", b"\x89PNG".as_slice()));
        assert!(picture.header("content-disposition").starts_with("inline"));
        assert!(picture.header("content-security-policy").starts_with("sandbox"));
        assert_eq!(picture.header("x-content-type-options"), "nosniff");

        let html = agent.get(&format!("/scrivania/allegati/{}", ids[1])).await.expect(200);
        assert!(html.header("content-disposition").starts_with("attachment"));
        assert_eq!(html.header("content-type"), "application/octet-stream");

        let saved = agent.get(&format!("/scrivania/allegati/{}?salva=", ids[2])).await.expect(200);
        assert!(saved.header("content-disposition").starts_with("attachment"));
        let referent = t.sign_in(Role::Referent).await;
        assert_eq!(referent.get(&format!("/scrivania/allegati/{}", ids[0])).await.status, 403);
        assert_eq!(agent.get("/scrivania/allegati/999999").await.status, 404);
    }

    async fn the_raw_original_of_a_contact_can_be_saved(t: TestApp) {
        contact(&t, "1", "maria@example.org", "Divano", "Dove lo porto?").await;
        let agent = t.sign_in(Role::Agent).await;
        let id = t.number("SELECT id FROM contacts").await;
        let original = agent.get(&format!("/scrivania/contatti/{id}/originale")).await.expect(200);
        assert!(original.has("external_id") && original.header("content-disposition").starts_with("attachment"));
    }
}
