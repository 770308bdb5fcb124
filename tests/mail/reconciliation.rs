//! What the mailbox holds is compared with what is stored; what was never fetched is named and fetched.
use serde_json::{Value, json};
use sportello::kernel::time::{Clock, Instant};

use super::post::*;
use crate::support::{Role, SignedDuration};

fn letter(n: usize) -> String {
    mail(&format!("{n}@rec.test"), &format!("citizen{n}@rec.test"), URP, &format!("Richiesta {n}"), "", "Buongiorno.")
}

/// Moves the clock to where the mailbox server's is, and an hour on: nothing is on its way any more. Answers the day.
fn meet_the_server(p: &Post) -> String {
    let now = Clock::system().now();
    p.app.clock.set(now.plus(SignedDuration::from_hours(1)));
    now.day(&p.app.kernel.config.zone())
}

fn of<'a>(sheets: &'a Value, account: &str) -> &'a Value {
    sheets.as_array().unwrap().iter().find(|s| s["account"] == account).unwrap_or(&Value::Null)
}

by_mail_on_each_engine! {
    async fn a_mail_that_was_never_fetched_is_named_and_fetched_by_the_button(p: Post) {
        p.deliver(URP, &letter(1));
        p.wait_for_items(1).await;
        // The cursor skips two mails, as one restored from elsewhere would.
        p.dovecot.stop();
        p.app.execute("UPDATE mailboxes SET last_uid = 3 WHERE account = 'urp'").await;
        p.dovecot.resume();
        for n in 2..=5 {
            p.deliver(URP, &letter(n));
        }
        p.wait_for_items(3).await;
        let day = meet_the_server(p);
        let supervisor = p.app.api(Role::Supervisor).await;
        p.app.api(Role::Agent).await.post_json("/api/v1/reconciliation", &json!({})).await.expect(403);
        let sheets = supervisor.post_json("/api/v1/reconciliation", &json!({"day": day})).await.expect(200).json();
        let urp = of(&sheets, "urp");
        assert_eq!((&urp["asked"], &urp["handed"], &urp["stored"], &urp["contacts"]),
            (&json!("source"), &json!(5), &json!(3), &json!(3)), "{sheets}");
        let names: Vec<&str> = urp["differences"].as_array().unwrap().iter()
            .map(|d| d["name"].as_str().unwrap()).collect();
        assert_eq!(names.len(), 2, "{sheets}");
        assert!(names[0].ends_with(".2") && names[1].ends_with(".3"), "{names:?}");
        assert_eq!(of(&sheets, "info")["differences"], json!([]));
        let metrics = p.app.browser().get("/metrics").await;
        assert!(metrics.has("reconciliation_differences{account=\"urp\"} 2"), "{}", metrics.body);
        let admin = p.app.sign_in(Role::Admin).await;
        assert!(admin.get("/scrivania/canali").await.expect(200).has("2 differenze da controllare"));

        // One by its button, the other with all the rest; what is there already does not come twice.
        let page = admin.get("/scrivania/quadratura").await.expect(200);
        assert!(page.has("Mai scaricato") && page.has(names[0]) && page.has("Recupera tutto (2)"), "{}", page.body);
        let action = format!("/scrivania/quadratura/urp/{day}/recupera");
        let fetched = admin.post_form(&action, &[("name", names[0])]).await.expect(303);
        assert_eq!(fetched.location(), "/scrivania/quadratura?fatto=1");
        p.wait_for("SELECT COUNT(*) FROM contacts WHERE direction = 'in'", 4).await;
        assert_eq!(p.app.number("SELECT COUNT(*) FROM contacts WHERE from_address = 'citizen2@rec.test'").await, 1);
        for _ in 0..2 {
            let path = format!("/api/v1/reconciliation/urp/{day}/recover");
            let sheet = supervisor.post_json(&path, &json!({})).await.expect(200).json();
            assert_eq!((&sheet["handed"], &sheet["stored"], &sheet["differences"]), (&json!(5), &json!(5), &json!([])));
        }
        p.wait_for("SELECT COUNT(*) FROM contacts WHERE direction = 'in'", 5).await;
        let page = admin.get("/scrivania/quadratura").await.expect(200);
        assert!(page.has("Tutto torna") && !page.has("Mai scaricato"), "{}", page.body);
        let metrics = p.app.browser().get("/metrics").await;
        assert!(metrics.has("reconciliation_recovered_total{account=\"urp\"} 2"), "{}", metrics.body);
        assert!(!metrics.has("reconciliation_differences{account=\"urp\"}"), "{}", metrics.body);
    }

    async fn the_days_before_are_compared_once_a_day_and_a_silent_server_is_told(p: Post) {
        let accounts = p.app.services.accounts.clone();
        let run = || sportello::accounts::reconciliation::run_due(&accounts);
        assert!(run().await.unwrap());
        assert!(!run().await.unwrap(), "once a day");
        let days = p.app.texts("SELECT day FROM reconciliations WHERE account = 'urp' ORDER BY day").await;
        assert_eq!(days, ["2026-02-26", "2026-02-27", "2026-02-28", "2026-03-01"]);
        p.dovecot.stop();
        p.app.clock.set(Instant::parse("2026-03-02T23:30:00Z").unwrap());
        assert!(!run().await.unwrap(), "half an hour after midnight it is too early");
        p.app.clock.advance(SignedDuration::from_hours(1));
        assert!(run().await.unwrap());
        let error = p.app.texts("SELECT error FROM reconciliations WHERE account = 'urp' AND day = '2026-03-02'").await;
        assert!(error[0].contains("cannot be reached"), "{error:?}");
        let page = p.app.sign_in(Role::Supervisor).await.get("/scrivania/quadratura").await.expect(200);
        assert!(page.has("Fonte non raggiunta"), "{}", page.body);
        let problem = p.app.api(Role::Supervisor).await.post_json("/api/v1/reconciliation", &json!({"day": "ieri"})).await;
        assert_eq!(problem.expect(422).json()["code"], "invalid_day");
    }
}
