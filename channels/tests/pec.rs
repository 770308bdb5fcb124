//! Certified mail: envelopes and receipts signed by a provider of our own, forged ones, and anything at all.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::PathBuf;
use std::sync::LazyLock;

use channels::email::EmailConfig;
use channels::pec::{CertifiedKind, Doubt, PecNormaliser, Revocations, Roots, Signature, State, ledger};
use channels::{
    Action, AutomaticReason, ChannelKind, DeliveryReport, Inbound, Normalise, Notice, ReportKind, conformance,
};
use peers::{Key, PecProvider, PecReceipt, Signing};
use proptest::prelude::*;

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

/// The same, looking its certificates up in these lists.
fn careful_reader(provider: &PecProvider, lists: &str) -> PecNormaliser {
    let roots = Roots::from_pem(&std::fs::read(provider.roots_path()).unwrap()).unwrap();
    let config = EmailConfig { own_addresses: vec![URP.into()], loop_id: "node-1".into(), ..EmailConfig::default() };
    PecNormaliser::new(config, roots.with_revocations(Revocations::parse(lists).unwrap()))
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

#[test]
fn a_revoked_provider_is_not_relied_on_and_a_list_that_cannot_be_had_stops_nothing() {
    let provider = PecProvider::start();
    let raw = provider.envelope(&citizens_message(), ANNA, URP, 1);
    let unknown = |message: &Inbound| message.notices.contains(&Notice::RevocationNotChecked);
    let plain = reader_of(&provider).normalise(&raw).unwrap();
    assert!(doubt(&plain).is_none() && !unknown(&plain), "nothing is asked, nothing is said");

    let good = careful_reader(&provider, &provider.revocations().display().to_string()).normalise(&raw).unwrap();
    assert!(doubt(&good).is_none() && !unknown(&good), "{good:?}");
    // A list that is not there, an address where nobody answers, a list of another authority.
    let other = PecProvider::start().revocations().display().to_string();
    for lists in ["/does/not/exist.crl", "http://127.0.0.1:9/crl", other.as_str()] {
        let read = careful_reader(&provider, lists).normalise(&raw).unwrap();
        assert!(read.certified.as_ref().unwrap().signature.is_verified() && unknown(&read), "{lists}: {read:?}");
    }
    provider.revoke();
    let list = provider.revocations().display().to_string();
    let revoked = careful_reader(&provider, &list).normalise(&raw).unwrap();
    assert_eq!(doubt(&revoked), Some(Doubt::Revoked));
    assert!(revoked.notices.contains(&Notice::SignatureUnverified));
    let receipt = provider.receipt(&receipt("avvenuta-consegna"));
    assert!(careful_reader(&provider, &list).normalise(&receipt).unwrap().report.is_none(), "it moves nothing");
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
    assert_eq!(certified.known_as, ["citizen.1@pec.example", "busta.1@pec.test", "opec.citizen.1@pec.example"]);
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
        assert_eq!(certified.known_as, [SENT, &format!("opec.{SENT}")]);
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
    let refused = PROVIDER.receipt(&receipt("non-accettazione"));
    let alarm = replaced(&refused, "X-Ricevuta:", "X-VerificaSicurezza: errore\r\nX-Ricevuta:");
    let report = reader().normalise(&alarm).unwrap().report.unwrap();
    assert_eq!(ledger([&report])[ANNA].state, State::Infected);
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
    // The value of the signature stands at the end of its part.
    let mut tampered = genuine.clone();
    let last = genuine.windows(8).rposition(|w| w == b"\r\n------").unwrap() - 10;
    tampered[last] = if genuine[last] == b'A' { b'B' } else { b'A' };
    let added = replaced(&genuine, "------=_firma--", "------=_firma\r\n\r\nin coda\r\n------=_firma--");
    for (raw, why) in [
        (impostor.receipt(&receipt("avvenuta-consegna")), Doubt::Untrusted),
        (altered, Doubt::Altered),
        (unsigned, Doubt::Missing),
        (other, Doubt::OtherSigner),
        (garbled, Doubt::Unreadable),
        (tampered, Doubt::Invalid),
        (added, Doubt::Missing),
    ] {
        let message = reader().normalise(&raw).unwrap();
        assert_eq!(doubt(&message), Some(why));
        assert_eq!((&message.report, message.automatic), (&None, Some(AutomaticReason::PecReceipt)), "{why:?}");
        assert!(message.notices.contains(&Notice::SignatureUnverified) && message.text.contains("Ricevuta"));
        assert!(message.certified.unwrap().known_as.contains(&SENT.to_owned()), "it is still shown where it belongs");
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
    let message = reader().normalise(&dressed).unwrap();
    assert_eq!(message.thread_ids()[..2], [SENT, "x@y"]);
    let report = message.report.unwrap();
    assert_eq!((report.name.as_str(), report.original_message_id.as_deref()), ("accettazione", Some(SENT)));
    let envelope = replaced(&accepted, "X-Ricevuta: accettazione", "X-Trasporto: posta-certificata");
    assert_eq!(reader().normalise(&envelope).unwrap().certified.unwrap().kind, CertifiedKind::Receipt);
    let anomaly = PROVIDER.anomaly(&citizens_message(), ANNA, URP);
    let envelope = replaced(&anomaly, "X-Trasporto: errore", "X-Trasporto: posta-certificata");
    let message = reader().normalise(&envelope).unwrap();
    assert_eq!((doubt(&message), message.text.trim()), (Some(Doubt::NoData), "Vorrei sapere perché."));
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
fn a_certificate_that_is_not_a_providers_or_was_not_valid_is_not_trusted() {
    for signing in [
        Signing { usage: "serverAuth", ..Signing::default() },
        Signing { until: "20210101000000Z", ..Signing::default() },
        Signing { digest: "md5", ..Signing::default() },
        Signing { signer: "ugo@pec.test", ..Signing::default() },
    ] {
        let provider = PecProvider::with(signing);
        let message = reader_of(&provider).normalise(&provider.receipt(&receipt("avvenuta-consegna"))).unwrap();
        let expected = match signing {
            // Not a digest that anybody should sign with.
            Signing { digest: "md5", .. } => Doubt::Invalid,
            // A private mailbox, though its certificate comes from the same authority.
            Signing { signer: "ugo@pec.test", .. } => Doubt::OtherSigner,
            _ => Doubt::Untrusted,
        };
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
        assert_eq!(certified.known_as[0], "SN05IE$951DEC16C1CFD3E4FD8FF1B1D24A99AE@fakepec.it");
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
        let anywhere = at.index(raw.len());
        raw[anywhere] ^= by;
        let _either_is_fine = reader().normalise(&raw);
        raw[anywhere] ^= by;
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
