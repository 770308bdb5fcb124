//! How a certified mail system wraps messages and words receipts. The Italian one is moving to the European
//! standard (ETSI EN 319 532): what stands behind [`Format`] changes then, and nothing else.

use serde::{Deserialize, Serialize};

use super::daticert::Daticert;
use super::mime::Entity;
use super::smime::{self, Doubt, Roots, Signature};
use crate::inbound::named;

/// What certified mail says of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certified {
    /// An envelope or a receipt.
    pub kind: CertifiedKind,
    /// Whether it can be relied on.
    pub signature: Signature,
    /// Message-ID of the envelope or receipt itself.
    pub envelope_id: String,
    /// The certification data, when there are any.
    pub data: Option<Daticert>,
    /// Every id under which the original message may be known, best first: providers give it another.
    pub known_as: Vec<String>,
}

named! {
    /// What a provider's mail is.
    CertifiedKind {
        /// It carries a message.
        Envelope = "envelope",
        /// It says what became of a message of ours.
        Receipt = "receipt",
    }
}

/// A provider's mail taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Opened {
    pub kind: OpenedKind,
    pub signature: Signature,
    pub data: Option<Daticert>,
    /// The message it carries, as its sender's program wrote it.
    pub message: Option<Vec<u8>>,
    /// Id of the original message as the headers have it, which nobody signed.
    pub original_id: Option<String>,
    /// Whether the headers say that it is about a virus.
    pub infected: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum OpenedKind {
    /// Carries certified mail.
    Envelope,
    /// Carries ordinary mail.
    Anomaly,
    /// Tells what became of a message; its name in lower case.
    Receipt(String),
}

/// One certified mail system.
pub(super) trait Format: Send + Sync {
    /// Takes a mail apart; `None` when it is ordinary mail. Never trusts what is not below the signature.
    fn open(&self, raw: &[u8], from: Option<&str>, roots: &Roots) -> Option<Opened>;
}

/// The one of RFC 6109.
#[derive(Debug)]
pub(super) struct Pec;

/// Who writes envelopes and receipts, at the domain of each provider.
const PROVIDER: &str = "posta-certificata@";

impl Format for Pec {
    fn open(&self, raw: &[u8], from: Option<&str>, roots: &Roots) -> Option<Opened> {
        let outer = Entity::new(raw);
        let lower = |name: &str| outer.header(name).map(|value| value.to_lowercase());
        let (transport, receipt) = (lower("X-Trasporto"), lower("X-Ricevuta"));
        if transport.is_none() && receipt.is_none() {
            return None;
        }
        let (content, signature) = signed(&outer, from, roots);
        let parts = content.parts();
        let named = |name: &str| parts.iter().find(|p| p.described().name == name);
        let data = named("daticert.xml").and_then(Entity::decoded).and_then(|xml| Daticert::read(&xml));
        let message = named("postacert.eml")
            .or_else(|| parts.iter().find(|p| p.described().media_type == "message/rfc822"))
            .and_then(Entity::decoded);
        // The headers are not signed: an old receipt under new headers remains what its data say.
        let kind = match data.as_ref().map(|d| d.kind.as_str()) {
            Some("posta-certificata") => OpenedKind::Envelope,
            Some(name) if !name.is_empty() => OpenedKind::Receipt(name.to_owned()),
            _ => match (receipt, transport.as_deref()) {
                (Some(name), _) => OpenedKind::Receipt(name),
                (None, Some("errore")) => OpenedKind::Anomaly,
                (None, _) => OpenedKind::Envelope,
            },
        };
        let original_id =
            outer.header("X-Riferimento-Message-ID").map(|id| id.trim_matches(['<', '>', ' ']).to_owned());
        let infected = lower("X-VerificaSicurezza").is_some_and(|v| v == "errore");
        // Signed without certifying anything, as anomalies are: new headers do not make it certified mail.
        let empty = signature.is_verified() && data.is_none() && kind != OpenedKind::Anomaly;
        let signature = if empty { Signature::Unverified { doubt: Doubt::NoData } } else { signature };
        Some(Opened { kind, signature, data, message, original_id, infected })
    }
}

/// The signed content and whether its signature holds; the whole mail when it is not signed.
fn signed<'a>(outer: &Entity<'a>, from: Option<&str>, roots: &Roots) -> (Entity<'a>, Signature) {
    let missing = Signature::Unverified { doubt: Doubt::Missing };
    if outer.described().media_type != "multipart/signed" {
        return (*outer, missing);
    }
    match outer.parts().as_slice() {
        [content, signature] => {
            let signature = match signature.decoded() {
                Some(bytes) => smime::verify(content.whole, &bytes, from, roots),
                None => Signature::Unverified { doubt: Doubt::Unreadable },
            };
            let provider = from.is_some_and(|f| f.to_ascii_lowercase().starts_with(PROVIDER));
            let other = signature.is_verified() && !provider;
            (*content, if other { Signature::Unverified { doubt: Doubt::OtherSigner } } else { signature })
        }
        // Cut short, or with something that is not below the signature.
        [content, ..] => (*content, missing),
        [] => (*outer, missing),
    }
}
