//! Reading mail: real messages, built ones, and anything at all.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::PathBuf;
use std::sync::LazyLock;

use channels::email::{EmailConfig, EmailNormaliser};
use channels::{Action, AutomaticReason, Inbound, Normalise, Notice, Placement, Rejected, ReportKind, conformance};
use proptest::prelude::*;

fn reader() -> EmailNormaliser {
    EmailNormaliser::new(EmailConfig {
        own_addresses: vec!["URP@comune.example".into(), "bounce@comune.example".into()],
        loop_id: "node-1".into(),
        ..EmailConfig::default()
    })
}

fn read(raw: &str) -> Inbound {
    reader().normalise(raw.replace('\n', "\r\n").as_bytes()).unwrap()
}

fn corpus() -> Vec<(String, Vec<u8>)> {
    let shared = std::env::var_os("SPORTELLO_SHARED")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared"), PathBuf::from);
    let mut files = Vec::new();
    for folder in ["parser", "pec"] {
        let Ok(entries) = std::fs::read_dir(shared.join("mail").join(folder)) else {
            continue;
        };
        for entry in entries {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            files.push((name, std::fs::read(path).unwrap()));
        }
    }
    files.sort();
    files
}

#[test]
fn every_real_message_is_taken_in_whole() {
    let files = corpus();
    if files.is_empty() {
        eprintln!("no mail corpus beside the checkout: set SPORTELLO_SHARED to read it");
    }
    for (name, raw) in files {
        let message =
            conformance::check(&reader(), &name, &raw).unwrap().unwrap_or_else(|| panic!("{name} was refused"));
        let shown = !message.text.trim().is_empty() || message.html.is_some() || !message.attachments.is_empty();
        assert!(shown || !message.subject.is_empty(), "{name}: nothing to show");
        assert!(!message.text.contains('\0'), "{name}");
        for file in &message.attachments {
            assert!(!file.name.is_empty(), "{name}");
        }
    }
}

#[test]
fn a_real_bounce_is_a_report_about_its_recipient() {
    let Some((_, raw)) = corpus().into_iter().find(|(n, _)| n.starts_with("Delivery-Status")) else {
        return;
    };
    let message = reader().normalise(&raw).unwrap();
    let report = message.report.expect("a report");
    assert_eq!(report.kind, ReportKind::Delivery);
    assert_eq!(report.recipients[0].action, Action::Failed);
    assert!(report.recipients[0].recipient.contains('@'));
    assert!(message.automatic.is_some());
}

#[test]
fn a_citizens_message_is_read_with_its_accents_and_files() {
    let message = read(
        "Return-Path: <anna@example.org>\nDelivered-To: urp+abc.def@comune.example\nMessage-ID: <1@example.org>\n\
         In-Reply-To: <our.1@comune.example>\nReferences: <root@comune.example> <our.1@comune.example>\n\
         From: =?iso-8859-1?Q?Anna_Forl=EC?= <anna@Example.org>\nTo: URP <urp@comune.example>\n\
         Subject: =?UTF-8?B?UjogUmlmOiBbN0szLU05UC1RUjJdIENpdHTDoA==?=\nDate: Tue, 3 Feb 2026 10:00:00 +0100\n\
         MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\
         Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\n\
         Perch=E9 la strada =E8 chiusa?\n\nIl giorno 2 feb 2026 URP ha scritto:\n> Gentile Anna\n--b\n\
         Content-Type: text/plain; charset=iso-8859-1; name*=UTF-8''citt%C3%A0.txt\n\
         Content-Disposition: attachment\nContent-Transfer-Encoding: base64\n\ncGVyY2jp\n--b--\n",
    );
    assert_eq!(message.from.as_ref().unwrap().name.as_deref(), Some("Anna Forlì"));
    assert_eq!(message.from.as_ref().unwrap().address, "anna@example.org");
    assert_eq!(message.subject, "R: Rif: [7K3-M9P-QR2] Città");
    assert_eq!(message.topic, "[7K3-M9P-QR2] Città");
    assert_eq!(message.subject_codes[0].code, "7K3M9PQR2");
    assert_eq!(message.reply_text, "Perché la strada è chiusa?");
    assert!(message.quoted.contains("Gentile Anna"));
    assert_eq!(message.attachments.len(), 1);
    assert_eq!(message.attachments[0].name, "città.txt");
    assert_eq!(&message.attachments[0].bytes[..], b"perch\xe9", "an attached text keeps its own charset");
    assert_eq!(message.tokens, ["abc.def"]);
    assert_eq!(message.thread_ids(), ["our.1@comune.example", "root@comune.example"]);
    assert_eq!(message.automatic, None);
    assert_eq!(message.sent_at.unwrap().to_string(), "2026-02-03T09:00:00Z");
    assert_eq!(message.participants(), ["anna@example.org", "urp@comune.example"]);
}

