//! An answer of the server, with the questions that tests ask of it.
use reqwest::header::HeaderMap;
use serde_json::Value;

/// Status, headers and body.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    /// The body as text; bytes that are not UTF-8 are replaced.
    pub body: String,
    pub bytes: Vec<u8>,
}

impl Answer {
    pub(super) async fn of(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.bytes().await.unwrap().to_vec();
        Self { status, headers, body: String::from_utf8_lossy(&bytes).into_owned(), bytes }
    }

    /// A header, empty when absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |v| v.to_str().unwrap())
    }

    /// Where a redirection leads.
    pub fn location(&self) -> &str {
        self.header("location")
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e}: {} {}", self.status, self.body))
    }

    /// The text between two marks of the body.
    pub fn between(&self, before: &str, after: &str) -> Option<&str> {
        let start = self.body.find(before)? + before.len();
        let length = self.body[start..].find(after)?;
        Some(&self.body[start..start + length])
    }

    /// Passes the answer on if it has this status; shows it otherwise.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.body);
        self
    }

    /// Whether the body has a text.
    pub fn has(&self, text: &str) -> bool {
        self.body.contains(text)
    }
}
