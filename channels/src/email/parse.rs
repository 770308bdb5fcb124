//! From the bytes of a mail to an [`Inbound`]: whatever a citizen's program wrote, the text can be read, the
//! files are whole, and nothing in it can stop the mailbox.

use std::borrow::Cow;
use std::collections::HashSet;
use std::panic::catch_unwind;

use bytes::Bytes;
use data_encoding::HEXLOWER;
use jiff::Timestamp;
use mail_parser::{Message, MessageParser, MimeHeaders, PartType};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::address::{base_of, bounce_token, plus_token};
use super::automatic::{self, Evidence, LOOP_HEADER, Report};
use super::dsn::FromRobot;
use super::headers::{
    addresses, all, content_digest, conversation, delivered_to, header, ids, one_line, raw_headers, utf8_headers,
};
use super::text::{split_quoted, subject_codes, tidy, topic};
use super::{dsn, harden, html, p7m, parts, tnef};
use crate::{Address, Attachment, ChannelKind, FileNote, Inbound, Normalise, Notice, Placement, Rejected};

/// How much of a message is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// Largest message, in bytes; larger ones are rejected.
    pub max_bytes: usize,
    /// Most files taken out of one message.
    pub max_parts: usize,
    /// Longest text shown, in bytes.
    pub max_text: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_bytes: 64 << 20, max_parts: 500, max_text: 512 << 10 }
    }
}

/// Who we are, for the rules on automatic mail and the tokens in addresses.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct EmailConfig {
    /// Every address at which we receive or from which we send, without `+token`.
    pub own_addresses: Vec<String>,
    /// Id of this installation in its loop header.
    pub loop_id: String,
    /// Bounds.
    pub limits: Limits,
}

/// Signatures around a whole message that are taken off.
const MAX_LAYERS: usize = 4;

/// Reads mail.
#[derive(Debug, Clone)]
pub struct EmailNormaliser {
    config: EmailConfig,
}

impl EmailNormaliser {
    /// A reader that knows who we are.
    #[must_use]
    pub fn new(mut config: EmailConfig) -> Self {
        for address in &mut config.own_addresses {
            *address = base_of(address);
        }
        Self { config }
    }
}

impl Normalise for EmailNormaliser {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Email
    }

    fn normalise(&self, raw: &[u8]) -> Result<Inbound, Rejected> {
        let limit = self.config.limits.max_bytes;
        if raw.len() > limit {
            return Err(Rejected::TooLarge { size: raw.len(), limit });
        }
        if raw.iter().all(u8::is_ascii_whitespace) {
            return Err(Rejected::Empty);
        }
        // The parsers below are not ours: what they stumble over is read as plain text, its parts unopened.
        let whole = catch_unwind(|| self.read(raw, &harden::bounded(raw)));
        let flat = || catch_unwind(|| self.read(raw, &harden::flattened(raw)));
        let read = whole.or_else(|_| flat());
        read.unwrap_or_else(|_| Err(Rejected::Malformed("the parser failed".to_owned())))
    }
}

