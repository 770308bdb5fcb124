//! Certified mail: envelopes and receipts signed by a provider of our own, through real mail servers.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use channels::email::{EmailConfig, OutgoingAttachment};
use channels::pec::{CertifiedKind, Doubt, PecNormaliser, Roots, Signature, State, ledger};
use channels::{
    Account, Action, AutomaticReason, Batch, BoxError, ChannelKind, Context, Cursor, DeliveryError, DeliveryReport,
    Driver, Inbound, Inbox, Normalise, Notice, Outgoing, RawContent, ReportKind, Secret, Settings, conformance,
    drivers,
};
use peers::{Dovecot, Key, PecProvider, PecReceipt, Signing, Smtp};
use proptest::prelude::*;
use tokio_util::sync::CancellationToken;

const URP: &str = "urp@cc.test";
const ANNA: &str = "anna@pec.example";
const SENT: &str = "7k3m9pqr2.42.sigillo@cc.test";
const AT: &str = "03/02/2026 10:00:05 +0100";

static PROVIDER: LazyLock<PecProvider> = LazyLock::new(PecProvider::start);

fn reader_of(provider: &PecProvider) -> PecNormaliser {
    let roots = Roots::from_pem(&std::fs::read(provider.roots_path()).unwrap()).unwrap();
    let config = EmailConfig { own_addresses: vec![URP.into()], loop_id: "node-1".into(), ..EmailConfig::default() };
    PecNormaliser::new(config, roots)
}

fn reader() -> PecNormaliser {
    reader_of(&PROVIDER)
}

