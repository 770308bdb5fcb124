//! What providers send to a hook: pairs of names and values, and the raw item kept of it.

use bytes::Bytes;

pub(crate) use crate::pairs::Pairs;
use crate::{HookRefusal, HookRequest, Rejected};

/// Largest request that is read; the longest text has some thousand bytes.
pub(crate) const MOST_BYTES: usize = 64 << 10;

/// A query without the pair that holds a secret.
pub(crate) fn without(query: &str, name: &str) -> String {
    let is_other = |pair: &&str| Pairs::parse(pair.as_bytes()).0.iter().all(|(n, _)| n != name);
    query.split('&').filter(is_other).collect::<Vec<_>>().join("&")
}

/// A request as it is stored: `path?query`, the media type and an empty line, then the body as it came.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct StoredRequest {
    pub path: String,
    pub query: String,
    pub media_type: String,
    pub body: Bytes,
}

impl StoredRequest {
    /// What is kept of a request, without the query's pair `secret`.
    pub(crate) fn of(request: &HookRequest, secret: &str) -> Result<Self, HookRefusal> {
        if request.body.len() + request.query.len() > MOST_BYTES {
            return Err(HookRefusal::Malformed(format!("more than {MOST_BYTES} bytes")));
        }
        // Each stands on a line of its own.
        let line = |text: &str| text.chars().filter(|c| !c.is_control()).collect();
        Ok(Self {
            path: line(&request.path),
            query: line(&without(&request.query, secret)),
            media_type: line(request.header("content-type").unwrap_or_default()),
            body: request.body.clone(),
        })
    }

    pub(crate) fn to_bytes(&self) -> Bytes {
        let mut raw = format!("{}?{}\n{}\n\n", self.path, self.query, self.media_type).into_bytes();
        raw.extend_from_slice(&self.body);
        raw.into()
    }

    pub(crate) fn parse(raw: &[u8]) -> Result<Self, Rejected> {
        if raw.is_empty() {
            return Err(Rejected::Empty);
        }
        // What [`StoredRequest::of`] lets through, its own lines included.
        let limit = MOST_BYTES + 4096;
        if raw.len() > limit {
            return Err(Rejected::TooLarge { size: raw.len(), limit });
        }
        let malformed = || Rejected::Malformed("not a request as the hook stores it".to_owned());
        let mut lines = raw.splitn(4, |b| *b == b'\n');
        let mut line = || lines.next().and_then(|l| std::str::from_utf8(l).ok()).ok_or_else(malformed);
        let (path, query) = line()?.split_once('?').ok_or_else(malformed)?;
        let (media_type, empty) = (line()?, line()?);
        if !empty.is_empty() {
            return Err(malformed());
        }
        let body = lines.next().ok_or_else(malformed)?;
        Ok(Self {
            path: path.to_owned(),
            query: query.to_owned(),
            media_type: media_type.to_owned(),
            body: Bytes::copy_from_slice(body),
        })
    }

    /// The pairs of the query, then those of the body when it is a form.
    pub(crate) fn pairs(&self) -> Pairs {
        let mut pairs = Pairs::parse(self.query.as_bytes());
        if self.has_form() {
            pairs.0.extend(Pairs::parse(&self.body).0);
        }
        pairs
    }

    /// Whether the body is a form.
    pub(crate) fn has_form(&self) -> bool {
        self.media_type.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded")
    }

    /// The charset that the media type names.
    pub(crate) fn charset(&self) -> Option<&str> {
        let at = self.media_type.to_ascii_lowercase().find("charset=")? + "charset=".len();
        let rest = self.media_type.get(at..)?.trim_start_matches('"');
        rest.split(['"', ';', ' ']).next().filter(|name| !name.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_secret_is_taken_out_in_every_spelling() {
        assert_eq!(without("a=1&key=segreta&b=2&k%65y=x", "key"), "a=1&b=2");
    }

    #[test]
    fn the_charset_is_read_in_every_spelling() {
        for (media_type, charset) in [
            ("text/plain; charset=\"UTF-8\"", Some("UTF-8")),
            ("text/plain;Charset=ISO-8859-1; x=y", Some("ISO-8859-1")),
            ("text/plain", None),
            ("text/plain; charset=", None),
        ] {
            let stored = StoredRequest { media_type: media_type.into(), ..StoredRequest::default() };
            assert_eq!(stored.charset(), charset);
        }
    }

    proptest! {
        #[test]
        fn a_request_is_read_as_it_was_stored(
            path in "[a-z]{0,8}", query in "[ -~]{0,60}", media_type in "[ -~]{0,40}",
            body in prop::collection::vec(any::<u8>(), 0..200),
        ) {
            let stored = StoredRequest { path, query, media_type, body: body.into() };
            prop_assert_eq!(StoredRequest::parse(&stored.to_bytes()), Ok(stored));
        }

        #[test]
        fn any_bytes_are_read_or_refused(raw in prop::collection::vec(any::<u8>(), 0..400)) {
            let _either = StoredRequest::parse(&raw).map(|r| (r.pairs(), r.charset().map(str::to_owned)));
        }
    }
}
