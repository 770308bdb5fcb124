//! Sending mail to a submission server (RFC 6409), with the server's own words kept in every outcome.

use std::time::Duration;

use async_trait::async_trait;
use lettre::address::Envelope;
use lettre::transport::smtp::PoolConfig;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use serde::Deserialize;

use super::compose::Composed;
use super::tls::is_loopback;
use super::{OutgoingMail, Security};
use crate::{ChannelKind, Deliver, DeliveryError, Refusal, Secret, Sent, StatusCode};

/// Where and how to submit mail.
#[derive(Debug, Clone, Deserialize)]
pub struct SmtpConfig {
    /// Server name, also the name its certificate must carry.
    pub host: String,
    /// Port; when absent 465, 587 or 25 according to `security`.
    #[serde(default)]
    pub port: Option<u16>,
    /// Protection of the connection.
    #[serde(default)]
    pub security: Security,
    /// Account; no authentication when absent.
    #[serde(default)]
    pub user: Option<String>,
    /// Its password.
    #[serde(default)]
    pub password: Secret,
    /// A certificate authority in PEM to trust beside the system's.
    #[serde(default)]
    pub extra_ca_pem: Option<String>,
    /// Seconds to wait for each answer of the server.
    #[serde(default = "default_timeout")]
    pub timeout_seconds: u64,
    /// Name given in EHLO; the machine's when absent.
    #[serde(default)]
    pub helo: Option<String>,
    /// Connections kept open at most.
    #[serde(default = "default_connections")]
    pub connections: u32,
}

impl SmtpConfig {
    /// A server with everything else at its default.
    #[must_use]
    pub fn new(host: impl Into<String>) -> Self {
        Self {
            host: host.into(),
            port: None,
            security: Security::default(),
            user: None,
            password: Secret::default(),
            extra_ca_pem: None,
            timeout_seconds: default_timeout(),
            helo: None,
            connections: default_connections(),
        }
    }
}

const fn default_timeout() -> u64 {
    60
}

const fn default_connections() -> u32 {
    4
}

/// Sends mail through one submission server. Cheap to clone; connections are pooled.
#[derive(Debug, Clone)]
pub struct SmtpSender {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    server: String,
    patience: Duration,
}

/// Bytes that even a slow line carries in a second.
const SLOW_LINE: u64 = 16 << 10;

impl SmtpSender {
    /// Prepares the client; nothing is contacted yet. Call inside a tokio runtime.
    ///
    /// # Errors
    /// A sentence when the configuration is unsafe or not usable.
    pub fn new(config: &SmtpConfig) -> Result<Self, String> {
        let tls = || {
            let mut tls = TlsParameters::builder(config.host.clone());
            if let Some(pem) = &config.extra_ca_pem {
                let authority = Certificate::from_pem(pem.as_bytes())
                    .map_err(|e| format!("the configured certificate authority is not readable PEM: {e}"))?;
                tls = tls.add_root_certificate(authority);
            }
            tls.build().map_err(|e| format!("TLS cannot be prepared: {e}"))
        };
        let (tls, port) = match config.security {
            Security::Tls => (Tls::Wrapper(tls()?), 465),
            Security::StartTls => (Tls::Required(tls()?), 587),
            Security::Plain if is_loopback(&config.host) => (Tls::None, 25),
            Security::Plain => {
                return Err(format!("mail to {} would travel in clear: use tls or starttls", config.host));
            }
        };
        let port = config.port.unwrap_or(port);
        let patience = Duration::from_secs(config.timeout_seconds.max(1));
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(config.host.clone())
            .port(port)
            .tls(tls)
            .timeout(Some(patience))
            .pool_config(PoolConfig::new().max_size(config.connections.max(1)).idle_timeout(Duration::from_secs(30)));
        if let Some(name) = &config.helo {
            builder = builder.hello_name(ClientId::Domain(name.clone()));
        }
        if let Some(user) = &config.user {
            builder = builder.credentials(Credentials::new(user.clone(), config.password.expose().to_owned()));
        }
        let server = format!("{}:{port}", config.host);
        Ok(Self { transport: builder.build(), server, patience })
    }

