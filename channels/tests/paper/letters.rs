//! Batches divided by separator sheets.

use channels::letters::ScanNormaliser;
use channels::paper::{Envelope, Gray, PaperReader, letter, separator};
use channels::{Normalise, Notice};

use super::support::{answer, pdf_of, scan, spoiled};

#[test]
fn a_batch_becomes_one_message_for_each_letter() {
    let sheet = spoiled(&scan(&separator(), 200)[0], 1.5, 14);
    let empty = Gray::white(sheet.width, sheet.height);
    let mut first = answer("7K3-M9P-QR2");
    first.text = first.text.repeat(8);
    let first = scan(&letter(&first, &Default::default()), 200);
    let second = scan(&letter(&answer("2A4-BC6-DE8"), &Default::default()), 200);
    assert!(first.len() > 1, "the first letter has several pages");
    let pages: Vec<Gray> =
        [vec![sheet.clone(), empty.clone()], first.clone(), vec![sheet, empty], second].into_iter().flatten().collect();
    let batch = pdf_of(&pages, 200);
    let raw = Envelope::around(&batch).with("file", "posta del 3 febbraio.pdf").to_bytes();
    let reader = ScanNormaliser::new(PaperReader::default(), 256 << 20);
    let letters = reader.normalise_all(&raw).unwrap();
    assert_eq!(letters.len(), 2);
    let codes: Vec<_> = letters.iter().map(|l| l.paper.clone().unwrap().codes[0].code.code.clone()).collect();
    assert_eq!(codes, ["7K3M9PQR2", "2A4BC6DE8"]);
    assert_eq!(letters[0].paper.as_ref().unwrap().pages, first.len());
    assert_eq!(letters[0].attachments[0].name, format!("posta del 3 febbraio-3-{}.pdf", first.len() + 2));
    for (found, count) in letters.iter().zip([first.len(), 1]) {
        assert_eq!(scan(&found.attachments[0].bytes, 40).len(), count, "each has its own pages only");
        assert_eq!(found.notices, []);
    }
    assert_ne!(letters[0].external_id, letters[1].external_id);
    assert_ne!(letters[0].content_digest, letters[1].content_digest);
    assert_eq!(reader.normalise_all(&raw).unwrap(), letters, "read twice, the same");
}

#[test]
fn pages_beyond_the_limit_are_kept_unread() {
    let page = scan(&letter(&answer("7K3-M9P-QR2"), &Default::default()), 100).swap_remove(0);
    let batch = pdf_of(&[page.clone(), page.clone(), page], 100);
    let reader = PaperReader { max_pages: 1, ..PaperReader::default() };
    let letters = ScanNormaliser::new(reader, 64 << 20).normalise_all(&batch).unwrap();
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].notices, [Notice::PagesNotRead]);
    assert_eq!(letters[0].attachments[0].bytes, batch);
}