fn receipt(name: &'static str) -> PecReceipt<'static> {
    PecReceipt::new(name, SENT, URP, ANNA, AT)
}

fn read(receipt: &PecReceipt<'_>) -> Inbound {
    reader().normalise(&PROVIDER.receipt(receipt)).unwrap()
}

fn replaced(raw: &[u8], from: &str, to: &str) -> Vec<u8> {
    let text = String::from_utf8(raw.to_vec()).unwrap();
    assert!(text.contains(from), "{from}");
    text.replace(from, to).into_bytes()
}

fn doubt(message: &Inbound) -> Option<Doubt> {
    match message.certified.as_ref()?.signature {
        Signature::Verified { .. } => None,
        Signature::Unverified { doubt } => Some(doubt),
    }
}

fn citizens_message() -> Vec<u8> {
    "From: Anna Forlì <anna@pec.example>\r\nTo: urp@cc.test\r\nSubject: R: [7K3-M9P-QR2] Passo carrabile\r\n\
     Message-ID: <citizen.1@pec.example>\r\nIn-Reply-To: <7k3m9pqr2.42.sigillo@cc.test>\r\n\
     Date: Tue, 3 Feb 2026 09:59:00 +0100\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=m\r\n\r\n\
     --m\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nVorrei sapere perché.\r\n--m\r\n\
     Content-Type: application/xml; name=daticert.xml\r\nContent-Disposition: attachment; filename=daticert.xml\r\n\r\n\
     <postacert tipo=\"avvenuta-consegna\"/>\r\n--m--\r\n"
        .as_bytes()
        .to_vec()
}

#[test]
fn an_envelope_gives_the_message_within_and_what_the_provider_certifies() {
    let raw = PROVIDER.envelope(&citizens_message(), ANNA, URP, 1);
    let message = conformance::check(&reader(), "envelope", &raw).unwrap().unwrap();
    assert_eq!(message.channel, ChannelKind::Pec);
    assert_eq!(message.from.as_ref().unwrap().address, ANNA);
    assert_eq!(message.text.trim(), "Vorrei sapere perché.");
    assert_eq!((message.message_id.as_str(), message.thread_ids()), ("citizen.1@pec.example", vec![SENT]));
    assert_eq!(message.subject_codes[0].code, "7K3M9PQR2");
    assert_eq!(message.attachments.len(), 1, "the sender's own file, whatever its name");
    assert_eq!((message.automatic, message.report.as_ref()), (None, None));
    assert!(message.notices.is_empty(), "{:?}", message.notices);
    let certified = message.certified.as_ref().unwrap();
    assert_eq!((certified.kind, certified.envelope_id.as_str()), (CertifiedKind::Envelope, "busta.1@pec.test"));
    let data = certified.data.as_ref().unwrap();
    assert_eq!((data.kind.as_str(), data.sender.as_str()), ("posta-certificata", ANNA));
    assert_eq!(data.at.unwrap().to_string(), "2026-02-03T09:00:00Z");
    let Signature::Verified { signer, .. } = &certified.signature else { panic!("{:?}", certified.signature) };
    assert_eq!(signer, "posta-certificata@pec.test");
    let plain = reader().normalise(&citizens_message()).unwrap();
    assert_ne!(message.content_digest, plain.content_digest, "the certified one is no copy of the ordinary one");
    let other = PROVIDER.envelope(&citizens_message(), ANNA, "altro@cc.test", 2);
    assert_eq!(message.content_digest, reader().normalise(&other).unwrap().content_digest);
}

#[test]
fn ordinary_mail_in_a_certified_mailbox_is_read_and_marked() {
    for raw in [citizens_message(), PROVIDER.anomaly(&citizens_message(), ANNA, URP)] {
        let message = conformance::check(&reader(), "ordinary", &raw).unwrap().unwrap();
        assert_eq!(message.channel, ChannelKind::Pec);
        assert_eq!(message.from.as_ref().unwrap().address, ANNA);
        assert_eq!(message.text.trim(), "Vorrei sapere perché.");
        assert_eq!((&message.certified, message.automatic), (&None, None));
        assert!(message.notices.contains(&Notice::NotCertified));
    }
}

#[test]
fn each_receipt_says_what_it_means_for_its_recipient() {
    let late = PecReceipt { explanation: "4.4.1 - in attesa", ..receipt("preavviso-errore-consegna") };
    let given_up = PecReceipt { explanation: "5.4.1 - Gestore - tempo scaduto", ..late.clone() };
    let unknown = PecReceipt {
        error: "no-dest",
        explanation: "5.1.1 - Gestore - indirizzo non valido",
        ..receipt("errore-consegna")
    };
    let external = PecReceipt { certified: false, ..receipt("accettazione") };
    let infected = PecReceipt { error: "virus", ..receipt("non-accettazione") };
    let virus = PecReceipt { error: "virus", ..receipt("rilevazione-virus") };
    for (told, action, state) in [
        (receipt("accettazione"), Action::Delayed, Some(State::Accepted)),
        (external, Action::Relayed, Some(State::AcceptedOnly)),
        (receipt("presa-in-carico"), Action::Delayed, None),
        (receipt("avvenuta-consegna"), Action::Delivered, Some(State::Delivered)),
        (late, Action::Delayed, Some(State::Warning)),
        (given_up, Action::Failed, Some(State::Failed)),
        (unknown, Action::Failed, Some(State::Failed)),
        (receipt("non-accettazione"), Action::Failed, Some(State::Refused)),
        (infected, Action::Failed, Some(State::Infected)),
        (virus, Action::Failed, Some(State::Infected)),
    ] {
        let message = read(&told);
        assert_eq!(message.automatic, Some(AutomaticReason::PecReceipt));
        assert!(message.attachments.is_empty() && message.text.contains("Ricevuta"), "{}", told.name);
        let certified = message.certified.as_ref().unwrap();
        assert!(certified.kind == CertifiedKind::Receipt && certified.signature.is_verified());
        assert_eq!(certified.about, [SENT, &format!("opec.{SENT}")]);
        assert_eq!(message.thread_ids()[0], SENT);
        let report = message.report.unwrap();
        assert_eq!((report.kind, report.name.as_str()), (ReportKind::Receipt, told.name));
        assert_eq!(report.at.unwrap().to_string(), "2026-02-03T09:00:05Z");
        assert_eq!(report.original_message_id.as_deref(), Some(SENT));
        assert_eq!(report.provider_ids, [format!("opec.{SENT}")]);
        assert_eq!(
            (report.recipients[0].recipient.as_str(), report.recipients[0].action),
            (ANNA, action),
            "{}",
            told.name
        );
        assert_eq!(ledger([&report]).get(ANNA).map(|e| e.state), state, "{} {}", told.name, told.error);
    }
    let message = read(&PecReceipt { error: "no-dest", explanation: "5.1.1 - Gestore", ..receipt("errore-consegna") });
    let recipient = &message.report.unwrap().recipients[0];
    assert_eq!(recipient.diagnostic.as_deref(), Some("no-dest: 5.1.1 - Gestore"));
    assert_eq!(recipient.status.unwrap().to_string(), "5.1.1");
}

#[test]
fn receipts_that_nobody_knows_or_that_say_nothing_are_shown_and_stop_nothing() {
    for name in ["mancata-consegna", "ricevuta-del-futuro"] {
        let message = read(&receipt(name));
        assert_eq!((message.report, message.automatic), (None, Some(AutomaticReason::PecReceipt)));
        assert!(message.text.contains(name));
    }
    let bare = b"X-Ricevuta: avvenuta-consegna\r\nFrom: posta-certificata@pec.test\r\nTo: urp@cc.test\r\n\r\nciao\r\n";
    let message = reader().normalise(bare).unwrap();
    assert_eq!((doubt(&message), &message.report), (Some(Doubt::Missing), &None));
    assert!(message.notices.contains(&Notice::SignatureUnverified));
}

#[test]
fn what_is_not_signed_by_a_trusted_provider_is_shown_and_moves_nothing() {
    let genuine = PROVIDER.receipt(&receipt("avvenuta-consegna"));
    let impostor = PecProvider::start();
    let altered = replaced(&genuine, "10:00:05 +0100).", "11:00:05 +0100).");
    let unsigned = replaced(&genuine, "multipart/signed", "multipart/mixed");
    let other = replaced(&genuine, "From: posta-certificata@pec.test", "From: posta-certificata@pec.example");
    let garbled = replaced(&genuine, "name=\"smime.p7s\"\r\nContent-Transfer-Encoding: base64\r\n", "\r\n");
    let added = replaced(&genuine, "------=_firma--", "------=_firma\r\n\r\nin coda\r\n------=_firma--");
    for (raw, why) in [
        (impostor.receipt(&receipt("avvenuta-consegna")), Doubt::Untrusted),
        (altered, Doubt::Altered),
        (unsigned, Doubt::Missing),
        (other, Doubt::OtherSigner),
        (garbled, Doubt::Unreadable),
        (added, Doubt::Missing),
    ] {
        let message = reader().normalise(&raw).unwrap();
        assert_eq!(doubt(&message), Some(why));
        assert_eq!((&message.report, message.automatic), (&None, Some(AutomaticReason::PecReceipt)), "{why:?}");
        assert!(message.notices.contains(&Notice::SignatureUnverified) && message.text.contains("Ricevuta"));
        assert!(message.certified.unwrap().about.contains(&SENT.to_owned()), "it is still shown where it belongs");
    }
    let forged = impostor.envelope(&citizens_message(), ANNA, URP, 1);
    let message = reader().normalise(&forged).unwrap();
    assert_eq!((doubt(&message), message.from.as_ref().unwrap().address.as_str()), (Some(Doubt::Untrusted), ANNA));
    assert!(message.notices.contains(&Notice::SignatureUnverified));
}

#[test]
fn an_old_receipt_under_new_headers_remains_what_its_data_say() {
    let accepted = PROVIDER.receipt(&receipt("accettazione"));
    let dressed = replaced(&accepted, "X-Ricevuta: accettazione", "X-Ricevuta: avvenuta-consegna");
    let dressed = replaced(&dressed, &format!("X-Riferimento-Message-ID: <{SENT}>"), "X-Riferimento-Message-ID: <x@y>");
    let report = reader().normalise(&dressed).unwrap().report.unwrap();
    assert_eq!((report.name.as_str(), report.original_message_id.as_deref()), ("accettazione", Some(SENT)));
    let envelope = replaced(&accepted, "X-Ricevuta: accettazione", "X-Trasporto: posta-certificata");
    assert_eq!(reader().normalise(&envelope).unwrap().certified.unwrap().kind, CertifiedKind::Receipt);
}

#[test]
fn an_ordinary_report_cannot_say_that_certified_mail_was_delivered() {
    let report = |action: &str| {
        format!(
            "From: MAILER-DAEMON@example.org\r\nTo: urp@cc.test\r\nContent-Type: multipart/report; \
             report-type=delivery-status; boundary=r\r\n\r\n--r\r\nContent-Type: message/delivery-status\r\n\r\n\
             Reporting-MTA: dns; mx.example.org\r\n\r\nFinal-Recipient: rfc822; ugo@example.org\r\nAction: {action}\r\n\
             Status: 5.1.1\r\n\r\n--r\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <{SENT}>\r\n\r\nx\r\n--r--\r\n"
        )
    };
    assert_eq!(reader().normalise(report("delivered").as_bytes()).unwrap().report, None);
    let failed = reader().normalise(report("failed").as_bytes()).unwrap().report.unwrap();
    assert_eq!((failed.original_message_id.as_deref(), failed.recipients[0].action), (Some(SENT), Action::Failed));
    assert!(ledger([&failed]).is_empty());
}

#[test]
fn signatures_of_every_usual_kind_are_verified() {
    for signing in [
        Signing { digest: "sha1", ..Signing::default() },
        Signing { digest: "sha512", streamed: true, ..Signing::default() },
        Signing { key: Key::P256, ..Signing::default() },
    ] {
        let provider = PecProvider::with(signing);
        let raw = provider.receipt(&receipt("avvenuta-consegna"));
        let message = reader_of(&provider).normalise(&raw).unwrap();
        assert_eq!(doubt(&message), None, "{signing:?}");
        // A store that keeps lines with its own line ends has altered nothing.
        let stored = String::from_utf8(raw).unwrap().replace("\r\n", "\n");
        assert_eq!(doubt(&reader_of(&provider).normalise(stored.as_bytes()).unwrap()), None);
    }
}

#[test]
fn a_certificate_that_is_not_for_mail_or_was_not_valid_is_not_trusted() {
    for signing in [
        Signing { usage: "serverAuth", ..Signing::default() },
        Signing { until: "20210101000000Z", ..Signing::default() },
        // Not a digest that anybody should sign with.
        Signing { digest: "md5", ..Signing::default() },
    ] {
        let provider = PecProvider::with(signing);
        let message = reader_of(&provider).normalise(&provider.receipt(&receipt("avvenuta-consegna"))).unwrap();
        let expected = if signing.digest == "md5" { Doubt::Invalid } else { Doubt::Untrusted };
        assert_eq!((doubt(&message), message.report), (Some(expected), None), "{signing:?}");
    }
}

#[test]
fn real_receipts_are_understood_though_their_signature_was_taken_away() {
    let shared = std::env::var_os("SPORTELLO_SHARED")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared"), PathBuf::from);
    let folder = shared.join("mail/pec");
    for (file, name, address) in
        [("accettazione.eml", "accettazione", "rec@fakepec.it"), ("consegna.eml", "errore-consegna", "rec@fakepec.it")]
    {
        let Ok(raw) = std::fs::read(folder.join(file)) else {
            eprintln!("no mail corpus beside the checkout: set SPORTELLO_SHARED to read it");
            return;
        };
        let message = conformance::check(&reader(), file, &raw).unwrap().unwrap();
        let certified = message.certified.unwrap();
        let data = certified.data.unwrap();
        assert_eq!((data.kind.as_str(), data.concerned()[0].address.as_str()), (name, address));
        assert_eq!(certified.signature, Signature::Unverified { doubt: Doubt::Missing });
        assert_eq!(certified.about[0], "SN05IE$951DEC16C1CFD3E4FD8FF1B1D24A99AE@fakepec.it");
        assert_eq!(message.report, None);
    }
}

/// Receipts of one message to two recipients, as they could come; and how they come with other header letters.
static RECEIPTS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let of = |name, at, explanation| PecReceipt { at, explanation, ..receipt(name) };
    let ugo = |told: PecReceipt<'static>| PecReceipt { recipient: "ugo@pec.example", ..told };
    let all = [
        of("accettazione", AT, ""),
        of("presa-in-carico", AT, ""),
        of("preavviso-errore-consegna", "03/02/2026 22:00:05 +0100", "4.4.1 - in attesa"),
        of("avvenuta-consegna", "03/02/2026 23:30:00 +0100", ""),
        of("avvenuta-consegna", "03/02/2026 23:30:01 +0100", ""),
        ugo(of("accettazione", AT, "")),
        ugo(of("preavviso-errore-consegna", "03/02/2026 22:00:05 +0100", "4.4.1 - in attesa")),
        ugo(of("preavviso-errore-consegna", "04/02/2026 10:00:05 +0100", "5.4.1 - tempo scaduto")),
        of("ricevuta-del-futuro", AT, ""),
    ];
    all.iter().map(|told| PROVIDER.receipt(told)).collect()
});

