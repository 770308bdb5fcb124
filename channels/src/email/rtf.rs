//! Bodies in RTF, as Outlook puts them into a `winmail.dat`: compressed (MS-OXRTFCP), at times around the HTML or
//! the plain text that was written (MS-OXRTFEX).

use encoding_rs::Encoding;

mod charset;
mod reader;

/// What was written, without the RTF around it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Body {
    Html(String),
    Text(String),
}

/// Reads `PidTagRtfCompressed`; `None` when it is broken or empty.
pub(crate) fn decode(compressed: &[u8]) -> Option<Body> {
    body(&decompress(compressed)?)
}

/// Length of the header: sizes of what follows and of the RTF, kind, checksum.
const HEADER: usize = 16;

/// A control byte and eight references of two bytes stand for at most this many times their length.
const MOST_GROWTH: usize = 8;

fn decompress(data: &[u8]) -> Option<Vec<u8>> {
    let word = |at: usize| Some(u32::from_le_bytes(data.get(at..at + 4)?.try_into().ok()?) as usize);
    let (compressed, raw) = (word(0)?, word(4)?);
    // The sizes come from the sender: they are believed only as far as the bytes reach.
    let data = data.get(..compressed.checked_add(4)?)?;
    let most = data.len().checked_sub(HEADER)?.checked_mul(MOST_GROWTH)?.checked_add(2 * HEADER)?;
    let is_plain = data[8..12] == *b"MELA";
    if raw > most || (is_plain && raw > data.len() - HEADER) {
        return None;
    }
    // Each byte comes as the character of its number.
    let text = compressed_rtf::decompress_rtf(data).ok()?;
    Some(text.chars().map(|c| u8::try_from(c).unwrap_or(b'?')).collect())
}

/// Reads RTF.
fn body(rtf: &[u8]) -> Option<Body> {
    let (kind, text) = reader::read(rtf)?;
    match kind {
        _ if text.trim().is_empty() => None,
        reader::Kind::Html => Some(Body::Html(text)),
        reader::Kind::Text => Some(Body::Text(text)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(rtf: &str) -> String {
        match body(rtf.as_bytes()) {
            Some(Body::Text(text)) => text,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn html_comes_out_as_it_was_written() {
        let rtf = "{\\rtf1\\ansi\\ansicpg1252\\fromhtml1 \\deff0{\\fonttbl{\\f0\\fswiss Arial;}}{\\colortbl;\\red0;}\
                   {\\*\\htmltag64 <html>}\\htmlrtf {\\htmlrtf0 {\\*\\htmltag84 <b>}\\htmlrtf \\b\\htmlrtf0 Perch\\'e9\
                   {\\*\\htmltag84 &nbsp;}\\htmlrtf \\'a0\\htmlrtf0 2{\\*\\htmltag84 &lt;}\\htmlrtf <\\htmlrtf0 3 \\u8364?\
                   {\\*\\htmltag92 </b>}\\htmlrtf \\b0\\htmlrtf0 {\\*\\mhtmltag0 <x>}{\\*\\htmltag64 \\par}\
                   {\\*\\htmltag0 <p style=\"a\\{b\\}\">}\\htmlrtf }\\htmlrtf0 fine}";
        let html = "<html><b>Perché&nbsp;2&lt;3 €</b>\r\n<p style=\"a{b}\">fine";
        assert_eq!(body(rtf.as_bytes()), Some(Body::Html(html.to_owned())));
    }

    #[test]
    fn plain_text_comes_out_with_its_lines() {
        assert_eq!(
            text(
                "{\\rtf1\\ansi\\ansicpg1252\\fromtext\\deff0{\\fonttbl{\\f0 Arial;}}Una riga\\par\r\nCitt\\'e0\\tab x}"
            ),
            "Una riga\nCittà\tx"
        );
        let native = "{\\rtf1\\ansi\\ansicpg1252{\\fonttbl{\\f0\\fcharset0 Arial;}{\\f1\\fcharset204 Times;}}{\\info{\\title No}}\
                      {\\*\\generator Riched;}\\f0 Ciao \\{a\\} {\\f1\\'cf\\'f0}\\'e8\\line\\u-10179?\\u-8704?\\uc0\\u233 \\emdash !\\bin3 {{{fine}";
        assert_eq!(text(native), "Ciao {a} Прè\n😀é—!fine");
    }

    #[test]
    fn what_is_not_rtf_is_nothing() {
        assert_eq!(body(b"{\\rtf1}"), None);
        assert_eq!(body(b"ciao"), None);
        assert_eq!(decode(b""), None);
        let huge = [&28u32.to_le_bytes()[..], &u32::MAX.to_le_bytes(), b"LZFu", &[0; 20]].concat();
        assert_eq!(decode(&huge), None);
        let deep = format!("{{\\rtf1 {}", "{".repeat(1 << 20));
        assert_eq!(body(deep.as_bytes()), None);
    }

    fn compressed(rtf: &str) -> Vec<u8> {
        compressed_rtf::compress_rtf(rtf).unwrap()
    }

    #[test]
    fn the_example_of_the_specification_is_read() {
        let example = b"\x2d\x00\x00\x00\x2b\x00\x00\x00\x4c\x5a\x46\x75\xf1\xc5\xc7\xa7\x03\x00\x0a\x00\x72\x63\x70\x67\x31\x32\x35\
            \x42\x32\x0a\xf3\x20\x68\x65\x6c\x09\x00\x20\x62\x77\x05\xb0\x6c\x64\x7d\x0a\x80\x0f\xa0";
        assert_eq!(decompress(example).as_deref(), Some(&b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"[..]));
        assert_eq!(decode(example), Some(Body::Text("hello world".to_owned())));
    }

    proptest! {
        #[test]
        fn compressed_text_comes_back(words in "[ -\\[\\]-z]{1,400}") {
            let rtf = format!("{{\\rtf1\\ansi {words}}}");
            prop_assert_eq!(decompress(&compressed(&rtf)), Some(rtf.into_bytes()));
        }

        #[test]
        fn nothing_panics(
            bytes in prop::collection::vec(any::<u8>(), 0..200),
            rtf in "(\\\\(u|f|bin|uc|'|htmlrtf|par|fcharset|ansicpg)?-?[0-9]{0,12}|[{}\\\\ a-f*;\u{e0}]){0,200}",
            at in 0..60_usize,
        ) {
            let _either_is_fine = decode(&bytes);
            let _either_is_fine = body(&bytes);
            let _either_is_fine = body(format!("{{\\rtf1{rtf}").as_bytes());
            let mut broken = compressed("{\\rtf1\\ansi ciao ciao ciao ciao ciao}");
            if let Some(byte) = broken.get_mut(at) {
                *byte = bytes.first().copied().unwrap_or_default();
            }
            let _either_is_fine = decode(&broken);
        }
    }
}
