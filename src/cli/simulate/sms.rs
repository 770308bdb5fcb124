//! `sportello simulate sms`: citizens write text messages, and the network says what became of those we send.
use std::process::ExitCode;
use std::sync::Arc;

use channels::simulate::kannel::{Text, requests};
use channels::twilio::signature;
use clap::{Args, ValueEnum};

use super::drive::{drive, finish};
use super::gateway::{self, Gateway};
use super::options::{Hooks, Traffic, parse_duration};
use super::tally::Tally;
use super::wire::{Request, Wire};
use super::words::Town;

/// Citizens write text messages.
#[derive(Debug, Clone, Args)]
pub struct Sms {
    #[command(flatten)]
    hooks: Hooks,
    #[command(flatten)]
    traffic: Traffic,
    /// Which gateway is played.
    #[arg(long = "as", value_enum, default_value_t = Provider::Kannel)]
    provider: Provider,
    /// Our number.
    #[arg(long, default_value = "+39800000123")]
    to: String,
    /// Takes messages that we send at this address of this machine, as `url` of the account names it, and reports
    /// on each.
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
}

impl Sms {
    /// Sends texts until there are no more.
    ///
    /// # Errors
    /// When the address to listen on is taken.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let tally = Arc::new(Tally::default());
        let (town, wire) = (Arc::new(Town::new(&self.traffic)?), Wire::new(&tally)?);
        if let Some(address) = &self.listen {
            let secret = self.hooks.secret.clone();
            let gateway = Gateway { wire: wire.clone(), secret, undelivered: self.undelivered };
            gateway::listen(address, gateway)?;
        }
        let (stay, traffic, sms) = (self.stay, self.traffic.clone(), Arc::new(self));
        let run = wire.now();
        drive(&traffic, &tally, |number| {
            let (sms, town, wire) = (Arc::clone(&sms), Arc::clone(&town), wire.clone());
            async move { sms.write(&town, &wire, run, number).await }
        })
        .await;
        tokio::time::sleep(stay).await;
        finish(&traffic, &tally)
    }

    async fn write(&self, town: &Town, wire: &Wire, run: i64, number: u64) {
        let citizen = town.citizen(number);
        let words = town.wish(number, &citizen.name).short;
        let id = format!("{run}-{number}");
        let url = format!("{}/in", self.hooks.address());
        match self.provider {
            Provider::Kannel => {
                let text = Text {
                    from: &citizen.phone,
                    to: &self.to,
                    id: &id,
                    at: wire.now(),
                    words: &words,
                    reference: u8::try_from(number % 256).unwrap_or(0),
                };
                for part in requests(&text, &self.hooks.secret) {
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
                let signed = signature(&self.hooks.secret, &url, &body);
                let form = "application/x-www-form-urlencoded";
                let headers = [("content-type", form), ("x-twilio-signature", signed.as_str())];
                wire.post(Request { url: &url, headers: &headers, body: body.into_bytes() }).await;
            }
        }
    }
}
