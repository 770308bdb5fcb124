//! The organisation as a table: what is exported can be imported again and changes nothing; a table adds and changes,
//! says what is wrong line by line, and never deletes.
use reqwest::Method;

use super::*;
use crate::support::Engine;

const PAGE: &str = "/scrivania/organizzazione/file";
const API: &str = "/api/v1/organisation/file";

async fn exported(api: &Browser) -> String {
    api.get(API).await.expect(200).body
}

async fn brought(api: &Browser, table: impl Into<Vec<u8>>, query: &str) -> serde_json::Value {
    let body = table.into();
    let request = api.request(Method::POST, &format!("{API}{query}")).header("content-type", "text/csv").body(body);
    api.send(request).await.expect(200).json()
}

/// Units with history, sites with hours of all sorts, referents past and present.
async fn a_full_organisation(t: &TestApp, api: &Browser) {
    referent(t, "anagrafe", "operative", "rita@example.it").await;
    let past = referent(t, "counter", "executive", "ugo@example.it").await;
    t.execute(&format!("UPDATE referents SET valid_from = 1700000000000000, valid_to = 1750000000000000, phone = '+39 055' WHERE id = {past}")).await;
    let site = json!({
        "unit": "anagrafe", "name": "Città; «Duomo»", "address": "Via \"larga\" 4\ninterno 2", "note": "=A1", "valid_from": "2026-01-01",
        "hours": {
            "ordinary": ["mon-fri 08:30-12:30", "thu 14:30-17:00"], "holidays": false, "patron": "06-24",
            "seasons": [{ "from": "2026-07-01", "to": "2026-08-31", "opening": "mon-fri 08:00-12:00" }],
            "closures": [{ "from": "2026-08-14", "to": "2026-08-14" }, { "from": "2026-12-24", "to": "2026-12-31" }],
        },
    });
    api.send_json(Method::PUT, "/api/v1/sites/duomo", &site).await.expect(200);
    let close = json!({ "reason": "Delibera", "plan": {
        "opens": [{ "slug": "urp", "agency": "comune", "name": "URP", "kind": "back_office", "parent": "contact-centre", "scope": "urp" }],
        "closes": [{ "unit": "counter", "successor": "urp" }],
    } });
    api.post_json("/api/v1/organisation/changes", &close).await.expect(201);
}

