//! A fax as a mail to its number at the gateway.

use async_trait::async_trait;

use crate::email::driver::mail;
use crate::email::{OutgoingAttachment, SmtpSender};
use crate::fax::protocol::{later, never};
use crate::fax::sender::{dial_string, documents};
use crate::paper::{Letterhead, Programs};
use crate::{ChannelKind, Deliver, DeliveryError, Outgoing, Sent, WrongSetting};

const NUMBER: &str = "{number}";

/// How a gateway wants numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// `390862123456`.
    Digits,
    /// `+390862123456`.
    Plus,
    /// `00390862123456`.
    Zeros,
    /// `0862123456`, for numbers of Italy.
    National,
}

impl Form {
    pub(super) fn read(name: &str) -> Option<Self> {
        Some(match name {
            "digits" => Self::Digits,
            "plus" => Self::Plus,
            "zeros" => Self::Zeros,
            "national" => Self::National,
            _ => return None,
        })
    }

    fn write(self, number: &str) -> String {
        let Some(digits) = number.strip_prefix('+') else { return number.to_owned() };
        match self {
            Self::Digits => digits.to_owned(),
            Self::Plus => number.to_owned(),
            Self::Zeros => format!("00{digits}"),
            Self::National => digits.strip_prefix("39").map_or_else(|| format!("00{digits}"), str::to_owned),
        }
    }
}

/// The address to write to, with a place for the number: `{number}@fax.example`, or only the part after the sign.
pub(super) fn recipient(gateway: &str) -> Result<String, WrongSetting> {
    let address = if gateway.contains(NUMBER) {
        gateway.to_owned()
    } else {
        format!("{NUMBER}@{}", gateway.trim_start_matches('@'))
    };
    let sample = address.replace(NUMBER, "390862123456");
    if sample.parse::<lettre::Address>().is_err() || address.matches(NUMBER).count() != 1 {
        return Err(WrongSetting::new("gateway", "an address such as {number}@fax.example"));
    }
    Ok(address)
}

/// Sends faxes as mails.
pub(super) struct GatewaySender {
    pub smtp: SmtpSender,
    pub address: String,
    pub loop_id: String,
    /// With a place for the number.
    pub gateway: String,
    pub form: Form,
    pub head: Letterhead,
    pub programs: Programs,
    pub max_pages: usize,
}

#[async_trait]
impl Deliver<Outgoing> for GatewaySender {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Fax
    }

    async fn deliver(&self, message: &Outgoing) -> Result<Sent, DeliveryError> {
        let number = dial_string(&message.recipient).ok_or_else(|| never("the recipient has no number to dial"))?;
        let (head, programs, copy, most) = (self.head.clone(), self.programs.clone(), message.clone(), self.max_pages);
        let pages = tokio::task::spawn_blocking(move || documents(&copy, &head, &programs, most)).await;
        let pages = pages.map_err(|e| later(e.to_string()))??;
        let mut fax = mail(message, &self.address, &self.loop_id);
        fax.to.address = self.gateway.replace(NUMBER, &self.form.write(&number));
        fax.to.name = None;
        // The gateway prints the pages; a text of the mail would come out as a page of its own.
        fax.text = String::new();
        let file = |(place, bytes): (usize, Vec<u8>)| OutgoingAttachment {
            name: format!("fax-{}.pdf", place + 1),
            media_type: "application/pdf".to_owned(),
            bytes: bytes.into(),
            content_id: None,
        };
        fax.attachments = pages.into_iter().enumerate().map(file).collect();
        if fax.message_id.is_empty() {
            // The same at every attempt, so that a gateway may know a repetition.
            let domain = self.address.rsplit('@').next().unwrap_or("localhost");
            fax.message_id = format!("fax.{}@{domain}", message.id);
        }
        self.smtp.deliver(&fax).await
    }

    async fn check(&self) -> Result<String, String> {
        self.smtp.check().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_the_gateway_wants_them() {
        let forms = [Form::Digits, Form::Plus, Form::Zeros, Form::National];
        let written = forms.map(|form| form.write("+390862123456"));
        assert_eq!(written, ["390862123456", "+390862123456", "00390862123456", "0862123456"]);
        assert_eq!(Form::National.write("+41911234567"), "0041911234567");
        assert_eq!(recipient("@fax.example").unwrap(), "{number}@fax.example");
        assert_eq!(recipient("fax={number}@gw.example").unwrap(), "fax={number}@gw.example");
        for wrong in ["", "{number}", "{number}{number}@x.example", "a b@{number}"] {
            assert!(recipient(wrong).is_err(), "{wrong}");
        }
    }
}
