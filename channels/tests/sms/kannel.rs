//! Through a real Kannel, with its fake network behind it.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use channels::{Account, Action, ChannelKind, DeliveryError, HookRefusal, HookRequest};
use peers::Kannel;

use crate::support::{Hooks, MemoryInbox, open, outgoing};

const CITIZEN: &str = "+393331234567";
const KEY: &str = "parola-del-gancio";

fn account(kannel_url: &str, hook_url: &str) -> Account {
    open(
        "sms_kannel",
        hook_url,
        &[
            ("url", kannel_url),
            ("user", "sportello"),
            ("password", "password-of-sendsms"),
            ("hook_password", KEY),
            ("sender", "ComuneXY"),
        ],
    )
}

async fn start(service: &str) -> (Kannel, Account, Arc<MemoryInbox>) {
    let hooks = Hooks::listen().await;
    let kannel = Kannel::start(&service.replace("@HOOK@", &hooks.url()).replace("@KEY@", KEY));
    let account = account(&kannel.sendsms(), &hooks.url());
    let inbox = hooks.serve(account.clone());
    (kannel, account, inbox)
}

const GET: &str = "get-url = \"@HOOK@/in?key=@KEY@&from=%p&to=%P&id=%I&at=%T&charset=%C&coding=%c&udh=%u&text=%b\"";
const POST: &str = "post-url = \"@HOOK@/in?key=@KEY@&from=%p&to=%P&id=%I&at=%T&charset=%C&coding=%c&udh=%u\"";

