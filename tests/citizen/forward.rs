//! Reports and complaints of the form reach the competent unit at once; questions stay with the front office.
use super::people::*;
use crate::support::*;

const PATH: &str = "/api/v1/public/requests";

async fn send(t: &TestApp, kind: &str, category: &str) -> String {
    let body = json!({ "kind": kind, "category": category, "text": "Il cancello dell'ufficio è rotto",
        "name": "Marta Neri", "email": "marta.neri@example.org", "privacy_accepted": true });
    t.browser().post_json(PATH, &body).await.expect(201).json()["code"].as_str().unwrap().to_owned()
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
