//! A leg by each way, and its answer by the same way (D5): e-mail, certified mail, a letter, a signed webhook,
//! Open311. Peers are down or die in the middle, and nothing is lost or doubled.
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use peers::{Open311, PecReceipt};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::Sha256;
use sportello::network::Door;
use sportello::network::answer::{Meaning, Written, write};
use sportello::network::ways::poll::poll;

use super::certified::{self, ANNA, OURS, original};
use super::{last_code, secret, wait_for};
use crate::support::*;

const BODY: &str = "protocollo@pec.asl.example";
const SECRET: &str = "una parola fra noi e loro";

/// Units of the other body, one for each way.
const UNITS: &str = "
INSERT INTO units (id, slug, agency_id, parent_id, name, name_en, kind, email) VALUES
    (11, 'asl-mail', 2, NULL, 'Igiene', '', 'entry_point', 'igiene@example.net'),
    (12, 'asl-pec', 2, NULL, 'Veterinaria', '', 'entry_point', ''),
    (13, 'asl-print', 2, NULL, 'Archivio', '', 'entry_point', ''),
    (14, 'asl-web', 2, NULL, 'Centro servizi', '', 'entry_point', ''),
    (15, 'asl-311', 2, NULL, 'Segnalazioni', '', 'entry_point', '');
";

/// The body's own system: what it was told, and whether it is down.
#[derive(Clone, Default)]
struct System {
    told: Arc<Mutex<Vec<Asked>>>,
    down: Arc<Mutex<bool>>,
}

impl System {
    async fn start(&self) -> String {
        let (told, down) = (self.told.clone(), self.down.clone());
        play_provider(move |asked| {
            told.lock().unwrap().push(asked.clone());
            if *down.lock().unwrap() { (503, Value::Null) } else { (200, json!({"code": "ASL-77/2026"})) }
        })
        .await
    }

    fn told(&self, event: &str) -> Vec<Asked> {
        let all = self.told.lock().unwrap();
        all.iter().filter(|asked| asked.header("x-event") == event).cloned().collect()
    }
}

/// Whether a signature is that of the body, by the documented rule.
fn is_signed(asked: &Asked) -> bool {
    let header = asked.header("x-signature");
    let (t, v1) = header.strip_prefix("t=").and_then(|rest| rest.split_once(",v1=")).unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(format!("{t}.{}", asked.body).as_bytes());
    data_encoding::HEXLOWER.encode(&mac.finalize().into_bytes()) == v1
}

async fn choose(admin: &Browser, unit: &str, kind: &str, settings: Value) {
    let way = json!({"kind": kind, "settings": settings});
    admin.send_json(Method::PUT, &format!("/api/v1/ways/unit/{unit}"), &way).await.expect(200);
}

async fn refer(admin: &Browser, code: &str, unit: &str) -> i64 {
    let leg = json!({"unit": unit, "kind": "competence", "question": "Ve ne occupate voi?"});
    let path = format!("/api/v1/tickets/{code}/legs");
    admin.post_json(&path, &leg).await.expect(201).json()["number"].as_i64().unwrap()
}

async fn leg(t: &TestApp, number: i64) -> (String, String, String) {
    let of = |column: &str| format!("SELECT {column} FROM legs WHERE number = {number}");
    let mut found = Vec::new();
    for column in ["state", "answer", "external_code"] {
        found.push(t.texts(&of(column)).await.remove(0));
    }
    (found.remove(0), found.remove(0), found.remove(0))
}

/// The token of a page in what was written about a leg.
async fn token(t: &TestApp, number: i64) -> String {
    let sql = format!(
        "SELECT payload FROM outbox WHERE purpose = 'leg' AND leg_id = (SELECT id FROM legs WHERE number = {number})"
    );
    let payload = t.texts(&sql).await.remove(0);
    payload.split_once("/invio/").unwrap().1.chars().take_while(char::is_ascii_alphanumeric).collect()
}

