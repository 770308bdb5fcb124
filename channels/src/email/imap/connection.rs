//! One connection to the server: opened, signed in, and the few commands that reading needs. Every answer is
//! followed to its tagged end, so that a connection that breaks half-way is never taken for an empty mailbox.

use std::collections::HashMap;
use std::time::Duration;

use async_imap::imap_proto::{
    AttributeValue, Capability, MailboxDatum, MessageSection, Response, ResponseCode, SectionPath, Status,
};
use async_imap::{Client, Session};
use bytes::Bytes;
use jiff::Timestamp;
use jiff::civil::Date;
use rustls_pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::sync::CancellationToken;

use super::wire::Wire;
use super::{ImapConfig, Security};
use crate::email::tls;

/// Numbers named in one command: servers bound the length of a line.
const NUMBERS_TOGETHER: usize = 500;

/// What keeps a mailbox from being read, each a sentence for an operator.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImapError {
    /// The configuration cannot work.
    #[error("{0}")]
    Configuration(String),
    /// No connection.
    #[error("the IMAP server {server} cannot be reached: {why}")]
    Unreachable { server: String, why: String },
    /// No trusted TLS.
    #[error("the IMAP server {server} cannot be reached safely: {why}")]
    Tls { server: String, why: String },
    /// Account or password refused.
    #[error("the IMAP server {server} refuses the account or its password: {why}")]
    Login { server: String, why: String },
    /// The folder cannot be opened.
    #[error("the folder {folder} cannot be opened: {why}")]
    Folder { folder: String, why: String },
    /// The server refused a command.
    #[error("the IMAP server refuses: {0}")]
    Refused(String),
    /// The server's answer cannot be understood.
    #[error("the IMAP server's answer cannot be understood")]
    Unreadable,
    /// The connection broke.
    #[error("the connection to the IMAP server broke: {0}")]
    Lost(String),
    /// What was received could not be stored; not the server's fault.
    #[error("the received mail could not be stored: {0}")]
    Storage(String),
    /// We were told to stop.
    #[error("stopped")]
    Stopped,
}

/// An open folder.
#[derive(Debug, Clone, Copy)]
pub(super) struct Folder {
    pub validity: u32,
    pub messages: u32,
}

/// A message the server lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Listed {
    pub uid: u32,
    pub size: u64,
    pub received_at: Option<Timestamp>,
}

/// Which bytes of a message to fetch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    Whole,
    Headers,
}

#[derive(Debug)]
pub(super) struct Connection {
    session: Session<Wire>,
    patience: Duration,
    /// The server told of new messages since this was last cleared.
    pub news: bool,
    /// The server tells of news by itself.
    pub pushes: bool,
}

impl Connection {
    pub(super) async fn open(config: &ImapConfig) -> Result<Self, ImapError> {
        let server = format!("{}:{}", config.host, config.port());
        let patience = Duration::from_secs(config.timeout_seconds.max(1));
        let opening = Self::sign_in(config, &server, patience);
        let slow = |_| ImapError::Unreachable { server: server.clone(), why: "no answer in time".to_owned() };
        timeout(patience, opening).await.map_err(slow)?
    }

    async fn sign_in(config: &ImapConfig, server: &str, patience: Duration) -> Result<Self, ImapError> {
        let unreachable = |why: String| ImapError::Unreachable { server: server.to_owned(), why };
        let tcp =
            TcpStream::connect((config.host.as_str(), config.port())).await.map_err(|e| unreachable(e.to_string()))?;
        tcp.set_nodelay(true).map_err(|e| unreachable(e.to_string()))?;
        let client = match config.security {
            Security::Tls => {
                let mut client = Client::new(secure(config, server, tcp).await?);
                greeting(&mut client).await.map_err(unreachable)?;
                client
            }
            Security::Plain if tls::is_loopback(&config.host) => {
                let mut client = Client::new(Wire::new(tcp));
                greeting(&mut client).await.map_err(unreachable)?;
                client
            }
            Security::Plain => {
                let text = format!("the password of {} would travel in clear: use tls or starttls", config.host);
                return Err(ImapError::Configuration(text));
            }
            Security::StartTls => {
                let mut clear = Client::new(tcp);
                greeting(&mut clear).await.map_err(unreachable)?;
                let refused =
                    |e: async_imap::error::Error| ImapError::Tls { server: server.to_owned(), why: words(&e) };
                clear.run_command_and_check_ok("STARTTLS", None).await.map_err(refused)?;
                // Whatever was sent in clear after this answer is thrown away with the old reader.
                Client::new(secure(config, server, clear.into_inner()).await?)
            }
        };
        let login = client.login(&config.user, config.password.expose()).await;
        let session = login.map_err(|(e, _)| match e {
            async_imap::error::Error::No(_)
            | async_imap::error::Error::Bad(_)
            | async_imap::error::Error::Validate(_) => ImapError::Login { server: server.to_owned(), why: words(&e) },
            other => unreachable(words(&other)),
        })?;
        let mut connection = Self { session, patience, news: false, pushes: false };
        let mut pushes = false;
        connection
            .run("CAPABILITY", |response| {
                if let Response::Capabilities(list) = response {
                    pushes =
                        list.iter().any(|c| matches!(c, Capability::Atom(name) if name.eq_ignore_ascii_case("IDLE")));
                }
            })
            .await?;
        connection.pushes = pushes;
        Ok(connection)
    }

