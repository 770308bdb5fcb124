//! Joining the parts that a telephone cut a long text into.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::keyword::keyword;
use crate::email::text::subject_codes;
use crate::{Inbound, Notice, Part};

/// Stands for parts that never came.
const GAP: &str = "[…]";

/// What can be made of the parts of one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joined {
    /// The message so far; it has the id of its first part at hand.
    pub message: Inbound,
    /// Numbers of the parts that are not there; empty when the message is whole.
    pub missing: Vec<u8>,
}

/// What parts must share to belong together: sender, called number, reference and number of parts. References
/// come again: only parts received within a day or so of each other are to be given to [`join`].
#[must_use]
pub fn join_key(part: &Inbound) -> Option<String> {
    let Part { reference, total, .. } = part.part?;
    let address = |a: Option<&crate::Address>| a.map(|a| a.address.clone()).unwrap_or_default();
    Some(format!("{}>{}:{reference}/{total}", address(part.from.as_ref()), address(part.to.first())))
}

/// Joins parts with the same [`join_key`], in whatever order and however often they came; the same parts give the
/// same message. `None` when there is none, or when they do not belong together.
#[must_use]
pub fn join(parts: &[Inbound]) -> Option<Joined> {
    let key = join_key(parts.first()?)?;
    if parts.iter().any(|p| join_key(p).as_ref() != Some(&key)) {
        return None;
    }
    // Of a part that came twice, the one with the smaller id: any would do, the choice must not depend on order.
    let mut places: BTreeMap<u8, (&Inbound, Part)> = BTreeMap::new();
    for message in parts {
        let part = message.part?;
        let place = places.entry(part.sequence).or_insert((message, part));
        if message.external_id < place.0.external_id {
            *place = (message, part);
        }
    }
    let (first, Part { total, .. }) = *places.values().next()?;
    let missing: Vec<u8> = (1..=total).filter(|n| !places.contains_key(n)).collect();
    let mut text = String::new();
    let mut half: Option<u16> = None;
    let mut sha = Sha256::new();
    for n in 1..=total {
        let Some((message, part)) = places.get(&n) else {
            if !text.ends_with(GAP) {
                text.push_str(GAP);
            }
            half = None;
            continue;
        };
        sha.update(message.digest.as_bytes());
        if let (Some(high), Some(low)) = (half, part.opens_with) {
            text.extend(char::decode_utf16([high, low]).flatten());
        }
        text.push_str(&message.text);
        half = part.ends_with;
    }
    let digest = data_encoding::HEXLOWER.encode(&sha.finalize());
    let mut message = first.clone();
    message.sent_at = places.values().filter_map(|(m, _)| m.sent_at).min();
    message.attachments = places.values().flat_map(|(m, _)| m.attachments.clone()).collect();
    message.keyword = if missing.is_empty() { keyword(&text) } else { None };
    message.subject_codes = subject_codes(&text);
    message.reply_text.clone_from(&text);
    message.text = text;
    message.content_digest.clone_from(&digest);
    message.digest = digest;
    message.part = None;
    if !missing.is_empty() {
        message.notices.push(Notice::PartsMissing);
    }
    Some(Joined { message, missing })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Address, ChannelKind};
    use proptest::prelude::*;

    fn part(sequence: u8, total: u8, text: &str) -> Inbound {
        let id = format!("{sequence}-{text}");
        let mut m = Inbound::new(ChannelKind::Sms, id.clone(), id.as_bytes());
        m.from = Some(Address { name: None, address: "+393331234567".into() });
        m.text = text.into();
        m.part = Some(Part { reference: 7, total, sequence, opens_with: None, ends_with: None });
        m
    }

    #[test]
    fn a_message_without_one_of_its_parts_is_shown_with_a_gap() {
        let joined = join(&[part(4, 4, "fine"), part(1, 4, "Inizio ")]).unwrap();
        assert_eq!((joined.message.text.as_str(), joined.missing), ("Inizio […]fine", vec![2, 3]));
        assert_eq!(joined.message.notices, [Notice::PartsMissing]);
        assert_eq!(joined.message.part, None);
    }

    #[test]
    fn a_character_cut_in_two_is_whole_again() {
        let (mut one, mut two) = (part(1, 2, "sole "), part(2, 2, "!"));
        let mut halves = [0u16; 2];
        '😀'.encode_utf16(&mut halves);
        one.part.as_mut().unwrap().ends_with = Some(halves[0]);
        two.part.as_mut().unwrap().opens_with = Some(halves[1]);
        assert_eq!(join(&[two, one]).unwrap().message.text, "sole 😀!");
    }

    #[test]
    fn what_does_not_belong_together_is_not_joined() {
        let mut other = part(2, 2, "b");
        other.from = None;
        assert_eq!(join(&[part(1, 2, "a"), other]), None);
        assert_eq!(join(&[part(1, 2, "a"), part(2, 3, "b")]), None);
        let mut whole = part(1, 1, "a");
        whole.part = None;
        assert_eq!((join(&[whole]), join(&[])), (None, None));
    }

    #[test]
    fn a_word_that_steers_is_seen_only_in_the_whole() {
        assert_eq!(join(&[part(1, 2, "ST"), part(2, 2, "OP")]).unwrap().message.keyword, Some(crate::Keyword::Stop));
        assert_eq!(join(&[part(1, 2, "STOP")]).unwrap().message.keyword, None);
    }

    proptest! {
        #[test]
        fn order_and_repetition_change_nothing(
            texts in prop::collection::vec("[a-z ]{0,20}", 1..8),
            picks in prop::collection::vec(any::<prop::sample::Index>(), 0..20),
        ) {
            let total = texts.len() as u8;
            let parts: Vec<Inbound> = texts.iter().zip(1..).map(|(t, n)| part(n, total, t)).collect();
            let mut shuffled: Vec<Inbound> = picks.iter().map(|i| i.get(&parts).clone()).collect();
            shuffled.extend(parts.iter().rev().cloned());
            let (one, other) = (join(&parts).unwrap(), join(&shuffled).unwrap());
            prop_assert_eq!(&one, &other);
            prop_assert_eq!(one.message.text, texts.concat());
            prop_assert!(one.missing.is_empty());
        }
    }
}
