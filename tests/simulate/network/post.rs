//! Mail as it comes and goes in the year: messages written by hand, and a carrier that sometimes fails.
use std::sync::Mutex;

use async_trait::async_trait;
use bytes::Bytes;
use channels::{RawContent, RawItem};
use data_encoding::BASE64;
use sportello::outbox::store::OutboxRow;
use sportello::outbox::{Attempt, Lane};

/// A message from outside.
#[derive(Debug, Clone, Default)]
pub struct Letter {
    pub from: String,
    pub to: String,
    pub subject: String,
    pub text: String,
    pub message_id: String,
    pub in_reply_to: Option<String>,
    /// Written by a program (RFC 3834).
    pub automatic: bool,
}

impl Letter {
    /// Its bytes.
    pub fn bytes(&self) -> Vec<u8> {
        let subject = BASE64.encode(self.subject.as_bytes());
        let reply = self.in_reply_to.iter().map(|id| format!("In-Reply-To: <{id}>\r\nReferences: <{id}>\r\n"));
        let automatic = if self.automatic { "Auto-Submitted: auto-replied\r\n" } else { "" };
        format!(
            "From: <{}>\r\nTo: <{}>\r\nSubject: =?utf-8?B?{subject}?=\r\nMessage-ID: <{}>\r\n{}{automatic}\
             MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{}\r\n",
            self.from,
            self.to,
            self.message_id,
            reply.collect::<String>(),
            self.text,
        )
        .into_bytes()
    }
}

/// A raw item under its name.
pub fn item(name: &str, bytes: Vec<u8>) -> RawItem {
    RawItem { external_ref: name.to_owned(), received_at: None, content: RawContent::Whole(Bytes::from(bytes)) }
}

/// What a mail server says of a message of ours.
pub fn delivery_report(verp: &str, recipient: &str, action: &str, status: &str) -> Vec<u8> {
    format!(
        "From: <MAILER-DAEMON@mx.example>\r\nTo: <{verp}>\r\nSubject: Delivery Status Notification\r\n\
         Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=\"part\"\r\n\r\n\
         --part\r\nContent-Type: text/plain\r\n\r\nReport.\r\n\
         --part\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n\
         Final-Recipient: rfc822; {recipient}\r\nAction: {action}\r\nStatus: {status}\r\n\r\n--part--\r\n"
    )
    .into_bytes()
}

/// Carries mail away: most at once, some at the second attempt, a few never.
#[derive(Debug, Default)]
pub struct Carrier {
    seed: u64,
    /// Row and recipient of what left since somebody looked.
    pub left: Mutex<Vec<(i64, String)>>,
}

impl Carrier {
    pub fn new(seed: u64) -> Self {
        Self { seed, left: Mutex::default() }
    }
}

#[async_trait]
impl Lane for Carrier {
    fn name(&self) -> &str {
        "email"
    }

    fn width(&self) -> usize {
        64
    }

    async fn send(&self, row: &OutboxRow) -> Attempt {
        match chance(self.seed, row.id.unsigned_abs()) % 100 {
            0..4 if row.attempts <= 1 => Attempt::Later { words: "451 try again later".to_owned(), answered: true },
            4 => Attempt::Never { words: "550 no such user".to_owned() },
            _ => {
                self.left.lock().unwrap().push((row.id, row.recipient.clone()));
                Attempt::Sent { note: "250 OK".to_owned(), provider_id: None }
            }
        }
    }

    async fn check(&self) -> Result<String, String> {
        Ok("well".to_owned())
    }
}

/// A number that depends on its two arguments alone (SplitMix64).
pub fn chance(seed: u64, n: u64) -> u64 {
    let mut z = seed.wrapping_add(n.wrapping_mul(0x9E37_79B9_7F4A_7C15)).wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
