//! Files made to break a reader.

use channels::fax::FaxNormaliser;
use channels::letters::ScanNormaliser;
use channels::paper::{Envelope, PaperReader, Programs, gray, letter, media_type, separator, tiff, to_pdf};
use channels::{Normalise, paper};
use proptest::prelude::*;

use super::support::{answer, fax_of, no_programs};

fn small_fax() -> Vec<u8> {
    let mut page = gray::Gray::white(1728, 200);
    page.pixels[40_000..90_000].fill(0);
    fax_of(&[page.clone(), page], "g3:1d")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read_or_refused(mut bytes in prop::collection::vec(any::<u8>(), 0..600), kind in 0..6_usize) {
        let heads: [&[u8]; 6] = [b"", b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"%PDF-1.4\n"];
        bytes.splice(0..0, heads[kind].iter().copied());
        let scratch = tempfile::tempdir().unwrap();
        let programs = no_programs(scratch.path());
        let _either = to_pdf(&bytes, &programs).map(|pdf| pdf.len());
        let _either = tiff::is_complete(&bytes);
        let _either = gray::Gray::from_pgm(&bytes);
        let _either = paper::from_tsv(&String::from_utf8_lossy(&bytes));
        let envelope = Envelope::open(&bytes);
        prop_assert!(envelope.file.len() <= bytes.len());
        let reader = PaperReader { programs, ..PaperReader::default() };
        let _either = FaxNormaliser::new(reader.clone(), 1 << 20).normalise(&bytes);
        let _either = ScanNormaliser::new(reader, 1 << 20).normalise_all(&bytes);
    }
}

#[test]
fn a_fax_with_any_byte_changed_is_read_or_refused_in_bounded_memory() {
    let fax = small_fax();
    let directory = u32::from_le_bytes(fax[4..8].try_into().unwrap()) as usize;
    let scratch = tempfile::tempdir().unwrap();
    let programs = no_programs(scratch.path());
    for at in (0..8).chain(directory..(directory + 260).min(fax.len())) {
        for value in [0, 1, 2, 127, 255] {
            let mut broken = fax.clone();
            broken[at] = value;
            if let Ok(pdf) = to_pdf(&broken, &programs) {
                assert!(pdf.len() < 20 * fax.len() + 200_000, "byte {at} as {value}: {} bytes", pdf.len());
            }
        }
    }
}

#[test]
fn a_tiff_that_names_the_same_strip_again_and_again_is_not_followed() {
    let strips = 15_000_u32;
    let size = 60_000_u32;
    let tables = 8 + size;
    let directory = tables + 8 * strips;
    let mut file = b"II*\0".to_vec();
    file.extend(directory.to_le_bytes());
    file.resize(tables as usize, 0x55);
    (0..strips).for_each(|_| file.extend(8_u32.to_le_bytes()));
    (0..strips).for_each(|_| file.extend(size.to_le_bytes()));
    let entries: [(u16, u16, u32, u32); 6] = [
        (256, 4, 1, 1728),
        (257, 4, 1, 30_000),
        (259, 3, 1, 4),
        (273, 4, strips, tables),
        (278, 4, 1, 2),
        (279, 4, strips, tables + 4 * strips),
    ];
    file.extend((entries.len() as u16).to_le_bytes());
    for (tag, kind, count, value) in entries {
        file.extend(tag.to_le_bytes());
        file.extend(kind.to_le_bytes());
        file.extend(count.to_le_bytes());
        file.extend(value.to_le_bytes());
    }
    file.extend(0_u32.to_le_bytes());
    assert!(to_pdf(&file, &Programs::default()).is_err());
}

#[test]
fn what_we_write_is_a_pdf() {
    for pdf in [letter(&answer("7K3-M9P-QR2"), &Default::default()), separator()] {
        assert_eq!(media_type(&pdf), Some("application/pdf"));
    }
}
