//! The certification data of an envelope or receipt: `daticert.xml` (RFC 6109).

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::Offset;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use serde::{Deserialize, Serialize};

use crate::email::text::decode_unknown;

/// Largest document read, in bytes.
const MAX_BYTES: usize = 1 << 20;

/// Elements one within the other at most; the format has four levels.
const MAX_DEPTH: usize = 12;

/// Recipients read at most.
const MAX_RECIPIENTS: usize = 1000;

/// Longest text of an element, in bytes.
const MAX_TEXT: usize = 16 << 10;

/// What the provider certifies. Words of its closed lists are in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Daticert {
    /// `tipo`: what the envelope or receipt is.
    pub kind: String,
    /// `errore`: `nessuno`, `no-dest`, `no-dominio`, `virus` or `altro`.
    pub error: String,
    /// `mittente`: who sent the original message.
    pub sender: String,
    /// `destinatari`: to whom the original message was sent.
    pub recipients: Vec<CertifiedRecipient>,
    /// `oggetto`: subject of the original message.
    pub subject: String,
    /// `gestore-emittente`: the provider that issued this.
    pub provider: String,
    /// `data`: when it happened, in the provider's zone.
    pub at: Option<Timestamp>,
    /// `identificativo`: the provider's name for the original message.
    pub identifier: String,
    /// `msgid`: Message-ID of the original message, without angle brackets.
    pub message_id: String,
    /// `ricevuta`: `completa`, `breve` or `sintetica`.
    pub receipt: String,
    /// `consegna`: the recipient it is about.
    pub delivered_to: String,
    /// `errore-esteso`: why, in the provider's words.
    pub explanation: String,
}

/// A recipient of the original message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertifiedRecipient {
    /// The address.
    pub address: String,
    /// Whether it is a certified mailbox (`certificato`), which gives a delivery receipt, or not (`esterno`).
    pub certified: bool,
}

impl Daticert {
    /// Reads the document; `None` when it is none. Document types are refused, so that no entity is ever
    /// expanded or fetched.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        if bytes.len() > MAX_BYTES {
            return None;
        }
        let text = std::str::from_utf8(bytes).map_or_else(|_| decode_unknown(bytes), str::to_owned);
        let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}').trim_start());
        let mut found = Found::default();
        let mut path: Vec<Open> = Vec::new();
        loop {
            match reader.read_event().ok()? {
                Event::Start(element) => {
                    if path.len() >= MAX_DEPTH {
                        return None;
                    }
                    let open = Open::new(&element)?;
                    found.opened(&open, path.len())?;
                    path.push(open);
                }
                Event::Empty(element) => found.opened(&Open::new(&element)?, path.len())?,
                Event::End(_) => found.closed(path.pop()?),
                Event::Text(text) => push(&mut path, &text.decode().ok()?),
                Event::CData(text) => push(&mut path, &text.decode().ok()?),
                Event::GeneralRef(name) => {
                    let character = match name.resolve_char_ref().ok()? {
                        Some(character) => character.to_string(),
                        None => quick_xml::escape::resolve_predefined_entity(&name.decode().ok()?)?.to_owned(),
                    };
                    push(&mut path, &character);
                }
                Event::DocType(_) => return None,
                Event::Eof => break,
                Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            }
        }
        (path.is_empty() && found.root).then(|| found.finish())
    }

    /// The recipients this is about: the one it names, else all.
    #[must_use]
    pub fn concerned(&self) -> Vec<CertifiedRecipient> {
        if self.delivered_to.is_empty() {
            return self.recipients.clone();
        }
        let listed = self.recipients.iter().find(|r| r.address.eq_ignore_ascii_case(&self.delivered_to));
        let certified = listed.is_none_or(|r| r.certified);
        vec![CertifiedRecipient { address: self.delivered_to.clone(), certified }]
    }
}

/// An element being read.
struct Open {
    name: String,
    kind: String,
    error: String,
    zone: String,
    text: String,
}

impl Open {
    fn new(element: &BytesStart<'_>) -> Option<Self> {
        let attribute = |name: &str| {
            let found = element.try_get_attribute(name).ok()?;
            found.map_or(Some(String::new()), |a| Some(String::from_utf8_lossy(&a.value).trim().to_lowercase()))
        };
        Some(Self {
            name: String::from_utf8_lossy(element.local_name().as_ref()).to_lowercase(),
            kind: attribute("tipo")?,
            error: attribute("errore")?,
            zone: attribute("zona")?,
            text: String::new(),
        })
    }
}

fn push(path: &mut [Open], text: &str) {
    if let Some(open) = path.last_mut().filter(|open| open.text.len() + text.len() <= MAX_TEXT) {
        open.text.push_str(text);
    }
}

#[derive(Default)]
struct Found {
    data: Daticert,
    root: bool,
    zone: String,
    day: String,
    hour: String,
}

