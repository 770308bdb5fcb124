//! Pages for tests.

use std::path::Path;
use std::process::Command;

use channels::Outgoing;
use channels::paper::{Gray, Picture, Programs, Samples, album};
use flate2::Compression;
use flate2::write::ZlibEncoder;

/// What a citizen is written.
pub const BODY: &str = "Gentile signora Forlì,\n\
    la sua segnalazione sulla buca in via Garibaldi è stata ricevuta e affidata all'ufficio strade. \
    Il sopralluogo è previsto per lunedì mattina, perché occorre verificare anche la condotta dell'acqua. \
    Se la pioggia lo impedirà, il lavoro sarà rinviato di una settimana.\n\n\
    Può rispondere a questa lettera indicando il codice della pratica.\n\nCordiali saluti\nUfficio relazioni con il pubblico";

/// An answer of ours.
pub fn answer(code: &str) -> Outgoing {
    Outgoing {
        id: format!("42-{}", code.to_lowercase()),
        recipient: "+390800000001".into(),
        recipient_name: "Anna Forlì".into(),
        recipient_address: "Via Garibaldi 12\n70121 Bari BA".into(),
        sender_name: "Comune di Città di Prova".into(),
        subject: "Buca in via Garibaldi".into(),
        text: BODY.into(),
        code: code.into(),
        link: "https://sportello.example/sportello/pratica/7K3M9PQR2".into(),
        language: "it".into(),
        date: "2026-02-03T09:00:00Z".parse().unwrap(),
        ..Outgoing::default()
    }
}

