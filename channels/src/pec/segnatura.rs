//! The number under which a body registered what it sends, from the signature file beside it (`segnatura.xml` of the
//! AgID guidelines, `Segnatura.xml` of the circulars before them).
use quick_xml::events::Event;
use quick_xml::reader::Reader;

/// Longer files are none.
const MAX_BYTES: usize = 1 << 20;

/// Number and year (`0012345/2026`) of the first registration in a signature file; `None` when it is none. Document
/// types, which the oldest files have, are passed over: no entity is expanded or fetched.
#[must_use]
pub fn registration_number(bytes: &[u8]) -> Option<String> {
    if bytes.len() > MAX_BYTES {
        return None;
    }
    let text = String::from_utf8_lossy(bytes);
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}').trim_start());
    let (mut open, mut number, mut date) = (String::new(), String::new(), String::new());
    loop {
        match reader.read_event().ok()? {
            Event::Start(element) => open = String::from_utf8_lossy(element.local_name().as_ref()).into_owned(),
            Event::End(element) => {
                if element.local_name().as_ref() == b"Identificatore" {
                    break;
                }
                open.clear();
            }
            Event::Text(words) => match open.as_str() {
                "NumeroRegistrazione" => number.push_str(&words.decode().ok()?),
                "DataRegistrazione" => date.push_str(&words.decode().ok()?),
                _ => {}
            },
            Event::Eof => break,
            Event::Empty(_)
            | Event::CData(_)
            | Event::Decl(_)
            | Event::PI(_)
            | Event::Comment(_)
            | Event::DocType(_)
            | Event::GeneralRef(_) => {}
        }
    }
    let number = number.trim();
    if number.is_empty() || number.len() > 20 || !number.chars().all(|c| c.is_ascii_alphanumeric()) {
        return None;
    }
    let year = date.trim().get(..4).filter(|year| year.chars().all(|c| c.is_ascii_digit()));
    Some(year.map_or_else(|| number.to_owned(), |year| format!("{number}/{year}")))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_number_is_read_from_files_of_every_age() {
        let new = "<?xml version=\"1.0\"?><p:SegnaturaInformatica xmlns:p=\"http://www.agid.gov.it/protocollo/\">\
            <p:Intestazione><p:Identificatore><p:CodiceAmministrazione>asl</p:CodiceAmministrazione>\
            <p:NumeroRegistrazione>0012345</p:NumeroRegistrazione><p:DataRegistrazione>2026-03-05</p:DataRegistrazione>\
            </p:Identificatore><p:PrimaRegistrazione><p:NumeroRegistrazione>9</p:NumeroRegistrazione>\
            </p:PrimaRegistrazione></p:Intestazione></p:SegnaturaInformatica>";
        assert_eq!(registration_number(new.as_bytes()).as_deref(), Some("0012345/2026"));
        let old = "<!DOCTYPE Segnatura SYSTEM \"Segnatura.dtd\"><Segnatura><Intestazione><Identificatore>\
            <NumeroRegistrazione>771</NumeroRegistrazione></Identificatore></Intestazione></Segnatura>";
        assert_eq!(registration_number(old.as_bytes()).as_deref(), Some("771"));
        for none in ["", "<x/>", "<NumeroRegistrazione>&e;</NumeroRegistrazione>", "non è XML"] {
            assert_eq!(registration_number(none.as_bytes()), None, "{none}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_stop_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            drop(registration_number(&bytes));
        }
    }
}
