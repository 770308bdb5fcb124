//! Text messages straight through the SMSC of an operator or aggregator, over SMPP 3.4.
//!
//! Receiving and sending each have a connection of their own (`bind_receiver`, `bind_transmitter`): one node
//! receives, under a lease, while every node sends. The wire format is written here and not taken from a library:
//! what is stored are the SMSC's own bytes, and a packet that deviates must reach the quarantine, not end the line.

mod pdu;
mod receipt;
mod receiver;
mod redelivery;
mod sender;
mod session;
mod status;

use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use tokio_rustls::TlsConnector;

use self::pdu::{DATA_SM, DELIVER_SM, Packet, SAR_REFERENCE, SAR_SEQUENCE, SAR_TOTAL, ShortMessage};
use self::receipt::Receipt;
use self::receiver::SmppReceiver;
use self::sender::SmppSender;
use self::session::{Role, Session};
use super::incoming::{Incoming, Reported, decode};
use super::settings::{CA_FILE, COUNTRY, Common, MAX_SEGMENTS, extra_ca, needed, needed_secret, number, text};
use super::surrogates::{decode_part, decode_part_plain};
use super::{gsm, settings, udh};
use crate::email::tls;
use crate::{
    Account, Attachment, ChannelKind, Context, Driver, Field, FieldKind, Inbound, Normalise, Placement, Rejected,
    Secret, Settings, WrongSetting,
};

const HOST: Field = Field::required("host", FieldKind::Text);
const PORT: Field = Field::optional("port", FieldKind::Number { least: 1, most: 65_535 }, "2775");
const SECURITY: Field = Field::optional("security", FieldKind::Choice(&["tls", "plain"]), "tls");
const SYSTEM_ID: Field = Field::required("system_id", FieldKind::Text);
const PASSWORD: Field = Field::required("password", FieldKind::Secret);
const SENDER: Field = Field::required(settings::SENDER.name, FieldKind::Text);
const SYSTEM_TYPE: Field = Field::optional("system_type", FieldKind::Text, "");
const ALPHABET: Field = Field::optional("alphabet", FieldKind::Choice(&["gsm", "latin1"]), "gsm");
const LONG_TEXTS: Field = Field::optional("long_texts", FieldKind::Choice(&["udh", "sar", "payload"]), "udh");
const WINDOW: Field = Field::optional("window", FieldKind::Number { least: 1, most: 100 }, "10");
const ENQUIRE: Field = Field::optional("enquire_seconds", FieldKind::Number { least: 1, most: 30 }, "20");
const ZONE: Field = Field::optional("time_zone", FieldKind::Text, "Europe/Rome");

/// Largest item that is read: a packet and the line before it.
const MOST_BYTES: usize = pdu::LONGEST + 100;

/// Opens accounts at an SMSC.
#[derive(Debug, Clone, Copy)]
pub struct Smpp;

/// What the SMSC takes data coding 0 for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Alphabet {
    Gsm,
    Latin1,
}

/// How a text too long for one message is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LongTexts {
    /// Cut by us, a header in each part.
    Udh,
    /// Cut by us, the parts numbered in TLVs.
    Sar,
    /// Whole in a TLV, cut by the SMSC.
    Payload,
}

/// One account at one SMSC.
pub(crate) struct Config {
    pub host: String,
    pub port: u16,
    pub tls: Option<TlsConnector>,
    pub system_id: String,
    pub password: Secret,
    pub system_type: String,
    pub alphabet: Alphabet,
    pub long_texts: LongTexts,
    pub window: usize,
    pub enquire_every: Duration,
    pub zone: TimeZone,
    pub common: Common,
}

