//! What agents say of a sheet by one key, and what becomes of it.
use sportello::knowledge::model::Audience;

use crate::support::*;
use crate::{draft, save};

const HERE: &str = "/scrivania/schede/ANA-70";

async fn say(who: &Browser, verdict: &str, remark: &str) -> Answer {
    let fields = [("verdict", verdict), ("version", "1"), ("lang", "it"), ("remark", remark), ("ticket", "")];
    who.post_fragment(&format!("{HERE}/giudizio"), &fields).await
}

async fn count(t: &TestApp, reason: &str) -> i64 {
    let sql = format!(
        "SELECT CAST(COALESCE(SUM(n), 0) AS BIGINT) FROM sheet_feedback_counts WHERE reason = '{reason}' AND source = 'agent'"
    );
    t.number(&sql).await
}

on_each_engine! {
    async fn one_key_says_it_and_a_line_may_follow(t: TestApp) {
        save(&t, draft("ANA-70", Audience::Public, "Carta", "Costa 16 euro.")).await;
        let agent = t.sign_in(Role::Agent).await;
        let keys = agent.get(&format!("{HERE}/stato")).await.expect(200);
        assert!(keys.has("data-key=\"u\"") && keys.has("data-key=\"x\""), "{}", keys.body);
        assert!(say(&agent, "useful", "").await.expect(200).has("Grazie"));
        assert_eq!(count(&t, "useful").await, 1);

        let asked = say(&agent, "out_of_date", "").await.expect(200);
        assert!(asked.has("name=\"remark\"") && asked.has("Segnalata"), "{}", asked.body);
        assert_eq!((count(&t, "useful").await, count(&t, "out_of_date").await), (0, 1), "the second takes the first's place");
        assert!(say(&agent, "out_of_date", "Costa\n22 euro").await.expect(200).has("con la tua nota"));
        assert_eq!(count(&t, "out_of_date").await, 1);
        assert_eq!(t.texts("SELECT comment FROM sheet_feedback").await, ["Costa 22 euro"]);
        say(&agent, "out_of_date", &"x".repeat(301)).await.expect(422);
        say(&t.sign_in(Role::Referent).await, "useful", "").await.expect(403);
        let wrong = [("verdict", "useful"), ("version", "9"), ("lang", "it")];
        agent.post_form(&format!("{HERE}/giudizio"), &wrong).await.expect(422);
    }

    async fn a_report_is_work_for_the_unit_until_it_is_settled(t: TestApp) {
        save(&t, draft("ANA-70", Audience::Public, "Carta", "Costa 16 euro.")).await;
        let (agent, referent) = (t.sign_in(Role::Agent).await, t.sign_in(Role::Referent).await);
        assert!(!referent.get("/scrivania/schede/lavori/conteggio").await.expect(200).has("count"));
        say(&agent, "out_of_date", "Costa 22 euro").await.expect(200);
        assert!(referent.get("/scrivania/schede/lavori/conteggio").await.expect(200).has(">1<"));
        let list = "/scrivania/schede/lavori?elenco=reported";
        assert!(referent.get(list).await.expect(200).has("ANA-70"));
        let state = referent.get(&format!("{HERE}/stato")).await.expect(200);
        assert!(state.has("utile 0 volte, errata o superata 1") && state.has("Costa 22 euro") && state.has("Agent Prova") && !state.has("data-key"), "{}", state.body);
        referent.post_form(&format!("{HERE}/sistemata"), &[]).await.expect(303);
        assert!(!referent.get(list).await.expect(200).has("ANA-70"));
        let history = referent.get(&format!("{HERE}/versioni")).await.expect(200);
        assert!(history.has("l’ha segnalata") && history.has("ha chiuso le segnalazioni"), "{}", history.body);
        let verdicts = referent.get_json("/api/v1/knowledge/sheets/ANA-70/verdicts").await.expect(200).json();
        assert_eq!(verdicts, json!({"useful": 0, "out_of_date": 1, "open": []}));
        t.add_user("asl@example.net", Role::Referent, &["asl-prevention"]).await;
        let foreign = t.sign_in_as("asl@example.net").await;
        foreign.post_form(&format!("{HERE}/sistemata"), &[]).await.expect(403);
        foreign.get_json("/api/v1/knowledge/sheets/ANA-70/verdicts").await.expect(403);
    }

    async fn the_next_version_settles_what_was_reported(t: TestApp) {
        save(&t, draft("ANA-70", Audience::Public, "Carta", "Costa 16 euro.")).await;
        let agent = t.sign_in(Role::Agent).await;
        say(&agent, "out_of_date", "Costa 22 euro").await.expect(200);
        save(&t, draft("ANA-70", Audience::Public, "Carta", "Costa 22 euro.")).await;
        assert_eq!(t.number("SELECT COUNT(*) FROM sheet_feedback WHERE settled_at IS NULL").await, 0);
        let admin = t.sign_in(Role::Admin).await;
        assert!(!admin.get("/scrivania/schede/lavori?elenco=reported").await.expect(200).has("ANA-70"));
    }
}
