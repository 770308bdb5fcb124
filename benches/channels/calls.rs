//! Calls through a real Kamailio whose every decision is Sportello's, beside the same Kamailio alone. sipp calls and
//! answers.
use std::collections::HashMap;
use std::time::{Duration, Instant};

use peers::{Agent, Carried, Kamailio, Telephone, carry};
use serde_json::json;
use sportello::cli::processor;

use crate::place::{self, Store, quantile, rate};
use crate::sink::Sink;
use crate::support::TestApp;

const SECRET: &str = "segreto-del-centralino";
const NUMBER: &str = "800123";
/// Calls at the same time.
const AT_ONCE: usize = 64;
/// As many as a room of Sportello's may hold: whoever was told to ring is kept from other calls for three seconds, and
/// nobody must wait for an agent here.
const AGENTS: usize = 2000;
/// Calls placed unless told otherwise: a quick machine places all of them within those seconds, after the first few.
pub const CALLS: usize = AGENTS - AT_ONCE;

/// One call in so many may fail: what is measured is then still what was asked for.
const MOST_FAILED: usize = 50;

/// As many times more calls where calls are quick: the measurement would be too short.
const QUICK: usize = 4;

/// The edge says when it asks and when it was told.
const CLOCKED: [(&str, &str); 2] = [
    ("    $var(answer) = \"\";\n", "    $var(answer) = \"\";\n    xlog(\"L_NOTICE\", \"asks $TV(Sn) $ci\\n\");\n"),
    (
        "    $avp(plan) = $var(answer);\n",
        "    $avp(plan) = $var(answer);\n    xlog(\"L_NOTICE\", \"told $TV(Sn) $ci\\n\");\n",
    ),
];

pub async fn measure(stores: &[Store], count: usize) {
    println!("calls through Kamailio, answered and ended at once ({count} each, {AT_ONCE} at the same time)");
    println!(
        "{:<38}{:>9}{:>8}{:>14}{:>14}{:>15}{:>15}",
        "", "calls/s", "ratio", "setup p50 ms", "setup p99 ms", "decided p50 ms", "decided p99 ms"
    );
    let telephone = blocking(|| Telephone::start(Agent::AnswersAtOnce)).await;
    let uri = telephone.uri();

    let always =
        format!("    $ru = \"{uri}\";\n    if (!t_relay()) {{ t_reply(\"480\", \"Unreachable\"); }}\n    exit;\n}}");
    let edge = blocking(move || {
        let alone = [("    route(ASK);\n}", always.as_str()), ("route[TELL] {\n", "route[TELL] {\n    return;\n")];
        Kamailio::start_changed("http://127.0.0.1:9", SECRET, &alone)
    });
    let alone = call(&edge.await, count * QUICK).await;
    let alone_rate = line("Kamailio alone", &alone, None, &[]);

    let plan = json!({ "steps": [{ "action": "ring", "uri": uri, "agent": "b1", "seconds": 20 }] });
    let sink = Sink::start(&plan.to_string());
    let hooks = sink.url.clone();
    let edge = blocking(move || Kamailio::start_changed(&hooks, SECRET, &CLOCKED)).await;
    let carried = call(&edge, count * QUICK).await;
    line("asking a program that says the same", &carried, Some(alone_rate), &decisions(&edge.log()));
    drop(edge);

    for &store in stores {
        let t = installation(store, &uri).await;
        let hooks = format!("{}/hooks/telefono", t.url);
        let edge = blocking(move || Kamailio::start_changed(&hooks, SECRET, &CLOCKED)).await;
        let cpu = processor::seconds("self");
        let carried = call(&edge, count).await;
        let over = Instant::now();
        let decided = decisions(&edge.log());
        line(&format!("asking Sportello on {}", store.name()), &carried, Some(alone_rate), &decided);
        place::until(&t, "SELECT COUNT(*) FROM call_events WHERE kind = 'ended'", carried.completed).await;
        let (late, cpu) = (over.elapsed(), place::each(processor::seconds("self") - cpu, count));
        let waited = t.number("SELECT COUNT(*) FROM call_events WHERE kind = 'queued'").await;
        let events = t.number("SELECT COUNT(*) FROM call_events").await;
        println!(
            "  {events} events, the last stored {:.1} s after the last call; server CPU {cpu:.2} ms a call; {waited} calls waited for an agent",
            late.as_secs_f64()
        );
        place::close(t).await;
    }
    println!(
        "Setup: from INVITE to answer. Decided: from the edge's question until it has the plan, stored before it is given."
    );
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.unwrap()
}

async fn call(edge: &Kamailio, count: usize) -> Carried {
    let port = edge.port();
    // What is slow the first time is not measured.
    blocking(move || carry(AT_ONCE, AT_ONCE / 4, NUMBER, port)).await;
    blocking(move || carry(count, AT_ONCE, NUMBER, port)).await
}

fn line(what: &str, carried: &Carried, alone: Option<f64>, decided: &[Duration]) -> f64 {
    let calls = rate(carried.completed, carried.took);
    let ratio = alone.map(|alone| format!("{:.2}", calls / alone)).unwrap_or_default();
    let (fast, slow) = (quantile(&carried.setup, 0.5), quantile(&carried.setup, 0.99));
    let failed = carried.placed - carried.completed;
    assert!(failed * MOST_FAILED <= carried.placed, "{what}: {failed} calls failed: {}", carried.complaints);
    print!("{what:<38}{calls:>9.0}{ratio:>8}{fast:>14.0}{slow:>14.0}");
    match decided {
        [] => println!(),
        decided => println!("{:>15.2}{:>15.2}", quantile(decided, 0.5), quantile(decided, 0.99)),
    }
    if failed > 0 {
        println!("  {failed} of {} calls failed: {}", carried.placed, carried.complaints.lines().next().unwrap_or("?"));
    }
    calls
}

/// How long each decision took, as the edge wrote it down.
fn decisions(log: &str) -> Vec<Duration> {
    let mut asked: HashMap<&str, f64> = HashMap::new();
    let mut times = Vec::new();
    for line in log.lines() {
        let mut words = line.split_whitespace().rev();
        let (Some(call), Some(at), Some(what)) = (words.next(), words.next(), words.next()) else { continue };
        let Ok(at) = at.parse::<f64>() else { continue };
        match what {
            "asks" => drop(asked.insert(call, at)),
            "told" => times.extend(asked.remove(call).map(|asked| Duration::from_secs_f64((at - asked).max(0.0)))),
            _ => {}
        }
    }
    times.sort_unstable();
    times
}

async fn installation(store: Store, telephone: &str) -> TestApp {
    let t = place::open(store, |config| {
        config.phone.opening = vec!["mon-sun 00:00-24:00".into()];
        config.phone.holidays = false;
    })
    .await;
    let now = t.kernel.now().timestamp().as_microsecond();
    let agents = format!(
        "WITH RECURSIVE agents(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM agents WHERE n < {AGENTS})
         INSERT INTO users (login, name, password_hash, role, created_at)
         SELECT 'b' || n || '@bench.example', 'Agente ' || n, 'none', 'agent', {now} FROM agents;
         INSERT INTO phone_agents (user_id, extension, address, state, since)
         SELECT id, 'b' || id, '{telephone}', 'ready', {now} FROM users WHERE login LIKE 'b%@bench.example'"
    );
    t.execute(&agents).await;
    place::secret(&t, "telefono", SECRET);
    place::account(&t, "telefono", "phone_sip", json!({ "secret": "file:telefono" })).await;
    t.services.telephony.refresh().await.unwrap();
    t
}