fn in_other_letters(raw: &[u8], letters: u8) -> Vec<u8> {
    let mut text = String::from_utf8(raw.to_vec()).unwrap();
    for name in ["X-Ricevuta", "X-Riferimento-Message-ID", "Content-Type", "From"] {
        let other = match letters % 4 {
            0 => name.to_uppercase(),
            1 => name.to_lowercase(),
            2 => name.replace("R", "r"),
            _ => name.to_owned(),
        };
        text = text.replacen(name, &other, 1);
    }
    text.into_bytes()
}

fn folded(raw: &[Vec<u8>]) -> Vec<(String, State, String)> {
    let reports: Vec<DeliveryReport> = raw.iter().filter_map(|raw| reader().normalise(raw).unwrap().report).collect();
    let line = |(address, e): (String, channels::pec::Entry)| (address, e.state, e.at.unwrap().to_string());
    ledger(&reports).into_iter().map(line).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn receipts_in_any_order_number_and_letters_give_one_ledger(
        order in Just((0..RECEIPTS.len()).collect::<Vec<_>>()).prop_shuffle(),
        again in proptest::collection::vec(0..RECEIPTS.len(), 0..6),
        letters in any::<u8>(),
    ) {
        let come: Vec<Vec<u8>> = order.iter().chain(&again).enumerate()
            .map(|(n, i)| in_other_letters(&RECEIPTS[*i], letters.wrapping_add(n as u8))).collect();
        prop_assert_eq!(folded(&come), [
            (ANNA.to_owned(), State::Delivered, "2026-02-03T22:30:00Z".to_owned()),
            ("ugo@pec.example".to_owned(), State::Failed, "2026-02-04T09:00:05Z".to_owned()),
        ]);
    }

    #[test]
    fn ledgers_of_any_receipts_do_not_depend_on_their_order(
        seeds in proptest::collection::vec((0..9_usize, 0..4_usize, 0..3_i64, 0..3_usize), 0..12),
        swap in any::<prop::sample::Index>(),
    ) {
        const NAMES: [&str; 9] = ["accettazione", "non-accettazione", "presa-in-carico", "avvenuta-consegna",
            "preavviso-errore-consegna", "errore-consegna", "rilevazione-virus", "mancata-consegna", ""];
        const ACTIONS: [Action; 4] = [Action::Failed, Action::Delayed, Action::Delivered, Action::Relayed];
        let mut reports: Vec<DeliveryReport> = seeds.iter().map(|(name, action, at, words)| DeliveryReport {
            name: NAMES[*name].to_owned(),
            at: (*at > 0).then(|| jiff::Timestamp::from_second(*at).unwrap()),
            recipients: vec![channels::RecipientReport {
                recipient: if *words == 2 { ANNA.to_uppercase() } else { ANNA.to_owned() },
                original_recipient: None,
                action: ACTIONS[*action],
                status: None,
                diagnostic: [None, Some("virus".to_owned()), Some("altro".to_owned())][*words].clone(),
                remote_mta: None,
            }],
            ..DeliveryReport::new(ReportKind::Receipt)
        }).collect();
        let before = ledger(&reports);
        let twice = ledger(reports.iter().chain(&reports));
        prop_assert_eq!(&twice, &before);
        reports.reverse();
        prop_assert_eq!(&ledger(&reports), &before);
        if !reports.is_empty() {
            let turn = swap.index(reports.len());
            reports.rotate_left(turn);
        }
        prop_assert_eq!(&ledger(&reports), &before);
    }

    #[test]
    fn no_bytes_stop_the_mailbox(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let mut raw = b"X-Ricevuta: x\r\nContent-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n".to_vec();
        raw.extend_from_slice(&bytes);
        raw.extend_from_slice(b"\r\n--b\r\n\r\n");
        raw.extend_from_slice(&bytes);
        let _either_is_fine = reader().normalise(&raw);
        let _either_is_fine = reader().normalise(&bytes);
        prop_assert_eq!(channels::pec::Daticert::read(&bytes).is_some(), false);
    }

    #[test]
    fn a_changed_byte_is_never_certified(at in any::<prop::sample::Index>(), by in 1..=255_u8) {
        let mut raw = RECEIPTS[3].clone();
        let start = raw.windows(12).position(|w| w == b"------=_firm").unwrap();
        let end = raw.windows(14).rposition(|w| w == b"Content-Type: ").unwrap();
        // Between the two boundary lines, whatever they are made of.
        let place = start + 20 + at.index(end - start - 40);
        raw[place] ^= by;
        let message = reader().normalise(&raw).unwrap();
        prop_assert!(!message.certified.unwrap().signature.is_verified() && message.report.is_none(), "byte {place}");
    }
}

