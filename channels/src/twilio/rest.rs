//! What an account at Twilio, or a provider with the same interface, can be asked and told over HTTP.

use std::ops::Range;
use std::time::Duration;

use jiff::fmt::rfc2822;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::{Secret, http};

/// Longest answer that is read: a page of a list, whose entries hold texts.
const LONGEST_ANSWER: usize = 8 << 20;
/// Pages of a list that are read at most.
const MOST_PAGES: usize = 500;
/// Where every address of the interface begins, below that of the provider.
const VERSION: &str = "/2010-04-01";

/// How long one question of a comparison may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
/// Entries of one page of a list.
pub(crate) const PAGE: (&str, &str) = ("PageSize", "200");

/// The days in which a list is asked for, one more than a span touches at either end: providers differ in what
/// midnight belongs to, and whoever asks looks at the times themselves.
pub(crate) fn days(span: &Range<Timestamp>) -> [String; 2] {
    let day = |at: Timestamp| at.to_zoned(TimeZone::UTC).date();
    [day(span.start).saturating_sub(1.days()).to_string(), day(span.end).saturating_add(1.days()).to_string()]
}

/// A time as the provider writes it.
pub(crate) fn time(value: &Value) -> Option<Timestamp> {
    let text = value.as_str()?;
    rfc2822::parse(text).ok().map(|at| at.timestamp()).or_else(|| text.parse().ok())
}

/// An account at the provider.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rest<'a> {
    /// Address of the provider, without a slash at its end.
    pub(crate) base: &'a str,
    /// Name of the account.
    pub(crate) account: &'a str,
    /// Its password.
    pub(crate) token: &'a Secret,
    /// What carries requests.
    pub(crate) client: &'a reqwest::Client,
}

/// An answer of the provider.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    /// Status of HTTP.
    pub(crate) status: u16,
    /// The body; null when it is no JSON.
    pub(crate) body: Value,
}

impl Answer {
    /// Whether it was done.
    pub(crate) const fn is_done(&self) -> bool {
        matches!(self.status, 200..=299)
    }

    /// What an operator is told of a refusal.
    pub(crate) fn refusal(&self) -> String {
        let said = self.body["message"].as_str().unwrap_or("no reason given");
        match self.body["code"].as_u64() {
            Some(code) => format!("{} {code} {said}", self.status),
            None => format!("{} {said}", self.status),
        }
    }
}

impl Rest<'_> {
    /// Address of something below the account, as `/Messages.json`.
    fn address(&self, path: &str) -> String {
        format!("{}{VERSION}/Accounts/{}{path}", self.base.trim_end_matches('/'), self.account)
    }

    /// Asks for something below the account.
    ///
    /// # Errors
    /// In a sentence, when the provider cannot be reached.
    pub(crate) async fn get(&self, path: &str, patience: Duration) -> Result<Answer, String> {
        self.send(self.client.get(self.address(path)), patience).await
    }

    /// Sends a form to something below the account.
    ///
    /// # Errors
    /// As [`Rest::get`].
    pub(crate) async fn post(&self, path: &str, pairs: &[(&str, &str)], patience: Duration) -> Result<Answer, String> {
        let request = self.client.post(self.address(path));
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(form(pairs));
        self.send(request, patience).await
    }

    /// A list whole, page after page: the entries below `key`.
    ///
    /// # Errors
    /// In a sentence, when a page cannot be had: half a list says nothing of what is missing.
    pub(crate) async fn list(
        &self,
        path: &str,
        pairs: &[(&str, &str)],
        key: &str,
        patience: Duration,
    ) -> Result<Vec<Value>, String> {
        let mut address = format!("{}?{}", self.address(path), form(pairs));
        let mut entries = Vec::new();
        for _ in 0..MOST_PAGES {
            let answer = self.send(self.client.get(&address), patience).await?;
            if !answer.is_done() {
                return Err(answer.refusal());
            }
            let page = answer.body[key].as_array().ok_or_else(|| format!("the answer has no {key}"))?;
            entries.extend(page.iter().cloned());
            match answer.body["next_page_uri"].as_str().filter(|next| !next.is_empty()) {
                Some(next) => address = self.next(next)?,
                None => return Ok(entries),
            }
        }
        Err(format!("more than {MOST_PAGES} pages"))
    }

    /// Address of the next page, which must lie at the provider: our password goes nowhere else.
    fn next(&self, told: &str) -> Result<String, String> {
        let base = self.base.trim_end_matches('/');
        let address = if told.starts_with(VERSION) { format!("{base}{told}") } else { told.to_owned() };
        let origin = |address: &str| reqwest::Url::parse(address).map(|url| url.origin());
        match (origin(&address), origin(base)) {
            (Ok(next), Ok(ours)) if next == ours => Ok(address),
            _ => Err("the next page lies elsewhere".to_owned()),
        }
    }

    async fn send(&self, request: reqwest::RequestBuilder, patience: Duration) -> Result<Answer, String> {
        let request = request.basic_auth(self.account, Some(self.token.expose())).timeout(patience);
        let mut answer = request.send().await.map_err(http::explain)?;
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(http::explain)? {
            if body.len() + chunk.len() > LONGEST_ANSWER {
                return Err("the answer is too long".to_owned());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status: answer.status().as_u16(), body: serde_json::from_slice(&body).unwrap_or_default() })
    }
}

/// Pairs as a form.
pub(crate) fn form(pairs: &[(&str, &str)]) -> String {
    let escaped = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    pairs.iter().map(|(name, value)| format!("{}={}", escaped(name), escaped(value))).collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_lies_at_the_provider() {
        let (token, client) = (Secret::new("x"), http::client(None).unwrap());
        let rest = Rest { base: "https://api.example.org/voice/", account: "AC1", token: &token, client: &client };
        let next = "/2010-04-01/Accounts/AC1/Messages.json?Page=1";
        assert_eq!(rest.next(next), Ok(format!("https://api.example.org/voice{next}")));
        assert!(rest.next("https://api.example.org/voice/2010-04-01/x").is_ok());
        for elsewhere in ["https://evil.example/2010-04-01/x", "http://api.example.org/x", "//evil.example/x", ""] {
            assert!(rest.next(elsewhere).is_err(), "{elsewhere}");
        }
    }

    #[test]
    fn a_day_of_rome_is_asked_for_with_the_days_around_it() {
        let span = "2026-03-01T23:00:00Z".parse().unwrap().."2026-03-02T23:00:00Z".parse().unwrap();
        assert_eq!(days(&span), ["2026-02-28", "2026-03-03"]);
        let written = Value::from("Mon, 02 Mar 2026 08:30:05 +0000");
        assert_eq!(time(&written).map(|at| at.to_string()).as_deref(), Some("2026-03-02T08:30:05Z"));
        assert_eq!((time(&Value::Null), time(&Value::from("yesterday"))), (None, None));
    }

    #[test]
    fn a_form_escapes_names_too() {
        assert_eq!(
            form(&[("DateSent", "2026-03-07"), ("StartTime>", "a b")]),
            "DateSent=2026%2D03%2D07&StartTime%3E=a%20b"
        );
    }
}
