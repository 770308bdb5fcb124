//! Pairs of names and values as providers send them in queries and forms.

use percent_encoding::percent_decode;

/// More pairs than any provider sends.
const MOST_PAIRS: usize = 200;

/// Names and values, values as bytes: their charset may be another than UTF-8.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Pairs(pub Vec<(String, Vec<u8>)>);

impl Pairs {
    /// Reads a query or a form (`application/x-www-form-urlencoded`).
    pub(crate) fn parse(raw: &[u8]) -> Self {
        let decode = |part: &[u8]| {
            let spaced: Vec<u8> = part.iter().map(|b| if *b == b'+' { b' ' } else { *b }).collect();
            percent_decode(&spaced).collect::<Vec<u8>>()
        };
        let pairs = raw.split(|b| *b == b'&').filter(|pair| !pair.is_empty()).take(MOST_PAIRS).map(|pair| {
            let mut halves = pair.splitn(2, |b| *b == b'=');
            let name = decode(halves.next().unwrap_or_default());
            (String::from_utf8_lossy(&name).into_owned(), decode(halves.next().unwrap_or_default()))
        });
        Self(pairs.collect())
    }

    /// The bytes of the first value of this name.
    pub(crate) fn bytes(&self, name: &str) -> Option<&[u8]> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_slice())
    }

    /// The first value of this name as text, empty when there is none.
    pub(crate) fn text(&self, name: &str) -> String {
        String::from_utf8_lossy(self.bytes(name).unwrap_or_default()).into_owned()
    }

    /// The value as text when it is not empty.
    pub(crate) fn given(&self, name: &str) -> Option<String> {
        Some(self.text(name)).filter(|value| !value.trim().is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn pairs_keep_the_bytes_of_their_values() {
        let pairs = Pairs::parse(b"from=%2B39333&text=citt%E0+mia&&empty=&alone");
        assert_eq!(pairs.text("from"), "+39333");
        assert_eq!(pairs.bytes("text"), Some(&b"citt\xE0 mia"[..]));
        assert_eq!((pairs.given("empty"), pairs.given("alone"), pairs.given("none")), (None, None, None));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(raw in prop::collection::vec(any::<u8>(), 0..400)) {
            prop_assert!(Pairs::parse(&raw).0.len() <= MOST_PAIRS);
        }

        #[test]
        fn encoded_values_come_back(value in prop::collection::vec(any::<u8>(), 0..60)) {
            let encoded = percent_encoding::percent_encode(&value, percent_encoding::NON_ALPHANUMERIC).to_string();
            let pairs = Pairs::parse(format!("v={encoded}").as_bytes());
            prop_assert_eq!(pairs.bytes("v"), Some(&value[..]));
        }
    }
}
