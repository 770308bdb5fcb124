//! A provider of certified mail: with an authority of its own it signs envelopes and receipts as RFC 6109 wants
//! them, and puts them in mailboxes. OpenSSL from the Debian package makes keys and signatures.

use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use crate::dovecot::Dovecot;
use crate::process::{open_directory, program, run, write};
use crate::smtp::Captured;

/// The kind of key that a provider signs with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// RSA of 2048 bits.
    Rsa,
    /// The curve P-256.
    P256,
}

/// How a provider signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signing {
    /// The kind of key.
    pub key: Key,
    /// The digest, as OpenSSL names it.
    pub digest: &'static str,
    /// Whether lengths are left open, as streaming programs do.
    pub streamed: bool,
    /// Who signs and writes.
    pub signer: &'static str,
    /// What the certificate is for, as OpenSSL names it.
    pub usage: &'static str,
    /// Until when the certificate is valid, as ASN.1 writes it (`20990101000000Z`).
    pub until: &'static str,
}

impl Default for Signing {
    fn default() -> Self {
        Self {
            key: Key::Rsa,
            digest: "sha256",
            streamed: false,
            signer: "posta-certificata@pec.test",
            usage: "emailProtection",
            until: "20990101000000Z",
        }
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
        Self::with(Signing::default())
    }

    /// One that signs in a certain way.
    ///
    /// # Panics
    /// When OpenSSL is not installed.
    #[must_use]
    pub fn with(signing: Signing) -> Self {
        let openssl = program(&["/usr/bin/openssl"], "openssl");
        let provider = Self { dir: open_directory(), openssl, signing };
        provider.make_authority();
        provider.make_certificate();
        provider
    }

    /// The certificate of the authority, in PEM.
    #[must_use]
    pub fn roots_path(&self) -> PathBuf {
        self.path("ca.pem")
    }

    /// The list of what the authority revoked up to now.
    ///
    /// # Panics
    /// When OpenSSL fails.
    #[must_use]
    pub fn revocations(&self) -> PathBuf {
        let list = ["-gencrl", "-crldays", "30", "-out", "revoked.pem"];
        run(self.authority().args(list));
        self.path("revoked.pem")
    }

    /// Revokes the certificate by which the provider signs.
    ///
    /// # Panics
    /// When OpenSSL fails.
    pub fn revoke(&self) {
        run(self.authority().args(["-revoke", "provider.pem"]));
    }

    fn authority(&self) -> Command {
        self.openssl(&["ca", "-batch", "-config", "ca.conf", "-cert", "ca.pem", "-keyfile", "ca.key"])
    }

    /// The envelope around a message, as it reaches the recipient.
    #[must_use]
    pub fn envelope(&self, original: &[u8], sender: &str, recipient: &str, number: u32) -> Vec<u8> {
        let (id, at) = (message_id(original), "03/02/2026 10:00:00 +0100");
        let data = daticert(&PecReceipt::new("posta-certificata", &id, sender, recipient, at));
        let notice = format!("Messaggio di posta certificata inviato da {sender} a {recipient}.");
        let content = mixed(&notice, Some(&data), Some(original));
        let signer = self.signing.signer;
        let headers = format!(
            "X-Trasporto: posta-certificata\r\nFrom: \"Per conto di: {sender}\" <{signer}>\r\nReply-To: {sender}\r\n\
             To: {recipient}\r\nSubject: POSTA CERTIFICATA: prova\r\nMessage-ID: <busta.{number}@pec.test>\r\n"
        );
        self.signed(&headers, &content)
    }

