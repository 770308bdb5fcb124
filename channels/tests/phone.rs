//! Real calls: sipp calls a real Kamailio, which asks and tells this test; baresip records.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::disallowed_methods, reason = "the edge signs with the clock of this machine")]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use channels::phone::edge::{self, Plan, Question, Step};
use channels::phone::guard::Guard;
use channels::phone::voicemail::{Message, Voicemail};
use channels::phone::{Call, CallEvent, CallLog, Cause, Outcome, Side, Stage};
use channels::{Account, Context, Driver, HookRefusal, HookRequest, Inbound, RawContent, Settings};
use jiff::Timestamp;
use peers::{Agent, AnsweringMachine, Caller, Kamailio, Telephone};

const SECRET: &str = "segreto-del-centralino";

type Decide = dyn Fn(&Question) -> Plan + Send + Sync;

/// Stands where the platform stands: answers the hooks with the code under test, keeps what it is told.
struct Platform {
    url: String,
    decide: Box<Decide>,
    machine: Account,
    down: AtomicBool,
    logs: Mutex<BTreeMap<String, CallLog>>,
    told: Mutex<Vec<CallEvent>>,
    messages: Mutex<Vec<(Inbound, CallEvent)>>,
    requests: Mutex<Vec<HookRequest>>,
}

impl Platform {
    fn start(decide: impl Fn(&Question) -> Plan + Send + Sync + 'static) -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let secrets = BTreeMap::from([("secret".to_owned(), SECRET.into())]);
        let machine = Voicemail.open(&Settings::new(BTreeMap::new(), secrets), &Context::default()).unwrap();
        let platform = Arc::new(Self {
            url: format!("http://{}/hooks/telefono", listener.local_addr().unwrap()),
            decide: Box::new(decide),
            machine,
            down: AtomicBool::new(false),
            logs: Mutex::default(),
            told: Mutex::default(),
            messages: Mutex::default(),
            requests: Mutex::default(),
        });
        let serving = Arc::clone(&platform);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let serving = Arc::clone(&serving);
                std::thread::spawn(move || serving.serve(&stream));
            }
        });
        platform
    }

    /// Answers one connection's requests until it closes, or at once when it is down.
    fn serve(&self, stream: &TcpStream) -> Option<()> {
        let mut reader = BufReader::new(stream);
        loop {
            let request = read_request(&mut reader)?;
            if self.down.load(Ordering::SeqCst) {
                return None;
            }
            let (status, body) = match self.answer(&request) {
                Ok(body) => ("200 OK", body),
                Err(HookRefusal::Forbidden) => ("403 Forbidden", String::new()),
                Err(HookRefusal::NotFound) => ("404 Not Found", String::new()),
                Err(HookRefusal::Malformed(why)) => ("400 Bad Request", why),
            };
            let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n", body.len());
            (&mut &*stream).write_all((head + &body).as_bytes()).ok()?;
        }
    }

    fn answer(&self, request: &HookRequest) -> Result<String, HookRefusal> {
        if request.path == "recording" {
            return self.take(request);
        }
        Guard::signed(SECRET.into()).check(request)?;
        self.requests.lock().unwrap().push(request.clone());
        match request.path.as_str() {
            "route" => {
                let question = Question::parse(&request.body)?;
                self.add(question.event());
                Ok((self.decide)(&question).to_json())
            }
            "event" => {
                self.add(edge::event(&request.body)?);
                Ok(String::new())
            }
            _ => Err(HookRefusal::NotFound),
        }
    }

    fn take(&self, request: &HookRequest) -> Result<String, HookRefusal> {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let accepted = runtime.block_on(self.machine.hook.as_ref().unwrap().accept(request))?;
        for item in accepted.items {
            let RawContent::Whole(raw) = item.content else { panic!("no whole item") };
            let event = Message::parse(&raw).unwrap().event();
            self.add(event.clone());
            self.messages.lock().unwrap().push((self.machine.normaliser.normalise(&raw).unwrap(), event));
        }
        Ok(accepted.answer.body)
    }

    fn add(&self, event: CallEvent) {
        self.logs.lock().unwrap().entry(event.call.clone()).or_default().add(event.clone());
        self.told.lock().unwrap().push(event);
    }

    fn calls(&self) -> Vec<Call> {
        self.logs.lock().unwrap().values().filter_map(CallLog::call).collect()
    }

    /// The only call, once it is over.
    fn call(&self) -> Call {
        eventually("the call is over", || self.calls().iter().any(|c| c.stage == Stage::Ended));
        let calls = self.calls();
        assert_eq!(calls.len(), 1, "{calls:?}");
        calls.into_iter().next().unwrap()
    }
}

