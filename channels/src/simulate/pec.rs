//! A provider of certified mail (RFC 6109): it wraps messages in signed envelopes and tells by signed receipts what
//! became of those that were sent.

use std::path::Path;

use data_encoding::{BASE64, BASE64_MIME};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use x509_cert::Certificate;
use x509_cert::der::{Decode, Encode};

use super::authority::{Identity, Subject, certify};
use super::signer::Signer;

/// Who signs and writes, at the provider's domain.
const ADDRESS: &str = "posta-certificata@pec.gestore.example";
/// Domain of the ids that the provider gives.
const DOMAIN: &str = "pec.gestore.example";

/// The kinds of receipts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReceiptKind {
    /// The provider took the message.
    Accepted,
    /// It is in the recipient's mailbox.
    Delivered,
    /// It could not be delivered.
    Failed,
    /// It was not delivered yet.
    Late,
}

impl ReceiptKind {
    /// As headers and data name it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accettazione",
            Self::Delivered => "avvenuta-consegna",
            Self::Failed => "errore-consegna",
            Self::Late => "preavviso-errore-consegna",
        }
    }

    const fn error(self) -> (&'static str, &'static str) {
        match self {
            Self::Accepted | Self::Delivered => ("nessuno", ""),
            Self::Failed => ("no-dest", "5.1.1 - gestore simulato - indirizzo non valido"),
            Self::Late => ("altro", "gestore simulato - non consegnato nelle prime dodici ore"),
        }
    }
}

/// What a receipt is about.
#[derive(Debug, Clone)]
pub struct Receipt<'a> {
    /// What it says.
    pub kind: ReceiptKind,
    /// Message-ID of the original, without angle brackets.
    pub message_id: &'a str,
    /// Who sent it, and gets the receipt.
    pub sender: &'a str,
    /// Whom it was for.
    pub recipient: &'a str,
    /// Subject of the original.
    pub subject: &'a str,
    /// When it happened.
    pub at: Timestamp,
}

/// A provider with its authority.
pub struct PecProvider {
    authority: Certificate,
    identity: Identity,
}

impl std::fmt::Debug for PecProvider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PecProvider")
    }
}

impl PecProvider {
    /// The provider kept in a folder; a new one is made and kept when there is none, so that envelopes of
    /// yesterday are still believed tomorrow.
    ///
    /// # Errors
    /// A sentence when the folder cannot be used.
    pub fn keep(folder: &Path, now: Timestamp) -> Result<Self, String> {
        let read = |name: &str| std::fs::read(folder.join(name));
        let certificate = |der: Vec<u8>| Certificate::from_der(&der).map_err(|e| e.to_string());
        if let (Ok(authority), Ok(provider), Ok(key)) = (read("ca.der"), read("provider.der"), read("provider.key")) {
            let identity = Identity { signer: Signer::read(&key)?, certificate: certificate(provider)? };
            return Ok(Self { authority: certificate(authority)?, identity });
        }
        let made = Self::new(now)?;
        std::fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
        let files = [
            ("ca.der", der(&made.authority)?),
            ("provider.der", der(&made.identity.certificate)?),
            ("provider.key", made.identity.signer.pkcs8().to_vec()),
            ("ca.pem", made.root_pem()?.into_bytes()),
        ];
        for (name, bytes) in files {
            let path = folder.join(name);
            write(&path, &bytes).map_err(|e| format!("{}: {e}", path.display()))?;
        }
        Ok(made)
    }

    /// A provider with an authority of its own. The authority's key is thrown away: it certifies nobody else.
    ///
    /// # Errors
    /// A sentence when keys cannot be made.
    pub fn new(now: Timestamp) -> Result<Self, String> {
        let signer = Signer::generate()?;
        let certificate = certify(&signer, &Subject::Authority, None, now)?;
        let authority = Identity { signer, certificate };
        let signer = Signer::generate()?;
        let certificate = certify(&signer, &Subject::Provider(ADDRESS), Some(&authority), now)?;
        Ok(Self { authority: authority.certificate, identity: Identity { signer, certificate } })
    }