impl EmailNormaliser {
    fn read(&self, raw: &[u8], (bounded, notices): &(Cow<'_, [u8]>, Vec<Notice>)) -> Result<Inbound, Rejected> {
        let mut notices = notices.clone();
        let bounded = utf8_headers(bounded);
        let message = MessageParser::default()
            .parse(&bounded[..])
            .ok_or_else(|| Rejected::Malformed("it has no headers".to_owned()))?;
        let headers = raw_headers(&message);
        let content_digest = content_digest(&headers, &message);
        let message_id = message.message_id().map(str::trim).filter(|id| !id.is_empty()).map(str::to_owned);
        let message_id = message_id.unwrap_or_else(|| {
            notices.push(Notice::MessageIdSynthesised);
            format!("{}@no-message-id.invalid", &content_digest[..32])
        });
        let from =
            addresses(message.from()).into_iter().next().or_else(|| addresses(message.sender()).into_iter().next());
        let to: Vec<Address> = message.all_to().flat_map(|a| addresses(Some(a))).collect();
        let cc: Vec<Address> = message.all_cc().flat_map(|a| addresses(Some(a))).collect();
        let delivered_to = delivered_to(&headers);
        let recipients: Vec<&str> =
            to.iter().chain(&cc).map(|a| a.address.as_str()).chain(delivered_to.iter().map(String::as_str)).collect();
        let bounce = recipients.iter().find_map(|a| bounce_token(a)).map(str::to_owned);
        let robot = from.as_ref().is_none_or(|f| automatic::is_robot(&f.address));
        let report = dsn::read(&message, bounce, if robot { FromRobot::Yes } else { FromRobot::No });
        let addressed_to: Vec<String> = to.iter().chain(&cc).map(|a| base_of(&a.address)).collect();
        let automatic = automatic::reason(&Evidence {
            headers: &headers,
            from: from.as_ref().map(|f| f.address.to_lowercase()).as_deref(),
            addressed_to: &addressed_to,
            own_addresses: &self.config.own_addresses,
            loop_id: &self.config.loop_id,
            report: if report.is_some() { Report::Yes } else { Report::No },
        });
        let subject = one_line(message.subject().unwrap_or_default());
        let content = self.opened(&message, raw, &mut notices, 0);
        // Bytes that were no message: the parser takes their first line for the name of a header.
        let says = |(name, value): &(String, String)| !value.is_empty() && name.bytes().all(|b| b.is_ascii_graphic());
        if !headers.iter().any(says) && content.text.trim().is_empty() && content.files.is_empty() {
            return Err(Rejected::Malformed("it has no headers".to_owned()));
        }
        let (reply_text, quoted) = split_quoted(&content.text);
        let (reply_text, quoted) = (reply_text.to_owned(), quoted.to_owned());
        Ok(Inbound {
            channel: ChannelKind::Email,
            external_id: message_id.clone(),
            digest: HEXLOWER.encode(&Sha256::digest(raw)),
            content_digest,
            reply_to: addresses(message.reply_to()).into_iter().next().filter(|r| Some(r) != from.as_ref()),
            tokens: self.tokens(&recipients),
            from,
            to,
            cc,
            topic: topic(&subject).to_owned(),
            subject_codes: subject_codes(&subject),
            subject,
            text: content.text,
            reply_text,
            quoted,
            html: content.html,
            attachments: content.files,
            sent_at: message.date().and_then(|d| Timestamp::from_second(d.to_timestamp()).ok()),
            message_id,
            in_reply_to: ids(message.in_reply_to()),
            references: ids(message.references()),
            thread_index: header(&headers, "Thread-Index").and_then(conversation),
            automatic,
            loop_markers: ["X-Loop", LOOP_HEADER].iter().flat_map(|n| all(&headers, n)).map(str::to_owned).collect(),
            report,
            delivered_to,
            notices,
            certified: None,
            part: None,
            keyword: None,
            paper: None,
        })
    }

    fn tokens(&self, recipients: &[&str]) -> Vec<String> {
        let own = &self.config.own_addresses;
        let mut tokens: Vec<String> = Vec::new();
        for address in recipients.iter().filter(|a| own.is_empty() || own.contains(&base_of(a))) {
            if let Some(token) = plus_token(address).filter(|_| bounce_token(address).is_none())
                && !tokens.iter().any(|t| t == token)
            {
                tokens.push(token.to_owned());
            }
        }
        tokens
    }

    /// The content of a message, or of the one inside when it is signed as a whole.
    fn opened(&self, message: &Message<'_>, raw: &[u8], notices: &mut Vec<Notice>, layer: usize) -> Content {
        let Some(entity) = p7m::entity(message).filter(|_| layer < MAX_LAYERS) else {
            return self.content(message, raw, notices);
        };
        let mut whole = harden::without_structure(&message.raw_message);
        whole.extend_from_slice(&entity);
        let (whole, more) = harden::bounded(&whole);
        let Some(inside) = MessageParser::default().parse(&whole[..]) else {
            return self.content(message, raw, notices);
        };
        notices.extend(more);
        let mut content = self.opened(&inside, raw, notices, layer + 1);
        let envelope = parts::file_of(message, message.root_part(), content.files.len() + 1);
        content.files.push(Attachment { note: Some(FileNote::Signed), ..envelope });
        content
    }

    fn content(&self, message: &Message<'_>, raw: &[u8], notices: &mut Vec<Notice>) -> Content {
        let limits = &self.config.limits;
        let mut content = Content { text: plain_text(message), html: None, files: Vec::new() };
        let mut markup = html_source(message);
        let bodies: HashSet<u32> = message.text_body.iter().chain(&message.html_body).copied().collect();
        for (position, id) in message.attachments.iter().enumerate() {
            let Some(part) = message.part(*id) else {
                continue;
            };
            // A text shown in the body is not a file too.
            if bodies.contains(id) && matches!(part.body, PartType::Text(_) | PartType::Html(_)) {
                continue;
            }
            if position >= limits.max_parts {
                notices.push(Notice::TooManyParts);
                break;
            }
            let file = parts::file_of(message, part, content.files.len() + 1);
            if file.media_type == "application/ms-tnef" || file.name.eq_ignore_ascii_case("winmail.dat") {
                match tnef::decode(&file.bytes) {
                    Some(opened) => content.unpack(opened, &mut markup),
                    None => {
                        notices.push(Notice::TnefUnreadable);
                        content.files.push(Attachment { note: Some(FileNote::Unreadable), ..file });
                    }
                }
            } else {
                content.add(file);
            }
        }
        if content.text.trim().is_empty() && markup.is_none() {
            content.text = lone_text(message).unwrap_or_default();
        }
        content.show(markup, notices);
        content.cut(limits.max_text, notices);
        if notices.contains(&Notice::TooManyParts) || notices.contains(&Notice::StructureBroken) {
            content.push("original.eml", "message/rfc822", Bytes::copy_from_slice(raw));
        }
        notices.dedup();
        content
    }
}

struct Content {
    text: String,
    html: Option<String>,
    files: Vec<Attachment>,
}

impl Content {
    fn push(&mut self, name: &str, media_type: &str, bytes: Bytes) {
        self.files.push(Attachment {
            name: name.to_owned(),
            media_type: media_type.to_owned(),
            bytes,
            content_id: None,
            placement: Placement::Attached,
            note: None,
        });
    }

