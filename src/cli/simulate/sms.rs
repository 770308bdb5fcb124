//! `sportello simulate sms`: citizens write text messages, and the network says what became of those we send.
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, anyhow};
use channels::Secret;
use channels::simulate::kannel::{Text, requests};
use channels::simulate::{Smsc, Texted};
use channels::twilio::signature;
use clap::{Args, ValueEnum};

use super::drive::{drive, finish};
use super::gateway::{self, Gateway};
use super::options::{Hooks, Traffic, parse_duration, parse_secret};
use super::tally::Tally;
use super::wire::{Request, Wire};
use super::words::Town;

/// Citizens write text messages.
#[derive(Debug, Clone, Args)]
pub struct Sms {
    #[command(flatten)]
    traffic: Traffic,
    /// Public address of the installation.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    url: String,
    /// Name of the account; an SMSC needs none, as accounts come to it.
    #[arg(long)]
    account: Option<String>,
    /// The secret that the account refers to: `env:NAME` or `file:PATH`.
    #[arg(long, value_parser = parse_secret)]
    secret: Secret,
    /// Which gateway, or SMSC, is played.
    #[arg(long = "as", value_enum, default_value_t = Provider::Kannel)]
    provider: Provider,
    /// Our number.
    #[arg(long, default_value = "+39800000123")]
    to: String,
    /// Takes messages that we send at this address of this machine, as `url`, or `host` and `port`, of the account name
    /// it, and reports on each. An SMSC must have one.
    #[arg(long)]
    listen: Option<String>,
    /// Share of sent messages that are not delivered.
    #[arg(long, default_value_t = 0.03)]
    undelivered: f64,
    /// How long to go on reporting after the last text came.
    #[arg(long, value_parser = parse_duration, default_value = "0s")]
    stay: std::time::Duration,
}

/// The gateways.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Provider {
    /// Kannel (`sms_kannel`).
    Kannel,
    /// Twilio (`sms_twilio`).
    Twilio,
    /// The SMSC of an operator (`smpp`).
    Smpp,
}

/// A text that no account takes within this time is counted as refused.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(60);

impl Sms {
    /// Sends texts until there are no more.
    ///
    /// # Errors
    /// When the address to listen on is taken or, of an SMSC, missing; when another gateway has no account.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let tally = Arc::new(Tally::default());
        let (town, wire) = (Arc::new(Town::new(&self.traffic)?), Wire::new(&tally)?);
        if self.provider == Provider::Smpp {
            return self.run_smsc(&tally, town, wire).await;
        }
        let account = self.account.clone().context("--account names the account that the gateway calls")?;
        let hooks = Hooks { url: self.url.clone(), account, secret: self.secret.clone() };
        if let Some(address) = &self.listen {
            let secret = hooks.secret.clone();
            let gateway = Gateway { wire: wire.clone(), secret, undelivered: self.undelivered };
            gateway::listen(address, gateway)?;
        }
        let (stay, traffic, sms) = (self.stay, self.traffic.clone(), Arc::new((self, hooks)));
        let run = wire.now();
        drive(&traffic, &tally, |number| {
            let (sms, town, wire) = (Arc::clone(&sms), Arc::clone(&town), wire.clone());
            async move { sms.0.write(&sms.1, &town, &wire, run, number).await }
        })
        .await;
        tokio::time::sleep(stay).await;
        finish(&traffic, &tally)
    }

    /// Delivers texts to the accounts that bind to an SMSC of ours, until there are no more.
    async fn run_smsc(self, tally: &Arc<Tally>, town: Arc<Town>, wire: Wire) -> anyhow::Result<ExitCode> {
        let address = self.listen.as_deref().context("--listen is where accounts find the SMSC")?;
        let smsc = Smsc::listen(address, self.secret.clone(), self.undelivered).await.map_err(|why| anyhow!(why))?;
        drive(&self.traffic, tally, |number| {
            let (smsc, town, wire, to) = (smsc.clone(), Arc::clone(&town), wire.clone(), self.to.clone());
            async move {
                let citizen = town.citizen(number);
                let words = town.wish(number, &citizen.name).short;
                let reference = u8::try_from(number % 256).unwrap_or(0);
                let text = Texted { from: &citizen.phone, to: &to, words: &words, reference };
                let began = tokio::time::Instant::now();
                match tokio::time::timeout(PATIENCE, smsc.deliver(&text)).await {
                    Ok(()) => wire.tally().accepted(began.elapsed()),
                    Err(_) => wire.tally().refused("no account takes it"),
                }
            }
        })
        .await;
        tokio::time::sleep(self.stay).await;
        finish(&self.traffic, tally)
    }

    async fn write(&self, hooks: &Hooks, town: &Town, wire: &Wire, run: i64, number: u64) {
        let citizen = town.citizen(number);
        let words = town.wish(number, &citizen.name).short;
        let id = format!("{run}-{number}");
        let url = format!("{}/in", hooks.address());
        match self.provider {
            // Its texts wait for nobody's hook.
            Provider::Smpp => {}
            Provider::Kannel => {
                let text = Text {
                    from: &citizen.phone,
                    to: &self.to,
                    id: &id,
                    at: wire.now(),
                    words: &words,
                    reference: u8::try_from(number % 256).unwrap_or(0),
                };
                for part in requests(&text, &hooks.secret) {
                    let url = format!("{url}?{}", part.query);
                    let headers = [("content-type", "text/plain")];
                    wire.post(Request { url: &url, headers: &headers, body: part.body }).await;
                }
            }
            Provider::Twilio => {
                let id = format!("SM{}", id.replace('-', ""));
                let fields = [
                    ("MessageSid", id.as_str()),
                    ("From", &citizen.phone),
                    ("To", &self.to),
                    ("Body", &words),
                    ("NumMedia", "0"),
                ];
                let Ok(body) = serde_urlencoded::to_string(fields) else { return };
                let signed = signature(&hooks.secret, &url, &body);
                let form = "application/x-www-form-urlencoded";
                let headers = [("content-type", form), ("x-twilio-signature", signed.as_str())];
                wire.post(Request { url: &url, headers: &headers, body: body.into_bytes() }).await;
            }
        }
    }
}