    /// Opens the folder read-only: nothing we do can mark a message.
    pub(super) async fn examine(&mut self, folder: &str) -> Result<Folder, ImapError> {
        let refused = |why: String| ImapError::Folder { folder: folder.to_owned(), why };
        if !folder.is_ascii() || folder.contains(|c: char| c.is_ascii_control()) {
            return Err(refused("write its name in modified UTF-7".to_owned()));
        }
        let quoted = folder.replace('\\', "\\\\").replace('"', "\\\"");
        let (mut validity, mut messages) = (None, 0);
        let opened = self
            .run(&format!("EXAMINE \"{quoted}\""), |response| match response {
                Response::Data { outcome, .. } => {
                    if let Some(ResponseCode::UidValidity(v)) = outcome.code {
                        validity = Some(v);
                    }
                }
                Response::MailboxData(MailboxDatum::Exists(n)) => messages = *n,
                _ => {}
            })
            .await;
        match opened {
            Err(ImapError::Refused(why)) => Err(refused(why)),
            Err(other) => Err(other),
            Ok(()) => {
                let validity = validity.ok_or_else(|| refused("the server does not number its messages".to_owned()))?;
                Ok(Folder { validity, messages })
            }
        }
    }

    /// The messages numbered from `from` to `to` (or to the last), in order.
    pub(super) async fn list(&mut self, from: u32, to: Option<u32>) -> Result<Vec<Listed>, ImapError> {
        let to = to.map_or_else(|| "*".to_owned(), |n| n.to_string());
        self.listed(&format!("{from}:{to}"), from).await
    }

    /// The messages of these numbers that are there, in order.
    pub(super) async fn list_these(&mut self, uids: &[u32]) -> Result<Vec<Listed>, ImapError> {
        let mut found = Vec::with_capacity(uids.len());
        for some in uids.chunks(NUMBERS_TOGETHER) {
            found.extend(self.listed(&ranges(some), 1).await?);
        }
        Ok(found)
    }