    /// A file, and what was signed in it when it carries its signature around.
    fn add(&mut self, file: Attachment) {
        if !p7m::is_signed(&file) {
            self.files.push(file);
            return;
        }
        let Some(bytes) = p7m::content(&file.bytes) else {
            self.files.push(Attachment { note: Some(FileNote::Unreadable), ..file });
            return;
        };
        let name = p7m::name_inside(&file.name, &bytes);
        let inside = Attachment {
            media_type: mime_guess::from_path(&name).first_or_octet_stream().essence_str().to_owned(),
            name,
            bytes,
            content_id: None,
            placement: Placement::Attached,
            note: Some(FileNote::TakenFrom(file.name.clone())),
        };
        self.files.push(Attachment { note: Some(FileNote::Signed), ..file });
        self.files.push(inside);
    }

    fn unpack(&mut self, opened: tnef::Tnef, markup: &mut Option<String>) {
        if self.text.trim().is_empty() {
            self.text = opened.text.unwrap_or_default();
        }
        if markup.is_none() {
            *markup = opened.html;
        }
        for file in opened.files {
            let media_type = file.media_type.unwrap_or_else(|| "application/octet-stream".to_owned()).to_lowercase();
            let name = parts::safe_name(&file.name);
            let placement = if file.content_id.is_some() { Placement::Inline } else { Placement::Attached };
            let number = self.files.len() + 1;
            self.add(Attachment {
                note: None,
                name: if name.is_empty() { parts::default_name(number, &media_type) } else { name },
                media_type,
                bytes: file.bytes,
                content_id: file.content_id,
                placement,
            });
        }
    }

    /// Decides what is shown: the HTML made safe, and a text even when the sender wrote only HTML.
    fn show(&mut self, markup: Option<String>, notices: &mut Vec<Notice>) {
        if let Some(markup) = markup {
            match html::sanitise(&markup) {
                Some(safe) => {
                    if safe.remote_images {
                        notices.push(Notice::RemoteImagesRemoved);
                    }
                    if self.text.trim().is_empty() {
                        self.text = html::to_text(&safe.html);
                    }
                    self.html = Some(safe.html).filter(|h| !h.trim().is_empty());
                }
                None => {
                    notices.push(Notice::TextCut);
                    if self.text.trim().is_empty() {
                        self.text = html::to_text(&markup);
                    }
                    self.push("message.html", "text/html", markup.into());
                }
            }
        }
        self.text = tidy(&self.text);
    }

    fn cut(&mut self, limit: usize, notices: &mut Vec<Notice>) {
        if self.text.len() <= limit {
            return;
        }
        notices.push(Notice::TextCut);
        let end = self.text.floor_char_boundary(limit);
        let whole = std::mem::take(&mut self.text);
        self.text = whole[..end].to_owned();
        self.push("message.txt", "text/plain", whole.into());
    }
}

fn plain_text(message: &Message<'_>) -> String {
    let mut text = String::new();
    for part in message.text_body.iter().filter_map(|id| message.part(*id)) {
        let piece = match &part.body {
            PartType::Text(_) => parts::plain_of(message, part),
            // Made from the safe HTML later, unless it stands beside plain text.
            PartType::Html(_) if message.text_body.len() > 1 => html::to_text(&parts::text_of(message, part)),
            _ => continue,
        };
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        text.push_str(&piece);
    }
    text
}

/// When a message has no body at all, the text that came as a file: some programs give even that a name.
fn lone_text(message: &Message<'_>) -> Option<String> {
    let alone = message.parts.len() == 1;
    let part = message.attachments().find(|p| {
        let attached = p.content_disposition().is_some_and(mail_parser::ContentType::is_attachment);
        matches!(p.body, PartType::Text(_)) && (alone || !attached)
    })?;
    Some(parts::plain_of(message, part))
}

/// The HTML bodies one after the other, plain texts between them included.
fn html_source(message: &Message<'_>) -> Option<String> {
    let pieces: Vec<_> = message.html_body.iter().filter_map(|id| message.part(*id)).collect();
    if !pieces.iter().any(|p| matches!(p.body, PartType::Html(_))) {
        return None;
    }
    let mut out = String::new();
    for part in pieces {
        match &part.body {
            PartType::Html(_) => out.push_str(&parts::text_of(message, part)),
            PartType::Text(_) => {
                out.push_str(&mail_parser::decoders::html::text_to_html(&parts::plain_of(message, part)));
            }
            PartType::InlineBinary(_) => {
                if let Some(id) = part.content_id() {
                    out.push_str(&picture(id, &out));
                }
            }
            _ => {}
        }
    }
    Some(out)
}

/// A picture that stands between the texts, unless the HTML shows it already.
fn picture(id: &str, shown: &str) -> String {
    let reference = format!("cid:{}", id.replace('&', "&amp;").replace('"', "&quot;"));
    if shown.contains(&reference) { String::new() } else { format!("<p><img src=\"{reference}\"></p>") }
}
