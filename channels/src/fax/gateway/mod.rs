//! Telefax through a gateway that speaks mail: received faxes come as files of mails in a mailbox, with the caller's
//! number in subject or sender; a fax is sent as a mail to its number at the gateway.

mod caller;
mod sender;

use std::sync::Arc;

use super::incoming::FaxNormaliser;
use super::{MAX_BYTES, limits, lines, reader};
use crate::email::driver::{MAILBOX, Mailbox};
use crate::email::{EmailNormaliser, ImapReceiver};
use crate::paper::{Envelope, Letterhead, media_type, reference};
use crate::{
    Account, ChannelKind, Context, Deliver, Driver, Field, FieldKind, Inbound, Normalise, Notice, Outgoing,
    OutgoingLimits, Rejected, Settings, WrongSetting,
};
use sender::{Form, GatewaySender};

const OWN: [Field; 6] = [
    Field::optional("gateway", FieldKind::Text, ""),
    Field::optional("number_form", FieldKind::Choice(&["digits", "plus", "zeros", "national"]), "digits"),
    Field::optional("number_patterns", FieldKind::Text, ""),
    Field::optional("sender_address", FieldKind::Text, ""),
    Field::optional("languages", FieldKind::Text, "ita+eng"),
    Field::optional("max_pages", FieldKind::Number { least: 1, most: 5000 }, "500"),
];
const FIELDS: [Field; MAILBOX.len() + OWN.len()] = {
    let mut all = [OWN[0]; MAILBOX.len() + OWN.len()];
    let mut i = 0;
    while i < all.len() {
        all[i] = if i < MAILBOX.len() { MAILBOX[i] } else { OWN[i - MAILBOX.len()] };
        i += 1;
    }
    all
};

/// A fax-to-mail gateway.
#[derive(Debug, Clone, Copy)]
pub struct MailGateway;

impl Driver for MailGateway {
    fn name(&self) -> &'static str {
        "fax_mail"
    }

    fn kind(&self) -> ChannelKind {
        ChannelKind::Fax
    }

    /// Gateways tell of failures when they can, and of success as they like.
    fn tells(&self) -> bool {
        false
    }

    fn fields(&self) -> &'static [Field] {
        &FIELDS
    }

    fn limits(&self, settings: &Settings) -> OutgoingLimits {
        limits(settings)
    }

    fn open(&self, settings: &Settings, context: &Context) -> Result<Account, WrongSetting> {
        let mailbox = Mailbox::open(settings, context)?;
        let reader = reader(settings, context)?;
        let own = lines(settings.text("number_patterns"));
        if let Some(wrong) = own.iter().find(|pattern| pattern.matches("{number}").count() != 1) {
            return Err(WrongSetting::new("number_patterns", format!("«{wrong}» must hold {{number}} once")));
        }
        let patterns = own.into_iter().chain(caller::USUAL.iter().map(|p| (*p).to_owned())).collect();
        let form = Form::read(settings.given("number_form").unwrap_or("digits"))
            .ok_or_else(|| WrongSetting::new("number_form", "digits, plus, zeros or national"))?;
        let sender = match settings.given("gateway") {
            None => None,
            Some(gateway) => {
                let head = Letterhead { address: lines(settings.text("sender_address")), ..Letterhead::default() };
                let sender = GatewaySender {
                    smtp: mailbox.smtp,
                    address: mailbox.address,
                    loop_id: context.loop_id.clone(),
                    gateway: sender::recipient(gateway)?,
                    form,
                    head,
                    programs: reader.programs.clone(),
                    max_pages: reader.max_pages,
                };
                Some(Arc::new(sender) as Arc<dyn Deliver<Outgoing>>)
            }
        };
        Ok(Account {
            normaliser: Arc::new(GatewayNormaliser {
                mail: EmailNormaliser::new(mailbox.reading),
                fax: FaxNormaliser::new(reader, MAX_BYTES),
                patterns,
            }),
            receiver: Some(Arc::new(ImapReceiver::of(ChannelKind::Fax, mailbox.imap))),
            sender,
            hook: None,
        })
    }
}

/// Reads the mails of a gateway. What holds no fax is the mail it is: a failure that is told, an advertisement.
pub struct GatewayNormaliser {
    mail: EmailNormaliser,
    fax: FaxNormaliser,
    patterns: Vec<String>,
}

impl GatewayNormaliser {
    fn faxes(&self, mail: &Inbound, raw: &[u8]) -> Result<Vec<Inbound>, Rejected> {
        let sender = mail.from.as_ref().map(|from| (from.address.as_str(), from.name.as_deref()));
        let number = caller::number(&mail.subject, &self.patterns, sender).unwrap_or_default();
        let told = caller::pages(&mail.subject).or_else(|| mail.text.lines().take(40).find_map(caller::pages));
        let papers = mail
            .attachments
            .iter()
            .filter(|file| matches!(media_type(&file.bytes), Some("application/pdf" | "image/tiff")));
        let mut faxes = Vec::new();
        for (place, file) in papers.enumerate() {
            let name = if file.name.is_empty() { "fax" } else { &file.name };
            let received = mail.sent_at.map(|at| at.to_string()).unwrap_or_default();
            let envelope = Envelope::around(&file.bytes).with("file", name).with("caller", &number);
            let mut fax = self.fax.fax(&envelope.with("received", &received), raw)?;
            // The same form sent twice is two faxes, and the same mail in a mailbox made anew is one.
            fax.external_id = reference(&format!("fax{place}"), mail.message_id.as_bytes());
            fax.message_id.clone_from(&fax.external_id);
            faxes.push(fax);
        }
        if let [fax] = faxes.as_mut_slice() {
            let here = fax.paper.as_ref().map_or(0, |paper| paper.pages);
            if caller::is_partial(&mail.subject) || told.is_some_and(|told| told > here && here > 0) {
                fax.notices.push(Notice::PartlyReceived);
            }
        } else if caller::is_partial(&mail.subject) {
            faxes.iter_mut().for_each(|fax| fax.notices.push(Notice::PartlyReceived));
        }
        Ok(faxes)
    }
}

impl Normalise for GatewayNormaliser {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Fax
    }

    fn normalise(&self, raw: &[u8]) -> Result<Inbound, Rejected> {
        self.normalise_all(raw)?.into_iter().next().ok_or(Rejected::Empty)
    }

    fn normalise_all(&self, raw: &[u8]) -> Result<Vec<Inbound>, Rejected> {
        let mail = self.mail.normalise(raw)?;
        let faxes = if mail.report.is_some() { Vec::new() } else { self.faxes(&mail, raw)? };
        Ok(if faxes.is_empty() { vec![mail] } else { faxes })
    }
}