impl Config {
    fn read(settings: &Settings, context: &Context) -> Result<Self, WrongSetting> {
        let unknown = |field: &Field| WrongSetting::new(field.name, "not one of the choices");
        let common = Common::read(settings, context)?;
        if common.sender.is_empty() {
            return Err(WrongSetting::new(SENDER.name, "missing"));
        }
        let tls = match text(settings, &SECURITY) {
            "tls" => {
                let connector = tls::connector(extra_ca(settings)?.as_deref());
                Some(connector.map_err(|why| WrongSetting::new(CA_FILE.name, why))?)
            }
            "plain" => None,
            _ => return Err(unknown(&SECURITY)),
        };
        Ok(Self {
            host: needed(settings, &HOST)?.to_owned(),
            port: u16::try_from(number(settings, &PORT)?).unwrap_or(0),
            tls,
            system_id: needed(settings, &SYSTEM_ID)?.to_owned(),
            password: needed_secret(settings, &PASSWORD)?,
            system_type: settings.text(SYSTEM_TYPE.name).to_owned(),
            alphabet: match text(settings, &ALPHABET) {
                "gsm" => Alphabet::Gsm,
                "latin1" => Alphabet::Latin1,
                _ => return Err(unknown(&ALPHABET)),
            },
            long_texts: match text(settings, &LONG_TEXTS) {
                "udh" => LongTexts::Udh,
                "sar" => LongTexts::Sar,
                "payload" => LongTexts::Payload,
                _ => return Err(unknown(&LONG_TEXTS)),
            },
            window: usize::try_from(number(settings, &WINDOW)?).unwrap_or(1),
            enquire_every: Duration::from_secs(u64::try_from(number(settings, &ENQUIRE)?).unwrap_or(20)),
            zone: TimeZone::get(text(settings, &ZONE)).map_err(|e| WrongSetting::new(ZONE.name, e.to_string()))?,
            common,
        })
    }
}

impl Driver for Smpp {
    fn name(&self) -> &'static str {
        "smpp"
    }

    fn kind(&self) -> ChannelKind {
        ChannelKind::Sms
    }

    fn fields(&self) -> &'static [Field] {
        &[
            HOST,
            PORT,
            SECURITY,
            CA_FILE,
            SYSTEM_ID,
            PASSWORD,
            SYSTEM_TYPE,
            SENDER,
            COUNTRY,
            MAX_SEGMENTS,
            LONG_TEXTS,
            ALPHABET,
            WINDOW,
            ENQUIRE,
            ZONE,
        ]
    }

    fn open(&self, settings: &Settings, context: &Context) -> Result<Account, WrongSetting> {
        let config = Arc::new(Config::read(settings, context)?);
        Ok(Account {
            normaliser: Arc::new(SmppNormaliser { config: config.clone() }),
            receiver: Some(Arc::new(SmppReceiver::new(config.clone()))),
            sender: Some(Arc::new(SmppSender::new(config.clone()))),
            hook: None,
            limits: config.common.limits(),
        })
    }
}

async fn check(config: &Config, role: Role) -> Result<String, String> {
    let (session, _incoming) = Session::open(config, role).await.map_err(|e| e.to_string())?;
    // It answered: whether it also says goodbye is its own affair.
    let _politely = session.unbind().await;
    Ok(format!("the SMSC {}:{} knows the account", config.host, config.port))
}

/// Reads the packets that [`SmppReceiver`] stored.
struct SmppNormaliser {
    config: Arc<Config>,
}

impl Normalise for SmppNormaliser {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Sms
    }

    fn normalise(&self, raw: &[u8]) -> Result<Inbound, Rejected> {
        if raw.is_empty() {
            return Err(Rejected::Empty);
        }
        if raw.len() > MOST_BYTES {
            return Err(Rejected::TooLarge { size: raw.len(), limit: MOST_BYTES });
        }
        let malformed = |why: &str| Rejected::Malformed(why.to_owned());
        let line = raw.iter().position(|b| *b == b'\n').ok_or_else(|| malformed("no name before the packet"))?;
        let name = std::str::from_utf8(&raw[..line]).ok().and_then(|l| l.strip_prefix("smpp "));
        let name = name.filter(|n| !n.trim().is_empty()).ok_or_else(|| malformed("no name before the packet"))?;
        let packet = Packet::parse(&raw[line + 1..]).ok_or_else(|| malformed("no whole packet of SMPP"))?;
        if !matches!(packet.command, DELIVER_SM | DATA_SM) {
            return Err(Rejected::Malformed(format!("command {:#010x} brings no message", packet.command)));
        }
        let message = ShortMessage::parse(packet.command, &packet.body)
            .ok_or_else(|| malformed("the packet breaks off before its text ends"))?;
        Ok(self.read(raw, name, &message))
    }
}

