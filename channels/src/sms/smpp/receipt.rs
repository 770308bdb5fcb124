//! Delivery receipts: TLVs where the SMSC sends them, else the text that the standard's appendix suggests.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::pdu::{MESSAGE_STATE, RECEIPTED_MESSAGE_ID, ShortMessage};
use crate::Action;

/// What an SMSC says became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Receipt {
    /// Every spelling of its id, the SMSC's own first.
    pub ids: Vec<String>,
    pub action: Action,
    /// The state's name in the receipt: `DELIVRD`.
    pub state: String,
    /// The SMSC's code for why.
    pub error: Option<String>,
    pub at: Option<Timestamp>,
}

impl Receipt {
    /// The receipt in a message that is one; `None` when it is an ordinary message.
    pub(crate) fn of(message: &ShortMessage, text: &str, zone: &TimeZone) -> Option<Self> {
        let marked = matches!(message.esm_class & 0x3C, 0x04 | 0x20);
        let id_tlv = message
            .tlv(RECEIPTED_MESSAGE_ID)
            .map(|id| String::from_utf8_lossy(id).trim_end_matches('\0').trim().to_owned());
        if !marked && id_tlv.is_none() {
            return None;
        }
        let written = field(text, "stat:").map(str::to_uppercase);
        let state = message.number(MESSAGE_STATE).and_then(name_of).map(str::to_owned).or(written).unwrap_or_default();
        let mut ids = Vec::new();
        for id in [id_tlv.as_deref(), field(text, "id:")].into_iter().flatten() {
            for spelling in spellings(id) {
                if !ids.contains(&spelling) {
                    ids.push(spelling);
                }
            }
        }
        Some(Self {
            ids,
            action: action_of(&state),
            error: field(text, "err:").filter(|code| code.bytes().any(|b| b != b'0')).map(str::to_owned),
            at: field(text, "done date:").and_then(|date| time(date, zone)),
            state,
        })
    }
}

/// The numbers of `message_state`, in order from 1.
const STATES: [&str; 8] = ["ENROUTE", "DELIVRD", "EXPIRED", "DELETED", "UNDELIV", "ACCEPTD", "UNKNOWN", "REJECTD"];

fn name_of(state: u16) -> Option<&'static str> {
    STATES.get(usize::from(state).checked_sub(1)?).copied()
}

fn action_of(state: &str) -> Action {
    match state {
        "DELIVRD" => Action::Delivered,
        "EXPIRED" | "DELETED" | "UNDELIV" | "REJECTD" => Action::Failed,
        "ENROUTE" => Action::Delayed,
        // Taken by the network, which says no more: ACCEPTD, UNKNOWN and what vendors invent.
        _ => Action::Relayed,
    }
}

/// The word after a name in the receipt's text. The name must begin a word: `err:` is not in `stderr:`.
fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    // ASCII only: byte positions stay the same.
    let lower = text.to_ascii_lowercase();
    let begins = |at: &usize| *at == 0 || lower.as_bytes()[at - 1].is_ascii_whitespace();
    let at = lower.match_indices(name).map(|(at, _)| at).find(begins)?;
    text.get(at + name.len()..)?.split_whitespace().next()
}

/// `YYMMDDhhmm`, with seconds at some.
fn time(date: &str, zone: &TimeZone) -> Option<Timestamp> {
    if !(10..=12).contains(&date.len()) || !date.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let pair = |at: usize| date.get(at..at + 2).and_then(|digits| digits.parse::<i8>().ok());
    let at =
        DateTime::new(2000 + i16::from(pair(0)?), pair(2)?, pair(4)?, pair(6)?, pair(8)?, pair(10).unwrap_or(0), 0);
    at.ok()?.to_zoned(zone.clone()).ok().map(|z| z.timestamp())
}

/// An id as the SMSC may have written it in its answer: receipts often have in decimal what answers had in
/// hexadecimal, or the reverse, with zeros in front or without.
fn spellings(id: &str) -> Vec<String> {
    let id = id.trim();
    if id.is_empty() {
        return Vec::new();
    }
    let bare = id.trim_start_matches('0');
    let mut all = vec![id.to_owned(), bare.to_owned(), id.to_uppercase(), id.to_lowercase()];
    if let Ok(n) = bare.parse::<u128>() {
        all.extend([format!("{n:010}"), format!("{n:x}"), format!("{n:X}"), format!("{n:08x}"), format!("{n:08X}")]);
    }
    if let Ok(n) = u128::from_str_radix(bare, 16) {
        all.extend([format!("{n}"), format!("{n:010}"), format!("{n:x}"), format!("{n:X}")]);
    }
    let mut each = Vec::new();
    for spelling in all {
        if !spelling.is_empty() && !each.contains(&spelling) {
            each.push(spelling);
        }
    }
    each
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TEXT: &str =
        "id:0000001001 sub:001 dlvrd:001 submit date:2602030859 done date:2602030900 stat:DELIVRD err:000 text:Gentile";

    fn receipt(esm_class: u8, text: &str, tlvs: Vec<(u16, Vec<u8>)>) -> Option<Receipt> {
        let message = ShortMessage { esm_class, tlvs, ..ShortMessage::default() };
        Receipt::of(&message, text, &TimeZone::get("Europe/Rome").unwrap())
    }

    #[test]
    fn the_text_of_a_receipt_is_read() {
        let read = receipt(4, TEXT, vec![]).unwrap();
        assert_eq!((read.action, read.state.as_str(), read.error), (Action::Delivered, "DELIVRD", None));
        assert_eq!(read.at.unwrap().to_string(), "2026-02-03T08:00:00Z", "by the clock of the SMSC's zone");
        for id in ["0000001001", "1001", "3e9", "3E9", "000003e9"] {
            assert!(read.ids.iter().any(|known| known == id), "{id}");
        }
        assert_eq!(read.ids[0], "0000001001");
        let failed = receipt(4, "id:1a2B stat:Undeliv err:0B1", vec![]).unwrap();
        assert_eq!((failed.action, failed.error.as_deref()), (Action::Failed, Some("0B1")));
        assert!(failed.ids.contains(&"6699".to_owned()) && failed.ids.contains(&"1A2B".to_owned()));
        assert_eq!(receipt(0, TEXT, vec![]), None, "a citizen may write the same");
    }

    #[test]
    fn a_tlv_counts_more_than_the_text() {
        let tlvs = vec![(RECEIPTED_MESSAGE_ID, b"77\0".to_vec()), (MESSAGE_STATE, vec![5])];
        let read = receipt(0, TEXT, tlvs).unwrap();
        assert_eq!((read.ids[0].as_str(), read.action), ("77", Action::Failed));
        assert!(read.ids.contains(&"1001".to_owned()), "the id in the text is known too");
        assert_eq!(receipt(4, "", vec![]).unwrap().action, Action::Relayed);
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "(.{0,20}|id:|stat:|err:|done date:| |[0-9a-f]{0,14}){0,12}") {
            let read = receipt(4, &text, vec![]).unwrap();
            prop_assert!(read.ids.len() < 30 && read.state.len() <= text.len() * 3);
        }

        #[test]
        fn hexadecimal_and_decimal_meet(n in any::<u64>()) {
            let (decimal, hexadecimal, upper) = (format!("{n}"), format!("{n:x}"), format!("{n:X}"));
            prop_assert!(spellings(&decimal).contains(&hexadecimal));
            prop_assert!(spellings(&upper).contains(&decimal));
        }
    }
}
