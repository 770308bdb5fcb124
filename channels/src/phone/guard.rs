//! How a SIP edge or an answering machine proves that a request is its own.
//!
//! The query ends in `&v1=<signature>` and holds `t=<seconds since 1970>`. The signature is the HMAC-SHA256, in
//! base64url, of path, `?`, the query before `&v1=`, a line feed and the body. A request is good for
//! [`WINDOW_SECONDS`]; told again within them it is the same event with the same id, which changes nothing.

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::pairs::Pairs;
use crate::secret::same;
use crate::{HookRefusal, HookRequest, Secret};

/// How far the clocks of edge and platform may differ, and how long a request is good.
pub const WINDOW_SECONDS: u64 = 300;

/// Verifies requests with a shared secret.
#[derive(Debug, Clone)]
pub struct Guard {
    secret: Secret,
    basic: bool,
}

impl Guard {
    /// Takes signed requests only.
    #[must_use]
    pub const fn signed(secret: Secret) -> Self {
        Self { secret, basic: false }
    }

    /// Takes the secret as a password (HTTP Basic) too, for an edge that cannot sign: over TLS or loopback only.
    #[must_use]
    pub const fn signed_or_basic(secret: Secret) -> Self {
        Self { secret, basic: true }
    }

    /// Whether the request is the edge's own and fresh.
    ///
    /// # Errors
    /// [`HookRefusal::Forbidden`], without a word on what was wrong.
    pub fn check(&self, request: &HookRequest) -> Result<(), HookRefusal> {
        let signed = request.query.rsplit_once("&v1=").is_some_and(|(query, given)| {
            let expected = sign(&self.secret, &request.path, query, &request.body);
            same(given.trim_end_matches('='), expected.trim_end_matches('='))
        });
        let proved = signed || (self.basic && self.has_password(request));
        (proved && !self.secret.is_empty() && is_fresh(request)).then_some(()).ok_or(HookRefusal::Forbidden)
    }

    fn has_password(&self, request: &HookRequest) -> bool {
        let given = request.header("authorization").and_then(|h| h.strip_prefix("Basic "));
        let given = given.and_then(|h| data_encoding::BASE64.decode(h.trim().as_bytes()).ok()).unwrap_or_default();
        let password = given.iter().position(|b| *b == b':').map_or(&[][..], |colon| &given[colon + 1..]);
        password.ct_eq(self.secret.expose().as_bytes()).into()
    }
}

/// The query with its signature, for a client that speaks to such a hook.
#[must_use]
pub fn signed_query(secret: &Secret, path: &str, query: &str, body: &[u8]) -> String {
    format!("{query}&v1={}", sign(secret, path, query, body))
}

fn sign(secret: &Secret, path: &str, query: &str, body: &[u8]) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()) else {
        // HMAC takes keys of every length.
        return String::new();
    };
    for part in [path.as_bytes(), b"?", query.as_bytes(), b"\n", body] {
        mac.update(part);
    }
    data_encoding::BASE64URL_NOPAD.encode(&mac.finalize().into_bytes())
}

fn is_fresh(request: &HookRequest) -> bool {
    let told = Pairs::parse(request.query.as_bytes()).text("t");
    let at = told.parse().ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    at.is_some_and(|at| at.duration_since(request.now).unsigned_abs().as_secs() <= WINDOW_SECONDS)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    pub(crate) const SECRET: &str = "segreto-del-centralino";
    pub(crate) const NOW: i64 = 1_764_000_000;

    /// A request signed as an edge does, at `NOW`.
    pub(crate) fn request(path: &str, query: &str, media_type: &str, body: &[u8]) -> HookRequest {
        let query = signed_query(&SECRET.into(), path, &format!("t={NOW}{query}"), body);
        HookRequest {
            method: "POST".into(),
            url: format!("https://cc.example.gov.it/hooks/telefono/{path}?{query}"),
            path: path.into(),
            query,
            headers: vec![("content-type".into(), media_type.into())],
            body: body.to_vec().into(),
            now: Timestamp::from_second(NOW).unwrap_or_default(),
        }
    }

    fn guard() -> Guard {
        Guard::signed(SECRET.into())
    }

    #[test]
    fn the_signature_covers_path_query_and_body() {
        let good = request("event", "&a=1", "application/json", b"{}");
        assert_eq!(guard().check(&good), Ok(()));
        let other_time = good.query.replace(&NOW.to_string(), &(NOW + 1).to_string());
        for changed in [
            HookRequest { path: "route".into(), ..good.clone() },
            HookRequest { query: good.query.replace("a=1", "a=2"), ..good.clone() },
            HookRequest { query: other_time, ..good.clone() },
            HookRequest { query: format!("t={NOW}"), ..good.clone() },
            HookRequest { query: format!("{}&b=1", good.query), ..good.clone() },
            HookRequest { body: "{ }".into(), ..good.clone() },
        ] {
            assert_eq!(guard().check(&changed), Err(HookRefusal::Forbidden), "{changed:?}");
        }
        assert_eq!(Guard::signed("altro".into()).check(&good), Err(HookRefusal::Forbidden));
    }

    #[test]
    fn the_signature_is_the_one_written_in_the_manual() {
        let query = signed_query(&"s3cret".into(), "event", "t=1764000000", b"{\"a\":1}");
        assert_eq!(query, "t=1764000000&v1=Fs5mfHl--nN9npBHPxyx0LmaWGs3fVcAVO7iGtNgSww");
    }

    #[test]
    fn a_request_is_good_for_some_minutes_only() {
        let good = request("event", "", "application/json", b"{}");
        for (late, taken) in [(300, true), (-300, true), (301, false), (-301, false)] {
            let now = Timestamp::from_second(NOW + late).unwrap_or_default();
            assert_eq!(guard().check(&HookRequest { now, ..good.clone() }).is_ok(), taken, "{late}");
        }
    }

    #[test]
    fn a_password_is_taken_only_where_it_is_allowed() {
        let header = format!("Basic {}", data_encoding::BASE64.encode(format!("kamailio:{SECRET}").as_bytes()));
        let basic = HookRequest {
            query: format!("t={NOW}"),
            headers: vec![("authorization".into(), header)],
            ..request("event", "", "application/json", b"{}")
        };
        let both = Guard::signed_or_basic(SECRET.into());
        assert_eq!(both.check(&basic), Ok(()));
        assert!(guard().check(&basic).is_err());
        assert!(both.check(&HookRequest { query: "t=1".into(), ..basic.clone() }).is_err());
        assert!(both.check(&HookRequest { headers: vec![], ..basic.clone() }).is_err());
        assert!(Guard::signed_or_basic(Secret::default()).check(&HookRequest { headers: vec![], ..basic }).is_err());
    }

    proptest! {
        #[test]
        fn nothing_is_proved_by_chance(query in ".{0,80}", header in ".{0,40}", body in ".{0,40}") {
            let headers = vec![("authorization".to_owned(), format!("Basic {header}"))];
            let request = HookRequest { query, headers, ..request("event", "", "", body.as_bytes()) };
            prop_assert!(Guard::signed_or_basic(SECRET.into()).check(&request).is_err());
        }
    }
}