#[test]
fn bytes_of_no_declared_charset_are_read_as_windows_1252() {
    let raw = b"From: Nicol\xf2 <n@example.org>\r\nTo: urp@comune.example\r\nSubject: citt\xe0\r\n\
        Content-Type: text/plain; charset=x-mai-sentito\r\n\r\nperch\xe9 \x80 10\r\n";
    let message = reader().normalise(raw).unwrap();
    assert_eq!(message.from.unwrap().name.as_deref(), Some("Nicolò"));
    assert_eq!((message.subject.as_str(), message.text.as_str()), ("città", "perché € 10"));
}

#[test]
fn html_alone_gives_readable_text_and_keeps_its_pictures() {
    let message = read(
        "From: a@example.org\nTo: urp@comune.example\nSubject: foto\nMIME-Version: 1.0\n\
         Content-Type: multipart/related; boundary=r\n\n--r\nContent-Type: text/html; charset=utf-8\n\n\
         <html><style>p{color:red}</style><p>Buongiorno</p><p>ecco la <b>foto</b></p><img src=\"cid:f1@x\">\
         <img src=\"http://spy.example/x\"><script>x()</script></html>\n--r\n\
         Content-Type: image/png; name=foto.png\nContent-ID: <f1@x>\nContent-Transfer-Encoding: base64\n\niVBORw0KGgo=\n--r--\n",
    );
    assert!(message.text.starts_with("Buongiorno") && message.text.contains("ecco la foto"), "{:?}", message.text);
    assert!(!message.text.contains("color"));
    let html = message.html_with_images(|i| format!("/file/{i}")).unwrap();
    assert!(html.contains("src=\"/file/0\"") && !html.contains("spy"), "{html}");
    assert_eq!(message.attachments[0].placement, Placement::Inline);
    assert!(message.notices.contains(&Notice::RemoteImagesRemoved));
}

#[test]
fn a_nested_message_is_kept_as_a_file() {
    let inner = "From: b@example.org\nSubject: originale\nMessage-ID: <inner@x>\n\ncorpo interno";
    let raw = format!(
        "From: a@example.org\nTo: urp@comune.example\nSubject: inoltro\nMIME-Version: 1.0\n\
         Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nvedi sotto\n--b\n\
         Content-Type: message/rfc822\n\n{inner}\n--b\nContent-Type: text/plain\n\ncoda\n--b--\n"
    );
    let message = read(&raw);
    assert_eq!(message.attachments.len(), 1);
    assert_eq!(message.attachments[0].name, "originale.eml");
    assert_eq!(message.attachments[0].bytes, inner.replace('\n', "\r\n").into_bytes());
    assert!(message.text.contains("vedi sotto") && message.text.contains("coda") && !message.text.contains("interno"));
}

#[test]
fn a_text_sent_only_as_a_file_is_shown_too() {
    let message = read(
        "From: a@example.org\nTo: urp@comune.example\nContent-Type: text/plain; name=nota.txt\n\
         Content-Disposition: attachment; filename=nota.txt\n\nLa buca è qui\n",
    );
    assert_eq!(message.text, "La buca è qui");
    assert_eq!(message.attachments[0].name, "nota.txt");
}

#[test]
fn an_envelope_of_outlook_is_opened() {
    let dat = data_encoding::BASE64.encode(&winmail());
    let message = read(&format!(
        "From: a@example.org\nTo: urp@comune.example\nSubject: allegato\nMIME-Version: 1.0\n\
         Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nbuongiorno\n--b\n\
         Content-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64\n\n{dat}\n--b--\n"
    ));
    assert_eq!(message.attachments.len(), 1);
    assert_eq!(
        (message.attachments[0].name.as_str(), &message.attachments[0].bytes[..]),
        ("NOTA.TXT", &b"contenuto"[..])
    );
}