impl SmppNormaliser {
    fn read(&self, raw: &[u8], name: &str, message: &ShortMessage) -> Inbound {
        let numbers = &self.config.common.numbers;
        let source = message.source.written();
        let (header, content) = split_header(message);
        let place = header.and_then(udh::concatenation).or_else(|| numbered(message));
        if let Some(receipt) = Receipt::of(message, &self.decode(message.data_coding, content), &self.config.zone) {
            let reported = Reported {
                id: name.to_owned(),
                own_id: None,
                provider_ids: receipt.ids,
                recipient: &source,
                action: receipt.action,
                name: receipt.state,
                why: receipt.error,
                at: receipt.at,
            };
            return reported.into_message(raw, numbers);
        }
        let (text, part) = match place {
            _ if is_binary(message.data_coding) => (String::new(), None),
            Some(place) if is_ucs2(message.data_coding) => decode_part(content, place),
            Some(place) => decode_part_plain(self.decode(message.data_coding, content), place),
            None => (self.decode(message.data_coding, content), None),
        };
        let incoming = Incoming {
            id: name.to_owned(),
            from: &source,
            to: &message.destination.written(),
            text,
            sent_at: None,
            part,
        };
        let mut inbound = incoming.into_message(raw, numbers);
        if is_binary(message.data_coding) {
            inbound.attachments.push(Attachment {
                name: "sms.bin".to_owned(),
                media_type: "application/octet-stream".to_owned(),
                bytes: bytes::Bytes::copy_from_slice(content),
                content_id: None,
                placement: Placement::Attached,
            });
        }
        inbound
    }

    fn decode(&self, data_coding: u8, bytes: &[u8]) -> String {
        match data_coding {
            _ if is_ucs2(data_coding) => decode(bytes, Some("UTF-16BE")),
            0x01 => decode(bytes, None),
            0x03 => decode(bytes, Some("windows-1252")),
            0x05 => decode(bytes, Some("shift_jis")),
            0x06 => decode(bytes, Some("iso-8859-5")),
            0x07 => decode(bytes, Some("iso-8859-8")),
            _ if self.config.alphabet == Alphabet::Latin1 => decode(bytes, Some("windows-1252")),
            _ => gsm::decode(bytes),
        }
    }
}

/// Coding 8, and the classes of TS 23.038 that say the same.
const fn is_ucs2(data_coding: u8) -> bool {
    data_coding == 0x08 || (data_coding & 0xCC == 0x08 && data_coding >= 0x10 && data_coding < 0x40)
}

/// Eight bits that are no text.
const fn is_binary(data_coding: u8) -> bool {
    matches!(data_coding, 0x02 | 0x04) || data_coding & 0xF4 == 0xF4
}

/// The header in front of a text, without its length, and the text.
fn split_header(message: &ShortMessage) -> (Option<&[u8]>, &[u8]) {
    if message.esm_class & 0x40 != 0
        && let Some((length, rest)) = message.text.split_first()
        && let Some((header, content)) = rest.split_at_checked(usize::from(*length))
    {
        return (Some(header), content);
    }
    (None, &message.text)
}

