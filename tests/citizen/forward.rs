//! Reports and complaints of the form reach the competent unit at once; questions stay with the front office.
use sportello::kernel::events::Actor;
use sportello::kernel::language::Language;
use sportello::knowledge::model::{Audience, Maturity, SheetCode, SheetDraft, SheetText};
use sportello::knowledge::sheets::{self, Basis};

use super::people::*;
use crate::support::*;

const PATH: &str = "/api/v1/public/requests";

async fn send(t: &TestApp, kind: &str, category: &str) -> String {
    let body = json!({ "kind": kind, "category": category, "text": "Il cancello dell'ufficio è rotto",
        "name": "Marta Neri", "email": "marta.neri@example.org", "privacy_accepted": true });
    t.browser().post_json(PATH, &body).await.expect(201).json()["code"].as_str().unwrap().to_owned()
}

/// Publishes a sheet about bulky waste, whose requests go to a unit of its own if it names one.
async fn sheet(t: &TestApp, code: &str, title: &str, route: Option<&str>) {
    let text = SheetText {
        title: title.to_owned(),
        summary: "In breve.".to_owned(),
        public_text: "Testo.".to_owned(),
        ..SheetText::empty(Language::Italian)
    };
    let code = SheetCode::parse(code).unwrap();
    let mut draft = SheetDraft::new(code, Audience::Public, Maturity::Whole, vec![text]);
    draft.category = Some("waste/bulky".to_owned());
    draft.details.route = route.map(str::to_owned);
    sheets::save(&t.kernel, Actor::System, draft, Basis::Any).await.unwrap();
}

/// The units that a ticket was sent to, by row id.
async fn sent_to(t: &TestApp, code: &str) -> Vec<String> {
    let sql = "SELECT '' || l.unit_id FROM legs l JOIN tickets k ON k.id = l.ticket_id WHERE k.code =";
    t.texts(&format!("{sql} '{code}' ORDER BY l.id")).await
}

async fn state(t: &TestApp, code: &str) -> String {
    t.texts(&format!("SELECT state FROM tickets WHERE code = '{code}'")).await.remove(0)
}

async fn rule(t: &TestApp, role: Role, category: &str, forward: &str) -> u16 {
    let path = format!("/api/v1/categories/{category}/forward");
    t.api(role).await.send_json(reqwest::Method::PUT, &path, &json!({ "forward": forward })).await.status
}