/// A `winmail.dat` with one file, in the older form without properties.
fn winmail() -> Vec<u8> {
    let mut out = 0x223e_9f78_u32.to_le_bytes().to_vec();
    out.extend([1, 0]);
    for (id, value) in [(0x0006_9002_u32, &[0u8; 14][..]), (0x0001_8010, b"NOTA.TXT\0"), (0x0006_800f, b"contenuto")] {
        out.push(2);
        out.extend(id.to_le_bytes());
        out.extend((value.len() as u32).to_le_bytes());
        out.extend(value);
        out.extend([0, 0]);
    }
    out
}

#[test]
fn a_delivery_report_names_each_recipient() {
    let message = read(
        "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.org\nTo: bounce+981.seal@comune.example\nSubject: Undelivered\n\
         MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n\
         --b\nContent-Type: text/plain\n\nsorry\n--b\nContent-Type: message/delivery-status\n\n\
         Reporting-MTA: dns; mx.example.org\n\nFinal-Recipient: rfc822; anna@example.org\nAction: failed\n\
         Status: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no such\n user\n\n\
         Final-Recipient: rfc822;ugo@example.org\nAction: delayed\nStatus: 4.2.2 (full)\n\n--b\n\
         Content-Type: message/rfc822\n\nMessage-ID: <7k3.41.seal@comune.example>\nSubject: x\n\ny\n--b--\n",
    );
    let report = message.report.unwrap();
    assert_eq!(report.original_message_id.as_deref(), Some("7k3.41.seal@comune.example"));
    assert_eq!(report.bounce_token.as_deref(), Some("981.seal"));
    assert_eq!(report.reporting_mta.as_deref(), Some("mx.example.org"));
    assert_eq!(report.recipients.len(), 2);
    let first = &report.recipients[0];
    assert_eq!((first.recipient.as_str(), first.action), ("anna@example.org", Action::Failed));
    assert_eq!(first.status.unwrap().to_string(), "5.1.1");
    assert_eq!(first.diagnostic.as_deref(), Some("550 5.1.1 no such user"));
    assert_eq!(report.recipients[1].action, Action::Delayed);
    assert_eq!(message.automatic, Some(AutomaticReason::Report));
    assert!(message.tokens.is_empty(), "a bounce address is not a reply address");
}

#[test]
fn a_reading_receipt_is_not_a_delivery() {
    let message = read(
        "From: anna@example.org\nTo: urp@comune.example\nSubject: Letto\nMIME-Version: 1.0\n\
         Content-Type: multipart/report; report-type=disposition-notification; boundary=b\n\n--b\n\nletto\n--b\n\
         Content-Type: message/disposition-notification\n\nReporting-UA: x\nFinal-Recipient: rfc822;anna@example.org\n\
         Original-Message-ID: <7k3.41.seal@comune.example>\nDisposition: manual-action/MDN-sent-manually; displayed\n--b--\n",
    );
    let report = message.report.unwrap();
    assert_eq!(report.kind, ReportKind::Disposition);
    assert_eq!(report.original_message_id.as_deref(), Some("7k3.41.seal@comune.example"));
}

#[test]
fn a_message_without_id_has_the_same_one_in_every_mailbox() {
    let body = "From: a@example.org\nTo: urp@comune.example\nSubject: x\nMessage-ID: <>\n\nciao\n";
    let one = read(&format!("Delivered-To: uno@comune.example\nReceived: by a\n{body}"));
    let two = read(&format!("Delivered-To: due@comune.example\nReceived: by b\n{body}\n"));
    assert_eq!(one.message_id, two.message_id);
    assert_eq!(one.content_digest, two.content_digest);
    assert_ne!(one.digest, two.digest);
    assert!(one.notices.contains(&Notice::MessageIdSynthesised));
}

/// CPU seconds that this thread has used: other work on the machine does not stretch them.
fn cpu_seconds() -> f64 {
    let spent = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    spent.split_whitespace().next().unwrap().parse::<f64>().unwrap() / 1e9
}

