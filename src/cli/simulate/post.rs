//! Where simulated mail goes: into a mailbox of the simulator's own, or to real servers.
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, anyhow};
use channels::Secret;
use channels::email::{Composed, Security, SmtpConfig, SmtpSender};
use channels::simulate::{Caught, Lmtp, Mailbox, Sink};
use clap::{Args, ValueEnum};
use tokio::sync::{Mutex, mpsc};

use super::options::parse_secret;
use super::tally::Tally;
use crate::kernel::time::Clock;

/// Which servers take the mail.
#[derive(Debug, Clone, Args)]
pub struct Servers {
    /// Keep the mailbox here: address of this machine that the account reads (`imap_security` plain, any password).
    #[arg(long, required_unless_present_any = ["lmtp", "submit"], conflicts_with_all = ["lmtp", "submit"])]
    imap: Option<String>,
    /// Deliver to the mailbox of a server on this machine by LMTP, host:port.
    #[arg(long, conflicts_with = "submit")]
    lmtp: Option<String>,
    /// Submit to a mail server, host:port.
    #[arg(long)]
    submit: Option<String>,
    /// Protection of the submission.
    #[arg(long, value_enum, default_value_t = Protection::Starttls)]
    security: Protection,
    /// Account on the mail server.
    #[arg(long, requires = "password")]
    user: Option<String>,
    /// Its password: `env:NAME` or `file:PATH`.
    #[arg(long, value_parser = parse_secret)]
    password: Option<Secret>,
    /// A certificate authority in PEM to trust beside the system's.
    #[arg(long)]
    ca: Option<std::path::PathBuf>,
    /// Take what we send at this address of this machine, which the account submits to (`smtp_security` plain).
    #[arg(long)]
    smtp: Option<String>,
}

/// Protection of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Protection {
    Tls,
    Starttls,
    Plain,
}

/// Takes mail for our mailbox.
pub enum Post {
    Mailbox(Mailbox),
    Lmtp(String, Mutex<Vec<Lmtp>>),
    Smtp(Box<SmtpSender>),
}

impl Servers {
    /// Connects, or begins to listen.
    ///
    /// # Errors
    /// Says which server is at fault.
    pub async fn open(&self, tally: &Arc<Tally>) -> anyhow::Result<Post> {
        if let Some(address) = &self.imap {
            let mailbox = Mailbox::listen(address, Arc::clone(tally) as _).await.map_err(|why| anyhow!(why))?;
            return Ok(Post::Mailbox(mailbox));
        }
        if let Some(server) = &self.lmtp {
            return Ok(Post::Lmtp(server.clone(), Mutex::default()));
        }
        let server = self.submit.as_deref().context("no server takes the mail")?;
        let (host, port) = server.rsplit_once(':').context("a server is written host:port")?;
        let ca = self.ca.as_ref().map(std::fs::read_to_string).transpose().context("cannot read --ca")?;
        let config = SmtpConfig {
            port: Some(port.parse().context("a server is written host:port")?),
            security: match self.security {
                Protection::Tls => Security::Tls,
                Protection::Starttls => Security::StartTls,
                Protection::Plain => Security::Plain,
            },
            user: self.user.clone(),
            password: self.password.clone().unwrap_or_default(),
            extra_ca_pem: ca,
            connections: 16,
            ..SmtpConfig::new(host)
        };
        Ok(Post::Smtp(Box::new(SmtpSender::new(&config).map_err(|why| anyhow!(why))?)))
    }

    /// What the platform sends from now on, if it is to be taken.
    ///
    /// # Errors
    /// When the address cannot be listened on.
    pub async fn catch(&self) -> anyhow::Result<Option<mpsc::Receiver<Caught>>> {
        let Some(address) = &self.smtp else { return Ok(None) };
        let sink = Sink::listen(address).await.map_err(|why| anyhow!(why))?;
        let (sender, caught) = mpsc::channel(256);
        tokio::spawn(sink.serve(sender));
        Ok(Some(caught))
    }
}

impl Post {
    /// Puts a message into our mailbox `to`; counted when it was taken. A mailbox of the simulator's own counts it
    /// when the platform fetches it.
    pub async fn put(&self, from: &str, to: &str, message: Vec<u8>, tally: &Tally, clock: &Clock) {
        let began = Instant::now();
        let done = match self {
            Self::Mailbox(mailbox) => return mailbox.put(message, clock.now().timestamp()),
            Self::Lmtp(server, idle) => deliver(server, idle, from, to, &message).await,
            Self::Smtp(sender) => {
                let mail =
                    Composed { bytes: message, envelope_from: Some(from.to_owned()), envelope_to: to.to_owned() };
                sender.submit(&mail).await.map(drop).map_err(|e| e.to_string())
            }
        };
        match done {
            Ok(()) => tally.accepted(began.elapsed()),
            Err(why) => tally.refused(why),
        }
    }

    /// Messages that the platform did not fetch yet.
    pub fn waiting(&self) -> usize {
        match self {
            Self::Mailbox(mailbox) => mailbox.waiting(),
            Self::Lmtp(..) | Self::Smtp(_) => 0,
        }
    }
}

async fn deliver(server: &str, idle: &Mutex<Vec<Lmtp>>, from: &str, to: &str, message: &[u8]) -> Result<(), String> {
    let kept = idle.lock().await.pop();
    let mut connection = match kept {
        Some(connection) => connection,
        None => Lmtp::connect(server).await?,
    };
    connection.deliver(from, to, message).await?;
    idle.lock().await.push(connection);
    Ok(())
}