#[test]
fn cut_receipts_and_envelopes_are_read_as_far_as_they_go() {
    for raw in [PROVIDER.envelope(&citizens_message(), ANNA, URP, 1), PROVIDER.receipt(&receipt("avvenuta-consegna"))] {
        let end = raw.windows(4).position(|w| w == b"\r\n\r\n").unwrap();
        for cut in (end..raw.len() - 60).step_by(97) {
            let message = reader().normalise(&raw[..cut]).unwrap();
            assert!(!message.certified.unwrap().signature.is_verified() && message.report.is_none());
        }
    }
}

// --- Through real servers ---

fn settings(dovecot: &Dovecot, smtp: &Smtp, more: &[(&str, &str)]) -> Settings {
    let account = &dovecot.accounts()[0];
    let values = [
        ("address", account.address.clone()),
        ("user", account.address.clone()),
        ("imap_host", "localhost".into()),
        ("imap_port", dovecot.imaps_port().to_string()),
        ("smtp_host", "localhost".into()),
        ("smtp_port", smtp.port().to_string()),
        ("smtp_security", "starttls".into()),
        ("smtp_user", smtp.user().into()),
        ("ca", dovecot.cert_path().display().to_string()),
        ("roots", PROVIDER.roots_path().display().to_string()),
    ];
    let own = more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let values: BTreeMap<_, _> = values.into_iter().map(|(n, v)| (n.to_owned(), v)).chain(own).collect();
    let secrets = [("password", account.password.as_str()), ("smtp_password", smtp.password())]
        .map(|(n, s)| (n.to_owned(), Secret::new(s)));
    Settings::new(values, secrets.into())
}

