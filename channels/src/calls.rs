//! Calls to other bodies' systems over HTTP: on our own TLS, past no proxy, along no redirect, and only where the
//! [`Guard`] lets them.
use std::error::Error;
use std::time::{Duration, Instant};

use reqwest::{Method, Url};

use crate::email::tls;
use crate::guard::{Guard, PrivateAddress};
use crate::http::explain;

/// How long a system may take for one answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// One call.
#[derive(Debug, Clone)]
pub struct Call {
    /// `GET` or `POST`.
    pub method: Method,
    /// Where.
    pub url: Url,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// Media type and bytes.
    pub body: Option<(&'static str, Vec<u8>)>,
    /// How long to wait for the whole answer; `None` for the usual time.
    pub patience: Option<Duration>,
    /// Longest answer that is read, in bytes.
    pub longest: usize,
}

impl Call {
    /// A GET of this address.
    #[must_use]
    pub fn get(url: Url, longest: usize) -> Self {
        Self { method: Method::GET, url, headers: Vec::new(), body: None, patience: None, longest }
    }

    /// A POST to this address.
    #[must_use]
    pub fn post(url: Url, media_type: &'static str, body: Vec<u8>, longest: usize) -> Self {
        let body = Some((media_type, body));
        Self { method: Method::POST, url, headers: Vec::new(), body, patience: None, longest }
    }
}

/// What a system answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// HTTP status.
    pub status: u16,
    /// The body, as much of it as was asked for.
    pub body: Vec<u8>,
    /// How long it took, in milliseconds.
    pub millis: i64,
}

impl Answered {
    /// Whether it took what was sent.
    #[must_use]
    pub const fn is_good(&self) -> bool {
        self.status >= 200 && self.status < 300
    }

    /// Whether the same call may be taken later: it did not refuse for good.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        matches!(self.status, 300..=399 | 401 | 403 | 404 | 407 | 408 | 409 | 423 | 425 | 429 | 500..)
    }

    /// Status and the beginning of the body, for people.
    #[must_use]
    pub fn words(&self) -> String {
        let text = String::from_utf8_lossy(&self.body);
        let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(300).collect();
        format!("HTTP {} {}", self.status, plain.trim()).trim_end().to_owned()
    }
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// The address is in a private network and not on the administration's list, or would travel in clear.
    #[error("{0}")]
    Refused(String),
    /// Nothing answered, or not in time.
    #[error("{0}")]
    Silent(String),
}

/// Calls; cheap to clone.
#[derive(Debug, Clone)]
pub struct Caller {
    client: reqwest::Client,
    guard: Guard,
}

impl Caller {
    /// A caller that goes where `guard` lets it.
    ///
    /// # Errors
    /// A sentence when this machine's TLS cannot be set up.
    pub fn new(guard: &Guard) -> Result<Self, String> {
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls::config(None)?)
            .dns_resolver(guard.clone())
            // A proxy would look names up by itself, past the guard.
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE)
            .connect_timeout(Duration::from_secs(10))
            .user_agent(concat!("Sportello/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|e| e.to_string())?;
        Ok(Self { client, guard: guard.clone() })
    }

    /// Calls once.
    ///
    /// # Errors
    /// [`CallError`]; an answer that is not a success is no error here.
    pub async fn call(&self, call: Call) -> Result<Answered, CallError> {
        self.may_call(&call.url)?;
        let begun = Instant::now();
        let mut request = self.client.request(call.method, call.url);
        for (name, value) in call.headers {
            request = request.header(name, value);
        }
        if let Some((media_type, body)) = call.body {
            request = request.header("content-type", media_type).body(body);
        }
        if let Some(patience) = call.patience {
            request = request.timeout(patience);
        }
        let mut answer = request.send().await.map_err(silent)?;
        let status = answer.status().as_u16();
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(silent)? {
            if body.len() + chunk.len() > call.longest {
                body.extend_from_slice(&chunk[..call.longest - body.len()]);
                break;
            }
            body.extend_from_slice(&chunk);
        }
        let millis = i64::try_from(begun.elapsed().as_millis()).unwrap_or(i64::MAX);
        Ok(Answered { status, body, millis })
    }

    /// Whether an address may be called at all.
    ///
    /// # Errors
    /// [`CallError::Refused`] with a sentence for the administrator.
    pub fn may_call(&self, url: &Url) -> Result<(), CallError> {
        let refused = |why: &str| Err(CallError::Refused(why.to_owned()));
        match url.scheme() {
            _ if !self.guard.may_call(url) => refused("the address is in a private network and not on the list"),
            "https" => Ok(()),
            "http" if self.guard.is_listed(url) => Ok(()),
            "http" => refused("only systems on the list may be called without TLS"),
            _ => refused("this is no address of the web"),
        }
    }
}

fn silent(error: reqwest::Error) -> CallError {
    let mut next: Option<&(dyn Error + 'static)> = error.source();
    while let Some(cause) = next {
        if cause.is::<PrivateAddress>() {
            return CallError::Refused("the name leads into a private network and is not on the list".to_owned());
        }
        next = cause.source();
    }
    CallError::Silent(explain(error))
}