    /// Sends a message that is already built.
    ///
    /// # Errors
    /// As [`Deliver::deliver`].
    pub async fn submit(&self, composed: &Composed) -> Result<Sent, DeliveryError> {
        let parse = |a: &str| a.parse::<lettre::Address>().map_err(|e| unusable(e.to_string()));
        let from = composed.envelope_from.as_deref().map(parse).transpose()?;
        let envelope = Envelope::new(from, vec![parse(&composed.envelope_to)?]).map_err(|e| unusable(e.to_string()))?;
        // Sign-in, envelope and content each take an answer.
        let limit = self.patience * 3 + Duration::from_secs(composed.bytes.len() as u64 / SLOW_LINE);
        let answer = Self::within(limit, self.transport.send_raw(&envelope, &composed.bytes)).await?;
        let response = answer.message().collect::<Vec<_>>().join(" ");
        Ok(Sent { provider_id: queue_id(&response), response, printable: None })
    }

    /// The library waits for connections, not for answers: a server that falls silent would hold us for ever.
    async fn within<T>(
        limit: Duration,
        work: impl Future<Output = Result<T, lettre::transport::smtp::Error>>,
    ) -> Result<T, DeliveryError> {
        match tokio::time::timeout(limit, work).await {
            Ok(done) => done.map_err(|e| classify(&e)),
            Err(_) => {
                let text = format!("no answer in {} seconds", limit.as_secs());
                Err(DeliveryError::Transient(Refusal { code: None, status: None, text }))
            }
        }
    }
}

#[async_trait]
impl Deliver<OutgoingMail> for SmtpSender {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Email
    }

    async fn deliver(&self, mail: &OutgoingMail) -> Result<Sent, DeliveryError> {
        self.submit(&mail.compose().map_err(|e| unusable(e.to_string()))?).await
    }

    async fn check(&self) -> Result<String, String> {
        match Self::within(self.patience, self.transport.test_connection()).await {
            Ok(true) => Ok(format!("the SMTP server {} accepts our connection and account", self.server)),
            Ok(false) => Err(format!("the SMTP server {} closed the connection", self.server)),
            Err(e) => Err(explain(&self.server, e.refusal())),
        }
    }
}

/// A message that no server would take.
pub(crate) const fn unusable(text: String) -> DeliveryError {
    DeliveryError::Permanent(Refusal { code: None, status: None, text })
}

fn explain(server: &str, refusal: &Refusal) -> String {
    match refusal.code {
        Some(code) if is_credentials(code) => {
            format!("the SMTP server {server} refuses the account or its password: {refusal}")
        }
        Some(_) => format!("the SMTP server {server} refuses us: {refusal}"),
        None if refusal.text.contains("certificate") => {
            format!("the SMTP server {server} cannot be reached safely: {}", refusal.text)
        }
        None => format!("the SMTP server {server} cannot be reached: {}", refusal.text),
    }
}

/// Replies about our account (RFC 4954): the fault is in the configuration, not in the message.
const fn is_credentials(code: u16) -> bool {
    matches!(code, 530 | 534 | 535 | 538)
}

fn classify(e: &lettre::transport::smtp::Error) -> DeliveryError {
    let code = e.status().map(u16::from);
    let mut text = std::error::Error::source(e).map_or_else(|| e.to_string(), full_text);
    if code.is_none() && e.is_timeout() {
        text = format!("no answer in time: {text}");
    }
    let status = StatusCode::parse(&text);
    let refusal = Refusal { code, status, text };
    if e.is_permanent() && !code.is_some_and(is_credentials) {
        DeliveryError::Permanent(refusal)
    } else {
        DeliveryError::Transient(refusal)
    }
}

fn full_text(e: &(dyn std::error::Error + 'static)) -> String {
    let mut text = e.to_string();
    let mut next = e.source();
    while let Some(cause) = next {
        let words = cause.to_string();
        if !text.contains(&words) {
            text = format!("{text}: {words}");
        }
        next = cause.source();
    }
    text
}

/// The id in `… queued as ABC123` and its variants.
fn queue_id(response: &str) -> Option<String> {
    let lower = response.to_lowercase();
    let after = ["queued as ", "queued with id ", "message id ", "id="]
        .iter()
        .find_map(|mark| lower.find(mark).and_then(|at| response.get(at + mark.len()..)))?;
    let id: String = after.chars().take_while(|c| !c.is_whitespace() && !matches!(c, ';' | ',' | ')' | '>')).collect();
    (!id.is_empty()).then_some(id)
}
