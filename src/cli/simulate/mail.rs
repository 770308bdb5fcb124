//! `sportello simulate mail`: citizens write by mail, and some write again when they were answered.
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use channels::email::{Automatic, EmailConfig, EmailNormaliser, OutgoingMail};
use channels::simulate::{Caught, paragraphs};
use channels::{Address, Normalise};
use clap::Args;
use rand::RngExt;

use super::drive::{drive, finish};
use super::options::{Traffic, parse_duration};
use super::post::{Post, Servers};
use super::tally::Tally;
use super::words::Town;
use crate::kernel::time::Clock;

/// Citizens write by mail.
#[derive(Debug, Clone, Args)]
pub struct Mail {
    #[command(flatten)]
    traffic: Traffic,
    #[command(flatten)]
    servers: Servers,
    /// Our mailbox.
    #[arg(long, default_value = "sportello@comune.valdoria.example")]
    to: String,
    /// Share of our messages, acknowledgements included, that citizens answer; each answers once. Needs --smtp.
    #[arg(long, default_value_t = 0.25)]
    replies: f64,
    /// Seconds until they answer.
    #[arg(long, value_parser = parse_duration, default_value = "5s")]
    after: Duration,
    /// How long to go on after the last new message.
    #[arg(long, value_parser = parse_duration, default_value = "10s")]
    stay: Duration,
}

/// What a run shares.
struct Citizens {
    mail: Mail,
    town: Town,
    post: Post,
    tally: Arc<Tally>,
    clock: Clock,
    run: String,
}

impl Mail {
    /// Writes until there are no more.
    ///
    /// # Errors
    /// When a server cannot be reached, or an address is taken.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let tally = Arc::new(Tally::default());
        let (post, caught) = (self.servers.open(&tally).await?, self.servers.catch().await?);
        let (traffic, town) = (self.traffic.clone(), Town::new(&self.traffic)?);
        let (clock, run) = (Clock::system(), crate::kernel::codes::random_token());
        let (tally, stay) = (Arc::clone(&tally), self.stay);
        let citizens = Arc::new(Citizens { mail: self, town, post, tally: Arc::clone(&tally), clock, run });
        let answering = caught.map(|mut caught| {
            let citizens = Arc::clone(&citizens);
            tokio::spawn(async move {
                let mut answered = std::collections::HashSet::new();
                let mut number = 0;
                while let Some(message) = caught.recv().await {
                    number += 1;
                    let citizens = Arc::clone(&citizens);
                    let wants = citizens.wants_to_answer(number, &message, &mut answered);
                    if wants {
                        tokio::spawn(async move { citizens.answer(number, &message).await });
                    }
                }
            })
        });
        drive(&traffic, &tally, |number| {
            let citizens = Arc::clone(&citizens);
            async move { citizens.write(number).await }
        })
        .await;
        drain(&citizens.post, stay).await;
        drop(answering);
        finish(&traffic, &tally)
    }
}

/// Waits for a time, and longer while the platform still fetches.
pub async fn drain(post: &Post, stay: Duration) {
    tokio::time::sleep(stay).await;
    for _ in 0..600 {
        if post.waiting() == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

impl Citizens {
    async fn write(&self, number: u64) {
        let citizen = self.town.citizen(number);
        let wish = self.town.wish(number, &citizen.name);
        let id = format!("{}.{number}@{}", self.run, domain(&citizen.email));
        let from = Address { name: Some(citizen.name), address: citizen.email };
        let mut message = self.message(from, id, wish.subject, wish.text);
        // Programs of telephones write HTML, those of offices plain text.
        if number % 3 == 1 {
            message.html = Some(paragraphs(&message.text));
        }
        self.send(&message).await;
    }

    /// Citizens answer once at most, and no message that reports a failure.
    fn wants_to_answer(&self, number: u64, message: &Caught, answered: &mut std::collections::HashSet<String>) -> bool {
        let chance = self.town.chance(number ^ 0x4e).random_bool(self.mail.replies.clamp(0.0, 1.0));
        let Some(citizen) = message.to.first().filter(|_| chance) else { return false };
        answered.insert(citizen.clone())
    }

    async fn answer(&self, number: u64, message: &Caught) {
        tokio::time::sleep(self.mail.after).await;
        let Ok(read) = EmailNormaliser::new(EmailConfig::default()).normalise(&message.raw) else { return };
        let Some(citizen) = read.to.first().cloned() else { return };
        let Some(to) = read.reply_to.or(read.from) else { return };
        let quoted: String = read.text.lines().map(|line| format!("> {line}\n")).collect();
        let name = citizen.name.clone().unwrap_or_default();
        let id = format!("{}.r{number}@{}", self.run, domain(&citizen.address));
        let text = format!("{}\n\n{name}\n\nIl Comune ha scritto:\n{quoted}", self.town.again(number));
        let mail = OutgoingMail {
            to,
            in_reply_to: Some(read.message_id.clone()),
            references: read.references.into_iter().chain([read.message_id]).collect(),
            ..self.message(citizen, id, format!("Re: {}", read.subject), text)
        };
        self.tally.sent();
        self.send(&mail).await;
    }

    fn message(&self, from: Address, id: String, subject: String, text: String) -> OutgoingMail {
        OutgoingMail {
            from,
            to: Address { name: None, address: self.mail.to.clone() },
            envelope_from: None,
            reply_to: None,
            subject,
            text,
            html: None,
            attachments: Vec::new(),
            message_id: id,
            in_reply_to: None,
            references: Vec::new(),
            automatic: Automatic::No,
            loop_id: String::new(),
            date: self.clock.now().timestamp(),
        }
    }

    async fn send(&self, mail: &OutgoingMail) {
        match mail.compose() {
            Ok(composed) => {
                let from = composed.envelope_from.unwrap_or_default();
                self.post.put(&from, &composed.envelope_to, composed.bytes, &self.tally, &self.clock).await;
            }
            Err(why) => self.tally.refused(why),
        }
    }
}

pub fn domain(address: &str) -> &str {
    address.rsplit('@').next().unwrap_or_default()
}
