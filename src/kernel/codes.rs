//! Codes that people read, dictate and type. A tracking code is 8 random symbols of Crockford base 32
//! (40 bits) and a check symbol over GF(32): it catches every single wrong symbol and every swap of two.
use std::fmt;

use rand::RngExt;

const SYMBOLS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const DATA: usize = 8;

/// What the citizen keeps of a ticket: 9 symbols, shown in groups of three.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TrackingCode(String);

/// Why a text is not a tracking code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCode {
    #[error("a tracking code has nine letters or digits")]
    Length,
    #[error("a tracking code has no such symbol")]
    Symbol,
    #[error("one of the symbols is mistyped")]
    Check,
}

/// Multiplies by the generator of GF(2^5) with x^5 + x^2 + 1.
const fn times_alpha(x: u8) -> u8 {
    let shifted = x << 1;
    if shifted & 0b10_0000 == 0 { shifted } else { (shifted ^ 0b10_0101) & 0b1_1111 }
}

/// Weighted sum with a different power of the generator at each place: no two places are alike, so a swap
/// changes it, and no weight is zero, so a substitution does.
fn check(data: &[u8]) -> u8 {
    let mut sum = 0;
    for &symbol in data {
        sum = times_alpha(sum ^ symbol);
    }
    sum
}

fn value(symbol: char) -> Result<u8, InvalidCode> {
    let folded = match symbol.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    let place = SYMBOLS.iter().position(|&s| char::from(s) == folded).ok_or(InvalidCode::Symbol)?;
    u8::try_from(place).map_err(|_| InvalidCode::Symbol)
}

impl TrackingCode {
    /// A new code from 40 random bits.
    pub fn random() -> Self {
        Self::from_bits(rand::rng().random::<u64>())
    }

    /// The code of the low 40 bits of `bits`.
    pub fn from_bits(bits: u64) -> Self {
        let mut data = [0u8; DATA + 1];
        for (place, symbol) in data.iter_mut().take(DATA).enumerate() {
            *symbol = u8::try_from((bits >> (5 * place)) & 31).unwrap_or(0);
        }
        data[DATA] = check(&data[..DATA]);
        Self(data.iter().map(|&v| char::from(SYMBOLS[usize::from(v & 31)])).collect())
    }

    /// Reads a code as people type it: any case, with spaces, dots or dashes, O for 0, I or L for 1.
    ///
    /// # Errors
    /// Says whether the length, a symbol or the check is wrong.
    pub fn parse(text: &str) -> Result<Self, InvalidCode> {
        let values = text
            .chars()
            .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '.' | '/' | '_' | '–'))
            .take(DATA + 2)
            .map(value)
            .collect::<Result<Vec<_>, _>>()?;
        if values.len() != DATA + 1 {
            return Err(InvalidCode::Length);
        }
        if check(&values[..DATA]) != values[DATA] {
            return Err(InvalidCode::Check);
        }
        Ok(Self(values.iter().map(|&v| char::from(SYMBOLS[usize::from(v & 31)])).collect()))
    }

    /// The nine symbols without separators, as stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A code read back from the database, where only valid ones are written.
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    /// In groups of three: `ABC-DEF-GHJ`.
    pub fn grouped(&self) -> String {
        grouped(&self.0)
    }
}

/// A stored code in groups of three.
pub fn grouped(code: &str) -> String {
    let symbols: Vec<char> = code.chars().collect();
    symbols.chunks(3).map(|g| g.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

impl fmt::Display for TrackingCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.grouped())
    }
}

/// A random secret for links and sessions: 160 bits in lower-case base 32.
pub fn random_token() -> String {
    let bytes: [u8; 20] = rand::rng().random();
    data_encoding::BASE32_NOPAD.encode(&bytes).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_code_reads_back_however_it_is_typed(bits: u64) {
            let code = TrackingCode::from_bits(bits);
            prop_assert_eq!(TrackingCode::parse(&code.grouped()), Ok(code.clone()));
            let sloppy = code.as_str().to_lowercase().replace('0', "o").replace('1', "l");
            prop_assert_eq!(TrackingCode::parse(&format!(" {sloppy} ")), Ok(code));
        }

        #[test]
        fn a_wrong_symbol_is_noticed(bits: u64, place in 0usize..9, other in 0usize..32) {
            let code = TrackingCode::from_bits(bits);
            let mut bytes = code.as_str().as_bytes().to_vec();
            prop_assume!(bytes[place] != SYMBOLS[other]);
            bytes[place] = SYMBOLS[other];
            let typed = String::from_utf8(bytes).unwrap();
            prop_assert_eq!(TrackingCode::parse(&typed), Err(InvalidCode::Check));
        }

        #[test]
        fn two_swapped_symbols_are_noticed(bits: u64, a in 0usize..9, b in 0usize..9) {
            let code = TrackingCode::from_bits(bits);
            let mut bytes = code.as_str().as_bytes().to_vec();
            prop_assume!(bytes[a] != bytes[b]);
            bytes.swap(a, b);
            let typed = String::from_utf8(bytes).unwrap();
            prop_assert!(TrackingCode::parse(&typed).is_err());
        }

        #[test]
        fn any_text_is_read_without_panic(text: String) {
            drop(TrackingCode::parse(&text));
        }
    }
}