#[test]
fn hostile_structure_is_bounded_and_fast() {
    let before = cpu_seconds();
    let deep = format!("From: a@example.org\n{}", "Content-Type: message/rfc822\n\n".repeat(200_000));
    assert!(reader().normalise(deep.as_bytes()).unwrap().notices.contains(&Notice::TooDeep));
    let many =
        format!("From: a@example.org\nContent-Type: multipart/mixed; boundary=b\n\n{}", "--b\n\nx\n".repeat(200_000));
    let message = reader().normalise(many.as_bytes()).unwrap();
    assert!(message.notices.contains(&Notice::TooManyParts));
    assert_eq!(message.attachments.last().unwrap().bytes.len(), many.len(), "the whole stays at hand");
    let images = (0..300).map(|i| {
        format!(
            "--b\nContent-Type: image/png\nContent-ID: <{i}>\nContent-Transfer-Encoding: base64\n\n{}\n",
            "iVBORw0KGgo=".repeat(500)
        )
    });
    let images: String = images.collect();
    let html: String = (0..300).map(|i| format!("<img src=cid:{i}>")).collect();
    let inline = format!(
        "From: a@example.org\nContent-Type: multipart/related; boundary=b\n\n--b\nContent-Type: text/html\n\n{html}\n{images}--b--\n"
    );
    assert_eq!(reader().normalise(inline.as_bytes()).unwrap().attachments.len(), 300);
    let spent = cpu_seconds() - before;
    assert!(spent < 20.0, "{spent:.1} s of CPU");
}

#[test]
fn nothing_is_refused_and_too_much_is_refused() {
    assert_eq!(reader().normalise(b""), Err(Rejected::Empty));
    for no_message in [&b"\0\x01\xff"[..], b"Manca la luce in via Roma", b"Luce"] {
        assert!(matches!(reader().normalise(no_message), Err(Rejected::Malformed(_))), "{no_message:?}");
    }
    assert!(reader().normalise(b"From: anna@cc.test\n\n").is_ok(), "whoever sends nothing is somebody");
    assert!(reader().normalise(b"Subject:\n\nManca la luce").is_ok(), "words of nobody are words");
    let small = EmailNormaliser::new(EmailConfig {
        limits: channels::email::Limits { max_bytes: 10, ..Default::default() },
        ..EmailConfig::default()
    });
    assert_eq!(small.normalise(&[b'a'; 11]), Err(Rejected::TooLarge { size: 11, limit: 10 }));
}

fn message_to_damage(which: &prop::sample::Index) -> Vec<u8> {
    static CORPUS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
        let built = b"From: a@b\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b--\n".to_vec();
        corpus().into_iter().map(|(_, raw)| raw).filter(|r| r.len() < 20_000).chain([built]).collect()
    });
    CORPUS[which.index(CORPUS.len())].clone()
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(raw in prop::collection::vec(any::<u8>(), 0..2000)) {
        prop_assert_ne!(reader().normalise(&raw), Err(Rejected::Malformed("the parser failed".into())));
    }

    #[test]
    fn no_damage_to_a_message_makes_it_panic(
        which in any::<prop::sample::Index>(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..30),
    ) {
        let mut raw = message_to_damage(&which);
        for (at, byte) in damage {
            let at = at.index(raw.len());
            raw[at] = byte;
        }
        prop_assert_ne!(reader().normalise(&raw), Err(Rejected::Malformed("the parser failed".into())));
    }

    #[test]
    fn no_arrangement_of_mime_makes_it_panic(pieces in prop::collection::vec(prop::sample::select(vec![
        "From: a@b\n", "Subject: =?utf-8?Q?=C3?=\n", "Content-Type: multipart/mixed; boundary=b\n",
        "Content-Type: multipart/digest; boundary=c\n", "Content-Type: message/rfc822\n", "Content-Type: text/html\n",
        "Content-Transfer-Encoding: base64\n", "Content-Transfer-Encoding: quoted-printable\n", "\n", "\r\n", "--b\n",
        "--b--\n", "--c\n", "--c--\n", "=C3=\n", "Zm9v\n", "<img src=cid:x>\n", "> q\n", "Content-Type: message/delivery-status\n",
        "Content-Type: application/ms-tnef\n", "Final-Recipient: rfc822;a@b\nAction: failed\n", "è\n",
    ]), 0..40)) {
        let raw = pieces.concat();
        prop_assert_ne!(reader().normalise(raw.as_bytes()), Err(Rejected::Malformed("the parser failed".into())));
    }
}
