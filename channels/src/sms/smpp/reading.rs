//! From a stored packet to a message: text, part of one, or receipt.

use std::sync::Arc;

use super::pdu::{DATA_SM, DELIVER_SM, LONGEST, Packet, SAR_REFERENCE, SAR_SEQUENCE, SAR_TOTAL, ShortMessage};
use super::receipt::Receipt;
use super::{Alphabet, Config};
use crate::sms::incoming::{Incoming, Reported, decode};
use crate::sms::surrogates::{decode_part, decode_part_plain};
use crate::sms::{gsm, udh};
use crate::{Attachment, ChannelKind, Inbound, Normalise, Placement, Rejected};

/// Largest item that is read: a packet and the line before it.
const MOST_BYTES: usize = LONGEST + 100;

/// Reads the packets that [`super::receiver::SmppReceiver`] stored.
pub(crate) struct SmppNormaliser {
    pub config: Arc<Config>,
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
                note: None,
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
mod tests {
    use super::*;
    use crate::conformance::check;
    use crate::sms::smpp::LongTexts;
    use crate::sms::smpp::pdu::{Number, RECEIPTED_MESSAGE_ID};
    use crate::sms::smpp::tests::config;
    use crate::{Action, AutomaticReason, Keyword};
    use proptest::prelude::*;

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