on_each_engine! {
    async fn a_report_goes_at_once_to_the_competent_unit_and_its_mail_with_it(t: TestApp) {
        let form = Form::filled(&t).await.set("category", "anagrafe/identity-card");
        let (code, _) = form.accepted().await;
        let (again, _) = form.accepted().await;
        assert_eq!(code, again);
        assert_eq!(state(&t, &code).await, "referred");
        let legs = t.texts("SELECT kind || '|' || state || '|' || number || '|' || unit_id FROM legs").await;
        assert_eq!(legs, ["competence|sent|1|3"], "once, however often the form is sent");
        assert_eq!(t.texts("SELECT recipient FROM outbox WHERE purpose = 'leg'").await, ["anagrafe@example.it"]);
        let mail = t.texts("SELECT payload FROM outbox WHERE purpose = 'leg'").await.remove(0);
        assert!(mail.contains("un divano abbandonato") && mail.contains("Marta Neri") && mail.contains("/invio/"), "{mail}");
        assert_eq!(t.event_kinds().await, ["ticket.opened", "leg.sent"]);
        assert_eq!(t.texts("SELECT actor FROM events WHERE kind = 'leg.sent'").await, ["system"]);
        assert_eq!(t.number("SELECT COUNT(*) FROM tickets WHERE assignee_id IS NULL AND decisive_legs = 1").await, 1);
        let agent = t.sign_in(Role::Agent).await;
        assert!(agent.get("/scrivania/coda/inviate").await.expect(200).has(&code));
    }

    async fn questions_and_what_is_already_at_home_stay_with_the_front_office(t: TestApp) {
        let question = send(&t, "information", "anagrafe/identity-card").await;
        let application = send(&t, "application", "anagrafe/identity-card").await;
        let ours = send(&t, "report", "waste/bulky").await;
        let nobodys = send(&t, "report", "elsewhere").await;
        for code in [question, application, ours, nobodys] {
            assert_eq!(state(&t, &code).await, "new");
        }
        let complaint = send(&t, "complaint", "anagrafe/identity-card").await;
        assert_eq!(state(&t, &complaint).await, "referred");
        // By mail or through another system nobody chose a category for the office.
        let by_mail = json!({ "channel": "email", "external_id": "1", "from": "a@example.org", "text": "Cancello rotto",
            "subject": "Cancello", "kind": "report", "category": "anagrafe/identity-card" });
        t.api(Role::Integration).await.post_json("/api/v1/contacts", &by_mail).await.expect(201);
        assert_eq!(t.number("SELECT COUNT(*) FROM legs").await, 1);
    }

    async fn a_form_opened_from_a_sheet_goes_where_that_sheet_says_and_keeps_its_version(t: TestApp) {
        // Three sheets of one category, which do not agree.
        sheet(&t, "AMB-41", "Divani", Some("anagrafe")).await;
        sheet(&t, "AMB-42", "Amianto", Some("asl-prevention")).await;
        sheet(&t, "AMB-43", "Altro", None).await;
        let mut codes = Vec::new();
        for (from, units) in [("AMB-41", vec!["3"]), ("AMB-42", vec!["4"]), ("AMB-43", vec![])] {
            let mut form = Form::filled(&t).await;
            let shown = form.browser.get(&format!("/sportello/richiesta?sheet={from}")).await.expect(200);
            assert!(shown.has(&format!("name=\"sheet\" value=\"{from}\"")), "{}", shown.body);
            form.fields.push(("sheet", from.to_owned()));
            let (code, _) = form.accepted().await;
            assert_eq!(sent_to(&t, &code).await, units, "{from}");
            codes.push(code);
        }
        // Of another category the sheet's route is none, and no sheet is named by a form that was opened by itself.
        let mut other = Form::filled(&t).await.set("category", "anagrafe/identity-card");
        other.fields.push(("sheet", "AMB-42".to_owned()));
        let (other, _) = other.accepted().await;
        assert_eq!(sent_to(&t, &other).await, ["3"]);
        let (plain, _) = Form::filled(&t).await.accepted().await;
        assert_eq!(sent_to(&t, &plain).await, Vec::<String>::new());

        sheet(&t, "AMB-41", "Divani e poltrone", Some("anagrafe")).await;
        let agent = t.sign_in(Role::Agent).await;
        let page = agent.get(&format!("/scrivania/pratiche/{}", codes[0])).await.expect(200);
        assert!(page.has("scritta dalla scheda AMB-41, versione 1"), "{}", page.body);
        let version = page.between("href=\"/scrivania/schede/AMB-41/versioni/", "\"").unwrap();
        assert!(agent.get(&format!("/scrivania/schede/AMB-41/versioni/{version}")).await.expect(200).has("Divani"));
        let told = agent.get(&format!("/api/v1/tickets/{}", codes[0])).await.expect(200).json();
        assert_eq!((&told["requested_sheet"], &told["requested_sheet_version"]), (&json!("AMB-41"), &json!(1)));
        let told = agent.get(&format!("/api/v1/tickets/{plain}")).await.expect(200).json();
        assert!(told["requested_sheet"].is_null() && told["requested_sheet_version"].is_null());
    }

    async fn a_question_from_a_sheet_is_proposed_to_the_unit_of_its_sheet(t: TestApp) {
        sheet(&t, "AMB-41", "Divani", Some("anagrafe")).await;
        sheet(&t, "AMB-42", "Amianto", Some("asl-prevention")).await;
        let body = json!({ "kind": "information", "sheet": "amb 42", "text": "Chi toglie l'amianto?",
            "email": "marta.neri@example.org", "privacy_accepted": true });
        let code = t.browser().post_json(PATH, &body).await.expect(201).json()["code"].as_str().unwrap().to_owned();
        assert_eq!(state(&t, &code).await, "new", "the front office answers questions");
        assert_eq!(t.number("SELECT category_id FROM tickets").await, t.category("waste/bulky").await);
        let agent = t.sign_in(Role::Agent).await;
        let dialogue = agent.get(&format!("/scrivania/pratiche/{code}/invii/nuovo")).await.expect(200);
        let proposed = dialogue.between("label=\"Competente per la classificazione\">", "</optgroup>");
        assert!(proposed.is_some_and(|units| units.contains("asl-prevention") && !units.contains("anagrafe")), "{}", dialogue.body);
        let unknown = json!({ "kind": "information", "sheet": "AMB-99", "text": "?", "privacy_accepted": true });
        let refused = t.browser().post_json(PATH, &unknown).await.expect(422);
        assert!(refused.has("sheet"), "{}", refused.body);
    }

    async fn each_category_says_what_it_forwards(t: TestApp) {
        assert_eq!(rule(&t, Role::Admin, "anagrafe/identity-card", "never").await, 204);
        let kept = send(&t, "report", "anagrafe/identity-card").await;
        assert_eq!(state(&t, &kept).await, "new");
        assert_eq!(rule(&t, Role::Admin, "anagrafe/identity-card", "requests").await, 204);
        let gone = send(&t, "application", "anagrafe/identity-card").await;
        assert_eq!(state(&t, &gone).await, "referred");
        let items = t.api(Role::Agent).await.get_json("/api/v1/categories").await.expect(200).json();
        let card = items["items"].as_array().unwrap().iter().find(|c| c["slug"] == "anagrafe/identity-card").unwrap().clone();
        assert_eq!(card["forward"], "requests");
        assert_eq!(rule(&t, Role::Agent, "anagrafe/identity-card", "never").await, 403);
        assert_eq!(rule(&t, Role::Admin, "no/such", "never").await, 404);
        assert_eq!(rule(&t, Role::Admin, "anagrafe", "sometimes").await, 422);
    }

    async fn a_unit_that_nobody_reads_or_that_may_not_receive_gets_nothing(t: TestApp) {
        t.execute("UPDATE units SET email = '' WHERE slug = 'anagrafe'; UPDATE agencies SET email = '' WHERE slug = 'comune'").await;
        let unread = send(&t, "report", "anagrafe/identity-card").await;
        assert_eq!(state(&t, &unread).await, "new", "it must not lie where nobody looks");
        t.execute("UPDATE units SET email = 'anagrafe@example.it', valid_to = 1 WHERE slug = 'anagrafe'").await;
        let closed = send(&t, "report", "anagrafe/identity-card").await;
        assert_eq!(state(&t, &closed).await, "new");
        // Another body's back office receives from an entry point only (004-09).
        t.execute("UPDATE categories SET unit_id = 4 WHERE slug = 'waste/bulky'").await;
        let abroad = send(&t, "report", "waste/bulky").await;
        assert_eq!(state(&t, &abroad).await, "referred");
        t.execute("UPDATE units SET kind = 'collection_point' WHERE slug = 'contact-centre'").await;
        let out_of_scope = send(&t, "report", "waste/bulky").await;
        assert_eq!(state(&t, &out_of_scope).await, "new");
    }
}
