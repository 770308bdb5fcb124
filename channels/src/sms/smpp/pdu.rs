//! The packets of SMPP 3.4: a header of four numbers and a body. Read forgivingly, since vendors deviate: what
//! follows the last readable field is left aside, and the stored bytes still have it.

use bytes::Bytes;

pub(crate) const BIND_RECEIVER: u32 = 0x01;
pub(crate) const BIND_TRANSMITTER: u32 = 0x02;
pub(crate) const SUBMIT_SM: u32 = 0x04;
pub(crate) const DELIVER_SM: u32 = 0x05;
pub(crate) const UNBIND: u32 = 0x06;
pub(crate) const BIND_TRANSCEIVER: u32 = 0x09;
pub(crate) const ENQUIRE_LINK: u32 = 0x15;
pub(crate) const DATA_SM: u32 = 0x103;
pub(crate) const GENERIC_NACK: u32 = 0x8000_0000;
/// The bit that makes an answer of a command.
pub(crate) const RESPONSE: u32 = 0x8000_0000;

pub(crate) const SAR_REFERENCE: u16 = 0x020C;
pub(crate) const SAR_TOTAL: u16 = 0x020E;
pub(crate) const SAR_SEQUENCE: u16 = 0x020F;
pub(crate) const RECEIPTED_MESSAGE_ID: u16 = 0x001E;
pub(crate) const MESSAGE_PAYLOAD: u16 = 0x0424;
pub(crate) const MESSAGE_STATE: u16 = 0x0427;

/// Length of a header.
pub(crate) const HEADER: usize = 16;

/// The largest packet that is read: a payload of 64 KiB is more than any telephone writes.
pub(crate) const LONGEST: usize = 70_000;

/// One packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Packet {
    pub command: u32,
    pub status: u32,
    pub sequence: u32,
    pub body: Bytes,
}

impl Packet {
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let length = u32::try_from(HEADER + self.body.len()).unwrap_or(u32::MAX);
        let mut bytes = Vec::with_capacity(HEADER + self.body.len());
        for number in [length, self.command, self.status, self.sequence] {
            bytes.extend(number.to_be_bytes());
        }
        bytes.extend_from_slice(&self.body);
        bytes
    }

    /// Length of the whole packet and the packet without its body, from a header.
    pub(crate) fn header(bytes: [u8; HEADER]) -> Option<(usize, Self)> {
        let number = |at: usize| u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        let length = usize::try_from(number(0)).ok().filter(|n| (HEADER..=LONGEST).contains(n))?;
        Some((length, Self { command: number(4), status: number(8), sequence: number(12), body: Bytes::new() }))
    }

    /// A whole packet.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let (head, body) = bytes.split_first_chunk::<HEADER>()?;
        let (length, packet) = Self::header(*head)?;
        (length == bytes.len()).then(|| Self { body: Bytes::copy_from_slice(body), ..packet })
    }
}

/// An address with the kinds of its number and of its plan.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Number {
    pub ton: u8,
    pub npi: u8,
    pub digits: String,
}

impl Number {
    /// An address of ours or of a citizen: `+39…`, a short code or a name.
    pub(crate) fn of(address: &str) -> Self {
        match address.strip_prefix('+') {
            Some(digits) => Self { ton: 1, npi: 1, digits: digits.to_owned() },
            None if address.bytes().all(|b| b.is_ascii_digit()) => Self { ton: 0, npi: 1, digits: address.to_owned() },
            None => Self { ton: 5, npi: 0, digits: address.to_owned() },
        }
    }

    /// As people write it.
    pub(crate) fn written(&self) -> String {
        if self.ton == 1 && !self.digits.starts_with('+') { format!("+{}", self.digits) } else { self.digits.clone() }
    }
}

/// The body of `submit_sm`, `deliver_sm` and `data_sm`, as far as it matters here.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct ShortMessage {
    pub source: Number,
    pub destination: Number,
    pub esm_class: u8,
    pub registered_delivery: u8,
    pub data_coding: u8,
    pub text: Vec<u8>,
    pub tlvs: Vec<(u16, Vec<u8>)>,
}

impl ShortMessage {
    /// The body of a `submit_sm`. A text of more than 254 bytes must be in a TLV.
    pub(crate) fn to_body(&self) -> Bytes {
        let mut body = vec![0];
        for number in [&self.source, &self.destination] {
            body.extend([number.ton, number.npi]);
            push_text(&mut body, &number.digits);
        }
        body.extend([self.esm_class, 0, 0, 0, 0, self.registered_delivery, 0, self.data_coding, 0]);
        let text = &self.text[..self.text.len().min(254)];
        body.push(text.len() as u8);
        body.extend_from_slice(text);
        for (tag, value) in &self.tlvs {
            body.extend(tag.to_be_bytes());
            body.extend(u16::try_from(value.len()).unwrap_or(u16::MAX).to_be_bytes());
            body.extend_from_slice(&value[..value.len().min(usize::from(u16::MAX))]);
        }
        body.into()
    }