    /// Numbers of the messages that arrived on these days of the server, the last not included.
    pub(super) async fn search(&mut self, since: Date, before: Date) -> Result<Vec<u32>, ImapError> {
        let mut found = Vec::new();
        let day = |date: Date| date.strftime("%-d-%b-%Y").to_string();
        self.run(&format!("UID SEARCH SINCE {} BEFORE {}", day(since), day(before)), |response| {
            if let Response::MailboxData(MailboxDatum::Search(uids)) = response {
                found.extend_from_slice(uids);
            }
        })
        .await?;
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    async fn listed(&mut self, set: &str, from: u32) -> Result<Vec<Listed>, ImapError> {
        let mut found: Vec<Listed> = Vec::new();
        self.run(&format!("UID FETCH {set} (UID RFC822.SIZE INTERNALDATE)"), |response| {
            if let Response::Fetch(_, attributes) = response {
                let mut item = Listed { uid: 0, size: 0, received_at: None };
                for attribute in attributes {
                    match attribute {
                        AttributeValue::Uid(uid) => item.uid = *uid,
                        AttributeValue::Rfc822Size(size) => item.size = u64::from(*size),
                        AttributeValue::InternalDate(date) => item.received_at = internal_date(date),
                        _ => {}
                    }
                }
                // `n:*` names the last message even when its number is lower.
                if item.uid >= from {
                    found.push(item);
                }
            }
        })
        .await?;
        found.sort_by_key(|m| m.uid);
        found.dedup_by_key(|m| m.uid);
        Ok(found)
    }

    /// The bytes of messages; those that the server did not give are not in the answer.
    pub(super) async fn fetch(&mut self, uids: &[u32], section: Section) -> Result<HashMap<u32, Bytes>, ImapError> {
        let mut found = HashMap::new();
        if uids.is_empty() {
            return Ok(found);
        }
        let (what, path) = match section {
            Section::Whole => ("BODY.PEEK[]", None),
            Section::Headers => ("BODY.PEEK[HEADER]", Some(SectionPath::Full(MessageSection::Header))),
        };
        self.run(&format!("UID FETCH {} (UID {what})", ranges(uids)), |response| {
            let Response::Fetch(_, attributes) = response else {
                return;
            };
            let uid = attributes.iter().find_map(|a| if let AttributeValue::Uid(u) = a { Some(*u) } else { None });
            let bytes = attributes.iter().find_map(|a| match a {
                AttributeValue::BodySection { section, data: Some(data), .. } if *section == path => Some(data),
                _ => None,
            });
            if let (Some(uid), Some(bytes)) = (uid, bytes) {
                found.insert(uid, Bytes::copy_from_slice(bytes));
            }
        })
        .await?;
        Ok(found)
    }

    /// Waits until the server tells of new messages, or for `at_most`.
    pub(super) async fn wait_for_news(&mut self, at_most: Duration, stop: &CancellationToken) -> Result<(), ImapError> {
        let end = Instant::now() + at_most;
        let id = self.session.run_command("IDLE").await.map_err(|e| ImapError::Lost(words(&e)))?;
        loop {
            let (ready, news) = self
                .next(|response| match response {
                    Response::Continue(_) => Ok((true, false)),
                    Response::Done { tag, outcome, .. } if *tag == id => {
                        Err(ImapError::Refused(outcome.information.as_deref().unwrap_or("IDLE").to_owned()))
                    }
                    other => Ok((false, is_exists(other))),
                })
                .await??;
            self.news |= news;
            if ready {
                break;
            }
        }
        while !self.news {
            let reading = tokio::select! {
                () = stop.cancelled() => return Err(ImapError::Stopped),
                reading = timeout_at(end, self.session.read_response()) => reading,
            };
            match reading {
                Err(_) => break,
                Ok(Ok(Some(response))) => match response.parsed() {
                    Response::Data { status: Status::Bye, outcome } => {
                        return Err(ImapError::Lost(outcome.information.as_deref().unwrap_or("closed").to_owned()));
                    }
                    other => self.news |= is_exists(other),
                },
                Ok(Ok(None)) => return Err(ImapError::Lost("the server closed it".to_owned())),
                Ok(Err(e)) => return Err(broken(&e)),
            }
        }
        self.session.run_command_untagged("DONE").await.map_err(|e| ImapError::Lost(words(&e)))?;
        loop {
            let (done, news) = self
                .next(|response| match response {
                    Response::Done { tag, .. } if *tag == id => (true, false),
                    other => (false, is_exists(other)),
                })
                .await?;
            self.news |= news;
            if done {
                return Ok(());
            }
        }
    }

    pub(super) async fn logout(&mut self) {
        let _goodbye = timeout(Duration::from_secs(1), self.session.run_command("LOGOUT")).await;
    }

    /// Runs one command, shows each untagged answer to `each`, and returns at its tagged end.
    async fn run(&mut self, command: &str, mut each: impl FnMut(&Response<'_>)) -> Result<(), ImapError> {
        let id = self.session.run_command(command).await.map_err(|e| ImapError::Lost(words(&e)))?;
        loop {
            let mut news = false;
            let end = self
                .next(|response| match response {
                    Response::Done { tag, status, outcome } if *tag == id => Some(match status {
                        Status::Ok => Ok(()),
                        _ => Err(ImapError::Refused(
                            outcome.information.as_deref().unwrap_or("no reason given").to_owned(),
                        )),
                    }),
                    Response::Data { status: Status::Bye, outcome } => {
                        Some(Err(ImapError::Lost(outcome.information.as_deref().unwrap_or("closed").to_owned())))
                    }
                    other => {
                        news = is_exists(other);
                        each(other);
                        None
                    }
                })
                .await?;
            self.news |= news;
            if let Some(end) = end {
                return end;
            }
        }
    }

    async fn next<R>(&mut self, look: impl FnOnce(&Response<'_>) -> R) -> Result<R, ImapError> {
        loop {
            let before = self.session.get_ref().received();
            match timeout(self.patience, self.session.read_response()).await {
                Ok(Ok(Some(response))) => return Ok(look(response.parsed())),
                Ok(Ok(None)) => return Err(ImapError::Lost("the server closed it".to_owned())),
                Ok(Err(e)) => return Err(broken(&e)),
                Err(_) if self.session.get_ref().received() > before => {}
                Err(_) => {
                    return Err(ImapError::Lost(format!("no answer in {} seconds", self.patience.as_secs())));
                }
            }
        }
    }
}

const fn is_exists(response: &Response<'_>) -> bool {
    matches!(response, Response::MailboxData(MailboxDatum::Exists(_)))
}

async fn secure(config: &ImapConfig, server: &str, tcp: TcpStream) -> Result<Wire, ImapError> {
    let unsafe_for = |why: String| ImapError::Tls { server: server.to_owned(), why };
    let connector = tls::connector(config.extra_ca_pem.as_deref()).map_err(ImapError::Configuration)?;
    let name = ServerName::try_from(config.host.clone()).map_err(|e| unsafe_for(e.to_string()))?;
    Ok(Wire::new(connector.connect(name, tcp).await.map_err(|e| unsafe_for(e.to_string()))?))
}

async fn greeting<T>(client: &mut Client<T>) -> Result<(), String>
where
    T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + std::fmt::Debug + Send,
{
    match client.read_response().await {
        Ok(Some(response)) => match response.parsed() {
            Response::Data { status: Status::Bye, outcome } => {
                Err(outcome.information.as_deref().unwrap_or("it is closed").to_owned())
            }
            _ => Ok(()),
        },
        Ok(None) => Err("it closes the connection".to_owned()),
        Err(e) => Err(broken(&e).to_string()),
    }
}

/// The parser's errors quote what was read, which may be a citizen's mail: they are not passed on.
fn broken(e: &std::io::Error) -> ImapError {
    let text = e.to_string();
    if text.contains("during parsing of") || text.contains("too large") {
        ImapError::Unreadable
    } else {
        ImapError::Lost(text)
    }
}

/// The server's own words out of the library's error.
fn words(e: &async_imap::error::Error) -> String {
    let text = e.to_string();
    if let async_imap::error::Error::Io(io) = e {
        return match broken(io) {
            ImapError::Lost(why) => why,
            other => other.to_string(),
        };
    }
    let inside = text.split_once("info: Some(\"").and_then(|(_, rest)| rest.rsplit_once("\")"));
    inside.map_or_else(|| text.clone(), |(said, _)| said.to_owned())
}

fn internal_date(text: &str) -> Option<Timestamp> {
    jiff::fmt::strtime::parse("%d-%b-%Y %H:%M:%S %z", text.trim()).ok()?.to_timestamp().ok()
}

/// `1,2,3,7` → `1:3,7`.
fn ranges(uids: &[u32]) -> String {
    let mut out: Vec<(u32, u32)> = Vec::new();
    for uid in uids {
        match out.last_mut() {
            Some((_, end)) if *end + 1 == *uid => *end = *uid,
            _ => out.push((*uid, *uid)),
        }
    }
    let text = |(a, b): &(u32, u32)| {
        if a == b { a.to_string() } else { format!("{a}:{b}") }
    };
    out.iter().map(text).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_asked_for_in_ranges() {
        assert_eq!(ranges(&[1, 2, 3, 7, 9, 10]), "1:3,7,9:10");
        assert_eq!(ranges(&[]), "");
    }

    #[test]
    fn the_servers_date_is_read() {
        let date = internal_date(" 3-Feb-2026 10:00:00 +0100").unwrap();
        assert_eq!(date.to_string(), "2026-02-03T09:00:00Z");
        assert_eq!(internal_date("ieri"), None);
    }
}
