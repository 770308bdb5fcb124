//! Signed webhooks: what another system is told, in JSON that it can prove comes from us.
//!
//! `X-Signature: t=<seconds>,v1=<hex>` is the HMAC-SHA256, under the secret both sides know, of `<seconds>.<body>`. The
//! receiver compares in constant time and refuses old instants. `X-Event-Id` names what is told and stays the same at
//! every attempt and replay, so that the receiver takes it once.
use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use reqwest::Url;
use sha2::Sha256;

use crate::Secret;
use crate::calls::{Answered, Call, CallError, Caller};

/// Longest answer that is read: a receiver has little to say.
const LONGEST_ANSWER: usize = 64 << 10;

/// Something to be told.
#[derive(Debug, Clone)]
pub struct Told<'a> {
    /// The receiver's address.
    pub url: Url,
    /// The same at every attempt.
    pub id: &'a str,
    /// What happened, as `leg.sent`.
    pub event: &'a str,
    /// JSON.
    pub body: &'a str,
    /// What both sides know.
    pub secret: &'a Secret,
    /// When it is sent.
    pub now: Timestamp,
}

/// The value of `X-Signature`.
#[must_use]
pub fn signature(secret: &Secret, body: &str, now: Timestamp) -> String {
    let seconds = now.as_second();
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()).expect("any key length");
    mac.update(format!("{seconds}.").as_bytes());
    mac.update(body.as_bytes());
    format!("t={seconds},v1={}", HEXLOWER.encode(&mac.finalize().into_bytes()))
}

/// Tells it once.
///
/// # Errors
/// [`CallError`] when nothing answered.
pub async fn tell(caller: &Caller, told: Told<'_>) -> Result<Answered, CallError> {
    let mut call =
        Call::post(told.url, "application/json; charset=utf-8", told.body.as_bytes().to_vec(), LONGEST_ANSWER);
    call.headers = vec![
        ("x-signature".to_owned(), signature(told.secret, told.body, told.now)),
        ("x-event-id".to_owned(), told.id.to_owned()),
        ("x-event".to_owned(), told.event.to_owned()),
        ("accept".to_owned(), "application/json".to_owned()),
    ];
    caller.call(call).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_that_of_instant_and_body() {
        // openssl: printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac segreto
        let now = Timestamp::from_second(1_700_000_000).unwrap();
        let signed = signature(&Secret::new("segreto"), r#"{"a":1}"#, now);
        let expected = "t=1700000000,v1=ef86c4dd36264d0da54691c61130b5bd726d863bc44c60bef95fdcc40f9367a1";
        assert_eq!(signed, expected);
        assert_ne!(signature(&Secret::new("segreto"), r#"{"a":2}"#, now), expected);
        assert_ne!(signature(&Secret::new("altro"), r#"{"a":1}"#, now), expected);
    }
}
