//! What the composer says before an answer leaves: the limits of each channel, and where the citizen can be reached.
use peers::PecProvider;
use serde_json::json;

use super::{last_code, secret};
use crate::support::*;

/// An account of each channel that sends; nothing of theirs is contacted.
async fn accounts(t: &TestApp) -> Browser {
    let roots = tokio::task::spawn_blocking(PecProvider::start).await.unwrap();
    secret(t, "word", "parola");
    let kept = t.kernel.config.data.join("secrets/roots.pem");
    std::fs::copy(roots.roots_path(), &kept).unwrap();
    let admin = t.api(Role::Admin).await;
    let pec = json!({
        "address": "urp@cc.test", "user": "urp@cc.test", "password": "file:word", "imap_host": "localhost", "imap_port": "1",
        "smtp_host": "localhost", "smtp_port": "1", "smtp_security": "starttls", "smtp_user": "urp@cc.test",
        "smtp_password": "file:word", "roots": kept.display().to_string(), "max_mb": "12",
    });
    let sms = json!({"url": "http://127.0.0.1:1/cgi-bin/sendsms", "user": "u", "password": "file:word",
        "hook_password": "file:word", "sender": "ComuneXY", "max_segments": "2"});
    for (name, driver, settings) in [
        ("sms", "sms_kannel", sms),
        ("fax", "fax_hylafax", json!({"server": "localhost:1", "max_pages": "7"})),
        ("pec", "pec", pec),
        ("stampa", "letters_print", json!({"sender_address": "Piazza 1;67100 L'Aquila"})),
    ] {
        let account = json!({"name": name, "driver": driver, "settings": settings, "enabled": true});
        admin.post_json("/api/v1/accounts", &account).await.expect(201);
    }
    admin
}

async fn contact(api: &Browser, channel: &str, id: &str, from: &str) {
    let contact = json!({"channel": channel, "external_id": id, "from": from, "text": "Quando riapre la piscina?"});
    api.post_json("/api/v1/contacts", &contact).await.expect(201);
}

/// What stands in the field of an account, on the page of a ticket.
async fn filled_in(agent: &Browser, code: &str, account: &str) -> String {
    let page = agent.get(&format!("/scrivania/pratiche/{code}")).await.expect(200);
    if account == "stampa" {
        let field = page.between("id=\"postal-stampa\"", "</textarea>").unwrap();
        return field.split_once('>').unwrap().1.to_owned();
    }
    let field = page.between(&format!("id=\"to-{account}\""), "autocomplete").unwrap();
    field.split_once("value=\"").unwrap().1.trim().trim_end_matches('"').to_owned()
}

on_each_engine! {
    async fn the_composer_says_what_each_channel_carries(t: TestApp) {
        let api = accounts(&t).await;
        contact(&api, "counter", "1", "+393331234567").await;
        let agent = t.sign_in(Role::Agent).await;
        let page = agent.get(&format!("/scrivania/pratiche/{}", last_code(&t).await)).await.expect(200);
        for text in [
            "Al massimo 2 SMS per risposta.",
            "Gli allegati diventano un collegamento alla pagina della richiesta.",
            "Al massimo 7 pagine, copertina compresa.",
            "Al massimo 12 MB, allegati compresi.",
            "Va nella coda di stampa",
        ] {
            assert!(page.has(text), "{text}: {}", page.body);
        }

        // While it is written: how many texts it becomes, and when they are more than the account sends.
        let counted = async |text: &str, account: &str| {
            let fields = [("text", text), ("lang", "it"), ("account", account)];
            agent.post_fragment("/scrivania/conteggio-sms", &fields).await.expect(200).body
        };
        assert!(page.has("\"account\": \"sms\"") || page.has("&#34;account&#34;: &#34;sms&#34;"), "{}", page.body);
        let short = counted("Riapre lunedì.", "sms").await;
        assert!(short.contains("Un SMS, restano") || short.contains("2 SMS, restano"), "{short}");
        let long = counted(&"Riapre lunedì alle nove. ".repeat(20), "sms").await;
        assert!(long.contains("Troppo lungo") && long.contains("ne partono al massimo 2"), "{long}");
        let unbounded = counted(&"Riapre lunedì alle nove. ".repeat(20), "").await;
        assert!(unbounded.contains("SMS, restano"), "{unbounded}");
        assert_ne!(t.browser().post_fragment("/scrivania/conteggio-sms", &[("text", "x")]).await.status, 200);
    }

    async fn another_channel_begins_with_the_address_it_was_used_with(t: TestApp) {
        let api = accounts(&t).await;
        let agent = t.sign_in(Role::Agent).await;
        // The same citizen by certified mail and by fax, once; today by mail.
        contact(&api, "pec", "p", "anna@pec.example").await;
        contact(&api, "fax", "f", "+390862123456").await;
        contact(&api, "email", "e", "anna@example.com").await;
        let code = last_code(&t).await;
        assert_eq!(filled_in(&agent, &code, "pec").await, "", "of somebody else nothing is known");
        let anna = t.number("SELECT MAX(id) FROM persons").await;
        for other in [anna - 1, anna - 2] {
            api.post_json(&format!("/api/v1/persons/{other}/merge"), &json!({"into": anna})).await.expect(200);
        }
        assert_eq!(filled_in(&agent, &code, "pec").await, "anna@pec.example");
        assert_eq!(filled_in(&agent, &code, "fax").await, "+390862123456");

        // Whom we sent a letter to gets the next one there.
        let lines = "Anna Verdi\nVia Roma 1\n67100 L'Aquila AQ";
        assert!(!filled_in(&agent, &code, "stampa").await.contains("Via Roma"));
        let letter = json!({"text": "Ecco la copia.", "way": "account", "account": "stampa", "postal": lines});
        api.post_json(&format!("/api/v1/tickets/{code}/replies"), &letter).await.expect(200);
        contact(&api, "email", "e2", "anna@example.com").await;
        let next = last_code(&t).await;
        assert_ne!(next, code);
        let postal = filled_in(&agent, &next, "stampa").await;
        assert_eq!(postal.replace("&#39;", "'").trim(), lines);
    }

    async fn who_telephones_can_be_answered_by_the_fax_they_used(t: TestApp) {
        let api = accounts(&t).await;
        let agent = t.sign_in(Role::Agent).await;
        contact(&api, "fax", "f", "+390862123456").await;
        contact(&api, "phone", "c", "+390862123456").await;
        assert_eq!(t.number("SELECT COUNT(*) FROM persons").await, 1);
        assert_eq!(filled_in(&agent, &last_code(&t).await, "fax").await, "+390862123456");
    }
}
