//! The client protocol of HylaFAX (hfaxd): commands and answers in lines like FTP, files over connections of
//! their own.

use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::{DeliveryError, Refusal};

/// Longest line and longest answer of the server, in bytes.
const LINE_LIMIT: u64 = 4096;
/// Most lines of one answer.
const ANSWER_LINES: usize = 200;
/// Longest list of jobs that is read, in bytes.
const LIST_LIMIT: u64 = 8 << 20;
/// Bytes that even a slow line carries in a second.
const SLOW_LINE: u64 = 16 << 10;

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) code: u16,
    pub(super) text: String,
}

/// A connection that has signed in.
pub(super) struct Connection {
    control: BufReader<TcpStream>,
    host: String,
    patience: Duration,
}

pub(super) fn later(text: impl Into<String>) -> DeliveryError {
    DeliveryError::Transient(Refusal { code: None, status: None, text: text.into() })
}

pub(super) fn never(text: impl Into<String>) -> DeliveryError {
    DeliveryError::Permanent(Refusal { code: None, status: None, text: text.into() })
}

impl Answer {
    fn refused(self) -> DeliveryError {
        let refusal = Refusal { code: Some(self.code), status: None, text: self.text };
        // 501 and 504 are about what we said; all else is about the server, and passes.
        if matches!(self.code, 501 | 504) {
            DeliveryError::Permanent(refusal)
        } else {
            DeliveryError::Transient(refusal)
        }
    }
}

/// A text as the server reads it in quotes.
pub(super) fn quoted(text: &str) -> String {
    let clean: String = text.chars().filter(|c| !c.is_control() && !matches!(c, '"' | '\\')).take(120).collect();
    format!("\"{clean}\"")
}

impl Connection {
    pub(super) async fn open(
        host: &str,
        port: u16,
        user: &str,
        password: &str,
        patience: Duration,
    ) -> Result<Self, DeliveryError> {
        let stream = timeout(patience, TcpStream::connect((host, port))).await;
        let stream = stream.map_err(|_| later("the fax server does not answer"))?;
        let stream = stream.map_err(|e| later(format!("the fax server cannot be reached: {e}")))?;
        let mut connection = Self { control: BufReader::new(stream), host: host.to_owned(), patience };
        connection.expect(&[220]).await?;
        let word = |text: &str| text.chars().filter(|c| !c.is_control()).collect::<String>();
        let answer = connection.ask(&format!("USER {}", word(user)), &[230, 331, 332]).await?;
        if answer.code == 331 {
            connection.ask(&format!("PASS {}", word(password)), &[230]).await?;
        }
        Ok(connection)
    }

    /// Says something and takes one of the expected answers.
    pub(super) async fn ask(&mut self, command: &str, expected: &[u16]) -> Result<Answer, DeliveryError> {
        let line = format!("{command}\r\n");
        let sent = timeout(self.patience, self.control.get_mut().write_all(line.as_bytes())).await;
        sent.map_err(|_| later("the fax server stopped listening"))?.map_err(|e| later(e.to_string()))?;
        self.expect(expected).await
    }

    async fn expect(&mut self, expected: &[u16]) -> Result<Answer, DeliveryError> {
        let answer = timeout(self.patience, self.answer()).await.map_err(|_| later("the fax server fell silent"))??;
        if expected.contains(&answer.code) { Ok(answer) } else { Err(answer.refused()) }
    }

    async fn answer(&mut self) -> Result<Answer, DeliveryError> {
        let mut text = String::new();
        for _ in 0..ANSWER_LINES {
            let mut line = Vec::new();
            let read = (&mut self.control).take(LINE_LIMIT).read_until(b'\n', &mut line).await;
            if read.map_err(|e| later(e.to_string()))? == 0 {
                return Err(later("the fax server closed the connection"));
            }
            let line = String::from_utf8_lossy(&line).trim_end().to_owned();
            let code = line.get(..3).and_then(|code| code.parse::<u16>().ok());
            text.push_str(if text.is_empty() { "" } else { " " });
            text.push_str(line.get(4..).unwrap_or(&line).trim());
            // Lines before the last have a hyphen after the code, or no code at all.
            if let (Some(code), None | Some(" ")) = (code, line.get(3..4)) {
                return Ok(Answer { code, text });
            }
        }
        Err(later("the answer of the fax server does not end"))
    }

    /// A connection for one file. It goes to the host we know, whatever address the server believes it has.
    async fn data(&mut self) -> Result<TcpStream, DeliveryError> {
        let answer = self.ask("PASV", &[227]).await?;
        let port = passive_port(&answer.text).ok_or_else(|| later("the fax server names no port for files"))?;
        let stream = timeout(self.patience, TcpStream::connect((self.host.as_str(), port))).await;
        stream
            .map_err(|_| later("no connection for files"))?
            .map_err(|e| later(format!("no connection for files: {e}")))
    }

    /// Stores a document; returns the server's name for it.
    pub(super) async fn store(&mut self, content: &[u8]) -> Result<String, DeliveryError> {
        let mut data = self.data().await?;
        let begun = self.ask("STOT", &[150, 125]).await?;
        let name = after(&begun.text, "FILE:").ok_or_else(|| later("the fax server names no file"))?;
        let limit = self.patience + Duration::from_secs(content.len() as u64 / SLOW_LINE);
        let sent = timeout(limit, async {
            data.write_all(content).await?;
            data.shutdown().await
        });
        sent.await.map_err(|_| later("the file went too slowly"))?.map_err(|e| later(e.to_string()))?;
        drop(data);
        self.expect(&[226, 250]).await?;
        Ok(name)
    }

    /// The text of a listing.
    pub(super) async fn list(&mut self, what: &str) -> Result<String, DeliveryError> {
        let data = self.data().await?;
        self.ask(&format!("LIST {what}"), &[150, 125]).await?;
        let mut bytes = Vec::new();
        let read = timeout(self.patience * 2, data.take(LIST_LIMIT).read_to_end(&mut bytes)).await;
        read.map_err(|_| later("the list of jobs does not end"))?.map_err(|e| later(e.to_string()))?;
        self.expect(&[226, 250]).await?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

/// The word after a label in an answer.
pub(super) fn after(text: &str, label: &str) -> Option<String> {
    let word: String = text.split_once(label)?.1.trim_start().chars().take_while(|c| !c.is_whitespace()).collect();
    let word = word.trim_end_matches(['.', ')', ',', ';']).to_owned();
    (!word.is_empty()).then_some(word)
}

/// The port in `(h1,h2,h3,h4,p1,p2)`.
fn passive_port(text: &str) -> Option<u16> {
    let inside = text.split_once('(')?.1.split_once(')')?.0;
    let numbers: Vec<u16> =
        inside.split(',').map(|n| n.trim().parse::<u8>().map(u16::from)).collect::<Result<_, _>>().ok()?;
    match numbers.as_slice() {
        [_, _, _, _, high, low] => Some(high * 256 + low),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_taken_apart() {
        assert_eq!(passive_port("Entering passive mode (127,0,0,1,56,215)."), Some(56 * 256 + 215));
        assert_eq!(passive_port("Entering passive mode (127,0,0,1,56,900)."), None);
        assert_eq!(after("New job created: jobid: 3 groupid: 3.", "jobid:").as_deref(), Some("3"));
        assert_eq!(
            after("FILE: /tmp/doc3.tif (Opening new data connection).", "FILE:").as_deref(),
            Some("/tmp/doc3.tif")
        );
        assert_eq!(quoted("a\"\r\nJKILL 1"), "\"aJKILL 1\"");
    }
}