fn driver(name: &str) -> &'static dyn Driver {
    *drivers().iter().find(|d| d.name() == name).unwrap()
}

fn open(name: &str, settings: &Settings) -> Account {
    let context = Context { account: name.into(), loop_id: "node-1".into(), ..Context::default() };
    driver(name).open(settings, &context).unwrap()
}

fn outgoing(to: &str) -> Outgoing {
    Outgoing {
        id: "981".into(),
        recipient: to.into(),
        recipient_name: "Anna Forlì".into(),
        sender_name: "Comune di Prova".into(),
        subject: "Passo carrabile".into(),
        text: "Gentile Anna,\nla pratica è conclusa.\n".into(),
        message_id: SENT.into(),
        in_reply_to: Some("citizen.0@pec.example".into()),
        references: vec!["citizen.0@pec.example".into()],
        date: "2026-02-03T09:00:00Z".parse().unwrap(),
        automatic: true,
        ..Outgoing::default()
    }
}

#[derive(Default)]
struct Memory(Mutex<(Option<Cursor>, Vec<Vec<u8>>)>);

#[async_trait]
impl Inbox for Memory {
    async fn cursor(&self) -> Result<Option<Cursor>, BoxError> {
        Ok(self.0.lock().unwrap().0)
    }

    async fn accept(&self, batch: Batch) -> Result<(), BoxError> {
        let mut state = self.0.lock().unwrap();
        state.0 = Some(batch.cursor);
        state.1.extend(batch.items.into_iter().filter_map(|i| match i.content {
            RawContent::Whole(bytes) => Some(bytes.to_vec()),
            _ => None,
        }));
        Ok(())
    }
}

