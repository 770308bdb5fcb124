//! From the bytes in a certified mailbox to an [`Inbound`]: envelopes opened, receipts understood, ordinary mail
//! marked as such. Nothing that stands in a mailbox stops it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::daticert::Daticert;
use super::format::{Certified, CertifiedKind, Format, Opened, OpenedKind, Pec};
use super::ledger::INFECTED;
use super::smime::Roots;
use crate::email::{EmailConfig, EmailNormaliser};
use crate::{
    Action, AutomaticReason, ChannelKind, DeliveryReport, Inbound, Normalise, Notice, RecipientReport, Rejected,
    ReportKind, StatusCode,
};

/// Files of the system itself, whose content is in [`Certified`].
const SERVICE_FILES: &[&str] = &["daticert.xml", "postacert.eml", "smime.p7s"];

/// How the reason of the last notice begins, which has the name of the first: after twenty-four hours.
const GIVEN_UP: &str = "5.4.1";

/// Reads what comes to a certified mailbox.
pub struct PecNormaliser {
    email: EmailNormaliser,
    format: Box<dyn Format>,
    roots: Roots,
}

impl PecNormaliser {
    /// A reader that knows who we are and whose signatures count.
    #[must_use]
    pub fn new(config: EmailConfig, roots: Roots) -> Self {
        Self { email: EmailNormaliser::new(config), format: Box::new(Pec), roots }
    }
}

impl Normalise for PecNormaliser {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Pec
    }

    fn normalise(&self, raw: &[u8]) -> Result<Inbound, Rejected> {
        let mut outer = self.email.normalise(raw)?;
        outer.channel = ChannelKind::Pec;
        let from = outer.from.as_ref().map(|f| f.address.clone());
        // The parsers of messages and signatures are not ours: what they stumble over is read as ordinary mail.
        let opened = catch_unwind(AssertUnwindSafe(|| self.format.open(raw, from.as_deref(), &self.roots)));
        let Some(opened) = opened.unwrap_or_default() else {
            return Ok(ordinary(outer));
        };
        Ok(match &opened.kind {
            OpenedKind::Receipt(name) => receipt(outer, name, &opened),
            OpenedKind::Anomaly => ordinary(self.carried(outer, &opened)),
            OpenedKind::Envelope => self.envelope(outer, &opened),
        })
    }
}

impl PecNormaliser {
    fn envelope(&self, outer: Inbound, opened: &Opened) -> Inbound {
        let envelope_id = outer.message_id.clone();
        let mut message = self.carried(outer, opened);
        let signature = opened.signature.clone();
        if signature.is_verified() {
            // A copy that came as ordinary mail is another thing than the certified message.
            if signature.is_revocation_unknown() {
                message.notices.push(Notice::RevocationNotChecked);
            }
            message.content_digest = HEXLOWER.encode(&Sha256::digest(format!("pec {}", message.content_digest)));
        } else {
            message.notices.push(Notice::SignatureUnverified);
        }
        let known_as = names(opened, [message.message_id.clone(), envelope_id.clone()]);
        let data = opened.data.clone();
        message.certified = Some(Certified { kind: CertifiedKind::Envelope, signature, envelope_id, data, known_as });
        message
    }

    /// The message within, as its sender wrote it; the envelope itself when there is none.
    fn carried(&self, mut outer: Inbound, opened: &Opened) -> Inbound {
        let inner = opened.message.as_deref().and_then(|raw| self.email.normalise(raw).ok());
        let Some(mut message) = inner else {
            outer.notices.push(Notice::StructureBroken);
            return without_deliveries(outer);
        };
        message.channel = ChannelKind::Pec;
        message.digest = outer.digest;
        for address in outer.delivered_to {
            if !message.delivered_to.contains(&address) {
                message.delivered_to.push(address);
            }
        }
        without_deliveries(message)
    }
}

fn ordinary(mut message: Inbound) -> Inbound {
    message.notices.push(Notice::NotCertified);
    without_deliveries(message)
}