async fn answer_on_page(t: &TestApp, token: &str, text: &str) {
    let written = Written {
        text: text.to_owned(),
        files: Vec::new(),
        external_code: String::new(),
        signed: "Ugo Bassi".to_owned(),
        key: String::new(),
        meaning: Meaning::Answer,
        ..Written::default()
    };
    write(&t.kernel, &Door::token(token), written).await.unwrap();
}

fn sent(lane: &str, state: &str) -> String {
    format!("SELECT COUNT(*) FROM outbox WHERE purpose = 'leg' AND state = '{state}' AND lane LIKE '{lane}%'")
}

/// Lets the clock go on until a query answers a number: what waits for its next attempt becomes due.
async fn in_time(t: &TestApp, sql: &str, number: i64) {
    for _ in 0..600 {
        if t.number(sql).await == number {
            return;
        }
        t.clock.advance(SignedDuration::from_secs(30));
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let outbox = t.texts("SELECT lane || ' ' || state || ' ' || last_error FROM outbox").await;
    panic!("{sql} is not {number}: {outbox:?}");
}

on_each_engine! {
    async fn a_leg_by_each_way_is_answered_by_that_way_and_every_answer_lands_on_it(t: TestApp) {
        let (peers, admin) = certified::start(&t).await;
        let endpoint = tokio::task::spawn_blocking(|| Open311::start("2026-03-02T08:30:00+00:00")).await.unwrap();
        let system = System::default();
        let system_url = system.start().await;
        t.execute(UNITS).await;
        secret(&t, "asl", SECRET);
        secret(&t, "asl-311", endpoint.key());
        let folder = t.kernel.config.data.join("spool/stampa");
        std::fs::create_dir_all(&folder).unwrap();
        let printer = json!({"folder": folder.display().to_string()});
        let printer = json!({"name": "stampa", "driver": "letters_print", "settings": printer, "enabled": true});
        admin.post_json("/api/v1/accounts", &printer).await.expect(201);

        // An internal system is called only once it is on the list.
        let web = json!({"url": format!("{system_url}/invii"), "secret": "file:asl"});
        let refused = json!({"kind": "webhook", "settings": web});
        admin.send_json(Method::PUT, "/api/v1/ways/unit/asl-web", &refused).await.expect(422);
        let host = json!({"host": "127.0.0.1", "allowed": true});
        admin.send_json(Method::PUT, "/api/v1/callable-hosts", &host).await.expect(200);
        choose(&admin, "asl-web", "webhook", web).await;
        choose(&admin, "asl-pec", "pec", json!({"account": "pec", "address": BODY})).await;
        choose(&admin, "asl-print", "print", json!({"account": "stampa", "postal": "Archivio ASL\nVia Roma 1\n67100 L'Aquila"})).await;
        let open311 = json!({"url": endpoint.url(), "api_key": "file:asl-311", "service": "001"});
        choose(&admin, "asl-311", "open311", open311).await;
        for unit in ["asl-web", "asl-311"] {
            let tried = admin.post_json(&format!("/api/v1/ways/unit/{unit}/try"), &json!({})).await.expect(200).json();
            assert_eq!(tried["works"], json!(true), "{tried}");
        }

        peers.dovecot.deliver(OURS, &peers.provider.envelope(&original(), ANNA, OURS, 1));
        wait_for(&t, "SELECT COUNT(*) FROM tickets", 1).await;
        let code = last_code(&t).await;
        let grouped = format!("{}-{}-{}", &code[..3], &code[3..6], &code[6..]);
        *system.down.lock().unwrap() = true;
        let control = reqwest::Client::new();
        let mode = |mode: &str| {
            control.post(format!("{}/control/mode", endpoint.url())).body(json!({"mode": mode}).to_string()).send()
        };
        // The endpoint takes the request and dies before it says so.
        mode("die").await.unwrap();
        let mut numbers = Vec::new();
        for unit in ["asl-mail", "asl-pec", "asl-print", "asl-web", "asl-311"] {
            numbers.push(refer(&admin, &code, unit).await);
        }
        let [mail, pec, print, web, o311] = numbers[..] else { panic!("{numbers:?}") };
        wait_for(&t, &sent("account:pec", "sent"), 1).await;
        wait_for(&t, &sent("account:stampa", "queued"), 1).await;
        while system.told("leg.sent").is_empty() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        *system.down.lock().unwrap() = false;
        in_time(&t, &sent("way:", "sent"), 2).await;
        let state: Value = control.get(format!("{}/control/state", endpoint.url())).send().await.unwrap().json().await.unwrap();
        assert_eq!(state["requests"].as_array().unwrap().len(), 1, "made twice: {state}");
        let number = state["requests"][0]["service_request_id"].as_str().unwrap().to_owned();
        assert_eq!(leg(&t, o311).await.2, number);
        assert_eq!(leg(&t, web).await.2, "ASL-77/2026");
        let told = system.told("leg.sent");
        let ids: Vec<String> = told.iter().map(|asked| asked.header("x-event-id")).collect();
        assert!(ids.len() >= 2 && ids.iter().all(|id| *id == format!("{grouped}/{web}:sent")), "{ids:?}");
        assert!(told.iter().all(is_signed));

        // What the citizen writes meanwhile reaches each of them (C31).
        let more = String::from_utf8(original()).unwrap()
            .replace("citizen.1@", "citizen.2@")
            .replace("Subject: Passo carrabile", &format!("Subject: Re: [{grouped}]"))
            .replace("a che punto è la mia domanda", "anche quanto costa");
        peers.dovecot.deliver(OURS, &peers.provider.envelope(more.as_bytes(), ANNA, OURS, 2));
        in_time(&t, "SELECT COUNT(*) FROM outbox WHERE purpose = 'leg_update' AND lane LIKE 'way:%' AND state = 'sent'", 2).await;
        assert_eq!(t.number("SELECT COUNT(*) FROM outbox WHERE purpose = 'leg_update'").await, 5);
        let update: Value = serde_json::from_str(&system.told("leg.update")[0].body).unwrap();
        assert!(update["update"].as_str().unwrap().contains("anche quanto costa"), "{update}");
        let state: Value = control.get(format!("{}/control/state", endpoint.url())).send().await.unwrap().json().await.unwrap();
        assert_eq!(state["posted"][0]["service_request_id"], json!(number), "{state}");

        // By mail and on paper: the page. A wrong token opens nothing, an old one says how to get another.
        answer_on_page(&t, &token(&t, mail).await, "Risposta per posta.").await;
        let page = token(&t, print).await;
        t.browser().get(&format!("/invio/{page}")).await.expect(200);
        answer_on_page(&t, &page, "Risposta dalla lettera.").await;
        t.browser().get("/invio/nessuno").await.expect(404);

        // By the body's system: with a token that opens nothing of others.
        let token_of = |unit: &str| {
            let (admin, path) = (&admin, format!("/api/v1/ways/unit/{unit}/tokens"));
            async move { admin.post_json(&path, &json!({"name": "gestionale"})).await.expect(201).json()["token"].as_str().unwrap().to_owned() }
        };
        let address = format!("/api/v1/legs/{grouped}/{web}");
        let stranger = t.browser().with_bearer(&token_of("asl-pec").await);
        stranger.post_json(&format!("{address}/answer"), &json!({"text": "no"})).await.expect(404);
        stranger.get(&format!("/api/v1/tickets/{code}")).await.expect(403);
        let theirs = t.browser().with_bearer(&token_of("asl-web").await);
        theirs.post_json(&format!("{address}/received"), &json!({})).await.expect(200);
        theirs.post_json(&format!("{address}/progress"), &json!({"text": "Ci lavoriamo."})).await.expect(200);
        let answer = json!({"text": "Risposta dal sistema.", "key": "1"});
        for _ in 0..2 {
            theirs.post_json(&format!("{address}/answer"), &answer).await.expect(200);
        }

        // By Open311: a step, then the end; each is told at every look and taken once.
        let happens = |update: Value| control.post(format!("{}/control/update", endpoint.url())).body(update.to_string()).send();
        let now = t.kernel.now().rfc3339();
        for (id, status, text) in [("u1", "INVESTIGATING", "Andiamo a vedere."), ("u2", "FIXED", "Risposta da Open311.")] {
            happens(json!({"update_id": id, "service_request_id": number, "status": status, "description": text,
                "updated_datetime": now})).await.unwrap();
        }
        for _ in 0..2 {
            t.clock.advance(SignedDuration::from_mins(6));
            poll(&t.kernel).await.unwrap();
        }

        // By certified mail: from the body's own address, with our code in the subject and their number.
        let id = t.texts("SELECT message_id FROM outbox WHERE lane = 'account:pec' AND purpose = 'leg'").await.remove(0);
        for name in ["accettazione", "avvenuta-consegna"] {
            let receipt = PecReceipt::new(name, &id, OURS, BODY, "02/03/2026 10:00:09 +0100");
            peers.dovecot.deliver(OURS, &peers.provider.receipt(&receipt));
        }
        let reply = format!("From: ASL <{BODY}>\r\nTo: urp@cc.test\r\nSubject: Prot. N. 0012345/2026 - rif. [{grouped}/{pec}]\r\n\
            Message-ID: <asl.1@pec.asl.example>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nRisposta per PEC.\r\n");
        peers.dovecot.deliver(OURS, &peers.provider.envelope(reply.as_bytes(), BODY, OURS, 3));
        wait_for(&t, "SELECT COUNT(*) FROM legs WHERE state = 'answered'", 5).await;
        wait_for(&t, "SELECT COUNT(*) FROM receipts r JOIN outbox o ON o.id = r.outbox_id WHERE o.leg_id IS NOT NULL", 2).await;

        for (number, text) in [(mail, "Risposta per posta."), (pec, "Risposta per PEC."), (print, "Risposta dalla lettera."),
            (web, "Risposta dal sistema."), (o311, "Risposta da Open311.")] {
            let (state, answer, _) = leg(&t, number).await;
            assert_eq!((state.as_str(), answer.as_str()), ("answered", text));
        }
        assert_eq!(leg(&t, pec).await.2, "0012345/2026");
        assert_eq!(t.number("SELECT COUNT(*) FROM tickets").await, 1);
        assert_eq!(t.texts("SELECT state FROM tickets").await, ["open"]);
        assert_eq!(t.number("SELECT COUNT(*) FROM contacts WHERE body = 'Andiamo a vedere.'").await, 1);

        // Their number finds the ticket, however it is typed; the page shows receipts and log.
        let agent = t.sign_in(Role::Agent).await;
        for typed in ["0012345/2026", "prot. 0012345-2026", &number, "asl 77 2026"] {
            let q = serde_urlencoded::to_string([("q", typed)]).unwrap();
            let found = agent.get(&format!("/scrivania/cerca?{q}")).await;
            assert!(found.has(&grouped) || found.location().contains(&code), "{typed}: {}", found.body);
        }
        let shown = agent.get(&format!("/scrivania/pratiche/{code}")).await.expect(200);
        for text in ["Accettata dal gestore", "Consegnata", "0012345/2026"] {
            assert!(shown.has(text), "{text}");
        }
        let chief = t.sign_in(Role::Admin).await;
        assert!(chief.get("/scrivania/vie").await.expect(200).has("Centro servizi"));
        let log = chief.get("/scrivania/vie/unit/asl-web").await.expect(200);
        assert!(log.has("HTTP 503") && log.has("Ripeti"), "{}", log.body);
        let before = system.told("leg.sent").len();
        let row = t.number("SELECT id FROM outbox WHERE purpose = 'leg' AND recipient = '127.0.0.1' ORDER BY id").await;
        let csrf = chief.post_form(&format!("/scrivania/vie/ripeti/{row}"), &[]).await;
        assert_eq!(csrf.status, 303, "{}", csrf.body);
        for _ in 0..1200 {
            if system.told("leg.sent").len() > before {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert_eq!(system.told("leg.sent").pop().unwrap().header("x-event-id"), format!("{grouped}/{web}:sent"));

        // A year later the page asks for a new link.
        let old = token(&t, print).await;
        t.clock.advance(SignedDuration::from_hours(24 * 400));
        assert!(t.browser().get(&format!("/invio/{old}")).await.has("Questo collegamento è scaduto"));
    }

    async fn a_unit_whose_way_leads_nowhere_is_refused_with_what_to_do(t: TestApp) {
        t.execute(UNITS).await;
        let admin = t.api(Role::Admin).await;
        choose(&admin, "asl-mail", "portal", json!({})).await;
        let contact = json!({"channel": "counter", "external_id": "1", "from": "+390862000000", "text": "Chiedo una copia"});
        admin.post_json("/api/v1/contacts", &contact).await.expect(201);
        let leg = json!({"unit": "asl-mail", "kind": "competence", "question": "Ve ne occupate?"});
        let path = format!("/api/v1/tickets/{}/legs", last_code(&t).await);
        let refused = admin.post_json(&path, &leg).await.expect(422).json();
        assert_eq!((refused["code"].clone(), refused["wrong"].clone()), (json!("unit_way"), json!("no_referent")));
        let wrong = json!({"kind": "pec", "settings": {"account": "nessuno", "address": BODY}});
        admin.send_json(Method::PUT, "/api/v1/ways/unit/asl-pec", &wrong).await.expect(422);
        // A change made on an old version is refused, and what stands in the database is no secret.
        let again = json!({"kind": "email", "settings": {"address": BODY}});
        admin.send_json(Method::PUT, "/api/v1/ways/unit/asl-mail", &again).await.expect(412);
        let plain = json!({"kind": "webhook", "settings": {"url": "https://asl.example/", "secret": "segreto"}});
        admin.send_json(Method::PUT, "/api/v1/ways/unit/asl-web", &plain).await.expect(422);
    }

    async fn a_body_that_says_too_late_by_open311_that_it_is_not_theirs_is_read_and_holds_nothing_up(t: TestApp) {
        t.start_background();
        let endpoint = tokio::task::spawn_blocking(|| Open311::start("2026-03-02T08:30:00+00:00")).await.unwrap();
        t.execute(UNITS).await;
        secret(&t, "asl-311", endpoint.key());
        let admin = t.api(Role::Admin).await;
        let host = json!({"host": "127.0.0.1", "allowed": true});
        admin.send_json(Method::PUT, "/api/v1/callable-hosts", &host).await.expect(200);
        let open311 = json!({"url": endpoint.url(), "api_key": "file:asl-311", "service": "001"});
        choose(&admin, "asl-311", "open311", open311).await;
        let contact = json!({"channel": "counter", "external_id": "1", "from": "+390862000000", "text": "Una buca in via Roma"});
        admin.post_json("/api/v1/contacts", &contact).await.expect(201);
        let code = last_code(&t).await;
        let (first, second) = (refer(&admin, &code, "asl-311").await, refer(&admin, &code, "asl-311").await);
        in_time(&t, &sent("way:", "sent"), 2).await;
        // The days in which it could give them back are over.
        t.clock.advance(SignedDuration::from_hours(24 * 5));
        let control = reqwest::Client::new();
        let now = t.kernel.now().rfc3339();
        for (leg_number, id, status, text) in
            [(first, "u1", "NOT_COUNCILS_RESPONSIBILITY", "La strada è provinciale."), (second, "u2", "FIXED", "Buca chiusa.")]
        {
            let number = leg(&t, leg_number).await.2;
            let update = json!({"update_id": id, "service_request_id": number, "status": status, "description": text,
                "updated_datetime": now});
            control.post(format!("{}/control/update", endpoint.url())).body(update.to_string()).send().await.unwrap();
        }
        for _ in 0..2 {
            t.clock.advance(SignedDuration::from_mins(6));
            poll(&t.kernel).await.unwrap();
        }
        assert_eq!((leg(&t, first).await.0.as_str(), leg(&t, second).await.0.as_str()), ("sent", "answered"));
        assert_eq!(t.number("SELECT COUNT(*) FROM contacts WHERE body = 'La strada è provinciale.'").await, 1, "the desk reads it");
    }

    async fn a_subscriber_is_told_once_and_no_more_than_was_chosen_and_is_suspended_after_days_of_silence(t: TestApp) {
        let system = System::default();
        let url = system.start().await;
        secret(&t, "asl", SECRET);
        let admin = t.api(Role::Admin).await;
        t.start_background();
        let host = json!({"host": "127.0.0.1", "allowed": true});
        admin.send_json(Method::PUT, "/api/v1/callable-hosts", &host).await.expect(200);
        let wish = json!({"name": "Cruscotto", "url": url, "secret": "file:asl", "kinds": ["ticket.opened"]});
        let made = admin.post_json("/api/v1/subscriptions", &wish).await.expect(201).json();
        let contact = |id: &str| json!({"channel": "email", "external_id": id, "from": "anna.neri@example.com",
            "subject": "Carta di identità", "text": "Non è ancora pronta."});
        *system.down.lock().unwrap() = true;
        admin.post_json("/api/v1/contacts", &contact("1")).await.expect(201);
        while system.told("ticket.opened").is_empty() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        *system.down.lock().unwrap() = false;
        let of = |state: &str| format!("SELECT COUNT(*) FROM event_deliveries WHERE state = '{state}'");
        in_time(&t, &of("sent"), 1).await;
        let told = system.told("ticket.opened");
        let first = told[0].header("x-event-id");
        assert!(told.len() >= 2 && told.iter().all(|asked| is_signed(asked) && asked.header("x-event-id") == first));
        let code = last_code(&t).await;
        let body: Value = serde_json::from_str(&told[0].body).unwrap();
        assert_eq!(body["ticket"]["code"], json!(format!("{}-{}-{}", &code[..3], &code[3..6], &code[6..])));
        for hidden in ["anna", "Carta", "pronta"] {
            assert!(!told[0].body.contains(hidden), "{}", told[0].body);
        }

        *system.down.lock().unwrap() = true;
        admin.post_json("/api/v1/contacts", &contact("2")).await.expect(201);
        wait_for(&t, &of("pending"), 1).await;
        let suspended = "SELECT COUNT(*) FROM event_subscriptions WHERE suspended_at IS NOT NULL";
        for _ in 0..1200 {
            if t.number(suspended).await == 1 {
                break;
            }
            t.clock.advance(SignedDuration::from_mins(30));
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert_eq!(t.number(suspended).await, 1);
        let chief = t.sign_in(Role::Admin).await;
        assert!(chief.get("/scrivania/webhook").await.expect(200).has("Sospeso"));
        assert!(chief.get("/scrivania/webhook/conteggio").await.expect(200).has("1"));
        let path = format!("/api/v1/subscriptions/{}", made["id"]);
        let page = format!("/scrivania/webhook/{}", made["id"]);
        assert!(chief.get(&page).await.expect(200).has("Salva e riattiva"));
        *system.down.lock().unwrap() = false;
        admin.send_json(Method::PUT, &path, &wish).await.expect(412);
        let mut again = wish.clone();
        again["version"] = made["version"].clone();
        admin.send_json(Method::PUT, &path, &again).await.expect(200);
        in_time(&t, &of("sent"), 2).await;

        let before = system.told("ticket.opened").len();
        let log = admin.get(&format!("{path}/deliveries")).await.expect(200).json();
        let replay = format!("/api/v1/subscriptions/deliveries/{}/replay", log[1]["id"]);
        admin.post_json(&replay, &json!({})).await.expect(204);
        for _ in 0..1200 {
            if system.told("ticket.opened").len() > before {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert_eq!(system.told("ticket.opened").pop().unwrap().header("x-event-id"), first);
    }
}
