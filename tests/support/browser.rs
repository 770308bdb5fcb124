//! Somebody who calls the server: keeps cookies, sends the form token along as a browser's pages do.
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::Value;

use super::answer::Answer;
use super::live::Live;

/// A caller; cheap to clone, clones share cookies.
#[derive(Clone)]
pub struct Browser {
    client: Client,
    url: String,
    bearer: Option<String>,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    cookies: BTreeMap<String, String>,
    csrf: Option<String>,
}

/// A file sent with a form.
#[derive(Debug, Clone)]
pub struct File<'a> {
    /// Name of the input.
    pub field: &'a str,
    pub name: &'a str,
    pub media_type: &'a str,
    pub bytes: &'a [u8],
}

impl Browser {
    pub(super) fn new(client: Client, url: String) -> Self {
        Self { client, url, bearer: None, state: Arc::default() }
    }

    /// The same caller, sending a token with everything.
    pub fn with_bearer(mut self, token: &str) -> Self {
        self.bearer = Some(token.to_owned());
        self
    }

    /// A request with this caller's cookies or token, to be changed and given to [`Browser::send`].
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let mut request = self.client.request(method, format!("{}{path}", self.url));
        let cookies = self.cookie_header();
        if !cookies.is_empty() {
            request = request.header("cookie", cookies);
        }
        match &self.bearer {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// Sends a request and keeps the cookies of the answer.
    pub async fn send(&self, request: RequestBuilder) -> Answer {
        let response = request.send().await.unwrap();
        self.keep_cookies(&response);
        let answer = Answer::of(response).await;
        if let Some(token) = answer.between("name=\"csrf-token\" content=\"", "\"").filter(|t| !t.is_empty()) {
            self.state.lock().unwrap().csrf = Some(token.to_owned());
        }
        answer
    }

    /// Opens a page.
    pub async fn get(&self, path: &str) -> Answer {
        let request = self.request(Method::GET, path);
        self.send(if self.bearer.is_some() { request } else { request.header("accept", "text/html,*/*") }).await
    }

    /// Asks for JSON.
    pub async fn get_json(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path).header("accept", "application/json")).await
    }

    /// Asks for a fragment, as htmx does.
    pub async fn get_fragment(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path).header("hx-request", "true")).await
    }

    /// Sends a form, with the token of the session when there is one.
    pub async fn post_form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = self.form_body(fields).await;
        let request = self.request(Method::POST, path).header("content-type", "application/x-www-form-urlencoded");
        self.send(request.header("accept", "text/html,*/*").body(body)).await
    }

    /// Sends a form as htmx does.
    pub async fn post_fragment(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = self.form_body(fields).await;
        let request = self.request(Method::POST, path).header("content-type", "application/x-www-form-urlencoded");
        self.send(request.header("hx-request", "true").body(body)).await
    }

    /// Sends a form with files (multipart/form-data).
    pub async fn post_files(&self, path: &str, fields: &[(&str, &str)], files: &[File<'_>]) -> Answer {
        const BOUNDARY: &str = "sportello-test-boundary";
        let token = self.csrf().await;
        let token = token.iter().map(|t| ("_csrf", t.as_str()));
        let mut body = Vec::new();
        for (name, value) in token.chain(fields.iter().copied()) {
            let part = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend_from_slice(part.as_bytes());
        }
        for File { field, name, media_type, bytes } in files {
            let head = format!(
                "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\
                 Content-Type: {media_type}\r\n\r\n"
            );
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
        let request = self
            .request(Method::POST, path)
            .header("content-type", format!("multipart/form-data; boundary={BOUNDARY}"))
            .header("accept", "text/html,*/*");
        self.send(request.body(body)).await
    }

    /// Sends JSON.
    pub async fn post_json(&self, path: &str, body: &Value) -> Answer {
        self.send_json(Method::POST, path, body).await
    }

    /// Sends JSON with a method of one's choice.
    pub async fn send_json(&self, method: Method, path: &str, body: &Value) -> Answer {
        let mut request = self.request(method, path).json(body);
        if let Some(token) = self.csrf().await {
            request = request.header("x-csrf-token", token);
        }
        self.send(request).await
    }

    /// Opens the live stream.
    pub async fn live(&self) -> Live {
        let request = self.request(Method::GET, "/scrivania/diretta").header("accept", "text/event-stream");
        Live::open(request.send().await.unwrap()).await
    }

    /// The value of a cookie.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.state.lock().unwrap().cookies.get(name).cloned()
    }

    /// Sets a cookie, as from another visit.
    pub fn set_cookie(&self, name: &str, value: &str) {
        self.state.lock().unwrap().cookies.insert(name.to_owned(), value.to_owned());
    }

    /// The token that forms of this session carry, read from a page when not yet known.
    pub async fn csrf(&self) -> Option<String> {
        self.cookie("sportello_session")?;
        let known = self.state.lock().unwrap().csrf.clone();
        if known.is_some() {
            return known;
        }
        self.get("/scrivania/profilo").await;
        self.state.lock().unwrap().csrf.clone()
    }

    async fn form_body(&self, fields: &[(&str, &str)]) -> String {
        let token = self.csrf().await;
        let token = token.iter().map(|t| ("_csrf", t.as_str()));
        let all: Vec<(&str, &str)> = token.chain(fields.iter().copied()).collect();
        serde_urlencoded::to_string(all).unwrap()
    }

    fn cookie_header(&self) -> String {
        let state = self.state.lock().unwrap();
        state.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    fn keep_cookies(&self, response: &Response) {
        let mut state = self.state.lock().unwrap();
        for set in response.headers().get_all("set-cookie") {
            let text = set.to_str().unwrap();
            let (pair, attributes) = text.split_once(';').unwrap_or((text, ""));
            let (name, value) = pair.split_once('=').unwrap();
            if name == "sportello_session" {
                state.csrf = None;
            }
            if attributes.contains("Max-Age=0") {
                state.cookies.remove(name);
            } else {
                state.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}
