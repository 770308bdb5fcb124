//! Certified mail as a driver: a mailbox of a provider, by IMAPS and SMTPS.

use std::sync::Arc;

use super::sender::MEGABYTE;
use super::{PecLimits, PecNormaliser, PecSender, ReceiptDetail, Revocations, Roots};
use crate::email::ImapReceiver;
use crate::email::driver::{MAILBOX, Mailbox};
use crate::{Account, ChannelKind, Context, Driver, Field, FieldKind, OutgoingLimits, Settings, WrongSetting};

const SIZE: FieldKind = FieldKind::Number { least: 1, most: 500 };
const OWN: [Field; 5] = [
    Field::required("roots", FieldKind::Path),
    Field::optional("crl", FieldKind::Text, ""),
    Field::optional("receipt", FieldKind::Choice(&["completa", "breve", "sintetica"]), "completa"),
    Field::optional("brief_above_mb", SIZE, "5"),
    Field::optional("max_mb", SIZE, "30"),
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

/// What every provider carries, in megabytes.
const MAX_MB: usize = 30;

/// Certified mail.
#[derive(Debug)]
pub struct PecDriver;

impl Driver for PecDriver {
    fn name(&self) -> &'static str {
        "pec"
    }

    fn kind(&self) -> ChannelKind {
        ChannelKind::Pec
    }

    fn fields(&self) -> &'static [Field] {
        &FIELDS
    }

    fn limits(&self, settings: &Settings) -> OutgoingLimits {
        let megabytes = megabytes(settings, "max_mb", MAX_MB).ok().map(|bytes| bytes / MEGABYTE);
        OutgoingLimits { megabytes, ..OutgoingLimits::default() }
    }

    fn open(&self, settings: &Settings, context: &Context) -> Result<Account, WrongSetting> {
        let mailbox = Mailbox::open(settings, context)?;
        let roots = settings.given("roots").ok_or_else(|| WrongSetting::new("roots", "must be filled in"))?;
        let roots = std::fs::read(roots).map_err(|e| WrongSetting::new("roots", e.to_string()))?;
        let roots = Roots::from_pem(&roots).map_err(|why| WrongSetting::new("roots", why))?;
        let roots = match settings.given("crl") {
            None => roots,
            Some(text) => {
                roots.with_revocations(Revocations::parse(text).map_err(|why| WrongSetting::new("crl", why))?)
            }
        };
        let detail = match settings.given("receipt") {
            None | Some("completa") => ReceiptDetail::Complete,
            Some("breve") => ReceiptDetail::Brief,
            Some("sintetica") => ReceiptDetail::Synthetic,
            Some(_) => return Err(WrongSetting::new("receipt", "completa, breve or sintetica")),
        };
        let limits = PecLimits {
            max_bytes: megabytes(settings, "max_mb", MAX_MB)?,
            brief_above: megabytes(settings, "brief_above_mb", 5)?,
        };
        let sender = PecSender::new(mailbox.smtp, mailbox.address, context.loop_id.clone(), detail, limits);
        Ok(Account {
            normaliser: Arc::new(PecNormaliser::new(mailbox.reading, roots)),
            receiver: Some(Arc::new(ImapReceiver::of(ChannelKind::Pec, mailbox.imap))),
            sender: Some(Arc::new(sender)),
            hook: None,
        })
    }
}

fn megabytes(settings: &Settings, name: &'static str, usual: usize) -> Result<usize, WrongSetting> {
    let number = settings.given(name).map_or(Ok(usual), |_| settings.number(name))?;
    Ok(number.saturating_mul(MEGABYTE))
}
