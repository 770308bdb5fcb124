//! From what a provider says of a text to the message that the platform takes in.

use jiff::Timestamp;

use super::keyword::keyword;
use super::number::{is_number, normal_form};
use crate::email::text::{subject_codes, tidy};
use crate::{
    Action, Address, AutomaticReason, ChannelKind, DeliveryReport, Inbound, Part, RecipientReport, ReportKind,
    StatusCode,
};

/// What the numbers of an account are read by.
#[derive(Debug, Clone, Default)]
pub(crate) struct Numbers {
    /// Prefix of numbers written without one.
    pub country: String,
    /// Our own numbers.
    pub own: Vec<String>,
}

/// One text, as its provider tells of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Incoming<'a> {
    pub id: String,
    pub from: &'a str,
    pub to: &'a str,
    pub text: String,
    pub sent_at: Option<Timestamp>,
    pub part: Option<Part>,
}

impl Incoming<'_> {
    /// The message, of these stored bytes.
    pub(crate) fn into_message(self, raw: &[u8], numbers: &Numbers) -> Inbound {
        let mut message = Inbound::new(ChannelKind::Sms, self.id, raw);
        let address = |number: &str| {
            let address = normal_form(number, &numbers.country);
            (!address.is_empty()).then_some(Address { name: None, address })
        };
        message.from = address(self.from);
        message.to = address(self.to).into_iter().collect();
        // The blanks at the ends of a part belong to the whole.
        message.text = if self.part.is_some() { self.text } else { tidy(&self.text) };
        message.reply_text.clone_from(&message.text);
        message.subject_codes = subject_codes(&message.text);
        message.sent_at = self.sent_at;
        message.keyword = if self.part.is_some() { None } else { keyword(&message.text) };
        message.part = self.part;
        message.automatic = match &message.from {
            None => Some(AutomaticReason::RobotSender),
            Some(from) if numbers.own.contains(&from.address) => Some(AutomaticReason::FromOurselves),
            // A name instead of a number is a program's, and cannot be answered.
            Some(from) if !is_number(&from.address) => Some(AutomaticReason::RobotSender),
            Some(_) => None,
        };
        message
    }
}

/// What a provider says of a message of ours.
#[derive(Debug, Clone)]
pub(crate) struct Reported<'a> {
    pub id: String,
    pub own_id: Option<String>,
    pub provider_ids: Vec<String>,
    pub recipient: &'a str,
    pub action: Action,
    /// The provider's own name for what happened.
    pub name: String,
    /// Its words or code for why.
    pub why: Option<String>,
    pub at: Option<Timestamp>,
}

impl Reported<'_> {
    /// The report as a message, of these stored bytes.
    pub(crate) fn into_message(self, raw: &[u8], numbers: &Numbers) -> Inbound {
        let mut message = Inbound::new(ChannelKind::Sms, self.id, raw);
        let recipient = normal_form(self.recipient, &numbers.country);
        message.from = (!recipient.is_empty()).then(|| Address { name: None, address: recipient.clone() });
        message.sent_at = self.at;
        message.automatic = Some(AutomaticReason::Report);
        message.report = Some(DeliveryReport {
            provider_ids: self.provider_ids,
            own_id: self.own_id,
            name: self.name,
            at: self.at,
            recipients: vec![RecipientReport {
                recipient,
                original_recipient: None,
                action: self.action,
                status: status(self.action),
                diagnostic: self.why,
                remote_mta: None,
            }],
            ..DeliveryReport::new(ReportKind::Delivery)
        });
        message
    }
}

/// The enhanced code that says no more than the action does.
fn status(action: Action) -> Option<StatusCode> {
    let class = match action {
        Action::Delivered | Action::Expanded => 2,
        Action::Delayed => 4,
        Action::Failed => 5,
        Action::Relayed => return None,
    };
    Some(StatusCode { class, subject: 0, detail: 0 })
}

/// Bytes in a charset that the provider named, else in UTF-8 if they are, else in Windows 1252.
pub(crate) fn decode(bytes: &[u8], charset: Option<&str>) -> String {
    let named = charset.and_then(|name| match name.to_ascii_uppercase().as_str() {
        "UTF-16" | "UTF-16BE" | "UCS-2" | "UCS2" => Some(encoding_rs::UTF_16BE),
        name => encoding_rs::Encoding::for_label(name.as_bytes()),
    });
    match named {
        Some(encoding) => encoding.decode_with_bom_removal(bytes).0.into_owned(),
        None => crate::email::text::decode_unknown(bytes),
    }
}