fn read_request(reader: &mut impl BufRead) -> Option<HookRequest> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|n| *n > 0)?;
    let mut words = line.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let length = headers.iter().find(|(n, _)| n == "content-length").and_then(|(_, v)| v.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    Some(HookRequest {
        method,
        url: target.clone(),
        path: path.strip_prefix("/hooks/telefono/")?.to_owned(),
        query: query.to_owned(),
        headers,
        body: body.into(),
        now: Timestamp::now(),
    })
}

fn eventually(what: &str, holds: impl Fn() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(120), "never: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn ring(agent: &str, telephone: &Telephone, seconds: u32) -> Step {
    Step::Ring { uri: telephone.uri(), agent: agent.into(), seconds, record: false }
}

fn wait_in_queue(uri: &str) -> Step {
    let (announcement, music) = ("benvenuto".into(), "attesa".into());
    Step::Queue { queue: "urp".into(), uri: uri.into(), announcement, music, seconds: 2 }
}

fn place(caller: Caller, number: &str, edge: &Kamailio) -> peers::Call {
    peers::Call::place(caller, number, edge.port())
}

#[test]
fn a_call_is_answered_and_told_from_beginning_to_end() {
    let telephone = Telephone::start(Agent::Answers);
    let step = ring("anna", &telephone, 10);
    let platform = Platform::start(move |_| Plan::new([step.clone()]));
    let edge = Kamailio::start(&platform.url, SECRET);
    place(Caller::Talks(1_500), "800123", &edge).wait();
    let call = platform.call();
    assert_eq!(
        (call.outcome, call.ended_by, call.agent()),
        (Some(Outcome::Answered), Some(Side::Caller), Some("anna"))
    );
    assert_eq!((call.from.as_deref(), call.to.as_deref()), (Some("+393331234567"), Some("800123")));
    assert_eq!((call.from_name.as_deref(), call.attempts.len()), (Some("Mario"), 1));
    assert!(call.attempts[0].rang_at < call.answered_at && call.answered_at < call.ended_at);
    assert!(matches!(call.talk_seconds, Some(1..=3)), "{call:?}");
    let kinds: Vec<_> = platform.told.lock().unwrap().iter().map(|e| e.kind.name()).collect();
    assert_eq!(kinds.len(), 4, "{kinds:?}");
    refuse_what_is_not_the_edges_own(&platform);
}

/// What was taken once is taken again without effect, soon; later or changed it is refused.
fn refuse_what_is_not_the_edges_own(platform: &Platform) {
    let before = platform.calls();
    let requests = platform.requests.lock().unwrap().clone();
    for request in requests {
        assert!(platform.answer(&request).is_ok());
        let late = HookRequest { now: request.now + jiff::SignedDuration::from_mins(6), ..request.clone() };
        let body = String::from_utf8(request.body.to_vec()).unwrap().replace("800123", "800124");
        let changed = HookRequest { body: body.into(), ..request };
        for request in [late, changed] {
            assert_eq!(platform.answer(&request), Err(HookRefusal::Forbidden));
        }
    }
    assert_eq!(platform.calls(), before);
}

#[test]
fn an_agent_may_hang_up_first() {
    let telephone = Telephone::start(Agent::HangsUp(500));
    let step = ring("anna", &telephone, 10);
    let platform = Platform::start(move |_| Plan::new([step.clone()]));
    let edge = Kamailio::start(&platform.url, SECRET);
    place(Caller::Listens, "800123", &edge).wait();
    let call = platform.call();
    assert_eq!((call.outcome, call.ended_by), (Some(Outcome::Answered), Some(Side::Callee)));
}

#[test]
fn an_engaged_line_is_told_as_such() {
    let telephone = Telephone::start(Agent::IsBusy);
    let step = ring("anna", &telephone, 10);
    let refuse = Step::Reject { code: 486, reason: "Occupato".into() };
    let platform = Platform::start(move |question| match question.parties.to.as_deref() {
        Some("800486") => Plan::new([refuse.clone()]),
        _ => Plan::new([step.clone()]),
    });
    let edge = Kamailio::start(&platform.url, SECRET);
    place(Caller::IsRefused(486), "800486", &edge).wait();
    place(Caller::IsRefused(486), "800123", &edge).wait();
    eventually("both are over", || platform.calls().iter().filter(|c| c.stage == Stage::Ended).count() == 2);
    let mut calls = platform.calls();
    calls.sort_by(|a, b| a.to.cmp(&b.to));
    assert_eq!(calls.iter().map(|c| c.outcome).collect::<Vec<_>>(), [Some(Outcome::Busy); 2]);
    assert_eq!((calls[0].attempts[0].declined, calls[1].attempts.len()), (Some(Cause::Busy), 0));
}

