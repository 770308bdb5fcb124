//! Mail with signed files and signed mail, signed by OpenSSL as citizens' programs do.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use channels::email::{EmailConfig, EmailNormaliser};
use channels::{Attachment, FileNote, Inbound, Normalise};
use data_encoding::BASE64;

const PDF: &[u8] = b"%PDF-1.4\nistanza di rimborso\n";

/// A folder with a key and its certificate.
static KEYS: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("signed");
    std::fs::create_dir_all(&folder).unwrap();
    openssl(&folder, "req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=Anna", b"");
    folder
});

/// What the command prints when it is given `input`.
fn openssl(folder: &Path, arguments: &str, input: &[u8]) -> Vec<u8> {
    let file = tempfile::NamedTempFile::new_in(folder).unwrap();
    std::fs::write(file.path(), input).unwrap();
    let mut command = Command::new("openssl");
    command.current_dir(folder).args(arguments.split(' '));
    if !arguments.starts_with("req") {
        command.arg("-in").arg(file.path());
    }
    let done = command.output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    done.stdout
}

fn sign(how: &str, input: &[u8]) -> Vec<u8> {
    openssl(&KEYS, &format!("cms -sign -signer cert.pem -inkey key.pem {how}"), input)
}

fn read(raw: &[u8]) -> Inbound {
    EmailNormaliser::new(EmailConfig::default()).normalise(raw).unwrap()
}

fn with_file(name: &str, media_type: &str, bytes: &[u8]) -> Inbound {
    let lines: Vec<String> =
        BASE64.encode(bytes).as_bytes().chunks(76).map(|l| String::from_utf8_lossy(l).into_owned()).collect();
    read(
        format!(
            "Message-ID: <1@x.test>\r\nFrom: Anna <anna@x.test>\r\nTo: urp@c.test\r\nSubject: Istanza\r\n\
             Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nAllego.\r\n\
             --b\r\nContent-Type: {media_type}; name=\"{name}\"\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n--b--\r\n",
            lines.join("\r\n")
        )
        .as_bytes(),
    )
}

fn names(message: &Inbound) -> Vec<(&str, Option<&FileNote>)> {
    message.attachments.iter().map(|f| (f.name.as_str(), f.note.as_ref())).collect()
}

fn file<'a>(message: &'a Inbound, name: &str) -> &'a Attachment {
    message.attachments.iter().find(|f| f.name == name).unwrap()
}

#[test]
fn a_signed_file_is_kept_and_its_content_is_beside_it() {
    let der = sign("-nodetach -binary -outform DER", PDF);
    let streamed = sign("-nodetach -binary -stream -outform DER", PDF);
    assert_eq!(streamed[..2], [0x30, 0x80], "its lengths are not said before");
    let pem = sign("-nodetach -binary -outform PEM", PDF);
    let twice = sign("-nodetach -binary -stream -outform DER", &der);
    let base64 = BASE64.encode(&der).into_bytes();
    let crlf_pem = String::from_utf8_lossy(&pem).replace('\n', "\r\n").into_bytes();
    for (name, signed) in [
        ("istanza.pdf.p7m", &der),
        ("istanza.pdf.P7M", &streamed),
        ("istanza.pdf.p7m", &pem),
        ("istanza.pdf.p7m", &crlf_pem),
        ("istanza.pdf.p7m.p7m", &twice),
        ("istanza.pdf.p7m", &base64),
        ("istanza.p7m", &der),
    ] {
        let message = with_file(name, "application/octet-stream", signed);
        let taken = FileNote::TakenFrom(name.to_owned());
        assert_eq!(names(&message), [(name, Some(&FileNote::Signed)), ("istanza.pdf", Some(&taken))], "{name}");
        assert_eq!(&file(&message, name).bytes[..], &signed[..], "as it came");
        let inside = file(&message, "istanza.pdf");
        assert_eq!((&inside.bytes[..], inside.media_type.as_str()), (PDF, "application/pdf"));
        assert_eq!(message.text, "Allego.");
    }
}

#[test]
fn what_cannot_be_opened_is_kept_with_a_note() {
    let whole = sign("-nodetach -binary -outform DER", PDF);
    let detached = sign("-binary -outform DER", PDF);
    let encrypted = openssl(&KEYS, "cms -encrypt -aes256 -outform DER -recip cert.pem", PDF);
    for broken in [&whole[..whole.len() / 2], b"not signed at all", &detached[..], &encrypted[..]] {
        let message = with_file("istanza.pdf.p7m", "application/pkcs7-mime", broken);
        assert_eq!(names(&message), [("istanza.pdf.p7m", Some(&FileNote::Unreadable))]);
        assert_eq!(&message.attachments[0].bytes[..], broken);
    }
}

/// An entity with a text and a file.
const ENTITY: &[u8] =
    b"Content-Type: multipart/mixed; boundary=i\r\n\r\n--i\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\
    Perch\xc3\xa9 non rispondete?\r\n--i\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\n%PDF-1.4\r\n--i--\r\n";

const HEADERS: &str = "-from anna@x.test -to urp@c.test -subject Sollecito";

#[test]
fn a_message_signed_as_a_whole_shows_its_text_and_files() {
    let once = sign(&format!("-nodetach {HEADERS}"), ENTITY);
    let inner = sign("-nodetach", ENTITY);
    let twice = sign(&format!("-nodetach {HEADERS}"), &inner);
    for raw in [once, twice] {
        assert!(String::from_utf8_lossy(&raw).contains("smime-type=signed-data"));
        let message = read(&raw);
        assert_eq!(message.text, "Perché non rispondete?");
        assert_eq!((message.subject.as_str(), message.from.unwrap().address.as_str()), ("Sollecito", "anna@x.test"));
        assert_eq!(message.attachments[0].name, "a.pdf");
        let envelope = message.attachments.last().unwrap();
        assert_eq!((envelope.name.as_str(), envelope.note.as_ref()), ("smime.p7m", Some(&FileNote::Signed)));
    }
}

#[test]
fn a_message_with_its_signature_beside_shows_normally() {
    let message = read(&sign(HEADERS, ENTITY));
    assert_eq!(message.text, "Perché non rispondete?");
    assert_eq!(names(&message), [("a.pdf", None), ("smime.p7s", None)]);
}

#[test]
fn an_encrypted_message_is_kept_with_a_note() {
    let raw = openssl(&KEYS, &format!("cms -encrypt -aes256 -recip cert.pem {HEADERS}"), ENTITY);
    let message = read(&raw);
    assert_eq!(names(&message), [("smime.p7m", Some(&FileNote::Unreadable))]);
}
