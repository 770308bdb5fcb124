//! `sportello simulate pec`: a provider of certified mail with an authority of its own. Citizens' messages come in
//! signed envelopes; what we send is told by signed receipts, some of them late, twice, or of a failure.
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::anyhow;
use channels::Normalise;
use channels::email::{EmailConfig, EmailNormaliser};
use channels::simulate::{Caught, PecProvider, Receipt, ReceiptKind};
use clap::Args;
use rand::RngExt;

use super::drive::{drive, finish};
use super::mail::drain;
use super::options::{Traffic, parse_duration};
use super::post::{Post, Servers};
use super::tally::Tally;
use super::words::Town;
use crate::kernel::time::Clock;

/// Citizens and offices write by certified mail.
#[derive(Debug, Clone, Args)]
pub struct Pec {
    #[command(flatten)]
    traffic: Traffic,
    #[command(flatten)]
    servers: Servers,
    /// Folder in which the provider's key and certificates are kept; made when missing. `ca.pem` in it is what
    /// `roots` of the account names.
    #[arg(long)]
    provider: PathBuf,
    /// Our certified mailbox.
    #[arg(long, default_value = "protocollo@pec.comune.valdoria.example")]
    to: String,
    /// Time between the steps of a delivery.
    #[arg(long, value_parser = parse_duration, default_value = "1s")]
    step: Duration,
    /// Share of our messages that are told to be late before they are delivered.
    #[arg(long, default_value_t = 0.05)]
    late: f64,
    /// Share that cannot be delivered.
    #[arg(long, default_value_t = 0.05)]
    failed: f64,
    /// Share of receipts that come twice.
    #[arg(long, default_value_t = 0.1)]
    twice: f64,
    /// How long to go on giving receipts after the last message came.
    #[arg(long, value_parser = parse_duration, default_value = "10s")]
    stay: Duration,
}

/// What a run shares.
struct Exchange {
    pec: Pec,
    provider: PecProvider,
    town: Town,
    post: Post,
    tally: Arc<Tally>,
    clock: Clock,
    run: String,
}

impl Pec {
    /// Sends until there is no more.
    ///
    /// # Errors
    /// When the provider's folder cannot be used, a server not be reached, or an address is taken.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let (tally, clock) = (Arc::new(Tally::default()), Clock::system());
        let provider = PecProvider::keep(&self.provider, clock.now().timestamp()).map_err(|why| anyhow!(why))?;
        eprintln!("certificate for `roots` of the account, in {}:", self.provider.join("ca.pem").display());
        eprint!("{}", provider.root_pem().map_err(|why| anyhow!(why))?);
        let (post, caught) = (self.servers.open(&tally).await?, self.servers.catch().await?);
        let (traffic, stay, town) = (self.traffic.clone(), self.stay, Town::new(&self.traffic)?);
        let run = crate::kernel::codes::random_token();
        let exchange = Arc::new(Exchange { pec: self, provider, town, post, tally: Arc::clone(&tally), clock, run });
        if let Some(mut caught) = caught {
            let exchange = Arc::clone(&exchange);
            tokio::spawn(async move {
                let mut number = 0;
                while let Some(message) = caught.recv().await {
                    number += 1;
                    let exchange = Arc::clone(&exchange);
                    tokio::spawn(async move { exchange.deliver(number, message).await });
                }
            });
        }
        drive(&traffic, &tally, |number| {
            let exchange = Arc::clone(&exchange);
            async move { exchange.write(number).await }
        })
        .await;
        drain(&exchange.post, stay).await;
        finish(&traffic, &tally)
    }
}

impl Exchange {
    async fn write(&self, number: u64) {
        let citizen = self.town.citizen(number);
        let wish = self.town.wish(number, &citizen.name);
        let local = citizen.email.split('@').next().unwrap_or_default();
        let sender = format!("{local}@pec.cittadini.example");
        let at = self.clock.now().timestamp();
        let message_id = format!("{}.{number}@pec.cittadini.example", self.run);
        let original = format!(
            "From: {} <{sender}>\r\nTo: {}\r\nSubject: {}\r\nMessage-ID: <{message_id}>\r\nDate: {}\r\n\
             MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{}\r\n",
            encoded(&citizen.name),
            self.pec.to,
            encoded(&wish.subject),
            at.strftime("%a, %d %b %Y %H:%M:%S +0000"),
            wish.text.replace('\n', "\r\n"),
        );
        let about = Receipt {
            kind: ReceiptKind::Accepted,
            message_id: &message_id,
            sender: &sender,
            recipient: &self.pec.to,
            subject: &wish.subject,
            at,
        };
        match self.provider.envelope(original.as_bytes(), &about) {
            Ok(envelope) => self.post.put(&sender, &self.pec.to, envelope, &self.tally, &self.clock).await,
            Err(why) => self.tally.refused(why),
        }
    }

    /// Gives receipts for a message of ours.
    async fn deliver(&self, number: u64, message: Caught) {
        let Ok(read) = EmailNormaliser::new(EmailConfig::default()).normalise(&message.raw) else { return };
        let mut chance = self.town.chance(number ^ 0x9ec);
        let mut happens = |share: f64| chance.random_bool(share.clamp(0.0, 1.0));
        let (late, failed) = (happens(self.pec.late), happens(self.pec.failed));
        let end = if failed { ReceiptKind::Failed } else { ReceiptKind::Delivered };
        let mut kinds = vec![ReceiptKind::Accepted];
        if late {
            kinds.push(ReceiptKind::Late);
        }
        kinds.push(end);
        let again: Vec<bool> = kinds.iter().map(|_| happens(self.pec.twice)).collect();
        for recipient in &message.to {
            for (kind, again) in kinds.iter().zip(&again) {
                tokio::time::sleep(self.pec.step).await;
                let receipt = Receipt {
                    kind: *kind,
                    message_id: &read.message_id,
                    sender: &message.from,
                    recipient,
                    subject: &read.subject,
                    at: self.clock.now().timestamp(),
                };
                for _ in 0..=usize::from(*again) {
                    match self.provider.receipt(&receipt) {
                        Ok(mail) => {
                            self.tally.sent();
                            self.post.put(&message.from, &message.from, mail, &self.tally, &self.clock).await;
                        }
                        Err(why) => self.tally.refused(why),
                    }
                }
            }
        }
    }
}

/// A header's text with letters beyond ASCII (RFC 2047).
fn encoded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    format!("=?utf-8?B?{}?=", data_encoding::BASE64.encode(text.as_bytes()))
}