#[test]
fn the_next_agent_is_rung_when_one_does_not_answer() {
    let (silent, busy, ready) =
        (Telephone::start(Agent::Rings), Telephone::start(Agent::IsBusy), Telephone::start(Agent::Answers));
    let steps = [ring("anna", &silent, 2), ring("bruno", &busy, 10), ring("carla", &ready, 10)];
    let platform = Platform::start(move |_| Plan::new(steps.clone()));
    let edge = Kamailio::start(&platform.url, SECRET);
    place(Caller::Talks(300), "800123", &edge).wait();
    let call = platform.call();
    let attempts: Vec<_> = call.attempts.iter().map(|a| (a.agent.as_deref().unwrap_or_default(), a.declined)).collect();
    let expected = [("anna", Some(Cause::NoAnswer)), ("bruno", Some(Cause::Busy)), ("carla", None)];
    assert_eq!(attempts, expected);
    assert_eq!((call.outcome, call.agent()), (Some(Outcome::Answered), Some("carla")));
    assert!(call.wait_seconds >= Some(1), "{call:?}");
}

#[test]
fn without_an_agent_the_caller_leaves_a_message() {
    let silent = Telephone::start(Agent::Rings);
    let machine = Arc::new(Mutex::new(String::new()));
    let (step, to) = (ring("anna", &silent, 1), Arc::clone(&machine));
    let platform =
        Platform::start(move |_| Plan::new([step.clone(), Step::Voicemail { uri: to.lock().unwrap().clone() }]));
    let answering = AnsweringMachine::start(&platform.url, SECRET);
    *machine.lock().unwrap() = answering.uri();
    let edge = Kamailio::start(&platform.url, SECRET);
    place(Caller::Talks(3_500), "800123", &edge).wait();
    eventually("the message comes", || !platform.messages.lock().unwrap().is_empty());
    let (message, event) = platform.messages.lock().unwrap()[0].clone();
    let call = platform.call();
    assert_eq!((call.outcome, call.recordings.len()), (Some(Outcome::Voicemail), 1));
    assert_eq!((event.call, message.external_id), (call.id.clone(), call.id), "message and call belong together");
    assert_eq!(message.from.map(|a| a.address).as_deref(), Some("+393331234567"));
    assert_eq!((message.text.as_str(), message.attachments[0].media_type.as_str()), ("", "audio/wav"));
    assert!(matches!(call.recordings[0].seconds, Some(2..=6)), "{:?}", call.recordings);
    let heard = frequency(&message.attachments[0].bytes);
    assert!((380..=420).contains(&heard), "the caller's tone of 400 Hz, heard at {heard}");
}

/// Tone of a recording of 16 bit, by how often it crosses zero in its loudest second.
fn frequency(wav: &[u8]) -> usize {
    let samples: Vec<i16> = wav[44..].chunks_exact(2).map(|b| i16::from_le_bytes([b[0], b[1]])).collect();
    let crossings = |second: &[i16]| second.windows(2).filter(|w| (w[0] < 0) != (w[1] < 0)).count();
    samples.chunks_exact(8_000).map(crossings).max().unwrap_or(0) / 2
}

#[test]
fn a_caller_who_gives_up_waiting_is_told_as_lost() {
    let silent = Telephone::start(Agent::Rings);
    let step = ring("anna", &silent, 30);
    let platform = Platform::start(move |question| match question.parties.to.as_deref() {
        Some("800777") => Plan::new([wait_in_queue("")]),
        _ => Plan::new([step.clone()]),
    });
    let edge = Kamailio::start(&platform.url, SECRET);
    let waiting = place(Caller::GivesUp(182, 600), "800777", &edge);
    place(Caller::GivesUp(180, 600), "800123", &edge).wait();
    waiting.wait();
    eventually("both are over", || platform.calls().iter().filter(|c| c.stage == Stage::Ended).count() == 2);
    let mut calls = platform.calls();
    calls.sort_by(|a, b| a.to.cmp(&b.to));
    let outcomes: Vec<_> = calls.iter().map(|c| (c.outcome, c.ended_by, c.queue.as_deref())).collect();
    let lost = |queue| (Some(Outcome::Abandoned), Some(Side::Caller), queue);
    assert_eq!(outcomes, [lost(None), lost(Some("urp"))]);
}

