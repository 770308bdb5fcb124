//! Ordinary mail as a driver: an IMAP mailbox and a submission server.

use std::sync::Arc;

use async_trait::async_trait;

use super::smtp::unusable;
use super::{Automatic, EmailConfig, EmailNormaliser, ImapConfig, ImapReceiver, OutgoingMail, Security};
use super::{SmtpConfig, SmtpSender};
use crate::{
    Account, Address, ChannelKind, Context, Deliver, DeliveryError, Driver, Field, FieldKind, Outgoing, Sent, Settings,
    WrongSetting,
};

const SECURITY: FieldKind = FieldKind::Choice(&["tls", "starttls", "plain"]);
const PORT: FieldKind = FieldKind::Number { least: 1, most: 65_535 };
const FOLDER: &str = "INBOX";

/// What a mailbox needs to know, whichever channel its messages belong to. An empty port is the usual one of
/// its protection; an empty sending account is the receiving one.
pub(crate) const MAILBOX: [Field; 13] = [
    Field::required("address", FieldKind::Text),
    Field::required("user", FieldKind::Text),
    Field::required("password", FieldKind::Secret),
    Field::required("imap_host", FieldKind::Text),
    Field::optional("imap_port", PORT, ""),
    Field::optional("imap_security", SECURITY, "tls"),
    Field::optional("folder", FieldKind::Text, FOLDER),
    Field::required("smtp_host", FieldKind::Text),
    Field::optional("smtp_port", PORT, ""),
    Field::optional("smtp_security", SECURITY, "tls"),
    Field::optional("smtp_user", FieldKind::Text, ""),
    Field::optional("smtp_password", FieldKind::Secret, ""),
    Field::optional("ca", FieldKind::Path, ""),
];

/// Ordinary mail.
#[derive(Debug)]
pub struct EmailDriver;

impl Driver for EmailDriver {
    fn name(&self) -> &'static str {
        "email"
    }

    fn kind(&self) -> ChannelKind {
        ChannelKind::Email
    }

    fn fields(&self) -> &'static [Field] {
        &MAILBOX
    }

    fn open(&self, settings: &Settings, context: &Context) -> Result<Account, WrongSetting> {
        let mailbox = Mailbox::open(settings, context)?;
        Ok(Account {
            normaliser: Arc::new(EmailNormaliser::new(mailbox.reading)),
            receiver: Some(Arc::new(ImapReceiver::new(mailbox.imap))),
            sender: Some(Arc::new(EmailSender {
                smtp: mailbox.smtp,
                address: mailbox.address,
                loop_id: context.loop_id.clone(),
            })),
            hook: None,
        })
    }
}

/// The settings of a mailbox, in the form its parts take.
pub(crate) struct Mailbox {
    pub address: String,
    pub reading: EmailConfig,
    pub imap: ImapConfig,
    pub smtp: SmtpSender,
}

impl Mailbox {
    pub fn open(settings: &Settings, context: &Context) -> Result<Self, WrongSetting> {
        let address = needed(settings, "address")?;
        if address.parse::<lettre::Address>().is_err() {
            return Err(WrongSetting::new("address", "not a mail address"));
        }
        let user = needed(settings, "user")?;
        let password = settings.secret("password");
        if password.is_empty() {
            return Err(WrongSetting::new("password", "there is no password"));
        }
        let ca = certificates(settings)?;
        let mut imap = ImapConfig::new(needed(settings, "imap_host")?, user.clone(), password.clone());
        imap.port = port(settings, "imap_port")?;
        imap.security = security(settings, "imap_security")?;
        settings.given("folder").unwrap_or(FOLDER).clone_into(&mut imap.folder);
        imap.extra_ca_pem.clone_from(&ca);
        if imap.security == Security::Plain && !super::tls::is_loopback(&imap.host) {
            return Err(WrongSetting::new("imap_security", "mail would travel in clear: use tls or starttls"));
        }
        let own = settings.secret("smtp_password");
        let smtp = SmtpConfig {
            port: port(settings, "smtp_port")?,
            security: security(settings, "smtp_security")?,
            user: Some(settings.given("smtp_user").map_or(user, str::to_owned)),
            password: if own.is_empty() { password } else { own },
            extra_ca_pem: ca,
            ..SmtpConfig::new(needed(settings, "smtp_host")?)
        };
        let smtp = SmtpSender::new(&smtp).map_err(|why| WrongSetting::new("smtp_host", why))?;
        let mut own_addresses = context.own_addresses.clone();
        own_addresses.push(address.clone());
        let reading = EmailConfig { own_addresses, loop_id: context.loop_id.clone(), ..EmailConfig::default() };
        Ok(Self { address, reading, imap, smtp })
    }
}

/// The text of a field that must not be empty.
fn needed(settings: &Settings, name: &'static str) -> Result<String, WrongSetting> {
    settings.given(name).map(str::to_owned).ok_or_else(|| WrongSetting::new(name, "must be filled in"))
}

fn port(settings: &Settings, name: &'static str) -> Result<Option<u16>, WrongSetting> {
    settings.given(name).map(|_| settings.number(name)).transpose()
}

fn security(settings: &Settings, name: &'static str) -> Result<Security, WrongSetting> {
    match settings.given(name).unwrap_or("tls") {
        "tls" => Ok(Security::Tls),
        "starttls" => Ok(Security::StartTls),
        "plain" => Ok(Security::Plain),
        _ => Err(WrongSetting::new(name, "tls, starttls or plain")),
    }
}

fn certificates(settings: &Settings) -> Result<Option<String>, WrongSetting> {
    let read = |path| std::fs::read_to_string(path).map_err(|e| WrongSetting::new("ca", e.to_string()));
    settings.given("ca").map(read).transpose()
}

/// The mail that says what `outgoing` says, written by the mailbox itself.
pub(crate) fn mail(outgoing: &Outgoing, address: &str, loop_id: &str) -> OutgoingMail {
    let named = |name: &str, address: &str| Address {
        name: Some(name.to_owned()).filter(|n| !n.is_empty()),
        address: address.to_owned(),
    };
    OutgoingMail {
        from: named(&outgoing.sender_name, address),
        to: named(&outgoing.recipient_name, &outgoing.recipient),
        envelope_from: None,
        reply_to: None,
        subject: outgoing.subject.clone(),
        text: outgoing.text.clone(),
        html: None,
        attachments: outgoing.attachments.clone(),
        message_id: outgoing.message_id.clone(),
        in_reply_to: outgoing.in_reply_to.clone(),
        references: outgoing.references.clone(),
        automatic: match (outgoing.automatic, &outgoing.in_reply_to) {
            (false, _) => Automatic::No,
            (true, Some(_)) => Automatic::Replied,
            (true, None) => Automatic::Generated,
        },
        loop_id: loop_id.to_owned(),
        date: outgoing.date,
    }
}

/// Sends what all channels share as mail.
struct EmailSender {
    smtp: SmtpSender,
    address: String,
    loop_id: String,
}

#[async_trait]
impl Deliver<Outgoing> for EmailSender {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Email
    }

    async fn deliver(&self, outgoing: &Outgoing) -> Result<Sent, DeliveryError> {
        if outgoing.message_id.is_empty() {
            return Err(unusable("the message has no Message-ID".to_owned()));
        }
        self.smtp.deliver(&mail(outgoing, &self.address, &self.loop_id)).await
    }

    async fn check(&self) -> Result<String, String> {
        self.smtp.check().await
    }
}