    /// Reads the body of a message in either direction; `None` when it breaks off before the text's end.
    pub(crate) fn parse(command: u32, body: &[u8]) -> Option<Self> {
        let mut reader = Reader(body);
        let mut message = Self::default();
        reader.text()?;
        for number in [&mut message.source, &mut message.destination] {
            *number = Number { ton: reader.byte()?, npi: reader.byte()?, digits: reader.text()? };
        }
        message.esm_class = reader.byte()?;
        if command == DATA_SM {
            (message.registered_delivery, message.data_coding) = (reader.byte()?, reader.byte()?);
        } else {
            // Protocol and priority, then two times.
            reader.take(2)?;
            reader.text()?;
            reader.text()?;
            message.registered_delivery = reader.byte()?;
            reader.byte()?;
            message.data_coding = reader.byte()?;
            reader.byte()?;
            let length = usize::from(reader.byte()?);
            message.text = reader.take(length)?.to_vec();
        }
        while let Some((tag, value)) = reader.tlv() {
            message.tlvs.push((tag, value.to_vec()));
        }
        if message.text.is_empty()
            && let Some(payload) = message.tlv(MESSAGE_PAYLOAD)
        {
            message.text = payload.to_vec();
        }
        Some(message)
    }

    pub(crate) fn tlv(&self, tag: u16) -> Option<&[u8]> {
        self.tlvs.iter().find(|(t, _)| *t == tag).map(|(_, value)| value.as_slice())
    }

    /// A TLV that holds a number, however wide.
    pub(crate) fn number(&self, tag: u16) -> Option<u16> {
        let value = self.tlv(tag).filter(|v| !v.is_empty())?;
        Some(value.iter().fold(0, |n: u16, byte| n << 8 | u16::from(*byte)))
    }
}

/// The body of a bind.
pub(crate) fn bind_body(system_id: &str, password: &str, system_type: &str) -> Bytes {
    let mut body = Vec::new();
    for text in [system_id, password, system_type] {
        push_text(&mut body, text);
    }
    // Version 3.4; every address of the account.
    body.extend([0x34, 0, 0, 0]);
    body.into()
}

/// System id and password in the body of a bind.
pub(crate) fn bind_words(body: &[u8]) -> (String, String) {
    let mut reader = Reader(body);
    (reader.text().unwrap_or_default(), reader.text().unwrap_or_default())
}

/// The text that a body begins with: the id in an answer.
pub(crate) fn leading_text(body: &[u8]) -> String {
    Reader(body).text().unwrap_or_default()
}

fn push_text(body: &mut Vec<u8>, text: &str) {
    body.extend(text.bytes().filter(|b| *b != 0));
    body.push(0);
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|b| b[0])
    }

    /// Text up to a zero, whatever length the standard allows it.
    fn text(&mut self) -> Option<String> {
        let end = self.0.iter().position(|b| *b == 0)?;
        let text = self.take(end)?;
        self.take(1)?;
        Some(String::from_utf8_lossy(text).into_owned())
    }

    fn tlv(&mut self) -> Option<(u16, &'a [u8])> {
        let head = self.take(4)?;
        let length = u16::from_be_bytes([head[2], head[3]]);
        Some((u16::from_be_bytes([head[0], head[1]]), self.take(usize::from(length))?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn message(text: Vec<u8>, tlvs: Vec<(u16, Vec<u8>)>) -> ShortMessage {
        ShortMessage {
            source: Number::of("Comune"),
            destination: Number::of("+393331234567"),
            esm_class: 0x40,
            registered_delivery: 1,
            data_coding: 8,
            text,
            tlvs,
        }
    }

    #[test]
    fn each_kind_of_address_is_marked_as_such() {
        assert_eq!(Number::of("+3933"), Number { ton: 1, npi: 1, digits: "3933".into() });
        assert_eq!(Number::of("48555"), Number { ton: 0, npi: 1, digits: "48555".into() });
        assert_eq!(Number::of("Comune"), Number { ton: 5, npi: 0, digits: "Comune".into() });
        assert_eq!(Number::of("+3933").written(), "+3933");
    }

    #[test]
    fn a_length_that_no_packet_has_is_not_believed() {
        for length in [0u32, 15, 70_001, u32::MAX] {
            let mut head = [0u8; HEADER];
            head[..4].copy_from_slice(&length.to_be_bytes());
            assert_eq!(Packet::header(head), None, "{length}");
        }
    }

    #[test]
    fn a_number_in_a_tlv_is_read_however_wide_it_is() {
        let m = message(vec![], vec![(SAR_REFERENCE, vec![1, 2]), (SAR_TOTAL, vec![3]), (SAR_SEQUENCE, vec![])]);
        assert_eq!([SAR_REFERENCE, SAR_TOTAL, SAR_SEQUENCE].map(|t| m.number(t)), [Some(258), Some(3), None]);
    }

    proptest! {
        #[test]
        fn a_message_is_read_as_it_was_written(
            text in prop::collection::vec(any::<u8>(), 1..=254),
            tlvs in prop::collection::vec((any::<u16>(), prop::collection::vec(any::<u8>(), 0..40)), 0..4),
            sequence in any::<u32>(),
        ) {
            let written = message(text, tlvs);
            let packet = Packet { command: SUBMIT_SM, status: 0, sequence, body: written.to_body() };
            let read = Packet::parse(&packet.to_bytes()).unwrap();
            prop_assert_eq!(ShortMessage::parse(read.command, &read.body), Some(written));
            prop_assert_eq!(read, packet);
        }

        #[test]
        fn any_bytes_are_read_or_refused(command in any::<u32>(), raw in prop::collection::vec(any::<u8>(), 0..400)) {
            let _either = Packet::parse(&raw);
            if let Some(m) = ShortMessage::parse(command, &raw).or_else(|| ShortMessage::parse(DATA_SM, &raw)) {
                prop_assert!(m.text.len() <= raw.len() && m.tlvs.len() <= raw.len() / 4);
            }
        }
    }
}
