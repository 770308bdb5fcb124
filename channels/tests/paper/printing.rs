//! Letters put into the print queue.

use channels::email::OutgoingAttachment;
use channels::letters::PrintQueue;
use channels::paper::{Letterhead, Programs};
use channels::{Deliver, DeliveryError};

use super::support::{answer, png_of, run, scan};

fn queue(folder: &std::path::Path) -> PrintQueue {
    let head = Letterhead { address: vec!["Piazza Roma 1".into()], place: "Prova".into(), ..Letterhead::default() };
    PrintQueue::new(Some(folder.to_owned()), head, Programs::default())
}

fn waiting(folder: &std::path::Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap().flatten();
    let mut names: Vec<_> =
        entries.map(|e| e.file_name().into_string().unwrap()).filter(|n| !n.starts_with('.')).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_letter_is_queued_once_even_after_it_was_printed() {
    let dir = tempfile::tempdir().unwrap();
    let message = answer("7K3-M9P-QR2");
    let sent = queue(dir.path()).deliver(&message).await.unwrap();
    assert_eq!(sent.provider_id.as_deref(), Some("42-7k3-m9p-qr2"));
    let printable = sent.printable.unwrap();
    assert_eq!((printable.pages, printable.handed_over), (1, true));
    assert_eq!(waiting(dir.path()), ["42-7k3-m9p-qr2.pdf"]);
    assert_eq!(printable.pdf, std::fs::read(dir.path().join("42-7k3-m9p-qr2.pdf")).unwrap());
    let file = dir.path().join("42-7k3-m9p-qr2.pdf");
    let text = String::from_utf8(run("pdftotext", &["-layout", file.to_str().unwrap(), "-"])).unwrap();
    for words in
        ["Comune di Città di Prova", "Prova, 3 febbraio 2026", "Anna Forlì", "70121 Bari BA", "7K3-M9P-QR2", "perché"]
    {
        assert!(text.contains(words), "{words} in {text}");
    }
    // The address stands behind the window of the envelope: right half, second quarter from the top.
    let boxes = String::from_utf8(run("pdftotext", &["-bbox", file.to_str().unwrap(), "-"])).unwrap();
    let word = boxes.lines().find(|line| line.contains(">Anna<")).unwrap();
    let number = |name: &str| {
        word.split(&format!("{name}=\"")).nth(1).unwrap().split('"').next().unwrap().parse::<f32>().unwrap()
    };
    assert!(number("xMin") > 300.0 && (130.0..230.0).contains(&number("yMin")), "{word}");
    std::fs::remove_file(&file).unwrap();
    queue(dir.path()).deliver(&message).await.unwrap();
    assert!(waiting(dir.path()).is_empty(), "it was printed already");
}

/// Words of a page: what they say, and their box in millimetres (left, top, right, bottom).
fn words(pdf: &[u8], page: &str) -> Vec<(String, [f32; 4])> {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("x.pdf");
    std::fs::write(&file, pdf).unwrap();
    let boxes = run("pdftotext", &["-bbox", "-f", page, "-l", page, file.to_str().unwrap(), "-"]);
    let read = |line: &str| {
        let number = |name: &str| {
            let value = line.split(&format!("{name}=\"")).nth(1)?.split('"').next()?;
            Some(value.parse::<f32>().ok()? * 25.4 / 72.0)
        };
        let text = line.split('>').nth(1)?.split('<').next()?.to_owned();
        Some((text, [number("xMin")?, number("yMin")?, number("xMax")?, number("yMax")?]))
    };
    String::from_utf8(boxes).unwrap().lines().filter(|l| l.contains("<word")).filter_map(read).collect()
}

#[test]
fn every_window_shows_the_whole_address_and_nothing_else() {
    let mut message = answer("7K3-M9P-QR2");
    let head = Letterhead {
        address: vec![
            "Piazza del Municipio 1".into(),
            "70121 Bari BA".into(),
            "Tel. 080 000000".into(),
            "PEC urp@pec.test".into(),
        ],
        ..Letterhead::default()
    };
    message.sender_name = "Comune di Città di Prova sul Fiume e dei Monti del Gran Sasso".into();
    let long = "Ufficio per le relazioni con il pubblico e la partecipazione\nScala B, interno 12\n\
        presso Condominio Garibaldi\nVia Giuseppe Garibaldi 1200\n70121 Bari BA\nITALIA";
    for lines in ["Via Garibaldi 12\n70121 Bari BA", long] {
        message.recipient_address = lines.into();
        let page = words(&channels::paper::letter(&message, &head), "1");
        // Wherever the sheet lies in the envelope, a window shows what is between 34 mm and the fold, from 90 mm on.
        let shown: Vec<_> = page.iter().filter(|(_, b)| b[3] > 34.0 && b[1] < 95.0 && b[2] > 90.0).collect();
        let text: Vec<&str> = shown.iter().map(|(word, _)| word.as_str()).collect();
        let whole: String = text.concat();
        assert!(whole.starts_with("AnnaForl") && whole.contains("70121BariBA"), "{text:?}");
        assert!(!whole.contains("7K3") && !whole.contains("Comune") && !whole.contains("PEC"), "{text:?}");
        // And whatever window it is, the address is inside: 105 to 190 mm across, 55 to 80 mm down.
        for (word, b) in shown {
            assert!(b[0] >= 105.0 && b[2] <= 190.0 && b[1] >= 55.0 && b[3] <= 80.5, "{word} at {b:?}");
        }
    }
}

#[test]
fn a_long_letter_goes_on_over_pages_that_are_numbered_and_bear_the_code() {
    let mut message = answer("7K3-M9P-QR2");
    message.text = [message.text.as_str(); 12].join("\n\n");
    let (pdf, pages) = channels::paper::letter_pages(&message, &Letterhead::default());
    assert!(pages >= 3);
    for page in 1..=pages {
        let all: Vec<String> = words(&pdf, &page.to_string()).into_iter().map(|(word, _)| word).collect();
        let all = all.join(" ");
        assert!(all.contains(&format!("Pagina {page} di {pages}")) && all.contains("7K3-M9P-QR2"), "{all}");
    }
}

#[tokio::test]
async fn a_letter_stopped_on_its_way_goes_on_from_there() {
    let dir = tempfile::tempdir().unwrap();
    let message = answer("7K3-M9P-QR2");
    queue(dir.path()).deliver(&message).await.unwrap();
    // As if the program had ended between naming the letter and moving it.
    let name = "42-7k3-m9p-qr2.pdf";
    std::fs::rename(dir.path().join(name), dir.path().join(".staged").join(name)).unwrap();
    queue(dir.path()).deliver(&message).await.unwrap();
    assert_eq!(waiting(dir.path()), [name]);
}

#[tokio::test]
async fn attachments_are_pages_of_the_letter_and_wrong_ones_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let mut message = answer("7K3-M9P-QR2");
    let page = scan(&channels::paper::separator(), 60).swap_remove(0);
    let attach = |name: &str, bytes: Vec<u8>| OutgoingAttachment {
        name: name.into(),
        media_type: "application/octet-stream".into(),
        bytes: bytes.into(),
        content_id: None,
    };
    message.attachments = vec![attach("mappa.png", png_of(&page))];
    queue(dir.path()).deliver(&message).await.unwrap();
    let printed = std::fs::read(dir.path().join("42-7k3-m9p-qr2.pdf")).unwrap();
    assert_eq!(scan(&printed, 30).len(), 2);
    message.id = "43".into();
    message.attachments = vec![attach("musica.mp3", b"ID3".to_vec())];
    let refused = queue(dir.path()).deliver(&message).await.unwrap_err();
    assert!(matches!(&refused, DeliveryError::Permanent(r) if r.text.contains("musica.mp3")), "{refused}");
    message.id = "44".into();
    message.recipient_address.clear();
    assert!(matches!(queue(dir.path()).deliver(&message).await, Err(DeliveryError::Permanent(_))));
}
