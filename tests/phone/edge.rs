//! Real calls: sipp calls a real Kamailio, which asks and tells the platform; baresip records.
use peers::{Agent, AnsweringMachine, Call, Caller, Kamailio, Telephone};
use serde_json::json;

use super::centre::*;
use crate::support::*;

async fn kamailio(t: &TestApp) -> Kamailio {
    let hooks = format!("{}/hooks/telefono", t.url);
    tokio::task::spawn_blocking(move || Kamailio::start(&hooks, SECRET)).await.unwrap()
}

async fn place(caller: Caller, number: &'static str, edge: &Kamailio) {
    let port = edge.port();
    tokio::task::spawn_blocking(move || Call::place(caller, number, port).wait()).await.unwrap();
}

async fn telephone(does: Agent) -> Telephone {
    tokio::task::spawn_blocking(move || Telephone::start(does)).await.unwrap()
}

at_any_hour_on_each_engine! {
    async fn a_citizen_talks_with_an_agent_and_it_is_a_contact(t: TestApp) {
        let (silent, ready) = (telephone(Agent::Rings).await, telephone(Agent::Answers).await);
        edge(&t, json!({})).await;
        agent(&t, "bruno@example.it", "8", &silent.uri(), json!({})).await;
        agent(&t, "anna@example.it", "7", &ready.uri(), json!({ "post": "counter" })).await;
        t.services.telephony.refresh().await.unwrap();
        let kamailio = kamailio(&t).await;
        place(Caller::Talks(1_200), "800123", &kamailio).await;
        wait_for(&t, "SELECT COUNT(*) FROM contacts WHERE channel = 'phone'", 1).await;
        assert_eq!(t.texts("SELECT outcome || agent FROM calls").await, ["answered7"]);
        assert!(t.texts("SELECT body FROM contacts").await[0].ends_with("Ha risposto Anna Prova."));
        assert_eq!(t.number("SELECT COUNT(*) FROM call_events WHERE kind = 'declined'").await, 1, "the post was tried first");
        let metrics = t.browser().get("/metrics").await.expect(200);
        let of = |name: &str| metrics.between(&format!("call_decision_seconds_{name} "), "\n").unwrap().parse::<f64>().unwrap();
        println!("a decision took {:.1} ms on average", of("sum") / of("count") * 1_000.0);
    }

    async fn a_citizen_who_gives_up_is_called_back(t: TestApp) {
        let silent = telephone(Agent::Rings).await;
        edge(&t, json!({})).await;
        agent(&t, "bruno@example.it", "8", &silent.uri(), json!({})).await;
        t.services.telephony.refresh().await.unwrap();
        let kamailio = kamailio(&t).await;
        place(Caller::GivesUp(180, 600), "800123", &kamailio).await;
        wait_for(&t, "SELECT COUNT(*) FROM callbacks WHERE reason = 'missed' AND state = 'open'", 1).await;
        assert_eq!(t.texts("SELECT outcome FROM calls").await, ["abandoned"]);
        assert_eq!(t.number("SELECT COUNT(*) FROM contacts").await, 1);
    }

    async fn without_an_agent_the_citizen_leaves_a_message(t: TestApp) {
        let hooks = format!("{}/hooks/telefono", t.url);
        let machine = tokio::task::spawn_blocking(move || AnsweringMachine::start(&hooks, SECRET)).await.unwrap();
        edge(&t, json!({ "voicemail": machine.uri() })).await;
        let kamailio = kamailio(&t).await;
        place(Caller::Talks(3_000), "800123", &kamailio).await;
        wait_for(&t, "SELECT COUNT(*) FROM callbacks WHERE reason = 'voicemail'", 1).await;
        assert_eq!(t.texts("SELECT outcome FROM calls").await, ["voicemail"]);
        assert_eq!(t.texts("SELECT media_type FROM attachments").await, ["audio/wav"]);
        assert_eq!(t.number("SELECT COUNT(*) FROM contacts").await, 1, "the message is the contact");
    }

    async fn without_an_agent_another_switchboard_answers(t: TestApp) {
        let second = telephone(Agent::Answers).await;
        edge(&t, json!({ "overflow": second.uri() })).await;
        let kamailio = kamailio(&t).await;
        place(Caller::Talks(900), "800123", &kamailio).await;
        wait_for(&t, "SELECT COUNT(*) FROM contacts WHERE channel = 'phone'", 1).await;
        assert_eq!(t.texts("SELECT outcome FROM calls").await, ["answered"]);
        let answered = "SELECT COUNT(*) FROM call_events WHERE kind = 'answered'";
        assert_eq!(t.number(answered).await, 1);
        assert_eq!(t.number("SELECT COUNT(*) FROM callbacks").await, 0, "somebody answered");
    }

    async fn a_call_that_an_agent_passes_on_is_still_one_call(t: TestApp) {
        let passes = telephone(Agent::Transfers(600)).await;
        edge(&t, json!({})).await;
        agent(&t, "anna@example.it", "7", &passes.uri(), json!({})).await;
        t.services.telephony.refresh().await.unwrap();
        let kamailio = kamailio(&t).await;
        place(Caller::IsTransferred, "800123", &kamailio).await;
        wait_for(&t, "SELECT COUNT(*) FROM call_events WHERE kind = 'transferred'", 1).await;
        wait_for(&t, "SELECT COUNT(*) FROM contacts WHERE channel = 'phone'", 1).await;
        assert_eq!(t.texts("SELECT outcome || agent FROM calls").await, ["answered7"], "{}", kamailio.log());
        assert_eq!(t.number("SELECT COUNT(*) FROM calls").await, 1);
    }
    async fn an_edge_that_dies_meanwhile_loses_and_doubles_no_call(t: TestApp) {
        let ready: Vec<_> = futures_util::future::join_all((0..3).map(|_| telephone(Agent::AnswersAtOnce))).await;
        edge(&t, json!({})).await;
        for (n, telephone) in ready.iter().enumerate() {
            agent(&t, &format!("agente{n}@example.it"), &format!("{}", 20 + n), &telephone.uri(), json!({})).await;
        }
        t.services.telephony.refresh().await.unwrap();
        let mut kamailio = kamailio(&t).await;
        // Three talk; the edge dies under them, and is there again before they hang up.
        let port = kamailio.port();
        let talking: Vec<_> = (0..3).map(|_| Call::place(Caller::Talks(9_000), "800123", port)).collect();
        wait_for(&t, "SELECT COUNT(*) FROM calls WHERE stage = 'talking'", 3).await;
        let kamailio = tokio::task::spawn_blocking(move || {
            kamailio.kill();
            kamailio.resume();
            kamailio
        }).await.unwrap();
        tokio::task::spawn_blocking(move || talking.into_iter().for_each(Call::wait)).await.unwrap();
        wait_for(&t, "SELECT COUNT(*) FROM calls WHERE stage = 'ended'", 3).await;
        // Whoever calls afterwards is answered as before.
        place(Caller::Talks(500), "800123", &kamailio).await;
        wait_for(&t, "SELECT COUNT(*) FROM calls WHERE stage = 'ended' AND outcome = 'answered'", 4).await;
        wait_for(&t, "SELECT COUNT(*) FROM contacts WHERE channel = 'phone'", 4).await;
        assert_eq!(t.number("SELECT COUNT(*) FROM calls").await, 4);
    }
}

run_on_each_engine! { run_closed,
    async fn who_calls_outside_hours_hears_that_the_offices_are_closed(t: TestApp) {
        let says = telephone(Agent::HangsUp(500)).await;
        edge(&t, json!({ "closed": says.uri() })).await;
        agent(&t, "anna@example.it", "7", "sip:7@127.0.0.1:9", json!({})).await;
        t.services.telephony.refresh().await.unwrap();
        let kamailio = kamailio(&t).await;
        place(Caller::Listens, "800123", &kamailio).await;
        wait_for(&t, "SELECT COUNT(*) FROM calls WHERE outcome = 'closed'", 1).await;
        assert_eq!(t.number("SELECT COUNT(*) FROM call_events WHERE kind = 'ringing'").await, 0);
    }
}
