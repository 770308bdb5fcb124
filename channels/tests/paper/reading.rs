//! Letters and faxes of ours come back and are known again.

use channels::fax::FaxNormaliser;
use channels::paper::{Envelope, PaperReader, cover, letter};
use channels::{CodeEvidence, Inbound, Normalise, Notice};

use super::support::{BODY, answer, fax_of, no_programs, pdf_of, png_of, scan, spoiled, squeezed};
use channels::letters::ScanNormaliser;

fn scanner() -> ScanNormaliser {
    ScanNormaliser::new(PaperReader::default(), 64 << 20)
}

fn fax_reader() -> FaxNormaliser {
    FaxNormaliser::new(PaperReader::default(), 64 << 20)
}

/// Part of the words of `expected` that were read.
fn words_read(text: &str, expected: &str) -> f32 {
    let plain =
        |t: &str| t.split(|c: char| !c.is_alphanumeric()).filter(|w| w.len() > 2).map(str::to_lowercase).collect();
    let (read, wanted): (Vec<String>, Vec<String>) = (plain(text), plain(expected));
    wanted.iter().filter(|word| read.contains(word)).count() as f32 / wanted.len() as f32
}

fn codes(message: &Inbound) -> Vec<(String, CodeEvidence)> {
    let paper = message.paper.clone().unwrap();
    paper.codes.into_iter().map(|found| (found.code.code, found.evidence)).collect()
}

#[test]
fn a_crooked_and_grainy_scan_of_our_letter_is_known_and_read() {
    let printed = letter(&answer("7K3-M9P-QR2"), &Default::default());
    let page = &scan(&printed, 300)[0];
    for degrees in [-2.5, 0.8] {
        let read = scanner().normalise(&pdf_of(&[spoiled(page, degrees, 14)], 300)).unwrap();
        assert_eq!(codes(&read), [("7K3M9PQR2".into(), CodeEvidence::Symbol)]);
        assert_eq!(read.subject_codes[0].code, "7K3M9PQR2");
        assert_eq!(read.subject, "Buca in via Garibaldi");
        let share = words_read(&read.text, BODY);
        assert!(share > 0.97, "{degrees}°: {share} of the words, {}", read.text);
        let paper = read.paper.unwrap();
        assert_eq!(paper.pages, 1);
        assert!(paper.confidence.unwrap() > 80, "{:?}", paper.confidence);
        assert_eq!(read.notices, []);
    }
}

#[test]
fn a_page_upside_down_is_read() {
    let page = &scan(&letter(&answer("7K3-M9P-QR2"), &Default::default()), 200)[0];
    let read = scanner().normalise(&png_of(&page.turned(2))).unwrap();
    assert!(words_read(&read.text, BODY) > 0.97, "{}", read.text);
    assert_eq!(codes(&read)[0], ("7K3M9PQR2".into(), CodeEvidence::Symbol));
}

#[test]
fn a_fax_in_every_coding_keeps_its_proportions_and_its_code() {
    let page = &scan(&cover(&answer("7K3-M9P-QR2"), &Default::default()), 204)[0];
    for (coding, height) in [("g3:1d", 1145), ("g3:2d", 2290), ("g4", 2290), ("g4", 1145)] {
        let fax = fax_of(&[squeezed(page, height)], coding);
        let raw = Envelope::around(&fax).with("file", "fax000000002.tif").with("caller", "08000001").to_bytes();
        let read = fax_reader().normalise(&raw).unwrap();
        assert_eq!(codes(&read), [("7K3M9PQR2".into(), CodeEvidence::Symbol)], "{coding} {height}: {}", read.text);
        assert!(words_read(&read.text, BODY) > 0.9, "{coding} {height}: {}", read.text);
        assert_eq!(read.from.unwrap().address, "08000001");
        assert_eq!(read.paper.unwrap().pages, 1);
        let file = &read.attachments[0];
        assert_eq!((file.name.as_str(), file.media_type.as_str()), ("fax000000002.pdf", "application/pdf"));
        let shape = &scan(&file.bytes, 50)[0];
        let ratio = shape.height as f32 / shape.width as f32;
        // A line of a fax is 215 millimetres wide.
        assert!((ratio - 297.0 / 215.0).abs() < 0.02, "{coding} {height}: {ratio}");
    }
}

#[test]
fn readers_of_paper_keep_the_rules_of_all_channels() {
    let page = &scan(&cover(&answer("7K3-M9P-QR2"), &Default::default()), 204)[0];
    let raw = fax_of(&[squeezed(page, 1145)], "g4");
    channels::conformance::check(&fax_reader(), "a fax", &raw).unwrap().unwrap();
    let raw = Envelope::around(&raw).with("file", "../pacco.tif").to_bytes();
    channels::conformance::check(&scanner(), "a scan", &raw).unwrap().unwrap();
}

#[test]
fn a_scanner_s_tiff_that_is_no_fax_is_read_too() {
    let page = &scan(&letter(&answer("7K3-M9P-QR2"), &Default::default()), 200)[0];
    let file = fax_of(&[squeezed(page, 2290)], "lzw");
    let read = scanner().normalise(&file).unwrap();
    assert_eq!(codes(&read)[0].0, "7K3M9PQR2");
    assert_eq!(read.attachments[0].media_type, "application/pdf");
}

#[test]
fn a_fax_that_broke_off_is_kept_and_marked() {
    let page = &scan(&cover(&answer("7K3-M9P-QR2"), &Default::default()), 204)[0];
    let fax = fax_of(&[squeezed(page, 2290)], "g4");
    let raw = Envelope::around(&fax).with("error", "Connection lost in page 2").to_bytes();
    let read = fax_reader().normalise(&raw).unwrap();
    assert!(read.notices.contains(&Notice::PartlyReceived));
    assert_eq!(read.attachments.len(), 1);
}

#[test]
fn without_any_program_paper_is_still_taken_in() {
    let scratch = tempfile::tempdir().unwrap();
    let reader = PaperReader { programs: no_programs(scratch.path()), ..PaperReader::default() };
    assert!(reader.check().unwrap_err().contains("not installed"));
    let printed = letter(&answer("7K3-M9P-QR2"), &Default::default());
    let read = ScanNormaliser::new(reader.clone(), 64 << 20).normalise(&printed).unwrap();
    assert_eq!(read.notices, [Notice::TextNotRead]);
    assert_eq!(read.attachments[0].bytes, printed);
    let fax = fax_of(&[squeezed(&scan(&printed, 204)[0], 2290)], "g4");
    let read = FaxNormaliser::new(reader, 64 << 20).normalise(&fax).unwrap();
    assert_eq!(read.notices, [Notice::TextNotRead]);
    assert_eq!(read.attachments[0].media_type, "application/pdf", "a fax needs no program to become a PDF");
}