on_each_engine! {
    async fn what_is_exported_is_imported_again_without_changing_anything(t: TestApp) {
        let api = t.api(Role::Admin).await;
        a_full_organisation(&t, &api).await;
        let table = exported(&api).await;
        assert!(table.starts_with('\u{feff}') && table.contains("counter;comune") && table.contains("+39 055"));
        let (events, plans) = (t.event_kinds().await.len(), t.number("SELECT COUNT(*) FROM reorganisations").await);
        let report = brought(&api, table.clone(), "").await;
        assert_eq!((report["created"].as_i64(), report["changed"].as_i64(), &report["faults"]), (Some(0), Some(0), &json!([])), "{report}");
        assert_eq!(exported(&api).await, table);
        assert_eq!((t.event_kinds().await.len(), t.number("SELECT COUNT(*) FROM reorganisations").await), (events, plans));
        let page = t.sign_in(Role::Admin).await;
        let file = File { field: "file", name: "org.csv", media_type: "text/csv", bytes: table.as_bytes() };
        assert!(page.post_files(PAGE, &[("then", "try")], &[file]).await.expect(200).has("non c’è nulla da scrivere"));
    }

    async fn a_table_is_tried_first_and_then_written_with_its_history(t: TestApp) {
        let admin = t.sign_in(Role::Admin).await;
        // As a spreadsheet saves it in Windows-1252.
        let table = "record;code;agency;unit;name;kind;email;address;hours\r\n\
                     Struttura;anagrafe;comune;;Anagrafe e città;Back office;anagrafe@example.it;;\r\n\
                     Struttura;urp;comune;anagrafe;URP;Back office;;;\r\n\
                     Sede;municipio;;urp;Municipio;;;Piazza 1;lun-ven 9-13\r\n\
                     Referente;;;urp;Rita Levi;Dirigente;rita@example.it;;\r\n";
        let latin: Vec<u8> = table.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
        let file = File { field: "file", name: "org.csv", media_type: "text/csv", bytes: &latin };
        let tried = admin.post_files(PAGE, &[("then", "try"), ("reason", "Delibera 7")], &[file]).await.expect(200);
        assert!(tried.has("Nuovi: 3. Modificati: 1") && tried.has("Anagrafe → Anagrafe e città"), "{}", tried.body);
        assert_eq!(t.number("SELECT COUNT(*) FROM sites").await, 0, "nothing is written yet");
        let kept = tried.between("name=\"kept\" value=\"", "\"").unwrap().replace("&#34;", "\"").replace("&quot;", "\"");
        let done = admin.post_form(PAGE, &[("kept", &kept), ("then", "apply"), ("reason", "Delibera 7")]).await.expect(200);
        assert!(done.has("Nuovi: 3. Modificati: 1"));
        let unit = admin.get("/scrivania/organizzazione/strutture/anagrafe").await.expect(200);
        assert!(unit.has("<h1>Anagrafe e città</h1>") && unit.has("<strong>Anagrafe</strong>"), "its history stays");
        assert!(admin.get("/scrivania/organizzazione").await.expect(200).has("Delibera 7"));
        assert_eq!(t.texts("SELECT u.slug FROM referents r JOIN units u ON u.id = r.unit_id").await, ["urp"]);
        let english = "SELECT name_en FROM units WHERE slug = 'anagrafe'";
        assert_eq!(t.texts(english).await, ["Registry"], "of a column that is not there nothing is said");
        assert_eq!(t.number("SELECT COUNT(*) FROM units").await, 5, "what the table does not name stays");
    }

    async fn what_is_wrong_is_said_line_by_line_and_nothing_is_written(t: TestApp) {
        let admin = t.sign_in(Role::Admin).await;
        let table = "record,code,agency,unit,name,kind,to\n\
                     unit,urp,comune,,URP,back_office,\n\
                     unit,Ufficio X,comune,,X,back_office,\n\
                     unit,nuova,nessuno,,Nuova,back_office,\n";
        let file = |bytes| File { field: "file", name: "org.csv", media_type: "text/csv", bytes };
        let shown = admin.post_files(PAGE, &[("then", "try")], &[file(table.as_bytes())]).await.expect(200);
        assert!(shown.has("Riga 3") && shown.has("solo lettere minuscole") && shown.has("niente è stato scritto"));
        let unknown = table.replace("Ufficio X", "ufficio-x");
        let shown = admin.post_files(PAGE, &[("then", "apply")], &[file(unknown.as_bytes())]).await.expect(200);
        assert!(shown.has("Riga 4") && shown.has("Non esiste: Ente (agency)"), "{}", shown.body);
        let closing = "record,code,agency,name,kind,email,to\nunit,anagrafe,comune,Anagrafe,back_office,anagrafe@example.it,2027-01-01\n";
        let shown = admin.post_files(PAGE, &[("then", "apply")], &[file(closing.as_bytes())]).await.expect(200);
        assert!(shown.has("si chiude dalla sua pagina"));
        let circle = "record,code,agency,unit,name,kind\nunit,uno,comune,due,Uno,back_office\nunit,due,comune,uno,Due,back_office\n";
        let shown = admin.post_files(PAGE, &[("then", "apply")], &[file(circle.as_bytes())]).await.expect(200);
        assert!(shown.has("niente è stato scritto"));
        assert_eq!(t.number("SELECT COUNT(*) FROM units").await, 4);
        admin.post_files(PAGE, &[("then", "try")], &[]).await.expect(422);
        t.sign_in(Role::Supervisor).await.get(PAGE).await.expect(403);
        t.api(Role::Integration).await.get(API).await.expect(403);
    }
}

/// Exports one installation and imports it into an empty one: both then say the same.
async fn moved(engine: Engine) {
    let from = TestApp::start(engine).await;
    let api = from.api(Role::Admin).await;
    a_full_organisation(&from, &api).await;
    let table = exported(&api).await;
    from.stop().await;
    let to = TestApp::empty(engine, |_| {}).await;
    let api = to.api(Role::Admin).await;
    let report = brought(&api, table.clone(), "").await;
    assert_eq!(report["faults"], json!([]), "{report}");
    let lines = |text: &str| -> Vec<String> {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    assert_eq!(lines(&exported(&api).await), lines(&table));
    to.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_organisation_moves_to_another_installation_sqlite() {
    moved(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_organisation_moves_to_another_installation_postgres() {
    moved(Engine::Postgres).await;
}
