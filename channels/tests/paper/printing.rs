//! Letters put into the print queue.

use channels::email::OutgoingAttachment;
use channels::letters::PrintQueue;
use channels::paper::{Letterhead, Programs};
use channels::{Deliver, DeliveryError};

use super::support::{answer, png_of, run, scan};

fn queue(folder: &std::path::Path) -> PrintQueue {
    let head = Letterhead { address: vec!["Piazza Roma 1".into()], place: "Prova".into(), ..Letterhead::default() };
    PrintQueue::new(folder.to_owned(), head, Programs::default())
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
    assert_eq!(waiting(dir.path()), ["42-7k3-m9p-qr2.pdf"]);
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
