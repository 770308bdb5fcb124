//! The live stream, as a browser reads it.
use std::time::Duration;

use reqwest::Response;

/// An open stream of server-sent events.
pub struct Live {
    response: Response,
    buffer: String,
}

impl Live {
    pub(super) async fn open(response: Response) -> Self {
        assert_eq!(response.status(), 200);
        let mut live = Self { response, buffer: String::new() };
        // The server has subscribed this caller once its first line is out.
        assert!(live.block().await.starts_with("retry:"));
        live
    }

    /// The next event as name and data; fails after ten seconds of silence.
    pub async fn next(&mut self) -> (String, String) {
        loop {
            let block = self.block().await;
            let value = |name: &str| {
                let line = block.lines().find_map(|l| l.strip_prefix(name)?.strip_prefix(':'));
                line.map(|l| l.trim().to_owned()).unwrap_or_default()
            };
            if block.starts_with("event") {
                return (value("event"), value("data"));
            }
        }
    }

    /// Whether the server ended the stream within the time.
    pub async fn ends_within(&mut self, time: Duration) -> bool {
        let end = async { while let Ok(Some(_)) = self.response.chunk().await {} };
        tokio::time::timeout(time, end).await.is_ok()
    }

    async fn block(&mut self) -> String {
        loop {
            if let Some((block, rest)) = self.buffer.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.buffer = rest;
                return block;
            }
            let chunk = tokio::time::timeout(Duration::from_secs(60), self.response.chunk()).await;
            let chunk = chunk.expect("the stream is silent").unwrap().expect("the stream ended");
            self.buffer.push_str(&String::from_utf8_lossy(&chunk));
        }
    }
}
