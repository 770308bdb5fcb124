//! A provider of certified mail: with an authority of its own it signs envelopes and receipts as RFC 6109 wants
//! them, and puts them in mailboxes. OpenSSL from the Debian package makes keys and signatures.

use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use crate::dovecot::Dovecot;
use crate::process::{open_directory, program, run, write};
use crate::smtp::Captured;

/// Who signs.
const SIGNER: &str = "posta-certificata@pec.test";

/// The kind of key that a provider signs with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// RSA of 2048 bits.
    Rsa,
    /// The curve P-256.
    P256,
}

/// How a signature is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signing {
    /// The digest, as OpenSSL names it.
    pub digest: &'static str,
    /// Whether lengths are left open, as streaming programs do.
    pub streamed: bool,
}

impl Default for Signing {
    fn default() -> Self {
        Self { digest: "sha256", streamed: false }
    }
}

/// What a receipt tells.
#[derive(Debug, Clone)]
pub struct PecReceipt<'a> {
    /// Value of `X-Ricevuta` and `tipo`.
    pub name: &'a str,
    /// Message-ID of the original, without angle brackets.
    pub message_id: &'a str,
    /// Sender of the original, who gets the receipt.
    pub sender: &'a str,
    /// Recipient of the original.
    pub recipient: &'a str,
    /// Whether the recipient has a certified mailbox.
    pub certified: bool,
    /// `errore`.
    pub error: &'a str,
    /// `errore-esteso`.
    pub explanation: &'a str,
    /// `gg/mm/aaaa hh:mm:ss ±hhmm`.
    pub at: &'a str,
}

impl<'a> PecReceipt<'a> {
    /// A receipt of good news.
    #[must_use]
    pub const fn new(name: &'a str, message_id: &'a str, sender: &'a str, recipient: &'a str, at: &'a str) -> Self {
        Self { name, message_id, sender, recipient, certified: true, error: "nessuno", explanation: "", at }
    }
}

/// A provider with its authority and its certificate.
#[derive(Debug)]
pub struct PecProvider {
    dir: TempDir,
    openssl: PathBuf,
    signing: Signing,
}

impl PecProvider {
    /// Makes the authority and the certificate.
    ///
    /// # Panics
    /// When OpenSSL is not installed.
    #[must_use]
    pub fn start() -> Self {
        Self::with(Key::Rsa, Signing::default())
    }

    /// One that signs in a certain way.
    ///
    /// # Panics
    /// When OpenSSL is not installed.
    #[must_use]
    pub fn with(key: Key, signing: Signing) -> Self {
        let openssl = program(&["/usr/bin/openssl"], "openssl");
        let provider = Self { dir: open_directory(), openssl, signing };
        provider.certificate("ca", Key::Rsa, "/CN=Certificatore di prova", &["basicConstraints=critical,CA:TRUE"]);
        let own = [
            "basicConstraints=critical,CA:FALSE",
            "extendedKeyUsage=emailProtection",
            "keyUsage=critical,digitalSignature",
            &format!("subjectAltName=email:{SIGNER}"),
        ];
        provider.certificate("provider", key, "/O=Gestore di prova/CN=Posta certificata", &own);
        provider
    }

    /// The certificate of the authority, in PEM.
    #[must_use]
    pub fn roots_path(&self) -> PathBuf {
        self.dir.path().join("ca.pem")
    }

    /// The envelope around a message, as it reaches the recipient.
    #[must_use]
    pub fn envelope(&self, original: &[u8], sender: &str, recipient: &str, number: u32) -> Vec<u8> {
        let data = daticert(&PecReceipt::new("posta-certificata", "", sender, recipient, "03/02/2026 10:00:00 +0100"));
        let notice = format!("Messaggio di posta certificata inviato da {sender} a {recipient}.");
        let content = mixed(&notice, Some(&data), Some(original));
        let headers = format!(
            "X-Trasporto: posta-certificata\r\nFrom: \"Per conto di: {sender}\" <{SIGNER}>\r\nReply-To: {sender}\r\n\
             To: {recipient}\r\nSubject: POSTA CERTIFICATA: prova\r\nMessage-ID: <busta.{number}@pec.test>\r\n"
        );
        self.signed(&headers, &content)
    }

