//! Addresses and ids of ours that carry what they are about, with a seal that only we can make:
//! `urp+<token>@domain` in Reply-To, `bounce+<token>@domain` as envelope sender (VERP), and our Message-IDs.

use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// Longest local part of an address (RFC 5321, 4.5.3.1.1).
const LOCAL_PART_LIMIT: usize = 64;

/// Bytes of the seal kept: 80 bits, 16 letters that survive servers which change case.
const SEAL_BYTES: usize = 10;

const BOUNCE: &str = "bounce";

/// The key that seals our addresses and ids. Made from a secret of the installation.
#[derive(Clone)]
pub struct AddressKey(Hmac<Sha256>);

impl std::fmt::Debug for AddressKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AddressKey(…)")
    }
}

impl AddressKey {
    /// A key from the installation's secret, of any length (32 random bytes are right).
    #[must_use]
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    pub fn new(secret: &[u8]) -> Self {
        Self(Hmac::new_from_slice(secret).expect("HMAC takes keys of any length"))
    }

    /// `local+<payload>.<seal>@domain` from `local@domain`: mail sent there is about `payload`.
    ///
    /// `None` when `payload` has characters other than ASCII letters, digits, `-` and `_`, when `base` is no
    /// address, or when the result would not fit in an address.
    #[must_use]
    pub fn plus(&self, base: &str, payload: &str) -> Option<String> {
        let (local, domain) = base.rsplit_once('@')?;
        let local = local.split('+').next()?;
        let local = format!("{local}+{}", self.token("plus", payload)?);
        (local.len() <= LOCAL_PART_LIMIT).then(|| format!("{local}@{domain}"))
    }

    /// The payload (lower case) of a token found after `+` in an address of ours, if we made it.
    #[must_use]
    pub fn verify_plus(&self, token: &str) -> Option<String> {
        self.open("plus", token)
    }

    /// `bounce+<payload>.<seal>@domain`: the envelope sender that makes a bounce say what it is about.
    #[must_use]
    pub fn verp(&self, payload: &str, domain: &str) -> Option<String> {
        let local = format!("{BOUNCE}+{}", self.token("verp", payload)?);
        (local.len() <= LOCAL_PART_LIMIT).then(|| format!("{local}@{domain}"))
    }

    /// The payload (lower case) of a bounce token, if we made it.
    #[must_use]
    pub fn verify_verp(&self, token: &str) -> Option<String> {
        self.open("verp", token)
    }

    /// A Message-ID of ours, without angle brackets: `ticket.contact.seal@domain`.
    #[must_use]
    pub fn message_id(&self, ticket: &str, contact: &str, domain: &str) -> Option<String> {
        if !is_plain(ticket) || !is_plain(contact) {
            return None;
        }
        let both = format!("{ticket}.{contact}").to_ascii_lowercase();
        Some(format!("{both}.{}@{domain}", self.seal("message-id", &both)))
    }

    /// Ticket and contact (lower case) of a Message-ID, if we made it. Angle brackets are ignored.
    #[must_use]
    pub fn verify_message_id(&self, id: &str) -> Option<(String, String)> {
        let (local, _domain) = id.trim().trim_start_matches('<').trim_end_matches('>').rsplit_once('@')?;
        let both = self.open("message-id", local)?;
        both.split_once('.').map(|(t, c)| (t.to_owned(), c.to_owned()))
    }

    fn token(&self, purpose: &str, payload: &str) -> Option<String> {
        if !is_plain(payload) {
            return None;
        }
        let payload = payload.to_ascii_lowercase();
        Some(format!("{payload}.{}", self.seal(purpose, &payload)))
    }

    fn open(&self, purpose: &str, sealed: &str) -> Option<String> {
        let sealed = sealed.to_ascii_lowercase();
        let (payload, seal) = sealed.rsplit_once('.')?;
        let expected = self.seal(purpose, payload);
        bool::from(expected.as_bytes().ct_eq(seal.as_bytes())).then(|| payload.to_owned())
    }