    /// The envelope around ordinary mail that came to a certified mailbox.
    #[must_use]
    pub fn anomaly(&self, original: &[u8], sender: &str, recipient: &str) -> Vec<u8> {
        let content = mixed("Il messaggio allegato non proviene da posta certificata.", None, Some(original));
        let signer = self.signing.signer;
        let headers = format!(
            "X-Trasporto: errore\r\nFrom: \"Per conto di: {sender}\" <{signer}>\r\nReply-To: {sender}\r\n\
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
        let signer = self.signing.signer;
        let headers = format!(
            "X-Ricevuta: {name}\r\nX-Riferimento-Message-ID: <{message_id}>\r\nFrom: {signer}\r\nTo: {sender}\r\n\
             Subject: {}: prova\r\nMessage-ID: <{name}.{}@pec.test>\r\n",
            name.to_uppercase(),
            at.replace(['/', ':', ' ', '+'], ""),
        );
        self.signed(&headers, &content)
    }

    /// Takes a message in charge and delivers it: both receipts go to the sender's mailbox.
    ///
    /// # Panics
    /// When the message has no Message-ID or a mailbox refuses.
    pub fn process(&self, message: &Captured, mailboxes: &Dovecot) {
        let id = message_id(&message.raw);
        for (name, at) in
            [("accettazione", "03/02/2026 10:00:05 +0100"), ("avvenuta-consegna", "03/02/2026 10:00:09 +0100")]
        {
            let receipt = PecReceipt::new(name, &id, &message.from, &message.to, at);
            mailboxes.deliver(&message.from, &self.receipt(&receipt));
        }
    }

    /// A mail whose body is `content` under a detached signature.
    fn signed(&self, headers: &str, content: &[u8]) -> Vec<u8> {
        let boundary = "----=_firma";
        let file = tempfile::NamedTempFile::new().unwrap_or_else(|e| panic!("no temporary file: {e}"));
        write(file.path(), content);
        let mut command = self.openssl(&["cms", "-sign", "-binary", "-outform", "DER", "-md", self.signing.digest]);
        command.args(["-signer", "provider.pem", "-inkey", "provider.key", "-in"]).arg(file.path());
        let mut signature = run(&mut command).stdout;
        if self.signing.streamed {
            signature = with_open_lengths(&signature);
        }
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

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn openssl(&self, args: &[&str]) -> Command {
        let mut command = Command::new(&self.openssl);
        command.current_dir(self.dir.path()).args(args);
        command
    }

    fn make_authority(&self) {
        let req =
            ["req", "-x509", "-nodes", "-days", "3650", "-newkey", "rsa:2048", "-subj", "/CN=Certificatore di prova"];
        let files = ["-addext", "basicConstraints=critical,CA:TRUE", "-keyout", "ca.key", "-out", "ca.pem"];
        run(self.openssl(&req).args(files));
        write(&self.path("index"), "");
        write(&self.path("serial"), "1000");
        let names = "[names]\norganizationName = optional\ncommonName = optional\n";
        write(&self.path("crlnumber"), "01");
        let files = "database = index\nserial = serial\ncrlnumber = crlnumber\nnew_certs_dir = .\n";
        let own = format!("[own]\ndefault_md = sha256\npolicy = names\ncopy_extensions = copy\n{files}");
        write(&self.path("ca.conf"), format!("[ca]\ndefault_ca = own\n{own}{names}"));
    }

    fn make_certificate(&self) {
        let mut request = self.openssl(&["req", "-new", "-nodes", "-subj", "/O=Gestore di prova/CN=Posta certificata"]);
        match self.signing.key {
            Key::Rsa => request.args(["-newkey", "rsa:2048"]),
            Key::P256 => request.args(["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]),
        };
        for extension in [
            "basicConstraints=critical,CA:FALSE",
            "keyUsage=critical,digitalSignature",
            &format!("extendedKeyUsage={}", self.signing.usage),
            &format!("subjectAltName=email:{}", self.signing.signer),
        ] {
            request.args(["-addext", extension]);
        }
        run(request.args(["-keyout", "provider.key", "-out", "provider.csr"]));
        let ca = ["ca", "-batch", "-notext", "-config", "ca.conf", "-cert", "ca.pem", "-keyfile", "ca.key"];
        let validity = ["-startdate", "20200101000000Z", "-enddate", self.signing.until];
        run(self.openssl(&ca).args(validity).args(["-in", "provider.csr", "-out", "provider.pem"]));
    }
}

/// The Message-ID of a message, without angle brackets.
fn message_id(raw: &[u8]) -> String {
    let text = String::from_utf8_lossy(raw);
    let id = text.lines().find_map(|l| l.strip_prefix("Message-ID: <")).and_then(|l| l.strip_suffix('>'));
    id.unwrap_or_else(|| panic!("the message has no Message-ID:\n{text}")).to_owned()
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

/// The same signature with the lengths of its three outer values left open.
fn with_open_lengths(der: &[u8]) -> Vec<u8> {
    const HEAD: usize = 4;
    const NAME: usize = 11;
    let inner = HEAD + NAME + HEAD + HEAD;
    let name = &der[HEAD..HEAD + NAME];
    [&[0x30, 0x80], name, &[0xa0, 0x80, 0x30, 0x80], &der[inner..], &[0; 6]].concat()
}

/// In lines, as mail wants it.
fn base64(bytes: &[u8]) -> String {
    data_encoding::BASE64_MIME.encode(bytes).trim_end().to_owned()
}
