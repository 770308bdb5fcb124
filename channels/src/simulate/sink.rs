//! The mail server to which the platform submits: it takes everything and hands it to whoever plays the recipients.

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufStream};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use crate::email::is_loopback;

/// Longest line of a command.
const LINE: u64 = 4096;
/// Largest message that is taken.
const MESSAGE: usize = 64 << 20;

/// A message that was submitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caught {
    /// Envelope sender; empty when null.
    pub from: String,
    /// Envelope recipients.
    pub to: Vec<String>,
    /// The message as it came.
    pub raw: Vec<u8>,
}

/// A mail server on this machine. It takes any account and password.
#[derive(Debug)]
pub struct Sink {
    listener: TcpListener,
}

impl Sink {
    /// Listens on `host:port`.
    ///
    /// # Errors
    /// A sentence when it cannot, or another machine could reach it.
    pub async fn listen(address: &str) -> Result<Self, String> {
        Ok(Self { listener: local_listener(address).await? })
    }

    /// Serves until the receiver of `caught` is dropped.
    pub async fn serve(self, caught: mpsc::Sender<Caught>) {
        while let Ok((stream, _)) = self.listener.accept().await {
            if caught.is_closed() {
                return;
            }
            let caught = caught.clone();
            tokio::spawn(async move {
                // A client that breaks off sends again.
                let _served = converse(BufStream::new(stream), &caught).await;
            });
        }
    }
}

/// Listens on this machine only: what stands behind has no passwords.
pub(super) async fn local_listener(address: &str) -> Result<TcpListener, String> {
    let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
    if !is_loopback(host) {
        return Err(format!("{host}: simulators listen on this machine only"));
    }
    TcpListener::bind(address).await.map_err(|e| format!("{address}: {e}"))
}

async fn converse(mut stream: BufStream<TcpStream>, caught: &mpsc::Sender<Caught>) -> std::io::Result<()> {
    say(&mut stream, "220 simulator.example ESMTP").await?;
    let (mut from, mut to) = (String::new(), Vec::new());
    loop {
        let mut line = String::new();
        if (&mut stream).take(LINE).read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let line = line.trim_end();
        let verb = line.split(' ').next().unwrap_or_default().to_ascii_uppercase();
        match verb.as_str() {
            "EHLO" => {
                let size =
                    format!("250-simulator.example\r\n250-SIZE {MESSAGE}\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN");
                say(&mut stream, &size).await?;
            }
            "HELO" | "RSET" | "NOOP" => {
                (from, to) = (String::new(), Vec::new());
                say(&mut stream, "250 ok").await?;
            }
            "AUTH" => {
                // LOGIN, or PLAIN without its answer, asks for more.
                let questions = match line.split(' ').count() {
                    2 if line.to_ascii_uppercase().ends_with("LOGIN") => 2,
                    2 => 1,
                    _ => 0,
                };
                for _ in 0..questions {
                    say(&mut stream, "334 VXNlcm5hbWU6").await?;
                    let mut answer = String::new();
                    (&mut stream).take(LINE).read_line(&mut answer).await?;
                }
                say(&mut stream, "235 welcome").await?;
            }
            "MAIL" => {
                from = address(line);
                say(&mut stream, "250 ok").await?;
            }
            "RCPT" => {
                to.push(address(line));
                say(&mut stream, "250 ok").await?;
            }
            "DATA" => {
                say(&mut stream, "354 go on").await?;
                let Some(raw) = message(&mut stream).await? else { return Ok(()) };
                let taken = Caught { from: std::mem::take(&mut from), to: std::mem::take(&mut to), raw };
                let kept = caught.send(taken).await.is_ok();
                say(&mut stream, if kept { "250 2.0.0 queued as simulated" } else { "421 closing" }).await?;
            }
            "QUIT" => return say(&mut stream, "221 bye").await,
            _ => say(&mut stream, "502 unknown").await?,
        }
    }
}

async fn message(stream: &mut BufStream<TcpStream>) -> std::io::Result<Option<Vec<u8>>> {
    let mut raw = Vec::new();
    loop {
        let mut line = Vec::new();
        let read = stream.take(MESSAGE as u64).read_until(b'\n', &mut line).await?;
        if read == 0 || raw.len() > MESSAGE {
            return Ok(None);
        }
        if line == b".\r\n" || line == b".\n" {
            return Ok(Some(raw));
        }
        raw.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
    }
}

async fn say(stream: &mut BufStream<TcpStream>, words: &str) -> std::io::Result<()> {
    stream.write_all(words.as_bytes()).await?;
    stream.write_all(b"\r\n").await?;
    stream.flush().await
}

fn address(line: &str) -> String {
    let inside = line.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inside.map_or_else(String::new, |(address, _)| address.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Secret;
    use crate::email::{Composed, Security, SmtpConfig, SmtpSender};

    #[tokio::test]
    async fn what_the_platform_submits_is_caught_as_it_was() {
        let _other_tests_may_have = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
        let sink = Sink::listen("127.0.0.1:0").await.unwrap();
        let port = sink.listener.local_addr().unwrap().port();
        let (sender, mut caught) = mpsc::channel(8);
        tokio::spawn(sink.serve(sender));
        let config = SmtpConfig {
            port: Some(port),
            security: Security::Plain,
            user: Some("urp".to_owned()),
            password: Secret::new("any"),
            ..SmtpConfig::new("127.0.0.1")
        };
        let bytes = b"From: urp@cc.test\r\nSubject: Prova\r\n\r\n.punto\r\nfine\r\n".to_vec();
        let mail = Composed { bytes: bytes.clone(), envelope_from: None, envelope_to: "anna@posta.example".into() };
        SmtpSender::new(&config).unwrap().submit(&mail).await.unwrap();
        let came = caught.recv().await.unwrap();
        assert_eq!((came.from.as_str(), came.to), ("", vec!["anna@posta.example".to_owned()]));
        // The client ends every message with a line of its own.
        assert_eq!(came.raw.trim_ascii_end(), bytes.trim_ascii_end());
        assert!(Sink::listen("192.0.2.1:25").await.is_err(), "no other machine may hand in mail");
    }
}