#[tokio::test(flavor = "multi_thread")]
async fn a_citizens_text_comes_by_either_method() {
    for service in [GET, POST] {
        let (mut kannel, account, inbox) = start(service).await;
        kannel.receive(CITIZEN, "800123", "text", "Segnalo una buca");
        inbox.wait_until("a text", |i| i.len() == 1).await;
        let message = inbox.read(&account).remove(0);
        assert_eq!((message.channel, message.text.as_str()), (ChannelKind::Sms, "Segnalo una buca"));
        assert_eq!(message.from.unwrap().address, CITIZEN);
        assert_eq!(message.to[0].address, "800123");
        assert!(message.sent_at.is_some() && message.notices.is_empty());
        kannel.receive(CITIZEN, "800123", "ucs2", "%00P%00e%00r%00c%00h%00%E9%00+%D8%3D%DE%00%20%AC");
        inbox.wait_until("a second text", |i| i.len() == 2).await;
        let texts: Vec<String> = inbox.read(&account).into_iter().map(|m| m.text).collect();
        assert!(texts.contains(&"Perché 😀€".to_owned()), "{texts:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_while_we_or_the_gateway_are_down() {
    let (mut kannel, account, inbox) = start(POST).await;
    inbox.broken.store(true, Ordering::SeqCst);
    kannel.receive(CITIZEN, "800123", "text", "mentre noi eravamo fermi");
    // Kannel calls, is refused and calls again.
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(inbox.len(), 0);
    inbox.broken.store(false, Ordering::SeqCst);
    inbox.wait_until("the text after we came back", |i| i.len() == 1).await;

    kannel.stop_calling();
    kannel.receive(CITIZEN, "800123", "text", "mentre Kannel era fermo");
    kannel.wait_until_stored();
    kannel.stop();
    let sender = account.sender.clone().unwrap();
    let down = sender.deliver(&outgoing("1", CITIZEN, "ciao")).await;
    assert!(matches!(down, Err(DeliveryError::Transient(_))), "{down:?}");
    kannel.resume();
    inbox.wait_until("the text after it came back", |i| i.len() == 2).await;
    let mut texts: Vec<String> = inbox.read(&account).into_iter().map(|m| m.text).collect();
    texts.sort();
    assert_eq!(texts, ["mentre Kannel era fermo", "mentre noi eravamo fermi"]);
    sender.deliver(&outgoing("1", CITIZEN, "ciao")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_reaches_the_network_and_its_report_comes_back() {
    let (mut kannel, account, inbox) = start(POST).await;
    kannel.connect_network();
    let sender = account.sender.clone().unwrap();
    let sent = sender.deliver(&outgoing("outbox/7%2F", "333 1234567", "È chiusa l’unità: 5 € “subito”")).await.unwrap();
    assert!(sent.response.contains("Accepted") && sent.provider_id.is_none(), "{sent:?}");
    let log = kannel.wait_until_delivered("subito");
    assert!(log.contains(CITIZEN) && log.contains("ComuneXY"), "{log}");
    assert!(log.contains("E' chiusa l'unit"), "{log}");
    inbox.wait_until("the reports", |i| i.len() == 2).await;
    let mut names: Vec<String> = Vec::new();
    for message in inbox.read(&account) {
        let report = message.report.unwrap();
        assert_eq!(report.own_id.as_deref(), Some("outbox/7%2F"));
        assert_eq!(report.recipients[0].recipient, CITIZEN);
        assert!(report.at.is_some());
        names.push(report.name);
    }
    names.sort();
    assert_eq!(names, ["accepted", "delivered"]);

    sender.deliver(&outgoing("8", CITIZEN, "ciao 😀")).await.unwrap();
    kannel.wait_until_delivered("%D8%3D%DE%00");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_wrong_is_told_apart() {
    let (mut kannel, account, _inbox) = start(POST).await;
    let check = |a: &Account| a.sender.clone().unwrap();
    assert!(check(&account).check().await.unwrap().contains("knows the account"));
    let values = [("url", &*kannel.sendsms()), ("user", "altri"), ("password", "x"), ("hook_password", KEY)];
    let stranger = open("sms_kannel", "http://localhost/h", &values);
    assert!(check(&stranger).check().await.unwrap_err().contains("refuses the account"));
    let failed = check(&stranger).deliver(&outgoing("1", CITIZEN, "ciao")).await;
    assert!(matches!(failed, Err(DeliveryError::Transient(_))), "{failed:?}");
    for (to, text) in [("Mario", "ciao"), (CITIZEN, " "), (CITIZEN, &*"x".repeat(1000))] {
        let failed = check(&account).deliver(&outgoing("1", to, text)).await;
        assert!(matches!(failed, Err(DeliveryError::Permanent(_))), "{failed:?}");
    }
    kannel.stop();
    let Err(DeliveryError::Transient(refusal)) = check(&account).deliver(&outgoing("1", CITIZEN, "ciao")).await else {
        panic!("not transient")
    };
    assert!(!refusal.text.contains("password-of-sendsms"), "{refusal}");
}

#[test]
fn parts_and_charsets_are_read_as_kannel_names_them() {
    let account = account("http://localhost:1/cgi-bin/sendsms", "https://urp.example/hooks/sms");
    let read = |query: &str, body: &[u8]| {
        let raw = [format!("in?from=393331234567&to=800123&{query}\ntext/plain\n\n").as_bytes(), body].concat();
        channels::conformance::check(account.normaliser.as_ref(), query, &raw).unwrap().unwrap()
    };
    let one = read("id=1&udh=%05%00%03%07%02%01&charset=UTF-16BE&coding=2", &[0, b'S', 0xD8, 0x3D]);
    let two = read("id=2&udh=%05%00%03%07%02%02&coding=2", &[0xDE, 0x00, 0, b'!']);
    assert_eq!(channels::sms::join(&[two, one]).unwrap().message.text, "S😀!");
    assert_eq!(read("id=3&charset=ISO-8859-1", b"citt\xE0").text, "città");
    let nameless = read("text=ciao", b"");
    assert_eq!((nameless.text.as_str(), nameless.external_id.len()), ("ciao", 64));
    assert_eq!(nameless.notices, [channels::Notice::MessageIdSynthesised]);
}

fn request(path: &str, query: &str, headers: &[(&str, &str)]) -> HookRequest {
    HookRequest {
        method: "GET".into(),
        url: format!("https://urp.example/hooks/sms/{path}?{query}"),
        path: path.into(),
        query: query.into(),
        headers: headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect(),
        body: Default::default(),
        now: "2026-02-03T09:00:00Z".parse().unwrap(),
    }
}

#[tokio::test]
async fn only_the_gateway_is_heard() {
    let account = account("http://localhost:1/cgi-bin/sendsms", "https://urp.example/hooks/sms");
    let hook = account.hook.clone().unwrap();
    let text = "from=%2B393331234567&to=800123&id=u1&text=ciao";
    for query in [text.to_owned(), format!("{text}&key=altra"), format!("{text}&key=")] {
        assert_eq!(hook.accept(&request("in", &query, &[])).await.unwrap_err(), HookRefusal::Forbidden);
    }
    let good = hook.accept(&request("in", &format!("key={KEY}&{text}"), &[])).await.unwrap();
    assert_eq!((good.items[0].external_ref.as_str(), good.answer.body.as_str()), ("u1", ""));
    let channels::RawContent::Whole(raw) = &good.items[0].content else { panic!("not whole") };
    assert!(!String::from_utf8_lossy(raw).contains(KEY), "the password is not stored");
    let message = channels::conformance::check(account.normaliser.as_ref(), "kannel", raw).unwrap().unwrap();
    assert_eq!(message.text, "ciao");
    let basic = data_encoding::BASE64.encode(format!("kannel:{KEY}").as_bytes());
    assert!(hook.accept(&request("in", text, &[("authorization", &format!("Basic {basic}"))])).await.is_ok());
    let forged = "id=Nw&seal=00&status=1";
    assert_eq!(hook.accept(&request("dlr", forged, &[])).await.unwrap_err(), HookRefusal::Forbidden);
    assert_eq!(hook.accept(&request("altro", "", &[])).await.unwrap_err(), HookRefusal::NotFound);
}

proptest::proptest! {
    #[test]
    fn any_request_of_kannel_is_read_or_refused(
        path in proptest::sample::select(vec!["in", "dlr", "x"]), query in "(from|to|id|status|udh|coding|charset|text|=|&|%[0-9A-F]{2}|[a-z0-9+-]){0,30}",
        body in proptest::collection::vec(proptest::num::u8::ANY, 0..100),
    ) {
        let account = account("http://localhost:1/cgi-bin/sendsms", "https://urp.example/hooks/sms");
        let raw = [format!("{path}?{query}\ntext/plain\n\n").as_bytes(), &body].concat();
        let checked = channels::conformance::check(account.normaliser.as_ref(), "any", &raw);
        proptest::prop_assert!(checked.is_ok(), "{:?}", checked);
        let seen: Option<Action> = checked.ok().flatten().and_then(|m| m.report).map(|r| r.recipients[0].action);
        proptest::prop_assert!(path == "dlr" || seen.is_none());
    }
}