    /// The envelope around ordinary mail that came to a certified mailbox.
    #[must_use]
    pub fn anomaly(&self, original: &[u8], sender: &str, recipient: &str) -> Vec<u8> {
        let content = mixed("Il messaggio allegato non proviene da posta certificata.", None, Some(original));
        let headers = format!(
            "X-Trasporto: errore\r\nFrom: \"Per conto di: {sender}\" <{SIGNER}>\r\nReply-To: {sender}\r\n\
             To: {recipient}\r\nSubject: ANOMALIA MESSAGGIO: prova\r\nMessage-ID: <anomalia.1@pec.test>\r\n"
        );
        self.signed(&headers, &content)
    }

    /// A receipt, signed.
    #[must_use]
    pub fn receipt(&self, receipt: &PecReceipt<'_>) -> Vec<u8> {
        let PecReceipt { name, message_id, sender, recipient, at, .. } = receipt;
        let notice = format!("Ricevuta {name} per il messaggio diretto a {recipient} ({at}).");
        let content = mixed(&notice, Some(&daticert(receipt)), None);
        let headers = format!(
            "X-Ricevuta: {name}\r\nX-Riferimento-Message-ID: <{message_id}>\r\nFrom: {SIGNER}\r\nTo: {sender}\r\n\
             Subject: {}: prova\r\nMessage-ID: <{name}.{}@pec.test>\r\n",
            name.to_uppercase(),
            at.replace(['/', ':', ' ', '+'], ""),
        );
        self.signed(&headers, &content)
    }

    /// Takes a message in charge and delivers it: both receipts go to the sender's mailbox, the envelope to the
    /// recipient's when it has one on this server.
    ///
    /// # Panics
    /// When the message has no Message-ID or a mailbox refuses.
    pub fn process(&self, message: &Captured, mailboxes: &Dovecot) {
        let text = message.text();
        let id = text.lines().find_map(|l| l.strip_prefix("Message-ID: <")).and_then(|l| l.strip_suffix('>'));
        let id = id.unwrap_or_else(|| panic!("the message has no Message-ID:\n{text}"));
        for (name, at) in [("accettazione", "03/02/2026 10:00:05 +0100"), ("avvenuta-consegna", "03/02/2026 10:00:09 +0100")]
        {
            let receipt = PecReceipt::new(name, id, &message.from, &message.to, at);
            mailboxes.deliver(&message.from, &self.receipt(&receipt));
        }
    }

    /// A mail whose body is `content` under a detached signature.
    fn signed(&self, headers: &str, content: &[u8]) -> Vec<u8> {
        let (file, boundary) = (self.dir.path().join("content"), "----=_firma");
        write(&file, content);
        let mut command = Command::new(&self.openssl);
        command.args(["cms", "-sign", "-binary", "-outform", "DER", "-md", self.signing.digest]);
        if self.signing.streamed {
            command.arg("-stream");
        }
        command.arg("-in").arg(&file).arg("-signer").arg(self.dir.path().join("provider.pem"));
        let signature = run(command.arg("-inkey").arg(self.dir.path().join("provider.key"))).stdout;
        let mut mail = format!(
            "{headers}MIME-Version: 1.0\r\nContent-Type: multipart/signed; protocol=\"application/x-pkcs7-signature\";\r\n \
             micalg=\"{}\"; boundary=\"{boundary}\"\r\n\r\nThis is an S/MIME signed message\r\n\r\n--{boundary}\r\n",
            self.signing.digest
        )
        .into_bytes();
        mail.extend_from_slice(content);
        mail.extend_from_slice(
            format!(
                "\r\n--{boundary}\r\nContent-Type: application/x-pkcs7-signature; name=\"smime.p7s\"\r\n\
                 Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=\"smime.p7s\"\r\n\r\n\
                 {}\r\n--{boundary}--\r\n",
                base64(&signature)
            )
            .as_bytes(),
        );
        mail
    }

