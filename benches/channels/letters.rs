//! Scanned pages through the channel, beside Tesseract alone on the very pictures that it is given.
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use channels::paper::Programs;
use channels::simulate::pages::{Written, scan};
use serde_json::json;
use sportello::cli::processor;

use crate::place::{self, Store};
use crate::support::{File, Role, TestApp};

/// Files that are read at the same time: as many as pages are looked at side by side.
fn at_once() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

pub async fn measure(pages: usize) {
    let letters = tokio::task::spawn_blocking(move || (0..pages as u64).map(scanned).collect::<Vec<_>>());
    let letters = letters.await.unwrap();
    println!("seconds for a scanned page (A4, about 3,000 characters, ita+eng; {pages} pages)");
    println!("{:<44}{:>14}{:>8}{:>12}", "", "wall s/page", "ratio", "CPU s/page");
    let pictures: Vec<Vec<u8>> = letters.iter().map(|pdf| picture(pdf)).collect();
    // One page after the other, as one batch is read.
    let (alone, cpu) = (Instant::now(), processor::seconds_with_children("self"));
    for picture in &pictures {
        tesseract(picture);
    }
    let (alone, cpu) = (alone.elapsed(), processor::seconds_with_children("self") - cpu);
    line("Tesseract alone", alone, pages, None, cpu);
    let (t, agent) = installation().await;
    let (ours, cpu) = read(&t, &agent, &[&whole(&letters)], pages).await;
    line("one batch, until its letter is a contact", ours, pages, Some(alone), cpu);
    place::close(t).await;

    let side_by_side = at_once();
    let (alone, cpu) = (Instant::now(), processor::seconds_with_children("self"));
    std::thread::scope(|scope| {
        for nth in 0..side_by_side {
            let pictures = pictures.iter().skip(nth).step_by(side_by_side);
            scope.spawn(move || pictures.for_each(|picture| tesseract(picture)));
        }
    });
    let (alone, cpu) = (alone.elapsed(), processor::seconds_with_children("self") - cpu);
    line(&format!("Tesseract alone, {side_by_side} pages at once"), alone, pages, None, cpu);
    let (t, agent) = installation().await;
    let files: Vec<&[u8]> = letters.iter().map(Vec::as_slice).collect();
    let (ours, cpu) = read(&t, &agent, &files, pages).await;
    line("as many batches of one page", ours, pages, Some(alone), cpu);
    place::close(t).await;
    println!("The channel also draws each page, straightens it, looks for codes and stores it with its text.");
}

fn line(what: &str, took: Duration, pages: usize, alone: Option<Duration>, cpu: f64) {
    let ratio = alone.map(|alone| format!("{:.2}", took.as_secs_f64() / alone.as_secs_f64())).unwrap_or_default();
    let (wall, cpu) = (place::each(took.as_secs_f64(), pages) / 1000.0, place::each(cpu, pages) / 1000.0);
    println!("{what:<44}{wall:>14.2}{ratio:>8}{cpu:>12.2}");
}

/// A full page as a scanner leaves it.
fn scanned(seed: u64) -> Vec<u8> {
    let words = "Con la presente chiedo copia degli atti del procedimento indicato in oggetto, ai sensi della legge sul \
        procedimento amministrativo, e di sapere quale ufficio se ne occupi e in quale termine si concluda. ";
    let text: String =
        (0..15).map(|n| format!("Punto {}. {words}{}", n + 1, if n % 3 == 2 { "\n\n" } else { "" })).collect();
    let letter = Written {
        name: "Anna Bianchi",
        to: "Comune di Prova\nPiazza del Municipio 1\n67100 L'Aquila AQ",
        subject: &format!("Richiesta di copia numero {seed}"),
        text: &text,
        at: "2026-03-02T08:00:00Z".parse().unwrap(),
    };
    scan(&[letter], seed, &Programs::default()).unwrap()
}

/// Pages joined into one file.
fn whole(letters: &[Vec<u8>]) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let names: Vec<_> = (0..letters.len()).map(|n| folder.path().join(format!("{n}.pdf"))).collect();
    for (name, pdf) in names.iter().zip(letters) {
        std::fs::write(name, pdf).unwrap();
    }
    let out = folder.path().join("whole.pdf");
    assert!(Command::new("pdfunite").args(&names).arg(&out).status().unwrap().success());
    std::fs::read(out).unwrap()
}

/// The first page as Tesseract is given it.
fn picture(pdf: &[u8]) -> Vec<u8> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(pdf).unwrap();
    let drawn =
        Command::new("pdftoppm").args(["-f", "1", "-l", "1", "-scale-to", "3508", "-gray"]).arg(file.path()).output();
    drawn.unwrap().stdout
}

fn tesseract(picture: &[u8]) {
    let mut command = Command::new("tesseract");
    command
        .args(["stdin", "stdout", "-l", "ita+eng", "--psm", "4", "--dpi", "300", "tsv"])
        .env("OMP_THREAD_LIMIT", "1");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(picture).unwrap();
    let read = child.wait_with_output().unwrap();
    assert!(String::from_utf8_lossy(&read.stdout).contains("procedimento"), "Tesseract read nothing");
}

async fn installation() -> (TestApp, crate::support::Browser) {
    let t = place::open(Store::Sqlite, |_| {}).await;
    place::account(&t, "scanner", "letters_scan", json!({})).await;
    let agent = t.sign_in(Role::Agent).await;
    (t, agent)
}

/// Uploads batches, and waits until all their pages are read.
async fn read(t: &TestApp, agent: &crate::support::Browser, files: &[&[u8]], pages: usize) -> (Duration, f64) {
    let names: Vec<String> = (0..files.len()).map(|n| format!("pacco-{n}.pdf")).collect();
    let files: Vec<File<'_>> = names
        .iter()
        .zip(files)
        .map(|(name, bytes)| File { field: "files", name, media_type: "application/pdf", bytes })
        .collect();
    let (cpu, begun) = (processor::seconds_with_children("self"), Instant::now());
    for some in files.chunks(5) {
        agent.post_files("/scrivania/lettere/carica", &[("account", "scanner")], some).await.expect(303);
    }
    place::until(t, "SELECT COUNT(*) FROM letter_pages WHERE read_text LIKE '%procedimento%'", pages).await;
    (begun.elapsed(), processor::seconds_with_children("self") - cpu)
}