/// Receives until `count` messages are there.
async fn received(account: &Account, count: usize) -> Vec<Inbound> {
    let (inbox, stop) = (Arc::new(Memory::default()), CancellationToken::new());
    let (receiver, to, end) = (account.receiver.clone().unwrap(), Arc::clone(&inbox), stop.clone());
    let task = tokio::spawn(async move { receiver.run(&*to, end).await });
    let start = Instant::now();
    while inbox.0.lock().unwrap().1.len() < count {
        assert!(start.elapsed() < Duration::from_secs(40), "only {} messages came", inbox.0.lock().unwrap().1.len());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    stop.cancel();
    task.await.unwrap();
    let raw = inbox.0.lock().unwrap().1.clone();
    raw.iter().map(|raw| account.normaliser.normalise(raw).expect("nothing in a mailbox is refused")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_goes_out_and_its_receipts_come_back_into_the_ledger() {
    let dovecot = Dovecot::start(&["urp"]);
    let smtp = Smtp::start(&dovecot);
    let account = open("pec", &settings(&dovecot, &smtp, &[]));
    let sender = account.sender.clone().unwrap();
    assert!(sender.check().await.is_ok() && account.receiver.as_ref().unwrap().check().await.is_ok());
    assert_eq!((sender.kind(), account.receiver.as_ref().unwrap().kind()), (ChannelKind::Pec, ChannelKind::Pec));
    sender.deliver(&outgoing(ANNA)).await.unwrap();
    let captured = smtp.wait_for(ANNA);
    assert_eq!(captured.from, URP, "even what a program writes goes as the mailbox itself");
    let text = captured.text();
    for header in
        ["X-TipoRicevuta: completa", "From: \"Comune di Prova\" <urp@cc.test>", "Auto-Submitted: auto-generated"]
    {
        assert!(text.contains(header), "{header} in {text}");
    }
    assert!(text.contains(&format!("Message-ID: <{SENT}>")) && !text.contains("Bcc"));

    // Before, among and after the true ones: a forged one, an unknown one, an envelope, ordinary mail.
    dovecot.deliver(
        URP,
        &PecProvider::start().receipt(&PecReceipt { explanation: "5.1.1", ..receipt("errore-consegna") }),
    );
    dovecot.deliver(URP, &PROVIDER.receipt(&receipt("ricevuta-del-futuro")));
    PROVIDER.process(&captured, &dovecot);
    dovecot.deliver(URP, &PROVIDER.envelope(&citizens_message(), ANNA, URP, 7));
    dovecot.deliver(URP, &citizens_message());
    let messages = received(&account, 6).await;
    let unverified = messages.iter().filter(|m| m.notices.contains(&Notice::SignatureUnverified)).count();
    assert_eq!(unverified, 1);
    let reports: Vec<_> = messages.iter().filter_map(|m| m.report.as_ref()).collect();
    let entry = &ledger(reports)[ANNA];
    assert_eq!((entry.state, entry.state.is_final()), (State::Delivered, true));
    assert_eq!(entry.at.unwrap().to_string(), "2026-02-03T09:00:09Z");
    assert_eq!(entry.accepted_at.unwrap().to_string(), "2026-02-03T09:00:05Z");
    let answers: Vec<_> = messages.iter().filter(|m| m.message_id == "citizen.1@pec.example").collect();
    assert_eq!(answers.len(), 2);
    assert!(answers[0].certified.as_ref().unwrap().signature.is_verified() && answers[1].certified.is_none());
}

#[tokio::test]
async fn large_messages_ask_for_brief_receipts_and_too_large_ones_are_refused_in_words() {
    let dovecot = Dovecot::start(&["urp"]);
    let smtp = Smtp::start(&dovecot);
    let account = open("pec", &settings(&dovecot, &smtp, &[("brief_above_mb", "1"), ("max_mb", "3")]));
    let with_file = |size: usize, to: &str| Outgoing {
        attachments: vec![OutgoingAttachment {
            name: "planimetria.pdf".into(),
            media_type: "application/pdf".into(),
            bytes: vec![7; size].into(),
            content_id: None,
        }],
        ..outgoing(to)
    };
    let sender = account.sender.unwrap();
    sender.deliver(&with_file(1_200_000, "brevi@pec.example")).await.unwrap();
    assert!(smtp.wait_for("brevi@pec.example").text().contains("X-TipoRicevuta: breve"));
    let Err(DeliveryError::Permanent(refusal)) = sender.deliver(&with_file(2_500_000, ANNA)).await else {
        panic!("too large and not refused")
    };
    assert!(refusal.text.contains("3.5 MB") && refusal.text.contains("3 MB at most"), "{refusal}");
    let nameless = Outgoing { message_id: String::new(), ..outgoing(ANNA) };
    assert!(matches!(sender.deliver(&nameless).await, Err(DeliveryError::Permanent(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn ordinary_mail_is_a_driver_too() {
    let dovecot = Dovecot::start(&["urp"]);
    let smtp = Smtp::start(&dovecot);
    let account = open("email", &settings(&dovecot, &smtp, &[]));
    account.sender.clone().unwrap().deliver(&outgoing("ugo@example.org")).await.unwrap();
    let captured = smtp.wait_for("ugo@example.org");
    assert_eq!(captured.from, "", "an automatic answer wants none");
    assert!(captured.text().contains("In-Reply-To: <citizen.0@pec.example>"));
    dovecot.deliver(URP, &citizens_message());
    let messages = received(&account, 1).await;
    assert_eq!((messages[0].channel, &messages[0].certified), (ChannelKind::Email, &None));
    assert_eq!(messages[0].text.trim(), "Vorrei sapere perché.");
}

#[tokio::test]
async fn a_wrong_setting_is_named() {
    let dovecot = Dovecot::start(&["urp"]);
    let smtp = Smtp::start(&dovecot);
    let empty = PROVIDER.roots_path().with_file_name("empty.pem");
    std::fs::write(&empty, "").unwrap();
    for (field, value) in [
        ("address", "senza chiocciola"),
        ("imap_host", ""),
        ("imap_port", "molti"),
        ("imap_security", "forse"),
        ("ca", "/nessun/file.pem"),
        ("roots", ""),
        ("roots", "/nessun/file.pem"),
        ("roots", empty.to_str().unwrap()),
        ("receipt", "lunga"),
        ("max_mb", "tanti"),
    ] {
        let wrong = settings(&dovecot, &smtp, &[(field, value)]);
        let error = driver("pec").open(&wrong, &Context::default()).err().expect(field);
        assert_eq!(error.field, field, "{error}");
    }
    for driver in drivers() {
        let mut names: Vec<_> = driver.fields().iter().map(|f| f.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), driver.fields().len(), "{}: a field twice", driver.name());
    }
}
