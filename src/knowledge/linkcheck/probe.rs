//! Asking the server of a link whether there is anything.
use std::error::Error;
use std::time::Duration;

use reqwest::header::LOCATION;
use reqwest::{Client, Method, redirect};
use url::Url;

use channels::guard::{Guard, NoSuchServer, PrivateAddress};

use super::{Found, Reason};

/// How long a server may take for one answer.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Addresses that one link may lead through.
const HOPS: usize = 5;

/// Asks servers; cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Prober {
    client: Client,
    guard: Guard,
    private: bool,
}

impl Prober {
    /// `private` allows addresses of private networks; `site` is where people find out who asks.
    ///
    /// # Errors
    /// When this machine's TLS cannot be set up.
    pub fn new(private: bool, site: &str) -> Result<Self, reqwest::Error> {
        let guard = Guard::new(private);
        let client = Client::builder()
            .dns_resolver(guard.clone())
            // A proxy would look names up by itself, past the guard.
            .no_proxy()
            .redirect(redirect::Policy::none())
            .timeout(TIMEOUT)
            .connect_timeout(TIMEOUT)
            .pool_max_idle_per_host(1)
            .user_agent(format!("Sportello/{} (link check; +{site})", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self { client, guard, private })
    }

    /// What is at an address. HEAD first; servers that do not know it, or answer it wrongly, are asked with GET,
    /// whose body is not read.
    pub async fn look(&self, url: &Url) -> Found {
        let found = self.ask(Method::HEAD, url).await;
        match found.status {
            Some(400..=599) => self.ask(Method::GET, url).await,
            _ => found,
        }
    }

    async fn ask(&self, method: Method, url: &Url) -> Found {
        let mut url = url.clone();
        for _ in 0..=HOPS {
            if !self.may_call(&url) {
                return Found::failed(Reason::Private);
            }
            let answer = match self.client.request(method.clone(), url.clone()).send().await {
                Ok(answer) => answer,
                Err(e) => return Found::failed(reason(&e)),
            };
            let status = answer.status();
            let next = answer.headers().get(LOCATION).and_then(|v| v.to_str().ok());
            match next {
                Some(next) if status.is_redirection() => match url.join(next) {
                    Ok(next) if matches!(next.scheme(), "http" | "https") => url = next,
                    Ok(_) | Err(_) => return Found::failed(Reason::Invalid),
                },
                _ => return Found::answered(status.as_u16()),
            }
        }
        Found::failed(Reason::Redirects)
    }

    /// Other ports than the web's are nobody's pages.
    fn may_call(&self, url: &Url) -> bool {
        self.private || (self.guard.may_call(url) && matches!(url.port_or_known_default(), Some(80 | 443)))
    }
}

fn reason(error: &reqwest::Error) -> Reason {
    if error.is_timeout() {
        return Reason::Timeout;
    }
    let mut next: Option<&(dyn Error + 'static)> = error.source();
    while let Some(cause) = next {
        if cause.is::<PrivateAddress>() {
            return Reason::Private;
        }
        if cause.is::<NoSuchServer>() {
            return Reason::Dns;
        }
        next = cause.source();
    }
    Reason::Connection
}