#[test]
fn a_queue_plays_and_asks_again_until_an_agent_is_free() {
    let (music, ready) = (Telephone::start(Agent::Announces), Telephone::start(Agent::Answers));
    let (queue, agent) = (wait_in_queue(&music.uri()), ring("anna", &ready, 10));
    let platform = Platform::start(move |question| match question.round {
        0 => Plan::new([queue.clone()]),
        1 => Plan::new([wait_in_queue("")]),
        _ => Plan::new([agent.clone()]),
    });
    let edge = Kamailio::start(&platform.url, SECRET);
    place(Caller::Talks(300), "800123", &edge).wait();
    let call = platform.call();
    assert_eq!((call.outcome, call.queue.as_deref()), (Some(Outcome::Answered), Some("urp")));
    assert!(call.wait_seconds >= Some(3), "{call:?}");
    let rounds = platform.requests.lock().unwrap().iter().filter(|r| r.path == "route").count();
    assert_eq!(rounds, 3);
}

#[test]
fn a_platform_that_is_down_costs_a_call_but_not_its_record() {
    let platform = Platform::start(|_| Plan::default());
    let edge = Kamailio::start(&platform.url, SECRET);
    platform.down.store(true, Ordering::SeqCst);
    place(Caller::IsRefused(503), "800123", &edge).wait();
    assert!(platform.calls().is_empty());
    std::thread::sleep(Duration::from_millis(500));
    platform.down.store(false, Ordering::SeqCst);
    let call = platform.call();
    assert_eq!((call.outcome, call.from.as_deref()), (Some(Outcome::Failed), Some("+393331234567")));
}

#[test]
fn an_edge_that_dies_within_a_call_doubles_nothing() {
    let telephone = Telephone::start(Agent::Answers);
    let step = ring("anna", &telephone, 10);
    let platform = Platform::start(move |_| Plan::new([step.clone()]));
    let mut edge = Kamailio::start(&platform.url, SECRET);
    let talking = place(Caller::Talks(5_000), "800123", &edge);
    eventually("they talk", || platform.calls().iter().any(|c| c.stage == Stage::Talking));
    edge.kill();
    edge.resume();
    talking.wait();
    let call = platform.call();
    assert_eq!(
        (call.outcome, call.ended_by, call.agent()),
        (Some(Outcome::Answered), Some(Side::Caller), Some("anna"))
    );
    assert!(matches!(call.talk_seconds, Some(3..=8)), "{call:?}");
    let ends = platform.told.lock().unwrap().iter().filter(|e| e.kind.name() == "ended").count();
    assert_eq!((ends, platform.calls().len()), (1, 1));
}

#[test]
fn nobody_ends_a_call_that_never_was() {
    let platform = Platform::start(|_| Plan::new([Step::Reject { code: 486, reason: "Occupato".into() }]));
    let edge = Kamailio::start(&platform.url, SECRET);
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let (own, port) = (socket.local_addr().unwrap(), edge.port());
    let forged = format!(
        "BYE sip:caller@{own} SIP/2.0\r\nVia: SIP/2.0/UDP {own};branch=z9hG4bKforged\r\n\
         Route: <sip:127.0.0.1:{port};lr;ftag=a;k=AAAA>\r\nFrom: <sip:a@x>;tag=a\r\nTo: <sip:b@x>;tag=b\r\n\
         Call-ID: forged\r\nCSeq: 2 BYE\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
    );
    socket.send_to(forged.as_bytes(), ("127.0.0.1", port)).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let n = socket.recv(&mut [0; 4096]).unwrap();
    assert!(n > 0, "the edge took it as a request within a call");
    place(Caller::IsRefused(486), "800123", &edge).wait();
    let call = platform.call();
    assert_eq!((call.to.as_deref(), call.outcome), (Some("800123"), Some(Outcome::Busy)));
}

#[test]
fn calls_at_the_same_time_are_kept_apart() {
    let telephones = [Telephone::start(Agent::Answers), Telephone::start(Agent::HangsUp(300))];
    let steps = [ring("anna", &telephones[0], 10), ring("bruno", &telephones[1], 10)];
    let platform = Platform::start(move |question| match question.parties.to.as_deref() {
        Some("800001") => Plan::new([steps[0].clone()]),
        _ => Plan::new([steps[1].clone()]),
    });
    let edge = Kamailio::start(&platform.url, SECRET);
    let placed = [(Caller::Talks(1_000), "800001"), (Caller::Listens, "800002")].map(|(c, n)| place(c, n, &edge));
    placed.into_iter().for_each(peers::Call::wait);
    eventually("both are over", || platform.calls().iter().filter(|c| c.stage == Stage::Ended).count() == 2);
    let mut calls = platform.calls();
    calls.sort_by(|a, b| a.to.cmp(&b.to));
    let who: Vec<_> = calls.iter().map(|c| (c.agent(), c.ended_by, c.outcome)).collect();
    let answered = |agent, by| (Some(agent), Some(by), Some(Outcome::Answered));
    assert_eq!(who, [answered("anna", Side::Caller), answered("bruno", Side::Callee)]);
}