/// Runs a program of the tests.
pub fn run(program: &str, words: &[&str]) -> Vec<u8> {
    let output = Command::new(program).args(words).output();
    let output = output.unwrap_or_else(|e| panic!("{program} does not start ({e}): see TEST_PACKAGES in the Makefile"));
    assert!(output.status.success(), "{program} {words:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// The pages of a PDF as a scanner would see them.
pub fn scan(pdf: &[u8], dpi: u32) -> Vec<Gray> {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("x.pdf");
    std::fs::write(&file, pdf).unwrap();
    let info = String::from_utf8(run("pdfinfo", &[file.to_str().unwrap()])).unwrap();
    let count: usize = info.lines().find_map(|l| l.strip_prefix("Pages:")).unwrap().trim().parse().unwrap();
    let draw = |n: usize| {
        let (n, dpi) = (n.to_string(), dpi.to_string());
        run("pdftoppm", &["-f", &n, "-l", &n, "-r", &dpi, "-gray", file.to_str().unwrap()])
    };
    (1..=count).map(|n| Gray::from_pgm(&draw(n)).unwrap()).collect()
}

/// A page laid on the glass crookedly, with grain in its paper and its light; the same every time.
pub fn spoiled(page: &Gray, degrees: f32, grain: i32) -> Gray {
    let mut page = page.rotated(degrees);
    let mut random = 7_u32;
    for pixel in &mut page.pixels {
        let mut sum = 0;
        for _ in 0..4 {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            sum += (random >> 24) as i32 - 128;
        }
        // Four dice make something like the bell of real noise, of standard deviation 148.
        *pixel = (i32::from(*pixel) - 8 + sum * grain / 148).clamp(0, 255) as u8;
    }
    page
}

/// Pages as the PDF of a scanner.
pub fn pdf_of(pages: &[Gray], dpi: u32) -> Vec<u8> {
    let pictures: Vec<Picture<'_>> = pages
        .iter()
        .map(|page| Picture {
            width: page.width as u32,
            height: page.height as u32,
            density: (dpi as f32, dpi as f32),
            samples: Samples::Plain { bytes: &page.pixels, channels: 1 },
        })
        .collect();
    album(&pictures).unwrap()
}

/// A page as a fax machine codes it, in a TIFF made by libtiff's own tools.
pub fn fax_of(pages: &[Gray], coding: &str) -> Vec<u8> {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: String| dir.path().join(name).to_str().unwrap().to_owned();
    let mut words = vec!["-c".to_owned(), coding.to_owned()];
    for (n, page) in pages.iter().enumerate() {
        let plain = path(format!("{n}.tif"));
        std::fs::write(&plain, bilevel_tiff(page)).unwrap();
        words.push(plain);
    }
    let whole = path("whole.tif".into());
    words.push(whole.clone());
    run("tiffcp", &words.iter().map(String::as_str).collect::<Vec<_>>());
    std::fs::read(whole).unwrap()
}

/// The smallest TIFF of one bit a pixel, white as zero, at 204 by 196 or 98 lines an inch.
fn bilevel_tiff(page: &Gray) -> Vec<u8> {
    let row = page.width.div_ceil(8);
    let mut data = vec![0_u8; row * page.height];
    for (at, pixel) in page.pixels.iter().enumerate().filter(|(_, p)| **p < 128) {
        let _dark = pixel;
        data[at / page.width * row + at % page.width / 8] |= 0x80 >> (at % page.width % 8);
    }
    let down = if page.height > 1500 { 196_u32 } else { 98 };
    let entries: [(u16, u16, u32); 11] = [
        (256, 4, page.width as u32),
        (257, 4, page.height as u32),
        (258, 3, 1),
        (259, 3, 1),
        (262, 3, 0),
        (273, 4, 8),
        (277, 3, 1),
        (278, 4, page.height as u32),
        (279, 4, data.len() as u32),
        (282, 5, 8 + data.len() as u32),
        (283, 5, 16 + data.len() as u32),
    ];
    let directory = 24 + data.len() as u32;
    let mut file = b"II*\0".to_vec();
    file.extend(directory.to_le_bytes());
    file.extend(&data);
    for number in [204_u32, 1, down, 1] {
        file.extend(number.to_le_bytes());
    }
    file.extend((entries.len() as u16).to_le_bytes());
    for (tag, kind, value) in entries {
        file.extend(tag.to_le_bytes());
        file.extend(kind.to_le_bytes());
        file.extend(1_u32.to_le_bytes());
        file.extend(value.to_le_bytes());
    }
    file.extend(0_u32.to_le_bytes());
    file
}

/// A page squeezed to what a line carries: 1728 points across, and this many lines.
pub fn squeezed(page: &Gray, height: usize) -> Gray {
    let mut small = Gray::white(1728, height);
    for y in 0..height {
        for x in 0..1728 {
            small.pixels[y * 1728 + x] = page.pixels[y * page.height / height * page.width + x * page.width / 1728];
        }
    }
    small
}

/// Programs without any: nothing is installed.
pub fn no_programs(scratch: &Path) -> Programs {
    Programs::new(scratch.as_os_str(), scratch)
}

/// A grey PNG of a page, without any library of pictures.
pub fn png_of(page: &Gray) -> Vec<u8> {
    let chunk = |kind: &[u8; 4], data: &[u8]| {
        let mut sum = flate2::Crc::new();
        sum.update(kind);
        sum.update(data);
        [&(data.len() as u32).to_be_bytes(), kind.as_slice(), data, &sum.sum().to_be_bytes()].concat()
    };
    let mut header = [(page.width as u32).to_be_bytes(), (page.height as u32).to_be_bytes()].concat();
    header.extend([8, 0, 0, 0, 0]);
    let mut packer = ZlibEncoder::new(Vec::new(), Compression::fast());
    for line in page.pixels.chunks_exact(page.width) {
        std::io::Write::write_all(&mut packer, &[0]).unwrap();
        std::io::Write::write_all(&mut packer, line).unwrap();
    }
    let data = packer.finish().unwrap();
    [b"\x89PNG\r\n\x1a\n".to_vec(), chunk(b"IHDR", &header), chunk(b"IDAT", &data), chunk(b"IEND", b"")].concat()
}