    /// The purpose is sealed too, so that a token of one kind is worth nothing as another.
    fn seal(&self, purpose: &str, payload: &str) -> String {
        let mut mac = self.0.clone();
        mac.update(purpose.as_bytes());
        mac.update(&[0]);
        mac.update(payload.as_bytes());
        let full = mac.finalize().into_bytes();
        BASE32_NOPAD.encode(&full[..SEAL_BYTES]).to_ascii_lowercase()
    }
}

fn is_plain(payload: &str) -> bool {
    !payload.is_empty() && payload.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

/// What stands after the first `+` in the local part of an address.
#[must_use]
pub fn plus_token(address: &str) -> Option<&str> {
    let (local, _) = address.rsplit_once('@')?;
    local.split_once('+').map(|(_, token)| token).filter(|t| !t.is_empty())
}

/// The address without its `+token`, in lower case: what to compare with our own addresses.
#[must_use]
pub fn base_of(address: &str) -> String {
    let lower = address.trim().to_lowercase();
    match lower.rsplit_once('@') {
        Some((local, domain)) => format!("{}@{domain}", local.split('+').next().unwrap_or(local)),
        None => lower,
    }
}

/// The token of a bounce address (`bounce+<token>@…`), not verified.
#[must_use]
pub fn bounce_token(address: &str) -> Option<&str> {
    let (local, _) = address.split_once('+')?;
    if local.eq_ignore_ascii_case(BOUNCE) { plus_token(address) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> AddressKey {
        AddressKey::new(b"0123456789abcdef0123456789abcdef")
    }

    #[test]
    fn a_reply_address_gives_back_its_payload_whatever_the_case() {
        let address = key().plus("urp@comune.example", "7K3M9PQR2-2").unwrap();
        assert!(address.starts_with("urp+7k3m9pqr2-2."));
        let token = plus_token(&address).unwrap().to_uppercase();
        assert_eq!(key().verify_plus(&token).as_deref(), Some("7k3m9pqr2-2"));
    }

    #[test]
    fn a_token_of_one_kind_or_another_key_or_changed_is_refused() {
        let address = key().plus("urp@comune.example", "7K3M9PQR2").unwrap();
        let token = plus_token(&address).unwrap();
        assert_eq!(key().verify_verp(token), None);
        assert_eq!(AddressKey::new(b"other").verify_plus(token), None);
        assert_eq!(key().verify_plus(&token.replacen('7', "8", 1)), None);
        assert_eq!(key().verify_plus(""), None);
        assert_eq!(key().verify_plus("."), None);
    }

    #[test]
    fn an_address_that_would_be_too_long_or_strange_is_not_made() {
        assert_eq!(key().plus("urp@comune.example", "a b"), None);
        assert_eq!(key().plus("urp@comune.example", &"a".repeat(60)), None);
        assert_eq!(key().plus("senza-chiocciola", "a"), None);
        assert_eq!(key().verp(&"a".repeat(60), "comune.example"), None);
    }

    #[test]
    fn our_message_ids_name_their_ticket_and_contact() {
        let id = key().message_id("7K3M9PQR2", "41", "comune.example").unwrap();
        assert_eq!(key().verify_message_id(&format!("<{id}>")), Some(("7k3m9pqr2".into(), "41".into())));
        assert_eq!(key().verify_message_id("<7k3m9pqr2.41.aaaaaaaaaaaaaaaa@comune.example>"), None);
    }

    #[test]
    fn a_bounce_address_is_recognised() {
        let address = key().verp("981", "comune.example").unwrap();
        let token = bounce_token(&address).unwrap();
        assert_eq!(key().verify_verp(token).as_deref(), Some("981"));
        assert_eq!(bounce_token("urp+x@comune.example"), None);
        assert_eq!(base_of("URP+x.y@Comune.example"), "urp@comune.example");
    }
}
