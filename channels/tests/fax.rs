//! A real fax server: it takes our jobs, and its scripts, as the documentation has them, call our hook.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use channels::email::OutgoingAttachment;
use channels::fax::{FaxHook, FaxNormaliser, HylaFax as Driver};
use channels::paper::{PaperReader, Picture, Programs, Samples, album};
use channels::{
    Account, Action, Batch, BoxError, ChannelKind, Context, Cursor, DeliveryError, DeliveryReport, Driver as _, Hook,
    HookRefusal, HookRequest, Inbound, Inbox, Normalise, Notice, Outgoing, RawContent, RawItem, Secret, Settings,
};
use peers::HylaFax;
use proptest::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

const DOCUMENTATION: &str = include_str!("../../docs/channels/fax.md");
const SECRET: &str = "segreto-del-fax";

/// The script of the documentation that contains some words.
fn script(words: &str) -> &'static str {
    let blocks = DOCUMENTATION.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    blocks.into_iter().find(|block| block.contains(words)).unwrap()
}

fn server() -> HylaFax {
    HylaFax::start(script("etc/FaxDispatch:"), script("etc/sportello-notify:"))
}

fn account(server: Option<&HylaFax>, scratch: &std::path::Path) -> Account {
    let mut values = BTreeMap::new();
    if let Some(server) = server {
        values.insert("server".to_owned(), format!("127.0.0.1:{}", server.port()));
        values.insert("spool".to_owned(), server.spool().join("recvq").display().to_string());
    }
    let secrets = BTreeMap::from([("hook_secret".to_owned(), Secret::new(SECRET))]);
    let context = Context { scratch: scratch.to_owned(), ..Context::default() };
    Driver.open(&Settings::new(values, secrets), &context).unwrap()
}

fn answer(id: &str) -> Outgoing {
    Outgoing {
        id: id.into(),
        recipient: "+39 080 5550001".into(),
        recipient_name: "Anna Forlì".into(),
        sender_name: "Comune di Prova".into(),
        subject: "Certificato".into(),
        text: "Il certificato è pronto.".into(),
        code: "7K3-M9P-QR2".into(),
        language: "it".into(),
        date: "2026-02-03T09:00:00Z".parse().unwrap(),
        ..Outgoing::default()
    }
}

/// What came through the hook.
#[derive(Default)]
struct Web {
    items: Mutex<Vec<RawItem>>,
}