/// Reference, number of parts and place, from the TLVs for it.
fn numbered(message: &ShortMessage) -> Option<(u16, u8, u8)> {
    let small = |tag| message.number(tag).and_then(|n| u8::try_from(n).ok());
    let place = (message.number(SAR_REFERENCE)?, small(SAR_TOTAL)?, small(SAR_SEQUENCE)?);
    udh::is_place(place.1, place.2).then_some(place)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::pdu::{Number, RECEIPTED_MESSAGE_ID};
    use super::*;
    use crate::conformance::check;
    use crate::{Action, AutomaticReason, Keyword};
    use proptest::prelude::*;

    pub(crate) fn config(alphabet: Alphabet, long_texts: LongTexts) -> Config {
        Config {
            host: "localhost".into(),
            port: 2775,
            tls: None,
            system_id: "cc".into(),
            password: "x".into(),
            system_type: String::new(),
            alphabet,
            long_texts,
            window: 10,
            enquire_every: Duration::from_secs(20),
            zone: TimeZone::UTC,
            common: Common { sender: "+39800123".into(), numbers: Default::default(), max_segments: 6 },
        }
    }

    fn normaliser() -> SmppNormaliser {
        let mut config = config(Alphabet::Gsm, LongTexts::Udh);
        config.common.numbers.country = "39".into();
        SmppNormaliser { config: Arc::new(config) }
    }

    fn raw(message: &ShortMessage) -> Vec<u8> {
        let packet = Packet { command: DELIVER_SM, status: 0, sequence: 9, body: message.to_body() };
        [&b"smpp 00ff.1770000000000000\n"[..], &packet.to_bytes()].concat()
    }

    fn from_citizen(data_coding: u8, text: &[u8]) -> ShortMessage {
        ShortMessage {
            source: Number { ton: 1, npi: 1, digits: "393331234567".into() },
            destination: Number::of("800123"),
            data_coding,
            text: text.to_vec(),
            ..ShortMessage::default()
        }
    }

    fn read(message: &ShortMessage) -> Inbound {
        check(&normaliser(), "smpp", &raw(message)).unwrap().unwrap()
    }

    #[test]
    fn a_text_is_read_in_each_coding() {
        for (data_coding, bytes, text) in [
            (0, gsm::encode("Perché? 5 € [ok]").unwrap(), "Perché? 5 € [ok]"),
            (0, b"citt\xE0".to_vec(), "città"),
            (1, b"ascii".to_vec(), "ascii"),
            (3, b"citt\xE0".to_vec(), "città"),
            (8, vec![0x04, 0x3F, 0xD8, 0x3D, 0xDE, 0x00], "п😀"),
            (0x18, vec![0x04, 0x3F], "п"),
            (0xF0, gsm::encode("flash è").unwrap(), "flash è"),
        ] {
            assert_eq!(read(&from_citizen(data_coding, &bytes)).text, text, "coding {data_coding:#x}");
        }
        let message = read(&from_citizen(0, b"STOP"));
        assert_eq!((message.external_id.as_str(), message.keyword), ("00ff.1770000000000000", Some(Keyword::Stop)));
        assert_eq!(message.from.unwrap().address, "+393331234567");
        assert_eq!(message.to[0].address, "800123");
        assert_eq!(read(&from_citizen(4, &[1, 2, 3])).attachments[0].bytes.as_ref(), &[1, 2, 3]);
    }

    #[test]
    fn parts_are_marked_whichever_way_they_are_numbered() {
        let with_header =
            ShortMessage { esm_class: 0x40, ..from_citizen(0, &[&[5, 0, 3, 7, 2, 1][..], b"Inizio "].concat()) };
        let part = read(&with_header);
        assert_eq!(
            (part.text.as_str(), part.part.map(|p| (p.reference, p.total, p.sequence))),
            ("Inizio ", Some((7, 2, 1)))
        );
        let tlvs = vec![(SAR_REFERENCE, vec![0, 7]), (SAR_TOTAL, vec![2]), (SAR_SEQUENCE, vec![2])];
        let numbered = read(&ShortMessage { tlvs, ..from_citizen(0, b"e fine") });
        assert_eq!(crate::sms::join(&[numbered, part]).unwrap().message.text, "Inizio e fine");
    }

    #[test]
    fn a_receipt_is_a_report_and_moves_nothing() {
        let receipt = ShortMessage {
            esm_class: 4,
            tlvs: vec![(RECEIPTED_MESSAGE_ID, b"3E9\0".to_vec())],
            ..from_citizen(0, b"id:1001 sub:001 dlvrd:000 stat:UNDELIV err:011 text:")
        };
        let message = read(&receipt);
        assert_eq!(message.automatic, Some(AutomaticReason::Report));
        let report = message.report.unwrap();
        assert!(report.provider_ids.contains(&"3E9".into()) && report.provider_ids.contains(&"1001".into()));
        assert_eq!(report.name, "UNDELIV");
        assert_eq!(
            (report.recipients[0].action, report.recipients[0].diagnostic.as_deref()),
            (Action::Failed, Some("011"))
        );
    }

    #[test]
    fn what_is_no_message_is_refused_with_a_reason() {
        let mut bind = raw(&from_citizen(0, b"x"));
        bind[27 + 7] = 0x02;
        assert!(matches!(normaliser().normalise(&bind), Err(Rejected::Malformed(_))));
        assert_eq!(normaliser().normalise(b""), Err(Rejected::Empty));
        assert!(matches!(normaliser().normalise(&vec![0; 80_000]), Err(Rejected::TooLarge { .. })));
    }

    proptest! {
        #[test]
        fn any_packet_is_read_or_refused(
            data_coding in any::<u8>(), esm_class in any::<u8>(), text in prop::collection::vec(any::<u8>(), 0..200),
            tlvs in prop::collection::vec((0u16..0x430, prop::collection::vec(any::<u8>(), 0..6)), 0..4),
        ) {
            let message = ShortMessage { esm_class, tlvs, ..from_citizen(data_coding, &text) };
            prop_assert!(check(&normaliser(), "any", &raw(&message)).is_ok());
        }
    }
}