impl Found {
    /// `None` when the root is not the one of the format.
    fn opened(&mut self, open: &Open, depth: usize) -> Option<()> {
        if depth == 0 {
            if open.name != "postacert" || self.root {
                return None;
            }
            self.root = true;
            self.data.kind.clone_from(&open.kind);
            self.data.error.clone_from(&open.error);
        } else if open.name == "ricevuta" {
            self.data.receipt.clone_from(&open.kind);
        }
        Some(())
    }

    fn closed(&mut self, open: Open) {
        let text = open.text.split_whitespace().collect::<Vec<_>>().join(" ");
        let data = &mut self.data;
        match open.name.as_str() {
            "mittente" => data.sender = unbracketed(&text),
            "destinatari" if data.recipients.len() < MAX_RECIPIENTS && !text.is_empty() => {
                data.recipients
                    .push(CertifiedRecipient { address: unbracketed(&text), certified: open.kind != "esterno" });
            }
            "oggetto" => data.subject = text,
            "gestore-emittente" => data.provider = text,
            "data" => self.zone = open.zone,
            "giorno" => self.day = text,
            "ora" => self.hour = text,
            "identificativo" => data.identifier = unbracketed(&text),
            "msgid" => data.message_id = unbracketed(&text),
            "consegna" => data.delivered_to = unbracketed(&text),
            "errore-esteso" => data.explanation = text,
            _ => {}
        }
    }

    fn finish(mut self) -> Daticert {
        self.data.at = moment(&self.day, &self.hour, &self.zone);
        self.data
    }
}

fn unbracketed(text: &str) -> String {
    text.trim().trim_matches(['<', '>']).trim().to_owned()
}

/// `15/11/2024`, `18:20:38`, `+0100` → the moment.
fn moment(day: &str, hour: &str, zone: &str) -> Option<Timestamp> {
    let date = Date::strptime("%d/%m/%Y", day).ok()?;
    let time = Time::strptime("%H:%M:%S", hour).ok()?;
    date.to_datetime(time).to_zoned(offset(zone)?.to_time_zone()).ok().map(|zoned| zoned.timestamp())
}

fn offset(zone: &str) -> Option<Offset> {
    let digits: String = zone.chars().filter(char::is_ascii_digit).collect();
    let sign = match zone.chars().next()? {
        '+' => 1,
        '-' => -1,
        _ => return None,
    };
    if digits.len() != 4 {
        return None;
    }
    let (hours, minutes): (i32, i32) = (digits[..2].parse().ok()?, digits[2..].parse().ok()?);
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONSEGNA: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<postacert tipo=\"Avvenuta-Consegna\" \
        errore=\"nessuno\"><intestazione><mittente>urp@pec.example</mittente>\
        <destinatari tipo=\"certificato\">anna@pec.example</destinatari>\
        <destinatari tipo=\"esterno\">ugo@example.org</destinatari><oggetto>Citt&#xE0; &amp; <![CDATA[<b>]]></oggetto>\
        </intestazione><dati><gestore-emittente>Prova</gestore-emittente><data zona=\"+0200\"><giorno>03/07/2026</giorno>\
        <ora>10:00:00</ora></data><identificativo>opec1@pec.example</identificativo><msgid>&lt;a.b@pec.example&gt;</msgid>\
        <ricevuta tipo=\"breve\"/><consegna>anna@pec.example</consegna></dati></postacert>";

    #[test]
    fn every_field_is_read() {
        let data = Daticert::read(CONSEGNA.as_bytes()).unwrap();
        assert_eq!((data.kind.as_str(), data.error.as_str()), ("avvenuta-consegna", "nessuno"));
        assert_eq!(data.at.unwrap().to_string(), "2026-07-03T08:00:00Z");
        assert_eq!((data.message_id.as_str(), data.identifier.as_str()), ("a.b@pec.example", "opec1@pec.example"));
        assert_eq!((data.subject.as_str(), data.receipt.as_str()), ("Città & <b>", "breve"));
        assert_eq!(data.recipients.iter().map(|r| r.certified).collect::<Vec<_>>(), [true, false]);
        assert_eq!(data.concerned()[0].address, "anna@pec.example");
    }

    #[test]
    fn a_document_type_or_another_root_is_refused() {
        let entity =
            "<!DOCTYPE postacert [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><postacert tipo=\"a\">&x;</postacert>";
        assert_eq!(Daticert::read(entity.as_bytes()), None);
        assert_eq!(Daticert::read(b"<postacert tipo=\"a\">&x;</postacert>"), None);
        assert_eq!(Daticert::read(b"<html/>"), None);
        assert_eq!(Daticert::read(b""), None);
        assert_eq!(Daticert::read("<a>".repeat(100_000).as_bytes()), None);
        assert_eq!(Daticert::read(&vec![b' '; MAX_BYTES + 1]), None);
    }

    #[test]
    fn a_truncated_document_is_refused_and_a_wrong_date_is_left_out() {
        for end in 0..CONSEGNA.len() - 1 {
            assert_eq!(Daticert::read(&CONSEGNA.as_bytes()[..end]), None);
        }
        let odd = CONSEGNA.replace("03/07/2026", "31/02/2026");
        assert_eq!(Daticert::read(odd.as_bytes()).unwrap().at, None);
    }
}
