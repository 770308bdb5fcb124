//! What strangers send to the hooks is bounded before it is read, and counted.
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{open, secret};
use crate::support::*;

/// Each driver that is called, with its settings and a path it knows.
fn hooks() -> Vec<(&'static str, &'static str, serde_json::Value, &'static str)> {
    vec![
        (
            "kannel",
            "sms_kannel",
            json!({"url": "http://127.0.0.1:1/x", "user": "u", "password": "file:s", "hook_password": "file:s"}),
            "in",
        ),
        (
            "twilio",
            "sms_twilio",
            json!({"account_sid": "AC00000000000000000000000000000000", "auth_token": "file:s", "sender": "+39085123"}),
            "in",
        ),
        ("fax", "fax_hylafax", json!({"hook_secret": "file:s"}), "in"),
        ("sip", "phone_sip", json!({"secret": "file:s"}), "event"),
        (
            "voce",
            "phone_twilio",
            json!({"account_sid": "AC00000000000000000000000000000000", "auth_token": "file:s"}),
            "voice",
        ),
        ("cti", "phone_cti", json!({"secret": "file:s"}), "indovinato"),
        ("segreteria", "voicemail", json!({"secret": "file:s"}), "recording"),
        (
            "segreteria2",
            "voicemail_twilio",
            json!({"account_sid": "AC00000000000000000000000000000000", "auth_token": "file:s"}),
            "recording",
        ),
    ]
}

/// What two ends of a connection on one machine keep for each other.
const SLACK: usize = 24 << 20;

/// The address and headers by which a request proves itself before its body, where it can.
fn proof(name: &str, address: &str) -> (Option<String>, &'static str) {
    match name {
        "kannel" => (Some(format!("{address}?key=una+parola+lunga+e+segreta")), ""),
        "fax" => (Some(address.to_owned()), "Authorization: Bearer una parola lunga e segreta\r\n"),
        "cti" => (Some("/hooks/cti/una%20parola%20lunga%20e%20segreta".to_owned()), ""),
        // Whether it is the right one shows the body; without any nothing is heard.
        "twilio" | "voce" | "segreteria2" => (Some(address.to_owned()), "X-Twilio-Signature: AAAA\r\n"),
        _ => (None, ""),
    }
}

/// Sends the head of a request, and pieces of a body for as long as the server listens; answers the first line of the
/// answer and how many bytes it took.
async fn endless(t: &TestApp, path: &str, headers: &str) -> (String, usize) {
    let mut stream = TcpStream::connect(t.url.trim_start_matches("http://")).await.unwrap();
    let head = format!("POST {path} HTTP/1.1\r\nHost: localhost\r\n{headers}Transfer-Encoding: chunked\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let (mut reading, mut writing) = stream.into_split();
    let (done, mut stop) = tokio::sync::oneshot::channel::<()>();
    let sending = tokio::spawn(async move {
        let piece = [b"10000\r\n".as_slice(), &[b'x'; 65536], b"\r\n"].concat();
        let mut sent = 0;
        while stop.try_recv().is_err() && sent < (1 << 30) {
            if writing.write_all(&piece).await.is_err() {
                break;
            }
            sent += 65536;
        }
        sent
    });
    let mut answer = vec![0; 64];
    let read = tokio::time::timeout(Duration::from_secs(60), reading.read(&mut answer)).await.unwrap().unwrap_or(0);
    // Whoever stopped by themselves no longer listens.
    let _ = done.send(());
    let sent = sending.await.unwrap();
    (String::from_utf8_lossy(&answer[..read]).lines().next().unwrap_or_default().to_owned(), sent)
}

on_each_engine! {
    async fn every_hook_bounds_what_it_reads_and_counts_who_proves_nothing(t: TestApp) {
        secret(&t, "s", "una parola lunga e segreta");
        let mut admin = None;
        for (name, driver, settings, _) in hooks() {
            match &admin {
                None => admin = Some(open(&t, name, driver, settings).await),
                Some(admin) => {
                    let account = json!({"name": name, "driver": driver, "settings": settings, "enabled": true});
                    admin.post_json("/api/v1/accounts", &account).await.expect(201);
                }
            }
        }
        let stranger = t.browser();
        for (name, _, _, path) in hooks() {
            let until = Instant::now() + Duration::from_secs(90);
            while t.services.accounts.open(name).is_none() {
                assert!(Instant::now() < until, "{name} is not opened");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            let address = format!("/hooks/{name}/{path}");
            // Announced: refused before a byte of it is sent.
            let mut stream = TcpStream::connect(t.url.trim_start_matches("http://")).await.unwrap();
            let head = format!("POST {address} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4000000000\r\n\r\n");
            stream.write_all(head.as_bytes()).await.unwrap();
            let mut answer = [0; 12];
            tokio::time::timeout(Duration::from_secs(60), stream.read_exact(&mut answer)).await.unwrap().unwrap();
            assert_eq!(&answer, b"HTTP/1.1 413", "{name}");
            // Not announced: who proves nothing by the head is refused at once, the others soon after the bound. What
            // lies between the two programs is the machine's. An answer may get lost with the rest of the connection.
            let limit = t.services.accounts.open(name).unwrap().account.hook.unwrap().limit();
            let (proven, headers) = proof(name, &address);
            for (address, headers, expected, bound) in [
                (address.as_str(), "", if proven.is_some() { "HTTP/1.1 403" } else { "HTTP/1.1 413" }, if proven.is_some() { 0 } else { limit }),
                (proven.as_deref().unwrap_or(&address), headers, "HTTP/1.1 413", limit),
            ] {
                let mut answered = String::new();
                for _ in 0..10 {
                    let (status, sent) = endless(&t, address, headers).await;
                    assert!(sent <= bound + SLACK, "{name} took {sent} bytes, and {bound} is the most");
                    answered = status;
                    if !answered.is_empty() {
                        break;
                    }
                }
                assert!(answered.starts_with(expected), "{name}: {answered:?}, not {expected}");
            }
            let forged = stranger.request(reqwest::Method::POST, &address)
                .header("content-type", "application/x-www-form-urlencoded").header("x-twilio-signature", "AAAA").body("a=1");
            assert_eq!(stranger.send(forged).await.status, 403, "{name}");
            let metrics = stranger.get("/metrics").await;
            for (result, least) in [("forbidden", 1), ("too_large", 2)] {
                let line = format!("hook_requests_total{{account=\"{name}\",result=\"{result}\"}} ");
                let count: i64 = metrics.between(&line, "\n").unwrap_or("0").parse().unwrap();
                assert!(count >= least, "{name} {result} {count}");
            }
        }
        assert_eq!(t.number("SELECT COUNT(*) FROM raw_items").await, 0);
    }
}