    /// The certificate that goes into `roots` of the account.
    ///
    /// # Errors
    /// When it cannot be written down.
    pub fn root_pem(&self) -> Result<String, String> {
        let text = BASE64.encode(&der(&self.authority)?);
        let lines: Vec<&str> =
            (0..text.len()).step_by(64).filter_map(|n| text.get(n..text.len().min(n + 64))).collect();
        Ok(format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n")))
    }

    /// The envelope in which a message reaches its recipient.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub fn envelope(&self, original: &[u8], about: &Receipt<'_>) -> Result<Vec<u8>, String> {
        let Receipt { message_id, sender, recipient, subject, at, .. } = about;
        let data = daticert("posta-certificata", about);
        let when = local(*at).strftime("%d/%m/%Y alle ore %H:%M:%S (%:z)").to_string();
        let notice = format!(
            "Messaggio di posta certificata\r\n\r\nIl giorno {when} il messaggio \"{subject}\" è stato inviato da \
             \"{sender}\" indirizzato a: {recipient}\r\nIl messaggio originale è incluso in allegato."
        );
        let headers = format!(
            "X-Trasporto: posta-certificata\r\nFrom: \"Per conto di: {sender}\" <{ADDRESS}>\r\nReply-To: {sender}\r\n\
             To: {recipient}\r\nSubject: {}\r\nDate: {}\r\nMessage-ID: <busta.{}@{DOMAIN}>\r\n\
             X-Riferimento-Message-ID: <{message_id}>\r\n",
            word(&format!("POSTA CERTIFICATA: {subject}")),
            date(*at),
            plain(message_id),
        );
        self.signed(&headers, &mixed(&notice, &data, Some(original)), *at)
    }

    /// A receipt.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub fn receipt(&self, receipt: &Receipt<'_>) -> Result<Vec<u8>, String> {
        let Receipt { kind, message_id, sender, recipient, subject, at } = receipt;
        let name = kind.name();
        let notice = format!("Ricevuta di {name}: il messaggio \"{subject}\" diretto a \"{recipient}\".");
        let headers = format!(
            "X-Ricevuta: {name}\r\nX-Riferimento-Message-ID: <{message_id}>\r\nFrom: {ADDRESS}\r\nTo: {sender}\r\n\
             Subject: {}\r\nDate: {}\r\nMessage-ID: <{name}.{}@{DOMAIN}>\r\n",
            word(&format!("{}: {subject}", name.to_uppercase())),
            date(*at),
            plain(message_id),
        );
        self.signed(&headers, &mixed(&notice, &daticert(name, receipt), None), *at)
    }

    fn signed(&self, headers: &str, content: &[u8], at: Timestamp) -> Result<Vec<u8>, String> {
        let boundary = "----=_firma";
        let signature = BASE64_MIME.encode(&self.identity.sign(content, at)?);
        let head = format!(
            "{headers}MIME-Version: 1.0\r\nContent-Type: multipart/signed; protocol=\"application/x-pkcs7-signature\";\r\n \
             micalg=\"sha-256\"; boundary=\"{boundary}\"\r\n\r\nThis is an S/MIME signed message\r\n\r\n--{boundary}\r\n"
        );
        let tail = format!(
            "\r\n--{boundary}\r\nContent-Type: application/x-pkcs7-signature; name=\"smime.p7s\"\r\n\
             Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=\"smime.p7s\"\r\n\r\n\
             {}\r\n--{boundary}--\r\n",
            signature.trim_end()
        );
        Ok([head.as_bytes(), content, tail.as_bytes()].concat())
    }
}

/// Writes a file that nobody else on the machine can read: one of them is a key.
fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(bytes)
}

fn der(certificate: &Certificate) -> Result<Vec<u8>, String> {
    certificate.to_der().map_err(|e| e.to_string())
}

fn local(at: Timestamp) -> jiff::Zoned {
    at.to_zoned(TimeZone::get("Europe/Rome").unwrap_or(TimeZone::UTC))
}

fn date(at: Timestamp) -> String {
    local(at).strftime("%a, %d %b %Y %H:%M:%S %z").to_string()
}

/// A header's text with letters beyond ASCII (RFC 2047).
pub(super) fn word(text: &str) -> String {
    if text.is_ascii() { text.to_owned() } else { format!("=?utf-8?B?{}?=", BASE64.encode(text.as_bytes())) }
}

fn plain(id: &str) -> String {
    id.chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' }).collect()
}

