//! Text messages straight through the SMSC of an operator or aggregator, over SMPP 3.4.
//!
//! Receiving and sending each have a connection of their own (`bind_receiver`, `bind_transmitter`): one node
//! receives, under a lease, while every node sends. The wire format is written here and not taken from a library:
//! what is stored are the SMSC's own bytes, and a packet that deviates must reach the quarantine, not end the line.

pub(crate) mod pdu;
mod reading;
mod receipt;
mod receiver;
mod redelivery;
mod sender;
mod session;
pub(crate) mod status;

use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use tokio_rustls::TlsConnector;

use self::reading::SmppNormaliser;
use self::receiver::SmppReceiver;
use self::sender::SmppSender;
use self::session::{Role, Session};
use super::settings;
use super::settings::{CA_FILE, COUNTRY, Common, MAX_SEGMENTS, extra_ca, limits, needed, needed_secret, number, text};
use crate::email::tls;
use crate::{Account, ChannelKind, Context, Driver, Field, FieldKind, OutgoingLimits, Secret, Settings, WrongSetting};

const HOST: Field = Field::required("host", FieldKind::Text);
const PORT: Field = Field::optional("port", FieldKind::Number { least: 1, most: 65_535 }, "2775");
const SECURITY: Field = Field::optional("security", FieldKind::Choice(&["tls", "plain"]), "tls");
const SYSTEM_ID: Field = Field::required("system_id", FieldKind::Text);
const PASSWORD: Field = Field::required("password", FieldKind::Secret);
const SENDER: Field = Field::required(settings::SENDER.name, FieldKind::Text);
const SYSTEM_TYPE: Field = Field::optional("system_type", FieldKind::Text, "");
const ALPHABET: Field = Field::optional("alphabet", FieldKind::Choice(&["gsm", "latin1"]), "gsm");
const LONG_TEXTS: Field = Field::optional("long_texts", FieldKind::Choice(&["udh", "sar", "payload"]), "udh");
const WINDOW: Field = Field::optional("window", FieldKind::Number { least: 1, most: 100 }, "10");
const ENQUIRE: Field = Field::optional("enquire_seconds", FieldKind::Number { least: 1, most: 30 }, "20");
const ZONE: Field = Field::optional("time_zone", FieldKind::Text, "Europe/Rome");

/// Opens accounts at an SMSC.
#[derive(Debug, Clone, Copy)]
pub struct Smpp;

/// What the SMSC takes data coding 0 for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Alphabet {
    Gsm,
    Latin1,
}

/// How a text too long for one message is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LongTexts {
    /// Cut by us, a header in each part.
    Udh,
    /// Cut by us, the parts numbered in TLVs.
    Sar,
    /// Whole in a TLV, cut by the SMSC.
    Payload,
}

/// One account at one SMSC.
pub(crate) struct Config {
    pub host: String,
    pub port: u16,
    pub tls: Option<TlsConnector>,
    pub system_id: String,
    pub password: Secret,
    pub system_type: String,
    pub alphabet: Alphabet,
    pub long_texts: LongTexts,
    pub window: usize,
    pub enquire_every: Duration,
    pub zone: TimeZone,
    pub common: Common,
}

impl Config {
    fn read(settings: &Settings, context: &Context) -> Result<Self, WrongSetting> {
        let unknown = |field: &Field| WrongSetting::new(field.name, "not one of the choices");
        let common = Common::read(settings, context)?;
        if common.sender.is_empty() {
            return Err(WrongSetting::new(SENDER.name, "missing"));
        }
        let tls = match text(settings, &SECURITY) {
            "tls" => {
                let connector = tls::connector(extra_ca(settings)?.as_deref());
                Some(connector.map_err(|why| WrongSetting::new(CA_FILE.name, why))?)
            }
            "plain" => None,
            _ => return Err(unknown(&SECURITY)),
        };
        Ok(Self {
            host: needed(settings, &HOST)?.to_owned(),
            port: u16::try_from(number(settings, &PORT)?).unwrap_or(0),
            tls,
            system_id: needed(settings, &SYSTEM_ID)?.to_owned(),
            password: needed_secret(settings, &PASSWORD)?,
            system_type: settings.text(SYSTEM_TYPE.name).to_owned(),
            alphabet: match text(settings, &ALPHABET) {
                "gsm" => Alphabet::Gsm,
                "latin1" => Alphabet::Latin1,
                _ => return Err(unknown(&ALPHABET)),
            },
            long_texts: match text(settings, &LONG_TEXTS) {
                "udh" => LongTexts::Udh,
                "sar" => LongTexts::Sar,
                "payload" => LongTexts::Payload,
                _ => return Err(unknown(&LONG_TEXTS)),
            },
            window: usize::try_from(number(settings, &WINDOW)?).unwrap_or(1),
            enquire_every: Duration::from_secs(u64::try_from(number(settings, &ENQUIRE)?).unwrap_or(20)),
            zone: TimeZone::get(text(settings, &ZONE)).map_err(|e| WrongSetting::new(ZONE.name, e.to_string()))?,
            common,
        })
    }
}

impl Driver for Smpp {
    fn name(&self) -> &'static str {
        "smpp"
    }

    fn kind(&self) -> ChannelKind {
        ChannelKind::Sms
    }

    fn fields(&self) -> &'static [Field] {
        &[
            HOST,
            PORT,
            SECURITY,
            CA_FILE,
            SYSTEM_ID,
            PASSWORD,
            SYSTEM_TYPE,
            SENDER,
            COUNTRY,
            MAX_SEGMENTS,
            LONG_TEXTS,
            ALPHABET,
            WINDOW,
            ENQUIRE,
            ZONE,
        ]
    }

    fn limits(&self, settings: &Settings) -> OutgoingLimits {
        limits(settings)
    }

    fn open(&self, settings: &Settings, context: &Context) -> Result<Account, WrongSetting> {
        let config = Arc::new(Config::read(settings, context)?);
        Ok(Account {
            normaliser: Arc::new(SmppNormaliser { config: config.clone() }),
            receiver: Some(Arc::new(SmppReceiver::new(config.clone()))),
            sender: Some(Arc::new(SmppSender::new(config.clone()))),
            hook: None,
        })
    }
}

async fn check(config: &Config, role: Role) -> Result<String, String> {
    let (session, _incoming) = Session::open(config, role).await.map_err(|e| e.to_string())?;
    // It answered: whether it also says goodbye is its own affair.
    let _politely = session.unbind().await;
    Ok(format!("the SMSC {}:{} knows the account", config.host, config.port))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn config(alphabet: Alphabet, long_texts: LongTexts) -> Config {
        Config {
            host: "localhost".into(),
            port: 2775,
            tls: None,
            system_id: "cc".into(),
            password: "x".into(),
            system_type: String::new(),
            alphabet,
            long_texts,
            window: 10,
            enquire_every: Duration::from_secs(20),
            zone: TimeZone::UTC,
            common: Common { sender: "+39800123".into(), numbers: Default::default(), max_segments: 6 },
        }
    }
}