    fn certificate(&self, name: &str, key: Key, subject: &str, extensions: &[&str]) {
        let path = |name: &str| self.dir.path().join(name);
        let mut command = Command::new(&self.openssl);
        command.args(["req", "-x509", "-nodes", "-days", "3650", "-subj", subject]);
        match key {
            Key::Rsa => command.args(["-newkey", "rsa:2048"]),
            Key::P256 => command.args(["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]),
        };
        for extension in extensions {
            command.args(["-addext", extension]);
        }
        if name != "ca" {
            command.arg("-CA").arg(path("ca.pem")).arg("-CAkey").arg(path("ca.key"));
        }
        run(command.arg("-keyout").arg(path(&format!("{name}.key"))).arg("-out").arg(path(&format!("{name}.pem"))));
    }
}

/// Notice, certification data and message as one multipart.
fn mixed(notice: &str, data: Option<&str>, message: Option<&[u8]>) -> Vec<u8> {
    let boundary = "----------=_busta";
    let mut out = format!(
        "Content-Type: multipart/mixed; boundary=\"{boundary}\"\r\n\r\n--{boundary}\r\n\
         Content-Type: text/plain; charset=\"utf-8\"\r\nContent-Disposition: inline\r\n\r\n{notice}\r\n"
    )
    .into_bytes();
    if let Some(data) = data {
        let part = format!(
            "--{boundary}\r\nContent-Type: application/xml; name=\"daticert.xml\"\r\n\
             Content-Disposition: inline; filename=\"daticert.xml\"\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n",
            base64(data.as_bytes())
        );
        out.extend_from_slice(part.as_bytes());
    }
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

fn daticert(receipt: &PecReceipt<'_>) -> String {
    let mut at = receipt.at.split(' ');
    let (day, hour, zone) =
        (at.next().unwrap_or_default(), at.next().unwrap_or_default(), at.next().unwrap_or_default());
    let about = match receipt.name {
        "accettazione" | "non-accettazione" | "posta-certificata" => String::new(),
        _ => format!("<consegna>{}</consegna>", receipt.recipient),
    };
    let explanation = match receipt.explanation {
        "" => String::new(),
        words => format!("<errore-esteso>{words}</errore-esteso>"),
    };
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<postacert tipo=\"{}\" errore=\"{}\">\n<intestazione>\
         <mittente>{}</mittente><destinatari tipo=\"{}\">{}</destinatari><risposte>{}</risposte><oggetto>prova</oggetto>\
         </intestazione>\n<dati><gestore-emittente>Gestore di prova</gestore-emittente><data zona=\"{zone}\">\
         <giorno>{day}</giorno><ora>{hour}</ora></data><identificativo>opec.{}</identificativo>\
         <msgid>&lt;{}&gt;</msgid><ricevuta tipo=\"completa\"/>{about}{explanation}</dati>\n</postacert>\n",
        receipt.name,
        receipt.error,
        receipt.sender,
        if receipt.certified { "certificato" } else { "esterno" },
        receipt.recipient,
        receipt.sender,
        receipt.message_id,
        receipt.message_id,
    )
}

/// In lines, as mail wants it.
fn base64(bytes: &[u8]) -> String {
    const SYMBOLS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for (number, group) in bytes.chunks(3).enumerate() {
        if number > 0 && number % 19 == 0 {
            out.push_str("\r\n");
        }
        let word = group.iter().fold(0_u32, |sum, b| sum << 8 | u32::from(*b)) << (8 * (3 - group.len()));
        for place in 0..4 {
            let symbol = SYMBOLS[(word >> (18 - 6 * place)) as usize & 63];
            out.push(if place <= group.len() { char::from(symbol) } else { '=' });
        }
    }
    out
}
