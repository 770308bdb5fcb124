//! The citizen's form filled in by an agent together with the visitor or caller.
use sportello::kernel::config::Smtp;

use super::at;
use crate::support::*;

/// A server that nobody asks: the worker does not run.
fn server() -> Smtp {
    serde_json::from_value(json!({ "host": "127.0.0.1", "port": 1, "from": "sportello@example.it" })).unwrap()
}

const HERE: &str = "/scrivania/sportello/modulo";

async fn stamp(agent: &Browser) -> String {
    agent.get(HERE).await.expect(200).between("name=\"stamp\" value=\"", "\"").unwrap().to_owned()
}

on_each_engine! {
    async fn an_agent_fills_the_form_in_with_a_visitor(t: TestApp) {
        let agent = t.sign_in(Role::Agent).await;
        let stamp = stamp(&agent).await;
        let fields = [("stamp", stamp.as_str()), ("channel", "phone"), ("kind", "information"), ("category", "waste/bulky"),
            ("text", "Dove butto il divano?"), ("name", "Anna Verdi"), ("phone", "333 1234567"), ("privacy", "true")];
        let scan = [File { field: "files", name: "foto.png", media_type: "image/png", bytes: b"\x89PNG\r\n\x1a\n0000" }];
        let sent = agent.post_files(HERE, &fields, &scan).await.expect(303);
        let receipt = agent.get(sent.location()).await.expect(200);
        let code = t.texts("SELECT code FROM tickets").await.remove(0);
        assert!(receipt.has("Ricevuta della richiesta") && receipt.has("Da dettare"), "{}", receipt.body);
        let page = agent.get(&at(&code, "")).await.expect(200);
        for text in ["Dove butto il divano?", "Anna Verdi", "Modulo compilato con un operatore, informativa letta", "foto.png", "Agent Prova"] {
            assert!(page.has(text), "{text}: {}", page.body);
        }
        assert_eq!(t.texts("SELECT channel FROM tickets").await, ["phone"]);
        assert_eq!(t.number("SELECT COUNT(*) FROM contacts k JOIN users u ON u.id = k.author_id WHERE u.login = 'agent@example.it'").await, 1);
        assert_eq!(t.number("SELECT COUNT(*) FROM identifiers WHERE value = '+393331234567'").await, 1, "the agent took it down");
        let raw = t.texts("SELECT account FROM raw_items").await;
        assert_eq!(raw, ["web-assisted"]);
        agent.post_files(HERE, &fields, &scan).await.expect(303);
        assert_eq!(t.number("SELECT COUNT(*) FROM tickets").await, 1, "sent twice, it is one request");
    }

    async fn the_rules_are_those_of_the_citizens_form(t: TestApp) {
        let agent = t.sign_in(Role::Agent).await;
        let stamp = stamp(&agent).await;
        let fields = [("stamp", stamp.as_str()), ("channel", "counter"), ("kind", "report"), ("text", "Lampione spento"), ("phone", "non lo so")];
        let refused = agent.post_files(HERE, &fields, &[]).await.expect(422);
        for text in ["Scrivi un numero di telefono valido", "devi accettare l’informativa", "Lampione spento", "value=\"non lo so\""] {
            assert!(refused.has(text), "{text}: {}", refused.body);
        }
        assert_eq!(t.number("SELECT COUNT(*) FROM tickets").await, 0);
        assert_eq!(t.sign_in(Role::Referent).await.get(HERE).await.status, 403);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_helped_gets_the_receipt_by_mail_as_if_they_had_sent_the_form() {
    let mails = |config: &mut sportello::kernel::config::Config| config.mail.smtp = Some(server());
    let t = TestApp::configured(Engine::Sqlite, mails).await;
    let agent = t.sign_in(Role::Agent).await;
    let stamp = stamp(&agent).await;
    let fields = [
        ("stamp", stamp.as_str()),
        ("channel", "counter"),
        ("kind", "information"),
        ("text", "Orari?"),
        ("email", "anna@example.org"),
        ("privacy", "true"),
    ];
    agent.post_files(HERE, &fields, &[]).await.expect(303);
    assert_eq!(t.texts("SELECT recipient FROM outbox WHERE purpose = 'acknowledgement'").await, ["anna@example.org"]);
    t.stop().await;
}
