//! A mailbox in memory that the platform reads by IMAP (RFC 3501, with IDLE of RFC 2177): as much of the protocol as
//! a client needs that only reads.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use jiff::Timestamp;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufStream};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::sink::local_listener;

/// Longest line of a command.
const LINE: u64 = 64 << 10;

/// A message that waits in a mailbox.
#[derive(Debug, Clone)]
pub struct Stored {
    /// The message.
    pub raw: Arc<Vec<u8>>,
    /// When it was put there.
    pub at: Timestamp,
    since: Instant,
    fetched: bool,
}

#[derive(Debug, Default)]
struct Shelf {
    messages: BTreeMap<u32, Stored>,
    last: u32,
}

/// A mailbox; cheap to clone. Any user with any password reads it.
#[derive(Debug, Clone)]
pub struct Mailbox {
    shelf: Arc<Mutex<Shelf>>,
    news: Arc<watch::Sender<u32>>,
    /// Told of each message that was fetched whole for the first time, and how long it had waited.
    taken: Arc<dyn Taken>,
}

/// Told of messages that were read.
pub trait Taken: Send + Sync + std::fmt::Debug {
    /// One was fetched, so long after it was put there.
    fn taken(&self, after: std::time::Duration);
}

impl Mailbox {
    /// An empty mailbox on `host:port`.
    ///
    /// # Errors
    /// A sentence when it cannot listen there.
    pub async fn listen(address: &str, taken: Arc<dyn Taken>) -> Result<Self, String> {
        let listener = local_listener(address).await?;
        let (news, _) = watch::channel(0);
        let mailbox = Self { shelf: Arc::default(), news: Arc::new(news), taken };
        tokio::spawn(mailbox.clone().serve(listener));
        Ok(mailbox)
    }

    /// Puts a message in.
    pub fn put(&self, raw: Vec<u8>, at: Timestamp) {
        let last = {
            let mut shelf = self.shelf();
            shelf.last += 1;
            let uid = shelf.last;
            shelf.messages.insert(uid, Stored { raw: Arc::new(raw), at, since: Instant::now(), fetched: false });
            uid
        };
        self.news.send_replace(last);
    }