impl Web {
    fn wait(&self, count: usize, server: &HylaFax) -> Vec<RawItem> {
        let start = Instant::now();
        loop {
            let items = self.items.lock().unwrap().clone();
            if items.len() >= count {
                return items;
            }
            assert!(start.elapsed() < Duration::from_secs(120), "nothing came; the scripts said: {}", server.log());
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// A web server that hands requests to the hook; returns its address.
async fn serve(hook: Arc<dyn Hook>) -> (String, Arc<Web>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hooks/fax", listener.local_addr().unwrap());
    let web = Arc::new(Web::default());
    let kept = Arc::clone(&web);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut bytes = Vec::new();
            let head = loop {
                if let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
                    break end;
                }
                assert!(stream.read_buf(&mut bytes).await.unwrap() > 0);
            };
            let text = String::from_utf8(bytes[..head].to_vec()).unwrap();
            let mut lines = text.lines();
            let mut first = lines.next().unwrap().split(' ');
            let (method, target) = (first.next().unwrap().to_owned(), first.next().unwrap().to_owned());
            let headers: Vec<(String, String)> = lines
                .filter_map(|l| l.split_once(": "))
                .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
                .collect();
            let length: usize =
                headers.iter().find(|(n, _)| n == "content-length").map_or(0, |(_, value)| value.parse().unwrap());
            while bytes.len() < head + 4 + length {
                assert!(stream.read_buf(&mut bytes).await.unwrap() > 0);
            }
            let (path, query) = target.split_once('?').unwrap_or((&target, ""));
            let request = HookRequest {
                method,
                path: path.trim_start_matches("/hooks/fax/").to_owned(),
                query: query.to_owned(),
                url: target.clone(),
                headers,
                body: Bytes::copy_from_slice(&bytes[head + 4..]),
                now: "2026-02-03T09:00:00Z".parse().unwrap(),
            };
            let status = match hook.accept(&request).await {
                Ok(accepted) => {
                    kept.items.lock().unwrap().extend(accepted.items);
                    "200 OK"
                }
                Err(_) => "403 Forbidden",
            };
            let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    (url, web)
}

fn read(account: &Account, item: &RawItem) -> Inbound {
    let RawContent::Whole(bytes) = &item.content else {
        panic!("{item:?}");
    };
    account.normaliser.normalise(bytes).unwrap()
}

/// One page as a fax, by libtiff's own tools.
fn fax() -> Vec<u8> {
    let dir = tempfile::tempdir().unwrap();
    let (pdf, stem) = (dir.path().join("a.pdf"), dir.path().join("a"));
    let picture = Picture {
        width: 400,
        height: 560,
        density: (50.0, 50.0),
        samples: Samples::Plain { bytes: &[200; 224_000], channels: 1 },
    };
    std::fs::write(&pdf, album(&[picture]).unwrap()).unwrap();
    let run = |command: &mut std::process::Command| assert!(command.status().unwrap().success(), "{command:?}");
    run(std::process::Command::new("pdftoppm")
        .args(["-r", "204", "-mono", "-tiff", "-tiffcompression", "none"])
        .arg(&pdf)
        .arg(&stem));
    let plain = std::fs::read_dir(dir.path())
        .unwrap()
        .flatten()
        .map(|e| e.path())
        .find(|p| p.extension().unwrap() == "tif")
        .unwrap();
    let coded = dir.path().join("coded.tiff");
    run(std::process::Command::new("tiffcp").args(["-c", "g4"]).arg(plain).arg(&coded));
    std::fs::read(coded).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_received_fax_comes_by_the_hook_and_is_the_same_in_the_folder() {
    let (server, scratch) = (server(), tempfile::tempdir().unwrap());
    let account = account(Some(&server), scratch.path());
    let (url, web) = serve(account.hook.clone().unwrap()).await;
    server.call(&url, SECRET);
    let tiff = fax();
    server.receive("fax000000007.tif", &tiff, "", &["08000001", "Studio «Però» & C."]);
    server.receive("fax000000008.tif", &tiff, "RSPREC error/got DCN: linea caduta", &["<NONE>"]);
    let items = web.wait(2, &server);
    let whole = read(&account, &items[0]);
    assert_eq!(whole.channel, ChannelKind::Fax);
    let from = whole.from.unwrap();
    assert_eq!((from.address.as_str(), from.name.as_deref()), ("08000001", Some("Studio «Però» & C.")));
    assert_eq!((whole.attachments[0].name.as_str(), whole.paper.unwrap().pages), ("fax000000007.pdf", 1));
    assert!(!whole.notices.contains(&Notice::PartlyReceived));
    let part = read(&account, &items[1]);
    assert!(part.notices.contains(&Notice::PartlyReceived), "{:?}", part.notices);
    assert_eq!(part.from, None);
    // The folder names them the same, so the inbox has each once.
    let (folder, stop) = (Folder::default(), CancellationToken::new());
    let enough = async {
        while folder.0.lock().unwrap().len() < 2 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        stop.cancel();
    };
    let receiver = account.receiver.unwrap();
    let both = async { tokio::join!(receiver.run(&folder, stop.clone()), enough) };
    tokio::time::timeout(Duration::from_secs(60), both).await.unwrap();
    let names: Vec<_> = items.iter().map(|item| item.external_ref.clone()).collect();
    assert_eq!(*folder.0.lock().unwrap(), names);
    assert_ne!(names[0], names[1]);
}

/// Names of what came from the folder.
#[derive(Default)]
struct Folder(Mutex<Vec<String>>);

#[async_trait::async_trait]
impl Inbox for Folder {
    async fn cursor(&self) -> Result<Option<Cursor>, BoxError> {
        Ok(None)
    }

    async fn accept(&self, batch: Batch) -> Result<(), BoxError> {
        self.0.lock().unwrap().extend(batch.items.into_iter().map(|item| item.external_ref));
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fax_is_queued_once_and_its_fate_is_reported() {
    let (server, scratch) = (server(), tempfile::tempdir().unwrap());
    let account = account(Some(&server), scratch.path());
    let (url, web) = serve(account.hook.clone().unwrap()).await;
    server.call(&url, SECRET);
    let sender = account.sender.clone().unwrap();
    assert!(sender.check().await.unwrap().contains("accepts"));
    let mut message = answer("msg-42");
    message.attachments.push(OutgoingAttachment {
        name: "modulo.tif".into(),
        media_type: "image/tiff".into(),
        bytes: fax().into(),
        content_id: None,
    });
    let sent = sender.deliver(&message).await.unwrap();
    let job = sent.provider_id.clone().unwrap();
    assert_eq!(sender.deliver(&message).await.unwrap().provider_id, sent.provider_id, "the same job is found again");
    assert_ne!(sender.deliver(&answer("msg-43")).await.unwrap().provider_id, sent.provider_id);
    let queued = queue_file(&server, &job);
    let fields = std::fs::read_to_string(&queued).unwrap();
    for field in ["number:+390805550001", "jobtag:msg-42", "sender:Comune di Prova"] {
        assert!(fields.lines().any(|line| line == field), "{field} in {fields}");
    }
    assert_eq!(fields.lines().filter(|l| l.contains("docq/")).count(), 2, "cover and attachment: {fields}");
    // What the queue does when the modem has sent all.
    server.notify(&queued, "done");
    let report = reported(&account, &web, &server, |r| r.name == "done");
    assert_eq!((report.provider_ids.as_slice(), report.own_id.as_deref()), ([job.clone()].as_slice(), Some("msg-42")));
    assert_eq!(report.recipients[0].action, Action::Delivered);
    server.notify(&queued, "requeued");
    let delayed = reported(&account, &web, &server, |r| r.name == "requeued");
    assert_eq!(delayed.recipients[0].action, Action::Delayed);
    // The queue itself calls when an operator takes the job out.
    server.remove(&job, "sportello");
    let removed = reported(&account, &web, &server, |r| r.recipients[0].action == Action::Failed);
    assert_eq!((removed.own_id.as_deref(), removed.name.as_str()), (Some("msg-42"), "killed"));
    assert_ne!(sender.deliver(&message).await.unwrap().provider_id, sent.provider_id, "what failed can be tried again");
}

/// Waits for a report that fits.
fn reported(account: &Account, web: &Web, server: &HylaFax, fits: impl Fn(&DeliveryReport) -> bool) -> DeliveryReport {
    for count in 1.. {
        let item = web.wait(count, server).swap_remove(count - 1);
        if let Some(report) = read(account, &item).report.filter(|r| fits(r)) {
            return report;
        }
    }
    unreachable!()
}

fn queue_file(server: &HylaFax, job: &str) -> PathBuf {
    server.spool().join(format!("sendq/q{job}"))
}

/// Passes a connection on until the server has answered so many times, then breaks it; answers its port.
async fn cut_after(server: u16, answers: usize) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut client, _) = listener.accept().await.unwrap();
        let mut peer = tokio::net::TcpStream::connect(("127.0.0.1", server)).await.unwrap();
        let (mut asked, mut answered, mut seen) = (vec![0; 4096], vec![0; 4096], 0);
        loop {
            tokio::select! {
                read = client.read(&mut asked) => match read {
                    Ok(n) if n > 0 => peer.write_all(&asked[..n]).await.unwrap(),
                    _ => return,
                },
                read = peer.read(&mut answered) => match read {
                    Ok(n) if n > 0 => {
                        seen += 1;
                        // The server did what it was asked, and nobody learns of it.
                        if seen > answers || client.write_all(&answered[..n]).await.is_err() {
                            return;
                        }
                    }
                    _ => return,
                },
            }
        }
    });
    port
}

fn sender_at(port: u16, scratch: &std::path::Path) -> Arc<dyn channels::Deliver<Outgoing>> {
    let settings = BTreeMap::from([("server".to_owned(), format!("127.0.0.1:{port}"))]);
    let context = Context { scratch: scratch.to_owned(), ..Context::default() };
    Driver.open(&Settings::new(settings, BTreeMap::new()), &context).unwrap().sender.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn wherever_the_transfer_breaks_off_the_fax_is_queued_once() {
    let (mut server, scratch) = (server(), tempfile::tempdir().unwrap());
    let mut broken = 0;
    for answers in 0..60 {
        let message = answer(&format!("cut-{answers}"));
        let first = sender_at(cut_after(server.port(), answers).await, scratch.path()).deliver(&message).await;
        broken += usize::from(first.is_err());
        assert!(!matches!(first, Err(DeliveryError::Permanent(_))), "{answers}: {first:?}");
        let again = sender_at(server.port(), scratch.path()).deliver(&message).await.unwrap();
        assert_eq!(server.jobs(&message.id), 1, "cut after {answers} answers");
        if let Ok(sent) = first {
            assert_eq!(sent.provider_id, again.provider_id);
            break;
        }
    }
    assert!(broken > 20, "only {broken} places were tried");
    // The server itself dies while faxes are handed to it, again and again.
    let mut sent = Vec::new();
    for round in 0..5_u64 {
        let sender = sender_at(server.port(), scratch.path());
        let work: Vec<_> = (0..4)
            .map(|n| {
                let (sender, message) = (Arc::clone(&sender), answer(&format!("kill-{round}-{n}")));
                tokio::spawn(async move { sender.deliver(&message).await.is_ok() })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(20 + round * 37)).await;
        server.stop();
        for one in work {
            one.await.unwrap();
        }
        server.resume();
        sent.extend((0..4).map(|n| format!("kill-{round}-{n}")));
    }
    let sender = sender_at(server.port(), scratch.path());
    for id in &sent {
        sender.deliver(&answer(id)).await.unwrap();
        assert_eq!(server.jobs(id), 1, "{id}");
    }
}

#[tokio::test]
async fn what_cannot_be_dialled_or_paged_is_refused_and_a_dead_server_is_not() {
    let scratch = tempfile::tempdir().unwrap();
    let settings = BTreeMap::from([("server".to_owned(), format!("127.0.0.1:{}", peers::free_port()))]);
    let context = Context { scratch: scratch.path().to_owned(), ..Context::default() };
    let sender = Driver.open(&Settings::new(settings, BTreeMap::new()), &context).unwrap().sender.unwrap();
    let mut message = answer("msg-1");
    assert!(matches!(sender.deliver(&message).await, Err(DeliveryError::Transient(_))));
    message.recipient = "1234\"\r\nJKILL 1".into();
    assert!(matches!(sender.deliver(&message).await, Err(DeliveryError::Permanent(_))));
    message = answer("msg-1");
    message.attachments.push(OutgoingAttachment {
        name: "foglio.ods".into(),
        media_type: "application/octet-stream".into(),
        bytes: Bytes::from_static(b"PK"),
        content_id: None,
    });
    let refused = sender.deliver(&message).await.unwrap_err();
    assert!(matches!(&refused, DeliveryError::Permanent(r) if r.text.contains("foglio.ods")), "{refused}");
    assert!(Driver.open(&Settings::default(), &context).is_err(), "an account that can do nothing");
}

#[tokio::test]
async fn only_signed_and_readable_requests_are_taken() {
    let hook = FaxHook::new(Secret::new(SECRET), 1 << 20);
    let request = |secret: &str, path: &str, body: &'static [u8]| HookRequest {
        method: "POST".into(),
        url: String::new(),
        path: path.into(),
        query: "file=recvq/../../fax1.tif&caller=0801%0Akind:%20report".into(),
        headers: vec![("authorization".into(), format!("Bearer {secret}"))],
        body: Bytes::from_static(body),
        now: "2026-02-03T09:00:00Z".parse().unwrap(),
    };
    let forged = hook.accept(&request("altro", "in", b"II*\0")).await;
    assert_eq!(forged.unwrap_err(), HookRefusal::Forbidden);
    assert_eq!(hook.accept(&request(SECRET, "altrove", b"II*\0")).await.unwrap_err(), HookRefusal::NotFound);
    assert!(matches!(hook.accept(&request(SECRET, "in", b"GIF89a")).await, Err(HookRefusal::Malformed(_))));
    assert!(matches!(hook.accept(&request(SECRET, "out", b"job=../1&why=done")).await, Err(HookRefusal::Malformed(_))));
    let accepted = hook.accept(&request(SECRET, "in", b"%PDF-1.4")).await.unwrap();
    assert!(accepted.items[0].external_ref.starts_with("fax1.tif."));
    let again = hook.accept(&request(SECRET, "in", b"%PDF-1.4")).await.unwrap();
    assert_eq!(accepted.items[0].external_ref, again.items[0].external_ref);
    let RawContent::Whole(bytes) = &accepted.items[0].content else {
        panic!("not whole");
    };
    assert!(!String::from_utf8_lossy(bytes).contains("\nkind"), "a value cannot become a line of its own");
    assert_eq!(
        FaxHook::new(Secret::default(), 1).accept(&request("", "in", b"II*\0")).await.unwrap_err(),
        HookRefusal::Forbidden
    );
}

proptest! {
    #[test]
    fn any_signed_request_is_stored_whole_or_refused(query in "[a-z=&%+0-9]{0,80}", body in prop::collection::vec(any::<u8>(), 0..300), path in "in|out|x") {
        let hook = FaxHook::new(Secret::new(SECRET), 1 << 20);
        let request = HookRequest {
            method: "POST".into(),
            url: String::new(),
            path,
            query,
            headers: vec![("authorization".into(), format!("Bearer {SECRET}"))],
            body: body.into(),
            now: "2026-02-03T09:00:00Z".parse().unwrap(),
        };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        if let Ok(accepted) = runtime.block_on(hook.accept(&request)) {
            let RawContent::Whole(bytes) = &accepted.items[0].content else {
                panic!("not whole");
            };
            let reader = PaperReader { programs: Programs::new("", std::env::temp_dir()), ..PaperReader::default() };
            let read = FaxNormaliser::new(reader, 1 << 20).normalise(bytes);
            prop_assert!(request.path == "in" || read.unwrap().report.is_some());
        }
    }
}
