//! What text messages and calls through Twilio, or a provider with the same interface, have in common: the
//! signature on its requests, and what they can be asked ([`rest`]).

pub(crate) mod rest;

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::pairs::Pairs;
use crate::secret::same;
use crate::{HookRequest, Secret};

/// Whether the request was signed with `token`. The header is an HMAC over the public address and, for a form,
/// its pairs in the order of their names; any other body is vouched for by its digest in the query.
#[must_use]
pub fn is_signed(request: &HookRequest, token: &Secret) -> bool {
    let Some(given) = request.header("x-twilio-signature").filter(|_| !token.is_empty()) else { return false };
    let form = has_form(request);
    let mut pairs = if form && request.method == "POST" { Pairs::parse(&request.body).0 } else { Vec::new() };
    if let Some(digest) = Pairs::parse(request.query.as_bytes()).given("bodySHA256") {
        if !same(&digest.to_ascii_lowercase(), &data_encoding::HEXLOWER.encode(&Sha256::digest(&request.body))) {
            return false;
        }
        pairs.clear();
    } else if !form && !request.body.is_empty() {
        return false;
    }
    pairs.sort();
    pairs.dedup();
    // Whether the port belongs to the address depends on the provider's age.
    spellings(&request.url).iter().any(|url| same(given.trim(), &sign(token, url, &pairs)))
}

/// Whether there is a signature to verify at all, once the body is read.
pub(crate) fn has_signature(head: &HookRequest) -> bool {
    head.header("x-twilio-signature").is_some_and(|given| !given.trim().is_empty())
}

/// Whether the body is a form.
pub(crate) fn has_form(request: &HookRequest) -> bool {
    let media_type = request.header("content-type").unwrap_or_default().to_ascii_lowercase();
    media_type.starts_with("application/x-www-form-urlencoded")
}

/// The header `X-Twilio-Signature` of a form, for a client that speaks to such a hook.
#[must_use]
pub fn signature(token: &Secret, url: &str, form: &str) -> String {
    let mut pairs = Pairs::parse(form.as_bytes()).0;
    pairs.sort();
    pairs.dedup();
    sign(token, url, &pairs)
}

fn sign(token: &Secret, url: &str, pairs: &[(String, Vec<u8>)]) -> String {
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(token.expose().as_bytes()) else {
        // HMAC takes keys of every length.
        return String::new();
    };
    mac.update(url.as_bytes());
    for (name, value) in pairs {
        mac.update(name.as_bytes());
        mac.update(value);
    }
    data_encoding::BASE64.encode(&mac.finalize().into_bytes())
}

/// The address as it is, and with its port added or taken away.
fn spellings(url: &str) -> Vec<String> {
    let mut all = vec![url.to_owned()];
    let Some((scheme, rest)) = url.split_once("://") else { return all };
    let (host, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => all.push(format!("{scheme}://{name}{path}")),
        _ => {
            let port = if scheme == "https" { 443 } else { 80 };
            all.push(format!("{scheme}://{host}:{port}{path}"));
        }
    }
    all
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    pub(crate) const TOKEN: &str = "12345678901234567890123456789012";

    const FORM: &str = "MessageSid=SM00000000000000000000000000000001&AccountSid=AC00000000000000000000000000000000\
        &From=%2B393331234567&To=%2B39800123&Body=Segnalo+una+buca+in+via+Forl%C3%AC&NumMedia=0";
    const URL: &str = "https://cc.example.gov.it/webhooks/twilio/sms?tenant=abc";
    const SIGNATURE: &str = "5N692C9JAHvijikpltvQKYKDA7o=";

    fn request(url: &str, media_type: &str, body: &str, signature: &str) -> HookRequest {
        HookRequest {
            method: "POST".into(),
            url: url.into(),
            path: String::new(),
            query: url.split_once('?').map(|(_, query)| query.to_owned()).unwrap_or_default(),
            headers: vec![("content-type".into(), media_type.into()), ("x-twilio-signature".into(), signature.into())],
            body: body.as_bytes().to_vec().into(),
            now: jiff::Timestamp::UNIX_EPOCH,
        }
    }

    /// A form signed as the provider would.
    pub(crate) fn signed_form(url: &str, path: &str, form: &str) -> HookRequest {
        let signature = signature(&TOKEN.into(), url, form);
        let request = request(url, "application/x-www-form-urlencoded", form, &signature);
        HookRequest { path: path.to_owned(), ..request }
    }

    fn form(url: &str, body: &str, signature: &str) -> HookRequest {
        request(url, "application/x-www-form-urlencoded; charset=utf-8", body, signature)
    }

    #[test]
    fn a_form_is_signed_with_its_pairs_in_order() {
        let good = form(URL, FORM, SIGNATURE);
        assert!(is_signed(&good, &TOKEN.into()));
        assert!(is_signed(&form(&URL.replace(".it/", ".it:443/"), FORM, SIGNATURE), &TOKEN.into()));
        assert!(!is_signed(&good, &"another".into()));
        assert!(!is_signed(&good, &Secret::default()));
        for changed in [
            form(URL, &FORM.replace("buca", "voragine"), SIGNATURE),
            form(&URL.replace("abc", "abd"), FORM, SIGNATURE),
            form(&URL.replace("https", "http"), FORM, SIGNATURE),
            form(URL, FORM, ""),
            HookRequest { headers: vec![], ..good },
        ] {
            assert!(!is_signed(&changed, &TOKEN.into()), "{changed:?}");
        }
    }

    #[test]
    fn any_other_body_is_vouched_for_by_its_digest() {
        let url = "https://cc.example.gov.it/webhooks/twilio/json?bodySHA256=\
            015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862";
        let json = |body: &str| request(url, "application/json", body, "pUp191gTk/qN/Xb7IL8/oV5llcI=");
        assert!(is_signed(&json("{\"a\":1}"), &TOKEN.into()));
        assert!(!is_signed(&json("{\"a\":2}"), &TOKEN.into()));
        let bare = request(&url[..url.find('?').unwrap_or_default()], "application/json", "{}", SIGNATURE);
        assert!(!is_signed(&bare, &TOKEN.into()), "a body without digest is vouched for by nobody");
    }

    proptest! {
        #[test]
        fn nothing_is_signed_by_chance(url in ".{0,80}", body in ".{0,80}", signature in ".{0,40}") {
            prop_assert!(!is_signed(&form(&url, &body, &signature), &TOKEN.into()));
        }
    }
}
