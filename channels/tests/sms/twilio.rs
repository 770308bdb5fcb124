//! What is sent to Twilio, and how its answers are understood. Its signatures are checked against its own library's
//! values where they are read (`sms::twilio::signature`).

use channels::{Account, DeliveryError, HookRequest};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

use crate::support::{open, outgoing, read_request};

const CITIZEN: &str = "+393331234567";

fn account(url: &str) -> Account {
    let values = [("url", url), ("account_sid", "AC0001"), ("auth_token", "gettone"), ("sender", "+39 06 1234567")];
    open("sms_twilio", "https://urp.example/hooks/sms", &values)
}

/// Sends one message to a server that gives this answer; what it was asked, and what became of the message.
async fn exchange(status: u16, answer: &str) -> (HookRequest, Result<channels::Sent, DeliveryError>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let answer =
        format!("HTTP/1.1 {status} x\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{answer}", answer.len());
    let served = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let request = read_request(&mut stream, port).await.unwrap();
        stream.write_all(answer.as_bytes()).await.unwrap();
        request
    };
    let sender = account(&format!("http://127.0.0.1:{port}")).sender.unwrap();
    let message = outgoing("7", "333 1234567", "La strada è “chiusa” & riapre lunedì");
    tokio::join!(served, sender.deliver(&message))
}

#[tokio::test]
async fn a_message_is_asked_for_as_documented() {
    let (request, sent) = exchange(201, r#"{"sid":"SM1","status":"queued"}"#).await;
    assert_eq!(sent.unwrap().provider_id.as_deref(), Some("SM1"));
    assert!(request.url.ends_with("/2010-04-01/Accounts/AC0001/Messages.json"), "{}", request.url);
    assert_eq!(request.header("authorization"), Some("Basic QUMwMDAxOmdldHRvbmU="));
    let body = String::from_utf8_lossy(&request.body).into_owned();
    assert!(body.contains("To=%2B393331234567&Body=La%20strada%20%C3%A8%20%22chiusa%22%20%26"), "{body}");
    assert!(body.contains("From=%2B39061234567"), "{body}");
    assert!(body.contains("StatusCallback=https%3A%2F%2Furp%2Eexample%2Fhooks%2Fsms%2Fstatus%3Fid%3DNw"), "{body}");
}

#[tokio::test]
async fn only_what_concerns_the_message_is_for_good() {
    let permanent = [r#"{"code":21211,"message":"Invalid 'To'"}"#, r#"{"code":21610,"message":"unsubscribed"}"#];
    for answer in permanent {
        let (_, failed) = exchange(400, answer).await;
        let Err(DeliveryError::Permanent(refusal)) = failed else { panic!("{answer}") };
        assert!(refusal.text.starts_with("21"), "{refusal}");
    }
    for (status, answer) in [
        (400, r#"{"code":21606,"message":"not your number"}"#),
        (400, "no json"),
        (401, r#"{"code":20003,"message":"Authenticate"}"#),
        (429, "{}"),
        (503, ""),
        (302, ""),
        (200, "<html>a proxy</html>"),
    ] {
        let (_, failed) = exchange(status, answer).await;
        assert!(matches!(failed, Err(DeliveryError::Transient(_))), "{status} {answer}: {failed:?}");
    }
    let nobody = account("http://127.0.0.1:1").sender.unwrap();
    assert!(matches!(nobody.deliver(&outgoing("1", CITIZEN, "x")).await, Err(DeliveryError::Transient(_))));
    assert!(nobody.check().await.unwrap_err().contains("cannot be reached"));
}
