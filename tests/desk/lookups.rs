//! What other systems know of a person or a request: asked of real databases and of a service, shown beside it.
use peers::Postgres;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};

use crate::support::*;

/// A file of a register, where the operator puts such files.
async fn register(t: &TestApp) {
    let folder = t.kernel.config.path("sources");
    std::fs::create_dir_all(&folder).unwrap();
    let options = SqliteConnectOptions::new().filename(folder.join("anagrafe.db")).create_if_missing(true);
    let mut conn = options.connect().await.unwrap();
    let rows = "CREATE TABLE residenti (mail TEXT, via TEXT, civico INTEGER, quota REAL, nota BLOB);
        INSERT INTO residenti VALUES ('maria@example.org', 'via Roma', 12, 0.5, NULL),
            ('maria@example.org', 'via Verdi', 3, NULL, NULL), ('altri@example.org', 'via Nascosta', 1, 1, NULL);";
    sqlx::raw_sql(rows).execute(&mut conn).await.unwrap();
    conn.close().await.unwrap();
}

fn source(more: serde_json::Value) -> serde_json::Value {
    let mut source = json!({ "name": "Anagrafe", "kind": "sqlite", "subject": "person", "address": "anagrafe.db",
        "query": "SELECT via, civico, quota FROM residenti WHERE mail = :email ORDER BY civico DESC",
        "fields": [{ "label": "Via", "label_en": "Street", "at": "via" }, { "label": "Civico", "at": "civico" }],
        "timeout_seconds": 1, "most_rows": 10, "cache_seconds": 0 });
    for (name, value) in more.as_object().unwrap() {
        source[name] = value.clone();
    }
    source
}

async fn save(t: &TestApp, slug: &str, source: &serde_json::Value) {
    let path = format!("/api/v1/lookups/{slug}");
    t.api(Role::Admin).await.send_json(reqwest::Method::PUT, &path, source).await.expect(200);
}

fn secret(t: &TestApp, name: &str, text: &str) {
    let folder = t.kernel.config.path("secrets");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(name), text).unwrap();
}

/// A request of Maria's; its code and her row id.
async fn maria(t: &TestApp) -> (String, i64) {
    let body = json!({ "channel": "email", "external_id": "m1", "from": "maria@example.org", "subject": "Residenza", "text": "Vorrei sapere" });
    let made = t.api(Role::Integration).await.post_json("/api/v1/contacts", &body).await.expect(201).json();
    let code = made["ticket_code"].as_str().unwrap().to_owned();
    let person = t.number(&format!("SELECT person_id FROM tickets WHERE code = '{code}'")).await;
    (code, person)
}

