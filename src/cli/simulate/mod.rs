//! `sportello simulate`: believable Italian citizens on the outside of each channel, for demonstrations, tests of an
//! installation and load. Each simulator speaks to a running installation through its real interfaces only; what
//! the wires look like stands in `channels::simulate`.
pub mod accounts;
mod drive;
mod edge;
mod exchange;
mod fax;
mod form;
mod gateway;
mod letters;
mod mail;
mod options;
mod pec;
mod phone;
mod post;
mod sms;
mod tally;
mod voice;
mod wire;
pub mod words;

use std::process::ExitCode;

use clap::Subcommand;

use super::Place;

/// What to simulate.
#[derive(Debug, Subcommand)]
pub enum Simulate {
    /// Open an account for each simulator in an installation that does not run, and let the demo's agents take calls.
    Accounts(Place),
    /// Calls, through a SIP edge, an exchange or Twilio.
    Phone(Box<phone::Phone>),
    /// Text messages, through Kannel, Twilio or an SMSC.
    Sms(Box<sms::Sms>),
    /// Mail, with later answers to what we send.
    Mail(Box<mail::Mail>),
    /// Certified mail, by a provider that signs, with receipts for what we send.
    Pec(Box<pec::Pec>),
    /// Faxes, through HylaFAX's hook or spool.
    Fax(Box<fax::Fax>),
    /// Letters, scanned into a watched folder or handed over one by one.
    Letters(letters::Letters),
    /// Requests through the public form.
    Form(form::Form),
    /// Contacts that a counter's own program hands over.
    Counter(form::Counter),
}

impl Simulate {
    /// Runs the simulator to its end.
    ///
    /// # Errors
    /// When it cannot begin; what is refused later is counted and makes the command fail.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::Accounts(place) => accounts::run(&place).await,
            Self::Phone(phone) => phone.run().await,
            Self::Sms(sms) => sms.run().await,
            Self::Mail(mail) => mail.run().await,
            Self::Pec(pec) => pec.run().await,
            Self::Fax(fax) => fax.run().await,
            Self::Letters(letters) => letters.run().await,
            Self::Form(form) => form.run().await,
            Self::Counter(counter) => counter.run().await,
        }
    }
}