/// Notice, certification data and message as one multipart.
fn mixed(notice: &str, data: &str, message: Option<&[u8]>) -> Vec<u8> {
    let boundary = "----------=_busta";
    let mut out = format!(
        "Content-Type: multipart/mixed; boundary=\"{boundary}\"\r\n\r\n--{boundary}\r\n\
         Content-Type: text/plain; charset=\"utf-8\"\r\nContent-Transfer-Encoding: 8bit\r\n\
         Content-Disposition: inline\r\n\r\n{notice}\r\n--{boundary}\r\n\
         Content-Type: application/xml; name=\"daticert.xml\"\r\n\
         Content-Disposition: inline; filename=\"daticert.xml\"\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n",
        BASE64_MIME.encode(data.as_bytes()).trim_end()
    )
    .into_bytes();
    if let Some(message) = message {
        let head = format!(
            "--{boundary}\r\nContent-Type: message/rfc822; name=\"postacert.eml\"\r\n\
             Content-Disposition: attachment; filename=\"postacert.eml\"\r\n\r\n"
        );
        out.extend_from_slice(head.as_bytes());
        out.extend_from_slice(message);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    out
}

fn daticert(name: &str, about: &Receipt<'_>) -> String {
    let escape = |text: &str| quick_xml::escape::escape(text).into_owned();
    let at = local(about.at);
    let (error, why) = about.kind.error();
    let (error, why) = if name == "posta-certificata" { ("nessuno", "") } else { (error, why) };
    let recipient = escape(about.recipient);
    let delivered = match name {
        "accettazione" | "posta-certificata" => String::new(),
        _ => format!("<consegna>{recipient}</consegna>"),
    };
    let why = if why.is_empty() { String::new() } else { format!("<errore-esteso>{}</errore-esteso>", escape(why)) };
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<postacert tipo=\"{name}\" errore=\"{error}\">\n<intestazione>\
         <mittente>{sender}</mittente><destinatari tipo=\"certificato\">{recipient}</destinatari>\
         <risposte>{sender}</risposte><oggetto>{}</oggetto></intestazione>\n<dati>\
         <gestore-emittente>Gestore simulato</gestore-emittente><data zona=\"{}\"><giorno>{}</giorno><ora>{}</ora>\
         </data><identificativo>opec.{id}@{DOMAIN}</identificativo><msgid>&lt;{}&gt;</msgid>\
         <ricevuta tipo=\"completa\"/>{delivered}{why}</dati>\n</postacert>\n",
        escape(about.subject),
        at.strftime("%z"),
        at.strftime("%d/%m/%Y"),
        at.strftime("%H:%M:%S"),
        escape(about.message_id),
        sender = escape(about.sender),
        id = plain(about.message_id),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::email::EmailConfig;
    use crate::pec::{PecNormaliser, Roots};
    use crate::{Action, Normalise};

    const NOW: i64 = 1_764_000_000;

    fn about(kind: ReceiptKind) -> Receipt<'static> {
        let at = Timestamp::from_second(NOW).unwrap();
        let (sender, recipient) = ("anna@pec.cittadini.example", "protocollo@pec.comune.example");
        Receipt { kind, message_id: "a.1@pec.example", sender, recipient, subject: "Città & <b>", at }
    }

    #[test]
    fn what_the_provider_signs_is_believed_under_its_root_and_no_other() {
        let now = Timestamp::from_second(NOW).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let made = PecProvider::keep(folder.path(), now).unwrap();
        let kept = PecProvider::keep(folder.path(), now).unwrap();
        assert_eq!(made.root_pem(), kept.root_pem(), "tomorrow it is the same provider");
        let original = "From: anna@pec.cittadini.example\r\nMessage-ID: <a.1@pec.example>\r\nSubject: Prova\r\n\
            Content-Type: text/plain; charset=utf-8\r\n\r\nVorrei una copia dell'atto.\r\n";
        let envelope = kept.envelope(original.as_bytes(), &about(ReceiptKind::Accepted)).unwrap();
        let receipt = kept.receipt(&about(ReceiptKind::Failed)).unwrap();
        let reads =
            |roots: String| PecNormaliser::new(EmailConfig::default(), Roots::from_pem(roots.as_bytes()).unwrap());
        let reader = reads(made.root_pem().unwrap());
        let message = reader.normalise(&envelope).unwrap();
        let certified = message.certified.unwrap();
        assert!(certified.signature.is_verified(), "{:?}", certified.signature);
        assert_eq!(certified.data.map(|d| d.subject), Some("Città & <b>".to_owned()));
        assert!(message.text.contains("copia dell'atto"), "{}", message.text);
        let report = reader.normalise(&receipt).unwrap().report.unwrap();
        assert_eq!(report.recipients[0].action, Action::Failed);
        let other = PecProvider::new(now).unwrap().root_pem().unwrap();
        assert!(!reads(other).normalise(&envelope).unwrap().certified.unwrap().signature.is_verified());
    }
}
