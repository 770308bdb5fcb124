//! A provider with an interface like Twilio's, played by a test.
use reqwest::Url;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A request as the provider sees it.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Method, path and query, as `GET /2010-04-01/…`.
    pub line: String,
    /// Name and password, encoded as in the header; empty without.
    pub basic: String,
    pub body: String,
    /// The headers as they came.
    pub head: String,
}

impl Asked {
    /// A header; empty when absent.
    pub fn header(&self, name: &str) -> String {
        let of =
            |line: &str| line.split_once(": ").filter(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.to_owned());
        self.head.lines().find_map(of).unwrap_or_default()
    }

    /// A parameter of the query.
    pub fn query(&self, name: &str) -> Option<String> {
        let path = self.line.split(' ').nth(1).unwrap_or_default();
        let url = Url::parse("http://provider").ok()?.join(path).ok()?;
        url.query_pairs().find(|(n, _)| n == name).map(|(_, value)| value.into_owned())
    }
}

/// Answers each request as the function says, as long as the test runs; the address to be asked at.
pub async fn play_provider(answer: impl Fn(&Asked) -> (u16, Value) + Send + Sync + 'static) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("its address"));
    let answer = std::sync::Arc::new(answer);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let answer = answer.clone();
            tokio::spawn(async move {
                let Some(asked) = read(&mut stream).await else { return };
                let (status, body) = answer(&asked);
                let body = if body.is_null() { String::new() } else { body.to_string() };
                let head =
                    format!("HTTP/1.1 {status} x\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
                let _gone = stream.write_all(format!("{head}{body}").as_bytes()).await;
            });
        }
    });
    url
}

async fn read(stream: &mut TcpStream) -> Option<Asked> {
    let mut raw = Vec::new();
    loop {
        let mut some = [0; 4096];
        match stream.read(&mut some).await {
            Ok(0) | Err(_) => return None,
            Ok(n) => raw.extend_from_slice(&some[..n]),
        }
        let text = String::from_utf8_lossy(&raw).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let header = |name: &str| {
            let of = |line: &str| {
                line.split_once(": ").filter(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.to_owned())
            };
            head.lines().find_map(of).unwrap_or_default()
        };
        if body.len() >= header("content-length").parse().unwrap_or(0) {
            let line = head.lines().next().unwrap_or_default().to_owned();
            let basic = header("authorization").trim_start_matches("Basic ").to_owned();
            return Some(Asked { line, basic, body: body.to_owned(), head: head.to_owned() });
        }
    }
}