/// Only a receipt says that certified mail was delivered: ordinary reports, which anybody can write, may only
/// say that it was not.
fn without_deliveries(mut message: Inbound) -> Inbound {
    if let Some(report) = &mut message.report
        && report.kind == ReportKind::Delivery
    {
        report.recipients.retain(|r| matches!(r.action, Action::Failed | Action::Delayed));
        if report.recipients.is_empty() {
            message.report = None;
        }
    }
    message
}

fn receipt(mut message: Inbound, name: &str, opened: &Opened) -> Inbound {
    let known_as = names(opened, message.in_reply_to.clone());
    message.automatic = Some(AutomaticReason::PecReceipt);
    message.attachments.retain(|file| !SERVICE_FILES.contains(&file.name.to_lowercase().as_str()));
    message.in_reply_to.clone_from(&known_as);
    // Whoever knows the id of a message could have written it: it is shown, and moves nothing.
    if opened.signature.is_revocation_unknown() {
        message.notices.push(Notice::RevocationNotChecked);
    }
    message.report = if opened.signature.is_verified() {
        opened.data.as_ref().and_then(|data| report(name, data, opened.infected, known_as.first().cloned()))
    } else {
        message.notices.push(Notice::SignatureUnverified);
        None
    };
    message.certified = Some(Certified {
        kind: CertifiedKind::Receipt,
        signature: opened.signature.clone(),
        envelope_id: message.message_id.clone(),
        data: opened.data.clone(),
        known_as,
    });
    message
}

/// Ids of the original message: the certified one, the one in the headers, others, the provider's; each once.
fn names(opened: &Opened, others: impl IntoIterator<Item = String>) -> Vec<String> {
    let data = opened.data.as_ref();
    let ids = data.map(|d| d.message_id.clone()).into_iter().chain(opened.original_id.clone());
    let ids = ids.chain(others).chain(data.map(|d| d.identifier.clone()));
    let mut names: Vec<String> = Vec::new();
    for id in ids.filter(|id| !id.is_empty()) {
        if !names.contains(&id) {
            names.push(id);
        }
    }
    names
}

/// What a receipt says, in the terms all channels share; `None` for one that is not known.
fn report(name: &str, data: &Daticert, alarm: bool, original_message_id: Option<String>) -> Option<DeliveryReport> {
    // The header only tells one failure from another.
    let infected = data.error == INFECTED || name == "rilevazione-virus" || alarm && name == "non-accettazione";
    let action = match name {
        "accettazione" | "presa-in-carico" => Action::Delayed,
        "avvenuta-consegna" => Action::Delivered,
        "preavviso-errore-consegna" if !data.explanation.starts_with(GIVEN_UP) => Action::Delayed,
        "preavviso-errore-consegna" | "errore-consegna" | "non-accettazione" | "rilevazione-virus" => Action::Failed,
        _ => return None,
    };
    let word = if infected { INFECTED } else { data.error.as_str() };
    let words: Vec<&str> = [word, &data.explanation].into_iter().filter(|w| !w.is_empty() && *w != "nessuno").collect();
    let diagnostic = Some(words.join(": ")).filter(|d| !d.is_empty());
    let of = |address: String, certified: bool| RecipientReport {
        recipient: address,
        original_recipient: None,
        // A mailbox that is not certified never gives a delivery receipt.
        action: if name == "accettazione" && !certified { Action::Relayed } else { action },
        status: StatusCode::parse(&data.explanation),
        diagnostic: diagnostic.clone(),
        remote_mta: None,
    };
    Some(DeliveryReport {
        original_message_id,
        reporting_mta: Some(data.provider.clone()).filter(|p| !p.is_empty()),
        recipients: data.concerned().into_iter().map(|r| of(r.address, r.certified)).collect(),
        provider_ids: Some(data.identifier.clone()).into_iter().filter(|id| !id.is_empty()).collect(),
        name: name.to_owned(),
        at: data.at,
        ..DeliveryReport::new(ReportKind::Receipt)
    })
}