    /// Messages that nobody has fetched yet.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.shelf().messages.values().filter(|m| !m.fetched).count()
    }

    fn shelf(&self) -> std::sync::MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn serve(self, listener: TcpListener) {
        // Numbers of another day would be taken for these: each start is a new mailbox.
        let validity = std::process::id().max(1);
        while let Ok((stream, _)) = listener.accept().await {
            let mailbox = self.clone();
            tokio::spawn(async move {
                let _served = mailbox.converse(BufStream::new(stream), validity).await;
            });
        }
    }

    async fn converse(&self, mut stream: BufStream<TcpStream>, validity: u32) -> std::io::Result<()> {
        let mut news = self.news.subscribe();
        say(&mut stream, "* OK simulator").await?;
        loop {
            let mut line = String::new();
            if (&mut stream).take(LINE).read_line(&mut line).await? == 0 {
                return Ok(());
            }
            let line = line.trim_end();
            let (tag, command) = line.split_once(' ').unwrap_or((line, ""));
            let upper = command.to_ascii_uppercase();
            match upper.split(' ').next().unwrap_or_default() {
                "CAPABILITY" => say(&mut stream, "* CAPABILITY IMAP4rev1 IDLE").await?,
                "LOGIN" | "NOOP" => {}
                "EXAMINE" | "SELECT" => {
                    let count = self.shelf().messages.len();
                    say(&mut stream, &format!("* {count} EXISTS\r\n* 0 RECENT\r\n* FLAGS (\\Seen)")).await?;
                    say(&mut stream, &format!("* OK [UIDVALIDITY {validity}] numbers")).await?;
                }
                "UID" => self.fetch(&mut stream, &upper).await?,
                "IDLE" => {
                    say(&mut stream, "+ idling").await?;
                    self.idle(&mut stream, &mut news).await?;
                }
                "LOGOUT" => {
                    say(&mut stream, "* BYE").await?;
                    return say(&mut stream, &format!("{tag} OK")).await;
                }
                _ => {
                    say(&mut stream, &format!("{tag} BAD unknown")).await?;
                    continue;
                }
            }
            say(&mut stream, &format!("{tag} OK done")).await?;
        }
    }

    async fn idle(&self, stream: &mut BufStream<TcpStream>, news: &mut watch::Receiver<u32>) -> std::io::Result<()> {
        loop {
            let mut line = String::new();
            tokio::select! {
                read = stream.read_line(&mut line) => {
                    read?;
                    return Ok(());
                }
                changed = news.changed() => {
                    if changed.is_err() {
                        return Ok(());
                    }
                    let count = self.shelf().messages.len();
                    say(stream, &format!("* {count} EXISTS")).await?;
                }
            }
        }
    }

    /// `UID FETCH 1:* (UID RFC822.SIZE INTERNALDATE)`, `… (UID BODY.PEEK[])` or `… (UID BODY.PEEK[HEADER])`.
    async fn fetch(&self, stream: &mut BufStream<TcpStream>, command: &str) -> std::io::Result<()> {
        let mut words = command.split(' ').skip(2);
        let (set, what) = (words.next().unwrap_or_default(), command);
        let found: Vec<(usize, u32, Stored)> = {
            let shelf = self.shelf();
            let numbered = shelf.messages.iter().enumerate();
            numbered
                .filter(|(_, (uid, _))| is_in(set, **uid, shelf.last))
                .map(|(place, (uid, stored))| (place + 1, *uid, stored.clone()))
                .collect()
        };
        for (place, uid, stored) in found {
            let (section, bytes) = if what.contains("BODY.PEEK[HEADER]") {
                ("BODY[HEADER]", headers(&stored.raw))
            } else if what.contains("BODY.PEEK[]") {
                self.was_fetched(uid);
                ("BODY[]", stored.raw.as_slice())
            } else {
                let at = stored.at.strftime("%d-%b-%Y %H:%M:%S +0000");
                let facts = format!("UID {uid} RFC822.SIZE {} INTERNALDATE \"{at}\"", stored.raw.len());
                stream.write_all(format!("* {place} FETCH ({facts})\r\n").as_bytes()).await?;
                continue;
            };
            let head = format!("* {place} FETCH (UID {uid} {section} {{{}}}\r\n", bytes.len());
            stream.write_all(head.as_bytes()).await?;
            stream.write_all(bytes).await?;
            stream.write_all(b")\r\n").await?;
        }
        Ok(())
    }

    fn was_fetched(&self, uid: u32) {
        let waited = {
            let mut shelf = self.shelf();
            let stored = shelf.messages.get_mut(&uid).filter(|m| !m.fetched);
            stored.map(|stored| {
                stored.fetched = true;
                stored.since.elapsed()
            })
        };
        if let Some(waited) = waited {
            self.taken.taken(waited);
        }
    }
}

fn headers(raw: &[u8]) -> &[u8] {
    let end = raw.windows(4).position(|w| w == b"\r\n\r\n").map_or(raw.len(), |at| at + 4);
    &raw[..end]
}

/// Whether a number is in a set such as `1:3,7,9:*`.
fn is_in(set: &str, uid: u32, last: u32) -> bool {
    let number = |text: &str| if text == "*" { Some(last) } else { text.parse::<u32>().ok() };
    set.split(',').any(|range| {
        let (from, to) = range.split_once(':').unwrap_or((range, range));
        match (number(from), number(to)) {
            (Some(from), Some(to)) => (from.min(to)..=from.max(to)).contains(&uid),
            _ => false,
        }
    })
}

async fn say(stream: &mut BufStream<TcpStream>, words: &str) -> std::io::Result<()> {
    stream.write_all(words.as_bytes()).await?;
    stream.write_all(b"\r\n").await?;
    stream.flush().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_name_numbers() {
        assert!(is_in("1:3,7,9:*", 2, 20) && is_in("1:3,7,9:*", 7, 20) && is_in("9:*", 20, 20) && is_in("9:*", 4, 4));
        assert!(!is_in("1:3,7,9:*", 5, 20) && !is_in("", 1, 1) && !is_in("x", 1, 1));
    }
}