on_each_engine! {
    async fn a_file_of_a_register_is_read_beside_the_person_and_cannot_be_written(t: TestApp) {
        register(&t).await;
        let (code, person) = maria(&t).await;
        let agent = t.sign_in(Role::Agent).await;
        let empty = agent.get_fragment(&format!("/scrivania/fonti/persone/{person}")).await.expect(200);
        assert!(!empty.has("<h2"), "nothing is shown without a source: {}", empty.body);
        save(&t, "anagrafe", &source(json!({}))).await;
        let card = agent.get_fragment(&format!("/scrivania/fonti/persone/{person}")).await.expect(200);
        assert!(card.has("via Roma") && card.has("<dd>12</dd>") && card.has("via Verdi") && !card.has("Nascosta"), "{}", card.body);
        assert_eq!(card.header("cache-control"), "no-store");
        let page = agent.get(&format!("/scrivania/fonti/pratiche/{code}?lang=en")).await.expect(200);
        assert!(page.has("Street") && page.has("via Roma"), "the link works without scripts: {}", page.body);
        let whole = agent.get(&format!("/scrivania/persone/{person}")).await.expect(200);
        assert!(whole.has(&format!("/scrivania/fonti/persone/{person}")) && !whole.has("via Roma"), "the page waits for nobody");
        save(&t, "anagrafe", &source(json!({ "most_rows": 1 }))).await;
        let card = agent.get_fragment(&format!("/scrivania/fonti/persone/{person}")).await.expect(200);
        assert!(card.has("via Roma") && !card.has("via Verdi"), "{}", card.body);
        let read = t.texts("SELECT data FROM events WHERE kind = 'lookup.read' ORDER BY id").await;
        assert!(read.len() == 3 && read[0].contains(&format!("\"person\":{person}")) && !read[0].contains("maria"), "{read:?}");
        t.sign_in(Role::Referent).await.get(&format!("/scrivania/fonti/persone/{person}")).await.expect(403);

        // Nothing but one SELECT is taken, and nothing outside of its folder.
        let api = t.api(Role::Admin).await;
        for wrong in [
            json!({ "query": "DELETE FROM residenti WHERE mail = :email" }),
            json!({ "query": "SELECT via FROM residenti WHERE mail = :email; DROP TABLE residenti" }),
            json!({ "address": "../sportello.db" }),
            json!({ "kind": "postgres", "address": "postgres://root:secret@localhost/x" }),
        ] {
            api.send_json(reqwest::Method::PUT, "/api/v1/lookups/altra", &source(wrong)).await.expect(422);
        }
        t.api(Role::Supervisor).await.send_json(reqwest::Method::PUT, "/api/v1/lookups/altra", &source(json!({}))).await.expect(403);
    }

    async fn a_postgresql_database_is_asked_within_a_transaction_that_only_reads(t: TestApp) {
        let url = tokio::task::spawn_blocking(|| Postgres::start().fresh_database()).await.unwrap();
        let pool = sqlx::PgPool::connect(&url).await.unwrap();
        let rows = "CREATE TABLE pagamenti (mail TEXT, importo NUMERIC(8,2), scade DATE, pagato BOOLEAN);
            INSERT INTO pagamenti VALUES ('maria@example.org', 120.50, '2026-06-16', FALSE);
            CREATE FUNCTION cancella() RETURNS INTEGER LANGUAGE sql AS 'DELETE FROM pagamenti RETURNING 1';";
        sqlx::raw_sql(rows).execute(&pool).await.unwrap();
        secret(&t, "tributi-url", &url);
        let (code, _) = maria(&t).await;
        let fields = json!([{ "label": "Importo", "at": "importo" }, { "label": "Scade", "at": "scade" }]);
        let asks = |query: &str| source(json!({ "name": "Tributi", "kind": "postgres", "address": "file:tributi-url", "query": query, "fields": fields }));
        save(&t, "tributi", &asks("SELECT importo, scade FROM pagamenti WHERE mail = :email AND NOT pagato")).await;
        let api = t.api(Role::Agent).await;
        let path = format!("/api/v1/tickets/{code}/lookups");
        let found = api.get_json(&path).await.expect(200).json();
        assert_eq!(found["items"][0]["state"], "found", "{found}");
        assert_eq!(found["items"][0]["rows"], json!([[{ "label": "Importo", "value": "120.50" }, { "label": "Scade", "value": "2026-06-16" }]]));

        save(&t, "tributi", &asks("SELECT cancella() AS importo WHERE :email <> ''")).await;
        assert_eq!(api.get_json(&path).await.expect(200).json()["items"][0]["state"], "refused");
        let left: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM pagamenti").fetch_one(&pool).await.unwrap();
        assert_eq!(left, 1, "a function that writes could not");
        save(&t, "tributi", &asks("SELECT pg_sleep(5)::text AS importo WHERE :email <> ''")).await;
        assert_eq!(api.get_json(&path).await.expect(200).json()["items"][0]["state"], "silent");
        save(&t, "tributi", &asks("SELECT importo FROM pagamenti WHERE mail = :fiscal_code")).await;
        let lacks = api.get_json(&path).await.expect(200).json();
        assert_eq!((&lacks["items"][0]["state"], &lacks["items"][0]["lacks"]), (&json!("lacks"), &json!("fiscal_code")));
        pool.close().await;
    }

    async fn a_service_is_asked_only_where_the_administration_may_call_and_its_silence_is_said(t: TestApp) {
        let url = play_provider(|asked: &Asked| {
            let known = asked.line.contains("/persone/maria%40example%2Eorg ") && asked.header("x-api-key") == "chiave";
            if known { (200, json!({ "dati": [{ "indirizzo": { "via": "via Roma" } }] })) } else { (404, json!({})) }
        }).await;
        secret(&t, "anagrafe-chiave", "chiave\n");
        let (code, person) = maria(&t).await;
        let rest = |address: String| source(json!({ "kind": "rest", "address": address, "query": "/dati", "header": "X-Api-Key",
            "secret": "file:anagrafe-chiave", "fields": [{ "label": "Via", "at": "/indirizzo/via" }], "cache_seconds": 60 }));
        save(&t, "anagrafe", &rest(format!("{url}/persone/{{email}}"))).await;
        let agent = t.sign_in(Role::Agent).await;
        let card = format!("/scrivania/fonti/persone/{person}");
        let refused = agent.get_fragment(&card).await.expect(200);
        assert!(refused.has("ha rifiutato la domanda"), "a private network is not called: {}", refused.body);
        let host = json!({ "host": url.trim_start_matches("http://"), "allowed": true });
        t.api(Role::Admin).await.send_json(reqwest::Method::PUT, "/api/v1/callable-hosts", &host).await.expect(200);
        let shown = agent.get_fragment(&card).await.expect(200);
        assert!(shown.has("via Roma"), "{}", shown.body);

        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let silent = listener.local_addr().unwrap().to_string();
        let host = json!({ "host": silent, "allowed": true });
        t.api(Role::Admin).await.send_json(reqwest::Method::PUT, "/api/v1/callable-hosts", &host).await.expect(200);
        save(&t, "anagrafe", &rest(format!("http://{silent}/{{email}}"))).await;
        let shown = agent.get_fragment(&card).await.expect(200);
        assert!(shown.has("Il sistema «Anagrafe» non risponde"), "{}", shown.body);
        agent.get(&format!("/scrivania/pratiche/{code}")).await.expect(200);
    }

    async fn an_administrator_writes_a_source_and_tries_it_before_it_is_saved(t: TestApp) {
        register(&t).await;
        let admin = t.sign_in(Role::Admin).await;
        assert!(admin.get("/scrivania/fonti").await.expect(200).has("Nessuna fonte collegata"));
        let fields = [
            ("seen", "0"), ("name", "Anagrafe"), ("kind", "sqlite"), ("subject", "person"), ("address", "anagrafe.db"),
            ("query", "SELECT via FROM residenti WHERE mail = :email"), ("fields", "Via | Street = via"), ("timeout_seconds", "2"),
            ("most_rows", "5"), ("cache_seconds", "30"), ("enabled", "true"), ("value.email", "maria@example.org"),
        ];
        let with = |then: &'static str| fields.iter().copied().chain([("then", then)]).collect::<Vec<_>>();
        let tried = admin.post_form("/scrivania/fonti/nuova", &with("try")).await.expect(200);
        assert!(tried.has("Esito della prova") && tried.has("via Verdi"), "{}", tried.body);
        assert_eq!(t.number("SELECT COUNT(*) FROM lookup_sources").await, 0, "a trial saves nothing");
        admin.post_form("/scrivania/fonti/nuova", &with("save")).await.expect(303);
        let form = admin.get("/scrivania/fonti/fonte/anagrafe").await.expect(200);
        assert!(form.has("Via | Street = via"), "{}", form.body);
        let mut wrong = with("save");
        wrong[5].1 = "UPDATE residenti SET via = :email";
        let refused = admin.post_form("/scrivania/fonti/fonte/anagrafe", &wrong).await.expect(422);
        assert!(refused.has("Serve una sola SELECT"), "{}", refused.body);
        t.sign_in(Role::Supervisor).await.get("/scrivania/fonti").await.expect(403);
    }
}
