//! Puts mail into the mailboxes of a server by LMTP (RFC 2033), or hands it to one by SMTP without protection: both
//! only on this machine.

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufStream};
use tokio::net::TcpStream;

use crate::email::is_loopback;

/// One connection.
#[derive(Debug)]
pub struct Lmtp {
    stream: BufStream<TcpStream>,
}

impl Lmtp {
    /// Connects to `host:port`.
    ///
    /// # Errors
    /// A sentence when nobody answers there, or it is another machine.
    pub async fn connect(server: &str) -> Result<Self, String> {
        let host = server.rsplit_once(':').map_or(server, |(host, _)| host);
        if !is_loopback(host) {
            return Err(format!("mail to {host} would travel in clear: LMTP is for this machine only"));
        }
        let stream = TcpStream::connect(server).await.map_err(|e| format!("{server}: {e}"))?;
        stream.set_nodelay(true).map_err(|e| e.to_string())?;
        let mut lmtp = Self { stream: BufStream::new(stream) };
        lmtp.answer('2').await?;
        lmtp.say("LHLO simulator.example", '2').await?;
        Ok(lmtp)
    }

    /// Delivers one message to one mailbox.
    ///
    /// # Errors
    /// What the server said.
    pub async fn deliver(&mut self, from: &str, to: &str, message: &[u8]) -> Result<(), String> {
        self.say(&format!("MAIL FROM:<{from}>"), '2').await?;
        self.say(&format!("RCPT TO:<{to}>"), '2').await?;
        self.say("DATA", '3').await?;
        let mut wire = Vec::with_capacity(message.len() + 64);
        for line in message.split_inclusive(|b| *b == b'\n') {
            if line.starts_with(b".") {
                wire.push(b'.');
            }
            wire.extend_from_slice(line);
        }
        wire.extend_from_slice(if message.ends_with(b"\n") { b".\r\n" } else { b"\r\n.\r\n" });
        self.stream.write_all(&wire).await.map_err(|e| e.to_string())?;
        self.stream.flush().await.map_err(|e| e.to_string())?;
        self.answer('2').await
    }

    async fn say(&mut self, words: &str, expected: char) -> Result<(), String> {
        self.stream.write_all(format!("{words}\r\n").as_bytes()).await.map_err(|e| e.to_string())?;
        self.stream.flush().await.map_err(|e| e.to_string())?;
        self.answer(expected).await
    }

    async fn answer(&mut self, expected: char) -> Result<(), String> {
        loop {
            let mut line = String::new();
            if self.stream.read_line(&mut line).await.map_err(|e| e.to_string())? == 0 {
                return Err("the server closed the connection".to_owned());
            }
            // A hyphen after the code says that another line follows.
            if line.as_bytes().get(3) != Some(&b'-') {
                return if line.starts_with(expected) { Ok(()) } else { Err(line.trim_end().to_owned()) };
            }
        }
    }
}
